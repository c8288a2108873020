"""The hand-over lines of the stitched map in colours, and where strokes are not as drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter

from app.canvas.overlays.drawing import badge, draw_scale, faded, pen
from app.canvas.overlays.overlay import MapFrame, Overlay
from app.core.good_seams import Place, is_good
from app.core.seam_rows import badness_of, faults_of
from app.workspace.looks import SEAM_BEST, SEAM_WORST, seam_colour
from app.workspace.workspace import Workspace
from generation.plan.seams import SeamReport
from painter.project import Project
from zones.geometry import Rect

_MOST_LINES = 800
_MOST_MARKS = 300
"""Drawn at once; where more are in sight, the worst."""

_BUCKETS = 12
_MARK_PX = 4.0
_BADGE_PX = 22
_ICONS = {
    "missing": "vector-polyline-remove",
    "broken": "vector-polyline-minus",
    "displaced": "vector-polyline-edit",
}
_GOOD_LINE_PX, _BAD_LINE_PX = 2, 3
_HALO = QColor(255, 255, 255, 170)
_LEGEND_FROM_BOTTOM_PX = 116


class SeamHeat(Overlay):
    """Shows where windows meet: teal where nothing can be seen, red where the picture jumps."""

    name = "overlay.seams"

    def __init__(self, workspace: Workspace, *, visible: bool = False) -> None:
        super().__init__(workspace, visible=visible)
        self._workspace = workspace
        self._take_report()
        workspace.header_changed.connect(self._on_seams_changed)
        workspace.seams_changed.connect(self._on_seams_changed)
        workspace.map_opened.connect(self._on_seams_changed)

    def paint(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        """Draw the lines in the exposed part, the worst last, and a legend."""
        if not self._lines.count and not self._faults:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        chosen = self._lines.visible(exposed)
        for bucket in range(-1, _BUCKETS):
            wide = _GOOD_LINE_PX if bucket < _BUCKETS // 3 else _BAD_LINE_PX
            members = chosen[self._lines.buckets[chosen] == bucket]
            flagged = members[self._lines.flags[members]]
            if flagged.size:
                painter.setBrush(_HALO)
                painter.drawRects(self._lines.bars(flagged, view, wide + 4))
            if members.size:
                painter.setBrush(_bucket_colour(bucket))
                painter.drawRects(self._lines.bars(members, view, wide))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_crossings(painter, view, exposed)
        self._draw_faults(painter, view, exposed)
        self._draw_legend(painter)

    def _draw_crossings(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        report = self._workspace.seams
        if report is None:
            return
        poor = [one for one in report.crossings if not one.is_continuous]
        shown = [one for one in poor if _holds(exposed, one.at)][:_MOST_MARKS]
        painter.setPen(pen(QColor(255, 255, 255, 200)))
        for one in shown:
            at = view.to_screen(*one.at)
            painter.setBrush(seam_colour(SEAM_WORST))
            corner = at - QPointF(_MARK_PX, _MARK_PX)
            painter.drawEllipse(QRectF(corner, QSizeF(2 * _MARK_PX, 2 * _MARK_PX)))

    def _draw_faults(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        """A ring as wide as the fault is long, and a badge that says what is wrong."""
        shown = [one for one in self._faults if _holds(exposed, one.fault.at)][:_MOST_MARKS]
        colour = seam_colour(SEAM_WORST)
        ratio = painter.device().devicePixelRatioF()
        for one in shown:
            at = view.to_screen(*one.fault.at)
            radius = max(_BADGE_PX * 0.8, one.fault.length_px * view.scale / 2)
            painter.setPen(pen(colour, 2.0))
            painter.setBrush(faded(colour, 0.1))
            painter.drawEllipse(at, radius, radius)
            corner = at - QPointF(_BADGE_PX / 2, _BADGE_PX / 2)
            glyph = badge(_ICONS[one.fault.kind], colour.lighter(125).rgb(), _BADGE_PX, ratio)
            painter.drawPixmap(corner, glyph)

    def _draw_legend(self, painter: QPainter) -> None:
        ends = (
            QCoreApplication.translate("SeamHeat", "invisible"),
            QCoreApplication.translate("SeamHeat", "plain to see"),
        )
        title = QCoreApplication.translate("SeamHeat", "Seams between tiles")
        corner = QPointF(12, painter.viewport().height() - _LEGEND_FROM_BOTTOM_PX)
        ramp = [seam_colour(SEAM_BEST + share / 4) for share in range(5)]
        painter.save()
        draw_scale(painter, corner, title, ends, ramp)
        painter.restore()

    def _on_visible_changed(self) -> None:
        self._on_seams_changed()
        if self.visible and self._workspace.seams is None and self._workspace.stitch() is not None:
            self._workspace.measure_seams()

    def _on_seams_changed(self) -> None:
        self._take_report()
        if self.visible:
            self.changed.emit()

    def _take_report(self) -> None:
        """Make what is drawn of the last measure; nothing while the overlay is off."""
        report = self._workspace.seams if self.visible else None
        document = self._workspace.document
        project = None if document is None else document.project
        faults = [] if report is None or project is None else faults_of(report)
        self._lines = _Lines(report, project)
        self._faults = [one for one in faults if not _is_found_good(project, one)]


def _is_found_good(project: Project | None, place: Place) -> bool:
    return project is not None and is_good(project, place)


class _Lines:
    """A report's lines in arrays, so that those in sight are found without a walk through all."""

    def __init__(self, report: SeamReport | None, project: Project | None) -> None:
        seams = sorted(() if report is None else report.seams, key=lambda one: badness_of(one) or 0)
        self.count = len(seams)
        flags = [seam.flagged and not _is_found_good(project, seam) for seam in seams]
        self.flags = np.array(flags, dtype=np.bool_)
        self.buckets = np.array([_bucket(badness_of(seam)) for seam in seams], dtype=np.int32)
        ends = np.array([seam.line for seam in seams], dtype=np.int64).reshape(-1, 4)
        self._low = np.minimum(ends[:, :2], ends[:, 2:])
        self._high = np.maximum(ends[:, :2], ends[:, 2:])

    def visible(self, rect: Rect) -> npt.NDArray[np.intp]:
        """Indices of the lines that touch a rectangle, the worst last, not too many."""
        inside = (self._low[:, 0] <= rect.right) & (self._high[:, 0] >= rect.x)
        inside &= (self._low[:, 1] <= rect.bottom) & (self._high[:, 1] >= rect.y)
        return np.flatnonzero(inside)[-_MOST_LINES:]

    def bars(self, members: npt.NDArray[np.intp], view: MapFrame, wide_px: int) -> list[QRect]:
        """Some lines as upright or level bars in widget px."""
        origin, scale = view.to_screen(0, 0), view.scale
        corner = np.array([origin.x(), origin.y()])
        low = np.rint(self._low[members] * scale + corner).astype(int) - wide_px // 2
        size = np.rint((self._high[members] - self._low[members]) * scale).astype(int) + wide_px
        return [
            QRect(x, y, width, height)
            for (x, y), (width, height) in zip(low.tolist(), size.tolist(), strict=True)
        ]


def _bucket(badness: float | None) -> int:
    """Lines of one colour are drawn together; -1 are those without a measure."""
    if badness is None:
        return -1
    return int(np.clip(round(badness * (_BUCKETS - 1)), 0, _BUCKETS - 1))


def _bucket_colour(bucket: int) -> QColor:
    if bucket < 0:
        colour = seam_colour(None)
    else:
        share = bucket / (_BUCKETS - 1)
        colour = seam_colour(SEAM_BEST + share * (SEAM_WORST - SEAM_BEST))
    colour.setAlpha(150 if bucket < _BUCKETS // 2 else 230)
    return colour


def _holds(rect: Rect, at: tuple[float, float]) -> bool:
    return rect.x <= at[0] <= rect.right and rect.y <= at[1] <= rect.bottom
