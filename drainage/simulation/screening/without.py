"""What a storm would do to a network without one of its defects: models changed in one respect.

Each function takes a model and gives another one, or None when there is nothing to change; what
it avoids is found by `overflow`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints, marked, spread
from drainage.compiling import done_beside
from drainage.measures import pipe_sections
from drainage.positions import coordinates_at, pairs_within
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3, ScreeningModel
from drainage.simulation.screening.reruns import MOST_NODES_AT_ONCE, Changed, Reruns, steps_of
from drainage.simulation.screening.run_model import design_flow, route

#: A relieved pipe carries as much as three of its kind (1.5 times its diameter).
RELIEF_FACTOR: Final = 3.0
#: Slope that a mended pipe gets, m/m: the smallest in use for large concrete pipes
#: (GB 50014-2021, 5.2.10, explanation, table 11).
MENDED_SLOPE: Final = 0.0005


#: What can be taken away; the order in which `avoided_overflow` gives its columns.
CAUSES: Final = (
    "silt",
    "adverse_slope",
    "tailwater",
    "low_ground",
    "own_capacity",
    "downstream_bottleneck",
)
#: Ground this far around tells whether a point lies low, and by how much it must, m.
SURROUNDINGS_M: Final = 200.0
LOW_BY_M: Final = 0.3
_NEIGHBOURS: Final = 12
#: What is run again for the points' own remedies sweeps no more nodes than so many runs of the whole network: with it
#: the question takes 10 times as long as the screening of lean networks of 2,000-9,000 links in one part (own choice).
#: Points for which that is not enough, those with most water first, are not looked at.
MOST_RERUNS: Final = 40.0
#: A part with no more points than this is run again whole for each of them, any other as far as the change reaches.
MOST_WHOLE: Final = 4


class Avoided(NamedTuple):
    """How much less overflows at each point without each of `CAUSES`, (count, 6) m³, and which were looked at.

    Negative where a change makes it worse. Of a point that was not looked at only the first three columns are known.
    ``turn`` says in which set each point came, -1 for none, (count,), and ``swept`` how many nodes each set takes.
    """

    volume_m3: Floats
    looked_at: Bools
    turn: Ints
    swept: Ints


def avoided_overflow(
    state: Screening, point_of_node: Ints, count: int, progress: Callable[[float], None] | None = None, *,
    most_swept: float | None = None, beyond: Floats | None = None,
) -> Avoided:  # fmt: skip
    """Find how much less overflows at each point without each of `CAUSES`, one at a time.

    Silt, adverse slopes and tailwater are taken away everywhere at once.  Ground is raised to its surroundings, the
    pipes of the point's own reach are relieved, and so are all pipes below that, for one point of each connected part
    at a time, the first one first, as far as `MOST_RERUNS` go.

    Parameters
    ----------
    state
        A screening.
    point_of_node
        (n_nodes,) number of the point that a node of the network belongs to, -1 for none; those with most water first.
    count
        Number of points.
    progress
        Takes the share that is done, 0-1, again and again; what it raises stops the search.
    most_swept
        Nodes that all sets together may sweep; None: `MOST_RERUNS` of the network.
    beyond
        Of a network that was cut out of a larger one: nodes around it, see `surrounding_ground`.
    """
    avoided, looked_at = np.zeros((count, len(CAUSES))), np.ones(count, dtype=np.bool_)
    if not count:
        return Avoided(avoided, looked_at, np.zeros(0, np.int64), np.zeros(0, np.int64))
    model = flooded_parts(state)
    point = point_of_node[model.node_row]
    now = _by_point(point, state.nodes["overflow_m3"].to_numpy()[model.node_row], count)
    for column, changed in enumerate(
        (without_silt(state, model), without_adverse_slopes(model), without_tailwater(model))
    ):
        if changed is not None:
            avoided[:, column] = now - _by_point(point, overflow(state, changed), count)
    level, everywhere = surrounding_ground(state, model, point, beyond), np.ones(len(model.head), dtype=np.bool_)
    reruns = Reruns(state, model, lambda whole: with_relief(with_raised_ground(whole, level), everywhere))
    whole = _parts_of_few(model, point)
    surcharged = design_flow(model, state.storm, inlet_time_min=state.setup.inlet_time_min) > model.pipes.capacity_m3s
    sets = one_of_each_part(model, point, count)
    left = MOST_RERUNS * len(state.arrays.node_row) if most_swept is None else most_swept
    swept = np.zeros(len(sets), np.int64)
    waiting: list[_Trial] = []
    with done_beside(len(point)) as do:
        for number, chosen in enumerate(sets):
            if progress is not None:
                progress(number / len(sets))
            points = np.where((point >= 0) & chosen[point], point, -1)
            remedies = _remedies(reruns, points >= 0, level, surcharged, whole)
            swept[number] = sum(int(np.count_nonzero(remedy.reach)) for remedy in remedies)
            if swept[number] > left:
                looked_at[chosen] = False
                continue
            left -= swept[number]
            waiting += [_trial(reruns, remedy, points) for remedy in remedies]
            if sum(len(trial.point) for trial in waiting) >= MOST_NODES_AT_ONCE:
                do(partial(_run, reruns, waiting, now, avoided))
                waiting = []
        do(partial(_run, reruns, waiting, now, avoided))
    if progress is not None:
        progress(1.0)
    turn = np.full(count, -1, np.int64)
    for number, chosen in enumerate(sets):
        turn[chosen] = number
    return Avoided(avoided, looked_at, turn, swept)


class _Remedy(NamedTuple):
    """What is changed for points of different parts: its column, the nodes it reaches, and the nodes and pipes."""

    column: int
    reach: Bools
    at_node: Bools
    at_edge: Bools


class _Trial(NamedTuple):
    """A remedy ready to be run: its column, the point of each node of the part (-1: none), and the part changed."""

    column: int
    point: Ints
    changed: Changed


def _remedies(reruns: Reruns, at_node: Bools, level: Floats, surcharged: Bools, whole: Bools) -> list[_Remedy]:
    """Raise the ground of points of different parts, and relieve their pipes and those below."""
    model = reruns.model
    low = at_node & (level > model.nodes.ground_m)
    own = own_reach(model, at_node, surcharged)
    below = reruns.graph.downstream(at_node).edges & ~own
    reach = reruns.reach(at_node) | whole
    no_node, no_edge = (np.zeros(len(each), dtype=np.bool_) for each in (low, own))

    def reached(at: Bools | NDArray[np.int32]) -> Bools:
        """Mark what is reached in the parts where something changes."""
        parts = marked(len(model.group_ptr) - 1, reruns.part[at])
        return np.asarray(reach & parts[reruns.part])

    remedies = (
        _Remedy(3, reached(low), low, no_edge),
        _Remedy(4, reached(reruns.graph.tail[own]), no_node, own),
        _Remedy(5, reached(reruns.graph.tail[below]), no_node, below),
    )
    return [one for one in remedies if one.reach.any()]


def _trial(reruns: Reruns, remedy: _Remedy, point: Ints) -> _Trial:
    part = reruns.take(remedy.reach, remedy.at_node, remedy.at_edge)
    return _Trial(remedy.column, point[part.node], part)


def _run(reruns: Reruns, trials: Sequence[_Trial], now: Floats, avoided: Floats) -> None:
    """Write what each trial avoids (in place)."""
    if not trials:
        return
    for trial, volume in zip(trials, reruns.overflow([trial.changed for trial in trials]), strict=True):
        tried = np.unique(trial.point[trial.point >= 0])
        avoided[tried, trial.column] = (now - _by_point(trial.point, volume, len(now)))[tried]


def _by_point(point: Ints, volume: Floats, count: int) -> Floats:
    inside = point >= 0
    return np.bincount(point[inside], weights=volume[inside], minlength=count).astype(np.float64)


def _parts_of_few(model: ScreeningModel, point: Ints) -> Bools:
    """Mark the nodes of parts that hold no more than `MOST_WHOLE` points, (n_nodes,)."""
    inside = point >= 0
    points = pd.Series(point[inside]).groupby(model.part[inside]).nunique()
    return np.isin(model.part, points.index[points <= MOST_WHOLE].to_numpy())


def flooded_parts(state: Screening) -> ScreeningModel:
    """Return the connected parts of the network in which some node overflows."""
    model = state.arrays
    overflows = state.nodes["overflows"].to_numpy()[model.node_row]
    return model.subset(marked(len(model.group_ptr) - 1, model.part[overflows]))


def overflow(state: Screening, model: ScreeningModel) -> Floats:
    """Return the overflow of each node of a model in the storm of a state, m³, in model order."""
    t1 = state.setup.inlet_time_min
    volume = route(model, state.storm, inlet_time_min=t1, steps=steps_of(state), levels=False).nodes[:, 2]
    return np.where(volume >= LEAST_OVERFLOW_M3, volume, 0.0)


def without_silt(state: Screening, model: ScreeningModel) -> ScreeningModel | None:
    """Clean all pipes."""
    clean = with_silt(state, model, 0.0)
    if not (clean.pipes.area_m2 > model.pipes.area_m2 * (1.0 + 1e-9)).any():
        return None
    return clean


def with_silt(state: Screening, model: ScreeningModel, silt_share: Floats | float) -> ScreeningModel:
    """Fill the pipes with other silt than is recorded.

    Parameters
    ----------
    state
        The screening that the model, or the whole of which it is a part, belongs to.
    model
        Pipes in model order.
    silt_share
        (n_pipes,) in the order of the network, or one for all: depth of the silt by the height, 0-1.
    """
    net = state.network
    measures = net.measures.with_section(pipe_sections(net.pipes, silt_share))
    return replace(model, pipes=measures.at(model.pipe_row))


def without_adverse_slopes(model: ScreeningModel) -> ScreeningModel | None:
    """Lay pipes that rise with the flow again: from their upper end with a small fall.

    The pipes below are laid as deep as they must be to receive them, until one lies deep enough:
    a run that climbs a hump is dug through it.
    """
    pipes = model.pipes
    if not (pipes.z_up_m < pipes.z_down_m).any():
        return None
    from drainage.simulation.screening.routing import along_flow

    z_up, z_down = along_flow.lay_downhill(
        model.ptr, model.head, pipes.z_up_m, pipes.z_down_m, MENDED_SLOPE * pipes.length_m
    )
    return model.with_pipes(z_up_m=z_up, z_down_m=z_down)


def without_tailwater(model: ScreeningModel) -> ScreeningModel | None:
    """Return the model with free outfall everywhere."""
    if not np.isfinite(model.nodes.tailwater_m).any():
        return None
    return model.with_nodes(tailwater_m=np.full(len(model.node_row), np.nan))


def with_relief(model: ScreeningModel, relieved: Bools) -> ScreeningModel:
    """Return the model with marked pipes carrying `RELIEF_FACTOR` times as much, (n_edges,)."""
    factor = np.where(relieved, RELIEF_FACTOR, 1.0)
    return model.with_pipes(
        conveyance_m3s=model.pipes.conveyance_m3s * factor,
        area_m2=model.pipes.area_m2 * factor,
    )


def with_raised_ground(model: ScreeningModel, ground_m: Floats) -> ScreeningModel:
    """Raise the ground where the given one is higher, (n_nodes,) m."""
    return model.with_nodes(ground_m=np.fmax(model.nodes.ground_m, ground_m))


def own_reach(model: ScreeningModel, at_node: Bools, surcharged: Bools) -> Bools:
    """Mark the pipes of the marked nodes' own reach, (n_edges,).

    They are the pipes that leave the nodes, and the surcharged ones that go on from there; but
    the reach ends above a throat, a surcharged pipe that carries less than one that arrives.  A
    throat and what lies below it is downstream even where water already stands above it.

    Parameters
    ----------
    model
        Pipes in model order.
    at_node
        (n_nodes,) nodes of a point.
    surcharged
        (n_edges,) the design flow of the pipe is more than its capacity.
    """
    from drainage.simulation.screening import reach_kernels

    conveyance = np.nan_to_num(model.pipes.conveyance_m3s)
    return np.asarray(reach_kernels.mark_reach(model.ptr, model.head, conveyance, surcharged, at_node))


def pipes_below(model: ScreeningModel, at_node: Bools) -> Bools:
    """Mark all pipes downstream of the marked nodes, (n_edges,)."""
    return np.asarray(model.graph.downstream(at_node).edges)


def one_of_each_part(model: ScreeningModel, point: Ints, count: int) -> list[Bools]:
    """Sort points into sets, (count,) each, to relieve at once: one of each connected part, the first of each first."""
    inside = point >= 0
    points, first = np.unique(point[inside], return_index=True)
    place = pd.Series(model.part[inside][first]).groupby(model.part[inside][first]).cumcount().to_numpy()
    turn = spread(count, points, place, -1)
    return [turn == k for k in range(int(turn.max()) + 1)]


def surrounding_ground(state: Screening, model: ScreeningModel, point: Ints, beyond: Floats | None = None) -> Floats:
    """Median ground of the nearest nodes around each point's nodes where it is higher, else nan.

    Of nodes that are as near as each other those with the lowest ground count. ``beyond``, (n, 3), are x, y and ground
    of further nodes around, m.
    """
    place = coordinates_at(state.network.nodes.geometry, model.node_row.astype(np.intp))
    placed = np.isfinite(place[:, 0])
    ground = model.nodes.ground_m
    level = np.full(len(ground), np.nan)
    inside = np.flatnonzero((point >= 0) & placed)
    around = ground_around(place, ground, point)
    if beyond is not None:
        around = np.concatenate([around, beyond])
    if len(around) and len(inside) and state.network.crs is not None:
        node, near, apart = pairs_within(place[inside], around[:, :2], SURROUNDINGS_M)
        pairs = pd.DataFrame({"node": node, "distance": apart, "ground": around[near, 2]})
        nearest = pairs.sort_values(["node", "distance", "ground"]).groupby("node").head(_NEIGHBOURS)
        median = nearest.groupby("node")["ground"].median().reindex(range(len(inside))).to_numpy()
        low = median - ground[inside] >= LOW_BY_M
        level[inside[low]] = median[low]
    return level


def ground_around(place: Floats, ground_m: Floats, point: Ints) -> Floats:
    """Return x, y and ground, (n, 3) m, of the nodes at no point, by which low ground is told."""
    told = np.isfinite(ground_m) & (point < 0) & np.isfinite(place[:, 0])
    return np.column_stack([place[told], ground_m[told]])
