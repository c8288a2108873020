"""The one thing that canvas and panels know: the open map, its tiles, its runs, its problems."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal, Slot

from app.core.map_model import MapModel, model_of
from app.core.problems import Problem, Problems
from app.core.run_status import RunStatus, TileState
from app.workspace.choices import Choices
from app.workspace.map_file import MapFile, OpenedMap, read_map, recovery_problem
from app.workspace.orders import RunOrder, cores_touching
from app.workspace.runs import Runs
from app.workspace.seam_watch import SeamWatch
from app.workspace.tasks import URGENT, Tasks, sentence_of
from app.workspace.tile_desk import TileDesk
from generation.plan.order import Order
from generation.plan.ports import Engine
from generation.plan.profile import ModelProfile
from generation.plan.seams import SeamReport
from generation.plan.stitch import Stitch, StitchedRegion
from generation.run.world import World
from painter.autosave import Recovery
from painter.change import Change
from painter.document import Document
from zones.compiler import CompiledWindow
from zones.errors import InputError, TilewrightError
from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.palette import Palette

What = Literal["all", "stale", "selection", "tile", "view"]
"""Which tiles a run paints; see `Workspace.tiles_of`."""

_MANY_RECTS = 64
"""Of more changed places than this, one rectangle around all is told."""


def process_engine(model: str) -> Engine:
    """An engine in a child process of its own."""
    from generation.engine.process import ProcessEngine  # noqa: PLC0415 - only where tiles are painted

    return ProcessEngine(model)


class Workspace(Choices):
    """An open map with everything around it; made, used and shut down on the GUI thread.

    Args:
        parent: as of every QObject.
        load_engine: makes the engine of a model; by default one in a child process.
    """

    _changed = Signal(object, object)

    def __init__(
        self,
        parent: QObject | None = None,
        load_engine: Callable[[str], Engine] | None = None,
    ) -> None:
        super().__init__(parent)
        self._problems = Problems(self.problems_changed.emit)
        self._tasks = Tasks(self)
        self._file = MapFile(self._tasks, self._problems, self)
        self._desk = TileDesk(self._tasks, self._problems, self)
        self._runs = Runs(
            self._desk, self._tasks, self._problems, load_engine or process_engine, self
        )
        self._seams = SeamWatch(self._desk, self._tasks, self._problems, self)
        self._unsubscribe: Callable[[], None] = _nothing
        self._undo_waits = False
        self._connect()

    def _connect(self) -> None:
        self._tasks.failed.connect(self._on_task_failed)
        self._file.opened.connect(self._on_file_opened)
        self._file.changed.connect(self.saved_changed)
        self._desk.tiles_changed.connect(self.tiles_changed)
        self._desk.settled.connect(self._runs.learn_times)
        self._runs.changed.connect(self._on_runs_changed)
        self._runs.stepped.connect(self.step_done)
        self._runs.painted.connect(self._seams.look_after)
        self._seams.changed.connect(self.seams_changed)
        self.settings_changed.connect(self._on_settings_changed)
        self._changed.connect(self._on_document_changed)

    # --- the map ---

    @property
    def document(self) -> Document | None:
        """The open document; edit it here, on the GUI thread."""
        return self._file.document

    @property
    def profile(self) -> ModelProfile | None:
        """Numbers of the map's model; None without a map, or where the model is not found."""
        return None if self._desk.model is None else self._desk.model.profile

    @property
    def world(self) -> World | None:
        """The map as it is painted now, with the model's numbers; frozen, for any thread."""
        return self._desk.world

    @property
    def grid(self) -> Grid | None:
        """The windows in the layout of the settings."""
        return self._desk.grid

    @property
    def palette(self) -> Palette | None:
        """The map's own palette."""
        return None if self.document is None else self.document.project.palette

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed: no map, another process holds it, or a recovery waits."""
        document = self.document
        return document is None or document.read_only or document.recovery is not None

    @property
    def recovery(self) -> Recovery | None:
        """Unsaved work of an earlier session that waits for `recover` or `decline_recovery`."""
        return None if self.document is None else self.document.recovery

    @property
    def has_changes(self) -> bool:
        """Whether there is work that `save` has not written."""
        return self.document is not None and self.document.has_changes

    @property
    def busy(self) -> str:
        """What is being opened or saved right now, for the status bar; else ""."""
        return self._file.busy

    def create(self, folder: Path, size: tuple[int, int], palette: Palette, **values: Any) -> None:
        """Make a project (see `Project.create`) and open it; later `map_opened` or a problem."""
        self.close()
        self._file.create(folder, size, palette, values)

    def open(self, folder: Path) -> None:
        """Open a project in place of the open one; later `map_opened`, or the problem `open`."""
        self.close()
        self._file.open(lambda: read_map(folder), self.tr("Opening the map…"))

    def close(self, *, discard: bool = False) -> None:
        """Close the map: its runs end, finished tiles and the queue are kept.

        Args:
            discard: drop unsaved work; else it stays in the autosave.
        """
        self._leave()
        had_map = self.document is not None
        self._file.close(discard=discard)
        if had_map:
            self.map_opened.emit()
            self._tell_of_history()

    def shutdown(self, timeout_s: float = 3.0) -> bool:
        """Close the map and end every thread and child process; whether that worked in time."""
        in_time = self._runs.stop(timeout_s / 2)
        self.close()
        return self._tasks.close(timeout_s / 2) and in_time

    def save(self) -> None:
        """Save what is painted now; later `saved_changed`, or the problem `save`."""
        self._file.save()

    def save_as(self, folder: Path) -> None:
        """Copy the project with all tiles to a new folder, as painted now, and go on there."""
        if self._runs.is_running:
            text = self.tr("Cancel the run or wait for it before you save a copy.")
            self._problems.add(Problem("save", "warning", text))
            return
        self._file.save_as(folder)

    def recover(self) -> None:
        """Take the earlier session's unsaved work."""
        self._file.recover()

    def decline_recovery(self) -> None:
        """Drop the earlier session's unsaved work."""
        self._file.decline_recovery()

    def undo(self) -> None:
        """Take back the user's last step."""
        self._travel(lambda document: document.undo())

    def redo(self) -> None:
        """Do the user's next step again."""
        self._travel(lambda document: document.redo())

    def undo_run(self) -> None:
        """Take back the last run."""
        if self._runs.is_running:
            self._undo_waits = True
            self._runs.cancel_all()
        else:
            self._write(lambda document: document.undo("runs"))

    def redo_run(self) -> None:
        """Do the next run again."""
        if not self._runs.is_running:
            self._write(lambda document: document.redo("runs"))

    def set_model(self, model: str) -> None:
        """Use another model for this map, as an undo step."""
        self._travel(lambda document: document.configure(self.tr("Change the model"), model=model))

    def touch(self, rects: Iterable[Rect]) -> None:
        """Say what an open edit changed, so that the canvas draws it."""
        for rect in rects:
            if rect.area:
                self.painted.emit(rect)

    # --- tiles ---

    def state_of(self, tile: TileCoord) -> TileState:
        """What is known of a tile; cheap."""
        return self._desk.states.of(tile)

    def compile_job(self, tile: TileCoord) -> Callable[[], CompiledWindow]:
        """A function for `tasks.submit` that compiles a tile as a run would use it now."""
        return self._desk.compile_job(tile, self.settings)

    def compiled(self, tile: TileCoord) -> CompiledWindow:
        """A tile as a run would use it now; takes a while, so prefer `compile_job`."""
        return self.compile_job(tile)()

    def stitch(self) -> Stitch | None:
        """The finished tiles as a map; frozen, for any thread; None without any. Cheap."""
        return self._desk.stitch

    def keep(self, tile: TileCoord) -> None:
        """Protect a finished tile's core with the art it shows, as an undo step."""
        stitch, grid, document = self.stitch(), self.grid, self.document
        if stitch is None or grid is None or document is None:
            return
        core = grid.core(tile).intersect(grid.map_rect)
        label = self.tr("Keep tile {0}").format(tile)
        self._tasks.submit(
            lambda: stitch.region(core),
            lambda region: self._on_keep_stitched(document, label, region),
            name="keep",
        )

    def put_back(self, tile: TileCoord, result_id: str) -> None:
        """Show an earlier result of a tile again, as a step of the runs."""
        self._write(lambda document: document.put_back(tile, result_id))

    @property
    def seams(self) -> SeamReport | None:
        """The last measure of the seams; None before the first."""
        return self._seams.report

    def measure_seams(self) -> None:
        """Measure the seams of all finished tiles; later `seams_changed`."""
        self._seams.measure()

    # --- runs ---

    def tiles_of(
        self,
        what: What,
        tiles: Collection[TileCoord] | None = None,
        view: Rect | None = None,
    ) -> tuple[TileCoord, ...]:
        """The tiles a run would paint, row by row.

        Args:
            what: `all`; `stale`: stale or missing ones; `selection`: those whose cores touch the
                selection; `tile`: the selected one; `view`: stale or missing ones whose cores
                touch `view`.
            tiles: these instead.
            view: a region of the map.
        """
        grid, states = self.grid, self._desk.states
        if grid is None:
            return ()
        if tiles is not None:
            return tuple(sorted(tile for tile in set(tiles) if grid.has(tile)))
        if what == "all":
            return grid.tiles()
        if what == "stale":
            return tuple(states.wanted(grid))
        if what == "tile":
            chosen = self.selected_tile
            return () if chosen is None or not grid.has(chosen) else (chosen,)
        rect = self.selection if what == "selection" else view
        touched = [] if rect is None else cores_touching(grid, rect)
        return tuple(touched if what == "selection" else filter(states.is_wanted, touched))

    def run(
        self,
        what: What,
        *,
        tiles: Collection[TileCoord] | None = None,
        order: Order = "spiral",
        start: TileCoord | None = None,
        candidates: int = 1,
        seed: int | None = None,
        view: Rect | None = None,
    ) -> None:
        """Queue a run: one undo step of the line "runs".

        Args:
            what: see `tiles_of`.
            tiles: these instead.
            order: see `generation.plan.order.rank_tiles`.
            start: first tile; None is the most constrained, for `view` the one in its middle.
            candidates: variants of a single tile, of which the best is put on the map.
            seed: in place of the map's own.
            view: for `view`, the region; its tiles are painted first.
        """
        chosen = self.tiles_of(what, tiles, view)
        deliberate = tiles is not None or what == "tile" or seed is not None
        if start is None and view is not None and self.grid is not None:
            start = _middle(self.grid, view)
        self._order(
            RunOrder(
                label=self._run_label(what, chosen, given=tiles is not None),
                settings=self.settings,
                tiles=chosen,
                order=order,
                start=start,
                deliberate=deliberate,
                candidates=candidates,
                seed=seed,
                prefer=chosen if what == "view" else (),
            )
        )

    def reroll(self, tile: TileCoord, candidates: int = 1) -> None:
        """Paint one tile again with another seed."""
        label = self.tr("Paint tile {0} anew").format(tile)
        seeds = {tile: secrets.randbelow(2**31)}
        self._order(
            RunOrder(
                label,
                self.settings,
                (tile,),
                None,
                deliberate=True,
                candidates=candidates,
                seeds=seeds,
            )
        )

    def retry(self, tile: TileCoord) -> None:
        """Paint a failed tile again as it was asked for."""
        self._runs.retry(tile)

    def prefer(self, tiles: Sequence[TileCoord]) -> None:
        """Paint these first, as far as the order allows."""
        self._runs.prefer(tiles)

    def pause(self) -> None:
        """Paint no further tile until `resume`; the one being painted is finished."""
        self._runs.pause()

    def resume(self) -> None:
        """Go on painting."""
        self._runs.resume()

    def cancel_tile(self, tile: TileCoord) -> None:
        """Take a tile out of the queue, or stop it at its next step."""
        self._runs.cancel_tile(tile)

    def cancel_all(self) -> None:
        """Empty the queue and stop at the next step; finished tiles are kept."""
        self._runs.cancel_all()

    @property
    def run_status(self) -> RunStatus:
        """What the runs are doing."""
        return self._runs.status

    def seconds_for(self, tiles: int) -> float | None:
        """How long so many tiles take with these settings; None before there is a measure."""
        return self._runs.seconds_for(tiles, self.settings)

    @property
    def left_over(self) -> tuple[TileCoord, ...]:
        """Tiles that an earlier session had still to paint, until resumed or dropped."""
        return tuple(tile for rest in self._runs.left_over for tile in rest.coords)

    def resume_queue(self) -> None:
        """Paint what an earlier session had still to paint."""
        if self._may_paint():
            self._runs.resume_queue()

    def drop_queue(self) -> None:
        """Forget what an earlier session had still to paint."""
        self._runs.drop_queue()

    # --- problems and background work ---

    @property
    def problems(self) -> list[Problem]:
        """What is wrong right now."""
        return list(self._problems.all())

    def report(self, problem: Problem) -> None:
        """Add a problem of one's own; a tool's refusal, a file that cannot be read."""
        self._problems.add(problem)

    def clear_problem(self, key: str) -> None:
        """Forget a problem: it was mended or dismissed."""
        self._problems.clear(key)

    @property
    def tasks(self) -> Tasks:
        """The io thread."""
        return self._tasks

    # --- how it hangs together ---

    @Slot(object)
    def _on_file_opened(self, found: OpenedMap) -> None:
        document = found.document
        self._leave()
        self._unsubscribe = document.subscribe(lambda change: self._changed.emit(document, change))
        if found.settings is not None:
            self._settings = found.settings
        self._desk.start(document, found.model, self._grid_of(found.model))
        self._runs.start(document, found.queue)
        self._offer(document)
        self._read_hash(found.model)
        self._fit_choices()
        self.map_opened.emit()
        self.settings_changed.emit()
        self.selection_changed.emit()
        self._tell_of_history()

    @Slot(object, object)
    def _on_document_changed(self, document: Document, change: Change) -> None:
        if document is not self.document:
            return
        self._desk.note(change)
        for rect in _few(change.painted):
            self.painted.emit(rect)
        if change.strokes:
            self.strokes_changed.emit()
        if change.header:
            self._on_header_changed(document)
        self._file.resume_waiting_save()
        self._tell_of_history()

    def _on_header_changed(self, document: Document) -> None:
        model = self._desk.model
        if model is None or model.name != (document.project.model or model.name):
            self._tasks.submit(
                lambda: model_of(document.project),
                lambda found: self._on_model_found(document, found),
                failed=lambda error: self._on_model_lost(document, error),
                name="model",
            )
        else:
            self._desk.change_world(model, self._grid_of(model))
        self._fit_choices()
        self.header_changed.emit()

    def _on_model_found(self, document: Document, model: MapModel) -> None:
        if document is not self.document:
            return
        self._problems.clear("model")
        if model.fault:
            self._problems.add(Problem("model", "warning", model.fault))
        self._desk.change_world(model, self._grid_of(model))
        self._read_hash(model)
        self.header_changed.emit()

    def _on_model_lost(self, document: Document, error: BaseException) -> None:
        if document is self.document:
            self._problems.add(Problem("model", "error", sentence_of(error)))

    def _read_hash(self, model: MapModel | None) -> None:
        """Read the model's weights for their hash, without which nothing can be judged."""
        document = self.document
        if model is None or model.model_hash:
            return
        self._tasks.apart(
            model.hashed, lambda hashed: self._on_hashed(document, model, hashed), name="model hash"
        )

    def _on_hashed(self, document: Document | None, model: MapModel, hashed: MapModel) -> None:
        if document is self.document and self._desk.model == model:
            self._desk.change_world(hashed, self._grid_of(hashed))

    def _grid_of(self, model: MapModel | None) -> Grid | None:
        document = self.document
        if model is None or document is None:
            return None
        try:
            grid = model.world(document.project).grid(self.settings)
        except InputError as error:
            self._problems.add(Problem("grid", "error", str(error)))
            return None
        self._problems.clear("grid")
        return grid

    @Slot()
    def _on_settings_changed(self) -> None:
        model = self._desk.model
        grid = self._grid_of(model)
        if grid != self._desk.grid:
            self._desk.change_world(model, grid)
            self.header_changed.emit()

    @Slot()
    def _on_runs_changed(self) -> None:
        if self._undo_waits and not self._runs.is_running:
            self._undo_waits = False
            self._write(lambda document: document.undo("runs"))
        self.run_changed.emit()

    @Slot(str, object)
    def _on_task_failed(self, name: str, error: BaseException) -> None:
        self._problems.add(Problem(f"task:{name}", "error", sentence_of(error)))

    def _on_keep_stitched(self, document: Document, label: str, region: StitchedRegion) -> None:
        def keep(document: Document) -> None:
            with document.edit(label) as edit:
                edit.art.paste(region.rect, region.rgb, region.covered)
                edit.protect.fill(region.rect, True, region.covered)

        if document is self.document:
            self._travel(keep)

    def _order(self, order: RunOrder) -> None:
        if self._may_paint():
            self._runs.submit(order)

    def _may_paint(self) -> bool:
        """Whether the map may be changed; if not, the problem `run` says so."""
        if self.recovery is not None:
            text = self.tr("Decide first about the unsaved work of the earlier session.")
        elif self.read_only:
            text = self.tr("This map can only be read, so nothing can be painted on it.")
        else:
            self._problems.clear("run")
            return True
        self._problems.add(Problem("run", "warning", text))
        return False

    def _travel(self, act: Callable[[Document], object]) -> None:
        """Change the document at once; a refusal becomes a problem."""
        document = self.document
        if document is None:
            return
        try:
            act(document)
        except TilewrightError as error:
            self._problems.add(Problem("edit", "warning", str(error)))
        except RuntimeError:  # an edit is open: the user is in the middle of a stroke
            return
        else:
            self._problems.clear("edit")

    def _write(self, act: Callable[[Document], object]) -> None:
        """Change finished tiles on disk, off this thread."""
        document = self.document
        if document is None:
            return
        self._tasks.submit(
            lambda: act(document),
            lambda _: self._problems.clear("edit"),
            failed=lambda error: self._problems.add(Problem("edit", "warning", sentence_of(error))),
            urgency=URGENT,
            name="tiles",
        )

    def _leave(self) -> None:
        """End everything that belongs to the open map."""
        self._unsubscribe()
        self._unsubscribe = _nothing
        self._undo_waits = False
        self._runs.stop()
        self._seams.stop()
        self._desk.stop()
        self._selection, self._selected_tile = None, None

    def _offer(self, document: Document) -> None:
        """Say what an earlier session left: unsaved work, and tiles still to be painted."""
        offered = recovery_problem(document)
        if offered is not None:
            self._problems.add(offered)
        count = len(self.left_over)
        if count:
            text = self.tr("{0} tiles were still to be painted when the map was closed.")
            self._problems.add(Problem("queue", "notice", text.format(count), advice="resume"))

    def _fit_choices(self) -> None:
        """Choose a zone and a stencil that the palette has."""
        palette = self.palette
        if palette is None:
            return
        if self._active_zone not in palette.valid_ids and palette.zones:
            self.active_zone = palette.zones[0].id
        names = [stencil.name for stencil in palette.stencils]
        if self._active_stencil not in names and names:
            self.active_stencil = names[0]

    def _run_label(self, what: What, tiles: Sequence[TileCoord], *, given: bool) -> str:
        if given or what == "tile":
            if len(tiles) == 1:
                return self.tr("Paint tile {0}").format(tiles[0])
            return self.tr("Paint {0} tiles").format(len(tiles))
        return {
            "all": self.tr("Paint the whole map"),
            "stale": self.tr("Paint what changed"),
            "selection": self.tr("Paint the selection"),
            "view": self.tr("Paint what is in view"),
        }[what]

    def _tell_of_history(self) -> None:
        self.history_changed.emit()
        self.saved_changed.emit()


def _nothing() -> None:
    """End a subscription that never began."""


def _few(rects: Sequence[Rect]) -> Sequence[Rect]:
    """The rectangles, or one around all where there are many."""
    if len(rects) <= _MANY_RECTS:
        return rects
    left, top = min(rect.x for rect in rects), min(rect.y for rect in rects)
    right, bottom = max(rect.right for rect in rects), max(rect.bottom for rect in rects)
    return (Rect(left, top, right - left, bottom - top),)


def _middle(grid: Grid, view: Rect) -> TileCoord:
    """The tile in the middle of a view."""
    x = min(max(view.x + view.width // 2, 0), grid.map_width_px - 1)
    y = min(max(view.y + view.height // 2, 0), grid.map_height_px - 1)
    return grid.tile_at(x, y)
