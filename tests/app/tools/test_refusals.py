"""Where a map may not be changed, every tool says so in one sentence and leaves nothing open."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.canvas.tools.toolbox import make_tools
from app.workspace.workspace import Workspace
from painter.brush import Brush, PenPoint
from painter.document import Document
from painter.editing import ZoneInk
from tests.app.tools.hands import KEY, click, drag, entry, heard, key
from tests.support.qt import wait_until
from zones.geometry import Rect

HOLD = """
import sys
from pathlib import Path
from painter.document import Document
Document.open(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def held_folder(project_folder: Path) -> Iterator[Path]:
    """A project that another process has open."""
    command = [sys.executable, "-c", HOLD, str(project_folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        yield project_folder
        other.communicate()


def _use_every_tool(workspace: Workspace) -> dict[str, list[str]]:
    tools = make_tools(workspace)
    said = {name: heard(tool) for name, tool in tools.items()}
    for name in ("tool.brush", "tool.eraser", "tool.fill", "tool.protect"):
        click(tools[name], (100, 300))
    drag(tools["tool.rectangle"], (100, 300), (140, 340))
    drag(tools["tool.polygon"], (100, 300), (140, 300), (140, 340), (100, 340))
    for name in ("tool.river", "tool.path"):
        click(tools[name], (100, 300), (160, 300))
        key(tools[name], KEY.Key_Return)
    drag(tools["tool.flow"], (250, 180), (300, 184))
    workspace.selection = Rect(10, 10, 50, 50)
    key(tools["tool.select"], KEY.Key_Delete)
    for tool in tools.values():
        assert not tool.busy
        tool.deactivate()
    return said


def _check(said: dict[str, list[str]], word: str) -> None:
    for name in said.keys() - {"tool.pick", "tool.hand"}:
        assert said[name], name
        for sentence in said[name]:
            assert word in sentence
            assert sentence[0].isupper()


def test_a_map_held_by_another_process(new_workspace: Callable[[], Any], held_folder: Path) -> None:
    workspace = new_workspace()
    workspace.open(held_folder)
    wait_until(lambda: workspace.document is not None)
    _check(_use_every_tool(workspace), "process")


def test_a_map_with_unsaved_work_to_decide_on(
    new_workspace: Callable[[], Any], project_folder: Path
) -> None:
    document = Document.open(project_folder)
    stroke = document.brush_stroke("Brush", ZoneInk(5), Brush(60))
    stroke.extend(PenPoint(100, 100))
    stroke.commit()
    document.autosave(document.capture())
    document.close()
    workspace = new_workspace()
    workspace.open(project_folder)
    wait_until(lambda: workspace.document is not None)
    _check(_use_every_tool(workspace), "recover")


def test_no_map_at_all(new_workspace: Callable[[], Any]) -> None:
    workspace = new_workspace()
    tools = make_tools(workspace)
    for tool in tools.values():
        click(tool, (10, 10), (60, 10), (60, 60))
        key(tool, KEY.Key_Return)
        key(tool, KEY.Key_Delete)
        tool.menu(tool.pointer) if tool.pointer else None
        tool.options()
        tool.deactivate()
        assert not tool.busy


def test_a_menu_entry_on_a_held_map_changes_nothing(
    new_workspace: Callable[[], Any], held_folder: Path
) -> None:
    workspace = new_workspace()
    workspace.open(held_folder)
    wait_until(lambda: workspace.document is not None)
    river = make_tools(workspace)["tool.river"]
    said = heard(river)
    entry(river, (250, 180), "Delete River")()
    assert len(workspace.document.strokes) == 2
    assert len(said) == 1
