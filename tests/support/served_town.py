"""A small town with a storm, served: what lies along its drain is known by hand.

.. code-block:: text

    n0 --- n1 --- … --- n5 === n6 === … === n10 === nout        --- 人民路, === 解放路; n0 to nout is the flow
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI

import drainage as dr
from drainage_api.main import create_app
from drainage_api.settings import Settings
from drainage_api.store.keys import KeyRole
from drainage_api.store.opened import Store
from tests.support.drains import rain
from tests.support.streets import flooded_town

OURS: Final = "人民路"
THEIRS: Final = "解放路"
STORM: Final = rain(5.0)


def town_network(*, ground_m: float = 0.0, area_share: float = 1.0) -> dr.DrainageNetwork:
    """Give the network, its manholes higher by some metres, with a share of the ground that drains to them."""
    net = flooded_town(synthetic=True)
    pipes, nodes = net.pipes, net.nodes
    pipes["road"] = [OURS if k < 5 else THEIRS for k in range(len(pipes))]
    nodes["ground_m"] += ground_m
    nodes["area_ha"] *= area_share
    return net.replace(pipes=pipes, nodes=nodes)


@cache
def flooded() -> dr.report.Report:
    """Give the report."""
    return dr.analyze(town_network(), storm=STORM)


@cache
def dry() -> dr.report.Report:
    """Give the report of the same town without any rain, and without roads."""
    net = town_network()
    return dr.analyze(net.replace(layers={}))


def serving(report: dr.report.Report | None = None, **settings: object) -> FastAPI:
    """Make the application of a report."""
    return create_app(Settings(**settings), report=report or flooded())  # type: ignore[arg-type]  # names of settings


def key_in(store: Path, role: KeyRole, *roads: str) -> str:
    """Make a key in a store, which is made with the first."""
    with Store.opened(store) as opened:
        return opened.keys.add(f"{role} {'-'.join(roads)}", role, roads=roads)[1]
