"""Which misconnections to close first so that a budget frees most, and what the sewers below can take.

*Closing* a misconnection is to plug it and to lead what enters there to where it belongs. A pipe or an outfall is
*freed* only when every misconnection that pollutes it is closed: one above another may free nothing alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats, Ints32
from drainage.errors import SchemaError
from drainage.hydraulics.sewage import SewageRates
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.plans.closures.groups import FOULS, Groups
from drainage.plans.closures.optimum import Choice, Worth, choose_closures
from drainage.plans.closures.room import CONNECTIONS, Sewers, check_ways, find_receivers, short_together
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.wants import wants
from drainage.words import in_both

By = Literal["length", "outfalls", "sewage"]


@wants
def plan_closures(  # noqa: PLR0913 - what frees, what it costs, what is assumed and how it is told
    net: DrainageNetwork,
    mixed: Result,
    *,
    budget: float,
    by: By = "length",
    cost_yuan: pd.Series | None = None,
    rates: SewageRates | None = None,
    rungs: int = 20,
    time_limit_s: float = 10.0,
    within_m: float = 200.0,
    least_slope: float = 0.003,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Choose the misconnections to close that free most within a budget, and check the sewers that take the sewage.

    Parameters
    ----------
    net
        The network in which ``mixed`` was found.
    mixed
        The result of `drainage.find_mixed_flow`; its ``sewage_m3d`` is used.
    budget
        Budget in yuan with ``cost_yuan``, else the number of closures; infinite: all.
    by
        What to maximise: ``length`` of mixed pipe freed, number of polluted ``outfalls`` freed, or ``sewage`` kept out,
        m³/d.
    cost_yuan
        Cost of closing each misconnection by ``finding_id``, > 0; None: each costs 1.
    rates
        Assumptions about the present flow of sewers and about wet weather; see `SewageRates` for their sources.
    rungs
        Number of steps of the curve from nothing to everything; one more is at the budget.
    time_limit_s
        Time limit for each step; a choice that is not proven optimal by then is marked so.
    within_m
        Distance within which to look for a sewer; our choice, not from a standard.
    least_slope
        Minimum slope of the new pipe, m/m: that of a sewer of 300 mm, GB 50014-2021, 5.2.10.
    progress
        Called with the share of the curve that is done, 0-1; an exception that it raises stops the plan.

    Returns
    -------
    Result
        Tables:

        ``works`` (index ``finding_id``, misconnections in order)
            ``rank`` (by the step from which it is part of all larger plans of the curve up to the budget, then beyond),
            ``chosen``, ``cost``, ``kind``, ``node_id``, ``pipes_in``, ``road``, ``fouled_length_m`` (its reach),
            ``freed_alone_m``, and of all works up to its rank ``freed_m``, ``freed_outfalls``, ``freed_m3d``;
            ``sewage_m3d``, ``sewage_by``. Of sewage into storm: ``receiving_node``, ``receiving_m`` away,
            ``connection`` (gravity | pump | unknown | none), ``fall_m``, ``way_m`` to works or pump, and in dry and wet
            weather ``dry_room`` (enough | short | unknown), ``dry_utilisation`` and ``dry_pipe`` of the worst pipe,
            ``dry_unjudged`` pipes of unknown level, size, fall or flow.
        ``curve`` (index ``budget``)
            ``cost``, ``closures``, ``freed_length_m``, ``freed_outfalls``, ``freed_m3d`` of the best choice, whether it
            is ``proven``, and ``gap_share``, the possible distance from the optimum.
        ``pipes``, ``outfalls``
            Mixed pipes and polluted outfalls: ``freed`` by the plan, ``freed_at`` the rank that frees them.

        Summary: totals of the plan, and every assumption in words.

    Raises
    ------
    SchemaError
        ``cost_yuan`` lacks a misconnection or is not above 0; the budget is below 0.

    References
    ----------
    T/CECS 758-2020, 8.2.1 (check capacity and levels downstream, then re-connect). GB 50014-2021: tables 4.1.15, 5.2.4.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2021-05-07")
    >>> plan = dr.plan_closures(net, dr.find_mixed_flow(net), budget=3)
    >>> int(plan.works["chosen"].sum())
    3
    """
    rates = rates or SewageRates()
    points = mixed.places("points")
    works = points[points["kind"].isin(list(FOULS))]
    cost = _costs(works, cost_yuan)
    if not budget >= 0.0 or rungs < 1:
        raise SchemaError(in_both("budget_out", budget=budget, rungs=rungs))
    node = net.node_positions(works["node_id"])
    outfalls = net.node_positions(mixed.tables["outfalls"].index)
    groups = Groups.build(net, node, works["kind"].to_numpy(dtype=object), outfalls)
    m3d = works["sewage_m3d"].fillna(0.0).to_numpy(dtype=np.float64)

    budgets = _ladder(cost, budget, rungs, whole=cost_yuan is None)
    worth = _worth(groups, m3d, by)
    choices = choose_closures(groups, worth, cost, budgets, time_limit_s=time_limit_s, progress=progress)
    here = int(np.searchsorted(budgets, min(budget, cost.sum())))
    alone_m = _freed_alone(mixed, works.index)
    rank = _rank(np.array([choice.closed for choice in choices]).reshape(len(budgets), -1), here, alone_m / cost)
    closed = choices[here].closed

    freed_at = groups.freed_at(rank)
    received, short, said = _receiving(net, works, node, closed, rates, within_m=within_m, least_slope=least_slope)
    table = _works(works, rank, closed, cost, alone_m, _cumulative(groups, freed_at, rank, m3d), received)
    freed = groups.freed_by(closed)
    curve = _curve(groups, budgets, choices, cost, m3d)
    pipes = _freed(mixed.places("pipes"), groups.of_pipe, freed, freed_at, ["system", "class", "length_m", "road"])
    fouled = _freed(mixed.places("outfalls"), groups.of_outfall, freed, freed_at, ["misconnections"])
    unit = in_both("closures_uncosted" if cost_yuan is None else "yuan")
    asked = pd.Series(
        {"by": by, "budget": float(budget) if np.isfinite(budget) else "all", "cost_unit": unit}, dtype=object
    )
    summary = pd.concat([asked, _summary(curve.iloc[here], table, short, said, rates)])
    tables = {"works": table, "curve": curve, "pipes": pipes, "outfalls": fouled}
    layers = (
        *context_of(net),
        Layer("freed", pipes, "freed", ("pipe_id", "class", "freed", "freed_at", "length_m", "road")),
        Layer("closures", table, "chosen", _POPUP),
    )
    return Result("closures", tables, summary, layers, provenance=Provenance.of(net), not_known=mixed.not_known)


_POPUP = (
    "finding_id",
    "rank",
    "node_id",
    "kind",
    "pipes_in",
    "road",
    "cost",
    "fouled_length_m",
    "freed_alone_m",
    "freed_m",
    "freed_outfalls",
    "sewage_m3d",
    "sewage_by",
    "receiving_node",
    "receiving_m",
    "connection",
    "dry_room",
    "dry_pipe",
    "dry_utilisation",
    "wet_room",
)


def _costs(works: gpd.GeoDataFrame, cost_yuan: pd.Series | None) -> Floats:
    if cost_yuan is None:
        return np.ones(len(works))
    cost = pd.to_numeric(cost_yuan, errors="coerce").groupby(level=0).last().reindex(works.index)
    if wrong := list(cost.index[~(cost > 0.0) | np.isinf(cost)]):
        raise SchemaError(in_both("cost_missing", count=len(wrong), of=len(works), names=", ".join(wrong[:3])))
    return cost.to_numpy(dtype=np.float64)


def _ladder(cost: Floats, budget: float, rungs: int, *, whole: bool) -> Floats:
    """Budgets of the curve, rising; the last buys everything."""
    steps = np.linspace(0.0, cost.sum(), rungs + 1)
    return np.unique(np.append(np.round(steps) if whole else steps, min(budget, cost.sum())))


def _worth(groups: Groups, m3d: Floats, by: By) -> Worth:
    nothing, none = np.zeros(groups.graph.n_nodes), np.zeros(len(m3d))
    choices = {
        "length": Worth(groups.length_m, none),
        "outfalls": Worth(groups.outfalls, none),
        "sewage": Worth(nothing, m3d),
    }
    if by not in choices:
        raise SchemaError(in_both("by_out", value=by, known=", ".join(choices)))
    return choices[by]


def _freed_alone(mixed: Result, finding_id: pd.Index) -> Floats:
    """Length of the pipes that each misconnection pollutes alone, m."""
    pipes = mixed.tables["pipes"]
    lone = pipes[pipes["mixed"] & (pipes["misconnection_count"] == 1)]
    kind = lone["system"].map({system: kind for kind, system in FOULS.items()})
    by_finding = lone["length_m"].groupby(kind + ":" + lone["nearest_misconnection"]).sum()
    return by_finding.reindex(finding_id).fillna(0.0).to_numpy(dtype=np.float64)


def _rank(chosen: Bools, here: int, alone_per_cost: Floats) -> Ints32:
    """Rank from 1 by the first rung from which on a work is always chosen, up to the budget, then beyond it.

    ``chosen`` has one row per rung and one column per work; ``here`` is the rung of the budget.
    """
    in_plan = chosen[here]
    upto, beyond = chosen[: here + 1], chosen[here:]
    since = np.where(in_plan, len(upto) - _run(upto), len(chosen) - _run(beyond))
    order = np.lexsort((-alone_per_cost, since, ~in_plan))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(1, len(order) + 1)
    return rank


def _run(chosen: Bools) -> Ints32:
    """Count the last rungs in which each work is chosen without a break."""
    return np.asarray(np.cumprod(chosen[::-1], axis=0).sum(axis=0), dtype=np.int32)


def _cumulative(groups: Groups, freed_at: Floats, rank: Ints32, m3d: Floats) -> pd.DataFrame:
    """Sum what is freed by all works up to the rank of each."""
    n_works = len(rank)
    at = freed_at.astype(np.intp)
    sums = {
        "freed_m": np.bincount(at, groups.length_m, n_works + 1),
        "freed_outfalls": np.bincount(at, groups.outfalls, n_works + 1),
        "freed_m3d": np.bincount(rank, m3d, n_works + 1),
    }
    return pd.DataFrame({name: total.cumsum()[rank] for name, total in sums.items()}).astype({"freed_outfalls": int})


def _receiving(
    net: DrainageNetwork,
    works: gpd.GeoDataFrame,
    node: Ints32,
    closed: Bools,
    rates: SewageRates,
    *,
    within_m: float,
    least_slope: float,
) -> tuple[pd.DataFrame, pd.Index, str]:
    """Find receivers and room for sewage, blank for storm water, and the sewers short when all chosen are led in."""
    sewers = Sewers.measure(net, rates)
    sewage = np.flatnonzero(works["kind"] == "sewage_into_storm")
    m3d = works["sewage_m3d"].to_numpy(dtype=np.float64)[sewage]
    found = find_receivers(net, sewers, node[sewage], within_m=within_m, least_slope=least_slope)
    receiver = found.pop("row").to_numpy()
    found.insert(0, "receiving_node", net.nodes.index.astype("str").take(receiver, fill_value=np.nan))
    together = short_together(net, sewers, np.where(closed[sewage], receiver, -1), m3d, rates)
    table = found.join(check_ways(net, sewers, receiver, m3d, rates))
    table = table.set_axis(works.index[sewage]).astype({"dry_unjudged": "Int64", "wet_unjudged": "Int64"})
    return table.reindex(works.index), together, sewers.said


def _works(
    works: gpd.GeoDataFrame,
    rank: Ints32,
    closed: Bools,
    cost: Floats,
    alone_m: Floats,
    cumulative: pd.DataFrame,
    received: pd.DataFrame,
) -> gpd.GeoDataFrame:
    columns = ["kind", "node_id", "pipes_in", "road", "fouled_length_m", "sewage_m3d", "sewage_by"]
    table = pd.concat(
        [
            pd.DataFrame({"rank": rank, "chosen": closed, "cost": cost}, index=works.index),
            pd.DataFrame(works[columns]),
            cumulative.set_axis(works.index).assign(freed_alone_m=alone_m),
            received,
        ],
        axis=1,
    )
    return gpd.GeoDataFrame(table, geometry=works.geometry).sort_values("rank")


def _curve(groups: Groups, budgets: Floats, choices: list[Choice], cost: Floats, m3d: Floats) -> pd.DataFrame:
    freed = [groups.freed_by(choice.closed) for choice in choices]
    return pd.DataFrame(
        {
            "cost": [float(cost[choice.closed].sum()) for choice in choices],
            "closures": [int(choice.closed.sum()) for choice in choices],
            "freed_length_m": [float(groups.length_m[one].sum()) for one in freed],
            "freed_outfalls": [int(groups.outfalls[one].sum()) for one in freed],
            "freed_m3d": [float(m3d[choice.closed].sum()) for choice in choices],
            "proven": [choice.proven for choice in choices],
            "gap_share": [choice.gap_share for choice in choices],
        },
        index=pd.Index(budgets, name="budget"),
    )


def _freed(table: gpd.GeoDataFrame, group: Ints32, freed: Bools, freed_at: Floats, kept: list[str]) -> gpd.GeoDataFrame:
    fouled = group >= 0
    own = group[fouled]
    found = table.loc[fouled, [*kept, "geometry"]]
    return gpd.GeoDataFrame(found.assign(freed=freed[own], freed_at=freed_at[own].astype(np.intp)))


def _summary(rung: pd.Series, works: gpd.GeoDataFrame, short: pd.Index, said: str, rates: SewageRates) -> pd.Series:
    chosen = works[works["chosen"] & (works["kind"] == "sewage_into_storm")]
    last = works.iloc[-1] if len(works) else pd.Series({"freed_m": 0.0, "freed_outfalls": 0, "freed_m3d": 0.0})
    share = rates.wet_inflow_share
    wet = in_both("wet_unchecked") if share is None else in_both("wet_share", share=share)
    rooms = ("enough", "short", "unknown")
    totals: dict[str, object] = {
        "misconnections": len(works),
        "cost": float(rung["cost"]),
        "closures": int(rung["closures"]),
        "freed_length_km": float(rung["freed_length_m"]) / 1000,
        "mixed_length_km": float(last["freed_m"]) / 1000,
        "freed_outfalls": int(rung["freed_outfalls"]),
        "fouled_outfalls": int(last["freed_outfalls"]),
        "freed_m3d": float(rung["freed_m3d"]),
        "sewage_m3d": float(last["freed_m3d"]),
        "proven": bool(rung["proven"]),
        **{f"by_{name}": int((chosen["connection"] == name).sum()) for name in CONNECTIONS},
        **{f"dry_{name}": int((chosen["dry_room"] == name).sum()) for name in rooms},
        **{f"wet_{name}": int((chosen["wet_room"] == name).sum()) for name in rooms},
        "short_together": len(short),
        "first_short_together": ", ".join(map(str, short[:5])),
        "sewer_flow": said,
        "infiltration_share": rates.infiltration_share,
        "wet_inflow": wet,
    }
    return pd.Series(totals, dtype=object)
