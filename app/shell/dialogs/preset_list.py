"""The worlds a new map can start from, each with its picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from PIL import Image
from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from app.panels.fields import described
from app.workspace.icons import icon
from app.workspace.tasks import Tasks
from painter.presets import Preset, list_presets, load_preset
from zones.canvas import draw_stencils, flat_canvas
from zones.geometry import Rect
from zones.palette import default_palette

PICTURE_PX = (132, 110)
BLANK = ""
_RADIUS_PX = 6
_NAME = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, eq=False)
class PresetPicture:
    """A sample world and how it looks.

    Attributes:
        preset: the world.
        rgb: uint8 (h, w, 3), small.
    """

    preset: Preset
    rgb: npt.NDArray[np.uint8]


def preset_picture(name: str) -> PresetPicture:
    """Load a sample world and draw its zones and stencils small; raises as `load_preset`."""
    palette = default_palette()
    preset = load_preset(name, palette)
    whole = Rect(0, 0, *preset.info.size)
    canvas = draw_stencils(flat_canvas(preset.zones, palette), preset.strokes, whole, palette)
    small = Image.fromarray(canvas).resize(
        (2 * PICTURE_PX[0], 2 * PICTURE_PX[1]), Image.Resampling.BOX
    )
    return PresetPicture(preset, np.asarray(small, dtype=np.uint8))


class PresetList(QListWidget):
    """A column of pictures: an empty map and the sample worlds.

    Args:
        tasks: draws the pictures meanwhile.
    """

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self.presets: dict[str, Preset] = {}
        described(self, _tr("Start from"), _tr("An empty map, or a world to change."))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(*PICTURE_PX))
        self.setGridSize(QSize(PICTURE_PX[0] + 18, PICTURE_PX[1] + 36))
        self.setWordWrap(False)
        self._add(BLANK, _tr("Empty map"), _tr("Start with nothing but grass."))
        for name, info in list_presets().items():
            credit = info.credits.split("\n", 1)[0]
            self._add(name, info.title, credit)
            work = partial(preset_picture, name)
            tasks.submit(work, self._on_picture, name="preset", owner=self)
        self.setCurrentRow(0)

    @property
    def chosen(self) -> str:
        """Name of the chosen world; "" is the empty map."""
        item = self.currentItem()
        return BLANK if item is None else str(item.data(_NAME))

    def choose(self, name: str) -> None:
        """Choose a world by its name."""
        for row in range(self.count()):
            if self.item(row).data(_NAME) == name:
                self.setCurrentRow(row)

    def _add(self, name: str, title: str, tip: str) -> None:
        item = QListWidgetItem(_framed(None), title)
        item.setData(_NAME, name)
        item.setToolTip(tip)
        self.addItem(item)

    def _on_picture(self, found: PresetPicture) -> None:
        self.presets[found.preset.name] = found.preset
        for row in range(self.count()):
            if self.item(row).data(_NAME) == found.preset.name:
                self.item(row).setIcon(_framed(found.rgb))


def _framed(rgb: npt.NDArray[np.uint8] | None) -> QIcon:
    """A picture with round corners; the one of an empty map where there is none."""
    picture = QPixmap(2 * PICTURE_PX[0], 2 * PICTURE_PX[1])
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRoundedRect(picture.rect(), 2 * _RADIUS_PX, 2 * _RADIUS_PX)
    painter.setClipPath(path)
    if rgb is None:
        painter.fillRect(picture.rect(), QColor(*default_palette().zone(0).rgb))
        plus = icon("plus", "#ffffff").pixmap(48, 48)
        centre = picture.rect().center()
        painter.setOpacity(0.8)
        painter.drawPixmap(centre.x() - 24, centre.y() - 24, plus)
    else:
        height, width = rgb.shape[:2]
        data = np.ascontiguousarray(rgb).tobytes()
        image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
        painter.drawImage(0, 0, image)
    painter.end()
    picture.setDevicePixelRatio(2.0)
    return QIcon(picture)


def _tr(text: str) -> str:
    return QCoreApplication.translate("NewMap", text)
