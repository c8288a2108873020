"""What went wrong, as a list instead of message boxes: go there, mend it, copy it, dismiss it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.problems import Problem
from app.panels.fields import described, tool_button
from app.workspace.icons import icon
from app.workspace.workspace import Workspace

_GLYPHS = {
    "notice": ("information-outline", ""),
    "warning": ("alert-outline", "#d39a35"),
    "error": ("alert-circle-outline", "#d8604f"),
}


_IN_BARS = frozenset({"recovery", "queue"})


class ProblemRow(QFrame):
    """One problem with its buttons."""

    def __init__(self, problem: Problem, panel: ProblemsPanel) -> None:
        super().__init__()
        self.problem = problem
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 4, 3)
        row.setSpacing(8)
        glyph, colour = _GLYPHS[problem.severity]
        mark = QLabel()
        mark.setPixmap(icon(glyph, colour or None).pixmap(QSize(16, 16)))
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QLabel(sentence(problem.text))
        words.setWordWrap(True)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        words.setAccessibleName(problem.text)
        row.addWidget(words, 1)
        for key, name, tip, act in panel.acts(problem):
            button = QPushButton(name)
            described(button, name, tip)
            button.clicked.connect(lambda _=False, act=act: act())
            self.buttons[key] = button
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        copy = tool_button("content-copy", _tr("Copy details"), _tr("Copy this for a report."))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details(problem)))
        self.copy_button = copy
        away = tool_button("close", _tr("Dismiss"), _tr("Take this off the list."))
        away.clicked.connect(lambda: panel.dismiss(problem))
        self.dismiss_button = away
        mark.setFixedHeight(copy.sizeHint().height())
        words.setMinimumHeight(copy.sizeHint().height())
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(away, 0, Qt.AlignmentFlag.AlignTop)


class ProblemsPanel(QScrollArea):
    """The open problems, newest first.

    Signals:
        save_as_wanted: a problem's advice is to save elsewhere, and the user wants that.
        rescue_wanted: likewise, to save what is whole of a damaged map; the problem's key.
    """

    save_as_wanted = Signal()
    rescue_wanted = Signal(str)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.rows: list[ProblemRow] = []
        self._empty = QLabel(_tr("Nothing is wrong."))
        self._empty.setProperty("role", "muted")
        self._empty.setContentsMargins(8, 4, 8, 4)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        described(self, _tr("Problems"), _tr("What went wrong, and what helps."))
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(4, 2, 4, 4)
        self._column.setSpacing(0)
        self._column.addWidget(self._empty)
        self._column.addStretch(1)
        self.setWidget(body)
        workspace.problems_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the problems as they are now."""
        found = self._workspace.problems
        problems = [one for one in reversed(found) if not told_elsewhere(one)]
        if [row.problem for row in self.rows] == problems:
            return
        for row in self.rows:
            row.setParent(None)
            row.deleteLater()
        self.rows = [ProblemRow(problem, self) for problem in problems]
        for number, row in enumerate(self.rows):
            self._column.insertWidget(number, row)
        self._empty.setVisible(not problems)

    def acts(self, problem: Problem) -> list[tuple[str, str, str, Callable[[], object]]]:
        """(key, name, tip, what it does) of the buttons of a problem."""
        workspace, tile = self._workspace, problem.tile
        found: list[tuple[str, str, str, Callable[[], object]]] = []
        if tile is not None:
            go = (_tr("Go to tile"), _tr("Show the tile on the map."), lambda: self.go_to(problem))
            found.append(("go", *go))
        if problem.advice == "retry" and tile is not None:
            tip = _tr("Paint the tile again as it was asked for.")
            found.append(("retry", _tr("Try again"), tip, lambda: workspace.retry(tile)))
        elif problem.advice == "repair" and tile is not None:
            tip = _tr("Paint the tile again, closer to the drawing; the better one is kept.")
            mend = workspace.repairs.mend_tile
            found.append(("repair", _tr("Repair"), tip, lambda: mend(tile)))
        elif problem.advice == "resume":
            found.append(("resume", _tr("Go on"), _tr("Go on painting."), self.go_on))
        elif problem.advice == "recover":
            tip = _tr("Take the unsaved work back.")
            found.append(("recover", _tr("Recover"), tip, workspace.recover))
        elif problem.advice == "save_as":
            tip = _tr("Save the map in another folder.")
            found.append(("save_as", _tr("Save as…"), tip, self.save_as_wanted.emit))
        elif problem.advice == "rescue":
            tip = _tr("See what of the map is whole, and save it as a new map.")
            rescue = partial(self.rescue_wanted.emit, problem.key)
            found.append(("rescue", _tr("Rescue…"), tip, rescue))
        return found

    def go_to(self, problem: Problem) -> None:
        """Show a problem's tile on the map and select it."""
        grid = self._workspace.grid
        if grid is None or problem.tile is None or not grid.has(problem.tile):
            return
        self._workspace.selected_tile = problem.tile
        self._workspace.go_to.emit(grid.window(problem.tile))

    def go_on(self) -> None:
        """Paint what is left: what waits, or what the last model gave up."""
        if self._workspace.left_over:
            self._workspace.resume_queue()
        else:
            self._workspace.resume()

    def dismiss(self, problem: Problem) -> None:
        """Take a problem off the list."""
        self._workspace.clear_problem(problem.key)

    def sizeHint(self) -> QSize:
        """A few lines."""
        return QSize(400, 110)


def told_elsewhere(problem: Problem) -> bool:
    """Whether it is a choice that a bar above the map offers."""
    return problem.severity == "notice" and problem.key in _IN_BARS


def sentence(text: str) -> str:
    """A text that begins with a capital and ends with a full stop."""
    text = text.strip()
    end = "" if text.endswith((".", "!", "?")) else "."
    return text[:1].upper() + text[1:] + end


def details(problem: Problem) -> str:
    """A problem as text for a report."""
    try:
        own = version("tilewright")
    except PackageNotFoundError:
        own = "?"
    lines = [f"Tilewright {own}", f"{problem.severity}: {problem.key}", problem.text]
    if problem.tile is not None:
        lines.append(f"tile {problem.tile}")
    return "\n".join(lines)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Problems", text)
