"""A small world, rows and table for tests of the seed table, with an engine without a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from app.lab.seed_table.experiment import SeedTable
from app.lab.seed_table.maps import Case, PaintedMap, painted_map
from app.lab.seed_table.rows import Row, rows_of
from app.lab.seed_table.worlds import LabWorld, seed_world
from generation.plan.profile import ModelProfile
from generation.plan.testing import NumpyEngine
from tests.support.toy_models import TOY_PROFILE

PROFILE = ModelProfile.model_validate({**TOY_PROFILE, "steps": 2})
SIDE_PX = 96
WINDOWS = 9
WORLD = seed_world(SIDE_PX, SIDE_PX, PROFILE.window_px)


WIDE = PROFILE.model_copy(update={"window_px": 128})
FOREST = LabWorld("forest", np.full((288, 288), 2, np.uint8), (), "summer")


def engine(profile: ModelProfile = PROFILE, **options: Any) -> NumpyEngine:
    return NumpyEngine(profile, **options)


def row(name: str, base: str = "guided") -> Row:
    return next(each for each in rows_of(base, PROFILE) if each.name == name)


def painted(
    name: str, folder: Path, world: LabWorld = WORLD, profile: ModelProfile = PROFILE
) -> PaintedMap:
    return painted_map(Case(world, 42, row(name)), engine(profile), folder)


def table(out: Path, *names: str, seeds: tuple[int, ...] = (42,), **options: Any) -> SeedTable:
    tool = options.pop("engine", None) or engine()
    return SeedTable(tool, out, [WORLD], seeds, [row(name) for name in names], **options)
