"""How long EPA SWMM will take, before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from drainage.formats.inp import InpModel
from drainage.simulation.engine_model import EngineOptions
from drainage.simulation.measure import STORM_SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork

#: Seconds that the engine takes for a link and a step, and the longest step that it keeps to where water moves, s.
#: Calibrated on the demo city (5,326 nodes, 38 s) and 107 public models, half of which took between 0.4 and 3 times it.
SECONDS_A_LINK_AND_STEP: Final = 3e-6
LONGEST_STEP_S: Final = 5.0


def engine_seconds(net: DrainageNetwork, storm: Storm | None) -> float:
    """Estimate the seconds that the engine will take for a storm, or for the own rain of an .inp.

    Links × steps × a constant: right within a factor of three or so, for the engine shortens its steps as it needs.
    """
    links = int(net.pipes["system"].isin(STORM_SYSTEMS).sum())
    model = net.inputs.get("model")
    options: Mapping[str, str] = model.text.options if isinstance(model, InpModel) else {}
    step = min(_seconds(options.get("ROUTING_STEP", ""), LONGEST_STEP_S), LONGEST_STEP_S)
    duration = _own_duration(options) if storm is None else 60.0 * (storm.duration_min + EngineOptions().drain_min)
    return links * duration / step * SECONDS_A_LINK_AND_STEP


def _own_duration(options: Mapping[str, str]) -> float:
    days = [options.get(f"{end}_DATE", "") for end in ("START", "END")]
    first, last = pd.to_datetime(pd.Series(days), errors="coerce", format="mixed")
    clocks = [_seconds(options.get(f"{end}_TIME", ""), 0.0) for end in ("START", "END")]
    span = (last - first) / pd.Timedelta(seconds=1) + clocks[1] - clocks[0]
    return float(span) if span > 0.0 else 0.0


def _seconds(written: str, default: float) -> float:
    """Read seconds, or a clock of hours, minutes and seconds."""
    try:
        parts = [float(part) for part in written.split(":")]
    except ValueError:
        return default
    seconds = (
        parts[0] if len(parts) == 1 else sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    )
    return seconds if seconds > 0.0 else default
