"""Joins a project, a model and the user's choices into one run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.core.project_tiles import ProjectTileStore, world_of
from generation.engine.factory import load_engine
from generation.engine.folder import (
    BUNDLED,
    check_compositor,
    check_folder,
    compositor_hash,
    find_model,
    find_profile,
    folder_hash,
)
from generation.plan.order import Order, most_constrained, rank_tiles
from generation.plan.ports import Engine
from generation.plan.profile import ModelProfile, profile_from_json
from generation.plan.settings import RunSettings
from generation.run.records import TileRecord
from generation.run.world import World
from painter.project import Project
from zones.errors import InputError
from zones.grid import Grid, TileCoord

_RUN, _PROFILE, _HASH, _COMPOSITOR = "run", "profile", "model_hash", "compositor_hash"
"""Names of a project's settings: the last whole run's, its model's profile and content hashes."""


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
        records = self.store.records().items()
        return {tile: record for tile, record in records if record.stands_on(self.grid)}


def open_for_render(
    project: Project,
    device: str,
    changes: Mapping[str, Any],
    *,
    model: str | None = None,
    seed: int | None = None,
    defaults: bool = False,
) -> tuple[OpenRun, Engine]:
    """Load an open project's model and see what a run needs.

    Args:
        project: to be rendered.
        device: `auto`, `cpu` or `cuda`.
        changes: fields of `RunSettings` that the user gave.
        model: in place of the project's own.
        seed: in place of the project's own.
        defaults: start from the profile's settings instead of the last run's.

    Raises:
        InputError: the model, the device or a setting is not valid.
    """
    name = project.model or BUNDLED if model is None else model
    engine = load_engine(name, device)
    own = default_settings(engine.profile)
    base = own if defaults else _kept_settings(project, engine.profile)
    if model is not None and model_name(model) != project.model:
        base = replace(base, steps=own.steps, strength=own.strength, compositor=own.compositor)
    settings = replace(base, **changes)
    settings.check_widths(engine.profile)
    folder = check_folder(find_model(name), name)
    if not settings.plain:
        check_compositor(folder, settings.compositor)
    facts = engine.profile, engine.model_hash, seed
    world = world_of(project, *facts, compositor_hash=compositor_hash(folder))
    return _opened(project, world, settings), engine


def open_for_reading(folder: Path, *, next_run: bool = False) -> OpenRun:
    """Open a project to look at its tiles; neither torch nor the weights are loaded.

    Args:
        folder: the project folder.
        next_run: take the model's own profile and hash where the model is on this machine, as the
            next run will; else those of the last run are taken where there was one.

    Raises:
        InputError: the project is not valid, or was never rendered and its model is not there.
    """
    project = Project.open(folder)
    profile, model_hash, compositor = _model_of(project, next_run=next_run)
    world = world_of(project, profile, model_hash, compositor_hash=compositor)
    return _opened(project, world, _kept_settings(project, profile))


def keep_settings(run: OpenRun, model: str | None) -> World:
    """Save a whole run's settings, seed and model, so that later commands use them.

    Returns:
        The map with that seed and model, by which finished tiles are judged.
    """
    facts = {_RUN: run.settings.to_json(), **_model_facts(run.world)}
    _keep(run.project, {**run.project.settings, **facts}, run.world.seed, model)
    return run.world


def settle_chosen(run: OpenRun, model: str | None) -> World:
    """Before chosen tiles are painted: see that their windows fit the project's others.

    A project that was never rendered takes the run's model and layout as its own, so that later
    commands know where its windows stand.

    Returns:
        The map with the project's own seed and model, by which its finished tiles are judged.

    Raises:
        InputError: the layout or the model has other windows than the last whole run.
    """
    project, kept = run.project, run.project.settings
    if _PROFILE not in kept:
        settings = replace(default_settings(run.world.profile), layout=run.settings.layout)
        facts = {_RUN: settings.to_json(), **_model_facts(run.world)}
        _keep(project, {**kept, **facts}, project.seed, model)
    profile, model_hash, compositor = _kept_model(project)
    own = world_of(project, profile, model_hash, compositor_hash=compositor)
    grid = own.grid(_kept_settings(project, own.profile))
    if grid != run.grid:
        raise InputError(
            f"the windows of this run ({run.grid.window_px} px every {run.grid.stride_px} px) do "
            f"not fit the project's ({grid.window_px} px every {grid.stride_px} px); render the "
            "whole map with --all instead of --tiles"
        )
    return own


def default_settings(profile: ModelProfile) -> RunSettings:
    """The profile's own settings."""
    return RunSettings(
        steps=profile.steps, strength=profile.strength, compositor=profile.compositor
    )


def check_wrap(size: tuple[int, int], wrap: str, model: str) -> None:
    """Refuse a wrapped map on which the model's windows do not meet across the rim.

    A model that is not on this machine is not asked; its first run will.

    Raises:
        InputError: a wrapped side is no multiple of the stride; it names the nearest that is.
    """
    try:
        profile = find_profile(check_folder(find_model(model), model))
    except InputError:
        return
    profile.grid(size, wrap=wrap)


def model_name(given: str) -> str:
    """A model's name as a project keeps it: a local folder by its whole path."""
    folder = os.path.expanduser(given)  # noqa: PTH111 - leaves an unknown home as it is
    is_folder = given != BUNDLED and os.path.isdir(folder)  # noqa: PTH112 - never raises
    return str(Path(folder).resolve()) if is_folder else given


def _keep(project: Project, settings: Mapping[str, Any], seed: int, model: str | None) -> None:
    name = project.model if model is None else model_name(model)
    if (settings, seed, name) != (dict(project.settings), project.seed, project.model):
        project.configure(settings=settings, seed=seed, model=name)
        project.save()


def _model_facts(world: World) -> dict[str, Any]:
    return {
        _PROFILE: world.profile.model_dump(mode="json"),
        _HASH: world.model_hash,
        _COMPOSITOR: world.compositor_hash,
    }


def _opened(project: Project, world: World, settings: RunSettings) -> OpenRun:
    settings.compile_settings(world.profile, world.map_prompt)  # refuses values out of range
    if not 0.0 < settings.strength <= 1.0:
        raise InputError(f"The strength is {settings.strength}; use a number above 0, at most 1.")
    grid = world.grid(settings)
    return OpenRun(project, ProjectTileStore(project), world, settings, grid)


def _kept_settings(project: Project, profile: ModelProfile) -> RunSettings:
    """The settings of the last whole run, else the profile's own."""
    saved = project.settings.get(_RUN)
    return default_settings(profile) if saved is None else RunSettings.from_json(saved)


def _kept_model(project: Project) -> tuple[ModelProfile, str, str]:
    """Profile and hash of the last run's model, and the hash of its compositor."""
    document = json.dumps(project.settings[_PROFILE])
    profile = profile_from_json(document, "the profile kept in the project")
    kept = project.settings
    return profile, str(kept.get(_HASH, "")), str(kept.get(_COMPOSITOR, ""))


def _model_of(project: Project, *, next_run: bool) -> tuple[ModelProfile, str, str]:
    """Profile and hashes of the project's model, as it is now or as the last run had it."""
    rendered, name = _PROFILE in project.settings, project.model or BUNDLED
    if next_run or not rendered:
        try:
            folder = check_folder(find_model(name), name)
            return find_profile(folder), folder_hash(folder), compositor_hash(folder)
        except InputError:
            if not rendered:
                raise
    return _kept_model(project)
