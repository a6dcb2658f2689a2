"""What is told as plain JSON: sentences as ``{"zh": …, "en": …}``, for whoever reads it later in his language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from drainage.cells import plain_value, short_numbers
from drainage.said import Said, parted


def in_two(value: object) -> object:
    """Return a value as JSON holds it, with what is said in both languages by language; floats are rounded."""
    if isinstance(value, Said):
        return value.by_language()
    if isinstance(value, pd.Series):
        return in_two(value.to_dict())
    if isinstance(value, Mapping):
        return {str(key): in_two(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [in_two(one) for one in value]
    return short_numbers(plain_value(value))


def sentence(text: object) -> dict[str, str] | None:
    """Return a sentence by language; one that is in a single language is the same in both."""
    if text is None or (not isinstance(text, str) and pd.isna(text)):  # type: ignore[call-overload]  # a cell
        return None
    said = text if isinstance(text, Said) else parted(str(text)) or Said(str(text), str(text))
    return said.by_language()


def rows_of(table: pd.DataFrame, names: Iterable[str], sentences: Iterable[str] = ()) -> list[dict[str, object]]:
    """Return rows of a table as plain values; columns of sentences by language."""
    told = set(sentences)
    there = [name for name in names if name in table]
    cells = {name: [sentence(one) if name in told else in_two(one) for one in table[name]] for name in there}
    return [{name: cells[name][k] for name in there} for k in range(len(table))]
