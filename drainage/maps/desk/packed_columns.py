"""Columns of values as the page holds them: each once, in words of one language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.maps.desk.question_looks import GROUPS, OF_COLUMNS, OF_KINDS
from drainage.said import Language, Said, in_language, joined
from drainage.words import code, codes, has_word, in_both_languages, one_language, phrase, unit, word

#: Columns of what another column was and is, of whose values only systems are codes.
_OF_SYSTEMS: Final = ("before", "after")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]+")
_KIND: Final = re.compile(r"([a-z_]+):")


@dataclass
class PackedColumns:
    """Columns of values, each once, however many layers share it."""

    lang: Language
    packed: list[dict[str, object]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str, values: pd.Series, looks: Mapping[str, str]) -> int:
        """Return the number of a column; ``looks`` are words for its codes that go before those of the column."""
        coded = codes("system" if name in _OF_SYSTEMS else name)
        known = {key: Said(english, chinese) for key, (chinese, english) in coded.items()} | dict(looks)
        column = {
            "key": name,
            "label": word(name, self.lang),
            "unit": unit(name) if has_word(name) else "",
            "group": in_language(GROUPS.get(name, ""), self.lang),
            **_values(values, partial(_cell, words=known, column=name, lang=self.lang), 2 if unit(name) == "m" else 3),
        }
        text = json.dumps(column)
        if text not in self._numbers:
            self._numbers[text] = len(self.packed)
            self.packed.append(column)
        return self._numbers[text]


def _values(values: pd.Series, plain: Callable[[object], object], decimals: int) -> dict[str, object]:
    """Return the values, or, where many repeat, the distinct ones and the number of each (-1: none)."""
    if values.dtype == object:  # and so it stays: a text of it may be in both languages
        listed = [", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value for value in values]
        values = pd.Series(listed, dtype=object)
    if pd.api.types.is_float_dtype(values):
        found, cells = _numbers(values.to_numpy(float, na_value=np.nan), decimals)
    else:
        found, unique = pd.factorize(values)
        cells = [plain(value) for value in np.asarray(unique, dtype=object).tolist()]
    if 2 * len(cells) < len(found):
        return {"values": cells, "codes": found.tolist()}
    return {"values": np.array([*cells, None], dtype=object)[found].tolist()}


def _numbers(values: NDArray[np.float64], decimals: int) -> tuple[NDArray[np.intp], list[object]]:
    """Return codes and distinct numbers of sensible precision: all decimals below 10, two below 1000, then one."""
    values = np.where(np.isfinite(values), values, np.nan)
    size = np.abs(values)
    rounded = [np.round(values, decimals), np.round(values, 2)]
    found, unique = pd.factorize(np.select([size < 10, size < 1000], rounded, np.round(values, 1)))
    return found, [int(number) if number.is_integer() else number for number in unique.tolist()]


def _cell(value: object, words: Mapping[str, str], column: str, lang: Language) -> object:
    """Make one value plain: text, a number or None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return _text(value, words, column, lang)
    if isinstance(value, bool):
        return in_language(words.get(str(value)), lang) or phrase("yes" if value else "no", lang)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return _numbers(np.array([value]), 3)[1][0] if np.isfinite(value) else None
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return str(value)


def _text(value: str, words: Mapping[str, str], column: str, lang: Language) -> str:
    """Return codes parted by commas in words, and what is said in both languages in one; any other text as it is."""
    parts = [value] if value in words else value.split(", ")
    if words and set(parts) <= set(words):
        return one_language(joined((words[part] for part in parts), ", "), lang)
    if column in OF_COLUMNS:
        return _NAME.sub(lambda found: word(found[0], lang), value)
    if column in OF_KINDS:
        return _KIND.sub(lambda found: f"{code('kind', found[1], lang) or found[1]}:", value)
    both = isinstance(value, Said) or in_both_languages(column)
    return one_language(value, lang) if both else value
