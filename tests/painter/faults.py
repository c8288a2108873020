"""Kill a painting process at random moments: `python -m tests.painter.faults --kills 200`.

The child paints, saves, autosaves and keeps finished tiles, superseded results and candidates, and
says so after each. After every kill the project must be whole: each stroke that was saved,
autosaved or committed more than 2 s before is there, and each finished tile and each result that
was acknowledged is there bit for bit.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from painter.autosaver import Autosaver
from painter.brush import Brush, PenPoint
from painter.document import Document
from painter.editing import ZoneInk
from painter.project import Project
from tests.painter.builders import PALETTE, raw
from zones.geometry import Rect
from zones.grid import TileCoord

SIDE_PX = 1536
CELL_PX = 12
PER_ROW = SIDE_PX // CELL_PX
SLOTS = PER_ROW * PER_ROW
ROUND = 20
"""Kills on one project."""

LIMIT_S = 2.0
"""A stroke that was committed this long before the kill must be there."""

ROOT = Path(__file__).parents[2]


def slot(number: int) -> tuple[float, float, int]:
    """Where stroke `number` (from 1) is painted, and the zone it paints."""
    row, column = divmod((number * 7919) % SLOTS, PER_ROW)
    zone = 1 + (number + number // SLOTS) % 8
    return (column + 0.5) * CELL_PX, (row + 0.5) * CELL_PX, zone


def paint(document: Document, number: int) -> None:
    """One stroke of two points."""
    x, y, zone = slot(number)
    stroke = document.brush_stroke("Brush", ZoneInk(zone), Brush(CELL_PX - 2))
    stroke.extend(PenPoint(x - 1, y))
    stroke.extend(PenPoint(x + 1, y))
    if not stroke.commit():
        raise AssertionError(f"stroke {number} changed nothing")


def child(folder: Path, first: int, seed: int) -> None:
    """Paint until killed, saying what is done."""
    rng, document = random.Random(seed), Document.open(folder)
    autosaver, at_revision = Autosaver(document), {}
    run = document.begin_run("Render")
    print("ready", flush=True)
    for number in range(first, first + 10**6):
        paint(document, number)
        at_revision[document.revision] = number
        print("stroke", number, time.monotonic(), flush=True)
        if autosaver.poll():
            done = [n for revision, n in at_revision.items() if revision <= autosaver.written]
            print("kept", max(done, default=0), flush=True)
        chance = rng.random()
        if chance < 0.01:
            document.save()
            autosaver.saved()
            print("kept", number, flush=True)
        elif chance < 0.1:
            tile = TileCoord(rng.randrange(6), rng.randrange(6))
            stamp = time.monotonic_ns()  # grows from child to child, unlike stroke numbers
            run.put_tile(tile, raw(stamp), {"stamp": stamp})
            print("tile", tile.row, tile.col, stamp, flush=True)
        elif chance < 0.16:
            tile = TileCoord(rng.randrange(6), rng.randrange(6))
            stamp = time.monotonic_ns()
            if chance < 0.13:
                run.put_tile(tile, raw(stamp), {"stamp": stamp}, current=False)
            else:
                run.put_candidate(tile, raw(stamp), {"stamp": stamp})
            print("result", tile.row, tile.col, stamp, flush=True)
        elif chance < 0.17:
            tile, stamp = TileCoord(7, 7), time.monotonic_ns()
            run.put_candidate(tile, raw(stamp), {"stamp": stamp})
            document.put_back(tile, document.results(tile)[0].id)
            print("tile", tile.row, tile.col, stamp, flush=True)
        elif chance < 0.2:
            document.undo()
            document.redo()
            at_revision[document.revision] = number
        time.sleep(0.01 * rng.random())


@dataclass
class Tally:
    """What must be there, and what was counted."""

    strokes: int = 0
    tiles: dict[TileCoord, int] = field(default_factory=dict)
    results: set[tuple[TileCoord, int]] = field(default_factory=set)
    kills: int = 0
    old_strokes: int = 0
    kept_strokes: int = 0
    tile_checks: int = 0
    result_checks: int = 0
    lost_young: int = 0
    recovered: int = 0


def one_kill(folder: Path, tally: Tally, seed: int, longest_s: float) -> None:
    """Start a child, kill it, and check what it left."""
    first = tally.strokes + 1
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.painter.faults", str(folder), str(first), str(seed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    ready = process.stdout.readline()
    if ready != "ready\n":
        raise AssertionError(f"the child did not start: {ready}")
    time.sleep(random.Random(seed).uniform(0.0, longest_s))
    killed_s = time.monotonic()
    process.send_signal(signal.SIGKILL)
    lines = process.stdout.read().split("\n")[:-1]
    process.stdout.close()
    process.wait()
    kept, committed, old = tally.strokes, tally.strokes, tally.strokes
    before, tiles = dict(tally.tiles), dict(tally.tiles)
    for line in lines:
        word, *rest = line.split()
        if word == "stroke":
            committed = int(rest[0])
            if float(rest[1]) < killed_s - LIMIT_S:
                old = committed
        elif word == "kept":
            kept = max(kept, int(rest[0]))
        elif word in {"tile", "result"}:
            tile, stamp = TileCoord(int(rest[0]), int(rest[1])), int(rest[2])
            tally.results.add((tile, stamp))
            if word == "tile":
                tiles[tile] = stamp
    tally.kills += 1
    tally.old_strokes += old - tally.strokes
    tally.kept_strokes += kept - tally.strokes
    check(folder, tally, max(kept, old), committed, f"{kept} were acknowledged, {old} older")
    check_tiles(folder, tally, tiles, before)
    check_results(folder, tally)


def check(folder: Path, tally: Tally, sure: int, committed: int, sure_by: str) -> None:
    """Every stroke up to `sure` is there, later ones in order or not at all; then save."""
    document = Document.open(folder)
    if document.read_only or document.notice:
        raise AssertionError(f"held by {document.holder}, {document.notice}")
    recovery = document.recovery
    if recovery is not None:
        if recovery.damage:
            raise AssertionError(recovery.damage)
        document.recover()
        tally.recovered += 1
    zones = document.snapshot().read_zones(Rect(0, 0, SIDE_PX, SIDE_PX))
    there = painted_in(zones, sure, committed + 1)
    if there < sure:
        raise AssertionError(
            f"stroke {there + 1} of {sure} is lost after kill {tally.kills}; "
            f"{sure_by}, {committed} were committed"
        )
    tally.lost_young += committed - min(there, committed)
    back = 0
    while back < 3 and document.undo() is not None:
        back += 1
    for _ in range(back):
        document.redo()
    if not np.array_equal(document.snapshot().read_zones(Rect(0, 0, SIDE_PX, SIDE_PX)), zones):
        raise AssertionError("undo and redo do not lead back")
    document.save()
    document.close()
    tally.strokes = there


def painted_in(zones: np.ndarray, sure: int, most: int) -> int:
    """How many strokes are there, each of the newest round checked by its own place."""
    newest: dict[int, int] = {}
    for number in range(max(1, most - SLOTS + 1), most + 1):
        newest[(number * 7919) % SLOTS] = number
    for number in sorted(newest.values()):
        x, y, zone = slot(number)
        if zones[int(y), int(x)] != zone:
            return number - 1
    return most


def check_tiles(
    folder: Path, tally: Tally, tiles: dict[TileCoord, int], before: dict[TileCoord, int]
) -> None:
    """Every acknowledged tile is there bit for bit, or one that was made later."""
    project = Project.open(folder)
    records = project.tile_records()
    for tile, stamp in tiles.items():
        found = records[tile]["stamp"]
        if found < stamp or not np.array_equal(project.read_raw(tile), raw(found)):
            raise AssertionError(f"tile {tile} of time {stamp} is lost; found {found}")
        tally.tile_checks += 1
    tally.tiles = {tile: facts["stamp"] for tile, facts in records.items()}
    if not before.keys() <= tally.tiles.keys():
        raise AssertionError("a tile of an earlier round is gone")


def check_results(folder: Path, tally: Tally) -> None:
    """Every acknowledged result of any kind is in the run history, bit for bit."""
    project = Project.open(folder)
    for place in {tile for tile, _ in tally.results}:
        found = {result.facts["stamp"]: result for result in project.results(place)}
        for stamp in (stamp for tile, stamp in tally.results if tile == place):
            if stamp not in found or not np.array_equal(found[stamp].raw(), raw(stamp)):
                raise AssertionError(f"a result of tile {place} of time {stamp} is lost")
            tally.result_checks += 1


def run_kills(folder: Path, kills: int, longest_s: float, seed: int = 0) -> Tally:
    """Kill a child again and again, on a new project after every `ROUND` kills."""
    tally, painted = Tally(), 0
    for number in range(kills):
        place = folder.with_name(f"{folder.name}{number // ROUND}")
        if number % ROUND == 0:
            Project.create(place, (SIDE_PX, SIDE_PX), PALETTE)
            painted += tally.strokes
            tally.strokes, tally.tiles, tally.results = 0, {}, set()
        one_kill(place, tally, seed + number, longest_s)
    tally.strokes += painted
    return tally


def main() -> None:
    """Run the test of record, or be the child."""
    if len(sys.argv) == 4 and sys.argv[1] != "--kills":
        child(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--longest", type=float, default=2.8, help="s from start to kill")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as root:
        tally = run_kills(Path(root) / "map", options.kills, options.longest, options.seed)
    print(
        f"{tally.kills} kills: every project whole; {tally.strokes} strokes painted, "
        f"{tally.kept_strokes} of them acknowledged as saved or autosaved and {tally.old_strokes} "
        f"committed more than {LIMIT_S:g} s before a kill, all there; {tally.lost_young} younger "
        f"ones lost; {tally.tile_checks} checks of acknowledged tiles and {tally.result_checks} of "
        f"acknowledged results, superseded ones and candidates included, all bit for bit; "
        f"{tally.recovered} recoveries"
    )


if __name__ == "__main__":
    main()
