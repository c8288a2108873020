"""The one thing that canvas and panels know: the open map, its tiles, its runs, its problems."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject

from app.core.problems import Problem, Problems
from app.core.run_status import RunStatus, TileState
from app.workspace.choices import Choices
from app.workspace.tasks import Tasks
from generation.plan.order import Order
from generation.plan.ports import Engine
from generation.plan.profile import ModelProfile
from generation.plan.seams import SeamReport
from generation.plan.stitch import Stitch
from generation.run.world import World
from painter.autosave import Recovery
from painter.document import Document
from zones.compiler import CompiledWindow
from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.palette import Palette

What = Literal["all", "stale", "selection", "tile", "view"]
"""Which tiles a run paints; see `Workspace.tiles_of`."""


class Workspace(Choices):
    """An open map with everything around it; made, used and shut down on the GUI thread.

    Args:
        parent: as of every QObject.
        load_engine: makes the engine of a model; by default one in a child process.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        load_engine: Callable[[str], Engine] | None = None,
    ) -> None:
        super().__init__(parent)
        self._load_engine = load_engine
        self._problems = Problems(self.problems_changed.emit)
        self._document: Document | None = None
        self._tasks = Tasks(self)

    # --- the map ---

    @property
    def document(self) -> Document | None:
        """The open document; edit it here, on the GUI thread."""
        return self._document

    @property
    def profile(self) -> ModelProfile | None:
        """Numbers of the map's model; None without a map, or where the model is not found."""
        raise NotImplementedError

    @property
    def world(self) -> World | None:
        """The map as it is painted now, with the model's numbers; frozen, for any thread."""
        raise NotImplementedError

    @property
    def grid(self) -> Grid | None:
        """The windows in the layout of the settings."""
        raise NotImplementedError

    @property
    def palette(self) -> Palette | None:
        """The map's own palette."""
        return None if self._document is None else self._document.project.palette

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed: no map, another process holds it, or a recovery waits."""
        raise NotImplementedError

    @property
    def recovery(self) -> Recovery | None:
        """Unsaved work of an earlier session that waits for `recover` or `decline_recovery`."""
        return None if self._document is None else self._document.recovery

    @property
    def has_changes(self) -> bool:
        """Whether there is work that `save` has not written."""
        return self._document is not None and self._document.has_changes

    @property
    def busy(self) -> str:
        """What is being opened or saved right now, for the status bar; else ""."""
        raise NotImplementedError

    def create(self, folder: Path, size: tuple[int, int], palette: Palette, **values: Any) -> None:
        """Make a project (see `Project.create`) and open it; later `map_opened` or a problem."""
        raise NotImplementedError

    def open(self, folder: Path) -> None:
        """Open a project in place of the open one; later `map_opened`, or the problem `open`."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the map: its runs end, finished tiles and the queue are kept."""
        raise NotImplementedError

    def shutdown(self, timeout_s: float = 3.0) -> bool:
        """Close the map and end every thread and child process; whether that worked in time."""
        raise NotImplementedError

    def save(self) -> None:
        """Save what is painted now; later `saved_changed`, or the problem `save`."""
        raise NotImplementedError

    def save_as(self, folder: Path) -> None:
        """Copy the project with all tiles to a new folder, as painted now, and go on there."""
        raise NotImplementedError

    def recover(self) -> None:
        """Take the earlier session's unsaved work."""
        raise NotImplementedError

    def decline_recovery(self) -> None:
        """Drop the earlier session's unsaved work."""
        raise NotImplementedError

    def undo(self) -> None:
        """Take back the user's last step."""
        raise NotImplementedError

    def redo(self) -> None:
        """Do the user's next step again."""
        raise NotImplementedError

    def undo_run(self) -> None:
        """Take back the last run."""
        raise NotImplementedError

    def redo_run(self) -> None:
        """Do the next run again."""
        raise NotImplementedError

    def set_model(self, model: str) -> None:
        """Use another model for this map, as an undo step."""
        raise NotImplementedError

    def touch(self, rects: Iterable[Rect]) -> None:
        """Say what an open edit changed, so that the canvas draws it."""
        for rect in rects:
            if rect.area:
                self.painted.emit(rect)

    # --- tiles ---

    def state_of(self, tile: TileCoord) -> TileState:
        """What is known of a tile; cheap."""
        raise NotImplementedError

    def compile_job(self, tile: TileCoord) -> Callable[[], CompiledWindow]:
        """A function for `tasks.submit` that compiles a tile as a run would use it now."""
        raise NotImplementedError

    def compiled(self, tile: TileCoord) -> CompiledWindow:
        """A tile as a run would use it now; takes a while, so prefer `compile_job`."""
        return self.compile_job(tile)()

    def stitch(self) -> Stitch | None:
        """The finished tiles as a map; frozen, for any thread; None without any. Cheap."""
        raise NotImplementedError

    def keep(self, tile: TileCoord) -> None:
        """Protect a finished tile's core with the art it shows, as an undo step."""
        raise NotImplementedError

    def put_back(self, tile: TileCoord, result_id: str) -> None:
        """Show an earlier result of a tile again, as a step of the runs."""
        raise NotImplementedError

    @property
    def seams(self) -> SeamReport | None:
        """The last measure of the seams; None before the first."""
        raise NotImplementedError

    def measure_seams(self) -> None:
        """Measure the seams of all finished tiles; later `seams_changed`."""
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

    def reroll(self, tile: TileCoord, candidates: int = 1) -> None:
        """Paint one tile again with another seed."""
        raise NotImplementedError

    def retry(self, tile: TileCoord) -> None:
        """Paint a failed tile again as it was asked for."""
        raise NotImplementedError

    def prefer(self, tiles: Sequence[TileCoord]) -> None:
        """Paint these first, as far as the order allows."""
        raise NotImplementedError

    def pause(self) -> None:
        """Paint no further tile until `resume`; the one being painted is finished."""
        raise NotImplementedError

    def resume(self) -> None:
        """Go on painting."""
        raise NotImplementedError

    def cancel_tile(self, tile: TileCoord) -> None:
        """Take a tile out of the queue, or stop it at its next step."""
        raise NotImplementedError

    def cancel_all(self) -> None:
        """Empty the queue and stop at the next step; finished tiles are kept."""
        raise NotImplementedError

    @property
    def run_status(self) -> RunStatus:
        """What the runs are doing."""
        raise NotImplementedError

    def seconds_for(self, tiles: int) -> float | None:
        """How long so many tiles take with these settings; None before there is a measure."""
        raise NotImplementedError

    @property
    def left_over(self) -> tuple[TileCoord, ...]:
        """Tiles that an earlier session had still to paint, until resumed or dropped."""
        raise NotImplementedError

    def resume_queue(self) -> None:
        """Paint what an earlier session had still to paint."""
        raise NotImplementedError

    def drop_queue(self) -> None:
        """Forget what an earlier session had still to paint."""
        raise NotImplementedError

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
