"""From a ranked order to the job that the worker takes."""

from __future__ import annotations

from collections.abc import Callable

from app.core.map_model import MapModel
from app.core.project_tiles import DocumentTileStore
from app.core.run_order import RunOrder
from generation.engine.folder import check_compositor
from generation.run.jobs import Job, Repairing
from generation.run.world import World
from painter.document import Document
from zones.grid import Grid


def prepared(order: RunOrder, world: World, grid: Grid) -> RunOrder:
    """The order ranked, and the worker's libraries loaded, which takes a while the first time."""
    import generation.run.worker  # noqa: F401, PLC0415 - on the asker's thread, not the windows'

    return order.ranked(world, grid)


def job_of(
    order: RunOrder,
    number: int,
    document: Document,
    model: MapModel,
    model_now: Callable[[], MapModel],
) -> Job:
    """Begin a run of a document: one undo step of the line "runs".

    Each tile is painted from the map as it is at its turn, with the model that was asked for.

    A run that is not of chosen tiles leaves its settings in the project, for the next start: in
    its save as soon as a tile is kept.

    Args:
        order: ranked.
        number: of the job.
        document: open for writing.
        model: the run's.
        model_now: the map's model at the moment a tile is kept; asked on the worker's thread.

    Raises:
        InputError: another process holds the project, its recovery is not decided on, or the model
            lacks the run's compositor or has not room for its soft band.
    """
    order.settings.check_widths(model.profile)
    if model.folder is not None and not order.settings.plain:
        check_compositor(model.folder, order.settings.compositor)
    project = document.project
    kept = None if order.deliberate else model.facts(order.settings)
    run = document.begin_run(order.label, kept)

    def now() -> tuple[World, World]:
        return model.world(project, order.seed), model.world(project)

    world, judge = now()
    return Job(
        number=number,
        label=order.label,
        world=world,
        settings=order.settings,
        store=DocumentTileStore(document, run, lambda: model_now().world(project)),
        tiles=order.tiles,
        deliberate=order.deliberate,
        judge=judge,
        candidates=order.candidates,
        seeds=order.seeds,
        now=now,
        repair=Repairing(order.repair, standards=order.standards) if order.repair else None,
    )
