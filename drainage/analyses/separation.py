"""How far each road is truly separated: stretches with both a storm and a sewage pipe, by chainage.

A pipe *runs along* a road where it lies within ``within_m`` of the centre line, square to it, and within ``angle_deg``
of its direction. Each straight piece of the centre line is a strip with flat ends; the parts of pipes inside the strip
are projected onto the piece, and the intervals of all pieces add up along the chainage of the road.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints
from drainage.errors import CrsError, NotKnownError
from drainage.intake.roads import draw_once, name_roads
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said, joined
from drainage.schema import SYSTEMS
from drainage.schema.ids import Spellings
from drainage.wants import wants
from drainage.words import code, in_both

CLASSES = ("separated", "combined", "storm only", "sewage only", "none")
_JOIN_M = 1e-6  # intervals this close touch: rounding of coordinates, not a gap


class Intervals(NamedTuple):
    """Stretches by road: number of the road, from and to in metres of its chainage."""

    road: Ints
    from_m: Floats
    to_m: Floats


class _Pieces(NamedTuple):
    """Straight pieces of road centre lines: road, chainage of the start, length, start point and unit direction."""

    road: Ints
    chainage_m: Floats
    length_m: Floats
    x: Floats
    y: Floats
    ux: Floats
    uy: Floats


@wants
def measure_separation(
    net: DrainageNetwork,
    roads: gpd.GeoDataFrame | None = None,
    *,
    mixed: Result | None = None,
    within_m: float = 30.0,
    angle_deg: float = 30.0,
) -> Result:
    """Measure the share of each road along which both a storm and a sewage pipe run.

    Parameters
    ----------
    net
        The network; pipes of unknown system and of reclaimed water are ignored.
    roads
        Centre lines in the CRS of the network with the name in ``road``; parts of one name follow each other in the
        order of the table. Names that differ only in width, case and blanks are one; a line without a name is a road
        of its own; what two lines of one road draw within 3 m of each other counts once. Default: the roads beside the
        source, else the pipes of each ``road`` merged into a line.
    mixed
        Result of `find_mixed_flow` for the effective coverage; without it no pipe counts as mixed.
    within_m
        Greatest distance of a pipe from the centre line. 30 m reaches both sides of a wide road; our choice.
    angle_deg
        Greatest angle between pipe and road; our choice.

    Returns
    -------
    Result
        ``roads`` (index ``road``): ``length_m``, ``effective_share`` (coverage less the stretches whose storm or sewage
        pipe is mixed), ``coverage_share``, ``effective_pct``, ``coverage_pct`` and the length of each class in m.
        ``stretches``: ``road``, ``from_m``, ``to_m``, ``length_m``, ``class``, ``effective``, with the line.
        Class: separated where a storm and a sewage pipe run, else combined where a combined one runs, else storm only,
        sewage only or none. Summary: ``roads``, ``length_km``, ``effective_share``, ``coverage_share`` by length.

    Raises
    ------
    CrsError
        Roads and network are in different systems.
    NotKnownError
        There are no roads and no pipe has a road name, or no pipe has a system.

    References
    ----------
    A definition of this project. GB 50014-2021, 5.3.9 (roads over 40 m between red lines have drains on both sides).
    """
    roads, origin = _choose_roads(net, roads, within_m)
    if not net.pipes["system"].isin(["storm", "sewage", "combined"]).any():
        raise NotKnownError(in_both("separation_no_system", network=net.source))
    names, pieces, length_m = _pieces(roads)
    system = net.pipes["system"].to_numpy(dtype=object)
    fouled = (
        np.zeros(len(system), np.bool_) if mixed is None else mixed.tables["pipes"]["mixed"].to_numpy(dtype=np.bool_)
    )
    taking_part = np.isin(system, ("storm", "sewage", "combined"))
    pipe_of, along = _runs_along(np.asarray(net.pipes.geometry.array)[taking_part], pieces, within_m, angle_deg)
    pipe_of = np.flatnonzero(taking_part)[pipe_of]
    masks = {name: system[pipe_of] == name for name in ("storm", "sewage", "combined")}
    masks["mixed"] = fouled[pipe_of] & ~masks["combined"]
    stretches = _stretches(along, masks, length_m)
    table = _road_table(stretches, names, length_m)
    lines = _lines(stretches, names, roads)
    km = float(length_m.sum() / 1000)
    summary = pd.Series(
        {
            "roads": len(names),
            "length_km": km,
            "effective_share": float((table["effective_share"] * length_m).sum() / length_m.sum()),
            "coverage_share": float((table["coverage_share"] * length_m).sum() / length_m.sum()),
            "roads_from": origin,
        },
        dtype=object,
    )
    shown = ("road", "from_m", "to_m", "class", "effective")
    layers = (*context_of(net), Layer("separation", lines, "class", shown))
    return Result(
        "separation",
        {"roads": table, "stretches": lines},
        summary,
        layers,
        provenance=Provenance.of(net),
        not_known=_not_known(system),
    )


def _not_known(system: NDArray[np.object_]) -> str | None:
    """Return why no road can be separated if only one side's pipes are recorded."""
    if (system == "combined").any() or ((system == "storm").any() and (system == "sewage").any()):
        return None
    there, missing = ("storm", "sewage") if (system == "storm").any() else ("sewage", "storm")
    sides = {"there": there, "missing": missing}
    words = {f"{key}_word": Said(name, code("system", name, "zh") or name) for key, name in sides.items()}
    return in_both("separation_one_side", **sides, **words)


def _choose_roads(
    net: DrainageNetwork, roads: gpd.GeoDataFrame | None, within_m: float
) -> tuple[gpd.GeoDataFrame, str]:
    if roads is None and "roads" in net.layers:
        roads = net.layers["roads"]
    if roads is not None:
        if roads.crs != net.crs:
            raise CrsError(in_both("roads_in_another_crs", theirs=roads.crs, ours=net.crs))
        roads = name_roads(roads).explode(ignore_index=True)
        roads = roads[(roads.geom_type == "LineString") & (roads.geometry.length > 0)]
        if len(roads):
            roads, twice_m = draw_once(roads)
            twice = [in_both("roads_twice", length_km=twice_m / 1000)] if twice_m else []
            return roads, joined([in_both("roads_of_layer"), *twice], "") if twice else "layer"
    pipes = net.pipes.assign(road=Spellings().settle(net.pipes["road"]))
    named = pipes[pipes["road"].notna() & pipes.geometry.notna()]
    if not len(named):
        raise NotKnownError(in_both("no_roads", network=net.source))
    bare = len(pipes) - len(named)
    left = [in_both("roads_bare", count=bare)] if bare else []
    return _centre_lines(named, within_m), joined([in_both("roads_of_pipes"), *left], "") if left else "pipes"


def _centre_lines(named: gpd.GeoDataFrame, within_m: float) -> gpd.GeoDataFrame:
    """Merge the pipes of each road into its line; a second system adds only what lies beyond reach of the first."""
    roads = pd.Index(named["road"].unique())
    line = np.full(len(roads), shapely.LineString(), dtype=object)
    for system in SYSTEMS:
        part = named[named["system"] == system].dissolve(by="road", sort=False)
        if len(part):
            at = roads.get_indexer(part.index)
            near = shapely.buffer(line[at], within_m, cap_style="flat")
            line[at] = shapely.union(line[at], shapely.difference(part.geometry.to_numpy(), near))
    whole = shapely.line_merge(line)
    lines = gpd.GeoDataFrame({"road": roads}, geometry=whole, crs=named.crs).explode(ignore_index=True)
    return lines[lines.geometry.length > 0]


def _pieces(roads: gpd.GeoDataFrame) -> tuple[pd.Index, _Pieces, Floats]:
    """Cut centre lines into straight pieces; the chainage of a name runs on over its parts."""
    code, names = pd.factorize(roads["road"])
    code = code.astype(np.int64)
    by_road = np.argsort(code, kind="stable")
    coords, line = shapely.get_coordinates(np.asarray(roads.geometry.array)[by_road], return_index=True)
    step = np.diff(coords, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    inside = (line[1:] == line[:-1]) & (length > 0)
    length, step, start = length[inside], step[inside], coords[:-1][inside]
    road = code[by_road][line[:-1][inside]]
    total = np.bincount(road, weights=length, minlength=len(names)).astype(np.float64)
    chainage = np.cumsum(length) - length
    chainage -= (np.cumsum(total) - total)[road]
    unit = step / length[:, None]
    return (
        pd.Index(names, name="road"),
        _Pieces(road, chainage, length, start[:, 0], start[:, 1], unit[:, 0], unit[:, 1]),
        total,
    )


def _runs_along(
    lines: NDArray[np.object_], pieces: _Pieces, within_m: float, angle_deg: float
) -> tuple[Ints, Intervals]:
    """Intervals of road chainage along which each pipe runs; first result: number of the pipe of each interval."""
    coords, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    a, b, pipe = coords[:-1][same], coords[1:][same], line[:-1][same]
    end_x, end_y = pieces.x + pieces.ux * pieces.length_m, pieces.y + pieces.uy * pieces.length_m
    reach = shapely.box(
        np.minimum(pieces.x, end_x) - within_m,
        np.minimum(pieces.y, end_y) - within_m,
        np.maximum(pieces.x, end_x) + within_m,
        np.maximum(pieces.y, end_y) + within_m,
    )
    segment, piece = shapely.STRtree(reach).query(shapely.linestrings(np.stack([a, b], axis=1)))
    a, b, pipe = a[segment], b[segment], pipe[segment]
    ux, uy = pieces.ux[piece], pieces.uy[piece]
    ax, ay = a[:, 0] - pieces.x[piece], a[:, 1] - pieces.y[piece]
    bx, by = b[:, 0] - pieces.x[piece], b[:, 1] - pieces.y[piece]
    along_a, across_a = ax * ux + ay * uy, ay * ux - ax * uy
    along_b, across_b = bx * ux + by * uy, by * ux - bx * uy
    d_along, d_across = along_b - along_a, across_b - across_a
    parallel = np.abs(d_along) >= np.hypot(d_along, d_across) * np.cos(np.radians(angle_deg)) - 1e-12
    enter, leave = _inside_strip(across_a, d_across, within_m)
    s1, s2 = along_a + enter * d_along, along_a + leave * d_along
    low = np.maximum(np.minimum(s1, s2), 0.0)
    high = np.minimum(np.maximum(s1, s2), pieces.length_m[piece])
    runs = parallel & (leave > enter) & (high > low)
    start = pieces.chainage_m[piece]
    return pipe[runs], Intervals(pieces.road[piece][runs], (start + low)[runs], (start + high)[runs])


def _inside_strip(across: Floats, change: Floats, within_m: float) -> tuple[Floats, Floats]:
    """Part [enter, leave] of a segment, 0–1, with |across + t·change| ≤ within_m; enter > leave where there is none."""
    flat = change == 0
    safe = np.where(flat, 1.0, change)
    t1, t2 = (-within_m - across) / safe, (within_m - across) / safe
    enter = np.clip(np.minimum(t1, t2), 0.0, 1.0)
    leave = np.clip(np.maximum(t1, t2), 0.0, 1.0)
    outside = np.abs(across) > within_m
    return np.where(flat, 0.0, enter), np.where(flat, np.where(outside, -1.0, 1.0), leave)


def _stretches(along: Intervals, masks: dict[str, NDArray[np.bool_]], length_m: Floats) -> pd.DataFrame:
    """Cut every road where any kind of pipe begins or ends, and say which kinds run on each stretch."""
    n_roads = len(length_m)
    merged = {
        name: merge_intervals(Intervals(along.road[mask], along.from_m[mask], along.to_m[mask]))
        for name, mask in masks.items()
    }
    whole = Intervals(np.arange(n_roads), np.zeros(n_roads), length_m)
    road = np.concatenate([part.road for part in (*merged.values(), whole) for _ in range(2)])
    cut = np.concatenate([side for part in (*merged.values(), whole) for side in (part.from_m, part.to_m)])
    order = np.lexsort((cut, road))
    road, cut = road[order], cut[order]
    new = np.concatenate([[True], (np.diff(road) != 0) | (np.diff(cut) > _JOIN_M)])
    road, cut = road[new], cut[new]
    inside = road[1:] == road[:-1]
    table = pd.DataFrame({"road": road[:-1][inside], "from_m": cut[:-1][inside], "to_m": cut[1:][inside]})
    middle = (table["from_m"] + table["to_m"]).to_numpy() / 2
    runs = {name: _covers(part, table["road"].to_numpy(), middle) for name, part in merged.items()}
    both = runs["storm"] & runs["sewage"]
    table["class"] = np.select([both, runs["combined"], runs["storm"], runs["sewage"]], CLASSES[:4], "none")
    table["effective"] = both & ~runs["mixed"]
    changes = (
        (table["road"].diff() != 0)
        | (table["class"] != table["class"].shift())
        | (table["effective"] != table["effective"].shift())
    )
    grouped = table.groupby(changes.cumsum(), sort=False).agg(
        {"road": "first", "from_m": "first", "to_m": "last", "class": "first", "effective": "first"}
    )
    return grouped.reset_index(drop=True)


def merge_intervals(parts: Intervals) -> Intervals:
    """Unite intervals of one road that overlap or touch; sorted by road and chainage."""
    if not len(parts.road):
        return parts
    order = np.lexsort((parts.from_m, parts.road))
    road, start, end = parts.road[order], parts.from_m[order], parts.to_m[order]
    offset = float(end.max()) + 1.0  # roads laid end to end, so that one running maximum serves all
    reach = np.maximum.accumulate(end + road * offset)
    new = np.concatenate([[True], start[1:] + road[1:] * offset > reach[:-1] + _JOIN_M])
    first = np.flatnonzero(new)
    last = np.concatenate([first[1:] - 1, [len(road) - 1]])
    return Intervals(road[first], start[first], reach[last] - road[first] * offset)


def _covers(parts: Intervals, road: Ints, place_m: Floats) -> NDArray[np.bool_]:
    if not len(parts.road):
        return np.zeros(len(road), np.bool_)
    offset = float(max(parts.to_m.max(), place_m.max())) + 1.0
    at = np.searchsorted(parts.from_m + parts.road * offset, place_m + road * offset, side="right") - 1
    found = at >= 0
    at = np.maximum(at, 0)
    covered: NDArray[np.bool_] = found & (parts.road[at] == road) & (place_m <= parts.to_m[at])
    return covered


def _road_table(stretches: pd.DataFrame, names: pd.Index, length_m: Floats) -> pd.DataFrame:
    part = (stretches["to_m"] - stretches["from_m"]).to_numpy()
    road = stretches["road"].to_numpy()
    by_class = {
        f"{name.replace(' ', '_')}_m": np.bincount(
            road, weights=part * (stretches["class"] == name).to_numpy(), minlength=len(names)
        )
        for name in CLASSES
    }
    effective = np.bincount(road, weights=part * stretches["effective"].to_numpy(), minlength=len(names))
    table = pd.DataFrame(
        {
            "length_m": length_m,
            "effective_share": effective / length_m,
            "coverage_share": by_class["separated_m"] / length_m,
        },
        index=names,
    )
    table["effective_pct"] = 100 * table["effective_share"]
    table["coverage_pct"] = 100 * table["coverage_share"]
    return table.assign(**by_class)


def _lines(stretches: pd.DataFrame, names: pd.Index, roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the piece of the centre line of each stretch; it is cut where a part of the road ends."""
    code = names.get_indexer(pd.Index(roads["road"]))
    order = np.argsort(code, kind="stable")
    geometry = np.asarray(roads.geometry.array)[order]
    code, length = code[order], shapely.length(geometry)
    before = np.cumsum(length) - length
    first = np.searchsorted(code, np.arange(len(names)))
    before -= before[first[code]]
    pairs = stretches.reset_index(names="stretch").merge(
        pd.DataFrame({"road": code, "part": np.arange(len(code)), "before": before, "part_m": length}), on="road"
    )
    low = np.maximum((pairs["from_m"] - pairs["before"]).to_numpy(), 0.0)
    high = np.minimum((pairs["to_m"] - pairs["before"]).to_numpy(), pairs["part_m"].to_numpy())
    kept = (high - low) > _JOIN_M
    pairs, low, high = pairs[kept], low[kept], high[kept]
    lines = _substrings(geometry[pairs["part"].to_numpy()], low, high)
    return gpd.GeoDataFrame(
        {
            "road": names.to_numpy(dtype=object)[pairs["road"].to_numpy()],
            "from_m": pairs["before"].to_numpy() + low,
            "to_m": pairs["before"].to_numpy() + high,
            "length_m": high - low,
            "class": pairs["class"].to_numpy(dtype=object),
            "effective": pairs["effective"].to_numpy(),
        },
        index=pd.RangeIndex(len(pairs), name="stretch"),
        geometry=lines,
        crs=roads.crs,
    )


def _substrings(lines: NDArray[np.object_], low: Floats, high: Floats) -> NDArray[np.object_]:
    """Cut each line from one distance along it to another: both places, and the vertices between them."""
    ends = shapely.line_interpolate_point(np.concatenate([lines, lines]), np.concatenate([low, high]))
    coords, line = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(coords, axis=0, prepend=coords[:1]).T)
    run = np.cumsum(step)
    along = run - run[np.searchsorted(line, np.arange(len(lines)))][line]
    between = (along > low[line] + _JOIN_M) & (along < high[line] - _JOIN_M)
    number = np.arange(len(lines))
    owner = np.concatenate([number, line[between], number])
    place = np.concatenate([low, along[between], high])
    order = np.lexsort((place, owner))
    start, end = np.split(shapely.get_coordinates(ends), 2)
    corners = np.concatenate([start, coords[between], end])[order]
    cut: NDArray[np.object_] = np.asarray(shapely.linestrings(corners, indices=owner[order]), dtype=object)
    return cut
