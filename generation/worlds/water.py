"""Lakes and seas: light in the shallows, dark in the deep, with wavelets and foam at the shore."""

import numpy as np

from generation.worlds.noise import F32, Mask, Shape, distance_inside, fbm, lattice, smoothstep
from generation.worlds.palette import WATER, Colours, shade

DEEP_PX = 38.0


def wavelets(rng: np.random.Generator, shape: Shape) -> F32:
    """Return crests in [0, 1]: short curved lines, 6 to 8 px apart, longer than high."""
    swell = fbm(rng, shape, 26.0, 2, stretch_x=1.6)
    ys = np.arange(shape[0], dtype=np.float32)[:, None]
    phase = ys * np.float32(2.0 * np.pi / 7.5) + swell * np.float32(5.0)
    crest = np.sin(phase) * np.float32(0.5) + np.float32(0.5)
    broken = smoothstep(-0.25, 0.45, lattice(rng, shape, 7.0, 2.2))
    return np.asarray(crest * crest * broken, np.float32)


def paint_water(rng: np.random.Generator, mask: Mask, colours: Colours) -> F32:
    """Return the RGB of water, right inside `mask` only."""
    shape = (mask.shape[0], mask.shape[1])
    depth = distance_inside(mask)
    ragged = depth + 2.2 * lattice(rng, shape, 9.0)
    shallow = np.exp(-depth / np.float32(DEEP_PX * 0.36))
    tone = 0.29 + 0.50 * shallow + 0.09 * fbm(rng, shape, 44.0, 2)
    tone += 0.34 * wavelets(rng, shape) - 0.10
    rgb = shade(colours.ramps[WATER], np.asarray(tone, np.float32))
    foam = 0.75 * (1.0 - smoothstep(1.6, 3.6, ragged))
    second = 1.0 - smoothstep(0.5, 1.7, np.abs(ragged - 8.5))
    foam = np.maximum(foam, 0.42 * second * smoothstep(-0.1, 0.4, lattice(rng, shape, 14.0)))
    rgb += foam[..., None] * (np.asarray(colours.foam, np.float32) - rgb)
    return np.asarray(rgb, np.float32)
