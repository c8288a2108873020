"""What an engine is given to paint one window, and what it hands back.

Everything that decides the pixels is inside the request, so the same request on the same device,
dtype and thread count gives the same window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from zones.gates import Gate
from zones.geometry import LATENT_PX, LATTICE_PX

CompositorName = Literal["linear", "decformer", "exact"]
"""How held and painted latents are joined at each step.

`linear` gates whole latent cells, `decformer` is the network that was trained for the model's VAE,
`exact` decodes both, joins pixels and encodes again.
"""


@dataclass(frozen=True, slots=True, eq=False)
class PaintRequest:
    """One window, compiled, with its noise.

    Attributes:
        seed_canvas: RGB the model starts from, uint8 (h, w, 3); both sides multiples of 16 px.
        inpaint_mask: uint8 (h, w): 0 keep, 128 feature, 255 generate.
        change_map: mu, float32 (h, w) in [0, 1]; None paints the whole window freely.
        prompt: the window's text.
        steps: length of the full schedule (T), >= 1.
        noise: the window's cut of the noise field, float32 (latent_channels, h / 8, w / 8),
            standard normal.
        strength: in (0, 1]; the share of the schedule that is run.
        gate: how mu becomes held steps.
        compositor: how held and painted latents are joined at each step.
        reference: whether the seed canvas also enters as reference tokens.
        plain: paint with the stock pipeline and the binary mask (feature counts as generate),
            without the change map.
        finished_mask: uint8 (h, w), not 0 where the seed canvas shows finished pixels that the
            change map holds; None where there are none.

    Raises:
        ValueError: a shape, dtype or number is not as above.
    """

    seed_canvas: npt.NDArray[np.uint8]
    inpaint_mask: npt.NDArray[np.uint8]
    change_map: npt.NDArray[np.float32] | None
    prompt: str
    steps: int
    noise: npt.NDArray[np.float32]
    strength: float = 1.0
    gate: Gate = "index"
    compositor: CompositorName = "linear"
    reference: bool = True
    plain: bool = False
    finished_mask: npt.NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        height, width = self.seed_canvas.shape[:2]
        if height % LATTICE_PX or width % LATTICE_PX or not height * width:
            msg = f"a window's sides are multiples of {LATTICE_PX} px, not {width} x {height}"
            raise ValueError(msg)
        _check("seed_canvas", self.seed_canvas, np.uint8, (height, width, 3))
        _check("inpaint_mask", self.inpaint_mask, np.uint8, (height, width))
        if self.change_map is not None:
            _check("change_map", self.change_map, np.float32, (height, width))
            if not (self.change_map.min() >= 0.0 and self.change_map.max() <= 1.0):
                msg = "change_map must lie in [0, 1]"
                raise ValueError(msg)
        if self.finished_mask is not None:
            _check("finished_mask", self.finished_mask, np.uint8, (height, width))
        cells = (height // LATENT_PX, width // LATENT_PX)
        _check("noise", self.noise, np.float32, (self.noise.shape[0], *cells))
        if self.steps < 1 or not 0.0 < self.strength <= 1.0:
            msg = f"steps must be >= 1 and strength in (0, 1], not {self.steps}, {self.strength}"
            raise ValueError(msg)
        for name in ("seed_canvas", "inpaint_mask", "change_map", "noise", "finished_mask"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))


@dataclass(frozen=True, slots=True, eq=False)
class PaintedWindow:
    """A raw window: as decoded, before any paste-back or blending.

    Attributes:
        rgb: uint8 (h, w, 3).
        elapsed_s: seconds from request to pixels.
        steps_run: denoising steps really done (fewer than `steps` where strength < 1).
    """

    rgb: npt.NDArray[np.uint8]
    elapsed_s: float
    steps_run: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "rgb", _read_only(self.rgb))


def _check(name: str, array: npt.NDArray[Any], dtype: type, shape: tuple[int, ...]) -> None:
    if array.dtype != dtype or array.shape != shape:
        msg = f"{name} must be {np.dtype(dtype)} {shape}, not {array.dtype} {array.shape}"
        raise ValueError(msg)


def _read_only(array: npt.NDArray[Any] | None) -> npt.NDArray[Any] | None:
    if array is None:
        return None
    view = array.view()
    view.setflags(write=False)
    return view
