"""The report on colour correction in latents: `recolour.md` and `recolour.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from generation.engine.compositing.evaluation.cases import SETS
from generation.engine.compositing.recolour.evaluation import zones
from generation.engine.compositing.recolour.evaluation.fidelity import (
    FIGURES,
    REGIONS,
    Sample,
    measure,
    recolour_cases,
)
from generation.engine.compositing.recolour.evaluation.methods import (
    FORMULA,
    LEARNT,
    PER_CHANNEL,
    PIXELS,
    methods,
)
from generation.engine.compositing.recolour.evaluation.page import NAME, markdown
from generation.engine.compositing.recolour.network import RecolourOperator
from generation.engine.compositing.recolour.storage import load_recolourer
from generation.engine.compositing.storage import load_vae
from generation.engine.figures.features import load_feature_net
from generation.engine.folder import ModelFolder
from generation.plan.intervals import change_interval, mean_interval

AGAINST = (FORMULA, PER_CHANNEL, PIXELS)
"""What the learnt operator is set against."""


def measure_recolouring(
    folder: ModelFolder,
    out: Path,
    *,
    pairs: int = 24,
    side_px: int = 256,
    weights: Path | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Measure all ways of changing colour with a model's VAE and write the report.

    Args:
        folder: a checked model folder.
        out: folder for `recolour.md` and `recolour.json`.
        pairs: crops of each set, and windows that are matched zone by zone.
        side_px: side of a crop, a multiple of 16.
        weights: of a recolourer; those beside the model unless given, and none without either.
        progress: show a bar.

    Returns:
        What `recolour.json` holds.

    Raises:
        InputError: weights are damaged or of another VAE.
        WorkError: the perceptual network is not installed.
    """
    vae = load_vae(folder.path).requires_grad_(requires_grad=False)
    file = weights or folder.recolourer
    learnt = RecolourOperator(load_recolourer(file, vae)) if file else None
    total = len(SETS) * len(REGIONS) * pairs + pairs
    with tqdm(total=total, unit="case", disable=None if progress else True) as bar:
        samples = _samples(vae, learnt, pairs, side_px, bar)
        matched = _matched(vae, learnt, pairs, side_px, bar)
    report = {
        "model": folder.name,
        "pairs": pairs,
        "windows": pairs,
        "side_px": side_px,
        "rows": _rows(samples),
        "changes": _changes(samples),
        "zones": _zone_rows(matched),
        "zone_changes": _zone_changes(matched),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{NAME}.json").write_text(json.dumps(_known(report), indent=2) + "\n", encoding="utf-8")
    (out / f"{NAME}.md").write_text(markdown(report), encoding="utf-8")
    return report


def _known(content: Any) -> Any:
    """The same with None for figures that could not be taken: JSON has no NaN."""
    if isinstance(content, dict):
        return {name: _known(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_known(value) for value in content]
    return None if isinstance(content, float) and math.isnan(content) else content


def _samples(
    vae: Any, learnt: RecolourOperator | None, pairs: int, side_px: int, bar: Any
) -> list[Sample]:
    """Every method on every crop of both sets."""
    features, known = load_feature_net(), methods(vae, learnt)
    samples: list[Sample] = []
    for source in SETS:
        for found in measure(vae, features, known, recolour_cases(source, pairs, side_px)):
            samples += found
            bar.update(1)
    return samples


def _matched(
    vae: Any, learnt: RecolourOperator | None, windows: int, side_px: int, bar: Any
) -> list[zones.Matched]:
    """Every way to match on every window."""
    matched: list[zones.Matched] = []
    for window in zones.drifted_windows(windows, side_px):
        matched += zones.match(vae, learnt, window)
        bar.update(1)
    return matched


def _rows(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """One row per set, region and method, each figure with its interval."""
    return [
        {"set": source, "region": region, "method": name}
        | {"figures": _intervals(_values(samples, source, region, name), FIGURES)}
        for source, region, name in dict.fromkeys((s.source, s.region, s.method) for s in samples)
    ]


def _changes(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """The learnt operator less others, by set and region; empty where there is none."""
    found = []
    for source, region in dict.fromkeys((s.source, s.region) for s in samples):
        ours = _values(samples, source, region, LEARNT)
        for other in AGAINST if ours else ():
            theirs = _values(samples, source, region, other)
            changes = _differences(ours, theirs, ("psnr", "perceptual", "region mean", "region"))
            found.append({"set": source, "region": region, "less": other, "changes": changes})
    return found


def _zone_rows(matched: Sequence[zones.Matched]) -> list[dict[str, Any]]:
    """One row per way of matching."""
    return [
        {"way": way, "figures": _intervals(_of_way(matched, way), zones.FIGURES)}
        for way in dict.fromkeys(one.way for one in matched)
    ]


def _zone_changes(matched: Sequence[zones.Matched]) -> list[dict[str, Any]]:
    """The learnt operator less others; empty where there is none."""
    ours = _of_way(matched, LEARNT)
    return [
        {
            "less": other,
            "changes": _differences(ours, _of_way(matched, other), ("zones", "pixels", "borders")),
        }
        for other in (zones.DRIFTED, zones.LATENT_STATISTICS, PIXELS)
        if ours
    ]


def _values(
    samples: Sequence[Sample], source: str, region: str, method: str
) -> list[dict[str, float]]:
    wanted = (source, region, method)
    return [s.values for s in samples if (s.source, s.region, s.method) == wanted]


def _of_way(matched: Sequence[zones.Matched], way: str) -> list[dict[str, float]]:
    return [one.values for one in matched if one.way == way]


def _differences(
    ours: Sequence[Mapping[str, float]],
    theirs: Sequence[Mapping[str, float]],
    figures: Sequence[str],
) -> dict[str, dict[str, float]]:
    """Differences of the means of pairs with their intervals."""
    found = {}
    for figure in figures:
        pair = (np.array([one[figure] for one in side]) for side in (ours, theirs))
        found[figure] = asdict(change_interval(*pair, relative=False))
    return found


def _intervals(
    values: Sequence[Mapping[str, float]], figures: Mapping[str, str]
) -> dict[str, dict[str, float]]:
    return {
        figure: asdict(mean_interval(np.array([one[figure] for one in values])))
        for figure in figures
    }
