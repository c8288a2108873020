"""The numbers and words by which windows are compiled, as one run or one inspection uses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from zones.errors import InputError
from zones.gates import MAX_STEPS, Gate

Layout = Literal["anchored", "overlap"]
"""`anchored` keeps a strip of each predecessor exactly; `overlap` only starts from its pixels."""

BandSource = Literal["neighbour", "stencil"]
"""What stencil pixels start from where a finished neighbour shows but does not hold them."""

SoftShape = Literal["flat", "rising"]
"""mu across the soft band: `mu_soft` all over, or from 0 at the anchor up to `mu_soft`."""

MU_SOFT = 0.15
"""mu of the soft band unless the settings say otherwise."""

STENCIL_OPACITY = 0.85
"""How strongly a stencil's colour covers the zone below unless the settings say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileSettings:
    """What the compiler needs to know beside the painted map.

    Attributes:
        layout: `anchored` or `overlap`.
        anchor_px: width of the exact anchor in the layout `anchored`.
        soft_px: width of the soft band, where predecessors' coverage ends.
        steps: T of the full schedule, 1..255.
        gate: how mu becomes held steps.
        terminal_sigma: noise level of the schedule's last step, where the model's scheduler sets
            one.
        prompt_template: text with `{map_prompt}`, `{zones}` and `{stencils}`; a part in square
            brackets is left out where a placeholder in it is empty.
        map_prompt: the map maker's own words for the whole map.
        mu_soft: mu of the soft band, in [0, 1]; the highest one where it rises.
        soft_shape: whether mu is the same all over the soft band, or rises from 0 at the anchor.
        mu_feature: mu of every stencil, in [0, 1]; None takes each stroke's own, else its kind's.
        stencil_opacity: of stencil colours over zone colours, in [0, 1].
        carve_out: stencil pixels inside predecessors' coverage are free and blended, not anchored.
        closing_anchor_px: anchor width of windows that close a gap; None keeps `anchor_px`.
        band_source: what stencil pixels start from where predecessors show but do not hold them:
            `neighbour` takes what the predecessors painted there, `stencil` the stencil's colour.

    Raises:
        InputError: a value is out of its range.
    """

    layout: Layout
    anchor_px: int
    soft_px: int
    steps: int
    gate: Gate = "index"
    terminal_sigma: float | None = None
    prompt_template: str = "{zones}"
    map_prompt: str = ""
    mu_soft: float = MU_SOFT
    mu_feature: float | None = None
    stencil_opacity: float = STENCIL_OPACITY
    carve_out: bool = False
    closing_anchor_px: int | None = None
    band_source: BandSource = "neighbour"
    soft_shape: SoftShape = "flat"

    def __post_init__(self) -> None:
        _check_choice("layout", self.layout, get_args(Layout))
        _check_choice("gate", self.gate, get_args(Gate))
        _check_choice("band_source", self.band_source, get_args(BandSource))
        _check_choice("soft_shape", self.soft_shape, get_args(SoftShape))
        if not 1 <= self.steps <= MAX_STEPS:
            raise InputError(f"The number of steps is {self.steps}; use 1 to {MAX_STEPS}.")
        for name in ("mu_soft", "stencil_opacity", "mu_feature"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise InputError(f"{name} is {value}; use a number from 0 to 1.")
        for name in ("anchor_px", "soft_px", "closing_anchor_px"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise InputError(f"{name} is {value} px; use 0 or more.")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f'There is no {name} "{value}"; use {" or ".join(choices)}.')
