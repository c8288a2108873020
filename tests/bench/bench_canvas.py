"""The map view on maps of two sizes: frame times while it moves, and how soon a stroke shows.

Everything is measured in the GUI thread of an offscreen window of 1280 x 800 px that gets a frame
every 16.7 ms: from the moment a frame is due to the moment it is painted by the clock, and the
processor time that thread spent on it. Where the system allows it, that thread goes before the
other programs of a busy machine.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.canvas.tools.brush import BrushTool
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from painter.layers import BLOCK_PX, Held, Position
from painter.project import Project
from zones.palette import default_palette
from zones.strokes import Stroke

FRAME_BAR_MS = 16.0
BRUSHES = ((256, 0.0, 25.0), (1024, 1.0, 25.0), (4000, 1.0, 60.0))
"""Diameter in px, softness, and within how many ms a move is to show."""

FRAME_S = 1 / 60
VIEW = (1280, 800)
LARGE_PX, SMALL_PX = 102_400, 2048
KINDS_OF_BLOCKS = 256
RIVERS_PER_MPX = 0.04
SEED = 20


@dataclass
class Times:
    """Of many frames, in ms."""

    clock: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def line(self, name: str, bar_ms: float) -> str:
        clock = np.percentile(self.clock, [50, 99, 100])
        busy = np.percentile(self.busy, [50, 99, 100])
        return (
            f"{name}: p50 {clock[0]:.1f} ms, p99 {clock[1]:.1f} ms (bar {bar_ms:.0f} ms), "
            f"worst {clock[2]:.1f} ms by the clock; processor time p50 {busy[0]:.1f} ms, "
            f"p99 {busy[1]:.1f} ms, worst {busy[2]:.1f} ms; {len(self.clock)} frames"
        )


class MeasuredView(MapView):
    """Knows when it was painted last."""

    painted_at = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted_at = time.perf_counter()


class Metronome:
    """Gives a view one frame every 16.7 ms and takes its times."""

    def __init__(self, view: MeasuredView) -> None:
        self.view = view
        self.due = time.perf_counter()

    def frame(self, act: Callable[[], object], times: Times) -> None:
        while time.perf_counter() < self.due:
            QApplication.processEvents()
            time.sleep(0.0005)
        due, busy = max(self.due, time.perf_counter() - FRAME_S), time.thread_time()
        act()
        while self.view.painted_at < due:
            QApplication.processEvents()
        times.clock.append((self.view.painted_at - due) * 1e3)
        times.busy.append((time.thread_time() - busy) * 1e3)
        self.due = max(due + FRAME_S, time.perf_counter())


def patchy_block(rng: np.random.Generator) -> np.ndarray:
    """Zones with winding borders and frayed rims."""
    rough = rng.standard_normal((9, 9)).astype(np.float32)
    field_ = cv2.resize(rough, (BLOCK_PX, BLOCK_PX), interpolation=cv2.INTER_CUBIC)
    noise = rng.standard_normal((BLOCK_PX, BLOCK_PX)).astype(np.float32)
    return np.clip((field_ + 0.05 * noise) * 2 + 4, 1, 8).astype(np.uint8)


def rivers(side_px: int, rng: np.random.Generator) -> tuple[Stroke, ...]:
    count = max(4, int(RIVERS_PER_MPX * side_px * side_px / 1e6))
    found = []
    for number in range(count):
        start, turn = rng.uniform(0, side_px, 2), rng.uniform(0, 2 * np.pi)
        angle = turn + np.cumsum(rng.normal(0, 0.25, 120))
        steps = 24 * np.column_stack([np.cos(angle), np.sin(angle)])
        line = np.clip(start + np.cumsum(steps, axis=0), 0, side_px)
        width = rng.uniform(8, 40)
        kind = ("river", "path", "road")[number % 3]
        found.append(Stroke(kind, np.column_stack([line, np.full(len(line), width)])))
    return tuple(found)


def painted_map(folder: Path, side_px: int, *, on_disk: bool) -> Workspace:
    """A workspace with a map every block of which is painted, pixel by pixel."""
    rng = np.random.default_rng(SEED)
    per_side = -(-side_px // BLOCK_PX)
    kinds = [patchy_block(rng) for _ in range(min(KINDS_OF_BLOCKS, per_side * per_side))]
    project = Project.create(folder, (side_px, side_px), default_palette())
    held: list[Held] = [_frozen(block) for block in kinds]
    if on_disk:
        places = [divmod(number, per_side)[::-1] for number in range(len(kinds))]
        _put(project, dict(zip(places, held, strict=True)))
        project.save()
        held = [project.content.zones.blocks[place] for place in places]
    workspace = Workspace()
    workspace.open(project.folder)
    wait_for(lambda: workspace.document is not None)
    assert workspace.document is not None
    choice = rng.integers(0, len(held), (per_side, per_side)).tolist()
    blocks: dict[Position, Held | None] = {
        (column, row): held[choice[row][column]]
        for row in range(per_side)
        for column in range(per_side)
    }
    _put(workspace.document.project, blocks)
    strokes = rivers(side_px, rng)
    workspace.document.project.apply(lambda content: replace(content, strokes=strokes))
    return workspace


def _frozen(block: np.ndarray) -> np.ndarray:
    block.setflags(write=False)
    return block


def _put(project: Project, blocks: dict[Position, Held | None]) -> None:
    project.apply(lambda content: replace(content, zones=content.zones.patched(blocks)))


def wait_for(true: Callable[[], object], timeout_s: float = 300.0) -> float:
    begin = time.perf_counter()
    while not true():
        assert time.perf_counter() - begin < timeout_s
        QApplication.processEvents()
        time.sleep(0.001)
    return time.perf_counter() - begin


def wheel(view: MapView, at: QPointF, notches: float) -> None:
    event = QWheelEvent(
        at,
        view.mapToGlobal(at),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def mouse(view: MapView, kind: QEvent.Type, at: QPointF, buttons: Qt.MouseButton) -> None:
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    event = QMouseEvent(
        kind, at, view.mapToGlobal(at), button, buttons, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(view, event)


def journey(view: MapView) -> Iterator[Callable[[], object]]:
    """Moves over the map as hands make them: one for each frame."""
    middle = QPointF(640, 400)
    for scale in (1.0, 0.37, 3.0):
        view.set_scale(scale)
        for number in range(100):
            turn = number / 16
            yield lambda turn=turn: view.pan(31 * np.cos(turn) - 9, 31 * np.sin(turn) - 9)
        for _ in range(30):
            yield lambda: view.pan(-260, -170)
        for _ in range(30):
            yield lambda: view.pan(250, 180)
    at = QPointF(400, 500)
    for _ in range(3):
        while view.scale > view.camera.least_scale * 1.5:
            yield lambda at=at: wheel(view, at, -0.5)
        for _ in range(12):
            yield lambda: view.pan(-40, 30)
        while view.scale < 2:
            yield lambda at=at: wheel(view, at, 0.5)
        at = middle


def brush_path(view: MapView) -> Iterator[QPointF]:
    for number in range(240):
        turn = number / 20
        yield QPointF(640 + 420 * np.cos(turn), 400 + 260 * np.sin(1.7 * turn))


def strokes_of(count: int) -> list[QEvent.Type]:
    return [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (count - 1)]


def measure_frames(view: MeasuredView) -> Times:
    times, metronome = Times(), Metronome(view)
    view.set_scale(1.0)
    view.centre_on(view.camera.map_size[0] / 3, view.camera.map_size[1] / 3)
    wait_for(view.isVisible)
    for act in journey(view):
        metronome.frame(act, times)
    return times


def measure_strokes(
    view: MeasuredView, workspace: Workspace, diameter_px: float, softness: float
) -> Times:
    times = Times()
    tool = BrushTool(workspace)
    view.set_tool(tool)
    workspace.brush_radius_px, workspace.brush_softness = diameter_px / 2, softness
    for scale in (1.0, 0.5, 0.1):
        workspace.active_zone = workspace.active_zone % 8 + 1
        view.set_scale(scale)
        metronome = Metronome(view)
        path = list(brush_path(view))
        for kind, at in zip(strokes_of(len(path)), path, strict=True):
            metronome.frame(partial(mouse, view, kind, at, Qt.MouseButton.LeftButton), times)
        mouse(view, QEvent.Type.MouseButtonRelease, path[-1], Qt.MouseButton.NoButton)
    view.set_tool(None)
    return times


def measure(side_px: int, *, on_disk: bool) -> Times:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        workspace = painted_map(Path(folder) / "map", side_px, on_disk=on_disk)
        view = MeasuredView(workspace)
        view.resize(*VIEW)
        view.show()
        place = f"{side_px:,} px, blocks {'on disk' if on_disk else 'in memory'}"
        frames = measure_frames(view)
        print(frames.line(f"{place}: frames while scrolling and zooming", FRAME_BAR_MS))
        for diameter_px, softness, bar_ms in BRUSHES:
            strokes = measure_strokes(view, workspace, diameter_px, softness)
            brush = f"brush of {diameter_px:,} px, softness {softness:g}"
            print(strokes.line(f"{place}: stroke to screen, {brush}", bar_ms))
        cache = view.picture.cache
        print(f"{place}: cache {cache.nbytes / 2**20:.0f} of {cache.budget_bytes / 2**20:.0f} MiB")
        workspace.shutdown()
        for one in (view, workspace):
            one.deleteLater()  # here and now, not by whichever thread collects the garbage
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return frames


def go_first() -> str:
    """Let this thread, but none that it starts, go before other programs, if that is allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except (AttributeError, OSError):
        return "beside whatever else this machine does"
    return "before whatever else this machine does"


def main() -> None:
    """Print the figures and how far the map's size matters."""
    print(f"map view, offscreen, {VIEW[0]} x {VIEW[1]} px, {go_first()}")
    app = QApplication.instance() or QApplication([])
    small = measure(SMALL_PX, on_disk=False)
    large = measure(LARGE_PX, on_disk=False)
    measure(LARGE_PX, on_disk=True)
    ratio = np.median(large.busy) / np.median(small.busy)
    print(f"processor time of a frame, large map to small map: {ratio:.2f}")
    del app


if __name__ == "__main__":
    main()
