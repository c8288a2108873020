"""The table of seams, crossings and faults of strokes, in words that need no manual."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap

from app.core.good_seams import is_good
from app.core.seam_rows import SeamRow, weakest_of
from app.workspace.fault_words import fault_sentence, fault_text, place_text
from app.workspace.looks import SEAM_BEST, capital, seam_colour
from generation.plan.judging import StrokeFault
from generation.plan.seams import Seam
from painter.project import Project

_Index = QModelIndex | QPersistentModelIndex
_DOT_PX = 14
_TIMES = "\u00d7"
_ROOT = QModelIndex()


class SeamModel(QAbstractTableModel):
    """Rows of a report: where, and how visible."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[SeamRow] = []
        self._good: set[int] = set()

    @property
    def rows(self) -> list[SeamRow]:
        """What is listed."""
        return self._rows

    def show_rows(self, rows: list[SeamRow], project: Project | None, *, hide_good: bool) -> None:
        """List rows; those that were found good are greyed or left out."""
        self.beginResetModel()
        good = [project is not None and is_good(project, row.place) for row in rows]
        kept = [at for at in range(len(rows)) if not (hide_good and good[at])]
        self._rows = [rows[at] for at in kept]
        self._good = {number for number, at in enumerate(kept) if good[at]}
        self.endResetModel()

    def is_good(self, row: int) -> bool:
        """Whether a row was found good."""
        return row in self._good

    # --- Qt ---

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """One for each place."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Where, how visible, colour."""
        return 0 if parent.isValid() else 3

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Names of the columns, and what their numbers mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (_tr("Where"), _tr("Visible"), _tr("Colour"))[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (_where_tip(), _visible_tip(), _colour_tip())[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, a coloured dot, and what the numbers mean."""
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (where_text(row), visible_text(row), colour_text(row))[column]
        if role == Qt.ItemDataRole.DecorationRole and column == 0:
            return _dot(seam_colour(SEAM_BEST + row.badness), ring=not row.is_seam)
        if role == Qt.ItemDataRole.TextAlignmentRole and column > 0:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.FontRole:
            return _font(bold=row.flagged, italic=self.is_good(index.row()))
        words = {
            Qt.ItemDataRole.ToolTipRole: explained,
            Qt.ItemDataRole.AccessibleTextRole: _spoken,
        }.get(Qt.ItemDataRole(role))
        return None if words is None else words(row)


def _font(*, bold: bool, italic: bool) -> QFont | None:
    if not (bold or italic):
        return None
    font = QFont()
    font.setBold(bold and not italic)
    font.setItalic(italic)
    return font


def _spoken(row: SeamRow) -> str:
    return f"{where_text(row)}, {visible_text(row)}"


def where_text(row: SeamRow) -> str:
    """The place in words."""
    if isinstance(row.place, StrokeFault):
        return capital(place_text(row.place))
    first, second = row.place.tiles
    if isinstance(row.place, Seam):
        return _tr("{first} and {second}").format(first=first, second=second)
    return _tr("{kind}, {first} to {second}").format(
        kind=capital(row.place.kind), first=first, second=second
    )


def visible_text(row: SeamRow) -> str:
    """How visible it is: times the ground's own steps, or what was lost of a stroke."""
    if isinstance(row.place, StrokeFault):
        return fault_text(row.place)
    if isinstance(row.place, Seam):
        step = row.place.step
        return "" if step is None else f"{step:.2f}{_TIMES}"
    return _tr("{share} % kept").format(share=round(100 * row.place.compliance))


def colour_text(row: SeamRow) -> str:
    """The colour difference where both tiles were free to paint."""
    if isinstance(row.place, Seam) and row.place.delta_e is not None:
        return f"ΔE {row.place.delta_e:.1f}"
    return ""


def explained(row: SeamRow) -> str:
    """What the numbers of a row say."""
    place = row.place
    if isinstance(place, StrokeFault):
        where = _tr("It shows in the tile {tile}.").format(tile=place.fault.tile)
        return f"{fault_sentence(place)}\n{where}"
    if isinstance(place, Seam):
        lines = [
            _tr("The picture changes {step} times as much here as inside the tiles.").format(
                step=f"{place.step:.2f}"
            )
        ]
        if place.limit is not None:
            lines.append(
                _tr("Between these two kinds of ground, up to {limit} is usual.").format(
                    limit=f"{place.limit:.2f}"
                )
            )
        if place.drift is not None:
            lines.append(
                _tr("Colours on both sides of the blend differ {drift} times as much.").format(
                    drift=f"{place.drift:.2f}"
                )
            )
        if place.delta_e is not None:
            lines.append(_colour_tip())
        if place.flagged:
            lines.append(_tr("It stands out: more than 99 of 100 places inside the tiles."))
        return "\n".join(lines)
    text = _tr("Of the {kind}, {share} % survives the crossing. Weakest: {why}.").format(
        kind=place.kind, share=round(100 * place.compliance), why=_why(weakest_of(place))
    )
    return text if place.is_continuous else f"{text}\n{_tr('It does not run through as drawn.')}"


def _why(score: str) -> str:
    return {
        "present": _tr("it can hardly be told from the ground"),
        "continuous": _tr("it has a gap"),
        "in_place": _tr("it runs beside where it was painted"),
        "same_width": _tr("it is not equally wide on both sides"),
    }[score]


def _where_tip() -> str:
    return _tr("The two tiles, by row and column; or a stroke, and where on the map it is wrong.")


def _visible_tip() -> str:
    return _tr(
        "How many times as much the picture changes here as on the same ground elsewhere: "
        "1.00 cannot be seen."
    )


def _colour_tip() -> str:
    return _tr(
        "ΔE is how far apart the two tiles' own colours are where both were free to paint; "
        "2 is just visible side by side."
    )


def _dot(colour: QColor, *, ring: bool) -> QPixmap:
    pixmap = QPixmap(_DOT_PX, _DOT_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(3, 3, _DOT_PX - 6, _DOT_PX - 6)
    if ring:
        painter.setPen(colour)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(1, 1, _DOT_PX - 2, _DOT_PX - 2)
    painter.end()
    return pixmap


def _tr(text: str) -> str:
    return QCoreApplication.translate("Seams", text)
