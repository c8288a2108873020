"""Hand-overs of a painted map, each of two windows alone, and the ways to join them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from generation.engine.compositing.evaluation.overlaps import (
    Decoded,
    LatentJoiner,
    Meeting,
    laid_over,
)
from generation.plan.handover import HandOverLine, hand_over_lines
from generation.plan.stitch import Stitch
from zones.geometry import LATENT_PX, Rect

FADE_SHARE = 4
"""Decoded pixels fade in over this part of the blend at each of its ends."""

PIXELS, HARD = "pixels", "no blend"

_HALF = 0.5

_U8 = npt.NDArray[np.uint8]
_F32 = npt.NDArray[np.float32]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class HandOver:
    """Two windows where they meet, without any third.

    All arrays are those of the canvas.

    Attributes:
        line: between them, as far as the map shows it.
        pair: the stitch of these two alone.
        meeting: the canvas, both windows, the weight and the blend of the pixels.
        first: the earlier window's own pixels, uint8 (h, w, 3); the later's where it is not.
        second: the later window's own pixels; the earlier's where it is not.
        both: bool (h, w), where both windows are.
        mixed: bool (h, w), where both show: no other pixel is ever changed.
        band: bool (h, w), the part of it around the line, which is measured.
        seconds: processor time of the blend in pixels.
    """

    line: HandOverLine
    pair: Stitch
    meeting: Meeting
    first: _U8
    second: _U8
    both: _Mask
    mixed: _Mask
    band: _Mask
    seconds: float


@dataclass(frozen=True, eq=False)
class Joined:
    """A hand-over's canvas after it was joined in one way.

    Attributes:
        rgb: uint8 (h, w, 3), bit for bit that of the raw windows outside `HandOver.mixed`.
        seconds: processor time.
    """

    rgb: _U8
    seconds: float


def hand_overs(stitch: Stitch) -> Iterator[HandOver]:
    """Every hand-over of a map whose line shows.

    Args:
        stitch: the finished windows of a map that is not wrapped.
    """
    for line in hand_over_lines(stitch):
        pair = Stitch(stitch.grid, (line.earlier, line.later), stitch.pixels)
        yield _hand_over(line, pair, canvas_of(line))


def canvas_of(line: HandOverLine) -> Rect:
    """Both windows across a line, and as much along it as they have in common."""
    first, second = line.earlier.window, line.later.window
    left, right = min(first.x, second.x), max(first.right, second.right)
    top, bottom = min(first.y, second.y), max(first.bottom, second.bottom)
    if line.vertical:
        top, bottom = max(first.y, second.y), min(first.bottom, second.bottom)
    else:
        left, right = max(first.x, second.x), min(first.right, second.right)
    return Rect(left, top, right - left, bottom - top)


def _hand_over(line: HandOverLine, pair: Stitch, canvas: Rect) -> HandOver:
    began = time.process_time()
    blend = pair.region(canvas).rgb
    seconds = time.process_time() - began
    places = line.earlier.window, line.later.window
    raws = pair.pixels(line.earlier.tile), pair.pixels(line.later.tile)
    weight = _weight(line, pair, canvas)
    mixed = (weight > 0) & (weight < 1)
    both = np.zeros(canvas.shape, np.bool_)
    both[places[0].intersect(places[1]).intersect(canvas).slices_in(canvas)] = True
    band = np.zeros_like(both)
    band[line.strip(-(-line.band_px // 2)).intersect(canvas).slices_in(canvas)] = True
    return HandOver(
        line,
        pair,
        Meeting(canvas, places[0], raws[0], places[1], raws[1], weight, blend),
        laid_over(laid_over(blend, raws[1], places[1], canvas), raws[0], places[0], canvas),
        laid_over(laid_over(blend, raws[0], places[0], canvas), raws[1], places[1], canvas),
        both,
        mixed,
        band & mixed,
        seconds,
    )


def _weight(line: HandOverLine, pair: Stitch, canvas: Rect) -> _F32:
    weight = np.zeros(canvas.shape, np.float32)
    area = line.later.window.intersect(canvas)
    weight[area.slices_in(canvas)] = pair.weight((line.earlier, line.later), 1, area)
    return weight


def joined_ways(hand_over: HandOver, joiner: LatentJoiner) -> dict[str, Joined]:
    """The canvas joined in every way, by the names of the table."""
    found = {PIXELS: Joined(hand_over.meeting.blend, hand_over.seconds)}
    for way in joiner.ways:
        decoded = joiner.join(way, hand_over.meeting)
        found[f"latents, {way}"] = _faded(hand_over, decoded)
        if way != "exact":
            restored = joiner.restored(decoded, hand_over.meeting)
            found[f"latents, {way}, loss put back"] = _faded(hand_over, restored)
    hard = np.where(hand_over.meeting.weight[..., None] < _HALF, hand_over.first, hand_over.second)
    found[HARD] = Joined(hard, 0.0)
    return found


def _faded(hand_over: HandOver, decoded: Decoded) -> Joined:
    began = time.process_time()
    rgb = faded_in(hand_over, decoded.rgb)
    return Joined(rgb, decoded.seconds + time.process_time() - began)


def faded_in(hand_over: HandOver, decoded: _F32) -> _U8:
    """The canvas with decoded pixels where both windows show, and the raw windows elsewhere.

    From each end of the blend the share of the decoded pixels rises linearly over a quarter of
    its width (at most a latent cell); the rest is the raw window of that side.

    Args:
        hand_over: where.
        decoded: of the canvas, float32 (h, w, 3) in [0, 255].
    """
    mixed, weight = hand_over.mixed, hand_over.meeting.weight
    fade_px = min(LATENT_PX, max(1, hand_over.line.band_px // FADE_SHARE))
    away = cv2.distanceTransform(mixed.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    share = np.clip((away - _HALF) / fade_px, 0.0, 1.0)[..., None]
    near = np.where(weight[..., None] < _HALF, hand_over.first, hand_over.second)
    inside = np.rint(near + share * (decoded - near)).astype(np.uint8)
    return np.where(mixed[..., None], inside, hand_over.meeting.blend)
