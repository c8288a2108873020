"""The locks of a document are taken in one order: guard, transaction, project lock."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.painter.builders import raw
from tests.painter.documents import dab, small_document
from zones.grid import TileCoord

OTHER = TileCoord(0, 1)


class Watched:
    """A lock that notes which ones its thread has when it is asked for."""

    def __init__(self, rank: int, lock: Any, held: list[int], seen: set[tuple[int, int]]) -> None:
        self._rank, self._lock, self._held, self._seen = rank, lock, held, seen

    def __enter__(self) -> None:
        if self._rank not in self._held:
            self._seen.update((before, self._rank) for before in self._held)
        self._lock.__enter__()
        self._held.append(self._rank)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._held.remove(self._rank)
        self._lock.__exit__(kind, error, at)


def test_no_lock_is_waited_for_under_one_that_comes_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = small_document(tmp_path / "map")
    project, seen, held = document.project, set[tuple[int, int]](), list[int]()
    places = ((document, "_guard"), (project.store, "_mutex"), (project, "_lock"))
    for rank, (place, name) in enumerate(places):
        monkeypatch.setattr(place, name, Watched(rank, getattr(place, name), held, seen))
    dab(document)
    document.autosave(document.capture())
    run = document.begin_run("Render", {"run": {"steps": 4}})
    run.put_tile(OTHER, raw(1), {"seed": 1})
    run.put_tile(OTHER, raw(2), {"seed": 2})
    run.put_candidate(OTHER, raw(3), {"seed": 3})
    document.note_seams(OTHER, {"step": 1.0})
    document.put_back(OTHER, document.results(OTHER)[-1].id)
    document.configure("Words", map_prompt="dusk")
    document.save()
    for line in ("user", "runs", "runs"):
        assert document.undo(line)
    document.redo()
    project.save(sweep=True)
    monkeypatch.setattr(document.history, "memory_budget_bytes", 0)
    dab(document, 100)
    document.close()
    assert seen == {(0, 1), (0, 2), (1, 2)}
