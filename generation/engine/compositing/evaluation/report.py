"""The report on compositors: `pelc.md`, `pelc.json` and the charts of errors by distance."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from diffusers import Flux2Transformer2DModel
from PIL import Image
from tqdm import tqdm

from generation.engine.compositing.evaluation.cases import KINDS, SETS, cases, soft_sigma_px
from generation.engine.compositing.evaluation.charts import line_chart
from generation.engine.compositing.evaluation.costs import Cost, measure_costs
from generation.engine.compositing.evaluation.fidelity import (
    EXACT,
    LEARNT,
    LINEAR,
    MOST_PX,
    OUTSIDE,
    DistanceCurves,
    Fidelity,
    Sample,
)
from generation.engine.compositing.storage import FILE_NAME, FOLDER, load_network, load_vae
from generation.engine.figures.features import load_feature_net
from generation.engine.folder import ModelFolder
from generation.engine.loading import load_component
from generation.plan.intervals import Interval, change_interval, mean_interval

F64 = npt.NDArray[np.float64]

NAME = "pelc"
FIGURES = {
    "psnr": "PSNR, dB",
    "ssim": "SSIM",
    "perceptual": "perceptual",
    "halo l1": "Halo L1",
    "far colour": "far colour x 255",
    "gradient": "gradient",
    "drift": "drift",
    "psnr raw": "PSNR raw, dB",
    "halo l1 raw": "Halo L1 raw",
}
"""Figures of the table and their headings."""

_DIGITS = {"psnr": 2, "psnr raw": 2, "far colour": 2, "gradient": 1}
_FACTORS = {"far colour": 255.0}
_HIGHER = {"psnr", "ssim", "psnr raw"}
_SHOWN = ("area H/8", "solved as one", "solved per channel", EXACT, LEARNT)


@dataclass(frozen=True)
class Bar:
    """What the learnt compositor must reach against the best linear blend.

    Attributes:
        figure: name of the figure.
        relative: the bar is a relative change, else a difference.
        limit: at least (for PSNR) or at most so much.
    """

    figure: str
    relative: bool
    limit: float


BARS = (
    Bar("halo l1", True, -0.54),
    Bar("psnr", False, 7.0),
    Bar("perceptual", True, -0.5),
    Bar("far colour", False, 0.0),
)


def measure_compositors(
    folder: ModelFolder,
    out: Path,
    *,
    pairs: int = 50,
    side_px: int = 256,
    weights: Path | None = None,
    names: Sequence[str] | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Measure all compositors with a model's VAE and write the report.

    Args:
        folder: a checked model folder.
        out: folder for `pelc.md`, `pelc.json` and two charts.
        pairs: pairs of crops of each set, each under four masks.
        side_px: side of a crop, a multiple of 16.
        weights: of the learnt compositor; None takes those beside the model, if any.
        names: compositors to measure; None is all.
        progress: show a bar.

    Returns:
        What `pelc.json` holds.

    Raises:
        InputError: the weights are damaged or of another VAE, or there is no such compositor.
        WorkError: the perceptual network is not installed.
    """
    vae = load_vae(folder.path)
    path = weights or folder.path / FOLDER / FILE_NAME
    network = load_network(path, vae) if weights or path.is_file() else None
    fidelity = Fidelity(vae, load_feature_net(), network, names)
    with tqdm(
        total=len(SETS) * len(KINDS) * pairs, unit="case", disable=None if progress else True
    ) as bar:
        for source in SETS:
            for case in cases(source, pairs, side_px):
                fidelity.measure([case])
                bar.update(1)
    transformer = load_component(Flux2Transformer2DModel, folder.path / "transformer")
    costs = measure_costs(transformer, vae, network, side_px)
    report = {
        "model": folder.name,
        "pairs": pairs,
        "side_px": side_px,
        "soft_sigma_px": soft_sigma_px(side_px),
        "rows": _rows(fidelity.samples),
        "bars": _bars(fidelity.samples),
        "outside": _outside(fidelity.outside),
        "costs": [asdict(cost) for cost in costs],
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{NAME}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (out / f"{NAME}.md").write_text(_markdown(report, costs), encoding="utf-8")
    _write_charts(out, fidelity.curves)
    return report


def _rows(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """One row per set, mask and compositor, each figure with its interval."""
    rows = []
    for source, kind, name in dict.fromkeys((s.source, s.kind, s.compositor) for s in samples):
        figures = {
            figure: asdict(mean_interval(_values(samples, source, kind, name, figure)))
            for figure in FIGURES
        }
        rows.append({"set": source, "mask": kind, "compositor": name, "figures": figures})
    return rows


def _bars(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """The learnt compositor against the best linear blend, by set, mask and bar."""
    if not any(sample.compositor == LEARNT for sample in samples):
        return []
    found = []
    for source, kind in dict.fromkeys((s.source, s.kind) for s in samples):
        for bar in BARS:
            ours = _values(samples, source, kind, LEARNT, bar.figure)
            linear = [name for name in LINEAR if any(s.compositor == name for s in samples)]
            if not linear or not np.isfinite(ours).any():
                continue
            others = {name: _values(samples, source, kind, name, bar.figure) for name in linear}
            sign = -1.0 if bar.figure in _HIGHER else 1.0
            best = min(others, key=lambda name: sign * float(np.nanmean(others[name])))
            change = change_interval(ours, others[best], relative=bar.relative)
            reached = sign * change.value <= sign * bar.limit
            found.append(
                {"set": source, "mask": kind, "figure": bar.figure, "against": best}
                | {"limit": bar.limit, "change": asdict(change), "reached": bool(reached)}
            )
    return found


def _outside(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    return [
        {"set": source, "mask": kind}
        | asdict(mean_interval(_values(samples, source, kind, OUTSIDE, OUTSIDE)))
        for source, kind in dict.fromkeys((s.source, s.kind) for s in samples)
    ]


def _values(samples: Sequence[Sample], source: str, kind: str, name: str, figure: str) -> F64:
    return np.array(
        [
            sample.values[figure]
            for sample in samples
            if (sample.source, sample.kind, sample.compositor) == (source, kind, name)
        ]
    )


def _markdown(report: dict[str, Any], costs: Sequence[Cost]) -> str:
    lines = [
        f"# {report['model']}: compositing latents under a mask",
        "",
        f"{report['pairs']} pairs of unrelated {report['side_px']} px crops of each set, held out:",
        "freshly rendered worlds, and the natural pictures inside scikit-image. Each under four",
        f"masks: soft (Gaussian of {report['soft_sigma_px']:.2f} px), binary, matte, and thin",
        "(lines of 1 to 4 px). Figures are means with 95 % bootstrap intervals over pairs, against",
        "D(z_T), the decoding of the encoded composite; `raw` is against the composite itself.",
        "Perceptual: EfficientNet-Lite0, blocks 0, 2, 4, 10, 15, as LPIPS with equal weights.",
        "",
        *_bar_lines(report["bars"]),
    ]
    for source in SETS:
        for kind in KINDS:
            rows = [r for r in report["rows"] if (r["set"], r["mask"]) == (source, kind)]
            lines += _table(f"{source}, {kind} masks", rows)
    lines += ["## Weights outside [0, 1]", "", "| set | mask | share |", "|---|---|---|"]
    lines += [
        f"| {one['set']} | {one['mask']} | {_shown(Interval(**_interval(one)), 3)} |"
        for one in report["outside"]
    ]
    lines += ["", "## Cost", "", "| call | parameters | GFLOP | ms | share of a step's time |"]
    lines += ["|---|---|---|---|---|"]
    step = costs[0].milliseconds
    lines += [
        f"| {cost.name} | {cost.parameters:,} | {cost.gflop:.3f} | {cost.milliseconds:.1f} | "
        f"{cost.milliseconds / step:.1%} |"
        for cost in costs
    ]
    return "\n".join([*lines, ""])


def _bar_lines(bars: Sequence[dict[str, Any]]) -> list[str]:
    if not bars:
        return ["No learnt compositor was measured.", ""]
    lines = ["## decformer against the best linear blend", ""]
    lines += [
        "| set | mask | figure | against | change | bar | reached |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in bars:
        change = Interval(**one["change"])
        relative = next(bar.relative for bar in BARS if bar.figure == one["figure"])
        factor = 100.0 if relative else _FACTORS.get(one["figure"], 1.0)
        unit = " %" if relative else ""
        shown = "{:+.1f} ({:+.1f} to {:+.1f})".format(
            *(factor * value for value in (change.value, change.low, change.high))
        )
        reached = "yes" if one["reached"] else "**no**"
        heading = FIGURES[one["figure"]]
        lines.append(
            f"| {one['set']} | {one['mask']} | {heading} | {one['against']} | {shown}{unit} | "
            f"{factor * one['limit']:+.0f}{unit} | {reached} |"
        )
    return [*lines, ""]


def _table(title: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    lines = [f"## {title}", "", "| compositor | " + " | ".join(FIGURES.values()) + " |"]
    lines.append("|---" * (1 + len(FIGURES)) + "|")
    for row in rows:
        cells = []
        for figure in FIGURES:
            interval = Interval(**row["figures"][figure])
            factor = _FACTORS.get(figure, 1.0)
            scaled = Interval(*(factor * v for v in (interval.value, interval.low, interval.high)))
            cells.append(_shown(scaled, _DIGITS.get(figure, 4)))
        lines.append(f"| {row['compositor']} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _shown(interval: Interval, digits: int) -> str:
    if math.isnan(interval.value):
        return "-"
    half = 0.5 * (interval.high - interval.low)
    return f"{interval.value:.{digits}f} +-{half:.{digits}f}"


def _interval(values: dict[str, Any]) -> dict[str, float]:
    return {name: values[name] for name in ("value", "low", "high")}


def _write_charts(out: Path, curves: DistanceCurves) -> None:
    """Mean squared errors by signed distance from the edges of binary masks."""
    places = np.arange(-MOST_PX, MOST_PX, dtype=np.float64) + 0.5
    along = "signed distance from the mask's edge, px"
    for name, title, sums, counts in (
        ("pixels", "mean squared error of pixels", curves.pixels, curves.counts),
        (
            "latents",
            "mean squared error of latents, in variances",
            curves.cells,
            curves.cell_counts,
        ),
    ):
        lines = {
            one: np.where(counts > 0, sums[one] / np.maximum(counts, 1.0), np.nan)
            for one in _SHOWN
            if one in sums
        }
        chart = line_chart(title, along, places, lines)
        Image.fromarray(chart).save(out / f"{NAME}_{name}.png")
