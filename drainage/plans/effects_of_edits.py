"""What if: a network after edits beside the one before them, and what the edits did to its connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.changes.find_changes import find_changes
from drainage.change_sets import Applied, ChangeSet, apply_changes
from drainage.change_sets.connectivity import as_they_end, count_both
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import joined
from drainage.wants import wants

_POPUP = ("feature_kind", "feature_id", "effect", "reason")


@wants
def what_if(
    net: DrainageNetwork,
    changes: ChangeSet | Sequence[ChangeSet],
    *,
    on: str | None = None,
    join_within_m: float = 0.1,
    far_m: float = 10_000.0,
    moved_m: float = 0.5,
    compare_on: str | None = None,
) -> Result:
    """Answer what becomes of a network when edits are made.

    Parameters
    ----------
    net, changes, on, join_within_m, far_m
        As of `drainage.apply_changes`, which gives the new network itself, its log and the inverse.
    moved_m
        As of `drainage.analyses.find_changes`.
    compare_on
        Day on which both networks are compared, YYYY-MM-DD; None: the last that either tells, when all is done.

    Returns
    -------
    Result
        ``changes``: what differs after the edits, and ``kinds``, as `drainage.analyses.find_changes` has them, of
        both networks on one day. ``effects``: what
        is otherwise connected: ``effect`` (cut_off | joined | no_way_out | systems_meet | hanging_end | end_off_node |
        node_alone | ground_without_node), ``feature_kind``, ``feature_id``, ``reason``. ``edits``: one row for each
        feature of the change sets: ``set``, ``number``, ``action``, ``layer``, ``feature_id``, ``columns``. The summary
        counts edits by action, and pipes, nodes, connected parts and nodes with a way to an outfall or the works
        before and after.

    Raises
    ------
    SchemaError, CrsError
        As of `drainage.apply_changes`.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2021-05-07").upstream_of("YS0241")
    >>> gone = dr.change_sets.Change(action="abandon", layer="pipes", id="YSL0117")
    >>> answer = dr.plans.what_if(net, dr.change_sets.ChangeSet(name="gone", changes=[gone]), on="2021-05-08")
    >>> answer.effects["effect"].value_counts().to_dict()
    {'cut_off': 3, 'hanging_end': 1}
    >>> answer.summary[["pipes_before", "pipes_after", "parts_before", "parts_after"]].to_dict()
    {'pipes_before': 4, 'pipes_after': 3, 'parts_before': 1, 'parts_after': 2}
    """
    sets = [changes] if isinstance(changes, ChangeSet) else list(changes)
    done = apply_changes(net, sets, on=on, join_within_m=join_within_m, far_m=far_m)
    return answer_of(net, done, sets, moved_m=moved_m, compare_on=compare_on).result


class Answered(NamedTuple):
    """What edits did, what they changed, and both networks on the day on which they were compared."""

    result: Result
    changes: Result
    nets: tuple[DrainageNetwork, DrainageNetwork]


def answer_of(
    net: DrainageNetwork,
    done: Applied,
    sets: Sequence[ChangeSet],
    *,
    moved_m: float = 0.5,
    compare_on: str | None = None,
) -> Answered:
    """Return what edits did, once they are made; see `what_if`."""
    lie = (
        as_they_end(net, done.network)
        if compare_on is None
        else (net.as_of(compare_on), done.network.as_of(compare_on))
    )
    nets = _of_one_width(*lie, sets)
    compared = find_changes(*nets, moved_m=moved_m)
    found = gpd.GeoDataFrame(done.effects)
    facts = done.summary.to_dict()
    if compare_on is not None:
        facts.update(count_both(*lie))
    if left := [one for each in sets for one in each.not_expressed]:
        facts["not_expressed"] = joined(left)
    counts = {name: value for name, value in compared.summary.items() if name not in facts}
    result = Result(
        "what_if",
        {
            "changes": compared.tables["changes"],
            "kinds": compared.tables["kinds"],
            "effects": found,
            "edits": _edits(sets),
        },
        pd.Series(facts | counts, dtype=object),
        (
            *compared.layers,
            *(Layer("effects", found[found["feature_kind"] == kind], "effect", _POPUP) for kind in _kinds(found)),
        ),
        provenance=_provenance(net, sets),
    )
    return Answered(result, compared, nets)


def with_outcome(answer: Result, outcome: Result) -> Result:
    """Return an answer that also tells what the edits did to points, misconnections and roads.

    Parameters
    ----------
    answer, outcome
        As of `what_if`, and of `drainage.analyses.measure_outcome` for the same two networks.
    """
    effects = [layer for layer in answer.layers if layer.theme == "effects"]
    return Result(
        answer.question,
        {**answer.tables, **{name: table for name, table in outcome.tables.items() if name not in answer.tables}},
        pd.Series(
            {**{key: told for key, told in outcome.summary.items() if told is not None}, **answer.summary}, dtype=object
        ),
        (*outcome.layers, *effects),
        outcome.notice,
        provenance=replace(outcome.provenance, source=answer.provenance.source),
        not_known=answer.not_known,
    )


def _of_one_width(
    before: DrainageNetwork, after: DrainageNetwork, sets: Sequence[ChangeSet]
) -> tuple[DrainageNetwork, DrainageNetwork]:
    """Return both networks with the columns that only one has, filled with what an absent value means."""
    fills: dict[str, object] = {"barrels": 1.0}  # as all measures of pipes take it
    new = [one for each in sets for one in each.new_columns.get("pipes", {}).items()]
    fills |= {name: one.fill for name, one in new if one.fill is not None}
    lacking = [name for name in fills if (name in before.pipes) != (name in after.pipes)]
    if not lacking:
        return before, after
    return _filled(before, fills, lacking), _filled(after, fills, lacking)


def _filled(net: DrainageNetwork, fills: Mapping[str, object], names: Sequence[str]) -> DrainageNetwork:
    pipes = net.pipes
    blank = pd.Series(np.nan, index=pipes.index)
    values = {name: pipes.get(name, blank) for name in names}
    return net.replace(
        pipes=pipes.assign(**{name: one.where(one.notna(), fills[name]) for name, one in values.items()})
    )


def _kinds(found: gpd.GeoDataFrame) -> list[str]:
    return sorted(found["feature_kind"].unique())


def _edits(sets: Sequence[ChangeSet]) -> pd.DataFrame:
    """List the edits as they were asked for."""
    rows = [
        {
            "set": str(each.name), "number": one.number or k, "action": one.action, "layer": one.layer,
            "feature_id": one.id,
            "columns": ", ".join([*one.columns, *(["geometry"] if one.geometry is not None else [])]),
        }
        for each in sets
        for k, one in enumerate(each.changes, start=1)
    ]  # fmt: skip
    names = ["set", "number", "action", "layer", "feature_id", "columns"]
    return pd.DataFrame(rows, columns=names).rename_axis("row")


def _provenance(net: DrainageNetwork, sets: Sequence[ChangeSet]) -> Provenance:
    told = Provenance.of(net)
    return replace(told, source=(*(told.source or ()), *dict.fromkeys(str(one.name) for one in sets)))
