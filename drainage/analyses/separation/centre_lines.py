"""Which lines are roads: named, drawn once, a second carriageway or a service lane on the chainage of the first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.analyses.separation.along import Pieces, joined_pieces, pieces_of, runs_along, substrings
from drainage.analyses.separation.intervals import JOIN_M, Intervals, merge_intervals
from drainage.arrays import Bools, Floats, Ints, Objects, blocks_of
from drainage.errors import CrsError, NotKnownError
from drainage.intake.roads import draw_once, name_roads
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.schema import SYSTEMS
from drainage.schema.ids import Spellings
from drainage.schema.layers import SERVICE_LANES
from drainage.words import in_both

#: Lines of one road that run beside each other within this distance, for longer than it, are carriageways of one road:
#: wider than any road here, shorter than a block of houses. A choice of ours.
CARRIAGEWAYS_M: Final = 60.0
_ANGLE_DEG: Final = 30.0
_STEP_M: Final = 20.0
#: A line so short whose ends lie so near to each other is an arc of a roundabout, and no carriageway: half a circle has
#: a chord of 0.64 of its length, a quarter 0.90. Choices of ours.
_RING_M: Final = 400.0
_CHORD_SHARE: Final = 0.8
#: Pipes merged into roads, and pieces of road compared, at a time: so that memory hangs on the largest road, not on the
#: town. Choices of ours.
_PIPES_AT_ONCE: Final = 100_000
_PIECES_AT_ONCE: Final = 50_000
_SERVICE: Final = re.compile(rf"[\s\-_（(]*(?:{'|'.join(SERVICE_LANES)})[）)]?$", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class CentreLines:
    """The roads of a town.

    Parameters
    ----------
    names
        Of the roads, (n_roads,).
    lines
        Lines with ``road``, ``road_class`` and ``width_m``, those of one road after each other: its chainage runs on
        over them.
    road, begins_m
        (n_lines,) number of the road of each line, and the chainage at which it begins.
    length_m
        (n_roads,)
    pieces
        All straight pieces, other carriageways and service lanes included.
    told
        Where the roads come from, and what was left out.
    beside_km
        Length of other carriageways and service lanes, km: on the chainage of the first, not counted again.
    """

    names: pd.Index
    lines: gpd.GeoDataFrame
    road: Ints
    begins_m: Floats
    length_m: Floats
    pieces: Pieces
    told: str
    beside_km: float


def centre_lines(net: DrainageNetwork, roads: gpd.GeoDataFrame | None, within_m: float) -> CentreLines:
    """Return the roads of a layer, of the network's own, or of the names of its pipes.

    Raises
    ------
    CrsError
        Roads and network are in different systems.
    NotKnownError
        There are no roads and no pipe has a road name.
    """
    chosen, told = _choose(net, roads, within_m)
    chosen = chosen.assign(road=_without_lanes(chosen["road"]))
    for name in ("road_class", "width_m"):
        if name not in chosen:
            chosen[name] = None if name == "road_class" else np.nan
    code, names = pd.factorize(chosen["road"])
    order = np.argsort(code, kind="stable")
    lines, code = chosen.iloc[order].reset_index(drop=True), code[order].astype(np.int64)
    covered = _beside_another(np.asarray(lines.geometry.array), code)
    lines, code, beside = _parted(lines, code, covered)
    length = shapely.length(np.asarray(lines.geometry.array))
    total = np.bincount(code, weights=length, minlength=len(names)).astype(np.float64)
    begins = np.cumsum(length) - length
    begins -= (np.cumsum(total) - total)[code]
    pieces = pieces_of(np.asarray(lines.geometry.array), code, begins)
    if len(beside):
        pieces = joined_pieces(pieces, _on_chainage_of(beside, lines, code, begins))
    return CentreLines(
        pd.Index(names, name="road"),
        lines,
        code,
        begins,
        total,
        pieces,
        told,
        float(beside.geometry.length.sum()) / 1000,
    )


def _choose(net: DrainageNetwork, roads: gpd.GeoDataFrame | None, within_m: float) -> tuple[gpd.GeoDataFrame, str]:
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
    pipes = net.pipes[["road", "system", "geometry"]]
    pipes = pipes.assign(road=Spellings().settle(pipes["road"]))
    pipes.index = pd.RangeIndex(len(pipes))  # by ids pandas would keep an object for each
    mask = pipes["road"].notna().to_numpy() & ~pipes.geometry.array.isna()
    named = pipes if mask.all() else pipes[mask]
    if not len(named):
        raise NotKnownError(in_both("no_roads", network=net.source))
    bare = len(pipes) - len(named)
    left = [in_both("roads_bare", count=bare)] if bare else []
    return _of_pipes(named, within_m), joined([in_both("roads_of_pipes"), *left], "") if left else "pipes"


def _of_pipes(named: gpd.GeoDataFrame, within_m: float) -> gpd.GeoDataFrame:
    """Merge the pipes of each road into its line; a second system adds only what lies beyond reach of the first."""
    code, roads = pd.factorize(named["road"])
    order = np.argsort(code, kind="stable")
    whole = [np.empty(0, dtype=object)]
    for first, last in blocks_of(code[order], _PIPES_AT_ONCE):
        block = named.iloc[order[first:last]]
        whole.append(_merged(block, pd.Index(block["road"].unique()), within_m))
    lines = gpd.GeoDataFrame({"road": pd.Index(roads)}, geometry=np.concatenate(whole), crs=named.crs)
    lines = lines.explode(ignore_index=True)
    return lines[lines.geometry.length > 0]


def _merged(named: gpd.GeoDataFrame, roads: pd.Index, within_m: float) -> Objects:
    """Return the line of each road, (n_roads,), of all pipes that bear its name."""
    line = np.full(len(roads), shapely.LineString(), dtype=object)
    for system in SYSTEMS:
        part = named[named["system"] == system].dissolve(by="road", sort=False)
        if len(part):
            at = roads.get_indexer(part.index)
            near = shapely.buffer(line[at], within_m, cap_style="flat")
            line[at] = shapely.union(line[at], shapely.difference(part.geometry.to_numpy(), near))
    return np.asarray(shapely.line_merge(line), dtype=object)


def without_lane(name: str) -> str:
    """Return the name of the road of a service lane; any other name as it is.

    Examples
    --------
    >>> without_lane("磬山路（辅路）"), without_lane("人民路")
    ('磬山路', '人民路')
    """
    return _SERVICE.sub("", name)


def _without_lanes(names: pd.Series) -> pd.Series:
    """Call a service lane by the name of its road, if there is a road of that name."""
    bare = names.map(without_lane)
    return names.where((bare == names) | ~bare.isin(names), bare)


def _beside_another(lines: NDArray[np.object_], code: Ints) -> Intervals:
    """Return the parts of lines that run beside a longer line of the same road; ``road`` is the number of the line."""
    found = [Intervals(np.empty(0, np.int64), np.empty(0), np.empty(0))]
    several = np.bincount(code)[code] > 1
    if not several.any():
        return found[0]
    rows = np.flatnonzero(several)
    rank = np.empty(len(rows), np.int64)
    rank[np.lexsort((rows, -shapely.length(lines[rows])))] = np.arange(len(rows))
    pieces = pieces_of(lines[rows], np.arange(len(rows)), np.zeros(len(rows)))
    arc = _arcs(lines[rows])
    for first, last in blocks_of(code[rows][pieces.road], _PIECES_AT_ONCE):  # only lines of one road are compared
        own = Pieces(**{name: column[first:last] for name, column in pieces._asdict().items()})
        here = np.unique(own.road)
        runs = runs_along(lines[rows[here]], own, CARRIAGEWAYS_M, _ANGLE_DEG)
        pipe, mine = here[runs.pipe], runs.along.road
        other = (code[rows][pipe] == code[rows][mine]) & (rank[pipe] < rank[mine]) & ~arc[pipe] & ~arc[mine]
        found.append(runs.along.only(other))
    merged = merge_intervals(Intervals(*map(np.concatenate, zip(*found, strict=True))))
    long = merged.to_m - merged.from_m > CARRIAGEWAYS_M
    return Intervals(rows[merged.road[long]], merged.from_m[long], merged.to_m[long])


def _arcs(lines: NDArray[np.object_]) -> Bools:
    """Return which lines are arcs of a roundabout."""
    length = shapely.length(lines)
    chord = shapely.distance(shapely.get_point(lines, 0), shapely.get_point(lines, -1))
    return np.asarray((length < _RING_M) & (chord < _CHORD_SHARE * length))


def _parted(lines: gpd.GeoDataFrame, code: Ints, covered: Intervals) -> tuple[gpd.GeoDataFrame, Ints, gpd.GeoDataFrame]:
    """Part lines into what has a chainage of its own, and what lies beside another of its road."""
    if not len(covered.road):
        return lines, code, lines.iloc[:0]
    whole = shapely.length(np.asarray(lines.geometry.array))
    touched = np.unique(covered.road)
    edges = [np.zeros(len(touched)), covered.from_m, covered.to_m, whole[touched]]
    owner = np.concatenate([touched, covered.road, covered.road, touched])
    place = np.concatenate(edges)
    order = np.lexsort((place, owner))
    owner, place = owner[order], place[order]
    gap = (owner[1:] == owner[:-1]) & (np.diff(place) > JOIN_M)
    row, low, high = owner[:-1][gap], place[:-1][gap], place[1:][gap]
    middle = (low + high) / 2.0
    offset = float(whole.max()) + 1.0
    at = np.searchsorted(covered.from_m + covered.road * offset, middle + row * offset, side="right") - 1
    inside = (at >= 0) & (covered.road[at] == row) & (middle <= covered.to_m[at])
    cut = lines.iloc[row].set_geometry(
        gpd.GeoSeries(substrings(np.asarray(lines.geometry.array)[row], low, high), lines.index[row], crs=lines.crs)
    )
    kept = np.setdiff1d(np.arange(len(lines)), touched)
    left = np.concatenate([kept, row[~inside]])
    order = np.argsort(left, kind="stable")
    own = pd.concat([lines.iloc[kept], cut[~inside]]).iloc[order].reset_index(drop=True)
    return own, code[left[order]], cut[inside].reset_index(drop=True)


def _on_chainage_of(beside: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, code: Ints, begins: Floats) -> Pieces:
    """Cut other carriageways into pieces that have the chainage of the nearest line of their road."""
    first = np.asarray(lines.geometry.array)
    fine = shapely.segmentize(np.asarray(beside.geometry.array), _STEP_M)
    cut = pieces_of(fine, np.arange(len(fine)), np.zeros(len(fine)))
    start = np.column_stack([cut.x, cut.y])
    unit = np.column_stack([cut.ux, cut.uy])
    ends = [np.asarray(shapely.points(start + share * cut.length_m[:, None] * unit)) for share in (0.0, 0.5, 1.0)]
    number = pd.Series(code, lines["road"]).groupby(level=0).first()
    road = number.reindex(beside["road"]).to_numpy()[cut.road]
    line = _nearest_of_road(ends[1], road, first, code)
    low, middle, high = (shapely.line_locate_point(first[line], end) for end in ends)
    length = shapely.length(first[line])
    behind, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(first[line], np.clip(middle + by, 0.0, length)))
        for by in (-1.0, 1.0)
    )
    here = shapely.get_coordinates(ends[1])
    step, away = ahead - behind, here - behind
    left = np.sign(step[:, 0] * away[:, 1] - step[:, 1] * away[:, 0]) * shapely.distance(first[line], ends[1])
    scale = (high - low) / cut.length_m
    runs = scale != 0.0
    pieces = cut._replace(road=road, chainage_m=begins[line] + low, scale=scale, beside_m=left)
    return Pieces(*(column[runs] for column in pieces))


def _nearest_of_road(points: NDArray[np.object_], road: Ints, lines: NDArray[np.object_], code: Ints) -> Ints:
    """Return the row of the line of its road that is nearest to each point."""
    nearest = np.empty(len(points), np.int64)
    for one in np.unique(road):
        mine, own = np.flatnonzero(road == one), np.flatnonzero(code == one)
        nearest[mine] = own[shapely.STRtree(lines[own]).nearest(points[mine])]
    return nearest
