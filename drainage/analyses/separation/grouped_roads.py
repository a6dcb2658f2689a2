"""Roads and pipes added up for neighbourhoods, towns, catchments of outfalls, or classes of road."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.separation.along import Runs
from drainage.analyses.separation.beside_roads import plot_counts, with_counts, wrong_places
from drainage.analyses.separation.centre_lines import CentreLines
from drainage.analyses.separation.intervals import Intervals, merge_intervals, shared_m
from drainage.analyses.separation.stretches import group_lengths
from drainage.analyses.separation.unserved import Plots
from drainage.arrays import Bools, Floats, Ints, Objects
from drainage.errors import CrsError, NotKnownError
from drainage.network import DrainageNetwork
from drainage.result import Result
from drainage.schema import Issues
from drainage.words import in_both

#: What is asked for → the table of it.
GROUPED: Final = {
    "neighbourhood": "neighbourhoods", "catchment": "catchments", "class": "classes", "town": "towns",
}  # fmt: skip
#: What stands for the class of a road of which none is recorded.
NO_CLASS: Final = "unknown"
_SYSTEMS: Final = ("storm", "sewage", "combined")
_OVERLAP_M2: Final = 1.0  # areas that share less only touch: corners are drawn to the decimetre


@dataclass(frozen=True, eq=False)
class Seen:
    """What was found along the roads before it is added up."""

    net: DrainageNetwork
    roads: CentreLines
    runs: Runs
    pieces: pd.DataFrame
    lines: gpd.GeoDataFrame
    fouled: Bools
    mixed: Result | None
    plots: Plots
    within_m: float


def grouped(seen: Seen, by: str, areas: gpd.GeoDataFrame | None, issues: Issues) -> pd.DataFrame:
    """Return the table of what was asked for; its columns are those of `measure_separation`."""
    if by == "class":
        return _classes(seen)
    return _catchments(seen) if by == "catchment" else _areas(seen, by, areas, issues)


def _classes(seen: Seen) -> pd.DataFrame:
    kind = seen.lines["road_class"].astype(object)
    code, names = pd.factorize(kind.where(kind.notna(), NO_CLASS))
    index = pd.Index(names.astype(str), name="road_class", dtype="str")
    table = _lengths(code, seen.lines, seen.lines["length_m"].to_numpy(), index)
    table["roads"] = seen.lines["road"].groupby(code).nunique().to_numpy()
    of_line = index.get_indexer(pd.Index(seen.roads.lines["road_class"].astype(object).fillna(NO_CLASS).astype(str)))
    table = with_counts(table, of_line, seen.roads, seen.plots, seen.mixed, seen.within_m)
    return table.sort_values("length_m", ascending=False, kind="stable")


def _areas(seen: Seen, by: str, areas: gpd.GeoDataFrame | None, issues: Issues) -> gpd.GeoDataFrame:
    """Add up what lies within each area; what lies in two counts in both."""
    layer = GROUPED[by]
    areas = seen.net.layers.get(layer) if areas is None else areas
    if areas is None or not len(areas):
        raise NotKnownError(in_both("separation_no_areas", layer=layer, network=seen.net.source))
    if areas.crs != seen.net.crs:
        raise CrsError(in_both("areas_in_another_crs", layer=layer, theirs=areas.crs, ours=seen.net.crs))
    outlines = shapely.make_valid(np.asarray(areas.geometry.array))
    names = _names(areas, by)
    _report_overlaps(outlines, names, by, issues)
    tree = shapely.STRtree(outlines)
    lines = np.asarray(seen.lines.geometry.array)
    line, area, part = _within(tree, outlines, lines)
    table = _lengths(area, seen.lines.iloc[line], part, names)
    table = table.join(_pipes_within(seen, tree, outlines, names))
    table["misconnections"] = _points_within(seen, tree, len(names))
    table = _share_of_none_is_not_known(table, by, issues)
    table = plot_counts(table, seen.plots, *tree.query(seen.plots.places, predicate="intersects"))
    told = [name for name in ("town", "built", "people") if name in areas]
    own = areas[told].set_axis(names, axis=0).dropna(axis="columns", how="all")
    own.insert(0, f"{by}_id", areas.index.astype(str))
    return gpd.GeoDataFrame(own.join(table), geometry=outlines, crs=areas.crs)


def _names(areas: gpd.GeoDataFrame, by: str) -> pd.Index:
    """Return the name of each area, its id where it has none, and both where a name stands twice."""
    ids = areas.index.astype(str).to_series(index=areas.index)
    name = areas["name"] if "name" in areas else pd.Series(None, areas.index, dtype=object)
    name = name.where(name.notna(), ids).astype(str)
    twice = name.duplicated(keep=False)
    return pd.Index(name.mask(twice, name + " " + ids), name=by, dtype="str")


def _report_overlaps(outlines: Objects, names: pd.Index, by: str, issues: Issues) -> None:
    one, two = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    one, two = one[one < two], two[one < two]
    shared = shapely.area(shapely.intersection(outlines[one], outlines[two]))
    for k in np.flatnonzero(shared > _OVERLAP_M2):
        said = in_both("areas_overlap", one=names[one[k]], other=names[two[k]], area_ha=shared[k] / 1e4)
        issues.add("areas_overlap", "warning", by, [names[one[k]]], said, in_both("areas_count_twice"))


def _within(tree: shapely.STRtree, outlines: Objects, lines: Objects) -> tuple[Ints, Ints, Floats]:
    """Return which lines lie in which areas, and for how long, m."""
    line, area = tree.query(lines, predicate="intersects")
    whole = shapely.length(lines[line])
    shapely.prepare(outlines)
    out = ~shapely.covers(outlines[area], lines[line])
    whole[out] = shapely.length(shapely.intersection(lines[line[out]], outlines[area[out]]))
    return line, area, whole


def _pipes_within(seen: Seen, tree: shapely.STRtree, outlines: Objects, names: pd.Index) -> pd.DataFrame:
    net = seen.net
    placed = np.flatnonzero(net.systems.among(*_SYSTEMS) & net.pipes.geometry.notna().to_numpy())
    row, area, part = _within(tree, outlines, np.asarray(net.pipes.geometry.array)[placed])
    return _pipe_lengths(seen, placed[row], area, part, names)


def _pipe_lengths(seen: Seen, pipe: Ints, group: Ints, part_m: Floats, names: pd.Index) -> pd.DataFrame:
    """Add up km of pipe by system, and of separate pipes that are mixed."""
    system = seen.net.pipes["system"].to_numpy(dtype=object)[pipe]

    def km(chosen: Bools) -> Floats:
        return np.bincount(group, weights=part_m * chosen, minlength=len(names)).astype(np.float64) / 1000

    table = pd.DataFrame({f"{name}_km": km(system == name) for name in _SYSTEMS}, index=names)
    total = table.sum(axis=1)
    table["separate_pipe_share"] = (table["storm_km"] + table["sewage_km"]) / total.where(total > 0)
    table["mixed_km"] = km(seen.fouled[pipe] & (system != "combined")) if seen.mixed is not None else np.nan
    return table


def _points_within(seen: Seen, tree: shapely.STRtree, n: int) -> Floats:
    if seen.mixed is None:
        return np.full(n, np.nan)
    _, area = tree.query(wrong_places(seen.mixed), predicate="intersects")
    return np.bincount(area, minlength=n).astype(np.float64)


def _share_of_none_is_not_known(table: pd.DataFrame, by: str, issues: Issues) -> pd.DataFrame:
    """Give no share of the roads of an area without any pipe: nobody has looked there, or there is nothing to share."""
    bare = (table[[f"{name}_km" for name in _SYSTEMS]].sum(axis=1) == 0).to_numpy()
    reasons = [
        in_both("area_without_pipes", name=name, length_km=metres / 1000)
        for name, metres in table.loc[bare, "length_m"].items()
    ]
    issues.add("area_without_pipes", "info", by, table.index[bare], reasons, in_both("survey_its_pipes"))
    shares = ["effective_share", "coverage_share", "effective_pct", "coverage_pct"]
    return table.assign(**{name: table[name].mask(bare) for name in shares})


def _lengths(group: Ints, lines: pd.DataFrame, part_m: Floats, names: pd.Index) -> pd.DataFrame:
    kind, effective = lines["class"].to_numpy(dtype=object), lines["effective"].to_numpy(bool)
    return group_lengths(group, part_m, kind, effective, names)


def _catchments(seen: Seen) -> gpd.GeoDataFrame:
    """Add up what hangs on each outfall of storm water; a pipe that reaches several belongs to the first of them."""
    net, roads = seen.net, seen.roads
    carries = net.systems.among("storm", "combined")
    outfall = np.flatnonzero(net.kinds.among("outfall"))
    label = _outfall_of(net, carries, outfall)
    reached = np.unique(label[label >= 0])
    if not len(reached):
        raise NotKnownError(in_both("separation_no_outfall", network=net.source))
    group_of = np.full(len(outfall) + 1, -1)
    group_of[reached] = np.arange(len(reached))
    pipe_group = group_of[label]
    names = pd.Index(net.nodes.index[outfall[reached]], name="outfall")
    mine = carries[seen.runs.pipe] & (pipe_group[seen.runs.pipe] >= 0)
    along = seen.runs.along.only(mine)
    n = len(roads.names)
    merged = merge_intervals(along._replace(road=pipe_group[seen.runs.pipe[mine]] * n + along.road))
    pieces = Intervals(*(seen.pieces[name].to_numpy() for name in ("road", "from_m", "to_m")))
    one, piece, part = shared_m(merged._replace(road=merged.road % n), pieces)
    table = _lengths(merged.road[one] // n, seen.pieces.iloc[piece], part, names)
    pipe = np.flatnonzero(carries & (pipe_group >= 0))
    length = net.pipes["length_m"].fillna(0.0).to_numpy(dtype=np.float64)[pipe]
    pipes = _pipe_lengths(seen, pipe, pipe_group[pipe], length, names)
    table = table.join(pipes.drop(columns=["sewage_km", "separate_pipe_share"]))
    if seen.mixed is not None:
        table["misconnections"] = seen.mixed.tables["outfalls"]["misconnections"].reindex(names).to_numpy()
    placed = pipe[net.pipes.geometry.notna().to_numpy()[pipe]]
    nearest = shapely.STRtree(np.asarray(net.pipes.geometry.array)[placed]).query_nearest(
        seen.plots.places, all_matches=False
    )
    table = plot_counts(table, seen.plots, nearest[0], pipe_group[placed[nearest[1]]])
    return gpd.GeoDataFrame(table, geometry=np.asarray(net.nodes.geometry.array)[outfall[reached]], crs=net.crs)


def _outfall_of(net: DrainageNetwork, carries: Bools, outfall: Ints) -> Ints:
    """Return the number of the outfall to which each pipe leads, (n_pipes,); -1 for none."""
    part = net.graph.only(carries)
    first = np.full(part.n_nodes, -np.inf)
    first[outfall] = -np.arange(len(outfall))
    reached = -part.reversed().largest_upstream(first)[part.head]
    found = np.full(len(carries), -1, np.int64)
    found[carries] = np.where(np.isinf(reached), -1.0, reached).astype(np.int64)
    return found
