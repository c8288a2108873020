"""Maps that are large enough for several mip levels, and views of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage

from app.canvas.pieces import Key, Source
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from painter.project import Project
from tests.app.overlays.conftest import *  # noqa: F403 - fixtures are found by name
from tests.app.overlays.conftest import _finished  # noqa: F401 - fixtures are found by name
from tests.support.qt import *  # noqa: F403 - fixtures are found by name
from tests.support.qt import wait_until
from zones.canvas import draw_stencils, flat_canvas
from zones.flow import Flow
from zones.geometry import Rect
from zones.palette import Palette, default_palette
from zones.strokes import Stroke

WIDE_PX = (2300, 1700)
"""Levels 0 to 4; both sides end inside of a piece and of a block."""


def patchy(width: int, height: int, seed: int = 1) -> npt.NDArray[np.uint8]:
    """Zones in winding patches with frayed rims."""
    rng = np.random.default_rng(seed)
    rough = rng.standard_normal((height // 120 + 2, width // 120 + 2)).astype(np.float32)
    field = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
    field += rng.normal(0, 0.05, (height, width)).astype(np.float32)
    return np.asarray(np.clip(field * 2 + 4, 1, 8), dtype=np.uint8)


def winding(kind: str, start: tuple[float, float], seed: int, **look: Any) -> Stroke:
    """A stroke that winds over a part of the wide map."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 6) + np.cumsum(rng.normal(0, 0.3, 90))
    line = start + np.cumsum(20 * np.column_stack([np.cos(angle), np.sin(angle)]), axis=0)
    width = 14 + 8 * np.sin(np.arange(90) / 7)
    return Stroke(kind, np.column_stack([line, width]), **look)


STROKES = (
    winding("river", (300, 300), 1),
    winding("path", (900, 900), 2),
    winding("river", (1500, 700), 3, flow=Flow(0.0, 0.8)),
    winding("road", (2200, 1600), 4),
)


@pytest.fixture(scope="session")
def wide_zones() -> npt.NDArray[np.uint8]:
    zones = patchy(*WIDE_PX)
    zones[:1024, 1024:2048] = 3
    return zones


@pytest.fixture
def wide(
    tmp_path: Path, new_workspace: Callable[[], Any], wide_zones: npt.NDArray[np.uint8]
) -> Workspace:
    """A workspace with a map of several levels."""
    project = Project.create(
        tmp_path / "wide", WIDE_PX, default_palette(), zones=wide_zones, strokes=STROKES
    )
    return opened(new_workspace(), project.folder)


def opened(workspace: Workspace, folder: Path) -> Workspace:
    """The workspace once it has a map open."""
    workspace.open(folder)
    wait_until(lambda: workspace.document is not None, what="the map")
    return workspace


def shown(qtbot: Any, workspace: Workspace, size: tuple[int, int] = (800, 600)) -> MapView:
    """A view on the screen, with everything drawn."""
    made = MapView(workspace)
    qtbot.addWidget(made)
    made.resize(*size)
    made.show()
    settle(made)
    return made


def settle(view: MapView) -> None:
    """Wait until everything is drawn as it is now."""
    wait_until(lambda: view.settled, what="the picture")


def direct(workspace: Workspace) -> npt.NDArray[np.uint8]:
    """The whole wide map painted at once, RGB (h, w, 3)."""
    document = workspace.document
    assert document is not None
    zones = document.read_zones(Rect(0, 0, *WIDE_PX))
    return painted_at_once(zones, document.strokes, document.project.palette)


def painted_at_once(
    zones: npt.NDArray[np.uint8], strokes: Sequence[Stroke], palette: Palette
) -> npt.NDArray[np.uint8]:
    """Flat colours under stencils, with a margin, so that no stencil ends at the map's rim."""
    whole = Rect(0, 0, zones.shape[1], zones.shape[0])
    around = whole.grown(40)
    flat = flat_canvas(np.pad(zones, 40, mode="edge"), palette)
    return draw_stencils(flat, strokes, around, palette)[whole.slices_in(around)]


def piece_rgb(view: MapView, key: Key) -> npt.NDArray[np.uint8]:
    """The picture of a piece, RGB (h, w, 3)."""
    piece = view.picture.cache.peek(key)
    assert piece is not None, key
    return piece.pixels[..., 2::-1]


def pieces(view: MapView, level: int, source: Source) -> list[Key]:
    """The fresh pieces of a level that are held."""
    cache = view.picture.cache
    return [key for key, piece in cache.items((source,)) if key.level == level and not piece.stale]


def area_of(view: MapView, key: Key) -> Rect:
    """The place of a piece in px of its level."""
    return view.picture.pyramid.area(key.level, key.column, key.row)


def shot(view: MapView) -> npt.NDArray[np.uint8]:
    """What the widget shows, RGB (h, w, 3)."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
