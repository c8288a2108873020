"""The fill: paints all ground of one zone that hangs together, or everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject

from app.canvas.tools.brush import zone_menu
from app.canvas.tools.edit_tool import SLICE_S, EditTool, on_map, pixel_at, zone_name
from app.canvas.tools.picking import pick_zone
from app.canvas.tools.tool import MenuEntry, Pointer, ToolOption, translate
from painter.editing import FillJob
from zones.geometry import Rect

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace
    from painter.document import Document


class FillTool(EditTool):
    """Fills in slices, so that it can be watched and stopped; Ctrl replaces a zone everywhere."""

    name = "tool.fill"
    title = str(QT_TRANSLATE_NOOP("Tool", "Fill"))
    help = str(
        QT_TRANSLATE_NOOP(
            "Tool",
            "Fill connected ground with the chosen zone; Ctrl replaces a zone everywhere, Alt "
            "picks a zone, Escape stops a fill",
        )
    )
    icon = "format-color-fill"
    shortcut = "G"

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self.inside_selection = True
        self._filled_px = 0

    def options(self) -> tuple[ToolOption, ...]:
        """Whether the selection bounds it."""

        def bound(value: object) -> None:
            self.inside_selection = bool(value)
            self.options_changed.emit()

        return (
            ToolOption(
                name="inside_selection",
                label=translate("Tool", "Only inside the selection"),
                kind="bool",
                get=lambda: self.inside_selection,
                set=bound,
                tip=translate("Tool", "Where a region is selected, the fill does not leave it"),
            ),
        )

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """Replace the zone here, or choose another zone."""
        replace = translate("Tool", "Replace this zone everywhere")
        return [
            (replace, lambda: self._fill(pointer, everywhere=True)),
            *zone_menu(self.workspace, pointer),
        ]

    def press(self, pointer: Pointer) -> None:
        """Begin to fill from here."""
        super().press(pointer)
        if self.busy:
            return
        if pointer.alt:
            with self.telling():
                pick_zone(self.workspace, pointer)
            return
        self._fill(pointer, everywhere=pointer.ctrl)

    def sliced_done(self, kept: bool) -> None:
        """Say how much was filled."""
        if kept:
            text = translate("Tool", "Filled {count} px.").format(count=f"{self._filled_px:,}")
        else:
            text = translate("Tool", "There was nothing to fill here.")
        self.said.emit(text)

    @property
    def _bounds(self) -> Rect | None:
        """What a fill does not leave; None is the map."""
        return self.workspace.selection if self.inside_selection else None

    def _fill(self, pointer: Pointer, *, everywhere: bool) -> None:
        document = self.document
        if document is not None and not on_map(document, pointer):
            return
        bounds = None if everywhere else self._bounds
        if bounds is not None and not bounds.contains(Rect(*pixel_at(pointer), 1, 1)):
            text = translate(
                "Tool",
                "That is outside of the selection; click inside of it, or do not fill only there.",
            )
            self.said.emit(text)
            return
        job = self.begin(lambda opened: self._job(opened, pointer, everywhere=everywhere))
        if job is not None:
            self._filled_px = 0
            self.go_on(self._walk_of(job))

    def _job(self, document: Document, pointer: Pointer, *, everywhere: bool) -> FillJob:
        zone, at = self.workspace.active_zone, pixel_at(pointer)
        palette = document.project.palette
        name = zone_name(palette, zone)
        bounds = self._bounds
        if everywhere:
            old = document.pick(*at)
            job = document.replace_zone(old, zone, bounds=bounds)
            text = translate("Tool", "Replace {old} with {new}")
            job.label = text.format(old=zone_name(palette, old), new=name)
        else:
            job = document.flood_fill(at, zone, bounds=bounds)
            job.label = translate("Tool", "Fill {zone}").format(zone=name)
        return job

    def _walk_of(self, job: FillJob) -> Iterator[Rect]:
        while not job.done:
            changed = job.advance(SLICE_S / 2)
            yield from changed or [Rect(0, 0, 0, 0)]
        self._filled_px = job.changed_px or 0
