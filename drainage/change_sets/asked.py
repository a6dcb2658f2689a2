"""What a change set asks for, held against a network: ids, columns, values, days and places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.change_sets.asked_values import as_cell, column_problem, id_problem, value_problem
from drainage.change_sets.change_set import ADDED_BY, FEATURE_OF, Change, ChangeSet
from drainage.errors import CrsError
from drainage.network import DrainageNetwork
from drainage.said import Said
from drainage.schema.issues import MOST_TOLD
from drainage.schema.layers import LAYERS
from drainage.words import in_both

#: Columns that no value may be unknown in.
_NEEDED: Final = {"pipes": ("from_node", "to_node")}


def in_crs_of(net: DrainageNetwork, one: ChangeSet, far_m: float) -> ChangeSet:
    """Return a change set with its places in the CRS of a network; they stay as they are where it is the same.

    Raises
    ------
    CrsError
        One of the two lies nowhere and the other does not, or the places are farther away than ``far_m``.
    """
    drawn = [k for k, each in enumerate(one.changes) if each.geometry is not None]
    if not drawn:
        return replace(one, crs=net.crs)
    if (one.crs is None) != (net.crs is None):
        raise CrsError(in_both("set_on_plan" if net.crs is None else "set_without_crs", file=one.name))
    shapes = gpd.GeoSeries(np.array([one.changes[k].geometry for k in drawn], dtype=object), crs=one.crs)
    if one.crs != net.crs and net.crs is not None:
        shapes = shapes.to_crs(net.crs)
    changes = list(one.changes)
    for k, shape in zip(drawn, shapes, strict=True):
        changes[k] = replace(changes[k], geometry=shape)
    _refuse_far(net, replace(one, changes=changes), shapes, drawn, far_m)
    return replace(one, changes=changes, crs=net.crs)


def _refuse_far(net: DrainageNetwork, one: ChangeSet, shapes: gpd.GeoSeries, drawn: list[int], far_m: float) -> None:
    west, south, east, north = net.nodes.total_bounds
    if net.crs is None or not np.isfinite(west):
        return
    distance = shapely.distance(shapely.box(west, south, east, north), shapes.to_numpy())
    far = np.flatnonzero(distance > far_m)
    if len(far):
        k = int(far[0])
        place, km = one.changes[drawn[k]].place(one.name), float(distance[k]) / 1000
        raise CrsError(
            in_both("set_far_away", place=place, km=km, count=len(far), network=net.source or in_both("the_network"))
        )


def check_changes(tables: Mapping[str, gpd.GeoDataFrame], one: ChangeSet) -> list[Said]:
    """Return a sentence for each edit that cannot be made, with its place."""
    problems: list[Said] = []
    for change in one.changes:
        place = change.place(one.name)
        if change.layer not in FEATURE_OF:
            known = ", ".join(FEATURE_OF)
            problems.append(in_both("layer_not_edited", place=place, layer=change.layer, known=known))
            continue
        table = tables.get(FEATURE_OF[change.layer])
        if table is None:
            problems.append(in_both("layer_not_there", place=place, layer=change.layer))
            continue
        problems += [
            in_both("at_place", place=place, what=said)
            for said in _problems(table, change, liken=len(problems) < MOST_TOLD)
        ]
    return problems


def _problems(table: gpd.GeoDataFrame, one: Change, *, liken: bool) -> Iterator[Said]:
    """Yield what is wrong with one edit; ids like one that is not there are sought where that will be told."""
    there = one.id in table.index
    if one.action == "add" and there:
        yield in_both("id_there", id=one.id)
        return
    if one.action != "add" and not there:
        yield id_problem(one.layer, table, one.id, liken=liken)
        return
    yield from _cells_wrong(table, one)
    yield from _place_wrong(table, one)
    if one.action == "abandon":
        yield from _abandon_wrong(table, one)
    if one.action == "remove":
        if ADDED_BY not in table or bool(table[ADDED_BY].isna()[one.id]):
            yield in_both("remove_of_survey" if one.layer == "pipes" else "remove_of_other")
        if one.columns or one.geometry is not None:
            yield in_both("remove_with_values")
    yield from _days_wrong(table, one)


def _cells_wrong(table: gpd.GeoDataFrame, one: Change) -> Iterator[Said]:
    for column, value in one.columns.items():
        if (said := column_problem(one.layer, table, column)) or (said := value_problem(one.layer, column, value)):
            yield said
            continue
        if column == ADDED_BY and one.action != "add":
            yield in_both("added_by_kept")
        if value is None and column in _NEEDED.get(one.layer, ()):
            yield in_both("never_unknown", column=column)
        if column in table and column != table.geometry.name:
            try:
                as_cell(value, table[column].dtype)
            except ValueError:
                yield in_both(
                    "value_of_other_type", column=column, value=str(value)[:40], type=str(table[column].dtype)
                )


def _place_wrong(table: gpd.GeoDataFrame, one: Change) -> Iterator[Said]:
    model = LAYERS[one.layer]
    shapes = {"line": ("LineString", "MultiLineString"), "point": ("Point",), "polygon": ("Polygon", "MultiPolygon")}
    allowed = [name for kind in model.geometry for name in shapes.get(kind, ())]
    if one.geometry is not None:
        if one.geometry.geom_type not in allowed:
            yield in_both("shape_of_other_kind", found=one.geometry.geom_type, expected=" / ".join(allowed))
        elif one.geometry.is_empty or not np.isfinite(shapely.get_coordinates(one.geometry)).all():
            yield in_both("shape_empty")
    elif one.action == "add" and table.crs is not None and "geometry" not in one.columns and _drawn(one.layer):
        yield in_both("shape_missing", expected=" / ".join(allowed))
    if one.columns.get("geometry") is not None:
        yield in_both("shape_as_value")


def _drawn(layer: str) -> bool:
    """Return whether each feature of a layer has to lie somewhere."""
    return layer in {"pipes", "nodes"} or "none" not in LAYERS[layer].geometry


def _abandon_wrong(table: gpd.GeoDataFrame, one: Change) -> Iterator[Said]:
    if one.layer != "pipes":
        yield in_both("abandon_pipes_only")
        return
    if one.columns.get("abandoned") is None:
        yield in_both("abandon_when")
    recorded, asked = _day_of(table, one, "abandoned"), _day_of(table, one, "abandoned", asked=True)
    if recorded is not None and (asked is None or recorded <= asked):  # to go earlier than was meant is an edit
        yield in_both("abandoned_already", day=recorded)


def _days_wrong(table: gpd.GeoDataFrame, one: Change) -> Iterator[Said]:
    """Yield that a pipe is abandoned before it is commissioned, if the edit touches either day."""
    if not {"commissioned", "abandoned"} & set(one.columns):
        return
    laid, left = (_day_of(table, one, column, asked=True) for column in ("commissioned", "abandoned"))
    if laid is not None and left is not None and left < laid:
        yield in_both("days_wrong_way", commissioned=laid, abandoned=left)


def _day_of(table: gpd.GeoDataFrame, one: Change, column: str, *, asked: bool = False) -> dt.date | None:
    """Return a day of a feature: that which is asked for, else that which is recorded; None where there is none."""
    if asked and column in one.columns:
        day = pd.to_datetime(str(one.columns[column]), errors="coerce")
    elif column in table and one.id in table.index:
        day = pd.to_datetime(table[column])[one.id]
    else:
        return None
    return None if pd.isna(day) else day.date()
