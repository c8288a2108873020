"""A faster attention for training on a processor: plain products in the dtype of the inputs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from diffusers.models.transformers import transformer_flux2
from diffusers.models.transformers.transformer_flux2 import (
    Flux2KVAttnProcessor,
    Flux2KVParallelSelfAttnProcessor,
    Flux2Transformer2DModel,
)


def use_key_value_processors(transformer: Flux2Transformer2DModel) -> None:
    """Let the transformer understand `kv_cache_mode`; without it nothing changes."""
    for block in transformer.transformer_blocks:
        block.attn.set_processor(Flux2KVAttnProcessor())
    for block in transformer.single_transformer_blocks:
        block.attn.set_processor(Flux2KVParallelSelfAttnProcessor())


@contextmanager
def plain_attention(device: str) -> Iterator[None]:
    """On a processor, replace the fused attention by two products and a softmax meanwhile.

    The fused kernel of a processor is made for long sequences; forward and backward of a few
    hundred tokens are two to three times faster as plain products in bfloat16.
    """
    if device != "cpu":
        yield
        return
    fused = transformer_flux2.dispatch_attention_fn
    transformer_flux2.dispatch_attention_fn = _plain
    try:
        yield
    finally:
        transformer_flux2.dispatch_attention_fn = fused


def _plain(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    **options: Any,
) -> torch.Tensor:
    """Attention of (b, tokens, heads, width) tensors; `options` choose among fused kernels."""
    del options
    if attn_mask is not None:
        raise ValueError("the transformer of FLUX.2 uses no attention mask")
    queries, keys, values = (part.transpose(1, 2) for part in (query, key, value))
    scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(-1, -2)
    return (scores.softmax(dim=-1) @ values).transpose(1, 2)
