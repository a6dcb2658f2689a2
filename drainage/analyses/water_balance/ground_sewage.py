"""How much sewage the ground gives, and at which manhole it enters the sewers."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.water_balance.balance_terms import BalanceTerms
from drainage.analyses.water_balance.told_issues import first_of
from drainage.arrays import AnyRows, Floats, Ints, marked
from drainage.network import DrainageNetwork
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.schema.ids import find_ids
from drainage.simulation.dry_weather import SEWERS
from drainage.words import in_both

#: What the sewage of a catchment is told by, the best first.
SEWAGE_BY: Final = ("water_use", "people", "users", "unknown")
#: How a catchment is joined to the sewers.
JOINED_BY: Final = ("named", "nearest", "none")


def sewage_of_ground(net: DrainageNetwork, terms: BalanceTerms, issues: Issues) -> gpd.GeoDataFrame:
    """Tabulate the sewage of catchments, else of blocks, and of nodes that use water themselves.

    Returns
    -------
    Index of the ground: ``water_use_m3d``, ``sewage_m3d``, ``sewage_by`` (one of `SEWAGE_BY`), ``node_id`` (where it
    enters), ``joined_by`` (one of `JOINED_BY`), ``to_sewer_m``, ``row`` (of the node, -1 for none), geometry.
    """
    parts = [_of_ground(net, terms, issues), _of_nodes(net, terms)]
    return gpd.GeoDataFrame(pd.concat([part for part in parts if len(part)] or parts[:1]), crs=net.crs)


def _of_ground(net: DrainageNetwork, terms: BalanceTerms, issues: Issues) -> gpd.GeoDataFrame:
    ground = net.catchments if net.catchments is not None else net.layers.get("blocks")
    if ground is None:
        ground = gpd.GeoDataFrame({"people": []}, geometry=[], index=pd.Index([], name="catchment_id"), crs=net.crs)
    water, by = _water(ground, terms)
    takes = _takes_sewage(net)
    row = np.full(len(ground), -1, np.int64)
    joined = np.full(len(ground), 2)
    if "sewage_node_id" in ground:
        named = find_ids(ground["sewage_node_id"], net.nodes.index)
        given = ground["sewage_node_id"].notna().to_numpy()
        good = (named >= 0) & takes[named]
        lost = given & ~good
        if lost.any():
            said = in_both("sewage_node_unknown", **first_of(ground.index[lost]))
            issues.add(
                "sewage_node_unknown", "warning", "column", ["sewage_node_id"], said, in_both("sewage_node_nearest")
            )
        row[good], joined[good] = named[good], 0
    away = np.full(len(ground), np.nan)
    open_ = np.flatnonzero((joined == 2) & ground.geometry.notna().to_numpy() & (water > 0))
    sewers = np.flatnonzero(takes & net.nodes.geometry.notna().to_numpy())
    if len(open_) and len(sewers):
        tree = shapely.STRtree(np.asarray(net.nodes.geometry.array)[sewers])
        outlines = np.asarray(ground.geometry.array)[open_]
        (mine, found), distance = tree.query_nearest(outlines, return_distance=True, all_matches=False)
        away[open_[mine]] = distance
        near = distance <= terms.sewer_reach_m
        row[open_[mine[near]]], joined[open_[mine[near]]] = sewers[found[near]], 1
    beyond = (joined == 2) & (water > 0)
    if beyond.any():
        m3d = float(np.nansum(water[beyond])) * terms.return_share
        said = in_both("no_sewer_near", reach_m=terms.sewer_reach_m, m3d=m3d, **first_of(ground.index[beyond]))
        issues.add("no_sewer_near", "warning", "layer", ["catchments"], said, in_both("name_sewage_node"))
    unknown = np.isnan(water)
    if unknown.any():
        said = in_both("sewage_unknown", **first_of(ground.index[unknown]))
        issues.add("sewage_unknown", "warning", "layer", ["catchments"], said, in_both("record_water_use"))
    return _table(gpd.GeoSeries(ground.geometry), water, by, terms, row, joined, away, net)


def _of_nodes(net: DrainageNetwork, terms: BalanceTerms) -> gpd.GeoDataFrame:
    """Tabulate nodes of the sewers that use water: a hotel, a school, a factory."""
    nodes = net.nodes
    if not {"water_use_m3_per_day", "people", "users"} & set(nodes):
        return _table(
            gpd.GeoSeries(nodes.geometry.iloc[:0]), np.empty(0), np.empty(0, int), terms, *(np.empty(0, int),) * 3, net
        )
    water, by = _water(nodes, terms)
    own = np.flatnonzero(_takes_sewage(net) & (water > 0))
    return _table(
        gpd.GeoSeries(nodes.geometry.iloc[own]),
        water[own],
        by[own],
        terms,
        own,
        np.zeros(len(own), int),
        np.zeros(len(own)),
        net,
    )


def _takes_sewage(net: DrainageNetwork) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(n_nodes,) True where a sewer or a combined pipe begins."""
    sewer = net.systems.among(*SEWERS)
    return marked(len(net.nodes), net.graph.tail[sewer])


def _water(table: pd.DataFrame, terms: BalanceTerms) -> tuple[Floats, Ints]:
    """Return the water used in a day, (n,), m³, nan where unknown, and the number of `SEWAGE_BY`."""
    rates = (1.0, (terms.quota_l or np.nan) / 1000.0, terms.user_m3d if terms.user_m3d is not None else np.nan)
    columns = ("water_use_m3_per_day", "people", "users")
    offers = [column_of(table, name) * rate for name, rate in zip(columns, rates, strict=True)]
    # nobody is there: no water, whatever the rate
    offers[1] = np.where(column_of(table, "people") == 0, 0.0, offers[1])
    stacked = np.vstack([*offers, np.full(len(table), np.nan)])
    known = np.isfinite(stacked)
    known[-1] = True
    by = known.argmax(axis=0)
    return stacked[by, np.arange(len(table))], by


def _table(
    places: gpd.GeoSeries, water: Floats, by: Ints, terms: BalanceTerms, row: AnyRows, joined: Ints, away: Floats,
    net: DrainageNetwork,
) -> gpd.GeoDataFrame:  # fmt: skip
    names = net.nodes.index.to_numpy(dtype=object)
    rows = np.asarray(row, np.int64)
    taken_by = np.full(len(rows), None, dtype=object)
    taken_by[rows >= 0] = names[rows[rows >= 0]]
    return gpd.GeoDataFrame(
        {
            "water_use_m3d": np.asarray(water, np.float64),
            "sewage_m3d": np.asarray(water, np.float64) * terms.return_share,
            "sewage_by": np.array(SEWAGE_BY, dtype=object)[np.asarray(by, int)],
            "node_id": taken_by,
            "joined_by": np.array(JOINED_BY, dtype=object)[np.asarray(joined, int)],
            "to_sewer_m": np.asarray(away, np.float64),
            "row": rows,
        },
        geometry=np.asarray(places.array),
        index=places.index.rename("ground"),
        crs=net.crs,
    )
