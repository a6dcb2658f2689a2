"""How far roads, neighbourhoods, catchments, classes of road and towns are truly separated."""

from __future__ import annotations

from typing import Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.separation.along import Pieces, Runs, runs_along
from drainage.analyses.separation.beside_roads import with_counts
from drainage.analyses.separation.centre_lines import CARRIAGEWAYS_M, CentreLines, centre_lines
from drainage.analyses.separation.grouped_roads import GROUPED, Seen, grouped
from drainage.analyses.separation.named_roads import roads_by_name
from drainage.analyses.separation.stretches import cut_stretches, draw_stretches, road_table
from drainage.analyses.separation.unserved import unserved_plots
from drainage.analyses.separation.wide_roads import WIDE_M, one_sided
from drainage.arrays import Bools
from drainage.errors import NotKnownError, SchemaError
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said
from drainage.schema import Issues
from drainage.schema.coded import Coded
from drainage.schema.ids import Spellings
from drainage.wants import wants
from drainage.words import code, in_both, nearest

By = Literal["road", "neighbourhood", "catchment", "class", "town"]
BY: Final[tuple[By, ...]] = get_args(By)
_SYSTEMS: Final = ("storm", "sewage", "combined")
#: Reach and direction of a pipe along a road, and reach of a plot's sewer: choices of ours.
WITHIN_M: Final = 30.0
ANGLE_DEG: Final = 30.0
PLOT_REACH_M: Final = 30.0


@wants
def measure_separation(
    net: DrainageNetwork,
    roads: gpd.GeoDataFrame | None = None,
    *,
    by: By = "road",
    areas: gpd.GeoDataFrame | None = None,
    mixed: Result | None = None,
    within_m: float = WITHIN_M,
    angle_deg: float = ANGLE_DEG,
    plot_reach_m: float = PLOT_REACH_M,
    wide_m: float = WIDE_M,
) -> Result:
    """Measure the share of each road, or of the roads of each area, along which both a storm and a sewage pipe run.

    Parameters
    ----------
    net
        The network; pipes of unknown system and of reclaimed water are ignored.
    roads
        Centre lines in the CRS of the network with the name in ``road``, with ``road_class`` and ``width_m`` where
        known; parts of one name follow each other in the order of the table. Names that differ only in width, case and
        blanks are one, and so are a road and its service lane (磬山路辅路); a line without a name is a road of its own;
        what two lines of one road draw within 3 m of each other counts once. Carriageways of one road that run beside
        each other within 60 m, for longer than that, count once, and the pipes along either count (own choice).
        Default: the roads beside the source, else the pipes of each ``road`` merged into a line.
    by
        What the roads are added up for: each road by itself; ``neighbourhood`` and ``town``: the areas of that layer;
        ``catchment``: everything whose storm or combined pipes lead to one outfall; ``class``: the class of road.
    areas
        The neighbourhoods or towns, if they are not beside the source: areas with ``name``.
    mixed
        Result of `find_mixed_flow` for the effective coverage; without it no pipe counts as mixed.
    within_m
        Greatest distance of a pipe from the centre line. 30 m reaches both sides of a wide road; our choice.
    angle_deg
        Greatest angle between pipe and road; our choice.
    plot_reach_m
        Greatest distance of a plot from the sewer that it could be joined to. Our choice.
    wide_m
        Roads wider than this between red lines are to have drains on both sides: 40 m (GB 50014-2021, 5.3.9).

    Returns
    -------
    Result
        ``roads`` (index ``road``): ``length_m``, ``effective_share`` (coverage less the stretches whose storm or sewage
        pipe is mixed), ``coverage_share``, ``effective_pct``, ``coverage_pct``, the length of each class in m,
        ``misconnections`` within ``within_m``, ``plots`` beside it and ``plots_without_sewer``.
        ``stretches``: ``road``, ``from_m``, ``to_m``, ``length_m``, ``class``, ``effective``, ``road_class``,
        ``width_m``, with the line. Class: separated where a storm and a sewage pipe run, else combined where a combined
        one runs, else storm only, sewage only or none. ``plots``: blocks, else catchments, beside a road without a
        sewer or combined pipe in reach, with the ``road`` and ``to_sewer_m``. ``one_sided``: stretches of wide roads
        with the ``system`` (storm, sewage) that lies on one side only, and the ``missing_side`` (left, right, both: in
        the axis alone) in the direction of the road.
        ``names``: pipes whose recorded road is not that along which they run: ``road``, ``road_by_place``, and
        ``length_m``, ``along_m``, ``along_named_m``.

        If not by road, the first table has what was asked for, ``neighbourhoods``, ``catchments``, ``classes`` or
        ``towns``, with the columns of ``roads``, and ``storm_km``, ``sewage_km``, ``combined_km`` of pipe,
        ``separate_pipe_share`` (storm and sewage of these) and ``mixed_km`` (classes of road without the lengths of
        pipe). Shares are missing where no road or no pipe lies. Sewers belong to no outfall of storm water, so
        catchments have no ``sewage_km``. ``issues``: areas that overlap or hold no pipe, roads spelt in several ways.

        Summary: ``roads``, ``length_km``, ``effective_share``, ``coverage_share`` by length, where the roads come from.

    Raises
    ------
    CrsError
        Roads or areas and network are in different systems.
    NotKnownError
        There are no roads and no pipe has a road name; no pipe has a system; there is no layer of the areas asked for.
    SchemaError
        ``by`` is none of these, or ``mixed`` is of another network.

    References
    ----------
    A definition of this project. GB 50014-2021, 5.3.9 (roads over 40 m between red lines have drains on both sides).
    T/CECS 758-2020, 7.1.1 (the catchment of an outfall is the unit to be judged).

    Examples
    --------
    >>> import drainage as dr
    >>> by_class = dr.measure_separation(dr.load_demo("2021-05-07"), by="class")
    >>> sorted(by_class.tables["classes"].index)
    ['主干路', '支路', '次干路']
    """
    if by not in BY:
        raise SchemaError(in_both("separation_by", by=by, near=nearest(str(by), BY), known=", ".join(BY)))
    centre = centre_lines(net, roads, within_m)
    check_systems(net)
    fouled = _mixed_pipes(net, mixed)
    runs = runs_of(net, centre.pieces, within_m, angle_deg)
    kind = net.systems.take(runs.pipe)
    pieces = cut_stretches(runs.along, kinds_along(kind, fouled[runs.pipe]), centre.length_m)
    lines, plots = draw_stretches(pieces, centre), unserved_plots(net, centre, within_m, plot_reach_m)
    table = with_counts(road_table(pieces, centre.names), centre.road, centre, plots, mixed, within_m)
    issues = issues_of_layers(net, roads, by if areas is None else "")
    tables: dict[str, pd.DataFrame] = {}
    if by != "road":
        seen = Seen(net, centre, runs, pieces, lines, fouled, mixed, plots, within_m)
        tables[GROUPED[by]] = grouped(seen, by, areas, issues)
    tables |= {"roads": table, "stretches": lines, "plots": plots.missed}
    tables["one_sided"] = one_sided(runs, kind, centre, wide_m)
    tables["names"] = roads_by_name(net, centre.names, runs)
    tables["issues"] = issues.frame()
    return Result(
        "separation",
        tables,
        summary_of(tables, centre, plots.judged, by),
        _layers(net, tables, by),
        provenance=Provenance.of(net),
        not_known=one_side_only(net),
    )


def issues_of_layers(net: DrainageNetwork, roads: gpd.GeoDataFrame | None, by: str) -> Issues:
    """Return what is to be said, or was said at reading, of the names of roads and of the areas asked for."""
    issues = Issues()
    told, about = net.issues, net.issues["feature_id"] == "road"
    overlaps = (told["code"] == "overlaps") & (told["feature_kind"] == by)
    issues.extend(told[overlaps | (told["code"].isin(["spelling", "no_name"]) & about)])
    if roads is not None and "road" in roads:
        spelt = pd.DataFrame({"was": roads["road"], "is": Spellings().settle(roads["road"])}).dropna()
        spelt = spelt[spelt["was"] != spelt["is"]].drop_duplicates()
        shown = ", ".join(f"'{was}' {now}" for was, now in spelt.head(5).itertuples(index=False))
        reason = in_both("roads_otherwise", place="roads", count=len(spelt), shown=shown)
        issues.add("spelling", "info", "column", ["road"] * bool(len(spelt)), reason, in_both("one_road"))
    return issues


def _mixed_pipes(net: DrainageNetwork, mixed: Result | None) -> Bools:
    if mixed is None:
        return np.zeros(len(net.pipes), np.bool_)
    if not mixed.tables["pipes"].index.equals(net.pipes.index):
        raise SchemaError(in_both("mixed_of_another", network=net.source or in_both("the_network")))
    return mixed.tables["pipes"]["mixed"].to_numpy(dtype=np.bool_)


def check_systems(net: DrainageNetwork) -> None:
    """Refuse a network of which no pipe has a system.

    Raises
    ------
    NotKnownError
        None has.
    """
    if not net.systems.among(*_SYSTEMS).any():
        raise NotKnownError(in_both("separation_no_system", network=net.source))


def runs_of(net: DrainageNetwork, pieces: Pieces, within_m: float, angle_deg: float) -> Runs:
    """Return where the pipes that take part run along pieces of road, pipe by pipe."""
    chosen = np.flatnonzero(net.systems.among(*_SYSTEMS))
    lines = net.pipes.geometry.values[chosen]  # noqa: PD011 - shapes that need not be drawn
    runs = runs_along(lines, pieces, within_m, angle_deg)
    return runs._replace(pipe=chosen[runs.pipe])


def kinds_along(kind: Coded, fouled: Bools) -> dict[str, Bools]:
    """Mark the runs of each system, and of separate pipes that are mixed; ``kind`` and ``fouled`` are of the pipes."""
    masks = {name: kind.among(name) for name in _SYSTEMS}
    return {**masks, "mixed": fouled & ~masks["combined"]}


def summary_of(tables: dict[str, pd.DataFrame], roads: CentreLines, judged: int, by: By) -> pd.Series:
    """Sum up tables of `measure_separation`."""
    table, total = tables["roads"], float(roads.length_m.sum())
    facts: dict[str, object] = {
        "roads": len(roads.names),
        "length_km": total / 1000,
        "effective_share": float((table["effective_share"] * roads.length_m).sum() / total),
        "coverage_share": float((table["coverage_share"] * roads.length_m).sum() / total),
        "roads_from": roads.told,
    }
    if by != "road":
        facts[GROUPED[by]] = len(tables[GROUPED[by]])
    if by in {"neighbourhood", "town"}:
        within = shapely.union_all(np.asarray(tables[GROUPED[by]]["geometry"].array))
        beyond = shapely.difference(np.asarray(roads.lines.geometry.array), within)
        facts["roads_outside_km"] = float(shapely.length(beyond).sum() / 1000)
    if roads.beside_km:
        facts["carriageways_km"] = roads.beside_km
        facts["carriageways"] = in_both("separation_carriageways", within_m=CARRIAGEWAYS_M)
    width = roads.lines["width_m"].to_numpy(np.float64, na_value=np.nan)
    facts |= {
        "plots_judged": judged,
        "plots_without_sewer": len(tables["plots"]),
        "roads_without_width": int(roads.lines["road"][np.isnan(width)].nunique()),
        "one_sided_km": float(tables["one_sided"]["length_m"].sum() / 1000),
        "pipes_of_another_road": len(tables["names"]),
    }
    return pd.Series(facts, dtype=object)


def _layers(net: DrainageNetwork, tables: dict[str, pd.DataFrame], by: By) -> tuple[Layer, ...]:
    layers = [*context_of(net), _truly_separated(tables)]
    drawn = {name: table for name, table in tables.items() if isinstance(table, gpd.GeoDataFrame)}
    if by != "road" and (area := drawn.get(GROUPED[by])) is not None:
        shown = ("coverage_pct", "effective_pct", "misconnections", "plots_without_sewer", "combined_km")
        layers.append(Layer("separation_areas", area, "coverage_share", (str(area.index.name), *shown)))
    layers.append(
        Layer("separation", drawn["stretches"], "class", ("stretch", "road", "from_m", "to_m", "class", "effective"))
    )
    if len(drawn["one_sided"]):
        layers.append(Layer("one_sided", drawn["one_sided"], None, ("road", "system", "missing_side", "length_m")))
    if len(drawn["plots"]):
        layers.append(Layer("plots", drawn["plots"], None, ("road", "to_sewer_m")))
    return tuple(layers)


def _truly_separated(tables: dict[str, pd.DataFrame]) -> Layer:
    """Roads by the share of their length that is truly separated, with the share that has both pipes beside it."""
    stretches = gpd.GeoDataFrame(tables["stretches"])
    number, names = pd.factorize(stretches["road"], sort=True)
    order = np.argsort(number, kind="stable")
    lines = shapely.multilinestrings(np.asarray(stretches.geometry.array)[order], indices=number[order])
    index = pd.Index(names, name="road")
    roads = gpd.GeoDataFrame(geometry=lines, index=index, crs=stretches.crs).join(tables["roads"])
    roads["coverage_to_effective"] = [
        f"{both:.0f} → {truly:.0f} %" for both, truly in zip(roads["coverage_pct"], roads["effective_pct"], strict=True)
    ]
    roads["not_separated_m"] = roads["length_m"] * (1.0 - roads["effective_share"])
    shares = ("road", "coverage_to_effective", "effective_pct", "coverage_pct", "length_m", "separated_m")
    lacks = ("combined_m", "storm_only_m", "sewage_only_m", "none_m", "misconnections", "not_separated_m")
    return Layer("roads", roads, "effective_pct", (*shares, *lacks))


def one_side_only(net: DrainageNetwork) -> str | None:
    """Return why no road can be separated if only one side's pipes are recorded."""
    found = set(net.systems.words)
    if "combined" in found or {"storm", "sewage"} <= found:
        return None
    there, missing = ("storm", "sewage") if "storm" in found else ("sewage", "storm")
    sides = {"there": there, "missing": missing}
    words = {f"{key}_word": Said(name, code("system", name, "zh") or name) for key, name in sides.items()}
    return in_both("separation_one_side", **sides, **words)
