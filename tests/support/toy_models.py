"""Real Klein components at toy size: seeded, on the CPU, built in a fraction of a second.

The classes are the ones of a real FLUX.2 Klein folder; only their sizes differ. Weights are
random, so pictures are noise, but shapes, dtypes, schedules and code paths are the real ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2Transformer2DModel,
)
from transformers import Qwen2TokenizerFast, Qwen3Config, Qwen3ForCausalLM

TOY_TEXT_LAYERS = (1, 2, 3)
TOY_TEXT_TOKENS = 48
TOY_LATENT_CHANNELS = 4
TOY_PROFILE = {
    "name": "toy",
    "window_px": 64,
    "anchor_px": 16,
    "soft_px": 16,
    "overlap_layout_px": 32,
    "closing_anchor_px": 16,
    "steps": 12,
    "draft_steps": 4,
    "text_layers": list(TOY_TEXT_LAYERS),
    "text_tokens": TOY_TEXT_TOKENS,
    "prompt_template": "{zones} {stencils} {map_prompt}",
}

_CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SPECIAL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


@dataclass(frozen=True)
class ToyComponents:
    """The five components a Klein pipeline registers."""

    transformer: Flux2Transformer2DModel
    vae: AutoencoderKLFlux2
    text_encoder: Qwen3ForCausalLM
    tokenizer: Qwen2TokenizerFast
    scheduler: FlowMatchEulerDiscreteScheduler

    def as_dict(self) -> dict[str, object]:
        """Keyword arguments for a Klein pipeline class."""
        return dict(vars(self))


def toy_components(seed: int = 0, text_depth: int = 3) -> ToyComponents:
    """All five components; equal seeds give equal weights, the global RNG stays untouched.

    Args:
        seed: of the weights.
        text_depth: hidden layers of the text encoder (the released 4B has 36).
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ToyComponents(
            transformer=_toy_transformer(),
            vae=_toy_vae(),
            text_encoder=_toy_text_encoder(text_depth),
            tokenizer=toy_tokenizer(),
            scheduler=toy_scheduler(),
        )


def toy_scheduler(terminal_sigma: float | None = None) -> FlowMatchEulerDiscreteScheduler:
    """Klein's scheduler: dynamic exponential shift, the shift itself from the picture's size."""
    return FlowMatchEulerDiscreteScheduler(
        num_train_timesteps=1000,
        shift=3.0,
        use_dynamic_shifting=True,
        base_shift=0.5,
        max_shift=1.15,
        time_shift_type="exponential",
        shift_terminal=terminal_sigma,
    )


def toy_tokenizer() -> Qwen2TokenizerFast:
    """A byte-level tokenizer with no merges and Qwen's three special tokens."""
    tokenizer = Qwen2TokenizerFast(
        vocab=_toy_vocabulary(),
        merges=[],
        additional_special_tokens=list(_SPECIAL_TOKENS[1:]),
    )
    tokenizer.chat_template = _CHAT_TEMPLATE
    return tokenizer


def save_toy_folder(
    folder: Path,
    *,
    seed: int = 0,
    class_name: str = "Flux2KleinPipeline",
    shard_bytes: int | None = None,
    text_depth: int = 3,
    profile: bool = True,
) -> Path:
    """Write a model folder with the file layout and class names of the released Klein.

    Args:
        folder: created; gets model_index.json and one folder per component.
        seed: of the weights.
        class_name: pipeline class named in model_index.json (the released 4B names
            `Flux2KleinPipeline`).
        shard_bytes: largest weight file; smaller values give several shards and an index.
        text_depth: hidden layers of the text encoder.
        profile: whether to write profile.json (the released folder has none).
    """
    parts = toy_components(seed, text_depth)
    size = shard_bytes or 10**9
    parts.transformer.save_pretrained(folder / "transformer", max_shard_size=size)
    parts.vae.save_pretrained(folder / "vae")
    parts.text_encoder.save_pretrained(folder / "text_encoder", max_shard_size=size)
    parts.tokenizer.save_pretrained(folder / "tokenizer")
    (folder / "tokenizer" / "vocab.json").write_text(json.dumps(_toy_vocabulary()))
    (folder / "tokenizer" / "merges.txt").write_text("#version: 0.2\n")
    parts.scheduler.save_pretrained(folder / "scheduler")
    index = {
        "_class_name": class_name,
        "_diffusers_version": "0.37.0.dev0",
        "is_distilled": True,
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "text_encoder": ["transformers", "Qwen3ForCausalLM"],
        "tokenizer": ["transformers", "Qwen2TokenizerFast"],
        "transformer": ["diffusers", "Flux2Transformer2DModel"],
        "vae": ["diffusers", "AutoencoderKLFlux2"],
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=2), encoding="utf-8")
    if profile:
        (folder / "profile.json").write_text(json.dumps(TOY_PROFILE), encoding="utf-8")
    return folder


def _toy_transformer() -> Flux2Transformer2DModel:
    return Flux2Transformer2DModel(
        patch_size=1,
        in_channels=4 * TOY_LATENT_CHANNELS,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=len(TOY_TEXT_LAYERS) * 16,
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    ).eval()


def _toy_vae() -> AutoencoderKLFlux2:
    vae = AutoencoderKLFlux2(
        block_out_channels=(4, 4, 8, 8),
        layers_per_block=1,
        latent_channels=TOY_LATENT_CHANNELS,
        norm_num_groups=4,
        sample_size=64,
    ).eval()
    channels = 4 * TOY_LATENT_CHANNELS
    vae.bn.running_mean.copy_(torch.linspace(-0.5, 0.5, channels))
    vae.bn.running_var.copy_(torch.linspace(0.5, 1.5, channels))
    return vae


def _toy_text_encoder(depth: int) -> Qwen3ForCausalLM:
    config = Qwen3Config(
        vocab_size=256 + len(_SPECIAL_TOKENS),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=depth,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=512,
        tie_word_embeddings=True,
    )
    return Qwen3ForCausalLM(config).eval()


def _toy_vocabulary() -> dict[str, int]:
    return {symbol: index for index, symbol in enumerate([*_byte_symbols(), *_SPECIAL_TOKENS])}


def _byte_symbols() -> list[str]:
    """The 256 printable stand-ins for bytes that byte-level BPE vocabularies are written in."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    symbols = {byte: chr(byte) for byte in printable}
    symbols.update({byte: chr(256 + offset) for offset, byte in enumerate(others)})
    return [symbols[byte] for byte in range(256)]
