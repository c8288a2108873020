"""Documents for tests, and random edits of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from painter import regions, stroke_editing
from painter.brush import Brush, PenPoint
from painter.document import Document
from painter.editing import ProtectInk, ZoneInk
from painter.snapshot import MapSnapshot
from painter.splines import handles_of, spline
from tests.painter.builders import MAP, PALETTE, SIZE, small_project
from zones.flow import Flow
from zones.geometry import Rect

EditAction = Callable[[Document], object]


def small_document(folder: Path) -> Document:
    """A document over a small painted project."""
    if not folder.exists():
        small_project(folder)
    return Document.open(folder)


def picture(snapshot: MapSnapshot) -> tuple[object, ...]:
    """All that is painted, in a form that compares by value."""
    return (
        snapshot.read_zones(MAP).tobytes(),
        snapshot.read_protect(MAP).tobytes(),
        snapshot.read_art(MAP).tobytes(),
        tuple(
            (s.kind, s.mu, s.flow, s.points.tobytes(), handles_of(s).tobytes())
            for s in snapshot.strokes
        ),
    )


def dab(document: Document, x: float = 300, y: float = 250, zone: int = 5) -> bool:
    """One brush stroke of two points, 60 px wide."""
    stroke = document.brush_stroke("Brush", ZoneInk(zone), Brush(60))
    stroke.extend(PenPoint(x, y))
    stroke.extend(PenPoint(x + 40, y + 25))
    return stroke.commit()


def grey_art(rect: Rect) -> np.ndarray:
    """Art that depends on the place."""
    rows, columns = np.mgrid[rect.y : rect.bottom, rect.x : rect.right]
    return np.stack([rows % 251, columns % 241, (rows + columns) % 239], -1).astype(np.uint8)


def _line(x0: int, y0: int, x1: int, y1: int, zone: int, softness: float) -> EditAction:
    def act(document: Document) -> object:
        brush = Brush(40, softness, 0.5)
        stroke = document.brush_stroke("Brush", ZoneInk(zone), brush)
        stroke.extend(PenPoint(x0, y0, 0.3))
        stroke.extend(PenPoint(x1, y1, 1.0))
        return stroke.commit()

    return act


def _rectangle(x: int, y: int, width: int, height: int, zone: int) -> EditAction:
    def act(document: Document) -> object:
        with document.edit("Rectangle") as edit:
            edit.paint_rectangle(ZoneInk(zone), Rect(x, y, width, height))
        return None

    return act


def _polygon(x: int, y: int, zone: int, protect: bool) -> EditAction:
    corners = [(x, y), (x + 160, y + 30), (x + 40, y + 200)]

    def act(document: Document) -> object:
        ink = ProtectInk(zone % 2 == 0, grey_art) if protect else ZoneInk(zone)
        with document.edit("Polygon") as edit:
            edit.paint_polygon(ink, corners)
        return None

    return act


def _flood(x: int, y: int, zone: int) -> EditAction:
    return lambda document: document.flood_fill((x, y), zone).run()


def _replace(old: int, new: int) -> EditAction:
    return lambda document: document.replace_zone(old, new).run()


def _river(x: int, y: int) -> EditAction:
    def act(document: Document) -> object:
        handles = [(x, y, 9), (x + 80, y + 50, 14), (x + 20, y + 150, 6)]
        stroke = spline("river", handles, taper_px=(30, 0), flow=Flow(0, 0.5))
        with document.edit("River") as edit:
            edit.strokes = stroke_editing.added(edit.strokes, stroke)
        return None

    return act


def _bend(x: int, y: int) -> EditAction:
    def act(document: Document) -> object:
        with document.edit("Bend") as edit:
            number = len(edit.strokes) - 1
            if number >= 0:
                edit.strokes = stroke_editing.with_handle(edit.strokes, number, 0, (x, y, 7))
        return None

    return act


def _move(x: int, y: int, dx: int, dy: int) -> EditAction:
    def act(document: Document) -> object:
        with document.edit("Move") as edit:
            regions.move(edit, Rect(x, y, 120, 90), dx, dy)
        return None

    return act


def _words(text: str) -> EditAction:
    return lambda document: document.configure("Words", map_prompt=text)


_X, _Y = st.integers(0, SIZE[0] - 1), st.integers(0, SIZE[1] - 1)
_ZONE = st.sampled_from(sorted(PALETTE.valid_ids | {0}))
EDITS: st.SearchStrategy[EditAction] = st.one_of(
    st.builds(_line, _X, _Y, _X, _Y, _ZONE, st.sampled_from([0.0, 0.7])),
    st.builds(_rectangle, st.integers(-50, 600), st.integers(-50, 400), _X, _Y, _ZONE),
    st.builds(_polygon, _X, _Y, _ZONE, st.booleans()),
    st.builds(_flood, _X, _Y, _ZONE),
    st.builds(_replace, _ZONE, _ZONE),
    st.builds(_river, _X, _Y),
    st.builds(_bend, _X, _Y),
    st.builds(_move, _X, _Y, st.integers(-200, 200), st.integers(-200, 200)),
    st.builds(_words, st.sampled_from(["dusk", "dawn"])),
)
"""Every kind of edit, with random values."""
