"""What a tile looked like before: its results, newest first, to be put back or compared."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QHideEvent, QIcon, QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.empty_state import EmptyState, Pages
from app.panels.fields import described
from app.panels.result_words import details, making, moment, standing
from app.workspace.comparison import Comparison
from app.workspace.icons import icon
from app.workspace.pixels import rgb_image
from app.workspace.tasks import sentence_of
from app.workspace.workspace import Workspace
from painter.document import Document
from painter.results import TileResult
from zones.errors import InputError
from zones.grid import TileCoord

_PICTURE_PX = 56
_Found = list[tuple[TileResult, QPixmap | None]]


class ResultsPanel(QWidget):
    """The run history of the selected tile.

    Args:
        workspace: the open map.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._comparison = Comparison.of(workspace)
        self._results: tuple[TileResult, ...] = ()
        self._tile: TileCoord | None = None
        self._round = 0
        self.title = QLabel()
        self.list = QListWidget()
        self.put_back = QPushButton(icon("restore"), _tr("Put back"))
        self.compare = QPushButton(icon("compare"), _tr("Compare"))
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def results(self) -> tuple[TileResult, ...]:
        """What is listed, newest first."""
        return self._results

    @property
    def chosen(self) -> TileResult | None:
        """The result that buttons act on."""
        at = self.list.currentRow()
        return self._results[at] if 0 <= at < len(self._results) else None

    def _lay_out(self) -> None:
        described(self.list, _tr("Results of this tile"), _tr("Newest first. Enter compares."))
        described(
            self.put_back, _tr("Put back"), _tr("Show this result on the map again; can be undone.")
        )
        described(
            self.compare,
            _tr("Compare"),
            _tr("Lay this result over the map, with a line to drag between before and after."),
        )
        self.title.setProperty("role", "heading")
        self.list.setIconSize(QSize(_PICTURE_PX, _PICTURE_PX))
        self.list.setSpacing(2)
        self.list.setUniformItemSizes(True)
        self.list.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.compare)
        buttons.addWidget(self.put_back)
        buttons.addStretch(1)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        self.pages = Pages(EmptyState("image-filter-none", "", ""), body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pages)

    def _connect(self) -> None:
        workspace = self._workspace
        workspace.map_opened.connect(self.refresh)
        workspace.selection_changed.connect(self._on_selection_changed)
        workspace.tiles_changed.connect(self._on_tiles_changed)
        self.list.currentRowChanged.connect(self._on_list_row_changed)
        self.list.itemActivated.connect(self._on_list_activated)
        self.put_back.clicked.connect(self._on_put_back_clicked)
        self.compare.clicked.connect(self._on_compare_clicked)

    def refresh(self) -> None:
        """Read the selected tile's results again, off the GUI thread."""
        document, tile = self._workspace.document, self._workspace.selected_tile
        self._round += 1
        if tile != self._tile or document is None or tile is None:
            self._show(None if document is None else tile, [])
        if document is None or tile is None or not self.isVisible():
            return
        started = self._round

        def done(found: list[tuple[TileResult, QImage | None]]) -> None:
            if started == self._round:
                pictures = [
                    (one, QPixmap.fromImage(image) if image is not None else None)
                    for one, image in found
                ]
                self._show(tile, pictures)

        def failed(error: BaseException) -> None:
            if started == self._round:
                self._show(tile, [])
                self.pages.empty.say(_tr("The results cannot be read"), sentence_of(error))

        self._workspace.tasks.submit(
            lambda: _read(document, tile), done, failed=failed, name="results"
        )

    def _show(self, tile: TileCoord | None, found: _Found) -> None:
        kept = self.chosen.id if self.chosen is not None else None
        self._tile, self._results = tile, tuple(one for one, _ in found)
        self.list.clear()
        for result, picture in found:
            self.list.addItem(_item(result, picture))
        at = next((row for row, one in enumerate(self._results) if one.id == kept), 0)
        self.list.setCurrentRow(at if self._results else -1)
        if tile is not None:
            self.title.setText(
                _tr("Tile {row}, {col}: {count} results").format(
                    row=tile.row, col=tile.col, count=len(found)
                )
            )
        self.pages.empty.say(*_nothing(self._workspace.document is not None, tile))
        self.pages.show_body(bool(found))
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        result = self.chosen
        usable = result is not None and not result.on_map and not result.damage
        self.put_back.setEnabled(usable and not self._workspace.read_only)
        self.compare.setEnabled(usable)

    def _on_selection_changed(self) -> None:
        if self._workspace.selected_tile != self._tile:
            self.refresh()

    def _on_tiles_changed(self, tiles: frozenset[TileCoord]) -> None:
        if self._tile in tiles:
            self.refresh()

    def _on_list_row_changed(self, _row: int) -> None:
        self._refresh_buttons()

    def _on_list_activated(self, _item: QListWidgetItem) -> None:
        if self.compare.isEnabled():
            self._on_compare_clicked()

    def _on_put_back_clicked(self) -> None:
        result = self.chosen
        if result is not None:
            self._comparison.stop()
            self._workspace.put_back(result.tile, result.id)

    def _on_compare_clicked(self) -> None:
        result, grid = self.chosen, self._workspace.grid
        if result is not None and grid is not None:
            self._comparison.start(result)
            self._workspace.go_to.emit(grid.window(result.tile))

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed meanwhile."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Results that are on their way are no longer waited for."""
        super().hideEvent(event)
        self._round += 1


def _read(document: Document, tile: TileCoord) -> list[tuple[TileResult, QImage | None]]:
    found: list[tuple[TileResult, QImage | None]] = []
    for result in document.results(tile):
        try:
            found.append((result, rgb_image(result.thumbnail())))
        except InputError:
            found.append((result, None))
    return found


def _item(result: TileResult, picture: QPixmap | None) -> QListWidgetItem:
    head = " · ".join(part for part in (standing(result), moment(result)) if part)
    item = QListWidgetItem(f"{head}\n{making(result)}")
    item.setIcon(icon("image-broken-variant") if picture is None else _rounded(picture))
    item.setToolTip(details(result))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{head}, {making(result)}")
    if result.on_map:
        font = item.font()
        font.setBold(True)
        item.setFont(font)
    return item


def _rounded(picture: QPixmap) -> QIcon:
    return QIcon(
        picture.scaled(
            _PICTURE_PX,
            _PICTURE_PX,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    )


def _nothing(has_map: bool, tile: TileCoord | None) -> Sequence[str]:
    if not has_map:
        return _tr("No map is open"), _tr("Open or make a map first.")
    if tile is None:
        hint = _tr("Select a tile on the map to see what it looked like before.")
        return _tr("No tile is selected"), hint
    hint = _tr("Nothing was painted here yet. Choose Generate this tile.")
    return _tr("No results yet"), hint


def _tr(text: str) -> str:
    return QCoreApplication.translate("Results", text)
