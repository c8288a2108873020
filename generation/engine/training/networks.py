"""The networks of klein-mini at any size: VAE, transformer, text encoder and scheduler."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKLFlux2, FlowMatchEulerDiscreteScheduler, Flux2Transformer2DModel
from transformers import Qwen3Config, Qwen3ForCausalLM

from generation.engine.training.attention import use_key_value_processors
from generation.engine.training.options import ModelShape

FIRST_LOG_VARIANCE = -4.0
"""Where the encoder's log variance starts: little noise, so that the decoder learns at once."""


def build_vae(shape: ModelShape, seed: int) -> AutoencoderKLFlux2:
    """Return an untrained VAE; without attention, so that a window's place does not matter."""
    torch.manual_seed(seed)
    vae = AutoencoderKLFlux2(
        block_out_channels=shape.encoder_channels,
        decoder_block_out_channels=shape.decoder_channels,
        layers_per_block=1,
        latent_channels=shape.latent_channels,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=256,
    )
    torch.nn.init.constant_(vae.quant_conv.bias[shape.latent_channels :], FIRST_LOG_VARIANCE)
    return vae


def build_transformer(shape: ModelShape, seed: int) -> Flux2Transformer2DModel:
    """Return an untrained transformer whose last projection starts at zero."""
    torch.manual_seed(seed)
    quarter = shape.head_dim // 4
    model = Flux2Transformer2DModel(
        in_channels=4 * shape.latent_channels,
        num_layers=shape.double_layers,
        num_single_layers=shape.single_layers,
        attention_head_dim=shape.head_dim,
        num_attention_heads=shape.heads,
        joint_attention_dim=3 * shape.text_hidden,
        axes_dims_rope=(quarter, quarter, quarter, quarter),
        guidance_embeds=False,
    )
    torch.nn.init.zeros_(model.proj_out.weight)
    use_key_value_processors(model)
    return model


def build_text_encoder(shape: ModelShape, vocabulary: int, seed: int) -> Qwen3ForCausalLM:
    """Return an untrained text encoder for `vocabulary` token ids."""
    torch.manual_seed(seed)
    config = Qwen3Config(
        vocab_size=vocabulary,
        hidden_size=shape.text_hidden,
        intermediate_size=3 * shape.text_hidden,
        num_hidden_layers=shape.text_depth,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=shape.text_hidden // 4,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        use_cache=False,
    )
    return Qwen3ForCausalLM(config)


def build_scheduler(shape: ModelShape) -> FlowMatchEulerDiscreteScheduler:
    """Return the scheduler of FLUX.2 Klein, with `shape`'s noise level of the last step."""
    return FlowMatchEulerDiscreteScheduler(
        num_train_timesteps=1000,
        shift=3.0,
        use_dynamic_shifting=True,
        base_shift=0.5,
        max_shift=1.15,
        base_image_seq_len=256,
        max_image_seq_len=4096,
        time_shift_type="exponential",
        shift_terminal=shape.terminal_sigma,
    )


def normalise(vae: AutoencoderKLFlux2, patches: torch.Tensor) -> torch.Tensor:
    """Return patchified latents (b, 4c, h, w) with the mean and variance of the VAE's `bn`."""
    mean, std = _statistics(vae, patches)
    return (patches - mean) / std


def restore(vae: AutoencoderKLFlux2, patches: torch.Tensor) -> torch.Tensor:
    """Undo `normalise`."""
    mean, std = _statistics(vae, patches)
    return patches * std + mean


def patchify(latents: torch.Tensor) -> torch.Tensor:
    """Fold 2 x 2 latent cells into channels: (b, c, h, w) to (b, 4c, h/2, w/2)."""
    batch, channels, height, width = latents.shape
    cells = latents.view(batch, channels, height // 2, 2, width // 2, 2)
    return cells.permute(0, 1, 3, 5, 2, 4).reshape(batch, channels * 4, height // 2, width // 2)


def unpatchify(patches: torch.Tensor) -> torch.Tensor:
    """Undo `patchify`."""
    batch, channels, height, width = patches.shape
    cells = patches.reshape(batch, channels // 4, 2, 2, height, width)
    return cells.permute(0, 1, 4, 2, 5, 3).reshape(batch, channels // 4, height * 2, width * 2)


def _statistics(vae: AutoencoderKLFlux2, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean = vae.bn.running_mean.view(1, -1, 1, 1).to(like.device, like.dtype)
    spread = torch.sqrt(vae.bn.running_var.view(1, -1, 1, 1) + vae.config.batch_norm_eps)
    return mean, spread.to(like.device, like.dtype)
