"""Procedural training worlds: random layouts and their pictures in three looks."""

from generation.worlds.layout import Layout, make_layout
from generation.worlds.painting import LOOKS, paint_world

__all__ = ["LOOKS", "Layout", "make_layout", "paint_world"]
