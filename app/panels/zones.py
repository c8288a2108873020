"""The zones to paint with: swatches with their keys, the base zone, and how zones are changed."""

from __future__ import annotations

import itertools
from dataclasses import replace

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.fields import described, tool_button
from app.panels.prompts import configure
from app.panels.zone_editor import ZoneEditor
from app.workspace.looks import capital
from app.workspace.workspace import Workspace
from zones.palette import Palette, Zone

MOST_KEYS = 9
_SWATCH_PX, _ROW_PX, _GAP_PX = 20, 30, 8
_HIGHEST_ID = 255

Index = QModelIndex | QPersistentModelIndex


class _ZoneRows(QAbstractListModel):
    """The palette's zones as rows."""

    def __init__(self) -> None:
        super().__init__()
        self._zones: tuple[Zone, ...] = ()
        self.base = 0

    def show_palette(self, palette: Palette | None) -> bool:
        """Show a palette; whether the rows are others than before."""
        zones = () if palette is None else palette.zones
        base = 0 if palette is None else palette.base_zone
        if (zones, base) == (self._zones, self.base):
            return False
        self.beginResetModel()
        self._zones, self.base = zones, base
        self.endResetModel()
        return True

    def zone(self, row: int) -> Zone | None:
        """The zone in a row."""
        return self._zones[row] if 0 <= row < len(self._zones) else None

    def row_of(self, zone_id: int) -> int:
        """The row of a zone; -1 where there is none."""
        ids = [zone.id for zone in self._zones]
        return ids.index(zone_id) if zone_id in ids else -1

    def rowCount(self, parent: Index | None = None) -> int:
        """How many zones there are."""
        return 0 if parent is not None and parent.isValid() else len(self._zones)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A zone's name, tip, or the zone itself."""
        zone = self.zone(index.row())
        if zone is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return capital(zone.name)
        if role == Qt.ItemDataRole.UserRole:
            return zone
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._tip(zone, index.row())
        return None

    def _tip(self, zone: Zone, row: int) -> str:
        words = _tr("Paint {name}; the model is told: {prompt}.").format(
            name=capital(zone.name), prompt=zone.prompt or "-"
        )
        if row < MOST_KEYS:
            words += " " + _tr("Key {key}.").format(key=row + 1)
        if zone.id == self.base:
            words += " " + _tr("Places nobody painted are {name}.").format(name=capital(zone.name))
        return words


class _ZoneLook(QStyledItemDelegate):
    """Draws a zone: swatch, name, what is special, and its key."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows are equally high."""
        return QSize(super().sizeHint(option, index).width(), _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        zone = index.data(Qt.ItemDataRole.UserRole)
        rect, palette = QRect(option.rect), option.palette
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        accent = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight)
        under = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(rect.adjusted(4, 1, -4, -1))
        if chosen or under:
            shade = QColor(accent if chosen else palette.midlight().color())
            shade.setAlpha(56 if chosen else 160)
            painter.setPen(QPen(accent, 1) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(row.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        top = rect.center().y() - _SWATCH_PX // 2 + 1
        swatch = QRectF(rect.left() + 12, top, _SWATCH_PX, _SWATCH_PX)
        painter.setPen(QPen(QColor(0, 0, 0, 60), 1))
        painter.setBrush(QColor(*zone.rgb))
        painter.drawRoundedRect(swatch.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        words = rect.adjusted(12 + _SWATCH_PX + _GAP_PX, 0, -12, 0)
        painter.setPen(palette.text().color())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, capital(zone.name))
        painter.setPen(palette.placeholderText().color())
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignRight, self._notes(index, zone))
        painter.restore()

    def _notes(self, index: Index, zone: Zone) -> str:
        """What stands at the right: whether it is the base zone, and its key."""
        rows = index.model()
        base = _tr("base") if isinstance(rows, _ZoneRows) and zone.id == rows.base else ""
        key = str(index.row() + 1) if index.row() < MOST_KEYS else ""
        return "   ".join(part for part in (base, key) if part)


class ZonesPanel(QWidget):
    """The palette of zones.

    Signals:
        chosen: the user took a zone up, by its id.
    """

    chosen = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._rows = _ZoneRows()
        self._editor: ZoneEditor | None = None
        self.list = QListView()
        self._lay_out()
        self.list.clicked.connect(self._on_list_clicked)
        self.list.doubleClicked.connect(lambda _: self.edit_zone())
        self.list.customContextMenuRequested.connect(self._on_list_menu)
        workspace.map_opened.connect(self.refresh)
        workspace.header_changed.connect(self.refresh)
        workspace.settings_changed.connect(self._show_active)
        self.refresh()

    def refresh(self) -> None:
        """Show the map's palette."""
        self._rows.show_palette(self._workspace.palette)
        editable = not self._workspace.read_only
        for button in (self.add_button, self.edit_button, self.base_button, self.remove_button):
            button.setEnabled(editable)
        self._show_active()

    def choose(self, row: int) -> bool:
        """Take up the zone in a row, counted from 0; whether there is one."""
        zone = self._rows.zone(row)
        if zone is None:
            return False
        self._workspace.active_zone = zone.id
        self.chosen.emit(zone.id)
        return True

    def add_zone(self) -> None:
        """Ask for a new zone and give it to the palette."""
        palette = self._workspace.palette
        if palette is None or self._workspace.read_only:
            return
        used = {zone.id for zone in palette.zones}
        free = next((number for number in range(1, _HIGHEST_ID + 1) if number not in used), None)
        if free is not None:
            self._open_editor(Zone(free, "", _fresh_colour(palette), ""), is_new=True)

    def edit_zone(self) -> None:
        """Change the active zone's name, colour and words."""
        zone = self._active()
        if zone is not None and not self._workspace.read_only:
            self._open_editor(zone, is_new=False)

    def make_base(self) -> None:
        """Let places nobody painted be the active zone."""
        palette, zone = self._workspace.palette, self._active()
        if palette is not None and zone is not None:
            changed = replace(palette, base_zone=zone.id)
            configure(self._workspace, _tr("Base zone"), palette=changed)

    def remove_zone(self) -> None:
        """Take the active zone out of the palette; refused while the map has any of it."""
        palette, zone = self._workspace.palette, self._active()
        if palette is None or zone is None or len(palette.zones) == 1:
            return
        rest = tuple(each for each in palette.zones if each.id != zone.id)
        base = rest[0].id if palette.base_zone == zone.id else palette.base_zone
        changed = replace(palette, zones=rest, base_zone=base)
        if configure(self._workspace, _tr("Remove a zone"), palette=changed):
            self._workspace.active_zone = rest[0].id

    def _active(self) -> Zone | None:
        return self._rows.zone(self._rows.row_of(self._workspace.active_zone))

    def _open_editor(self, zone: Zone, *, is_new: bool) -> None:
        palette = self._workspace.palette
        assert palette is not None
        editor = ZoneEditor(zone, palette, is_new=is_new, parent=self)
        editor.finished_zone.connect(self._on_editor_finished)
        self._editor = editor
        editor.open()

    def _on_editor_finished(self, zone: Zone) -> None:
        palette = self._workspace.palette
        if palette is None:
            return
        known = any(each.id == zone.id for each in palette.zones)
        zones = tuple(zone if each.id == zone.id else each for each in palette.zones)
        changed = replace(palette, zones=zones if known else (*zones, zone))
        label = _tr("Change a zone") if known else _tr("Add a zone")
        if configure(self._workspace, label, palette=changed):
            self._workspace.active_zone = zone.id

    def _show_active(self) -> None:
        row = self._rows.row_of(self._workspace.active_zone)
        if row < 0:
            self.list.clearSelection()
        else:
            self.list.setCurrentIndex(self._rows.index(row, 0))

    def _on_list_clicked(self, index: QModelIndex) -> None:
        self.choose(index.row())

    def _on_list_menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if index.isValid():
            self.choose(index.row())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entries = [(_tr("Add a zone…"), self.add_zone)]
        if index.isValid():
            entries += [
                (_tr("Change this zone…"), self.edit_zone),
                (_tr("Make it the base zone"), self.make_base),
                (_tr("Remove this zone"), self.remove_zone),
            ]
        for text, act in entries:
            menu.addAction(text).triggered.connect(lambda _=False, act=act: act())
        menu.setEnabled(not self._workspace.read_only)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _lay_out(self) -> None:
        described(self.list, _tr("Zones"), _tr("Choose what you paint; keys 1 to 9 do too."))
        self.list.setModel(self._rows)
        self.list.setItemDelegate(_ZoneLook(self.list))
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumHeight(4 * _ROW_PX)
        self.add_button = tool_button("plus", _tr("Add"), _tr("Add a zone to the palette."))
        self.edit_button = tool_button(
            "pencil-outline", _tr("Change"), _tr("Change the zone's name, colour and words.")
        )
        self.base_button = tool_button(
            "layers-triple-outline",
            _tr("Base zone"),
            _tr("Let all places nobody painted be this zone."),
        )
        self.remove_button = tool_button(
            "delete-outline", _tr("Remove"), _tr("Remove the zone if the map has none of it.")
        )
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 6)
        row.setSpacing(2)
        acts = (self.add_zone, self.edit_zone, self.make_base, self.remove_zone)
        buttons = (self.add_button, self.edit_button, self.base_button, self.remove_button)
        for button, act in zip(buttons, acts, strict=True):
            button.clicked.connect(lambda _=False, act=act: act())
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.list, 1)
        column.addLayout(row)

    def sizeHint(self) -> QSize:
        """Room for the usual palette."""
        return QSize(230, 9 * _ROW_PX + 44)


def _fresh_colour(palette: Palette) -> tuple[int, int, int]:
    """A calm colour that the palette does not have: the hue farthest from all of its own."""
    taken = [QColor(*zone.rgb) for zone in palette.zones]
    hues = sorted(max(colour.hue(), 0) for colour in taken)
    gaps = [(after - before, before) for before, after in itertools.pairwise(hues)]
    gaps.append((hues[0] + 360 - hues[-1], hues[-1]))
    width, start = max(gaps)
    colour = QColor.fromHsv((start + width // 2) % 360, 110, 165)
    return colour.red(), colour.green(), colour.blue()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Zones", text)
