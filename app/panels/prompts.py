"""The words the model is given: one line for the whole map, one for each zone and stencil."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHideEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from app.core.problems import Problem
from app.panels.fields import described
from app.workspace.looks import capital
from app.workspace.workspace import Workspace
from zones.errors import TilewrightError
from zones.palette import Palette

_SETTLED_MS = 1500
_LINES = 3
_SWATCH_PX = 14
_PROBLEM = "words"


def configure(workspace: Workspace, label: str, **values: Any) -> bool:
    """Change what the open map is, as one undo step; a refusal becomes a problem.

    Args:
        workspace: has the document.
        label: of the undo step.
        values: see `painter.document.Document.configure`.

    Returns:
        Whether it was done.
    """
    document = workspace.document
    if document is None or workspace.read_only:
        return False
    try:
        document.configure(label, **values)
    except (TilewrightError, RuntimeError) as error:
        workspace.report(Problem(_PROBLEM, "warning", str(error)))
        return False
    workspace.clear_problem(_PROBLEM)
    return True


class PromptEdit(QPlainTextEdit):
    """A few lines of text that are taken when the user pauses or leaves the field.

    Signals:
        finished: the text, when it is another than before.
    """

    finished = Signal(str)

    def __init__(self, max_chars: int) -> None:
        super().__init__()
        self._max_chars = max_chars
        self._taken = ""
        self.setTabChangesFocus(True)
        line_px = self.fontMetrics().lineSpacing()
        self.setFixedHeight(_LINES * line_px + 2 * round(self.document().documentMargin()) + 4)
        self._pause = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._pause.timeout.connect(self.take)
        self.textChanged.connect(self._pause.start)

    def show_text(self, text: str) -> None:
        """Show a text without telling anybody, unless the user is typing another one."""
        if text == self._taken and self._pause.isActive():
            return
        self._taken = text
        if text != self.toPlainText():
            self.setPlainText(text)
        self._pause.stop()

    def take(self) -> None:
        """Take what stands there now."""
        self._pause.stop()
        text = " ".join(self.toPlainText().split())[: self._max_chars]
        if text != self._taken:
            self._taken = text
            self.finished.emit(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the text when the user goes elsewhere."""
        super().focusOutEvent(event)
        if self._pause.isActive():
            self.take()

    def hideEvent(self, event: QHideEvent) -> None:
        """Take the text when the panel is put away."""
        super().hideEvent(event)
        if self._pause.isActive():
            self.take()


class MapPrompt(PromptEdit):
    """What the whole map is painted like."""

    MAX_CHARS = 4000

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(self.MAX_CHARS)
        self._workspace = workspace
        described(
            self,
            _tr("Words for the whole map"),
            _tr("What the whole map should look like, in your own words; every tile is told."),
        )
        self.setPlaceholderText(_tr("a hand-painted summer map"))
        self.finished.connect(self._on_self_finished)

    def refresh(self) -> None:
        """Show the map's words."""
        document = self._workspace.document
        self.setEnabled(document is not None and not self._workspace.read_only)
        self.show_text("" if document is None else document.project.map_prompt)

    def _on_self_finished(self, text: str) -> None:
        if not configure(self._workspace, _tr("Words for the map"), map_prompt=text):
            self.refresh()


class ZoneWords(QWidget):
    """One line of words for each zone and stencil of the palette."""

    MAX_CHARS = 500

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._palette: Palette | None = None
        self.lines: dict[int | str, QLineEdit] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)

    def refresh(self) -> None:
        """Show the palette's words; rows are made anew only for other entries."""
        palette = self._workspace.palette
        self.setEnabled(not self._workspace.read_only)
        if palette == self._palette:
            return
        self._palette = palette
        entries = [] if palette is None else _entries(palette)
        if [key for key, *_ in entries] != list(self.lines):
            self._rebuild(entries)
        for key, _name, _rgb, words in entries:
            line = self.lines[key]
            if line.text() != words:
                line.setText(words)

    def _rebuild(self, entries: list[tuple[int | str, str, tuple[int, int, int], str]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.lines = {}
        for row, (key, name, rgb, _words) in enumerate(entries):
            swatch, line = QLabel(), QLineEdit()
            picture = QPixmap(_SWATCH_PX, _SWATCH_PX)
            picture.fill(QColor(*rgb))
            swatch.setPixmap(picture)
            line.setMaxLength(self.MAX_CHARS)
            tip = _tr("What the model is told where there is {name}.").format(name=name)
            described(line, _tr("Words for {name}").format(name=name), tip)
            line.editingFinished.connect(lambda key=key: self._on_line_finished(key))
            self._grid.addWidget(swatch, row, 0)
            self._grid.addWidget(QLabel(name), row, 1)
            self._grid.addWidget(line, row, 2)
            self.lines[key] = line

    def _on_line_finished(self, key: int | str) -> None:
        palette = self._workspace.palette
        words = self.lines[key].text().strip()
        if palette is None:
            return
        changed = replace(
            palette,
            zones=tuple(
                replace(zone, prompt=words) if zone.id == key else zone for zone in palette.zones
            ),
            stencils=tuple(
                replace(kind, prompt=words) if kind.name == key else kind
                for kind in palette.stencils
            ),
        )
        if changed == palette:
            return
        if not configure(self._workspace, _tr("Words for a zone"), palette=changed):
            self._palette = None
            self.refresh()


def _entries(palette: Palette) -> list[tuple[int | str, str, tuple[int, int, int], str]]:
    """(key, name, colour, words) of every zone by id and every stencil by name."""
    zones = [(zone.id, capital(zone.name), zone.rgb, zone.prompt) for zone in palette.zones]
    kinds = [(kind.name, capital(kind.name), kind.rgb, kind.prompt) for kind in palette.stencils]
    return [*zones, *kinds]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Prompts", text)
