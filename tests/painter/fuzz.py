"""Mutated projects for the loaders: `python -m tests.painter.fuzz --count 20000`.

Every mutated project opens, or is refused with one clear line; nothing else is raised, nothing
hangs, and memory stays bounded. `corpus/project` is the project that is mutated; cases that reach
a complaint no other case reaches are kept in `corpus/cases.json` and run as tests.
"""

from __future__ import annotations

import argparse
import base64
import copy
import json
import random
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from painter.document import Document
from painter.store import content_hash
from painter.stroke_files import parse_strokes
from painter.zone_images import read_zone_image
from tests.painter.builders import PALETTE
from zones.errors import InputError, TilewrightError
from zones.geometry import Rect
from zones.grid import TileCoord

CORPUS = Path(__file__).with_name("corpus")
CASES = CORPUS / "cases.json"
LIMIT_S = 20
LIMIT_BYTES = 6 * 2**30
MANIFESTS = {"project.json", "autosave.json", "history.json", "results.json", "lock.json"}

Tree = dict[str, bytes]
"""Content of a project's files by name."""

NASTY: list[Any] = [
    None, True, -1, 0, 1, 2**31, 2**63, 10**25, -0.5, 1e308, float("nan"), float("inf"), "", "x",
    "../../etc/passwd", "zones/0_0-" + "0" * 32 + ".png", "/dev/zero", "a\nb", "\ud800", "9" * 5000,
    [], {}, [[]], [None] * 50, {"": 0}, "0_0", "99999_99999", ["a"], [1, 2], [1e9, 1e9, 1e9],
    131_072, 100_000,
]  # fmt: skip


class Hang(BaseException):
    """One project took too long."""


def base_tree() -> Tree:
    """The stored project, with an autosave, both histories and a lock."""
    root = CORPUS / "project"
    files = (path for path in root.rglob("*") if path.is_file())
    tree = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(files)}
    dead = {"pid": 2**22 + 1, "host": socket.gethostname(), "since": "2024", "started_s": 1.0}
    return {**tree, "lock.json": json.dumps(dead).encode()}


def mutated(tree: Tree, rng: random.Random) -> Tree:
    """A project with one or more files changed, most often so that their names still fit."""
    tree = dict(tree)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        name = rng.choice(sorted(tree))
        change = rng.random()
        if change < 0.03:
            del tree[name]
            continue
        structured = name.endswith(".json") and change < 0.6
        data = _other_json(tree[name], rng) if structured else _other_bytes(tree[name], rng)
        if name in MANIFESTS or rng.random() < 0.15:
            tree[name] = data
        else:
            rename(tree, name, data)
    return tree


def rename(tree: Tree, name: str, data: bytes) -> None:
    """Give a content-named file other content, and its new name to all that name it."""
    new = f"{name.rsplit('-', 1)[0]}-{content_hash(data)}.{name.rsplit('.', 1)[1]}"
    tree.pop(name, None)
    tree[new] = data
    for holder in sorted(tree):
        if holder.endswith(".json") and name.encode() in tree[holder]:
            changed = tree[holder].replace(name.encode(), new.encode())
            if holder in MANIFESTS:
                tree[holder] = changed
            elif holder != new:
                rename(tree, holder, changed)


def _other_bytes(data: bytes, rng: random.Random) -> bytes:
    content = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at, length = rng.randrange(len(content) + 1), rng.choice([0, 1, 1, 2, 4, 40])
        kind = rng.randrange(4)
        if kind == 0:
            content[at : at + length] = rng.randbytes(length)
        elif kind == 1:
            del content[at : at + length]
        elif kind == 2:
            content[at:at] = rng.choice([b"\x00", b"[" * 60, b"{", b'"', b"\xff" * 9, b"-1", b"e9"])
        elif content:
            content[at % len(content)] ^= 1 << rng.randrange(8)
    return bytes(content[: rng.randrange(len(content) + 1)] if rng.random() < 0.1 else content)


def _other_json(data: bytes, rng: random.Random) -> bytes:
    try:
        document = json.loads(data)
    except ValueError:
        return _other_bytes(data, rng)
    for _ in range(rng.choice([1, 1, 2])):
        places = list(_places(document, []))
        holder, key = rng.choice(places) if places else (None, None)
        kind = rng.randrange(4)
        if holder is None:
            document = rng.choice(NASTY)
        elif kind == 0 and isinstance(holder, dict):
            holder[str(rng.choice(NASTY))[:80]] = holder.pop(key)
        elif kind == 1:
            del holder[key]
        elif kind == 2 and isinstance(holder, list):
            holder.append(rng.choice(NASTY))
        else:
            other, from_ = rng.choice(places)
            elsewhere = copy.deepcopy(other[from_])
            holder[key] = rng.choice([rng.choice(NASTY), rng.choice(NASTY), elsewhere])
    try:
        return json.dumps(document).encode()
    except (ValueError, RecursionError):
        return data[: rng.randrange(len(data) + 1)]


def _places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            if len(found) < 3000:
                found.append((value, key))
                _places(value[key], found)
    return found


def write_tree(tree: Tree, folder: Path) -> None:
    """Put a project on disk."""
    for name, data in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def use(folder: Path) -> list[str]:
    """Do with a project what a user would; returns every complaint."""
    complaints: list[str] = []

    def tried(action: Callable[[], object]) -> bool:
        try:
            action()
        except TilewrightError as error:
            complaints.append(str(error))
            return False
        return True

    opened: list[Document] = []
    if not tried(lambda: opened.append(Document.open(folder))):
        return complaints
    (document,) = opened
    recovery = document.recovery
    complaints.extend(
        text for text in (document.notice, recovery.damage if recovery else "") if text
    )
    if recovery is not None and not tried(document.recover):
        tried(document.decline_recovery)
    whole = Rect(0, 0, min(document.project.width_px, 600), min(document.project.height_px, 600))
    for _ in range(2):
        snapshot = document.snapshot()
        for read in (snapshot.read_zones, snapshot.read_protect, snapshot.read_art):
            tried(lambda read=read: read(whole))  # type: ignore[misc]
        snapshot.strokes_in(whole)
        tried(document.undo)
        tried(lambda: document.undo("runs"))
    for tile in (*document.project.content.tiles,)[:4]:
        tried(lambda tile=tile: _read_tile(document, *tile))  # type: ignore[misc]
        tried(lambda tile=tile: _use_results(document, *tile))  # type: ignore[misc]
    tried(document.project.tile_records)
    document.project.keepers.names()
    tried(document.save)
    document.close()
    return complaints


def _read_tile(document: Document, row: int, col: int) -> None:
    document.project.read_raw(TileCoord(row, col))
    document.project.read_mask(TileCoord(row, col))


def _use_results(document: Document, row: int, col: int) -> None:
    tile = TileCoord(row, col)
    found = document.results(tile)
    for result in found:
        if result.damage:
            raise InputError(result.damage)
        result.thumbnail()
    for result in found[-2:]:
        document.put_back(tile, result.id)
    document.note_seams(tile, {"step": 1.0})
    document.begin_run("Fuzz").put_candidate(tile, np.zeros((16, 16, 3), np.uint8), {"n": 1})
    if not document.results(tile):
        raise AssertionError("a result is lost")


def use_loose(tree: Tree, folder: Path, rng: random.Random) -> list[str]:
    """Read a mutated strokes file and a mutated zone picture that a user might import."""
    complaints = []
    size = rng.choice([(64, 48), (600, 600), (131_072, 131_072)])
    strokes = next(data for name, data in sorted(tree.items()) if name.startswith("stencils/"))
    document = json.loads(strokes)
    document.pop("order")
    picture = next(data for name, data in sorted(tree.items()) if name.startswith("zones/"))
    path = folder / "zones.png"
    path.write_bytes(_other_bytes(picture, rng))
    for read in (
        lambda: parse_strokes(_other_json(json.dumps(document).encode(), rng), "it", PALETTE, size),
        lambda: read_zone_image(path, PALETTE),
    ):
        try:
            read()
        except TilewrightError as error:
            complaints.append(str(error))
    return complaints


def one(base: Tree, folder: Path, seed: int) -> tuple[Tree, list[str]]:
    """Mutate, open and use one project; returns it with the complaints."""
    rng = random.Random(seed)
    tree = mutated(base, rng)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if seed % 5 == 0:
        return tree, use_loose(base, folder, rng)
    write_tree(tree, folder)
    return tree, use(folder)


def kind_of(complaint: str) -> str:
    """A complaint without what differs from case to case."""
    words = [word for word in complaint.split() if not any(mark in word for mark in "/0123456789'")]
    return " ".join(words[:14])


def fuzz(count: int, first: int, *, keep: bool = False) -> int:
    """Try `count` projects; prints what was found and returns how many went wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    signal.signal(signal.SIGALRM, _hang)
    base, kinds, wrong, slowest_s = base_tree(), Counter[str](), 0, 0.0
    cases: list[dict[str, Any]] = []
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as root:
        folder = Path(root) / "map"
        for seed in range(first, first + count):
            start = time.perf_counter()
            signal.alarm(LIMIT_S)
            try:
                tree, complaints = one(base, folder, seed)
                check_lines(complaints)
            except (Exception, Hang):  # noqa: BLE001 - whatever is raised is what is looked for
                wrong += 1
                print(f"seed {seed}:\n{traceback.format_exc()}", file=sys.stderr)
                continue
            finally:
                signal.alarm(0)
            slowest_s = max(slowest_s, time.perf_counter() - start)
            fresh = {kind_of(text) for text in complaints} - set(kinds)
            kinds.update(map(kind_of, complaints))
            if fresh and keep and seed % 5:
                cases.append(case_of(base, tree))
    if keep:
        CASES.write_text(json.dumps(cases, indent=0) + "\n")
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{count} mutated projects from seed {first}: {wrong} went wrong; {sum(kinds.values())} "
        f"complaints of {len(kinds)} kinds, each one line; slowest {slowest_s:.2f} s, "
        f"peak memory {peak_mib:.0f} MiB"
    )
    return wrong


def check_lines(complaints: list[str]) -> None:
    """Every complaint is one clear line."""
    for text in complaints:
        if "\n" in text or not 10 < len(text) < 1200:
            raise AssertionError(f"not one clear line: {text!r}")


def case_of(base: Tree, tree: Tree) -> dict[str, Any]:
    """What a case changes in the stored project."""
    changed = {
        name: base64.b85encode(zlib.compress(data, 9)).decode()
        for name, data in tree.items()
        if base.get(name) != data
    }
    return {"changed": changed, "gone": sorted(base.keys() - tree.keys())}


def tree_of_case(base: Tree, case: dict[str, Any]) -> Tree:
    """The project of a kept case."""
    changed = {
        name: zlib.decompress(base64.b85decode(text)) for name, text in case["changed"].items()
    }
    return {name: data for name, data in base.items() if name not in case["gone"]} | changed


def _hang(_number: int, _frame: FrameType | None) -> None:
    raise Hang


def main() -> None:
    """Fuzz from the command line; the exit status says whether anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--keep", action="store_true", help="write the corpus's cases anew")
    options = parser.parse_args()
    sys.exit(min(fuzz(options.count, options.first, keep=options.keep), 1))


if __name__ == "__main__":
    main()
