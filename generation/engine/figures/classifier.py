"""The zone reader: taught on rendered truth, it says what a picture shows pixel by pixel.

It is trained from scratch on the CPU in a few minutes and kept in a work folder under a name that
holds a fingerprint of the renderer, so that a changed renderer gets a new reader. Mild blur, noise
and tone changes in training keep it from judging sharpness or a slight colour cast, which other
figures measure.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional
from tqdm import tqdm

from generation.engine.figures.reader_net import ReaderNet
from generation.engine.figures.scenes import CLASSIFIER_SEED, FIRST_STENCIL, class_labels
from generation.worlds import LOOKS, Layout, make_layout, paint_world
from zones.geometry import Rect

U8 = npt.NDArray[np.uint8]

_CROP_PX = 128
_BATCH = 8
_STROKES = 4
"""Layouts whose strokes every other scene carries; the rest are as they come."""

_HALF = 0.5


@dataclass(frozen=True)
class Lessons:
    """How the reader is taught.

    Attributes:
        layouts: scenes per look.
        side_px: side of a scene.
        steps: optimiser steps of 8 crops.
        rate: peak learning rate.
    """

    layouts: int = 45
    side_px: int = 384
    steps: int = 2200
    rate: float = 3e-3


class ZoneReader:
    """Reads pictures with a trained net.

    Args:
        net: in evaluation mode.
    """

    def __init__(self, net: ReaderNet) -> None:
        self._net = net

    def read(self, picture: U8) -> U8:
        """Return the class of every pixel of uint8 RGB (h, w, 3): zones 0..7, then stencils."""
        classes: U8 = self._logits(picture)[0][0].argmax(0).to(torch.uint8).numpy()
        return classes

    def look(self, picture: U8) -> str:
        """Return the look that a picture has."""
        return LOOKS[int(self._logits(picture)[1][0].argmax())]

    def _logits(self, picture: U8) -> tuple[torch.Tensor, torch.Tensor]:
        with torch.no_grad():
            classes, looks = self._net(_tensor(picture[None]))
        return classes, looks


def load_reader(work: Path, lessons: Lessons | None = None, *, progress: bool = True) -> ZoneReader:
    """Return the reader kept in `work`, training it first if there is none for this renderer."""
    lessons = lessons or Lessons()
    path = work / f"zone-reader-{_fingerprint(lessons)}.safetensors"
    net = ReaderNet(len(LOOKS))
    if path.is_file():
        net.load_state_dict(load_file(path))
    else:
        train_reader(net, lessons, progress=progress)
        work.mkdir(parents=True, exist_ok=True)
        save_file({k: v.contiguous() for k, v in net.state_dict().items()}, path)
    return ZoneReader(net.eval())


def train_reader(net: ReaderNet, lessons: Lessons, *, progress: bool = True) -> None:
    """Teach a net on scenes that neither training nor evaluation of a model sees.

    Crops about stencils, at first half of all, fall to none, so that stencils are learnt early and
    end up no more likely than they are.
    """
    torch.manual_seed(CLASSIFIER_SEED)
    scenes = [
        _Scene(CLASSIFIER_SEED + 100 * number, look, lessons.side_px, _STROKES if number % 2 else 1)
        for number, look in enumerate(LOOKS * lessons.layouts)
    ]
    rng = np.random.default_rng(CLASSIFIER_SEED)
    optimiser = torch.optim.AdamW(net.parameters(), lr=lessons.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, lessons.rate, total_steps=lessons.steps, pct_start=0.1
    )
    net.train()
    for step in tqdm(range(lessons.steps), desc="zone reader", disable=None if progress else True):
        aimed = _HALF * (1 - step / lessons.steps)
        chosen = rng.integers(len(scenes), size=_BATCH).tolist()
        crops = [scenes[number].crop(rng, aimed) for number in chosen]
        pictures, labels, looks = zip(*crops, strict=True)
        with torch.autocast("cpu", torch.bfloat16):
            classes, look = net(_tensor(np.stack(pictures)))
        painted = torch.from_numpy(np.stack(labels)).long()
        loss = functional.cross_entropy(classes.float(), painted)
        loss = loss + 0.2 * functional.cross_entropy(look.float(), torch.tensor(looks))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


class _Scene:
    """A layout with the strokes of `crowded` layouts, its labels and its picture in one look."""

    def __init__(self, seed: int, look: str, side_px: int, crowded: int) -> None:
        crowd = [make_layout(seed + extra, side_px, side_px) for extra in range(crowded)]
        strokes = tuple(stroke for layout in crowd for stroke in layout.strokes)
        layout = Layout(crowd[0].zones, strokes)
        self._labels = class_labels(layout, Rect(0, 0, side_px, side_px))
        self._picture = paint_world(layout, look, seed)
        self._look = LOOKS.index(look)
        self._stenciled = np.argwhere(self._labels >= FIRST_STENCIL)

    def crop(self, rng: np.random.Generator, aimed: float) -> tuple[U8, U8, int]:
        """Return picture, labels and look of a random crop, a share `aimed` about a stencil."""
        centre = rng.integers(0, self._labels.shape[0], 2)
        if len(self._stenciled) and rng.random() < aimed:
            centre = self._stenciled[int(rng.integers(len(self._stenciled)))]
        corner = centre - rng.integers(0, _CROP_PX, 2)
        top, left = np.clip(corner, 0, self._labels.shape[0] - _CROP_PX)
        place = np.s_[int(top) : int(top) + _CROP_PX, int(left) : int(left) + _CROP_PX]
        picture, labels = _varied(self._picture[place], rng), self._labels[place]
        if rng.random() < _HALF:
            picture, labels = picture[:, ::-1], labels[:, ::-1]
        if rng.random() < _HALF:
            picture, labels = picture[::-1], labels[::-1]
        return picture, labels, self._look


def _varied(picture: U8, rng: np.random.Generator) -> U8:
    """Return a crop with slightly other tone, sharpness and grain."""
    varied = picture.astype(np.float32)
    sigma_px = float(rng.uniform(-0.6, 1.0))
    if sigma_px > 0.3:  # noqa: PLR2004 - less does nothing
        varied = cv2.GaussianBlur(varied, (0, 0), sigma_px).astype(np.float32)
    gain = rng.uniform(0.94, 1.06, 3).astype(np.float32)
    grain = rng.normal(0, float(rng.uniform(0, 5)), varied.shape).astype(np.float32)
    return np.clip(varied * gain + grain + 0.5, 0, 255).astype(np.uint8)


def _tensor(pictures: U8) -> torch.Tensor:
    """Return uint8 (b, h, w, 3) as float32 (b, 3, h, w) in [-1, 1]."""
    plain = torch.from_numpy(np.array(pictures, order="C")).permute(0, 3, 1, 2)
    return plain.float().contiguous(memory_format=torch.channels_last) / 127.5 - 1.0


def _fingerprint(lessons: Lessons) -> str:
    """Return a short hash of the lessons and of what the renderer paints."""
    layout = make_layout(CLASSIFIER_SEED, 128, 128)
    painted = hashlib.sha256(repr(lessons).encode())
    painted.update(layout.zones.tobytes())
    for look in LOOKS:
        painted.update(paint_world(layout, look, 1).tobytes())
    return painted.hexdigest()[:12]
