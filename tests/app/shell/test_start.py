"""Starting the program: what it loads, what it refuses, and how faults are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.shell import start
from app.shell.theme import DARK, LIGHT, style_sheet, theme_of
from tests.app.shell.windows import end, problem_texts
from tests.support.qt import small_project, wait_until
from zones.errors import WorkError

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import json, sys, time
from pathlib import Path
from app.shell.start import make_app, make_window
app = make_app()
window = make_window(app)
window.show()
window.begin(Path(sys.argv[1]))
until = time.monotonic() + 30
while window.workspace.document is None and time.monotonic() < until:
    app.processEvents()
heavy = {"torch", "diffusers", "transformers", "skimage", "scipy"}
print(json.dumps({"open": window.view.isVisible(), "heavy": sorted(heavy & set(sys.modules))}))
window.close()
"""


def test_a_usable_window_has_loaded_no_model_library(tmp_path: Path) -> None:
    folder = small_project(tmp_path / "map")
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        cwd=ROOT,
        env={
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "TILEWRIGHT_CONFIG_DIR": str(tmp_path / "user"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"open": True, "heavy": []}


def test_without_a_display_it_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(WorkError, match="there is no display"):
        start.check_display()
    monkeypatch.setenv("DISPLAY", ":0")
    start.check_display()


def test_a_fault_on_any_thread_becomes_a_problem_until_the_window_closes(
    qapp: QApplication, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)  # not pytest's
    before = (sys.excepthook, threading.excepthook)
    window = start.make_window(qapp)

    def fail() -> None:
        raise ZeroDivisionError("by zero")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    wait_until(lambda: problem_texts(window), what="the problem")
    assert "ZeroDivisionError in fail" in problem_texts(window)[0]
    assert "Traceback" in capfd.readouterr().err
    end(window)
    assert (sys.excepthook, threading.excepthook) == before


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_the_style_sheet_is_filled_in_and_understood(colours: object, qapp: QApplication) -> None:
    sheet = style_sheet(colours, "/tmp")
    assert "$" not in sheet
    before = qapp.styleSheet()
    qapp.setStyleSheet(sheet)
    QCoreApplication.processEvents()
    qapp.setStyleSheet(before)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours after WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_text_can_be_read_on_every_ground(colours: object) -> None:
    for ground in (colours.window, colours.raised, colours.hover, colours.tint):
        assert contrast(colours.text, ground) >= 7
        assert contrast(colours.muted, ground) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5


def test_a_theme_is_what_was_asked_for() -> None:
    assert (theme_of("light"), theme_of("dark")) == ("light", "dark")
    assert theme_of("system") in ("light", "dark")
