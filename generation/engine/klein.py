"""The engine: one Klein model on one device that turns paint requests into windows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import diffusers
import numpy as np
import numpy.typing as npt
import torch

from generation.engine.compositing.choice import Compositors
from generation.engine.device import (
    free_bytes,
    gibibytes,
    is_out_of_memory,
    make_deterministic,
    wanted_bytes,
)
from generation.engine.finished import Finished
from generation.engine.folder import ModelFolder, compositor_hash, folder_hash
from generation.engine.gate import splits_cells
from generation.engine.latents import patchify, rgb_to_tensor, tensor_to_rgb, unpatchify
from generation.engine.loading import load_pipeline
from generation.engine.preview import LatentColours, StepPreview
from generation.engine.prompts import PromptCache
from generation.plan.errors import Cancelled, OutOfMemory
from generation.plan.ports import StepHook
from generation.plan.profile import ModelProfile
from generation.plan.request import PaintedWindow, PaintRequest
from zones.errors import WorkError
from zones.geometry import LATTICE_PX

_FEATURE = 128
"""Inpaint mask value from which the binary mask of a plain run repaints."""


class KleinEngine:
    """Paints windows with a FLUX.2 Klein model; implements `generation.plan.ports.Engine`.

    The same request gives the same pixels on the same device, dtype and thread count. Not for use
    by two threads at once.

    Args:
        folder: a checked model folder.
        profile: the model's numbers.
        device: where it runs.
        dtype: of weights and latents.

    Raises:
        InputError: the folder's files do not make a whole model.
    """

    def __init__(
        self,
        folder: ModelFolder,
        profile: ModelProfile,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        make_deterministic(device)
        self.profile = profile
        self._folder = folder
        self._device = device
        self._dtype = dtype
        self._pipe = load_pipeline(folder, profile, device, dtype)
        self._prompts = PromptCache(self._encode_prompt)
        self._colours = LatentColours(self._pipe)
        self._compositors = Compositors(folder, self._pipe.vae, device)
        self._is_closed = False

    @cached_property
    def model_hash(self) -> str:
        """SHA-256 over everything that loading reads, hex."""
        return folder_hash(self._folder)

    @property
    def latent_channels(self) -> int:
        """Channels of one latent cell, and so of a request's noise."""
        return int(self._pipe.latent_channels)

    def paint(self, request: PaintRequest, on_step: StepHook | None = None) -> PaintedWindow:
        """Paint one window.

        Args:
            request: the compiled window and its noise.
            on_step: called after each step; an exception from it ends the run there.

        Raises:
            Cancelled: from the hook, and the engine is ready for the next request; or the engine
                was closed.
            InputError: the model has no such compositor, or a damaged one.
            OutOfMemory: the window does not fit into the device's memory.
            WorkError: the model gave no finite picture.
        """
        started = time.perf_counter()
        height, width = request.seed_canvas.shape[:2]
        preview = StepPreview(self._colours, height, width)
        finished = Finished.of(request)
        steps_run = 0

        def on_step_end(
            pipe: Any, step: int, _timestep: Any, tensors: dict[str, Any]
        ) -> dict[str, Any]:
            nonlocal steps_run
            steps_run = step + 1
            if on_step is not None:
                on_step(steps_run, pipe.num_timesteps, preview.after_step(pipe, step, tensors))
            self._check_open()
            return {}

        self._check_open()
        with self._memory_limit(width, height, request.reference), torch.no_grad():
            source = self._encode(request.seed_canvas, finished)
            latents = self._pipe(
                image=patchify(source),
                noise=request.noise,
                reference=request.reference,
                num_inference_steps=request.steps,
                strength=request.strength,
                guidance_scale=self.profile.guidance_scale,
                output_type="latent",
                callback_on_step_end=on_step_end,
                callback_on_step_end_tensor_inputs=list(preview.TENSORS),
                **self._text(request.prompt),
                **self._mask(request),
            ).images
        with self._memory_limit(width, height), torch.no_grad():
            rgb = self._decode(latents)
            if finished is not None:
                among = self._cells(finished.laid_over(rgb))
                rgb = self._decode(finished.settled(latents, source, among))
        return PaintedWindow(rgb, time.perf_counter() - started, steps_run)

    def round_trip(self, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Encode and decode a picture, uint8 (h, w, 3), of any size.

        Raises:
            OutOfMemory: the picture does not fit into the device's memory.
            WorkError: the model gave no finite picture.
        """
        height, width = rgb.shape[:2]
        beyond = ((0, -height % LATTICE_PX), (0, -width % LATTICE_PX), (0, 0))
        padded = np.pad(rgb, beyond, mode="edge")
        with self._memory_limit(width, height), torch.no_grad():
            return self._decode(self._cells(padded))[:height, :width]

    def describe(self) -> Mapping[str, str | int | float]:
        """Model, device, sizes and versions, for reports."""
        pipe = self._pipe
        parts = {"transformer": pipe.transformer, "text": pipe.text_encoder, "vae": pipe.vae}
        sizes = {f"{name}_parameters": model.num_parameters() for name, model in parts.items()}
        cuda = self._device.type == "cuda"
        return {
            "model": self._folder.name,
            "path": str(self._folder.path),
            "model_hash": self.model_hash,
            "model_bytes": self._folder.size_bytes,
            "compositor_hash": compositor_hash(self._folder),
            **sizes,
            "latent_channels": self.latent_channels,
            "device": str(self._device),
            "device_name": torch.cuda.get_device_name(self._device) if cuda else "CPU",
            "dtype": str(self._dtype).removeprefix("torch."),
            "threads": torch.get_num_threads(),
            "torch": str(torch.__version__),
            "diffusers": str(diffusers.__version__),
        }

    def close(self) -> None:
        """End at the next step and paint no more; the memory goes with the last reference."""
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise Cancelled

    def _text(self, prompt: str) -> dict[str, Any]:
        """Embeddings of the prompt, and of the empty one where guidance needs a second pass."""
        texts = {"prompt_embeds": prompt}
        if self.profile.guidance_scale > 1.0 and not self._folder.is_distilled:
            texts["negative_prompt_embeds"] = ""
        return {
            name: self._prompts.embeddings(text).to(self._device) for name, text in texts.items()
        }

    def _encode_prompt(self, text: str) -> torch.Tensor:
        with torch.no_grad():
            embeddings: torch.Tensor = self._pipe.encode_prompt(
                prompt=text,
                device=self._device,
                max_sequence_length=self.profile.text_tokens,
                text_encoder_out_layers=self.profile.text_layers,
            )[0]
        return embeddings

    def _encode(self, canvas: npt.NDArray[np.uint8], finished: Finished | None) -> torch.Tensor:
        """Latent cells of a seed canvas, finished ones as they are among their like."""
        cells = self._cells(canvas)
        return (
            cells if finished is None else finished.joined(self._cells(finished.mirrored()), cells)
        )

    def _cells(self, rgb: npt.NDArray[np.uint8]) -> torch.Tensor:
        """Pixels uint8 (8h, 8w, 3) to latent cells (1, C, h, w)."""
        return unpatchify(self._pipe.encode_canvas(rgb_to_tensor(rgb)))

    def _decode(self, latents: torch.Tensor) -> npt.NDArray[np.uint8]:
        """Latent cells (1, C, h, w) to pixels uint8 (8h, 8w, 3)."""
        decoded = self._pipe.vae.decode(latents.to(self._dtype), return_dict=False)[0]
        if not bool(torch.isfinite(decoded).all()):
            raise WorkError(
                f"{self._folder.name} gave a picture with values that are no numbers on "
                f"{self._device}; check its weights or try another device"
            )
        return tensor_to_rgb(decoded)

    def _mask(self, request: PaintRequest) -> dict[str, Any]:
        """The change map and its compositor, or the binary mask that stands in for it."""
        if request.plain:
            white = torch.tensor(request.inpaint_mask) >= _FEATURE
            return {"mask_image": white[None, None].float()}
        if request.change_map is None:
            return {"mask_image": torch.ones((1, 1, *request.inpaint_mask.shape))}
        keywords: dict[str, Any] = {"change_map": request.change_map, "gate": request.gate}
        if splits_cells(request.change_map[None]):
            keywords["compositor"] = self._compositors.named(request.compositor)
        return keywords

    @contextmanager
    def _memory_limit(self, width: int, height: int, reference: bool = False) -> Iterator[None]:
        """Turns running out of memory into one line of advice and gives the memory back.

        Reference tokens cost memory in the transformer only, so they are named only there.
        """
        try:
            yield
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if self._device.type == "cuda":
                torch.cuda.empty_cache()
            needed, free = wanted_bytes(error), free_bytes(self._device)
            ways = ["turn the reference tokens off"] if reference else []
            ways += ["close other programs", "use a model with a smaller window"]
            ways += ["use the device cpu"] if self._device.type == "cuda" else []
            asked = f" (it asked for {gibibytes(needed)} more" if needed is not None else " ("
            asked += " and " if needed is not None else ""
            raise OutOfMemory(
                f"a window of {width} x {height} px needs more memory than {self._device} has "
                f"free{asked}{gibibytes(free)} are free); {', '.join(ways[:-1])} or {ways[-1]}",
                needed_bytes=needed,
                free_bytes=free,
            ) from error
