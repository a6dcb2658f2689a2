"""How long EPA SWMM will take, before it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drainage.formats.inp.edit.overrides import clock_seconds
from drainage.formats.inp.gages import simulated_min
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.simulation.swmm.engine_values import EngineOptions

#: Seconds that the engine takes for a link and a step, and the longest step that it keeps to where water moves, s.
#: Calibrated on the demo city (5,326 nodes, 38 s) and 107 public models, half of which took between 0.4 and 3 times it.
SECONDS_A_LINK_AND_STEP: Final = 3e-6
LONGEST_STEP_S: Final = 5.0


def engine_seconds(net: DrainageNetwork, storm: Storm | None) -> float:
    """Estimate the seconds that the engine will take for a storm, or for the own rain of an .inp.

    Links × steps × a constant: right within a factor of three or so, for the engine shortens its steps as it needs.
    """
    links = int(net.systems.among(*STORM_SYSTEMS).sum())
    text = None if net.origin.model is None else net.origin.model.text
    own_min = 0.0 if text is None else simulated_min(text)
    duration_min = own_min if storm is None else storm.duration_min + EngineOptions().drain_min
    step_s = _step_s({} if text is None else text.options)
    return links * 60.0 * duration_min / step_s * SECONDS_A_LINK_AND_STEP


def _step_s(options: Mapping[str, str]) -> float:
    """Read the routing step, seconds or a clock; the longest that is taken where it is none."""
    written = options.get("ROUTING_STEP", "")
    try:
        step = clock_seconds(written) if ":" in written else float(written)
    except ValueError:
        step = None
    return min(step, LONGEST_STEP_S) if step is not None and step > 0.0 else LONGEST_STEP_S
