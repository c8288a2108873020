"""Data that ships with the program: palettes, profiles, samples and the bundled model.

`path` is the only door to it, so that nothing else needs to know where the files lie.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def path(name: str) -> Path:
    """Where a bundled file or folder lies, such as `palettes/default.json`.

    Args:
        name: relative name with forward slashes.

    Raises:
        FileNotFoundError: nothing of that name ships with the program.
        ValueError: the name is absolute or climbs out of the folder.
    """
    parts = Path(name).parts
    if Path(name).is_absolute() or ".." in parts:
        msg = f"{name!r} is not the name of a bundled file"
        raise ValueError(msg)
    found = Path(str(files(__package__).joinpath(*parts)))
    if not found.exists():
        msg = f"the bundled file {name!r} is missing at {found}; reinstall the program"
        raise FileNotFoundError(msg)
    return found
