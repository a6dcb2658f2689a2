"""Rules of naming: the road of a pipe against the road that it lies in, and ids against systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.analyses.quality.rules import Hits, hits
from drainage.analyses.quality.view import View
from drainage.arrays import Floats, Ints
from drainage.schema.codes import fold

Limits = dict[str, float]

_SYSTEM_OF_CODE: Final = {"YS": 0, "WS": 1, "HS": 2}


class _Roads(NamedTuple):
    """One geometry a road, its folded name, and the parts for the nearest one."""

    names: pd.Index
    lines: NDArray[np.object_]


def check_naming(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    """Check names of roads where a layer of roads is given, and prefixes of ids."""
    return [*_roads_of(view, limits), _prefixes(view)]


def _roads_of(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    n = len(view.pipes)
    nothing, empty = np.zeros(n, np.bool_), np.full(n, np.nan)
    roads = _layer(view)
    if roads is None:
        return [hits(rule, nothing, checked=nothing) for rule in ("road_differs", "unknown_road", "missing_road")]
    codes, words = pd.factorize(view.pipes["road"])
    row_of_word = np.append(roads.names.get_indexer(pd.Index([fold(str(word)) for word in words])), -1)
    row = row_of_word[codes]
    said = codes >= 0
    middle = _middles(view)
    own = np.flatnonzero((row >= 0) & ~shapely.is_missing(middle))
    bound = limits["road_differs"]
    far = own[~shapely.dwithin(roads.lines[row[own]], middle[own], bound["away_m"])]
    away = empty.copy()
    away[far] = shapely.distance(roads.lines[row[far]], middle[far])
    nearest, distance = _nearest(roads, middle, far)
    differs = nothing.copy()
    differs[far] = (distance <= bound["inside_m"]) & (nearest != row[far])
    blank = np.flatnonzero(~said & ~shapely.is_missing(middle)) if said.any() else np.empty(0, np.int64)
    _, inside = _nearest(roads, middle, blank)
    lies, within = nothing.copy(), empty.copy()
    lies[blank], within[blank] = inside <= limits["missing_road"]["inside_m"], inside
    judged = nothing.copy()
    judged[own] = True
    return [
        hits("road_differs", differs, away, checked=judged),
        hits("unknown_road", said & (row < 0), checked=said),
        hits("missing_road", lies, within, checked=np.full(n, bool(said.any()))),
    ]


def _layer(view: View) -> _Roads | None:
    layer = view.net.layers.get("roads")
    if layer is None or not view.metric or "road" not in view.pipes or "road" not in layer:
        return None
    named = layer[layer["road"].notna() & ~layer.geometry.isna()]
    if not len(named):
        return None
    codes, words = pd.factorize(pd.Series([fold(str(name)) for name in named["road"]]))
    order = np.argsort(codes, kind="stable")
    parts, which = shapely.get_parts(named.geometry.to_numpy()[order], return_index=True)
    lines = np.asarray(shapely.multilinestrings(parts, indices=codes[order][which]), dtype=object)
    shapely.prepare(lines)
    return _Roads(pd.Index(words), lines)


def _middles(view: View) -> NDArray[np.object_]:
    """(n_pipes,) the middle between both ends of each line, None where there is none."""
    xy, ptr = view.lines
    has = np.diff(ptr) > 1
    middle = np.full(len(has), None, dtype=object)
    middle[has] = shapely.points((xy[ptr[:-1][has]] + xy[ptr[1:][has] - 1]) / 2)
    return middle


def _nearest(roads: _Roads, points: NDArray[np.object_], rows: Ints) -> tuple[Ints, Floats]:
    """Return the nearest road of some points, and its distance."""
    nearest, away = np.full(len(rows), -1, np.int64), np.full(len(rows), np.inf)
    if len(rows):
        tree = shapely.STRtree(roads.lines)
        (index, road), distance = tree.query_nearest(points[rows], return_distance=True, all_matches=False)
        nearest[index], away[index] = road, distance
    return nearest, away


def _prefixes(view: View) -> Hits:
    """Compare the code at the beginning of each id with the system; only where most ids begin with one."""
    prefix = view.pipes.index.str[:2].str.upper()
    codes, words = pd.factorize(prefix)
    says = np.array([_SYSTEM_OF_CODE.get(str(word), -1) for word in words] + [-1], np.int64)[codes]
    coded = (says >= 0) & (view.system < 3)
    usual = bool(coded.mean() > 0.5) if len(coded) else False
    return hits("id_contradicts_system", coded & usual & (says != view.system), checked=coded & usual)
