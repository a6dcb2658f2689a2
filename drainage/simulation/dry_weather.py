"""Sewage of pipes in dry weather: measured, else from the users upstream, else assumed.

Two columns are made use of where the source has them: ``flow_m3d`` of pipes, the measured mean dry-weather flow, and
``users`` of pipes or nodes, the number of drainage users that connect there.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats, spread
from drainage.errors import SchemaError
from drainage.hydraulics.sewage import SewageRates
from drainage.network import DrainageNetwork
from drainage.schema.columns import column_of
from drainage.words import in_both

#: Systems whose pipes carry sewage.
SEWERS: Final = ("sewage", "combined")
#: What a flow is taken from, the best first.
ORIGINS: Final = ("measured", "users", "assumed", "unknown")


class Sewage(NamedTuple):
    """Sewage of each pipe, (n_pipes,): mean daily flow, nan where unknown, and number of its origin in `ORIGINS`."""

    m3d: Floats
    origin: NDArray[np.intp]


def branch_sewage(net: DrainageNetwork, rates: SewageRates) -> Sewage:
    """Return the likely sewage of every pipe, each treated as a branch whose flow is not traced.

    Parameters
    ----------
    net
        Any network.
    rates
        ``user_m3d`` where users were counted above the pipe, else ``diameter_m3d`` by the diameter or the larger side.
    """
    return _best(net, rates, rates.of_diameter(size_mm(net.pipes)))


def sewer_sewage(net: DrainageNetwork, rates: SewageRates) -> Sewage:
    """Return the sewage that every pipe carries from all sewers above it, by users or by ``sewer_m3d_per_km``."""
    rate = rates.sewer_m3d_per_km
    assumed = np.full(len(net.pipes), np.nan)
    if rate is not None:
        km = net.pipes["length_m"].fillna(0.0).to_numpy(dtype=np.float64) / 1000.0
        assumed = rate * through_sewers(net, of_pipes=km)
    return _best(net, rates, assumed)


def through_sewers(net: DrainageNetwork, *, of_pipes: Floats | float = 0.0, of_nodes: Floats | float = 0.0) -> Floats:
    """Add values up along the sewers, (n_pipes,), 0 in other pipes; equal shares at forks.

    Parameters
    ----------
    of_pipes, of_nodes
        Own value of each pipe, counted at its upper end, and of each node.
    """
    sewer = net.systems.among(*SEWERS)
    part = net.graph.only(sewer)
    value = np.broadcast_to(np.asarray(of_pipes, np.float64), len(sewer))[sewer]
    own = np.bincount(part.tail, weights=value, minlength=part.n_nodes).astype(np.float64) + of_nodes
    return spread(len(sewer), sewer, part.accumulate(own)[1], 0.0)


def size_mm(pipes: gpd.GeoDataFrame) -> Floats:
    """Return the diameter, or the larger side of a box, (n_pipes,), mm."""
    diameter, width, height = (column_of(pipes, f"{name}_mm") for name in ("diameter", "width", "height"))
    return np.where(np.isfinite(diameter), diameter, np.fmax(width, height))


def _best(net: DrainageNetwork, rates: SewageRates, assumed: Floats) -> Sewage:
    measured = _numbers(net.pipes, "flow_m3d")
    by_users = np.full(len(assumed), np.nan)
    if rates.user_m3d is not None:
        at_pipes, at_nodes = (np.nan_to_num(_numbers(frame, "users")) for frame in (net.pipes, net.nodes))
        users = through_sewers(net, of_pipes=at_pipes, of_nodes=at_nodes)
        by_users = np.where(users > 0.0, users * rates.user_m3d, np.nan)
    offers = np.vstack([measured, by_users, assumed, np.full(len(assumed), np.nan)])
    known = np.isfinite(offers)
    known[-1] = True
    origin = known.argmax(axis=0)
    return Sewage(offers[origin, np.arange(len(assumed))], origin)


def _numbers(frame: gpd.GeoDataFrame, name: str) -> Floats:
    if name not in frame:
        return np.full(len(frame), np.nan)
    numbers = pd.to_numeric(frame[name], errors="coerce")
    odd = (numbers.isna() & frame[name].notna()) | (numbers < 0.0)
    if odd.any():
        first = frame.index[odd][0]
        text, count = frame[name][first], int(odd.sum())
        raise SchemaError(in_both("column_no_numbers", feature=first, column=name, text=text, count=count))
    return np.asarray(numbers, dtype=np.float64)
