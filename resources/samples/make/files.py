"""The three files of a sample world: world.json, zones.png and strokes.json."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import resources
from resources.samples.make.shapes import HEIGHT_PX, U8, WIDTH_PX, Knot, curve

_STEP_PX = 12.0


@dataclass(frozen=True)
class Line:
    """A stroke as its maker gives it: a stencil kind and a few (x, y, width) knots in px."""

    kind: str
    knots: tuple[Knot, ...]


@dataclass(frozen=True)
class SampleWorld:
    """A sample world before it is written.

    Attributes:
        name: folder name.
        title: name for people.
        map_prompt: what the whole map is painted like.
        seed: map seed of the first render.
        credits: who and what the data come from.
        zones: uint8 (HEIGHT_PX, WIDTH_PX) zone ids 1 to 8.
        lines: strokes in paint order.
    """

    name: str
    title: str
    map_prompt: str
    seed: int
    credits: str
    zones: U8
    lines: tuple[Line, ...]


def file_contents(world: SampleWorld) -> dict[str, bytes]:
    """Return the bytes of every file of a sample world by file name."""
    about = {
        "title": world.title,
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "map_prompt": world.map_prompt,
        "seed": world.seed,
        "credits": world.credits,
    }
    return {
        "world.json": (json.dumps(about, indent=2, ensure_ascii=False) + "\n").encode(),
        "zones.png": _zone_png(world.zones),
        "strokes.json": _strokes_json(world.lines),
    }


def write_world(world: SampleWorld, samples: Path) -> None:
    """Write a sample world into its folder under `samples`."""
    folder = samples / world.name
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in file_contents(world).items():
        (folder / name).write_bytes(content)


def _zone_png(zones: U8) -> bytes:
    indexed = Image.frombytes("P", (WIDTH_PX, HEIGHT_PX), np.ascontiguousarray(zones).tobytes())
    indexed.putpalette(_colours())
    buffer = io.BytesIO()
    indexed.save(buffer, "PNG", optimize=True, bits=8)
    return buffer.getvalue()


def _colours() -> bytes:
    """Return RGB of zone ids 0 to 8 from the default palette, for any viewer to show."""
    palette = json.loads(resources.path("palettes/default.json").read_text())
    colours = np.zeros((9, 3), np.uint8)
    for zone in palette["zones"]:
        colours[zone["id"]] = zone["rgb"]
    return colours.tobytes()


def _strokes_json(lines: Iterable[Line]) -> bytes:
    strokes = [{"kind": line.kind, "points": _points(line), "mu": 0.35} for line in lines]
    rows = ",\n".join("  " + json.dumps(stroke) for stroke in strokes)
    return f'{{"strokes": [\n{rows}\n]}}\n'.encode()


def _points(line: Line) -> list[list[float]]:
    """Sample a line's curve; a line that leaves the map ends on its rim."""
    points = curve(line.knots, _STEP_PX)
    size = np.array([WIDTH_PX, HEIGHT_PX])
    inside = ((points[:, :2] >= 0) & (points[:, :2] <= size)).all(axis=1)
    beside = np.convolve(inside, [1, 1, 1], mode="same") > 0
    points = points[beside]
    points[:, :2] = np.clip(points[:, :2], 0, size)
    rounded: list[list[float]] = np.round(points, 1).tolist()
    return rounded
