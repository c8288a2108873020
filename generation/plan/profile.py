"""Everything that depends on a model's size or training, read from the file beside its weights."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from generation.plan.request import CompositorName
from zones.errors import InputError
from zones.geometry import LATTICE_PX
from zones.grid import Grid, grid_for
from zones.settings import Layout

PROFILE_NAME = "profile.json"
"""Name of the profile in a model's folder."""

MAX_PROFILE_BYTES = 100_000

_PLACEHOLDERS = {"map_prompt", "zones", "stencils"}

_Px = Annotated[int, Field(ge=LATTICE_PX, le=8192, multiple_of=LATTICE_PX)]
_Steps = Annotated[int, Field(ge=1, le=1000)]


class ModelProfile(BaseModel):
    """Sizes, steps and wording one model was made for.

    Attributes:
        name: what the user calls the model.
        window_px: side of the square the model denoises.
        anchor_px: width of the exactly kept part of an anchored overlap.
        soft_px: width of the soft band; `anchor_px + soft_px` is the anchored overlap.
        overlap_layout_px: overlap of the `overlap` layout.
        closing_anchor_px: anchor width of closing tiles and late re-rolls.
        steps: length of the full schedule (T).
        draft_steps: T of a quick draft.
        terminal_sigma: noise level of the last step, the scheduler's `shift_terminal`, if it has
            one.
        strength: default share of the schedule that is run, in (0, 1].
        text_layers: hidden layers of the text encoder that are stacked.
        text_tokens: length the prompt is padded or cut to.
        guidance_scale: 1.0 for a distilled model (no second pass).
        compositor: default way to join held and painted latents.
        prompt_template: text with `{map_prompt}`, `{zones}` and `{stencils}`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    window_px: _Px
    anchor_px: _Px
    soft_px: _Px
    overlap_layout_px: _Px
    closing_anchor_px: _Px
    steps: _Steps
    draft_steps: _Steps
    terminal_sigma: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    strength: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    text_layers: Annotated[tuple[int, int, int], Field(strict=False)]
    text_tokens: Annotated[int, Field(ge=1, le=4096)]
    guidance_scale: Annotated[float, Field(ge=0.0, le=100.0)] = 1.0
    compositor: CompositorName = "linear"
    prompt_template: Annotated[str, Field(min_length=1, max_length=5000)]

    @property
    def overlap_px(self) -> int:
        """Overlap of the anchored layout."""
        return self.anchor_px + self.soft_px

    def grid(self, size_px: tuple[int, int], layout: Layout = "anchored", wrap: str = "") -> Grid:
        """The windows of a map.

        Args:
            size_px: (width, height).
            layout: of the windows.
            wrap: "", "x", "y" or "xy".

        Raises:
            InputError: a side is out of range, or a wrapped one is no multiple of the stride.
        """
        return grid_for(
            size_px,
            window_px=self.window_px,
            anchor_px=self.anchor_px,
            soft_px=self.soft_px,
            overlap_layout_px=self.overlap_layout_px,
            layout=layout,
            wrap_x="x" in wrap,
            wrap_y="y" in wrap,
        )

    @model_validator(mode="after")
    def _check_widths(self) -> Self:
        for what, overlap_px in (
            ("anchor_px + soft_px", self.overlap_px),
            ("overlap_layout_px", self.overlap_layout_px),
        ):
            if overlap_px % (2 * LATTICE_PX) or 2 * overlap_px > self.window_px:
                msg = (
                    f"{what} must be a multiple of {2 * LATTICE_PX} px "
                    f"and at most half of window_px, not {overlap_px}"
                )
                raise ValueError(msg)
        if self.closing_anchor_px > self.anchor_px:
            msg = f"closing_anchor_px must be at most anchor_px, not {self.closing_anchor_px}"
            raise ValueError(msg)
        if any(layer < 0 for layer in self.text_layers):
            msg = "text_layers must be 0 or greater"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _check_template(self) -> Self:
        try:
            fields = {name for _, name, _, _ in string.Formatter().parse(self.prompt_template)}
        except ValueError as error:
            msg = f"prompt_template is not a template ({error})"
            raise ValueError(msg) from error
        unknown = fields - _PLACEHOLDERS - {None}
        if unknown or "zones" not in fields:
            msg = "prompt_template must have {zones} and may have {map_prompt} and {stencils} only"
            raise ValueError(msg)
        return self


def profile_from_json(text: str, source: str = "the model profile") -> ModelProfile:
    """Read a profile.

    Args:
        text: the JSON document.
        source: what an error names as the place.

    Raises:
        InputError: not JSON, or a field is missing, unknown or out of range.
    """
    try:
        return ModelProfile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        at = f" at {where}" if where else ""
        raise InputError(f"{source} is wrong{at}: {reason}; correct or replace the file") from error


def load_profile(path: Path) -> ModelProfile:
    """Read `profile.json` of a model folder, or the file itself.

    Raises:
        InputError: the file is missing, unreadable, too long or wrong.
    """
    file = path / PROFILE_NAME if path.is_dir() else path
    try:
        if file.stat().st_size > MAX_PROFILE_BYTES:
            raise InputError(f"{file} is longer than {MAX_PROFILE_BYTES} bytes; it is no profile")
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(
            f"the model profile {file} cannot be read ({reason}); a model folder needs one"
        ) from error
    return profile_from_json(text, source=str(file))
