"""The maps that were opened last, newest first, in a file that may be deleted at any time."""

from __future__ import annotations

import contextlib
from pathlib import Path

from app.core.user_files import config_folder, read_object, write_object
from zones.errors import InputError, TilewrightError

FILE_NAME = "recent.json"
MOST = 12
"""Maps that are remembered."""


class RecentMaps:
    """Folders of maps, newest first.

    Args:
        path: of the file; None takes the one in the user's own folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = config_folder() / FILE_NAME if path is None else path
        self._folders = self._read()

    def folders(self) -> tuple[Path, ...]:
        """The maps that are still there."""
        return tuple(folder for folder in self._folders if (folder / "project.json").is_file())

    def add(self, folder: Path) -> None:
        """Put a map first."""
        self._keep([folder.resolve(), *self._folders])

    def forget(self, folder: Path) -> None:
        """Take a map out of the list; its files stay."""
        self._keep([each for each in self._folders if each != folder])

    def _keep(self, folders: list[Path]) -> None:
        self._folders = list(dict.fromkeys(folders))[:MOST]
        names = [str(folder) for folder in self._folders]
        with contextlib.suppress(TilewrightError):  # a lost list costs nothing
            write_object(self._path, {"schema_version": 1, "folders": names})

    def _read(self) -> list[Path]:
        try:
            found = (read_object(self._path, "the list of recent maps") or {}).get("folders")
        except InputError:
            return []
        names = found if isinstance(found, list) else []
        return [Path(name) for name in names if isinstance(name, str) and "\0" not in name][:MOST]
