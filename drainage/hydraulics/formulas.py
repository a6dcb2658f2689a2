"""Storm intensity formulas: how hard the worst minutes of a storm of some return period rain.

Units: time in minutes, return period in years (a), intensity q in L/(s·hm²) as in GB 50014-2021, 4.1.9 (1 mm/min is
1000/6 L/(s·hm²), which the standard rounds to 167). Three kinds are in use in China: one for all return periods, one
whose coefficients follow the return period by intervals, and one formula for each of some return periods.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.words import in_both

#: q of one millimetre a minute, L/(s·hm²).
Q_OF_MM_PER_MIN: Final = 1000.0 / 6.0
#: Rain of the worst hour in two years or so, mm: what is usual, and what can be. Assumptions of ours: formulas at hand
#: from Chinese cities give 42-70 mm at 2 a (Shanghai 51.3 at 3 a: GB 50014-2021, 4.1.4, table 2), arid ones far less;
#: no hour ever had more than about 305 mm (Holt, Missouri, 1947, in 42 min; WMO).
USUAL_HOUR_MM: Final = (15.0, 150.0)
POSSIBLE_HOUR_MM: Final = (2.0, 305.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntensityFormula:
    """What all storm intensity formulas know: q = a(P) / (t + b(P))^n(P).

    Parameters
    ----------
    source
        Where the formula was printed.  Required: there is no default city.
    name
        Short name.
    year
        Of the source, where known.
    verified
        Whether the coefficients were checked against an official text.
    valid_min
        Durations t for which the formula was fitted, min (GB 50014-2021, B.0.2: 5-180 min).
    valid_a
        Return periods P for which it was fitted, a (B.0.2: 2-100 a).
    note
        Anything that a reader of a result must know.
    peak_position
        r of the Chicago storm as found in the same records (GB 50014-2021, 4.1.7), where known. A `DesignStorm` uses
        the r that it is given, and says where this is another.

    References
    ----------
    GB 50014-2021, 4.1.9 and Appendix B.
    """

    source: str
    name: str = ""
    year: int | None = None
    verified: bool = False
    valid_min: tuple[float, float] = (5.0, 180.0)
    valid_a: tuple[float, float] = (2.0, 100.0)
    note: str = ""
    peak_position: float | None = None

    def coefficients(self, return_period_a: float) -> tuple[float, float, float]:
        """Return a in L/(s·hm²), b in min and n for a return period."""
        raise NotImplementedError

    def intensity(self, duration_min: ArrayLike, return_period_a: float) -> Floats:
        """Return q, the mean intensity of the worst `duration_min` minutes, in L/(s·hm²)."""
        t = np.asarray(duration_min, dtype=np.float64)
        a, b, n = self.coefficients(return_period_a)
        return np.asarray(a / (t + b) ** n)

    def intensity_mm_per_h(self, duration_min: float, return_period_a: float) -> float:
        """Return the same intensity in mm/h."""
        return float(self.intensity(duration_min, return_period_a)) * 60.0 / Q_OF_MM_PER_MIN

    def usual_period_a(self) -> float:
        """Return the return period nearest to 2 a for which the formula is given."""
        return 2.0

    def doubt(self) -> str | None:
        """Return why the rain of an hour is unusual, None where it is not."""
        period = self.usual_period_a()
        depth_mm = self.intensity_mm_per_h(60.0, period)
        low, high = USUAL_HOUR_MM
        if low <= depth_mm <= high:
            return None
        return in_both("formula_doubt", depth_mm=depth_mm, period_a=period, low=low, high=high)

    def _check_hour(self) -> None:
        """Refuse a strength in mm/min that was taken for one in L/(s·hm²), or the other way round."""
        period = self.usual_period_a()
        depth_mm = self.intensity_mm_per_h(60.0, period)
        low, high = POSSIBLE_HOUR_MM
        if not low <= depth_mm <= high:
            told = "formula_too_weak" if depth_mm < low else "formula_too_strong"
            name = self.name or self.source
            raise SimulationError(in_both(told, name=name, depth_mm=depth_mm, period_a=period, low=low, high=high))

    def remarks(self, duration_min: float, return_period_a: float) -> tuple[str, ...]:
        """Return remarks where the formula is used beyond the rain that it was fitted to, or its rain is unusual."""
        found = list(filter(None, (self.doubt(),)))
        for value, (low, high), what, unit in (
            (duration_min, self.valid_min, "storm_duration", "min"),
            (return_period_a, self.valid_a, "storm_period", "a"),
        ):
            if not low <= value <= high:
                name = self.name or in_both("storm_formula")
                found.append(
                    in_both("outside_fit", what=in_both(what), value=value, unit=unit, low=low, high=high, name=name)
                )
        if self.note:
            found.append(self.note)
        elif not self.verified:
            found.append(in_both("storm_unverified", source=self.source))
        return tuple(found)

    def _check(self, a: float, b: float, n: float) -> None:
        for key, value in {"A": a, "b": b, "n": n}.items():
            if not math.isfinite(value) or value < 0.0 or (key != "b" and value == 0.0):
                raise SimulationError(in_both("formula_key", formula=self.name or self.source, key=key, value=value))
        if n >= 1.5 or b <= 0.0:
            raise SimulationError(in_both("formula_shape", formula=self.name or self.source, n=n, b=b))


@dataclass(frozen=True, slots=True, kw_only=True)
class StormFormula(IntensityFormula):
    """Storm intensity formula of a city: q = A (1 + C lg P) / (t + b)^n.

    Parameters
    ----------
    A
        For q in L/(s·hm²), that is already multiplied by 167. A formula printed for i in mm/min has A1 = A / 167.
    C, b, n
        Coefficients; b in min.

    Examples
    --------
    >>> shanghai = StormFormula(A=1600, C=0.846, b=7.0, n=0.656, source="DB31/T 1043-2017")
    >>> round(shanghai.intensity_mm_per_h(60, 5), 2)
    58.11
    """

    A: float
    C: float
    b: float
    n: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.C) or self.C < 0.0:
            raise SimulationError(in_both("formula_c", formula=self.name or self.source, value=self.C))
        self._check(self.A, self.b, self.n)
        self._check_hour()

    def coefficients(self, return_period_a: float) -> tuple[float, float, float]:
        """Return A (1 + C lg P), b and n.

        Raises
        ------
        SimulationError
            The formula gives no rain at so small a return period.
        """
        strength = self.A * (1.0 + self.C * math.log10(max(return_period_a, 1e-9)))
        if not strength > 0.0:
            name = self.name or in_both("storm_formula")
            raise SimulationError(in_both("formula_no_rain", period_a=return_period_a, name=name))
        return strength, self.b, self.n

    def __repr__(self) -> str:
        mark = "verified" if self.verified else "not verified"
        return f"<StormFormula {self.name}: q = {self.A:g} (1 + {self.C:g} lg P) / (t + {self.b:g})^{self.n:g}, {mark}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalFormula(IntensityFormula):
    """Formula whose coefficients follow the return period by intervals: each is p1 + p2 ln(P - p3).

    Parameters
    ----------
    intervals
        (from P, to P) in a → the three triples (p1, p2, p3) of A1 (mm/min style, × 167), b and n.
    """

    intervals: Mapping[tuple[float, float], tuple[tuple[float, float, float], ...]]

    def __post_init__(self) -> None:
        self._check_hour()

    def usual_period_a(self) -> float:
        """Return the return period nearest to 2 a for which the formula is given."""
        return min((min(max(2.0, low), high) for low, high in self.intervals), key=lambda period: abs(period - 2.0))

    def coefficients(self, return_period_a: float) -> tuple[float, float, float]:
        """Return 167 A1, b and n of the interval that holds the return period.

        Raises
        ------
        SimulationError
            No interval holds it.
        """
        for (low, high), triples in self.intervals.items():
            if low <= return_period_a <= high:
                a1, b, n = (p1 + p2 * math.log(return_period_a - p3) for p1, p2, p3 in triples)
                self._check(a1, b, n)
                return 167.0 * a1, b, n
        known = ", ".join(f"{low:g}-{high:g}" for low, high in self.intervals)
        name = self.name or in_both("storm_formula")
        raise SimulationError(in_both("formula_given_for", period_a=return_period_a, name=name, known=known))

    def __repr__(self) -> str:
        mark = "verified" if self.verified else "not verified"
        spans = ", ".join(f"{low:g}-{high:g} a" for low, high in self.intervals)
        return f"<IntervalFormula {self.name}: {spans}, {mark}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleFormulas(IntensityFormula):
    """One formula q = a / (t + b)^n for each of some return periods.

    Parameters
    ----------
    periods
        Return period in a → a in L/(s·hm²), b in min, n.
    """

    periods: Mapping[float, tuple[float, float, float]]

    def __post_init__(self) -> None:
        for coefficients in self.periods.values():
            self._check(*coefficients)
        self._check_hour()

    def usual_period_a(self) -> float:
        """Return the return period nearest to 2 a for which the formula is given."""
        return min(self.periods, key=lambda period: abs(period - 2.0))

    def coefficients(self, return_period_a: float) -> tuple[float, float, float]:
        """Return a, b and n of the return period.

        Raises
        ------
        SimulationError
            The formula is not given for it: nothing is interpolated.
        """
        found = self.periods.get(float(return_period_a))
        if found is None:
            known = ", ".join(f"{period:g}" for period in sorted(self.periods))
            name = self.name or in_both("storm_formula")
            raise SimulationError(in_both("formula_only_for", period_a=return_period_a, name=name, known=known))
        return found

    def __repr__(self) -> str:
        mark = "verified" if self.verified else "not verified"
        return f"<SingleFormulas {self.name}: P = {', '.join(f'{p:g}' for p in self.periods)} a, {mark}>"
