"""Strokes in a project: one JSON file for each region, with every stroke's place in paint order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeGuard

from painter import plain_json
from painter.catalog import Entries, Key, region_px, stem
from painter.store import Store
from painter.stroke_files import (
    MAX_FILE_BYTES,
    MAX_ITEMS,
    check_strokes,
    check_total_points,
    stroke_entry,
    strokes_of,
)
from zones.errors import InputError
from zones.palette import Palette
from zones.strokes import Stroke


def write_sets(
    store: Store, strokes: Sequence[Stroke], size: tuple[int, int]
) -> dict[Key, tuple[str, ...]]:
    """Write strokes, each in the set of the region its middle lies in.

    Returns:
        Index entries by region.
    """
    groups: dict[Key, list[int]] = defaultdict(list)
    for order, stroke in enumerate(strokes):
        groups[_region(stroke, size)].append(order)
    entries: dict[Key, tuple[str, ...]] = {}
    for region, orders in groups.items():
        content = {"order": orders, "strokes": [stroke_entry(strokes[order]) for order in orders]}
        entries[region] = (store.put(stem("strokes", region), ".json", plain_json.dump(content)),)
    return entries


def read_sets(
    store: Store, entries: Entries, palette: Palette, size: tuple[int, int]
) -> tuple[Stroke, ...]:
    """Read the strokes of a project in paint order.

    Raises:
        InputError: a file is missing or damaged, or a stroke breaks a rule.
    """
    ordered: dict[int, Stroke] = {}
    points = 0
    for (name,) in entries.values():
        found = read_set(store, name, palette, size)
        if not ordered.keys().isdisjoint(found):
            raise _damaged(f"the project's file {store.root / name}")
        ordered.update(found)
        points += sum(len(stroke.points) for stroke in found.values())
        check_total_points(points, str(store.root))
    everything = tuple(ordered[order] for order in sorted(ordered))
    check_strokes(everything, str(store.root), palette, size)
    return everything


def read_set(store: Store, name: str, palette: Palette, size: tuple[int, int]) -> dict[int, Stroke]:
    """Read one set: strokes by their place in paint order.

    Raises:
        InputError: the file is missing or damaged, or a stroke breaks a rule.
    """
    where = f"the project's file {store.root / name}"
    document = plain_json.parse(store.get(name, MAX_FILE_BYTES), where, max_items=MAX_ITEMS)
    orders = document.pop("order", None) if isinstance(document, dict) else None
    strokes = strokes_of(document, where, palette, size)
    if not _is_order(orders, len(strokes)):
        raise _damaged(where)
    return dict(zip(orders, strokes, strict=True))


def _damaged(where: str) -> InputError:
    return InputError(f"{where} is not a valid set of strokes; restore it from a copy")


def _is_order(values: object, count: int) -> TypeGuard[list[int]]:
    return (
        isinstance(values, list)
        and all(type(value) is int for value in values)
        and len(values) == len(set(values)) == count
    )


def _region(stroke: Stroke, size: tuple[int, int]) -> Key:
    left, top, right, bottom = stroke.bounds
    side = region_px(size)
    x = min(max((left + right) / 2, 0), size[0] - 1)
    y = min(max((top + bottom) / 2, 0), size[1] - 1)
    return int(x // side), int(y // side)
