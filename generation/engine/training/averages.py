"""A moving average of weights, which is what figures and exports use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch

from generation.engine.training.checkpoints import Tensors

PREFIX = "average"


class AveragedWeights:
    """Exponential moving average of the parameters of several modules.

    Args:
        modules: by name.
        decay: share that stays per step; lower in the first steps.
    """

    def __init__(self, modules: Mapping[str, torch.nn.Module], decay: float) -> None:
        self._decay = decay
        self._live = {
            f"{PREFIX}.{name}.{key}": parameter
            for name, module in modules.items()
            for key, parameter in module.named_parameters()
        }
        self._mean = {name: live.detach().clone() for name, live in self._live.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after step number `step`."""
        decay = min(self._decay, (1.0 + step) / (10.0 + step))
        means = list(self._mean.values())
        torch._foreach_lerp_(means, [live.detach() for live in self._live.values()], 1.0 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the average into the modules for the time of a `with` block."""
        kept = {name: live.detach().clone() for name, live in self._live.items()}
        self._copy(self._mean)
        try:
            yield
        finally:
            self._copy(kept)

    def keep(self) -> None:
        """Put the average into the modules for good."""
        self._copy(self._mean)

    def tensors(self) -> Tensors:
        """The averages by name, for a checkpoint."""
        return dict(self._mean)

    @torch.no_grad()
    def restore(self, tensors: Tensors) -> None:
        """Load what `tensors` gave back."""
        for name, mean in self._mean.items():
            mean.copy_(tensors[name])

    @torch.no_grad()
    def _copy(self, values: Mapping[str, torch.Tensor]) -> None:
        for name, live in self._live.items():
            live.copy_(values[name])
