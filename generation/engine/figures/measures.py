"""Paints held-out windows with an engine and takes every figure of a model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from generation.engine.figures.classifier import ZoneReader
from generation.engine.figures.detail import detail_shares, inner_terrain
from generation.engine.figures.features import (
    FeatureNet,
    crops_of,
    features_of,
    frechet_distance,
    kernel_distance,
)
from generation.engine.figures.overlap import looks_recognised, read_windows
from generation.engine.figures.scenes import FIRST_STENCIL, MeasuredWindow
from generation.engine.training.figures import psnr_db
from generation.plan.noise import noise_window
from generation.plan.ports import Engine
from generation.plan.request import PaintedWindow, PaintRequest
from zones.geometry import LATENT_PX, Rect

U8 = npt.NDArray[np.uint8]

VAE_PSNR_DB = 30.0
VAE_DETAIL = 0.85
FIDELITY = 0.95
OVERLAP = 0.80
DETAIL_RANGE = (0.7, 1.3)
FEATURE_SHARE = 0.5
LOOKS_SHARE = 0.95
WINDOW_S = 1.5


@dataclass(frozen=True)
class Figure:
    """One measured number beside its ceiling and its bar.

    Attributes:
        name: what it is.
        value: of the model.
        ceiling: the rendered truth's own value, where there is one.
        bar: what was to be reached, in words.
        reached: whether it was.
    """

    name: str
    value: float
    ceiling: float | None
    bar: str
    reached: bool


def paint_windows(
    engine: Engine, windows: Sequence[MeasuredWindow], *, held_out_words: bool = False
) -> list[PaintedWindow]:
    """Paint each window as the painter does one without neighbours.

    Args:
        engine: the model.
        windows: what to paint.
        held_out_words: use the prompts in words never trained on, not the compiler's.
    """
    label = "held-out words" if held_out_words else "windows"
    return [
        engine.paint(_request(engine, window, window.held_out_prompt if held_out_words else None))
        for window in tqdm(windows, desc=label, disable=None)
    ]


def _request(engine: Engine, window: MeasuredWindow, prompt: str | None) -> PaintRequest:
    compiled = window.compiled
    height, width = compiled.seed_canvas.shape[:2]
    cells = Rect(0, 0, width // LATENT_PX, height // LATENT_PX)
    return PaintRequest(
        seed_canvas=compiled.seed_canvas,
        inpaint_mask=compiled.inpaint_mask,
        change_map=compiled.change_map if compiled.differential else None,
        prompt=compiled.prompt if prompt is None else prompt,
        steps=engine.profile.steps,
        strength=engine.profile.strength,
        noise=noise_window(window.noise_seed, cells, engine.latent_channels),
    )


def vae_figures(engine: Engine, windows: Sequence[MeasuredWindow]) -> list[Figure]:
    """Measure what the VAE alone loses on the truth."""
    truths = [window.truth for window in windows]
    decoded = [engine.round_trip(truth) for truth in truths]
    decibels = psnr_db(np.stack(decoded), np.stack(truths))
    everywhere = np.ones(truths[0].shape[:2], np.bool_)
    kept = detail_shares(
        (ours, truth, window.compiled.zones, everywhere)
        for ours, truth, window in zip(decoded, truths, windows, strict=True)
    )["all"]
    return [
        Figure("VAE PSNR, dB", decibels, None, f">= {VAE_PSNR_DB:.0f}", decibels >= VAE_PSNR_DB),
        Figure("VAE fine detail kept", kept, 1.0, f">= {VAE_DETAIL}", kept >= VAE_DETAIL),
    ]


def reading_figures(
    reader: ZoneReader, windows: Sequence[MeasuredWindow], painted: Sequence[U8]
) -> tuple[list[Figure], dict[str, dict[str, float]]]:
    """Measure zone fidelity and stencil overlap; also the same by zone and by stencil."""
    ours = read_windows(reader, windows, painted)
    truth = read_windows(reader, windows, [window.truth for window in windows])
    flat = read_windows(reader, windows, [window.compiled.seed_canvas for window in windows])
    figures = [
        Figure(
            "zone fidelity", ours.fidelity, truth.fidelity, f">= {FIDELITY}",
            ours.fidelity >= FIDELITY,
        ),
        Figure(
            "stencil overlap, IoU", ours.overlap, truth.overlap, f">= {OVERLAP}",
            ours.overlap >= OVERLAP,
        ),
    ]  # fmt: skip
    parts = {
        "fidelity by zone": ours.by_zone,
        "fidelity by zone, truth": truth.by_zone,
        "overlap by stencil": ours.by_stencil,
        "overlap by stencil, truth": truth.by_stencil,
        "fidelity up to the borders": {
            "model": ours.fidelity_everywhere,
            "truth": truth.fidelity_everywhere,
        },
        "flat canvas": {"fidelity": flat.fidelity, "overlap": flat.overlap},
    }
    return figures, parts


def detail_figures(windows: Sequence[MeasuredWindow], painted: Sequence[U8]) -> list[Figure]:
    """Measure fine detail per zone relative to the truth, beside other details of the truth."""
    ours = _terrain_detail(windows, painted)
    ceiling = _terrain_detail(windows, [window.second_truth for window in windows])
    low, high = DETAIL_RANGE
    return [
        Figure(
            f"fine detail, {name}", share, ceiling.get(name), f"{low} to {high}",
            low <= share <= high,
        )
        for name, share in ours.items()
        if name != "all"
    ]  # fmt: skip


def _terrain_detail(windows: Sequence[MeasuredWindow], pictures: Sequence[U8]) -> dict[str, float]:
    return detail_shares(
        (
            picture,
            window.truth,
            window.compiled.zones,
            inner_terrain(window.compiled.zones, window.labels >= FIRST_STENCIL),
        )
        for picture, window in zip(pictures, windows, strict=True)
    )


def feature_figures(
    net: FeatureNet, windows: Sequence[MeasuredWindow], painted: Sequence[U8]
) -> tuple[list[Figure], dict[str, dict[str, float]]]:
    """Measure how far painted crops are from the truth's, as a share of the flat canvas's way."""
    sets = {
        "model": painted,
        "flat canvas": [window.compiled.seed_canvas for window in windows],
        "truth, other details": [window.second_truth for window in windows],
    }
    truth = features_of(net, crops_of([window.truth for window in windows]))
    found = {name: features_of(net, crops_of(pictures)) for name, pictures in sets.items()}
    frechet = {n: frechet_distance(one.middle, truth.middle) for n, one in found.items()}
    kernel = {n: kernel_distance(one.last, truth.last) for n, one in found.items()}
    figures = [
        Figure(
            f"{name} feature distance / flat canvas's",
            ways["model"] / ways["flat canvas"],
            ways["truth, other details"] / ways["flat canvas"],
            f"<= {FEATURE_SHARE}",
            ways["model"] <= FEATURE_SHARE * ways["flat canvas"],
        )
        for name, ways in (("Frechet", frechet), ("kernel", kernel))
    ]
    crops = {"crops": float(len(truth.last))}
    return figures, {"Frechet distance": frechet | crops, "kernel distance": kernel | crops}


def look_figure(
    reader: ZoneReader, windows: Sequence[MeasuredWindow], painted: Sequence[U8]
) -> Figure:
    """Measure how often the look named in held-out words is the look that is painted."""
    share = looks_recognised(reader, windows, painted)
    truth = looks_recognised(reader, windows, [window.truth for window in windows])
    name = "look recognised, held-out words"
    return Figure(name, share, truth, f">= {LOOKS_SHARE}", share >= LOOKS_SHARE)


def time_figure(painted: Sequence[PaintedWindow], window_px: int, steps: int) -> Figure:
    """Measure the median time of a window; the first, which warms up, does not count."""
    times = [window.elapsed_s for window in painted[1:]] or [painted[0].elapsed_s]
    median_s = float(np.median(times))
    name = f"one {window_px} px window of {steps} steps, s (median)"
    return Figure(name, median_s, None, f"< {WINDOW_S} on two cores", median_s < WINDOW_S)
