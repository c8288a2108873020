"""The user's present choices, and the signals by which canvas and panels hear of the workspace."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from generation.plan.settings import RunSettings
from zones.geometry import Rect
from zones.grid import TileCoord


class Choices(QObject):
    """What is chosen and selected, with the signals of the whole workspace; GUI thread only.

    Signals:
        map_opened: another document is open now, or none.
        painted: a `Rect` in map px where zones, strokes or protection look different, also while
            an edit is open.
        strokes_changed: the list of strokes is another one.
        header_changed: palette, prompt, seed or model are others, or the map may be edited now.
        tiles_changed: a frozenset of `TileCoord` whose state or picture changed.
        step_done: a `generation.run.jobs.StepDone`, at most 20 a second for each tile.
        run_changed: `run_status` is another one.
        history_changed: what can be undone and redone is something else.
        selection_changed: `selection` or `selected_tile`.
        problems_changed: `problems` is another list.
        saved_changed: `has_changes`, `busy` or the autosave's state.
        settings_changed: run settings, active zone, stencil or brush.
        seams_changed: `seams` is another report.
        pointer_moved: (x, y) in map px, or None where the pointer left the canvas.
        go_to: a `Rect` in map px that the canvas should show.
        damaged: a `DamagedProjectError`; the map it tells of was not opened.
    """

    map_opened = Signal()
    painted = Signal(object)
    strokes_changed = Signal()
    header_changed = Signal()
    tiles_changed = Signal(object)
    step_done = Signal(object)
    run_changed = Signal()
    history_changed = Signal()
    selection_changed = Signal()
    problems_changed = Signal()
    saved_changed = Signal()
    settings_changed = Signal()
    seams_changed = Signal()
    pointer_moved = Signal(object)
    go_to = Signal(object)
    damaged = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = RunSettings(steps=12)
        self._active_zone = 1
        self._active_stencil = "river"
        self._brush_radius_px = 24.0
        self._brush_softness = 0.0
        self._selection: Rect | None = None
        self._selected_tile: TileCoord | None = None

    @property
    def settings(self) -> RunSettings:
        """Settings of the next run."""
        return self._settings

    @settings.setter
    def settings(self, settings: RunSettings) -> None:
        self._choose("_settings", settings)

    @property
    def active_zone(self) -> int:
        """Id of the zone that tools paint; 0 erases."""
        return self._active_zone

    @active_zone.setter
    def active_zone(self, zone: int) -> None:
        self._choose("_active_zone", zone)

    @property
    def active_stencil(self) -> str:
        """Name of the stencil kind that tools draw."""
        return self._active_stencil

    @active_stencil.setter
    def active_stencil(self, name: str) -> None:
        self._choose("_active_stencil", name)

    @property
    def brush_radius_px(self) -> float:
        """Radius of the brush in map px, 0.5 to 2048."""
        return self._brush_radius_px

    @brush_radius_px.setter
    def brush_radius_px(self, radius_px: float) -> None:
        self._choose("_brush_radius_px", min(max(float(radius_px), 0.5), 2048.0))

    @property
    def brush_softness(self) -> float:
        """Share of the brush's radius in which it frays, 0 to 1."""
        return self._brush_softness

    @brush_softness.setter
    def brush_softness(self, softness: float) -> None:
        self._choose("_brush_softness", min(max(float(softness), 0.0), 1.0))

    @property
    def selection(self) -> Rect | None:
        """The selected region in map px."""
        return self._selection

    @selection.setter
    def selection(self, rect: Rect | None) -> None:
        if rect != self._selection:
            self._selection = rect
            self.selection_changed.emit()

    @property
    def selected_tile(self) -> TileCoord | None:
        """The tile that panels speak of."""
        return self._selected_tile

    @selected_tile.setter
    def selected_tile(self, tile: TileCoord | None) -> None:
        if tile != self._selected_tile:
            self._selected_tile = tile
            self.selection_changed.emit()

    def _choose(self, name: str, value: object) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.settings_changed.emit()
