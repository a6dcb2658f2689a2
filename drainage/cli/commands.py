"""A command of the terminal from a function: its parameters are the options, and `words.toml` says what they mean.

Parameters before ``/`` are the words behind the command. A parameter whose type is a frozen dataclass is a group: the
command has the options of its fields, but for those that it names itself; ``title`` names the group in the help, and
its method ``check``, if it has one, refuses what cannot be before the command begins.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import click
from click.shell_completion import CompletionItem

from drainage import writing
from drainage.cli.layout import command_help
from drainage.cli.wording import take_language
from drainage.errors import FormatError
from drainage.words import in_both, nearest

#: Options that have a letter too.
_LETTERS: Final = {"output": "-o", "evidence": "-e"}
#: What stands in the help for a value of a type; a text for any other.
_KINDS: Final[dict[object, str]] = {int: "number", float: "number", Path: "file"}
#: Parameters that name what is written; all other paths are read.
_OUTPUTS: Final = (
    "output", "map_", "log", "form", "target", "write_mapping", "inverse", "answer", "changes", "curves", "figure",
    "write_prices",
    "plot",
)  # fmt: skip


#: Parameters that are texts because not only files can be named: a database, a registered name, KIND=FILE.
_MAY_BE_FILES: Final = (
    "evidence", "neighbourhoods", "nodes", "output", "reports", "roads", "scenario", "storm_formula", "towns", "with_",
)  # fmt: skip


class Value(click.ParamType[Any]):
    """How the word of an option is read: as a number, a path, a text, or one of a few words."""

    def __init__(self, kind: object) -> None:
        """Take the type of the parameter."""
        self.kind = kind
        self.words = get_args(kind) if get_origin(kind) is Literal else ()
        self.name = "word" if self.words else _KINDS.get(kind, "text")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:  # noqa: ANN401 - as in click
        """Return the value.

        Raises
        ------
        FormatError
            No number where one is expected, none of the words, or no such file where one is read.
        """
        option = param.opts[0] if param is not None else ""
        if ctx is not None and isinstance(param, click.Argument):
            option = ctx.command_path  # a word behind the command has no name of its own
        if self.words and value not in self.words:
            known = ", ".join(self.words)
            raise FormatError(
                in_both("option_word", option=option, value=value, known=known, near=nearest(value, self.words))
            )
        if self.kind not in (int, float, Path):
            return value
        if self.kind is Path and param is not None and param.name not in (*_OUTPUTS, "keep", "store"):
            refuse_missing([value])
        try:
            return self.kind(value)
        except ValueError as error:
            number = in_both("whole_number" if self.kind is int else "number")
            raise FormatError(in_both("option_number", option=option, value=value, number=number)) from error

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the words, or files."""
        if self.words:
            return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]
        files = self.kind is Path or isinstance(param, click.Argument) or param.name in _MAY_BE_FILES
        return [CompletionItem(incomplete, type="file")] if files else super().shell_complete(ctx, param, incomplete)


class Command(click.Command):
    """A command in either language that refuses, before any work, to write over what it is told to read."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the language that stands behind the name of the command, and refuse a word too many.

        Raises
        ------
        FormatError
            Words that the command has no use for, or an option twice that takes one value.
        """
        args = take_language(args, completing=ctx.resilient_parsing)
        try:
            given = self.make_parser(ctx).parse_args(list(args))[2] if not ctx.resilient_parsing else []
            rest = super().parse_args(ctx, args)
        except click.UsageError as slip:
            slip.ctx = slip.ctx or ctx
            raise
        single = [one for one in given if isinstance(one, click.Option) and not (one.multiple or one.is_flag)]
        if twice := next((one for one in single if single.count(one) > 1), None):
            raise FormatError(in_both("option_twice", option=twice.opts[-1]))
        if ctx.args and not ctx.resilient_parsing:
            raise FormatError(in_both("words_too_many", words=" ".join(ctx.args), command=ctx.command_path))
        return rest

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, with what stands before them all where words are completed."""
        return [*super().get_params(ctx), *([LANG] if ctx.resilient_parsing else [])]

    def get_help(self, ctx: click.Context) -> str:
        """Return the help in the language of the reader."""
        return command_help(self, ctx.command_path)

    def invoke(self, ctx: click.Context) -> object:
        """Compare all paths among the words of the command; then do it."""
        if not ctx.params.get("dry_run"):
            # the source itself is compared when it is read, after the command has looked at the names of its outputs
            words = {name: _flat(value) for name, value in ctx.params.items() if name != "source"}
            outputs = [Path(word) for name in _OUTPUTS for word in words.pop(name, [])]
            writing.spare(outputs, [path for named in words.values() for word in named for path in _files_in(word)])
        return super().invoke(ctx)


def command_of(function: Callable[..., None], name: str) -> Command:
    """Return the command that calls a function with what stands on the command line."""
    parameters, hints = inspect.signature(function).parameters, get_type_hints(function)
    groups = {each: hints[each] for each in parameters if is_dataclass(hints[each])}
    own = parameters.keys() - groups.keys()
    parts = {each: [one for one in fields(group) if one.name not in own] for each, group in groups.items()}

    def call(**given: object) -> None:
        made = {each: groups[each](**{one.name: given.pop(one.name) for one in parts[each]}) for each in groups}
        for group in made.values():
            if (check := getattr(group, "check", None)) is not None:
                check()
        words = [given.pop(one.name) for one in parameters.values() if one.kind is one.POSITIONAL_ONLY]
        function(*words, **given, **made)

    taken: list[click.Parameter] = []
    for one in parameters.values():
        if one.name in groups:
            kinds = get_type_hints(groups[one.name])
            taken += [
                _option(part.name, kinds[part.name], part.default, group=groups[one.name].title)
                for part in parts[one.name]
            ]
        elif one.kind is one.POSITIONAL_ONLY:
            taken.append(_argument(one.name, hints[one.name], one.default))
        else:
            taken.append(_option(one.name, hints[one.name], one.default, group=""))
    return Command(name, params=taken, callback=call, context_settings={"allow_extra_args": True})


#: The language, which is taken from the words before they are read: for what completes them.
LANG: Final = click.Option(["--lang"], type=Value(Literal["zh", "en"]), expose_value=False)


class Option(click.Option):
    """An option that stands in a part of the help: that of its group, or the command's own."""

    group: str = ""

    def process_value(self, ctx: click.Context, value: Any) -> Any:  # noqa: ANN401 - as in click
        """Return the value; what may be repeated and is not given is None."""
        read = super().process_value(ctx, value)
        return (list(read) or None) if self.multiple else read


def _option(name: str, kind: object, default: object, *, group: str) -> Option:
    kind, many = _plain(kind)
    spelt = f"--{name.rstrip('_').replace('_', '-')}"
    names = [name, *([_LETTERS[name]] if name in _LETTERS else []), spelt]
    if kind is bool:
        option = Option(names, is_flag=True, default=False)
    else:
        option = Option(names, type=Value(kind), multiple=many, **_default(default))
    option.group = group
    return option


def _argument(name: str, kind: object, default: object) -> click.Argument:
    kind, many = _plain(kind)
    return click.Argument([name], type=Value(kind), nargs=-1 if many else 1, **_default(default))


def _default(default: object) -> dict[str, Any]:
    return {"required": True} if default is inspect.Parameter.empty else {"default": default}


def _plain(kind: object) -> tuple[object, bool]:
    """Return the type of one value, and whether there may be several."""
    alternatives = [one for one in get_args(kind) if one is not type(None)]
    if get_origin(kind) not in (list, Literal) and len(alternatives) == 1:
        kind = alternatives[0]
    return (get_args(kind)[0], True) if get_origin(kind) is list else (kind, False)


def _flat(value: object) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [word for one in value for word in _flat(one)]
    return [str(value)] if isinstance(value, (str, Path)) else []


def refuse_missing(files: Sequence[str]) -> None:
    """Raise where one of the files that a command names does not exist.

    Raises
    ------
    FormatError
        It names the nearest that does.
    """
    from drainage.formats.guard.before_opening import no_file

    for path in map(Path, files):
        if not path.exists():
            raise FormatError(no_file(path))


def _files_in(word: str) -> list[Path]:
    """Return the file that a word names, plain or as NAME=FILE, if there is one."""
    found = [Path(text) for text in (word, word.partition("=")[2]) if text]
    return [path for path in found if os.path.exists(path)]  # noqa: PTH110 - a text that is no path is none
