"""The help of the terminal, laid out: in one language, as wide as the terminal, no word of it cut."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from drainage.cli.terminal import printable
from drainage.words import help_for, language, phrase

if TYPE_CHECKING:
    import click

_WIDEST: Final = 110  # columns; longer lines are hard to read
_OF_TYPE: Final = {"float": "N", "int": "N", "Path": "FILE", "str": "TEXT", "word": "WORD"}


def program_help(path: str, themes: Mapping[str, Sequence[str]], options: Sequence[tuple[str, str]]) -> str:
    """Return the help of the program: its commands by theme, and the options that stand before them."""
    lang = language()
    parts = [(help_for("groups", theme, lang), [(name, help_for("commands", name, lang)) for name in names])
             for theme, names in themes.items()]  # fmt: skip
    everywhere = [(spelt, help_for("options", name, lang)) for name, spelt in options]
    usage = f"{path} {phrase('command_word', lang)} …"
    parts.append((help_for("groups", "everywhere", lang), everywhere))
    return _laid_out(usage, help_for("commands", "drainage", lang), parts)


def command_help(command: click.Command, path: str) -> str:
    """Return the help of a command: its words, its own options, and those of each group."""
    lang, name = language(), str(command.name)
    words = [one for one in command.params if one.param_type_name == "argument"]
    usage = " ".join([path, *map(_word, words), f"[{phrase('options_word', lang)}]"])
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in command.params:
        title = "arguments" if one in words else getattr(one, "group", "") or "options"
        groups.setdefault(title, []).append((_spelt(one), _said(one, name)))
    groups.setdefault("everywhere", []).extend((spelt, help_for("options", each, lang)) for each, spelt in EVERYWHERE)
    parts = [(help_for("groups", title, lang), rows) for title, rows in groups.items()]
    return _laid_out(usage, help_for("commands", name, lang), parts)


#: Options that every command has, and how they are spelt.
EVERYWHERE: Final = (("lang", "--lang zh|en"), ("help", "--help"))


def said_of(parameter: click.Parameter, command: str) -> str:
    """Return what `words.toml` says of a parameter of a command, or of the parameter wherever it stands."""
    table = "arguments" if parameter.param_type_name == "argument" else "options"
    return help_for(table, str(parameter.name), language(), of=command)


def _said(parameter: click.Parameter, command: str) -> str:
    lang, text = language(), said_of(parameter, command)
    choices, default = getattr(parameter.type, "words", ()), parameter.default
    notes = [phrase("choices", lang, words=", ".join(choices))] if choices else []
    notes += [phrase("repeatable", lang)] if parameter.multiple else []  # type: ignore[attr-defined]  # an option
    if parameter.required and parameter.param_type_name == "option":
        notes.append(phrase("required", lang))
    elif isinstance(default, (str, int, float)) and not isinstance(default, bool) and default != "":
        notes.append(phrase("default", lang, value=f"{default:g}" if isinstance(default, float) else default))
    return text + "".join(phrase("note", lang, text=note) for note in notes)


def _word(argument: click.Parameter) -> str:
    name = str(argument.name).rstrip("_").upper()
    name = f"{name}…" if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def _spelt(parameter: click.Parameter) -> str:
    if parameter.param_type_name == "argument":
        return _word(parameter)
    names = ", ".join(parameter.opts)
    return names if parameter.is_flag else f"{names} {_OF_TYPE[parameter.type.name]}"  # type: ignore[attr-defined]  # an option


def _laid_out(usage: str, about: str, parts: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> str:
    from rich.cells import cell_len
    from rich.console import Console
    from rich.markup import escape
    from rich.padding import Padding
    from rich.table import Table

    wide = min(shutil.get_terminal_size().columns, _WIDEST)
    console = Console(file=io.StringIO(), width=wide, highlight=False, color_system=None, legacy_windows=False)
    console.print(escape(printable(f"{phrase('usage', language())} {usage}")), end="\n\n")
    console.print(escape(printable(about)))
    longest = max(cell_len(spelt) for _, rows in parts for spelt, _ in rows)
    left = min(longest, max(wide // 3, 12))
    for title, rows in parts:
        console.print(f"\n{escape(printable(title))}")
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=left, overflow="fold")
        table.add_column(overflow="fold")
        for row in rows:
            table.add_row(*(escape(printable(cell)) for cell in row))
        console.print(Padding(table, (0, 0, 0, 2), expand=False))
    written = console.file.getvalue()  # type: ignore[attr-defined]  # a text buffer
    return "\n".join(line.rstrip() for line in written.rstrip().splitlines())
