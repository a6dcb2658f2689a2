"""Which column of a file is which of ours: the alias catalogue and the report of how each was understood."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import SchemaError
from drainage.said import Said, joined
from drainage.schema.codes import fold
from drainage.schema.layers import LAYERS
from drainage.schema.text import values
from drainage.schema.text.arrow_text import all_plain
from drainage.schema.text.by_words import Words, find_by_words, knows_any
from drainage.words import in_both

#: One column of a file, or several of which the first that says something counts.
Named = str | Sequence[str]
How = Literal["name", "content", "both", "mapping"]
Frame = TypeVar("Frame", bound=pd.DataFrame)

_ORDER_IN_NAME = re.compile(r"[\(（\[]\s*[dmy日月年][-/. dmy日月年]+[\)）\]]", re.IGNORECASE)
METRES_PER_UNIT = {
    **dict.fromkeys(("mm", "毫米", "millimetres", "millimeters"), 0.001),
    **dict.fromkeys(("cm", "厘米", "centimetres", "centimeters"), 0.01),
    **dict.fromkeys(("m", "米", "metre", "metres", "meter", "meters"), 1.0),
    **dict.fromkeys(("in", "inch", "inches", "英寸"), 0.0254),
    **dict.fromkeys(("ft", "foot", "feet", "英尺"), 0.3048),
}
_UNITS = "|".join(sorted(METRES_PER_UNIT, key=len, reverse=True))
#: A unit in brackets, or at the end behind an underscore, a blank or a Chinese sign: 管径(mm), RIM_FT, 高程米.
_UNIT_IN_NAME = re.compile(
    rf"[\(（\[]\s*({_UNITS})\s*[\)）\]]|[_ ]({_UNITS})$|(?<=[^\x00-\x7f])({_UNITS})$", re.IGNORECASE
)

_LEVELS = ("invert_from_m", "invert_to_m")
_EITHER = {"upstream", "downstream"}  # levels in one city, ids in another: told by their values
_MEASURES = ("_m", "_mm")  # a unit at the end of a name is a unit only where the column is a length
_FIRST_ROWS = 1000
DBF_NAME = 10  # a Shapefile cuts names of columns to so many characters


@dataclass(frozen=True, slots=True)
class Understood:
    """How one column was read: its name in the file, our name and the unit that its name or values declare.

    ``also`` names the columns that fill the rows of which ``source`` says nothing; ``how`` what told that it is ours:
    its name, what it holds, both, or the user's mapping; ``sure`` whether that is beyond doubt, and ``why`` the
    evidence, the strongest first.
    """

    source: str
    column: str
    unit: str | None
    also: tuple[str, ...] = ()
    how: How = "name"
    sure: bool = True
    why: tuple[Said, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """All columns of the file that this one was read from."""
        return (self.source, *self.also)


def understand_columns(
    layer: str,
    frame: pd.DataFrame | Iterable[str],
    columns: Mapping[str, Named] | None = None,
    *,
    place: str,
    words: Words | None = None,
) -> list[Understood]:
    """Match the columns of a file to ours.

    A column that says nothing in any row gives way to the next name of the catalogue, and so does one of codes of which
    none is known. ``Upstream`` and ``Downstream`` are levels where they hold fractions, else ids of nodes. A column of
    codes whose name is not in the catalogue is known by its words: STORM and COMBINED and nothing else is the system.

    Parameters
    ----------
    layer
        One of `drainage.schema.layers.LAYERS`.
    frame
        The attributes of the file, or the names of its columns alone.
    columns
        The user's own mapping, our name → name or names in the file, or none of them; it wins over the catalogue.
    place
        Name of the file, for messages.
    words
        Code list → word in the file → our word, by which columns are known; without it, names alone count.

    Raises
    ------
    SchemaError
        The mapping names a column that is not there or is not ours, or two columns differ only by case.
    """
    table = frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(columns=[str(name) for name in frame])
    present = [str(name) for name in table.columns]
    catalogue = LAYERS[layer].columns
    chosen = {ours: _listed(theirs) for ours, theirs in (columns or {}).items() if ours in catalogue}
    missing = {ours: theirs for ours, names in chosen.items() for theirs in names if theirs not in present}
    if missing:
        raise SchemaError(in_both("columns_not_there", place=place, missing=missing, has=joined(present, ", ")))
    by_fold: dict[str, list[str]] = {}
    for name in present:
        by_fold.setdefault(bare_name(name), []).append(name)
    taken = {name for names in chosen.values() for name in names}
    without_unit = {fold(_UNIT_IN_NAME.sub("", name)): [name] for name in present if _unit(name)}
    measured = {**without_unit, **by_fold}
    words = words or {}
    open_: list[str] = []
    for ours in [ours for ours in catalogue if ours not in chosen]:
        blank: tuple[str, ...] = ()
        odd: tuple[str, ...] = ()
        for alias in (ours, ours[:DBF_NAME], *catalogue[ours].aliases):
            names = _met(alias, ours, measured if ours.endswith(_MEASURES) else by_fold, taken, place)
            if not names or (alias in _EITHER and _holds_levels(table[names[0]]) != (ours in _LEVELS)):
                continue
            if not any(_says_something(table[name]) for name in names):
                blank = blank or names
            elif ours in words and not any(knows_any(table[name], words[ours]) for name in names):
                odd = odd or names
            else:
                chosen[ours] = names
                break
        if ours not in chosen:
            open_.append(ours)
            chosen |= {ours: odd or blank} if odd or blank else {}
        taken.update(chosen.get(ours, ()))
    found = find_by_words(table, open_, [name for name in present if name not in taken], words)
    chosen |= {ours: (name,) for ours, name in found.items()}
    said = columns or {}
    return [
        Understood(
            names[0],
            ours,
            unit_of(names),
            tuple(names[1:]),
            "mapping" if ours in said else "content" if ours in found else "name",
        )
        for ours, names in chosen.items()
        if names
    ]


def unit_of(names: Iterable[str]) -> str | None:
    """Return the unit that the first of some names of columns declares."""
    return next((unit for name in names if (unit := _unit(name))), None)


def as_toml(names: Sequence[str]) -> str:
    """Return names of columns as a mapping holds them: one by itself, several as a list."""
    quoted = [json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f") for name in names]
    return quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"


def take_columns(frame: Frame, understood: Sequence[Understood], layer: str) -> Frame:
    """Return the table under our names; one column of the file may serve several of ours.

    A column is filled, where it says nothing, from those named beside it. One that bears a name of ours, but was not
    read as such, is kept as ``…_recorded``.
    """
    name: dict[str, str] = {}
    for one in understood:
        name.setdefault(one.source, one.column)
    name = {c: f"{c}_recorded" for c in frame.columns if c in LAYERS[layer].columns and c not in name} | name
    more = {u.column: _filled(frame, u) for u in understood if u.also or name[u.source] != u.column}
    return frame.rename(columns=name).assign(**more)


def unique_names(names: Sequence[str]) -> list[str]:
    """Name columns without a heading by their number, and distinguish repeated names by ``.1``, ``.2`` and so on."""
    taken: dict[str, int] = {}
    unique = []
    for number, name in enumerate(names, 1):
        plain_name = name or f"column {number}"
        count = taken.get(plain_name, 0)
        taken[plain_name] = count + 1
        unique.append(f"{plain_name}.{count}" if count else plain_name)
    return unique


def as_text(column: pd.Series) -> pd.Series:
    """Read ids as text: 12.0 is ``12``; blank is missing."""
    if pd.api.types.is_float_dtype(column):
        whole = column.dropna()
        if len(whole) and (whole == np.floor(whole)).all() and (whole.abs() < 2**53).all():
            column = column.astype("Int64")
    if all_plain(column):
        return column
    text = column.astype("str").str.strip()
    return text.mask(values.is_empty(column) | (text == ""))


def as_ids(column: pd.Series) -> pd.Series:
    """Read a column of ids as text; where all are texts such as ``12.0``, a spreadsheet made them so of ``12``."""
    text = as_text(column)
    if text is column and not str(text.iloc[0]).endswith(".0"):
        return text
    known = text.dropna()
    if len(known) and known.iloc[0].endswith(".0") and known.str.fullmatch(r"\d+\.0").all():
        text = text.str.removesuffix(".0")
    return text


def _filled(frame: pd.DataFrame, one: Understood) -> pd.Series:
    column = frame[one.source]
    for name in one.also:
        other = frame[name]
        if column.dtype != other.dtype:
            column, other = (as_text(side) for side in (column, other))
        column = column.where(~values.is_empty(column), other)
    return column


def _listed(names: Named) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _met(alias: str, ours: str, by_fold: Mapping[str, list[str]], taken: set[str], place: str) -> tuple[str, ...]:
    """Return the columns that an alias names, one for each of its parts; none where one of them is not there."""
    met: list[str] = []
    for part in alias.split("+"):
        candidates = [name for name in by_fold.get(fold(part), []) if name not in taken]
        exact = [name for name in candidates if name == ours]
        if len(candidates) > 1 and not exact:
            option = in_both("column_is", ours=ours, theirs=candidates[0])
            raise SchemaError(
                in_both("columns_could_each", place=place, columns=joined(candidates, ", "), ours=ours, option=option)
            )
        if not candidates:
            return ()
        met.append((exact or candidates)[0])
    return tuple(met)


def _says_something(column: pd.Series) -> bool:
    """Return whether any row holds a value; the first rows are looked at before all are."""
    if not len(column):
        return True
    return not values.is_empty(column.head(_FIRST_ROWS)).all() or not values.is_empty(column).all()


def _holds_levels(column: pd.Series) -> bool:
    read = values.read_numbers(column.dropna().head(_FIRST_ROWS))
    return not read.unreadable.any() and bool((np.nan_to_num(read.number) % 1 != 0).any())


def bare_name(name: str) -> str:
    """Return the folded name of a column without its unit, and without the order of its dates."""
    name = _ORDER_IN_NAME.sub("", name)
    return fold(_UNIT_IN_NAME.sub("", name) if not name.isascii() or "(" in name or "[" in name else name)


def _unit(name: str) -> str | None:
    found = _UNIT_IN_NAME.search(name)
    return next(part for part in found.groups() if part).lower() if found else None


def column_of(frame: pd.DataFrame, name: str, default: float = np.nan) -> Floats:
    """Return a column as floats, with a default where nothing is recorded or there is no such column."""
    if name not in frame:
        return np.full(len(frame), default)
    values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return values if np.isnan(default) else np.nan_to_num(values, nan=default)
