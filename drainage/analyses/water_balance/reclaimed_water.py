"""How much reclaimed water the pipes carry to its users, and what is left for the river."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from drainage.analyses.water_balance.balance_terms import BalanceTerms
from drainage.analyses.water_balance.told_issues import first_of
from drainage.arrays import Floats, Ints, marked
from drainage.graph.flow import connect
from drainage.network import DrainageNetwork
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.words import in_both

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_LITRES: Final = 1000.0
_ANY: Final = (
    2**30 - 1
)  # taken as no limit; the solver counts to twice as much, in 32 bits, and takes no notice of more
_SECONDS: Final = 86400.0


@dataclass(frozen=True, eq=False)
class ReclaimedNetwork:
    """The reclaimed pipes as a graph without direction, since they are under pressure.

    Parameters
    ----------
    nodes
        (n,) rows of its nodes in the network.
    tail, head
        (m,) numbers of the ends of its pipes among these.
    carries_m3d, passes_m3d
        (m,) what each pipe carries at the velocity allowed, (n,) what each node lets through: works and pumps by their
        capacity.
    source, user, feed
        Numbers of its works that a plant feeds, of its users, and of the recorded outfalls where it feeds a river.
    plant
        For each source the row of the sewage works that feeds it.
    demand_m3d
        (n,) what users take.
    """

    nodes: Ints
    tail: Ints
    head: Ints
    carries_m3d: Floats
    passes_m3d: Floats
    source: Ints
    user: Ints
    feed: Ints
    plant: Ints
    demand_m3d: Floats


def reclaimed_network(net: DrainageNetwork, plants: Ints, terms: BalanceTerms, issues: Issues) -> ReclaimedNetwork:
    """Take the reclaimed pipes out of a network; report parts of them without a source, and sources without a plant."""
    mine = np.flatnonzero(net.systems.among("reclaimed"))
    tail, head = net.graph.tail[mine].astype(np.int64), net.graph.head[mine].astype(np.int64)
    nodes = np.unique(np.concatenate([tail, head]))
    number = np.full(len(net.nodes), -1)
    number[nodes] = np.arange(len(nodes))
    tail, head = number[tail], number[head]
    kind = net.nodes["kind"].to_numpy(dtype=object)[nodes]
    works = np.flatnonzero(kind == "works")
    plant = _plants_of(net, nodes[works], plants, terms)
    if (plant < 0).any():
        names = net.nodes.index[nodes[works[plant < 0]]]
        said = in_both("reclaimed_no_plant", reach_m=terms.plant_reach_m)
        issues.add("reclaimed_no_plant", "warning", "node", names, said, in_both("record_plant"))
    fed = works[plant >= 0]
    _report_dry_parts(net, mine, tail, head, len(nodes), fed, issues)
    frame = net.nodes.iloc[nodes]
    capacity = column_of(frame, "capacity_m3_per_day")
    passes = np.where(np.isin(kind, ["works", "pump"]) & np.isfinite(capacity), capacity, np.inf)
    size = column_of(net.pipes.iloc[mine], "diameter_mm") / 1000.0
    carries = np.pi / 4.0 * size**2 * terms.most_velocity_m_s * _SECONDS
    unsized = np.isnan(carries)
    if unsized.any():
        issues.add(
            "reclaimed_no_size", "info", "pipe", net.pipes.index[mine[unsized]], in_both("reclaimed_no_size"),
            in_both("taken_unlimited"),
        )  # fmt: skip
    use = column_of(frame, "water_use_m3_per_day")
    user = np.flatnonzero(kind == "user")
    blank = user[np.isnan(use[user])]
    if len(blank):
        issues.add(
            "user_no_demand", "warning", "node", frame.index[blank], in_both("user_no_demand"), in_both("record_demand")
        )
    feed = np.flatnonzero((kind == "outfall") & (frame["kind_source"] == "recorded").to_numpy())
    return ReclaimedNetwork(
        nodes, tail, head, np.where(unsized, np.inf, carries), passes, fed, user, feed, plant[plant >= 0],
        np.where(kind == "user", np.nan_to_num(use), 0.0),
    )  # fmt: skip


def _plants_of(net: DrainageNetwork, works: Ints, plants: Ints, terms: BalanceTerms) -> Ints:
    """Return the row of the plant that feeds each reclaimed works: itself, else the nearest in reach; -1 for none."""
    found = np.full(len(works), -1, np.int64)
    if not len(works) or not len(plants):
        return found
    points = np.asarray(net.nodes.geometry.array)
    near, which = shapely.STRtree(points[plants]).query_nearest(
        points[works], max_distance=terms.plant_reach_m, all_matches=False
    )
    found[near] = plants[which]
    return np.where(np.isin(works, plants), works, found)


def _report_dry_parts(
    net: DrainageNetwork, mine: Ints, tail: Ints, head: Ints, n: int, fed: Ints, issues: Issues
) -> None:
    part = connect((tail, head), n)
    wet = marked(int(part.max(initial=-1)) + 1, part[fed])
    dry = ~wet[part[tail]]
    if dry.any():
        length = float(net.pipes["length_m"].to_numpy(np.float64, na_value=0.0)[mine[dry]].sum())
        said = in_both("reclaimed_no_source", length_km=length / 1000.0, **first_of(net.pipes.index[mine[dry]]))
        issues.add("reclaimed_no_source", "warning", "layer", ["reclaimed"], said, in_both("record_source"))


def share_out(water: ReclaimedNetwork, supply_m3d: Floats, demand_m3d: Floats) -> tuple[Floats, Floats]:
    """Send reclaimed water to its users first, then to the river, as far as pipes, pumps and works carry it.

    Parameters
    ----------
    supply_m3d
        (n_sources,) treated water at each source.
    demand_m3d
        (n_nodes,) what users want.

    Returns
    -------
    (n_nodes,) what users and the feeds of the river get, m³/d, and (n_sources,) what each source gives: to the litre,
    above a million m³/d to ten litres.

    Two maximum flows on a graph without direction (Edmonds and Karp, `scipy`): the second may only add to the first.
    """
    n = len(water.nodes)
    got, given = np.zeros(n), np.zeros(len(water.source))
    if not len(water.source) or not len(water.user) + len(water.feed):
        return got, given
    begin, end, super_source, sink = np.arange(n), np.arange(n) + n, 2 * n, 2 * n + 1
    # whole units, few enough for the solver
    unit = 10.0 ** max(np.ceil(np.log10(max(float(supply_m3d.sum()), 1.0) * _LITRES / _ANY)), 0.0) / _LITRES
    through = _whole(water.passes_m3d, unit)
    along = _whole(water.carries_m3d, unit)
    rows = [begin, end[water.tail], end[water.head], np.full(len(water.source), super_source), end[water.user]]
    columns = [end, begin[water.head], begin[water.tail], begin[water.source], np.full(len(water.user), sink)]
    room = [through, along, along, _whole(supply_m3d, unit), _whole(demand_m3d[water.user], unit)]
    pairs = np.concatenate(rows), np.concatenate(columns)
    first, left = _flow_on(_matrix(pairs, np.concatenate(room), 2 * n + 2), super_source, sink)
    got[water.user] = _column(first, end[water.user], sink)
    onward = left.tocoo()
    inner = (onward.row != sink) & (onward.col != sink)
    feeds = np.full(len(water.feed), sink)
    pairs = np.concatenate([onward.row[inner], end[water.feed]]), np.concatenate([onward.col[inner], feeds])
    room_left = np.concatenate([onward.data[inner], np.full(len(water.feed), _ANY)])
    second, _ = _flow_on(_matrix(pairs, room_left, 2 * n + 2), super_source, sink)
    got[water.feed] = _column(second, end[water.feed], sink)
    given += sum(_column(one.T.tocsr(), begin[water.source], super_source) for one in (first, second))
    return got * unit, given * unit


def _whole(m3d: Floats, unit_m3: float) -> Ints:
    """Return amounts of a day as whole numbers of a unit; what is not limited as more than any source gives."""
    return np.floor(np.minimum(np.nan_to_num(m3d, posinf=np.inf) / unit_m3 + 1e-6, _ANY)).astype(np.int64)


def _matrix(pairs: tuple[Ints, Ints], room: Ints, n: int) -> csr_array:
    """Return the room of each pair of nodes; that of pipes side by side together."""
    from scipy.sparse import coo_array

    whole = coo_array((room, pairs), shape=(n, n)).tocsr()
    whole.data = np.minimum(whole.data, _ANY)
    return whole


def _flow_on(room: csr_array, source: int, sink: int) -> tuple[csr_array, csr_array]:
    """Return the flow of each pair of nodes as a table, and the room that it leaves."""
    from scipy.sparse.csgraph import maximum_flow

    flow = maximum_flow(room.astype(np.int32), source, sink).flow.astype(np.int64)
    left = (room - flow).tocsr()
    left.data = np.minimum(left.data, _ANY)
    return flow, left


def _column(flow: csr_array, rows: Ints, column: int) -> Floats:
    """Return the flow from each of some nodes into one."""
    return np.asarray(flow.tocsr()[rows][:, [column]].todense(), np.float64).ravel()


def per_node(net: DrainageNetwork, water: ReclaimedNetwork, got: Floats) -> pd.DataFrame:
    """Tabulate users and feeds: ``demand_m3d``, ``got_m3d``."""
    chosen = np.concatenate([water.user, water.feed])
    return pd.DataFrame(
        {
            "kind": net.nodes["kind"].to_numpy(dtype=object)[water.nodes[chosen]],
            "demand_m3d": np.where(np.isin(chosen, water.user), water.demand_m3d[chosen], np.nan),
            "got_m3d": got[chosen],
        },
        index=net.nodes.index[water.nodes[chosen]].rename("node_id"),
    )
