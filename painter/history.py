"""Undo and redo without a count: as many steps as fit a budget of bytes, newest never dropped.

What the user did and what runs painted are two lines of their own, so a run that finishes never
comes between the user and the undo of their own last action.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from painter.shards import Shards
from painter.step_packs import StoredStep
from painter.steps import Step

LineName = Literal["user", "runs"]
"""Whose steps a line holds."""

MEMORY_BUDGET_BYTES = 256 * 2**20
DISK_BUDGET_BYTES = 2 * 2**30

KEPT_STEPS = 5
"""Newest steps of each line that no budget drops."""


@dataclass(slots=True)
class Line:
    """Steps in order, and how many of them are done (the rest can be redone).

    Attributes:
        steps: oldest first.
        position: how many are done.
        floor: number of the last step that was dropped from the start.
    """

    steps: list[Step] = field(default_factory=list)
    position: int = 0
    floor: int = 0

    @property
    def top(self) -> int:
        """Number of the newest step that is done: the name of the state the map is in."""
        return self.steps[self.position - 1].number if self.position else self.floor

    @property
    def next_back(self) -> Step | None:
        """The step that undo takes back; None where there is none."""
        return self.steps[self.position - 1] if self.position else None

    @property
    def next_on(self) -> Step | None:
        """The step that redo does again; None where there is none."""
        return self.steps[self.position] if self.position < len(self.steps) else None


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The history at one moment, for another thread to write.

    Attributes:
        lines: copies of the two lines.
    """

    lines: Mapping[LineName, Line]

    def steps(self) -> Iterator[Step]:
        """All steps of both lines."""
        for line in self.lines.values():
            yield from line.steps


class History:
    """The two lines of steps, with budgets.

    One thread at a time changes it; any may ask meanwhile for `view` or `holds`: a file that a
    step before and a step after a change refer to is held throughout.

    Attributes:
        dropped: whether steps were dropped whose files may now be of no use to anybody; whoever
            removes those sets it back.

    Args:
        memory_budget_bytes: for blocks and strokes held in memory, shared ones counted once.
        disk_budget_bytes: for files, likewise.
        size_of: bytes of a file by its name.
        view: what an earlier session left.
    """

    def __init__(
        self,
        memory_budget_bytes: int = MEMORY_BUDGET_BYTES,
        disk_budget_bytes: int = DISK_BUDGET_BYTES,
        size_of: Callable[[str], int] = lambda _: 0,
        view: HistoryView | None = None,
    ) -> None:
        self.memory_budget_bytes = memory_budget_bytes
        self.disk_budget_bytes = disk_budget_bytes
        self._size_of = size_of
        self._holders: Counter[object] = Counter()
        self._bytes: dict[object, int] = {}
        self._totals = {"memory": 0, "disk": 0}
        self.dropped = False
        self._lines: dict[LineName, Line] = {"user": Line(), "runs": Line()}
        self._last_number = 0
        if view is not None:
            self._load(view)

    @property
    def memory_bytes(self) -> int:
        """Memory that the steps hold, shared blocks counted once."""
        return self._totals["memory"]

    @property
    def disk_bytes(self) -> int:
        """Bytes of the files that the steps refer to, shared ones counted once."""
        return self._totals["disk"]

    def holds(self, name: str) -> bool:
        """Whether a step refers to a file."""
        return name in self._holders

    @property
    def over_memory(self) -> bool:
        """Whether steps should go to disk."""
        return self.memory_bytes > self.memory_budget_bytes

    def line(self, name: LineName) -> Line:
        """One line, to be read."""
        return self._lines[name]

    def view(self) -> HistoryView:
        """The history as it is now, unchanging."""
        return HistoryView(
            {name: replace(line, steps=list(line.steps)) for name, line in self._lines.items()}
        )

    def next_number(self) -> int:
        """A number for a new step."""
        self._last_number += 1
        return self._last_number

    def push(self, step: Step, name: LineName = "user") -> None:
        """Add a step that was just done; what could be redone on its line is dropped."""
        line = self._lines[name]
        undone = line.steps[line.position :]
        self._hold(step)
        line.steps[line.position :] = [step]
        line.position += 1
        for dropped in undone:
            self._release(dropped)
        self._trim("disk", self.disk_budget_bytes)

    def amend(self, old: Step, new: Step, name: LineName) -> None:
        """Put another form of a step in its place, if it is still there."""
        steps = self._lines[name].steps
        for at in range(len(steps) - 1, -1, -1):
            if steps[at] is old:
                gone, come = _apart(old, new)
                self._hold(come)
                steps[at] = new
                self._release(gone)
                return

    def cut(self, step: Step, name: LineName) -> None:
        """Drop a step that cannot be read, with all that lies beyond it from where the map is."""
        line = self._lines[name]
        at = line.steps.index(step)
        if at < line.position:
            gone = line.steps[: at + 1]
            del line.steps[: at + 1]
            line.position -= at + 1
            line.floor = step.number
        else:
            gone = line.steps[at:]
            del line.steps[at:]
        for one in gone:
            self._release(one)

    def adopt(self, stored: Mapping[int, Step]) -> None:
        """Put stored forms of steps, by number, in the places of those that are in memory.

        A run's step to which a tile was added since it was written stays as it is.
        """
        for line in self._lines.values():
            for at, step in enumerate(line.steps):
                new = stored.get(step.number)
                if new is not None and not step.file and new.tiles is step.tiles:
                    self._hold(new)
                    line.steps[at] = new
                    self._release(step)
        self._trim("disk", self.disk_budget_bytes)

    def drop_for_memory(self) -> int:
        """Drop the oldest steps until memory fits; how many. For when they cannot go to disk."""
        return self._trim("memory", self.memory_budget_bytes)

    def _load(self, view: HistoryView) -> None:
        for name, line in view.lines.items():
            self._lines[name] = replace(line, steps=list(line.steps))
            self._last_number = max(self._last_number, line.floor)
            for step in line.steps:
                self._hold(step)
                self._last_number = max(self._last_number, step.number)
        self._trim("disk", self.disk_budget_bytes)

    def _trim(self, what: Literal["memory", "disk"], budget_bytes: int) -> int:
        dropped = 0
        while self._totals[what] > budget_bytes:
            line = self._oldest_line()
            if line is None:
                break
            if line.position > KEPT_STEPS:
                line.floor = line.steps[0].number
                self._release(line.steps.pop(0))
                line.position -= 1
            else:
                self._release(line.steps.pop())
            dropped += 1
        return dropped

    def _oldest_line(self) -> Line | None:
        """The line that gives up a step next: the one with the oldest of its droppable steps."""
        able = [line for line in self._lines.values() if len(line.steps) > KEPT_STEPS]
        return min(able, key=lambda line: line.steps[0].number, default=None)

    def _hold(self, step: Step) -> None:
        holders = self._holders
        for key, count, where in self._costs(step):
            held = holders.get(key, 0)
            if not held:
                self._bytes[key] = count
                self._totals[where] += count
            holders[key] = held + 1

    def _release(self, step: Step) -> None:
        for key, _, where in self._costs(step):
            self._holders[key] -= 1
            if not self._holders[key]:
                self.dropped |= where == "disk"
                del self._holders[key]
                self._totals[where] -= self._bytes.pop(key)

    def _costs(self, step: Step) -> Iterator[tuple[object, int, Literal["memory", "disk"]]]:
        for key, count in step.costs():
            yield key, count, "memory"
        if isinstance(step, StoredStep) and step.sizes is None:
            yield ("files", step.number), step.total_bytes, "disk"
            return
        sizes = step.sizes if isinstance(step, StoredStep) else None
        for name in step.file_names():
            known = self._bytes.get(name) if sizes is None else sizes[name]
            yield name, self._size_of(name) if known is None else known, "disk"


def _apart(old: Step, new: Step) -> tuple[Step, Step]:
    """Two forms of a step without the tiles that are the same in both, of which a run has many."""
    if not (isinstance(old.tiles, Shards) and isinstance(new.tiles, Shards)):
        return old, new
    keys = list(new.tiles.changed(old.tiles))

    def left(step: Step) -> Step:
        return replace(step, tiles={key: step.tiles[key] for key in keys if key in step.tiles})

    return left(old), left(new)
