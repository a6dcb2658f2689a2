"""All commands put together, and how their errors are told."""

from __future__ import annotations

import sys
import warnings
from typing import NoReturn

import typer
from typer import rich_utils

from drainage.cli.cleaning import cleaning
from drainage.cli.closures import closures
from drainage.cli.commands import app
from drainage.cli.delivery import changes, quality, score
from drainage.cli.ending import INTERRUPTED
from drainage.cli.ensemble import ensemble
from drainage.cli.exporting import export
from drainage.cli.infiltration import infiltration
from drainage.cli.inputs import Command
from drainage.cli.mixing import mixing
from drainage.cli.printing import say
from drainage.cli.relieving import relief
from drainage.cli.repairing import repair
from drainage.cli.sources import inspect, sources
from drainage.cli.storm import storm
from drainage.cli.waterlogging import waterlogging
from drainage.errors import DrainageError, NotKnownError, masked

__all__ = ["app", "run"]

USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]  # UsageError, which typer has but does not name

for command in (
    waterlogging, relief, storm, quality, score, changes, repair, export, ensemble, sources, inspect,
    infiltration, mixing, cleaning, closures,
):  # fmt: skip
    app.command(cls=Command)(command)


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
