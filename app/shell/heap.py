"""Keeps the C heap small, so that what a map took is free for other programs once it is closed.

Painting takes and drops buffers of very unlike sizes for hours. glibc keeps the gaps between those
that stay, and takes ever larger buffers into its heap; other systems' allocators need no help.
"""

from __future__ import annotations

import ctypes
import gc
import platform

from PySide6.QtCore import QObject, QTimer

from app.workspace.workspace import Workspace

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""mallopt's names (malloc.h)."""

MMAP_BYTES = 64 * 2**10
"""Buffers of this size and above lie outside the heap and go back to the system when dropped."""

_ARENAS = 2
_CLOSED_MS = 500
"""A map's objects are gone so long after it was closed."""


def bound_heap() -> bool:
    """Give large buffers back when they are dropped; whether the allocator could be told so."""
    libc = _glibc()
    if libc is None:
        return False
    told = libc.mallopt(_MMAP_THRESHOLD, MMAP_BYTES), libc.mallopt(_ARENA_MAX, _ARENAS)
    return all(told)


def return_heap() -> None:
    """Give the heap's free pages back to the system."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


class HeapKeeper(QObject):
    """Gives memory back each time a map was closed.

    Args:
        workspace: whose maps.
        parent: as of every QObject.
    """

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_CLOSED_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        workspace.map_opened.connect(self._on_map_opened)

    def _on_map_opened(self) -> None:
        """A map was opened in place of another one, or closed."""
        self._timer.start()

    def _on_timer_timeout(self) -> None:
        """Drop what only cycles still hold of the map, then give the gaps back."""
        gc.collect()
        return_heap()


def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
