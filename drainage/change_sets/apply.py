"""A change set made true: a new network, the log of each cell, and the change set that takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from drainage.change_sets.asked import check_changes, in_crs_of
from drainage.change_sets.asked_values import as_cell, type_of_new, wider_type
from drainage.change_sets.between import changes_between, mark_of
from drainage.change_sets.change_set import ADDED_BY, FEATURE_OF, LAYER_OF, Change, ChangeSet
from drainage.change_sets.conflicts import find_conflicts
from drainage.change_sets.connectivity import find_effects
from drainage.change_sets.new_rows import joined_ends, places_in_order, rows_to_add
from drainage.errors import SchemaError
from drainage.network import DrainageNetwork
from drainage.repairs.draft import Draft, cells
from drainage.repairs.rounds import settle_kinds
from drainage.said import Said, joined
from drainage.schema.issues import first_told
from drainage.schema.text.dates import day_of
from drainage.wants import wants
from drainage.words import in_both

_RULE: Final = "change_set"
#: Nodes before the pipes that name them.
_ORDER: Final = ("node", "pipe", "catchment", "block", "report")


@dataclass(frozen=True, eq=False, slots=True)
class Applied:
    """A network after edits, and what they did.

    Parameters
    ----------
    network
        The new network; the one that was edited is untouched.
    log
        One row per change of a cell or row, as that of `drainage.repair`; `drainage.repairs.undo_repair` reads it.
    inverse
        The change set that takes it all back.
    effects
        What the edits did to the connections: ``effect``, ``feature_kind``, ``feature_id``, ``reason``, and a place.
    summary
        Features by action; pipes, nodes, connected parts and what reaches an outfall before and after.

    Examples
    --------
    >>> import drainage as dr
    >>> from drainage.change_sets import Change, ChangeSet
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> wider = Change(action="change", layer="pipes", id="YSL2986", columns={"diameter_mm": 1000.0})
    >>> made = dr.apply_changes(net, ChangeSet(name="wider", changes=[wider]))
    >>> made.log[["feature_id", "column", "before", "after"]]
      feature_id       column before   after
    0    YSL2986  diameter_mm  400.0  1000.0
    >>> made.inverse
    <ChangeSet inverse of wider: 1 change>
    """

    network: DrainageNetwork
    log: pd.DataFrame
    inverse: ChangeSet
    effects: pd.DataFrame
    summary: pd.Series

    def __repr__(self) -> str:
        """Return one line with counts."""
        return f"<Applied: {len(self.log):,} changes, {len(self.effects):,} effects, {self.network!r}>"


@wants
def apply_changes(
    net: DrainageNetwork,
    changes: ChangeSet | Sequence[ChangeSet],
    *,
    on: str | None = None,
    join_within_m: float = 0.1,
    far_m: float = 10_000.0,
) -> Applied:
    """Return the network with edits made: all of them, or an error that names each one that cannot be.

    Parameters
    ----------
    net
        Network with the pipes of all days.
    changes
        One change set, or several that are made in order.
    on
        Day, YYYY-MM-DD, for what is abandoned without one.
    join_within_m
        The end of a new pipe that names no node is joined to the only node within this distance; 0.1 as in reading.
    far_m
        Change sets whose places lie farther than this outside the network are of another town; 10 km is our choice.

    Raises
    ------
    SchemaError
        Edits contradict each other, name what does not exist, or hold values that no cell can. Nothing is made then.
    CrsError
        The places lie in another town.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo()
    >>> from drainage.change_sets import Change, ChangeSet
    >>> wider = Change(action="change", layer="pipes", id=net.pipes.index[0], columns={"diameter_mm": 800})
    >>> done = dr.apply_changes(net, ChangeSet(name="wider", changes=[wider]))
    >>> dr.apply_changes(done.network, done.inverse).network.pipes.equals(net.pipes)
    True
    """
    if on is not None:
        day_of(on, "on")
    sets = [changes] if isinstance(changes, ChangeSet) else list(changes)
    here = [in_crs_of(net, each, far_m) for each in sets]
    problems = find_conflicts(here)
    draft = Draft(net)
    for each in () if problems else here:
        problems += _make(draft, net, each, on=on, join_within_m=join_within_m)
    problems = problems or _nodes_missing(draft, here)
    if problems:
        raise SchemaError(joined([in_both("nothing_applied"), *first_told(problems)], "\n"))
    settle_kinds(draft)
    after = draft.network(net)
    inverse = changes_between(after, net, name=joined([in_both("inverse_of"), *[one.name for one in sets]], " "))
    effects, facts = find_effects(net, after, join_within_m)
    counts = {f"{name}_features": sum(one.counts()[name] for one in sets) for name in sets[0].counts()} if sets else {}
    return Applied(after, draft.log(), inverse, effects, pd.Series(counts | facts, dtype=object, name="what_if"))


def problems_of(net: DrainageNetwork, one: ChangeSet) -> list[Said]:
    """Return what is wrong with each edit by itself, as `apply_changes` would say it."""
    return find_conflicts([one]) or check_changes(Draft(net).tables, one)


def _make(draft: Draft, net: DrainageNetwork, one: ChangeSet, *, on: str | None, join_within_m: float) -> list[Said]:
    """Make the edits of one change set in a draft; return what is wrong with them."""
    dated = replace(one, changes=[_dated(each, on) for each in one.changes])
    problems = check_changes(draft.tables, dated)
    if problems:
        return problems
    reason = in_both("by_change_set", name=one.name)
    _new_columns(draft, one, reason)
    here = [name for name in _ORDER if name in draft.tables]
    of = {name: [each for each in dated.changes if FEATURE_OF[each.layer] == name] for name in here}
    for feature in reversed(here):
        _remove(draft, feature, [each.id for each in of[feature] if each.action == "remove"], reason)
    for feature in here:
        new = [each for each in of[feature] if each.action == "add"]
        problems += _add(draft, net, one, feature, new, join_within_m)
    if problems:
        return problems
    for feature in here:
        _set(draft, feature, [each for each in of[feature] if each.action in {"change", "abandon"}], reason)
        if ADDED_BY in draft.tables[feature] and draft.tables[feature][ADDED_BY].isna().all():
            draft.drop_column(feature, ADDED_BY, rule=_RULE, reason=reason)
    _old_columns(draft, one, reason)
    return []


def _remove(draft: Draft, feature: str, names: list[str], reason: Said) -> None:
    if names:
        rows = np.sort(draft.tables[feature].index.get_indexer(pd.Index(names))).astype(np.int64)
        draft.drop_rows(feature, rows, rule=_RULE, reasons=[reason] * len(rows))


def _layer(feature: str) -> str:
    return LAYER_OF[feature]


def _dated(one: Change, on: str | None) -> Change:
    if one.action == "abandon" and one.columns.get("abandoned") is None and on is not None:
        return replace(one, columns={**one.columns, "abandoned": on})
    return one


def _new_columns(draft: Draft, one: ChangeSet, reason: Said) -> None:
    for layer, columns in one.new_columns.items():
        feature = FEATURE_OF[layer]
        for name, new in columns.items():
            if feature in draft.tables and name not in draft.tables[feature]:
                _add_column(draft, feature, name, new.fill, new.type or type_of_new(layer, name, [new.fill]), reason)


def _add_column(draft: Draft, feature: str, name: str, fill: object, dtype: str, reason: Said) -> None:
    table = draft.tables[feature]
    values = pd.Series([as_cell(fill, dtype)] * len(table), index=table.index, dtype=dtype)
    draft.add_column(feature, name, values, rule=_RULE, reason=reason)


def _old_columns(draft: Draft, one: ChangeSet, reason: Said) -> None:
    """Take columns out and give others their type back, as an inverse says."""
    for layer, names in one.gone_columns.items():
        for name in names:
            if name in draft.tables[FEATURE_OF[layer]]:
                draft.drop_column(FEATURE_OF[layer], name, rule=_RULE, reason=reason)
    for layer, types in one.types.items():
        for name, dtype in types.items():
            draft.retype(FEATURE_OF[layer], name, dtype, rule=_RULE, reason=reason)


def _add(
    draft: Draft, net: DrainageNetwork, one: ChangeSet, feature: str, changes: list[Change], join_within_m: float
) -> list[Said]:
    """Add features to a table; return what is wrong with them."""
    if not changes:
        return []
    said: dict[str, Said] = {}
    if feature == "pipe":
        changes, problems, said = joined_ends(changes, draft.nodes, join_within_m, lambda each: each.place(one.name))
        if problems:
            return problems
    reason = in_both("by_change_set", name=one.name)
    told = {name for each in changes for name in each.columns if name != "geometry"}
    _widen(draft, feature, [each.columns for each in changes], sorted(told), reason, new=True)
    if ADDED_BY not in draft.tables[feature]:
        _add_column(draft, feature, ADDED_BY, None, "str", reason)
    ordered, place = places_in_order(changes, len(draft.tables[feature]))
    rows = rows_to_add(draft, feature, ordered, set_name=one.name, synthetic=net.synthetic)
    texts = [in_both("clauses", first=reason, second=said[each.id]) if each.id in said else reason for each in ordered]
    none = np.zeros(0, np.int64)
    draft.exchange_rows(feature, none, rows, place, rule=_RULE, reasons=[], added=texts)
    return []


def _widen(
    draft: Draft, feature: str, rows: Sequence[Mapping[str, object]], told: Iterable[str], reason: Said, *,
    new: bool = False,
) -> None:  # fmt: skip
    """Add the columns that values need and give others a type that holds them; new rows need a cell in each column."""
    layer = _layer(feature)
    for name in told:
        if name not in draft.tables[feature]:
            values = [row[name] for row in rows if name in row]
            _add_column(draft, feature, name, None, type_of_new(layer, name, values), reason)
    table = draft.tables[feature]
    for name in table.columns.drop([str(table.geometry.name)]) if new else [one for one in told if one in table]:
        if name == "synthetic":
            continue
        values = [row.get(name) for row in rows if new or name in row]
        draft.retype(feature, str(name), wider_type(table[name], values), rule=_RULE, reason=reason)


def _set(draft: Draft, feature: str, changes: Sequence[Change], reason: Said) -> None:
    """Set cells, column by column."""
    if not changes:
        return
    table = draft.tables[feature]
    place = str(table.geometry.name)
    wanted: dict[str, dict[int, object]] = {}
    at = table.index.get_indexer(pd.Index([one.id for one in changes]))
    for row, one in zip(at.tolist(), changes, strict=True):
        for column, value in _with_marks(feature, draft, row, one).items():
            wanted.setdefault(place if column == "geometry" else column, {})[row] = value
    told = {name: [values[row] for row in values] for name, values in wanted.items() if name != place}
    _widen(draft, feature, [{name: value} for name, values in told.items() for value in values], told, reason)
    for column, values in wanted.items():
        dtype = "object" if column == place else draft.tables[feature][column].dtype
        told_cells = [value if column == place else as_cell(value, dtype) for value in values.values()]
        draft.set_cells(feature, column, np.array(list(values), np.int64), told_cells, rule=_RULE, reasons=reason)


def _with_marks(feature: str, draft: Draft, row: int, one: Change) -> dict[str, object]:
    """Return the values of a feature with what follows: where they come from, and the length of a line drawn anew."""
    table = draft.tables[feature]
    values: dict[str, object] = dict(one.columns)
    if one.geometry is not None:
        values["geometry"] = one.geometry
        drawn = "length_source" in table and table["length_source"].iloc[row] == "geometry"
        if drawn and "length_m" not in values and feature == "pipe" and table.crs is not None:
            values |= {"length_m": float(one.geometry.length), "length_source": "geometry"}
    for column in list(values):
        if column != mark_of(column) and (mark := mark_of(column)) in table and mark not in values:
            unknown = "inferred" if column == "kind" else None
            values[mark] = unknown if values[column] is None else "recorded"
    return values


def _nodes_missing(draft: Draft, sets: Sequence[ChangeSet]) -> list[Said]:
    """Return the pipes that name nodes which are not there, with the edit of which it is."""
    places = {one.id: one.place(each.name) for each in sets for one in each.changes if one.layer == "pipes"}
    problems = []
    for column in ("from_node", "to_node"):
        names = pd.Index(draft.pipes[column])
        for row in np.flatnonzero(draft.nodes.index.get_indexer(names) < 0).tolist():
            pipe, node = str(draft.pipes.index[row]), cells(draft.pipes[column], np.array([row]))[0]
            problems.append(in_both("node_not_there", place=places.get(pipe, pipe), column=column, node=node))
    return problems
