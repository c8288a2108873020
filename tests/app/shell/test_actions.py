"""The action table: complete, without two keys alike, and easy to search."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

from app.core.actions import ACTIONS, GROUPS, ZONE_KEYS, actions_by_id, actions_of, matches
from app.workspace.icons import icon


def test_no_key_does_two_things() -> None:
    keys = Counter([row.shortcut for row in ACTIONS if row.shortcut] + list(ZONE_KEYS))
    assert [key for key, times in keys.items() if times > 1] == []


def test_no_id_stands_for_two_actions() -> None:
    assert len(actions_by_id()) == len(ACTIONS)


@pytest.mark.parametrize("row", ACTIONS, ids=lambda row: row.id)
def test_every_action_has_words_and_a_tip_that_is_a_sentence(row: object) -> None:
    assert row.text
    assert row.text[0].isupper()
    assert row.tip.endswith(".")
    assert row.tip != row.text


@pytest.mark.parametrize("row", [row for row in ACTIONS if row.icon], ids=lambda row: row.id)
def test_every_icon_exists(row: object) -> None:
    assert not icon(row.icon).isNull()


@pytest.mark.parametrize("row", [row for row in ACTIONS if row.shortcut], ids=lambda row: row.id)
def test_every_shortcut_is_one_that_qt_knows(row: object) -> None:
    assert QKeySequence(row.shortcut).toString() == row.shortcut


def test_every_tool_is_one_letter_away() -> None:
    keys = {row.id: row.shortcut.removeprefix("Shift+") for row in actions_of("Tools")}
    assert {name: key for name, key in keys.items() if len(key) != 1} == {}


def test_every_action_is_in_a_menu() -> None:
    assert sum(len(list(actions_of(group))) for group in GROUPS) == len(ACTIONS)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("save", "file.save"),
        ("sa", "file.save_as"),
        ("undo", "edit.undo"),
        ("exp", "file.export"),
        ("gwh", "run.all"),
        ("tile grid", "overlay.grid"),
        ("river", "tool.river"),
    ],
)
def test_typing_a_few_letters_finds_the_action(typed: str, first: str) -> None:
    scores = {row.id: matches(typed, row.text) for row in ACTIONS}
    found = [key for key, score in scores.items() if score is not None]
    assert first in sorted(found, key=lambda key: -scores[key])[:3]


def test_letters_strewn_over_a_name_find_nothing() -> None:
    assert matches("redo", "Freedom") is None
    assert matches("sa", "Rivers and paths") is None
    assert matches("gnrt", "Generate") is not None


def test_letters_in_another_order_find_nothing() -> None:
    assert matches("evas", "Save") is None
