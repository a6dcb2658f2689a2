"""At which nodes the new pipes of a survey begin and end: those that they name, those that lie there, or new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from drainage.arrays import Floats
from drainage.arrays import Rows as RowNumbers
from drainage.change_sets.absent_ids import AbsentIds
from drainage.change_sets.change_set import Change
from drainage.change_sets.new_rows import ENDS
from drainage.change_sets.survey_features import Rows, name_free
from drainage.graph import connect
from drainage.network import DrainageNetwork
from drainage.positions import FAR_M, coordinates, line_ends
from drainage.said import Said, joined
from drainage.schema.ids import KnownIds, fold_ids
from drainage.words import in_both, in_heading

#: What a made node takes over from the first of its pipes.
_TAKEN: Final = ("system", "road", "area")


@dataclass(frozen=True, slots=True, eq=False)
class NewEnds:
    """The pipes of a survey with the nodes at which they begin and end.

    Parameters
    ----------
    pipes
        Their table: nodes by the ids of the network or the survey, lines drawn from one to the other.
    made
        Nodes that neither the network nor the survey has.
    decided, problems
        What was decided, and what cannot be.
    """

    pipes: gpd.GeoDataFrame
    made: list[Change] = field(default_factory=list)
    decided: list[Said] = field(default_factory=list)
    problems: list[Said] = field(default_factory=list)


class _Nodes:
    """Nodes of the network and the survey by id, and where they lie."""

    def __init__(self, net: DrainageNetwork, points: Rows) -> None:
        new = points.new
        self.new = [points.ids[k] for k in new]
        self.ids = net.nodes.index.append(pd.Index(self.new, dtype="str"))
        self.xy = np.vstack([coordinates(net.nodes.geometry), coordinates(points.table.geometry.to_numpy()[new])])
        self._known = KnownIds(self.ids)

    def find(self, names: pd.Series) -> RowNumbers:
        """Return the row of each name, -1 for none."""
        return self._known.find(names)

    def near(self, places: Floats, within_m: float) -> RowNumbers:
        """Return the nearest node within a distance of each place, -1 for none."""
        found = np.full(len(places), -1, np.intp)
        here = np.flatnonzero(np.isfinite(self.xy).all(axis=1))
        asked = np.flatnonzero(np.isfinite(places).all(axis=1))
        if not len(here) or not len(asked):
            return found
        _, nearest = KDTree(self.xy[here]).query(places[asked], distance_upper_bound=within_m * (1 + 1e-9))
        hit = np.asarray(nearest) < len(here)
        found[asked[hit]] = here[np.asarray(nearest)[hit]]
        return found


def settle_ends(net: DrainageNetwork, lines: Rows, points: Rows, within_m: float, absent: AbsentIds) -> NewEnds:
    """Name the nodes of pipes, draw lines from the first to the last, and make the nodes that are not there."""
    nodes, pipes = _Nodes(net, points), lines.table.copy(deep=False)
    rows = {column: nodes.find(pipes[column]) for column, _ in ENDS}
    new = lines.new
    shapes = pipes.geometry.to_numpy().copy()
    shapes[new], turned = _from_first_to_last(shapes[new], *(_at(nodes.xy, rows[column][new]) for column, _ in ENDS))
    ends = dict(zip(("from_node", "to_node"), line_ends(shapes), strict=True))
    names = {column: _named(nodes, pipes[column], rows[column]) for column, _ in ENDS}
    found = NewEnds(pipes)
    met = 0
    for column, _ in ENDS:
        open_ = new[pd.isna(names[column][new])]
        near = nodes.near(ends[column][open_], within_m)
        names[column][open_[near >= 0]] = nodes.ids.to_numpy(dtype=object)[near[near >= 0]]
        met += int((near >= 0).sum())
    made = _make(found, lines, names, rows, ends, nodes, within_m, absent)
    shapes = _drawn(found, lines, shapes, names, {**_places(nodes), **made})
    for k in new.tolist():
        first, last = (names[column][k] for column, _ in ENDS)
        if first is not None and first == last:
            found.problems.append(_at_row(lines, k, in_both("survey_loop", node=first)))
    counts = (("survey_joined", met), ("survey_made", len(found.made)), ("survey_turned", turned))
    found.decided.extend(in_both(key, count=count, within_m=within_m) for key, count in counts if count)
    columns = {column: pd.Series(values, pipes.index, dtype=object) for column, values in names.items()}
    told = pipes.assign(**columns).set_geometry(gpd.GeoSeries(shapes, index=pipes.index, crs=pipes.crs))
    return NewEnds(told, found.made, found.decided, found.problems)


def _at(xy: Floats, rows: RowNumbers) -> Floats:
    return np.vstack([xy, [[np.nan, np.nan]]])[rows]


def _named(nodes: _Nodes, written: pd.Series, rows: RowNumbers) -> np.ndarray:
    """Return the ids of the nodes that are named, as the network spells them, None where none is."""
    ids = np.append(nodes.ids.to_numpy(dtype=object), [None])[rows]
    names: np.ndarray = np.where(rows >= 0, ids, written.astype(object).where(written.notna(), None).to_numpy())
    return names


def _from_first_to_last(shapes: np.ndarray, first: Floats, last: Floats) -> tuple[np.ndarray, int]:
    """Turn lines that are drawn from their last node to their first, and count them; a metre is no doubt."""
    start, end = line_ends(shapes)
    straight = np.nansum([np.hypot(*(start - first).T), np.hypot(*(end - last).T)], axis=0)
    crossed = np.nansum([np.hypot(*(end - first).T), np.hypot(*(start - last).T)], axis=0)
    against = crossed + 1.0 < straight
    shapes[against] = shapely.reverse(shapes[against])
    return shapes, int(against.sum())


def _make(
    found: NewEnds, lines: Rows, names: Mapping[str, np.ndarray], rows: Mapping[str, RowNumbers],
    ends: Mapping[str, Floats], nodes: _Nodes, within_m: float, absent: AbsentIds,
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Make the nodes that are named and not there, and those at ends without a name; return where they lie."""
    wanted = [
        (int(k), column)
        for k in lines.new
        for column, _ in ENDS
        if names[column][k] is None or (rows[column][k] < 0 and names[column][k] not in nodes.ids)
    ]
    xy = np.array([ends[column][k] for k, column in wanted]).reshape(-1, 2)
    called = [names[column][k] for k, column in wanted]
    group = _groups(called, xy, within_m)
    free = name_free("nodes", {*map(str, nodes.ids), *(str(one) for one in called if one is not None)})
    places: dict[str, tuple[float, float]] = {}
    for here in _by_first(group):
        k, column = wanted[here[0]]
        placed = xy[here][np.isfinite(xy[here]).all(axis=1)]
        if not len(placed):
            found.problems.append(_at_row(lines, k, _not_there(nodes, absent, column, called[here[0]])))
            continue
        apart = float(np.ptp(placed, axis=0).max())
        if apart > FAR_M:
            found.problems.append(_at_row(lines, k, in_both("survey_node_apart", node=called[here[0]], apart_m=apart)))
            continue
        name = str(called[here[0]] or next(free))
        for one in here:
            names[wanted[one][1]][wanted[one][0]] = name
        x, y = np.median(placed, axis=0)
        places[name] = (float(x), float(y))
        taken = {each: lines.table[each].iloc[k] for each in _TAKEN if each in lines.table}
        told = {each: str(value) for each, value in taken.items() if pd.notna(value) and value != "unknown"}
        found.made.append(Change(action="add", layer="nodes", id=name, columns=told, geometry=shapely.Point(x, y)))
    return places


def _by_first(group: np.ndarray) -> list[np.ndarray]:
    """Return the rows of each group, the groups by their first rows."""
    codes, _ = pd.factorize(group)
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1) if len(group) else []


def _groups(called: Sequence[object], xy: Floats, within_m: float) -> np.ndarray:
    """(n,) which ends are one node: those of one name, and of those without one what lies together."""
    folded = fold_ids(pd.Series(called, dtype="str"))
    codes, _ = pd.factorize(folded)
    nameless = np.flatnonzero(codes < 0)
    group = codes.astype(np.intp)
    placed = nameless[np.isfinite(xy[nameless]).all(axis=1)] if len(nameless) else nameless
    group[nameless] = len(codes) + np.arange(len(nameless))
    if len(placed):
        pairs = KDTree(xy[placed]).query_pairs(within_m, output_type="ndarray")
        together = connect((pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)), len(placed))
        group[placed] = 2 * len(codes) + together
    return group


def _not_there(nodes: _Nodes, absent: AbsentIds, column: str, name: object) -> Said:
    if name is None:
        return in_both("survey_no_end", column=in_heading(column))
    told = in_both("survey_node_nowhere", column=in_heading(column), node=name)
    return joined([told, *absent.alike("nodes", str(name), nodes.new)])


def _places(nodes: _Nodes) -> dict[str, tuple[float, float]]:
    return {str(name): (float(x), float(y)) for name, (x, y) in zip(nodes.ids, nodes.xy, strict=True)}


def _drawn(
    found: NewEnds, lines: Rows, shapes: np.ndarray, names: Mapping[str, np.ndarray],
    places: Mapping[str, tuple[float, float]],
) -> np.ndarray:  # fmt: skip
    """Draw new pipes without a line straight between their nodes."""
    straight = 0
    for k in lines.new:
        if shapes[k] is not None:
            continue
        ends = [places.get(str(names[column][k]), (np.nan, np.nan)) for column, _ in ENDS]
        if not np.isfinite(ends).all():
            if not found.problems:
                found.problems.append(_at_row(lines, int(k), in_both("survey_no_place")))
            continue
        shapes[k] = shapely.LineString(ends)
        straight += 1
    if straight:
        found.decided.append(in_both("survey_straight", count=straight))
    return shapes


def _at_row(lines: Rows, k: int, what: Said) -> Said:
    return in_both("at_place", place=lines.place(k), what=what)
