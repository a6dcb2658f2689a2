"""What is looked at in features that somebody sent: GDAL drops a broken place in silence, and mends a wrong day."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from drainage.errors import FormatError
from drainage.said import Said, joined
from drainage.schema.issues import first_told
from drainage.words import in_both

_LEAST: Final = {"Point": 0, "MultiPoint": 1, "LineString": 2, "MultiLineString": 2}
_DEPTH: Final = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2}
_DAY: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?")
#: A whole number of so many digits is one that a float holds.
_SURELY_FINITE: Final = 300


def read_collection(file: Path) -> Mapping[str, Any]:
    """Read a collection of features as a whole, as it is written.

    Raises
    ------
    FormatError
        It is no JSON in UTF-8, holds numbers that are none or that no float holds, or is no collection of features.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        whole = json.loads(text, parse_constant=_no_number, parse_float=_finite, parse_int=_whole)
    except (ValueError, RecursionError, MemoryError) as error:
        told = error.args[0] if error.args and isinstance(error.args[0], Said) else str(error)[:120]
        raise FormatError(in_both("set_no_json", file=file.name, error=told)) from error
    kind = whole.get("type") if isinstance(whole, dict) else None
    if kind != "FeatureCollection" or not isinstance(whole.get("features"), list):
        found = kind or type(whole).__name__
        raise FormatError(in_both("set_no_collection", file=file.name, found=str(found)[:40]))
    return cast("Mapping[str, Any]", whole)


def _no_number(word: str) -> NoReturn:
    raise ValueError(in_both("json_no_number", word=word))


def _finite(word: str) -> float:
    number = float(word)
    if math.isinf(number):
        raise ValueError(in_both("json_beyond", word=word[:20]))
    return number


def _whole(word: str) -> int:
    if len(word) > _SURELY_FINITE:
        _finite(word)
    return int(word)


def check_features(file: Path, features: Sequence[object]) -> None:
    """Refuse features whose places are broken, or whose days are in no calendar.

    Raises
    ------
    FormatError
        All are named, by their number from 1.
    """
    wrong = [
        in_both("json_feature", number=number, what=what)
        for number, feature in enumerate(features, 1)
        for what in _problems(feature)
    ]
    if wrong:
        raise FormatError(joined([in_both("delivery_refused", file=file.name), *first_told(wrong)], "\n"))


def _problems(feature: object) -> Iterator[Said]:
    """Yield what is wrong with one feature."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        yield in_both("set_no_feature")
        return
    shape = feature.get("geometry")
    if shape is not None and not _is_shape(shape):
        kind = shape.get("type") if isinstance(shape, dict) else type(shape).__name__
        yield in_both("json_broken_shape", kind=str(kind)[:40])
    properties = feature.get("properties")
    for name, value in properties.items() if isinstance(properties, dict) else ():
        if isinstance(value, str) and not _is_day(value):
            yield in_both("json_no_day", name=str(name)[:40], value=value[:40])


def _is_shape(shape: object) -> bool:
    """Return whether a geometry is a line or point with all its coordinates; other shapes are told later."""
    if not isinstance(shape, dict) or not isinstance(shape.get("type"), str):
        return False
    kind = shape["type"]
    if kind not in _LEAST:
        return kind in {"Polygon", "MultiPolygon"}
    return _are_places(shape.get("coordinates"), _DEPTH[kind], _LEAST[kind])


def _are_places(places: object, depth: int, least: int) -> bool:
    """Return whether lists lie so deep in each other, and what is deepest is a pair of numbers or more."""
    if not isinstance(places, list):
        return False
    if depth == 0:
        return len(places) >= 2 and all(_is_number(one) for one in places)
    here = least if depth == 1 else 1
    return len(places) >= here and all(_are_places(one, depth - 1, least) for one in places)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_day(text: str) -> bool:
    """Return whether a text that is written as a day is one."""
    found = _DAY.fullmatch(text.strip()) if len(text) < 40 else None
    if found is None:
        return True
    try:
        dt.date(*map(int, found.groups()))
    except ValueError:
        return False
    return True
