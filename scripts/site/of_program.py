"""Pages made from the program: its commands, its quality rules and its public names."""

from __future__ import annotations

import inspect
import os
from itertools import groupby
from types import ModuleType
from typing import Any

import texts

import drainage as dr
from drainage import words
from drainage.analyses.quality import RULES
from drainage.cli.layout import parts_of, usage_of
from drainage.cli.program import THEMES, app


def commands(lang: str) -> str:
    """Write every command with its options, as its help says them."""
    os.environ[words.VARIABLE] = lang
    head = (texts.text("commands", "option", lang), texts.text("commands", "meaning", lang))
    written = texts.begun("commands", lang)
    for theme, names in THEMES.items():
        written += f"## {words.help_for('groups', theme, lang)}\n\n"
        for name in names:
            command = app.get_command(None, name)
            about = words.help_for("commands", name, lang)
            written += f"### drainage {name}\n\n{about}\n\n```text\n{usage_of(command, f'drainage {name}')}\n```\n\n"
            for title, rows in parts_of(command):
                cells = [(f"`{spelt}`", said) for spelt, said in rows]
                written += f"**{title}**\n\n{texts.table(head, cells)}\n"
    return written


def rules(lang: str) -> str:
    """Write every quality rule, by family."""
    written = texts.begun("rules", lang)
    columns = ("rule", "severity", "fires", "magnitude", "limits", "clause", "remedy")
    head = tuple(texts.text("rules", name, lang) for name in columns)
    for family, found in groupby(RULES.values(), key=lambda rule: rule.family):
        rows = [
            (
                f"`{rule.id}`",
                words.code("severity", rule.severity, lang) or rule.severity,
                rule.zh if lang == "zh" else f"{rule.kind}: {rule.en}",
                rule.unit or "–",
                "<br>".join(f"`{name}` {value:g}" for name, value in rule.limits.items()) or "–",
                rule.clause.chinese if lang == "zh" else str(rule.clause),
                rule.remedy_zh if lang == "zh" else rule.remedy_en,
            )
            for rule in found
        ]
        title = (words.code("family", family, lang) or family).capitalize()
        written += f"## {title}\n\n{texts.table(head, rows)}\n"
    return written


def names(lang: str) -> dict[str, str]:
    """Write a page for the names of the first day, and one for each room."""
    rooms = {name: room for name in dr.__all__ if isinstance(room := getattr(dr, name), ModuleType)}
    first = {name: getattr(dr, name) for name in dr.__all__ if name not in rooms}
    written = {"index": texts.begun("names", lang) + texts.text("names", "first_day", lang) + "\n\n"}
    met: dict[int, str] = {}  # each is described once
    written["index"] += "".join(_shown(f"dr.{name}", one, met) for name, one in first.items())
    for name, room in rooms.items():
        shown = {each: one for each in _of_room(room) if _is_documented(one := getattr(room, each))}
        about = (inspect.getdoc(room) or "").strip()
        title = texts.begun("names", lang).replace(f"# {texts.text('names', 'title', lang)}", f"# dr.{name}")
        written[name] = f"{title}{about}\n\n" + "".join(
            _shown(f"dr.{name}.{each}", one, met) for each, one in shown.items()
        )
    return written


def _of_room(room: ModuleType) -> list[str]:
    return sorted(getattr(room, "__all__", [name for name in vars(room) if not name.startswith("_")]))


def _is_documented(one: Any) -> bool:  # noqa: ANN401 - any public name
    return callable(one) and str(getattr(one, "__module__", "")).startswith("drainage")


def _shown(name: str, one: Any, met: dict[int, str]) -> str:  # noqa: ANN401 - any public name
    if not _is_documented(one):
        return ""
    where = f"{one.__module__}.{one.__qualname__}"
    if met.setdefault(id(one), name) != name:
        return f"## {name}\n\n[{met[id(one)]}][{where}]\n\n"
    return f'::: {where}\n    options:\n      heading: "{name}"\n      toc_label: "{name}"\n\n'
