"""The window's event loop while a map of 100 x 100 finished tiles is read, judged and changed.

Longest and 99th-percentile time that one turn of the event loop takes, in ms, and how long the
background work takes in all. Pictures are tiny; facts, files and windows are as in a real map.
Takes a minute and a half to two and a half on two busy cores, mostly to make the map;
`make bench` leaves it out: `python -m tests.bench.bench_workspace` runs it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QCoreApplication

from app.core.map_model import model_of, settings_of
from app.workspace.workspace import Workspace
from painter import tiles
from painter.project import Project
from tests.support.records import finished_record
from zones.geometry import Rect
from zones.palette import default_palette

SIDE, STRIDE_PX = 100, 192


def make_project(folder: Path) -> None:
    """A painted map with a finished tile in every window."""
    side_px = SIDE * STRIDE_PX
    project = Project.create(folder, (side_px, side_px), default_palette(), model="klein-mini")
    project.set_zones(Rect(0, 0, side_px, side_px), np.ones((side_px, side_px), np.uint8))
    project.save()
    model = model_of(project).hashed()
    chosen = settings_of(project, model.profile)
    world = model.world(project)
    grid = world.grid(chosen)
    raw, entries = np.full((8, 8, 3), 128, np.uint8), {}
    for sequence, tile in enumerate(grid.tiles()):
        record = finished_record(world, tile, chosen, sequence)
        key = (tile.row, tile.col)
        entries[key] = tiles.write_tile(project.store, tile, raw, record.to_json(), None)
    project.restore_tiles(entries)


def turns(until: Callable[[], object], what: str) -> None:
    """Run the event loop until something is true, and print how long its turns took."""
    took_ms, began = [], time.perf_counter()
    while not until():
        start = time.perf_counter()
        QCoreApplication.processEvents()
        took_ms.append((time.perf_counter() - start) * 1000)
        time.sleep(0.001)
    p99, longest = np.percentile(took_ms, 99), max(took_ms)
    total_s = time.perf_counter() - began
    print(f"{what:<44}{p99:>8.1f}{longest:>9.1f}{total_s:>9.2f}")


def main() -> None:
    """Make the map, then measure opening, edits and another prompt."""
    _app = QCoreApplication([])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "map"
        make_project(folder)
        print(f"{'turns of the event loop':<44}{'p99 ms':>8}{'max ms':>9}{'all s':>9}")
        workspace = Workspace()
        desk = workspace._desk
        workspace.open(folder)
        turns(lambda: workspace.document, "open")
        turns(lambda: desk.is_judged, f"read and judge {SIDE * SIDE} tiles")
        document = workspace.document
        assert document is not None
        assert not desk.states.stale
        with document.edit("Paint") as edit:
            edit.zones.fill(Rect(1000, 1000, 64, 64), 2)
        turns(lambda: desk.is_judged, "paint 64 x 64 px")
        assert len(desk.states.stale) == 1
        with document.edit("Paint") as edit:
            edit.zones.fill(Rect(0, 0, 4000, 4000), 2)
        turns(lambda: desk.is_judged, "paint 4000 x 4000 px")
        document.configure("Prompt", map_prompt="a winter map")
        turns(lambda: desk.is_judged, "another prompt")
        workspace.shutdown()


if __name__ == "__main__":
    main()
