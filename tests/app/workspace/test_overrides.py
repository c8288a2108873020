"""Errors of C code in overridden Qt methods."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.shell.main_window import MainWindow
from app.workspace.overrides import mend_overrides, raising_whole

PROGRAM = """
from typing import Generic, TypeVar
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from app.workspace.overrides import mend_overrides

def make(module):
    def fails(self, event):
        int("x")
    return type("Pad", (QWidget,), {"__module__": module, "mousePressEvent": fails})

application = QApplication(["test"])
Early = make("app.early")
mend_overrides()
for cls in (Early, make("app.late")):
    pad = cls()
    pad.show()
    try:
        QTest.mouseClick(pad, Qt.MouseButton.LeftButton)
    except ValueError as error:
        print("caught", type(error).__name__)
T = TypeVar("T")
class Late(QWidget, Generic[T]):
    pass
print("alive", Late[int].__origin__ is Late)
"""


def test_an_error_of_c_code_in_an_override_does_not_end_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split("\n")[-4:-1] == [
        "caught ValueError",
        "caught ValueError",
        "alive True",
    ]
    assert done.returncode == 0


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="errors are always whole there")
def test_the_main_window_s_overrides_are_mended() -> None:
    mend_overrides()
    own = vars(MainWindow)["closeEvent"]
    assert raising_whole(own) is own


def test_a_mended_method_answers_as_before() -> None:
    assert raising_whole(lambda value: value + 1)(2) == 3
