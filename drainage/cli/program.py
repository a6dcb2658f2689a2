"""All commands by theme, each loaded when it is asked for, and how their errors are reported."""

from __future__ import annotations

import errno
import os
import sys
import tomllib
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn

import click
from click.shell_completion import get_completion_class

from drainage import __version__
from drainage.cli.commands import LANG, Command, command_of
from drainage.cli.ending import INTERRUPTED
from drainage.cli.layout import EVERYWHERE, program_help, said_of, value_word
from drainage.cli.printing import print_line, say
from drainage.cli.wording import one_language_at_a_time, take_language
from drainage.errors import DrainageError, FormatError, NotKnownError, masked
from drainage.said import Said
from drainage.words import in_both, nearest, on_the_terminal
from drainage.writing.full_disk import FULL
from drainage.writing.workshop import is_workshop

__all__ = ["app"]

#: Theme → its commands → where each stands.
THEMES: Final[dict[str, dict[str, str]]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
_ROOMS: Final = {name: room for commands in THEMES.values() for name, room in commands.items()}
_SHELLS: Final = ("bash", "zsh", "fish")
#: Why the system refuses a file → what is said of it.
_REFUSALS: Final = {
    errno.EEXIST: "os_in_the_way", errno.ENOTDIR: "os_in_the_way", errno.EISDIR: "os_in_the_way",
    errno.ENOENT: "os_no_place", errno.EACCES: "os_no_right", errno.EPERM: "os_no_right", errno.EROFS: "os_no_right",
    **dict.fromkeys(FULL, "os_full"),
}  # fmt: skip
_OPTIONS: Final = (*EVERYWHERE, ("version", "--version"), ("show_completion", "--show-completion SHELL"))


class Program(click.Group):
    """The commands; errors of the package become one line on standard error and exit code 1.

    Where the data hold nothing that could answer the question it is 2, as where they have errors.
    """

    def list_commands(self, ctx: click.Context | None) -> list[str]:  # noqa: ARG002 - as in click
        """Return the names of all commands."""
        return list(_ROOMS)

    def get_command(self, ctx: click.Context | None, cmd_name: str) -> Command | None:  # noqa: ARG002 - as in click
        """Load a command."""
        if cmd_name not in self.commands and cmd_name in _ROOMS:
            room = import_module(f"drainage.cli.{_ROOMS[cmd_name]}")
            self.commands[cmd_name] = command_of(getattr(room, cmd_name.replace("-", "_")), cmd_name)
        return self.commands.get(cmd_name)  # type: ignore[return-value]  # all are ours

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named.

        Raises
        ------
        FormatError
            There is no command of that name.
        """
        if args[0] not in _ROOMS and not ctx.resilient_parsing:
            raise FormatError(in_both("no_such_command", name=args[0], near=nearest(args[0], _ROOMS)))
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the language, wherever it stands."""
        return super().parse_args(ctx, take_language(args, completing=ctx.resilient_parsing))

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options before a command, with the language where words are completed."""
        return [*super().get_params(ctx), *([LANG] if ctx.resilient_parsing else [])]

    def get_help(self, ctx: click.Context) -> str:
        """Return the help, without loading a command."""
        return program_help(ctx.command_path, {theme: list(names) for theme, names in THEMES.items()}, _OPTIONS)

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]  # noqa: ANN401 - it ends
        """Run a command and exit with its code."""
        warnings.formatwarning = lambda message, *_, **__: f"drainage: {message}\n"
        extra["standalone_mode"] = False
        with on_the_terminal(), one_language_at_a_time():
            try:
                sys.exit(super().main(args, prog_name or "drainage", **extra) or 0)
            except click.exceptions.NoArgsIsHelpError as error:
                print_line(error.message)
            except click.UsageError as error:  # a slip of the command line is 1 too: 2 says that the data have errors
                path = error.ctx.command_path if error.ctx is not None else "drainage"
                say("drainage", in_both("see_help", slip=_slip(error), command=path))
            except click.Abort:
                sys.exit(INTERRUPTED)
            except NotKnownError as error:
                say("drainage", error.said)
                sys.exit(2)
            except DrainageError as error:
                say("drainage", error.said)
            except OSError as error:
                say("drainage", _by_the_system(error))
            except MemoryError as error:
                say("drainage", in_both("memory_short", why=masked(str(error)) or "MemoryError"))
        sys.exit(1)


def _slip(error: click.UsageError) -> str:
    """Return in the reader's language what click says of a slip."""
    if isinstance(error, click.NoSuchOption):
        if _analysed_first(error):
            return in_both("serve_analysed_first", option=error.option_name)
        return in_both("no_such_option", option=error.option_name, near=nearest(error.option_name, error.possibilities))
    if isinstance(error, click.MissingParameter) and error.param is not None:
        if error.param.param_type_name == "argument":
            return in_both("word_missing", word=value_word(str(error.param.name)))
        what = said_of(error.param, str(error.ctx and error.ctx.command.name))
        return in_both("option_missing", word=error.param.opts[-1], what=what)
    if isinstance(error, click.BadOptionUsage):
        known = {name: one for one in (error.ctx.command.params if error.ctx else ()) for name in one.opts}
        flag = getattr(known.get(error.option_name), "is_flag", False)
        return in_both("option_with_value" if flag else "option_without_value", option=error.option_name)
    return masked(error.format_message())


def _by_the_system(error: OSError) -> Said:
    """Return in the reader's language why the system refused to read or write, and the way on."""
    why = masked(error.strerror or str(error))
    said = in_both(_REFUSALS.get(error.errno or 0, "os_other"), why=why)
    if error.filename is None:
        return said
    file = Path(os.fsdecode(error.filename))
    hidden = next((part for part in (file, *file.parents) if is_workshop(part)), None)
    return in_both("file_and_why", file=file if hidden is None else hidden.parent, why=said)


def _analysed_first(error: click.NoSuchOption) -> bool:
    """Tell whether somebody asks serve for what analyze can do."""
    if error.ctx is None or error.ctx.command.name != "serve":
        return False
    analyze = app.get_command(error.ctx, "analyze")
    return analyze is not None and any(error.option_name in known.opts for known in analyze.params)


def _say_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        print_line(f"drainage {__version__}")
        ctx.exit()


def _show_completion(ctx: click.Context, _: click.Parameter, shell: str | None) -> None:
    """Print what a shell must read to complete the words of this program."""
    if shell is None:
        return
    made = get_completion_class(shell)
    if made is None or shell not in _SHELLS:
        raise FormatError(in_both("no_such_shell", shell=shell, known=", ".join(_SHELLS)))
    print_line(made(ctx.command, {}, "drainage", "_DRAINAGE_COMPLETE").source())
    ctx.exit()


def _about() -> None:
    """Do nothing before a command."""


app: Final = Program(
    "drainage", callback=_about, no_args_is_help=True,
    params=[
        click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_say_version),
        click.Option(["--show-completion"], is_eager=True, expose_value=False, callback=_show_completion),
    ],
)  # fmt: skip
