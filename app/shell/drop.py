"""What happens to files that are dropped on the window: maps open, zone pictures are painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QMimeData

from app.core.new_map import ENDING
from app.core.problems import Problem
from app.workspace.tasks import sentence_of
from app.workspace.workspace import Workspace
from painter.document import Document
from painter.zone_images import read_zone_image
from zones.errors import TilewrightError
from zones.geometry import Rect

Kind = Literal["map", "picture", "other"]

KEY = "drop"
_PICTURES = {".png"}
_MANIFEST = "project.json"


def dropped_paths(data: QMimeData) -> list[Path]:
    """The local files of a drag."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def kind_of(path: Path) -> Kind:
    """What a file is taken for."""
    named = path.suffix == ENDING and path.is_dir()
    if named or (path / _MANIFEST).is_file() or path.name == _MANIFEST:
        return "map"
    return "picture" if path.suffix.lower() in _PICTURES and path.is_file() else "other"


def take(paths: Sequence[Path], workspace: Workspace, open_map: Callable[[Path], object]) -> None:
    """Do what fits the first of the dropped files.

    Args:
        paths: what was dropped.
        workspace: has the map.
        open_map: opens a map's folder, once unsaved work is settled.
    """
    workspace.clear_problem(KEY)
    if not paths:
        return
    path = paths[0]
    kind = kind_of(path)
    if kind == "map":
        open_map(path.parent if path.name == _MANIFEST else path)
    elif kind == "picture":
        import_zones(path, workspace)
    else:
        text = _tr(
            "{name} is neither a map folder nor a zone picture (PNG); drop one of those"
        ).format(name=path.name)
        workspace.report(Problem(KEY, "warning", text))


def import_zones(path: Path, workspace: Workspace) -> None:
    """Paint the zones of the open map from a picture; what is wrong becomes a problem.

    Args:
        path: a picture of the map's size in the palette's colours or ids.
        workspace: has the map.
    """
    workspace.clear_problem(KEY)
    document = workspace.document
    if document is None or workspace.read_only:
        text = _tr("{name} cannot be painted: open or make a map of its size first")
        workspace.report(Problem(KEY, "warning", text.format(name=path.name)))
        return
    palette, size = document.project.palette, document.project.size

    def failed(error: BaseException) -> None:
        workspace.report(Problem(KEY, "warning", sentence_of(error)))

    workspace.tasks.submit(
        lambda: read_zone_image(path, palette, size),
        lambda ids: _paint(document, ids, workspace),
        failed=failed,
        name=KEY,
    )


def _paint(document: Document, ids: npt.NDArray[np.uint8], workspace: Workspace) -> None:
    """Put ids on the map as one undo step, if it is still the open one."""
    if document is not workspace.document:
        return
    whole = Rect(0, 0, *document.project.size)
    try:
        with document.edit(_tr("Zones from a picture")) as edit:
            edit.zones.paste(whole, ids)
    except (TilewrightError, RuntimeError) as error:
        workspace.report(Problem(KEY, "warning", sentence_of(error)))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Drop", text)
