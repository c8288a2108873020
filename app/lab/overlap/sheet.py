"""The picture of the overlap experiment: hand-overs in rows, ways to join them in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from app.lab.overlap.handovers import HandOver
from generation.plan.colour import delta_e, lab_of

LENGTH_PX = 96
"""Of the piece of a line that is shown: that along which the windows differ most."""

BESIDE_PX = 32
_SCALE = 2
_LABEL_PX = 16
_GAP_PX = 8
_MARK_PX = 5
_PAPER, _INK = (250, 250, 248), (30, 30, 30)

_U8 = npt.NDArray[np.uint8]


def ways_sheet(rows: Sequence[tuple[str, HandOver, Mapping[str, _U8]]]) -> Image.Image:
    """Lay out pieces of hand-overs, each turned so that its line runs down, at double size.

    Marks above and below a piece stand where the blend begins and ends.

    Args:
        rows: title, hand-over, and its canvas joined in every way, uint8 (h, w, 3).
    """
    strips = [_row(*row) for row in rows]
    width = max((strip.width for strip in strips), default=1)
    sheet = Image.new("RGB", (width, max(1, sum(strip.height for strip in strips))), _PAPER)
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height
    return sheet


def _row(title: str, hand_over: HandOver, ways: Mapping[str, _U8]) -> Image.Image:
    place, begin, end = _place(hand_over)
    pictures = {"earlier window": hand_over.first, "later window": hand_over.second, **ways}
    pieces = {name: _turned(hand_over, rgb)[place] for name, rgb in pictures.items()}
    high, wide = (_SCALE * side for side in next(iter(pieces.values())).shape[:2])
    top = 2 * _LABEL_PX
    size = (len(pieces) * (wide + _GAP_PX) + _GAP_PX, top + high + 2 * _GAP_PX)
    strip = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(strip)
    draw.text((_GAP_PX, 0), title, fill=_INK)
    for number, (name, piece) in enumerate(pieces.items()):
        left = _GAP_PX + number * (wide + _GAP_PX)
        draw.text((left, _LABEL_PX - 2), name, fill=_INK)
        large = piece.repeat(_SCALE, 0).repeat(_SCALE, 1)
        strip.paste(Image.fromarray(np.ascontiguousarray(large)), (left, top))
        for at in (begin, end):
            x = left + _SCALE * at
            draw.line([(x, top - _MARK_PX), (x, top - 1)], fill=_INK)
            draw.line([(x, top + high), (x, top + high + _MARK_PX)], fill=_INK)
    return strip


def _place(hand_over: HandOver) -> tuple[tuple[slice, slice], int, int]:
    """Rows and columns of the piece of the turned canvas, and where the blend lies in it."""
    band = _turned(hand_over, hand_over.band)
    first, second = (lab_of(_turned(hand_over, rgb)) for rgb in (hand_over.first, hand_over.second))
    along = np.where(band, delta_e(first, second), 0.0).sum(axis=1)
    length = min(LENGTH_PX, len(along))
    sums = np.convolve(along, np.ones(length), "valid")
    top = int(sums.argmax())
    columns = np.flatnonzero(band.any(axis=0))
    left = max(0, int(columns[0]) - BESIDE_PX)
    right = min(band.shape[1], int(columns[-1]) + 1 + BESIDE_PX)
    place = (slice(top, top + length), slice(left, right))
    return place, int(columns[0]) - left, int(columns[-1]) + 1 - left


def _turned(hand_over: HandOver, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array if hand_over.line.vertical else np.swapaxes(array, 0, 1)
