"""The undo history on disk: `history.json` names the steps and the states they lead between.

A *mark* says which step was the newest one done when a save or an autosave was written, by the
fingerprint of what was painted; so after any kill the history fits whichever of the two is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from painter import plain_json
from painter.history import HistoryView, Line, LineName
from painter.manifest import SCHEMA_VERSION, first_complaint, migrated
from painter.step_files import read_step, write_step
from painter.steps import Step
from painter.store import HISTORY_NAME, Store, check_name
from zones.errors import InputError
from zones.palette import Palette

MAX_HISTORY_BYTES = 64 * 2**20
_Number = Annotated[int, Field(ge=0, lt=2**53)]


class _LineFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    steps: Annotated[list[str], Field(max_length=500_000)]
    top: _Number
    floor: _Number


class _HistoryFile(BaseModel):
    """The whole of `history.json`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    schema_version: Literal[2]
    marks: Annotated[dict[str, _Number], Field(max_length=64)]
    user: _LineFile
    runs: _LineFile


def write_history(
    store: Store, view: HistoryView, marks: Mapping[str, int], palette: Palette
) -> dict[int, Step]:
    """Write the history; durable when the call returns. Call it inside a transaction.

    Args:
        store: takes the files.
        view: the history at one moment.
        marks: by paint fingerprint, the number of the newest step done.
        palette: for the colours in which block files are shown.

    Returns:
        Stored forms of the steps that were only in memory, by number.

    Raises:
        WorkError: the disk is full or fails; the last history stands.
        InputError: the folder cannot be written.
    """
    written: dict[int, Step] = {}
    document: dict[str, object] = {
        "schema_version": SCHEMA_VERSION,
        "marks": dict(marks),
    }
    for name, line in view.lines.items():
        files = []
        for step in line.steps:
            stored = write_step(store, step, palette)
            if stored is not step:
                written[step.number] = stored
            files.append(stored.file)
        document[name] = {"steps": files, "top": line.top, "floor": line.floor}
    store.replace_manifest(plain_json.dump(document), HISTORY_NAME)
    return written


def read_history(
    store: Store, palette: Palette, size: tuple[int, int], paint_digest: str
) -> tuple[HistoryView, dict[str, int], str]:
    """Read the history that leads to what is painted.

    A damaged step costs that step and what lies beyond it, seen from the state that is open.

    Args:
        store: holds the files.
        palette: of the map.
        size: (width_px, height_px) of the map.
        paint_digest: fingerprint of what is open.

    Returns:
        The history, its marks, and one sentence about what could not be read, or "".
    """
    try:
        file = _read_file(store)
    except InputError as error:
        return HistoryView({}), {}, f"the undo history cannot be read, the map is whole: {error}"
    if file is None:
        return HistoryView({}), {}, ""
    lines: dict[LineName, Line] = {}
    notices = []
    pairs: tuple[tuple[LineName, _LineFile], ...] = (("user", file.user), ("runs", file.runs))
    for name, listed in pairs:
        top = file.marks.get(paint_digest) if name == "user" else listed.top
        line, notice = _line(store, listed, top, (palette, size))
        lines[name] = line
        notices.append(notice)
    marks = dict(file.marks) if paint_digest in file.marks else {}
    return HistoryView(lines), marks, next(filter(None, notices), "")


def names_in_history(store: Store) -> set[str]:
    """Names of all step files; see `names_in_step` for what those name.

    Raises:
        InputError: the history is damaged.
    """
    file = _read_file(store)
    return set() if file is None else {*file.user.steps, *file.runs.steps}


def _read_file(store: Store) -> _HistoryFile | None:
    if not store.has_manifest(HISTORY_NAME):
        return None
    where = f"{store.root}/{HISTORY_NAME}"
    document = plain_json.parse(store.read_manifest(MAX_HISTORY_BYTES, HISTORY_NAME), where)
    if not isinstance(document, dict):
        raise InputError(f"{where} is not a history; remove it")
    try:
        file = _HistoryFile.model_validate(migrated(document, where))
    except ValidationError as error:
        raise InputError(f"{where} is damaged: {first_complaint(error)}; remove it") from error
    for name in (*file.user.steps, *file.runs.steps):
        if not check_name(name, where).startswith("history/"):
            raise InputError(f"{where} names {name}, which is no step; remove it")
    return file


def _line(
    store: Store, listed: _LineFile, top: int | None, world: tuple[Palette, tuple[int, int]]
) -> tuple[Line, str]:
    """A line around the state `top`: the unbroken steps before and after it."""
    numbered: list[Step | None] = []
    notice = ""
    for name in listed.steps:
        try:
            numbered.append(read_step(store, name, *world))
        except InputError as error:
            numbered.append(None)
            notice = notice or f"a part of the undo history is lost, the map is whole: {error}"
    numbers = [0 if step is None else step.number for step in numbered]
    newest = max([listed.floor, *numbers])
    if top is None or (top != listed.floor and top not in numbers):
        return Line([], 0, newest), notice
    position = 0 if top == listed.floor else numbers.index(top) + 1
    start = max((at + 1 for at in range(position) if numbered[at] is None), default=0)
    stop = next(
        (at for at in range(position, len(numbered)) if numbered[at] is None), len(numbered)
    )
    kept = [step for step in numbered[start:stop] if step is not None]
    floor = listed.floor
    if start:
        floor = top if position == start else kept[0].number - 1
    return Line(kept, position - start, floor), notice
