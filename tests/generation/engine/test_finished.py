"""Finished pixels are encoded among their like: mirrored surroundings, then the painted window."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from generation.engine.factory import load_engine
from generation.engine.finished import Finished, mirrored
from generation.plan.noise import noise_window
from generation.plan.ports import Engine
from generation.plan.request import PaintRequest
from generation.worlds import Layout, paint_world
from zones.geometry import Rect

SIDE, STRIP = 256, 64
NOTHING = np.zeros((SIDE, SIDE), np.uint8)
LEFT = NOTHING.copy()
LEFT[:, :STRIP] = 255


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine("klein-mini", "cpu")


@cache
def autumn() -> npt.NDArray[np.uint8]:
    """A canvas of flat green beside a strip of a neighbour that is an autumn forest."""
    canvas = np.full((SIDE, SIDE, 3), (52, 92, 48), np.uint8)
    forest = paint_world(Layout(np.full((SIDE, SIDE), 2, np.uint8), ()), "autumn", 3)
    canvas[:, :STRIP] = forest[:, :STRIP]
    return canvas


def request(mu: float = 0.0, steps: int = 2) -> PaintRequest:
    return PaintRequest(
        seed_canvas=autumn(),
        inpaint_mask=np.where(LEFT > 0, np.uint8(0), np.uint8(255)),
        change_map=np.where(LEFT > 0, np.float32(mu), np.float32(1)),
        prompt="forest in autumn",
        steps=steps,
        noise=noise_window(1, Rect(0, 0, SIDE // 8, SIDE // 8), 16),
        finished_mask=LEFT,
    )


@st.composite
def pictures(draw: st.DrawFn) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    shape = draw(st.tuples(st.integers(2, 24), st.integers(2, 24)))
    known = draw(arrays(np.bool_, shape).filter(lambda mask: mask.any() and not mask.all()))
    rgb = np.arange(known.size * 3, dtype=np.uint32).reshape(*shape, 3)
    return (rgb % 251).astype(np.uint8), known


@given(pictures())
def test_a_filled_picture_shows_known_pixels_only(
    case: tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]],
) -> None:
    rgb, known = case
    filled = mirrored(rgb, known)
    assert (filled[known] == rgb[known]).all()
    assert {tuple(pixel) for pixel in filled[~known]} <= {tuple(pixel) for pixel in rgb[known]}


@given(deep=st.integers(2, 12), more=st.integers(1, 40), right=st.booleans(), turned=st.booleans())
def test_a_strip_is_mirrored_to_and_fro(deep: int, more: int, right: bool, turned: bool) -> None:
    strip = np.arange(5 * deep * 3, dtype=np.uint8).reshape(5, deep, 3)
    expected = np.pad(strip, ((0, 0), (0, more), (0, 0)), mode="reflect")
    known = np.zeros((5, deep + more), np.bool_)
    known[:, :deep] = True
    rgb = np.where(known[..., None], expected, np.uint8(0))
    if right:
        expected, known, rgb = expected[:, ::-1], known[:, ::-1], rgb[:, ::-1]
    if turned:
        expected, known, rgb = expected.swapaxes(0, 1), known.T, rgb.swapaxes(0, 1)
    assert (mirrored(np.ascontiguousarray(rgb), np.ascontiguousarray(known)) == expected).all()


def test_nothing_is_finished_without_a_whole_cell_to_hold_or_one_to_paint() -> None:
    thin = NOTHING.copy()
    thin[:, 3:14] = 255
    own = request()
    assert Finished.of(own) is not None
    for other in (None, NOTHING, thin, np.full_like(LEFT, 255)):
        assert Finished.of(replace(own, finished_mask=other)) is None
    assert Finished.of(replace(own, plain=True)) is None
    assert Finished.of(replace(own, change_map=None)) is None


@given(st.floats(0, 1, width=32))
def test_the_more_a_cell_may_change_the_less_it_is_settled(mu: float) -> None:
    finished = Finished.of(request(mu))
    assert finished is not None
    zero, one = torch.zeros(1, 4, 32, 32), torch.ones(1, 4, 32, 32)
    settled = finished.settled(zero, zero, one)
    assert torch.allclose(settled[..., : STRIP // 8], torch.tensor(1 - mu), atol=1e-5)
    assert not settled[..., STRIP // 8 :].any()


@given(st.floats(-2, 2, width=32))
def test_a_cell_held_at_every_step_ends_as_it_is_within_the_window(joined: float) -> None:
    finished = Finished.of(request(0.0))
    assert finished is not None
    zero, one = torch.zeros(1, 4, 32, 32), torch.ones(1, 4, 32, 32)
    settled = finished.settled(joined * one, zero, one)
    assert torch.equal(settled[..., : STRIP // 8], one[..., : STRIP // 8])
    assert torch.equal(settled[..., STRIP // 8 :], joined * one[..., STRIP // 8 :])


def test_a_finished_strip_keeps_its_colour_better_than_among_flat_colours(engine: Engine) -> None:
    own = request()

    def shift(asked: PaintRequest) -> float:
        painted, finished = engine.paint(asked).rgb[:, :STRIP], own.seed_canvas[:, :STRIP]
        return float(np.abs(painted.mean((0, 1)) - finished.mean((0, 1))).max())

    assert shift(own) < 0.6 * shift(replace(own, finished_mask=None))
