"""Settings that keep the model closer to what was drawn, for one tile painted again."""

from __future__ import annotations

from dataclasses import replace

from app.core.levels import Schedule
from generation.plan.settings import RunSettings
from generation.run.world import World
from zones.grid import TileCoord
from zones.inputs import window_mus

_LEAST_FREE = 1
"""Steps at which drawn strokes may change at least; held at all of them they look painted over."""


def closer(
    settings: RunSettings, before: RunSettings | None, world: World, tile: TileCoord
) -> RunSettings:
    """The settings with half as many steps at which strokes may change, one at least.

    Args:
        settings: of the map's next run.
        before: with which the tile was painted last; if that was closer already, its half.
        world: the painted map.
        tile: to be painted again.
    """
    schedule = Schedule.of(world.profile, settings.steps, settings.gate)
    compiled = settings.compile_settings(world.profile, world.map_prompt)
    mus = window_mus(world.reader, world.grid(settings), world.palette, tile, compiled)
    if before is not None and before.mu_feature is not None:
        mus = [min(before.mu_feature, mu) for mu in mus]
    free = max((schedule.level_of(mu).free for mu in mus), default=settings.steps)
    half = schedule.level(max(_LEAST_FREE, free // 2)).mu
    return replace(settings, mu_feature=min([half, *mus]))
