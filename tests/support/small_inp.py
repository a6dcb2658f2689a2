"""A small model of EPA SWMM that floods in a design storm, to which tests add what they are about.

S1 and S2 drain to J1 and J2 of J1 → J2 → J3 → O1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import drainage as dr
from drainage.formats.rain.storm_formula import read_storm_formula

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = {
    "FLOW_UNITS": "LPS", "INFILTRATION": "HORTON", "FLOW_ROUTING": "DYNWAVE", "LINK_OFFSETS": "DEPTH",
    "START_DATE": "01/15/2023", "START_TIME": "00:00:00", "END_DATE": "01/15/2023", "END_TIME": "04:00:00",
    "REPORT_STEP": "00:05:00", "WET_STEP": "00:01:00", "DRY_STEP": "00:05:00", "ROUTING_STEP": "5",
}  # fmt: skip
BODY = """
[RAINGAGES]
RG1 INTENSITY 0:05 1.0 TIMESERIES TS1
[SUBCATCHMENTS]
S1 RG1 J1 2.0 60 200 0.5 0
S2 RG1 J2 1.0 80 120 0.5 0
[SUBAREAS]
S1 0.013 0.1 1.5 5 25 OUTLET
S2 0.013 0.1 1.5 5 25 OUTLET
[INFILTRATION]
S1 75 5 4 7 0
S2 75 5 4 7 0
[JUNCTIONS]
J1 10.0 2.0 0 0 0
J2 9.5 2.2 0 0 0
J3 9.0 2.4 0 0 0
[OUTFALLS]
O1 8.5 FREE NO
[CONDUITS]
C1 J1 J2 100 0.013 0 0 0 0
C2 J2 J3 100 0.013 0 0 0 0
C3 J3 O1 100 0.013 0 0 0 0
[XSECTIONS]
C1 CIRCULAR 0.4 0 0 0 1
C2 CIRCULAR 0.4 0 0 0 1
C3 CIRCULAR 0.5 0 0 0 1
[TIMESERIES]
TS1 0:00 10
TS1 0:30 60
TS1 1:00 0
[COORDINATES]
J1 500000 3700000
J2 500100 3700000
J3 500200 3700000
O1 500300 3700000
"""


def inp(path: Path, more: str = "", *, body: str = BODY, **options: str) -> Path:
    """Write the model with other options, and with more sections at its end."""
    lines = "\n".join(f"{name} {value}" for name, value in (OPTIONS | options).items())
    path.write_text(f"[TITLE]\nsmall\n[OPTIONS]\n{lines}\n{body}\n{more}\n", encoding="utf-8")
    return path


def storm() -> dr.DesignStorm:
    """Give the storm of the demo formula, 3 a, 60 min."""
    return dr.DesignStorm(read_storm_formula("demo"), 3, 60)


def overflow_m3(path: Path, *, own_rain: bool = False) -> float:
    """Run the model and give what overflows at its nodes."""
    state = dr.simulate_swmm(dr.read_network(path), None if own_rain else storm())
    return float(state.nodes["overflow_m3"].sum())
