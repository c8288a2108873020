"""Which files of a project must stay although the user's save does not refer to them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from painter.autosave import read_autosave
from painter.history_files import NO_HISTORY, names_in_history
from painter.results import Results
from painter.step_files import names_in_step
from painter.store import AUTOSAVE_NAME, Store, content_hash
from zones.errors import InputError

_MAX_AUTOSAVE_BYTES = 16 * 2**20


class Keeper(Protocol):
    """Something short-lived that keeps files."""

    @property
    def held(self) -> Collection[str]:
        """Names of all of them."""

    def holds(self, name: str) -> bool:
        """Whether one is among them."""


class Keepers:
    """Everything that refers to files of a project beside its save.

    Args:
        store: the project's files.
        results: the run history of tiles.
    """

    def __init__(self, store: Store, results: Results) -> None:
        self._store = store
        self._results = results
        self._others: list[tuple[Callable[[], Iterable[str]], Callable[[str], bool]]] = []
        self._passing: list[weakref.ref[Keeper]] = []
        self._history = NO_HISTORY
        self._of_step: dict[str, Collection[str]] = {}
        self._autosave: tuple[str, set[str]] = ("", set())

    def add(self, names: Callable[[], Iterable[str]], has: Callable[[str], bool]) -> None:
        """Let something in memory keep files.

        Args:
            names: gives the names of all of them.
            has: whether one is among them.
        """
        self._others.append((names, has))

    def add_for_life(self, keeper: Keeper) -> None:
        """Let something keep files for as long as anybody else uses it."""
        living = [known for known in self._passing if known() is not None]
        self._passing = [*living, weakref.ref(keeper)]

    @property
    def in_use(self) -> list[Keeper]:
        """What was added for life and is still in use."""
        return [found for known in self._passing if (found := known()) is not None]

    def know(self, step: str, names: Collection[str]) -> None:
        """Say what a step's file names, so that it need not be read for that."""
        self._of_step[step] = names

    def check(self) -> Callable[[str], bool]:
        """A test whether a file must stay; it holds for the state of this moment.

        A damaged manifest keeps everything.
        """
        try:
            autosave = self._in_autosave()
            steps = self._in_history()
            self._results.refresh()
        except InputError:
            return lambda _: True
        others = [has for _, has in self._others] + [one.holds for one in self.in_use]
        return lambda name: (
            name in autosave
            or any(name in step for step in steps)
            or any(has(name) for has in others)
            or self._in_results(name)
        )

    def names(self) -> set[str] | None:
        """All names; None where that is unknown because a manifest is damaged: keep everything."""
        try:
            kept = self._in_autosave().union(*self._in_history())
            self._results.refresh()
            kept.update(self._results.names())
        except InputError:
            return None
        for names, _ in self._others:
            kept.update(names())
        for keeper in self.in_use:
            kept.update(keeper.held)
        return kept

    def _in_results(self, name: str) -> bool:
        try:
            return self._results.holds(name)
        except InputError:
            return True

    def _in_autosave(self) -> set[str]:
        if not self._store.has_manifest(AUTOSAVE_NAME):
            return set()
        digest = content_hash(self._store.read_manifest(_MAX_AUTOSAVE_BYTES, AUTOSAVE_NAME))
        if digest != self._autosave[0]:
            found = read_autosave(self._store)
            self._autosave = (digest, set() if found is None else set(found.names()))
        return self._autosave[1]

    def _in_history(self) -> list[Collection[str]]:
        """The files that the history refers to, in groups: packs with their steps, other steps."""
        now = names_in_history(self._store, self._history)
        if now is not self._history:
            for name in self._of_step.keys() - now.steps:
                del self._of_step[name]
            for name in now.steps - self._of_step.keys():
                self._of_step[name] = self._read(name)
            self._history = now
        return [*(pack.files for pack in now.packs.values()), *self._of_step.values()]

    def _read(self, step: str) -> set[str]:
        try:
            return names_in_step(self._store, step)
        except InputError:
            return {step}
