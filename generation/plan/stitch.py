"""The stitched map: a pure function of the raw windows, their order and their masks.

Windows are laid down in the order they were painted. Over its predecessors a window shows only
where it was free to paint: anchors keep the predecessors' pixels exactly, and a Gaussian ramp runs
through the soft band. Over windows it was not anchored on it is blended through the whole overlap.
Every region can be stitched alone, from the windows that touch it, with the same result.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from generation.plan.ramps import Weight, anchored_weight, open_weight
from zones.compiler import CompiledWindow
from zones.coverage import Predecessor, anchor_of, closes_gap, coverage_of
from zones.geometry import Rect
from zones.grid import Grid, Neighbour, TileCoord
from zones.reader import MapReader, inside_map, read_extended_art, read_extended_protect
from zones.settings import CompileSettings

PixelSource = Callable[[TileCoord], npt.NDArray[np.uint8]]
"""Gives a tile's raw window, uint8 (window_px, window_px, 3)."""

CARVED_FEATHER_PX = 4.0
"""Carved-out pixels fade in over this distance from the edge of their mask, inwards."""

_HALF = np.float32(0.5)

_KEPT_WINDOWS = 12
"""Raw windows kept while a strip is stitched: three columns of three, and one to come."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A predecessor that a window was held on.

    Attributes:
        tile: the predecessor.
        window: its window in the anchored window's unwrapped map frame.
        covered: the part of it that counts as covering (less for closing tiles).
    """

    tile: TileCoord
    window: Rect
    covered: Rect

    def moved(self, dx: int, dy: int) -> Anchor:
        """The same anchor in a shifted frame."""
        return Anchor(self.tile, self.window.shifted(dx, dy), self.covered.shifted(dx, dy))


@dataclass(frozen=True, slots=True, eq=False)
class RawWindow:
    """The facts of a painted window that decide where it shows; its pixels come separately.

    Attributes:
        tile: grid position.
        window: its window in the unwrapped map frame, px.
        anchors: the predecessors it was held on, in the same frame; none in the layout `overlap`.
        soft_px: width of its soft band.
        carved: bool (h, w), stencil pixels inside predecessors' coverage that were free
            (carve-out), or None.
    """

    tile: TileCoord
    window: Rect
    anchors: tuple[Anchor, ...] = ()
    soft_px: int = 0
    carved: npt.NDArray[np.bool_] | None = None

    @classmethod
    def painted(
        cls,
        tile: TileCoord,
        window: Rect,
        predecessors: Sequence[Predecessor | Neighbour],
        settings: CompileSettings,
        *,
        closing: bool | None = None,
        carved: npt.NDArray[np.bool_] | None = None,
    ) -> RawWindow:
        """The facts of a window that was compiled with these predecessors and settings."""
        if settings.layout == "overlap":
            return cls(tile, window)
        found = [Predecessor(item.tile, item.window) for item in predecessors]
        if closing is None:
            closing = closes_gap(window, found)
        anchors = tuple(
            Anchor(item.tile, item.window, covered)
            for item in found
            for covered in coverage_of(window, (item,), settings, closing=closing)
        )
        return cls(tile, window, anchors, settings.soft_px, carved)

    def anchor_on(self, below: RawWindow) -> Anchor | None:
        """How this window was held on another one of the same frame, if it was."""
        for anchor in self.anchors:
            if anchor.tile == below.tile and anchor.window == below.window:
                return anchor
        return None

    def held(self, area: Rect) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Where the window was held on others at all, and where it was anchored on them.

        Between the two lies the soft band; what carve-out made free is in neither.

        Args:
            area: a part of the window, in its frame.

        Returns:
            Two bool arrays (h, w) of the area.
        """
        held = np.zeros(area.shape, np.bool_)
        anchored = np.zeros(area.shape, np.bool_)
        for anchor in self.anchors:
            held[anchor.covered.intersect(area).slices_in(area)] = True
            core = anchor_of(anchor.covered, self.soft_px).intersect(area)
            if core.area:
                anchored[core.slices_in(area)] = True
        if self.carved is not None:
            carved = self.carved[area.slices_in(self.window)]
            held &= ~carved
            anchored &= ~carved
        return held, anchored

    def moved(self, dx: int, dy: int) -> RawWindow:
        """The same window in a frame shifted by whole periods of a wrapped map."""
        if not (dx or dy):
            return self
        anchors = tuple(anchor.moved(dx, dy) for anchor in self.anchors)
        return RawWindow(self.tile, self.window.shifted(dx, dy), anchors, self.soft_px, self.carved)


@dataclass(frozen=True, slots=True, eq=False)
class StitchedRegion:
    """A piece of the stitched map.

    Attributes:
        rect: where, in the unwrapped map frame.
        rgb: uint8 (h, w, 3); black where nothing is covered.
        covered: bool (h, w), where a window or protected art shows.
    """

    rect: Rect
    rgb: npt.NDArray[np.uint8]
    covered: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Owners:
    """Whose pixels a piece of the stitched map shows.

    Attributes:
        layers: the windows that touch it, in its frame, lowest first.
        owner: int32 (h, w), index of the layer with the greatest share; -1 where none.
        alone: bool (h, w), where exactly one window shows, unblended.
    """

    layers: tuple[RawWindow, ...]
    owner: npt.NDArray[np.int32]
    alone: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Stitch:
    """Everything the stitched map is made of.

    Attributes:
        grid: the map's grid.
        windows: painted windows, earliest first.
        pixels: where their pixels come from.
        reader: the map whose protected pixels are kept, or None.
    """

    grid: Grid
    windows: Sequence[RawWindow]
    pixels: PixelSource
    reader: MapReader | None = None
    _ranked: dict[TileCoord, tuple[int, RawWindow]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ranked = {raw.tile: (rank, raw) for rank, raw in enumerate(self.windows)}
        object.__setattr__(self, "_ranked", ranked)

    def only(self, tiles: Collection[TileCoord]) -> Stitch:
        """The same stitch without the other tiles and without protected art.

        With a tile's predecessors this is what the tile sees of its neighbours.
        """
        kept = tuple(raw for raw in self.windows if raw.tile in tiles)
        return Stitch(self.grid, kept, self.pixels)

    def layers(self, rect: Rect) -> list[RawWindow]:
        """The windows that touch a rectangle, in its frame, in the order they are laid down."""
        placed = []
        for found in self.grid.windows_touching(rect):
            entry = self._ranked.get(found.tile)
            if entry is not None:
                rank, raw = entry
                dx, dy = found.window.x - raw.window.x, found.window.y - raw.window.y
                placed.append((rank, dy, dx, raw.moved(dx, dy)))
        placed.sort(key=lambda item: item[:3])
        return [raw for _, _, _, raw in placed]

    def weight(self, layers: Sequence[RawWindow], index: int, area: Rect) -> Weight:
        """Weight of one layer over all layers below it, float32 over `area` (inside it)."""
        raw = layers[index]
        weight = np.ones(area.shape, dtype=np.float32)
        for below in layers[:index]:
            part = area.intersect(below.window)
            if part.area:
                part, over = _weight_over(raw, below, part)
                view = weight[part.slices_in(area)]
                np.minimum(view, over, out=view)
        return weight

    def region(self, rect: Rect) -> StitchedRegion:
        """Stitch a rectangle, which may reach beyond the map."""
        layers = self.layers(rect)
        canvas = np.zeros((*rect.shape, 3), dtype=np.float32)
        covered = np.zeros(rect.shape, dtype=np.bool_)
        for index, raw in enumerate(layers):
            area = raw.window.intersect(rect)
            here = area.slices_in(rect)
            weight = self.weight(layers, index, area)[..., None]
            new = self.pixels(raw.tile)[area.slices_in(raw.window)]
            canvas[here] = weight * new + (np.float32(1.0) - weight) * canvas[here]
            covered[here] = True
        rgb = np.rint(canvas).astype(np.uint8)
        self._lay_protected(rect, rgb, covered)
        return StitchedRegion(rect, rgb, covered)

    def owners(self, rect: Rect) -> Owners:
        """Which window mostly shows at each pixel; needs no pixels of the windows."""
        layers = self.layers(rect)
        owner = np.full(rect.shape, -1, dtype=np.int32)
        alone = np.zeros(rect.shape, dtype=np.bool_)
        for index, raw in enumerate(layers):
            area = raw.window.intersect(rect)
            here = area.slices_in(rect)
            weight = self.weight(layers, index, area)
            owner[here][weight > _HALF] = index
            alone[here] = np.where(weight > 0, weight == 1, alone[here])
        return Owners(tuple(layers), owner, alone)

    def strips(self) -> Iterator[StitchedRegion]:
        """The map from top to bottom in strips one stride high, none ever in memory whole.

        Each raw window is asked for at most three times.
        """
        grid = self.grid
        cached = Stitch(grid, self.windows, _Recent(self.pixels), self.reader)
        for row in range(grid.rows):
            strip = Rect(0, row * grid.stride_px, grid.map_width_px, grid.stride_px)
            strip = strip.intersect(grid.map_rect)
            rgb = np.empty((*strip.shape, 3), dtype=np.uint8)
            covered = np.empty(strip.shape, dtype=np.bool_)
            for col in range(grid.cols):
                block = grid.core(TileCoord(row, col)).intersect(strip)
                part = cached.region(block)
                rgb[block.slices_in(strip)] = part.rgb
                covered[block.slices_in(strip)] = part.covered
            yield StitchedRegion(strip, rgb, covered)

    def _lay_protected(
        self, rect: Rect, rgb: npt.NDArray[np.uint8], covered: npt.NDArray[np.bool_]
    ) -> None:
        if self.reader is None:
            return
        inside = inside_map(self.grid, rect)
        if not inside.area:
            return
        protect = read_extended_protect(self.reader, self.grid, inside)
        if protect.any():
            art = read_extended_art(self.reader, self.grid, inside)
            here = inside.slices_in(rect)
            rgb[here][protect] = art[protect]
            covered[here] |= protect


def _weight_over(raw: RawWindow, below: RawWindow, area: Rect) -> tuple[Rect, Weight]:
    """Weight of a window over one layer below it, and the part of `area` where it may be < 1."""
    anchor = raw.anchor_on(below)
    if anchor is not None:
        return _weight_over_anchor(raw, anchor, area.intersect(anchor.covered))
    return area, open_weight(raw.window, below.window, area)


def _weight_over_anchor(raw: RawWindow, anchor: Anchor, area: Rect) -> tuple[Rect, Weight]:
    weight, carved = anchored_weight(raw.window, anchor.window, anchor.covered, area, raw.soft_px)
    if raw.carved is not None and area.area:
        share = _feather(raw.carved)[area.slices_in(raw.window)]
        weight = weight + share * (carved - weight)
    return area, weight


def carved_pixels(
    compiled: CompiledWindow, settings: CompileSettings, grid: Grid
) -> npt.NDArray[np.bool_] | None:
    """The stencil pixels inside predecessors' coverage that carve-out made free.

    Returns:
        bool (h, w), or None where there are none.
    """
    if not settings.carve_out or settings.layout == "overlap":
        return None
    covered = np.zeros(compiled.rect.shape, dtype=np.bool_)
    inside = inside_map(grid, compiled.rect)
    for rect in compiled.coverage:
        covered[rect.intersect(inside).slices_in(compiled.rect)] = True
    carved: npt.NDArray[np.bool_] = covered & (compiled.change_map == 1.0)
    return carved if carved.any() else None


def _feather(carved: npt.NDArray[np.bool_]) -> Weight:
    """How far carved-out pixels count: 0 outside the mask, 1 well inside, float32 (h, w)."""
    distance = cv2.distanceTransform(carved.astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(np.minimum(distance / CARVED_FEATHER_PX, 1.0), dtype=np.float32)


class _Recent:
    """A pixel source that keeps the last few windows it gave."""

    def __init__(self, pixels: PixelSource) -> None:
        self._pixels = pixels
        self._kept: OrderedDict[TileCoord, npt.NDArray[np.uint8]] = OrderedDict()

    def __call__(self, tile: TileCoord) -> npt.NDArray[np.uint8]:
        if tile in self._kept:
            self._kept.move_to_end(tile)
            return self._kept[tile]
        rgb = self._pixels(tile)
        self._kept[tile] = rgb
        if len(self._kept) > _KEPT_WINDOWS:
            self._kept.popitem(last=False)
        return rgb
