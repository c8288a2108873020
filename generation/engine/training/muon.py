"""Muon: momentum whose every matrix is made orthogonal before it is applied; AdamW for the rest.

The update of a matrix (or of a convolution, flattened to output x input) is the orthogonal factor
of its Nesterov momentum, found with five quintic Newton-Schulz steps (Jordan et al. 2024), scaled
to the size of an AdamW update (Liu et al. 2025), so that one learning rate serves both. It learns
all directions of a layer at one speed, which fills narrow latents in far fewer steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

_A, _B, _C = 3.4445, -4.7750, 2.0315
_ROUNDS = 5


class Muon(torch.optim.Optimizer):
    """Muon for tensors of two and more axes, AdamW for vectors and the tensors named `plain`.

    Args:
        parameters: all parameters to train.
        lr: learning rate of both rules.
        plain: parameters that take AdamW although they have two axes, such as embeddings.
        momentum: of the orthogonal rule.
        betas: of AdamW.
        weight_decay: decoupled decay of both rules.
    """

    def __init__(
        self,
        parameters: Iterable[torch.nn.Parameter],
        lr: float,
        plain: Iterable[torch.nn.Parameter] = (),
        momentum: float = 0.95,
        betas: tuple[float, float] = (0.9, 0.95),
        weight_decay: float = 1e-4,
    ) -> None:
        excepted = {id(parameter) for parameter in plain}
        matrices: list[torch.nn.Parameter] = []
        vectors: list[torch.nn.Parameter] = []
        for parameter in parameters:
            wide = parameter.ndim >= 2 and id(parameter) not in excepted  # noqa: PLR2004 - a matrix
            (matrices if wide else vectors).append(parameter)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "betas": betas,
            "weight_decay": weight_decay,
        }
        groups = [
            {"params": group, "orthogonal": orthogonal}
            for group, orthogonal in ((matrices, True), (vectors, False))
            if group
        ]
        super().__init__(groups, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Apply one update to every parameter that has a gradient."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            rule = self._orthogonal if group["orthogonal"] else self._adam
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.mul_(1.0 - group["lr"] * group["weight_decay"])
                    rule(parameter, parameter.grad, group)

    def _orthogonal(
        self, parameter: torch.Tensor, gradient: torch.Tensor, group: dict[str, Any]
    ) -> None:
        state = self.state[parameter]
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(gradient, 1.0 - group["momentum"])
        ahead = gradient.lerp(state["momentum"], group["momentum"]).flatten(1)
        update = orthogonalised(ahead) * (0.2 * max(ahead.shape) ** 0.5)
        parameter.sub_(update.view_as(parameter), alpha=group["lr"])

    def _adam(self, parameter: torch.Tensor, gradient: torch.Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if not state:
            state["first"] = torch.zeros_like(parameter)
            state["second"] = torch.zeros_like(parameter)
            state["count"] = torch.zeros(())
        state["count"] += 1
        count = int(state["count"].item())
        one, two = group["betas"]
        state["first"].lerp_(gradient, 1.0 - one)
        state["second"].lerp_(gradient.square(), 1.0 - two)
        scale = (state["second"] / (1.0 - two**count)).sqrt_().add_(1e-8)
        parameter.addcdiv_(state["first"], scale, value=-group["lr"] / (1.0 - one**count))


def orthogonalised(matrix: torch.Tensor) -> torch.Tensor:
    """Return the orthogonal factor of `matrix` (m, n), singular values within about 0.7 to 1.2."""
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    near = (wide / (wide.norm() + 1e-7)).to(torch.bfloat16)
    for _ in range(_ROUNDS):
        square = near @ near.T
        near = _A * near + (_B * square + _C * square @ square) @ near
    near = near.to(matrix.dtype)
    return near if matrix.shape[0] <= matrix.shape[1] else near.T
