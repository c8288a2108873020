"""The open map's finished tiles: read, judged and stitched in the background, looked up at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.core.finished import FinishedTiles, around
from app.core.map_model import MapModel, kept_hashes
from app.core.problems import Problem, Problems, tile_key
from app.core.shelf import Shelf, ShelfNews
from app.core.tile_states import TileStates
from app.workspace.tasks import IDLE, Tasks, sentence_of
from generation.plan.settings import RunSettings
from generation.plan.stitch import Stitch
from generation.run.world import World
from painter.change import Change
from painter.document import Document
from painter.project import Project
from zones.compiler import CompiledWindow
from zones.grid import Grid, TileCoord


class TileDesk(QObject):
    """Keeps tile states and the stitched map up to date; GUI thread.

    Args:
        tasks: do the reading, judging and stitching.
        problems: are told of damaged tiles, and of a failure to look at them.
        parent: as of every QObject.

    Signals:
        tiles_changed: a frozenset of tiles whose state or picture changed.
        settled: everything that was pending is read and judged.
    """

    tiles_changed = Signal(object)
    settled = Signal()

    def __init__(self, tasks: Tasks, problems: Problems, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._problems = problems
        self._document: Document | None = None
        self._shelf: Shelf | None = None
        self._working = 0
        self.states = TileStates()
        self.model: MapModel | None = None
        self.grid: Grid | None = None
        self.stitch: Stitch | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing is pending."""
        return self._working == 0

    @property
    def is_judged(self) -> bool:
        """Whether all that is finished was judged by the model as it is on this machine."""
        return self.is_settled and self.model is not None and bool(self.model.model_hash)

    @property
    def project(self) -> Project | None:
        """The open map as it is painted now."""
        return None if self._document is None else self._document.project

    @property
    def world(self) -> World | None:
        """The map as it is painted now; frozen."""
        if self._document is None or self.model is None:
            return None
        return self.model.world(self._document.project)

    def start(self, document: Document, model: MapModel | None, grid: Grid | None) -> None:
        """Look through a document's tiles, in place of another one's."""
        self.stop()
        self._document, self.model, self.grid = document, model, grid
        self._shelf = Shelf(document.project.store, self._tasks.closing)
        files = document.project.content.tiles
        shelf = self._shelf
        self._feed(lambda: shelf.look(files))
        self.change_world(model, grid)

    def stop(self) -> None:
        """Forget the document."""
        self._document, self._shelf = None, None
        self.states, self.stitch = TileStates(), None
        self.model, self.grid = None, None
        self._working = 0

    def change_world(self, model: MapModel | None, grid: Grid | None) -> None:
        """Judge everything anew: another model, prompt, seed, palette or layout."""
        self.model, self.grid = model, grid
        shelf, world = self._shelf, self.world
        if shelf is not None and world is not None and grid is not None:
            self._feed(lambda: shelf.change_world(world, grid))

    def note(self, change: Change) -> None:
        """Read and judge anew what a change of the document touches."""
        shelf, document, world = self._shelf, self._document, self.world
        if shelf is None or document is None:
            return
        if change.tiles:
            files = document.project.content.tiles
            self._feed(lambda: shelf.look_at(change.tiles, files))
        if change.painted and world is not None:
            self._feed(lambda: shelf.touch(world, change.painted, change.protect))

    def compile_job(self, tile: TileCoord, settings: RunSettings) -> Callable[[], CompiledWindow]:
        """A function that compiles a tile as a run would use it now, on any thread.

        Raises:
            InputError: there is no such tile.
            RuntimeError: no map is open, or its model is not known.
        """
        world, grid, document, shelf = self.world, self.grid, self._document, self._shelf
        if world is None or grid is None or document is None or shelf is None:
            raise RuntimeError("there is no map whose tiles could be compiled")
        grid.check(tile)
        if not world.model_hash:  # not read yet: as the last run had it
            kept, compositor = kept_hashes(document.project)
            world = replace(world, model_hash=kept, compositor_hash=compositor)
        near = around(grid, tile, self.states.entries)
        store = FinishedTiles(document.project.store, shelf.pixels, near)

        def compile_it() -> CompiledWindow:
            from generation.run.painting import compile_now  # noqa: PLC0415 - slow import

            return compile_now(world, store, settings, tile)

        return compile_it

    def flag(self, tiles: Iterable[TileCoord]) -> None:
        """Mark the tiles with a visible seam, and no others."""
        before, self.states.flagged = self.states.flagged, frozenset(tiles)
        self._changed(before ^ self.states.flagged)

    def _feed(self, work: Callable[[], None]) -> None:
        """Tell the shelf something, then have it work until nothing is left."""
        self._tasks.submit(work, name="tiles")
        self._working += 1
        self._go_on()

    def _go_on(self) -> None:
        shelf = self._shelf
        if shelf is not None:
            self._tasks.submit(
                shelf.work,
                lambda news: self._on_news(shelf, news),
                failed=lambda error: self._on_failed(shelf, error),
                urgency=IDLE,
                name="tiles",
            )

    def _on_failed(self, shelf: Shelf, error: BaseException) -> None:
        """Tell of a failure and go on: what waits for the tiles must not wait for ever."""
        if shelf is self._shelf:
            self._problems.add(Problem("tiles", "error", sentence_of(error)))
            self._go_on_or_settle(more=False)

    def _on_news(self, shelf: Shelf, news: ShelfNews) -> None:
        if shelf is not self._shelf:
            return
        if news.failure is None:
            self._problems.clear("tiles")
        else:
            self._problems.add(Problem("tiles", "error", sentence_of(news.failure)))
        self.stitch = news.stitch
        self.states.take(news)
        for tile in news.entries:
            key = tile_key(tile)
            if tile in news.faults:
                self._problems.add(Problem(f"{key}:file", "warning", news.faults[tile], tile))
            else:
                self._problems.clear(f"{key}:file")
        self._changed(news.changed)
        self._go_on_or_settle(more=news.more)

    def _go_on_or_settle(self, *, more: bool) -> None:
        if more and self._working == 1:
            self._go_on()
            return
        self._working -= 1
        if self._working == 0:
            self.settled.emit()

    def _changed(self, tiles: frozenset[TileCoord]) -> None:
        if tiles:
            self.tiles_changed.emit(tiles)
