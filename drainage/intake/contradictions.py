"""Levels of 0, 1 and -1 distinguished from placeholders by their surroundings: ground, neighbours and pipes."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats
from drainage.intake.joining import Joined
from drainage.positions import coordinates
from drainage.schema import Issues
from drainage.schema.text.placeholders import LEVELS
from drainage.words import in_both

_ODD = (0.0, 1.0, -1.0)
# Choices of ours, no standard's. Refuted is a level more than 10 m, and a tenth of the way, off the ground of its five
# neighbours; supported a ground within 1 m of theirs and 2 %, and an invert down to 6 m below. A value repeated thrice
# of which two and a tenth are refuted, and thrice as many refuted as supported, means nothing.
_NEIGHBOURS = 5
_OFF_M, _STEEPEST = 10.0, 0.1
_NEAR_M, _GENTLE = 1.0, 0.02
_COVER_M = 6.0
_REPEATS, _REFUTED, _REFUTED_SHARE, _REFUTED_TIMES = 3, 2, 0.1, 3
# In a flat town neighbours are metres apart at the most. Where a value is repeated thrice as often as all others within
# 0.25 m of it, it stands out of its column, and half a metre and 0.5 % off its neighbours is enough to refute it.
_AROUND_M, _MORE_OFTEN = 0.25, 3
_FLAT_OFF_M, _FLAT_STEEPEST = 0.5, 0.005


class _Column(NamedTuple):
    """One column of levels: where its rows stand among the nodes, and which rows belong to one source."""

    table: gpd.GeoDataFrame
    name: str
    node_row: NDArray[np.intp]
    group: NDArray[np.object_]


def forget_contradicted(joined: Joined, issues: Issues) -> Joined:
    """Take levels of exactly 0, 1 or -1 as unknown where the levels around them say so, and only there.

    A zero at the sea, whose neighbours lie low too, stays. A value that is repeated, refuted at several places and
    supported at few is a placeholder everywhere in that system; else only the refuted ones are taken as unknown.
    """
    pipes, nodes = joined.pipes, joined.nodes
    if not _any_odd(pipes) and not _any_odd(nodes):
        return joined
    columns = [column for column in _columns(joined) if np.isin(column.table[column.name], _ODD).any()]
    tables = {id(pipes): pipes.copy(deep=False), id(nodes): nodes.copy(deep=False)}
    place, level = _references(joined)
    for column in columns:
        read = column.table[column.name].to_numpy(dtype=np.float64, copy=True)
        odd = np.isin(read, _ODD)
        above, distance = _around(place, level, column.node_row[odd], read[odd])
        refuted, supported = np.zeros((2, len(read)), np.bool_)
        deepest = _COVER_M if column.name.startswith("invert") else 0.0
        apart = _stands_out(read)[odd]
        flat = _FLAT_OFF_M + _FLAT_STEEPEST * distance
        off = np.where(apart, flat + deepest, _OFF_M + _STEEPEST * distance)
        near = np.where(apart, flat, _NEAR_M + _GENTLE * distance)
        refuted[odd] = (above > off) | (above < -np.where(apart, flat, off))
        supported[odd] = (above >= -near) & (above <= near + deepest)
        refuted |= _meaningless(read, odd, refuted, supported, column.group)
        if refuted.any():
            marks = ", ".join(f"{v:g}" for v in np.unique(read[refuted]))
            reason = in_both("levels_refuted", count=int(refuted.sum()), column=column.name, marks=marks)
            issues.add("placeholder", "warning", "column", [column.name], reason, in_both("taken_unknown"))
            read[refuted] = np.nan
            tables[id(column.table)][column.name] = read
    return joined._replace(pipes=tables[id(pipes)], nodes=tables[id(nodes)])


def _any_odd(table: gpd.GeoDataFrame) -> bool:
    return any(np.isin(table[name].to_numpy(), _ODD).any() for name in LEVELS if name in table)


def _columns(joined: Joined) -> list[_Column]:
    pipes, nodes = joined.pipes, joined.nodes
    system = pipes["system"].to_numpy(dtype=object)
    columns = [
        _Column(nodes, name, np.arange(len(nodes)), np.full(len(nodes), None)) for name in ("ground_m", "invert_m")
    ]
    for end, row in (("from", joined.tail), ("to", joined.head)):
        columns += [_Column(pipes, f"{what}_{end}_m", row, system) for what in ("invert", "ground")]
    return columns


def _references(joined: Joined) -> tuple[Floats, Floats]:
    """Return x, y of all nodes, and the level of each that is beyond doubt: ground, else invert, else of its pipes."""
    points = coordinates(joined.nodes.geometry)
    level = np.full(len(points), np.nan)
    for column in _columns(joined):
        read = column.table[column.name].to_numpy(dtype=np.float64)
        sound = np.isfinite(read) & ~np.isin(read, _ODD) & (column.node_row >= 0)
        sound &= np.isnan(level[column.node_row])
        level[column.node_row[sound]] = read[sound]
    return points, level


def _around(place: Floats, level: Floats, node_row: NDArray[np.intp], read: Floats) -> tuple[Floats, Floats]:
    """Return how far the neighbours lie above each level, and how far away; NaN where nothing is known around."""
    from scipy.spatial import cKDTree

    known = np.flatnonzero(np.isfinite(level) & np.isfinite(place).all(axis=1))
    above, distance = np.full((2, len(read)), np.nan)
    judged = np.flatnonzero((node_row >= 0) & np.isfinite(place[node_row]).all(axis=1))
    if not len(known) or not len(judged):
        return above, distance
    nearest = np.arange(1, min(_NEIGHBOURS, len(known)) + 1)
    away, which = cKDTree(place[known]).query(place[node_row[judged]], k=nearest)
    above[judged] = np.median(level[known][which], axis=1) - read[judged]
    distance[judged] = np.median(away, axis=1)
    return above, distance


def _stands_out(read: Floats) -> Bools:
    """Return which odd values are far more frequent than those around them, (n,)."""
    apart = np.zeros(len(read), np.bool_)
    for value in _ODD:
        here = read == value
        n = int(here.sum())
        apart |= here & (n >= _REPEATS and n > _MORE_OFTEN * (int((np.abs(read - value) <= _AROUND_M).sum()) - n))
    return apart


def _meaningless(read: Floats, odd: Bools, refuted: Bools, supported: Bools, group: NDArray[np.object_]) -> Bools:
    """Return the rows whose values are meaningless throughout their group."""
    meaningless = np.zeros(len(read), np.bool_)
    for value in _ODD:
        for name in set(group[odd & (read == value)]):
            here = odd & (read == value) & (group == name)
            n, against, for_it = int(here.sum()), int((here & refuted).sum()), int((here & supported).sum())
            often = against >= max(_REFUTED, _REFUTED_SHARE * n)
            if n >= _REPEATS and often and against >= _REFUTED_TIMES * for_it:
                meaningless |= here
    return meaningless
