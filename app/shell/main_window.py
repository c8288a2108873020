"""The window: puts canvas, panels, menus and docks together and owns nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from app.canvas.overlays.battle_grid import BattleGridOverlay
from app.canvas.overlays.overlay import Overlay
from app.canvas.pen import PressureCurve
from app.canvas.pointing import Wheel
from app.canvas.tools.toolbox import make_tools
from app.canvas.view import MapView
from app.core.problems import Problem
from app.core.recent import RecentMaps
from app.core.user_settings import UserSettings
from app.shell import drop, parts
from app.shell.canvas_commands import CanvasCommands
from app.shell.command_palette import CommandPalette
from app.shell.docks import Docks
from app.shell.file_commands import FileCommands
from app.shell.first_start import Hints, first_hints
from app.shell.leaving import Leaving
from app.shell.map_commands import MapCommands
from app.shell.map_page import MapPage
from app.shell.menus import Actions, fill_menu_bar, tool_bar, tool_ids
from app.shell.notices import Notices
from app.shell.states import conditions
from app.shell.status import StatusLine
from app.shell.theme import apply_theme, inset_numbers
from app.shell.toast import Toast
from app.shell.top_bar import TopBar
from app.shell.welcome import Welcome, map_name
from app.shell.window_state import WindowState
from app.workspace.comparison import Comparison
from app.workspace.workspace import Workspace

FIRST_SIZE_PX = (1440, 900)
LEAST_PX = (880, 560)


class MainWindow(QMainWindow):
    """The program's window.

    Signals:
        ended: it is closed, every thread and child process has ended.

    Args:
        workspace: the one that all parts share; shut down when the window closes.
        settings: the user's.
        recent: maps that were opened last.
        state: where the window stood.
    """

    ended = Signal()

    def __init__(
        self,
        workspace: Workspace,
        settings: UserSettings,
        recent: RecentMaps,
        state: WindowState,
    ) -> None:
        super().__init__()
        self.workspace, self.settings, self._state = workspace, settings, state
        self._may_close = self._laid_out = False
        self.hints: Hints | None = None
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setMinimumSize(*LEAST_PX)
        self.resize(QSize(*FIRST_SIZE_PX).boundedTo(self.screen().availableSize()))
        self.setDockNestingEnabled(True)
        self.actions_by_id = Actions(self)
        self._build_centre()
        self._build_frame()
        self.leaving = Leaving(workspace, self.page.bars, self)
        self.files = FileCommands(
            self, workspace, self.actions_by_id, settings, recent, self.leaving
        )
        self.notices = Notices(workspace, self.page.bars, self.docks, self)
        self._bind()
        self._connect()
        self._take_state()
        inset_numbers(self)
        self.refresh()

    # --- parts ---

    def _build_centre(self) -> None:
        """The map with its tools and overlays, or the start page."""
        self.view = MapView(self.workspace)
        self.tools = make_tools(self.workspace, self)
        self.overlays: dict[str, Overlay] = parts.make_overlays(self.workspace, self.view)
        self.welcome = Welcome(self.actions_by_id)
        self.page = MapPage(self.view, self.welcome)
        self.toast = Toast(self.page)
        self.setCentralWidget(self.page)
        for overlay in self.overlays.values():
            self.view.add_overlay(overlay)

    def _build_frame(self) -> None:
        """Docks, menus, bars."""
        self.panels = parts.make_panels(self.workspace, self.view)
        self.docks = Docks(self, self.panels.by_name, self.actions_by_id)
        self.canvas_commands = CanvasCommands(
            self.view, self.tools, self.overlays, self.actions_by_id
        )
        self.canvas_commands.bind_zone_keys(self.panels.zones, self)
        self.map_commands = MapCommands(
            self.workspace, self.view, self.actions_by_id, self.panels.run.paint_now
        )
        self.recent_menu = QMenu(self.tr("Open recent"), self)
        fill_menu_bar(self.menuBar(), self.actions_by_id, self.recent_menu)
        self.top_bar = TopBar(self.view, self.actions_by_id, self.canvas_commands)
        self.addToolBar(self.top_bar.bar)
        self.tool_bar = tool_bar("tools", self.tr("Tools"), tool_ids(), self.actions_by_id)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.tool_bar)
        self.status = StatusLine(self.statusBar(), self.workspace, self.view)
        self.palette_of_commands = CommandPalette(self.actions_by_id, self)

    def _bind(self) -> None:
        bind = self.actions_by_id.bind
        bind("panels.reset", lambda _: self.docks.arrange())
        bind("view.canvas_only", self.docks.hide_all)
        bind("view.full_screen", self._show_full_screen)
        bind("help.commands", lambda _: self.palette_of_commands.open())
        bind("help.hints", lambda _: self.show_hints())
        bind("run.seams", lambda _: self._with_panel("seams", self.workspace.measure_seams))
        bind("overlay.compare", self._compare)
        bind("edit.add_zone", lambda _: self._with_panel("zones", self.panels.zones.add_zone))
        bind("edit.map_prompt", lambda _: self._with_panel("run", self.panels.focus_map_prompt))

    def _connect(self) -> None:
        workspace = self.workspace
        for signal in (
            workspace.map_opened,
            workspace.history_changed,
            workspace.saved_changed,
            workspace.run_changed,
            workspace.selection_changed,
            workspace.header_changed,
            workspace.seams_changed,
        ):
            signal.connect(self._later)
        workspace.tiles_changed.connect(lambda _: self._later())
        workspace.map_opened.connect(self._on_workspace_map_opened)
        self.view.tool_changed.connect(self._on_view_tool_changed)
        Comparison.of(workspace).changed.connect(self._show_comparing)
        self._show_comparing()
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        self.welcome.opened.connect(self.files.open_map)
        self.panels.problems.save_as_wanted.connect(self.files.ask_save_as)
        self.panels.problems.rescue_wanted.connect(self.files.show_rescue)
        workspace.repairs.said.connect(self._on_tool_said)
        for tool in self.tools.values():
            tool.said.connect(self._on_tool_said)
        self._stop_listening = self.settings.listen(self._on_setting_changed)
        self._refresh_timer = QTimer(self, singleShot=True, interval=0)
        self._refresh_timer.timeout.connect(self.refresh)
        self._on_view_tool_changed()
        self._take_hands()

    def _take_state(self) -> None:
        self.canvas_commands.take_switches(self._state.restore(self))

    @property
    def battle_grid(self) -> BattleGridOverlay:
        """The overlay of the battle grid."""
        found = self.overlays[BattleGridOverlay.name]
        assert isinstance(found, BattleGridOverlay)
        return found

    # --- what it shows ---

    def refresh(self) -> None:
        """Show what can be done now, and the window's title."""
        self.actions_by_id.update_enabled(conditions(self.workspace))
        document = self.workspace.document
        self.page.show_map(document is not None)
        name = "Tilewright" if document is None else map_name(document.project.folder)
        self.setWindowTitle(f"{name}[*]" + ("" if document is None else " — Tilewright"))
        self.setWindowModified(self.workspace.has_changes)
        if document is None:
            self.welcome.show_recent(self.files.recent.folders())

    def show_hints(self) -> None:
        """Show the three hints of the first start."""
        if self.hints is not None:
            return
        hints = first_hints(
            lambda: self.panels.zones,
            lambda: self.top_bar.generate_button,
            self.menuBar,
        )
        self.hints = Hints(hints, self)
        self.hints.ended.connect(self._on_hints_ended)

    def begin(self, project: Path | None) -> None:
        """Open what the program was started with, the last map, or the sample of a first start."""
        last = next(iter(self.files.recent.folders()), None)
        for text in self.settings.warnings:
            self.workspace.report(Problem(f"settings:{text}", "warning", text))
        if project is not None:
            self.workspace.open(project)
        elif not self.settings.flag("hints.seen") and last is None:
            self.files.open_sample()
            self._hint_when_open = True
        elif last is not None and self.settings.flag("files.reopen"):
            self.workspace.open(last)

    # --- slots ---

    _hint_when_open = False

    def _later(self) -> None:
        self._refresh_timer.start()

    def _on_workspace_map_opened(self) -> None:
        if self.workspace.document is not None:
            self.page.show_map(shown=True)
            if self._hint_when_open:
                self._hint_when_open = False
                QTimer.singleShot(400, self, self.show_hints)

    def _on_hints_ended(self) -> None:
        self.hints = None
        self.settings.set("hints.seen", value=True)

    def _on_view_tool_changed(self) -> None:
        self.panels.tool.set_tool(self.view.tool)
        inset_numbers(self.panels.tool)

    def _on_tool_said(self, text: str) -> None:
        self.toast.say(text)

    def _on_setting_changed(self, key: str) -> None:
        if key.startswith("look."):
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            size = int(self.settings.number("look.text_size"))
            apply_theme(app, self.settings.text("look.theme"), size)
        elif key.startswith("paint."):
            self._take_hands()

    def _take_hands(self) -> None:
        """Let pen and wheel work as the user's settings say."""
        pointing, settings = self.view.pointing, self.settings
        curves, wheels = get_args(PressureCurve), get_args(Wheel)
        curve, wheel = settings.text("paint.pressure_curve"), settings.text("paint.wheel")
        pointing.pressure_curve = next(each for each in curves if each == curve)
        pointing.wheel = next(each for each in wheels if each == wheel)

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for folder in self.files.recent.folders():
            action = self.recent_menu.addAction(map_name(folder))
            action.setStatusTip(str(folder))
            action.triggered.connect(lambda _=False, folder=folder: self.files.open_map(folder))
        if self.recent_menu.isEmpty():
            self.recent_menu.addAction(self.tr("None yet")).setEnabled(False)

    def _compare(self, on: bool) -> None:
        """Compare the selected tile with what it was, or end that."""
        comparison = Comparison.of(self.workspace)
        if on and comparison.result is None:
            self._with_panel("compare", self.panels.compare.begin)
        elif not on:
            comparison.stop()
        self._show_comparing()

    def _show_comparing(self) -> None:
        comparing = Comparison.of(self.workspace).result is not None
        self.actions_by_id.show_checked("overlay.compare", comparing)

    def _with_panel(self, name: str, act: object) -> None:
        self.docks.show_panel(name)
        if callable(act):
            act()

    def _show_full_screen(self, on: bool) -> None:
        if on:
            self.showFullScreen()
        else:
            self.showNormal()

    def _end(self) -> None:
        """Close for good: keep the layout, end threads and the child process."""
        self._may_close = True
        self.close()

    # --- Qt ---

    def showEvent(self, event: QShowEvent) -> None:
        """Tidy the tabs that Qt makes when docks first show."""
        super().showEvent(event)
        if not self._laid_out:
            self._laid_out = True
            if self._state:
                self._state.restore_docks(self)
            else:
                self.docks.resize()
        self.docks.tune_tabs()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close at once, or ask in a bar first where something would be lost."""
        if not self._may_close and self.leaving.would_lose:
            event.ignore()
            self.leaving.leave(self._end)
            return
        self.files.close_dialogs()
        if self.docks.all_hidden:
            self.docks.hide_all(hidden=False)
        self._state.keep(self, dict(self.canvas_commands.switches()))
        self._stop_listening()
        self.view.set_tool(None)
        self.workspace.shutdown()
        super().closeEvent(event)
        self.ended.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the desktop's change between light and dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ThemeChange and self.settings.text("look.theme") == "system":
            self._on_setting_changed("look.theme")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take any local file; what it is is said after it was dropped."""
        if drop.dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a map, or paint zones from a picture."""
        event.acceptProposedAction()
        drop.take(drop.dropped_paths(event.mimeData()), self.workspace, self.files.open_map)
