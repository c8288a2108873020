"""Summaries of many steps in one file, so that a long history opens without reading each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from painter import plain_json
from painter.steps import Step
from painter.store import Store, check_name
from zones.errors import InputError

PACK_STEPS = 64
"""Steps whose numbers, divided by this, are alike share a pack once newer ones follow."""

MAX_SIZES = 256
"""A step that refers to more files than this is summed up without their names."""

_START = "history/pack-"
_MAX_PACK_BYTES = 32 * 2**20
_FIELDS = frozenset({"file", "number", "label", "bytes", "sizes"})
_MAX_NUMBER = 2**53
_STEP_BYTES = 512


@dataclass(frozen=True, slots=True, eq=False)
class StoredStep(Step):
    """A step of which only a summary was read; what it changed is still in its file.

    Attributes:
        total_bytes: of all files that it refers to.
        sizes: bytes by name of all those files, its own included; None where they are too many.
    """

    total_bytes: int = 0
    sizes: Mapping[str, int] | None = field(default=None)

    def file_names(self) -> Iterator[str]:
        """Every file the step refers to, as far as the summary names them."""
        yield from (self.file,) if self.sizes is None else self.sizes

    def costs(self) -> Iterator[tuple[object, int]]:
        """What the summary holds in memory."""
        yield ("step", self.number), _STEP_BYTES


def summed_up(store: Store, step: Step) -> StoredStep:
    """A summary of a step that is on disk, in place of what it changed."""
    if isinstance(step, StoredStep):
        return step
    found = {name: store.size_of(name) for name in step.file_names()}
    sizes = found if len(found) <= MAX_SIZES else None
    total = sum(found.values())
    return StoredStep(step.number, step.label, file=step.file, total_bytes=total, sizes=sizes)


def is_pack(name: str) -> bool:
    """Whether a file of the history is a pack rather than a step."""
    return name.startswith(_START)


def write_pack(store: Store, steps: Sequence[Step]) -> str:
    """Write the summaries of some stored steps; durable after the store's next sync.

    Raises:
        WorkError: the disk is full or fails.
        InputError: the folder cannot be written.
    """
    summaries = [_summary(store, step) for step in steps]
    return store.put("history/pack", ".json", plain_json.dump({"steps": summaries}))


def read_pack(store: Store, name: str) -> list[StoredStep]:
    """Read the summaries in a pack, in their order.

    Raises:
        InputError: it is missing or damaged.
    """
    where = f"the project's file {store.root / name}"
    document = plain_json.parse(store.get(name, _MAX_PACK_BYTES), where)
    entries = document.get("steps") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(document) != 1:
        raise _damaged(where)
    return [_step(entry, where) for entry in entries]


def _summary(store: Store, step: Step) -> dict[str, Any]:
    short = summed_up(store, step)
    return {
        "file": short.file,
        "number": short.number,
        "label": short.label,
        "bytes": short.total_bytes,
        "sizes": None if short.sizes is None else dict(short.sizes),
    }


def _step(entry: object, where: str) -> StoredStep:
    if not isinstance(entry, dict) or entry.keys() != _FIELDS:
        raise _damaged(where)
    file, number, label = entry["file"], entry["number"], entry["label"]
    total, sizes = entry["bytes"], entry["sizes"]
    if not (isinstance(file, str) and isinstance(label, str) and _is_count(total)):
        raise _damaged(where)
    if not check_name(file, where).startswith("history/step-") or not _is_count(number, 1):
        raise _damaged(where)
    if sizes is not None:
        if not isinstance(sizes, dict) or len(sizes) > MAX_SIZES or file not in sizes:
            raise _damaged(where)
        for name, size in sizes.items():
            check_name(name, where)
            if not _is_count(size):
                raise _damaged(where)
    return StoredStep(number, label[:200], file=file, total_bytes=total, sizes=sizes)


def _is_count(value: object, least: int = 0) -> bool:
    return type(value) is int and least <= value < _MAX_NUMBER


def _damaged(where: str) -> InputError:
    return InputError(f"{where} is not a valid pack of steps; restore it from a copy")
