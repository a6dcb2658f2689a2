"""CQL2 as JSON → tree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import shapely

from drainage.words import in_both
from drainage_api.asked import trees
from drainage_api.asked.trees import Call, Literal, Name, NoFilterError, Tree

_SHAPES = frozenset(
    {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}
)


def read_json(text: str) -> Tree:
    """Read a filter written as JSON.

    Raises
    ------
    NoFilterError
        It is none.
    """
    trees.check_depth(text)
    try:
        tree = _tree(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        if isinstance(error, NoFilterError):
            raise
        raise NoFilterError(in_both("filter_no_json")) from error
    trees.check_size(tree)
    return tree


def _refuse(constant: str) -> NoReturn:
    raise NoFilterError(in_both("filter_no_constant", constant=constant))


def _tree(part: object) -> Tree:
    if isinstance(part, bool | str):
        return Literal(part)
    if isinstance(part, int | float):
        return Literal(trees.number(part))
    made = None if not isinstance(part, dict) else _named(part) or _time(part) or _place(part)
    if made is None:
        raise NoFilterError(in_both("filter_odd_part"))
    return made


def _named(part: Mapping[str, Any]) -> Tree | None:
    match part:
        case {"op": str(op), "args": list(args)}:
            return _call(op.lower(), args)
        case {"property": str(name)}:
            return Name(name)
    return None


def _time(part: Mapping[str, Any]) -> Tree | None:
    match part:
        case {"date": str(text)}:
            return trees.moment(text, day=True)
        case {"timestamp": str(text)}:
            return trees.moment(text, day=False)
        case {"interval": [begin, end]}:
            return trees.interval(_tree(begin), _tree(end))
    return None


def _place(part: Mapping[str, Any]) -> Tree | None:
    match part:
        case {"bbox": list(numbers)} if all(type(one) in {int, float} for one in numbers):
            return trees.box([trees.number(one) for one in numbers])
        case {"type": str(kind)} if kind in _SHAPES:
            return _shape(part)
    return None


def _call(op: str, args: list[object]) -> Tree:
    if op == "in":
        if len(args) != 2 or not isinstance(args[1], list):
            raise NoFilterError(in_both("filter_in"))
        args = [args[0], *args[1]]
    return Call(op, tuple(_tree(arg) for arg in args))


def _shape(part: Mapping[str, Any]) -> Tree:
    try:
        return trees.shape(shapely.from_geojson(json.dumps(part)))
    except shapely.errors.ShapelyError as error:
        raise NoFilterError(in_both("filter_no_shape", text=json.dumps(part)[:60])) from error
