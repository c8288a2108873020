"""The report on compositors: `pelc.md`, `pelc.json` and its charts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from diffusers import Flux2Transformer2DModel
from PIL import Image
from tqdm import tqdm

from generation.engine.compositing.decformer import DecFormer
from generation.engine.compositing.evaluation.cases import (
    KINDS,
    SETS,
    cases,
    crops,
    soft_sigma_px,
)
from generation.engine.compositing.evaluation.charts import Mark, line_chart
from generation.engine.compositing.evaluation.costs import count_flux2_costs, measure_costs
from generation.engine.compositing.evaluation.fidelity import (
    LEARNT,
    LINEAR,
    MOST_PX,
    OUTSIDE,
    DistanceCurves,
    Fidelity,
    Sample,
)
from generation.engine.compositing.evaluation.figures import BARS, FIGURES, HIGHER
from generation.engine.compositing.evaluation.page import NAME, markdown
from generation.engine.compositing.evaluation.reach import SHARES, Reach, measure_reach
from generation.engine.compositing.storage import FILE_NAME, FOLDER, load_network, load_vae
from generation.engine.figures.features import load_feature_net
from generation.engine.folder import ModelFolder
from generation.engine.loading import load_component
from generation.plan.intervals import change_interval, mean_interval

F64 = npt.NDArray[np.float64]

EDGES_PX = (-64, -16, -8, -4, -2, 0, 2, 4, 8, 16, 64)
"""Bands of signed distance of the table."""

REACH_PICTURES = 16
"""At most so many pictures of each set for the effective receptive fields."""

_CELL_BIN_PX = 4
_REACH_PX = 65
_LEAST_SHARE = 1e-6


def measure_compositors(
    folder: ModelFolder,
    out: Path,
    *,
    pairs: int = 50,
    side_px: int = 256,
    learnt: Mapping[str, Path] | None = None,
    names: Sequence[str] | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Measure all compositors with a model's VAE and write the report.

    Args:
        folder: a checked model folder.
        out: folder for `pelc.md`, `pelc.json` and the charts.
        pairs: pairs of crops of each set, each under four masks.
        side_px: side of a crop, a multiple of 16.
        learnt: weights of learnt compositors by name: files, or folders of trainings. The one
            beside the model is measured too, as `decformer`, unless that is among them; all
            others are set against it.
        names: compositors to measure; None is all.
        progress: show a bar.

    Returns:
        What `pelc.json` holds.

    Raises:
        InputError: weights are damaged or of another VAE, or there is no such compositor.
        WorkError: the perceptual network is not installed.
    """
    vae = load_vae(folder.path).requires_grad_(requires_grad=False)
    networks = _networks(vae, folder.path / FOLDER / FILE_NAME, learnt or {})
    fidelity = Fidelity(vae, load_feature_net(), networks, names)
    with tqdm(
        total=len(SETS) * len(KINDS) * pairs, unit="case", disable=None if progress else True
    ) as bar:
        for source in SETS:
            for case in cases(source, pairs, side_px):
                fidelity.measure([case])
                bar.update(1)
    pictures = [one for set_ in SETS for one in crops(set_, min(pairs, REACH_PICTURES), side_px)]
    reach = measure_reach(vae, pictures)
    transformer = load_component(Flux2Transformer2DModel, folder.path / "transformer")
    costs = measure_costs(transformer, vae, networks.get(LEARNT), side_px)
    report = {
        "model": folder.name,
        "pairs": pairs,
        "side_px": side_px,
        "soft_sigma_px": soft_sigma_px(side_px),
        "rows": _rows(fidelity.samples),
        "bars": _bars(fidelity.samples),
        "others": _others(fidelity.samples, [name for name in networks if name != LEARNT]),
        "outside": _outside(fidelity.outside),
        "by_distance": _by_distance(fidelity.curves),
        "reach": {"pictures": len(pictures), "fields": [_field(one) for one in reach]},
        "costs": [asdict(cost) for cost in costs],
        "flux2_costs": [asdict(cost) for cost in count_flux2_costs()],
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{NAME}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (out / f"{NAME}.md").write_text(markdown(report), encoding="utf-8")
    _write_charts(out, fidelity.curves)
    _write_reach(out, reach)
    return report


def _networks(vae: Any, own: Path, learnt: Mapping[str, Path]) -> dict[str, DecFormer]:
    """The model's own compositor, if there is one, then the others."""
    places = ({LEARNT: own} if own.is_file() else {}) | dict(learnt)
    files = {name: one / FILE_NAME if one.is_dir() else one for name, one in places.items()}
    return {name: load_network(file, vae) for name, file in files.items()}


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
            sign = -1.0 if bar.figure in HIGHER else 1.0
            best = min(others, key=lambda name: sign * float(np.nanmean(others[name])))
            change = change_interval(ours, others[best], relative=bar.relative)
            reached = sign * change.value <= sign * bar.limit
            found.append(
                {"set": source, "mask": kind, "figure": bar.figure, "against": best}
                | {"limit": bar.limit, "change": asdict(change), "reached": bool(reached)}
            )
    return found


def _others(samples: Sequence[Sample], names: Sequence[str]) -> list[dict[str, Any]]:
    """Every further learnt compositor against the first, by set, mask and bar."""
    found = []
    for name in names if any(sample.compositor == LEARNT for sample in samples) else ():
        for source, kind in dict.fromkeys((s.source, s.kind) for s in samples):
            for bar in BARS:
                ours, theirs = (
                    _values(samples, source, kind, one, bar.figure) for one in (name, LEARNT)
                )
                if len(ours) and np.isfinite(ours).any():
                    change = change_interval(ours, theirs, relative=bar.relative)
                    row = {"compositor": name, "set": source, "mask": kind, "figure": bar.figure}
                    found.append(row | {"change": asdict(change)})
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


def _by_distance(curves: DistanceCurves) -> dict[str, Any]:
    """Mean squared errors in bands of signed distance, binary masks of both sets."""
    return {
        "edges_px": list(EDGES_PX),
        "pixels": {name: list(one) for name, one in curves.of_pixels(EDGES_PX).items()},
        "latents": {name: list(one) for name, one in curves.of_cells(EDGES_PX).items()},
    }


def _field(reach: Reach) -> dict[str, Any]:
    radii = {f"r{share:.0%}".rstrip("%"): asdict(reach.radius_px(share)) for share in SHARES}
    return {"part": reach.part, "norms": reach.norms, "radii_px": radii}


def _write_charts(out: Path, curves: DistanceCurves) -> None:
    """Mean squared errors by signed distance from the edges of binary masks."""
    along = "signed distance from the mask's edge, px (the second latent's side is positive)"
    for name, title, bin_px, means in (
        ("pixels", "mean squared error of pixels", 1, curves.of_pixels),
        ("latents", "mean squared error of latents, in variances", _CELL_BIN_PX, curves.of_cells),
    ):
        edges = range(-MOST_PX, MOST_PX + 1, bin_px)
        places = np.array(edges[:-1], np.float64) + 0.5 * bin_px
        chart = line_chart(title, along, places, means(edges))
        Image.fromarray(chart).save(out / f"{NAME}_{name}.png")


def _write_reach(out: Path, fields: Sequence[Reach]) -> None:
    """Share of the derivative's energy beyond a distance, with the radii of half and 90 %."""
    lines = {f"{one.part}, {one.norms} norms": one.beyond(_REACH_PX) for one in fields}
    marks = []
    for name, one in zip(lines, fields, strict=True):
        for share in SHARES[:2] if one.norms == "live" else ():
            radius = one.radius_px(share)
            marks.append(Mark(name, radius.value, radius.low, radius.high, 1.0 - share))
    shown = {
        name: np.where(values > _LEAST_SHARE, values, np.nan) for name, values in lines.items()
    }
    chart = line_chart(
        "share of the energy of a change farther away; r50 and r90 with 95 % intervals",
        "distance from the middle of the latent cell, px",
        np.arange(_REACH_PX, dtype=np.float64),
        shown,
        marks,
    )
    Image.fromarray(chart).save(out / f"{NAME}_reach.png")
