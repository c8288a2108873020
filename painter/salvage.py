"""What can be saved of a damaged project: everything whole, with one sentence for each loss.

Nothing on disk is touched until the project that comes out is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from painter import blocks, tiles
from painter.autosave import standing_manifest
from painter.catalog import Key, read_entries, region_px, span
from painter.layers import BLOCK_PX, BlockLayer
from painter.manifest import KINDS, Kind, Manifest
from painter.project import Project
from painter.result_files import TILES_PER_REGION, read_overview, read_region
from painter.saving import Content, empty_content, unsaved
from painter.store import MANIFEST_NAME, RESULTS_NAME, Store
from painter.stroke_sets import read_set
from zones.errors import InputError
from zones.geometry import LATTICE_PX
from zones.grid import TileCoord
from zones.strokes import Stroke

_ArgsT = ParamSpec("_ArgsT")
_FoundT = TypeVar("_FoundT")

_WHAT: dict[Kind, str] = {
    "zones": "painted zones",
    "protect": "protection",
    "art": "kept pixels",
    "strokes": "rivers, paths and other strokes",
    "tiles": "finished tiles",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that cannot be read.

    Attributes:
        file: relative to the project folder.
        what: what of the map is lost, in a few words.
        why: one sentence.
    """

    file: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}: lost are {self.what}; {self.why}"


@dataclass(frozen=True, slots=True, eq=False)
class Salvage:
    """A project with everything that can be read.

    Attributes:
        project: not saved yet; what is lost is empty in it.
        losses: what cannot be read; empty where the project is whole.
        kept: by kind of content, how many blocks, strokes or tiles were read.
    """

    project: Project
    losses: tuple[Loss, ...]
    kept: Mapping[Kind, int]

    def report(self) -> str:
        """What could be recovered and what could not, a line each."""
        found = ", ".join(f"{count} of {_WHAT[kind]}" for kind, count in self.kept.items())
        lines = [f"recovered: {found}", *(f"lost: {loss}" for loss in self.losses)]
        return "\n".join(lines if self.losses else [*lines, "nothing is lost"])


def go_on() -> None:
    """Never end the work."""


def _where(kind: Kind, region: str, size: tuple[int, int]) -> str:
    """Where a region of an index lies, in words; "" where it is the whole map."""
    first, second = (int(part) for part in region.split("_"))
    if kind == "tiles":
        return _square((first, second), TILES_PER_REGION, max(size) // LATTICE_PX, "tiles")
    px = max(size) if kind == "strokes" else region_px(size)
    return _square((first, second), px, max(size), "px")


def _square(at: Key, side: int, most: int, unit: str) -> str:
    if side >= most and at == (0, 0):
        return ""
    return f" in the {side} x {side} {unit} from {at[0] * side},{at[1] * side}"


def salvage(folder: Path, check: Callable[[], None] = go_on) -> Salvage:
    """Read all that is whole of a project, down to every block and tile.

    Args:
        folder: of the project.
        check: called before every file; what it raises ends the work.

    Raises:
        InputError: there is no such project, it is from a newer version, or neither its manifest
            nor an autosave can be read.
    """
    work = _Work(Store(folder), check)
    manifest = work.manifest()
    empty = empty_content(work.store, manifest.header())
    entries = {kind: work.entries(kind, manifest) for kind in KINDS}
    content = replace(
        empty,
        zones=work.layer("zones", empty.zones, entries["zones"]),
        protect=work.layer("protect", empty.protect, entries["protect"]),
        art=work.layer("art", empty.art, entries["art"]),
        strokes=work.strokes(empty, entries["strokes"]),
        tiles=work.tiles(entries["tiles"]),
    )
    kept: dict[Kind, int] = {
        "zones": len(content.zones.blocks),
        "protect": len(content.protect.blocks),
        "art": len(content.art.blocks),
        "strokes": len(content.strokes),
        "tiles": len(content.tiles),
    }
    work.results(entries["tiles"])
    project = Project(work.store, unsaved(empty))
    project.apply(lambda _: content)
    return Salvage(project, tuple(work.losses), kept)


@dataclass(slots=True)
class _Work:
    store: Store
    check: Callable[[], None]
    losses: list[Loss] = field(default_factory=list)

    def manifest(self) -> Manifest:
        """The project's manifest, or the autosave's in its place."""
        manifest, error = standing_manifest(self.store)
        if error is not None:
            what = f"the save and {_WHAT['tiles']}, the autosave stands in"
            self.losses.append(Loss(MANIFEST_NAME, what, str(error)))
        return manifest

    def entries(self, kind: Kind, manifest: Manifest) -> dict[Key, tuple[str, ...]]:
        """Index entries of a kind, region by region."""
        per_index = span(kind, manifest.size)
        found: dict[Key, tuple[str, ...]] = {}
        for region, name in manifest.index.get(kind, {}).items():
            what = f"all {_WHAT[kind]}{_where(kind, region, manifest.size)}"
            read = self._tried(
                name, what, read_entries, self.store, kind, per_index, {region: name}
            )
            found.update(read or {})
        return found

    def layer(
        self, kind: Kind, empty: BlockLayer[Any], entries: Mapping[Key, tuple[str, ...]]
    ) -> BlockLayer[Any]:
        """A layer of the blocks that can be read."""
        whole: dict[Key, str] = {}
        for at, names in entries.items():
            what = f"{_WHAT[kind]} of 512 x 512 px at {at[0] * BLOCK_PX},{at[1] * BLOCK_PX}"
            if self._tried(names[0], what, self._block, empty, at, names) is not None:
                whole[at] = names[0]
        return empty.with_blocks(whole)

    def strokes(self, empty: Content, entries: Mapping[Key, tuple[str, ...]]) -> tuple[Stroke, ...]:
        """The strokes of all sets that can be read, in paint order."""
        ordered: dict[int, Stroke] = {}
        for at, (name,) in entries.items():
            size = empty.header.size
            what = f"{_WHAT['strokes']}{_square(at, region_px(size), max(size), 'px')}"
            read = self._tried(
                name, what, read_set, self.store, name, empty.palette, empty.header.size
            )
            ordered.update(read or {})
        return tuple(ordered[order] for order in sorted(ordered))

    def tiles(self, entries: Mapping[Key, tuple[str, ...]]) -> dict[Key, tuple[str, ...]]:
        """The finished tiles whose files can all be read."""
        return {
            key: names
            for key, names in entries.items()
            if self._tried(names[0], f"finished tile {key[0]},{key[1]}", self._tile, key, names)
        }

    def results(self, shown: Mapping[Key, tuple[str, ...]]) -> None:
        """Look at the run history of tiles, but for what the map shows; it stays where it is."""
        every = "all earlier results of tiles"
        overview = self._tried(RESULTS_NAME, every, read_overview, self.store)
        for at, region in overview.regions.items() if overview is not None else ():
            side = TILES_PER_REGION
            what = (
                f"earlier results of the {side} x {side} tiles from {at[0] * side},{at[1] * side}"
            )
            entries = self._tried(region.file, what, read_region, self.store, at, region.file)
            for key, held in (entries or {}).items():
                what = f"an earlier result of tile {key[0]},{key[1]}"
                for entry in (one for one in held if one.files != shown.get(key)):
                    self._tried(entry.files[0], what, self._tile, key, entry.files)

    def _block(self, empty: BlockLayer[Any], at: Key, names: tuple[str, ...]) -> Any:
        return blocks.filled(empty, {at: names}).block(at)

    def _tile(self, key: Key, names: tuple[str, ...]) -> bool:
        sidecar = tiles.read_sidecar(self.store, TileCoord(*key), names)
        tiles.read_raw(self.store, sidecar)
        tiles.read_mask(self.store, sidecar)
        return True

    def _tried(
        self,
        name: str,
        what: str,
        read: Callable[_ArgsT, _FoundT],
        *args: _ArgsT.args,
        **named: _ArgsT.kwargs,
    ) -> _FoundT | None:
        """What `read` returns, or None and one loss more."""
        self.check()
        try:
            return read(*args, **named)
        except InputError as error:
            self.losses.append(Loss(name, what, str(error)))
            return None
