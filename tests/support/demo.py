"""The demo city, read once for all tests of a process: a network does not change, and gives copies of its tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import shapely

import drainage as dr

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork
    from drainage.report import Report
    from drainage.result import Result
    from drainage.simulation.screening.answer import Screening

PIPES: Final = Path(__file__).parents[2] / "data" / "pipes.geojson"
#: Nodes in the middle of two quarters, each under water in the storm of the demo, and how far these reach.
_QUARTERS: Final = (("YS1403", 500.0), ("YS0301", 600.0))


@cache
def whole_city() -> DrainageNetwork:
    """Give the city with all that was ever built."""
    return dr.read_network(PIPES)


@cache
def city(day: str) -> DrainageNetwork:
    """Give the city as it was on a day."""
    return whole_city().as_of(day)


@cache
def around(node_id: str, reach_m: float) -> DrainageNetwork:
    """Give a square of the city of 2018-12-31 about a node, ``reach_m`` to each side, whose drawings take less time."""
    net = city("2018-12-31")
    return net.clip(net.nodes.geometry.loc[node_id].buffer(reach_m, cap_style="square"))


@cache
def quarters(day: str) -> DrainageNetwork:
    """Give two of its quarters as they were on a day, a tenth of it: every kind of finding and of works is there."""
    places = whole_city().nodes.geometry
    parts = [places.loc[name].buffer(reach_m, cap_style="square") for name, reach_m in _QUARTERS]
    return city(day).clip(shapely.union_all(parts))


@cache
def mixed_flow(day: str) -> Result:
    """Give the mixed flow of that day, whose tables no test may change."""
    return dr.find_mixed_flow(city(day))


@cache
def screened(day: str) -> Screening:
    """Give the screening of that day in the storm of the demo, 3 a and two hours."""
    return dr.screen(city(day), dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120))


@cache
def waterlogging(day: str) -> Result:
    """Give the points of waterlogging of that storm, with what was reported, whose tables no test may change."""
    return dr.find_waterlogging(screened(day), sightings=city(day).layers["reports"])


@cache
def report(day: str) -> Report:
    """Give all answers about the city on that day, in the storm of the demo."""
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    return dr.analyze(city(day), storm=storm)
