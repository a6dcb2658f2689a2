"""The rules in turn, round after round, until none finds anything: then a second repair finds nothing either."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.errors import CrsError, TopologyError
from drainage.network import DrainageNetwork
from drainage.repairs.draft import Draft
from drainage.repairs.duplicates import drop_duplicates
from drainage.repairs.levels import interpolate_inverts
from drainage.repairs.merge import merge_nodes
from drainage.repairs.snap import snap_ends
from drainage.repairs.split import split_bodies
from drainage.repairs.turn import turn_pipes
from drainage.wants import wants
from drainage.words import in_both, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What can be repaired, in the order in which it is: a pipe is split once it is there once.
RULES: Final = ("snap", "merge", "duplicates", "split", "turn", "levels")
_IN_METRES: Final = ("snap", "merge", "split")
_MOST_ROUNDS: Final = 50


@dataclass(frozen=True, eq=False, slots=True)
class Repaired:
    """A repaired network and what was done to it.

    Parameters
    ----------
    network
        The new network; the one that was repaired is untouched.
    log
        One row per change, in order: ``step``, ``rule``, ``action``, ``feature_kind``, ``feature_id``, ``column``,
        ``before``, ``after``, ``reason``, ``row``. A dropped or added row is one change, with its cells as a dict.
    proposals
        What looks wrong but was not changed: ``rule``, ``feature_kind``, ``feature_id``, ``reason``, ``remedy``.
    summary
        Features changed by each rule; pipes, nodes and connected parts before and after.

    Examples
    --------
    >>> import drainage as dr
    >>> import pandas as pd
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> twice = pd.concat([net.pipes, net.pipes.tail(1).rename(index={"YSL2986": "again"})])
    >>> repaired = dr.repair(net.replace(pipes=twice), tolerance_m=0.1)
    >>> repaired.log[["rule", "action", "feature_id"]]
             rule   action feature_id
    0  duplicates  dropped    YSL2986
    """

    network: DrainageNetwork
    log: pd.DataFrame
    proposals: pd.DataFrame
    summary: pd.Series

    def plot(self, kind: str | None = None, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Plot how many ``changes`` were made, or ``proposals``, by rule; see `drainage.result.Result.plot`."""
        from drainage.maps.charts.chart_list import LooseAnswer
        from drainage.maps.charts.draw_chart import plot_answer
        from drainage.provenance import Provenance

        tables = {"log": self.log, "proposals": self.proposals}
        made = LooseAnswer("repair", tables, self.summary, Provenance.of(self.network))
        return plot_answer(made, kind, ax, lang=lang)

    def __repr__(self) -> str:
        """Return one line with counts."""
        return f"<Repaired: {len(self.log):,} changes, {len(self.proposals):,} proposals, {self.network!r}>"


@wants
def repair(
    net: DrainageNetwork, *, tolerance_m: float, rules: Collection[str] = RULES, swap_inverts: bool = False
) -> Repaired:
    """Repair a network: changes that a rule is sure of are made and logged, others are proposed.

    For a dry run, look at ``log`` and discard the result: nothing is changed in place. A repaired network needs no
    further repair, and `undo_repair` restores the original.

    Parameters
    ----------
    tolerance_m
        Greatest distance within which ends, nodes and bodies of pipes are taken to meet.
    rules
        Some of ``snap`` (ends within the tolerance meet, lines end at their nodes), ``merge`` (manholes recorded
        twice), ``duplicates`` (pipes recorded twice), ``split`` (pipes at ends that lie on their bodies), ``turn``
        (pipes drawn against their fall, where neighbours support it), ``levels`` (inverts between known ones).
    swap_inverts
        Swap the inverts of a whole system if most of its pipes rise and the drawing supports their direction.

    Raises
    ------
    TopologyError
        The tolerance is not a positive length, or a rule is unknown.
    CrsError
        A schematic plan has no metres, so nothing in it can be snapped, merged or split.

    Examples
    --------
    >>> import drainage as dr
    >>> repaired = dr.repair(dr.load_demo(), tolerance_m=0.5)
    >>> dr.repair(repaired.network, tolerance_m=0.5).log.empty
    True
    """
    chosen = _check(net, tolerance_m, rules)
    draft = Draft(net)
    for _ in range(_MOST_ROUNDS):
        before = draft.step
        draft.forget_proposals()
        _round(draft, tolerance_m, chosen, swap_inverts=swap_inverts)
        if draft.step == before:
            break
    else:
        unsettled = in_both("repair_unsettled", network=net.source, rounds=_MOST_ROUNDS, tolerance_m=tolerance_m)
        raise TopologyError(unsettled)
    fixed = draft.network(net)
    log = draft.log()
    return Repaired(fixed, log, draft.proposals(), _summary(net, fixed, log, draft.proposals()))


def _check(net: DrainageNetwork, tolerance_m: float, rules: Collection[str]) -> list[str]:
    if not (np.isfinite(tolerance_m) and tolerance_m > 0):
        raise TopologyError(in_both("tolerance_out", value=tolerance_m))
    if isinstance(rules, str) or (unknown := sorted(set(rules) - set(RULES))):
        found = rules if isinstance(rules, str) else ", ".join(unknown)
        near = nearest(found, RULES)
        raise TopologyError(in_both("rules_not_known", names=found, near=near, known=", ".join(RULES)))
    if net.crs is None and (metric := [rule for rule in _IN_METRES if rule in rules]):
        left = ", ".join(rule for rule in RULES if rule not in _IN_METRES)
        raise CrsError(in_both("rules_in_metres", network=net.source, names=", ".join(metric), left=left))
    return [rule for rule in RULES if rule in rules]


def _round(draft: Draft, tolerance_m: float, rules: Collection[str], *, swap_inverts: bool) -> None:
    if {"snap", "merge"} & set(rules):
        merge_nodes(draft, tolerance_m, rules)
    if "snap" in rules:
        snap_ends(draft, tolerance_m)
    if "duplicates" in rules:
        drop_duplicates(draft)
    if "split" in rules:
        split_bodies(draft, tolerance_m)
    if "turn" in rules:
        turn_pipes(draft, swap_inverts=swap_inverts)
    if "levels" in rules:
        interpolate_inverts(draft)
    settle_kinds(draft)


def settle_kinds(draft: Draft) -> None:
    """Log the kinds that the network will infer again: an end that is now joined is no longer an outfall."""
    tail, head = draft.ends()
    kind = draft.nodes["kind"].to_numpy(dtype=object)
    leaving, arriving = (np.bincount(ends, minlength=len(kind)) for ends in (tail, head))
    inferred = np.where((leaving == 0) & (arriving > 0), "outfall", "manhole")
    rows = np.flatnonzero(~draft.recorded_kind() & (kind != inferred))
    draft.set_cells(
        "node", "kind", rows, inferred[rows].tolist(), rule="kind",
        reasons=in_both("kind_inferred"),
    )  # fmt: skip


def _summary(before: DrainageNetwork, after: DrainageNetwork, log: pd.DataFrame, proposals: pd.DataFrame) -> pd.Series:
    by_rule = log[log["action"] != "column"].groupby("rule")["feature_id"].nunique()
    facts: dict[str, object] = {f"{rule}_features": int(by_rule.get(rule, 0)) for rule in RULES}
    for name, net in (("before", before), ("after", after)):
        used = np.union1d(net.graph.tail, net.graph.head)
        facts |= {
            f"pipes_{name}": len(net.pipes),
            f"nodes_{name}": len(net.nodes),
            f"parts_{name}": len(np.unique(net.graph.part[used])),
        }
    return pd.Series(facts | {"changes": len(log), "proposals": len(proposals)}, dtype=object, name="repair")
