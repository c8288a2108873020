"""Pictures to train on: rendered worlds, seed canvases, painted and made ones, a user's folder.

A pool of limited size stays in memory and takes in another picture now and then, so that a folder
of any size is used. Crops are varied in scale, direction, colour and contrast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from generation.engine.compositing.leaves import draw_leaves
from generation.engine.training.worlds_folder import read_world, world_seeds
from zones.errors import InputError

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})
MOST_SIDE_PX = 2048
LEAST_SIDE_PX = 64
SLOTS = 192
REPLACE_EVERY = 8
"""Steps after which one picture of the pool gives way to the next."""

HALF = 0.5

_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNK_BYTES = 12
"""Of a PNG's chunk beside what it holds: length, name and checksum."""


@dataclass(frozen=True)
class Source:
    """Where a group of pictures of one place and size comes from: a world, a file or a number.

    `painted` is a number in a list of groups that are in memory already.
    """

    seed: int | None = None
    file: Path | None = None
    leaves: int = 0
    painted: int | None = None


class PicturePool:
    """Groups of pictures of one place; a world's group holds all its looks and its seed canvas.

    Args:
        work: folder with rendered worlds in `worlds`; may hold none.
        folder: pictures of the user, or None.
        seed: of the order.
        leaves: so many made pictures besides.
        painted: groups of pictures of one place besides, uint8 (H, W, 3).
        held_out: the worlds that are never trained on, instead of the others.

    Raises:
        InputError: there is neither a world nor a picture.
    """

    def __init__(
        self,
        work: Path,
        folder: Path | None,
        seed: int,
        *,
        leaves: int = 0,
        painted: Sequence[list[U8]] = (),
        held_out: bool = False,
    ) -> None:
        self._work = work
        self._painted = painted
        found = [Source(seed=world) for world in world_seeds(work, held_out=held_out)]
        found += [Source(file=file) for file in picture_files(folder)] if folder else []
        if not found:
            raise InputError(
                f"there are no rendered worlds in {work} and no pictures"
                f"{f' in {folder}' if folder else ''}; run `tilewright train data` first or give "
                "a folder with --pictures"
            )
        found += [Source(leaves=number) for number in range(1, leaves + 1)]
        found += [Source(painted=number) for number in range(len(painted))]
        order = np.random.default_rng((seed, 77)).permutation(len(found))
        self._sources = [found[i] for i in order]
        self._groups = [self._read(source) for source in self._sources[:SLOTS]]

    def turn(self, step: int) -> None:
        """Let a picture come and go, if there are more than fit and `step` is due."""
        if len(self._sources) > len(self._groups) and step % REPLACE_EVERY == 0:
            turn = step // REPLACE_EVERY
            source = self._sources[(len(self._groups) + turn) % len(self._sources)]
            self._groups[turn % len(self._groups)] = self._read(source)

    def group(self, rng: np.random.Generator) -> list[U8]:
        """Pictures of one place, uint8 (H, W, 3) each of one size."""
        return self._groups[int(rng.integers(len(self._groups)))]

    def _read(self, source: Source) -> list[U8]:
        if source.seed is not None:
            world = read_world(self._work, source.seed)
            return [*world.looks.values(), world.canvas]
        if source.file is not None:
            return [read_picture(source.file)]
        if source.painted is not None:
            return self._painted[source.painted]
        return [draw_leaves(source.leaves)]


def picture_files(folder: Path) -> list[Path]:
    """Picture files below `folder`, in order.

    Raises:
        InputError: it is no folder.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; give a folder of pictures")
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)


def read_picture(file: Path) -> U8:
    """Read a picture as RGB, at most 2048 px and at least 64 px a side.

    Raises:
        InputError: it is not a picture, or smaller.
    """
    picture = _decoded(file)
    if picture is None:
        raise InputError(f"{file} cannot be read as a picture; take it out of the folder")
    height, width = picture.shape[:2]
    if min(height, width) < LEAST_SIDE_PX:
        raise InputError(f"{file} is smaller than {LEAST_SIDE_PX} px; take it out of the folder")
    shrink = MOST_SIDE_PX / max(height, width)
    if shrink < 1.0:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture[..., ::-1])


def _decoded(file: Path) -> U8 | None:
    """The pixels of a picture file, uint8 (H, W, 3) BGR; None where it is none."""
    try:
        data = _without_profile(file.read_bytes())
    except OSError:
        return None
    found: U8 | None = (
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    )
    return found


def _without_profile(data: bytes) -> bytes:
    """A PNG file without its colour profile: nothing reads it, and libpng prints its complaints."""
    if not data.startswith(_PNG):
        return data
    kept, at = [_PNG], len(_PNG)
    while at < len(data):
        end = at + _CHUNK_BYTES + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] != b"iCCP":
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def cut(rng: np.random.Generator, group: list[U8], height: int, width: int) -> list[F32]:
    """The same random place of every picture of a group, float32 (height, width, 3) in [0, 1].

    Cut at 0.5 to 2 times the size and turned at random; all of a group alike.
    """
    whole = group[0].shape[:2]
    zoom = float(np.exp(rng.uniform(np.log(0.5), np.log(2.0)))) if rng.random() < HALF else 1.0
    zoom = max(zoom, height / whole[0], width / whole[1])
    rows, columns = (min(whole[i], round((height, width)[i] / zoom)) for i in (0, 1))
    top = int(rng.integers(whole[0] - rows + 1))
    left = int(rng.integers(whole[1] - columns + 1))
    flips = (int(rng.choice([-1, 1])), int(rng.choice([-1, 1])))
    found = []
    for picture in group:
        crop = picture[top : top + rows, left : left + columns][:: flips[0], :: flips[1]]
        if (rows, columns) != (height, width):
            way = cv2.INTER_AREA if zoom < 1.0 else cv2.INTER_CUBIC
            crop = cv2.resize(np.ascontiguousarray(crop), (width, height), interpolation=way)
        found.append(crop.astype(np.float32) / 255.0)
    return found


def recoloured(rng: np.random.Generator, picture: F32, strength: float) -> F32:
    """Change gamma, contrast, brightness and the mix of the channels at random; cut to [0, 1]."""
    gamma = np.exp(rng.uniform(-0.5, 0.5) * strength)
    mix = np.eye(3) + rng.uniform(-0.25, 0.25, (3, 3)) * strength
    gain = np.exp(rng.uniform(-0.4, 0.4) * strength) * mix / mix.sum(axis=1, keepdims=True)
    level = rng.uniform(-0.15, 0.15, 3) * strength
    changed = (np.power(np.clip(picture, 0.0, 1.0), gamma) - HALF) @ gain.T + HALF + level
    return np.clip(changed, 0.0, 1.0).astype(np.float32)


def perturbed(rng: np.random.Generator, picture: F32) -> F32:
    """The same picture a little otherwise: colour, blur, noise or a small shift."""
    changed = picture
    if rng.random() < 0.7:  # noqa: PLR2004 - share
        changed = recoloured(rng, changed, float(rng.uniform(0.1, 1.0)))
    if rng.random() < HALF:
        changed = cv2.GaussianBlur(changed, (0, 0), float(rng.uniform(0.5, 4.0)))
    if rng.random() < HALF:
        changed = np.roll(changed, tuple(int(n) for n in rng.integers(-6, 7, 2)), (0, 1))
    if rng.random() < 0.3 or changed is picture:  # noqa: PLR2004 - share
        noise = rng.normal(0.0, rng.uniform(0.01, 0.08), changed.shape)
        changed = changed + noise.astype(np.float32)
    return np.clip(changed, 0.0, 1.0).astype(np.float32)
