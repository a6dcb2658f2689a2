"""Waterlogging of all pieces put together: points ranked and named, their causes, and what is said of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.waterlogging.causes import explain
from drainage.analyses.waterlogging.find import assumed, summary_of
from drainage.analyses.waterlogging.points import Groups
from drainage.analyses.waterlogging.points_in import is_judged, rank_points
from drainage.analyses.waterlogging.sightings import MATCH_DISTANCE_M, match_reports
from drainage.arrays import Bools, Floats, Ints
from drainage.errors import NotKnownError
from drainage.hydraulics.rainfall import Storm
from drainage.partitions.exact_tables import read_exactly
from drainage.partitions.gathering import read_tables
from drainage.partitions.laying_out import Plan
from drainage.partitions.piece import ROW
from drainage.partitions.tasks import GROUP, TIMES, CauseTask
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.simulation.screening.answer import blind_words
from drainage.simulation.screening.doubt import DOUBTS
from drainage.simulation.screening.without import CAUSES, MOST_RERUNS
from drainage.simulation.state import FlowState
from drainage.words import in_both

_STATE = ["overflow_m3", "overflows", "judged", "doubt"]


class Avoided(NamedTuple):
    """What is avoided at the points of each piece, in their order, and how many nodes each turn of a piece sweeps."""

    volume_m3: Floats
    looked_at: Bools
    turn: Ints
    swept: Ints


def read_avoided(task: CauseTask) -> Avoided:
    """Read what a task found."""
    told = read_exactly(task.folder / "avoided.parquet")
    swept = read_exactly(task.folder / "swept.parquet")["nodes"].to_numpy()
    return Avoided(told[list(CAUSES)].to_numpy(), told["looked_at"].to_numpy(), told["turn"].to_numpy(), swept)


def turns_to_look_at(found: Mapping[int, Avoided], model_nodes: int) -> Bools:
    """Return which turns of the whole network are looked at: as far as `MOST_RERUNS` go, those of all pieces together.

    Parameters
    ----------
    found
        Number of the piece → what was found there.
    model_nodes
        Nodes that take part in the screening of the whole.
    """
    swept = np.zeros(max((len(one.swept) for one in found.values()), default=0), np.int64)
    for one in found.values():
        swept[: len(one.swept)] += one.swept
    left = MOST_RERUNS * model_nodes
    looked = np.zeros(len(swept), dtype=np.bool_)
    for turn, nodes in enumerate(swept):
        if nodes <= left:
            looked[turn] = True
            left -= nodes
    return looked


def waterlogging(
    plan: Plan, storm: Storm, area_type: str, found: Mapping[int, Avoided], looked: Bools
) -> tuple[Result, gpd.GeoDataFrame]:
    """Return the answer without the tables of all pipes and nodes, and the flooded nodes by which the latter is told.

    Raises
    ------
    NotKnownError
        No node of the network is judged.
    """
    state, carried = _thin_state(plan, storm)
    if not is_judged(state):
        raise NotKnownError(in_both("no_node_judged", network=plan.thin.source or in_both("network")))
    flooded, piece, groups = _flooded(plan)
    nodes = flooded.drop(columns=[GROUP, ROW, *TIMES])
    points, groups = rank_points(nodes, groups, flooded[list(TIMES)], area_type=area_type)
    avoided, looked_at = _of_points(piece, groups, found, looked)
    causes = explain(points, avoided, looked_at, by_itself=True)
    observed = match_reports(plan.near_sightings, points, nodes, plan.sightings, MATCH_DISTANCE_M)
    tables: dict[str, pd.DataFrame] = {
        "points": points, "causes": causes, "overflow_nodes": nodes, "reports": observed,
    }  # fmt: skip
    told = assumed(state.assumptions, screened=True, area_type=area_type)
    summary = summary_of(state, {**tables, "pipes": carried}, told)
    return Result("waterlogging", tables, summary, provenance=Provenance.of_state(state)), nodes


def count_nodes(plan: Plan) -> dict[int, tuple[int, int]]:
    """Return how many points and nodes of the screening each piece has, by its number."""
    counts = read_tables(plan.local_tasks, "counts")
    return {k: (int(one["points"].iloc[0]), int(one["model_nodes"].iloc[0])) for k, one in enumerate(counts)}


def _flooded(plan: Plan) -> tuple[gpd.GeoDataFrame, Ints, Groups]:
    """Return the flooded nodes in the order of the whole, the piece of each, and their groups numbered as they come."""
    tables = [*read_tables(plan.local_tasks, "flooded")]
    piece = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    whole = gpd.GeoDataFrame(pd.concat([table for table in tables if len(table)] or tables[:1]))
    order = np.argsort(whole[ROW].to_numpy(), kind="stable")
    whole, piece = whole.iloc[order], piece[order]
    number = piece.astype(np.int64) * (int(whole[GROUP].max()) + 1 if len(whole) else 1) + whole[GROUP].to_numpy()
    group, first = pd.factorize(number)
    return whole, piece, Groups(np.arange(len(whole)), group.astype(np.int64), len(first))


def _of_points(piece: Ints, groups: Groups, found: Mapping[int, Avoided], looked: Bools) -> tuple[Floats, Bools]:
    """Lay what the pieces found at their points side by side, in the order of the points; turns decide who counts."""
    named = groups.group >= 0
    of_point = np.zeros(groups.total, np.int64)
    of_point[groups.group[named]] = piece[named]
    avoided, looked_at = np.zeros((groups.total, len(CAUSES))), np.ones(groups.total, dtype=np.bool_)
    for number, one in found.items():
        mine = np.flatnonzero(of_point == number)
        counts = np.append(looked, [True])[one.turn]  # the last is for those that come in no turn
        # before the turns come silt, adverse slopes and tailwater, which are looked at everywhere
        avoided[mine] = np.where(counts[:, None] | (np.arange(len(CAUSES)) < 3), one.volume_m3, 0.0)
        looked_at[mine] = counts
    return avoided, looked_at


def _thin_state(plan: Plan, storm: Storm) -> tuple[FlowState, pd.DataFrame]:
    """Return a state with what is summed up of all nodes and pipes, and the return periods that the pipes carry."""
    net = plan.thin
    n_nodes, n_pipes = len(net.nodes), len(net.pipes)
    overflow, overflows, judged = np.zeros(n_nodes), *np.zeros((2, n_nodes), dtype=np.bool_)
    doubtful, doubts = np.zeros(n_nodes, dtype=np.bool_), dict.fromkeys(DOUBTS, 0)
    for table in read_tables(plan.local_tasks, "waterlogging.nodes", [*_STATE, ROW]):
        row = table[ROW].to_numpy()
        overflow[row], overflows[row] = table["overflow_m3"].to_numpy(), table["overflows"].to_numpy()
        judged[row], doubtful[row] = table["judged"].to_numpy(), table["doubt"].notna().to_numpy()
        for name, count in table["doubt"].dropna().astype("str").str.split(", ").explode().value_counts().items():
            doubts[str(name)] += int(count)
    carries, pipe_judged = np.full(n_pipes, np.nan), np.zeros(n_pipes, dtype=np.bool_)
    for table in read_tables(plan.local_tasks, "waterlogging.pipes", ["carries_return_period_a", "judged", ROW]):
        row = table[ROW].to_numpy()
        carries[row], pipe_judged[row] = table["carries_return_period_a"].to_numpy(), table["judged"].to_numpy()
    counts = pd.concat([*read_tables(plan.local_tasks, "counts")])
    blind = blind_words(
        int(counts["model_pipes"].sum() - pipe_judged.sum()), int(counts["model_nodes"].sum() - judged.sum()), doubts
    )
    nodes = pd.DataFrame(
        {
            "overflow_m3": overflow, "overflows": overflows, "judged": judged,
            "doubt": np.array([None, ""], dtype=object)[doubtful.astype(np.intp)],
        },
        index=net.nodes.index,
    )  # fmt: skip
    pipes = pd.DataFrame({"judged": pipe_judged, "carries_return_period_a": carries}, index=net.pipes.index)
    assumptions = {**(plan.assumptions or {}), **blind}
    return FlowState(net, storm, "screening", pipes, nodes, assumptions), pipes
