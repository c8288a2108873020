"""Exit codes and the shape of complaints, whatever the command."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from app.cli.main import cli, run
from generation.plan.errors import Cancelled
from tests.app.words import Call
from zones.errors import InputError, WorkError

COMMANDS = sorted(cli.commands)


@pytest.fixture
def failing(rendered: Path, tmp_path: Path) -> list[object]:
    """A command line whose work `raise_in_export` can make fail."""
    return ["export", rendered, tmp_path / "map.png"]


def raise_in_export(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def broken(*_words: object) -> None:
        raise error

    monkeypatch.setattr("app.core.map_export.export_map", broken)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("the input is bad; give another"), 2),
        (WorkError("the work failed; try again"), 1),
        (ValueError("first line\nsecond line"), 1),
        (MemoryError(), 1),
        (RecursionError("too deep"), 1),
        (OSError(5, "Input/output error"), 1),
        (Cancelled(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_every_exception_ends_in_one_line_and_its_exit_code(
    tilewright: Call,
    monkeypatch: pytest.MonkeyPatch,
    failing: list[object],
    error: BaseException,
    code: int,
) -> None:
    raise_in_export(monkeypatch, error)
    ended = tilewright(*failing)
    assert ended.code == code
    ended.complaint()


def test_an_unexpected_exception_says_its_kind_and_how_to_see_more(
    tilewright: Call, monkeypatch: pytest.MonkeyPatch, failing: list[object]
) -> None:
    raise_in_export(monkeypatch, ZeroDivisionError("by zero"))
    said = tilewright(*failing).complaint()
    assert "ZeroDivisionError: by zero" in said
    assert "--debug" in said


def test_an_interrupt_exits_with_130(
    tilewright: Call, monkeypatch: pytest.MonkeyPatch, failing: list[object]
) -> None:
    raise_in_export(monkeypatch, KeyboardInterrupt())
    ended = tilewright(*failing)
    assert ended.code == 130
    assert ended.err.strip() == "tilewright: stopped; what was finished is kept"


@pytest.mark.parametrize("place", [0, 1, 3])
def test_debug_shows_the_traceback_wherever_it_stands(
    tilewright: Call, monkeypatch: pytest.MonkeyPatch, failing: list[object], place: int
) -> None:
    raise_in_export(monkeypatch, ZeroDivisionError("by zero"))
    words = [*failing[:place], "--debug", *failing[place:]]
    ended = tilewright(*words)
    assert ended.code == 1
    assert "Traceback" in ended.err
    assert ended.err.splitlines()[-1].startswith("tilewright: unexpected ZeroDivisionError")


def test_debug_shows_the_traceback_of_bad_input_too(tilewright: Call, tmp_path: Path) -> None:
    ended = tilewright("render", tmp_path / "gone", "--debug")
    assert ended.code == 2
    assert "Traceback" in ended.err
    assert "InputError" in ended.err


@pytest.mark.parametrize("words", [[], ["map.tilewright"]], ids=str)
def test_without_a_display_the_app_says_so_in_one_sentence(
    tilewright: Call, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    ended = tilewright(*words)
    assert ended.code == 1
    assert "no display" in ended.complaint()


def test_help_goes_to_stdout(tilewright: Call) -> None:
    ended = tilewright("--help")
    assert (ended.code, ended.err) == (0, "")
    assert all(name in ended.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(tilewright: Call, name: str) -> None:
    ended = tilewright(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: tilewright {name}")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "train"])
def test_every_command_and_option_has_a_word_of_help(name: str) -> None:
    command = cli.commands[name]
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option) and not isinstance(option.type, click.Choice):
            assert option.help or option.name in SELF_EVIDENT, f"{name} {option.name}"


SELF_EVIDENT = {"candidates", "stencil_opacity", "strength", "model_name", "worlds", "seeds", "out"}


@pytest.mark.parametrize(
    "words",
    [
        ["paint"],
        ["--unknown"],
        ["render"],
        ["render", "a", "--steps"],
        ["render", "a", "--unknown"],
        ["inspect", "a", "--out", "b"],
        ["model", "improve"],
        ["lab", "unknown"],
        ["export", "a"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_one_line_and_exit_code_2(tilewright: Call, words: list[str]) -> None:
    ended = tilewright(*words)
    assert ended.code == 2
    ended.complaint()


def test_the_version_is_printed(tilewright: Call) -> None:
    ended = tilewright("--version")
    assert ended.code == 0
    assert ended.out.startswith("tilewright, version ")


def test_run_returns_and_never_exits() -> None:
    assert run(["--version"]) == 0
