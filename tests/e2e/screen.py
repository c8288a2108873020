"""A screen without a monitor: Xvfb, its pixels, and hands that move its mouse and keys."""

from __future__ import annotations

import itertools
import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

SIZE_PX = (1440, 900)
START_S = 10.0
_HAND_S = 0.012
"""Between two moves of the mouse: about as fast as a hand."""

_PACKAGES = {"Xvfb": "xvfb", "xdotool": "xdotool"}


class Screen:
    """An X server of its own with a mouse and a keyboard; a context manager."""

    def __init__(self) -> None:
        missing = [name for tool, name in _PACKAGES.items() if shutil.which(tool) is None]
        if missing:
            raise SystemExit(f"e2e needs Debian packages: apt-get install {' '.join(missing)}")
        self._folder = Path(tempfile.mkdtemp(prefix="screen-"))
        read, write = os.pipe()
        width, height = SIZE_PX
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24",
             "-fbdir", str(self._folder), "-nolisten", "tcp", "-noreset"],
            pass_fds=(write,), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as answers:
            self.display = f":{answers.readline().strip()}"
        if self.display == ":":
            raise SystemExit("Xvfb did not start")

    @property
    def env(self) -> dict[str, str]:
        """Environment of programs on this screen."""
        env = {key: value for key, value in os.environ.items() if key != "WAYLAND_DISPLAY"}
        return {**env, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def pixels(self) -> npt.NDArray[np.uint8]:
        """What the screen shows now, RGB uint8 (h, w, 3)."""
        data = (self._folder / "Xvfb_screen0").read_bytes()
        head = struct.unpack(">25I", data[:100])
        start, width, height, stride = head[0] + 12 * head[19], head[4], head[5], head[12]
        rows = np.frombuffer(data, np.uint8, stride * height, start).reshape(height, stride)
        return rows[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1].copy()

    # --- hands ---

    def key(self, *keys: str) -> None:
        """Press keys one after the other, each with its modifiers, such as `ctrl+n`."""
        self._do("key", "--delay", "40", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._do("type", "--delay", "25", text)

    def click(self, at: tuple[int, int], button: int = 1, times: int = 1) -> None:
        """Click at a place."""
        self.move(at)
        self._do("click", "--repeat", str(times), "--delay", "60", str(button))

    def focus(self, title: str) -> None:
        """Give a window the keyboard, as a window manager would once a dialog is gone."""
        words = ("search", "--sync", "--onlyvisible", "--limit", "1", "--name", title)
        self._do(*words, "windowfocus", "--sync")

    def move(self, at: tuple[int, int]) -> None:
        """Move the mouse to a place."""
        self._do("mousemove", "--sync", str(at[0]), str(at[1]))

    def drag(self, *places: tuple[int, int], step_px: int = 9) -> None:
        """Press at the first place, move through the others as a hand does, let go."""
        self.move(places[0])
        with self._held():
            for start, end in itertools.pairwise(places):
                self._glide(start, end, step_px)
                time.sleep(0.03)

    @contextmanager
    def _held(self) -> Iterator[None]:
        self._do("mousedown", "1")
        try:
            yield
        finally:
            self._do("mouseup", "1")

    def _glide(self, start: tuple[int, int], end: tuple[int, int], step_px: int) -> None:
        length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
        count = max(1, length // step_px)
        words: list[str] = []
        for number in range(1, count + 1):
            x = round(start[0] + (end[0] - start[0]) * number / count)
            y = round(start[1] + (end[1] - start[1]) * number / count)
            words += ["mousemove", str(x), str(y), "sleep", str(_HAND_S)]
        self._do(*words)

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.env, check=True, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait(START_S)
        shutil.rmtree(self._folder, ignore_errors=True)
