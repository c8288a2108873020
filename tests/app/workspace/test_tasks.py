from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.workspace.tasks import IDLE, URGENT, Tasks, sentence_of
from generation.plan.errors import Cancelled
from tests.support.qt import wait_until
from zones.errors import InputError


@pytest.fixture
def tasks(qapp: QApplication) -> Iterator[Tasks]:
    made = Tasks()
    yield made
    assert made.close()
    made.deleteLater()


def test_work_is_done_on_io_and_told_on_the_gui_thread(tasks: Tasks) -> None:
    names: list[str] = []
    tasks.submit(
        lambda: threading.current_thread().name,
        lambda name: names.extend([name, threading.current_thread().name]),
    )
    assert not tasks.idle
    wait_until(lambda: tasks.idle)
    assert names == ["io", "MainThread"]


def test_a_task_that_is_done_keeps_nothing_alive(tasks: Tasks) -> None:
    class Held:
        """Something large."""

    held = Held()
    seen = weakref.ref(held)
    tasks.submit(lambda held=held: id(held))
    del held
    wait_until(lambda: tasks.idle)
    wait_until(lambda: gc.collect() >= 0 and seen() is None)


def test_urgent_work_goes_first(tasks: Tasks) -> None:
    held, order = threading.Event(), []
    tasks.submit(held.wait)
    for name, urgency in (("idle", IDLE), ("normal", 1), ("urgent", URGENT), ("urgent 2", URGENT)):
        tasks.submit(lambda name=name: order.append(name), urgency=urgency)
    held.set()
    wait_until(lambda: tasks.idle)
    assert order == ["urgent", "urgent 2", "normal", "idle"]


def test_a_failure_is_told_to_who_asks_for_it(tasks: Tasks) -> None:
    def fail() -> None:
        raise InputError("the folder is gone; choose another")

    told: list[object] = []
    tasks.failed.connect(lambda name, error: told.append((name, str(error))))
    tasks.submit(fail, name="save")
    tasks.submit(fail, failed=lambda error: told.append(type(error)))
    wait_until(lambda: tasks.idle)
    assert told == [("save", "the folder is gone; choose another"), InputError]


def test_a_cancelled_task_tells_nothing(tasks: Tasks) -> None:
    def stop() -> None:
        raise Cancelled

    told: list[object] = []
    tasks.failed.connect(lambda *found: told.append(found))
    tasks.submit(stop, told.append)
    wait_until(lambda: tasks.idle)
    assert told == []


def test_long_work_apart_keeps_nothing_waiting(tasks: Tasks) -> None:
    held, told = threading.Event(), []
    tasks.apart(held.wait, lambda _: told.append("apart"))
    tasks.submit(lambda: None, lambda _: told.append("io"))
    wait_until(lambda: told == ["io"])
    held.set()
    wait_until(lambda: tasks.idle)
    assert told == ["io", "apart"]


def test_closing_finishes_what_is_urgent_and_drops_the_rest(qapp: QApplication) -> None:
    tasks, held, done = Tasks(), threading.Event(), []
    tasks.submit(lambda: held.wait(5))
    tasks.submit(lambda: done.append("idle"), urgency=IDLE)
    tasks.submit(lambda: done.append("urgent"), urgency=URGENT)
    threading.Timer(0.05, held.set).start()
    assert tasks.close(5)
    assert done == ["urgent"]
    assert tasks.submit(lambda: None).cancelled()
    assert tasks.apart(lambda: None).cancelled()


def test_closing_does_not_wait_for_ever(qapp: QApplication) -> None:
    tasks, held, started = Tasks(), threading.Event(), threading.Event()
    tasks.submit(lambda: (started.set(), held.wait()))
    assert started.wait(5)
    assert not tasks.close(0.05)
    held.set()


def test_the_executor_hands_on_failures(tasks: Tasks) -> None:
    def fail() -> None:
        raise InputError("no")

    found = tasks.executor.submit(fail).exception(5)
    assert isinstance(found, InputError)
    assert tasks.executor.submit(max, 1, 2).result(5) == 2
    wait_until(lambda: tasks.idle)


def test_unforeseen_faults_have_a_sentence() -> None:
    assert sentence_of(InputError("do this")) == "do this"
    assert "KeyError" in sentence_of(KeyError("x"))
