"""Where a screening cannot be trusted, and why: the nodes that an engine should judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats, marked
from drainage.measures import CREST, LIFT, PIPE
from drainage.network import DrainageNetwork
from drainage.schema.codes import spell
from drainage.simulation.pipes import has_flap
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3, Routed, ScreeningModel

#: The rational method holds for catchments up to this, hm². GB 50014-2021, 4.1.7: 2 km².
LARGEST_RATIONAL_HA: Final = 200.0
#: An answer is near its limit where a node overflows that would not with so much less inflow, and where a dry one would
#: overflow with so much more, or its water stands this near below the ground. What hangs together with anything that
#: the screening simplifies is tried harder than plain trees, for water may reach a node there that the screening sends
#: elsewhere: with more inflow yet, and the water need then only come near to the ground. Of a plain tree that says
#: little: one that was laid for its storm runs full in it. Own choice: for plain trees by the demo city and by random
#: trees, for all else by that half of the public models which validation/doubt_cover.py calls tuned.
LESS_INFLOW: Final = 0.7
MORE_INFLOW_OF_TREES: Final = 1.5
MORE_INFLOW: Final = 2.0
FREEBOARD_M: Final = 0.2
NEAR_GROUND_M: Final = 0.1
#: Of the codes of what enters (`drainage.simulation.screening.unmodelled`): those whose water is left out, so that it
#: reaches all nodes below, dry or not; those that hold it up above; those that do both, holding it up and giving it
#: back; and those that count only where a node is near its limit.
LEFT_OUT: Final = ("inlet",)
HOLDING: Final = ("culvert", "tide")
RETURNING: Final = ("control", "force_main", "ponded")
SLIGHT: Final = ("climate", "culvert", "lid", "pattern", "seepage", *RETURNING)
#: Why not, in the order in which a node's reasons are named.
DOUBTS: Final = (
    "over_2_km2", "loop", "pump", "flap_gate", "no_outlet", "storage", "throttle", "fork", "adverse_slope", "no_data",
    "near_limit",
)  # fmt: skip


class Stressed(NamedTuple):
    """The same storm with less and with more inflow."""

    less: Routed
    more: Routed


class Places(NamedTuple):
    """What a model does not tell of its nodes, (n_nodes,) in model order: basins and flap gates."""

    storage: Bools
    flapped: Bools


def places_of(net: DrainageNetwork, model: ScreeningModel) -> Places:
    """Find the basins and flap gates of a model in its network."""
    storage = net.kinds.among("storage")
    return Places(storage[model.node_row], has_flap(net.nodes)[model.node_row])


def with_less_and_more_inflow(model: ScreeningModel, places: Places) -> tuple[ScreeningModel, ScreeningModel]:
    """Return the models that test how near each answer is to its limit."""
    more = np.where(_plain_trees(model, places), MORE_INFLOW_OF_TREES, MORE_INFLOW)
    own_ha, constant = model.nodes.own_ha, model.nodes.constant_m3s
    return (
        model.with_nodes(own_ha=LESS_INFLOW * own_ha, constant_m3s=LESS_INFLOW * constant),
        model.with_nodes(own_ha=more * own_ha, constant_m3s=more * constant),
    )


def doubts(
    model: ScreeningModel,
    area_ha: Floats,
    judged: Bools,
    places: Places,
    routed: Routed,
    stressed: Stressed | None,
    entering: Mapping[str, Bools],
) -> dict[str, Bools]:
    """Name what makes the screening of each node doubtful.

    More than 2 km² drain through it; what the screening simplifies holds its water up or sends it another way: a cycle,
    a pump, a flap gate, a dead end, a basin, an opening or crest, a fork, a pipe that rises; its data are missing; or
    its answer turns with the inflow; or water enters that the screening does not follow.

    What holds water up reaches the nodes above to which that water can rise. What changes the flow reaches all nodes
    below that overflow, or nearly do: one that stays dry with several times the inflow stays so.

    Parameters
    ----------
    model
        Pipes in model order.
    area_ha
        (n_nodes,) ground of each node in model order, hm².
    judged
        (n_nodes,) nodes that have what it takes to be judged.
    places
        What else is known of the nodes.
    routed, stressed
        What the storm does, and what it would do with less and more inflow.
    entering
        Code → (n_nodes,) where enters what the screening does not follow (`drainage.simulation.screening.unmodelled`).

    Returns
    -------
    Name of `DOUBTS`, or code of what enters → (n_nodes,) in model order.

    References
    ----------
    GB 50014-2021, 4.1.7 (2 km²).
    """
    from drainage.simulation.screening.routing import along_flow

    tail, n_nodes = model.tail, len(model.node_row)
    leaving, *_ = along_flow.gather_ground(
        model.ptr, model.head, model.share, np.zeros(len(model.head)), area_ha, np.zeros(n_nodes), 0.0
    )
    through = area_ha + np.bincount(model.head, weights=leaving, minlength=n_nodes)
    passes = model.pipes.passes
    overflows = routed.nodes[:, 2] >= LEAST_OVERFLOW_M3
    near = _near_limit(model, _plain_trees(model, places), routed, stressed)
    live = overflows | near
    graph = model.graph

    def at(edges: Bools) -> Bools:
        return marked(n_nodes, tail[edges])

    def held_up(cause: Bools) -> Bools:
        above = _held_up(model, cause)
        return above | (graph.downstream(above).nodes & live)

    def sent_elsewhere(cause: Bools) -> Bools:
        return (graph.downstream(cause).nodes | graph.upstream(cause).nodes) & live

    dead_end = _dead_ends(model)
    crest = at(passes == CREST)
    unmeasured = np.isnan(model.pipes.conveyance_m3s) & (passes == PIPE)
    fed = marked(n_nodes, model.head[passes == LIFT])
    spread = {}
    for name, mask in entering.items():
        below = graph.downstream(mask).nodes
        above = graph.upstream(mask).nodes
        reached = (above if name in HOLDING else above | below if name in RETURNING else below) & live
        spread[name] = below if name in LEFT_OUT else reached if name in SLIGHT else reached | mask
    return {
        "over_2_km2": (through > LARGEST_RATIONAL_HA) & (live | (np.diff(model.ptr) == 0)),
        "loop": held_up(model.in_loop),
        "pump": held_up(at(passes == LIFT)) | graph.downstream(fed).nodes,
        "flap_gate": held_up(places.flapped),
        "no_outlet": held_up(dead_end),
        "storage": sent_elsewhere(places.storage),
        "throttle": held_up(crest),
        "fork": graph.downstream(np.diff(model.ptr) > 1).nodes & live,
        "adverse_slope": sent_elsewhere(at(model.pipes.z_up_m < model.pipes.z_down_m)),
        "no_data": (~judged & ~(model.in_loop | dead_end | crest)) | sent_elsewhere(at(unmeasured)),
        "near_limit": near,
        **spread,
    }


def _dead_ends(model: ScreeningModel) -> Bools:
    return np.asarray((np.diff(model.ptr) == 0) & (model.nodes.outlet == 0.0))


def _plain_trees(model: ScreeningModel, places: Places) -> Bools:
    """Mark the nodes of connected parts that hold nothing that the screening simplifies: pipes without a fork."""
    simplified = places.storage | places.flapped | model.in_loop | _dead_ends(model) | (np.diff(model.ptr) > 1)
    simplified[model.tail[model.pipes.passes != PIPE]] = True
    parts = marked(len(model.group_ptr) - 1, model.part[simplified])
    return np.asarray(~parts[model.part])


def _near_limit(model: ScreeningModel, plain: Bools, routed: Routed, stressed: Stressed | None) -> Bools:
    """Mark nodes that would not overflow with less inflow, and dry ones that nearly overflow or would with more."""
    if stressed is None:
        return np.zeros(len(plain), dtype=np.bool_)
    ground = model.nodes.ground_m
    level, more = routed.nodes[:, 0], stressed.more.nodes
    dries = stressed.less.nodes[:, 2] < LEAST_OVERFLOW_M3
    fills = np.where(plain, more[:, 2] >= LEAST_OVERFLOW_M3, more[:, 0] >= ground - NEAR_GROUND_M)
    # An outfall has no level to fill to: there all leaves, whatever comes.
    nearly = (fills | (level >= ground - FREEBOARD_M)) & (np.diff(model.ptr) > 0)
    return np.where(routed.nodes[:, 2] >= LEAST_OVERFLOW_M3, dries, nearly)


def _held_up(model: ScreeningModel, cause: Bools) -> Bools:
    """Mark causes, and the nodes above that overflow where water stands still at the ground of a cause."""
    from drainage.simulation.screening.routing import along_flow

    ground = model.nodes.ground_m
    spill = np.where(cause, np.nan_to_num(ground, nan=np.inf), -np.inf)
    level = along_flow.stand_back(model.ptr, model.head, np.nan_to_num(model.pipes.z_up_m, nan=-np.inf), spill)
    return np.asarray(cause | (np.isfinite(level) | (level > 0.0)) & ~(level < ground))


def spell_doubts(marks: Mapping[str, Bools]) -> pd.Series:
    """Write the names of each node's doubts, by commas; missing where there is none.

    Parameters
    ----------
    marks
        Name → (n_nodes,) marked nodes.
    """
    code = np.zeros(len(next(iter(marks.values()))), dtype=np.int64)
    for bit, mask in enumerate(marks.values()):
        code |= mask.astype(np.int64) << bit
    if not code.any():
        return pd.Series(np.full(len(code), None, dtype=object))
    rows, codes = pd.factorize(code)
    words = [", ".join(name for bit, name in enumerate(marks) if k >> bit & 1) for k in codes.tolist()]
    return pd.Series(spell(words, np.where(codes == 0, -1, np.arange(len(codes)))[rows]))
