"""What is wrong right now, as a list that shrinks when things are mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from zones.grid import TileCoord

Severity = Literal["notice", "warning", "error"]
"""`notice`: a choice is offered; `warning`: go on, but look; `error`: something did not happen."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        key: what it is about; a newer problem with the same key takes its place: `tile:4,2`,
            `save`, `autosave`, `open`, `engine`, `queue`, `history`, `recovery`, `tiles`,
            `fault:...`, `file:...`, `bug:...`.
        severity: how much it matters.
        text: one plain sentence.
        tile: where on the map, if anywhere.
        advice: what can be done about it: "" or one of `retry`, `smaller` (again without
            reference tokens), `resume`, `recover`, `save_as`, `rescue`,
            `repair` (paint the tile again, keep what looks better).
    """

    key: str
    severity: Severity
    text: str
    tile: TileCoord | None = None
    advice: str = ""


class Problems:
    """The open problems by key, oldest first.

    Args:
        changed: called after every change of the list.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._found: dict[str, Problem] = {}
        self._changed = changed

    def all(self) -> tuple[Problem, ...]:
        """Every open problem, oldest first."""
        return tuple(self._found.values())

    def get(self, key: str) -> Problem | None:
        """The open problem with a key, or None."""
        return self._found.get(key)

    def add(self, problem: Problem) -> None:
        """Note a problem, in place of an older one with its key."""
        if self._found.get(problem.key) != problem:
            self._found[problem.key] = problem
            self._changed()

    def clear(self, key: str) -> None:
        """Forget what was mended; unknown keys are passed over."""
        if self._found.pop(key, None) is not None:
            self._changed()

    def keep_only(self, starts: tuple[str, ...]) -> None:
        """Forget all problems whose keys start otherwise."""
        gone = [key for key in self._found if not key.startswith(starts)]
        for key in gone:
            del self._found[key]
        if gone:
            self._changed()


def tile_key(tile: TileCoord) -> str:
    """The key of a tile's problem."""
    return f"tile:{tile.row},{tile.col}"
