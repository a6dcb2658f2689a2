"""What the values of a column say, whatever its name: of a sample of its rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats
from drainage.schema.codes import fold
from drainage.schema.text import values
from drainage.schema.text.date_text import read_day
from drainage.schema.text.size_text import read_sizes

#: Numbers that stand for none; zero may be a code, or a depth, and is forgotten only where a measure is asked for.
_PLACEHOLDERS: Final = (*values.SENTINELS, 0.0, -1.0, -2.0, -9.0, -99999.0)
_MOST_WORDS, _DATES_TRIED, _YEAR, _TRIED_FIRST = 60, 60, 5, 100
_FIRST_YEAR, _LAST_YEAR, _EPOCH_MS = 1850, 2035, (1e10, 5e14)
_GUID: Final = re.compile(r"^\{?[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)
_SIGNS: Final = re.compile(r"[\W_]+")
_STREET_ENDINGS: Final = ("strasse", "straße", "straat", "weg", "gata")
_LONGEST_STREET: Final = 8
_STREET_END: Final = re.compile(r"[路街道巷]([东西南北中]?段?)$")
#: Nominal sizes of pipes by unit, as catalogues of makers list them; those in mm hold the inches of the trade as well.
_INCHES: Final = (
    3, 4, 5, 6, 8, 9, 10, 12, 14, 15, 16, 18, 20, 21, 22, 24, 27, 30, 33, 36, 39, 42, 45, 48, 54, 60, 66, 72, 78, 84,
    90, 96, 102, 108, 120, 132, 144,
)  # fmt: skip
_MILLIMETRES: Final = (
    50, 75, 76, 100, 110, 125, 127, 150, 160, 175, 200, 203, 225, 229, 250, 275, 300, 305, 315, 350, 356, 375, 381,
    400, 406, 450, 457, 475, 500, 508, 525, 530, 533, 550, 600, 610, 630, 650, 675, 686, 700, 750, 762, 800, 825, 838,
    900, 914, 975, 991, 1000, 1050, 1067, 1100, 1125, 1200, 1219, 1220, 1250, 1275, 1300, 1350, 1372, 1400, 1500,
    1524, 1600, 1650, 1676, 1800, 1829, 1950, 2000, 2100, 2134, 2200, 2250, 2400, 2438, 2500, 2550, 2700, 2850, 3000,
    3300, 3600,
)  # fmt: skip
_SERIES: Final = {
    "mm": np.array(sorted({*map(float, _MILLIMETRES), *(round(inch * 25.4, 1) for inch in _INCHES)})),
    "in": np.array(_INCHES, dtype=np.float64),
    "m": np.array(sorted({round(mm / 1000, 4) for mm in (*_MILLIMETRES, *(inch * 25.4 for inch in _INCHES))})),
    "cm": np.array(sorted({mm / 10 for mm in _MILLIMETRES} - set(_INCHES))),
}


@dataclass(frozen=True, eq=False)
class Profile:
    """What the values of a column say.

    Parameters
    ----------
    name
        Of the column.
    values
        The rows looked at, as they stand.
    words
        Code list → words of its values.
    """

    name: str
    values: pd.Series
    words: Mapping[str, frozenset[str]] = field(repr=False)

    @cached_property
    def _factors(self) -> tuple[NDArray[np.intp], pd.Series]:
        """Row of each value among the different ones, -1 for an empty one, and those."""
        column = self.values.mask(values.is_empty(self.values)) if not self.is_date else self.values
        code, unique = pd.factorize(column)
        return code, pd.Series(unique)

    @property
    def is_date(self) -> bool:
        """Whether its type is that of dates."""
        return pd.api.types.is_datetime64_any_dtype(self.values)

    @cached_property
    def said(self) -> Bools:
        """Rows that say something, (n,)."""
        return self._factors[0] >= 0

    @cached_property
    def filled(self) -> float:
        """Share of them."""
        return float(self.said.mean()) if len(self.values) else 0.0

    @cached_property
    def spelled(self) -> NDArray[np.object_]:
        """The different values as text of ids: upper case, 12.0 is 12."""
        unique = self._factors[1]
        if pd.api.types.is_numeric_dtype(unique) and not pd.api.types.is_bool_dtype(unique):
            numbers = unique.to_numpy(dtype=np.float64)
            texts = [str(int(n)) if np.isfinite(n) and n == np.floor(n) else f"{n:g}" for n in numbers.tolist()]
        else:
            texts = [str(value).strip().upper() for value in unique.tolist()]
            texts = [re.sub(r"\.0+$", "", text) if "." in text else text for text in texts]
        return np.array([*texts, ""], dtype=object)

    @cached_property
    def text(self) -> NDArray[np.object_]:
        """Each row as such text, empty where it says nothing, (n,)."""
        return np.asarray(self.spelled[self._factors[0]])

    @cached_property
    def distinct(self) -> int:
        """How many different texts there are."""
        return len(set(self.spelled[:-1]))

    @cached_property
    def unique(self) -> float:
        """Different texts by rows that say something."""
        return self.distinct / max(int(self.said.sum()), 1)

    @cached_property
    def _read(self) -> Floats:
        """The number of each different value, NaN for none, one more for the empty."""
        unique = self._factors[1]
        first = unique.iloc[:_TRIED_FIRST]
        if self.is_date or not len(unique) or not np.isfinite(values.read_numbers(first).number).any():
            return np.full(len(unique) + 1, np.nan)
        return np.append(values.read_numbers(unique).number, np.nan)

    @cached_property
    def written(self) -> Floats:
        """The number of each row, placeholders and all, (n,)."""
        return np.asarray(self._read[self._factors[0]])

    @cached_property
    def number(self) -> Floats:
        """The number of each row without placeholders, NaN where there is none, (n,)."""
        return np.where(np.isin(self.written, _PLACEHOLDERS), np.nan, self.written)

    @cached_property
    def known(self) -> Floats:
        """The numbers that there are."""
        return np.asarray(self.number[np.isfinite(self.number)])

    @cached_property
    def numeric(self) -> float:
        """Share of the rows that say something which are numbers."""
        return float(np.isfinite(self.written[self.said]).mean()) if self.said.any() else 0.0

    @cached_property
    def whole(self) -> float:
        """Share of the numbers that are whole."""
        numbers = self.written[np.isfinite(self.written)]
        return float((numbers == np.round(numbers)).mean()) if len(numbers) else 0.0

    @cached_property
    def dates(self) -> float:
        """Share of the values that are days: of a calendar, or moments counted since 1970."""
        if self.is_date:
            return 1.0
        if self.numeric > 0.9:
            if not len(self.known):
                return 0.0
            size = np.abs(self.known)
            if np.median(size) <= _EPOCH_MS[0]:
                return self._compact_days
            fits = (size > _EPOCH_MS[0]) & (size < _EPOCH_MS[1]) & (self.known == np.round(self.known))
            return float(fits.mean())
        tried = [value for value in self._factors[1][:_DATES_TRIED] if not isinstance(value, str) or len(value) > _YEAR]
        days = [read_day(value).how in ("day", "month", "open") for value in tried]
        return sum(days) / max(min(len(self._factors[1]), _DATES_TRIED), 1)

    @cached_property
    def _compact_days(self) -> float:
        """Share of numbers such as 20150430, years among them."""
        year, day = np.divmod(self.known, 10_000)
        month, of_month = np.divmod(day, 100)
        fits = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12) & (of_month <= 31)
        days = fits & (self.known % 1 == 0)
        years = (self.known >= _FIRST_YEAR) & (self.known <= _LAST_YEAR)
        return float((days | years).mean()) if days.any() else 0.0

    @cached_property
    def years(self) -> float:
        """Share of the numbers that are years."""
        known = self.known
        if len(known) < 0.02 * max(int(self.said.sum()), 1) or not len(known):
            return 0.0
        year = (known >= _FIRST_YEAR) & (known <= _LAST_YEAR) & (known == np.round(known))
        return float(year.mean())

    @cached_property
    def guid(self) -> float:
        """Share of the first values that are identifiers of a database."""
        first = self.spelled[:-1][:50]
        return sum(bool(_GUID.match(text)) for text in first) / max(len(first), 1)

    @cached_property
    def series(self) -> tuple[str, float]:
        """The unit in whose series of nominal sizes most numbers are, and their share."""
        known = np.round(self.known, 4)
        if not len(known) or self.dates:
            return "", 0.0
        shares = {unit: float(_in_series(known, sizes, unit).mean()) for unit, sizes in _SERIES.items()}
        best = max(shares, key=lambda unit: shares[unit])
        return best, shares[best]

    @cached_property
    def size_text(self) -> float:
        """Share of texts that are sizes: DN300, 600x800, 300 mm."""
        unique = self._factors[1]
        if not len(unique) or self.is_date or pd.api.types.is_numeric_dtype(unique):
            return 0.0
        read = read_sizes(unique[:200].astype(object))
        return float(1 - (read.unreadable | ~(np.isfinite(read.diameter) | np.isfinite(read.width))).mean())

    @cached_property
    def _counts(self) -> list[tuple[str, int]]:
        code, _ = self._factors
        number = np.bincount(code[code >= 0], minlength=len(self.spelled) - 1)
        counts: Counter[str] = Counter()
        for text, n in zip(self.spelled[:-1], number.tolist(), strict=True):
            counts[text.lower()] += n
        return counts.most_common(_MOST_WORDS)

    @cached_property
    def shares(self) -> dict[str, float]:
        """Code list → share of the rows whose text is made of its words."""
        if self.numeric >= 0.5 or self.dates > 0.5 or not self.said.any():
            return {}
        return {name: _word_share(self._counts, words) for name, words in self.words.items() if name != "road"}

    @cached_property
    def streets(self) -> float:
        """Share of the first texts that name a street."""
        texts = [text for text, _ in self._counts]
        if self.numeric >= 0.5 or not texts:
            return 0.0
        return sum(_names_street(text, self.words["road"]) for text in texts) / len(texts)

    @cached_property
    def is_key(self) -> bool:
        """Whether it may name other features: no date, no measure, and more than a code."""
        measured = self.numeric > 0.8 and self.whole < 0.98 and self.unique > 0.05
        several = self.distinct >= min(3, len(self.values) - 1)
        return several and self.dates < 0.5 and self.guid < 0.5 and not measured

    @cached_property
    def is_level(self) -> bool:
        """Whether its numbers may be levels: in metres or feet above datum, and not all whole."""
        known = self.known
        few = len(known) < 12
        if not (self.numeric > 0.8 and self.dates < 0.5 and len(known) >= 3 and -100 < np.median(known) < 20_000):
            return False
        if len(known) < 0.02 * self.said.sum():  # nothing but zeros
            return False
        varied = self.distinct > min(8, 0.1 * len(known)) or few
        return bool(varied and ((known == np.round(known)).mean() < 0.9 or few))


def profiles_of(table: pd.DataFrame, words: Mapping[str, frozenset[str]]) -> dict[str, Profile]:
    """Profile the columns of some rows of a table; a column that says nothing there is left out."""
    made = (Profile(str(name), table[name].reset_index(drop=True), words) for name in table)
    return {one.name: one for one in made if one.said.any()}


def _in_series(known: Floats, sizes: Floats, unit: str) -> Bools:
    """Return which numbers are nominal sizes; 152 and 152.4 are both of six inches."""
    at = np.clip(np.searchsorted(sizes, known), 1, len(sizes) - 1)
    near = np.minimum(np.abs(known - sizes[at - 1]), np.abs(known - sizes[at]))
    return near <= {"mm": 0.41, "m": 0.0005}.get(unit, 1e-6)


def _word_share(counts: Sequence[tuple[str, int]], words: frozenset[str]) -> float:
    """Return the share of rows whose text is a known word, or whose words mostly are."""
    known = total = 0
    for text, n in counts:
        total += n
        whole = fold(text).replace("_", "")
        parts = [part for part in fold(text).split("_") if part]
        if whole in words or sum(part in words for part in parts) * 2 > len(parts) or _glued(whole, words):
            known += n
    return known / total if total else 0.0


def _glued(text: str, words: frozenset[str]) -> bool:
    """Return whether a text is known words written as one: manholecatchbasin."""
    if len(text) < 7:
        return False
    reached = {0}
    for end in range(1, len(text) + 1):
        reached |= {end for start in reached if end - start > 3 and text[start:end] in words}
    return len(text) in reached


def _names_street(text: str, words: frozenset[str]) -> bool:
    """Return whether a street word stands behind a name or number, at the end or before one more word."""
    if _STREET_END.search(text):
        return True
    parts = [part for part in _SIGNS.split(text) if part]
    if not 1 < len(parts) < _LONGEST_STREET:
        return len(parts) == 1 and parts[0].endswith(_STREET_ENDINGS)
    return parts[0] in words or any(part in words or part.endswith(_STREET_ENDINGS) for part in parts[1:][-2:])
