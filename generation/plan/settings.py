"""The settings of one run, as the user chose them over the model profile's numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from generation.plan.profile import ModelProfile
from generation.plan.request import CompositorName
from zones.compiler import CompileSettings, Layout
from zones.errors import InputError
from zones.gates import Gate
from zones.geometry import LATENT_PX, LATTICE_PX
from zones.settings import MU_SOFT, STENCIL_OPACITY, BandSource, SoftShape

Noise = Literal["map", "tile"]
"""`map`: one noise field for the whole map; `tile`: every window draws its own."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What decides a window's pixels beside the painted map, the seed and the model.

    Attributes:
        steps: length of the full schedule (T).
        strength: share of the schedule that is run, in (0, 1].
        layout: `anchored` or `overlap`.
        gate: how mu becomes held steps, `index` or `sigma`.
        noise: one field for the map, or one draw per tile.
        mu_feature: mu of every stencil, in [0, 1]; None takes each stroke's or stencil's own.
        mu_soft: mu of the soft band beside finished neighbours, in [0, 1]; the highest one where
            it rises.
        soft_shape: `flat`: mu is the same all over the soft band; `rising`: it rises from 0 at
            the anchor.
        soft_px: width of the soft band, taken from the anchor in whole latent cells, at most half
            of the overlap (see `check_widths`); None takes the profile's.
        band_source: what stencil pixels start from where finished neighbours show but do not
            hold them: their pixels, or the stencil's colour.
        stencil_opacity: opacity of stencil colours over zone colours, in [0, 1].
        carve_out: stencil pixels inside predecessors' coverage are free and blended.
        plain: stock inpainting with a binary mask and no change map.
        reference: the seed canvas also enters as reference tokens.
        closing_anchor_px: anchor width of closing tiles and late re-rolls; None takes the
            profile's.
        compositor: how held and painted latents are joined at each step.
    """

    steps: int
    strength: float = 1.0
    layout: Layout = "anchored"
    gate: Gate = "index"
    noise: Noise = "map"
    mu_feature: float | None = None
    stencil_opacity: float = STENCIL_OPACITY
    carve_out: bool = False
    plain: bool = False
    reference: bool = True
    mu_soft: float = MU_SOFT
    closing_anchor_px: int | None = None
    band_source: BandSource = "neighbour"
    soft_shape: SoftShape = "flat"
    soft_px: int | None = None
    compositor: CompositorName = "linear"

    def compile_settings(self, profile: ModelProfile, map_prompt: str) -> CompileSettings:
        """The part that the zone compiler needs, with the profile's widths.

        A soft band too wide for the profile is cut to the widest: that is how it was painted where
        a finished tile's settings say so.
        """
        thin_px, soft_px = self.closing_anchor_px, self._soft_px(profile)
        return CompileSettings(
            layout=self.layout,
            anchor_px=profile.overlap_px - soft_px,
            soft_px=soft_px,
            soft_shape=self.soft_shape,
            closing_anchor_px=profile.closing_anchor_px if thin_px is None else thin_px,
            steps=self.steps,
            gate=self.gate,
            terminal_sigma=profile.terminal_sigma,
            mu_feature=self.mu_feature,
            mu_soft=self.mu_soft,
            stencil_opacity=self.stencil_opacity,
            carve_out=self.carve_out,
            band_source=self.band_source,
            prompt_template=profile.prompt_template,
            map_prompt=map_prompt,
        )

    def check_widths(self, profile: ModelProfile) -> None:
        """Refuse a new run whose soft band is wider than half of the overlap.

        Raises:
            InputError: it is, in the layout that has one; the widest is named.
        """
        most_px = most_soft_px(profile)
        if self.layout == "anchored" and (self.soft_px or 0) > most_px:
            raise InputError(
                f"the soft band cannot be {self.soft_px} px wide: half of the model's overlap of "
                f"{profile.overlap_px} px is the most; give at most {most_px} px"
            )

    def _soft_px(self, profile: ModelProfile) -> int:
        if self.soft_px is None:
            return profile.soft_px
        cells_px = self.soft_px // LATENT_PX * LATENT_PX
        return min(max(LATTICE_PX, cells_px), most_soft_px(profile))

    def to_json(self) -> dict[str, Any]:
        """A JSON object with every field."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RunSettings:
        """Read what `to_json` wrote, now or before fields were added.

        Raises:
            InputError: not an object, or a field is missing, unknown or of another type.
        """
        known = {field.name for field in fields(cls)}
        if not isinstance(values, Mapping) or not known - _ADDED <= set(values) <= known:
            raise InputError(f"a run's settings have missing or unknown fields; {_ADVICE}")
        try:
            return _SCHEMA.validate_json(json.dumps(values), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            raise InputError(
                f"a run's setting {name} is wrong: {first['msg']}; {_ADVICE}"
            ) from error


def most_soft_px(profile: ModelProfile) -> int:
    """Width of the widest soft band of a model: half of its overlap."""
    return profile.overlap_px // 2


_SCHEMA = TypeAdapter(RunSettings)
_ADDED = {
    "mu_soft",
    "closing_anchor_px",
    "band_source",
    "soft_shape",
    "soft_px",
    "compositor",
}
"""Fields that settings written by older versions lack; they take their defaults."""
_ADVICE = "render again with --defaults"
