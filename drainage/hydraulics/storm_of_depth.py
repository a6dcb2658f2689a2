"""A storm that is asked by its depth: the shape of a design storm, its rain scaled to so many millimetres."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.hydraulics.formulas import IntensityFormula, StormFormula
from drainage.hydraulics.rainfall import DesignStorm, Shape, Storm
from drainage.words import in_both

#: Whose shape a storm has for which no formula is given: 1/(t + 10)^0.7, amid those of Chinese cities (own choice).
USUAL_SHAPE: Final = StormFormula(A=1000.0, C=0.0, b=10.0, n=0.7, source="1/(t + 10)^0.7, of no city")
#: No storm on earth was deeper in ten days, mm (own choice, as a bound against units mistaken).
DEEPEST_MM: Final = 10000.0


@dataclass(frozen=True, slots=True)
class StormOfDepth(Storm):
    """A storm of a depth; it has no return period.

    Parameters
    ----------
    wanted_mm
        Depth of rain, mm.
    minutes
        Length of the storm, min.
    shape
        ``chicago``, ``blocks`` or ``uniform``, as in `DesignStorm`.
    formula
        Formula that gives the shape; None: a typical one, not of any city.
    peak_position, climate_factor
        As in `DesignStorm`; the depth is that before the factor.

    Examples
    --------
    >>> storm = StormOfDepth(50.0, 120.0)
    >>> round(storm.depth_mm, 3), storm.peak_min
    (50.0, 48.0)
    """

    wanted_mm: float
    minutes: float
    shape: Shape = "chicago"
    formula: IntensityFormula | None = None
    peak_position: float = 0.4
    climate_factor: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.wanted_mm) and 0.0 < self.wanted_mm <= DEEPEST_MM):
            raise SimulationError(in_both("storm_depth_out", value=self.wanted_mm, most=DEEPEST_MM))
        self._like  # noqa: B018 - a DesignStorm refuses what is no duration, shape, position or factor

    @property
    def _like(self) -> DesignStorm:
        """The storm whose shape it has, of the depth that its formula gives for two years."""
        formula = self.formula or USUAL_SHAPE
        return DesignStorm(formula, 2.0, self.minutes, self.peak_position, self.shape, self.climate_factor)

    @property
    def _scale(self) -> float:
        like = self._like
        return self.wanted_mm * self.climate_factor / like.depth_mm

    @property
    def duration_min(self) -> float:
        """Length of the storm, min."""
        return self.minutes

    @property
    def peak_min(self) -> float:
        """Time of the peak, min after the beginning."""
        return self._like.peak_min

    @property
    def return_period_a(self) -> float:
        """Not known."""
        return math.nan

    @property
    def rises_once(self) -> bool:
        """Whether the rain only grows until the peak and only falls after it, smoothly."""
        return self._like.rises_once

    @property
    def remarks(self) -> tuple[str, ...]:
        """That it is scaled, and by whose shape."""
        source = in_both("storm_no_city") if self.formula is None else self.formula.source
        shape = in_both("storm_evenly") if self.shape == "uniform" else in_both("storm_in_shape", source=source)
        said = in_both("storm_scaled", depth_mm=self.wanted_mm, shape=shape)
        return (said,) if self.climate_factor == 1.0 else (said, in_both("storm_factor", factor=self.climate_factor))

    @property
    def facts(self) -> dict[str, object]:
        """What the storm is: no formula gave its depth."""
        return {
            "kind": "depth",
            "formula": None,
            "source": "scaled to depth",
            "shape_of": None if self.formula is None else self.formula.name or self.formula.source,
            **self._facts(),
            "peak_position": self.peak_position,
            "shape": self.shape,
            "climate_factor": self.climate_factor,
        }

    def cumulative_mm(self, time_min: ArrayLike) -> Floats:
        """Return the depth of rain fallen by each time, mm."""
        return np.asarray(self._like.cumulative_mm(time_min) * self._scale)

    def mean_intensity(self, window_min: ArrayLike) -> Floats:
        """Return the mean intensity of the worst window of the storm, L/(s·hm²)."""
        return np.asarray(self._like.mean_intensity(window_min) * self._scale)

    def with_return_period(self, return_period_a: float) -> StormOfDepth:
        """Refuse: a depth has no other return period."""
        raise SimulationError(in_both("depth_no_period", depth_mm=self.wanted_mm, period_a=return_period_a))

    def __repr__(self) -> str:
        return f"<StormOfDepth {self.shape}, {self.minutes:g} min, {self.depth_mm:.1f} mm>"
