"""Stage 0: worlds rendered to a folder, resumable, with held-out layouts kept apart.

Each world is a folder of PNG files, zones and one picture per look, beside the strokes as JSON.
The seed canvas is made from zones and strokes when a world is read, by the compiler's own code.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from generation.engine.training.canvas import paint_canvas, stencil_ids
from generation.engine.training.options import HELD_OUT_SEED, WorldOptions
from generation.engine.training.workers import run_jobs
from generation.worlds import LOOKS, make_layout, paint_world
from zones.strokes import Stroke

U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class World:
    """One rendered world.

    Attributes:
        seed: layout seed; from `HELD_OUT_SEED` on, a held-out one.
        zones: uint8 (h, w) zone ids.
        stencils: uint8 (h, w), 0 where no stencil lies, else 1 + its place in `STENCILS`.
        canvas: uint8 (h, w, 3) flat colours with stencils over them.
        looks: uint8 (h, w, 3) picture by look.
    """

    seed: int
    zones: U8
    stencils: U8
    canvas: U8
    looks: dict[str, U8]


def training_seeds(options: WorldOptions) -> range:
    """Layout seeds to train on."""
    if options.layouts > HELD_OUT_SEED:
        raise ValueError(f"at most {HELD_OUT_SEED} training layouts, not {options.layouts}")
    return range(options.layouts)


def held_out_seeds(options: WorldOptions) -> range:
    """Layout seeds for figures only."""
    return range(HELD_OUT_SEED, HELD_OUT_SEED + options.held_out)


def render_worlds(options: WorldOptions, *, progress: bool = True) -> None:
    """Render every world that is not there yet; may be stopped and started again."""
    first = list(held_out_seeds(options))[:2]
    rest = [*training_seeds(options), *held_out_seeds(options)[2:]]
    todo = [seed for seed in first + rest if not _folder(options.work, seed).is_dir()]
    jobs = [(options.work, seed, options.side_px) for seed in todo]
    run_jobs(_render, jobs, options.workers, "worlds", progress=progress)


def world_seeds(work: Path, *, held_out: bool = False) -> list[int]:
    """Seeds of the worlds that are finished in `work`, in order."""
    names = [entry.name for entry in (work / "worlds").glob("[0-9]*") if entry.is_dir()]
    seeds = sorted(int(name) for name in names if name.isdigit())
    return [seed for seed in seeds if (seed >= HELD_OUT_SEED) == held_out]


def read_world(work: Path, seed: int) -> World:
    """Read a finished world."""
    folder = _folder(work, seed)
    zones = _read(folder / "zones.png", cv2.IMREAD_GRAYSCALE)
    listed = json.loads((folder / "strokes.json").read_text())["strokes"]
    strokes = [Stroke(one["kind"], np.array(one["points"]), one["mu"]) for one in listed]
    return World(
        seed=seed,
        zones=zones,
        stencils=stencil_ids(zones.shape, strokes),
        canvas=paint_canvas(zones, strokes),
        looks={look: _read_rgb(folder / f"{look}.png") for look in LOOKS},
    )


def read_worlds(work: Path, *, held_out: bool = False) -> Iterator[World]:
    """Read every finished world of one kind."""
    for seed in world_seeds(work, held_out=held_out):
        yield read_world(work, seed)


def _folder(work: Path, seed: int) -> Path:
    return work / "worlds" / f"{seed:06d}"


def _render(work: Path, seed: int, side_px: int) -> None:
    """Render one world into a folder that appears only when it is whole."""
    cv2.setNumThreads(1)
    layout = make_layout(seed, side_px, side_px)
    part = work / "worlds" / f".part-{seed:06d}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    _write(part / "zones.png", layout.zones)
    for look in LOOKS:
        _write(part / f"{look}.png", paint_world(layout, look, seed)[..., ::-1])
    strokes = [{"kind": s.kind, "points": s.points.tolist(), "mu": s.mu} for s in layout.strokes]
    (part / "strokes.json").write_text(json.dumps({"strokes": strokes}))
    part.replace(_folder(work, seed))


def _write(path: Path, picture: U8) -> None:
    if not cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 2]):
        raise OSError(f"could not write {path}")


def _read(path: Path, flag: int) -> U8:
    picture = cv2.imread(str(path), flag)
    if picture is None:
        raise OSError(f"could not read {path}")
    return cast(U8, picture)


def _read_rgb(path: Path) -> U8:
    return np.ascontiguousarray(_read(path, cv2.IMREAD_COLOR)[..., ::-1])
