"""The compositors of one model by name, each made when it is first asked for."""

from __future__ import annotations

from typing import Any

import torch

from generation.engine.compositing.compositors import Compositor, ExactCompositor
from generation.engine.compositing.decformer import DecFormerCompositor
from generation.engine.compositing.storage import load_network
from generation.engine.folder import ModelFolder, check_compositor
from generation.plan.request import CompositorName


class Compositors:
    """Gives the compositors of a model.

    Args:
        folder: of the model.
        vae: of the loaded model, an `AutoencoderKLFlux2`.
        device: where the model's latents are; a VAE that waits for its turn lies elsewhere.
    """

    def __init__(self, folder: ModelFolder, vae: Any, device: torch.device) -> None:
        self._folder = folder
        self._vae = vae
        self._device = device
        self._made: dict[CompositorName, Compositor] = {}

    def named(self, name: CompositorName) -> Compositor | None:
        """A compositor for the pipeline; None for `linear`, which is its gate by whole cells.

        Raises:
            InputError: the model has no trained compositor, or a damaged one.
        """
        if name == "linear":
            return None
        if name not in self._made:
            exact = ExactCompositor(self._vae, drift_free=True)
            self._made[name] = self._learnt() if name == "decformer" else exact
        return self._made[name]

    def _learnt(self) -> Compositor:
        check_compositor(self._folder, "decformer")
        assert self._folder.compositor is not None
        network = load_network(self._folder.compositor, self._vae)
        return DecFormerCompositor(network.to(self._device))
