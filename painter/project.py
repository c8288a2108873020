"""A project folder: the painted map, its finished tiles, and saves that a crash cannot break.

Edits stay in memory until `save`; finished tiles are durable as soon as `put_tile` returns.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from painter import blocks
from painter.autosave import Recovery, recovery_of, standing_manifest
from painter.files import TEMP_PREFIX
from painter.manifest import Header, Wrap, make_header
from painter.map_folder import MapFolder
from painter.new_folder import build, free_folder
from painter.saving import (
    Content,
    Saved,
    empty_content,
    load,
    save,
    unsaved,
)
from painter.snapshot import MapSnapshot
from painter.store import Store
from painter.stroke_files import check_strokes
from painter.zone_images import check_ids
from zones.errors import InputError
from zones.geometry import Rect
from zones.palette import Palette
from zones.strokes import Stroke


class DamagedProjectError(InputError):
    """A project that cannot be opened, though some of it can be read.

    Attributes:
        folder: of the project.
        reason: one sentence, without the advice that the error itself ends with.
    """

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{reason}, or run: tilewright rescue {folder} NEW_FOLDER")
        self.folder, self.reason = folder, reason


class Project(MapFolder):
    """An open project; made by `create` or `open`. Its methods may be called from any thread."""

    @classmethod
    def create(  # noqa: PLR0913 - a new map is all of this, each by name
        cls,
        folder: Path,
        size: tuple[int, int],
        palette: Palette,
        *,
        zones: npt.NDArray[np.uint8] | None = None,
        strokes: Sequence[Stroke] = (),
        seed: int = 0,
        model: str = "",
        wrap: Wrap = "",
        map_prompt: str = "",
        settings: Mapping[str, Any] | None = None,
    ) -> Project:
        """Make a new project folder: complete, or not at all.

        Args:
            folder: does not exist yet, or is empty; missing parents are made.
            size: (width_px, height_px), each 1 to 131072.
            palette: the map's own palette.
            zones: uint8 (h, w) ids in the palette, or None for an unpainted map.
            strokes: in paint order.
            seed: of the noise, 0 to 2**63 - 1.
            model: name, hub id or folder.
            wrap: "", "x", "y" or "xy".
            map_prompt: what the whole map is painted like.
            settings: plain JSON values by name.

        Raises:
            InputError: a value is out of bounds or the folder is in use; nothing is left behind.
            WorkError: the disk is full or fails; nothing is left behind.
        """
        target = free_folder(folder)
        header = make_header(
            palette,
            f"the new map {folder}",
            width_px=size[0],
            height_px=size[1],
            wrap=wrap,
            seed=seed,
            model=model,
            map_prompt=map_prompt,
            settings=dict(settings or {}),
        )
        store = Store(target.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}"))
        draft = cls(store, unsaved(empty_content(store, header)))
        if zones is not None:
            draft.set_zones(Rect(0, 0, *header.size), zones)
        draft.set_strokes(strokes)
        build(store.root, target, draft.save)
        return cls.open(target)

    @classmethod
    def open(cls, folder: Path) -> Project:
        """Open a project folder; pixels are read later, when they are asked for.

        Raises:
            DamagedProjectError: damaged, but `painter.rescue` can read some of it.
            InputError: missing, truncated, damaged, from a newer version, or naming files that
                are not the project's own.
        """
        if not os.path.isdir(folder):  # noqa: PTH112 - False for names no system accepts
            raise InputError(f"there is no project folder {folder}; check the path")
        store = Store(folder)
        try:
            return cls(store, load(store))
        except InputError as error:
            raise _named(error, store, folder) from error

    @property
    def has_changes(self) -> bool:
        """Whether there are edits that `save` has not written."""
        now, then = self._content, self._saved.content
        return any(
            getattr(now, name) is not getattr(then, name)
            for name in ("header", "zones", "protect", "art", "strokes")
        )

    def reader(self) -> MapSnapshot:
        """The map as it is painted now, saved or not; later edits do not show in it."""
        with self._lock:
            snapshot = self._content.snapshot()
            self._snapshots.add(snapshot)
            return snapshot

    def set_zones(self, rect: Rect, ids: npt.NDArray[np.uint8]) -> None:
        """Paint zones: uint8 (rect.height, rect.width) ids in the palette.

        Raises:
            InputError: the rectangle reaches beyond the map, another shape, or unknown ids.
        """
        with self._lock:
            self._check_pixels(rect, ids.shape, rect.shape, "zones")
            check_ids(ids, self.palette, "the painted picture")
            layer = self._content.zones.written(rect, ids)
            self._content = replace(self._content, zones=layer)

    def set_protect(self, rect: Rect, mask: npt.NDArray[np.bool_]) -> None:
        """Protect and unprotect pixels: bool (rect.height, rect.width).

        Raises:
            InputError: the rectangle reaches beyond the map, or another shape.
        """
        with self._lock:
            self._check_pixels(rect, mask.shape, rect.shape, "protection")
            layer = self._content.protect.written(rect, mask)
            self._content = replace(self._content, protect=layer)

    def set_art(self, rect: Rect, rgb: npt.NDArray[np.uint8]) -> None:
        """Keep pixels that protected places show: RGB uint8 (rect.height, rect.width, 3).

        Raises:
            InputError: the rectangle reaches beyond the map, or another shape.
        """
        with self._lock:
            self._check_pixels(rect, rgb.shape, (*rect.shape, 3), "art")
            layer = self._content.art.written(rect, rgb)
            self._content = replace(self._content, art=layer)

    def set_strokes(self, strokes: Sequence[Stroke]) -> None:
        """Put these strokes, in paint order, in place of all strokes.

        Raises:
            InputError: one breaks a rule of strokes files.
        """
        with self._lock:
            check_strokes(strokes, "the painted strokes", self.palette, self.size)
            self._content = replace(self._content, strokes=tuple(strokes))

    def configure(self, *, palette: Palette | None = None, **values: Any) -> None:
        """Change what the map is: map_prompt, seed, model, settings (whole) or palette.

        Raises:
            InputError: a value is out of bounds, or the map uses a zone or stencil that the new
                palette does not have.
        """
        unknown = sorted(set(values) - {"map_prompt", "seed", "model", "settings"})
        if unknown:
            raise TypeError(f"a map has no changeable {unknown[0]}")
        with self._lock:
            now = self._content
            kept = now.header.model_dump(exclude={"palette"})
            header = make_header(palette or now.palette, "the map", **{**kept, **values})
            if palette is not None and palette != now.palette:
                now = self._with_palette(palette)
            if header != self._content.header:
                self._content = replace(now, header=header)

    def keep_settings(self, values: Mapping[str, Any]) -> None:
        """Keep settings by name, beside the others, in the save; durable when the call returns.

        Unsaved edits stay unsaved. Any thread may do it.

        Raises:
            InputError: a value is not plain JSON, or the folder cannot be written.
            WorkError: the disk is full or fails, or another program saved meanwhile.
        """
        with self._writing():
            before = self._saved
            header = _with_settings(before.content, values)
            if header == before.content.header:
                return
            self._saved = save(self._store, replace(before.content, header=header), before)
            with self._lock:
                now = _with_settings(self._content, values)
                self._content = replace(self._content, header=header if now == header else now)

    @property
    def content(self) -> Content:
        """All that the map holds now, saved or not; immutable."""
        return self._content

    @property
    def saved(self) -> Saved:
        """What the save on disk holds; immutable."""
        return self._saved

    @property
    def recovery(self) -> Recovery | None:
        """What an autosave offers beyond the last save; None where there is nothing."""
        return recovery_of(self._store, self._saved)

    def adopt(self, content: Content) -> None:
        """Take what another manifest of this project holds as unsaved edits; tiles stay."""
        with self._lock:
            self._content = replace(content, tiles=self._content.tiles)

    def apply(self, change: Callable[[Content], Content]) -> None:
        """Edit the map; `change` gets the content and returns what it becomes."""
        with self._lock:
            self._content = change(self._content)

    def _with_palette(self, palette: Palette) -> Content:
        """The content under another palette, once nothing on the map is missing in it."""
        now = self._content
        check_strokes(now.strokes, "the map", palette, self.size)
        for position in now.zones.blocks if now.palette.valid_ids - palette.valid_ids else ():
            block = now.zones.block(position)
            if block is not None:
                check_ids(block, palette, f"block {position[0]},{position[1]} of the map")
        layer = blocks.zone_layer(self._store, self.size, palette)
        return replace(now, palette=palette, zones=layer.with_blocks(now.zones.blocks))

    def _check_pixels(
        self, rect: Rect, shape: tuple[int, ...], wanted: tuple[int, ...], what: str
    ) -> None:
        if not Rect(0, 0, *self.size).contains(rect):
            raise InputError(
                f"the {what} at {rect.x},{rect.y} of {rect.width} x {rect.height} px reach beyond "
                f"the map of {self.width_px} x {self.height_px} px; move them inside"
            )
        if shape != wanted:
            raise InputError(f"the {what} have the shape {shape}, not {wanted}")


def _named(error: InputError, store: Store, folder: Path) -> InputError:
    """An error of opening a project, by the name of damage where the rest can be rescued."""
    try:
        standing_manifest(store)
    except InputError:
        return error
    return DamagedProjectError(folder, str(error))


def _with_settings(content: Content, values: Mapping[str, Any]) -> Header:
    """The header of a map with other values of some settings."""
    kept = content.header.model_dump(exclude={"palette"})
    settings = {**content.header.settings, **values}
    return make_header(content.palette, "the map", **{**kept, "settings": settings})
