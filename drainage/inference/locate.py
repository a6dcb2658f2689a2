"""Where each row of evidence lies in the network, and whether it was dry; what cannot be placed is an issue."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Rows
from drainage.evidence import Evidence
from drainage.inference.forest import StormForest
from drainage.network import DrainageNetwork
from drainage.schema import Issues
from drainage.schema.ids import find_ids
from drainage.schema.layers import EVIDENCE
from drainage.words import in_both

DRY_HOURS = 72.0  # dry weather is at least 72 h after rain: DB4201/T 651-2021, 5.4.1
_NEAR_M = 2.0  # a point without the name of a manhole is the nearest one within this distance: our choice


def locate(net: DrainageNetwork, forest: StormForest, evidence: Evidence, issues: Issues) -> dict[str, pd.DataFrame]:
    """Add ``node_row``, ``pipe_row``, ``cell`` and ``dry`` to every row of evidence.

    ``cell`` is the arriving pipe where one is named, else the manhole, −1 where the place is not a storm pipe. ``dry``
    is False only where the row itself says that it rained less than 72 h before. Rows without a place are left out.
    """
    located = {}
    for kind in EVIDENCE:
        table: pd.DataFrame = getattr(evidence, kind)
        node_row, pipe_row = place_rows(net, table, issues)
        # a camera runs through the pipe itself; a look is into the manhole, or at the pipe that arrives there
        cell = _cells(net, forest, np.full_like(node_row, -1) if kind == "cctv" else node_row, pipe_row)
        placed = (node_row >= 0) | (pipe_row >= 0)
        located[kind] = table.assign(node_row=node_row, pipe_row=pipe_row, cell=cell, dry=_dry(table))[placed]
    return located


def place_rows(net: DrainageNetwork, table: pd.DataFrame, issues: Issues) -> tuple[Rows, Rows]:
    """Return the row of the node and of the pipe that each reading names or lies at, (n_rows,), -1 for none."""
    rows, unknown = {}, np.zeros(len(table), np.bool_)
    for column, index, what in (("node_id", net.nodes.index, "manhole"), ("pipe_id", net.pipes.index, "pipe")):
        named = table[column] if column in table else pd.Series(pd.NA, table.index, dtype="str")
        is_named = named.notna().to_numpy()
        found = np.full(len(table), -1, np.intp)
        if is_named.any():
            found[is_named] = find_ids(named[is_named], index)
            _say_what_was_meant(named, found, index, what, issues)
        missing = (found < 0) & is_named
        reasons = [in_both(f"no_such_{what}", name=name) for name in named[missing]]
        issues.add(f"unknown_{what}", "error", "row", table.index[missing], reasons, in_both(f"{what}_not_used"))
        rows[column] = found
        unknown |= missing
    node, pipe = rows["node_id"], rows["pipe_id"]
    free = (node < 0) & (pipe < 0) & ~unknown
    by_point = free & np.isfinite(table["lon"].to_numpy(dtype=np.float64))
    if by_point.any() and net.crs is not None:
        node[by_point] = _nearest(net, table[by_point])
    nowhere = free & (node < 0)
    issues.add("no_place", "error", "row", table.index[nowhere], in_both("names_nothing"), in_both("row_not_used"))
    graph = net.graph
    both = (node >= 0) & (pipe >= 0)
    apart = both & (graph.head[pipe] != node) & (graph.tail[pipe] != node)
    issues.add(
        "pipe_elsewhere", "error", "row", table.index[apart], in_both("pipe_elsewhere"), in_both("manhole_alone_used")
    )
    pipe[apart] = -1
    return node, pipe


def _say_what_was_meant(named: pd.Series, found: Rows, index: pd.Index, what: str, issues: Issues) -> None:
    """Report names spelt otherwise than in the network, and names that could be of another register too."""
    known = found >= 0
    meant = index.astype("str").take(found[known])
    words = named[known].to_numpy(dtype=object)
    other = words != meant.to_numpy(dtype=object)
    reasons = [
        in_both(f"{what}_written_otherwise", word=word, name=name)
        for word, name in zip(words[other], meant[other], strict=True)
    ]
    issues.add("spelling", "info", "row", named.index[known][other], reasons, in_both(f"taken_as_{what}"))
    twins = index[index.astype("str").str.contains("~", regex=False)].astype("str")
    shared = np.isin(words, twins.str.replace(r"~[^~]*$", "", regex=True))
    if shared.any():
        reasons = [in_both(f"{what}_in_two_registers", word=word) for word in words[shared]]
        action = in_both(f"{what}_of_plain_id", twin=twins[0])
        issues.add("shared_id", "warning", "row", named.index[known][shared], reasons, action)


def _nearest(net: DrainageNetwork, table: pd.DataFrame) -> Rows:
    import geopandas as gpd
    import shapely

    nodes = net.nodes.geometry
    points = gpd.GeoSeries(shapely.points(table[["lon", "lat"]].to_numpy(dtype=np.float64)), crs=4326)
    points = points.to_crs(nodes.crs or 4326)
    at, node = nodes.sindex.nearest(points.to_numpy(), return_all=False, max_distance=_NEAR_M)
    found = np.full(len(table), -1, np.intp)
    found[at] = node
    return found


def _cells(net: DrainageNetwork, forest: StormForest, node: Rows, pipe: Rows) -> NDArray[np.int32]:
    at_node = np.where(node >= 0, forest.node_cell[node], -1)
    arriving = (pipe >= 0) & ((node < 0) | (net.graph.head[pipe] == node))
    return np.where(arriving, forest.pipe_cell[pipe], at_node).astype(np.int32)


def _dry(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Hours since rain, said or reckoned from two dates; a row that says neither is taken as dry."""
    if "last_rain" not in table:
        return np.ones(len(table), np.bool_)
    since = (table["date"] - table["last_rain"]).dt.total_seconds().to_numpy(dtype=np.float64) / 3600.0
    hours = np.fmin(table["dry_hours"].to_numpy(dtype=np.float64), np.nan_to_num(since, nan=np.inf))
    dry = np.asarray(~(hours < DRY_HOURS))
    if "weather" in table:
        dry &= ~is_wet_weather(table)
    return dry


def is_wet_weather(table: pd.DataFrame) -> NDArray[np.bool_]:
    """(n_rows,) True where the row says that it rained."""
    said = table["weather"].astype("str").str.strip().str.lower()
    return said.isin(["wet", "rain", "storm", "雨", "雨天", "1", "yes"]).to_numpy(dtype=np.bool_)
