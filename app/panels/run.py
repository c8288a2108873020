"""The panel that starts runs: what to paint, how well, from which seeds, in which words."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import get_args

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFormLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.core.durations import duration_text
from app.panels.fields import ChoiceBox, Section, SeedField, add_row, described
from app.panels.prompts import MapPrompt, ZoneWords, configure
from app.panels.run_settings import FineSettings, StepsField
from app.workspace.icons import icon
from app.workspace.workspace import What, Workspace
from generation.plan.order import Order
from zones.geometry import Rect
from zones.grid import TileCoord

MAX_CANDIDATES = 8
"""More variants than fit side by side are no help."""

_COUNT_MS = 150

VisibleRect = Callable[[], Rect | None]
"""Says which part of the map the user is looking at, in map px."""


class RunPanel(QScrollArea):
    """Everything a run is started with.

    Args:
        workspace: the open map.
        visible_rect: what the user looks at; without it that choice is not offered.
    """

    def __init__(
        self,
        workspace: Workspace,
        visible_rect: VisibleRect | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._visible_rect = visible_rect
        self.scope = ChoiceBox(_scopes(with_view=visible_rect is not None))
        self.summary = QLabel()
        glyph = icon("creation", role=QPalette.ColorRole.HighlightedText)
        self.paint_button = QPushButton(glyph, _tr("Generate"))
        self.steps = StepsField()
        self.candidates = QSpinBox()
        self.map_seed = SeedField(
            _tr("Seed of the map"),
            _tr("The number all tiles start from: the same seed gives the same map again."),
        )
        self.tile_seed = SeedField(
            _tr("Seed of this tile"),
            _tr("Another number for the selected tile alone; empty takes the map's."),
            _tr("as the map"),
        )
        self.map_prompt = MapPrompt(workspace)
        self.zone_words = ZoneWords(workspace)
        self.fine = FineSettings(workspace)
        self._body = QWidget()
        self._count = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._lay_out()
        self._connect()
        self.refresh()

    # --- for the shell ---

    def paint_now(self, what: What | None = None) -> None:
        """Start a run with what the panel shows.

        Args:
            what: to paint instead of the panel's own choice.
        """
        self.map_prompt.take()
        chosen = self.chosen if what is None else what
        view = self._view() if chosen == "view" else None
        tiles = self._workspace.tiles_of(chosen, view=view)
        if not tiles:
            return
        single = chosen == "tile"
        self._workspace.run(
            chosen,
            order=self._order(),
            start=self._start(tiles),
            candidates=self.candidates.value() if single else 1,
            seed=self.tile_seed.seed if single else None,
            view=view,
        )

    @property
    def chosen(self) -> What:
        """What the panel would paint."""
        value = self.scope.value
        return next((what for what in get_args(What) if what == value), "stale")

    def refresh(self) -> None:
        """Show the workspace as it is now."""
        self._on_workspace_header_changed()
        self._on_workspace_settings_changed()
        self._count_tiles()

    # --- inside ---

    def _lay_out(self) -> None:
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(10)
        column.addLayout(self._front())
        self.summary.setWordWrap(True)
        self.summary.setProperty("role", "muted")
        column.addWidget(self.summary)
        self.paint_button.setProperty("role", "primary")
        described(
            self.paint_button,
            _tr("Generate"),
            _tr("Paint these tiles now; you can go on drawing meanwhile."),
        )
        column.addWidget(self.paint_button)
        words = QLabel(_tr("Words for the whole map"))
        words.setBuddy(self.map_prompt)
        column.addWidget(words)
        column.addWidget(self.map_prompt)
        column.addWidget(
            Section(
                _tr("Words for zones"),
                _tr("What the model is told about each zone, river and path."),
                self.zone_words,
            )
        )
        column.addWidget(
            Section(_tr("Advanced"), _tr("How tiles are ordered, joined and held."), self.fine)
        )
        column.addStretch(1)
        self.setWidget(self._body)

    def _front(self) -> QFormLayout:
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.candidates.setRange(1, MAX_CANDIDATES)
        self.scope.show_value("stale")
        add_row(form, _tr("Tiles"), self.scope, _tr("Which tiles are painted."))
        add_row(
            form,
            _tr("Quality"),
            self.steps,
            _tr("How many steps the model takes for each tile: more take longer."),
        )
        add_row(
            form,
            _tr("Variants"),
            self.candidates,
            _tr("How many versions of the selected tile to paint; you pick one of them."),
        )
        add_row(form, _tr("Map seed"), self.map_seed, self.map_seed.edit.toolTip())
        add_row(form, _tr("Tile seed"), self.tile_seed, self.tile_seed.edit.toolTip())
        return form

    def _connect(self) -> None:
        workspace = self._workspace
        workspace.map_opened.connect(self._on_workspace_map_opened)
        workspace.header_changed.connect(self._on_workspace_header_changed)
        workspace.settings_changed.connect(self._on_workspace_settings_changed)
        workspace.tiles_changed.connect(self._count.start)
        workspace.selection_changed.connect(self._count.start)
        workspace.run_changed.connect(self._count.start)
        self._count.timeout.connect(self._count_tiles)
        self.scope.chosen.connect(self._count_tiles)
        self.paint_button.clicked.connect(self._on_paint_clicked)
        self.steps.changed.connect(self._on_steps_changed)
        self.map_seed.changed.connect(self._on_map_seed_changed)

    def _view(self) -> Rect | None:
        return None if self._visible_rect is None else self._visible_rect()

    def _order(self) -> Order:
        value = self.fine.order.value
        return next((order for order in get_args(Order) if order == value), "spiral")

    def _start(self, tiles: Collection[TileCoord]) -> TileCoord | None:
        tile = self._workspace.selected_tile
        wanted = self.fine.start.value == "selected" and len(tiles) > 1
        return tile if wanted else None

    def _on_paint_clicked(self) -> None:
        self.paint_now()

    def _on_workspace_map_opened(self) -> None:
        self.refresh()

    def _on_workspace_header_changed(self) -> None:
        document = self._workspace.document
        self._body.setEnabled(document is not None and not self._workspace.read_only)
        self.map_seed.show_seed(None if document is None else document.project.seed)
        self.map_prompt.refresh()
        self.zone_words.refresh()

    def _on_workspace_settings_changed(self) -> None:
        profile = self._workspace.profile
        if profile is not None:
            self.steps.show_steps(self._workspace.settings.steps, profile)
        self.fine.refresh()
        self._count.start()

    def _on_steps_changed(self, steps: int) -> None:
        self._workspace.settings = replace(self._workspace.settings, steps=steps)

    def _on_map_seed_changed(self, seed: int | None) -> None:
        if seed is None or not configure(self._workspace, _tr("Seed of the map"), seed=seed):
            self._on_workspace_header_changed()

    def _count_tiles(self) -> None:
        """Say how many tiles the choice means and how long they take."""
        workspace, chosen = self._workspace, self.chosen
        alone = chosen == "tile"
        self.candidates.setEnabled(alone)
        self.tile_seed.setEnabled(alone)
        asked: tuple[TileCoord, ...] = ()
        if workspace.grid is not None:
            asked = workspace.tiles_of(chosen, view=self._view() if chosen == "view" else None)
        tiles = asked if alone else workspace.free_of(asked)
        self.paint_button.setEnabled(bool(tiles))
        if tiles:
            self.summary.setText(self._cost_text(len(tiles), alone=alone))
        elif asked:
            self.summary.setText(_tr("All of these are being painted or wait for it already."))
        else:
            self.summary.setText(_nothing("all" if workspace.document is None else chosen))

    def _cost_text(self, tiles: int, *, alone: bool) -> str:
        said = _tr("1 tile") if tiles == 1 else _tr("{n} tiles").format(n=tiles)
        seconds = self._workspace.seconds_for(tiles * (self.candidates.value() if alone else 1))
        if seconds is None:
            return said
        return _tr("{tiles}, about {time}").format(tiles=said, time=duration_text(seconds))


def _scopes(*, with_view: bool) -> list[tuple[object, str, str]]:
    found: list[tuple[object, str, str]] = [
        ("stale", _tr("What is missing"), _tr("Tiles not painted yet or out of date.")),
        ("all", _tr("The whole map"), _tr("Every tile, finished or not.")),
        ("selection", _tr("The selection"), _tr("Tiles under the selected region.")),
        ("tile", _tr("This tile"), _tr("Only the selected tile.")),
    ]
    if with_view:
        tip = _tr("What is missing where you look, nearest to the middle first.")
        found.append(("view", _tr("What I look at"), tip))
    return found


def _nothing(chosen: What) -> str:
    """Why there is nothing to paint."""
    return {
        "all": _tr("Open a map first."),
        "stale": _tr("Nothing to do: every tile is up to date."),
        "selection": _tr("Select a region on the map first."),
        "tile": _tr("Select a tile on the map first."),
        "view": _tr("Nothing to do: all you see is up to date."),
    }[chosen]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Run", text)
