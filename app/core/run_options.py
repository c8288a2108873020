"""The settings of a run as one table: what each is called, what it does, how it is chosen.

The finer part of the run panel is made from it. Steps are no part of it: they stand in front, as
the quality of a run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from generation.plan.profile import ModelProfile
from generation.plan.settings import RunSettings, most_soft_px
from zones.geometry import LATTICE_PX

OptionKind = Literal["tick", "choice", "level", "percent", "steps_run", "width"]
"""Yes or no; one of some names; a number of free steps; a share; a number of the steps; px."""


def _always(_settings: RunSettings) -> bool:
    return True


def _anchor_px(profile: ModelProfile) -> int:
    return profile.anchor_px


@dataclass(frozen=True, slots=True)
class RunOption:
    """One setting.

    Attributes:
        field: of `RunSettings`.
        label: for people.
        help: one sentence that says what it does.
        kind: how it is chosen.
        choices: of a choice: (value, name, help).
        own: of a level or a width: name of the value None, or "" where there is none.
        matters: whether it changes anything beside the other settings.
        least_px: of a width.
        most_px: of a width, by the model's profile.
    """

    field: str
    label: str
    help: str
    kind: OptionKind
    choices: tuple[tuple[object, str, str], ...] = ()
    own: str = ""
    matters: Callable[[RunSettings], bool] = _always
    least_px: int = 0
    most_px: Callable[[ModelProfile], int] = _anchor_px


RUN_OPTIONS: tuple[RunOption, ...] = (
    RunOption(
        "mu_feature", "Rivers and paths",
        "At how many steps the model may change the drawn strokes: few keep them as drawn, many "
        "give them more texture.",
        "level", own="As each stroke says", matters=lambda now: not now.plain,
    ),
    RunOption(
        "mu_soft", "Beside finished tiles",
        "At how many steps the strip beside a finished neighbour may still change.",
        "level", matters=lambda now: now.layout == "anchored" and not now.plain,
    ),
    RunOption(
        "soft_shape", "That strip changes",
        "Rising leaves no straight edges where the model does not see the plan.", "choice",
        (
            ("flat", "Evenly", "At as many steps all over."),
            (
                "rising", "More and more",
                "From none beside what is kept to that many at the far side.",
            ),
        ),
        matters=lambda now: now.layout == "anchored" and not now.plain,
    ),
    RunOption(
        "soft_px", "Width of that strip",
        "How wide the strip beside a finished neighbour is; less of the neighbour is kept for it.",
        "width", own="As the model has it", matters=lambda now: now.layout == "anchored",
        least_px=LATTICE_PX, most_px=most_soft_px,
    ),
    RunOption(
        "closing_anchor_px", "Closing a gap",
        "How much of each neighbour is kept exactly where a tile is painted between finished ones: "
        "less leaves more room to join them.",
        "width", own="As the model has it",
        matters=lambda now: now.layout == "anchored",
    ),
    RunOption(
        "band_source", "Strokes begin as",
        "What rivers and paths start from in the strip beside a finished neighbour.", "choice",
        (
            (
                "neighbour", "The neighbour's pixels",
                "They go on from what the finished tile shows.",
            ),
            ("stencil", "Their own colour", "They begin anew, in the colour they are drawn in."),
        ),
    ),
    RunOption(
        "gate", "Let go by", "What frees a held pixel.", "choice",
        (
            ("index", "Step number", "After a share of the steps."),
            (
                "sigma", "Noise level",
                "At a noise level: alike at any number of steps and any window size.",
            ),
        ),
        matters=lambda now: not now.plain,
    ),
    RunOption(
        "compositor", "Around protected art",
        "How protected pixels and painted ones are joined at each step.", "choice",
        (
            (
                "linear", "In whole cells",
                "Each cell of 8 px is held or painted; flat colour is left along the edge.",
            ),
            (
                "decformer", "As the model learned",
                "To the pixel, by a small network; only models that bring one.",
            ),
            ("exact", "As pictures", "To the pixel, decoded and encoded at each step: slow."),
        ),
        matters=lambda now: not now.plain,
    ),
    RunOption(
        "layout", "Overlap",
        "How neighbouring tiles share their border. Changing it moves the tiles of the map.",
        "choice",
        (
            ("anchored", "Anchored", "A strip of each finished neighbour is kept exactly."),
            ("overlap", "Blended", "Both tiles paint the shared strip; it is blended."),
        ),
    ),
    RunOption(
        "noise", "Noise", "What every tile starts from.", "choice",
        (
            ("map", "One for the map", "Neighbours begin alike, so they join better."),
            ("tile", "Each tile its own", "More variety, harder joins."),
        ),
    ),
    RunOption(
        "strength", "Steps run",
        "How many of the steps are run: fewer stay closer to the flat colours of the zones.",
        "steps_run",
    ),
    RunOption(
        "stencil_opacity", "Stroke colour",
        "How strongly a river's or path's colour covers the zone below it.", "percent",
    ),
    RunOption(
        "carve_out", "Blend rivers across tiles",
        "Rivers and paths inside a neighbour's strip are blended, not kept exactly.", "tick",
    ),
    RunOption(
        "reference", "Show the model the plan",
        "The model also sees the painted zones as a reference picture beside it.", "tick",
    ),
    RunOption(
        "plain", "Plain inpainting",
        "Leave the change map out: a yes-or-no mask, as stock inpainting has it.", "tick",
    ),
)  # fmt: skip
"""All finer settings, in the order of the panel; ticks stand below the others."""
