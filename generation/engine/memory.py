"""How much memory a model will need, told from its files before anything is loaded."""

from __future__ import annotations

from generation.engine.folder import ModelFolder
from generation.engine.weights import read_json, value_count
from generation.plan.profile import ModelProfile
from zones.errors import InputError

_VALUE_BYTES = {"cpu": 4, "cuda": 2}
"""float32 on the CPU, bfloat16 on CUDA."""

_VALUES_PER_CHANNEL = 6
"""Values that are held at once for each pixel of a window and each channel of the decoder's last
stage, where a window needs most. Measured on float32 windows of 256 to 1024 px: 5.2 at 1024 px."""

_LIBRARIES_BYTES = 450 * 2**20
"""What the libraries take in the model's process before any weights (measured on Linux)."""


def needed_bytes(folder: ModelFolder, profile: ModelProfile, device: str = "cpu") -> int:
    """Memory of the device that painting one window at a time needs.

    Args:
        folder: a checked model folder.
        profile: the model's numbers.
        device: `cpu`, `cuda` or `cuda:N`.

    Raises:
        InputError: a file is broken.
    """
    value_bytes = _VALUE_BYTES[device.partition(":")[0]]
    weights = [file for file in folder.files if file.suffix == ".safetensors"]
    values = sum(value_count(file) for file in weights)
    window_values = profile.window_px**2 * _decoder_channels(folder) * _VALUES_PER_CHANNEL
    return _LIBRARIES_BYTES + (values + window_values) * value_bytes


def _decoder_channels(folder: ModelFolder) -> int:
    """Channels of the decoder's last stage but one: its pictures are the largest it holds."""
    place = folder.path / "vae" / "config.json"
    config = read_json(place)
    channels = config.get("decoder_block_out_channels") or config.get("block_out_channels")
    if not isinstance(channels, list) or not all(isinstance(count, int) for count in channels):
        raise InputError(f"{place} does not tell its channels; copy or fetch the model again")
    return int(max(channels[:2]))
