"""Mutated projects open or are refused with one clear line; the corpus keeps the telling ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.painter import fuzz

BASE = fuzz.base_tree()


def test_the_stored_project_is_whole(tmp_path: Path) -> None:
    fuzz.write_tree(BASE, tmp_path)
    assert fuzz.use(tmp_path) == []


@pytest.mark.parametrize("case", json.loads(fuzz.CASES.read_text()))
def test_a_kept_case_is_refused_with_clear_lines(tmp_path: Path, case: dict[str, Any]) -> None:
    fuzz.write_tree(fuzz.tree_of_case(BASE, case), tmp_path)
    complaints = fuzz.use(tmp_path)
    assert complaints
    fuzz.check_lines(complaints)


@pytest.mark.parametrize("first", range(10**6, 10**6 + 200, 20))
def test_mutated_projects_never_crash(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 20):
        _, complaints = fuzz.one(BASE, tmp_path / "map", seed)
        fuzz.check_lines(complaints)
