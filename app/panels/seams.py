"""Seams of the map and faults of its strokes, worst first: go there, mend it, or call it good."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.good_seams import is_good, print_of, with_mark
from app.core.problems import Problem
from app.core.seam_rows import SeamRow, rows_of
from app.panels.empty_state import EmptyState, Pages
from app.panels.fields import described
from app.panels.seam_model import SeamModel, colour_text
from app.workspace.icons import icon
from app.workspace.tasks import sentence_of
from app.workspace.workspace import Workspace
from zones.errors import TilewrightError


class SeamsPanel(QWidget):
    """The worst places of the map, and what to do about them.

    Args:
        workspace: the open map.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._rows: list[SeamRow] = []
        self._prints: list[str] = []
        self._has_open_rows = False
        self.model = SeamModel()
        self.model.setParent(self)
        self.table = QTableView()
        self.summary = QLabel()
        self.measure_first = QPushButton(icon("ruler"), _tr("Measure the seams"))
        self.measure = QPushButton(icon("ruler"), _tr("Measure again"))
        self.hide_good = QCheckBox(_tr("Hide good ones"))
        self.visit = QPushButton(icon("crosshairs-gps"), _tr("Go to"))
        self.repair = QPushButton(icon("auto-fix"), _tr("Repair"))
        self.reroll = QPushButton(icon("dice-multiple-outline"), _tr("Repaint"))
        self.good = QPushButton(icon("thumb-up-outline"), _tr("Mark as good"))
        self.repair_all = QPushButton(icon("auto-fix"), _tr("Repair all"))
        self._describe()
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def chosen(self) -> SeamRow | None:
        """The row that buttons act on."""
        index = self.table.currentIndex()
        return self.model.rows[index.row()] if index.isValid() else None

    def _describe(self) -> None:
        measure = _tr("Look how visible the joints between the finished tiles are.")
        described(self.measure_first, _tr("Measure the seams"), measure)
        described(self.measure, _tr("Measure again"), measure)
        described(
            self.table, _tr("Seams and strokes"), _tr("Worst first. Enter goes to the place.")
        )
        described(
            self.hide_good,
            _tr("Hide good ones"),
            _tr("Leave out places that you marked as good."),
        )
        described(self.visit, _tr("Go to"), _tr("Show this place on the map."))
        described(
            self.repair,
            _tr("Repair"),
            _tr("Paint the tiles here again, a few times at most; what looks best is kept."),
        )
        described(
            self.repair_all,
            _tr("Repair all"),
            _tr("Repair everything that stands out, but for what you marked as good."),
        )
        described(
            self.good,
            _tr("Mark as good"),
            _tr("Remember that this place is fine, until one of its tiles is painted again."),
        )

    def _lay_out(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.summary.setWordWrap(True)
        top = QHBoxLayout()
        top.addWidget(self.summary, 1)
        top.addWidget(self.repair_all)
        top.addWidget(self.measure)
        buttons = QHBoxLayout()
        for button in (self.visit, self.repair, self.reroll, self.good):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.hide_good)
        body = QWidget()
        column_box = QVBoxLayout(body)
        column_box.setContentsMargins(10, 8, 10, 10)
        column_box.setSpacing(8)
        column_box.addLayout(top)
        column_box.addWidget(table, 1)
        column_box.addLayout(buttons)
        empty = EmptyState("vector-line", "", "")
        layout = empty.layout()
        assert isinstance(layout, QVBoxLayout)
        middle = Qt.AlignmentFlag.AlignHCenter
        layout.insertWidget(layout.count() - 1, self.measure_first, 0, middle)
        self.pages = Pages(empty, body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pages)

    def _connect(self) -> None:
        workspace = self._workspace
        workspace.map_opened.connect(self.refresh)
        workspace.seams_changed.connect(self.refresh)
        workspace.header_changed.connect(self._list)
        workspace.tiles_changed.connect(self._on_tiles_changed)
        self.measure.clicked.connect(workspace.measure_seams)
        self.measure_first.clicked.connect(workspace.measure_seams)
        self.hide_good.toggled.connect(self._list)
        self.visit.clicked.connect(self._on_visit_clicked)
        self.repair.clicked.connect(self._on_repair_clicked)
        self.repair_all.clicked.connect(workspace.repairs.mend_all)
        self.reroll.clicked.connect(self._on_reroll_clicked)
        self.good.clicked.connect(self._on_good_clicked)
        self.table.activated.connect(self._on_table_activated)
        self.table.selectionModel().currentRowChanged.connect(self._refresh_buttons)

    def refresh(self) -> None:
        """Show the report as it is now."""
        report = self._workspace.seams
        self._rows = [] if report is None else rows_of(report)
        self._prints = self._present_prints()
        self._list()

    def _list(self) -> None:
        document, report = self._workspace.document, self._workspace.seams
        chosen = self.table.currentIndex().row()
        project = None if document is None else document.project
        self._has_open_rows = any(
            row.flagged and (project is None or not is_good(project, row.place))
            for row in self._rows
        )
        self.model.show_rows(self._rows, project, hide_good=self.hide_good.isChecked())
        if self.model.rows:
            self.table.selectRow(min(max(chosen, 0), len(self.model.rows) - 1))
        self.table.setColumnHidden(2, not any(colour_text(row) for row in self._rows))
        self.pages.show_body(bool(self._rows))
        finished = bool(document is not None and document.project.content.tiles)
        self.measure_first.setVisible(finished)
        self.pages.empty.say(*_nothing(document is not None, finished, report is not None))
        self._say_summary()
        self._refresh_buttons()

    def _say_summary(self) -> None:
        seams = [row for row in self._rows if row.is_seam]
        crossings = [row for row in self._rows if row.is_crossing]
        parts = [
            _tr("Seams: {bad} of {all} stand out").format(bad=_flagged(seams), all=len(seams)),
            _tr("Crossings: {bad} of {all} broken").format(
                bad=_flagged(crossings), all=len(crossings)
            ),
            _tr("Strokes not as drawn: {count}").format(
                count=len(self._rows) - len(seams) - len(crossings)
            ),
        ]
        text = " · ".join(parts)
        if self._prints != self._present_prints():
            text += "\n" + _tr("Some tiles are newer than these numbers: measure again.")
        self.summary.setText(text)

    def _refresh_buttons(self) -> None:
        row, may_change = self.chosen, not self._workspace.read_only
        self.visit.setEnabled(row is not None)
        self.reroll.setEnabled(row is not None and may_change)
        self.good.setEnabled(row is not None and may_change)
        marked = row is not None and self.model.is_good(self.table.currentIndex().row())
        self.repair.setEnabled(row is not None and row.flagged and not marked and may_change)
        self.repair_all.setEnabled(may_change and self._has_open_rows)
        self.good.setText(_tr("Not good after all") if marked else _tr("Mark as good"))
        self._name_reroll(row)

    def _name_reroll(self, row: SeamRow | None) -> None:
        if row is not None and row.is_fault:
            name, tip = _tr("Paint {tile} closer"), _closer_tip()
        else:
            name, tip = _tr("Repaint {tile}"), _reroll_tip()
        name = name.format(tile="" if row is None else row.worse).strip()
        self.reroll.setText(name)
        described(self.reroll, name, tip)

    def _present_prints(self) -> list[str]:
        document = self._workspace.document
        if document is None:
            return []
        return [print_of(document.project, row.place) for row in self._rows]

    def _on_tiles_changed(self, _tiles: object) -> None:
        if self._rows:
            self._say_summary()
        elif self.pages.currentWidget() is not self.pages.body:
            self._list()

    def _on_visit_clicked(self) -> None:
        row = self.chosen
        if row is not None:
            self._workspace.selected_tile = row.worse
            self._workspace.go_to.emit(row.rect)

    def _on_table_activated(self, _index: QModelIndex) -> None:
        self._on_visit_clicked()

    def _on_repair_clicked(self) -> None:
        row = self.chosen
        if row is not None:
            self._workspace.repairs.mend(row)

    def _on_reroll_clicked(self) -> None:
        row = self.chosen
        if row is not None and row.is_fault:
            self._workspace.repairs.paint_closer(row.worse)
        elif row is not None:
            self._workspace.reroll(row.worse)

    def _on_good_clicked(self) -> None:
        row, document = self.chosen, self._workspace.document
        if row is None or document is None:
            return
        good = not self.model.is_good(self.table.currentIndex().row())
        label = _tr("Mark a place as good") if good else _tr("Take back a mark")
        try:
            document.configure(label, settings=with_mark(document.project, row.place, good=good))
        except TilewrightError as error:
            self._workspace.report(Problem("seams", "warning", sentence_of(error)))
        self._list()


def _flagged(rows: Sequence[SeamRow]) -> int:
    return sum(row.flagged for row in rows)


def _reroll_tip() -> str:
    return _tr("Paint the tile with more faults around it again, with another seed.")


def _closer_tip() -> str:
    return _tr(
        "Paint this tile again with fewer steps at which rivers and paths may change, "
        "so that they lie where they were drawn."
    )


def _nothing(has_map: bool, finished: bool, measured: bool) -> tuple[str, str]:
    if not has_map:
        return _tr("No map is open"), _tr("Open or make a map first.")
    if not finished:
        return _tr("No seams yet"), _tr("Generate two tiles side by side; then measure here.")
    if measured:
        hint = _tr("Tiles must touch before their joints can be measured.")
        return _tr("No seams to show"), hint
    hint = _tr("See where tiles meet visibly, worst first.")
    return _tr("Not measured yet"), hint


def _tr(text: str) -> str:
    return QCoreApplication.translate("Seams", text)
