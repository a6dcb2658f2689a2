"""No rain at all: what runs is the inflow of the nodes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.hydraulics.rainfall import Storm
from drainage.words import in_both


@dataclass(frozen=True, slots=True)
class NoRain(Storm):
    """No rain at all: what runs is the inflow of the nodes.

    Parameters
    ----------
    minutes
        Length of the simulation, min.
    source
        Where the inflow comes from.
    """

    minutes: float
    source: str

    @property
    def duration_min(self) -> float:
        """Length of the simulation, min."""
        return self.minutes

    @property
    def peak_min(self) -> float:
        """There is none: the beginning."""
        return 0.0

    @property
    def return_period_a(self) -> float:
        """Not known."""
        return math.nan

    @property
    def remarks(self) -> tuple[str, ...]:
        """Where the water comes from."""
        return (in_both("storm_none", source=self.source),)

    def cumulative_mm(self, time_min: ArrayLike) -> Floats:
        """Return the depth of rain fallen by each time: 0 mm."""
        return np.zeros(np.shape(time_min))

    def with_return_period(self, return_period_a: float) -> NoRain:
        """Refuse: there is no storm to make larger."""
        raise SimulationError(in_both("no_rain_no_period", source=self.source, period_a=return_period_a))

    def __repr__(self) -> str:
        return f"<NoRain {self.source}: {self.minutes:g} min>"
