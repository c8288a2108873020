"""Whatever hands do to the tools in whatever order, nothing breaks and nothing stays open."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.canvas.tools.tool import Tool
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from tests.app.tools.hands import ALT, CTRL, KEY, SHIFT, at, document_of, key, painted

KEYS = (KEY.Key_Return, KEY.Key_Escape, KEY.Key_Backspace, KEY.Key_Delete)
NONE = SHIFT & CTRL
MOST_ENTRIES = 30


class Hands:
    """Hands that do random things, the same for the same seed."""

    def __init__(self, tools: dict[str, Tool], workspace: Workspace, seed: int) -> None:
        self.random = random.Random(seed)
        self.tools, self.workspace = tools, workspace
        self.tool = tools["tool.brush"]

    def place(self) -> Any:
        modifiers = self.random.choice([NONE, NONE, SHIFT, ALT, CTRL])
        x, y = self.random.uniform(-80, 600), self.random.uniform(-80, 460)
        return at((x, y), modifiers=modifiers, pressure=self.random.random())

    def act(self) -> None:
        acts: tuple[Callable[[], object], ...] = (
            lambda: self.tool.press(self.place()),
            lambda: self.tool.move(self.place()),
            lambda: self.tool.release(self.place()),
            lambda: self.tool.double_press(self.place()),
            lambda: self.tool.hover(self.place()),
            lambda: self.tool.wheel(self.place(), self.random.choice([-2, 1])),
            lambda: key(self.tool, self.random.choice(KEYS)),
            lambda: key(self.tool, self.random.choice([KEY.Key_C, KEY.Key_X, KEY.Key_V]), CTRL),
            lambda: self.tool.change_size(self.random.choice([0.8, 1.25])),
            self.choose_entry,
            self.set_option,
            self.take_another,
            self.undo,
            QApplication.processEvents,
        )
        weights = (9, 14, 9, 2, 6, 2, 4, 2, 1, 2, 2, 3, 2, 3)
        self.random.choices(acts, weights)[0]()

    def choose_entry(self) -> None:
        entries = self.tool.menu(self.place())
        assert len(entries) < MOST_ENTRIES
        if entries:
            self.random.choice(entries)[1]()

    def set_option(self) -> None:
        options = self.tool.options()
        if not options:
            return
        option = self.random.choice(options)
        if option.kind == "choice":
            option.set(self.random.choice(option.choices)[0])
        elif option.kind == "bool":
            option.set(self.random.random() < 0.5)
        else:
            option.set(self.random.uniform(option.low, min(option.high, 200)))

    def take_another(self) -> None:
        self.tool.deactivate()
        self.tool = self.random.choice(list(self.tools.values()))
        self.workspace.active_zone = self.random.randint(0, 8)
        self.tool.activate()

    def undo(self) -> None:
        if not self.tool.step_back():
            self.random.choice([self.workspace.undo, self.workspace.redo])()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_hands(
    tools: dict[str, Tool], workspace: Workspace, view: MapView, seed: int
) -> None:
    hands = Hands(tools, workspace, seed)
    view.set_tool(hands.tool)
    for number in range(250):
        hands.act()
        if number % 25 == 0:
            painted(hands.tool, view)
    hands.tool.deactivate()
    document_of(hands.tool).edit("free").abort()
    while document_of(hands.tool).undo():
        pass
    assert len(document_of(hands.tool).strokes) == 2
