"""What models there are for a map, whether they are on this machine, and how to fetch one.

Nothing here touches the network; `fetch_command` is what does, as a program of its own.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.engine.folder import (
    BUNDLED,
    ModelFolder,
    check_folder,
    find_model,
    find_profile,
    is_hub_id,
)
from generation.plan.profile import ModelProfile
from zones.errors import TilewrightError

RECOMMENDED = "black-forest-labs/FLUX.2-klein-4B"
"""The model that the program recommends where there is a GPU."""

KNOWN = (BUNDLED, RECOMMENDED)

_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---", re.DOTALL)
_LICENCE = re.compile(r"^license:\s*([\w.-]+)\s*$", re.MULTILINE)
_README_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model without loading it.

    Attributes:
        name: `klein-mini`, a hub id, or a folder.
        path: where it lies, or None.
        size_bytes: of the files that loading reads, 0 where it is not here.
        licence: as its model card names it, or "".
        profile: the model's numbers, or None.
        why: why it cannot be used as it is, one sentence, or "".
    """

    name: str
    path: Path | None
    size_bytes: int = 0
    licence: str = ""
    profile: ModelProfile | None = None
    why: str = ""

    @property
    def may_be_fetched(self) -> bool:
        """Whether it could be had from the hub."""
        return self.path is None and is_hub_id(self.name)


def model_facts(name: str) -> ModelFacts:
    """Look at a model on this machine; reads a few small files and the heads of the weights."""
    if not name.strip():
        return ModelFacts(name, None, why="no model is named; choose a folder or write a hub id")
    try:
        folder = check_folder(find_model(name), name)
        profile = find_profile(folder)
        size_bytes = folder.size_bytes
    except (TilewrightError, OSError) as error:
        return ModelFacts(name, None, why=str(error))
    return ModelFacts(name, Path(folder.path), size_bytes, licence_of(folder), profile)


def licence_of(folder: ModelFolder) -> str:
    """The licence that a model card in the folder names, or ""."""
    try:
        with (folder.path / "README.md").open(encoding="utf-8") as file:
            head = _FRONT_MATTER.search(file.read(_README_CHARS))
    except (OSError, UnicodeDecodeError):
        return ""
    named = _LICENCE.search(head[1]) if head else None
    return named[1] if named else ""


def look_up_command(hub_id: str) -> tuple[str, ...]:
    """Program and arguments that ask the hub about a model; prints JSON lines."""
    return (sys.executable, "-m", "generation.engine.hub", "look-up", hub_id)


def fetch_command(hub_id: str, commit: str) -> tuple[str, ...]:
    """Program and arguments that fetch a model as it was looked up; prints JSON lines."""
    return (sys.executable, "-m", "generation.engine.hub", "fetch", hub_id, commit)


def told(line: str) -> dict[str, Any]:
    """What a line of these programs says; {} for a line that is none of theirs."""
    try:
        values = json.loads(line)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def size_text(size_bytes: int) -> str:
    """A size as `850 MB` or `15.7 GB`."""
    if size_bytes < 10**9:
        return f"{max(1, round(size_bytes / 10**6))} MB"
    return f"{size_bytes / 10**9:.1f} GB"
