"""The help of the terminal, laid out: in one language, as wide as the terminal, no word of it cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from drainage.glossary.entries import Term, terms_of
from drainage.said import in_language
from drainage.telling.printable import printable
from drainage.telling.two_columns import Part, screen_width, two_columns, width, wrapped
from drainage.words import help_for, language, phrase

if TYPE_CHECKING:
    import click

#: Options that every command has, and how they are spelt.
EVERYWHERE: Final = (("lang", "--lang zh|en"), ("help", "--help"))


def program_help(path: str, themes: Mapping[str, Sequence[str]], options: Sequence[tuple[str, str]]) -> str:
    """Return the help of the program: its commands by theme, and the options that stand before them."""
    lang = language()
    parts = [(help_for("groups", theme, lang), [(name, help_for("commands", name, lang)) for name in names])
             for theme, names in themes.items()]  # fmt: skip
    everywhere = [(spelt, help_for("options", name, lang)) for name, spelt in options]
    usage = f"{path} {phrase('command_word', lang)} …"
    parts.append((help_for("groups", "everywhere", lang), everywhere))
    return _laid_out(usage, help_for("commands", "drainage", lang), parts, [])


def command_help(command: click.Command, path: str) -> str:
    """Return the help of a command: its words, its own options, and those of each group."""
    name = str(command.name)
    return _laid_out(usage_of(command, path), help_for("commands", name, language()), parts_of(command), terms_of(name))


def usage_of(command: click.Command, path: str) -> str:
    """Return how a command is written: its words, and that there are options."""
    words = [one for one in command.params if one.param_type_name == "argument"]
    return " ".join([path, *map(_word, words), f"[{phrase('options_word', language())}]"])


def parts_of(command: click.Command) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a command takes: words and options with what is said of each, by group."""
    lang, name = language(), str(command.name)
    words = [one for one in command.params if one.param_type_name == "argument"]
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in command.params:
        title = "arguments" if one in words else getattr(one, "group", "") or "options"
        groups.setdefault(title, []).append((_spelt(one), _said(one, name)))
    groups.setdefault("everywhere", []).extend((spelt, help_for("options", each, lang)) for each, spelt in EVERYWHERE)
    return [(help_for("groups", title, lang), rows) for title, rows in groups.items()]


def said_of(parameter: click.Parameter, command: str) -> str:
    """Return what `words.toml` says of a parameter of a command, or of the parameter wherever it stands."""
    table = "arguments" if parameter.param_type_name == "argument" else "options"
    return help_for(table, str(parameter.name), language(), of=command)


def value_word(name: str) -> str:
    """Return what stands for a value of an option, by its kind, or for a word behind a command, by its name."""
    return help_for("values", name, language())


def _said(parameter: click.Parameter, command: str) -> str:
    lang, text = language(), said_of(parameter, command)
    choices, default = getattr(parameter.type, "words", ()), parameter.default
    notes = [phrase("choices", lang, words=", ".join(choices))] if choices else []
    notes += [phrase("repeatable", lang)] if parameter.multiple else []
    if parameter.required and parameter.param_type_name == "option":
        notes.append(phrase("required", lang))
    elif isinstance(default, (str, int, float)) and not isinstance(default, bool) and default != "":
        notes.append(phrase("default", lang, value=f"{default:g}" if isinstance(default, float) else default))
    return text + "".join(phrase("note", lang, text=note) for note in notes)


def _word(argument: click.Parameter) -> str:
    name = value_word(str(argument.name))
    name = f"{name}…" if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def _spelt(parameter: click.Parameter) -> str:
    if parameter.param_type_name == "argument":
        return _word(parameter)
    names = ", ".join(parameter.opts)
    return names if parameter.is_flag else f"{names} {value_word(parameter.type.name)}"  # type: ignore[attr-defined]  # an option


def _laid_out(usage: str, about: str, parts: Sequence[Part], used: Sequence[Term]) -> str:
    """Return the text of a help: usage, what it is about, its parts; at last the terms."""
    wide = screen_width()
    lines = [*wrapped(f"{phrase('usage', language())} {usage}", wide), "", *wrapped(about, wide), *two_columns(parts)]
    return "\n".join([*lines, "", *wrapped(_glossary_line(used, wide), wide)])


def _glossary_line(used: Sequence[Term], wide: int) -> str:
    """Return the line that leads to the glossary: with as many terms as stand on it, or none."""
    lang = language()
    names = [str(in_language(one.name, lang)) for one in used]
    for most in range(len(names), 0, -1):
        asked = used[0].key if " " in names[0] else names[0]
        line = phrase("terms_of_help", lang, names=" · ".join(names[:most]), first=asked)
        if width(printable(line)) <= wide:
            return line
    return phrase("terms_at_all", lang)
