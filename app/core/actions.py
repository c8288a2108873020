"""Everything a user can do, as one table: menus, tool bars, shortcuts and their sheet come from it.

The rows are plain values; the windows bind each id to what it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

Group = Literal["File", "Edit", "View", "Tools", "Generate", "Panels", "Help"]

Condition = Literal[
    "", "map", "editable", "unsaved", "undo", "redo", "undo_run", "redo_run", "selection",
    "tile", "finished_tile", "finished", "measured", "can_run", "running",
]  # fmt: skip
"""When an action can be used; "" is always, the others are names of `app.shell.states`."""

GROUPS: tuple[Group, ...] = ("File", "Edit", "View", "Tools", "Generate", "Panels", "Help")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a user can do.

    Attributes:
        id: unique, such as `file.save`; ids of tools and overlays are those objects' names.
        text: what menus and buttons say.
        shortcut: in Qt's portable text, such as `Ctrl+S`, or "".
        group: the menu it is in.
        icon: name of a glyph, or "".
        tip: one sentence that says what it does.
        checkable: whether it is on or off.
        enabled: when it can be used.
        starts_section: whether a line is drawn above it in its menu.
        exclusive: name of a set of which one action is always on, or "".
    """

    id: str
    text: str
    shortcut: str
    group: Group
    icon: str
    tip: str
    checkable: bool = False
    enabled: Condition = ""
    starts_section: bool = False
    exclusive: str = ""


def _tool(name: str, text: str, key: str, icon: str, tip: str, *, section: bool = False) -> Action:
    return Action(
        f"tool.{name}", text, key, "Tools", icon, tip, True, "map", section, exclusive="tool"
    )


def _toggle(
    name: str, text: str, key: str, icon: str, tip: str, *, section: bool = False
) -> Action:
    return Action(name, text, key, "View", icon, tip, True, "map", section)


def _mode(name: str, text: str, key: str, icon: str, tip: str) -> Action:
    mode = f"view.{name}"
    return Action(mode, text, key, "View", icon, tip, True, "map", exclusive="mode")


def _panel(name: str, text: str, icon: str, tip: str) -> Action:
    return Action(f"panel.{name}", text, "", "Panels", icon, tip, checkable=True)


_FILE = (
    Action("file.new", "New map…", "Ctrl+N", "File", "map-plus", "Start a new map."),
    Action("file.open", "Open…", "Ctrl+O", "File", "folder-open-outline", "Open a map folder."),
    Action(
        "file.rescue", "Rescue a damaged map…", "", "File", "lifebuoy",
        "Save what is whole of a map that cannot be read any more as a new map.",
    ),
    Action(
        "file.sample", "Open a sample world", "", "File", "compass-outline",
        "Open a copy of a small finished world to try things on.",
    ),
    Action(
        "file.save", "Save", "Ctrl+S", "File", "content-save-outline",
        "Keep the map as it is now.", enabled="unsaved", starts_section=True,
    ),
    Action(
        "file.save_as", "Save as…", "Ctrl+Shift+S", "File", "content-save-move-outline",
        "Keep a copy of the map in another folder and go on there.", enabled="map",
    ),
    Action(
        "file.import_zones", "Import a zone picture…", "Ctrl+I", "File", "image-plus",
        "Paint the zones from a picture whose colours are the palette's.", enabled="editable",
        starts_section=True,
    ),
    Action(
        "file.export", "Export the map…", "Ctrl+E", "File", "export-variant",
        "Write the finished map as one picture.", enabled="finished",
    ),
    Action(
        "file.close", "Close the map", "Ctrl+W", "File", "close",
        "Close this map; the window stays.", enabled="map", starts_section=True,
    ),
    Action(
        "file.settings", "Settings…", "Ctrl+,", "File", "cog-outline",
        "How the program looks and behaves for you.",
    ),
    Action(
        "file.quit", "Quit", "Ctrl+Q", "File", "power", "Close the program.", starts_section=True
    ),
)  # fmt: skip

_EDIT = (
    Action("edit.undo", "Undo", "Ctrl+Z", "Edit", "undo", "Take back your last step.",
           enabled="undo"),
    Action("edit.redo", "Redo", "Ctrl+Shift+Z", "Edit", "redo", "Do your next step again.",
           enabled="redo"),
    Action(
        "edit.undo_run", "Undo the last run", "Ctrl+Alt+Z", "Edit", "image-remove-outline",
        "Take back the tiles of the last run; what you painted stays.", enabled="undo_run",
    ),
    Action(
        "edit.redo_run", "Redo the run", "Ctrl+Alt+Shift+Z", "Edit", "image-plus-outline",
        "Put the tiles of the run back.", enabled="redo_run",
    ),
    Action(
        "edit.select_all", "Select the whole map", "Ctrl+A", "Edit", "select-all",
        "Make the whole map the selection.", enabled="map", starts_section=True,
    ),
    Action(
        "edit.select_none", "Select nothing", "Ctrl+Shift+A", "Edit", "select-off",
        "Drop the selection.", enabled="selection",
    ),
    Action(
        "edit.smaller", "Smaller brush", "[", "Edit", "circle-small",
        "Make the brush or the stroke narrower.", enabled="map", starts_section=True,
    ),
    Action("edit.larger", "Larger brush", "]", "Edit", "circle-medium",
           "Make the brush or the stroke wider.", enabled="map"),
    Action("edit.add_zone", "Add a zone…", "", "Edit", "palette-swatch-outline",
           "Give the palette one more kind of ground.", enabled="editable", starts_section=True),
    Action("edit.map_prompt", "Describe the map…", "", "Edit", "text-box-edit-outline",
           "Say in words what the whole map looks like.", enabled="editable"),
)  # fmt: skip

_VIEW = (
    _mode("zones", "Zones", "F2", "layers-outline", "Show the zones you paint."),
    _mode("art", "Finished map", "F3", "image-outline", "Show the finished pictures."),
    _mode("blend", "Both", "F4", "circle-opacity", "Show the finished pictures over the zones."),
    _toggle("view.stencils", "Rivers and paths", "F5", "vector-polyline",
            "Show or hide the lines of rivers, paths and roads."),
    _toggle("overlay.grid", "Tile grid", "Z", "grid",
            "Show the tiles and what state each is in.", section=True),
    _toggle("overlay.seams", "Seams", "X", "vector-line", "Show how visible each seam is."),
    _toggle("overlay.change_map", "Freedom", "C", "gradient-horizontal",
            "Show how many steps the model is free to change each place."),
    _toggle("overlay.protect", "Protection", "V", "shield-outline",
            "Show what no run may change."),
    _toggle("overlay.battle_grid", "Battle grid", "N", "hexagon-outline",
            "Show squares or hexagons for play."),
    Action("view.battle_grid", "Set up the battle grid…", "Ctrl+Shift+N", "View", "cog-outline",
           "Choose the shape and size of the cells.", enabled="editable"),
    _toggle("overlay.compare", "Before and after", "D", "compare",
            "Lay a tile's earlier result over the map, with a line to drag."),
    Action("view.zoom_in", "Zoom in", "Ctrl++", "View", "magnify-plus-outline",
           "Look closer.", enabled="map", starts_section=True),
    Action("view.zoom_out", "Zoom out", "Ctrl+-", "View", "magnify-minus-outline",
           "See more.", enabled="map"),
    Action("view.fit", "Fit the map", "F", "View", "fit-to-screen-outline",
           "Show the whole map.", enabled="map"),
    Action("view.actual_size", "Actual size", "Ctrl+1", "View", "numeric-1-box-outline",
           "Show one map pixel as one screen pixel.", enabled="map"),
    Action("view.canvas_only", "Only the map", "F12", "View", "fullscreen",
           "Hide or show all panels.", checkable=True, starts_section=True),
    Action("view.full_screen", "Full screen", "F11", "View", "monitor",
           "Use the whole screen.", checkable=True),
)  # fmt: skip

_TOOLS = (
    _tool("brush", "Zone brush", "B", "brush", "Paint the chosen zone."),
    _tool("eraser", "Eraser", "E", "eraser", "Take painted zones away again."),
    _tool("fill", "Fill", "G", "format-color-fill", "Fill a region with the chosen zone."),
    _tool("polygon", "Polygon and lasso", "L", "lasso",
          "Click corners or draw around a shape to fill it."),
    _tool("rectangle", "Rectangle", "Shift+L", "rectangle-outline",
          "Drag a rectangle to fill it."),
    _tool("river", "River", "R", "waves", "Draw a river whose width you choose.", section=True),
    _tool("path", "Path and road", "T", "road-variant", "Draw a path or a road, and bend it."),
    _tool("flow", "Flow", "W", "waves-arrow-right", "Say which way rivers run."),
    _tool("protect", "Protect", "P", "shield-lock-outline",
          "Mark what no run may change.", section=True),
    _tool("pick", "Pick", "I", "eyedropper", "Take the zone under the pointer."),
    _tool("select", "Select", "S", "selection-drag", "Select a region to generate."),
    _tool("hand", "Hand", "H", "hand-back-right-outline", "Move the map about."),
)  # fmt: skip

_GENERATE = (
    Action("run.stale", "Generate what changed", "Ctrl+G", "Generate", "creation",
           "Paint every tile that is missing or out of date.", enabled="can_run"),
    Action("run.view", "Generate what I look at", "Ctrl+Return", "Generate", "eye-outline",
           "Paint the tiles on the screen first.", enabled="can_run"),
    Action("run.selection", "Generate the selection", "Ctrl+Shift+Return", "Generate",
           "selection-ellipse", "Paint the tiles in the selection.", enabled="selection"),
    Action("run.all", "Generate the whole map", "Ctrl+Shift+G", "Generate", "map-outline",
           "Paint all tiles anew.", enabled="can_run"),
    Action("run.tile", "Generate this tile", "Ctrl+T", "Generate", "checkbox-blank-outline",
           "Paint the selected tile.", enabled="tile", starts_section=True),
    Action("run.reroll", "Another try", "Ctrl+R", "Generate", "dice-multiple-outline",
           "Paint the selected tile again with another seed.", enabled="tile"),
    Action("run.keep", "Keep this tile", "Ctrl+Shift+K", "Generate", "pin-outline",
           "Protect the selected tile as it looks now.", enabled="finished_tile"),
    Action("run.pause", "Pause", "Ctrl+P", "Generate", "pause",
           "Finish the step at work, then wait.", checkable=True, enabled="running",
           starts_section=True),
    Action("run.cancel_tile", "Cancel this tile", "", "Generate", "close-circle-outline",
           "Take the selected tile out of the run.", enabled="tile"),
    Action("run.cancel", "Cancel the run", "Ctrl+.", "Generate", "stop",
           "Stop at the next step; finished tiles stay.", enabled="running"),
    Action("run.seams", "Measure the seams", "Ctrl+M", "Generate", "ruler",
           "Look how visible the joints between tiles are.", enabled="finished",
           starts_section=True),
    Action("run.repair", "Repair seams and strokes", "", "Generate", "auto-fix",
           "Paint tiles beside bad seams and lost strokes again, where that looks better.",
           enabled="measured"),
    Action("run.model", "Model…", "Ctrl+Shift+M", "Generate", "cube-outline",
           "Choose the model that paints."),
)  # fmt: skip

_PANELS = (
    _panel("zones", "Zones", "palette-outline", "The zones to paint with, and their words."),
    _panel("tool", "Tool options", "tune-variant", "Size and kind of what the tool draws."),
    _panel("run", "Generate", "creation", "Choices of the next run."),
    _panel("progress", "Progress", "progress-clock", "What is being painted, and for how long."),
    _panel("candidates", "Variants", "image-multiple-outline", "Other tries of a tile."),
    _panel("results", "Tile history", "image-filter-none", "What a tile looked like before."),
    _panel("compare", "Compare", "compare", "Before and after, with a slider."),
    _panel("model_view", "What the model sees", "robot-outline",
           "What the model gets to see of the tile under the pointer."),
    _panel("seams", "Seams", "vector-line", "Seams and strokes, worst first."),
    _panel("history", "History", "history", "Your steps; click one to go there."),
    _panel("minimap", "Overview", "map-search-outline", "The whole map, small."),
    _panel("problems", "Problems", "alert-circle-outline", "What went wrong, and what helps."),
    Action("panels.reset", "Put panels back", "", "Panels", "restore",
           "Arrange all panels as they were at first.", starts_section=True),
)  # fmt: skip

_HELP = (
    Action("help.commands", "Find a command…", "Ctrl+K", "Help", "magnify",
           "Type what you want to do."),
    Action("help.shortcuts", "Keys", "F1", "Help", "keyboard-outline", "All keys on one sheet."),
    Action("help.hints", "Show the first hints again", "", "Help", "lightbulb-on-outline",
           "Show the three hints of the first start.", enabled="map"),
    Action("help.about", "About Tilewright", "", "Help", "information-outline",
           "Version, licence and libraries.", starts_section=True),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (*_FILE, *_EDIT, *_VIEW, *_TOOLS, *_GENERATE, *_PANELS, *_HELP)
"""All rows, in the order of menus and sheets."""

ZONE_KEYS = tuple("123456789")
"""Keys that choose the first nine zones of the palette."""


@cache
def actions_by_id() -> Mapping[str, Action]:
    """The rows by id."""
    return {row.id: row for row in ACTIONS}


def actions_of(group: Group) -> Iterator[Action]:
    """The rows of one menu, in order."""
    return (row for row in ACTIONS if row.group == group)


_LEAST_PER_CHARACTER = 1.5
"""Characters strewn all over a text score less than this on average."""


def matches(query: str, text: str) -> int | None:
    """How well a text fits what was typed: the characters in order, words' beginnings first.

    Args:
        query: what was typed; case and spaces do not count.
        text: what is looked through.

    Returns:
        A score, higher is better; None where a character is missing or too little is in place.
    """
    wanted, low, score, at = query.lower().replace(" ", ""), text.lower(), 0, -1
    for character in wanted:
        found = _next(low, character, at + 1)
        if found is None:
            return None
        begins = found == 0 or not low[found - 1].isalnum()
        score += 8 if begins else 0
        score += 5 if found == at + 1 else -min(found - at, 5)
        at = found
    if score <= _LEAST_PER_CHARACTER * len(wanted):
        return None
    return score * 4 - len(text)


def _next(text: str, character: str, start: int) -> int | None:
    """Where a character comes next; the next beginning of a word where it begins one."""
    first = text.find(character, start)
    if first < 0:
        return None
    if first == start:
        return first
    for at in range(first, len(text)):
        if text[at] == character and (at == 0 or not text[at - 1].isalnum()):
            return at
    return first
