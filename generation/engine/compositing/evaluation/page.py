"""The page of the report on compositors: tables of figures in Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from generation.engine.compositing.evaluation.cases import KINDS, SETS
from generation.engine.compositing.evaluation.figures import BARS, FIGURES
from generation.engine.compositing.evaluation.reach import PLACES
from generation.plan.intervals import Interval

NAME = "pelc"
_DIGITS = {"psnr": 2, "psnr raw": 2, "far colour": 2, "gradient": 1}
_FACTORS = {"far colour": 255.0}


def markdown(report: Mapping[str, Any]) -> str:
    """The page of what `pelc.json` holds."""
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
        *_other_lines(report["others"]),
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
    lines += ["", *_distance_lines(report["by_distance"]), *_reach_lines(report["reach"])]
    lines += [f"## Cost at {report['side_px']} px", "", *_cost_lines(report["costs"])]
    lines += [
        "The share is of the processor time of a step called in turn with it, the median of the",
        "ratios. `exact` keeps what it decoded of the second latent and `decformer` what it read",
        "of the mask, as in a run.",
        "",
        "## Cost at FLUX.2's size, counted",
        "",
        "Klein 4B at 1024 px with reference tokens; here the share is of operations.",
        "",
        *_cost_lines(report["flux2_costs"]),
    ]
    return "\n".join(lines)


def _distance_lines(found: Mapping[str, Any]) -> list[str]:
    edges = found["edges_px"]
    bands = [f"{low} to {high}" for low, high in pairwise(edges)]
    lines = [
        "## Errors by signed distance from the edge",
        "",
        "Binary masks of both sets; the second latent's side is positive. Pixels: root of the mean",
        "squared error x 255, by px from the edge.",
        "",
        "| compositor | " + " | ".join(bands) + " |",
        "|---" * (1 + len(bands)) + "|",
    ]
    for name, values in found["pixels"].items():
        lines.append(
            f"| {name} | " + " | ".join(f"{255 * math.sqrt(v):.2f}" for v in values) + " |"
        )
    pictures = (("pixels", "pixels"), ("latents", "latents"))
    lines += ["", *(f"![Errors of {what}]({NAME}_{file}.png)" for file, what in pictures), ""]
    return lines


def _reach_lines(reach: Mapping[str, Any]) -> list[str]:
    names = list(reach["fields"][0]["radii_px"])
    lines = [
        "## Effective receptive fields",
        "",
        "Radius in px around the middle of one latent cell that holds 50, 90 and 99 % of the",
        "energy of the derivative: of the cell by the encoder's pixels, and of the decoder's",
        f"pixels by the cell. {reach['pictures']} pictures, {PLACES} places each, intervals over",
        "pictures. With held norms the statistics of group normalisation do not answer to a",
        "change.",
        "",
        "| half | norms | " + " | ".join(names) + " |",
        "|---" * (2 + len(names)) + "|",
    ]
    for one in reach["fields"]:
        radii = " | ".join(Interval(**one["radii_px"][name]).shown(1) for name in names)
        lines.append(f"| {one['part']} | {one['norms']} | {radii} |")
    return [*lines, "", f"![Energy beyond a distance]({NAME}_reach.png)", ""]


def _cost_lines(costs: Sequence[Mapping[str, Any]]) -> list[str]:
    timed = costs[0]["milliseconds"] is not None
    unit, factor = ("GFLOP", 1.0) if timed else ("TFLOP", 1e-3)
    lines = [f"| call | parameters | {unit} | {'ms | ' if timed else ''}share of a step |"]
    lines.append("|---" * (5 if timed else 4) + "|")
    for cost in costs:
        spent = f"{cost['milliseconds']:.1f} | " if timed else ""
        lines.append(
            f"| {cost['name']} | {cost['parameters']:,} | {factor * cost['gflop']:.3f} | "
            f"{spent}{cost['share']:.2%} |"
        )
    return [*lines, ""]


def _other_lines(others: Sequence[Mapping[str, Any]]) -> list[str]:
    """One row per compositor, set and mask."""
    if not others:
        return []
    figures = list(dict.fromkeys(one["figure"] for one in others))
    lines = ["## Others against decformer", "", "Changes of the figures, pairs resampled together."]
    lines += ["", "| compositor | set | mask | " + " | ".join(FIGURES[f] for f in figures) + " |"]
    lines.append("|---" * (3 + len(figures)) + "|")
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for one in others:
        key = (one["compositor"], one["set"], one["mask"])
        rows.setdefault(key, {})[one["figure"]] = _change(one["figure"], one["change"])
    for place, cells in rows.items():
        lines.append("| " + " | ".join([*place, *(cells.get(f, "-") for f in figures)]) + " |")
    return [*lines, ""]


def _bar_lines(bars: Sequence[dict[str, Any]]) -> list[str]:
    if not bars:
        return ["`decformer` was not measured.", ""]
    lines = ["## decformer against the best linear blend", ""]
    lines += [
        "| set | mask | figure | against | change | bar | reached |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in bars:
        factor, unit = _scale(one["figure"])
        shown = _change(one["figure"], one["change"])
        reached = "yes" if one["reached"] else "**no**"
        heading = FIGURES[one["figure"]]
        lines.append(
            f"| {one['set']} | {one['mask']} | {heading} | {one['against']} | {shown} | "
            f"{factor * one['limit']:+.0f}{unit} | {reached} |"
        )
    return [*lines, ""]


def _scale(figure: str) -> tuple[float, str]:
    """What changes of a figure are multiplied by, and their unit."""
    relative = next(bar.relative for bar in BARS if bar.figure == figure)
    return (100.0, " %") if relative else (_FACTORS.get(figure, 1.0), "")


def _change(figure: str, change: Mapping[str, float]) -> str:
    factor, unit = _scale(figure)
    values = (factor * change[name] for name in ("value", "low", "high"))
    return "{:+.1f} ({:+.1f} to {:+.1f})".format(*values) + unit


def _table(title: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    lines = [f"## {title}", "", "| compositor | " + " | ".join(FIGURES.values()) + " |"]
    lines.append("|---" * (1 + len(FIGURES)) + "|")
    for row in rows:
        cells = []
        for figure in FIGURES:
            scaled = Interval(**row["figures"][figure]).scaled(_FACTORS.get(figure, 1.0))
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
