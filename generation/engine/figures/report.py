"""The measurement of a model: figures as a table, as JSON, and twelve windows as a picture."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from generation.engine.figures.classifier import Lessons, load_reader
from generation.engine.figures.features import load_feature_net
from generation.engine.figures.measures import (
    Figure,
    detail_figures,
    feature_figures,
    look_figure,
    paint_windows,
    reading_figures,
    time_figure,
    vae_figures,
)
from generation.engine.figures.scenes import MeasuredWindow, measured_windows
from generation.plan.ports import Engine

U8 = npt.NDArray[np.uint8]

NAME = "model"
"""Stem of the files that are written."""

_SHOWN = 12
_GAP_PX = 8


@dataclass(frozen=True)
class Measurement:
    """How much is measured.

    Attributes:
        windows: held-out windows painted with the compiler's own prompts; four crops of each
            enter the feature distance, so 125 windows give 500 crops.
        look_windows: the first so many are painted again with held-out words.
        seed: chooses the scenes.
        lessons: how the zone reader is taught.
    """

    windows: int = 128
    look_windows: int = 60
    seed: int = 0
    lessons: Lessons = field(default_factory=Lessons)


def measure_model(
    engine: Engine, out: Path, work: Path, measurement: Measurement | None = None
) -> dict[str, Any]:
    """Measure a model on worlds it was never trained on and write the report.

    Args:
        engine: the model, behind the port the painter uses.
        out: folder for `model.md`, `model.json` and `model.png`.
        work: folder that keeps the trained zone reader for the next time.
        measurement: how much is measured.

    Returns:
        What `model.json` holds: `figures`, `parts` (the same by zone, stencil and set),
        `model` and `measurement`.

    Raises:
        WorkError: the feature weights are not installed, or the model fails.
    """
    chosen = measurement or Measurement()
    reader = load_reader(work, chosen.lessons)
    windows = measured_windows(engine.profile, chosen.windows, chosen.seed)
    painted = paint_windows(engine, windows)
    pictures = [window.rgb for window in painted]
    worded = windows[: chosen.look_windows]
    again = [window.rgb for window in paint_windows(engine, worded, held_out_words=True)]
    reading, by_class = reading_figures(reader, windows, pictures)
    features, distances = feature_figures(load_feature_net(), windows, pictures)
    figures = [
        *vae_figures(engine, windows),
        *reading,
        *detail_figures(windows, pictures),
        *features,
        look_figure(reader, worded, again),
        time_figure(painted, engine.profile.window_px, engine.profile.steps),
    ]
    report: dict[str, Any] = {
        "figures": [asdict(figure) for figure in figures],
        "parts": by_class | distances,
        "model": dict(engine.describe()),
        "measurement": asdict(chosen),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{NAME}.json").write_text(json.dumps(report, indent=2) + "\n")
    (out / f"{NAME}.md").write_text(_markdown(figures, report))
    Image.fromarray(picture_of(windows, pictures)).save(out / f"{NAME}.png")
    return report


def picture_of(windows: Sequence[MeasuredWindow], pictures: Sequence[U8]) -> U8:
    """Return twelve windows spread over all: seed canvas, rendered truth, painted; two abreast."""
    chosen = np.unique(np.linspace(0, len(windows) - 1, min(_SHOWN, len(windows))).round())
    rows = [
        _joined([windows[i].compiled.seed_canvas, windows[i].truth, pictures[i]], axis=1)
        for i in chosen.astype(int).tolist()
    ]
    rows += rows[: len(rows) % 2]
    pairs = [_joined(rows[i : i + 2], axis=1, gap_px=3 * _GAP_PX) for i in range(0, len(rows), 2)]
    return _joined(pairs, axis=0)


def _joined(pictures: Sequence[U8], axis: int, gap_px: int = _GAP_PX) -> U8:
    shape = list(pictures[0].shape)
    shape[axis] = gap_px
    parts = [pictures[0]]
    for picture in pictures[1:]:
        parts += [np.full(shape, 255, np.uint8), picture]
    return np.concatenate(parts, axis=axis)


def _markdown(figures: Sequence[Figure], report: dict[str, Any]) -> str:
    """Return the report for people."""
    model, measurement = report["model"], report["measurement"]
    lines = [
        f"# {model.get('model', 'model')}: measured on worlds never trained on",
        "",
        _conditions(model, measurement),
        "",
        "| figure | model | rendered truth | bar | reached |",
        "|---|---|---|---|---|",
        *(_row(figure) for figure in figures),
        "",
        "Zone fidelity counts open terrain at least 6 px from zone borders and stencils, because",
        "the renderer itself moves borders by up to 3 px and hangs tree crowns over them.",
        "Stencil overlap counts strokes at least 12 px wide, within 16 px of where they were",
        "painted; a stencil read anywhere else costs zone fidelity.",
        "Rendered truth beside fine detail and feature distances is the same scenes rendered with",
        "other details; feature distances are squared.",
        "",
        "| part | values |",
        "|---|---|",
        *(f"| {name} | {_values(values)} |" for name, values in report["parts"].items()),
        "",
    ]
    return "\n".join(lines)


def _conditions(model: dict[str, Any], measurement: dict[str, Any]) -> str:
    return (
        f"{measurement['windows']} windows, seed {measurement['seed']}; model "
        f"{str(model.get('model_hash', ''))[:12]} on {model.get('device', '?')}, "
        f"{model.get('threads', '?')} threads, torch {model.get('torch', '?')}."
    )


def _row(figure: Figure) -> str:
    ceiling = "" if figure.ceiling is None else f"{figure.ceiling:.3f}"
    reached = "yes" if figure.reached else "**no**"
    return f"| {figure.name} | {figure.value:.3f} | {ceiling} | {figure.bar} | {reached} |"


def _values(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in values.items())


def _short(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.4g}"
