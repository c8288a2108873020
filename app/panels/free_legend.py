"""The legend of free steps: which levels of freedom a window has, and how much of each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.panels.fields import described
from app.workspace.looks import free_colour, free_label

_SWATCH_PX = 12
_ONE_PERCENT = 0.01


class FreeLegend(QWidget):
    """The levels of freedom that occur in a window, with their shares."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._shown: list[tuple[int, str, int]] = []
        described(
            self,
            _tr("Levels of freedom"),
            _tr("In how many of its steps the model may change each part of the tile."),
        )

    @property
    def rows(self) -> list[str]:
        """What the legend says."""
        return [f"{free_label(free, steps)} {share}" for free, share, steps in self._shown]

    def show_levels(self, shares: npt.NDArray[np.float64], steps: int) -> None:
        """Show the levels with a share of the window, the freest first."""
        levels = [
            (free, _percent(float(shares[free])), steps)
            for free in range(steps, -1, -1)
            if shares[free] > 0
        ]
        if levels == self._shown:
            return
        self._shown = levels
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for row, (free, share, _) in enumerate(levels):
            swatch = QLabel()
            pixmap = QPixmap(_SWATCH_PX, _SWATCH_PX)
            pixmap.fill(free_colour(free, steps))
            swatch.setPixmap(pixmap)
            self._grid.addWidget(swatch, row, 0)
            self._grid.addWidget(QLabel(free_label(free, steps)), row, 1)
            self._grid.addWidget(QLabel(share), row, 2, Qt.AlignmentFlag.AlignRight)


def _percent(share: float) -> str:
    return _tr("under 1 %") if share < _ONE_PERCENT else f"{round(100 * share)} %"


def _tr(text: str) -> str:
    return QCoreApplication.translate("FreeLegend", text)
