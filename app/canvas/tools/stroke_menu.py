"""Options and context menu of strokes: what a stroke is, how wide, how tapered, how free."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.canvas.tools.stroke_tool import MOST_WIDTH_PX, Strokes, widened
from app.canvas.tools.tool import MenuEntry, Pointer, ToolOption, Value, translate
from app.core.levels import Schedule
from app.workspace.looks import capital, free_label
from painter import stroke_editing
from painter.splines import Spline, handles_of
from zones.flow import Flow
from zones.strokes import Stroke

if TYPE_CHECKING:
    from app.canvas.tools.spline_tool import SplineTool

FOLLOW = "palette"
"""The choice of freedom that leaves it to the palette."""

MOST_TAPER_PX = 4096.0
_WIDER, _NARROWER = 1.25, 0.8
_TAPER_WIDTHS = 4
_MENU_LEVELS = 5
_WINDOW_PX = 1024


def change_label() -> str:
    """What the undo step of a changed look is called."""
    return translate("Tool", "Change {stroke}")


def look(
    stroke: Stroke,
    number: int,
    *,
    kind: str | None = None,
    mu: float | str | None = "",
    flow: Flow | str | None = "",
    taper_px: tuple[float, float] | None = None,
) -> Callable[[Strokes], Strokes]:
    """How a stroke's look changes; what is not given stays."""
    new_mu = stroke.mu if isinstance(mu, str) else mu
    new_flow = stroke.flow if isinstance(flow, str) else flow
    return lambda strokes: stroke_editing.with_look(
        strokes, number, kind=kind, mu=new_mu, flow=new_flow, taper_px=taper_px
    )


def stroke_menu(tool: SplineTool, pointer: Pointer) -> list[MenuEntry]:
    """What can be done with the stroke at a place; nothing where there is none."""
    hit = tool.hit_at(pointer)
    if hit is None:
        return []
    number, stroke = hit.number, tool.strokes[hit.number]
    tool.choose(number, hit.handle)

    def change(how: Callable[[Strokes], Strokes]) -> None:
        tool.change(change_label(), number, how)

    entries: list[MenuEntry] = [
        (
            translate("Tool", "Make it a {kind}").format(kind=capital(kind)),
            partial(change, look(stroke, number, kind=kind)),
        )
        for kind in tool.kinds()
        if kind != stroke.kind
    ]
    for text, factor in (
        (translate("Tool", "Wider"), _WIDER),
        (translate("Tool", "Narrower"), _NARROWER),
    ):
        wide = widened(stroke, factor, hit.handle)
        entries.append((text, partial(change, _put(number, wide))))
    width = float(handles_of(stroke)[:, 2].mean())
    taper = width * _TAPER_WIDTHS
    for text, ends in (
        (translate("Tool", "Taper the start"), (taper, _taper(stroke)[1])),
        (translate("Tool", "Taper the end"), (_taper(stroke)[0], taper)),
        (translate("Tool", "No taper"), (0.0, 0.0)),
    ):
        if ends != _taper(stroke):
            entries.append((text, partial(change, look(stroke, number, taper_px=ends))))
    for value, text in _few(free_choices(tool)):
        how = look(stroke, number, mu=None if value == FOLLOW else float(value))
        entries.append(
            (translate("Tool", "Freedom: {level}").format(level=text), partial(change, how))
        )
    if hit.handle is None:
        add = partial(tool.insert_handle, number, pointer)
        entries.append((translate("Tool", "Add a point here"), add))
    else:
        entries.append((translate("Tool", "Remove this point"), tool.delete))
    gone = partial(tool.delete_stroke, number)
    entries.append((translate("Tool", "Delete {stroke}").format(stroke=capital(stroke.kind)), gone))
    return entries


def _few(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The palette's own choice and a few levels between the least and the most free."""
    last = len(choices) - 1
    numbers = {1 + round(step * (last - 1) / (_MENU_LEVELS - 1)) for step in range(_MENU_LEVELS)}
    return [choices[number] for number in sorted({0, *numbers})]


def free_choices(tool: SplineTool) -> list[tuple[str, str]]:
    """By mu as text, how freely the model may repaint a stroke; the palette's own first."""
    workspace = tool.workspace
    settings, profile = workspace.settings, workspace.profile
    if profile is None:
        schedule = Schedule(settings.steps, settings.gate, _WINDOW_PX)
    else:
        schedule = Schedule.of(profile, settings.steps, settings.gate)
    levels = schedule.levels()
    return [
        (FOLLOW, translate("Tool", "as the palette says")),
        *((repr(level.mu), free_label(level.free, level.steps)) for level in levels),
    ]


def stroke_options(tool: SplineTool) -> tuple[ToolOption, ...]:
    """Options that read and change the chosen stroke, or else the next one to be drawn."""
    kinds = tuple((kind, capital(kind)) for kind in tool.kinds())
    start, end = translate("Tool", "Taper at the start"), translate("Tool", "Taper at the end")
    return (
        ToolOption(
            name="kind",
            label=translate("Tool", "Kind"),
            kind="choice",
            get=partial(_kind, tool),
            set=partial(_set_kind, tool),
            choices=kinds,
            tip=translate("Tool", "What the stroke is"),
        ),
        ToolOption(
            name="width",
            label=translate("Tool", "Width"),
            kind="float",
            get=partial(_width, tool),
            set=partial(_set_width, tool),
            low=1,
            high=MOST_WIDTH_PX,
            step=1,
            unit="px",
            tip=translate("Tool", "How wide it is, in pixels of the map"),
        ),
        *(
            ToolOption(
                name=name,
                label=label,
                kind="float",
                get=partial(_taper_at, tool, side),
                set=partial(_set_taper, tool, side),
                high=MOST_TAPER_PX,
                step=8,
                unit="px",
                tip=translate("Tool", "Over which length it grows to its full width"),
            )
            for side, name, label in ((0, "taper_start", start), (1, "taper_end", end))
        ),
        ToolOption(
            name="mu",
            label=translate("Tool", "Freedom"),
            kind="choice",
            get=partial(_freedom, tool),
            set=partial(_set_freedom, tool),
            choices=free_choices(tool),
            tip=translate("Tool", "How freely the model may repaint it"),
        ),
    )


def _chosen(tool: SplineTool) -> Stroke | None:
    return None if tool.draft or tool.number_of_chosen() is None else tool.chosen


def _change(tool: SplineTool, how: Callable[[Stroke, int], Callable[[Strokes], Strokes]]) -> bool:
    """Change the chosen stroke; whether there is one."""
    number, stroke = tool.number_of_chosen(), _chosen(tool)
    if number is None or stroke is None:
        tool.options_changed.emit()
        tool.changed.emit()
        return False
    tool.change(change_label(), number, how(stroke, number))
    return True


def _adjust(tool: SplineTool, how: Callable[[Stroke], Stroke]) -> None:
    """Change the chosen stroke as one of many small changes, if there is one."""
    number, stroke = tool.number_of_chosen(), _chosen(tool)
    if number is None or stroke is None:
        tool.options_changed.emit()
        tool.changed.emit()
    else:
        with tool.telling():
            tool.adjust(change_label(), number, how(stroke))


def _kind(tool: SplineTool) -> str:
    stroke = _chosen(tool)
    return tool.kind if stroke is None else stroke.kind


def _set_kind(tool: SplineTool, value: Value) -> None:
    if _chosen(tool) is None:
        tool.workspace.active_stencil = str(value)
    _change(tool, lambda stroke, number: look(stroke, number, kind=str(value)))


def _width(tool: SplineTool) -> float:
    stroke = _chosen(tool)
    return tool.width_px if stroke is None else float(handles_of(stroke)[:, 2].mean())


def _set_width(tool: SplineTool, value: Value) -> None:
    wanted = float(value)
    if _chosen(tool) is None:
        tool.width_px = wanted
    factor = wanted / max(_width(tool), 1e-6)
    _adjust(tool, lambda stroke: widened(stroke, factor))


def _taper_at(tool: SplineTool, side: int) -> float:
    stroke = _chosen(tool)
    return (tool.taper_px if stroke is None else _taper(stroke))[side]


def _set_taper(tool: SplineTool, side: int, value: Value) -> None:
    def mixed(old: tuple[float, float]) -> tuple[float, float]:
        return (float(value), old[1]) if side == 0 else (old[0], float(value))

    if _chosen(tool) is None:
        tool.taper_px = mixed(tool.taper_px)
    _adjust(tool, lambda stroke: look(stroke, 0, taper_px=mixed(_taper(stroke)))((stroke,))[0])


def _freedom(tool: SplineTool) -> str:
    stroke = _chosen(tool)
    mu = tool.mu if stroke is None else stroke.mu
    if mu is None:
        return FOLLOW
    known = [value for value, _ in free_choices(tool) if value != FOLLOW]
    return min(known, key=lambda value: abs(float(value) - mu))


def _set_freedom(tool: SplineTool, value: Value) -> None:
    mu = None if value == FOLLOW else float(value)
    if _chosen(tool) is None:
        tool.mu = mu
    _change(tool, lambda stroke, number: look(stroke, number, mu=mu))


def _taper(stroke: Stroke) -> tuple[float, float]:
    return stroke.taper_px if isinstance(stroke, Spline) else (0.0, 0.0)


def _put(number: int, stroke: Stroke) -> Callable[[Strokes], Strokes]:
    return lambda strokes: stroke_editing.exchanged(strokes, number, stroke)
