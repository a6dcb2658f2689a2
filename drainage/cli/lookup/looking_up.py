"""`drainage terms`: what a word of the field means, where a standard speaks of it, and which commands answer for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drainage.cli.layout import paragraph
from drainage.cli.printing import print_json, print_line, print_table
from drainage.glossary.entries import Term, find_terms, glossary
from drainage.said import OTHER, Language, Said, in_language, joined
from drainage.telling.text_tables import TextTable
from drainage.words import has_word, in_both, language, word

#: Terms that are told in full; of more the names alone.
_MOST_IN_FULL: Final = 4


def terms(term: str | None = None, /, *, json_: bool = False) -> None:
    """Explain the terms that a word can mean, or list them all."""
    found = list(glossary().values()) if term is None else find_terms(term)
    if json_:
        print_json({"terms": [one.as_dict() for one in found]}, None)
    elif term is None or len(found) > _MOST_IN_FULL:
        _list(found)
    else:
        for n, one in enumerate(found):
            if n:
                print_line("")
            _explain(one)


def _list(found: Sequence[Term]) -> None:
    lang = language()
    other = OTHER[lang]
    heads = ["term_name", f"term_in_{other}", "term_key"]
    rows = [[in_language(one.name, lang), str(in_language(one.name, other)), one.key] for one in found]
    print_table(TextTable("terms", heads, rows))


def _explain(term: Term) -> None:
    lang = language()
    other = OTHER[lang]
    name, *also = term.named(lang)
    print_line(f"{name} ({term.key})")
    _print(term.says)
    _print(in_both(f"term_in_{other}", names=joined(term.named(other), ", ")))
    if also:
        _print(in_both("term_also", names=joined(also, ", ")))
    if term.clause:
        _print(in_both("term_clause" if term.verified else "term_clause_unverified", clause=term.clause))
    if term.commands:
        _print(in_both("term_commands", names=joined([f"drainage {one}" for one in term.commands], ", ")))
    if term.columns:
        _print(in_both("term_columns", names=joined([_column(one, lang) for one in term.columns], ", ")))
    if term.related:
        related = (str(in_language(glossary()[key].name, lang)) for key in term.related)
        _print(in_both("term_related", names=joined(related, ", ")))


def _print(said: Said) -> None:
    print_line(paragraph(str(in_language(said, language()))))


def _column(name: str, lang: Language) -> str:
    """Return a column with its word; the name alone of a rule."""
    return f"{name} ({word(name, lang)})" if has_word(name) else name
