"""The glossary as a page, and its words on every other page as links to it."""

from __future__ import annotations

import html
import posixpath
import re
from functools import cache
from typing import Final

import texts
from bs4 import BeautifulSoup, NavigableString

from drainage.glossary.entries import Term, glossary
from drainage.said import OTHER, Language, Said, in_language, joined
from drainage.words import in_both

#: Where a word is left as it is.
_NOT_IN: Final = frozenset({"a", "abbr", "button", "code", "h1", "h2", "h3", "iframe", "nav", "pre", "script", "style"})


def page(lang: Language) -> str:
    """Write every term with what it means, by its name."""
    written = texts.begun("glossary", lang)
    for term in sorted(glossary().values(), key=lambda one: _in(one.name, lang).lower()):
        written += f"## {_in(term.name, lang)} · {_in(term.name, OTHER[lang])} {{ #{term.key} }}\n\n"
        written += f"{_in(term.says, lang)}\n\n" + "".join(f"- {_in(note, lang)}\n" for note in _notes(term)) + "\n"
    return written


def linked(content: str, lang: Language, home: str) -> str:
    """Let the first of each word of the glossary on a page lead to its meaning, which stands in its tip too.

    Parameters
    ----------
    content
        HTML of a page.
    home
        The way from the page to the root of the site.
    """
    soup, met = BeautifulSoup(content, "html.parser"), set[str]()
    sought, keys = _sought(lang)
    where = posixpath.join(home, "zh" if lang == "zh" else "", "reference/glossary.html")
    for text in list(soup.find_all(string=True)):
        if type(text) is not NavigableString or _NOT_IN & {one.name for one in text.parents}:
            continue
        parts, last = [], 0
        for found in sought.finditer(text):
            key = keys[found[0].lower()]
            if key in met:
                continue
            met.add(key)
            tip = html.escape(_in(glossary()[key].says, lang))
            link = f'<a class="term" href="{where}#{key}" title="{tip}">{html.escape(found[0])}</a>'
            parts += [html.escape(text[last : found.start()]), link]
            last = found.end()
        if parts:
            text.replace_with(BeautifulSoup("".join(parts) + html.escape(text[last:]), "html.parser"))
    return str(soup) if met else content


@cache
def _sought(lang: Language) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return what finds any name of any term, the longest first, and whose name it is."""
    keys: dict[str, str] = {}
    for term in glossary().values():
        for name in term.named(lang):
            for form in (name, f"{name}s") if lang == "en" else (name,):
                keys.setdefault(form.lower(), term.key)
    names = "|".join(re.escape(name) for name in sorted(keys, key=len, reverse=True) if len(name) > 1)
    return re.compile(rf"\b(?:{names})\b" if lang == "en" else f"(?:{names})", re.IGNORECASE), keys


def _notes(term: Term) -> list[Said]:
    """Return what else is told of a term, as the terminal tells it."""
    also = Said(", ".join(term.also_en), str(joined(term.also_zh, ", ").chinese))
    related = joined([_linked(glossary()[key]) for key in term.related], ", ")
    clause = "term_clause" if term.verified else "term_clause_unverified"
    told = {
        "term_also": ("names", also),
        clause: ("clause", term.clause),
        "term_commands": ("names", joined([f"`drainage {one}`" for one in term.commands], ", ")),
        "term_columns": ("names", joined([f"`{one}`" for one in term.columns], ", ")),
        "term_related": ("names", related),
    }
    return [in_both(key, **{name: value}) for key, (name, value) in told.items() if value]


def _linked(term: Term) -> Said:
    return Said(*(f"[{_in(term.name, lang)}](#{term.key})" for lang in ("en", "zh")))


def _in(said: Said, lang: Language) -> str:
    return str(in_language(said, lang))
