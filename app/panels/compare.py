"""The control of a comparison: a slider between an earlier result and the map as it is."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from app.panels.empty_state import EmptyState, Pages
from app.panels.fields import described
from app.panels.result_words import making, moment
from app.workspace.comparison import Comparison
from app.workspace.icons import icon
from app.workspace.workspace import Workspace
from painter.results import TileResult

_SLIDER_STEPS = 1000


class ComparePanel(QWidget):
    """Moves the line of the comparison; starts one for the selected tile.

    Args:
        workspace: the open map.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._comparison = Comparison.of(workspace)
        self.start = QPushButton(icon("compare"), _tr("Compare with the one before"))
        self.title = QLabel()
        self.facts = QLabel()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.put_back = QPushButton(icon("restore"), _tr("Put the earlier one back"))
        self.end = QPushButton(_tr("Done"))
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        self._describe()
        self.title.setProperty("role", "heading")
        self.facts.setProperty("role", "muted")
        self.title.setWordWrap(True)
        self.facts.setWordWrap(True)
        self.slider.setRange(0, _SLIDER_STEPS)
        self.slider.setPageStep(_SLIDER_STEPS // 10)
        self.slider.setSingleStep(_SLIDER_STEPS // 50)
        row = QHBoxLayout()
        row.addWidget(QLabel(_tr("Earlier")))
        row.addWidget(self.slider, 1)
        row.addWidget(QLabel(_tr("Now")))
        buttons = QHBoxLayout()
        buttons.addWidget(self.put_back)
        buttons.addStretch(1)
        buttons.addWidget(self.end)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.facts)
        column.addLayout(row)
        column.addLayout(buttons)
        column.addStretch(1)
        empty = EmptyState("compare", _tr("Nothing to compare"), "")
        layout = empty.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.count() - 1, self.start, 0, Qt.AlignmentFlag.AlignHCenter)
        self.pages = Pages(empty, body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pages)

    def _describe(self) -> None:
        described(
            self.start,
            _tr("Compare with the one before"),
            _tr("Lay the selected tile's last earlier result over the map."),
        )
        described(
            self.slider,
            _tr("Before and after"),
            _tr("Where the line on the map is: the earlier result shows left of it."),
        )
        described(
            self.put_back,
            _tr("Put the earlier one back"),
            _tr("Show the earlier result on the map again; can be undone."),
        )
        described(self.end, _tr("Done"), _tr("Take the comparison off the map."))

    def _connect(self) -> None:
        self._comparison.changed.connect(self._refresh)
        self._workspace.selection_changed.connect(self._refresh)
        self._workspace.map_opened.connect(self._refresh)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.start.clicked.connect(self.begin)
        self.put_back.clicked.connect(self._on_put_back_clicked)
        self.end.clicked.connect(self._comparison.stop)

    def _refresh(self) -> None:
        result = self._comparison.result
        self.pages.show_body(result is not None)
        tile = self._workspace.selected_tile
        has_tile = self._workspace.document is not None and tile is not None
        self.start.setEnabled(has_tile)
        self.pages.empty.hint.setText(
            _tr("Choose an earlier result in the tile history, or take the last one.")
            if has_tile
            else _tr("Select a tile that was painted more than once.")
        )
        if result is None:
            return
        when = moment(result) or _tr("an earlier result")
        self.title.setText(
            _tr("Tile {row}, {col}: {when} and now").format(
                row=result.tile.row, col=result.tile.col, when=when
            )
        )
        self.facts.setText(making(result))
        self.put_back.setEnabled(not self._workspace.read_only)
        value = round(self._comparison.position * _SLIDER_STEPS)
        if value != self.slider.value():
            self.slider.blockSignals(True)
            self.slider.setValue(value)
            self.slider.blockSignals(False)

    def _on_slider_moved(self, value: int) -> None:
        self._comparison.position = value / _SLIDER_STEPS

    def begin(self) -> None:
        """Compare the selected tile with its last earlier result; say so where there is none."""
        document, tile = self._workspace.document, self._workspace.selected_tile
        if document is None or tile is None:
            return

        def done(results: tuple[TileResult, ...]) -> None:
            earlier = [one for one in results if not one.on_map and not one.damage]
            if earlier and self._workspace.selected_tile == tile:
                self._comparison.start(earlier[0])
            elif not earlier:
                self.pages.empty.hint.setText(
                    _tr("This tile has no earlier result. Try Another try, then compare.")
                )

        self._workspace.tasks.submit(lambda: document.results(tile), done, name="results")

    def _on_put_back_clicked(self) -> None:
        result = self._comparison.result
        if result is not None:
            self._comparison.stop()
            self._workspace.put_back(result.tile, result.id)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Compare", text)
