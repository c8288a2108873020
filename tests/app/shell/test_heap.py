"""What a closed map took goes back to the system."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
import weakref

import pytest
from PySide6.QtCore import QObject

from app.shell.heap import HeapKeeper
from app.workspace.workspace import Workspace

PROGRAM = """
import numpy as np
import psutil
from app.shell.heap import bound_heap, return_heap

def resident():
    return psutil.Process().memory_info().rss

assert bound_heap()
before = resident()
kept = []
for number in range(1800):
    buffer = np.ones(100_000 + 1000 * (number % 7), np.uint8)
    kept.append((bytearray(3000), buffer))
grown = resident() - before
kept = [small for small, _ in kept]
del buffer
return_heap()
print(grown, resident() - before)
"""


class Ring:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_only_cycles_hold_of_a_closed_map_goes_with_it(qtbot, monkeypatch) -> None:
    monkeypatch.setattr("app.shell.heap._CLOSED_MS", 1)
    workspace, parent = Workspace(), QObject()
    keeper = HeapKeeper(workspace, parent)
    gc.disable()
    try:
        gone = weakref.ref(Ring())
        assert gone() is not None
        workspace.map_opened.emit()
        qtbot.waitUntil(lambda: gone() is None, timeout=5000)
    finally:
        gc.enable()
    assert keeper.parent() is parent


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
def test_dropped_buffers_go_back_though_small_ones_lie_between_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    grown, left = map(int, done.stdout.split())
    assert grown > 150 * 2**20
    assert left < 10 * 2**20
