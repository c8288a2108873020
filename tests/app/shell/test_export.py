"""Exporting from the window: the same file as the command line's, with progress and a stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.cli.main import run
from app.shell.dialogs.export import ExportDialog
from app.shell.main_window import MainWindow
from painter.export import Strip
from tests.app.shell.windows import open_map, settle
from tests.support.qt import wait_until
from tests.support.toy_models import save_toy_folder
from tests.support.toy_worlds import toy_strokes, toy_zones, write_strokes, write_zones


@pytest.fixture(scope="module")
def rendered_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    zones = write_zones(folder / "zones.png", toy_zones())
    strokes = write_strokes(folder / "strokes.json", toy_strokes())
    model = save_toy_folder(folder / "toy")
    words = ["new", folder / "map.tilewright", "--size", "96x96", "--zones", zones]
    words += ["--stencils", strokes, "--model", model, "--seed", "3"]
    assert run([str(word) for word in words]) == 0
    assert run(["render", str(folder / "map.tilewright"), "--steps", "2"]) == 0
    return folder / "map.tilewright"


@pytest.fixture
def dialog(window: MainWindow, rendered_once: Path) -> Iterator[ExportDialog]:
    open_map(window, rendered_once)
    wait_until(lambda: window.workspace.stitch() is not None, what="the tiles")
    settle(window)
    window.actions_by_id.trigger("file.export")
    found = window.files._dialogs["export"]
    assert isinstance(found, ExportDialog)
    yield found
    found.close()


def written(dialog: ExportDialog, out: Path) -> Path:
    """Write to a file and wait for it."""
    done: list[Path] = []
    dialog.written.connect(done.append)
    dialog.file.setText(str(out))
    dialog.write_button.click()
    wait_until(lambda: done, what="the file")
    return done[0]


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as found:
        return np.asarray(found)


@pytest.mark.parametrize("beside", [False, True])
def test_the_window_writes_the_same_picture_as_the_command_line(
    dialog: ExportDialog, rendered_once: Path, tmp_path: Path, beside: bool
) -> None:
    dialog.beside.setChecked(beside)
    mine = written(dialog, tmp_path / "mine.png")
    words = ["export", str(rendered_once), str(tmp_path / "its.png")]
    assert run([*words, *(["--beside-seed"] if beside else [])]) == 0
    assert np.array_equal(pixels(mine), pixels(tmp_path / "its.png"))


def test_a_tiff_is_chosen_by_the_files_ending(dialog: ExportDialog, tmp_path: Path) -> None:
    dialog.file.setText(str(tmp_path / "map.tif"))
    assert dialog.format.value == "tiff"
    with Image.open(written(dialog, tmp_path / "map.tif")) as found:
        assert (found.format, found.size) == ("TIFF", (96, 96))


def test_size_and_limits_are_shown_with_a_preview(dialog: ExportDialog) -> None:
    assert dialog.facts.text().startswith("96 × 96 px")
    assert "million px" in dialog.facts.text()
    wait_until(lambda: not dialog.picture_label.pixmap().isNull(), what="the preview")


def test_a_folder_that_is_not_there_is_one_sentence(dialog: ExportDialog, tmp_path: Path) -> None:
    dialog.file.setText(str(tmp_path / "gone" / "map.png"))
    assert "there is no folder" in dialog.fault.text().lower()
    assert not dialog.write_button.isEnabled()


def test_stopping_leaves_no_file_behind(
    dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: MainWindow
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    dialog.file.setText(str(folder / "map.png"))
    picture = dialog.picture()
    first = next(picture.strips())

    def slow(_self: object) -> Iterator[Strip]:
        yield first
        wait_for_stop(dialog)
        yield first

    monkeypatch.setattr(type(picture), "strips", slow)
    dialog.write()
    assert dialog.busy
    dialog.cancel_button.click()
    settle(window)
    assert list(folder.iterdir()) == []
    assert "no file was written" in dialog.fault.text()


def wait_for_stop(dialog: ExportDialog) -> None:
    """Hold the io thread until the dialog was told to stop."""
    import time

    until = time.monotonic() + 5
    while dialog.busy and time.monotonic() < until:
        time.sleep(0.005)
