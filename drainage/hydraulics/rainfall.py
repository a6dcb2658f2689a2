"""Storms: how the rain of a formula, or of a gauge, falls in time.

Units: time in minutes from the beginning, depth of rain in mm, return period in years (a), intensity q in L/(s·hm²) as
in GB 50014-2021, 4.1.9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.hydraulics.formulas import Q_OF_MM_PER_MIN, IntensityFormula
from drainage.wants import expect
from drainage.words import in_both

Shape = Literal["chicago", "blocks", "uniform"]
SHAPES: Final = ("chicago", "blocks", "uniform")
_OTHER_PEAK: Final = 0.005  # r is given to two digits
BLOCK_MIN: Final = 5.0  # length of an alternating block; the shortest duration that GB 50014-2021, B.0.2 fits


class Storm:
    """What every storm knows: how much has fallen until a time."""

    __slots__ = ()

    @property
    def duration_min(self) -> float:
        """Length of the storm, min."""
        raise NotImplementedError

    @property
    def peak_min(self) -> float:
        """Time of the heaviest rain, min after the beginning."""
        raise NotImplementedError

    @property
    def return_period_a(self) -> float:
        """Return period in years; nan where the storm has none."""
        raise NotImplementedError

    @property
    def rises_once(self) -> bool:
        """Whether the rain only grows until the peak and only falls after it, smoothly."""
        return False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know about the rain."""
        raise NotImplementedError

    @property
    def facts(self) -> dict[str, object]:
        """What the storm is, as plain values: numbers by name and unit (nan: not known), texts, truths."""
        return self._facts()

    def _facts(self) -> dict[str, object]:
        """Return the facts common to all storms; `super()` does not work in a dataclass with slots."""
        return {
            "return_period_a": self.return_period_a,
            "duration_min": self.duration_min,
            "depth_mm": self.depth_mm,
            "peak_min": self.peak_min,
            "remarks": list(self.remarks),
        }

    def cumulative_mm(self, time_min: ArrayLike) -> Floats:
        """Return the depth of rain fallen by each time, mm."""
        raise NotImplementedError

    def with_return_period(self, return_period_a: float) -> Self:
        """Return the same storm for another return period.

        Raises
        ------
        SimulationError
            The storm has no return period.
        """
        raise NotImplementedError

    @property
    def depth_mm(self) -> float:
        """Depth of rain of the whole storm, mm."""
        return float(self.cumulative_mm(self.duration_min))

    def bounds_min(self, step_min: float) -> Floats:
        """Return the bounds of the steps in which to show the rain, (n + 1,), min; the last step may be shorter.

        Raises
        ------
        SimulationError
            The step is not a time.
        """
        if not (math.isfinite(step_min) and step_min > 0.0):
            raise SimulationError(in_both("storm_step_out", value=step_min))
        return np.append(np.arange(0.0, self.duration_min - 1e-9, step_min), self.duration_min)

    def hyetograph_mm(self, step_min: float) -> tuple[Floats, Floats]:
        """Return the rain of each time step by integration of the cumulative curve, so that depth is conserved.

        Returns
        -------
        Beginning of each step, min, and its depth, mm; the last step may be shorter.
        """
        edges = Storm.bounds_min(self, step_min)
        return edges[:-1], np.diff(self.cumulative_mm(edges))

    def mean_intensity(self, window_min: ArrayLike) -> Floats:
        """Return the mean intensity of the worst window of the storm, L/(s·hm²).

        Searched on a grid of 200 windows and 2 000 beginnings, between which it is interpolated; beyond the storm's
        end its depth is spread over the window.
        """
        window = np.asarray(window_min, dtype=np.float64)
        tried = np.linspace(self.duration_min / 200.0, self.duration_min, 200)
        begins = np.linspace(0.0, self.duration_min, 2000)
        until = self.cumulative_mm(begins)
        worst = np.array([float((self.cumulative_mm(begins + length) - until).max()) for length in tried])
        within = np.clip(window, tried[0], self.duration_min)
        depth = np.interp(within, tried, worst)
        return np.asarray(depth / np.maximum(window, within) * Q_OF_MM_PER_MIN)


@dataclass(frozen=True, slots=True)
class DesignStorm(Storm):
    """A storm of a return period and a duration, by default shaped by the Chicago method.

    Every part of a Chicago storm around the peak has the depth that the formula gives for its length, so one storm is
    the design storm of both small and large catchments. ``blocks`` approximates it by 5-minute blocks, the heaviest at
    the peak, the others alternately after and before it; ``uniform`` is even rain.

    Parameters
    ----------
    formula
        Storm intensity formula.
    return_period_a
        P in years.
    duration_min
        Length of the storm, min.
    peak_position
        r, time of the peak divided by the duration; 0.4 is the common default (usual range 0.3-0.5; GB 50014-2021,
        4.1.7 asks for local records).
    shape
        ``chicago``, ``blocks`` or ``uniform``.
    climate_factor
        Factor by which the rain is multiplied, e.g. 1.1; it is not from a standard, so 1 by default.

    References
    ----------
    Keifer and Chu (1957), Synthetic storm pattern for drainage design, J. Hydraul. Div. 83.

    Examples
    --------
    >>> from drainage.hydraulics.formulas import StormFormula
    >>> rain = StormFormula(A=1600, C=0.846, b=7.0, n=0.656, source="DB31/T 1043-2017")
    >>> storm = DesignStorm(rain, return_period_a=3, duration_min=120)
    >>> round(storm.depth_mm, 1)
    67.4
    """

    formula: IntensityFormula
    return_period_a: float
    duration_min: float
    peak_position: float = 0.4
    shape: Shape = "chicago"
    climate_factor: float = 1.0

    def __post_init__(self) -> None:
        expect("DesignStorm", "formula", self.formula, "IntensityFormula")
        if not (math.isfinite(self.return_period_a) and self.return_period_a > 0.0):
            raise SimulationError(in_both("storm_period_out", value=self.return_period_a))
        if not (math.isfinite(self.duration_min) and 0.0 < self.duration_min <= 14400.0):
            raise SimulationError(in_both("storm_duration_out", value=self.duration_min))
        if not 0.0 < self.peak_position < 1.0:
            raise SimulationError(in_both("storm_peak_out", value=self.peak_position))
        if self.shape not in SHAPES:
            raise SimulationError(in_both("storm_shape_out", value=self.shape, known=", ".join(SHAPES)))
        if not (math.isfinite(self.climate_factor) and self.climate_factor > 0.0):
            raise SimulationError(in_both("storm_factor_out", value=self.climate_factor))
        self.formula.intensity(1.0, self.return_period_a)

    @property
    def peak_min(self) -> float:
        """Time of the peak, min after the beginning."""
        return self.peak_position * self.duration_min

    @property
    def rises_once(self) -> bool:
        """Whether the rain only grows until the peak and only falls after it, smoothly."""
        return self.shape == "chicago"

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks for the reader: limits of validity, unverified or demo formula, climate factor."""
        said = self.formula.remarks(self.duration_min, self.return_period_a)
        known = self.formula.peak_position
        if known is not None and self.shape != "uniform" and abs(known - self.peak_position) > _OTHER_PEAK:
            said = (*said, in_both("storm_other_peak", known=known, used=self.peak_position))
        return said if self.climate_factor == 1.0 else (*said, in_both("storm_factor", factor=self.climate_factor))

    @property
    def facts(self) -> dict[str, object]:
        """Facts of the storm: its formula, the source of that and whether it is verified, and the parameters."""
        return {
            "kind": "design",
            "formula": self.formula.name or self.formula.source,
            "source": self.formula.source,
            "year": self.formula.year,
            "verified": self.formula.verified,
            **self._facts(),
            "peak_position": self.peak_position,
            "shape": self.shape,
            "climate_factor": self.climate_factor,
        }

    def cumulative_mm(self, time_min: ArrayLike) -> Floats:
        """Return the depth of rain fallen by each time, mm; exact, so depth is conserved.

        Chicago: before the peak H = H(rT) - r·h(x), x = (rT - t)/r; after it H = H(rT) + (1-r)·h(x),
        x = (t - rT)/(1-r), where h(x) = i(x)·x is the depth of the worst x minutes.
        """
        t = np.clip(np.asarray(time_min, dtype=np.float64), 0.0, self.duration_min)
        if self.shape == "uniform":
            return np.asarray(t / self.duration_min * self._worst_depth_mm(np.asarray(self.duration_min)))
        if self.shape == "blocks":
            return np.asarray(np.interp(t, *self._blocks()))
        r = self.peak_position
        whole = self._worst_depth_mm(np.asarray(self.duration_min))
        before = self._worst_depth_mm(np.maximum(self.peak_min - t, 0.0) / r)
        after = self._worst_depth_mm(np.maximum(t - self.peak_min, 0.0) / (1.0 - r))
        return np.asarray(r * (whole - before) + (1.0 - r) * after)

    def mean_intensity(self, window_min: ArrayLike) -> Floats:
        """Return the mean intensity of the worst window of the storm, L/(s·hm²).

        In a Chicago storm it is q of the formula up to the storm's duration; beyond it the storm has ended, and
        its depth is spread over the window.
        """
        if self.shape != "chicago":
            return Storm.mean_intensity(self, window_min)
        window = np.asarray(window_min, dtype=np.float64)
        within = np.clip(window, 1e-6, self.duration_min)
        q = self.formula.intensity(within, self.return_period_a) * self.climate_factor
        return np.asarray(q * within / np.maximum(window, within))

    def with_return_period(self, return_period_a: float) -> DesignStorm:
        """Return the same storm for another return period."""
        return replace(self, return_period_a=return_period_a)

    def _worst_depth_mm(self, window_min: Floats) -> Floats:
        q = self.formula.intensity(window_min, self.return_period_a) * self.climate_factor
        return np.asarray(q / Q_OF_MM_PER_MIN * window_min)

    def _blocks(self) -> tuple[Floats, Floats]:
        """Return edges and cumulative depths of the alternating blocks."""
        edges = np.append(np.arange(0.0, self.duration_min - 1e-9, BLOCK_MIN), self.duration_min)
        length = np.diff(edges)
        peak = min(int(self.peak_min // BLOCK_MIN), len(length) - 1)
        away = np.abs(np.arange(len(length)) - peak - 0.25)  # the block after the peak before the block before it
        order = np.argsort(away, kind="stable")
        worst = self._worst_depth_mm(np.cumsum(length[order]))
        depth = np.empty(len(length))
        depth[order] = np.diff(worst, prepend=0.0)
        return edges, np.concatenate([[0.0], np.cumsum(depth)])

    def __repr__(self) -> str:
        shape = "" if self.shape == "chicago" else f"{self.shape}, "
        return (
            f"<DesignStorm {self.formula.name or self.formula.source}: P = "
            f"{self.return_period_a:g} a, {shape}{self.duration_min:g} min, {self.depth_mm:.1f} mm>"
        )


@dataclass(frozen=True, eq=False, slots=True)
class ObservedStorm(Storm):
    """Rain recorded by a gauge.

    Parameters
    ----------
    edges_min
        (n + 1,) bounds of the intervals, min from the beginning, rising from 0.
    step_mm
        (n,) rain of each interval, mm, not negative.
    source
        Gauge and time.
    begins
        Local time of edge 0; None if the record has only minutes.
    notes
        How the record was understood: its units, gaps and dates.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> edges_min, step_mm = np.array([0.0, 5.0, 10.0, 15.0]), np.array([2.0, 6.0, 1.5])
    >>> rain = dr.hydraulics.ObservedStorm(edges_min, step_mm, source="gauge 7")
    >>> rain.depth_mm, rain.duration_min, rain.peak_min
    (9.5, 15.0, 7.5)
    >>> rain.cumulative_mm(np.array([5.0, 12.0])).tolist()
    [2.0, 8.6]
    """

    edges_min: Floats
    step_mm: Floats
    source: str
    begins: np.datetime64 | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        edges, steps = (np.asarray(x, dtype=np.float64) for x in (self.edges_min, self.step_mm))
        if len(edges) != len(steps) + 1 or len(steps) < 1 or edges[0] != 0.0 or not (np.diff(edges) > 0.0).all():
            raise SimulationError(in_both("rain_edges_out", source=self.source))
        if not (np.isfinite(steps).all() and (steps >= 0.0).all() and steps.sum() > 0.0):
            raise SimulationError(in_both("rain_depths_out", source=self.source))
        object.__setattr__(self, "edges_min", edges)
        object.__setattr__(self, "step_mm", steps)

    @property
    def duration_min(self) -> float:
        """Length of the record, min."""
        return float(self.edges_min[-1])

    @property
    def peak_min(self) -> float:
        """Middle of the interval of the heaviest rain, min."""
        heaviest = int(np.argmax(self.step_mm / np.diff(self.edges_min)))
        return float(self.edges_min[heaviest : heaviest + 2].mean())

    @property
    def return_period_a(self) -> float:
        """Not known."""
        return math.nan

    @property
    def remarks(self) -> tuple[str, ...]:
        """Source of the rain, and how the record was understood."""
        return (in_both("rain_observed", source=self.source), *self.notes)

    def bounds_min(self, step_min: float) -> Floats:  # noqa: ARG002 - a gauge has its own steps
        """Return the bounds of the intervals of the gauge, (n + 1,), min."""
        return self.edges_min

    @property
    def facts(self) -> dict[str, object]:
        """Facts of the storm: its source and depth."""
        return {"kind": "observed", "source": self.source, **self._facts()}

    def cumulative_mm(self, time_min: ArrayLike) -> Floats:
        """Return the depth of rain fallen by each time, mm; even within each interval."""
        depths = np.concatenate([[0.0], np.cumsum(self.step_mm)])
        return np.asarray(np.interp(np.asarray(time_min, dtype=np.float64), self.edges_min, depths))

    def with_return_period(self, return_period_a: float) -> ObservedStorm:
        """Refuse: an observed storm has no other return period."""
        raise SimulationError(in_both("observed_no_period", source=self.source, period_a=return_period_a))

    def __repr__(self) -> str:
        return f"<ObservedStorm {self.source}: {self.duration_min:g} min, {self.depth_mm:.1f} mm>"
