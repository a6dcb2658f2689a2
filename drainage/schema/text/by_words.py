"""Columns of codes recognised by their words, where their names are unknown: STORM and COMBINED are systems."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from drainage.schema.codes import MATERIALS, SAYS_NOTHING, fold

#: Code list → word in the file, folded → our word.
Words = Mapping[str, Mapping[str, str]]

# Choices of ours, no standard's: a column of codes has few words; what half its rows say is worth a question.
_FIRST_ROWS = 1000
_MOST_WORDS = 40
_ASKED_SHARE = 0.5
_SHORT = 3
#: Words that are known, but that columns of many other meanings hold too: they alone do not tell what a column is.
_OTHER_WORDS = (
    "open closed design complete completed built constructed live dead act ins future gravity private other "
    "unknown square round pipe box tank pond sump node bend cap plug tee rain sewer drainage sto com pro cir std "
    "yes no true false ditch outlet junction structure 其他 未知 有 无 是 否 正常 设计 现状"
)
_ANY_COLUMN = frozenset(_OTHER_WORDS.split())
#: Words in the name of a column by which abbreviations in it are understood too.
_HINTS = {
    "system": re.compile(r"sewer|system|water|drain|flow|effluent|network|utility|类|性质|水"),
    "status": re.compile(r"stat|cycle|service|状态|状况|使用"),
    "kind": re.compile(r"type|kind|struct|feature|类|型"),
    "shape": re.compile(r"shape|section|profil|形|断面"),
    "material": re.compile(r"mat|材"),
}
#: Names of columns that speak of something else than the feature itself.
_OF_ANOTHER = re.compile(
    r"(^|_)(to|old|prev|previous|former|was|orig|connect\w*|discharge?\w*|receiv\w*)(_|$)|owner|maint"
)


def knows_any(column: pd.Series, words: Mapping[str, str]) -> bool:
    """Return whether any value of a column is in a code list; the first rows are looked at before all are."""
    return any(word in words for part in (column.head(_FIRST_ROWS), column) for word in _counts(part))


def find_by_words(table: pd.DataFrame, wanted: Iterable[str], names: Sequence[str], words: Words) -> dict[str, str]:
    """Find the columns of which every value is a word of one code list.

    Parameters
    ----------
    wanted
        Columns of drainage that were not found by name.
    names
        Columns of the file that are nothing else.

    Returns
    -------
    Our column → column of the file. None where several columns would do and differ in what they say, none for a status
    by which nothing is in use, and none for a kind that calls all nodes manholes: it is the name of the table.
    """
    found: dict[str, str] = {}
    lists = {ours: _list_of(ours, words) for ours in wanted if words and ours in _HINTS}
    candidates = _candidates(table, names, lists.values()) if lists else {}
    for ours, listed in lists.items():
        free = {name: counts for name, counts in candidates.items() if name not in found.values()}
        clear = [name for name, counts in free.items() if _is_clear(counts, listed, _HINTS[ours].search(fold(name)))]
        said = {name: {listed[word] for word in candidates[name] if word in listed} for name in clear}
        said = {name: meant for name, meant in said.items() if not _says_too_little(ours, meant)}
        if not said:
            continue
        best = max(said, key=lambda name: len(said[name]))
        if all(meant <= said[best] for meant in said.values()):
            found[ours] = best
    return found


def half_known(
    table: pd.DataFrame, wanted: Iterable[str], names: Sequence[str], words: Words
) -> list[tuple[str, str, dict[str, int]]]:
    """List columns left unread though many of their rows are words of a code list: ours, theirs, value → rows."""
    asked = []
    lists = {ours: _list_of(ours, words) for ours in wanted}
    candidates = _candidates(table, names, lists.values()) if lists else {}
    for ours, listed in lists.items():
        for name, counts in candidates.items():
            said = {word: n for word, n in counts.items() if word not in SAYS_NOTHING and not word.isdigit()}
            telling = sum(n for word, n in said.items() if word in listed and _tells(word))
            known = {word: n for word, n in said.items() if word in listed}
            half = _ASKED_SHARE * sum(said.values())
            several = ours == "system" and len({listed[word] for word in known}) > 1 and sum(known.values()) >= half
            if several or telling >= max(half, 1):
                asked.append((ours, name, spelled_counts(table[name])))
    return asked


def spelled_counts(column: pd.Series) -> dict[str, int]:
    """Count the values of a column as they are written, most frequent first."""
    codes, unique = pd.factorize(column)
    number = np.bincount(codes[codes >= 0], minlength=len(unique))
    return dict(Counter({_spelled(value): int(n) for value, n in zip(unique, number, strict=True)}).most_common())


def _list_of(ours: str, words: Words) -> Mapping[str, str]:
    return MATERIALS if ours == "material" else words[ours]


def _candidates(
    table: pd.DataFrame, names: Sequence[str], lists: Iterable[Mapping[str, str]]
) -> dict[str, dict[str, int]]:
    """Count the folded words of the columns of text that have few, some of them in a list."""
    lists = [*lists]
    found = {}
    for name in names:
        column = table[name]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
            continue
        first = _counts(column.head(_FIRST_ROWS))
        few = 0 < len(first) <= _MOST_WORDS and not _OF_ANOTHER.search(fold(name))
        if not few or not any(word in listed for listed in lists for word in first):
            continue
        counts = first if len(column) <= _FIRST_ROWS else _counts(column)
        if len(counts) <= _MOST_WORDS:
            found[name] = counts
    return found


def _counts(column: pd.Series) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for text, n in spelled_counts(column).items():
        counts[fold(text)] += n
    return counts


def _is_clear(counts: Mapping[str, int], listed: Mapping[str, str], hint: object) -> bool:
    """Return whether all values of a column are in the list, at least half of them words that identify the list.

    Where the name of the column hints at the list, abbreviations do as well, if they mean more than one thing.
    """
    said = {word: n for word, n in counts.items() if word not in SAYS_NOTHING}
    if not said or not all(word in listed for word in said):
        return False
    telling = sum(n for word, n in said.items() if _tells(word))
    several = len({listed[word] for word in said}) > 1
    short = bool(hint) and several and not any(word.isdigit() for word in said)
    return short or (telling > 0 and 2 * telling >= sum(said.values()))


def _says_too_little(ours: str, meant: set[str]) -> bool:
    """Return whether it is a status by which nothing is in use, or a kind that only repeats the name of the table."""
    return (ours == "status" and "in_use" not in meant) or (ours == "kind" and meant == {"manhole"})


def _tells(word: str) -> bool:
    """Return whether a word by itself identifies its list: no digit, no abbreviation of one or two letters."""
    return word not in _ANY_COLUMN and not word.isdigit() and (len(word) >= _SHORT or not word.isascii())


def _spelled(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
