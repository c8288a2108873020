"""Finished tiles on disk: the raw window, an optional mask, and a JSON sidecar with the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from painter import pictures, plain_json
from painter.catalog import stem
from painter.store import Store
from zones.errors import InputError
from zones.grid import TileCoord

MAX_WINDOW_PX = 8192
"""Longest side of a raw window."""

MAX_SIDECAR_BYTES = 2**20
_MAX_RAW_BYTES = 4 * MAX_WINDOW_PX * MAX_WINDOW_PX
_FIELDS = frozenset({"tile", "size", "raw", "mask", "facts"})


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A tile's sidecar as read.

    Attributes:
        size: (width, height) of the raw window in px.
        raw: name of the raw window's file.
        mask: name of the mask's file, or None.
        facts: what the run said about the tile; plain JSON values.
    """

    size: tuple[int, int]
    raw: str
    mask: str | None
    facts: Mapping[str, Any]


def write_tile(
    store: Store,
    tile: TileCoord,
    raw: npt.NDArray[np.uint8],
    facts: Mapping[str, Any],
    mask: npt.NDArray[np.uint8] | None,
) -> tuple[str, ...]:
    """Write a finished tile's files; durable after the store's next sync.

    Args:
        store: takes the files.
        tile: grid position.
        raw: RGB uint8 (h, w, 3), as decoded, before any blending.
        facts: plain JSON values, finite throughout.
        mask: uint8 (h, w) or None.

    Returns:
        Names of the sidecar, the raw window and, if given, the mask.

    Raises:
        InputError: the facts are not plain JSON.
        ValueError: an array has another shape or type.
        WorkError: the disk is full or fails.
    """
    where = f"tile {tile.row},{tile.col}"
    plain_json.check_plain(facts, f"the facts of {where}")
    height, width = _checked_shape(raw, mask, where)
    start = stem("tiles", (tile.row, tile.col))
    names = [store.put(start, ".png", pictures.encode_rgb(raw))]
    if mask is not None:
        names.append(store.put(f"{start}_mask", ".png", pictures.encode_grey(mask)))
    sidecar = {
        "tile": [tile.row, tile.col],
        "size": [width, height],
        "raw": names[0],
        "mask": names[1] if mask is not None else None,
        "facts": dict(facts),
    }
    data = plain_json.dump(sidecar)
    if len(data) > MAX_SIDECAR_BYTES:
        raise InputError(f"the facts of {where} take {len(data)} bytes; keep them shorter")
    return (store.put(start, ".json", data), *names)


def read_sidecar(store: Store, tile: TileCoord, names: tuple[str, ...]) -> Sidecar:
    """Read a tile's sidecar.

    Raises:
        InputError: missing, damaged, or of another tile.
    """
    where = f"the project's file {store.root}/{names[0]}"
    document = plain_json.parse(store.get(names[0], MAX_SIDECAR_BYTES), where)
    if not isinstance(document, dict) or set(document) != _FIELDS:
        raise _damaged(where)
    size, facts = document["size"], document["facts"]
    held = [document["raw"], *([document["mask"]] if document["mask"] is not None else [])]
    if document["tile"] != [tile.row, tile.col] or held != list(names[1:]):
        raise _damaged(where)
    if not (isinstance(facts, dict) and _is_size(size)):
        raise _damaged(where)
    return Sidecar((size[0], size[1]), document["raw"], document["mask"], facts)


def read_raw(store: Store, sidecar: Sidecar) -> npt.NDArray[np.uint8]:
    """The raw window, RGB uint8 (h, w, 3), read-only; raises InputError as `read_sidecar`."""
    return _picture(store, sidecar.raw, sidecar.size, "RGB")


def read_mask(store: Store, sidecar: Sidecar) -> npt.NDArray[np.uint8] | None:
    """The mask uint8 (h, w), read-only, or None; raises InputError as `read_sidecar`."""
    if sidecar.mask is None:
        return None
    return _picture(store, sidecar.mask, sidecar.size, "L")


def _picture(store: Store, name: str, size: tuple[int, int], mode: str) -> npt.NDArray[np.uint8]:
    where = f"the project's file {store.root / name}"
    pixels = pictures.decode(store.get(name, _MAX_RAW_BYTES), where, (mode,), size)
    pixels.setflags(write=False)
    return pixels


def _checked_shape(
    raw: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8] | None, where: str
) -> tuple[int, int]:
    if raw.ndim != 3 or raw.shape[2] != 3 or raw.dtype != np.uint8:  # noqa: PLR2004 - RGB
        raise ValueError(f"{where}: a raw window is uint8 (h, w, 3), not {raw.dtype} {raw.shape}")
    if not 1 <= min(raw.shape[:2]) <= max(raw.shape[:2]) <= MAX_WINDOW_PX:
        raise ValueError(f"{where}: a raw window of {raw.shape[:2]} px is not accepted")
    if mask is not None and (mask.shape != raw.shape[:2] or mask.dtype != np.uint8):
        raise ValueError(f"{where}: the mask is {mask.dtype} {mask.shape}, not as the window")
    return raw.shape[0], raw.shape[1]


def _is_size(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2  # noqa: PLR2004 - width, height
        and all(type(side) is int and 1 <= side <= MAX_WINDOW_PX for side in value)
    )


def _damaged(where: str) -> InputError:
    return InputError(f"{where} is not a valid tile; restore the project from a copy")
