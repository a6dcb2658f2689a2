"""Where sewage and storm water mix: misconnections, every pipe that they foul, and the outfalls that they reach.

Definitions. A *misconnection* is a node at which a sewage or combined pipe arrives and a storm pipe leaves
(``sewage_into_storm``), or a storm pipe arrives and a sewage pipe leaves (``storm_into_sewage``). Pumps and works are
never one; nor is an interceptor from which a sewage pipe leaves: the storm pipe that leaves it is its *overflow*.
*Mixed* is every storm pipe downstream of a ``sewage_into_storm`` node along storm pipes, and every sewage pipe
downstream of a ``storm_into_sewage`` node along sewage pipes. The recorded ``system`` is never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.graph import FlowGraph
from drainage.maps.layer import Layer
from drainage.result import Result

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

SEWAGE_INTO_STORM = "sewage_into_storm"
STORM_INTO_SEWAGE = "storm_into_sewage"
MISCONNECTIONS = (SEWAGE_INTO_STORM, STORM_INTO_SEWAGE)
_EXEMPT = ("pump", "works")
_POINT_DIAMETERS_MM = (300.0, 600.0)  # T/CECS 758-2020, table 7.2.2
_DENSITIES_PER_KM = (5.0, 10.0)  # T/CECS 758-2020, table 7.2.4


class _Systems(NamedTuple):
    """System of each pipe as a number, (n_pipes,), −1 where missing, and the names that the numbers stand for."""

    code: NDArray[np.intp]
    names: pd.Index

    def among(self, *wanted: str) -> Bools:
        """(n_pipes,) True where the system is one of those named."""
        chosen: Bools = np.append(self.names.isin(wanted), False)[self.code]  # the last is for −1
        return chosen


class _Fouling(NamedTuple):
    """One direction of mixing: its misconnections and what lies downstream of them."""

    at_node: Bools
    pipe_mask: Bools
    pipe_count: Ints
    node_count: Ints
    length_m: NDArray[np.float64]
    nearest: Ints
    distance_m: NDArray[np.float64]


def find_mixed_flow(net: DrainageNetwork) -> Result:
    """Find misconnections, mixed pipes and fouled outfalls, and grade them by T/CECS 758-2020.

    Parameters
    ----------
    net
        Any network. Pipes of unknown system take no part.

    Returns
    -------
    Result
        Tables:

        ``points`` (index ``finding_id``)
            One row per finding: ``node_id``, ``kind`` (``sewage_into_storm``, ``storm_into_sewage`` are misconnections;
            ``combined_below_separated``, ``sewage_at_storm_outfall`` are findings of their own), ``pipes_in`` and
            ``pipes_out`` (the pipes that meet), ``entering_diameter_mm``, ``grade`` 1–3 (3 = 重度; NaN where the
            diameter is unknown), ``fouled_length_m``, ``road``.
        ``pipes`` (index ``pipe_id``, all pipes)
            ``system`` as recorded, ``class`` (clean | combined | sewage_in_storm | storm_in_sewage | overflow |
            unknown), ``mixed``, ``carries_storm``, ``carries_sewage``, ``carries_storm_from``, ``carries_sewage_from``
            (recorded,
            or the node where it enters), ``misconnection_count``, ``nearest_misconnection``, ``nearest_m``.
        ``outfalls`` (index ``node_id``)
            ``misconnections`` that reach it, ``fouled``, ``storm_length_km`` of its catchment, ``density_per_km``,
            ``grade``.

        Summary: ``misconnections``, ``mixed_pipes``, ``mixed_length_km``, ``fouled_outfalls``, ``density_per_km``
        (misconnections per km of storm and sewage pipe), by direction, and ``density_grade`` of the worse.

    References
    ----------
    T/CECS 758-2020: 7.2.2 (grade of a point by the diameter that enters), 7.2.3 (density M = N/L), 7.2.4 (grades of M).
    DB4201/T 651-2021, 5.5.3 (definition by topology).

    Examples
    --------
    >>> import drainage as dr
    >>> mixed = dr.find_mixed_flow(dr.read_network("data/pipes.geojson").as_of("2018-12-31"))
    >>> bool(mixed.summary["misconnections"] > 0)
    True
    """
    pipes, nodes, graph = net.pipes, net.nodes, net.graph
    systems = _Systems(*pd.factorize(pipes["system"]))
    storm = systems.among("storm")
    length_m = pipes["length_m"].to_numpy()
    meets = _Meeting.build(graph, systems, nodes)
    foul_storm = _follow(graph, meets.sewage_into_storm, storm, length_m)
    foul_sewage = _follow(graph, meets.storm_into_sewage, systems.among("sewage"), length_m)
    overflow = storm & meets.interceptor[graph.tail]
    spill = graph.downstream(np.flatnonzero(meets.interceptor).astype(np.int32), storm)

    pipe_table = _pipe_table(net, systems, foul_storm, foul_sewage, overflow, spill.edges)
    points = _points(net, systems, meets, foul_storm, foul_sewage)
    outfalls = _outfalls(net, storm, foul_storm, foul_sewage)
    summary = _summary(points, pipe_table, outfalls, systems)
    notice = "合成演示数据 Synthetic demo data" if net.synthetic else None
    layers = (
        Layer(
            "mixed_flow",
            pipe_table,
            "class",
            (
                "pipe_id",
                "system",
                "class",
                "road",
                "diameter_mm",
                "misconnection_count",
                "nearest_misconnection",
                "nearest_m",
            ),
        ),
        Layer("outfalls", outfalls, "fouled", ("node_id", "misconnections", "density_per_km", "grade")),
        Layer(
            "misconnections",
            points,
            "kind",
            ("node_id", "kind", "pipes_in", "pipes_out", "grade", "fouled_length_m", "road"),
        ),
    )
    return Result("mixed_flow", {"points": points, "pipes": pipe_table, "outfalls": outfalls}, summary, layers, notice)


class _Meeting(NamedTuple):
    """What meets at each node, (n_nodes,) masks."""

    sewage_into_storm: Bools
    storm_into_sewage: Bools
    interceptor: Bools
    combined_below_separated: Bools
    sewage_at_storm_outfall: Bools

    @classmethod
    def build(cls, graph: FlowGraph, systems: _Systems, nodes: gpd.GeoDataFrame) -> _Meeting:
        kind = nodes["kind"].to_numpy(dtype=object)

        def arrives(*names: str) -> Bools:
            return np.bincount(graph.head[systems.among(*names)], minlength=graph.n_nodes) > 0

        def leaves(name: str) -> Bools:
            return np.bincount(graph.tail[systems.among(name)], minlength=graph.n_nodes) > 0

        interceptor = (kind == "interceptor") & leaves("sewage")
        counted = ~np.isin(kind, _EXEMPT) & ~interceptor
        return cls(
            sewage_into_storm=counted & arrives("sewage", "combined") & leaves("storm"),
            storm_into_sewage=counted & arrives("storm") & leaves("sewage"),
            interceptor=interceptor,
            combined_below_separated=counted & arrives("storm", "sewage") & leaves("combined"),
            sewage_at_storm_outfall=(kind == "outfall")
            & arrives("sewage")
            & (arrives("storm") | (nodes["system"] == "storm").to_numpy()),
        )


def _follow(graph: FlowGraph, at_node: Bools, pipe_mask: Bools, length_m: NDArray[np.float64]) -> _Fouling:
    sources = np.flatnonzero(at_node).astype(np.int32)
    node_count, pipe_count, fouled_m = graph.count_sources(sources, length_m, pipe_mask)
    distance, nearest = graph.distance_downstream(sources, length_m, pipe_mask)
    return _Fouling(at_node, pipe_count > 0, pipe_count, node_count, fouled_m, nearest, distance)


def _pipe_table(
    net: DrainageNetwork,
    systems: _Systems,
    foul_storm: _Fouling,
    foul_sewage: _Fouling,
    overflow: Bools,
    spill: Bools,
) -> gpd.GeoDataFrame:
    pipes, graph = net.pipes, net.graph
    mixed = foul_storm.pipe_mask | foul_sewage.pipe_mask
    fouling = np.where(
        foul_storm.pipe_mask,
        foul_storm.nearest[graph.tail],
        np.where(foul_sewage.pipe_mask, foul_sewage.nearest[graph.tail], -1),
    )
    distance = np.where(
        foul_storm.pipe_mask,
        foul_storm.distance_m[graph.tail],
        np.where(foul_sewage.pipe_mask, foul_sewage.distance_m[graph.tail], np.nan),
    )
    known, combined = ~systems.among("unknown", "reclaimed"), systems.among("combined")
    carries_storm, carries_sewage = systems.among("storm", "combined"), systems.among("sewage", "combined")
    n_nodes = graph.n_nodes  # texts are taken by number from one list: node ids, then what is no node
    origins = net.nodes.index.append(pd.Index(["recorded", "interceptor overflow"], dtype="str"))
    storm_from = np.where(carries_storm, n_nodes, np.where(foul_sewage.pipe_mask, fouling, -1))
    sewage_from = np.where(
        carries_sewage, n_nodes, np.where(foul_storm.pipe_mask, fouling, np.where(spill, n_nodes + 1, -1))
    )
    classes: dict[str, Bools] = {
        "unknown": ~known,
        "combined": combined,
        "overflow": overflow,
        "sewage_in_storm": foul_storm.pipe_mask,
        "storm_in_sewage": foul_sewage.pipe_mask,
        "clean": np.ones(len(pipes), np.bool_),
    }
    table = gpd.GeoDataFrame(
        {
            "system": _taken(systems.names, systems.code),
            "class": _taken(pd.Index(classes), np.select(list(classes.values()), np.arange(len(classes)))),
            "mixed": mixed,
            "carries_storm": carries_storm | foul_sewage.pipe_mask,
            "carries_sewage": carries_sewage | foul_storm.pipe_mask | spill,
            "carries_storm_from": _taken(origins, storm_from),
            "carries_sewage_from": _taken(origins, sewage_from),
            "misconnection_count": foul_storm.pipe_count + foul_sewage.pipe_count,
            "nearest_misconnection": _taken(net.nodes.index, fouling),
            "nearest_m": distance,
        },
        index=pipes.index,
        geometry=pipes.geometry,
    )
    return table.join(pipes[["from_node", "to_node", "diameter_mm", "length_m", "road", "area"]])


def _taken(names: pd.Index, number: NDArray[np.integer]) -> pd.Index:
    """Texts by number, missing where it is −1; much faster than an array of objects that pandas has to look through."""
    return names.astype("str").take(number, fill_value=np.nan)


def _points(
    net: DrainageNetwork, systems: _Systems, meets: _Meeting, foul_storm: _Fouling, foul_sewage: _Fouling
) -> gpd.GeoDataFrame:
    pipes, nodes, graph = net.pipes, net.nodes, net.graph
    entering = {
        SEWAGE_INTO_STORM: (meets.sewage_into_storm, ("sewage", "combined"), ("storm",)),
        STORM_INTO_SEWAGE: (meets.storm_into_sewage, ("storm",), ("sewage",)),
        "combined_below_separated": (meets.combined_below_separated, ("storm", "sewage"), ("combined",)),
        "sewage_at_storm_outfall": (meets.sewage_at_storm_outfall, ("sewage",), ()),
    }
    size = _entering_size_mm(pipes)
    parts = []
    for kind, (at_node, arriving, leaving) in entering.items():
        here = np.flatnonzero(at_node).astype(np.int32)
        size_in = np.full(graph.n_nodes, np.nan)
        comes = np.flatnonzero(at_node[graph.head] & systems.among(*arriving) & np.isfinite(size))
        largest = pd.Series(size[comes]).groupby(graph.head[comes]).max()
        size_in[largest.index.to_numpy()] = largest.to_numpy()
        fouling = {SEWAGE_INTO_STORM: foul_storm, STORM_INTO_SEWAGE: foul_sewage}.get(kind)
        parts.append(
            gpd.GeoDataFrame(
                {
                    "node_id": nodes.index[here].to_numpy(dtype=object),
                    "kind": kind,
                    "pipes_in": _names_at(
                        pipes.index, graph.head, systems.among(*arriving) & at_node[graph.head], here
                    ),
                    "pipes_out": _names_at(
                        pipes.index, graph.tail, systems.among(*leaving) & at_node[graph.tail], here
                    ),
                    "entering_diameter_mm": size_in[here],
                    "grade": _grade(size_in[here], _POINT_DIAMETERS_MM) if kind in MISCONNECTIONS else np.nan,
                    "fouled_length_m": fouling.length_m if fouling is not None else np.nan,
                    "road": _road_at(pipes, graph, at_node, here),
                },
                geometry=nodes.geometry.to_numpy()[here],
                crs=net.crs,
            )
        )
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=net.crs)
    table.index = pd.Index(
        [f"{kind}:{node}" for kind, node in zip(table["kind"], table["node_id"], strict=True)],
        name="finding_id",
        dtype="str",
    )
    return table


def _entering_size_mm(pipes: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Diameter, or the larger side of a box."""
    box = np.fmax(pipes["width_mm"].to_numpy(), pipes["height_mm"].to_numpy())
    return np.where(np.isfinite(pipes["diameter_mm"].to_numpy()), pipes["diameter_mm"].to_numpy(), box)


def _names_at(pipe_ids: pd.Index, end: Ints, mask: Bools, here: Ints) -> list[str]:
    """Ids of the marked pipes that touch each of the nodes with the given end, joined by commas."""
    wanted = np.flatnonzero(mask)
    names = pd.Series(pipe_ids[wanted].to_numpy(dtype=object)).groupby(end[wanted]).agg(", ".join)
    return names.reindex(here).fillna("").tolist()


def _road_at(pipes: gpd.GeoDataFrame, graph: FlowGraph, at_node: Bools, here: Ints) -> list[str | None]:
    touching = np.flatnonzero(at_node[graph.head] | at_node[graph.tail])
    roads = pipes["road"].iloc[touching].to_numpy(dtype=object)
    both = pd.concat(
        [pd.Series(roads, index=graph.tail[touching]), pd.Series(roads, index=graph.head[touching])]
    ).dropna()
    first = both.groupby(level=0).first()
    return first.reindex(here).astype(object).where(lambda s: s.notna(), None).tolist()


def _outfalls(net: DrainageNetwork, storm: Bools, foul_storm: _Fouling, foul_sewage: _Fouling) -> gpd.GeoDataFrame:
    nodes, graph = net.nodes, net.graph
    here = np.flatnonzero((nodes["kind"] == "outfall").to_numpy()).astype(np.int32)
    count = foul_storm.node_count + foul_sewage.node_count
    storm_km = graph_length_to_outfall(graph, net.pipes["length_m"].to_numpy() * storm, storm)[here] / 1000
    entries = foul_storm.node_count[here]
    density = np.divide(entries, storm_km, out=np.full(len(here), np.nan), where=storm_km > 0)
    return gpd.GeoDataFrame(
        {
            "misconnections": count[here],
            "fouled": count[here] > 0,
            "storm_length_km": storm_km,
            "density_per_km": density,
            "grade": np.where(entries > 0, _density_grade(density), np.nan),
        },
        index=pd.Index(nodes.index[here], name="node_id"),
        geometry=nodes.geometry.to_numpy()[here],
        crs=net.crs,
    )


def graph_length_to_outfall(graph: FlowGraph, pipe_value: NDArray[np.float64], allowed: Bools) -> NDArray[np.float64]:
    """Sum of a pipe value over all that drains to each node along the allowed pipes; forks split in equal shares."""
    own = np.bincount(graph.tail[allowed], weights=pipe_value[allowed], minlength=graph.n_nodes).astype(np.float64)
    part = FlowGraph(graph.tail[allowed], graph.head[allowed], graph.n_nodes)
    return part.accumulate(own)[0]


def _grade(value: NDArray[np.float64], limits: tuple[float, float]) -> NDArray[np.float64]:
    """1 below the first limit, 3 from the second on."""
    grade = 1.0 + np.searchsorted(limits, value, side="right")
    return np.where(np.isnan(value), np.nan, grade)


def _density_grade(per_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 below the first limit, 3 above the second: T/CECS 758-2020, table 7.2.4."""
    low, high = _DENSITIES_PER_KM
    return np.where(np.isnan(per_km), np.nan, 1.0 + (per_km >= low) + (per_km > high))


def _summary(
    points: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, outfalls: gpd.GeoDataFrame, systems: _Systems
) -> pd.Series:
    number = points["kind"].value_counts()
    length_km = pipes["length_m"].to_numpy() / 1000
    into_storm, into_sewage = int(number.get(SEWAGE_INTO_STORM, 0)), int(number.get(STORM_INTO_SEWAGE, 0))
    storm_km, sewage_km = (float(np.nansum(length_km[systems.among(name)])) for name in ("storm", "sewage"))
    densities = np.array([_ratio(into_storm, storm_km), _ratio(into_sewage, sewage_km)])
    grades = _density_grade(densities)
    grades = grades[np.array([into_storm, into_sewage]) > 0]
    return pd.Series(
        {
            "misconnections": into_storm + into_sewage,
            SEWAGE_INTO_STORM: into_storm,
            STORM_INTO_SEWAGE: into_sewage,
            "combined_below_separated": int(number.get("combined_below_separated", 0)),
            "sewage_at_storm_outfall": int(number.get("sewage_at_storm_outfall", 0)),
            "mixed_pipes": int(pipes["mixed"].sum()),
            "mixed_length_km": float(pipes.loc[pipes["mixed"], "length_m"].sum() / 1000),
            "overflow_pipes": int((pipes["class"] == "overflow").sum()),
            "fouled_outfalls": int(outfalls["fouled"].sum()),
            "density_per_km": _ratio(into_storm + into_sewage, storm_km + sewage_km),
            "density_storm_per_km": densities[0],
            "density_sewage_per_km": densities[1],
            "density_grade": int(np.nanmax(grades)) if len(grades) and np.isfinite(grades).any() else 0,
        },
        dtype=object,
    )


def _ratio(number: int, km: float) -> float:
    return number / km if km > 0 else float("nan")
