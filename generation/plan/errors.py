"""How a window can end without pixels: on the user's wish, or because the engine could not."""

from __future__ import annotations

from zones.errors import WorkError


class Cancelled(BaseException):
    """Raised by a step hook to end the window at the next step boundary.

    A `BaseException`, so that no broad handler between the hook and the run mistakes the wish
    to stop for a failure.
    """


class EngineDied(WorkError):  # noqa: N818 - an event of the outside world, not a bug
    """The engine's process is gone; a new engine may well paint the same window."""


class OutOfMemory(WorkError):  # noqa: N818 - as torch and the OS name it
    """A window did not fit into the device's memory.

    Attributes:
        needed_bytes: the piece that could not be had, if the device told.
        free_bytes: what was free at that moment, if the device told.
    """

    def __init__(
        self, text: str, *, needed_bytes: int | None = None, free_bytes: int | None = None
    ) -> None:
        super().__init__(text)
        self.needed_bytes = needed_bytes
        self.free_bytes = free_bytes
