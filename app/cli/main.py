"""Entry point: collects the commands and is the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from app.cli.doctor import doctor
from app.cli.export import export
from app.cli.inspect import inspect
from app.cli.lab import lab
from app.cli.model import model
from app.cli.new import new
from app.cli.render import render
from app.cli.rescue import rescue
from app.cli.seams import seams
from app.cli.train import train
from app.core.new_map import ENDING
from app.core.report import installed_version
from generation.plan.errors import Cancelled
from zones.errors import InputError, WorkError

EXIT_DONE, EXIT_FAILED, EXIT_BAD_INPUT, EXIT_INTERRUPTED = 0, 1, 2, 130


class _Commands(click.Group):
    """Commands by name; a word that is a place instead opens the desktop app on it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first word, and the words that it gets."""
        if self.get_command(ctx, args[0]) is None and _is_place(args[0]):
            return "tilewright", open_app, args
        return super().resolve_command(ctx, args)


@click.command()
@click.argument("project", required=False, type=click.Path(path_type=Path))
def open_app(project: Path | None) -> None:
    """Open the desktop app, on PROJECT where one is given."""
    from app.shell.start import run as run_app  # noqa: PLC0415 - no command needs the windows

    code = run_app(project)
    if code != EXIT_DONE:
        raise click.exceptions.Exit(code)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    subcommand_metavar="[PROJECT | COMMAND [ARGS]...]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error (at any place).")
@click.version_option(installed_version("tilewright") or "not installed", prog_name="tilewright")
@click.pass_context
def cli(ctx: click.Context, *, debug: bool) -> None:
    """Paint a world of zones and rivers; a FLUX.2 Klein model paints the seamless map.

    Without a command the desktop app opens, on PROJECT where one is given.
    """
    del debug  # taken out of the arguments by `run`, which handles errors outside of click
    if ctx.invoked_subcommand is None:
        ctx.invoke(open_app, project=None)


def _is_place(word: str) -> bool:
    """Whether a word names a folder, or is written like one."""
    written = word.endswith(ENDING) or os.sep in word
    return not word.startswith("-") and (written or os.path.isdir(word))  # noqa: PTH112 - no raise


for command in (new, render, inspect, seams, export, rescue, model, doctor, lab):
    cli.add_command(command)
cli.add_command(train)


def run(arguments: Sequence[str]) -> int:  # noqa: PLR0911 - one per kind of end
    """Run one command line and return its exit code: 0 done, 1 failed, 2 bad input, 130 stopped."""
    words = [word for word in arguments if word != "--debug"]
    try:
        cli.main(args=words, prog_name="tilewright", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except (click.Abort, KeyboardInterrupt, Cancelled):
        return _say("stopped; what was finished is kept", EXIT_INTERRUPTED, arguments)
    except click.ClickException as error:
        return _say(error.format_message(), EXIT_BAD_INPUT, arguments)
    except InputError as error:
        return _say(str(error), EXIT_BAD_INPUT, arguments)
    except WorkError as error:
        return _say(str(error), EXIT_FAILED, arguments)
    except Exception as error:  # noqa: BLE001 - the outermost boundary: a bug is one line too
        kind = type(error).__name__
        return _say(
            f"unexpected {kind}: {error}; run again with --debug and report it",
            EXIT_FAILED,
            arguments,
        )
    return EXIT_DONE


def _say(text: str, code: int, arguments: Sequence[str]) -> int:
    """Print one line on stderr, with the traceback before it if `--debug` was given."""
    if "--debug" in arguments:
        traceback.print_exc()
    click.echo("tilewright: " + " ".join(text.split()), err=True)
    return code


def main() -> None:
    """Run the console command `tilewright`."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
