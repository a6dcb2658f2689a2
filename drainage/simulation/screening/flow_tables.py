"""Answers of a screening, laid out in the order of the network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.simulation.pipes import known_ground
from drainage.simulation.screening.doubt import doubts, places_of, spell_doubts
from drainage.simulation.screening.hydrograph import runoff_m3s_per_ha
from drainage.simulation.screening.inflows import model_steps, series_of
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3
from drainage.simulation.screening.unmodelled import input_doubts
from drainage.words import Said, code, in_both

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drainage.hydraulics.rainfall import Storm
    from drainage.simulation.screening.doubt import Stressed
    from drainage.simulation.screening.model import Routed, ScreeningModel
    from drainage.simulation.state import FlowState

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: Water that stands longer than this after the rain stands for good; so long is written, h.
LONGEST_H: Final = 24.0


def lay_out(
    state: FlowState, model: ScreeningModel, routed: Routed, wanted: Floats, stressed: Stressed | None = None
) -> FlowState:
    """Give the state with its tables and its balance.

    Parameters
    ----------
    state
        What was screened, and by what assumptions; its nodes have ``area_ha``.
    model
        Pipes in model order.
    routed
        What the storm does to the model.
    wanted
        (n_edges,) design flow in model order, m³/s.
    stressed
        What the storm does with less and more inflow; None: no answer is told to be near its limit.
    """
    storm, net = state.storm, state.network
    t1 = state.inlet_time_min
    n_pipes, n_nodes = len(state.pipes), len(state.nodes)
    pipe_judged = np.isfinite(model.pipes.conveyance_m3s)
    flow = _spread(n_pipes, model.pipe_row, wanted)
    capacity = _spread(n_pipes, model.pipe_row, model.capacity_m3s)
    utilisation = np.divide(flow, capacity, out=np.full(n_pipes, np.nan), where=capacity > 0.0)
    pipes = pd.DataFrame(
        {
            "flow_m3s": flow,
            "capacity_m3s": capacity,
            "utilisation": utilisation,
            "surcharged": flow > capacity,
            "passed_m3s": _spread(n_pipes, model.pipe_row, routed.edges[:, 0]),
            "judged": _mark(n_pipes, model.pipe_row, pipe_judged),
        },
        index=state.pipes.index,
    )
    judged = _judge(model, pipe_judged)
    volume = np.where(routed.nodes[:, 2] >= LEAST_OVERFLOW_M3, routed.nodes[:, 2], 0.0)
    level = _spread(n_nodes, model.node_row, np.where(routed.nodes[:, 0] > -1e29, routed.nodes[:, 0], np.nan))
    ground = known_ground(net)
    overflow = _spread(n_nodes, model.node_row, volume, 0.0)
    flooded_h, stands_h, gone_h, begun_h = (
        np.where(overflow > 0.0, _spread(n_nodes, model.node_row, routed.nodes[:, k] / 3600.0), np.nan)
        for k in (4, 5, 6, 7)
    )
    rain_h = storm.duration_min / 60.0
    standing = pd.DataFrame(
        {
            "standing_h": np.minimum(stands_h, rain_h + LONGEST_H),
            "drain_down_h": np.clip(gone_h - rain_h, 0.0, LONGEST_H),
            "begins_h": begun_h,
            "ends_h": np.minimum(gone_h, rain_h + LONGEST_H),
        },
        index=state.nodes.index,
    )
    nodes = pd.DataFrame(
        {
            "area_ha": state.nodes["area_ha"],
            "level_m": level,
            "ground_m": ground,
            "freeboard_m": ground - level,
            "overflow_m3s": np.where(overflow > 0.0, _spread(n_nodes, model.node_row, routed.nodes[:, 1], 0.0), 0.0),
            "overflow_m3": overflow,
            "overflows": overflow > 0.0,
            "judged": _mark(n_nodes, model.node_row, judged),
            "overflow_h": np.nan_to_num(flooded_h),
        },
        index=state.nodes.index,
    )
    area_ha = state.nodes["area_ha"].to_numpy()[model.node_row]
    entering = {code: mask[model.node_row] for code, mask in input_doubts(net, storm).items()}
    found = doubts(model, area_ha, judged, places_of(net, model), routed, stressed, entering)
    marks = {name: _mark(n_nodes, model.node_row, mask) for name, mask in found.items()}
    ends = np.concatenate([net.graph.tail, net.graph.head])
    marks["no_outlet"] |= np.bincount(ends, minlength=n_nodes) == 0  # no pipe at all
    nodes["doubt"] = spell_doubts(marks).to_numpy()
    blind = {
        "not_judged": in_both("not_judged", pipes=int((~pipe_judged).sum()), nodes=int((~judged).sum())),
    }
    counted = {name: int(mask.sum()) for name, mask in marks.items() if mask.any()}
    if counted:
        named = ", ".join(f"{name} {count}" for name, count in counted.items())
        named_zh = "、".join(f"{code('doubt', name, 'zh')} {count}" for name, count in counted.items())
        blind["doubtful"] = in_both("doubtful", counts=Said(named, named_zh))
    return replace(
        state,
        pipes=pipes,
        nodes=nodes,
        standing=standing,
        assumptions={**state.assumptions, **blind},
        balance=_balance(model, routed, storm, t1),
    )


def _judge(model: ScreeningModel, pipe_judged: Bools) -> Bools:
    """Mark nodes that have a ground level and a measured pipe to leave by (outfalls: any)."""
    leaves = np.zeros(len(model.node_row), dtype=np.bool_)
    leaves[model.tail[pipe_judged]] = True
    ends = (np.diff(model.ptr) == 0) & ((model.nodes.outlet > 0.0) | (model.nodes.basin_m3 > 0.0))
    return np.asarray(np.isfinite(model.nodes.ground_m) & (leaves | ends) & ~model.in_loop)


def _spread(n: int, row: NDArray[np.int32], values: Floats, empty: float = np.nan) -> Floats:
    spread = np.full(n, empty)
    spread[row] = values
    return spread


def _mark(n: int, row: NDArray[np.int32], marks: Bools) -> Bools:
    spread = np.zeros(n, dtype=np.bool_)
    spread[row] = marks
    return spread


def _balance(model: ScreeningModel, routed: Routed, storm: Storm, inlet_time_min: float) -> dict[str, float]:
    bounds, _ = model_steps(model, storm, inlet_time_min)
    series, series_m3s = series_of(model, storm, bounds)
    seconds = np.diff(bounds) * 60.0
    rain = float((runoff_m3s_per_ha(storm, inlet_time_min, bounds) * seconds).sum())
    runoff = rain * float(model.nodes.own_ha[series < 0].sum()) + float((series_m3s * seconds).sum())
    runoff += float(model.nodes.constant_m3s.sum() * seconds.sum())
    overflow = float(routed.nodes[:, 2].sum())
    leaves = (np.diff(model.ptr) == 0) & (model.nodes.outlet > 0.0)
    outflow = float(routed.nodes[leaves, 3].sum())
    left = runoff - overflow - outflow
    return {
        "runoff_m3": runoff,
        "overflow_m3": overflow,
        "lost_m3": overflow,
        "ponded_m3": 0.0,
        "outflow_m3": outflow,
        "dried_m3": 0.0,
        "stored_m3": max(left, 0.0),
        "error_m3": min(left, 0.0),
    }
