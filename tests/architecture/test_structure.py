"""The shape of the house: folders, sizes, and what starting the program loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "painter", "generation", "zones", "resources")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def tracked_folders() -> set[str]:
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return {line.split("/")[0] for line in listing.splitlines() if "/" in line}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_top_level_folders_are_the_agreed_six() -> None:
    visible = {name for name in tracked_folders() if not name.startswith(".")}
    assert visible == {*PACKAGES, "tests"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_and_functions_stay_short(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 400
    long_ones = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 60
    ]
    assert not long_ones


def test_starting_the_command_line_loads_neither_torch_nor_qt() -> None:
    script = (
        "import sys; from app.cli.main import run; run(['--help']);"
        "heavy = {'torch', 'diffusers', 'transformers', 'PySide6'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "render" in result.stdout


def test_no_weights_are_pickles() -> None:
    bad = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"}
    assert not [path for path in (ROOT / "resources").rglob("*") if path.suffix in bad]
