"""Differential diffusion for FLUX.2 Klein, through the step callback of the stock pipeline.

The stock denoising loop runs as it is, with a mask that lets it change everything; after each
step the callback puts back what the change map holds. The run's noise and the reference stream
are reached through two of the pipeline's own preparation methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from diffusers import Flux2KleinInpaintPipeline

from generation.engine.compositing.compositors import Compositor, TokenSpace
from generation.engine.gate import CellPx, change_map_array, gate_cells, held_reach, pack_cells
from generation.engine.latents import encode_tokens, pack, patchify
from zones.gates import Gate, held_steps

STOCK_MAX_AREA_PX = 1024 * 1024
"""The stock pipeline shrinks pictures above this area; patchified latents it takes as they are."""

StepEnd = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]
"""diffusers' `callback_on_step_end`."""


@dataclass
class _Run:
    """What one call adds to a stock call; lives exactly as long as the call."""

    change_map: npt.NDArray[np.float32] | None
    gate: Gate
    cell_px: CellPx
    noise: torch.Tensor | None
    reference: bool
    compositor: Compositor | None = None
    held: torch.Tensor | None = None
    source: torch.Tensor | None = None
    before: torch.Tensor | None = None

    def check_size(self, batch: int, channels: int, height: int, width: int) -> None:
        """Refuse a change map or noise that doesn't fit the canvas, before the first step."""
        if self.change_map is not None:
            count, *sides = self.change_map.shape
            if sides != [height, width] or batch % count:
                raise ValueError(
                    f"change_map {self.change_map.shape} does not fit {batch} canvas(es) of "
                    f"{height} x {width} px"
                )
        if self.noise is not None:
            count, *shape = self.noise.shape
            if shape != [channels, height // 8, width // 8] or count not in (1, batch):
                raise ValueError(
                    f"noise {tuple(self.noise.shape)} does not fit {batch} canvas(es) of "
                    f"{channels} channels and {height} x {width} px"
                )


class Flux2KleinDifferentialPipeline(Flux2KleinInpaintPipeline):
    """`Flux2KleinInpaintPipeline` with a change map instead of a mask.

    Loads from every folder the stock class loads from. Called without the keywords below it *is*
    the stock pipeline, except that a canvas over 1024 x 1024 px is painted at its own size
    instead of being shrunk.
    """

    _callback_tensor_inputs = (
        "latents",
        "prompt_embeds",
        "init_latents_proper",
        "noise",
        "image_latents",
    )

    scheduler: Any
    _run: _Run | None = None

    def __call__(  # noqa: PLR0913 - the stock call and five keywords
        self,
        prompt: str | list[str] | None = None,
        image: Any = None,
        image_reference: Any = None,
        mask_image: Any = None,
        *,
        change_map: npt.ArrayLike | torch.Tensor | None = None,
        gate: Gate = "index",
        cell_px: CellPx = 8,
        compositor: Compositor | None = None,
        noise: torch.Tensor | npt.NDArray[np.float32] | None = None,
        reference: bool = True,
        **stock: Any,
    ) -> Any:
        """Paint; all other keywords are those of the stock pipeline.

        Args:
            prompt: one text per image of a batch.
            image: the seed canvas, as the stock pipeline takes it.
            image_reference: a style reference, as the stock pipeline takes it.
            mask_image: the stock mask; without a change map only.
            change_map: mu in [0, 1], float (H, W) or (B, H, W) in px of the canvas: the share of
                the steps in which the model may change a pixel. Takes the place of `mask_image`.
            gate: "index" holds step i of T while 1 - mu > i / T; "sigma" while sigma_i > f(mu).
            cell_px: 8 gates each latent cell, 16 each token.
            compositor: fuses the clean prediction with the source where pixels are held, in place
                of the gate by cells. What is held at every step is then held to the pixel, the
                rest still by cells of `cell_px`.
            noise: the run's noise, standard normal (C, H / 8, W / 8) or (B, C, H / 8, W / 8), not
                patchified; right at any strength. None draws from `generator`.
            reference: whether the seed canvas is appended as reference tokens.
            **stock: passed on. A `callback_on_step_end` sees the latents after the gate.

        Returns:
            What the stock pipeline returns.

        Raises:
            ValueError: the keywords contradict each other or do not fit the canvas.
        """
        if change_map is not None and mask_image is not None:
            raise ValueError("give change_map or mask_image, not both")
        if noise is not None and stock.get("latents") is not None:
            raise ValueError("give noise or latents, not both")
        if compositor is not None and change_map is None:
            raise ValueError("a compositor needs a change_map")
        self._run = _Run(
            change_map=None if change_map is None else change_map_array(change_map),
            gate=gate,
            cell_px=cell_px,
            noise=None if noise is None else _noise_tensor(noise),
            reference=reference,
            compositor=compositor,
        )
        try:
            if self._run.change_map is not None:
                mask_image = torch.ones((1, 1, *self._run.change_map.shape[1:]))
                stock = self._with_gate(self._run, stock)
            with self._schedule_for(stock):
                return super().__call__(
                    prompt, self._at_full_size(image), image_reference, mask_image, **stock
                )
        except BaseException:
            self._forget_run()
            raise
        finally:
            self._run = None

    def encode_canvas(self, pixels: torch.Tensor) -> torch.Tensor:
        """Encode (B, 3, H, W) in [-1, 1] to the patchified latents that `image` takes."""
        with torch.no_grad():
            return encode_tokens(self.vae, pixels)

    def prepare_latents(  # noqa: PLR0913, PLR0917 - the stock signature
        self,
        image: torch.Tensor,
        timestep: torch.Tensor,
        batch_size: int,
        num_latents_channels: int,
        height: int,
        width: int,
        dtype: torch.dtype,
        device: torch.device,
        generator: Any = None,
        latents: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, ...]:
        """The stock method; a run's own noise takes the place of drawn noise.

        The stock `latents` argument is taken as the noise *and* as the start, which is right only
        where the schedule starts at sigma 1; here the start is the source noised to `timestep`.
        """
        size = (batch_size, num_latents_channels, height, width)
        if self._run is not None:
            self._run.check_size(*size)
        if self._run is None or self._run.noise is None:
            prepared = super().prepare_latents(
                image, timestep, *size, dtype, device, generator, latents
            )
            return self._remember(prepared)
        noise = patchify(self._run.noise.to(device=device, dtype=dtype))
        noise = noise.expand(batch_size, -1, -1, -1)
        _, packed_noise, packed_source, source, ids = super().prepare_latents(
            image, timestep, *size, dtype, device, generator, noise
        )
        start = self.scheduler.scale_noise(source, timestep, noise)
        return self._remember((pack(start), packed_noise, packed_source, source, ids))

    def prepare_image_latents(
        self,
        images: list[torch.Tensor],
        batch_size: int,
        generator: Any,
        device: torch.device,
        dtype: torch.dtype,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The stock method; without the seed canvas (the first image) when `reference` is off."""
        if self._run is not None and not self._run.reference:
            images = images[1:]
        if images:
            return super().prepare_image_latents(images, batch_size, generator, device, dtype)
        channels = self.transformer.config.in_channels
        tokens = torch.zeros((batch_size, 0, channels), device=device, dtype=dtype)
        ids = torch.zeros((batch_size, 0, 4), device=device, dtype=torch.int64)
        return tokens, ids

    @contextmanager
    def _schedule_for(self, stock: Mapping[str, Any]) -> Iterator[None]:
        """For a run of one step, a scheduler that does not stretch: it would divide by zero."""
        own = self.scheduler
        if stock.get("num_inference_steps") == 1 and own.config.get("shift_terminal"):
            self.scheduler = type(own).from_config(own.config, shift_terminal=None)
        try:
            yield
        finally:
            self.scheduler = own

    def _with_gate(self, run: _Run, stock: dict[str, Any]) -> dict[str, Any]:
        """The stock keywords with the gate in front of the caller's own step callback."""
        if stock.get("padding_mask_crop") is not None:
            raise ValueError("padding_mask_crop does not go with change_map")
        hook: StepEnd | None = stock.get("callback_on_step_end")
        wanted: Sequence[str] = stock.get("callback_on_step_end_tensor_inputs") or ["latents"]

        def on_step_end(
            pipe: Any, step: int, timestep: Any, tensors: dict[str, Any]
        ) -> dict[str, Any]:
            tensors["latents"] = self._hold(run, step, tensors)
            if hook is None:
                return {"latents": tensors["latents"]}
            answer = hook(pipe, step, timestep, {name: tensors[name] for name in wanted})
            return {"latents": tensors["latents"], **(answer or {})}

        names = dict.fromkeys(["latents", "init_latents_proper", *wanted])
        return {
            **stock,
            "callback_on_step_end": on_step_end,
            "callback_on_step_end_tensor_inputs": list(names),
        }

    def _hold(self, run: _Run, step: int, tensors: dict[str, Any]) -> torch.Tensor:
        """The latents after step `step`, held cells put back to the noised source.

        `init_latents_proper` is what the stock loop keeps outside its own mask: the source noised
        to the next timestep with the run's noise, and the clean source after the last step.
        """
        latents: torch.Tensor = tensors["latents"]
        skipped = len(self.scheduler.timesteps) - self.num_timesteps
        if run.compositor is not None:
            if run.held is None:
                run.held = self._held_pixels(run, latents)
            return self._fuse(run, skipped + step, latents)
        if run.held is None:
            run.held = self._held_tokens(run, latents)
        return torch.where(run.held > skipped + step, tensors["init_latents_proper"], latents)

    def _remember(self, prepared: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """Keep the start and the source, where a compositor will ask for them."""
        if self._run is not None and self._run.compositor is not None:
            self._run.before, self._run.source = prepared[0], prepared[3]
        return prepared

    def _fuse(self, run: _Run, index: int, latents: torch.Tensor) -> torch.Tensor:
        """The latents after step `index` with the source composited into the clean prediction.

        The prediction x0 = z - t v is fused with the source to x0*, and the step is taken again
        towards it: z' = (t' / t) z + (1 - t' / t) x0* (Bradbury & Zhong 2025). Where whole cells
        are held this is the gate.
        """
        assert run.before is not None
        assert run.source is not None
        assert run.compositor is not None
        assert run.held is not None
        held = (run.held > index).float()
        if bool(held.any()):
            now, later = (float(sigma) for sigma in self.scheduler.sigmas[index : index + 2])
            before, after = run.before.float(), latents.float()
            clean = before - now * (after - before) / (later - now)
            grid = clean.transpose(1, 2).reshape(run.source.shape)
            space = TokenSpace.of(self.vae)
            fused = pack(space.composite(run.compositor, grid, run.source.float(), held))
            latents = (later / now * before + (1.0 - later / now) * fused).to(latents.dtype)
        run.before = latents
        return latents

    def _held_tokens(self, run: _Run, latents: torch.Tensor) -> torch.Tensor:
        """Held steps of the full schedule, laid out like `latents`."""
        assert run.change_map is not None
        sigmas = self.scheduler.sigmas[:-1].tolist()
        cells = gate_cells(run.change_map, gate=run.gate, sigmas=sigmas, cell_px=run.cell_px)
        held = pack_cells(cells, latents.shape[-1] // 4, run.cell_px)
        repeats = latents.shape[0] // held.shape[0]
        return held.repeat(repeats, 1, 1).to(latents.device)

    def _held_pixels(self, run: _Run, latents: torch.Tensor) -> torch.Tensor:
        """Held steps of the full schedule, (B, 1, H, W)."""
        assert run.change_map is not None
        sigmas = self.scheduler.sigmas[:-1].tolist()
        reach = held_reach(run.change_map, run.cell_px)
        held = torch.from_numpy(held_steps(reach, len(sigmas), run.gate, sigmas))
        repeats = latents.shape[0] // held.shape[0]
        return held.unsqueeze(1).repeat(repeats, 1, 1, 1).to(latents.device)

    def _at_full_size(self, image: Any) -> Any:
        """Encode a canvas the stock pipeline would shrink; anything else passes unchanged."""
        parts = image if isinstance(image, list) else [image]
        if image is None or not parts or self._is_latents(parts[0]):
            return image
        height, width = self._get_raw_image_size(parts[0])
        if height * width <= STOCK_MAX_AREA_PX:
            return image
        if isinstance(parts[0], torch.Tensor) and parts[0].ndim == 4:  # noqa: PLR2004 - batches
            image = torch.cat(parts)
        pixels = self.image_processor.preprocess(image, height // 16 * 16, width // 16 * 16)
        return self.encode_canvas(pixels)

    def _is_latents(self, image: Any) -> bool:
        return (
            isinstance(image, torch.Tensor)
            and image.ndim == 4  # noqa: PLR2004 - (B, 4C, h, w)
            and image.shape[1] == 4 * self.latent_channels
        )

    def _forget_run(self) -> None:
        """Leave no trace of a call that did not come to its end."""
        self._current_timestep = None
        self._interrupt = False
        self.scheduler._step_index = None  # noqa: SLF001 - as set_timesteps leaves it
        self.scheduler._begin_index = None  # noqa: SLF001
        self.maybe_free_model_hooks()


def _noise_tensor(noise: torch.Tensor | npt.NDArray[np.float32]) -> torch.Tensor:
    """Noise as (B, C, h, w), copied, so that a read-only array is no matter."""
    tensor = noise if isinstance(noise, torch.Tensor) else torch.tensor(noise)
    tensor = tensor.unsqueeze(0) if tensor.ndim == 3 else tensor  # noqa: PLR2004 - (C, h, w)
    if tensor.ndim != 4:  # noqa: PLR2004 - (B, C, h, w)
        raise ValueError(f"noise must be (C, h, w) or (B, C, h, w), not {tuple(tensor.shape)}")
    return tensor
