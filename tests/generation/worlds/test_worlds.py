"""Facts about the procedural worlds that the bundled model is trained on."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from generation.worlds import LOOKS, Layout, make_layout, paint_world
from zones.geometry import Rect
from zones.strokes import Stroke, stroke_coverage

PALETTE = {
    1: (126, 165, 80),
    2: (52, 92, 48),
    3: (60, 110, 160),
    4: (214, 190, 130),
    5: (130, 125, 118),
    6: (235, 238, 242),
    7: (96, 112, 72),
    8: (196, 178, 96),
}


def flat(zone: int, *strokes: Stroke, side: int = 192) -> Layout:
    return Layout(np.full((side, side), zone, np.uint8), strokes)


def fine_energy(picture: npt.NDArray[np.uint8]) -> float:
    luma = picture.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    spectrum = np.abs(np.fft.fft2(luma - luma.mean())) ** 2 / luma.size**2
    fy, fx = np.meshgrid(*[np.fft.fftfreq(n) for n in luma.shape], indexing="ij")
    return float(spectrum[np.hypot(fy, fx) > 0.125].sum())


def test_layout_is_the_same_for_the_same_seed_and_differs_for_another() -> None:
    first, again, other = (make_layout(s, 256, 320) for s in (3, 3, 4))
    assert np.array_equal(first.zones, again.zones)
    pairs = zip(first.strokes, again.strokes, strict=True)
    assert all(np.array_equal(a.points, b.points) for a, b in pairs)
    assert not np.array_equal(first.zones, other.zones)


def test_every_pixel_has_a_zone_and_all_eight_zones_occur_over_worlds() -> None:
    seen: set[int] = set()
    for seed in range(6):
        zones = make_layout(seed, 384, 512).zones
        assert zones.shape == (384, 512)
        assert zones.dtype == np.uint8
        seen |= set(np.unique(zones).tolist())
    assert seen == set(range(1, 9))


def test_strokes_have_known_kinds_and_widths_of_8_to_40_px() -> None:
    for seed in range(12):
        for stroke in make_layout(seed, 512, 512).strokes:
            assert stroke.kind in {"river", "path", "road"}
            low = 14 if stroke.kind == "river" else 8
            assert low - 1e-9 <= stroke.points[:, 2].min() <= stroke.points[:, 2].max() <= 40


@pytest.mark.parametrize("look", LOOKS)
def test_painting_gives_the_same_bytes_for_the_same_arguments(look: str) -> None:
    layout = make_layout(7, 160, 208)
    first = paint_world(layout, look, 5)
    assert first.shape == (160, 208, 3)
    assert first.tobytes() == paint_world(layout, look, 5).tobytes()
    assert first.tobytes() != paint_world(layout, look, 6).tobytes()


def test_looks_differ_clearly_in_colour() -> None:
    layout = make_layout(1, 256, 256)
    pictures = [paint_world(layout, look, 1).astype(np.float64) for look in LOOKS]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(pictures[a] - pictures[b]).mean() > 15


def test_an_unknown_look_is_refused() -> None:
    with pytest.raises(ValueError, match="no look 'winter'"):
        paint_world(flat(1, side=32), "winter", 0)


@pytest.mark.parametrize("zone", sorted(PALETTE))
def test_every_zone_has_fine_detail_in_every_look(zone: int) -> None:
    for look in LOOKS:
        assert fine_energy(paint_world(flat(zone), look, 2)[32:160, 32:160]) > 4.0


@pytest.mark.parametrize("zone", sorted(PALETTE))
def test_mean_summer_colour_of_a_zone_is_near_its_palette_colour(zone: int) -> None:
    mean = paint_world(flat(zone), "summer", 2).reshape(-1, 3).mean(axis=0)
    assert np.abs(mean - PALETTE[zone]).max() < 30


@pytest.mark.parametrize("look", LOOKS)
def test_zone_border_stays_within_4_px_of_the_layout(look: str) -> None:
    zones = np.full((192, 192), 4, np.uint8)
    zones[:, 96:] = 3
    blue = paint_world(Layout(zones, ()), look, 3).astype(np.float64)
    warm = cv2.blur(blue[..., 0] - blue[..., 2], (1, 9))
    assert np.median(warm[:, :90]) > np.median(warm[:, 102:]) + 20
    middle = (np.median(warm[:, :80]) + np.median(warm[:, 112:])) / 2
    borders = (cv2.blur(warm, (5, 5)) > middle).sum(axis=1)
    assert np.abs(borders - 96).mean() < 4


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("kind", "zone"), [("river", 1), ("path", 2), ("road", 4)])
def test_a_stroke_is_painted_in_place_and_only_there(look: str, kind: str, zone: int) -> None:
    line = np.array([[20.0, 96.0, 24.0], [172.0, 96.0, 24.0]])
    stroke = Stroke(kind, line, None)
    cover = stroke_coverage(stroke, Rect(0, 0, 192, 192))
    with_stroke = paint_world(flat(zone, stroke), look, 4).astype(np.float64)
    without = paint_world(flat(zone), look, 4).astype(np.float64)
    change = np.abs(with_stroke - without).mean(axis=2)
    assert change[cover > 0.9].mean() > 20
    assert change[cv2.dilate(cover, np.ones((61, 61))) == 0].mean() < 1
