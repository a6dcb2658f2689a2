"""Features that a change set adds, as rows of the table in which they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray

from drainage.arrays import Ints
from drainage.change_sets.asked_values import as_cell
from drainage.change_sets.change_set import ADDED_BY, Change
from drainage.repairs.draft import Draft
from drainage.said import Said
from drainage.words import in_both

#: Ends of a pipe: column of the node, place of the point in its line.
ENDS: Final = (("from_node", 0), ("to_node", -1))


def rows_to_add(
    draft: Draft, feature: str, changes: Sequence[Change], *, set_name: str, synthetic: bool
) -> gpd.GeoDataFrame:
    """Return the new rows in the columns and types of their table; unknown is what the change set does not say."""
    table = draft.tables[feature]
    index = pd.Index([one.id for one in changes], dtype=table.index.dtype, name=table.index.name)
    told = [with_defaults(feature, table, one, set_name=set_name, synthetic=synthetic) for one in changes]
    columns = {
        str(name): pd.Series(
            [as_cell(row.get(str(name)), table[name].dtype) for row in told], index=index, dtype=table[name].dtype
        )
        for name in table.columns.drop([str(table.geometry.name)])
    }
    shapes = np.array([one.geometry for one in changes], dtype=object)
    geometry = gpd.GeoSeries(GeometryArray(shapes, crs=table.crs), index=index)
    place = str(table.geometry.name)
    return gpd.GeoDataFrame({**columns, place: geometry}, geometry=place, crs=table.crs)[list(table.columns)]


def with_defaults(
    feature: str, table: gpd.GeoDataFrame, one: Change, *, set_name: str, synthetic: bool
) -> dict[str, object]:
    """Return the values of a new feature: what it says, who added it, and where that comes from."""
    values = dict(one.columns)
    values.setdefault(ADDED_BY, set_name)
    if "synthetic" in table:
        values.setdefault("synthetic", synthetic)
    if feature == "pipe" and "length_m" not in values and table.crs is not None and one.geometry is not None:
        values |= {"length_m": float(one.geometry.length), "length_source": "geometry"}
    if feature == "node":
        values.setdefault("kind_source", "inferred" if values.get("kind") is None else "recorded")
    for column in ("invert_from_m", "invert_to_m", "length_m", "ground_m"):
        mark = f"{column.removesuffix('_m')}_source"
        if values.get(column) is not None and mark in table:
            values.setdefault(mark, "recorded")
    if feature == "pipe" and "system" not in values:
        values["system"] = "unknown"
    return values


def places_in_order(changes: Sequence[Change], n_rows: int) -> tuple[list[Change], Ints]:
    """Return new features in the order of their rows, and the old row behind which each goes."""
    fixed = sorted((one for one in changes if one.row is not None), key=lambda one: one.row or 0)
    place = [min(int(one.row or 0) - k - 1, n_rows) for k, one in enumerate(fixed)]
    loose = [one for one in changes if one.row is None]
    return [*fixed, *loose], np.array([*place, *[n_rows] * len(loose)], np.int64)


def joined_ends(
    changes: Sequence[Change], nodes: gpd.GeoDataFrame, join_within_m: float, place_of: Callable[[Change], Said]
) -> tuple[list[Change], list[Said], dict[str, Said]]:  # fmt: skip
    """Name the nodes of new pipes that name none: the one at which their line ends, if it is near and the only one.

    Returns
    -------
    The pipes with their nodes, what is wrong, and what was joined by pipe.
    """
    points = nodes.geometry.to_numpy()
    tree = shapely.STRtree(points)
    found, problems, said = list[Change](), list[Said](), dict[str, Said]()
    for one in changes:
        values = dict(one.columns)
        for column, at in ENDS:
            if column in values or one.geometry is None:
                continue
            end = shapely.get_point(one.geometry, at)
            none = np.zeros(0, np.int64)
            near = none if end is None else np.sort(tree.query(end, predicate="dwithin", distance=join_within_m))
            if len(near) != 1:
                where = "–" if end is None else f"{end.x:.3f}, {end.y:.3f}"
                key = "end_no_node" if len(near) == 0 else "end_many_nodes"
                problems.append(
                    in_both(
                        key, place=place_of(one), column=column, where=where, within_m=join_within_m, count=len(near)
                    )
                )
                continue
            values[column] = str(nodes.index[near[0]])
            distance = float(shapely.distance(end, points[near[0]]))
            text = in_both("end_joined", column=column, node=values[column], distance_m=distance)
            said[one.id] = text if one.id not in said else in_both("clauses", first=said[one.id], second=text)
        found.append(replace(one, columns=values))
    return found, problems, said
