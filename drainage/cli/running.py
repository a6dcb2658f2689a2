"""All commands put together, and how their errors are told."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from typer import rich_utils
from typer.core import TyperCommand

from drainage import __version__
from drainage.cli.delivery import changes, quality, score
from drainage.cli.ending import INTERRUPTED
from drainage.cli.networks import export, show, trace
from drainage.cli.options import flattened
from drainage.cli.planning import cleaning, closures, relief
from drainage.cli.printing import print_line, say
from drainage.cli.repairing import repair
from drainage.cli.reporting import analyze, compare, demo, serve
from drainage.cli.sewers import infiltration, inspect, mixed_flow, mixing, separation, sources
from drainage.cli.storms import ensemble, storm, waterlogging
from drainage.cli.wording import HELP as LANGUAGE_HELP
from drainage.cli.wording import choose_language, take_language
from drainage.errors import DrainageError, NotKnownError, masked

__all__ = ["app", "run"]

USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]  # UsageError, which typer has but does not name
#: Parameters of the commands that name what is written; all other paths are read.
OUTPUTS: Final = ("output", "map_", "log", "form", "target")

app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)


class Command(TyperCommand):
    """A command in either language that refuses, before any work, to write over what it is told to read."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # as below
        """Take the language that stands behind the name of the command, as well as before it."""
        return super().parse_args(ctx, take_language(ctx, args))

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # typer has this class and does not name it
        """Compare all paths among the words of the command; then do it."""
        from drainage.writing import spare

        if ctx.params.get("dry_run"):
            return super().invoke(ctx)
        # the source itself is compared when it is read, after the command has looked at the names of its outputs
        words = {name: _flat(value) for name, value in ctx.params.items() if name != "source"}
        outputs = [Path(word) for name in OUTPUTS for word in words.pop(name, [])]
        spare(outputs, [path for named in words.values() for word in named for path in _files_in(word)])
        return super().invoke(ctx)


def _flat(value: object) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [word for one in value for word in _flat(one)]
    return [str(value)] if isinstance(value, (str, Path)) else []


def _files_in(word: str) -> list[Path]:
    """Give the file that a word names, plain or as NAME=FILE, if there is one."""
    found = [Path(text) for text in (word, word.partition("=")[2]) if text]
    return [path for path in found if os.path.exists(path)]  # noqa: PTH110 - a text that is no path is none


def _say_version(*, wanted: bool) -> None:
    if wanted:
        print_line(f"drainage {__version__}")
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda wanted: _say_version(wanted=wanted), is_eager=True, help="版本 version"
        ),
    ] = False,
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="zh|en", callback=choose_language, help=LANGUAGE_HELP)
    ] = None,
) -> None:
    """排水管网分析 Urban drainage networks: where they waterlog, where flows mix, how far roads are separated."""


for command in (
    analyze, show, mixed_flow, separation, trace, compare, waterlogging, relief, storm, quality, score, changes, repair,
    export, ensemble, sources, inspect, infiltration, mixing, cleaning, closures, demo, serve,
):  # fmt: skip
    app.command(cls=Command)(flattened(command))


def run() -> NoReturn:
    """Run the command; errors of the package become one line on standard error and exit code 1.

    Where the data hold nothing that could answer the question it is 2, as where they have errors.
    """
    warnings.formatwarning = lambda message, *_, **__: f"drainage: {message}\n"
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except USAGE_ERROR as error:
        # a slip of the command line is 1 too: 2 says that the data have errors
        error.message = masked(str(error.message))  # type: ignore[attr-defined]  # it is a UsageError
        rich_utils.rich_format_error(error)  # type: ignore[arg-type]  # likewise
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except NotKnownError as error:
        say(f"drainage: {error}")
        sys.exit(2)
    except DrainageError as error:
        say(f"drainage: {error}")
    except (OSError, MemoryError) as error:
        say(masked(f"drainage: {error.__class__.__name__}: {error}"))
    sys.exit(1)
