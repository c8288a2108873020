"""The model of a map: its numbers at once, the hash of its weights when somebody has read them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from app.core.project_tiles import world_of
from app.core.run_setup import default_settings
from generation.engine.folder import (
    BUNDLED,
    ModelFolder,
    check_folder,
    compositor_hash,
    find_model,
    find_profile,
    folder_hash,
)
from generation.plan.profile import ModelProfile, profile_from_json
from generation.plan.settings import RunSettings
from generation.run.world import World
from painter.project import Project
from zones.errors import InputError

RUN, PROFILE, HASH, COMPOSITOR = "run", "profile", "model_hash", "compositor_hash"
"""Names of a project's settings: the last whole run's, its model's profile and content hashes."""


@dataclass(frozen=True, slots=True)
class MapModel:
    """A map's model.

    Attributes:
        name: as the engine is asked for it.
        profile: its numbers.
        model_hash: of its weights; "" until they were read.
        compositor_hash: of its compositor; "" where it has none, and until it was read.
        folder: where it lies; None where it is not on this machine, so nothing can be painted.
        fault: why it is not, one sentence, or "".
    """

    name: str
    profile: ModelProfile
    model_hash: str = ""
    compositor_hash: str = ""
    folder: ModelFolder | None = None
    fault: str = ""

    def world(self, project: Project, seed: int | None = None) -> World:
        """The map as it is painted now, with this model's numbers."""
        return world_of(
            project, self.profile, self.model_hash, seed, compositor_hash=self.compositor_hash
        )

    def hashed(self) -> MapModel:
        """The same model with the hashes of its weights, which reads them; slow once."""
        if self.folder is None:
            return self
        hashes = folder_hash(self.folder), compositor_hash(self.folder)
        return replace(self, model_hash=hashes[0], compositor_hash=hashes[1])

    def facts(self, settings: RunSettings) -> dict[str, object]:
        """What a project keeps of a whole run."""
        return {
            RUN: settings.to_json(),
            PROFILE: self.profile.model_dump(mode="json"),
            HASH: self.model_hash,
            COMPOSITOR: self.compositor_hash,
        }


def model_of(project: Project) -> MapModel:
    """A project's model without its hash, else what the last run's left in the project.

    Raises:
        InputError: the model is not on this machine, and the project was never rendered.
    """
    name = project.model or BUNDLED
    try:
        folder = check_folder(find_model(name), name)
        return MapModel(name, find_profile(folder), folder=folder)
    except InputError as error:
        if PROFILE not in project.settings:
            raise
        document = json.dumps(project.settings[PROFILE])
        profile = profile_from_json(document, "the profile kept in the project")
        return MapModel(name, profile, *kept_hashes(project), fault=str(error))


def kept_hashes(project: Project) -> tuple[str, str]:
    """The hashes of the last whole run's model and compositor, "" for those that are not kept."""
    kept = project.settings
    return str(kept.get(HASH, "")), str(kept.get(COMPOSITOR, ""))


def settings_of(project: Project, profile: ModelProfile) -> RunSettings:
    """The settings of the project's last whole run, else the profile's own.

    Raises:
        InputError: the project's are damaged.
    """
    saved = project.settings.get(RUN)
    return default_settings(profile) if saved is None else RunSettings.from_json(saved)
