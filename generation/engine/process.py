"""An engine in a process of its own, so that neither its work nor its end touches the program.

Importing this costs nothing: torch is only ever imported by the child.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
import psutil

from generation.engine.frames import Frame, FrameError, read_frame, write_frame
from generation.plan.errors import Cancelled, EngineDied, OutOfMemory
from generation.plan.ports import StepHook
from generation.plan.profile import ModelProfile, profile_from_json
from generation.plan.request import PaintedWindow, PaintRequest
from zones.errors import InputError, WorkError

_STOP_S = 2.0
"""Longest time a child takes to stop between two steps, or to end when it has nothing to do."""

_END_S = 5.0
"""Longest time a process takes to be gone after it closed its pipes or was killed."""

_LEAVE_S = 0.5
"""Time for a thread that reads from a killed child to notice."""

_TAIL_BYTES = 4000
_TAIL_LINES = 4
"""How much of a dead child's last words an error repeats."""


class ProcessEngine:
    """Paints windows in a child process; implements `generation.plan.ports.Engine`.

    It is made at once; the first question or window waits until the model is loaded. An engine
    whose process died stays dead: make another.

    Thread: one thread uses it; `close` may be called from any.

    Args:
        model: `klein-mini`, a folder, or a hub id that is on this machine.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        threads: of the child; by default OMP_NUM_THREADS, else the processor's cores.
    """

    def __init__(
        self, model: str | Path, device: str = "auto", *, threads: int | None = None
    ) -> None:
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._ready: Frame | None = None
        self._words: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the pipes
        try:
            self._process = _start(self._words, threads)
        except OSError as error:
            self._words.close()
            raise WorkError(
                f"the model's process can't be started ({error.strerror}); close other programs"
            ) from error
        self._orders = cast("BinaryIO", self._process.stdin)
        self._answers = cast("BinaryIO", self._process.stdout)
        with self._turn(), suppress(EngineDied, Cancelled):  # the first question tells
            self._send(Frame("load", {"model": str(model), "device": device}))

    @property
    def profile(self) -> ModelProfile:
        """The model's numbers."""
        return profile_from_json(self._facts()["profile"])

    @property
    def model_hash(self) -> str:
        """Content hash of the weights, hex."""
        return str(self._facts()["model_hash"])

    @property
    def latent_channels(self) -> int:
        """Channels of the noise a request must bring."""
        return int(self._facts()["latent_channels"])

    def describe(self) -> Mapping[str, str | int | float]:
        """Model, device, dtype, sizes and versions, for reports."""
        return dict(self._facts()["facts"])

    def paint(self, request: PaintRequest, on_step: StepHook | None = None) -> PaintedWindow:
        """Paint one window.

        Raises:
            Cancelled: from the hook, and the engine is ready for the next request; or the engine
                was closed.
            EngineDied: the process is gone.
            InputError: the model can't be loaded.
            OutOfMemory: the window does not fit into the device's memory.
            WorkError: the model gave no finite picture.
        """
        with self._turn():
            self._facts()
            self._send(_order(request))
            while (frame := self._receive()).kind == "step":
                try:
                    _call(on_step, frame)
                except BaseException:
                    self._stop_painting()
                    raise
                self._send(Frame("go"))
            return PaintedWindow(frame.arrays["rgb"], **frame.values)

    def round_trip(self, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Encode and decode a picture, uint8 (h, w, 3), of any size.

        Raises:
            Cancelled: the engine was closed.
            EngineDied: the process is gone.
            InputError: the model can't be loaded.
            OutOfMemory: the picture does not fit into the device's memory.
        """
        with self._turn():
            self._facts()
            self._send(Frame("round_trip", arrays={"rgb": rgb}))
            return self._receive().arrays["rgb"]

    def close(self) -> None:
        """End the process: at once if it is at work, else as soon as it has cleaned up."""
        self._closed.set()
        if self._lock.acquire(blocking=False):
            try:
                self._close_pipes()
                self._end(_STOP_S)
            finally:
                self._lock.release()
            return
        self._process.kill()
        self._end(_END_S)
        if self._lock.acquire(timeout=_LEAVE_S):  # else its user tidies up when it leaves
            self._close_pipes()
            self._lock.release()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One call at a time; the last one to leave a closed engine tidies up."""
        with self._lock:
            if self._closed.is_set():
                raise Cancelled
            try:
                yield
            finally:
                if self._closed.is_set():
                    self._close_pipes()

    def _facts(self) -> Mapping[str, Any]:
        """What the child tells once the model is loaded."""
        with self._turn():
            ready = self._ready = self._ready or self._receive()
            return ready.values

    def _send(self, frame: Frame) -> None:
        try:
            write_frame(self._orders, frame)
        except (OSError, ValueError) as error:  # ValueError: the pipe was closed here
            raise self._death() from error

    def _receive(self) -> Frame:
        """The next frame; errors that it brings are raised."""
        try:
            frame = read_frame(self._answers)
        except (FrameError, OSError, ValueError) as error:
            raise self._death() from error
        if frame is None:
            raise self._death()
        if frame.kind == "error":
            raise _error(frame.values)
        return frame

    def _stop_painting(self) -> None:
        """Let the child leave the window it is in; one that doesn't is killed."""
        patience = threading.Timer(_STOP_S, self._process.kill)
        patience.start()
        try:
            self._send(Frame("cancel"))
            while self._receive().kind != "cancelled":
                pass
        except (Cancelled, EngineDied, WorkError):
            pass
        finally:
            patience.cancel()
            patience.join()

    def _death(self) -> EngineDied | Cancelled:
        """Why the process is gone: it was closed here, or it died."""
        self._end(_END_S)
        if self._closed.is_set():
            return Cancelled()
        self._close_input()
        return EngineDied(_obituary(self._process.returncode, self._last_words()))

    def _end(self, patience_s: float) -> None:
        """Wait until the process is gone, and leave no zombie."""
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        if self._words.closed:
            return ""
        size = self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, size - _TAIL_BYTES))
        lines = self._words.read().decode(errors="replace").splitlines()
        return " / ".join([line.strip() for line in lines if line.strip()][-_TAIL_LINES:])

    def _close_input(self) -> None:
        with suppress(OSError):  # what could not be written is lost with its reader
            self._orders.close()

    def _close_pipes(self) -> None:
        self._close_input()
        self._answers.close()
        self._words.close()


def _start(words: IO[bytes], threads: int | None) -> subprocess.Popen[bytes]:
    """Start the child in isolation from the folder the user happens to be in."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    given = threads or os.environ.get("OMP_NUM_THREADS")
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "OMP_NUM_THREADS": str(given or _cores()),
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "generation.engine.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=words,
        env=env,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _cores() -> int:
    """Cores this process may use; hardware threads of one core count once."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min(physical, usable or physical))


def _order(request: PaintRequest) -> Frame:
    values = {item.name: getattr(request, item.name) for item in fields(request)}
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    plain = {name: value for name, value in values.items() if name not in arrays}
    return Frame("paint", plain, arrays)


def _call(on_step: StepHook | None, frame: Frame) -> None:
    if on_step is not None:
        on_step(frame.values["step"], frame.values["steps"], frame.arrays.get("preview"))


def _error(values: Mapping[str, Any]) -> InputError | WorkError:
    if values["cause"] == "input":
        return InputError(values["text"])
    if values["cause"] == "memory":
        needed, free = values["needed"], values["free"]
        return OutOfMemory(values["text"], needed_bytes=needed, free_bytes=free)
    return WorkError(values["text"])


def _obituary(code: int, words: str) -> str:
    """How the model's process ended, in one sentence."""
    if code == -9:  # noqa: PLR2004 - SIGKILL, what the system's out-of-memory killer sends
        free = psutil.virtual_memory().available / (1 << 30)
        return (
            "the model's process was killed, which the system does when memory runs out "
            f"({free:.1f} GiB are free now); close other programs or use a model "
            "with a smaller window"
        )
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    told = f": {words}" if words else ""
    return f"the model's process ended unexpectedly ({how}{told}); render the tile again"
