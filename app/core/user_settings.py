"""The user's settings: one JSON file, checked against the table of options, never fatal.

A value that is not valid becomes the default of its own key, with a warning; the others stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.core.options import OPTIONS, RENAMED, Option, Value, options_by_key
from app.core.user_files import config_folder, read_object, write_object
from zones.errors import InputError

SCHEMA_VERSION = 1
FILE_NAME = "settings.json"

MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From a schema version: the document of the next one."""

Listener = Callable[[str], None]


class UserSettings:
    """The user's values of all options; used on one thread.

    Attributes:
        path: the file.
        warnings: what of the file could not be used, one sentence each.

    Args:
        path: of the file; None takes the one in the user's own folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = config_folder() / FILE_NAME if path is None else path
        self.warnings: list[str] = []
        self._values: dict[str, Value] = {}
        self._foreign: dict[str, Any] = {}
        self._newer = False
        self._listeners: list[Listener] = []
        self._read()

    def get(self, key: str) -> Value:
        """An option's value.

        Raises:
            KeyError: there is no such option.
        """
        return self._values.get(key, options_by_key()[key].default)

    def flag(self, key: str) -> bool:
        """The value of an option that is on or off."""
        return bool(self.get(key))

    def number(self, key: str) -> float:
        """The value of an option that is a number."""
        return float(self.get(key))

    def text(self, key: str) -> str:
        """The value of a choice or a text."""
        return str(self.get(key))

    def set(self, key: str, value: Value) -> None:
        """Change an option, tell the listeners and write the file.

        Raises:
            KeyError: there is no such option.
            InputError: the value is not valid, or the file cannot be written (the value is
                then in use, but not kept).
            WorkError: the disk is full or fails, likewise.
        """
        option = options_by_key()[key]
        if not option.accepts(value):
            raise InputError(_complaint(option, value))
        if value == self.get(key):
            return
        self._values[key] = value
        for listener in tuple(self._listeners):
            listener(key)
        self._write()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with the key after each change; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _read(self) -> None:
        try:
            document = read_object(self.path, "the settings file")
        except InputError as error:
            self.warnings.append(f"{error}; your settings start from their defaults")
            return
        if document is None:
            return
        values = self._current(document).get("values")
        if not isinstance(values, dict):
            self.warnings.append(f"the settings file {self.path} has no values; defaults are used")
            return
        for key, value in values.items():
            self._take(RENAMED.get(key, key), value)

    def _current(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document as this version writes it."""
        version = document.get("schema_version")
        while isinstance(version, int) and version in MIGRATIONS:
            document = MIGRATIONS[version](document)
            version = document.get("schema_version")
        self._newer = isinstance(version, int) and version > SCHEMA_VERSION
        if self._newer:
            self.warnings.append(
                f"the settings file {self.path} is from a newer version; "
                "it is read as far as possible and not written"
            )
        return document

    def _take(self, key: str, value: Any) -> None:
        option = options_by_key().get(key)
        if option is None:
            self._foreign[key] = value
        elif option.accepts(value):
            self._values[key] = value
        else:
            self.warnings.append(_complaint(option, value) + "; its default is used")

    def _write(self) -> None:
        if self._newer:
            return
        kept = {
            option.key: self._values[option.key]
            for option in OPTIONS
            if self._values.get(option.key, option.default) != option.default
        }
        document = {"schema_version": SCHEMA_VERSION, "values": {**self._foreign, **kept}}
        write_object(self.path, document)


def _complaint(option: Option, value: object) -> str:
    """What is wrong with a value, and what would be right."""
    if option.kind == "choice":
        wanted = "one of " + ", ".join(name for name, _ in option.choices)
    elif option.kind in ("int", "float"):
        wanted = f"a number from {option.low:g} to {option.high:g}"
    else:
        wanted = "true or false" if option.kind == "bool" else "a text"
    return f"the setting {option.key} cannot be {str(value)[:40]!r}, only {wanted}"
