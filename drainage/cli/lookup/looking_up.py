"""`drainage terms`: what a word of the field means, where a standard speaks of it, and which commands answer for it."""

from __future__ import annotations

from typing import Final

from drainage.cli.printing import print_json, print_line, print_table
from drainage.glossary.entries import find_terms, glossary
from drainage.said import OTHER, in_language
from drainage.telling.text_tables import TextTable
from drainage.telling.two_columns import paragraph
from drainage.words import language

#: Terms that are told in full; of more the names alone.
_MOST_IN_FULL: Final = 4


def terms(term: str | None = None, /, *, json_: bool = False) -> None:
    """Explain the terms that a word can mean, or list them all."""
    found = list(glossary().values()) if term is None else find_terms(term)
    lang, other = language(), OTHER[language()]
    if json_:
        print_json({"terms": [one.as_dict() for one in found]}, None)
    elif term is None or len(found) > _MOST_IN_FULL:
        rows = [[in_language(one.name, lang), str(in_language(one.name, other)), one.key] for one in found]
        print_table(TextTable("terms", ["term_name", f"term_in_{other}", "term_key"], rows))
    else:
        explained = ["\n".join(map(paragraph, one.told(lang))) for one in found]
        print_line("\n\n".join(explained))
