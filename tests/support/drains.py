"""Storm drains for tests of the simulation: networks with levels and ground, and the rain that falls on them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.formats.rain.storm_formula import storm_formula
from drainage.hydraulics import manning
from drainage.hydraulics.rainfall import DesignStorm
from drainage.measures import PipeMeasures
from drainage.simulation.state import FlowState
from tests.support.networks import build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drainage.hydraulics.rounded_sections import Section
    from drainage.network import DrainageNetwork


def rain(return_period_a: float = 3.0, duration_min: float = 120.0) -> DesignStorm:
    """Give a storm of Shanghai."""
    return DesignStorm(storm_formula("shanghai"), return_period_a, duration_min)


def drain(
    pipes: Sequence[str],
    bed: Mapping[str, float],
    *,
    ground: float | Mapping[str, float] = np.nan,
    nodes: Mapping[str, Mapping[str, object]] | None = None,
    places: Mapping[str, tuple[float, float]] | None = None,
    **columns: Sequence[object],
) -> DrainageNetwork:
    """Build a network of pipes that lie on the bed of their nodes, n = 0.013, Ψ = 1.

    ``ground`` is one level or one by node; ``nodes`` gives other columns: name → node → value.
    """
    ends = [text.replace(">", " ").split()[:2] for text in pipes]
    columns.setdefault("manning_n", [0.013] * len(pipes))
    net = build(
        pipes,
        kinds=None,
        places=places,
        invert_from_m=[bed[a] for a, _ in ends],
        invert_to_m=[bed[b] for _, b in ends],
        **columns,
    )
    frame = net.nodes
    frame["ground_m"] = pd.Series(ground, frame.index) if isinstance(ground, float) else frame.index.map(dict(ground))
    frame["runoff_coefficient"] = 1.0
    for column, values in (nodes or {}).items():
        frame[column] = frame.index.map(dict(values))
    return net.replace(nodes=frame)


def full_flow(section: Section, slope: float, manning_n: float) -> Floats:
    """Give what pipes of some sections carry when they run full, m³/s."""
    zeros = np.zeros(np.shape(section.area_m2))
    carried = manning.conveyance(section, manning_n)
    return PipeMeasures(
        zeros + manning_n, carried, section.area_m2, section.height_m, zeros + 1.0, zeros + slope, zeros, zeros
    ).capacity_m3s


def as_plan(net: DrainageNetwork) -> DrainageNetwork:
    """Take the CRS away: a schematic plan."""
    pipes, nodes = net.pipes, net.nodes
    return net.replace(
        pipes=gpd.GeoDataFrame(pipes.drop(columns="geometry"), geometry=np.asarray(pipes.geometry.array)),
        nodes=gpd.GeoDataFrame(nodes.drop(columns="geometry"), geometry=np.asarray(nodes.geometry.array)),
    )


def with_layer(net: DrainageNetwork, **layers: gpd.GeoDataFrame) -> DrainageNetwork:
    """Lay layers beside the pipes."""
    return net.replace(layers=layers)


def of_engine(state: FlowState) -> FlowState:
    """Give what a screening says as another engine would, of which nothing can be asked again."""
    return FlowState(**{**{one.name: getattr(state, one.name) for one in fields(FlowState)}, "method": "swmm"})
