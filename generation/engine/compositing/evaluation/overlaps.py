"""Two overlapping windows joined in latents, as an alternative to blending their pixels."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import torch

from generation.engine.compositing.choice import Compositors
from generation.engine.compositing.compositors import Compositor, LinearCompositor
from generation.engine.compositing.storage import load_vae
from generation.engine.folder import ModelFolder
from generation.engine.latents import rgb_to_tensor
from zones.geometry import LATENT_PX, Rect

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Number = TypeVar("Number", np.uint8, np.float32)
LatentWay = Literal["linear", "decformer", "exact"]

LATENT_WAYS: tuple[LatentWay, ...] = ("linear", "decformer", "exact")
"""`exact` encodes and decodes the blend of the pixels: the best that a blend of latents can be."""

_KEPT_WINDOWS = 12


@dataclass(frozen=True, eq=False)
class Meeting:
    """Two windows and a canvas around the place where they meet, all in one frame.

    Attributes:
        canvas: whole latent cells of both windows; each of its cells lies in one of them.
        first: place of the earlier window.
        first_rgb: its raw pixels, uint8 (h, w, 3).
        second: place of the later window.
        second_rgb: its raw pixels.
        weight: share of the later window, float32 (canvas.height, canvas.width) in [0, 1].
        blend: the canvas as it is blended in pixels, uint8 (canvas.height, canvas.width, 3).
    """

    canvas: Rect
    first: Rect
    first_rgb: U8
    second: Rect
    second_rgb: U8
    weight: F32
    blend: U8


@dataclass(frozen=True, eq=False)
class Decoded:
    """A canvas that was joined in latents.

    Attributes:
        rgb: float32 (h, w, 3) in [0, 255].
        seconds: processor time of encoding both windows, fusing and decoding.
    """

    rgb: F32
    seconds: float


@dataclass(frozen=True, eq=False)
class _Known:
    """A window's latents, what their decoding lacks of its pixels, and what both took."""

    rgb: U8
    cells: torch.Tensor
    lost: F32
    encode_s: float
    decode_s: float


class LatentJoiner:
    """Joins windows in the latents of one VAE.

    Windows are encoded whole, as they were decoded whole. Where only one of them is, its latents
    stand in for the other's.

    Args:
        vae: an `AutoencoderKLFlux2`, frozen.
        compositors: by name.
    """

    def __init__(self, vae: Any, compositors: Mapping[LatentWay, Compositor]) -> None:
        self._vae = vae
        self._compositors = dict(compositors)
        self._windows: OrderedDict[int, _Known] = OrderedDict()

    @classmethod
    def of(cls, folder: ModelFolder, device: torch.device) -> LatentJoiner:
        """With a model's VAE, and its trained compositor if it has one."""
        vae = load_vae(folder.path).to(device)
        found: dict[LatentWay, Compositor] = {"linear": LinearCompositor()}
        if folder.compositor is not None:
            learnt = Compositors(folder, vae, device).named("decformer")
            assert learnt is not None
            found["decformer"] = learnt
        return cls(vae, found)

    @property
    def ways(self) -> tuple[LatentWay, ...]:
        """What `join` can do."""
        return tuple(way for way in LATENT_WAYS if way == "exact" or way in self._compositors)

    @torch.no_grad()
    def join(self, way: LatentWay, meeting: Meeting) -> Decoded:
        """Fuse both windows' latents under the weight, and decode."""
        if way == "exact":
            began = time.process_time()
            rgb = self._decoded(self._encoded(meeting.blend))
            return Decoded(rgb, time.process_time() - began)
        first, second = self._both(meeting)
        began = time.process_time()
        fused = self._compositors[way](*self._on_canvas(meeting, first, second))
        rgb = self._decoded(fused)
        spent = time.process_time() - began
        return Decoded(rgb, spent + first.encode_s + second.encode_s)

    @torch.no_grad()
    def restored(self, joined: Decoded, meeting: Meeting) -> Decoded:
        """Put back what the round trip alone takes from each window, under the same weight.

        Two equal windows then give that window: what is left is due to the fusion.
        """
        first, second = self._both(meeting)
        empty = np.zeros((*meeting.canvas.shape, 3), np.float32)
        places = (first.lost, meeting.first), (second.lost, meeting.second)
        ours, theirs = (
            laid_over(laid_over(empty, *under, meeting.canvas), *over, meeting.canvas)
            for under, over in (places[::-1], places)
        )
        lost = ours + meeting.weight[..., None] * (theirs - ours)
        seconds = joined.seconds + first.decode_s + second.decode_s
        return Decoded(np.clip(joined.rgb + lost, 0, 255).astype(np.float32), seconds)

    def _on_canvas(
        self, meeting: Meeting, first: _Known, second: _Known
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        canvas, channels = meeting.canvas, first.cells.shape[1]
        size = (canvas.height // LATENT_PX, canvas.width // LATENT_PX)
        empty = first.cells.new_zeros((1, channels, *size))
        places = (first.cells, meeting.first), (second.cells, meeting.second)
        ours, theirs = (
            _laid_cells(_laid_cells(empty, *under, canvas), *over, canvas)
            for under, over in (places[::-1], places)
        )
        return ours, theirs, torch.from_numpy(meeting.weight)[None, None].to(empty)

    def _both(self, meeting: Meeting) -> tuple[_Known, _Known]:
        return self._known(meeting.first_rgb), self._known(meeting.second_rgb)

    def _known(self, rgb: U8) -> _Known:
        """A window's latents; those of the last few windows are kept."""
        found = self._windows.get(id(rgb))
        if found is None or found.rgb is not rgb:
            began = time.process_time()
            cells = self._encoded(rgb)
            encoded = time.process_time()
            lost = rgb.astype(np.float32) - self._decoded(cells)
            done = time.process_time()
            found = _Known(rgb, cells, lost, encoded - began, done - encoded)
            self._windows[id(rgb)] = found
            if len(self._windows) > _KEPT_WINDOWS:
                self._windows.popitem(last=False)
        return found

    def _encoded(self, rgb: U8) -> torch.Tensor:
        pixels = rgb_to_tensor(rgb).to(self._vae.device, self._vae.dtype)
        cells: torch.Tensor = self._vae.encode(pixels).latent_dist.mode()
        return cells

    def _decoded(self, cells: torch.Tensor) -> F32:
        pixels = self._vae.decode(cells.to(self._vae.dtype)).sample[0].float()
        unit = (pixels * 0.5 + 0.5).clamp(0.0, 1.0).permute(1, 2, 0)
        return np.asarray((255.0 * unit).cpu().numpy(), np.float32)


def laid_over(
    under: npt.NDArray[Number], pixels: npt.NDArray[Number], place: Rect, canvas: Rect
) -> npt.NDArray[Number]:
    """A copy of a canvas (h, w, 3) with the pixels of a window where that window lies."""
    area, laid = place.intersect(canvas), under.copy()
    laid[area.slices_in(canvas)] = pixels[area.slices_in(place)]
    return laid


def _laid_cells(
    under: torch.Tensor, cells: torch.Tensor, place: Rect, canvas: Rect
) -> torch.Tensor:
    area, laid = place.intersect(canvas), under.clone()
    laid[(..., *_cells(area, canvas))] = cells[(..., *_cells(area, place))]
    return laid


def _cells(area: Rect, outer: Rect) -> tuple[slice, slice]:
    rows, columns = area.slices_in(outer)
    return (
        slice(rows.start // LATENT_PX, rows.stop // LATENT_PX),
        slice(columns.start // LATENT_PX, columns.stop // LATENT_PX),
    )
