"""Joins a project, a model and the user's choices into one run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.core.project_tiles import ProjectTileStore, world_of
from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED, check_folder, find_model, find_profile, folder_hash
from generation.plan.order import Order, most_constrained, rank_tiles
from generation.plan.ports import Engine
from generation.plan.profile import ModelProfile, profile_from_json
from generation.plan.settings import RunSettings
from generation.run.records import TileRecord
from generation.run.world import World
from painter.project import Project
from zones.errors import InputError
from zones.grid import Grid, TileCoord

_RUN, _PROFILE = "run", "profile"
"""Names of a project's settings: the last whole run's, and its model's profile."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenRun:
    """A project opened for a run, or for a look at what runs left.

    Attributes:
        project: the open project.
        store: its finished tiles.
        world: its map with the model's numbers.
        settings: of the run.
        grid: the windows.
    """

    project: Project
    store: ProjectTileStore
    world: World
    settings: RunSettings
    grid: Grid

    def ranked(self, order: Order, start: TileCoord | None) -> tuple[TileCoord, ...]:
        """All tiles in the order of a run; without a start, from the most constrained tile."""
        first = most_constrained(self.world.reader, self.grid) if start is None else start
        return rank_tiles(self.grid, order, first)

    def finished(self) -> Mapping[TileCoord, TileRecord]:
        """Every finished tile that still stands on the grid, stale ones included."""
        return {t: record for t, record in self.store.records().items() if self.grid.has(t)}


def open_for_render(
    folder: Path,
    device: str,
    changes: Mapping[str, Any],
    *,
    model: str | None = None,
    seed: int | None = None,
    defaults: bool = False,
) -> tuple[OpenRun, Engine]:
    """Open a project and load its model.

    Args:
        folder: the project folder.
        device: `auto`, `cpu` or `cuda`.
        changes: fields of `RunSettings` that the user gave.
        model: in place of the project's own.
        seed: in place of the project's own.
        defaults: start from the profile's settings instead of the last run's.

    Raises:
        InputError: the project, the model, the device or a setting is not valid.
    """
    project = Project.open(folder)
    engine = load_engine(model or project.model or BUNDLED, device)
    saved = None if defaults else project.settings.get(_RUN)
    base = default_settings(engine.profile) if saved is None else RunSettings.from_json(saved)
    if model is not None and model != project.model and "steps" not in changes:
        base = replace(base, steps=engine.profile.steps, strength=engine.profile.strength)
    world = world_of(project, engine.profile, engine.model_hash, seed)
    return _opened(project, world, replace(base, **changes)), engine


def open_for_reading(folder: Path) -> OpenRun:
    """Open a project to look at its finished tiles; neither torch nor the weights are loaded.

    Raises:
        InputError: the project is not valid, or was never rendered and its model is not there.
    """
    project = Project.open(folder)
    profile, model_hash = _profile_of(project)
    saved = project.settings.get(_RUN)
    settings = default_settings(profile) if saved is None else RunSettings.from_json(saved)
    return _opened(project, world_of(project, profile, model_hash), settings)


def keep_settings(run: OpenRun, model: str | None) -> None:
    """Save a whole run's settings and model in the project, so that later commands use them."""
    project, kept = run.project, dict(run.project.settings)
    kept[_RUN] = run.settings.to_json()
    kept[_PROFILE] = run.world.profile.model_dump(mode="json")
    if kept != dict(project.settings) or (model is not None and model != project.model):
        project.configure(settings=kept, model=project.model if model is None else model)
        project.save()


def default_settings(profile: ModelProfile) -> RunSettings:
    """The profile's own settings."""
    return RunSettings(steps=profile.steps, strength=profile.strength)


def _opened(project: Project, world: World, settings: RunSettings) -> OpenRun:
    settings.compile_settings(world.profile, world.map_prompt)  # refuses values out of range
    if not 0.0 < settings.strength <= 1.0:
        raise InputError(f"The strength is {settings.strength}; use a number above 0, at most 1.")
    grid = world.grid(settings)
    return OpenRun(project, ProjectTileStore(project), world, settings, grid)


def _profile_of(project: Project) -> tuple[ModelProfile, str]:
    """The profile of the last run, else the model's own; the hash is empty without the model."""
    kept = project.settings.get(_PROFILE)
    if kept is not None:
        return profile_from_json(json.dumps(kept), "the profile kept in the project"), ""
    model = check_folder(find_model(project.model or BUNDLED), project.model or BUNDLED)
    return find_profile(model), folder_hash(model)
