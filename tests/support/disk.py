"""A disk that dies: real file calls that stop at a chosen one, and a log of what was done."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from painter import files, new_folder, project, store

CALLS = ("open", "write", "fsync", "replace", "mkdir", "unlink")


class Killed(BaseException):
    """The process is gone: nothing after this reaches the disk."""


class DyingDisk:
    """Stands in for `os` in the painter's modules and fails from the `fatal`-th call on.

    Attributes:
        log: (call, path or descriptor) of every call that was let through.
        full: the disk is full (an OSError, reads and removals go on) instead of a kill.
    """

    def __init__(self, fatal: int | None = None, *, full: bool = False) -> None:
        self.fatal = fatal
        self.full = full
        self.log: list[tuple[str, Any]] = []
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._guarded(name, real) if name in CALLS else real

    def _guarded(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(first: Any, *rest: Any) -> Any:
            if self._fails(name):
                if name == "write" and not self.failed:
                    os.write(first, rest[0][: len(rest[0]) // 2])
                self.failed = True
                raise self._failure()
            result = real(first, *rest)
            self.log.append((name, rest[0] if name == "replace" else first))
            return result

        return call

    def _fails(self, name: str) -> bool:
        reached = self.fatal is not None and len(self.log) >= self.fatal
        return reached and (not self.full or name in {"write", "mkdir"})

    def _failure(self) -> BaseException:
        return OSError(errno.ENOSPC, "No space left on device") if self.full else Killed()


@contextmanager
def dying(disk: DyingDisk) -> Iterator[DyingDisk]:
    """Put `disk` under the painter while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (files, new_folder, project, store):
            patch.setattr(module, "os", disk)
        yield disk


def one_line(error: BaseException) -> str:
    """The error's text, after checking that it is one clear line."""
    text = str(error)
    assert "\n" not in text
    assert 10 < len(text) < 700
    return text
