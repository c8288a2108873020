"""How finished pixels enter a window: encoded among their like, not among flat colours.

A VAE normalises over the whole picture and attends across it, so the latents of a strip depend on
all that surrounds it. Beside the flat colours of zones that are still to be painted, a finished
neighbour comes back in other colours. Here its surroundings are its own mirror image first, and
the painted window itself at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch

from generation.plan.request import PaintRequest
from zones.geometry import LATENT_PX

_U8 = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """The pixels of a request that are finished.

    Attributes:
        canvas: the seed canvas, uint8 (h, w, 3).
        mask: bool (h, w), finished pixels.
        cells: bool (1, 1, h / 8, w / 8), latent cells that are finished altogether.
        held: float32 (1, 1, h / 8, w / 8), 1 - mu of those cells, 0 elsewhere.
    """

    canvas: _U8
    mask: _Mask
    cells: torch.Tensor
    held: torch.Tensor

    @classmethod
    def of(cls, request: PaintRequest) -> Finished | None:
        """What a request holds; None where no whole cell is finished, or every pixel is."""
        if request.finished_mask is None or request.change_map is None or request.plain:
            return None
        mask = request.finished_mask > 0
        rows, columns = (side // LATENT_PX for side in mask.shape)
        in_cells = (rows, LATENT_PX, columns, LATENT_PX)
        cells = mask.reshape(in_cells).all(axis=(1, 3))
        if mask.all() or not cells.any():
            return None
        held = cells * (1 - request.change_map.reshape(in_cells).mean(axis=(1, 3)))
        places = (torch.from_numpy(each)[None, None] for each in (cells, held.astype(np.float32)))
        return cls(request.seed_canvas, mask, *places)

    def mirrored(self) -> _U8:
        """The finished pixels, mirrored over all others, uint8 (h, w, 3)."""
        return mirrored(self.canvas, self.mask)

    def laid_over(self, rgb: _U8) -> _U8:
        """The finished pixels over a painted window, uint8 (h, w, 3)."""
        return np.asarray(np.where(self.mask[..., None], self.canvas, rgb), dtype=np.uint8)

    def joined(self, mirrored: torch.Tensor, canvas: torch.Tensor) -> torch.Tensor:
        """Finished cells among their mirror image, all others from the canvas, (1, C, h, w)."""
        return torch.where(self.cells.to(canvas.device), mirrored, canvas)

    def settled(
        self, latents: torch.Tensor, source: torch.Tensor, among: torch.Tensor
    ) -> torch.Tensor:
        """Painted latents, rid of what the surroundings did to the source of finished cells.

        Cells that were held at every step become what they are within the painted window, whatever
        joined them to their surroundings; others move by their share of that.

        Args:
            latents: of the painted window, (1, C, h, w).
            source: that it was held to.
            among: the finished pixels encoded within the painted window.
        """
        held = self.held.to(latents.device, latents.dtype)
        moved = latents + held * (among - source).to(latents.dtype)
        return torch.where(held == 1.0, among.to(latents.dtype), moved)


def mirrored(rgb: _U8, known: _Mask) -> _U8:
    """Mirror the known pixels of a picture over the unknown ones, to and fro.

    Each unknown pixel is mirrored at the known pixel nearest to it, as often as the known part is
    deep; where that leads outside the known part, the nearest pixel itself is taken.

    Args:
        rgb: uint8 (h, w, 3).
        known: bool (h, w), some but not all pixels.

    Returns:
        uint8 (h, w, 3), the known pixels unchanged.
    """
    y, x = np.nonzero(~known)
    near_y, near_x = (places[~known] for places in _nearest(known))
    down, right = near_y - y, near_x - x
    distance = np.hypot(down, right)
    depth = cv2.distanceTransform(known.astype(np.uint8), cv2.DIST_C, 3).max()
    inwards = _folded(distance, max(1.0, float(depth) - 1)) / distance
    there_y = np.clip(np.rint(near_y + down * inwards), 0, known.shape[0] - 1).astype(np.intp)
    there_x = np.clip(np.rint(near_x + right * inwards), 0, known.shape[1] - 1).astype(np.intp)
    inside = known[there_y, there_x]
    filled = rgb.copy()
    filled[y, x] = rgb[np.where(inside, there_y, near_y), np.where(inside, there_x, near_x)]
    return filled


def _nearest(known: _Mask) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Row and column of the known pixel nearest to each pixel."""
    _, labels = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    y, x = np.nonzero(known)
    rows, columns = (np.zeros(int(labels.max()) + 1, dtype=np.intp) for _ in range(2))
    rows[labels[y, x]], columns[labels[y, x]] = y, x
    return rows[labels], columns[labels]


def _folded(distance: npt.NDArray[np.float64], depth: float) -> npt.NDArray[np.float64]:
    """Distances that run to and fro between 0 and `depth`."""
    return np.asarray(np.abs((distance + depth) % (2 * depth) - depth), dtype=np.float64)
