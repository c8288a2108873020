"""What the model will see: a tile's window as the next run would hand it over."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.durations import duration_text
from app.panels.empty_state import EmptyState, Pages
from app.panels.fields import described, tool_button
from app.panels.free_legend import FreeLegend
from app.panels.window_picture import WindowPicture
from app.workspace.compiled_tiles import CompiledTiles, tile_under
from app.workspace.looks import capital, free_label, free_table, state_label
from app.workspace.pixels import rgb_image
from app.workspace.workspace import Workspace
from zones.change import FEATURE
from zones.compiler import CompiledWindow
from zones.geometry import Rect
from zones.grid import TileCoord

_WHO = "panel.model_view"
_PICTURES = ("seed_canvas", "inpaint_mask", "change_map", "free_steps")


class ModelView(QWidget):
    """Shows the window of the tile under the pointer, or of one tile that is pinned.

    Args:
        workspace: the open map.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._tiles = CompiledTiles.of(workspace)
        self._pointer: tuple[float, float] | None = None
        self._followed: TileCoord | None = None
        self.shown: CompiledWindow | None = None
        self.title = QLabel()
        self.pin = tool_button(
            "pin-outline",
            _tr("Stay at this tile"),
            _tr("Keep showing this tile, or the selected one, while you move over the map."),
        )
        self.pin.setCheckable(True)
        self.pictures = {name: WindowPicture(*_caption(name)) for name in _PICTURES}
        self.legend = FreeLegend()
        self.readout = QLabel()
        self.prompt = QLabel()
        self.seed = QLabel()
        self.neighbours = QLabel()
        self.cost = QLabel()
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        self.title.setProperty("role", "heading")
        self.readout.setProperty("role", "muted")
        self.readout.setWordWrap(True)
        self.readout.setMinimumHeight(2 * self.readout.fontMetrics().lineSpacing())
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.pin)
        grid = QGridLayout()
        grid.setSpacing(8)
        for at, picture in enumerate(self.pictures.values()):
            grid.addWidget(picture, at // 2, at % 2)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(grid)
        column.addWidget(self.readout)
        column.addWidget(self.legend)
        column.addWidget(_rule())
        column.addLayout(self._facts())
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        described(scroll, _tr("What the model sees"), _tr("Pictures and words of one tile."))
        empty = EmptyState("robot-outline", "", "")
        self.pages = Pages(empty, scroll)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pages)

    def _facts(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(5)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows = (
            (_tr("Words"), self.prompt, _tr("The text the model gets for this tile.")),
            (_tr("Seed"), self.seed, _tr("The number the noise of this map grows from.")),
            (_tr("Neighbours"), self.neighbours,
             _tr("Finished tiles beside this one, which it will continue.")),
            (_tr("Time"), self.cost, _tr("Measured from tiles painted with this model.")),
        )  # fmt: skip
        for name, label, tip in rows:
            described(label, name, tip)
            label.setWordWrap(True)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            form.addRow(_row_name(name), label)
        return form

    def _connect(self) -> None:
        self._tiles.ready.connect(self._on_tiles_ready)
        self._tiles.failed.connect(self._on_tiles_failed)
        workspace = self._workspace
        workspace.map_opened.connect(self._on_map_opened)
        workspace.pointer_moved.connect(self._on_pointer_moved)
        workspace.selection_changed.connect(self._on_selection_changed)
        workspace.tiles_changed.connect(self._on_tiles_changed)
        self.pin.toggled.connect(self._on_pin_toggled)
        for picture in self.pictures.values():
            picture.pointed.connect(self._on_picture_pointed)

    # --- which tile ---

    @property
    def tile(self) -> TileCoord | None:
        """The tile that is to be shown."""
        return self._followed

    def _follow(self, tile: TileCoord | None) -> None:
        self._followed = tile
        if not self.isVisible():
            return
        self._tiles.want(_WHO, tile)
        made = None if tile is None else self._tiles.get(tile)
        if made is not None and made is not self.shown:
            self._show(made)
        elif tile is None:
            self._refresh()

    def _on_map_opened(self) -> None:
        self.shown, self._pointer = None, None
        self.pin.setChecked(False)
        self._follow(None)
        self._refresh()

    def _on_pointer_moved(self, at: tuple[float, float] | None) -> None:
        self._pointer = at
        grid = self._workspace.grid if self._workspace.document is not None else None
        tile = tile_under(grid, at)
        if tile is not None and not self.pin.isChecked() and tile != self._followed:
            self._follow(tile)
        self._point_from_map()

    def _on_selection_changed(self) -> None:
        tile = self._workspace.selected_tile
        if tile is not None:
            self._follow(tile)

    def _on_pin_toggled(self, on: bool) -> None:
        selected = self._workspace.selected_tile
        if on and selected is not None:
            self._follow(selected)
        self._refresh()

    # --- what is shown ---

    def _on_tiles_ready(self, tile: TileCoord, compiled: CompiledWindow) -> None:
        if self.isVisible() and tile == self._followed:
            self._show(compiled)

    def _on_tiles_failed(self, tile: TileCoord, sentence: str) -> None:
        if tile == self._followed:
            self.shown = None
            self.pages.empty.say(_tr("This tile cannot be prepared"), sentence)
            self.pages.show_body(False)

    def _on_tiles_changed(self, tiles: frozenset[TileCoord]) -> None:
        if self.shown is not None and self.shown.tile in tiles:
            self._say_title()

    def _show(self, compiled: CompiledWindow) -> None:
        self.shown = compiled
        steps = self._workspace.settings.steps
        grid = self._workspace.grid
        core = QRectF() if grid is None else _core_in(compiled, grid.core(compiled.tile))
        grey = np.rint(compiled.change_map * np.float32(255)).astype(np.uint8)
        pixels = {
            "seed_canvas": compiled.seed_canvas,
            "inpaint_mask": np.repeat(compiled.inpaint_mask[..., None], 3, axis=2),
            "change_map": np.repeat(grey[..., None], 3, axis=2),
            "free_steps": free_table(steps)[compiled.free_steps],
        }
        for name, picture in self.pictures.items():
            picture.show_image(rgb_image(pixels[name]), core)
        counts = np.bincount(compiled.free_steps.reshape(-1), minlength=steps + 1)
        self.legend.show_levels(counts / counts.sum(), steps)
        self._refresh()

    def _refresh(self) -> None:
        compiled, document = self.shown, self._workspace.document
        if compiled is None or document is None:
            self.pages.empty.say(*_nothing(has_map=document is not None))
            self.pages.show_body(False)
            return
        self._say_title()
        self.prompt.setText(compiled.prompt)
        self.seed.setText(str(document.project.seed))
        count = len(compiled.coverage)
        none = _tr("none finished yet: painted from the zones alone")
        self.neighbours.setText(
            _tr("continues {count} finished tiles").format(count=count) if count else none
        )
        seconds = self._workspace.seconds_for(1)
        unknown = _tr("known after the first tile")
        about = "" if seconds is None else duration_text(seconds)
        self.cost.setText(
            _tr("about {time} for this tile").format(time=about) if about else unknown
        )
        self._point_from_map()
        self.pages.show_body(True)

    def _say_title(self) -> None:
        if self.shown is None:
            return
        tile = self.shown.tile
        kind = self._workspace.state_of(tile).kind
        self.title.setText(
            _tr("Tile {row}, {col} · {state}").format(
                row=tile.row, col=tile.col, state=state_label(kind)
            )
        )

    # --- one place in all four pictures ---

    def _point_from_map(self) -> None:
        if self.shown is not None and self._pointer is not None:
            x, y = self._pointer[0] - self.shown.rect.x, self._pointer[1] - self.shown.rect.y
            self._point((x, y))
        else:
            self._point(None)

    def _on_picture_pointed(self, at: tuple[float, float] | None) -> None:
        if at is None:
            self._point_from_map()
        else:
            self._point(at)

    def _point(self, at: tuple[float, float] | None) -> None:
        words = "" if at is None or self.shown is None else self._words_at(self.shown, at)
        for picture in self.pictures.values():
            picture.show_cross(at if words else None)
        self.readout.setText(words or _tr("Point at a picture to read its values."))

    def _words_at(self, compiled: CompiledWindow, at: tuple[float, float]) -> str:
        x, y = int(at[0] // 1), int(at[1] // 1)
        palette = self._workspace.palette
        if palette is None or not (0 <= x < compiled.rect.width and 0 <= y < compiled.rect.height):
            return ""
        zone = capital(palette.zone(int(compiled.zones[y, x])).name)
        free = free_label(int(compiled.free_steps[y, x]), self._workspace.settings.steps)
        if compiled.inpaint_mask[y, x] == FEATURE:
            zone = _tr("{zone}, river or path").format(zone=zone)
        return f"{zone} · {free} · mu {compiled.change_map[y, x]:.2f}"

    # --- Qt ---

    def showEvent(self, event: QShowEvent) -> None:
        """Go on following."""
        super().showEvent(event)
        self._follow(self._followed or self._workspace.selected_tile)

    def hideEvent(self, event: QHideEvent) -> None:
        """Compile nothing that nobody sees."""
        super().hideEvent(event)
        self._tiles.want(_WHO, None)


def _caption(name: str) -> tuple[str, str]:
    return {
        "seed_canvas": (
            _tr("Seed canvas"),
            _tr("The picture the model starts from: finished neighbours, else zone colours with "
                "rivers and paths over them."),
        ),
        "inpaint_mask": (
            _tr("Inpaint mask"),
            _tr("Black is kept, grey follows a river or path, white is painted."),
        ),
        "change_map": (
            _tr("Change map"),
            _tr("How strongly each place may change: black not at all, white entirely."),
        ),
        "free_steps": (
            _tr("Free steps"),
            _tr("The same as the model can really do it: in how many of its steps each place is "
                "free."),
        ),
    }[name]  # fmt: skip


def _nothing(*, has_map: bool) -> tuple[str, str]:
    if has_map:
        hint = _tr("Move over the map, or select a tile, to see what the model gets for it.")
        return _tr("No tile yet"), hint
    return _tr("No map is open"), _tr("Open or make a map; then move over it.")


def _core_in(compiled: CompiledWindow, core: Rect) -> QRectF:
    return QRectF(core.x - compiled.rect.x, core.y - compiled.rect.y, core.width, core.height)


def _row_name(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label


def _rule() -> QFrame:
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelView", text)
