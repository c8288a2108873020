"""What compositing costs beside one step of the transformer: parameters, operations and time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKLFlux2, Flux2Transformer2DModel
from torch.utils.flop_counter import FlopCounterMode

from generation.engine.compositing.compositors import ExactCompositor, LinearCompositor
from generation.engine.compositing.decformer import FLUX2, DecFormer, DecFormerCompositor
from zones.geometry import LATENT_PX

STEP = "one transformer step"
FLUX2_SIDE_PX = 1024
_ROUNDS = 15
_TOKEN_PX = 16
_TEXT_TOKENS, _FLUX2_TEXT_TOKENS = 48, 512
_KLEIN_4B: dict[str, Any] = {
    "num_layers": 5,
    "num_single_layers": 20,
    "num_attention_heads": 24,
    "attention_head_dim": 128,
    "joint_attention_dim": 7680,
    "guidance_embeds": False,
}
"""Sizes of the released transformer of FLUX.2 Klein 4B."""

_Call = tuple[Callable[[], Any], int]


@dataclass(frozen=True)
class Cost:
    """Of one call.

    Attributes:
        name: of what is called.
        parameters: that it has.
        gflop: floating-point operations in 10^9, a multiply-add as two.
        milliseconds: median processor time; None where operations were only counted.
        share: of the time of the first call beside it: median ratio of calls made in turn, or of
            its operations where those were only counted.
    """

    name: str
    parameters: int
    gflop: float
    milliseconds: float | None
    share: float


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
    linear, exact = LinearCompositor(), ExactCompositor(vae)
    calls: dict[str, _Call] = {
        STEP: (_step(transformer, side_px), _count(transformer)),
        "linear, area": (lambda: linear(cells[0], cells[1], mask), 0),
        "exact": (lambda: exact(cells[0], cells[1], mask), _count(vae)),
    }
    if network is not None:
        learnt = DecFormerCompositor(network)
        calls["decformer"] = (lambda: learnt(cells[0], cells[1], mask), _count(network))
        calls["its mask, once a run"] = (lambda: network.read_mask(mask), _count(network.mask_net))
    for call, _ in calls.values():
        call()
    times = np.array([[_milliseconds(call) for call, _ in calls.values()] for _ in range(_ROUNDS)])
    shares = np.median(times / times[:, :1], axis=0)
    return [
        Cost(name, count, _gflop(call), float(time_ms), float(share))
        for (name, (call, count)), time_ms, share in zip(
            calls.items(), np.median(times, axis=0), shares, strict=True
        )
    ]


@torch.no_grad()
def count_flux2_costs() -> list[Cost]:
    """The same for FLUX.2 Klein 4B at 1024 px, counted without weights or numbers.

    One step has 8,704 tokens: picture, reference and text. `exact` decodes one latent and encodes
    the composite; the other latent stays decoded.
    """
    side, channels = FLUX2_SIDE_PX // LATENT_PX, FLUX2.latent_channels
    with torch.device("meta"):
        transformer = Flux2Transformer2DModel(**_KLEIN_4B)
        vae = AutoencoderKLFlux2()
        network = DecFormer(FLUX2, torch.zeros(channels), torch.ones(channels))
        cells = torch.empty((1, channels, side, side))
        pixels = torch.empty((1, 3, FLUX2_SIDE_PX, FLUX2_SIDE_PX))
        layers = torch.empty((1, 3, FLUX2_SIDE_PX, FLUX2_SIDE_PX))
        read = network.mask_net.embed(layers)
    read = replace(read, constant=None, kept={})
    network(cells, cells, read)
    calls: dict[str, _Call] = {
        f"{STEP} of Klein 4B": (
            _step(transformer, FLUX2_SIDE_PX, text_tokens=_FLUX2_TEXT_TOKENS, device="meta"),
            _count(transformer),
        ),
        "exact": (lambda: (vae.decode(cells), vae.encode(pixels)), _count(vae)),
        "decformer": (lambda: network(cells, cells, read), _count(network)),
        "its mask, once a run": (lambda: network.mask_net.embed(layers), _count(network.mask_net)),
    }
    operations = [_gflop(call) for call, _ in calls.values()]
    return [
        Cost(name, count, gflop, None, gflop / operations[0])
        for (name, (_, count)), gflop in zip(calls.items(), operations, strict=True)
    ]


def _milliseconds(call: Callable[[], Any]) -> float:
    started = time.process_time()
    call()
    return 1e3 * (time.process_time() - started)


def _step(
    transformer: Any, side_px: int, *, text_tokens: int = _TEXT_TOKENS, device: str = "cpu"
) -> Callable[[], Any]:
    """One call of the transformer with the canvas as reference tokens beside the latents."""
    config = transformer.config
    tokens = 2 * (side_px // _TOKEN_PX) ** 2
    axes = len(config.axes_dims_rope)
    inputs = {
        "hidden_states": torch.randn((1, tokens, config.in_channels), device=device),
        "encoder_hidden_states": torch.randn(
            (1, text_tokens, config.joint_attention_dim), device=device
        ),
        "timestep": torch.full((1,), 0.5, device=device),
        "img_ids": torch.zeros((1, tokens, axes), device=device),
        "txt_ids": torch.zeros((1, text_tokens, axes), device=device),
    }
    return lambda: transformer(**inputs, guidance=None)


def _gflop(call: Callable[[], Any]) -> float:
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops() / 1e9


def _count(module: Any) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
