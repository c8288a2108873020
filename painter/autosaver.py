"""When to autosave: soon after a committed stroke, on another thread, never twice at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor

from painter.document import Document
from zones.errors import TilewrightError

DELAY_S = 0.25
"""A committed stroke waits at most this long for the next poll to write it."""

RETRY_S = 5.0
"""After a failure the next try comes this much later."""


class Autosaver:
    """Writes a document's autosave while it is painted on.

    The thread that edits the document calls `poll` several times a second; with a poll every
    0.25 s a committed stroke is on disk well within 2 s.

    Args:
        document: what is saved.
        clock: monotonic, in s.
        executor: one thread that writes; None makes one, which `close` ends.
    """

    def __init__(
        self,
        document: Document,
        clock: Callable[[], float] = time.monotonic,
        executor: Executor | None = None,
    ) -> None:
        self._document = document
        self._clock = clock
        self._own = ThreadPoolExecutor(1, "autosave") if executor is None else None
        self._executor = executor or self._own
        self._job: Future[None] | None = None
        self._writing = self.written = document.revision
        self._due: float | None = None
        self.problem: TilewrightError | None = None

    @property
    def pending(self) -> bool:
        """Whether there is work that no autosave holds yet."""
        return self._document.revision != self.written

    def poll(self) -> bool:
        """Start writing if it is time, and take note of what was written.

        Returns:
            Whether an autosave was completed since the last call. `written` is then the revision
            it holds; `problem` says why the last try failed, or is None.
        """
        completed = self._take_result()
        now = self._clock()
        newest = self.written if self._job is None else self._writing
        if self._due is None and self._document.revision != newest:
            self._due = now + DELAY_S
        if self._job is None and self.pending and self._due is not None and now >= self._due:
            self._start()
        return completed

    def saved(self) -> None:
        """Say that the document was saved by its user, so nothing is pending."""
        self._wait()
        self.written = self._document.revision
        self._due = None

    def flush(self) -> None:
        """Write what is pending now and wait for it.

        Raises:
            WorkError: the disk is full or fails.
            InputError: the folder cannot be written.
        """
        self._wait()
        if self.pending:
            self._start()
            self._wait()
        if self.problem is not None:
            raise self.problem

    def close(self) -> None:
        """Wait for what is being written and end the thread; pending work is not written."""
        self._wait()
        if self._own is not None:
            self._own.shutdown()

    def _start(self) -> None:
        assert self._executor is not None
        capture = self._document.capture()
        self._writing = capture.revision
        self._due = None
        self._job = self._executor.submit(self._document.autosave, capture)

    def _wait(self) -> None:
        if self._job is not None:
            self._job.exception()
            self._take_result()

    def _take_result(self) -> bool:
        if self._job is None or not self._job.done():
            return False
        job, self._job = self._job, None
        try:
            job.result()
        except TilewrightError as error:
            self.problem = error
            self._due = self._clock() + RETRY_S
            return False
        self.problem = None
        self.written = self._writing
        return True
