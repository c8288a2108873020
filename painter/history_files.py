"""The undo history on disk: `history.json` names the steps and the states they lead between.

A *mark* says which step was the newest one done when a save or an autosave was written, by the
fingerprint of what was painted; so after any kill the history fits whichever of the two is opened.
Older steps are named through packs, so that neither opening nor writing a long history reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import filterfalse, groupby, islice
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from painter import plain_json
from painter.history import HistoryView, Line, LineName
from painter.manifest import SCHEMA_VERSION, first_complaint, migrated
from painter.step_files import read_step, write_step
from painter.step_packs import (
    MAX_SIZES,
    PACK_STEPS,
    StoredStep,
    is_pack,
    read_pack,
    summed_up,
    write_pack,
)
from painter.steps import Step
from painter.store import HISTORY_NAME, Store, check_name, content_hash
from zones.errors import InputError
from zones.palette import Palette

MAX_HISTORY_BYTES = 64 * 2**20

WHOLE_BYTES = 64 * 2**20
"""Files of steps that are kept in memory whole when a history is opened; of others a summary."""

READ_BYTES = 128 * 2**20
"""Packs and summaries that are kept in memory; older steps are left out."""

_STEP_BYTES, _NAME_BYTES = 1024, 128
_Number = Annotated[int, Field(ge=0, lt=2**53)]


class _LineFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    steps: Annotated[list[str], Field(max_length=500_000)]
    top: _Number
    floor: _Number


class _HistoryFile(BaseModel):
    """The whole of `history.json`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    schema_version: Literal[3]
    marks: Annotated[dict[str, _Number], Field(max_length=64)]
    user: _LineFile
    runs: _LineFile


@dataclass(slots=True)
class Packs:
    """The packs that are on disk, so that a write need not look at every step.

    Attributes:
        names: of packs, by the files of the steps in them.
        closed: by line, the files of its closed steps when it was written last, and the packs
            that stand for them.
        fresh: files of the other steps when they were written last.
    """

    names: dict[tuple[str, ...], str] = field(default_factory=dict)
    closed: dict[LineName, tuple[tuple[str, ...], dict[tuple[str, ...], str]]] = field(
        default_factory=dict
    )
    fresh: set[str] = field(default_factory=set)


def write_history(
    store: Store, view: HistoryView, marks: Mapping[str, int], palette: Palette, packs: Packs
) -> dict[int, Step]:
    """Write the history; durable when the call returns. Call it inside a transaction.

    Args:
        store: takes the files.
        view: the history at one moment.
        marks: by paint fingerprint, the number of the newest step done.
        palette: for the colours in which block files are shown.
        packs: that are on disk; kept up to date.

    Returns:
        Stored forms of the steps that were only in memory, by number.

    Raises:
        WorkError: the disk is full or fails; the last history stands.
        InputError: the folder cannot be written.
    """
    written: dict[int, Step] = {}
    document: dict[str, object] = {"schema_version": SCHEMA_VERSION, "marks": dict(marks)}
    used: dict[tuple[str, ...], str] = {}
    fresh: set[str] = set()
    for name, line in view.lines.items():
        count = _closed_count(line.steps)
        closed = _closed_packs(store, name, (line.steps[:count], written, palette), packs)
        used.update(closed)
        files = list(closed.values())
        for step in line.steps[count:]:
            stored = _stored(store, step, written, palette)
            fresh.add(stored.file)
            if _is_large(stored):
                used[stored.file,] = _pack(store, [stored], packs)
            files.append(used.get((stored.file,), stored.file))
        document[name] = {"steps": files, "top": line.top, "floor": line.floor}
    store.replace_manifest(plain_json.dump(document), HISTORY_NAME)
    gone = set(packs.names.values()) - set(used.values())
    stale = packs.fresh - fresh
    gone |= stale.difference(*used) if stale else stale
    packs.names, packs.fresh = used, fresh
    store.remove(gone)
    return written


def _closed_count(steps: Sequence[Step]) -> int:
    """How many steps from the start belong to packs: all but those with the newest numbers."""
    newest = steps[-1].number // PACK_STEPS if steps else 0
    at = len(steps)
    while at and steps[at - 1].number // PACK_STEPS >= newest - 1:
        at -= 1
    return at


def _closed_packs(
    store: Store,
    name: LineName,
    what: tuple[Sequence[Step], dict[int, Step], Palette],
    packs: Packs,
) -> dict[tuple[str, ...], str]:
    """Packs that stand for the closed steps of a line, in order, by the files in them."""
    steps, written, palette = what
    if not steps:
        return {}
    key = tuple(step.file for step in steps)
    known = packs.closed.get(name)
    if known is not None and known[0] == key and all(map(store.size_of, known[1].values())):
        return known[1]
    stored = [_stored(store, step, written, palette) for step in steps]
    found: dict[tuple[str, ...], str] = {}
    for _, group in groupby(stored, lambda step: step.number // PACK_STEPS):
        together = list(group)
        found[tuple(step.file for step in together)] = _pack(store, together, packs)
    packs.closed[name] = (tuple(step.file for step in stored), found)
    return found


def _stored(store: Store, step: Step, written: dict[int, Step], palette: Palette) -> Step:
    """A step with its file; a fresh one is noted in `written`."""
    stored = write_step(store, step, palette)
    if stored is not step:
        written[step.number] = stored
    return stored


def _pack(store: Store, steps: Sequence[Step], packs: Packs) -> str:
    name = packs.names.get(tuple(step.file for step in steps))
    return name if name is not None and store.size_of(name) else write_pack(store, steps)


def _is_large(step: Step) -> bool:
    """Whether a step refers to so many files that a summary of it alone is worth its while."""
    if isinstance(step, StoredStep):
        return step.sizes is None
    return len(list(islice(step.file_names(), MAX_SIZES + 1))) > MAX_SIZES


def read_history(
    store: Store, palette: Palette, size: tuple[int, int], paint_digest: str, packs: Packs
) -> tuple[HistoryView, dict[str, int], str]:
    """Read the history that leads to what is painted.

    A damaged step costs that step and what lies beyond it, seen from the state that is open. Steps
    in packs are `StoredStep`s, whose own files are not looked at yet.

    Args:
        store: holds the files.
        palette: of the map.
        size: (width_px, height_px) of the map.
        paint_digest: fingerprint of what is open.
        packs: takes the names of the packs.

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
    reader = _Reader(store, palette, size, packs)
    pairs: tuple[tuple[LineName, _LineFile], ...] = (("user", file.user), ("runs", file.runs))
    for name, listed in pairs:
        top = file.marks.get(paint_digest) if name == "user" else listed.top
        line, notice = _line(listed, top, reader)
        lines[name] = line
        notices.append(notice)
    marks = dict(file.marks) if paint_digest in file.marks else {}
    return HistoryView(lines), marks, next(filter(None, notices), "")


@dataclass(frozen=True, slots=True)
class PackNames:
    """What a pack refers to.

    Attributes:
        files: every file that it names.
        large: steps in it that refer to more files than it names.
    """

    files: frozenset[str]
    large: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryNames:
    """What `history.json` refers to.

    Attributes:
        digest: content hash of its bytes; "" where there is none.
        packs: by name of a pack.
        steps: files of steps of which only they themselves know what they refer to.
    """

    digest: str
    packs: Mapping[str, PackNames]
    steps: frozenset[str]


NO_HISTORY = HistoryNames("", {}, frozenset())


def names_in_history(store: Store, last: HistoryNames = NO_HISTORY) -> HistoryNames:
    """Names of all packs and steps; see `names_in_step` for what steps name.

    Args:
        store: holds the files.
        last: what was found last time; what it knows is not read again.

    Raises:
        InputError: the history is damaged.
    """
    if not store.has_manifest(HISTORY_NAME):
        return NO_HISTORY
    digest = content_hash(store.read_manifest(MAX_HISTORY_BYTES, HISTORY_NAME))
    if last.digest == digest:
        return last
    file = _read_file(store)
    listed = (*file.user.steps, *file.runs.steps) if file is not None else ()
    packs = {
        name: last.packs.get(name) or _in_pack(store, name) for name in filter(is_pack, listed)
    }
    steps = {
        *filterfalse(is_pack, listed),
        *(name for pack in packs.values() for name in pack.large),
    }
    return HistoryNames(digest, packs, frozenset(steps))


def _in_pack(store: Store, name: str) -> PackNames:
    steps = read_pack(store, name)
    named = (step.sizes for step in steps if step.sizes is not None)
    return PackNames(
        frozenset({name}.union(*named)), tuple(step.file for step in steps if step.sizes is None)
    )


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
    listed = (*file.user.steps, *file.runs.steps)
    if len(set(listed)) < len(listed):
        raise InputError(f"{where} names a step twice; remove it")
    for name in listed:
        if not check_name(name, where).startswith(("history/step-", "history/pack-")):
            raise InputError(f"{where} names {name}, which is no step; remove it")
    return file


@dataclass(slots=True)
class _Reader:
    """Reads the steps of both lines, newest first, and knows how much is in memory."""

    store: Store
    palette: Palette
    size: tuple[int, int]
    packs: Packs
    whole_bytes: int = 0
    read_bytes: int = 0

    def steps(self, name: str) -> Sequence[Step]:
        """The steps of a pack, or a step: whole while there is room, else its summary.

        Raises:
            InputError: it is missing or damaged, or there is no room for more.
        """
        size_bytes = self.store.size_of(name)
        if not is_pack(name):
            size_bytes += _STEP_BYTES
            if self.whole_bytes + size_bytes <= WHOLE_BYTES:
                self.whole_bytes += size_bytes
                return [read_step(self.store, name, self.palette, self.size)]
            self._make_room(_STEP_BYTES)
            whole = read_step(self.store, name, self.palette, self.size)
            short = summed_up(self.store, whole)
            self._make_room(_NAME_BYTES * len(short.sizes or ()))
            return [short]
        self._make_room(size_bytes)
        found = read_pack(self.store, name)
        self.packs.names[tuple(step.file for step in found)] = name
        return found

    def _make_room(self, size_bytes: int) -> None:
        self.read_bytes += size_bytes
        if self.read_bytes > READ_BYTES:
            raise InputError(
                f"{self.store.root / HISTORY_NAME} names more than fits into memory, "
                "so its oldest steps are left out"
            )


def _line(listed: _LineFile, top: int | None, reader: _Reader) -> tuple[Line, str]:
    """A line around the state `top`: the unbroken steps before and after it."""
    numbered: list[Step | None] = []
    notice = ""
    for name in reversed(listed.steps):
        try:
            numbered.extend(reversed(reader.steps(name)))
        except InputError as error:
            numbered.append(None)
            notice = f"a part of the undo history is lost, the map is whole: {error}"
    numbered.reverse()
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
