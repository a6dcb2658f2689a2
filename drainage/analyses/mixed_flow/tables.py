"""The tables of mixed flow: pipes, points, outfalls, and which point reaches which outfall."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.analyses.mixed_flow.follow import (
    MISCONNECTIONS,
    SEWAGE_INTO_STORM,
    STORM_INTO_SEWAGE,
    Fouling,
    Meeting,
    Ways,
)
from drainage.arrays import Bools, Floats, Ints32, marked, texts_at
from drainage.graph import FlowGraph
from drainage.hydraulics.sewage import POINT_DIAMETERS_MM
from drainage.network import DrainageNetwork
from drainage.schema.coded import Coded
from drainage.schema.codes import UNDER_PRESSURE
from drainage.simulation.dry_weather import ORIGINS, Sewage, size_mm

DENSITIES_PER_KM = (5.0, 10.0)  # T/CECS 758-2020, table 7.2.4
#: Kinds of findings, in the order in which they are told.
KINDS = (*MISCONNECTIONS, "combined_below_separated", "sewage_at_storm_outfall")
_ORIGINS = pd.Index(ORIGINS)


def pipe_table(
    net: DrainageNetwork,
    foul_storm: Fouling,
    foul_sewage: Fouling,
    overflow: Bools,
    spill: Bools,
) -> gpd.GeoDataFrame:
    """Tabulate what each pipe carries, where it comes from, and what pollutes it."""
    pipes, graph, systems = net.pipes, net.graph, net.systems
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
    return gpd.GeoDataFrame(
        {
            "system": _taken(systems.words, systems.number),
            "class": _taken(pd.Index(classes), np.select(list(classes.values()), np.arange(len(classes)))),
            "mixed": mixed,
            "carries_storm": carries_storm | foul_sewage.pipe_mask,
            "carries_sewage": carries_sewage | foul_storm.pipe_mask | spill,
            "carries_storm_from": _taken(origins, storm_from),
            "carries_sewage_from": _taken(origins, sewage_from),
            "misconnection_count": foul_storm.pipe_count + foul_sewage.pipe_count,
            "nearest_misconnection": _taken(net.nodes.index, fouling),
            "nearest_m": distance,
            "sewage_m3d": foul_storm.pipe_m3d,
            "geometry": pipes.geometry.array,
            **{name: pipes[name] for name in ("from_node", "to_node", "diameter_mm", "length_m", "road", "area")},
        },
        index=pipes.index,
        geometry="geometry",
    )


def _taken(names: pd.Index, number: NDArray[np.integer]) -> pd.Index:
    """Texts by number, missing where it is −1; much faster than an array of objects that pandas has to look through."""
    return names.astype("str").take(number, fill_value=np.nan)


def point_table(
    net: DrainageNetwork,
    meets: Meeting,
    foul_storm: Fouling,
    foul_sewage: Fouling,
    sewage: Sewage,
    reach: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Tabulate what meets at each finding, what enters there and how far it reaches."""
    pipes, nodes, graph, systems = net.pipes, net.nodes, net.graph, net.systems
    entering = dict(
        zip(
            KINDS,
            (
                (meets.sewage_into_storm, ("sewage", "combined"), ("storm",)),
                (meets.storm_into_sewage, ("storm",), ("sewage",)),
                (meets.combined_below_separated, ("storm", "sewage"), ("combined",)),
                (meets.sewage_at_storm_outfall, ("sewage",), ()),
            ),
            strict=True,
        )
    )
    size = size_mm(pipes)
    m3d, origin = _entering_sewage(graph, meets.sewage_into_storm, systems, sewage)
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
                    "grade": grade(size_in[here], POINT_DIAMETERS_MM) if kind in MISCONNECTIONS else np.nan,
                    "fouled_length_m": fouling.length_m if fouling is not None else np.nan,
                    "sewage_m3d": m3d[here] if kind == SEWAGE_INTO_STORM else np.nan,
                    "sewage_by": _taken(
                        _ORIGINS, origin[here] if kind == SEWAGE_INTO_STORM else np.full(len(here), -1)
                    ),
                    "road": _road_at(pipes, graph, at_node, here),
                },
                geometry=nodes.geometry.array[here],
                crs=net.crs,
            )
        )
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=net.crs)
    table.index = _finding_ids(table["kind"], table["node_id"])
    finding = table.index.get_indexer(pd.Index(reach["finding_id"]))
    table["outfalls"] = texts_at(reach["outfall"], finding, np.arange(len(table)))
    table["outfall_m"] = reach.groupby("finding_id")["distance_m"].min().reindex(table.index)
    return table


def reach_table(net: DrainageNetwork, foul_storm: Fouling, foul_sewage: Fouling) -> pd.DataFrame:
    """Tabulate which misconnection reaches which outfall, the nearest first."""
    names = net.nodes.index
    parts = [
        pd.DataFrame(
            {
                "finding_id": _finding_ids(kind, names[pairs.source]),
                "outfall": names[pairs.outfall].astype("str"),
                "distance_m": pairs.distance_m,
            }
        )
        for kind, pairs in ((SEWAGE_INTO_STORM, foul_storm.pairs), (STORM_INTO_SEWAGE, foul_sewage.pairs))
    ]
    return pd.concat(parts).sort_values(["distance_m", "finding_id", "outfall"], ignore_index=True)


def _finding_ids(kind: pd.Series | str, node_id: pd.Series | pd.Index) -> pd.Index:
    return pd.Index(kind + ":" + node_id.astype("str"), name="finding_id", dtype="str")


def _entering_sewage(
    graph: FlowGraph, at_node: Bools, systems: Coded, sewage: Sewage
) -> tuple[Floats, NDArray[np.intp]]:
    """Sum of what enters at each node, and the worst of its origins; nan where nothing of it is known."""
    enters = np.flatnonzero(systems.among("sewage", "combined") & at_node[graph.head])
    node, m3d = graph.head[enters], sewage.m3d[enters]
    worst = np.full(graph.n_nodes, -1)
    np.maximum.at(worst, node, sewage.origin[enters])
    known = np.bincount(node, np.isfinite(m3d), graph.n_nodes) > 0
    return np.where(known, np.bincount(node, np.nan_to_num(m3d), graph.n_nodes), np.nan), worst


def _names_at(pipe_ids: pd.Index, end: Ints32, mask: Bools, here: Ints32) -> list[str]:
    """Ids of the marked pipes that touch each of the nodes with the given end, joined by commas."""
    wanted = np.flatnonzero(mask)
    return texts_at(pipe_ids[wanted], end[wanted], here)


def _road_at(pipes: gpd.GeoDataFrame, graph: FlowGraph, at_node: Bools, here: Ints32) -> list[str | None]:
    touching = np.flatnonzero(at_node[graph.head] | at_node[graph.tail])
    roads = pipes["road"].iloc[touching].to_numpy(dtype=object)
    both = pd.concat(
        [pd.Series(roads, index=graph.tail[touching]), pd.Series(roads, index=graph.head[touching])]
    ).dropna()
    first = both.groupby(level=0).first()
    return first.reindex(here).astype(object).where(lambda s: s.notna(), None).tolist()


def outfall_table(
    net: DrainageNetwork, drains: Ways, foul_storm: Fouling, foul_sewage: Fouling, reach: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Tabulate what reaches each outfall of a drain, and grade its catchment."""
    nodes, graph = net.nodes, net.graph
    pressed = net.systems.among(*UNDER_PRESSURE)
    feeds = marked(len(nodes), graph.head[pressed]) & ~marked(len(nodes), graph.head[~pressed])
    here = np.flatnonzero(net.kinds.among("outfall") & ~feeds).astype(np.int32)
    count = foul_storm.node_count + foul_sewage.node_count
    storm_km = _length_above(drains, net.pipes["length_m"].to_numpy())[here] / 1000
    entries = foul_storm.node_count[here]
    density = np.divide(entries, storm_km, out=np.full(len(here), np.nan), where=storm_km > 0)
    index = pd.Index(nodes.index[here], name="node_id")
    by_outfall = reach.groupby("outfall")
    return gpd.GeoDataFrame(
        {
            "misconnections": count[here],
            "fouled": count[here] > 0,
            "fouled_by": texts_at(reach["finding_id"], index.get_indexer(reach["outfall"]), np.arange(len(index))),
            "nearest_m": by_outfall["distance_m"].min().reindex(index).to_numpy(),
            "farthest_m": by_outfall["distance_m"].max().reindex(index).to_numpy(),
            "sewage_m3d": foul_storm.node_m3d[here],
            "storm_length_km": storm_km,
            "density_per_km": density,
            "grade": np.where(entries > 0, density_grade(density), np.nan),
        },
        index=index,
        geometry=nodes.geometry.array[here],
        crs=net.crs,
    )


def _length_above(drains: Ways, length_m: Floats) -> Floats:
    """Length of all drains that lead to each node, (n_nodes,), m; forks split it in equal shares."""
    graph = drains.graph
    own = np.bincount(graph.tail, weights=length_m[drains.allowed], minlength=graph.n_nodes).astype(np.float64)
    return graph.accumulate(own)[0]


def grade(value: Floats, limits: tuple[float, float]) -> Floats:
    """1 below the first limit, 3 from the second on."""
    grade = 1.0 + np.searchsorted(limits, value, side="right")
    return np.where(np.isnan(value), np.nan, grade)


def density_grade(per_km: Floats) -> Floats:
    """1 below the first limit, 3 above the second: T/CECS 758-2020, table 7.2.4."""
    low, high = DENSITIES_PER_KM
    return np.where(np.isnan(per_km), np.nan, 1.0 + (per_km >= low) + (per_km > high))
