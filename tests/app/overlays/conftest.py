"""A small map whose tiles are finished without a model: each window shows its own seed canvas."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from app.canvas.overlays.overlay import Overlay
from app.canvas.view import MapView
from app.core.run_setup import OpenRun, open_for_reading
from app.workspace.workspace import Workspace
from generation.run.records import TileRecord
from painter.document import Document
from tests.support.qt import *  # noqa: F403 - fixtures are found by name
from tests.support.qt import MAP_PX, small_project, wait_until
from tests.support.records import finished_record
from zones.compiler import compile_window
from zones.grid import TileCoord

VIEW_PX = (640, 480)
GREY = QColor(120, 120, 120)


def record_of(run: OpenRun, tile: TileCoord, sequence: int, **values: Any) -> TileRecord:
    """The facts of a tile that was painted alone from what is painted now."""
    return finished_record(run.world, tile, run.settings, sequence, **values)


def raw_of(run: OpenRun, tile: TileCoord, brighter: int = 0) -> npt.NDArray[np.uint8]:
    """The tile's seed canvas, brighter by so much."""
    settings = run.settings.compile_settings(run.world.profile, run.world.map_prompt)
    compiled = compile_window(run.world.reader, run.grid, run.world.palette, tile, settings)
    brightened = compiled.seed_canvas.astype(np.int16) + brighter
    return np.clip(brightened, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def _finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = small_project(tmp_path_factory.mktemp("finished") / "map.tilewright")
    run = open_for_reading(folder, next_run=True)
    document = Document.open(folder)
    painting = document.begin_run("Paint")
    for sequence, tile in enumerate(run.grid.tiles()):
        raw = raw_of(run, tile, brighter=40 if tile == TileCoord(0, 1) else 0)
        painting.put_tile(tile, raw, record_of(run, tile, sequence).to_json())
    document.save()
    document.close()
    return folder


@pytest.fixture
def finished(tmp_path: Path, _finished: Path, new_workspace: Callable[[], Any]) -> Workspace:
    """A workspace with six finished tiles; the window of tile 0,1 is brighter than the others."""
    folder = Path(shutil.copytree(_finished, tmp_path / "done.tilewright"))
    made: Workspace = new_workspace()
    made.open(folder)
    wait_until(lambda: made.document is not None, what="the map")
    wait_until(
        lambda: (
            made.grid is not None
            and all(made.state_of(tile).kind in {"done", "flagged"} for tile in made.grid.tiles())
        ),
        what="the tiles",
    )
    wait_until(lambda: made.stitch() is not None, what="the stitched map")
    wait_until(lambda: bool(made.world.model_hash), what="the model's hash")
    return made


@pytest.fixture
def view(qtbot: Any, finished: Workspace) -> MapView:
    """A view of the whole finished map, one screen px for each map px."""
    return view_of(qtbot, finished)


def view_of(qtbot: Any, workspace: Workspace) -> MapView:
    """A view of a whole map, one screen px for each map px; never shown."""
    made = MapView(workspace)
    qtbot.addWidget(made)
    made.resize(*VIEW_PX)
    look(made, 1.0)
    return made


def look(view: MapView, scale: float, at: tuple[float, float] = (0.0, 0.0)) -> None:
    """Put a place of the map into the view's top left corner, as large as told."""
    camera = view.camera
    camera.map_size, camera.view_size = MAP_PX, VIEW_PX
    camera.scale, camera.x, camera.y = scale, *at


def painted(overlay: Overlay, view: MapView) -> npt.NDArray[np.uint8]:
    """What an overlay draws over plain grey, RGB uint8 (480, 640, 3)."""
    image = QImage(*VIEW_PX, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(GREY)
    painter = QPainter(image)
    painter.setViewport(QRect(0, 0, *VIEW_PX))
    overlay.paint(painter, view, view.camera.rect_of(0, 0, *VIEW_PX))
    painter.end()
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(VIEW_PX[1], plain.bytesPerLine())
    return rows[:, : 3 * VIEW_PX[0]].reshape(VIEW_PX[1], VIEW_PX[0], 3).copy()


def drawn(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Where something was drawn over the grey."""
    return (pixels != 120).any(axis=2)
