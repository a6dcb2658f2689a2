"""The terms that a page uses: of its questions, its keys and its columns; no others travel in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drainage.glossary.entries import Term, glossary
from drainage.said import OTHER, Language, in_language
from drainage.words import in_both


def terms_of_page(packed: Mapping[str, Any], questions: Sequence[Mapping[str, Any]], lang: Language) -> dict[str, Any]:
    """Return the terms of a page, and by whose numbers which question, label and column is explained.

    A question is explained by the term of its key, a label by the term of that name, a column by the term of its name
    or else by the one that names the column where it is seen. A column that several terms name is explained by none.

    Parameters
    ----------
    packed
        What `drainage.maps.payload.pack` returns.
    questions
        The tabs of the page.

    Returns
    -------
    ``list``: name, name in the other language, definition and clause of each, by name; ``questions``, ``labels`` and
    ``columns``: key or text → its place in that list.
    """
    terms = glossary()
    named = {name.casefold(): term for term in terms.values() for name in term.named(lang)}
    seen = _seen(terms.values())
    layers = [layer for period in packed["periods"] for layer in period["layers"]]
    labels = {text for layer in layers for text in (layer["label"], *(look["label"] for look in layer["styles"]))}
    found = {
        "questions": {one["key"]: terms[one["key"]] for one in questions if one["key"] in terms},
        "labels": {text: named[text.casefold()] for text in labels if text.casefold() in named},
        "columns": {
            column["key"]: term
            for column in packed["columns"]
            if (term := named.get(str(column["label"]).casefold()) or seen.get(column["key"])) is not None
        },
    }
    used = {term.key: term for of in found.values() for term in of.values()}
    ordered = sorted(used.values(), key=lambda term: str(in_language(term.name, lang)).casefold())
    places = {term.key: place for place, term in enumerate(ordered)}
    return {
        "list": [_told(term, lang) for term in ordered],
        **{kind: {key: places[term.key] for key, term in sorted(of.items())} for kind, of in found.items()},
    }


def _seen(terms: Iterable[Term]) -> dict[str, Term]:
    """Return column → the one term that names it."""
    by = [(column, term) for term in terms for column in term.seen_in]
    times = Counter(column for column, _ in by)
    return {column: term for column, term in by if times[column] == 1}


def _told(term: Term, lang: Language) -> list[str]:
    """Return what a term is called in the language of the page and in the other, what it means, and its clause."""
    names = (str(in_language(term.name, one)) for one in (lang, OTHER[lang]))
    clause = in_both("term_clause" if term.verified else "term_clause_unverified", clause=term.clause)
    return [*names, str(in_language(term.says, lang)), str(in_language(clause, lang)) if term.clause else ""]
