"""One palette of colours and spacings, light and dark, and the style sheet made from it.

Widgets say what they are by the property `role`: `heading`, `muted`, `primary`, `quiet`,
`danger`, `bar`, `card`, `key`, `toast`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QStyleFactory, QWidget

from app.shell.sheet import SHEET
from app.workspace.icons import pixmap

ThemeName = Literal["light", "dark"]

GAP_PX, PAD_PX, EDGE_PX = 4, 8, 12
"""Between things that belong together; inside of groups; at the edge of panels."""

_MARKS = {
    "down": "chevron-down",
    "up": "chevron-up",
    "right": "chevron-right",
    "check": "check-bold",
    "dot": "circle-medium",
    "close": "close",
    "float": "open-in-new",
}
_MARK_PX = 14
_INSET_PX = 5


@dataclass(frozen=True, slots=True)
class Colours:
    """Every colour of the windows, as `#rrggbb`.

    Attributes:
        window: behind panels.
        sunken: behind the map and between docks.
        raised: fields and lists.
        hover: under the pointer.
        pressed: held down.
        line: between things.
        edge: around fields.
        strong_edge: around what stands out.
        text: to be read.
        muted: to be read second.
        faint: what cannot be used now.
        accent: what is chosen, and the one thing to do next.
        accent_hover: the same under the pointer.
        accent_dim: a line on it.
        on_accent: text on it.
        tint: behind what is chosen.
        good: done.
        warn: look at it.
        bad: failed.
    """

    window: str
    sunken: str
    raised: str
    hover: str
    pressed: str
    line: str
    edge: str
    strong_edge: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_dim: str
    on_accent: str
    tint: str
    good: str
    warn: str
    bad: str


DARK = Colours(
    window="#24272b",
    sunken="#191b1e",
    raised="#2d3136",
    hover="#353a40",
    pressed="#3e444b",
    line="#1a1c1f",
    edge="#3f454c",
    strong_edge="#59616a",
    text="#e3e6e8",
    muted="#abb3ba",
    faint="#6a7279",
    accent="#4fb39a",
    accent_hover="#62c4ab",
    accent_dim="#3a8f7a",
    on_accent="#0d1f1a",
    tint="#2b4640",
    good="#6fbf73",
    warn="#dba94c",
    bad="#e3776b",
)

LIGHT = Colours(
    window="#f6f6f4",
    sunken="#dfe0dd",
    raised="#ffffff",
    hover="#e9eae7",
    pressed="#dcdeda",
    line="#dadbd7",
    edge="#cfd1cd",
    strong_edge="#a9ada9",
    text="#23272a",
    muted="#596066",
    faint="#9ea4a8",
    accent="#1c7d69",
    accent_hover="#176a59",
    accent_dim="#4f9d8c",
    on_accent="#ffffff",
    tint="#d3e9e2",
    good="#2f7d38",
    warn="#96670a",
    bad="#b53a2d",
)

THEMES: dict[ThemeName, Colours] = {"light": LIGHT, "dark": DARK}


def theme_of(wanted: str) -> ThemeName:
    """The theme for a value of the option `look.theme`; `system` asks the desktop."""
    if wanted == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return "light" if scheme == Qt.ColorScheme.Light else "dark"
    return "light" if wanted == "light" else "dark"


def apply_theme(app: QApplication, wanted: str, text_size_pt: int = 0) -> ThemeName:
    """Give all windows their looks.

    Args:
        app: the application.
        wanted: `light`, `dark` or `system`.
        text_size_pt: added to the system's text size.

    Returns:
        The theme that was taken.
    """
    name = theme_of(wanted)
    colours = THEMES[name]
    if app.property("tilewright_theme") is None:
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setProperty("tilewright_text_pt", app.font().pointSizeF())
    app.setProperty("tilewright_theme", name)
    font = QFont(app.font())
    font.setPointSizeF(max(6.0, float(app.property("tilewright_text_pt")) + text_size_pt))
    app.setFont(font)
    app.setPalette(palette_of(colours))
    app.setStyleSheet(style_sheet(colours, _looks_folder(name)))
    return name


def palette_of(colours: Colours) -> QPalette:
    """Qt's palette in these colours, for whatever no style sheet reaches."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    pairs = {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.raised,
        role.AlternateBase: colours.window,
        role.Text: colours.text,
        role.PlaceholderText: colours.faint,
        role.Button: colours.raised,
        role.ButtonText: colours.text,
        role.BrightText: colours.bad,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.Light: colours.hover,
        role.Midlight: colours.hover,
        role.Mid: colours.edge,
        role.Dark: colours.sunken,
        role.Shadow: colours.sunken,
    }
    for which, colour in pairs.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(group.Disabled, which, QColor(colours.faint))
    palette.setColor(group.Disabled, role.Highlight, QColor(colours.edge))
    return palette


def style_sheet(colours: Colours, looks: str) -> str:
    """The style sheet in these colours.

    Args:
        colours: of the theme.
        looks: folder of the small pictures that style sheets cannot draw.
    """
    return Template(SHEET).substitute(asdict(colours), looks=looks)


@cache
def _looks_folder(name: ThemeName) -> str:
    """Draw the arrows and marks of a theme, once for each run of the program."""
    colours = THEMES[name]
    folder = Path(_pictures().name) / name
    folder.mkdir()
    inks = {"": colours.muted, "_faint": colours.edge, "_on_accent": colours.on_accent}
    for mark, glyph in _MARKS.items():
        for suffix, ink in inks.items():
            for scale in (1, 2):
                side, retina = _MARK_PX * scale, "@2x" if scale > 1 else ""
                pixmap(glyph, side, ink).save(str(folder / f"{mark}{suffix}{retina}.png"))
    return folder.as_posix()


@cache
def _pictures() -> TemporaryDirectory[str]:
    """A folder that goes when the program ends."""
    return TemporaryDirectory(prefix="tilewright-looks-")


def inset_numbers(widget: QWidget) -> None:
    """Give the numbers in a widget's spin boxes the same inset as other fields have.

    Qt draws the field inside a spin box without the style sheet's padding.
    """
    for box in widget.findChildren(QAbstractSpinBox):
        box.lineEdit().setTextMargins(_INSET_PX, 0, 0, 0)


def set_role(widget: QWidget, role: str) -> None:
    """Say what a widget is, and let it take the looks of that."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
