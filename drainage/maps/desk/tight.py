"""The data of a page written short: whole numbers as signs, columns in the shortest of several forms.

`web/engineers_map/data/unpack.js` reads it. A list of whole numbers is ``{"n": signs}``, or ``{"d": signs}`` where the
signs are the differences from one to the next; with ``"k": signs`` beside, each of them follows itself so often. Each
number is written in the signs of base 64, five bits a sign and the lowest first, a sixth bit where more follow; its own
lowest bit is its sign. The values of a column are a list; numbers with decimals are a list of whole numbers with
``tenths``, by 10 to the power of which they are divided, and ``hole``, the number that stands where there is none;
texts that end in numbers are ``{"stems": […], "wide": […], "of": …, "ends": …}``. A column may be told by an earlier
one (see `drainage.maps.desk.earlier_columns`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drainage.maps.desk.earlier_columns import Like, likenesses

_SIGNS: Final = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", np.uint8)
_ENDS_IN_NUMBER: Final = re.compile(r"(.*?)(0*)([0-9]{1,9})")
#: Below so many rows a column stays as it is.
_FEW: Final = 24
_LISTS: Final = ("x", "y", "sizes", "parts", "areas")
_OF_LAYERS: Final = ("category", "shapes")
_OF_WAYS: Final = ("from", "to", "outfall")


def tight(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a page with all long lists written short.

    Parameters
    ----------
    data
        What `drainage.maps.desk.page_data.page_data` returns.
    """
    shapes = {**data["shapes"], **{name: _short(data["shapes"][name]) for name in _LISTS}}
    periods = [
        {
            **period,
            "layers": [{**one, **{name: _short(one[name]) for name in _OF_LAYERS}} for one in period["layers"]],
            "network": period["network"]
            and {**period["network"], **{name: _short(period["network"][name]) for name in _OF_WAYS}},
        }
        for period in data["periods"]
    ]
    likes = likenesses(data["periods"], data["columns"])
    places, ways = _pooled(likes)
    columns = [_column(one) for one in data["columns"]]
    for number, like in likes.items():
        told = _like(data["columns"][number], like, ways[number])
        columns[number] = min(columns[number], told, key=_length)
    return {**data, "shapes": shapes, "columns": columns, "places": places, "periods": periods}


def _length(column: Mapping[str, Any]) -> int:
    return len(json.dumps(column))


def _pooled(likes: Mapping[int, Like]) -> tuple[list[dict[str, str]], dict[int, int]]:
    """Return the rows of other columns by which columns are told, each list once, and number of a column → its list."""
    pool: dict[bytes, int] = {}
    ways = {number: pool.setdefault(like.at.tobytes(), len(pool)) for number, like in likes.items()}
    return [_short(np.frombuffer(one, np.int64)) for one in pool], ways


def _like(column: Mapping[str, Any], like: Like, way: int) -> dict[str, Any]:
    """Return a column as another one and what differs from it; ``coded``: its distinct values are numbered."""
    about = {name: value for name, value in column.items() if name not in {"values", "codes"}}
    others = _column({"values": like.values})["values"]
    told = {"like": like.column, "place": way, "rows": _short(like.rows), "values": others}
    return {**about, **told, **({"coded": True} if "codes" in column else {})}


def whole_numbers(values: Sequence[int] | NDArray[np.int64]) -> str:
    """Return whole numbers as signs.

    Examples
    --------
    >>> whole_numbers([0, -1, 1, 15, 16, -1000])
    'ABCegBv-B'
    """
    numbers = np.asarray(values, np.int64)
    if not len(numbers):
        return ""
    left = np.where(numbers < 0, -2 * numbers - 1, 2 * numbers).astype(np.uint64)
    width = np.maximum((np.frexp(left.astype(np.float64))[1] + 4) // 5, 1)
    start = np.cumsum(width) - width
    signs = np.empty(int(width.sum()), np.uint8)
    for place in range(int(width.max())):
        here = width > place
        digit = (left[here] >> np.uint64(5 * place)) & np.uint64(31)
        more = np.where(width[here] > place + 1, np.uint64(32), np.uint64(0))
        signs[start[here] + place] = _SIGNS[(digit + more).astype(np.intp)]
    return signs.tobytes().decode("ascii")


def _short(values: Sequence[int] | NDArray[np.int64]) -> dict[str, str]:
    """Return whole numbers in the shortest of four forms."""
    numbers = np.asarray(values, np.int64)
    forms = [
        form
        for name, told in (("n", numbers), ("d", np.diff(numbers, prepend=0)))
        for form in ({name: whole_numbers(told)}, _runs(name, told))
    ]
    return min(forms, key=lambda form: sum(map(len, form.values())))


def _runs(name: str, numbers: NDArray[np.int64]) -> dict[str, str]:
    """Return numbers as those that begin a run of equal ones, and how often each of them follows itself."""
    first = np.flatnonzero(np.diff(numbers, prepend=numbers[:1] - 1))
    return {name: whole_numbers(numbers[first]), "k": whole_numbers(np.diff(first, append=len(numbers)) - 1)}


def _column(column: Mapping[str, Any]) -> dict[str, Any]:
    """Return a column with its values, or the numbers of its distinct values, written short."""
    short = {**column}
    if "codes" in column:
        short["codes"] = _short(column["codes"])
    values = column["values"]
    if len(values) >= _FEW:
        short["values"] = _decimals(values) or _stems(values) or values
    return short


def _decimals(values: Sequence[object]) -> dict[str, Any] | None:
    """Return numbers as whole ones by a power of ten; None where there are others than numbers."""
    if not all(value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values):
        return None
    numbers = np.array([np.nan if value is None else value for value in values], np.float64)
    known = np.isfinite(numbers)
    if not known.any() or np.abs(numbers[known]).max() > 1e12:
        return None
    tenths = next(
        (k for k in range(4) if (np.abs(np.rint(numbers[known] * 10**k) / 10**k - numbers[known]) == 0).all()), 3
    )
    whole = np.zeros(len(numbers), np.int64)
    whole[known] = np.rint(numbers[known] * 10**tenths)
    hole = int(whole[known].max()) + 1
    whole[~known] = hole
    return {**_short(whole), "tenths": tenths, **({} if known.all() else {"hole": hole})}


def _stems(values: Sequence[object]) -> dict[str, Any] | None:
    """Return texts that end in numbers as their beginnings, of which there are few, and their ends."""
    found = [_ENDS_IN_NUMBER.fullmatch(value) if isinstance(value, str) else None for value in values]
    if not all(found):
        return None
    parts = [(one[1], len(one[2] + one[3]), int(one[3])) for one in found if one is not None]
    heads = [(stem, wide) for stem, wide, _ in parts]
    kinds = {head: place for place, head in enumerate(dict.fromkeys(heads))}
    if 8 * len(kinds) > len(values):
        return None
    return {
        "stems": [stem for stem, _ in kinds],
        "wide": [wide for _, wide in kinds],
        "of": _short([kinds[head] for head in heads]),
        "ends": _short([end for _, _, end in parts]),
    }
