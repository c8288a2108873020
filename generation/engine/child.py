"""The model's own process: loads one model and paints what comes down its standard input.

It ends when the program that started it does, because its input ends then. It waits for the
program's word after each step, so the program may let it wait or stop it there.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import traceback
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import psutil

from generation.engine.factory import load_engine
from generation.engine.frames import Frame, FrameError, read_frame, write_frame
from generation.plan.errors import Cancelled, OutOfMemory
from generation.plan.ports import Engine
from generation.plan.request import PaintRequest
from zones.errors import InputError, TilewrightError

_NICE = 5
"""How much the windows of the program go before the model, in steps of the scheduler."""


class Child:
    """Answers the frames of one program.

    Args:
        orders: where they come from.
        answers: where its own go.
    """

    def __init__(self, orders: BinaryIO, answers: BinaryIO) -> None:
        self._orders = orders
        self._answers = answers
        self._inbox: queue.SimpleQueue[Frame] = queue.SimpleQueue()

    def serve(self) -> None:
        """Load the model that the first order names, then paint until the input ends."""
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        engine = self._load(self._inbox.get())
        while engine is not None:
            order = self._inbox.get()
            try:
                self._obey(engine, order)
            except Cancelled:
                self._answer("cancelled")
            except TilewrightError as error:
                self._answer_error(error)

    def _listen(self) -> None:
        """Pass orders on; when they end, so does the process, whatever it is doing."""
        with suppress(FrameError, OSError):
            while (frame := read_frame(self._orders)) is not None:
                self._inbox.put(frame)
        os._exit(0)

    def _load(self, order: Frame) -> Engine | None:
        try:
            engine = load_engine(order.values["model"], order.values["device"])
            facts = dict(engine.describe())
        except TilewrightError as error:
            self._answer_error(error)
            return None
        ready = {
            "facts": facts,
            "profile": engine.profile.model_dump_json(),
            "model_hash": engine.model_hash,
            "latent_channels": engine.latent_channels,
        }
        self._answer("ready", ready)
        return engine

    def _obey(self, engine: Engine, order: Frame) -> None:
        if order.kind == "paint":
            words: dict[str, Any] = {**order.values, **order.arrays}
            painted = engine.paint(PaintRequest(**words), self._on_step)
            facts = {"elapsed_s": painted.elapsed_s, "steps_run": painted.steps_run}
            self._answer("painted", facts, rgb=painted.rgb)
        elif order.kind == "round_trip":
            self._answer("rounded", rgb=engine.round_trip(order.arrays["rgb"]))
        else:
            raise AssertionError(f"there is no order {order.kind}")

    def _on_step(self, step: int, steps: int, preview: npt.NDArray[np.uint8] | None) -> None:
        arrays = {} if preview is None else {"preview": preview}
        self._answer("step", {"step": step, "steps": steps}, **arrays)
        if self._inbox.get().kind != "go":
            raise Cancelled

    def _answer_error(self, error: TilewrightError) -> None:
        values: dict[str, Any] = {"text": str(error), "cause": "work"}
        if isinstance(error, InputError):
            values["cause"] = "input"
        elif isinstance(error, OutOfMemory):
            values |= {"cause": "memory", "needed": error.needed_bytes, "free": error.free_bytes}
        self._answer("error", values)

    def _answer(
        self, kind: str, values: dict[str, Any] | None = None, **arrays: npt.NDArray[Any]
    ) -> None:
        try:
            write_frame(self._answers, Frame(kind, values or {}, arrays))
        except OSError:
            os._exit(0)  # nobody listens any more


def main() -> None:
    """Serve the program at the other end of standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the program's to answer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library's words are no frames
    _step_back()
    code = 0
    try:
        Child(sys.stdin.buffer, answers).serve()
    except BaseException:  # noqa: BLE001 - the program repeats the last lines of it
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)  # a listening thread would hold the interpreter up


def _step_back() -> None:
    """Leave the processor to the windows of the program where both want it."""
    with suppress(psutil.Error, OSError):
        lower = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", None)
        psutil.Process().nice(_NICE if lower is None else lower)


if __name__ == "__main__":
    main()
