"""What the actions on files, settings and help do; dialogs are made when they are first wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QDialog, QFileDialog

from app.core.new_map import ENDING, NewMap
from app.core.recent import RecentMaps
from app.core.user_files import config_folder
from app.core.user_settings import UserSettings
from app.shell import drop
from app.shell.leaving import Leaving
from app.shell.menus import Actions
from app.shell.theme import inset_numbers
from app.workspace.workspace import Workspace
from generation.engine.folder import BUNDLED
from painter.presets import load_preset
from painter.project import DamagedProjectError
from zones.palette import default_palette

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow

SAMPLE = "river-delta"
"""The world of the first start."""


class FileCommands(QObject):
    """Binds the actions of the File and Help menus.

    Args:
        window: over which dialogs appear.
        workspace: has the map.
        actions: made from the table.
        settings: the user's.
        recent: the maps that were opened last.
        leaving: asks before unsaved work is left.
    """

    def __init__(
        self,
        window: MainWindow,
        workspace: Workspace,
        actions: Actions,
        settings: UserSettings,
        recent: RecentMaps,
        leaving: Leaving,
    ) -> None:
        super().__init__(window)
        self._window, self._workspace, self._actions = window, workspace, actions
        self._settings, self.recent, self._leaving = settings, recent, leaving
        self._dialogs: dict[str, QDialog] = {}
        self._damaged: DamagedProjectError | None = None
        self._rescue_waits: Callable[[], None] | None = None
        self._bind()
        workspace.map_opened.connect(self._on_workspace_map_opened)
        workspace.damaged.connect(self._on_workspace_damaged)
        workspace.saved_changed.connect(self._on_workspace_saved_changed)

    def open_map(self, folder: Path) -> None:
        """Open a map once unsaved work of the open one is settled."""
        self._leaving.leave(lambda: self._workspace.open(folder))

    def open_sample(self) -> None:
        """Open the user's own copy of the sample world; it is made where there is none yet."""
        folder = config_folder() / "samples" / f"{SAMPLE}{ENDING}"
        if (folder / "project.json").is_file():
            self.open_map(folder)
            return
        palette = default_palette()
        preset = load_preset(SAMPLE, palette)
        model = preset.info.model or BUNDLED
        self.make_map(NewMap(folder, preset.info.size, palette, model, preset=preset))

    def make_map(self, plan: NewMap) -> None:
        """Make a map and open it once unsaved work of the open one is settled."""
        self._leaving.leave(
            lambda: self._workspace.create(plan.folder, plan.size, plan.palette, **plan.values())
        )

    def maps_folder(self) -> Path:
        """Where new maps are made unless the user says otherwise."""
        named = self._settings.text("files.maps")
        if named:
            return Path(named)
        place = QStandardPaths.StandardLocation.DocumentsLocation
        return Path(QStandardPaths.writableLocation(place) or Path.home())

    def _bind(self) -> None:
        bind = self._actions.bind
        bind("file.new", lambda _: self._show("new", self._new_dialog))
        bind("file.open", lambda _: self._ask_open())
        bind("file.rescue", lambda _: self._ask_rescue())
        bind("file.sample", lambda _: self.open_sample())
        bind("file.save", lambda _: self._workspace.save())
        bind("file.save_as", lambda _: self.ask_save_as())
        bind("file.import_zones", lambda _: self._ask_import())
        bind("file.export", lambda _: self._show("export", self._export_dialog))
        bind("file.close", lambda _: self._leaving.leave(self._workspace.close))
        bind("file.settings", lambda _: self._show("settings", self._settings_dialog))
        bind("file.quit", lambda _: self._window.close())
        bind("run.model", lambda _: self._show("model", self._model_dialog))
        bind("view.battle_grid", lambda _: self._show("battle_grid", self._battle_grid_dialog))
        bind("help.shortcuts", lambda _: self._show("keys", self._shortcut_sheet))
        bind("help.about", lambda _: self._show("about", self._about_dialog))

    def _show(self, name: str, make: Callable[[], QDialog]) -> None:
        """Show a dialog without blocking the window; a second wish brings the first to front."""
        dialog = self._dialogs.get(name)
        if dialog is None:
            dialog = make()
            inset_numbers(dialog)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.destroyed.connect(lambda: self._forget(name, dialog))
            self._dialogs[name] = dialog
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _forget(self, name: str, dialog: QDialog) -> None:
        if self._dialogs.get(name) is dialog:
            del self._dialogs[name]

    def close_dialogs(self) -> None:
        """Close whatever is open; called before the window ends."""
        for dialog in tuple(self._dialogs.values()):
            dialog.close()

    def _new_dialog(self) -> QDialog:
        from app.shell.dialogs.new_map import NewMapDialog  # noqa: PLC0415 - when wanted

        dialog = NewMapDialog(self._workspace, self.maps_folder(), self._window)
        dialog.wanted.connect(self.make_map)
        return dialog

    def _export_dialog(self) -> QDialog:
        from app.shell.dialogs.export import ExportDialog  # noqa: PLC0415 - when wanted

        return ExportDialog(self._workspace, self._window)

    def _settings_dialog(self) -> QDialog:
        from app.shell.dialogs.settings import SettingsDialog  # noqa: PLC0415 - when wanted

        return SettingsDialog(self._settings, self._window)

    def _model_dialog(self) -> QDialog:
        from app.shell.dialogs.model import ModelDialog  # noqa: PLC0415 - when wanted

        return ModelDialog(self._workspace, self._window)

    def _battle_grid_dialog(self) -> QDialog:
        from app.shell.dialogs.battle_grid import BattleGridDialog  # noqa: PLC0415 - when wanted

        return BattleGridDialog(self._window.battle_grid, self._window)

    def _about_dialog(self) -> QDialog:
        from app.shell.dialogs.about import AboutDialog  # noqa: PLC0415 - when wanted

        return AboutDialog(self._window)

    def _shortcut_sheet(self) -> QDialog:
        from app.shell.shortcut_sheet import ShortcutSheet  # noqa: PLC0415 - when wanted

        return ShortcutSheet(self._window)

    def _ask_open(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Open a map"), str(self.maps_folder()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
        dialog.fileSelected.connect(lambda name: self.open_map(Path(name)))
        self._open_file_dialog(dialog)

    def ask_save_as(self) -> None:
        """Ask for a new folder and save a copy of the map there."""
        dialog = QFileDialog(self._window, self.tr("Save a copy as"), str(self.maps_folder()))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, on=True)
        dialog.fileSelected.connect(lambda name: self._workspace.save_as(with_ending(name)))
        self._open_file_dialog(dialog)

    def show_rescue(self, key: str = "open") -> None:
        """Say what of a damaged map is whole, and offer to save that.

        Args:
            key: of the problem: `open` is of the map that could not be opened, others of the open
                one.
        """
        document = self._workspace.document
        if key == "open" and self._damaged is not None:
            self.rescue_map(self._damaged.folder, self._damaged.reason)
        elif document is not None:
            self.rescue_map(document.project.folder)

    def rescue_map(self, folder: Path, reason: str = "") -> None:
        """Say what of a map is whole, and offer to save that as a new map, which is then opened.

        Unsaved work of the map that is open is saved first, so that it is in the new one.

        Args:
            folder: of the map.
            reason: why it cannot be opened, one sentence; "" where it can.
        """
        document = self._workspace.document
        is_open = document is not None and document.project.folder == folder.resolve()
        if is_open and self._leaving.would_lose:
            self._rescue_waits = lambda: self._show_rescue_of(folder, reason, is_open=True)
            self._workspace.save()
        else:
            self._show_rescue_of(folder, reason, is_open=is_open)

    def _show_rescue_of(self, folder: Path, reason: str, *, is_open: bool) -> None:
        from app.shell.dialogs.rescue import RescueDialog  # noqa: PLC0415 - when wanted

        def make() -> QDialog:
            unsaved = is_open and self._workspace.has_changes
            dialog = RescueDialog(
                self._workspace.tasks, folder, reason, self._window, unsaved=unsaved
            )
            dialog.rescued.connect(self.open_map)
            return dialog

        earlier = self._dialogs.pop("rescue", None)
        if earlier is not None:
            earlier.close()
        self._show("rescue", make)

    def _on_workspace_saved_changed(self) -> None:
        if self._rescue_waits is not None and not self._workspace.busy:
            show, self._rescue_waits = self._rescue_waits, None
            show()

    def _ask_rescue(self) -> None:
        dialog = QFileDialog(self._window, self.tr("A damaged map"), str(self.maps_folder()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
        dialog.fileSelected.connect(lambda name: self.rescue_map(Path(name)))
        self._open_file_dialog(dialog)

    def _ask_import(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Zone picture"), str(self.maps_folder()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Pictures (*.png)"))
        dialog.fileSelected.connect(lambda name: drop.import_zones(Path(name), self._workspace))
        self._open_file_dialog(dialog)

    def _open_file_dialog(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_workspace_damaged(self, found: DamagedProjectError) -> None:
        self._damaged = found
        self.show_rescue()

    def _on_workspace_map_opened(self) -> None:
        document = self._workspace.document
        if document is not None:
            self.recent.add(document.project.folder)


def with_ending(name: str) -> Path:
    """A map's folder as the user named it, with the usual ending."""
    path = Path(name)
    return path if path.suffix == ENDING else path.with_name(path.name + ENDING)
