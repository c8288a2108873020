"""What the rest of the program may ask of an engine, whatever library runs behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from generation.plan.profile import ModelProfile
    from generation.plan.request import PaintedWindow, PaintRequest

StepHook = Callable[[int, int, "npt.NDArray[np.uint8] | None"], None]
"""Called after each denoising step with (steps done, steps in all, preview); may raise `Cancelled`.

The preview is the engine's guess at the finished window, RGB uint8 (h / 8, w / 8, 3), read-only;
None from an engine that makes none.
"""


class Engine(Protocol):
    """Paints windows with one model on one device; one request at a time."""

    @property
    def profile(self) -> ModelProfile:
        """Numbers that depend on the model's size and training."""
        ...

    @property
    def model_hash(self) -> str:
        """Content hash of the weights, hex; equal for equal weights wherever they lie."""
        ...

    @property
    def latent_channels(self) -> int:
        """Channels of the noise a request must bring."""
        ...

    def paint(self, request: PaintRequest, on_step: StepHook | None = None) -> PaintedWindow:
        """Paint one window.

        Raises:
            Cancelled: the hook raised it; the engine is ready for the next request.
            EngineDied: the engine is gone; load another.
            OutOfMemory: the window does not fit into the device's memory.
            WorkError: the model gave no finite picture.
        """
        ...

    def round_trip(self, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Encode and decode a picture, uint8 (h, w, 3): the floor of every comparison."""
        ...

    def describe(self) -> Mapping[str, str | int | float]:
        """Model, device, dtype, sizes and versions, for reports."""
        ...

    def close(self) -> None:
        """Let go of the model; from any thread and more than once.

        A window that is being painted ends with `Cancelled`, and so does every later one.
        """
        ...
