"""The one thing that canvas and panels know: the open map, its tiles, its runs, its problems."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Slot

from app.core.problems import Problem
from app.core.run_order import RunOrder, cores_touching
from app.core.run_status import RunStatus, TileState
from app.workspace.map_file import OpenedMap
from app.workspace.open_map import OpenMap
from app.workspace.repairs import Repairs
from app.workspace.runs import Runs
from app.workspace.seam_watch import SeamWatch
from generation.plan.order import Order
from generation.plan.ports import Engine
from generation.plan.stitch import Stitch, StitchedRegion
from painter.change import Change
from painter.document import Document
from zones.compiler import CompiledWindow
from zones.geometry import Rect
from zones.grid import Grid, TileCoord

if TYPE_CHECKING:
    from generation.plan.seams import SeamReport

What = Literal["all", "stale", "selection", "tile", "view"]
"""Which tiles a run paints; see `Workspace.tiles_of`."""


def process_engine(model: str) -> Engine:
    """An engine in a child process of its own."""
    from generation.engine.process import ProcessEngine  # noqa: PLC0415 - for runs only

    return ProcessEngine(model)


class Workspace(OpenMap):
    """An open map with everything around it; made, used and shut down on the GUI thread.

    Args:
        parent: as of every QObject.
        load_engine: makes the engine of a model; by default one in a child process.

    Attributes:
        repairs: mend what is wrong with finished tiles.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        load_engine: Callable[[str], Engine] | None = None,
    ) -> None:
        super().__init__(parent)
        self._runs = Runs(
            self._desk, self._tasks, self._problems, load_engine or process_engine, self
        )
        self._seams = SeamWatch(self._desk, self._tasks, self._problems, self)
        self.repairs = Repairs(self._desk, self._seams, self._order, lambda: self.settings, self)
        self._undo_waits = False
        self._wishes: list[Callable[[], None]] = []
        self._changed.connect(self._on_tiles_exchanged)
        self._desk.settled.connect(self._on_desk_settled)
        self._runs.changed.connect(self._on_runs_changed)
        self._runs.stepped.connect(self.step_done)
        self._runs.painted.connect(self._seams.look_after)
        self._seams.changed.connect(self.seams_changed)
        self.header_changed.connect(self._seams.heed_marks)

    def shutdown(self, timeout_s: float = 3.0) -> bool:
        """Close the map and end every thread and child process; whether that worked in time."""
        in_time = self._runs.stop(timeout_s / 2)
        self.close()
        self._desk.stop()
        return self._tasks.close(timeout_s / 2) and in_time

    def save_as(self, folder: Path) -> None:
        """Copy the project with all tiles to a new folder, as painted now, and go on there."""
        if self._runs.is_running:
            text = self.tr("Cancel the run or wait for it before you save a copy.")
            self._problems.add(Problem("save", "warning", text))
            return
        self._file.save_as(folder)

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

    def free_of(self, tiles: Iterable[TileCoord]) -> tuple[TileCoord, ...]:
        """Those of some tiles that are neither painted nor wait: what a run of them would add."""
        return tuple(filter(self._runs.is_free, tiles))

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
        if what in ("stale", "view") and tiles is None and not self._desk.is_judged:
            self._wishes.append(
                lambda: self.run(
                    what, order=order, start=start, candidates=candidates, seed=seed, view=view
                )
            )
            return
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

    def retry(self, tile: TileCoord, *, smaller: bool = False) -> None:
        """Paint a failed tile again as it was asked for.

        Args:
            tile: one that failed.
            smaller: without reference tokens, which takes far less memory.
        """
        if self._may_paint():
            self._runs.retry(tile, smaller=smaller)

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
        """Tiles that an earlier session had still to paint, until asked for anew or dropped."""
        return self._runs.left_over.tiles

    def resume_queue(self) -> None:
        """Paint what an earlier session had still to paint."""
        if self._may_paint():
            self._runs.resume_queue()

    def drop_queue(self) -> None:
        """Forget what an earlier session had still to paint."""
        self._runs.drop_queue()

    # --- how it hangs together ---

    def _on_keep_stitched(self, document: Document, label: str, region: StitchedRegion) -> None:
        def keep(document: Document) -> None:
            with document.edit(label) as edit:
                edit.art.paste(region.rect, region.rgb, region.covered)
                edit.protect.fill(region.rect, True, region.covered)

        if document is self.document:
            self._travel(keep)

    def _order(self, order: RunOrder) -> bool:
        """Queue a run if the map may be changed; whether it was taken."""
        return self._may_paint() and self._runs.submit(order)

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

    @Slot(object, object)
    def _on_tiles_exchanged(self, document: Document, change: Change) -> None:
        """Tiles that are undone, redone or put back have other seams."""
        if document is self.document and change.tiles and not self._runs.is_running:
            self._seams.look_after(change.tiles)

    @Slot()
    def _on_desk_settled(self) -> None:
        self._runs.learn_times()
        if self._desk.is_judged:
            wishes, self._wishes = self._wishes, []
            for wish in wishes:
                wish()

    @Slot()
    def _on_runs_changed(self) -> None:
        if self._undo_waits and not self._runs.is_running:
            self._undo_waits = False
            self._write(lambda document: document.undo("runs"))
        self.repairs.follow(self._runs.status)
        self.run_changed.emit()

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

    def _enter(self, found: OpenedMap) -> None:
        self._runs.start(found.document, found.queue)

    def _leave(self) -> None:
        self._undo_waits = False
        self._wishes = []
        self._runs.stop()
        self._seams.stop()
        super()._leave()


def _middle(grid: Grid, view: Rect) -> TileCoord:
    """The tile in the middle of a view."""
    x = min(max(view.x + view.width // 2, 0), grid.map_width_px - 1)
    y = min(max(view.y + view.height // 2, 0), grid.map_height_px - 1)
    return grid.tile_at(x, y)
