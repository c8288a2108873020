"""One step of the history: what an edit changed, and how to do it again or take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from painter.catalog import Key
from painter.edits import Delta
from painter.layers import Held, held_bytes
from painter.manifest import Header
from painter.saving import Content
from zones.strokes import Stroke

LayerName = Literal["zones", "protect", "art"]
"""The raster layers of a map."""

LAYERS: tuple[LayerName, ...] = get_args(LayerName)

_STEP_BYTES = 512
_STROKE_BYTES = 256


@dataclass(frozen=True, slots=True, eq=False)
class StrokeSplice:
    """A stretch of the strokes in paint order, exchanged for another.

    Attributes:
        at: number of the first stroke that changed.
        before: strokes that stood there.
        after: strokes in their place.
    """

    at: int
    before: tuple[Stroke, ...]
    after: tuple[Stroke, ...]

    @classmethod
    def between(cls, old: tuple[Stroke, ...], new: tuple[Stroke, ...]) -> StrokeSplice | None:
        """The shortest splice from one tuple to the other by identity; None where equal."""
        start, limit = 0, min(len(old), len(new))
        while start < limit and old[start] is new[start]:
            start += 1
        tail = 0
        while tail < limit - start and old[-1 - tail] is new[-1 - tail]:
            tail += 1
        before, after = old[start : len(old) - tail], new[start : len(new) - tail]
        return cls(start, before, after) if before or after else None

    def applied(self, strokes: tuple[Stroke, ...], *, back: bool) -> tuple[Stroke, ...]:
        """The strokes with the splice done, or taken back."""
        gone, put = (self.after, self.before) if back else (self.before, self.after)
        return (*strokes[: self.at], *put, *strokes[self.at + len(gone) :])


TileFiles = tuple[str, ...] | None
"""Names of a finished tile's files, or None where the tile was not finished."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one edit, or one run, changed; immutable.

    Attributes:
        number: grows with every step of a project.
        label: what it was, for people.
        blocks: by layer and position, the block before and after.
        strokes: what changed among the strokes, or None.
        header: the map's values before and after, or None.
        tiles: by (row, column), the files of a finished tile before and after.
        file: name of the file that holds the step, "" until it is on disk.
    """

    number: int
    label: str
    blocks: Mapping[LayerName, Delta] = field(default_factory=dict)
    strokes: StrokeSplice | None = None
    header: tuple[Header, Header] | None = None
    tiles: Mapping[Key, tuple[TileFiles, TileFiles]] = field(default_factory=dict)
    file: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing changed."""
        changed = any(self.blocks.values()) or self.tiles
        return not (changed or self.strokes or self.header)

    def applied(self, content: Content, *, back: bool) -> Content:
        """The content with the step's painting done again, or taken back; no pixel is read."""
        side = 0 if back else 1
        changes: dict[str, Any] = {
            name: getattr(content, name).patched({at: pair[side] for at, pair in delta.items()})
            for name, delta in self.blocks.items()
        }
        if self.strokes is not None:
            changes["strokes"] = self.strokes.applied(content.strokes, back=back)
        return replace(content, **changes)

    def values(self, *, back: bool) -> dict[str, Any]:
        """The map's values that the step changed, as they are after it, or before it."""
        if self.header is None:
            return {}
        old, new = self.header
        return {
            name: getattr(old if back else new, name)
            for name in Header.model_fields
            if getattr(old, name) != getattr(new, name)
        }

    def settings_on(self, now: Mapping[str, Any], *, back: bool) -> dict[str, Any]:
        """Settings with those that the step changed as they are after it, or before it."""
        found = dict(now)
        if self.header is not None:
            gone, come = (one.settings for one in (self.header[::-1] if back else self.header))
            for name in gone.keys() | come.keys():
                if name not in come:
                    found.pop(name, None)
                elif name not in gone or gone[name] != come[name]:
                    found[name] = come[name]
        return found

    def held(self) -> Iterator[Held]:
        """Every block of the step, before and after."""
        for delta in self.blocks.values():
            for pair in delta.values():
                yield from (held for held in pair if held is not None)

    def file_names(self) -> Iterator[str]:
        """Every file the step refers to, its own included."""
        if self.file:
            yield self.file
        yield from (held for held in self.held() if isinstance(held, str))
        for pair in self.tiles.values():
            for files in pair:
                yield from files or ()

    def costs(self) -> Iterator[tuple[object, int]]:
        """What the step holds in memory: a key that is equal for shared things, and bytes."""
        for held in self.held():
            if not isinstance(held, str):
                yield id(held.base if held.base is not None else held), held_bytes(held)
        if self.strokes is not None:
            for stroke in (*self.strokes.before, *self.strokes.after):
                yield id(stroke), stroke.points.nbytes + _STROKE_BYTES
        yield ("step", self.number), _STEP_BYTES

    def with_blocks(self, change: Callable[[LayerName, Key, Held], Held], file: str) -> Step:
        """The same step with other stand-ins for its blocks, kept in a file."""

        def swap(name: LayerName, at: Key, held: Held | None) -> Held | None:
            return None if held is None else change(name, at, held)

        blocks = {
            name: {
                at: (swap(name, at, old), swap(name, at, new)) for at, (old, new) in delta.items()
            }
            for name, delta in self.blocks.items()
        }
        return replace(self, blocks=blocks, file=file)
