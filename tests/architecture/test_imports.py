"""Which way imports point, and what the program loads before a model is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "diffusers", "transformers", "accelerate", "PySide6"}
LIGHT_PACKAGES = ("zones", "resources", "painter", "generation.plan", "generation.run")
WORLDS_MAY_USE = {"zones", "resources", "generation", "numpy", "cv2", "skimage"}


def imported(path: Path) -> set[str]:
    """Dotted names of everything a file imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def loaded_by(script: str, *words: object) -> set[str]:
    """The heavy libraries in a new process after a script has run in it."""
    ask = f"\nimport sys; print('LOADED', *({HEAVY!r} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", script + ask, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.rsplit("LOADED", 1)[1].split())


def test_every_import_contract_is_kept() -> None:
    script = (
        "from importlinter.cli import lint_imports; "
        "raise SystemExit(lint_imports(config_filename='pyproject.toml', no_cache=True))"
    )
    # in a process of its own: import-linter switches off every logger that is there
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


def test_the_worlds_know_neither_models_nor_projects() -> None:
    for path in (ROOT / "generation" / "worlds").rglob("*.py"):
        foreign = {
            name for name in imported(path) if name.split(".")[0] not in sys.stdlib_module_names
        }
        assert {name.split(".")[0] for name in foreign} <= WORLDS_MAY_USE, path
        ours = {name for name in foreign if name.startswith("generation.")}
        assert all(name.startswith("generation.worlds") for name in ours), path


def test_only_the_engine_loads_a_model_library() -> None:
    script = "import importlib, pkgutil\n" + "\n".join(
        f"import {name} as top\n"
        "for each in pkgutil.walk_packages(top.__path__, top.__name__ + '.'):\n"
        "    '__main__' in each.name or importlib.import_module(each.name)"
        for name in LIGHT_PACKAGES
    )
    assert loaded_by(script) == set()


def test_no_model_library_is_loaded_before_a_model_is_needed(tmp_path: Path) -> None:
    script = (
        "import sys; from app.cli.main import run\n"
        "place = sys.argv[1]\n"
        "assert run(['--help']) == 0\n"
        "assert run(['new', place, '--preset', 'archipelago']) == 0\n"
        "assert run(['model', 'list']) == 0\n"
        "assert run(['export', place, place + '.png']) == 2\n"
        "assert run(['inspect', place, '--tile', '0,0', '--out', place + '-out']) in (0, 2)\n"
    )
    assert loaded_by(script, tmp_path / "map") == set()
