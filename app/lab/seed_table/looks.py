"""Whether a map looks like its rendered truth: fine detail, colours, and features of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from app.lab.seed_table.maps import PaintedMap
from app.lab.seed_table.worlds import LabWorld, truth_of
from generation.engine.figures.detail import detail_shares, inner_terrain
from generation.plan.colour import lab_of
from generation.worlds import Layout
from zones.canvas import draw_stencils, flat_canvas
from zones.errors import WorkError
from zones.geometry import Rect
from zones.palette import default_palette
from zones.strokes import stroke_coverage

if TYPE_CHECKING:
    from generation.engine.figures.features import FeatureNet, Features

_U8 = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]

_COVERED = 0.5
_BANK_PX = 3
"""Pixels of a stencil nearer to its banks are not its core."""

_LEAST_PX = 400
"""A zone or stencil with fewer pixels has no mean colour worth comparing."""


@dataclass(frozen=True, eq=False)
class Places:
    """Which pixels of a world are what.

    Attributes:
        zones: uint8 (h, w) ids.
        stencils: bool (h, w), where a stencil lies.
        terrain: bool (h, w), open terrain away from borders and stencils.
        cores: the pixels well inside each stencil kind, bool (h, w).
    """

    zones: _U8
    stencils: _Mask
    terrain: _Mask
    cores: Mapping[str, _Mask]


@lru_cache(maxsize=16)
def places_of(world: LabWorld) -> Places:
    """Tell the pixels of a world apart."""
    rect = Rect(0, 0, world.zones.shape[1], world.zones.shape[0])
    by_kind: dict[str, _Mask] = {}
    for stroke in world.strokes:
        covered = stroke_coverage(stroke, rect) >= _COVERED
        by_kind[stroke.kind] = by_kind.get(stroke.kind, np.zeros(rect.shape, np.bool_)) | covered
    nothing = np.zeros(rect.shape, np.bool_)
    stencils = np.logical_or.reduce([nothing, *by_kind.values()])
    reach = np.ones((2 * _BANK_PX + 1,) * 2, np.uint8)
    cores = {}
    for kind, mask in by_kind.items():
        others = np.logical_or.reduce([nothing, *(by_kind[k] for k in by_kind if k != kind)])
        core = cv2.erode((mask & ~others).astype(np.uint8), reach) > 0
        if int(core.sum()) >= _LEAST_PX:
            cores[kind] = core
    return Places(world.zones, stencils, inner_terrain(world.zones, stencils), cores)


def measure_detail(world: LabWorld, picture: _U8) -> dict[str, Any]:
    """Energy of fine detail relative to the truth.

    Returns:
        `detail` over all open terrain, `detail_zones` by zone, `detail_stencils` well inside
        stencils; 1.0 is as the truth. None where nothing of that is on the map.
    """
    places = places_of(world)
    shares = _detail(world, picture, places.terrain)
    inner = np.logical_or.reduce([np.zeros(world.zones.shape, np.bool_), *places.cores.values()])
    inside = _detail(world, picture, inner).get("all")
    overall = shares.pop("all", None)
    return {"detail": overall, "detail_zones": shares, "detail_stencils": inside}


def measure_blends(world: LabWorld, painted: PaintedMap, picture: _U8) -> float | None:
    """Fine detail of open terrain where two windows are blended, over that where one shows alone.

    Each is taken relative to the truth first. Two windows that disagree blur each other: half and
    half of two unrelated textures keeps half of the energy.
    """
    alone, terrain = painted.stitch.owners(painted.grid.map_rect).alone, places_of(world).terrain
    shares = [_detail(world, picture, terrain & where).get("all") for where in (~alone, alone)]
    blended, single = shares
    return blended / single if blended is not None and single else None


def _detail(world: LabWorld, picture: _U8, where: _Mask) -> dict[str, float]:
    if not where.any():
        return {}
    return detail_shares([(picture, truth_of(world), world.zones, where)])


def measure_colours(world: LabWorld, painted: PaintedMap, picture: _U8) -> dict[str, Any]:
    """Shifts of mean colours, Euclidean in Lab.

    Returns:
        `colour`: mean over zones of the shift between map and truth; `colour_stencils`: the same
        for the cores of stencils; `first_to_last`: mean over zones of the shift between the first
        and the last painted window, None where they share no zone.
    """
    places, truth = places_of(world), lab_of(truth_of(world))
    ours = lab_of(picture)
    zones = [places.terrain & (world.zones == zone) for zone in np.unique(world.zones)]
    return {
        "colour": _shift(ours, truth, zones),
        "colour_stencils": _shift(ours, truth, list(places.cores.values())),
        "first_to_last": _first_to_last(world, painted),
    }


def _shift(ours: Any, truth: Any, masks: list[_Mask]) -> float | None:
    found = [
        float(np.linalg.norm(ours[mask].mean(axis=0) - truth[mask].mean(axis=0)))
        for mask in masks
        if int(mask.sum()) >= _LEAST_PX
    ]
    return sum(found) / len(found) if found else None


def _first_to_last(world: LabWorld, painted: PaintedMap) -> float | None:
    whole, terrain = painted.grid.map_rect, places_of(world).terrain
    means: list[dict[int, Any]] = []
    for record in (painted.records[0], painted.records[-1]):
        area = record.window.intersect(whole)
        lab = lab_of(painted.store.raw(record.tile)[area.slices_in(record.window)])
        here = area.slices_in(whole)
        masks = {
            int(zone): terrain[here] & (world.zones[here] == zone)
            for zone in np.unique(world.zones[here])
        }
        means.append(
            {z: lab[m].mean(axis=0) for z, m in masks.items() if int(m.sum()) >= _LEAST_PX}
        )
    first, last = means
    found = [float(np.linalg.norm(first[zone] - last[zone])) for zone in first.keys() & last.keys()]
    return sum(found) / len(found) if found else None


def measure_features(world: LabWorld, picture: _U8) -> float | None:
    """Kernel distance of a map's crops to its truth's, as a share of the flat canvas's.

    Returns:
        0 as the truth, 1 as flat colours; it may be below 0 by chance. None where the package
        with the network's weights is not installed, or the map is too small for several crops.
    """
    from generation.engine.figures.features import (  # noqa: PLC0415 - loads torch
        CROP_PX,
        crops_of,
        features_of,
        kernel_distance,
    )

    if min(picture.shape[:2]) < 2 * CROP_PX:
        return None
    try:
        net = _net()
    except WorkError:
        return None
    truth, flat = _known_features(world)
    ours = features_of(net, crops_of([picture])).last
    return kernel_distance(ours, truth.last) / kernel_distance(flat.last, truth.last)


@lru_cache(maxsize=1)
def _net() -> FeatureNet:
    from generation.engine.figures.features import load_feature_net  # noqa: PLC0415 - torch

    return load_feature_net()


@lru_cache(maxsize=16)
def _known_features(world: LabWorld) -> tuple[Features, Features]:
    """Features of the truth and of the flat canvas."""
    from generation.engine.figures.features import crops_of, features_of  # noqa: PLC0415 - torch

    net, layout = _net(), Layout(world.zones, world.strokes)
    rect = Rect(0, 0, layout.zones.shape[1], layout.zones.shape[0])
    palette = default_palette()
    canvas = draw_stencils(flat_canvas(layout.zones, palette), layout.strokes, rect, palette)
    truth, flat = (features_of(net, crops_of([each])) for each in (truth_of(world), canvas))
    return truth, flat
