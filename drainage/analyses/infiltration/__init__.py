"""Water that does not belong into the sewers, from flow meters and rain: where it enters, and what it overloads."""

from __future__ import annotations

from drainage.analyses.infiltration.limits import InfiltrationLimits
from drainage.analyses.infiltration.measure import measure_infiltration

__all__ = ["InfiltrationLimits", "measure_infiltration"]
