"""Nested facts as a table: one row per figure, by the keys that lead to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from drainage import words
from drainage.cells import plain_value
from drainage.said import Said, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drainage.said import Language

    Path = tuple[str, ...]


def figures(facts: Mapping[Any, object]) -> dict[str, object]:
    """Return the figures of a summary, however deep they lie, by their keys separated by dots.

    A list of texts is one figure; of any other list each item is one.

    Examples
    --------
    >>> figures({"by_grade": {"minor": 11, "major": 2}, "ids": ["a", "b"], "parts": [1.5]})
    {'by_grade.minor': 11, 'by_grade.major': 2, 'ids': 'a, b', 'parts.0': 1.5}
    """
    return {".".join(path): value for path, value in leaves(facts).items()}


def leaves(facts: Mapping[Any, object]) -> dict[Path, object]:
    """Return the same by the keys that lead to each figure; a key may have a dot of its own, such as ``0.5``."""
    return dict(_leaves(plain_value(dict(facts)), ()))


def label(path: Path, lang: Language) -> str:
    """Return what a figure is, with its unit in brackets."""
    return words.with_unit(words.figure(path, lang), _unit(path), lang)


def shown(path: Path, value: object, lang: Language) -> object:
    """Return a figure as a reader sees it: words for its codes, by the key that names what it is."""
    return words.shown(_owner(path), value, lang)


def figures_table(facts: Mapping[Any, object], lang: Language) -> pd.DataFrame:
    """Return a row for each figure: its key, what it is, how much and in which unit."""
    found = leaves(facts)
    rows = {
        "word": [words.figure(path, lang) for path in found],
        "value": [shown(path, value, lang) for path, value in found.items()],
        "unit": [_unit(path) for path in found],
    }
    index = pd.Index([".".join(path) for path in found], name="key", dtype=object)
    return pd.DataFrame(rows, index=index, dtype=object)


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, str(key)))
    elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, str(number)))
    elif isinstance(value, list):
        yield path, joined(value, ", ") if any(isinstance(one, Said) for one in value) else ", ".join(value)
    else:
        yield path, None if value == {} else value


def _owner(path: Path) -> str:
    """Return the key that names what a value is: not the number of an item in a list."""
    return next((key for key in reversed(path) if not key.isdecimal()), "")


def _unit(path: Path) -> str:
    """Return the unit of a figure: that of the nearest key that has one, but for what is assumed, which is text."""
    if path[0] == "assumptions":
        return ""
    return next((found for key in reversed(path) if (found := words.unit(key))), "")
