"""What compositing costs beside one step of the transformer: parameters, operations and time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from generation.engine.compositing.compositors import ExactCompositor, LinearCompositor
from generation.engine.compositing.decformer import DecFormer, DecFormerCompositor

_ROUNDS = 9
_TOKEN_PX = 16
_TEXT_TOKENS = 48


@dataclass(frozen=True)
class Cost:
    """Of one call.

    Attributes:
        name: of what is called.
        parameters: that it has.
        gflop: floating-point operations in 10^9, a multiply-add as two.
        milliseconds: median processor time.
    """

    name: str
    parameters: int
    gflop: float
    milliseconds: float


@torch.no_grad()
def measure_costs(
    transformer: Any, vae: Any, network: DecFormer | None, side_px: int
) -> list[Cost]:
    """Costs of one transformer step with reference tokens, then of each compositor.

    Calls take turns, so that a busy machine slows all alike.

    Args:
        transformer: a `Flux2Transformer2DModel`.
        vae: an `AutoencoderKLFlux2`.
        network: the learnt compositor, or None.
        side_px: side of the window.
    """
    cells = torch.randn((2, 1, int(vae.config.latent_channels), side_px // 8, side_px // 8))
    mask = torch.zeros((1, 1, side_px, side_px))
    mask[..., side_px // 3 :] = 1.0
    calls: dict[str, tuple[Callable[[], Any], int]] = {
        "one transformer step": (_step(transformer, side_px), _count(transformer)),
        "linear, area": (lambda: LinearCompositor()(cells[0], cells[1], mask), 0),
        "exact": (lambda: ExactCompositor(vae)(cells[0], cells[1], mask), _count(vae)),
    }
    if network is not None:
        learnt = DecFormerCompositor(network)
        learnt(cells[0], cells[1], mask)
        calls["decformer"] = (lambda: learnt(cells[0], cells[1], mask), _count(network))
        calls["its mask, once a run"] = (lambda: network.read_mask(mask), _count(network.mask_net))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(_ROUNDS):
        for name, (call, _) in calls.items():
            started = time.process_time()
            call()
            times[name].append(1e3 * (time.process_time() - started))
    return [
        Cost(name, count, _gflop(call), statistics.median(times[name]))
        for name, (call, count) in calls.items()
    ]


def _step(transformer: Any, side_px: int) -> Callable[[], Any]:
    """One call of the transformer with the canvas as reference tokens beside the latents."""
    config = transformer.config
    tokens = 2 * (side_px // _TOKEN_PX) ** 2
    latents = torch.randn((1, tokens, config.in_channels))
    text = torch.randn((1, _TEXT_TOKENS, config.joint_attention_dim))
    axes = len(config.axes_dims_rope)
    return lambda: transformer(
        hidden_states=latents,
        encoder_hidden_states=text,
        timestep=torch.tensor([0.5]),
        img_ids=torch.zeros((1, tokens, axes)),
        txt_ids=torch.zeros((1, _TEXT_TOKENS, axes)),
        guidance=None,
    )


def _gflop(call: Callable[[], Any]) -> float:
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops() / 1e9


def _count(module: Any) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
