from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.workspace.bridge import Bridge
from generation.run.jobs import Event, JobStarted, StepDone, TileCancelled, TileStarted
from tests.support.qt import wait_until
from zones.grid import TileCoord

TILE = TileCoord(1, 2)


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()
    made.deleteLater()


def test_state_changes_are_never_dropped(bridge: Bridge) -> None:
    told: list[Event] = []
    bridge.happened.connect(told.extend)
    events = [TileStarted(1, TileCoord(0, col)) for col in range(500)]
    thread = threading.Thread(target=lambda: [bridge.put(event) for event in events])
    thread.start()
    wait_until(lambda: len(told) == 500)
    thread.join()
    assert told == events


def test_steps_are_coalesced_to_the_newest(bridge: Bridge) -> None:
    told: list[StepDone] = []
    bridge.stepped.connect(told.append)
    for step in range(1, 101):
        bridge.put(StepDone(1, TILE, step, 100))
    wait_until(lambda: bool(told))
    assert [event.step for event in told] == [100]


def test_a_tile_that_is_over_takes_no_step(bridge: Bridge) -> None:
    told: list[object] = []
    bridge.stepped.connect(told.append)
    bridge.happened.connect(told.extend)
    bridge.put(StepDone(1, TILE, 1, 2))
    bridge.put(TileCancelled(1, TILE))
    bridge.flush()
    assert told == [TileCancelled(1, TILE)]


def test_a_closed_bridge_says_nothing(bridge: Bridge) -> None:
    told: list[object] = []
    bridge.happened.connect(told.append)
    bridge.put(JobStarted(1, 2))
    bridge.close()
    bridge.flush()
    assert told == []
