"""The page of the report on colour correction: tables of figures in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generation.engine.compositing.evaluation.cases import SETS
from generation.engine.compositing.recolour.evaluation import zones
from generation.engine.compositing.recolour.evaluation.fidelity import FIGURES, REGIONS
from generation.plan.intervals import Interval

NAME = "recolour"
_DIGITS = {"halo l1": 4, "perceptual": 4, "milliseconds": 0}
_FACTORS = {"far colour": 255.0}
_REGIONS = {
    "whole": "the whole picture",
    "binary": "shapes",
    "soft": "soft shapes",
}


def markdown(report: Mapping[str, Any]) -> str:
    """The page of what `recolour.json` holds."""
    lines = [
        f"# {report['model']}: changing colour in latents",
        "",
        f"{report['pairs']} crops of {report['side_px']} px of each set, held out: freshly",
        "rendered worlds, and the natural pictures inside scikit-image. Each is changed at random",
        "(gamma e^+-0.4, gain e^+-0.3, level +-0.12) as a whole, in a shape and in a soft shape.",
        "Figures are means with 95 % bootstrap intervals over crops, against the decoding of the",
        "encoded changed picture; dE is CIEDE2000, the last column processor time of a call.",
        "",
        "`formula on latents`: mean gain and mean level as if normalised latents were pixels on",
        "the scale [-1, 1], blended by cell means, no gamma. `affine per channel` (mean and",
        "deviation) and `affine, all channels` (least squares) are told the right latent of the",
        "very region.",
        "",
        *_change_lines(report["changes"]),
    ]
    for source in SETS:
        for region in REGIONS:
            rows = [r for r in report["rows"] if (r["set"], r["region"]) == (source, region)]
            lines += _table(f"{source}, {_REGIONS[region]}", "method", rows, FIGURES)
    lines += [
        "## Matching zone by zone",
        "",
        f"{report['windows']} held-out worlds of {report['side_px']} px, every zone with a small",
        "cast of its own, matched back with each zone's mean and deviation of red, green and blue",
        "(`latents, mean and deviation`: of the right latent's channels). CIEDE2000 to the true",
        "picture after decoding.",
        "",
    ]
    lines += _rows("way", report["zones"], zones.FIGURES)
    lines += _zone_change_lines(report["zone_changes"])
    return "\n".join(lines)


def _change_lines(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The learnt operator less others, by set and region."""
    if not changes:
        return []
    heads = {"set": "set", "region": "region", "less": "less"}
    return ["## The learnt operator less others", "", *_differences(heads, changes, FIGURES)]


def _zone_change_lines(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    return _differences({"less": "learnt less"}, changes, zones.FIGURES) if changes else []


def _differences(
    heads: Mapping[str, str], changes: Sequence[Mapping[str, Any]], titles: Mapping[str, str]
) -> list[str]:
    """A table of changes, with columns that say of what, by key and heading, before the figures."""
    figures = list(changes[0]["changes"])
    columns = [*heads.values(), *(titles[name] for name in figures)]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for one in changes:
        shown = [_shown(name, Interval(**one["changes"][name])) for name in figures]
        lines.append(f"| {' | '.join([*(one[key] for key in heads), *shown])} |")
    return [*lines, ""]


def _table(
    title: str, first: str, rows: Sequence[Mapping[str, Any]], figures: Mapping[str, str]
) -> list[str]:
    return [f"## {title}", "", *_rows(first, rows, figures)]


def _rows(first: str, rows: Sequence[Mapping[str, Any]], figures: Mapping[str, str]) -> list[str]:
    lines = [f"| {first} | " + " | ".join(figures.values()) + " |"]
    lines.append("|---" * (1 + len(figures)) + "|")
    for row in rows:
        shown = [_shown(figure, Interval(**row["figures"][figure])) for figure in figures]
        lines.append(f"| {row[first]} | " + " | ".join(shown) + " |")
    return [*lines, ""]


def _shown(figure: str, interval: Interval) -> str:
    return interval.scaled(_FACTORS.get(figure, 1.0)).shown(_DIGITS.get(figure, 2))
