"""A network as it stands on its own day: days that have not come by then are no facts yet."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import pandas as pd

from drainage.network import DrainageNetwork


class Standing(NamedTuple):
    """A network, and how many of its pipes were to be abandoned after the day as of which it is looked at."""

    network: DrainageNetwork
    to_come: int


def standing(net: DrainageNetwork) -> Standing:
    """Return a network without the days after its own on which pipes are to be abandoned.

    Whoever delivers works delivers what is abandoned with them; what nobody has delivered stands.
    """
    if net.origin.as_of is None:
        return Standing(net, 0)
    pipes = net.pipes
    later = (pipes["abandoned"] > pd.Timestamp(net.origin.as_of)).to_numpy()
    if not later.any():
        return Standing(net, 0)
    pipes["abandoned"] = pipes["abandoned"].mask(later)
    return Standing(net.replace(pipes=pipes), int(later.sum()))


class Planned(NamedTuple):
    """A network with days of abandonment that are yet to come, and how many others are left out."""

    network: DrainageNetwork
    left_out: int


def with_planned(
    net: DrainageNetwork, base: DrainageNetwork, day: str | None, settled: Collection[str] = ()
) -> Planned:
    """Return a network that `standing` was asked of with the days of its base that lie after its own new day.

    Parameters
    ----------
    net
        The network, with works.
    base
        That which `standing` was given.
    day
        On which the network with the works is looked at, YYYY-MM-DD.
    settled
        Pipes of which the works themselves say when they are abandoned.
    """
    if day is None or base.origin.as_of is None:
        return Planned(net, 0)
    pipes = net.pipes
    told = base.pipes["abandoned"].drop(labels=list(settled), errors="ignore").reindex(pipes.index)
    later = (told > pd.Timestamp(day)).to_numpy()
    passed = int(((told > pd.Timestamp(base.origin.as_of)).to_numpy() & ~later).sum())
    if not later.any():
        return Planned(net, passed)
    pipes["abandoned"] = pipes["abandoned"].mask(later, told)
    return Planned(net.replace(pipes=pipes), passed)
