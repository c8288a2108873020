"""The program under test: started on a screen, asked where things are, waited for."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.e2e.screen import Screen

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 30.0
_LOOK_S = 0.05


class Program:
    """A running program; a context manager that ends it if the test did not.

    Args:
        screen: where it shows its window.
        home: stands for the user's home folder.
        project: to open.
    """

    def __init__(self, screen: Screen, home: Path, project: Path | None = None) -> None:
        env = {
            **screen.env,
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "TILEWRIGHT_CONFIG_DIR": str(home / ".config" / "tilewright"),
        }
        words = [] if project is None else [str(project)]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.probe", *words],
            cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        self.said = ""

    def ask(self, ask: str, **values: Any) -> Any:
        """Ask the probe."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps({"ask": ask, **values}) + "\n")
            stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = ""
        assert line, f"the program ended with {self.process.wait(WAIT_S)}: {self._rest()}"
        return json.loads(line)

    def facts(self) -> dict[str, Any]:
        """What the program is doing."""
        found: dict[str, Any] = self.ask("facts")
        return found

    def where(self, name: str, *, part: bool = False) -> tuple[int, int]:
        """The middle of a widget on the screen, by its name or a part; waits until it is there."""
        found = self.wait(lambda: self.ask("where", name=name, part=part), f"the control {name!r}")
        return found[0] + found[2] // 2, found[1] + found[3] // 2

    def map(self, x: float, y: float) -> tuple[int, int]:
        """A place in map px on the screen."""
        found = self.ask("map", x=x, y=y)
        return found[0], found[1]

    def until(self, true: Callable[[dict[str, Any]], Any], what: str, s: float = WAIT_S) -> Any:
        """Wait until something is true of the facts; returns them."""

        def look() -> dict[str, Any] | None:
            facts = self.facts()
            return facts if true(facts) else None

        return self.wait(look, what, s)

    def wait(self, look: Callable[[], Any], what: str, timeout_s: float = WAIT_S) -> Any:
        """Wait until `look` gives something."""
        until = time.monotonic() + timeout_s
        while not (found := look()):
            if time.monotonic() > until:
                facts = {**self.facts(), "strokes": "..."}
                raise AssertionError(f"waited {timeout_s:.0f} s for {what} in vain: {facts}")
            time.sleep(_LOOK_S)
        return found

    def ended(self, timeout_s: float = WAIT_S) -> float:
        """Wait for the program's own end; seconds that took. It must say nothing and return 0."""
        start = time.monotonic()
        self.process.wait(timeout_s)
        took_s = time.monotonic() - start
        rest = self._rest()
        assert self.process.returncode == 0, f"exit code {self.process.returncode}: {rest}"
        assert not rest, f"the program said: {rest}"
        return took_s

    def _rest(self) -> str:
        stderr = self.process.stderr
        assert stderr is not None
        self.process.wait(WAIT_S)
        if not stderr.closed:
            self.said += stderr.read()
        return self.said.strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it where it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(WAIT_S)
            if error is not None:
                sys.stderr.write(self._rest() + "\n")
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
