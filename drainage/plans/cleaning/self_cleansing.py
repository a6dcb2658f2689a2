"""Whether a pipe keeps itself clean: its velocities as built, in a storm, at a frequent flow and in dry weather."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.hydraulics.velocity import LEAST_VELOCITY_M_S, design_filling_factor, part_velocity
from drainage.measures import PIPE, pipe_sections
from drainage.network import DrainageNetwork
from drainage.schema.columns import column_of
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.return_periods import flow_in_return_period

#: Systems in which dry-weather flow runs; storm pipes should carry none.
_WITH_SEWAGE = ("sewage", "combined")


def self_cleansing(state: Screening, frequent_return_period_a: float) -> pd.DataFrame:
    """Compute the velocities of the clean pipes, and compare them with the minimum ones.

    ``design_velocity_m_s`` is that of the full pipe, of sewers that of their largest design filling;
    ``storm_`` and ``frequent_`` that of the rational method's flow in the storm of the state and in the frequent one;
    ``dry_`` that of the constant inflows which the source records (``inflow_m3s`` of nodes), in sewage and combined
    pipes.  nan where the size, the levels or the flow are not known, and in pipes under pressure.

    ``at_risk`` is yes where one of them is less than ``least_velocity_m_s``, and ``slow_at`` says which: the design
    velocity of all pipes, the frequent one of storm and combined pipes, the dry one of sewers.

    Returns
    -------
    (n_pipes,) rows, index ``pipe_id``.

    References
    ----------
    GB 50014-2021, 5.2.4, 5.2.7: sewage 0.6 m/s at design filling, storm and combined 0.75 m/s full.  That the frequent
    and the dry flow should reach the same velocities is our choice.
    """
    net = state.network
    pipes = net.pipes
    clean = net.measures.with_section(pipe_sections(pipes, 0.0))
    full_m3s = np.where(clean.passes == PIPE, clean.capacity_m3s, np.nan)
    full = full_m3s / clean.area_m2
    system = pipes["system"].astype("str")
    sewage = (system == "sewage").to_numpy()
    least = system.map(LEAST_VELOCITY_M_S).to_numpy(dtype=np.float64)
    design = np.where(sewage, full * design_filling_factor(pipes["diameter_mm"]), full)
    storm_m3s = state.pipes["flow_m3s"].to_numpy(dtype=np.float64)
    frequent_m3s = np.full(len(pipes), np.nan)
    if math.isfinite(state.storm.return_period_a):
        frequent_m3s = flow_in_return_period(state, frequent_return_period_a)
    dry_m3s = dry_flow_m3s(net)
    storm, frequent, dry = (
        part_velocity(np.where(flow > 0.0, flow, np.nan), full_m3s, full) for flow in (storm_m3s, frequent_m3s, dry_m3s)
    )
    slow = {"design": design < least, "frequent": ~sewage & (frequent < least), "dry": sewage & (dry < least)}
    known = np.isfinite(design) & np.isfinite(least)
    return pd.DataFrame(
        {
            "least_velocity_m_s": least,
            "full_velocity_m_s": full.round(3),
            "design_velocity_m_s": design.round(3),
            "storm_velocity_m_s": storm.round(3),
            "frequent_velocity_m_s": frequent.round(3),
            "dry_flow_m3s": dry_m3s,
            "dry_velocity_m_s": dry.round(3),
            "at_risk": np.where(np.any(list(slow.values()), axis=0), "yes", np.where(known, "no", "unknown")),
            "slow_at": _words(slow),
        },
        index=pipes.index,
    )


def dry_flow_m3s(net: DrainageNetwork) -> Floats:
    """Gather the constant inflows of the nodes down the sewage and combined pipes, (n_pipes,) m³/s; else nan."""
    inflow = column_of(net.nodes, "inflow_m3s", 0.0)
    sewer = net.systems.among(*_WITH_SEWAGE)
    flow = np.full(len(sewer), np.nan)
    if inflow.any():
        flow[sewer] = net.graph.only(sewer).accumulate(inflow)[1]
    return flow


def _words(marks: dict[str, NDArray[np.bool_]]) -> NDArray[np.object_]:
    """Join the names of the marks that are set in each row."""
    number = sum(mark.astype(np.intp) << k for k, mark in enumerate(marks.values()))
    names = list(marks)
    words = [", ".join(name for k, name in enumerate(names) if n >> k & 1) for n in range(1 << len(names))]
    return np.asarray(np.array(words, dtype=object)[number])
