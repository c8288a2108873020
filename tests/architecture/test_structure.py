"""The shape of the house: folders, sizes, and what lies in them."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "painter", "generation", "zones", "resources")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
OPENED_WHOLE = {"docs", "profiles"}
"""Folders whose files are all read, whatever their names."""
READ_BY_LIBRARIES = {"generation_config.json"}
"""Files that transformers reads beside the weights it loads."""
PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def git(*words: str) -> list[str]:
    """The lines that a git command prints."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def tracked() -> list[str]:
    return git("ls-files")


needs_git = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")


@needs_git
def test_top_level_folders_are_the_agreed_six() -> None:
    folders = {name.split("/")[0] for name in tracked() if "/" in name}
    assert {name for name in folders if not name.startswith(".")} == {*PACKAGES, "tests"}


def test_every_source_is_in_a_package_that_is_installed() -> None:
    assert not [path for path in SOURCES if not (path.parent / "__init__.py").exists()]


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name_of)
def test_no_file_is_long(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= LONGEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_function_is_long(path: Path) -> None:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    found = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {node.name: lines_in(node) for node in found}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION}


def lines_in(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    text = ast.get_docstring(node, clean=False)
    return (node.end_lineno or node.lineno) - node.lineno + 1 - (text or "").count("\n")


def test_no_module_is_empty_of_words() -> None:
    for path in SOURCES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), name_of(path)


def test_no_weights_are_pickles() -> None:
    assert not [path for path in (ROOT / "resources").rglob("*") if path.suffix in PICKLES]


def shipped() -> Iterator[Path]:
    """Every data file that ships with the program."""
    for name in tracked():
        path = ROOT / name
        if name.startswith("resources/") and path.suffix != ".py" and path.exists():
            yield path


@needs_git
def test_every_shipped_file_is_named_by_the_code_or_the_documents() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "resources").rglob("*.md")]
    texts = [*SOURCES, *TESTS, *pages]
    words = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    named = [path for path in shipped() if path.parent.name not in OPENED_WHOLE]
    orphans = {path for path in named if path.name not in words}
    assert not [name_of(path) for path in orphans if path.name not in READ_BY_LIBRARIES]


@needs_git
def test_every_folder_of_resources_is_opened_by_the_code() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    folders = {path.relative_to(ROOT / "resources").parts[0] for path in shipped()}
    opened = set(re.findall(r"""resources\.path\(f?["'](\w+)""", source))
    assert folders - {"docs", "README.md"} <= opened


@needs_git
def test_no_shipped_file_is_left_out_of_the_wheel() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'resources = ["**/*"]' in text
    ignored = git("status", "--porcelain", "--ignored", "resources")
    lost = [line for line in ignored if line.startswith("!!")]
    assert not [line for line in lost if "__pycache__" not in line]
