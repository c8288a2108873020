"""Fine detail is measured per zone, and only where open terrain is."""

import numpy as np
import pytest

from generation.engine.figures.detail import BORDER_PX, detail_shares, inner_terrain


def halves() -> np.ndarray:
    zones = np.ones((96, 128), np.uint8)
    zones[:, 64:] = 2
    return zones


def test_half_the_contrast_is_a_quarter_of_the_energy_in_its_zone_only() -> None:
    zones = halves()
    noise = np.random.default_rng(1).integers(-60, 60, (96, 128, 1)).repeat(3, axis=2)
    softer = np.where(zones[..., None] == 2, noise // 2, noise)
    truth, picture = ((128 + part).astype(np.uint8) for part in (noise, softer))
    where = inner_terrain(zones, np.zeros_like(zones, bool))
    shares = detail_shares([(picture, truth, zones, where)])
    assert shares["grass"] == pytest.approx(1.0, abs=0.05)
    assert shares["forest"] == pytest.approx(0.25, abs=0.05)
    assert set(shares) == {"all", "grass", "forest"}


def test_inner_terrain_keeps_away_from_borders_and_stencils() -> None:
    stencils = np.zeros((96, 128), bool)
    stencils[:10] = True
    inner = inner_terrain(halves(), stencils)
    columns, rows = np.flatnonzero(inner.any(axis=0)), np.flatnonzero(inner.any(axis=1))
    assert inner.any()
    assert not inner[:, 64 - BORDER_PX : 64 + BORDER_PX].any()
    assert set(columns) == {*range(64 - BORDER_PX), *range(64 + BORDER_PX, 128)}
    assert rows.min() == 10 + BORDER_PX - 1
