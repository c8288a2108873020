"""Argument types that several commands share."""

from __future__ import annotations

import json
import re
from typing import Any

import click

from zones.grid import TileCoord

MAX_SIDE_PX = 131_072
"""Longest side of a map that is accepted."""


class SizeType(click.ParamType[tuple[int, int]]):
    """`WxH` in px, as in 1152x960."""

    name = "WxH"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Parse to (width_px, height_px), both in 1..MAX_SIDE_PX."""
        match = re.fullmatch(r"(\d{1,9})[xX](\d{1,9})", str(value).strip())
        if match is None:
            self.fail(f"size must be WIDTHxHEIGHT in px, as in 1152x960, not '{value}'", param, ctx)
        width_px, height_px = int(match[1]), int(match[2])
        if not (1 <= width_px <= MAX_SIDE_PX and 1 <= height_px <= MAX_SIDE_PX):
            self.fail(f"both sides must be 1 to {MAX_SIDE_PX} px, not '{value}'", param, ctx)
        return width_px, height_px


class TileType(click.ParamType[TileCoord]):
    """`r,c`: row and column of a tile, from 0."""

    name = "r,c"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> TileCoord:
        """Parse to a tile coordinate; whether it exists is the grid's to say."""
        match = re.fullmatch(r"\s*(\d{1,6})\s*,\s*(\d{1,6})\s*", str(value))
        if match is None:
            self.fail(f"a tile is ROW,COLUMN from 0, as in 2,3, not '{value}'", param, ctx)
        return TileCoord(int(match[1]), int(match[2]))


SIZE = SizeType()
TILE = TileType()


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(document, indent=2, sort_keys=False, allow_nan=False))
