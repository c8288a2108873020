"""A persistent map of positions: a change copies one small part, and two versions compare fast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

SIDE = 8
"""Positions in a row that share one part."""

Key = tuple[int, int]
ValueT = TypeVar("ValueT")


class Shards(Mapping[Key, ValueT], Generic[ValueT]):
    """An immutable mapping of two-dimensional positions; made by `of` and `patched`."""

    __slots__ = ("_count", "_parts")

    def __init__(self, parts: Mapping[Key, Mapping[Key, ValueT]], count: int) -> None:
        self._parts = parts
        self._count = count

    @classmethod
    def of(cls, items: Mapping[Key, ValueT]) -> Shards[ValueT]:
        """A mapping with the items of another one."""
        if isinstance(items, Shards):
            return items
        parts: dict[Key, dict[Key, ValueT]] = {}
        for key, value in items.items():
            parts.setdefault((key[0] // SIDE, key[1] // SIDE), {})[key] = value
        return cls(parts, len(items))

    def patched(self, changes: Mapping[Key, ValueT | None]) -> Shards[ValueT]:
        """With other values at some positions; None takes a position out."""
        if not changes:
            return self
        parts = dict(self._parts)
        fresh: dict[Key, dict[Key, ValueT]] = {}
        count = self._count
        for key, value in changes.items():
            at = key[0] // SIDE, key[1] // SIDE
            part = fresh.get(at)
            if part is None:
                part = fresh[at] = dict(parts.get(at, ()))
            count -= len(part)
            if value is None:
                part.pop(key, None)
            else:
                part[key] = value
            count += len(part)
        for at, part in fresh.items():
            if part:
                parts[at] = part
            else:
                parts.pop(at, None)
        return Shards(parts, count)

    def changed(self, other: Shards[ValueT]) -> Iterator[Key]:
        """Every position whose value is another object in `other`, or is missing in one of both."""
        mine, theirs = self._parts, other._parts
        for at in mine.keys() | theirs.keys():
            part, old = mine.get(at), theirs.get(at)
            if part is old:
                continue
            part, old = part or {}, old or {}
            for key in part.keys() | old.keys():
                if part.get(key) is not old.get(key):
                    yield key

    def get(self, key: Key, default: ValueT | None = None) -> ValueT | None:  # type: ignore[override]
        """The value at a position, or the default."""
        part = self._parts.get((key[0] // SIDE, key[1] // SIDE))
        return default if part is None else part.get(key, default)

    def __getitem__(self, key: Key) -> ValueT:
        return self._parts[key[0] // SIDE, key[1] // SIDE][key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and self.get(key) is not None

    def __iter__(self) -> Iterator[Key]:
        for part in self._parts.values():
            yield from part

    def __len__(self) -> int:
        return self._count
