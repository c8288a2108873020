"""Rules for every test: no network, no stray threads, one thread of arithmetic, same examples."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

GRACE_S = 5.0
"""A library's pool that was told to stop may need a moment to do so."""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails."""

    def refuse(self: socket.socket, address: object) -> None:
        message = f"a test tried to reach the network at {address}"
        raise AssertionError(message)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture(autouse=True)
def _no_stray_threads() -> Iterator[None]:
    """A test that leaves a running thread of the program's own behind fails."""
    before = set(threading.enumerate())
    yield
    new = [thread for thread in threading.enumerate() if thread not in before]
    for thread in new:
        if not thread.daemon:
            thread.join(timeout=GRACE_S)
    stray = [thread for thread in new if thread.is_alive() and not thread.daemon]
    assert not stray, f"threads left running: {stray}"
