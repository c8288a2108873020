"""The zone reader learns from rendered truth, is kept, and is compared with what was painted."""

from pathlib import Path

import numpy as np
import pytest

from generation.engine.figures.classifier import Lessons, ZoneReader, load_reader
from generation.engine.figures.overlap import read_windows
from generation.engine.figures.reader_net import ReaderNet
from generation.engine.figures.scenes import CLASSIFIER_SEED, class_labels, measured_windows
from generation.worlds import LOOKS, make_layout, paint_world
from tests.generation.engine.figures.test_scenes import PROFILE
from zones.geometry import Rect

SHORT = Lessons(layouts=2, side_px=128, steps=40)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader")


@pytest.fixture(scope="module")
def reader(work: Path) -> ZoneReader:
    return load_reader(work, SHORT, progress=False)


class Oracle(ZoneReader):
    """Reads what was painted, with one class told as another."""

    def __init__(self, labels: dict[bytes, np.ndarray], told: dict[int, int]) -> None:
        super().__init__(ReaderNet(len(LOOKS)))
        self._labels, self._told = labels, told

    def read(self, picture: np.ndarray) -> np.ndarray:
        labels = self._labels[picture.tobytes()].copy()
        for is_class, told in self._told.items():
            labels[labels == is_class] = told
        return labels


def test_a_few_lessons_already_tell_zones_apart_far_above_chance(reader: ZoneReader) -> None:
    right = []
    for number, look in enumerate(LOOKS):
        layout = make_layout(CLASSIFIER_SEED + 100 * number, 128, 128)
        found = reader.read(paint_world(layout, look, CLASSIFIER_SEED))
        right.append((found == class_labels(layout, Rect(0, 0, 128, 128))).mean())
    assert np.mean(right) > 0.35


def test_a_kept_reader_reads_as_the_one_that_was_trained(reader: ZoneReader, work: Path) -> None:
    picture = paint_world(make_layout(3, 64, 64), "summer", 3)
    kept = load_reader(work, SHORT, progress=False)
    assert len(list(work.glob("*.safetensors"))) == 1
    assert np.array_equal(kept.read(picture), reader.read(picture))
    assert kept.look(picture) == reader.look(picture)


def test_a_perfect_reading_scores_one_and_a_confused_zone_costs_its_share() -> None:
    windows = measured_windows(PROFILE, 24, seed=1)
    truths = [window.truth for window in windows]
    labels = {w.truth.tobytes(): w.labels for w in windows}
    perfect = read_windows(Oracle(labels, {}), windows, truths)
    confused = read_windows(Oracle(labels, {1: 4}), windows, truths)
    assert perfect.fidelity == perfect.fidelity_everywhere == perfect.overlap == 1.0
    assert confused.by_zone["forest"] == 0.0
    assert confused.by_zone["grass"] == confused.by_zone["rock"] == 1.0
    assert confused.fidelity < 1.0


def test_stencils_that_are_not_read_have_no_overlap() -> None:
    windows = measured_windows(PROFILE, 24, seed=1)
    labels = {w.truth.tobytes(): w.labels for w in windows}
    blind = Oracle(labels, dict.fromkeys((8, 9, 10), 0))
    reading = read_windows(blind, windows, [window.truth for window in windows])
    assert reading.overlap == 0.0
    assert reading.fidelity == 1.0
