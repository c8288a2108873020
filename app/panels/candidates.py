"""Variants of a tile side by side: paint some, look, take one, keep it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.panels.empty_state import EmptyState, Pages
from app.panels.fields import described
from app.panels.result_words import details, making
from app.panels.tile_list import tile_name
from app.panels.tile_panel import TilePanel
from app.workspace.icons import icon
from app.workspace.looks import state_label
from app.workspace.pixels import rgb_image
from app.workspace.tasks import sentence_of
from app.workspace.workspace import Workspace
from painter.document import Document
from painter.results import TileResult
from zones.errors import InputError
from zones.grid import TileCoord

MAX_SHOWN = 16
"""Older variants are in the list of results."""

MOST_AT_ONCE = 8

_PICTURE_PX = 144
_ROUND_PX = 5.0
_Variants = list[tuple[TileResult, QImage]]


class CandidatesPanel(TilePanel[_Variants]):
    """The variants of the selected tile that were painted of the map as it is there.

    Args:
        workspace: the open map.
        parent: as of every widget.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(workspace, "variants", parent)
        self._variants: tuple[TileResult, ...] = ()
        self.title = QLabel()
        self.list = QListWidget()
        self.use_button = QPushButton(icon("check"), _tr("Use this one"))
        self.keep_button = QPushButton(icon("lock-outline"), _tr("Keep"))
        self.count = QSpinBox()
        self.more_button = QPushButton(icon("dice-multiple-outline"), _tr("Paint variants"))
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def variants(self) -> tuple[TileResult, ...]:
        """What is shown, newest first."""
        return self._variants

    @property
    def chosen(self) -> TileResult | None:
        """The variant that is selected."""
        at = self.list.currentRow()
        return self._variants[at] if 0 <= at < len(self._variants) else None

    def refresh(self) -> None:
        """Read the selected tile's variants again, off the GUI thread."""
        super().refresh()
        self._refresh_buttons()

    def read(self, document: Document, tile: TileCoord) -> _Variants:
        """The tile's variants with pictures."""
        return variants_of(document, tile)

    def show_found(self, found: _Variants | None, *, again: bool) -> None:
        """List the variants; the chosen one stays chosen."""
        kept = self.chosen.id if self.chosen is not None and again else None
        self._variants = tuple(one for one, _ in found or ())
        self.list.clear()
        for result, image in found or ():
            self.list.addItem(_item(result, image))
        wanted = [one.id == kept if kept else one.on_map for one in self._variants]
        self.list.setCurrentRow(wanted.index(True) if True in wanted else -1)
        self.pages.empty.say(*_nothing(self.tile))
        self.pages.show_body(bool(found))
        self._refresh_buttons()

    def say_failed(self, error: BaseException) -> None:
        """Say why there are no variants to see."""
        self.pages.empty.say(_tr("The variants cannot be read"), sentence_of(error))

    def _lay_out(self) -> None:
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setIconSize(QSize(_PICTURE_PX, _PICTURE_PX))
        self.list.setSpacing(6)
        self.list.setUniformItemSizes(True)
        self.count.setRange(1, MOST_AT_ONCE)
        self.count.setValue(3)
        for widget, name, tip in self._described():
            described(widget, name, tip)
        self.title.setProperty("role", "heading")
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.list, 1)
        chosen = QHBoxLayout()
        chosen.addWidget(self.use_button)
        chosen.addWidget(self.keep_button)
        chosen.addStretch(1)
        column.addLayout(chosen)
        self.pages = Pages(EmptyState("image-multiple-outline", "", ""), body)
        more = QHBoxLayout()
        more.addWidget(self.count)
        more.addWidget(self.more_button, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 12, 12, 12)
        outer.setSpacing(8)
        outer.addWidget(self.title)
        outer.addWidget(self.pages, 1)
        outer.addLayout(more)

    def _described(self) -> tuple[tuple[QWidget, str, str], ...]:
        return (
            (
                self.list,
                _tr("Variants"),
                _tr("Newest first. Enter puts the chosen one on the map."),
            ),
            (self.use_button, _tr("Use this one"), _tr("Put this variant on the map.")),
            (
                self.keep_button,
                _tr("Keep"),
                _tr("Protect this tile as it looks now, so that no run changes it."),
            ),
            (self.count, _tr("Number of variants"), _tr("How many to paint at once.")),
            (
                self.more_button,
                _tr("Paint variants"),
                _tr("Paint this tile again from other seeds; the best one goes on the map."),
            ),
        )

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._refresh_buttons)
        self.list.itemActivated.connect(self._on_use_clicked)
        self.use_button.clicked.connect(self._on_use_clicked)
        self.keep_button.clicked.connect(self._on_keep_clicked)
        self.more_button.clicked.connect(self._on_more_clicked)

    def _refresh_buttons(self) -> None:
        workspace, tile, chosen = self._workspace, self._tile, self.chosen
        usable = tile is not None and not workspace.read_only
        state = workspace.state_of(tile).kind if tile is not None else "empty"
        finished = state in {"done", "flagged"}
        self.use_button.setEnabled(usable and chosen is not None and not chosen.on_map)
        self.keep_button.setEnabled(usable and finished)
        self.more_button.setEnabled(usable and state not in {"queued", "generating"})
        self.count.setEnabled(self.more_button.isEnabled())
        if tile is None:
            self.title.setText(_tr("No tile is selected"))
        else:
            said = _tr("{tile}: {state}")
            self.title.setText(said.format(tile=tile_name(tile), state=state_label(state).lower()))

    def _on_use_clicked(self) -> None:
        chosen = self.chosen
        if chosen is not None and not chosen.on_map and not self._workspace.read_only:
            self._workspace.put_back(chosen.tile, chosen.id)

    def _on_keep_clicked(self) -> None:
        if self._tile is not None:
            self._workspace.keep(self._tile)

    def _on_more_clicked(self) -> None:
        if self._tile is not None:
            self._workspace.reroll(self._tile, candidates=self.count.value())


def variants_of(document: Document, tile: TileCoord) -> _Variants:
    """The newest results that show the same painted map as the newest of them, with pictures.

    Any thread may ask; pictures are scaled to fit `_PICTURE_PX`.

    Raises:
        InputError: the tile's history cannot be read.
    """
    results = [one for one in document.results(tile) if not one.damage]
    painted = results[0].facts.get("painted_hash") if results else None
    found: _Variants = []
    for result in results:
        if result.facts.get("painted_hash") == painted and len(found) < MAX_SHOWN:
            try:
                found.append((result, _small(rgb_image(result.raw()))))
            except InputError:
                continue
    return found


def _small(image: QImage) -> QImage:
    """A picture with round corners that fits the list."""
    scaled = image.scaled(
        _PICTURE_PX,
        _PICTURE_PX,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    rounded = QImage(scaled.size(), QImage.Format.Format_ARGB32_Premultiplied)
    rounded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(rounded)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRoundedRect(QRectF(scaled.rect()), _ROUND_PX, _ROUND_PX)
    painter.setClipPath(path)
    painter.drawImage(0, 0, scaled)
    painter.end()
    return rounded


def _item(result: TileResult, image: QImage) -> QListWidgetItem:
    said = _tr("seed {seed}").format(seed=result.facts.get("seed", "?"))
    if result.on_map:
        said = _tr("{seed}, on the map").format(seed=said)
    item = QListWidgetItem(QIcon(QPixmap.fromImage(image)), said)
    item.setToolTip(details(result))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{said}, {making(result)}")
    return item


def _nothing(tile: TileCoord | None) -> tuple[str, str]:
    if tile is None:
        return (
            _tr("No tile is selected"),
            _tr("Select a tile on the map to paint variants of it and take the best."),
        )
    return (
        _tr("No variants yet"),
        _tr("Paint some: each begins from another seed, and you take the one you like."),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Candidates", text)
