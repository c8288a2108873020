"""The model dialog: bundled, folder, hub; the network only on request and in another process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject

from app.shell.dialogs.model import ModelDialog
from generation.engine.folder import fetched_folder
from tests.support.hub_server import ROOT, HubServer
from tests.support.qt import wait_until

HUB_ID = "somebody/mini"
MINI = Path(__file__).resolve().parents[3] / "resources" / "models" / "klein-mini"


@pytest.fixture
def hub(own_settings: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    server = HubServer(MINI, HUB_ID)
    for name in ("HF_ENDPOINT", "NO_PROXY", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, server.env[name])
    yield server
    server.stop()


@pytest.fixture
def dialog(qtbot: Any, workspace: Any) -> ModelDialog:
    made = ModelDialog(workspace)
    qtbot.addWidget(made)
    made.show()
    return made


def known(dialog: ModelDialog) -> Any:
    """Wait until the chosen model was looked at."""
    wait_until(lambda: dialog.chooser.facts is not None, what="the model's facts")
    return dialog.chooser.facts


def test_the_bundled_model_is_ready(dialog: ModelDialog) -> None:
    facts = known(dialog)
    assert (facts.name, facts.licence, facts.why) == ("klein-mini", "apache-2.0", "")
    assert dialog.use.isEnabled()
    assert "Ready" in dialog.chooser.details.text()
    assert not dialog.chooser.fetch_button.isEnabled()


def test_a_wrong_folder_is_refused_with_its_reason(dialog: ModelDialog, tmp_path: Path) -> None:
    known(dialog)
    dialog.chooser.folder.setChecked(True)
    dialog.chooser.path.setText(str(tmp_path))
    assert "model_index.json" in known(dialog).why
    assert not dialog.use.isEnabled()
    assert "cannot be used" in dialog.chooser.details.text()


def test_a_folder_becomes_the_maps_model(dialog: ModelDialog, workspace: Any) -> None:
    dialog.chooser.folder.setChecked(True)
    dialog.chooser.path.setText(str(MINI))
    assert known(dialog).path == MINI
    dialog.use.click()
    assert not dialog.isVisible()
    assert workspace.document.project.model == str(MINI)
    workspace.undo()
    assert workspace.document.project.model == "klein-mini"


def test_a_hub_model_is_looked_up_fetched_and_used(
    dialog: ModelDialog, hub: HubServer, workspace: Any
) -> None:
    chooser = dialog.chooser
    chooser.hub.setChecked(True)
    chooser.hub_id.setCurrentText(HUB_ID)
    assert known(dialog).may_be_fetched
    assert not dialog.use.isEnabled()
    assert not hub.ranges
    chooser.fetch_button.click()
    assert chooser.fetch_button.text() == "Stop"
    wait_until(lambda: "apache-2.0" in chooser.details.text(), 20, "the licence")
    assert " MB" in chooser.details.text()
    assert not hub.ranges
    chooser.fetch_button.click()
    wait_until(dialog.use.isEnabled, 30, "the download")
    assert chooser.facts is not None
    assert chooser.facts.path == fetched_folder(HUB_ID)
    dialog.use.click()
    assert workspace.document.project.model == HUB_ID


def test_a_licence_with_limits_must_be_accepted_first(dialog: ModelDialog, hub: HubServer) -> None:
    hub.licence = "flux-non-commercial"
    chooser = dialog.chooser
    chooser.hub.setChecked(True)
    chooser.hub_id.setCurrentText(HUB_ID)
    known(dialog)
    chooser.fetch_button.click()
    wait_until(lambda: "flux-non-commercial" in chooser.details.text(), 20, "the licence")
    assert chooser.consent.isVisible()
    assert not chooser.fetch_button.isEnabled()
    chooser.consent.click()
    assert chooser.fetch_button.isEnabled()


def test_a_download_can_be_stopped_by_closing(dialog: ModelDialog, hub: HubServer) -> None:
    hub.stall_at = "transformer/diffusion_pytorch_model.safetensors"
    chooser = dialog.chooser
    chooser.hub.setChecked(True)
    chooser.hub_id.setCurrentText(HUB_ID)
    known(dialog)
    chooser.fetch_button.click()
    wait_until(lambda: chooser.fetch_button.text() == "Download", 20, "the look-up")
    chooser.fetch_button.click()
    wait_until(hub.stalled.is_set, 20, "the middle of the download")
    assert "Fetching" in chooser.details.text()
    assert chooser.bar.isVisible()
    dialog.reject()
    assert not chooser.fetching.busy
    assert fetched_folder(HUB_ID).with_name("somebody--mini.part").is_dir()
    assert not fetched_folder(HUB_ID).exists()


def test_off_line_the_answer_is_clear(
    dialog: ModelDialog, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    chooser = dialog.chooser
    chooser.hub.setChecked(True)
    known(dialog)
    chooser.fetch_button.click()
    wait_until(lambda: "cannot be reached" in chooser.details.text(), 20, "the answer")
    assert "choose a folder" in chooser.details.text()
    assert chooser.fetch_button.isEnabled()
    assert not dialog.use.isEnabled()


LOOK = """
import sys
from PySide6.QtWidgets import QApplication
from app.shell.dialogs.model import ModelDialog
from app.workspace.workspace import Workspace
app = QApplication([])
workspace = Workspace()
dialog = ModelDialog(workspace)
while dialog.chooser.facts is None:
    app.processEvents()
print(dialog.chooser.facts.name, {"torch", "diffusers", "transformers"} & set(sys.modules))
assert workspace.shutdown()
"""


def test_looking_at_models_loads_no_torch() -> None:
    words = [sys.executable, "-c", LOOK]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
    assert done.stdout == "klein-mini set()\n", done.stderr


def test_a_dialog_that_is_gone_hears_of_nothing(workspace: Any, qtbot: Any) -> None:
    heard: list[str] = []
    gone, stays = QObject(), QObject()
    for owner in (gone, stays):
        name = "gone" if owner is gone else "stays"
        workspace.tasks.submit(lambda: None, lambda _, name=name: heard.append(name), owner=owner)
    shiboken6.delete(gone)
    wait_until(lambda: workspace.tasks.idle, what="the io thread")
    assert heard == ["stays"]
