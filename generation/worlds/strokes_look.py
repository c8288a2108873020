# ruff: noqa: PLR2004 - the measures of a drawing read best where they are drawn
"""Rivers, paths and roads laid over the painted ground, exactly where their strokes are."""

from collections.abc import Iterable

import cv2
import numpy as np

from generation.worlds.details import Spread, scatter, stones
from generation.worlds.noise import (
    F32,
    Mask,
    Shape,
    cells,
    distance_inside,
    fbm,
    lattice,
    smoothstep,
)
from generation.worlds.palette import Colours, shade
from zones.geometry import Rect
from zones.strokes import Stroke, stroke_coverage


def coverage_by_kind(strokes: Iterable[Stroke], shape: Shape) -> dict[str, F32]:
    """Return the joint coverage in [0, 1] of the strokes of each kind that occurs."""
    rect = Rect(0, 0, shape[1], shape[0])
    found: dict[str, F32] = {}
    for stroke in strokes:
        cover = stroke_coverage(stroke, rect)
        found[stroke.kind] = (
            np.maximum(found[stroke.kind], cover) if stroke.kind in found else cover
        )
    return found


def signed_edge(cover: F32) -> F32:
    """Return the distance to a stroke's edge in px: positive inside, negative outside."""
    inside = cover >= 0.5
    outside = distance_inside(~inside) if inside.any() else np.full(cover.shape, 1e3, np.float32)
    return np.asarray(distance_inside(inside) - outside + (0.5 - inside), np.float32)


def near_strokes(found: dict[str, F32], margin_px: float) -> Mask:
    """Return the pixels within `margin_px` of any stroke."""
    covers = list(found.values())
    if not covers:
        return np.zeros((1, 1), np.bool_)
    return np.asarray(signed_edge(np.maximum.reduce(covers)) > -margin_px, np.bool_)


def lay(canvas: F32, alpha: F32, rgb: F32 | tuple[float, float, float]) -> None:
    """Blend `rgb` over `canvas` in place with opacity `alpha` (h, w)."""
    rows = np.flatnonzero(alpha.any(axis=1))
    cols = np.flatnonzero(alpha.any(axis=0))
    if len(rows) == 0:
        return
    box = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    part = canvas[box]
    colour = np.asarray(rgb, np.float32)
    part += alpha[box][..., None] * ((colour[box] if colour.ndim == 3 else colour) - part)


def draw_strokes(
    rng: np.random.Generator, canvas: F32, found: dict[str, F32], water: Mask, colours: Colours
) -> None:
    """Draw all strokes on `canvas` in place; paths cross rivers on top, as fords and bridges."""
    if "river" in found:
        _river(rng, canvas, signed_edge(found["river"]), water, colours)
    if "path" in found:
        _path(rng, canvas, signed_edge(found["path"]), colours)
    if "road" in found:
        _road(rng, canvas, signed_edge(found["road"]), colours)


def _river(rng: np.random.Generator, canvas: F32, edge: F32, water: Mask, colours: Colours) -> None:
    shape = (edge.shape[0], edge.shape[1])
    rough = edge + 0.9 * lattice(rng, shape, 8.0)
    dry = 1.0 - cv2.GaussianBlur(water.astype(np.float32), (0, 0), 2.0)
    bank = smoothstep(-4.2, -1.6, rough) * dry
    lay(canvas, np.asarray(0.72 * bank, np.float32), colours.bank)
    flow = np.sin(rough * (2.0 * np.pi / 6.0) + 3.2 * lattice(rng, shape, 16.0))
    streak = smoothstep(0.15, 0.9, flow) * smoothstep(-0.2, 0.4, lattice(rng, shape, 9.0))
    tone = 0.44 - 0.22 * smoothstep(0.0, 13.0, edge) + 0.30 * streak
    tone += 0.10 * fbm(rng, shape, 12.0, 1) + 0.30 * (1.0 - smoothstep(0.8, 4.0, rough)) * dry
    inside = smoothstep(-0.7, 0.7, edge)
    lay(canvas, inside, shade(colours.river, np.asarray(tone, np.float32)))
    foam = (1.0 - smoothstep(0.6, 1.6, np.abs(rough - 1.2))) * inside * dry
    foam *= smoothstep(-0.5, 0.2, lattice(rng, shape, 11.0))
    lay(canvas, np.asarray(0.6 * foam, np.float32), colours.foam)


def _path(rng: np.random.Generator, canvas: F32, edge: F32, colours: Colours) -> None:
    shape = (edge.shape[0], edge.shape[1])
    ragged = edge + 1.3 * lattice(rng, shape, 6.0)
    lay(canvas, np.asarray(0.40 * smoothstep(-3.0, 0.0, ragged), np.float32), colours.path[0])
    rut = 1.0 - smoothstep(0.4, 1.6, np.abs(ragged - 3.6))
    tone = 0.46 + 0.10 * smoothstep(1.0, 6.0, edge) - 0.24 * rut
    tone += 0.20 * lattice(rng, shape, 5.5) + 0.10 * fbm(rng, shape, 20.0, 1)
    lay(canvas, smoothstep(-0.9, 0.9, ragged), shade(colours.path, np.asarray(tone, np.float32)))
    scatter(rng, canvas, stones(colours.stone, 1.7), np.maximum(edge, 0.0), Spread(9.0, 0.24, 1.2))


def _road(rng: np.random.Generator, canvas: F32, edge: F32, colours: Colours) -> None:
    shape = (edge.shape[0], edge.shape[1])
    lay(canvas, np.asarray(0.6 * smoothstep(-2.6, -0.4, edge), np.float32), colours.road[0])
    labels, seam, count = cells(rng, shape, 6.2, 0.55)
    own = rng.random(count, dtype=np.float32)[labels]
    dome = np.asarray(np.minimum(seam, 3.0), np.float32)
    slope = cv2.Sobel(dome, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    slope += cv2.Sobel(dome, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    joint = 1.0 - smoothstep(0.2, 1.5, seam)
    kerb = (1.0 - smoothstep(2.6, 3.6, edge)) * 0.16 - 0.30 * _line(edge, 4.2)
    tone = 0.56 + 0.20 * (own - 0.5) + 0.15 * slope - 0.36 * joint + kerb
    lay(canvas, smoothstep(-0.7, 0.7, edge), shade(colours.road, np.asarray(tone, np.float32)))


def _line(edge: F32, at_px: float) -> F32:
    """Return a soft line of about 1.5 px along the stroke, `at_px` inside its edge."""
    return 1.0 - smoothstep(0.4, 1.3, np.abs(edge - np.float32(at_px)))
