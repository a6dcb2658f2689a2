"""Levels and lengths that one part of a delivery says and another leaves out, completed and marked."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools
from drainage.intake.joining import Joined
from drainage.schema import Issues
from drainage.schema.codes import spell
from drainage.words import in_both


def complete_levels(joined: Joined, issues: Issues) -> Joined:
    """Complete inverts from manholes, depths and ground, ground from inverts and depths, and lengths from geometry.

    ground = invert + depth at every end. Nothing is interpolated or assumed: what no part of the source says stays
    missing. Columns ``invert_from_source``, ``invert_to_source``, ``length_source`` say where a value comes from
    (recorded | node | depth | geometry), ``ground_source`` likewise on nodes (recorded | pipes).
    """
    pipes, nodes = joined.pipes.copy(deep=False), joined.nodes.copy(deep=False)
    if "depth_m" in nodes:
        by_depth = nodes["ground_m"] - nodes["depth_m"]
        nodes["invert_m"] = nodes["invert_m"].where(nodes["invert_m"].notna(), by_depth)
    ground = nodes["ground_m"].copy()
    recorded = ground.notna()
    node_row = {"from": joined.tail, "to": joined.head}
    by_pipes = np.full(len(nodes), -np.inf)
    for end, row in node_row.items():
        for seen in (pipes.get(f"ground_{end}_m", None), pipes[f"invert_{end}_m"] + pipes[f"depth_{end}_m"]):
            if seen is not None:
                known = seen.notna().to_numpy() & (row >= 0)
                np.maximum.at(by_pipes, row[known], seen.to_numpy(dtype=np.float64)[known])
    nodes["ground_m"] = ground.where(recorded, np.where(np.isneginf(by_pipes), np.nan, by_pipes))
    if "ground_source" not in nodes:
        known = nodes["ground_m"].notna().to_numpy()
        nodes["ground_source"] = _first_of({"recorded": recorded.to_numpy(), "pipes": known})
    for end in ("from", "to"):
        at = node_row[end]
        invert = pipes[f"invert_{end}_m"].to_numpy()
        by_depth = nodes["ground_m"].to_numpy()[at] - pipes[f"depth_{end}_m"].to_numpy()
        by_node = nodes["invert_m"].to_numpy()[at]
        level = np.where(np.isfinite(invert), invert, np.where(np.isfinite(by_depth), by_depth, by_node))
        pipes[f"invert_{end}_m"] = level
        pipes[f"invert_{end}_source"] = _first_of(
            {"recorded": np.isfinite(invert), "depth": np.isfinite(by_depth), "node": np.isfinite(by_node)}
        )
    _report_unused_depths(pipes, issues)
    geometric = _drawn_length_m(pipes)
    length = pipes["length_m"].to_numpy(dtype=np.float64)
    doubtful = np.isfinite(length) & (geometric > 1) & ((length > 3 * geometric) | (length < geometric / 3))
    if pipes.crs is not None and doubtful.any():
        pairs = zip(length[doubtful], geometric[doubtful], strict=True)
        reasons = [in_both("lengths_differ", recorded=recorded, drawn=drawn) for recorded, drawn in pairs]
        action = in_both("drawn_length_used")
        issues.add("length_differs", "warning", "pipe", pipes.index[doubtful], reasons, action)
        length = np.where(doubtful, np.nan, length)
    recorded_length = np.isfinite(length) & (length > 0)
    pipes["length_source"] = _first_of({"recorded": recorded_length, "geometry": np.isfinite(geometric)})
    pipes["length_m"] = np.where(recorded_length, length, np.nan_to_num(geometric))
    return joined._replace(pipes=pipes, nodes=nodes)


def _report_unused_depths(pipes: gpd.GeoDataFrame, issues: Issues) -> None:
    """Report pipes whose depth is recorded and whose invert stays unknown, for want of a level of the ground."""
    unused = np.zeros(len(pipes), np.bool_)
    for end in ("from", "to"):
        unused |= (pipes[f"depth_{end}_m"].notna() & pipes[f"invert_{end}_m"].isna()).to_numpy()
    if unused.any():
        reason = in_both("depths_without_ground", count=int(unused.sum()))
        issues.add("depths_unused", "warning", "layer", ["pipes"], reason, in_both("give_the_ground"))


def _drawn_length_m(pipes: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Measure lines; missing on a schematic plan, whose lines have no lengths, and for pumps, weirs and the like."""
    if pipes.crs is None:
        return np.full(len(pipes), np.nan)
    drawn = np.asarray(pipes.geometry.values.length, np.float64)  # noqa: PD011 - of its shapes
    conduit = (pipes["link_type"] == "conduit").to_numpy() if "link_type" in pipes else np.ones(len(pipes), np.bool_)
    return np.asarray(np.where(conduit, drawn, np.nan), np.float64)


def _first_of(origins: dict[str, Bools]) -> pd.api.extensions.ExtensionArray:
    """Return the first origin that exists, missing where none does."""
    place = np.full(len(next(iter(origins.values()))), -1, np.int8)
    for number, mask in reversed([*enumerate(origins.values())]):
        place[mask] = number
    return spell([*origins], place)
