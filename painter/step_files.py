"""Steps of the history as files: JSON that names the blocks before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from painter import plain_json
from painter.blocks import store_block
from painter.catalog import Key, parse_key, stem
from painter.edits import Delta
from painter.layers import BLOCK_PX, Held
from painter.manifest import Header, first_complaint
from painter.steps import LAYERS, LayerName, Step, StrokeSplice, TileFiles
from painter.store import Store, check_name
from painter.stroke_files import MAX_FILE_BYTES, MAX_ITEMS, stroke_entry, strokes_of
from zones.errors import InputError
from zones.palette import Palette

_FIELDS = frozenset({"number", "label", "blocks", "strokes", "header", "tiles"})
_MAX_LABEL = 200
_MAX_FILES = 3


def write_step(store: Store, step: Step, palette: Palette) -> Step:
    """Write a step and the blocks it needs; durable after the store's next sync.

    Args:
        store: takes the files.
        step: any step; one that has its file already is left as it is.
        palette: for the colours in which block files are shown.

    Returns:
        The step with names in place of arrays.

    Raises:
        WorkError: the disk is full or fails.
        InputError: the folder cannot be written.
    """
    if step.file:
        return step

    def stored(name: LayerName, at: Key, held: Held) -> Held:
        return store_block(store, name, at, held, palette)

    named = step.with_blocks(stored, "")
    file = store.put("history/step", ".json", plain_json.dump(_document(named)))
    return named.with_blocks(lambda _name, _at, held: held, file)


def read_step(store: Store, name: str, palette: Palette, size: tuple[int, int]) -> Step:
    """Read a step.

    Raises:
        InputError: missing, damaged, or one of the files it names is missing.
    """
    where = f"the project's file {store.root / name}"
    data = store.get(name, MAX_FILE_BYTES)
    document = plain_json.parse(data, where, max_items=MAX_ITEMS)
    if not isinstance(document, dict) or set(document) != _FIELDS:
        raise _damaged(where)
    number, label = document["number"], document["label"]
    if type(number) is not int or number < 1 or not isinstance(label, str):
        raise _damaged(where)
    step = Step(
        number,
        label[:_MAX_LABEL],
        _blocks(document["blocks"], where, size),
        _splice(document["strokes"], where, palette, size),
        _headers(document["header"], where),
        _tiles(document["tiles"], where),
        name,
    )
    missing = [file for file in step.file_names() if not store.size_of(file)]
    if missing:
        raise InputError(f"{where} needs {missing[0]}, which is missing; restore it from a copy")
    return step


def names_in_step(store: Store, name: str) -> set[str]:
    """The step file itself and every file it names, without checking it any further.

    Raises:
        InputError: it is missing or damaged.
    """
    where = f"the project's file {store.root / name}"
    document = plain_json.parse(store.get(name, MAX_FILE_BYTES), where, max_items=MAX_ITEMS)
    if not isinstance(document, dict):
        raise _damaged(where)
    shown = json.dumps([document.get("blocks"), document.get("tiles")])
    return {name, *(part for part in shown.split('"') if "/" in part)}


def _document(step: Step) -> dict[str, Any]:
    splice = step.strokes
    return {
        "number": step.number,
        "label": step.label[:_MAX_LABEL],
        "blocks": {
            name: {f"{at[0]}_{at[1]}": list(pair) for at, pair in delta.items()}
            for name, delta in step.blocks.items()
        },
        "strokes": splice
        and {
            "at": splice.at,
            "before": [stroke_entry(stroke) for stroke in splice.before],
            "after": [stroke_entry(stroke) for stroke in splice.after],
        },
        "header": step.header and [header.model_dump() for header in step.header],
        "tiles": {f"{at[0]}_{at[1]}": list(pair) for at, pair in step.tiles.items()},
    }


def _blocks(value: object, where: str, size: tuple[int, int]) -> dict[LayerName, Delta]:
    found: dict[LayerName, Delta] = {}
    for name, delta in _object(value, where).items():
        if name not in LAYERS:
            raise _damaged(where)
        layer: LayerName = LAYERS[LAYERS.index(name)]
        pairs: dict[Key, tuple[Held | None, Held | None]] = {}
        for text, pair in _object(delta, where).items():
            at = parse_key(text, where)
            if at[0] * BLOCK_PX >= size[0] or at[1] * BLOCK_PX >= size[1]:
                raise _damaged(where)
            before, after = _pair(pair, where)
            pairs[at] = (_name(before, layer, at, where), _name(after, layer, at, where))
        found[layer] = pairs
    return found


def _name(value: object, layer: LayerName, at: Key, where: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.startswith(f"{stem(layer, at)}-"):
        raise _damaged(where)
    return check_name(value, where)


def _splice(
    value: object, where: str, palette: Palette, size: tuple[int, int]
) -> StrokeSplice | None:
    if value is None:
        return None
    document = _object(value, where)
    if set(document) != {"at", "before", "after"} or type(document["at"]) is not int:
        raise _damaged(where)
    before, after = (
        strokes_of({"strokes": document[side]}, where, palette, size)
        for side in ("before", "after")
    )
    return StrokeSplice(max(document["at"], 0), before, after)


def _headers(value: object, where: str) -> tuple[Header, Header] | None:
    if value is None:
        return None
    try:
        old, new = (Header.model_validate(side) for side in _pair(value, where))
    except ValidationError as error:
        raise InputError(f"{where} is damaged: {first_complaint(error)}") from error
    if (old.size, old.wrap) != (new.size, new.wrap):
        raise _damaged(where)
    return old, new


def _tiles(value: object, where: str) -> dict[Key, tuple[TileFiles, TileFiles]]:
    found: dict[Key, tuple[TileFiles, TileFiles]] = {}
    for text, pair in _object(value, where).items():
        at = parse_key(text, where)
        before, after = _pair(pair, where)
        found[at] = (_files(before, at, where), _files(after, at, where))
    return found


def _files(value: object, at: Key, where: str) -> TileFiles:
    if value is None:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= _MAX_FILES:
        raise _damaged(where)
    for name in value:
        start = (f"{stem('tiles', at)}-", f"{stem('tiles', at)}_mask-")
        if not isinstance(name, str) or not name.startswith(start):
            raise _damaged(where)
        check_name(name, where)
    return tuple(value)


def _pair(value: object, where: str) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - before and after
        raise _damaged(where)
    return value[0], value[1]


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _damaged(where)
    return value


def _damaged(where: str) -> InputError:
    return InputError(f"{where} is not a valid step of the history; restore it from a copy")
