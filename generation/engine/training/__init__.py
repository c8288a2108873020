"""Training of klein-mini: rendered worlds, the VAE, the transformer and the export."""

from generation.engine.training.export import export_model
from generation.engine.training.options import (
    ModelShape,
    RunOptions,
    TransformerOptions,
    VaeOptions,
    WorldOptions,
)
from generation.engine.training.transformer_stage import train_painter as train_transformer
from generation.engine.training.vae_stages import train_autoencoder, train_decoder


def train_vae(options: VaeOptions, *, decoder_only: bool = False) -> None:
    """Train the VAE, or its decoder alone once the first stage is done.

    Raises:
        InputError: there are no rendered worlds, or no first stage for the second.
    """
    (train_decoder if decoder_only else train_autoencoder)(options)


__all__ = [
    "ModelShape",
    "RunOptions",
    "TransformerOptions",
    "VaeOptions",
    "WorldOptions",
    "export_model",
    "train_autoencoder",
    "train_decoder",
    "train_transformer",
    "train_vae",
]
