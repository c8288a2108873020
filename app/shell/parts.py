"""Makes the overlays and panels that the window is put together from."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.canvas.minimap import Minimap
from app.canvas.overlays.battle_grid import BattleGridOverlay
from app.canvas.overlays.before_after import BeforeAfter
from app.canvas.overlays.change_heat import ChangeHeat
from app.canvas.overlays.overlay import Overlay
from app.canvas.overlays.protection import Protection
from app.canvas.overlays.seam_heat import SeamHeat
from app.canvas.overlays.selection import SelectionOutline
from app.canvas.overlays.tiles import TileGrid
from app.canvas.view import MapView
from app.panels.candidates import CandidatesPanel
from app.panels.compare import ComparePanel
from app.panels.history import HistoryPanel
from app.panels.model_view import ModelView
from app.panels.problems import ProblemsPanel
from app.panels.progress import ProgressPanel
from app.panels.results import ResultsPanel
from app.panels.run import RunPanel
from app.panels.seams import SeamsPanel
from app.panels.tool_options import ToolOptionsPanel
from app.panels.zones import ZonesPanel
from app.workspace.workspace import Workspace

OVERLAYS: tuple[type[Overlay], ...] = (
    Protection,
    BattleGridOverlay,
    TileGrid,
    ChangeHeat,
    SeamHeat,
    SelectionOutline,
    BeforeAfter,
)
"""From the lowest to the highest; legends of the heats stay above the marks of tiles."""


@dataclass(frozen=True, slots=True)
class Panels:
    """All panels; those that other parts speak to have a name of their own.

    Attributes:
        by_name: as docks call them.
        zones: the palette.
        tool: options of the tool in hand.
        problems: what went wrong.
        run: what the next run does.
        compare: before and after.
    """

    by_name: dict[str, QWidget]
    zones: ZonesPanel
    tool: ToolOptionsPanel
    problems: ProblemsPanel
    run: RunPanel
    compare: ComparePanel

    def focus_map_prompt(self) -> None:
        """Put the cursor into the words for the whole map."""
        self.run.map_prompt.setFocus()


def make_overlays(workspace: Workspace, view: MapView) -> dict[str, Overlay]:
    """One of each overlay by name, lowest first; they belong to the view."""
    made: dict[str, Overlay] = {}
    for kind in OVERLAYS:
        overlay = kind(workspace)
        overlay.setParent(view)
        made[overlay.name] = overlay
    return made


def make_panels(workspace: Workspace, view: MapView) -> Panels:
    """One of each panel."""
    zones, tool, problems = ZonesPanel(workspace), ToolOptionsPanel(), ProblemsPanel(workspace)
    run, compare = RunPanel(workspace, view.visible_rect), ComparePanel(workspace)
    by_name: dict[str, QWidget] = {
        "zones": zones,
        "tool": tool,
        "problems": problems,
        "run": run,
        "progress": ProgressPanel(workspace),
        "history": HistoryPanel(workspace),
        "model_view": ModelView(workspace),
        "results": ResultsPanel(workspace),
        "compare": compare,
        "candidates": CandidatesPanel(workspace),
        "seams": SeamsPanel(workspace),
        "minimap": Minimap(view),
    }
    return Panels(by_name, zones, tool, problems, run, compare)
