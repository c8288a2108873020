"""Cell means, distances and halos of masks with known answers."""

import numpy as np
import torch

from generation.engine.compositing.masks import (
    HALO_PX,
    area_cells,
    constant_value,
    fold_cells,
    halo,
    mask_layers,
    signed_distance,
)


def half_plane() -> np.ndarray:
    mask = np.zeros((32, 32), np.float32)
    mask[:, 13:] = 1.0
    return mask


def test_pixels_beside_the_edge_are_half_a_pixel_from_it() -> None:
    distance = signed_distance(half_plane())
    assert distance[4, 10:16].tolist() == [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]


def test_a_mask_without_an_edge_is_infinitely_far_on_its_side() -> None:
    assert np.all(signed_distance(np.ones((8, 8), np.float32)) == np.inf)
    assert np.all(signed_distance(np.zeros((8, 8), np.float32)) == -np.inf)


def test_the_halo_falls_to_1_over_e_at_8_px() -> None:
    mask = half_plane()
    weights = halo(mask, signed_distance(mask))
    assert np.isclose(weights[0, 13], np.exp(-((0.5 / HALO_PX) ** 2)))
    assert np.isclose(weights[0, 20], np.exp(-((7.5 / HALO_PX) ** 2)))


def test_the_halo_is_full_where_the_mask_is_half_open() -> None:
    mask = np.full((8, 8), 0.5, np.float32)
    assert np.all(halo(mask, signed_distance(mask)) == 1.0)


def test_a_constant_mask_has_no_halo() -> None:
    assert not mask_layers(torch.ones(1, 1, 16, 16))[:, 1].any()


def test_cells_are_means_and_folded_cells_keep_every_pixel() -> None:
    mask = torch.arange(256.0).view(1, 1, 16, 16) / 256.0
    assert torch.equal(area_cells(mask), fold_cells(mask).mean(dim=1, keepdim=True))
    assert sorted(fold_cells(mask).flatten().tolist()) == mask.flatten().tolist()


def test_only_masks_of_all_zeros_or_all_ones_are_constant() -> None:
    batch = torch.stack([torch.full((1, 8, 8), value) for value in (0.0, 1.0, 0.5)])
    found = constant_value(batch).flatten()
    assert found[:2].tolist() == [0.0, 1.0]
    assert torch.isnan(found[2])
