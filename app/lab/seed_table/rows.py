"""The rows of the seed table: two base points, and what each row changes about one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generation.plan.order import Order
from generation.plan.profile import ModelProfile
from generation.plan.settings import RunSettings
from zones.errors import InputError
from zones.geometry import LATTICE_PX

REFERENCE_ROW = "stencil-only"
"""The way that every other row of its base point is compared with."""

DRIFTING_STRENGTH = 0.6
"""Strength of the drifting base point: that at which stencil-only follows about half of the river.

Measured for klein-mini on the world `seed`, means of the seeds 42, 1 and 2: the share of the river
that is found, and its IoU: at 0.5 0.85 and 0.65; 0.6: 0.60, 0.34; 0.7: 0.48, 0.23; 0.8: 0.20, 0.10;
0.9: 0.07, 0.04. Rocks in place of water count as found, so by eye 0.6 keeps less than half and 0.5
most of it; 12 steps have no strength between the two.
"""

BASES: Mapping[str, Mapping[str, Any]] = {
    "guided": {"reference": True, "noise": "map", "strength": 1.0},
    "drifting": {"reference": False, "noise": "tile", "strength": DRIFTING_STRENGTH},
}
"""Settings of the base points, as far as they differ."""

_COMMON: Mapping[str, Any] = {
    "layout": "anchored",
    "gate": "index",
    "mu_feature": 0.35,
    "mu_soft": 0.15,
    "stencil_opacity": 0.85,
    "carve_out": False,
    "plain": False,
}
_STENCIL_ONLY: Mapping[str, Any] = {"plain": True, "layout": "overlap"}


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One way to paint a map.

    Attributes:
        name: unique within its base point.
        base: name of the base point.
        changes: fields of `RunSettings` that differ from the base point.
        overlap_px: overlap of both layouts; None keeps the profile's.
        order: of the tiles.
        candidates: variants painted of the first tile.
        against: the row of the same base point it is compared with: stencil-only under the same
            reference, strength, noise, steps and overlap. Such a row itself is compared with the
            base point's own stencil-only.
    """

    name: str
    base: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    overlap_px: int | None = None
    order: Order = "spiral"
    candidates: int = 1
    against: str = REFERENCE_ROW

    def values(self, profile: ModelProfile) -> dict[str, Any]:
        """Every setting that the table decides; settings it does not know keep their defaults."""
        return {"steps": profile.steps, **_COMMON, **BASES[self.base], **self.changes}

    def settings(self, profile: ModelProfile) -> RunSettings:
        """The run's settings."""
        return RunSettings(**self.values(profile))

    def profile(self, profile: ModelProfile) -> ModelProfile:
        """The model's profile with the row's overlap."""
        if self.overlap_px is None or self.overlap_px == profile.overlap_px:
            return profile
        return with_overlap(profile, self.overlap_px)


def with_overlap(profile: ModelProfile, overlap_px: int) -> ModelProfile:
    """A profile whose two layouts overlap by so many px.

    The soft band takes up to half of the overlap, the anchor the rest. With 0 px windows stand
    side by side and see nothing of each other.

    Raises:
        InputError: the overlap does not fit the windows.
    """
    if overlap_px % (2 * LATTICE_PX) or not 0 <= 2 * overlap_px <= profile.window_px:
        raise InputError(
            f"an overlap of {overlap_px} px does not fit windows of {profile.window_px} px; "
            f"use a multiple of {2 * LATTICE_PX} px up to half a window"
        )
    soft_px = min(profile.soft_px, overlap_px // 2)
    anchor_px = overlap_px - soft_px
    changes = {
        "anchor_px": anchor_px,
        "soft_px": soft_px,
        "overlap_layout_px": overlap_px,
        "closing_anchor_px": min(profile.closing_anchor_px, anchor_px),
    }
    if overlap_px == 0:  # less than any model is made for, so the schema does not know it
        return profile.model_copy(update=changes)
    return ModelProfile.model_validate({**profile.model_dump(), **changes})


def rows_of(base: str, profile: ModelProfile) -> tuple[Row, ...]:
    """All rows of a base point, the reference row first."""
    return (
        *_ways(base),
        *_environments(base, profile),
        *_overlaps(base, profile),
        Row("order rows", base, order="rows"),
        Row("order anchors-first", base, order="anchors-first"),
        Row("8 candidates", base, candidates=8),
        Row("mu_soft 0", base, {"mu_soft": 0.0}),
        Row("mu_soft 0.3", base, {"mu_soft": 0.3}),
        *_soft_bands(base, profile),
    )


def _ways(base: str) -> tuple[Row, ...]:
    """Stencil-only and differential diffusion, in both layouts, with and without carve-out."""
    carved = {"carve_out": True}
    overlap = {"layout": "overlap"}
    wide = {"mu_feature": 0.65}
    return (
        Row(REFERENCE_ROW, base, _STENCIL_ONLY),
        Row("diff-diff 0.35", base, overlap),
        Row("diff-diff 0.65", base, {**overlap, **wide}),
        Row("diff-diff 0.35 carved", base, {**overlap, **carved}),
        Row("diff-diff 0.65 carved", base, {**overlap, **wide, **carved}),
        Row("anchored 0.35", base),
        Row("anchored 0.65", base, wide),
        Row("anchored 0.35 carved", base, carved),
        Row("anchored 0.65 carved", base, {**wide, **carved}),
        Row("stencil-only anchored", base, {"plain": True}),
        Row("sigma gate", base, {"gate": "sigma"}),
    )


def _environments(base: str, profile: ModelProfile) -> tuple[Row, ...]:
    """Steps, reference, strength and noise, each for both sides of a comparison."""
    own = {"steps": profile.steps, **BASES[base]}
    changes: list[tuple[str, dict[str, Any]]] = [
        (f"T {steps}", {"steps": steps}) for steps in (4, 8, 12) if steps != own["steps"]
    ]
    other = not own["reference"]
    changes.append((f"reference {'on' if other else 'off'}", {"reference": other}))
    changes += [
        (f"strength {value}", {"strength": value})
        for value in (0.6, 0.8, 1.0)
        if value != own["strength"]
    ]
    noise = "map" if own["noise"] == "tile" else "tile"
    changes.append((f"noise {noise}", {"noise": noise}))
    return tuple(row for name, change in changes for row in _pair(name, base, change))


def _pair(name: str, base: str, change: Mapping[str, Any]) -> tuple[Row, Row]:
    plain = f"{name}, stencil-only"
    return (
        Row(plain, base, {**_STENCIL_ONLY, **change}),
        Row(f"{name}, anchored", base, change, against=plain),
    )


def _overlaps(base: str, profile: ModelProfile) -> tuple[Row, ...]:
    """Overlaps in eighths of a window: 0, 32, 64 and 96 px of 256."""
    found: list[Row] = []
    for eighths in (0, 1, 2, 3):
        overlap_px = eighths * profile.window_px // 8 // (2 * LATTICE_PX) * (2 * LATTICE_PX)
        if overlap_px != profile.overlap_px:
            plain = f"overlap {overlap_px}, stencil-only"
            found += [
                Row(plain, base, _STENCIL_ONLY, overlap_px),
                Row(f"overlap {overlap_px}, anchored", base, {}, overlap_px, against=plain),
            ]
    return tuple({row.name: row for row in found}.values())


def _soft_bands(base: str, profile: ModelProfile) -> tuple[Row, ...]:
    """Soft bands of half the overlap, held less and less, evenly and rising."""
    soft_px = profile.overlap_px // 2
    wide = {"soft_px": soft_px}
    rising = {**wide, "soft_shape": "rising"}
    return (
        *(
            Row(f"soft {soft_px} px, mu_soft {mu}", base, {**wide, "mu_soft": mu})
            for mu in (0.15, 0.35, 0.5)
        ),
        *(
            Row(f"soft {soft_px} px, rising to {mu}", base, {**rising, "mu_soft": mu})
            for mu in (0.35, 0.5, 0.6, 0.7)
        ),
        Row(
            f"soft {soft_px} px, rising to 0.6, mu_feature 0.1",
            base,
            {**rising, "mu_soft": 0.6, "mu_feature": 0.1},
        ),
    )


KEY_ROWS = (
    REFERENCE_ROW,
    "diff-diff 0.35",
    "diff-diff 0.65",
    "diff-diff 0.35 carved",
    "diff-diff 0.65 carved",
    "anchored 0.35",
    "anchored 0.35 carved",
    "mu_soft 0",
)
"""What `--rows key` stands for."""


def choose_rows(
    bases: Sequence[str], names: Sequence[str], profile: ModelProfile
) -> tuple[Row, ...]:
    """Rows by name, each with the row it is compared with, in the order of the table.

    Args:
        bases: some of `BASES`.
        names: of rows, or `key`, or `all`.
        profile: of the model.

    Raises:
        InputError: there is no such base point or row.
    """
    for base in bases:
        if base not in BASES:
            raise InputError(f"there is no base '{base}'; choose of {', '.join(BASES)}")
    every = tuple(row for base in bases for row in rows_of(base, profile))
    wanted = {part for name in names for part in (KEY_ROWS if name == "key" else (name,))}
    if "all" in wanted:
        return every
    unknown = wanted - {row.name for row in every}
    if unknown:
        known = ", ".join(dict.fromkeys(row.name for row in every))
        raise InputError(f"there is no row '{min(unknown)}'; choose key, all, or of: {known}")
    wanted |= {row.against for row in every if row.name in wanted}
    return tuple(row for row in every if row.name in wanted)
