"""Random actions on the running program for a long time: nothing may break, grow or be left over.

A seeded user draws with every tool, pans, zooms, starts, pauses and cancels runs, changes settings,
opens dialogs, saves, undoes and reopens. It ends with 1 and the story so far where an exception
came up, Qt warned, memory grew beyond the budgets, or a thread or process was left.
"""

from __future__ import annotations

import argparse
import collections
import gc
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QThread,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QMenu

from app.canvas.picture import BUDGET_BYTES as PICTURE_BYTES
from app.shell.main_window import MainWindow
from generation.plan.colour import mean_delta_e
from painter.history import MEMORY_BUDGET_BYTES as HISTORY_BYTES
from tests.bench.soak_acts import Acts
from tests.bench.window import open_window, own_user, wait_for

MINUTES = 30.0
LOOSE_BYTES = 128 * 2**20
"""Beyond the budgets: what allocators keep and libraries cache."""

CLOSED_BYTES = 96 * 2**20
"""With the map closed again, at most so much more than after the first open and close, when the
libraries that measure seams (33 MiB, loaded once when first used) were in memory already."""

_MILD = (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
_OFFSCREEN_ONLY = ("This plugin does not support",)
_STORY = 40
_SAMPLE_S = 5.0


class Watch:
    """Collects what went wrong, and what was done before it."""

    def __init__(self) -> None:
        self.faults: collections.Counter[str] = collections.Counter()
        self.story: collections.deque[str] = collections.deque(maxlen=_STORY)
        self.first_story: list[str] = []
        self.peak_bytes = 0
        sys.excepthook = self._on_exception
        threading.excepthook = lambda facts: self._on_exception(
            facts.exc_type, facts.exc_value, facts.exc_traceback
        )
        qInstallMessageHandler(self._on_message)

    def fault(self, text: str) -> None:
        """Note a fault; the story before the first one is kept."""
        if not self.faults:
            self.first_story = list(self.story)
        if text not in self.faults:
            print(f"FAULT {text}", flush=True)
        self.faults[text] += 1

    def _on_exception(self, kind: type[BaseException], error: Any, trace: Any) -> None:
        self.fault("".join(traceback.format_exception(kind, error, trace)))

    def _on_message(self, kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
        said = text or ""
        if kind not in _MILD and not said.startswith(_OFFSCREEN_ONLY):
            self.fault(f"Qt said: {said}")


def memory_bytes() -> int:
    """Resident memory of this process, without the engine's own."""
    return int(psutil.Process().memory_info().rss)


def settle(seconds: float = 0.3) -> None:
    """Let what is pending happen."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        QCoreApplication.processEvents()
        delete_dropped()
        time.sleep(0.005)
    gc.collect()


def delete_dropped() -> None:
    """Delete what waits for it, as a running event loop does and `processEvents` does not."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def close_map(window: MainWindow) -> None:
    """Close the map without saving."""
    window.workspace.close(discard=True)
    wait_for(lambda: window.workspace.document is None, 10, "the map to close")
    settle(1.0)


def play(window: MainWindow, watch: Watch, seed: int, seconds: float) -> int:
    """Do random things; the number of actions."""
    acts = Acts(window, random.Random(seed))
    until, sample, count = time.monotonic() + seconds, time.monotonic(), 0
    while time.monotonic() < until:
        name = acts.choose()
        watch.story.append(name)
        for _ in acts.perform(name):
            QCoreApplication.processEvents()
        settle_menus()
        QCoreApplication.processEvents()
        delete_dropped()
        count += 1
        for problem in window.workspace.problems:
            if problem.key.startswith("bug:"):
                watch.fault(f"problem {problem.key}: {problem.text}")
        if time.monotonic() > sample:
            sample = time.monotonic() + _SAMPLE_S
            watch.peak_bytes = max(watch.peak_bytes, memory_bytes())
    return count


def settle_menus() -> None:
    """Close menus that were opened."""
    popup = QApplication.activePopupWidget()
    while isinstance(popup, QMenu):
        popup.close()
        following = QApplication.activePopupWidget()
        popup = None if following is popup else following


def left_over() -> Iterator[str]:
    """What still runs that should not."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not _is_library(thread):
            yield f"thread {thread.name}"
    for child in psutil.Process().children(recursive=True):
        if child.status() != psutil.STATUS_ZOMBIE:
            yield f"process {child.pid} {' '.join(child.cmdline())[:80]}"
    for one in QApplication.topLevelWidgets():
        if one.isVisible():
            yield f"window {one.windowTitle()!r}"
    if QThread.currentThread().loopLevel() != 0:
        yield "an event loop inside the event loop"


def _is_library(thread: threading.Thread) -> bool:
    return thread.name.startswith(("pydev", "Tqdm", "tqdm"))


def soak(seed: int, minutes: float, watch: Watch) -> None:
    """The whole soak."""
    window = open_window()
    settle(2.0)
    mean_delta_e(np.zeros((2, 2, 3), np.uint8), np.ones((2, 2, 3), np.uint8))
    close_map(window)
    closed_bytes = memory_bytes()
    window.files.open_sample()
    wait_for(lambda: window.workspace.document is not None, 30, "the sample world")
    settle(2.0)
    open_bytes = memory_bytes()
    count = play(window, watch, seed, 60 * minutes)
    close_map(window)
    after_bytes = memory_bytes()
    _judge(
        watch, "peak", watch.peak_bytes - open_bytes, PICTURE_BYTES + HISTORY_BYTES + LOOSE_BYTES
    )
    _judge(watch, "after closing the map", after_bytes - closed_bytes, CLOSED_BYTES)
    start = time.monotonic()
    window.close()
    took_s = time.monotonic() - start
    window.deleteLater()
    settle(0.5)
    for text in left_over():
        watch.fault(f"left over: {text}")
    print(
        f"{count} actions in {minutes:g} minutes, seed {seed}; closed in {took_s:.1f} s; "
        f"load {os.getloadavg()[0]:.1f}"
    )


def _judge(watch: Watch, what: str, grown_bytes: int, most_bytes: int) -> None:
    text = f"memory {what}: {grown_bytes / 2**20:+.0f} MiB, at most {most_bytes / 2**20:.0f} MiB"
    print(text)
    if grown_bytes > most_bytes:
        watch.fault(text)


def main() -> int:
    """Soak as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    watch = Watch()
    with tempfile.TemporaryDirectory() as home, own_user(Path(home)):
        soak(arguments.seed, arguments.minutes, watch)
    qInstallMessageHandler(None)
    if watch.faults:
        print(f"{sum(watch.faults.values())} faults, {len(watch.faults)} kinds")
        print("before the first:", ", ".join(watch.first_story))
        return 1
    print("no exception, no Qt warning, nothing left over")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
