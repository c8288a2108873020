"""Where the map is protected, in pieces of the size that is looked at."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.workspace.workspace import Workspace
from painter.layers import BlockLayer
from zones.geometry import Rect

PIECE_PX = 512
"""Side of a piece's own picture."""

_READ_AT_ONCE = 2
"""Up to this level pieces are read on the GUI thread, so that an open edit shows in them."""

_FRAME_S = 0.005
"""Time that one frame spends on new pieces."""

_KEPT = 192
_PATCH_PX = 4096
"""Longest side of a change that is drawn into the pieces; what is larger makes them anew."""

Key = tuple[int, int, int]
_U8 = npt.NDArray[np.uint8]


class ProtectMasks(QObject):
    """Pictures of protection by level (each halves the one before), column and row.

    Signals:
        changed: a piece is there, or another one than before.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._masks: OrderedDict[Key, _U8 | None] = OrderedDict()
        self._images: dict[Key, QImage] = {}
        self._waiting: set[Key] = set()
        self._round = 0

    def clear(self) -> None:
        """Forget everything."""
        self._round += 1
        self._masks.clear()
        self._images.clear()
        self._waiting.clear()

    def pieces(self, level: int, shown: Rect) -> Iterator[tuple[Rect, QImage]]:
        """The pieces that are ready and not empty: where in map px, and an alpha picture."""
        until = time.perf_counter() + _FRAME_S
        late = False
        for key in _keys(level, shown):
            if key not in self._masks:
                if time.perf_counter() > until:
                    late = True
                    continue
                self._make(key)
            if key in self._masks:
                self._masks.move_to_end(key)
                image = self._image(key)
                if image is not None:
                    yield _rect(key), image
        if late:
            self.changed.emit()
        while len(self._masks) > _KEPT:
            old, _ = self._masks.popitem(last=False)
            self._images.pop(old, None)

    def patch(self, rect: Rect) -> None:
        """Draw a change of the map, also one of an open edit, into the pieces."""
        document = self._workspace.document
        if document is None or not self._masks:
            return
        whole = Rect(0, 0, *document.project.size)
        if max(rect.width, rect.height) > _PATCH_PX:
            self.clear()
            return
        for key in [key for key in self._masks if _rect(key).intersect(rect).area]:
            self._images.pop(key, None)
            if key[0] <= _READ_AT_ONCE:
                del self._masks[key]
                continue
            grown = _on_lattice(rect, 1 << key[0]).intersect(_rect(key))
            values = _coverage(grown, key[0], whole, document.read_protect)
            mask = self._masks[key]
            mask = np.zeros((PIECE_PX, PIECE_PX), dtype=np.uint8) if mask is None else mask.copy()
            at = _shrunk(grown.shifted(-_rect(key).x, -_rect(key).y), key[0])
            mask[at.y : at.bottom, at.x : at.right] = values
            self._masks[key] = mask if mask.any() else None

    def _make(self, key: Key) -> None:
        document = self._workspace.document
        if document is None or key in self._waiting:
            return
        whole = Rect(0, 0, *document.project.size)
        if key[0] <= _READ_AT_ONCE:
            mask = _coverage(_rect(key), key[0], whole, document.read_protect)
            self._masks[key] = mask if mask.any() else None
            return
        layer = document.snapshot().protect
        if not layer.blocks:
            self._masks[key] = None
            return
        self._waiting.add(key)
        started = self._round

        def done(mask: _U8) -> None:
            if started == self._round:
                self._waiting.discard(key)
                self._masks[key] = mask if mask.any() else None
                self.changed.emit()

        self._workspace.tasks.submit(lambda: _from_blocks(layer, key), done, name="protect")

    def _image(self, key: Key) -> QImage | None:
        mask = self._masks[key]
        if mask is None:
            return None
        if key not in self._images:
            alpha = QImage(mask.data, PIECE_PX, PIECE_PX, PIECE_PX, QImage.Format.Format_Alpha8)
            self._images[key] = alpha.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        return self._images[key]


def _keys(level: int, shown: Rect) -> Iterator[Key]:
    side = PIECE_PX << level
    for row in range(shown.y // side, -(-shown.bottom // side)):
        for col in range(shown.x // side, -(-shown.right // side)):
            yield level, col, row


def _rect(key: Key) -> Rect:
    level, col, row = key
    side = PIECE_PX << level
    return Rect(col * side, row * side, side, side)


def _coverage(
    rect: Rect, level: int, whole: Rect, read: Callable[[Rect], npt.NDArray[np.bool_]]
) -> _U8:
    """Share of protected pixels, uint8, of a rectangle on the lattice of a level's pixels."""
    inside = rect.intersect(whole)
    side = 1 << level
    out = np.zeros((rect.height // side, rect.width // side), dtype=np.uint8)
    if inside.area:
        pixels = np.zeros(rect.shape, dtype=np.uint8)
        pixels[inside.slices_in(rect)] = read(inside)
        out = _reduced(pixels * np.uint8(255), out.shape)
    return out


def _from_blocks(layer: BlockLayer[np.bool_], key: Key) -> _U8:
    """The same from the blocks that are not empty, for a piece of any size."""
    level, rect = key[0], _rect(key)
    mask = np.zeros((PIECE_PX, PIECE_PX), dtype=np.uint8)
    for position in layer.blocks:
        place = layer.block_rect(position)
        block = layer.block(position) if place.intersect(rect).area else None
        if block is None:
            continue
        full = _on_lattice(place, 1 << level).intersect(rect)
        common = place.intersect(full)
        pixels = np.zeros(full.shape, dtype=np.uint8)
        pixels[common.slices_in(full)] = block[common.slices_in(place)]
        at = _shrunk(full.shifted(-rect.x, -rect.y), level)
        view = mask[at.y : at.bottom, at.x : at.right]
        np.maximum(view, _reduced(pixels * np.uint8(255), view.shape), out=view)
    return mask


def _reduced(pixels: _U8, shape: tuple[int, ...]) -> _U8:
    if pixels.shape == shape:
        return pixels
    small = cv2.resize(pixels, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _on_lattice(rect: Rect, side: int) -> Rect:
    """The least rectangle of whole cells that holds a rectangle."""
    x, y = rect.x // side * side, rect.y // side * side
    return Rect(x, y, -(-rect.right // side) * side - x, -(-rect.bottom // side) * side - y)


def _shrunk(rect: Rect, level: int) -> Rect:
    return Rect(rect.x >> level, rect.y >> level, rect.width >> level, rect.height >> level)
