"""Runs independent jobs in several processes, or here when one is enough, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from tqdm import tqdm


def run_jobs(
    work: Callable[..., None],
    jobs: Sequence[tuple[Any, ...]],
    workers: int,
    label: str,
    *,
    progress: bool,
) -> None:
    """Call `work` with each of `jobs`; an error of one job ends the rest.

    Args:
        work: a function of a module, so that other processes can find it.
        jobs: arguments of each call.
        workers: processes; 1 stays in this one.
        label: text of the progress bar.
        progress: show the bar.
    """
    with tqdm(total=len(jobs), desc=label, disable=None if progress else True) as bar:
        if workers <= 1:
            for job in jobs:
                work(*job)
                bar.update(1)
            return
        with ProcessPoolExecutor(workers) as pool:
            for done in as_completed([pool.submit(work, *job) for job in jobs]):
                done.result()
                bar.update(1)
