"""The change set of a delivered survey: what it says otherwise than the network, and what it has that is new there.

Features with ids of the network are changes, in the columns that the survey records; others are additions. What the
survey does not hold stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np

from drainage.change_sets.absent_ids import AbsentIds
from drainage.change_sets.change_set import Change, ChangeSet
from drainage.change_sets.roads_of_changes import place_on_roads
from drainage.change_sets.survey_ends import NewEnds, settle_ends
from drainage.change_sets.survey_features import Rows, identify, recorded_of, sheet_word
from drainage.change_sets.survey_levels import inverts_by_depth
from drainage.change_sets.survey_values import changed_values, is_moved, told_values
from drainage.errors import SchemaError
from drainage.network import DrainageNetwork
from drainage.said import Said, joined
from drainage.schema.issues import first_told
from drainage.words import in_both


@dataclass(frozen=True, slots=True, eq=False)
class OfSurvey:
    """What a survey asks for.

    Parameters
    ----------
    changes
        Its edits.
    decided
        What was decided where the survey leaves it open, sentence by sentence.
    unchanged
        How many of its features are in the network as they are.
    """

    changes: ChangeSet
    decided: Sequence[Said]
    unchanged: int


def changes_of_survey(
    net: DrainageNetwork, pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame | None, *, name: str,
    join_within_m: float = 0.1, own: Sequence[str] = (), found: Sequence[Said] = (),
) -> OfSurvey:  # fmt: skip
    """Return what a survey says otherwise than a network.

    Parameters
    ----------
    net
        The network; what a row does not record it keeps.
    pipes, nodes
        Tables in the CRS of the network with our columns, ids among them, missing where nothing is recorded, and
        ``action``: add | change | abandon | same, None where the survey says nothing of it; ``sheet_in_file`` and
        ``row_in_file`` where they have them: what messages call a row.
    name
        Of the change set: that of the file.
    join_within_m
        A feature without id that lies this near to one of the network is that one; a pipe that names no node is joined
        to the nearest within it; what has moved by less has not moved, m. 0.1 as in reading.
    own
        Roads of the one whose survey it is: no message names a feature of others that he has not named. Empty: all are.
    found
        What is wrong with the survey already: it is told with the rest.

    Raises
    ------
    SchemaError
        Two rows are one feature, an action does not fit, a feature has no place, or an id lies somewhere else than in
        the network: all are named.
    """
    decided: list[Said] = []
    absent = AbsentIds(net, own)
    points = _rows_of(net, "nodes", nodes, join_within_m, decided, absent)
    lines = _rows_of(net, "pipes", pipes, join_within_m, decided, absent)
    problems = [*found, *points.problems, *lines.problems]
    if points.problems:  # of nodes that are in doubt nobody can tell which pipes miss them
        raise refused(name, problems)
    ends = settle_ends(net, lines, points, join_within_m, absent)
    if problems := [*problems, *ends.problems]:
        raise refused(name, [*problems, *_on_roads_of_others(net, lines, ends, name, own)])
    levels = inverts_by_depth(net, lines, points, ends)
    decided += [*ends.decided, *levels.decided]
    drawn = _edits("pipes", net.pipes, lines, join_within_m, ends)
    edits = [
        *_edits("nodes", net.nodes, points, join_within_m, None),
        *ends.made,
        *(_completed(one, levels.values.get(k)) for k, one in enumerate(drawn)),
    ]
    told = [one for one in edits if one is not None]
    return OfSurvey(ChangeSet(name=name, changes=told, crs=net.crs), decided, len(edits) - len(told))


def _on_roads_of_others(
    net: DrainageNetwork, lines: Rows, ends: NewEnds, name: str, own: Sequence[str]
) -> Sequence[Said]:
    """Say which pipes lie on roads of others, of those for which it is clear whether they are new."""
    if not own:
        return ()
    clear = [(action == "add") == (at < 0) for at, action in zip(lines.row.tolist(), lines.actions, strict=True)]
    kept = np.flatnonzero(clear)
    rows = replace(lines, table=lines.table.iloc[kept], ids=[lines.ids[k] for k in kept], row=lines.row[kept],
                   actions=[lines.actions[k] for k in kept], numbers=[lines.numbers[k] for k in kept])  # fmt: skip
    edits = _edits("pipes", net.pipes, rows, 0.0, replace(ends, pipes=ends.pipes.iloc[kept]))
    told = [*ends.made, *(one for one in edits if one is not None)]
    return place_on_roads(net, ChangeSet(name=name, changes=told, crs=net.crs), own).problems


def _completed(one: Change | None, values: Mapping[str, object] | None) -> Change | None:
    return one if one is None or values is None else replace(one, columns={**one.columns, **values})


def refused(name: str, problems: Sequence[Said]) -> SchemaError:
    """Return the error that names each problem of a delivery that can be told at once."""
    told = [in_both("delivery_refused", file=name), *first_told(problems), in_both("further_checks")]
    return SchemaError(joined(told, "\n"))


def _rows_of(
    net: DrainageNetwork, layer: str, table: gpd.GeoDataFrame | None, join_within_m: float, decided: list[Said],
    absent: AbsentIds,
) -> Rows:  # fmt: skip
    known = net.pipes if layer == "pipes" else net.nodes
    rows = identify(layer, known, known.iloc[:0] if table is None else table, join_within_m, absent, net.origin.as_of)
    told = {"survey_by_place": rows.by_place, "survey_numbered": rows.numbered, "survey_gone": rows.gone}
    for key, named in told.items():
        if named:
            decided.append(in_both(key, layer=sheet_word(layer), count=len(named), first=named[0]))
    return rows


def _edits(
    layer: str, known: gpd.GeoDataFrame, rows: Rows, join_within_m: float, ends: NewEnds | None
) -> list[Change | None]:
    """Return the edit of each row; None where it says nothing new."""
    table = rows.table if ends is None else ends.pipes
    columns = recorded_of(layer, table)
    cells = {column: table[column].to_numpy(dtype=object) for column in columns}
    shapes = table.geometry.to_numpy()
    moved = is_moved(known, rows.row, shapes, join_within_m)
    old = {column: known[column].to_numpy(dtype=object) if column in known else None for column in columns}
    edits: list[Change | None] = []
    for k, (name, at, action) in enumerate(zip(rows.ids, rows.row.tolist(), rows.actions, strict=True)):
        here = {column: values[k] for column, values in cells.items()}
        if action == "same":
            edits.append(None)
            continue
        if action == "abandon":
            day = told_values(layer, {"abandoned": here.get("abandoned")})
            edits.append(Change(action="abandon", layer=layer, id=name, columns=day, stands=rows.place(k)))
            continue
        if action == "add":
            told = told_values(layer, here)
            edits.append(
                Change(action="add", layer=layer, id=name, columns=told, geometry=shapes[k], stands=rows.place(k))
            )
            continue
        was = {column: None if values is None else values[at] for column, values in old.items()}
        told, place = changed_values(layer, here, was), shapes[k] if moved[k] else None
        edits.append(
            Change(action="change", layer=layer, id=name, columns=told, geometry=place, stands=rows.place(k))
            if told or place is not None
            else None
        )
    return edits
