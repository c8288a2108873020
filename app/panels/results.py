"""What a tile looked like before: its results, newest first, to be put back or compared."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
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
from app.panels.tile_panel import TilePanel
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
_Found = list[tuple[TileResult, QImage | None]]


class ResultsPanel(TilePanel[_Found]):
    """The run history of the selected tile.

    Args:
        workspace: the open map.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(workspace, "results", parent)
        self._comparison = Comparison.of(workspace)
        self._results: tuple[TileResult, ...] = ()
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
        self.list.currentRowChanged.connect(self._on_list_row_changed)
        self.list.itemActivated.connect(self._on_list_activated)
        self.put_back.clicked.connect(self._on_put_back_clicked)
        self.compare.clicked.connect(self._on_compare_clicked)

    def read(self, document: Document, tile: TileCoord) -> _Found:
        """The tile's results with small pictures."""
        return _read(document, tile)

    def show_found(self, found: _Found | None, *, again: bool) -> None:
        """List the results; the chosen one stays chosen."""
        kept = self.chosen.id if self.chosen is not None and again else None
        self._results = tuple(one for one, _ in found or ())
        self.list.clear()
        for result, image in found or ():
            self.list.addItem(_item(result, image))
        at = next((row for row, one in enumerate(self._results) if one.id == kept), 0)
        self.list.setCurrentRow(at if self._results else -1)
        tile = self.tile
        if tile is not None:
            said = _tr("Tile {row}, {col}: {count} results")
            count = len(self._results)
            self.title.setText(said.format(row=tile.row, col=tile.col, count=count))
        self.pages.empty.say(*_nothing(self._workspace.document is not None, tile))
        self.pages.show_body(bool(found))
        self._refresh_buttons()

    def say_failed(self, error: BaseException) -> None:
        """Say why there are no results to see."""
        self.pages.empty.say(_tr("The results cannot be read"), sentence_of(error))

    def _refresh_buttons(self) -> None:
        result = self.chosen
        usable = result is not None and not result.on_map and not result.damage
        self.put_back.setEnabled(usable and not self._workspace.read_only)
        self.compare.setEnabled(usable)

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


def _read(document: Document, tile: TileCoord) -> _Found:
    found: _Found = []
    for result in document.results(tile):
        try:
            found.append((result, rgb_image(result.thumbnail())))
        except InputError:
            found.append((result, None))
    return found


def _item(result: TileResult, image: QImage | None) -> QListWidgetItem:
    head = " · ".join(part for part in (standing(result), moment(result)) if part)
    item = QListWidgetItem(f"{head}\n{making(result)}")
    item.setIcon(icon("image-broken-variant") if image is None else _fitted(image))
    item.setToolTip(details(result))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{head}, {making(result)}")
    if result.on_map:
        font = item.font()
        font.setBold(True)
        item.setFont(font)
    return item


def _fitted(image: QImage) -> QIcon:
    return QIcon(
        QPixmap.fromImage(image).scaled(
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
