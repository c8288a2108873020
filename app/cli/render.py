"""`tilewright render`: paint the stale tiles of a project, all of them, or chosen ones."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import click
from tqdm import tqdm

from app.cli.options import TILE, print_json
from app.core.claimed_document import claimed_document
from app.core.project_tiles import DocumentTileStore, world_of
from app.core.run_setup import OpenRun, keep_settings, open_for_render, settle_chosen
from generation.plan.order import Order
from generation.run.jobs import Repairing
from generation.run.records import TileRecord
from generation.run.render import Renderer, RunEvent, StepDone, TileDone
from generation.run.repair import RepairReport
from generation.run.world import World
from painter.document import Document
from zones.errors import InputError, TilewrightError
from zones.geometry import LATTICE_PX
from zones.grid import TileCoord

KEEP_UNDO_EVERY_S = 20.0
"""Finished tiles are durable at once; the undo step of them all is written this often."""


@click.command()
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--tiles", type=TILE, multiple=True, help="Only this tile; may be repeated.")
@click.argument("more_tiles", nargs=-1, type=TILE)
@click.option("--stale", is_flag=True, help="Tiles whose inputs changed or that are missing.")
@click.option("--all", "everything", is_flag=True, help="Every tile, finished or not.")
@click.option("--model", metavar="ID", help="Model name, folder or hub id.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--steps", type=click.IntRange(1, 255), help="Length of the schedule.")
@click.option(
    "--order",
    type=click.Choice(["spiral", "rows", "anchors-first"]),
    default="spiral",
    show_default=True,
)
@click.option("--start", type=TILE, help="First tile; default: the most constrained.")
@click.option("--layout", type=click.Choice(["anchored", "overlap"]))
@click.option("--gate", type=click.Choice(["index", "sigma"]))
@click.option("--mu-feature", type=click.FloatRange(0, 1), help="mu of every stencil.")
@click.option("--mu-soft", type=click.FloatRange(0, 1), help="mu of the soft band.")
@click.option("--soft-shape", type=click.Choice(["flat", "rising"]), help="mu across that band.")
@click.option(
    "--soft-px",
    type=click.IntRange(min=LATTICE_PX),
    help="Width of that band in whole cells of 8 px, at most half of the overlap.",
)
@click.option("--stencil-opacity", type=click.FloatRange(0, 1))
@click.option("--carve-out/--no-carve-out", default=None, help="Free stencils inside anchors.")
@click.option(
    "--band-source",
    type=click.Choice(["neighbour", "stencil"]),
    help="What stencils start from beside finished tiles.",
)
@click.option("--strength", type=click.FloatRange(0, 1, min_open=True))
@click.option("--noise", type=click.Choice(["map", "tile"]))
@click.option("--plain/--no-plain", default=None, help="Binary mask, no change map.")
@click.option("--reference/--no-reference", default=None, help="Seed canvas as reference tokens.")
@click.option(
    "--compositor",
    type=click.Choice(["linear", "decformer", "exact"]),
    help="How protected pixels and painted ones are joined at each step.",
)
@click.option("--candidates", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option(
    "--repair",
    type=click.IntRange(0, 64),
    default=0,
    show_default=True,
    help="Then repaint tiles with bad seams or lost strokes, each at most so often.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Another seed of the noise.")
@click.option("--defaults", is_flag=True, help="Forget the project's last settings.")
@click.option(
    "--recover/--no-recover", default=None, help="Take or drop unsaved work of an earlier session."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def render(
    project: Path,
    tiles: tuple[TileCoord, ...],
    more_tiles: tuple[TileCoord, ...],
    stale: bool,
    everything: bool,
    model: str | None,
    device: str,
    order: Order,
    start: TileCoord | None,
    candidates: int,
    repair: int,
    seed: int | None,
    defaults: bool,
    recover: bool | None,
    as_json: bool,
    **choices: Any,
) -> None:
    """Paint the tiles of PROJECT that are stale or missing.

    Settings, seed and model are remembered in the project, except those given with --tiles.
    """
    if more_tiles and not tiles:
        raise InputError(f"tiles are named after --tiles, as in --tiles {more_tiles[0]}")
    chosen = tiles + more_tiles
    _check_selection(chosen, stale=stale, everything=everything)
    changes = {name: value for name, value in choices.items() if value is not None}
    with claimed_document(project, recover=recover) as document:
        run, engine = open_for_render(
            document.project, device, changes, model=model, seed=seed, defaults=defaults
        )
        ranked = run.ranked(order, start)
        selected = _selected(run, ranked, chosen, everything=everything)
        judge = settle_chosen(run, model) if chosen else keep_settings(run, model)
        renderer = Renderer(
            run.world,
            engine,
            _store(document, run),
            run.settings,
            candidates=candidates,
            deliberate=bool(chosen),
            judge=judge,
        )
        started = time.perf_counter()
        done = _painted(renderer, selected, document)
        elapsed_s = time.perf_counter() - started
        where = chosen or run.grid.tiles()
        mended = _repaired(renderer, document, repair, where) if repair else None
        _report(run, done, elapsed_s, mended, as_json=as_json)


def _store(document: Document, run: OpenRun) -> DocumentTileStore:
    """Keeps what is painted as one undo step; a tile lands only if the map is still as it was."""
    world = run.world
    facts = world.profile, world.model_hash, world.seed

    def now() -> World:
        return world_of(document.project, *facts, compositor_hash=world.compositor_hash)

    return DocumentTileStore(document, document.begin_run("Render"), now)


def _painted(renderer: Renderer, selected: list[TileCoord], document: Document) -> list[TileRecord]:
    """Paint tiles and keep the run's undo step, also where the run ends early or is killed."""
    done: list[TileRecord] = []
    kept_s = time.monotonic()
    with _progress(len(selected)) as (bar, cancel), _saving(document, done):
        renderer = replace(renderer, on_event=bar, is_cancelled=cancel.is_set)
        for record in renderer.render(selected):
            done.append(record)
            if time.monotonic() - kept_s > KEEP_UNDO_EVERY_S:
                document.autosave(document.capture())
                kept_s = time.monotonic()
    return done


def _repaired(
    renderer: Renderer, document: Document, attempts: int, tiles: Collection[TileCoord]
) -> RepairReport:
    """Repair finished tiles where they need it; what was repaired stays if it ends early."""
    landed: list[TileRecord] = []
    with _progress(0) as (bar, cancel), _saving(document, landed):

        def on_event(event: RunEvent) -> None:
            bar(event)
            if isinstance(event, TileDone) and event.landed:
                landed.append(event.record)
                document.autosave(document.capture())

        repairer = replace(renderer, on_event=on_event, is_cancelled=cancel.is_set)
        return repairer.repair(tiles, Repairing(attempts))


@contextmanager
def _saving(document: Document, done: list[TileRecord]) -> Iterator[None]:
    """Save the map in the end if tiles were done; where the work fails, that is what is told."""
    try:
        yield
    except BaseException:
        with suppress(TilewrightError):
            _save(document, done)
        raise
    _save(document, done)


def _save(document: Document, done: list[TileRecord]) -> None:
    if done:
        document.save()


def _check_selection(chosen: tuple[TileCoord, ...], *, stale: bool, everything: bool) -> None:
    if sum((bool(chosen), stale, everything)) > 1:
        raise InputError("give one of --tiles, --stale and --all, not several")


def _selected(
    run: OpenRun,
    ranked: tuple[TileCoord, ...],
    chosen: tuple[TileCoord, ...],
    *,
    everything: bool,
) -> list[TileCoord]:
    for tile in chosen:
        run.grid.check(tile)
    if everything:
        return list(ranked)
    if chosen:
        return [tile for tile in ranked if tile in chosen]
    stale = set(run.world.stale_tiles(run.grid, run.store, run.settings))
    return [tile for tile in ranked if tile in stale]


class _Bar:
    """Shows run events as a bar on stderr, if stderr is a terminal."""

    def __init__(self, total: int) -> None:
        hidden = not sys.stderr.isatty()
        self.bar = tqdm(total=total, unit="tile", disable=hidden, file=sys.stderr)

    def __call__(self, event: RunEvent) -> None:
        if isinstance(event, StepDone):
            self.bar.set_postfix_str(f"tile {event.tile} step {event.step}/{event.steps}")
        else:
            self.bar.update(1)


@contextmanager
def _progress(total: int) -> Iterator[tuple[_Bar, threading.Event]]:
    """A progress bar, and an event that the first Ctrl-C sets; the second stops at once."""
    cancel = threading.Event()
    bar = _Bar(total)

    def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        cancel.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield bar, cancel
    finally:
        signal.signal(signal.SIGINT, before)
        bar.bar.close()


def _report(
    run: OpenRun,
    done: list[TileRecord],
    elapsed_s: float,
    repair: RepairReport | None,
    *,
    as_json: bool,
) -> None:
    if as_json:
        document = {
            "project": str(run.project.folder),
            "rows": run.grid.rows,
            "cols": run.grid.cols,
            "tiles": [record.to_json() for record in done],
            "elapsed_s": round(elapsed_s, 3),
        }
        print_json(document if repair is None else {**document, "repair": repair.to_json()})
        return
    if not done:
        click.echo("nothing to do: every tile is fresh")
    else:
        each = f"{elapsed_s / len(done):.2f} s each"
        click.echo(f"painted {_count(len(done), 'tile')} in {elapsed_s:.1f} s ({each})")
    if repair is not None:
        for line in _repair_lines(repair):
            click.echo(line)


def _repair_lines(repair: RepairReport) -> Iterator[str]:
    """What the repair did, and what is still wrong."""
    better = sum(repaired.is_better for _, repaired in repair.tiles)
    if not repair.tiles:
        yield "nothing to repair"
        return
    tried = f"{_count(repair.attempts, 'window')} for {_count(len(repair.tiles), 'tile')}"
    left = sum(len(place.reasons) for place in repair.left)
    rest = f"{_count(left, 'place')} still wrong" if left else "nothing is wrong any more"
    yield f"repair painted {tried}, {better} of them better now; {rest}"
    for place in repair.left:
        yield f"tile {place.tile}: {', '.join(place.reasons)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
