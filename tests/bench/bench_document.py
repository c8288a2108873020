"""The document under the canvas: painting, undo, opening, memory and saving, at two map sizes.

Times are of one thread. The small map is 2,048 px wide and the large one 65,536 px; on the large
one 1 % of all blocks are painted before anything is measured, unless it says otherwise. Saving is
measured on one that is painted all over too, opening with a long history and many finished tiles.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from painter.brush import Brush, PenPoint
from painter.document import Document
from painter.editing import ZoneInk
from painter.layers import BLOCK_PX
from painter.project import Project
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.palette import default_palette

SMALL_PX, LARGE_PX = 2048, 65_536
DABS = 400
SAVES = 30
TILES, STRIDE_PX = 100, 704
BLOCKS_PER_SIDE = LARGE_PX // BLOCK_PX
PAINTED = BLOCKS_PER_SIDE * BLOCKS_PER_SIDE // 100
STEPS = 5000
PICTURES = 32
PALETTE = default_palette()
BRUSH = Brush(256, softness=0.3)


def patchy_block(number: int) -> np.ndarray:
    """A block of many zones, which has to be stored pixel by pixel."""
    rng = np.random.default_rng(number)
    coarse = rng.integers(1, 9, (BLOCK_PX // 8, BLOCK_PX // 8), dtype=np.uint8)
    return np.kron(coarse, np.ones((8, 8), np.uint8))


def paint_blocks(document: Document, count: int) -> None:
    """Paint blocks spread over the whole map, one step each."""
    per_side = document.project.width_px // BLOCK_PX
    spread = np.random.default_rng(0).permutation(per_side * per_side)[:count]
    for number, place in enumerate(spread.tolist()):
        row, column = divmod(place, per_side)
        rect = Rect(column * BLOCK_PX, row * BLOCK_PX, BLOCK_PX, BLOCK_PX)
        with document.edit("Paint") as edit:
            edit.zones.paste(rect, patchy_block(number))


def new_document(root: Path, side_px: int, painted: int = 0) -> Document:
    """A new map of a size, saved after some of it was painted."""
    folder = root / f"{side_px}-{painted}"
    Project.create(folder, (side_px, side_px), PALETTE)
    document = Document.open(folder)
    if painted == (side_px // BLOCK_PX) ** 2:
        with unsynced():
            paint_everything(document)
            document.save()
    paint_blocks(document, painted if painted <= PAINTED else 0)
    document.save()
    return document


@contextmanager
def unsynced() -> Iterator[None]:
    """Let files be written without waiting for the disk, to set up what is measured."""
    sync, os.fsync = os.fsync, lambda _: None
    try:
        yield
    finally:
        os.fsync = sync


def paint_everything(document: Document) -> None:
    """Paint every block of a map, in one step, with one of a few pictures."""
    pictures = [patchy_block(number) for number in range(PICTURES)]
    with document.edit("Paint") as edit:
        for number, (_, rect) in enumerate(edit.zones.layer.touched(edit.map_rect)):
            edit.zones.paste(rect, pictures[number % PICTURES])


def dab(document: Document, at: tuple[float, float], zone: int) -> tuple[float, float]:
    """Times in ms of one dab and of the whole stroke that it is."""
    start = time.perf_counter()
    stroke = document.brush_stroke("Brush", ZoneInk(zone), BRUSH)
    middle = time.perf_counter()
    stroke.extend(PenPoint(*at))
    drawn = time.perf_counter()
    stroke.commit()
    return (drawn - middle) * 1e3, (time.perf_counter() - start) * 1e3


def places(side_px: int) -> list[tuple[float, float]]:
    """Where to dab: alike within blocks on any map, spread over all of it."""
    rng = np.random.default_rng(1)
    inner = rng.uniform(0, BLOCK_PX, (DABS, 2))
    blocks = rng.integers(0, 2**20, (DABS, 2)) % (side_px // BLOCK_PX)
    return [(x, y) for x, y in (blocks * BLOCK_PX + inner).tolist()]


def painting(root: Path) -> dict[int, dict[str, list[float]]]:
    """Times in ms of dabs, strokes and undos by map size, taken in turns."""
    documents = {
        SMALL_PX: new_document(root, SMALL_PX),
        LARGE_PX: new_document(root, LARGE_PX, PAINTED),
    }
    times: dict[int, dict[str, list[float]]] = {
        side: {"dab": [], "stroke": [], "undo": []} for side in documents
    }
    where = {side: places(side) for side in documents}
    for number in range(DABS):
        for side, document in documents.items():
            drawn, whole = dab(document, where[side][number], 1 + number % 8)
            start = time.perf_counter()
            document.undo()
            undone = (time.perf_counter() - start) * 1e3
            document.redo()
            for name, value in (("dab", drawn), ("stroke", whole), ("undo", undone)):
                times[side][name].append(value)
    for document in documents.values():
        document.close()
    return times


def print_painting(root: Path) -> None:
    """A 256 px dab: p99 under 8 ms, alike on both maps; undo under 10 ms."""
    times = painting(root)
    for name, bar_ms in (("dab", 8.0), ("stroke", 8.0), ("undo", 10.0)):
        parts = []
        for side, lists in times.items():
            ordered = sorted(lists[name])
            parts.append(
                f"{side} px map median {statistics.median(ordered):.2f}, "
                f"p99 {ordered[int(0.99 * len(ordered))]:.2f} ms"
            )
        medians = [statistics.median(times[side][name]) for side in (SMALL_PX, LARGE_PX)]
        title = {"dab": "a 256 px dab", "stroke": "begin, dab, commit", "undo": "undo of it"}[name]
        print(
            f"{title}: {'; '.join(parts)} (bar {bar_ms:.0f} ms); "
            f"large / small {medians[1] / medians[0]:.2f}{' (bar 1.20)' if name == 'dab' else ''}"
        )


def print_blank(root: Path) -> None:
    """A blank map of 100 x 100 tiles: under 100 KB, opens in under 300 ms."""
    folder, side = root / "blank", TILES * STRIDE_PX
    Project.create(folder, (side, side), PALETTE)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    opened = []
    for _ in range(5):
        start = time.perf_counter()
        document = Document.open(folder)
        opened.append((time.perf_counter() - start) * 1e3)
        document.close()
    print(
        f"a blank map of {TILES} x {TILES} tiles ({side} px): {size / 1000:.1f} KB on disk "
        f"(bar 100 KB), opens in {statistics.median(opened):.1f} ms (bar 300 ms)"
    )


def print_memory(root: Path) -> None:
    """A large map with 1 % painted: memory within 1.5x of the painted blocks."""
    folder = root / "memory"
    Project.create(folder, (LARGE_PX, LARGE_PX), PALETTE)
    patchy_block(0)
    tracemalloc.start()
    document = Document.open(folder)
    paint_blocks(document, PAINTED)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    blocks = PAINTED * BLOCK_PX * BLOCK_PX
    document.close()
    print(
        f"{LARGE_PX} px map, 1 % painted and not yet saved: {used / 2**20:.1f} MiB for "
        f"{blocks / 2**20:.1f} MiB of blocks, history included: {used / blocks:.2f} (bar 1.5)"
    )


def saving_ms(documents: list[Document], save: Callable[[Document], None]) -> list[list[float]]:
    """Times of saves, each after one stroke, of several documents in turns."""
    times: list[list[float]] = [[] for _ in documents]
    for number in range(SAVES):
        for document, taken in zip(documents, times, strict=True):
            dab(document, (700.0 + number, 900.0), 1 + number % 8)
            start = time.perf_counter()
            save(document)
            taken.append((time.perf_counter() - start) * 1e3)
    return times


def print_saving(root: Path) -> None:
    """Saving and autosaving after one stroke, on maps of several sizes."""
    full = BLOCKS_PER_SIDE * BLOCKS_PER_SIDE
    maps = ((SMALL_PX, 0), (LARGE_PX, 0), (LARGE_PX, PAINTED), (LARGE_PX, full))
    for title, save in (
        ("save", Document.save),
        ("autosave", lambda document: document.autosave(document.capture())),
    ):
        documents = [new_document(root / title, side, painted) for side, painted in maps]
        before = [files_of(document) for document in documents]
        medians = [statistics.median(times) for times in saving_ms(documents, save)]
        for (side, painted), document, old, median in zip(
            maps, documents, before, medians, strict=True
        ):
            kept = len(old & files_of(document))
            document.close()
            print(
                f"{title} after one stroke, {side} px map with {painted} painted blocks: median "
                f"{median:.1f} ms; {kept} of {len(old)} files stayed as they were"
            )
        ratios = ", ".join(f"{median / medians[0]:.2f}" for median in medians[1:])
        print(f"  against the small map: {ratios} (bar 1.20)")


def opening_ms(folder: Path) -> float:
    """Median time of opening a document."""
    opened = []
    for _ in range(5):
        start = time.perf_counter()
        document = Document.open(folder)
        opened.append((time.perf_counter() - start) * 1e3)
        document.close()
    return statistics.median(opened)


def print_long_history(root: Path) -> None:
    """A history of many steps: opening in under 300 ms, saving as with a short one."""
    medians = []
    for steps in (100, STEPS):
        document = new_document(root / f"history-{steps}", 16_384)
        with unsynced():
            for number, at in enumerate(np.random.default_rng(2).uniform(0, 16_384, (steps, 2))):
                dab(document, (float(at[0]), float(at[1])), 1 + number % 8)
                if number % 500 == 0:
                    document.save()
            document.save()
        (times,) = saving_ms([document], Document.save)
        document.close()
        medians.append((opening_ms(document.project.folder), statistics.median(times)))
    (_, short), (opened, saved) = medians
    print(
        f"a history of {STEPS} steps: opens in {opened:.1f} ms (bar 300 ms); save after one stroke "
        f"{saved:.1f} ms, {saved / short:.2f} of the time with 100 steps"
    )


def print_many_tiles(root: Path) -> None:
    """A map of 10,000 finished tiles: opening, reading all their facts, and keeping one more."""
    folder, side = root / "tiles", TILES * 192
    Project.create(folder, (side, side), PALETTE)
    document = Document.open(folder)
    raw = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    facts = {"inputs_hash": "0" * 64, "prompt": "x" * 200, "settings": dict.fromkeys("abcdefgh", 1)}
    small, run = raw[:16, :16], document.begin_run("Render")
    with unsynced():
        document.project.put_tiles(
            (TileCoord(*divmod(number, TILES)), small, {**facts, "sequence": number})
            for number in range(TILES * TILES)
        )
    start = time.perf_counter()
    run.put_tile(TileCoord(50, 50), raw, facts)
    kept_ms = (time.perf_counter() - start) * 1e3
    document.close()
    opened_ms, project = opening_ms(folder), Project.open(folder)
    start = time.perf_counter()
    count = len(project.tile_records())
    read_ms = (time.perf_counter() - start) * 1e3
    print(
        f"a map of {count} finished tiles: opens in {opened_ms:.1f} ms (bar 300 ms); the facts of "
        f"all of them are read in {read_ms:.0f} ms, when first asked for; keeping one more with "
        f"its result takes {kept_ms:.1f} ms"
    )


def files_of(document: Document) -> set[tuple[str, int]]:
    """Names and times of all files of a project."""
    return {
        (str(path), path.stat().st_mtime_ns)
        for path in document.project.folder.rglob("*")
        if path.is_file()
    }


def main() -> None:
    """Print every figure."""
    root = Path(tempfile.mkdtemp(prefix="bench-document-"))
    try:
        for figure in (
            print_painting,
            print_blank,
            print_memory,
            print_saving,
            print_long_history,
            print_many_tiles,
        ):
            figure(root)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
