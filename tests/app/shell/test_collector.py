"""Cyclic garbage is collected on the GUI thread alone."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.shell.collector import Collector


class Knot:
    """Holds itself, and tells on which thread it was destroyed."""

    def __init__(self, died_on: list[threading.Thread]) -> None:
        self.itself = self
        self.died_on = died_on

    def __del__(self) -> None:
        self.died_on.append(threading.current_thread())


@pytest.fixture
def collecting(qapp: object) -> Iterator[QObject]:
    owner = QObject()
    Collector(owner)
    yield owner
    owner.deleteLater()
    gc.enable()
    gc.unfreeze()


def allocate(died_on: list[threading.Thread]) -> None:
    """Leave a cycle, and more objects than the collector waits for."""
    Knot(died_on)
    kept = [[number] for number in range(100_000)]
    assert len(kept) == 100_000


def test_a_cycle_left_by_another_thread_dies_on_the_gui_thread(
    qtbot: QtBot, collecting: QObject
) -> None:
    died_on: list[threading.Thread] = []
    worker = threading.Thread(target=allocate, args=(died_on,))
    worker.start()
    worker.join()
    assert not died_on
    pile = [[number] for number in range(10_000)]
    qtbot.waitUntil(lambda: bool(died_on), timeout=5000)
    assert died_on == [threading.main_thread()]
    assert len(pile) == 10_000


def test_automatic_collection_returns_with_the_collectors_end(qtbot: QtBot) -> None:
    owner = QObject()
    collector = Collector(owner)
    assert not gc.isenabled()
    with qtbot.waitSignal(collector.destroyed):
        owner.deleteLater()
    assert gc.isenabled()
    gc.unfreeze()
