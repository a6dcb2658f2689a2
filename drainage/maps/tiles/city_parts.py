"""The data of a page in two: what the first view needs, and the whole, which is fetched when somebody asks for it.

Layers with very many features become tiles. In the page they keep their name, looks and counts; their rows, shapes and
columns, and the network for tracing, are in the whole, which takes the place of the first part in the browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from drainage.arrays import Bools, Floats, Ints

#: Features of a page from which its large layers become tiles: so many are drawn and moved at once without a wait.
MANY: Final = 30_000
#: Features that stay in the page of such a city, at most.
KEPT: Final = 6_000
_DRAWN: Final = ("shapes", "columns", "periods")
#: What nothing shows before somebody opens it.
_ON_DEMAND: Final = ("hydrographs",)
_LATER: Final = ("shapes", "category")
_WITHOUT_ROWS: Final = {"columns": [], "lead": [], "text": [], "refs": {}, "ids": -1, "name": -1}


@dataclass(frozen=True, eq=False, slots=True)
class CityParts:
    """What stands in the page, what comes later, and the layers that become tiles."""

    first: dict[str, Any]
    whole: dict[str, Any]
    tiled: tuple[dict[str, Any], ...]


def is_city(data: Mapping[str, Any], *, most: int = MANY) -> bool:
    """Tell whether the packed data of a page have more distinct shapes than are drawn from the page itself."""
    return not data["schematic"] and len(data["shapes"]["parts"]) > most


def part_city(data: Mapping[str, Any], *, kept: int = KEPT) -> CityParts:
    """Part the packed data of a page; nothing of them is changed.

    Parameters
    ----------
    data
        As `drainage.maps.payload.pack` returns them, with ``schematic``.
    kept
        Features that may stay in the page; the largest layers leave it first.
    """
    rows = sorted((len(layer["shapes"]) for layer in _layers(data)), reverse=True)
    over = np.cumsum(rows[::-1])[::-1]  # what is left where all larger layers are gone
    large = min((size for size, left in zip(rows, over, strict=True) if left > kept), default=np.inf)
    tiled: list[dict[str, Any]] = []
    whole = {**data, "periods": [_numbered(period, large, tiled) for period in data["periods"]]}
    sizes = np.maximum.reduceat(np.asarray(data["shapes"]["sizes"], np.int64), _first_parts(data["shapes"]))
    first = {**data, "periods": [_first(period, sizes > 1) for period in whole["periods"]]}
    _compact(first, data)
    first["tiles"] = {"box": home_box(data["shapes"]), "rows": sum(len(layer["shapes"]) for layer in tiled)}
    later = {name: first.pop(name) for name in _ON_DEMAND if name in first}
    first |= {name: {} for name in later}
    return CityParts(first, {name: whole[name] for name in _DRAWN} | later, tuple(tiled))


def _layers(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [layer for period in data["periods"] for layer in period["layers"]]


def _numbered(period: Mapping[str, Any], large: float, tiled: list[dict[str, Any]]) -> dict[str, Any]:
    """Number the layers that become tiles, from 1, over all periods."""
    layers = []
    for layer in period["layers"]:
        marked = layer
        if len(layer["shapes"]) >= large:
            tiled.append(marked := {**layer, "tiled": len(tiled) + 1})
        layers.append(marked)
    return {**period, "layers": layers}


def _first_parts(shapes: Mapping[str, Any]) -> Ints:
    """Return the number of the first part of each shape; packed shapes have one at least."""
    return np.asarray(np.append(0, np.cumsum(np.asarray(shapes["parts"], np.int64)))[:-1], np.int64)


def _first(period: Mapping[str, Any], is_line: Bools) -> dict[str, Any]:
    light = {**period, "layers": [_light(layer, is_line) for layer in period["layers"]]}
    if light.get("network") is not None:
        light["network"] = None
        light["traced"] = True  # once the whole is there
    return light


def _light(layer: Mapping[str, Any], is_line: Bools) -> dict[str, Any]:
    if "tiled" not in layer:
        return dict(layer)
    shapes = np.asarray(layer["shapes"], np.int64)
    looks, lines = np.asarray(layer["category"], np.int64)[shapes >= 0], bool(is_line[shapes[shapes >= 0]].any())
    counts = np.bincount(looks, minlength=len(layer["styles"])).tolist()
    return {**layer, **{name: [] for name in _LATER}, **_WITHOUT_ROWS, "counts": counts, "lines": lines}


def _compact(first: dict[str, Any], data: Mapping[str, Any]) -> None:
    """Keep the shapes and columns that the layers of the page still need, under new numbers."""
    layers = _layers(first)
    shapes = _used([layer["shapes"] for layer in layers], len(data["shapes"]["parts"]))
    columns = _used([layer["columns"] for layer in layers], len(data["columns"]))
    new_shape, new_column = (np.append(np.cumsum(used) - 1, -1) for used in (shapes, columns))
    for layer in layers:
        layer["shapes"] = new_shape[np.asarray(layer["shapes"], np.int64)].tolist()
        layer["columns"] = new_column[np.asarray(layer["columns"], np.int64)].tolist()
    first["shapes"] = _some_shapes(data["shapes"], shapes)
    first["columns"] = [column for column, used in zip(data["columns"], columns, strict=True) if used]


def _used(numbers: Sequence[Sequence[int]], count: int) -> Bools:
    used = np.zeros(count + 1, bool)
    for one in numbers:
        used[np.asarray(one, np.int64)] = True  # -1, nowhere, falls on the last
    return used[:count]


def _some_shapes(shapes: Mapping[str, Any], chosen: Bools) -> dict[str, Any]:
    parts, sizes = np.asarray(shapes["parts"], np.int64), np.asarray(shapes["sizes"], np.int64)
    of_part = np.repeat(chosen, parts)
    of_point = np.repeat(of_part, sizes)
    steps = {axis: np.cumsum(np.asarray(shapes[axis], np.int64))[of_point] for axis in "xy"}
    areas = np.zeros(len(parts), bool)
    areas[np.asarray(shapes["areas"], np.int64)] = True
    return {
        "step": shapes["step"],
        "x": np.diff(steps["x"], prepend=0).tolist(),
        "y": np.diff(steps["y"], prepend=0).tolist(),
        "sizes": sizes[of_part].tolist(),
        "parts": parts[chosen].tolist(),
        "areas": np.flatnonzero(areas[chosen]).tolist(),
    }


def degrees(shapes: Mapping[str, Any]) -> Floats:
    """Return the points of packed shapes, (n, 2), degrees of longitude and latitude."""
    steps = [np.cumsum(np.asarray(shapes[axis], np.int64)) for axis in "xy"]
    return np.asarray(np.column_stack(steps) * float(shapes["step"]), np.float64)


def first_points(shapes: Mapping[str, Any]) -> Ints:
    """Return the number of the first point of each packed shape; the last entry is the number of points."""
    parts, sizes = np.asarray(shapes["parts"], np.int64), np.asarray(shapes["sizes"], np.int64)
    return np.asarray(np.append(0, np.cumsum(sizes))[np.append(0, np.cumsum(parts))], np.int64)


def home_box(shapes: Mapping[str, Any]) -> list[float]:
    """Return west, south, east and north of where nearly all shapes lie, degrees; all 0 where there are none.

    A feature that was given a wrong place, such as 0, 0, must not make the city a dot: what lies beyond the middle half
    by more than 20 times its size is left out, as the program of the page does (`homeBox`).
    """
    points, first = degrees(shapes), first_points(shapes)
    at = points[first[:-1][np.diff(first) > 0]]
    if not len(at):
        return [0.0] * 4
    low, high = np.quantile(at, [0.25, 0.75], axis=0)
    size = max(float((high - low).max()), 1e-4)
    near = at[((at >= low - 20 * size) & (at <= high + 20 * size)).all(axis=1)]
    return [*near.min(axis=0).round(6).tolist(), *near.max(axis=0).round(6).tolist()]
