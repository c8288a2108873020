"""Slow work off the GUI thread: one thread in order of urgency, results back in the event loop."""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from generation.plan.errors import Cancelled
from zones.errors import TilewrightError

ResultT = TypeVar("ResultT")

URGENT, NORMAL, IDLE = 0, 1, 2
"""Saves and autosaves; what somebody looks at; sweeps that may take their time."""

DRAIN_S = 2.0
"""`close` waits at most this long for what is urgent."""


class Tasks(QObject):
    """Runs functions on one thread, named `io`; made and closed on the GUI thread.

    Signals:
        failed: (name, exception) of a task that nobody else takes the failure of.
    """

    failed = Signal(str, object)
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: queue.PriorityQueue[tuple[int, int, Callable[[], None]]]
        self._queue = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._open = 0
        self._closed = threading.Event()
        self._apart: set[threading.Thread] = set()
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._work, name="io", daemon=True)
        self._thread.start()

    @property
    def executor(self) -> Executor:
        """The same thread as an executor of urgent work, for code that knows no Qt."""
        return _Urgent(self)

    @property
    def idle(self) -> bool:
        """Whether every task has ended and its callback was called."""
        return self._open == 0

    @property
    def closing(self) -> threading.Event:
        """Set once `close` was called; long tasks ask it."""
        return self._closed

    def submit(
        self,
        work: Callable[[], ResultT],
        done: Callable[[ResultT], None] | None = None,
        *,
        failed: Callable[[BaseException], None] | None = None,
        urgency: int = NORMAL,
        name: str = "",
        owner: QObject | None = None,
    ) -> Future[ResultT]:
        """Run `work` on the io thread.

        Args:
            work: touches no widget and no document, only what it was given frozen.
            done: called with the result on the GUI thread, from its event loop.
            failed: called likewise with the exception; without it `Tasks.failed` is emitted.
            urgency: `URGENT`, `NORMAL` or `IDLE`; equally urgent tasks keep their order.
            name: of the task, for the problem it may become.
            owner: a dialog or the like that may be gone by then; nothing is called after that.

        Returns:
            Its future, which may be cancelled while it waits.
        """
        future: Future[ResultT] = Future()
        if self._closed.is_set():
            future.cancel()
            return future
        self._open += 1
        done, failed = _while_alive(owner, done), _while_alive(owner, failed)
        run = self._runner(future, work, done, failed, name)
        self._queue.put((urgency, next(self._numbers), run))
        return future

    def apart(
        self,
        work: Callable[[], ResultT],
        done: Callable[[ResultT], None] | None = None,
        *,
        failed: Callable[[BaseException], None] | None = None,
        name: str = "",
        owner: QObject | None = None,
    ) -> Future[ResultT]:
        """Run a long `work` on a thread of its own, so that nothing waits behind it.

        Args:
            work: as of `submit`; it asks `closing` now and then.
            done: as of `submit`.
            failed: as of `submit`.
            name: of the task.
            owner: as of `submit`.
        """
        future: Future[ResultT] = Future()
        if self._closed.is_set():
            future.cancel()
            return future
        self._open += 1
        done, failed = _while_alive(owner, done), _while_alive(owner, failed)
        run = self._runner(future, work, done, failed, name)
        thread = threading.Thread(target=run, name=name or "apart", daemon=True)
        self._apart = {one for one in self._apart if one.is_alive()} | {thread}
        thread.start()
        return future

    def close(self, timeout_s: float = DRAIN_S) -> bool:
        """Finish urgent tasks, drop the others, end the threads.

        Returns:
            Whether the threads ended in time; a task that hangs is left behind on its daemon
            thread, and this object must outlive it.
        """
        deadline = time.monotonic() + timeout_s
        self._closed.set()
        self._queue.put((URGENT, next(self._numbers), _stop))
        threads = (self._thread, *self._apart)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _runner(
        self,
        future: Future[ResultT],
        work: Callable[[], ResultT],
        done: Callable[[ResultT], None] | None,
        failed: Callable[[BaseException], None] | None,
        name: str,
    ) -> Callable[[], None]:
        """A function that does the work and sends what came of it to the GUI thread."""

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:  # noqa: BLE001 - it is handed on whole
                    future.set_exception(error)
            with contextlib.suppress(RuntimeError):  # the windows are gone, nobody waits
                self._ended.emit((future, done, failed, name))

        return run

    def _work(self) -> None:
        while self._do_next():  # a call of its own: a task that waits must not keep the last one
            pass

    def _do_next(self) -> bool:
        """Do the next task; whether there may be more."""
        urgency, _, run = self._queue.get()
        if run is _stop:
            return False
        if not self._closed.is_set() or urgency == URGENT:
            run()
        return True

    @Slot(object)
    def _on_ended(self, ended: Any) -> None:
        future, done, failed, name = ended
        self._open -= 1
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            if done is not None:
                done(future.result())
        elif isinstance(error, Cancelled):
            return
        elif failed is not None:
            failed(error)
        else:
            self.failed.emit(name, error)


def _while_alive(
    owner: QObject | None, act: Callable[[Any], None] | None
) -> Callable[[Any], None] | None:
    """The same, but nothing once the owner was deleted."""
    if owner is None or act is None:
        return act

    def call(value: Any) -> None:
        if shiboken6.isValid(owner):
            act(value)

    return call


class _Urgent(Executor):
    """Submits urgent tasks whose failure their future tells."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._tasks.submit(
            lambda: fn(*args, **kwargs), failed=lambda _: None, urgency=URGENT
        )


def _stop() -> None:
    """Mark the end of the queue."""


def sentence_of(error: BaseException) -> str:
    """One line for people about a failure, foreseen or not."""
    if isinstance(error, TilewrightError):
        return str(error)
    detail = str(error).strip().split("\n")[0]
    return f"an unexpected fault ({type(error).__name__}: {detail}); nothing saved is lost"
