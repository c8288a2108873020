"""Icons come from one library, in the colour of the theme."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.shell.first_start import Hints, first_hints
from app.shell.theme import apply_theme
from app.workspace.icons import icon, pixmap


def strongest(name: str, colour: str | None = None) -> QColor:
    """The colour of an icon's most opaque pixel."""
    image = pixmap(name, 32, colour).toImage()
    pixels = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
    return max(pixels, key=lambda pixel: pixel.alpha())


def test_an_icon_takes_the_colour_of_the_text_around_it(qapp: QApplication) -> None:
    palette, before = QPalette(qapp.palette()), QPalette(qapp.palette())
    palette.setColor(QPalette.ColorRole.WindowText, QColor("#c04010"))
    qapp.setPalette(palette)
    found = strongest("brush")
    qapp.setPalette(before)
    assert found.alpha() == 255
    assert abs(found.red() - 0xC0) + abs(found.green() - 0x40) + abs(found.blue() - 0x10) < 12


def test_an_icon_on_what_stands_out_takes_the_colour_of_the_text_there(qapp: QApplication) -> None:
    palette, before = QPalette(qapp.palette()), QPalette(qapp.palette())
    palette.setColor(QPalette.ColorRole.HighlightedText, QColor("#ffffff"))
    palette.setColor(QPalette.ColorRole.WindowText, QColor("#000000"))
    qapp.setPalette(palette)
    image = icon("brush", role=QPalette.ColorRole.HighlightedText).pixmap(32, 32).toImage()
    qapp.setPalette(before)
    pixels = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
    assert max(pixels, key=lambda pixel: pixel.alpha()).lightness() == 255


def test_the_icon_of_a_hint_follows_the_theme(qapp: QApplication, qtbot: Any) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    apply_theme(qapp, "light")
    hints = Hints(first_hints(lambda: None, lambda: None, lambda: None), window)
    picture = hints.findChild(QLabel, "picture")
    light = picture.pixmap().toImage()
    apply_theme(qapp, "dark")
    assert picture.pixmap().toImage() != light


def test_a_colour_can_be_asked_for() -> None:
    assert strongest("alert", "#00ff00").green() > 240


def test_an_unknown_name_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no-such-thing"):
        icon("no-such-thing")
