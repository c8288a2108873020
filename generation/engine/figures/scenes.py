"""Rendered scenes for measuring: layouts, their truth in every look, and compiled windows.

Layout seeds are disjoint from those of training: the classifier is taught on scenes from
`CLASSIFIER_SEED` on, and every figure is taken on scenes from `EVALUATION_SEED` on.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from generation.engine.training.canvas import STENCILS
from generation.engine.training.wording import LOOK_WORDS, Scene, held_out_prompt
from generation.plan.profile import ModelProfile
from generation.plan.settings import RunSettings
from generation.worlds import LOOKS, Layout, make_layout, paint_world
from zones.compiler import CompiledWindow, compile_window
from zones.geometry import Rect
from zones.grid import Grid
from zones.palette import default_palette
from zones.prompt import zones_by_area
from zones.reader import ArrayMap
from zones.strokes import stroke_coverage

U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

CLASSIFIER_SEED = 5_000_000
EVALUATION_SEED = 9_000_000

FIRST_STENCIL = 8
"""Class of the first stencil; zones 1 to 8 are classes 0 to 7."""

WIDE_PX = 12.0
"""Width from which on a stencil's overlap is measured."""

_COVERED = 0.5
_ABOUT_PX = 6
_OTHER_DETAILS = 5_000
_ACROSS = 2
"""Windows along each side of a scene; they do not overlap."""


@dataclass(frozen=True)
class MeasuredWindow:
    """One window of a rendered scene with everything that is known of it.

    Attributes:
        compiled: what the painter's own compiler makes of it, without neighbours.
        held_out_prompt: a prompt for the same window in words never used in training.
        look: the look that both prompts name.
        truth: uint8 (h, w, 3) rendered in that look.
        second_truth: the same scene rendered with other details: the ceiling of a figure.
        labels: uint8 (h, w) classes: the painted zone, or the stencil over it.
        wide: bool (h, w): covered by a stencil at least `WIDE_PX` wide everywhere.
        narrow: bool (h, w): in or close about a thinner one and not covered by a wide one.
        noise_seed: of the window's starting noise.
    """

    compiled: CompiledWindow
    held_out_prompt: str
    look: str
    truth: U8
    second_truth: U8
    labels: U8
    wide: Mask
    narrow: Mask
    noise_seed: int


def class_labels(layout: Layout, rect: Rect) -> U8:
    """Return the class that is painted on each pixel, uint8 (rect.height, rect.width).

    Where strokes cross, a road lies over a path and a path over a river, as they are rendered.
    """
    labels: U8 = (layout.zones[_place(layout, rect)] - 1).astype(np.uint8)
    for number, kind in enumerate(STENCILS):
        for stroke in layout.strokes:
            if stroke.kind == kind:
                covered = stroke_coverage(stroke, rect) >= _COVERED
                labels[covered] = FIRST_STENCIL + number
    return labels


def measured_windows(profile: ModelProfile, count: int, seed: int) -> list[MeasuredWindow]:
    """Return held-out windows, the looks in turn.

    Args:
        profile: window size and prompt template of the model that is measured.
        count: number of windows.
        seed: other seeds give other scenes.
    """
    return _windows(profile, count, EVALUATION_SEED + 10_000 * seed)


def training_windows(profile: ModelProfile, count: int) -> list[MeasuredWindow]:
    """Return windows of layouts that are trained on, the looks in turn; nothing is measured there.

    Args:
        profile: window size and prompt template of the model.
        count: number of windows.
    """
    return _windows(profile, count, 1)


def _windows(profile: ModelProfile, count: int, first: int) -> list[MeasuredWindow]:
    windows: list[MeasuredWindow] = []
    while len(windows) < count:
        scene = len(windows) // _ACROSS**2
        windows += _scene_windows(profile, first + scene, LOOKS[scene % len(LOOKS)])
    return windows[:count]


def _scene_windows(profile: ModelProfile, seed: int, look: str) -> list[MeasuredWindow]:
    side_px = _ACROSS * profile.window_px
    layout = make_layout(seed, side_px, side_px)
    truths = [paint_world(layout, look, seed + detail) for detail in (0, _OTHER_DETAILS)]
    grid = Grid(side_px, side_px, profile.window_px, profile.window_px)
    settings = RunSettings(steps=profile.steps).compile_settings(profile, LOOK_WORDS[look][0])
    painted = ArrayMap(zones=layout.zones, strokes=layout.strokes)
    windows = []
    for number, tile in enumerate(grid.tiles()):
        compiled = compile_window(painted, grid, default_palette(), tile, settings)
        place = _place(layout, compiled.rect)
        wide, narrow = _stroke_masks(layout, compiled.rect)
        labels = class_labels(layout, compiled.rect)
        windows.append(
            MeasuredWindow(
                compiled=compiled,
                held_out_prompt=_held_out_prompt(compiled, labels, look),
                look=look,
                truth=truths[0][place],
                second_truth=truths[1][place],
                labels=labels,
                wide=wide,
                narrow=narrow,
                noise_seed=seed * _ACROSS**2 + number,
            )
        )
    return windows


def _place(layout: Layout, rect: Rect) -> tuple[slice, slice]:
    height, width = layout.zones.shape
    return rect.slices_in(Rect(0, 0, width, height))


def _held_out_prompt(window: CompiledWindow, labels: U8, look: str) -> str:
    """Return held-out words for what shows in a window."""
    zones = tuple(zone.id for zone in zones_by_area(window.zones, default_palette()))
    showing = [kind for label, kind in enumerate(STENCILS, FIRST_STENCIL) if label in labels]
    return held_out_prompt(Scene(zones, tuple(showing), look))


def _stroke_masks(layout: Layout, rect: Rect) -> tuple[Mask, Mask]:
    """Return what wide strokes cover, and what lies in or about thinner ones only."""
    wide, narrow = np.zeros(rect.shape, np.bool_), np.zeros(rect.shape, np.bool_)
    for stroke in layout.strokes:
        chosen = wide if float(stroke.points[:, 2].min()) >= WIDE_PX else narrow
        chosen |= stroke_coverage(stroke, rect) >= _COVERED
    about = cv2.dilate(narrow.astype(np.uint8), np.ones((2 * _ABOUT_PX + 1,) * 2, np.uint8))
    return wide, (about > 0) & ~wide
