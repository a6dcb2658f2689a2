"""Readings made by the engine itself, on a street of four pipes: ``a>b>c>d>e``, gauges at c."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drainage.formats.rain.gauge_series import GaugeReadings
from drainage.simulation.setup import Setup
from drainage.simulation.swmm.watched_series import build_model, run_series
from tests.support.drains import drain, rain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drainage.network import DrainageNetwork

PIPES = ("a>b storm 600", "b>c storm 600", "c>d storm 700", "d>e storm 800")
LEVELS = dict(zip("abcde", (11.0, 10.6, 10.2, 9.8, 9.4), strict=True))
PLACES = {name: (500_000.0 + 100.0 * k, 3_700_000.0) for k, name in enumerate("abcde")}
STORM = rain(1.0, 60.0)
MINUTES = np.arange(5, 150, 5)


def street(
    manning_n: float = 0.013, psi: float = 0.6, silt_share: float = 0.0, inflow_m3s: float = 0.0
) -> DrainageNetwork:
    """Draw the street; n and silt are those of the pipe below the gauges, c>d, the inflow is that of its upper end."""
    return drain(
        list(PIPES),
        LEVELS,
        ground=13.5,
        nodes={
            "area_ha": dict.fromkeys("abcd", 0.5),
            "runoff_coefficient": dict.fromkeys("abcd", psi),
            "inflow_m3s": {"a": inflow_m3s},
        },
        places=PLACES,
        manning_n=[0.013, 0.013, manning_n, 0.013],
        silt_share=[0.0, 0.0, silt_share, 0.0],
    )


def measured(net: DrainageNetwork, *what: str, minutes: Sequence[int] | np.ndarray = MINUTES) -> GaugeReadings:
    """Give what gauges would measure in a network: ``c level``, ``c depth``, ``p1 flow`` and the like."""
    places = [text.split() for text in what]
    nodes = [name for name, quantity in places if quantity != "flow"]
    pipes = [name for name, quantity in places if quantity == "flow"]
    series = run_series(
        build_model(net, STORM, Setup(), nodes=nodes or ["c"]),
        net,
        nodes=nodes or ["c"],
        pipes=pipes,
        time_limit_s=60.0,
    )
    at = np.asarray(minutes) - 1  # the first reporting step ends at minute 1
    parts = []
    for name, quantity in places:
        if quantity == "flow":
            value = series.flow_m3s[at, pipes.index(name)]
        else:
            value = series.level_m[at, nodes.index(name)] - (LEVELS[name] if quantity == "depth" else 0.0)
        parts.append(readings(name, quantity, np.asarray(minutes, dtype=np.float64), value).table)
    return GaugeReadings(pd.concat(parts, ignore_index=True), None, "levels.csv")


def readings(gauge: str, quantity: str, minute: np.ndarray, value: np.ndarray) -> GaugeReadings:
    """Give readings of one gauge."""
    table = {"gauge": gauge, "at": "", "quantity": quantity, "minute": minute, "value": value,
             "row": np.arange(2, len(minute) + 2)}  # fmt: skip
    return GaugeReadings(pd.DataFrame(table), None, "levels.csv")
