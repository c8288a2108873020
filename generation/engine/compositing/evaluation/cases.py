"""What compositors are measured on: held-out worlds and natural pictures, under four masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt
import skimage

from generation.engine.compositing.mask_mixture import hairlines, mattes, shapes
from generation.engine.compositing.pictures import read_picture
from generation.engine.figures.scenes import EVALUATION_SEED
from generation.worlds import LOOKS, make_layout, paint_world

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Kind = Literal["soft", "binary", "matte", "thin"]
Set = Literal["worlds", "natural"]

KINDS: tuple[Kind, ...] = get_args(Kind)
SETS: tuple[Set, ...] = get_args(Set)

NATURAL = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "clock_motion.png", "coffee.png",
    "coins.png", "grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png",
    "motorcycle_left.png", "page.png", "retina.jpg", "rocket.jpg",
)  # fmt: skip
"""Pictures inside the package scikit-image; none of them was ever trained on."""

PAPER_SIGMA_PX, PAPER_SIDE_PX = 21.0, 1024
WORLDS = 16
_WORLD_SEED = EVALUATION_SEED + 500_000
_WORLD_SIDE = 2
_MOST_SIDE = 2


@dataclass(frozen=True)
class Case:
    """One composite.

    Attributes:
        source: set the pictures are from.
        kind: of the mask.
        first: float32 (S, S, 3) in [0, 1].
        second: the same.
        mask: float32 (S, S) in [0, 1].
    """

    source: Set
    kind: Kind
    first: F32
    second: F32
    mask: F32


def cases(source: Set, pairs: int, side_px: int, seed: int = 0) -> Iterator[Case]:
    """Yield `pairs` pairs of unrelated crops, each under all four masks.

    Args:
        source: which pictures.
        pairs: number of pairs of crops.
        side_px: side of a crop, a multiple of 16.
        seed: other seeds choose other crops and masks.
    """
    pictures = _pictures(source, side_px)
    for number in range(pairs):
        rng = np.random.default_rng((seed, number, SETS.index(source)))
        chosen = rng.choice(len(pictures), 2, replace=False)
        first, second = (_crop(rng, pictures[int(i)], side_px) for i in chosen)
        for kind in KINDS:
            yield Case(source, kind, first, second, _mask(rng, kind, side_px))


def crops(source: Set, count: int, side_px: int, seed: int = 0) -> Iterator[F32]:
    """Yield one crop of each of the first `count` pictures of a set (or of all, if fewer).

    Returns:
        float32 (side_px, side_px, 3) in [0, 1], one by one.
    """
    for number, picture in enumerate(_pictures(source, side_px)[:count]):
        rng = np.random.default_rng((seed, 1, number, SETS.index(source)))
        yield _crop(rng, picture, side_px)


def natural_pictures(side_px: int) -> list[U8]:
    """The natural pictures, shrunk until the shorter side is at most twice `side_px`."""
    folder = Path(skimage.__file__).parent / "data"
    return [_fitted(read_picture(folder / name), side_px) for name in NATURAL]


def world_pictures(side_px: int) -> list[U8]:
    """Freshly rendered worlds with layouts that nothing was trained on, in turn in every look."""
    side = _WORLD_SIDE * side_px
    found = []
    for number in range(WORLDS):
        layout = make_layout(_WORLD_SEED + number, side, side)
        found.append(paint_world(layout, LOOKS[number % len(LOOKS)], _WORLD_SEED + number))
    return found


def soft_sigma_px(side_px: int) -> float:
    """The paper's 21 px at 1024 px, at this size."""
    return PAPER_SIGMA_PX * side_px / PAPER_SIDE_PX


def _pictures(source: Set, side_px: int) -> list[U8]:
    return world_pictures(side_px) if source == "worlds" else natural_pictures(side_px)


def _mask(rng: np.random.Generator, kind: Kind, side_px: int) -> F32:
    """A mask with at least 2 % of each side (a thin one 0.5 %)."""
    least = 0.005 if kind == "thin" else 0.02
    while True:
        mask = _DRAW[kind](rng, side_px)
        if least < float(mask.mean()) < 1.0 - least:
            return mask


def _binary(rng: np.random.Generator, side_px: int) -> F32:
    return (shapes(rng, side_px, side_px) >= 0.5).astype(np.float32)  # noqa: PLR2004 - half


def _soft(rng: np.random.Generator, side_px: int) -> F32:
    blurred = cv2.GaussianBlur(_binary(rng, side_px), (0, 0), soft_sigma_px(side_px))
    return np.clip(blurred, 0.0, 1.0).astype(np.float32)


_DRAW: dict[Kind, Callable[[np.random.Generator, int], F32]] = {
    "soft": _soft,
    "binary": _binary,
    "matte": lambda rng, side_px: mattes(rng, side_px, side_px),
    "thin": lambda rng, side_px: hairlines(rng, side_px, side_px, most_px=4),
}


def _fitted(picture: U8, side_px: int) -> U8:
    height, width = picture.shape[:2]
    least, most = side_px / min(height, width), _MOST_SIDE * side_px / min(height, width)
    scale = max(least, min(1.0, most))
    if scale == 1.0:
        return picture
    size = (max(side_px, round(width * scale)), max(side_px, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC
    resized: U8 = cv2.resize(picture, size, interpolation=way)
    return resized


def _crop(rng: np.random.Generator, picture: U8, side_px: int) -> F32:
    top = int(rng.integers(picture.shape[0] - side_px + 1))
    left = int(rng.integers(picture.shape[1] - side_px + 1))
    crop = picture[top : top + side_px, left : left + side_px]
    return crop.astype(np.float32) / 255.0
