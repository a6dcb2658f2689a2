"""The terms of `glossary.toml`, which is the one place for each, and how one is found by whatever a reader calls it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from drainage.errors import FormatError
from drainage.said import OTHER, Language, Said, in_language, joined
from drainage.wants import wants
from drainage.words import has_word, in_both, nearest, word

if TYPE_CHECKING:
    import pandas as pd

_COMMAND: Final = "drainage "
_LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word of the field.

    Parameters
    ----------
    key
        Its key in `glossary.toml`.
    name, says
        What it is called and what it means.
    also_en, also_zh
        What others call it.
    clause
        Where a standard speaks of it; empty where none does.
    verified
        Whether the clause was read in the text of the standard.
    seen_in
        Commands (``drainage …``), columns and rules that have to do with it.
    related
        Keys of other terms.

    Examples
    --------
    >>> import drainage as dr
    >>> term = dr.glossary.explain("混接")
    >>> str(term.name), term.named("zh")[0], term.commands[0]
    ('misconnection', '混接', 'mixed-flow')
    """

    key: str
    name: Said
    says: Said
    also_en: Sequence[str] = ()
    also_zh: Sequence[str] = ()
    clause: str = ""
    verified: bool = False
    seen_in: Sequence[str] = ()
    related: Sequence[str] = ()

    def named(self, lang: Language) -> list[str]:
        """Return what it is called in a language, its own name first."""
        return [str(in_language(self.name, lang)), *(self.also_zh if lang == "zh" else self.also_en)]

    @property
    def commands(self) -> list[str]:
        """The commands that have to do with it."""
        return [one.removeprefix(_COMMAND) for one in self.seen_in if one.startswith(_COMMAND)]

    @property
    def columns(self) -> list[str]:
        """The columns and rules that have to do with it."""
        return [one for one in self.seen_in if not one.startswith(_COMMAND)]

    def as_dict(self) -> dict[str, Any]:
        """Return it in both languages, as `glossary.toml` has it."""
        return {
            "key": self.key,
            "en": str(self.name),
            "zh": self.name.chinese,
            "also_en": [*self.also_en],
            "also_zh": [*self.also_zh],
            "says": self.says.by_language(),
            "clause": self.clause or None,
            "verified": self.verified if self.clause else None,
            "seen_in": [*self.seen_in],
            "related": [*self.related],
        }

    def told(self, lang: Language) -> Iterator[str]:
        """Tell what it is called, what it means, and what has to do with it, a paragraph each."""
        other = OTHER[lang]
        name, *also = self.named(lang)
        yield f"{name} ({self.key})"
        yield str(in_language(self.says, lang))
        parts = {
            f"term_in_{other}": self.named(other),
            "term_also": also,
            "term_clause" if self.verified else "term_clause_unverified": self.clause,
            "term_commands": [f"{_COMMAND}{one}" for one in self.commands],
            "term_columns": [f"{one} ({word(one, lang)})" if has_word(one) else one for one in self.columns],
            "term_related": [str(in_language(glossary()[key].name, lang)) for key in self.related],
        }
        for sentence, said in parts.items():
            if said:
                value = {"clause": said} if isinstance(said, str) else {"names": joined(said, ", ")}
                yield str(in_language(in_both(sentence, **value), lang))


@cache
def glossary() -> Mapping[str, Term]:
    """Return key → term, by key."""
    text = Path(__file__).parents[1].joinpath("glossary.toml").read_text(encoding="utf-8")
    return {key: _term(key, row) for key, row in tomllib.loads(text)["terms"].items()}


def terms() -> pd.DataFrame:
    """Return all terms, a row each.

    Returns
    -------
    Index ``term``; columns ``en``, ``zh``, ``also_en``, ``also_zh``, ``says_en``, ``says_zh``, ``clause``,
    ``verified``, ``seen_in`` and ``related``; what is several is joined by ``; ``, what there is none of is empty.

    Examples
    --------
    >>> import drainage as dr
    >>> dr.glossary.terms().loc["misconnection", ["en", "zh", "clause"]].tolist()
    ['misconnection', '混接', 'DB4201/T 651-2021, 5.5.3']
    """
    import pandas as pd

    rows = [
        {
            "term": one.key, "en": str(one.name), "zh": one.name.chinese,
            "also_en": "; ".join(one.also_en), "also_zh": "; ".join(one.also_zh),
            "says_en": str(one.says), "says_zh": one.says.chinese,
            "clause": one.clause, "verified": one.verified,
            "seen_in": "; ".join(one.seen_in), "related": "; ".join(one.related),
        }
        for one in glossary().values()
    ]  # fmt: skip
    return pd.DataFrame(rows).set_index("term")


@wants
def explain(word: str) -> Term:
    """Return the term that a word names: in either language, by another name, by a part of one, or by a column.

    Where several have it in their names it is the shortest name.

    Parameters
    ----------
    word
        A name or a part of it, or the name of a column, a rule or a command.

    Raises
    ------
    FormatError
        No term is called so.

    Examples
    --------
    >>> import drainage as dr
    >>> dr.glossary.explain("截流倍数").key, dr.glossary.explain("invert_to_m").key, dr.glossary.explain("misconn").key
    ('interception_ratio', 'invert', 'misconnection')
    """
    return find_terms(word)[0]


def find_terms(word: str) -> list[Term]:
    """Return the terms that a word can mean: the one of that name, else those that have it in a name or are seen there.

    Raises
    ------
    FormatError
        No term is called so.
    """
    asked = _plain(word)
    known = glossary().values()
    exact = [one for one in known if asked in {_plain(name) for name in _names(one)}]
    if exact:
        return exact
    seen = [one for one in known if word.strip() in (*one.seen_in, *one.commands)]
    if seen:
        return sorted(seen, key=lambda one: _place(one, word.strip()))
    within = [(min(lengths), one) for one in known if asked and (lengths := _lengths_with(one, asked))]
    if within:
        return [one for _, one in sorted(within, key=lambda found: (found[0], found[1].key))]
    names = [_plain(name) for one in known for name in _names(one)]
    raise FormatError(in_both("no_such_term", word=word, near=nearest(asked, names)))


def terms_of(command: str) -> list[Term]:
    """Return the terms that have to do with a command: that of its name, then those that have most to do with it."""
    found = [one for one in glossary().values() if command in one.commands]
    return sorted(found, key=lambda one: (one.key != command.replace("-", "_"), _place(one, command)))


def _term(key: str, row: Mapping[str, Any]) -> Term:
    given = {name: value for name, value in row.items() if name not in {*_LANGUAGES, "says"}}
    return Term(key=key, name=Said(row["en"], row["zh"]), says=Said(row["says"]["en"], row["says"]["zh"]), **given)


def _names(term: Term) -> Iterator[str]:
    yield from (term.key, *(name for lang in _LANGUAGES for name in term.named(lang)))


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())


def _lengths_with(term: Term, asked: str) -> list[int]:
    """Return how long those names are in which a word stands."""
    return [len(name) for name in map(_plain, _names(term)) if asked in name]


def _place(term: Term, word: str) -> int:
    """Return how far from the front of its list a term names where it is seen."""
    return [one.removeprefix(_COMMAND) for one in term.seen_in].index(word.removeprefix(_COMMAND))
