"""An engine without a model, for tests of everything that drives one.

It paints what a request asks for, the same pixels for the same request, in as many steps as a
model would take. It can be held between two steps and told to fail at one.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from generation.plan.errors import Cancelled
from generation.plan.ports import StepHook
from generation.plan.profile import ModelProfile
from generation.plan.request import PaintedWindow, PaintRequest
from zones.geometry import LATENT_PX

_CONTRAST = 20.0
"""How far one unit of noise moves a free pixel's colour."""


class StepGate:
    """Holds an engine at the end of each step until it is let through; open to begin with.

    Thread: any.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._arrived = 0
        self._permits: int | None = None

    def shut(self) -> None:
        """Let no step through from now on."""
        with self._changed:
            self._permits = 0

    def let(self, steps: int = 1) -> None:
        """Let some more steps through a shut gate."""
        with self._changed:
            self._permits = (self._permits or 0) + steps
            self._changed.notify_all()

    def open(self) -> None:
        """Let every step through."""
        with self._changed:
            self._permits = None
            self._changed.notify_all()

    def pass_through(self) -> None:
        """Arrive, and wait to be let through; what the engine does at the end of a step."""
        with self._changed:
            self._arrived += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._permits is None or self._permits > 0)
            if self._permits is not None:
                self._permits -= 1

    def await_arrivals(self, steps: int, timeout_s: float = 10.0) -> None:
        """Wait until so many steps in all have arrived.

        Raises:
            TimeoutError: they did not.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._arrived >= steps, timeout_s):
                raise TimeoutError(f"{self._arrived} of {steps} steps came in {timeout_s} s")


class NumpyEngine:
    """Paints the seed canvas, roughened by the noise where the change map allows it.

    Implements `generation.plan.ports.Engine`.

    Args:
        profile: the numbers it pretends to have.
        channels: latent channels.
        gate: holds it between steps; by default never.
        failures: what to raise instead of ending a step, by (window, step): windows count from 0
            for this engine, steps from 1.

    Attributes:
        requests: every request so far.
        threads: names of the threads that painted.
    """

    def __init__(
        self,
        profile: ModelProfile,
        *,
        channels: int = 4,
        gate: StepGate | None = None,
        failures: Mapping[tuple[int, int], BaseException] | None = None,
    ) -> None:
        self._profile = profile
        self._channels = channels
        self._gate = gate
        self._failures = failures or {}
        self._closed = threading.Event()
        self.requests: list[PaintRequest] = []
        self.threads: set[str] = set()

    @property
    def profile(self) -> ModelProfile:
        """The numbers it was given."""
        return self._profile

    @property
    def model_hash(self) -> str:
        """A name for its arithmetic."""
        return "numpy"

    @property
    def latent_channels(self) -> int:
        """Channels of the noise a request must bring."""
        return self._channels

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed.is_set()

    def paint(self, request: PaintRequest, on_step: StepHook | None = None) -> PaintedWindow:
        """Paint one window, and fail where it was told to."""
        window = len(self.requests)
        self.requests.append(request)
        self.threads.add(threading.current_thread().name)
        rgb = _painted(request)
        steps = max(1, int(request.steps * request.strength))
        for step in range(1, steps + 1):
            if self.is_closed:
                raise Cancelled
            failure = self._failures.get((window, step))
            if failure is not None:
                raise failure
            if self._gate is not None:
                self._gate.pass_through()
            if on_step is not None:
                on_step(step, steps, _preview(request.seed_canvas, rgb, step / steps))
        return PaintedWindow(rgb, 0.0, steps)

    def round_trip(self, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """The very picture: nothing is lost without a VAE."""
        return rgb.copy()

    def describe(self) -> Mapping[str, str | int | float]:
        """What it is."""
        return {"model": self.profile.name, "device": "numpy", "latent_channels": self._channels}

    def close(self) -> None:
        """Paint no more."""
        self._closed.set()


def _painted(request: PaintRequest) -> npt.NDArray[np.uint8]:
    """The canvas; free pixels are moved by the noise of their cell and by the prompt."""
    cells = request.noise.mean(axis=0) + (zlib.crc32(request.prompt.encode()) % 7 - 3) / 10
    rough = cells.repeat(LATENT_PX, axis=0).repeat(LATENT_PX, axis=1)
    free = np.float32(1) if request.change_map is None else request.change_map
    moved = request.seed_canvas + (_CONTRAST * rough * free)[:, :, None]
    rgb: npt.NDArray[np.uint8] = np.clip(np.rint(moved), 0, 255).astype(np.uint8)
    return rgb


def _preview(
    canvas: npt.NDArray[np.uint8], rgb: npt.NDArray[np.uint8], share: float
) -> npt.NDArray[np.uint8]:
    """A picture on its way from the canvas to the end, one pixel for 8 x 8 px."""
    here = slice(LATENT_PX // 2, None, LATENT_PX)
    start, end = canvas[here, here].astype(np.float32), rgb[here, here].astype(np.float32)
    picture: npt.NDArray[np.uint8] = (start + share * (end - start)).astype(np.uint8)
    picture.setflags(write=False)
    return picture
