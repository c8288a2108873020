"""What a soft mask becomes when latents are joined at every step: opacity by step and by level.

A window starts from a finished picture, and a ramp says how much of it is kept. Every step's clean
prediction is compared with the picture and with what the same step predicts where nothing is kept:
a prediction P between a free F and the picture S has the opacity <P - F, S - F> / <S - F, S - F>.
A blend by the mask at every step compounds, since the next step builds on what was blended in
(Bradbury & Zhong 2025); a mask that is cut to hard ones, step by step, does not blend at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from generation.engine.compositing.choice import Compositors
from generation.engine.compositing.compositors import Compositor, LinearCompositor, TokenSpace
from generation.engine.compositing.masks import area_cells
from generation.engine.compositing.predictions import clean_predictions
from generation.engine.figures.scenes import MeasuredWindow, measured_windows
from generation.engine.folder import ModelFolder, find_profile
from generation.engine.latents import pack, patchify, rgb_to_tensor
from generation.engine.loading import load_pipeline
from generation.plan.intervals import mean_interval
from generation.plan.profile import ModelProfile

F64 = npt.NDArray[np.float64]
Use = Literal["gate", "cut", "soft", "last"]
"""How the ramp is used: by the gate of cells; cut to a hard mask for each step; as it is at every
step; as it is after the last step alone."""

NAME = "opacity"
LEVELS = 4
"""Bins of the ramp, each at least one latent cell wide in windows from 64 px on."""

_SCENES = 11


@dataclass(frozen=True)
class Way:
    """One way to keep a part of a picture.

    Attributes:
        name: in the table.
        compositor: joins latents; None is the gate of cells.
        use: what it does with the ramp.
    """

    name: str
    compositor: Compositor | None
    use: Use


class _SoftMask:
    """A compositor that takes the ramp in place of a step's hard mask, from some step on."""

    def __init__(self, compositor: Compositor, ramp: torch.Tensor, free_steps: int) -> None:
        self._compositor = compositor
        self._ramp = ramp
        self._free_steps = free_steps

    def __call__(
        self, first: torch.Tensor, second: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        self._free_steps -= 1
        if self._free_steps >= 0:
            return first
        return self._compositor(first, second, self._ramp.to(mask))


class OpacityTrial:
    """Paints windows beside a ramp, with one model.

    Args:
        folder: a checked model folder.
        device: where the model runs.
    """

    def __init__(self, folder: ModelFolder, device: torch.device) -> None:
        self.profile: ModelProfile = find_profile(folder)
        self._device = device
        self._pipe = load_pipeline(folder, self.profile, device, torch.float32)
        made = Compositors(folder, self._pipe.vae, device)
        side = self.profile.window_px
        self.ramp = ramp(side)
        names: tuple[Literal["decformer", "exact"], ...] = ("decformer", "exact")
        if folder.compositor is None:
            names = ("exact",)
        joined: dict[str, Compositor] = {"area": LinearCompositor()}
        joined |= {name: made.named(name) or LinearCompositor() for name in names}
        uses: tuple[tuple[Use, str], ...] = (
            ("cut", "cut to hard masks"),
            ("soft", "the ramp at every step"),
            ("last", "the ramp after the last step"),
        )
        self.ways = (
            Way("gate of cells", None, "gate"),
            *(Way(f"{name}, {how}", one, use) for use, how in uses for name, one in joined.items()),
        )

    @torch.no_grad()
    def opacities(self, window: MeasuredWindow) -> dict[str, F64]:
        """The opacity of every way, float (steps, LEVELS)."""
        source = rgb_to_tensor(window.truth).to(self._device)
        tokens = self._pipe.encode_canvas(source)
        space = TokenSpace.of(self._pipe.vae)
        picture = pack((tokens - space.mean.view(1, -1, 1, 1)) / space.std.view(1, -1, 1, 1))
        free = self._predictions(window, tokens, None)
        levels = self._levels(picture.shape[-1])
        return {
            way.name: np.stack(
                [
                    _opacity(one, other, picture, levels)
                    for one, other in zip(self._predictions(window, tokens, way), free, strict=True)
                ]
            )
            for way in self.ways
        }

    def _predictions(
        self, window: MeasuredWindow, tokens: torch.Tensor, way: Way | None
    ) -> list[torch.Tensor]:
        """The clean prediction that each step goes on with, packed; without a way all is free."""
        return clean_predictions(self._pipe, self.profile, window, tokens, self._held(way))

    def _held(self, way: Way | None) -> dict[str, Any]:
        """The keywords that keep what a way keeps."""
        if way is None:
            return {"change_map": np.ones_like(self.ramp)}
        if way.compositor is None or way.use in {"gate", "cut"}:
            return {"change_map": 1.0 - self.ramp, "compositor": way.compositor}
        mask = torch.from_numpy(self.ramp)[None, None]
        free_steps = self.profile.steps - 1 if way.use == "last" else 0
        held = np.zeros_like(self.ramp)
        return {"change_map": held, "compositor": _SoftMask(way.compositor, mask, free_steps)}

    def _levels(self, channels: int) -> torch.Tensor:
        """The bin of every value of a packed latent; -1 where the ramp is 0 or 1."""
        cells = area_cells(torch.from_numpy(self.ramp)[None, None])
        bins = torch.where((cells > 0) & (cells < 1), (cells * LEVELS).floor(), -1.0)
        return pack(patchify(bins.expand(-1, channels // 4, -1, -1))).to(self._device)


def ramp(side_px: int) -> npt.NDArray[np.float32]:
    """What is kept, float32 (side_px, side_px): all at the left, nothing at the right."""
    places = (np.arange(side_px, dtype=np.float32) + 0.5) / side_px
    row = np.clip(1.5 - 2.0 * places, 0.0, 1.0)
    return np.repeat(row[None], side_px, axis=0).astype(np.float32)


def _opacity(
    found: torch.Tensor, free: torch.Tensor, picture: torch.Tensor, levels: torch.Tensor
) -> F64:
    away, whole = (found - free).double(), (picture - free).double()
    parts = [levels == number for number in range(LEVELS)]
    return np.array([float((away * whole)[p].sum() / whole.square()[p].sum()) for p in parts])


def measure_opacity(folder: ModelFolder, out: Path, device: torch.device, windows: int) -> Path:
    """Measure every way on held-out windows and write `opacity.md` and `opacity.json`.

    Args:
        folder: a checked model folder.
        out: is made.
        device: where the model runs.
        windows: how many.

    Returns:
        The page.
    """
    trial = OpacityTrial(folder, device)
    scenes = measured_windows(trial.profile, windows, _SCENES)
    found = [trial.opacities(window) for window in tqdm(scenes, unit="window", disable=None)]
    ways = {way.name: np.stack([one[way.name] for one in found]) for way in trial.ways}
    out.mkdir(parents=True, exist_ok=True)
    values = {name: value.round(4).tolist() for name, value in ways.items()}
    facts = {"model": folder.name, "windows": windows, "levels": LEVELS, "ways": values}
    (out / f"{NAME}.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")
    page = out / f"{NAME}.md"
    page.write_text(_markdown(folder.name, windows, ways), encoding="utf-8")
    return page


def _markdown(model: str, windows: int, ways: dict[str, F64]) -> str:
    wanted = (np.arange(LEVELS) + 0.5) / LEVELS
    steps = next(iter(ways.values())).shape[1]
    shown = sorted({0, steps // 4, steps // 2, 3 * steps // 4, steps - 2, steps - 1})
    lines = [
        f"# {model}: soft masks over all steps",
        "",
        f"A picture of a held-out world is kept by a ramp from all to nothing, {windows} windows",
        "without reference tokens. Opacity of the picture in the clean prediction of a step: 1 is",
        "the picture, 0 what the step predicts where nothing is kept. *off*: mean distance from",
        "the ramp over all levels, with its 95 % interval over windows.",
        "",
        "## After the last step, by level of the ramp",
        "",
        _row(["way", *(f"{level:.3f}" for level in wanted), "off"]),
        _row(["---"] * (LEVELS + 2)),
    ]
    for name, values in ways.items():
        last = values[:, -1]
        off = mean_interval(np.abs(last - wanted).mean(axis=1))
        told = f"{off.value:.3f} ({off.low:.3f} to {off.high:.3f})"
        lines.append(_row([name, *_numbers(last.mean(axis=0)), told]))
    lines += ["", "## Where the ramp is between 1/4 and 3/4, by step", ""]
    lines += [_row(["way", *(str(step + 1) for step in shown)]), _row(["---"] * (len(shown) + 1))]
    middle = slice(LEVELS // 2 - 1, LEVELS // 2 + 1)
    for name, values in ways.items():
        lines.append(_row([name, *_numbers(values[:, shown, middle].mean(axis=(0, 2)))]))
    return "\n".join([*lines, ""])


def _numbers(values: F64) -> list[str]:
    return [f"{value:.2f}" for value in values]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
