"""The user's options as one table: what each is, what it may be and what it is at first.

The settings dialog and the file of settings are made from it; a project's own settings are no
part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        key: name in the file, such as `look.theme`.
        page: page of the dialog.
        label: for people.
        kind: of its value.
        default: what it is at first.
        help: one sentence that says what it does.
        low: least value of an int or float.
        high: greatest value of an int or float.
        unit: such as "px", or "".
        choices: of a choice: values and their labels.
        restart: whether it is heeded only at the next start.
        hidden: kept in the file but not shown in the dialog.
    """

    key: str
    page: str
    label: str
    kind: Literal["bool", "int", "float", "choice", "text", "folder"]
    default: Value
    help: str
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    restart: bool = False
    hidden: bool = False

    def accepts(self, value: object) -> bool:
        """Whether a value is of the right type and in range."""
        if self.kind == "bool":
            return isinstance(value, bool)
        if self.kind == "choice":
            return value in [name for name, _ in self.choices]
        if self.kind in ("text", "folder"):
            return isinstance(value, str) and len(value) <= _LONGEST_TEXT
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.low <= value <= self.high and (self.kind == "float" or value == int(value))


_LONGEST_TEXT = 4096

OPTIONS: tuple[Option, ...] = (
    Option(
        "look.theme", "Look", "Theme", "choice", "system",
        "Light or dark; as the system has it unless you choose.",
        choices=(("system", "As the system"), ("light", "Light"), ("dark", "Dark")),
    ),
    Option(
        "look.text_size", "Look", "Text size", "int", 0,
        "Points added to the system's text size, everywhere; 0 leaves it as it is.",
        low=-3, high=8, unit="pt",
    ),
    Option(
        "paint.pressure_curve", "Painting", "Pen pressure", "choice", "linear",
        "How the pen's pressure becomes width.",
        choices=(("soft", "Soft: light hands"), ("linear", "Even"), ("hard", "Firm: heavy hands")),
    ),
    Option(
        "paint.wheel", "Painting", "Mouse wheel", "choice", "zoom",
        "What the wheel does over the map.",
        choices=(("zoom", "Zooms"), ("pan", "Scrolls, and zooms with Ctrl")),
    ),
    Option(
        "files.maps", "Files", "Folder of maps", "folder", "",
        "Where new maps are made; empty is Documents.",
    ),
    Option(
        "files.reopen", "Files", "Open the last map at start", "bool", True,
        "Go on where you stopped.",
    ),
    Option("hints.seen", "", "", "bool", False, "The first hints were shown.", hidden=True),
)  # fmt: skip
"""All options, in the order of the dialog."""

RENAMED: Mapping[str, str] = {}
"""Former keys and what they are called now."""


@cache
def options_by_key() -> Mapping[str, Option]:
    """The options by key."""
    return {option.key: option for option in OPTIONS}


def pages() -> tuple[str, ...]:
    """The dialog's pages, in order."""
    return tuple(dict.fromkeys(option.page for option in OPTIONS if not option.hidden))
