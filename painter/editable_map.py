"""A project that is painted on: edits, one at a time, and their undo; `painter.document` keeps it.

It is edited by one thread; snapshots may be taken and read on any.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from painter import fill, lock, regions
from painter.brush import Brush
from painter.change import Change, change_of
from painter.editing import BrushStroke, Edit, FillJob, Ink, ZoneInk
from painter.edits import LayerEdit
from painter.history import History, LineName
from painter.layers import Held, Position
from painter.project import Project
from painter.snapshot import MapSnapshot
from painter.step_files import read_step
from painter.step_packs import StoredStep
from painter.steps import Step
from painter.stroke_files import check_strokes, check_total
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.palette import Palette, palette_from_json
from zones.strokes import Stroke

DEFAULT_FILL_PX = 2**28
"""Pixels a flood fill changes at most unless told otherwise."""

EditT = TypeVar("EditT", bound=Edit)


class EditableMap:
    """A project with painting and undo.

    Attributes:
        project: the folder behind it.
        holder: the other process that holds the project; None where this one may write.
        revision: grows with every change to what is painted or finished.
    """

    def __init__(self, project: Project, holder: lock.Holder | None, history: History) -> None:
        self.project = project
        self.holder = holder
        self.revision = 0
        self._guard = threading.RLock()
        self._edit: Edit | None = None
        self._history = history
        self._listeners: list[Callable[[Change], None]] = []

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Be told of every change to the map from now on.

        Args:
            callback: called after each commit, undo, redo, configuration and finished tile, on
                the thread that made it; a run's tiles come on the run's thread. It must be quick
                and must not edit the document.

        Returns:
            What ends the subscription.
        """
        self._listeners = [*self._listeners, callback]

        def unsubscribe() -> None:
            self._listeners = [one for one in self._listeners if one is not callback]

        return unsubscribe

    @property
    def read_only(self) -> bool:
        """Whether another process holds the project."""
        return self.holder is not None

    @property
    def history(self) -> History:
        """Undo and redo, to be read."""
        return self._history

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """All strokes in paint order, with those of an open edit."""
        return self.project.strokes if self._edit is None else self._edit.strokes

    def snapshot(self) -> MapSnapshot:
        """The map without an open edit; later edits do not show in it. Any thread may read it."""
        return self.project.reader()

    def read_zones(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """Zone ids uint8 (h, w) of a rectangle inside the map, with those of an open edit."""
        if self._edit is not None and "zones" in vars(self._edit):
            return self._edit.zones.read(rect)
        return self.project.content.zones.read(rect)

    def held_zones(self, position: Position) -> Held | None:
        """A block of zones as it is held now, with those of an open edit; no file is read.

        Returns:
            The name of its file, ids not to be changed, or None where nothing is painted.
        """
        if self._edit is not None and "zones" in vars(self._edit):
            return self._edit.zones.held(position)
        return self.project.content.zones.blocks.get(position)

    def read_protect(self, rect: Rect) -> npt.NDArray[np.bool_]:
        """Protected pixels, bool (h, w), with those of an open edit."""
        if self._edit is not None and "protect" in vars(self._edit):
            return self._edit.protect.read(rect)
        return self.project.content.protect.read(rect)

    def pick(self, x: int, y: int) -> int:
        """The zone id at a pixel; 0 is unpainted.

        Raises:
            InputError: it lies beyond the map.
        """
        return int(self.read_zones(self._pixel(x, y))[0, 0])

    def edit(self, label: str) -> Edit:
        """Begin an edit of any kind; its commit is one undo step.

        Raises:
            InputError: another process holds the project.
            RuntimeError: an edit is open.
        """
        return self._begun(Edit(self.project.content, label, self._finished))

    def brush_stroke(self, label: str, ink: Ink, brush: Brush) -> BrushStroke:
        """Begin a brush stroke; raises as `edit`, and InputError for an unknown zone."""
        stroke = BrushStroke(self.project.content, label, self._finished)
        return self._begun(stroke.start(ink, brush))

    def flood_fill(
        self,
        at: tuple[int, int],
        zone: int,
        *,
        bounds: Rect | None = None,
        max_px: int = DEFAULT_FILL_PX,
    ) -> FillJob:
        """Begin to paint all pixels of one zone that hang together with a pixel.

        Args:
            at: x and y of the pixel.
            zone: id to paint.
            bounds: what the fill does not leave; None is the map.
            max_px: most pixels that may change.

        Raises:
            InputError: the pixel is beyond the map or the bounds, or an unknown zone; or as `edit`.
        """
        area = self._area(bounds)
        if not area.contains(self._pixel(*at)):
            raise InputError("the fill starts outside of its bounds; start it inside")
        return self._fill_job("Fill", zone, lambda zones: fill.flood(zones, at, zone, area, max_px))

    def replace_zone(self, old: int, new: int, *, bounds: Rect | None = None) -> FillJob:
        """Begin to paint every pixel of one zone as another one; raises as `flood_fill`."""
        area = self._area(bounds)
        return self._fill_job(
            "Replace zone", new, lambda zones: fill.replace_zone(zones, old, new, area)
        )

    def copy_region(self, rect: Rect, mask: npt.NDArray[np.bool_] | None = None) -> regions.Region:
        """Copy zones with their stencils, see `regions.copied`; no undo step."""
        return regions.copied(Edit(self.project.content, "", lambda *_: False), rect, mask)

    def configure(self, label: str, *, palette: Palette | None = None, **values: Any) -> None:
        """Change what the map is (see `Project.configure`) as one undo step."""
        self._check_writable()
        self._check_no_edit()
        with self._guard:
            before = self.project.content.header
            self.project.configure(palette=palette, **values)
            after = self.project.content.header
            step = Step(0, label, header=(before, after) if before != after else None)
            changed = self._push(step)
        if changed:
            self._tell(change_of(step, self.project.content))

    def undo(self, line: LineName = "user") -> str | None:
        """Take back the newest step of the user, or of the runs.

        Returns:
            The step's label, or None where there is none.

        Raises:
            InputError: another process holds the project, or the step's file is damaged; then it
                and what lies beyond it are dropped, and the map stays as it is.
            WorkError: tiles of a run cannot be put back because the disk fails.
            RuntimeError: an edit is open.
        """
        return self._travel(line, back=True)

    def redo(self, line: LineName = "user") -> str | None:
        """Do the step again that was taken back last; see `undo`."""
        return self._travel(line, back=False)

    def _travel(self, name: LineName, *, back: bool) -> str | None:
        self._check_writable()
        self._check_no_edit()
        with self._guard:
            line = self._history.line(name)
            step = line.next_back if back else line.next_on
            if step is None:
                return None
            step = self._whole(step, name)
            tiles = self._apply(step, back=back)
            line.position += -1 if back else 1
            self.revision += 1
        self._tell(change_of(step, self.project.content, tiles))
        return step.label

    def _whole(self, step: Step, name: LineName) -> Step:
        """A step with what it changed, read from its file if need be."""
        if not isinstance(step, StoredStep):
            return step
        project = self.project
        try:
            whole = read_step(project.store, step.file, project.palette, project.size)
            if whole.number != step.number:
                raise InputError(f"{project.store.root / step.file} is another step")  # noqa: TRY301
        except InputError as error:
            self._history.cut(step, name)
            self.revision += 1
            raise InputError(
                f"a part of the undo history is lost, the map is whole: {error}"
            ) from error
        self._history.amend(step, whole, name)
        return whole

    def _tell(self, change: Change) -> None:
        for callback in self._listeners:
            callback(change)

    def _apply(self, step: Step, *, back: bool) -> frozenset[TileCoord]:
        """Bring the project to the state before or after a step; the tiles that changed."""
        held = self.project.content.tiles
        tiles = {
            key: pair[0 if back else 1]
            for key, pair in step.tiles.items()
            if held.get(key) == pair[1 if back else 0]
        }
        if tiles:
            self.project.restore_tiles(tiles)
        values = step.values(back=back)
        if "palette" in values:
            values["palette"] = palette_from_json(json.dumps(values["palette"]))
        if "settings" in values:
            values["settings"] = step.settings_on(self.project.settings, back=back)
        if values:
            self.project.configure(**values)
        self.project.apply(lambda content: step.applied(content, back=back))
        return frozenset(TileCoord(*key) for key in tiles)

    def _begun(self, edit: EditT) -> EditT:
        self._check_writable()
        self._check_no_edit()
        self._edit = edit
        return edit

    def _finished(self, edit: Edit, keep: bool) -> bool:
        if self._edit is edit:
            self._edit = None
        if not keep:
            return False
        splice = edit.splice()
        if splice is not None:
            size, palette = self.project.size, self.project.palette
            check_strokes(splice.after, "the edit", palette, size)
            check_total(edit.strokes, "the map")
        step = Step(0, edit.label, dict(edit.deltas()), splice)
        with self._guard:
            self.project.apply(lambda content: step.applied(content, back=False))
            changed = self._push(step)
        if changed:
            self._tell(change_of(step, self.project.content))
        return changed

    def _push(self, step: Step) -> bool:
        """Put a step that was just done on the user's line, unless it changed nothing."""
        if step.empty:
            return False
        self._history.push(replace(step, number=self._history.next_number()))
        self.revision += 1
        return True

    def _fill_job(
        self, label: str, zone: int, walk: Callable[[LayerEdit[np.uint8]], fill.Walk]
    ) -> FillJob:
        job = FillJob(self.project.content, label, self._finished)
        job.check_ink(ZoneInk(zone))
        return self._begun(job.start(walk))

    def _area(self, bounds: Rect | None) -> Rect:
        whole = Rect(0, 0, *self.project.size)
        return whole if bounds is None else bounds.intersect(whole)

    def _pixel(self, x: int, y: int) -> Rect:
        pixel = Rect(x, y, 1, 1)
        if not self._area(None).contains(pixel):
            raise InputError(f"the pixel {x},{y} lies beyond the map; choose one on it")
        return pixel

    def _check_writable(self) -> None:
        if self.holder is not None:
            raise InputError(lock.held_by(self.project.folder, self.holder))

    def _check_no_edit(self) -> None:
        if self._edit is not None:
            raise RuntimeError("commit or abort the open edit first")
