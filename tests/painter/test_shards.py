"""A sharded mapping is a mapping; its versions share what they have in common."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from painter.document import Document
from painter.editing import ZoneInk
from painter.project import Project
from painter.shards import SIDE, Shards
from tests.painter.builders import PALETTE, files_in
from tests.painter.documents import dab
from zones.geometry import Rect

KEYS = st.tuples(st.integers(0, 3 * SIDE), st.integers(0, 3 * SIDE))
PATCHES = st.lists(st.dictionaries(KEYS, st.none() | st.text(max_size=1), max_size=6), max_size=8)


@given(PATCHES)
def test_patches_do_what_they_do_to_a_dictionary(patches: list[dict[tuple[int, int], str]]) -> None:
    shards: Shards[str] = Shards.of({})
    plain: dict[tuple[int, int], str] = {}
    for patch in patches:
        before, old = shards, dict(plain)
        shards = shards.patched(patch)
        for key, value in patch.items():
            plain.pop(key, None)
            if value is not None:
                plain[key] = value
        assert dict(shards) == plain
        assert len(shards) == len(plain)
        assert dict(before) == old
        moved = {key for key in shards.changed(before) if shards.get(key) != before.get(key)}
        assert moved == {key for key in plain.keys() | old.keys() if plain.get(key) != old.get(key)}
    assert dict(Shards.of(plain)) == plain
    assert all(key in shards and shards[key] == plain[key] for key in plain)
    assert (99, 99) not in shards
    assert shards.get((99, 99), "none") == "none"


def test_a_change_copies_one_part_only() -> None:
    first = Shards.of({(column, row): "x" for column in range(64) for row in range(64)})
    second = first.patched({(3, 3): "y"})
    assert sum(second._parts[at] is first._parts[at] for at in first._parts) == 63
    assert list(second.changed(first)) == [(3, 3)]


def test_a_save_of_a_full_map_writes_what_changed_and_reads_back_whole(tmp_path: Path) -> None:
    side = 512 * 12
    Project.create(tmp_path / "map", (side, side), PALETTE)
    document = Document.open(tmp_path / "map")
    with document.edit("Fill") as edit:
        for number in range(144):
            row, column = divmod(number, 12)
            edit.paint_rectangle(
                ZoneInk(1 + number % 8), Rect(column * 512 + 1, row * 512, 511, 512)
            )
    document.save()
    before = files_in(tmp_path / "map")
    dab(document, 3000, 3000, zone=3)
    document.save()
    after = files_in(tmp_path / "map")
    assert {name.split("-")[0] for name in after - before} == {
        "history/step",
        "index/zones_0_0",
        "zones/5_5",
    }
    document.close()
    again = Document.open(tmp_path / "map")
    assert len(again.project.content.zones.blocks) == 144
    assert [again.pick(x, x) for x in (3000, 513, 512)] == [3, 6, 0]
