"""The data of a page read back as plain lists: what `web/engineers_map/data/unpack.js` does, in Python."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def loose(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a page with plain lists."""
    shapes = {name: _list(value) for name, value in data["shapes"].items()}
    columns: list[dict[str, Any]] = []
    for column in data["columns"]:
        columns.append(_like(column, columns, data) if "like" in column else {n: _values(v) for n, v in column.items()})
    periods = [
        {
            **period,
            "layers": [
                {name: _list(value) if name in {"category", "shapes"} else value for name, value in layer.items()}
                for layer in period["layers"]
            ],
            "network": period["network"] and {name: _list(value) for name, value in period["network"].items()},
        }
        for period in data["periods"]
    ]
    data = {name: value for name, value in data.items() if name != "places"}
    return {**data, "shapes": shapes, "columns": columns, "periods": periods}


def expanded(column: dict[str, Any]) -> list[Any]:
    """Return the values of a column row by row."""
    values = column["values"]
    return [None if code < 0 else values[code] for code in column["codes"]] if "codes" in column else values


def _like(column: dict[str, Any], columns: list[dict[str, Any]], data: dict[str, Any]) -> dict[str, Any]:
    before = expanded(columns[column["like"]])
    values = [None if at < 0 else before[at] for at in _list(data["places"][column["place"]])]
    for row, value in zip(_list(column["rows"]), _values(column["values"]), strict=True):
        values[row] = value
    about = {name: column[name] for name in ("key", "label", "unit", "group")}
    if not column.get("coded"):
        return {**about, "values": values}
    distinct = [value for value in dict.fromkeys(values) if value is not None]
    return {**about, "values": distinct, "codes": [-1 if v is None else distinct.index(v) for v in values]}


def whole_numbers(signs: str) -> list[int]:
    """Return the whole numbers that are written in signs."""
    found, number, shift = [], 0, 0
    for sign in signs:
        bits = _SIGNS.index(sign)
        number |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            found.append(-(number + 1) // 2 if number & 1 else number // 2)
            number, shift = 0, 0
    return found


def _list(short: Any) -> Any:  # noqa: ANN401 - of a page
    if not isinstance(short, dict):
        return short
    numbers = whole_numbers(short["n" if "n" in short else "d"])
    if "k" in short:
        numbers = [
            number for number, more in zip(numbers, whole_numbers(short["k"]), strict=True) for _ in range(more + 1)
        ]
    return numbers if "n" in short else [*accumulate(numbers)]


def _values(short: Any) -> Any:  # noqa: ANN401 - of a page
    if not isinstance(short, dict):
        return short
    if "stems" in short:
        pairs = zip(_list(short["of"]), _list(short["ends"]), strict=True)
        return [f"{short['stems'][kind]}{end:0{short['wide'][kind]}d}" for kind, end in pairs]
    if "tenths" not in short:
        return _list(short)
    numbers = [None if number == short.get("hole") else number / 10 ** short["tenths"] for number in _list(short)]
    return [int(number) if number is not None and number.is_integer() else number for number in numbers]
