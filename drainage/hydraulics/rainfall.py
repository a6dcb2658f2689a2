"""Know how hard it rains: storm intensity formulas and design storms.

Units: time in minutes, depth of rain in mm, return period in years (a), intensity q in
L/(s·hm²) as in GB 50014-2021, 4.1.9 (1 mm/min = 1000/6 L/(s·hm²), which the standard rounds
to 167).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.errors import SimulationError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

#: q of one millimetre a minute, L/(s·hm²).
Q_OF_MM_PER_MIN: Final = 1000.0 / 6.0


@dataclass(frozen=True, slots=True)
class StormFormula:
    """Storm intensity formula of a city: q = A (1 + C lg P) / (t + b)^n.

    Parameters
    ----------
    A
        L/(s·hm²) style, that is already multiplied by 167.  A formula printed for i in mm/min
        has A1 = A / 167.
    C, b, n
        Coefficients; b in min.
    source
        Where the formula was printed.  Required: there is no default city.
    name
        Short name.
    verified
        Whether the coefficients were checked against an official text.
    valid_min
        Durations t for which the formula was fitted, min (GB 50014-2021, B.0.2: 5-180 min).
    valid_a
        Return periods P for which it was fitted, a (B.0.2: 2-100 a).
    note
        Anything that a reader of a result must know.

    References
    ----------
    GB 50014-2021, 4.1.9 and Appendix B.

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
    source: str
    name: str = ""
    verified: bool = False
    valid_min: tuple[float, float] = (5.0, 180.0)
    valid_a: tuple[float, float] = (2.0, 100.0)
    note: str = ""

    def __post_init__(self) -> None:
        numbers = {"A": self.A, "C": self.C, "b": self.b, "n": self.n}
        for key, value in numbers.items():
            if not math.isfinite(value) or value < 0.0 or (key in "An" and value == 0.0):
                msg = (
                    f"storm formula {self.name or self.source!r}: {key} = {value}; expected a "
                    "positive number (A in L/(s·hm²), that is 167·A1; b in minutes)"
                )
                raise SimulationError(msg)
        if self.n >= 1.5 or self.b <= 0.0:
            msg = (
                f"storm formula {self.name or self.source!r}: n = {self.n}, b = {self.b}; "
                "expected n of about 0.4-1.1 and b > 0 (the peak of the storm is A/b^n)"
            )
            raise SimulationError(msg)

    def intensity(self, duration_min: ArrayLike, return_period_a: float) -> Floats:
        """Give q, the mean intensity of the worst `duration_min` minutes, in L/(s·hm²)."""
        t = np.asarray(duration_min, dtype=np.float64)
        return np.asarray(self._strength(return_period_a) / (t + self.b) ** self.n)

    def intensity_mm_per_h(self, duration_min: float, return_period_a: float) -> float:
        """Give the same intensity in mm/h."""
        return float(self.intensity(duration_min, return_period_a)) * 60.0 / Q_OF_MM_PER_MIN

    def remarks(self, duration_min: float, return_period_a: float) -> tuple[str, ...]:
        """Say where the formula is used beyond the rain that it was fitted to."""
        found = []
        for value, (low, high), what, unit in (
            (duration_min, self.valid_min, "duration", "min"),
            (return_period_a, self.valid_a, "return period", "a"),
        ):
            if not low <= value <= high:
                found.append(
                    f"{what} {value:g} {unit} is outside {low:g}-{high:g} {unit}, "
                    f"for which {self.name or 'the storm formula'} was fitted"
                )
        if self.note:
            found.append(self.note)
        elif not self.verified:
            found.append(f"storm formula not verified against an official text ({self.source})")
        return tuple(found)

    def _strength(self, return_period_a: float) -> float:
        strength = self.A * (1.0 + self.C * math.log10(max(return_period_a, 1e-9)))
        if not strength > 0.0:
            msg = (
                f"return period {return_period_a:g} a: {self.name or 'the storm formula'} gives "
                "no rain there; expected 0.25 a or more"
            )
            raise SimulationError(msg)
        return strength

    def __repr__(self) -> str:
        mark = "verified" if self.verified else "not verified"
        return f"<StormFormula {self.name}: q = {self.A:g} (1 + {self.C:g} lg P) / (t + {self.b:g})^{self.n:g}, {mark}>"


@dataclass(frozen=True, slots=True)
class DesignStorm:
    """A storm of a return period and a duration, shaped by the Chicago method.

    Every part of it around the peak holds the rain that the formula gives for its length, so
    one storm is the design storm of small and of large catchments alike.

    Parameters
    ----------
    formula
        Storm intensity formula.
    return_period_a
        P in years.
    duration_min
        Length of the storm, min.
    peak_position
        r, time of the peak by the duration; 0.4 is the common default (usual range 0.3-0.5;
        GB 50014-2021, 4.1.7 asks for local records).

    References
    ----------
    Keifer and Chu (1957), Synthetic storm pattern for drainage design, J. Hydraul. Div. 83.

    Examples
    --------
    >>> rain = StormFormula(A=1600, C=0.846, b=7.0, n=0.656, source="DB31/T 1043-2017")
    >>> storm = DesignStorm(rain, return_period_a=3, duration_min=120)
    >>> round(storm.depth_mm, 1)
    67.4
    """

    formula: StormFormula
    return_period_a: float
    duration_min: float
    peak_position: float = 0.4

    def __post_init__(self) -> None:
        if not (math.isfinite(self.return_period_a) and self.return_period_a > 0.0):
            msg = f"return period {self.return_period_a} a; expected a positive number of years"
            raise SimulationError(msg)
        if not (math.isfinite(self.duration_min) and 0.0 < self.duration_min <= 14400.0):
            msg = f"storm duration {self.duration_min} min; expected more than 0, at most 14400"
            raise SimulationError(msg)
        if not 0.0 < self.peak_position < 1.0:
            msg = f"peak position {self.peak_position}; expected a share between 0 and 1"
            raise SimulationError(msg)
        self.formula.intensity(1.0, self.return_period_a)

    @property
    def depth_mm(self) -> float:
        """Depth of rain of the whole storm, mm: that of the formula for its duration."""
        return float(self._worst_depth_mm(np.asarray(self.duration_min, dtype=np.float64)))

    @property
    def peak_min(self) -> float:
        """Time of the peak, min after the beginning."""
        return self.peak_position * self.duration_min

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know: limits of validity, unverified or demo formula."""
        return self.formula.remarks(self.duration_min, self.return_period_a)

    def cumulative_mm(self, time_min: ArrayLike) -> Floats:
        """Give the depth of rain that fell until a time, mm; exact, so depth is conserved.

        Before the peak H = H(rT) - r·h(x), x = (rT - t)/r; after it H = H(rT) + (1-r)·h(x),
        x = (t - rT)/(1-r), where h(x) = i(x)·x is the depth of the worst x minutes.
        """
        r = self.peak_position
        t = np.clip(np.asarray(time_min, dtype=np.float64), 0.0, self.duration_min)
        before = self._worst_depth_mm(np.maximum(self.peak_min - t, 0.0) / r)
        after = self._worst_depth_mm(np.maximum(t - self.peak_min, 0.0) / (1.0 - r))
        return np.asarray(r * (self.depth_mm - before) + (1.0 - r) * after)

    def hyetograph_mm(self, step_min: float) -> tuple[Floats, Floats]:
        """Give the rain of each time step by integration of the cumulative curve.

        Returns
        -------
        Beginning of each step, min, and its depth, mm; the last step may be shorter.
        """
        edges = np.append(np.arange(0.0, self.duration_min - 1e-9, step_min), self.duration_min)
        return edges[:-1], np.diff(self.cumulative_mm(edges))

    def mean_intensity(self, window_min: ArrayLike) -> Floats:
        """Give the mean intensity of the worst window of the storm, L/(s·hm²).

        It is q of the formula up to the storm's duration; beyond it the storm has ended, and
        its depth is spread over the window.
        """
        window = np.asarray(window_min, dtype=np.float64)
        within = np.clip(window, 1e-6, self.duration_min)
        q = self.formula.intensity(within, self.return_period_a)
        return np.asarray(q * within / np.maximum(window, within))

    def with_return_period(self, return_period_a: float) -> DesignStorm:
        """Give the same storm for another return period."""
        return DesignStorm(self.formula, return_period_a, self.duration_min, self.peak_position)

    def _worst_depth_mm(self, window_min: Floats) -> Floats:
        q = self.formula.intensity(window_min, self.return_period_a)
        return np.asarray(q / Q_OF_MM_PER_MIN * window_min)

    def __repr__(self) -> str:
        return (
            f"<DesignStorm {self.formula.name or self.formula.source}: P = "
            f"{self.return_period_a:g} a, {self.duration_min:g} min, {self.depth_mm:.1f} mm>"
        )


_SHANGHAI: Final = StormFormula(
    A=1600.0,
    C=0.846,
    b=7.0,
    n=0.656,
    source="DB31/T 1043-2017 (Shanghai, 上海 310000); reproduces table 2 of GB 50014-2021, 4.1.4",
    name="shanghai",
    verified=True,
)

#: Formulas by name.  Names are never shared: 宿州 (Anhui, 341300) is not 苏州 (Jiangsu, 320500),
#: and for 宿州 and 灵璧 (341323) no formula could be verified.
FORMULAS: Final[dict[str, StormFormula]] = {
    "shanghai": _SHANGHAI,
    "上海": _SHANGHAI,
    "310000": _SHANGHAI,
    "demo": StormFormula(
        A=_SHANGHAI.A,
        C=_SHANGHAI.C,
        b=_SHANGHAI.b,
        n=_SHANGHAI.n,
        source="coefficients of DB31/T 1043-2017 (Shanghai), for the synthetic demo city only",
        name="demo",
        verified=False,
        note=(
            "DEMO storm formula (Shanghai's coefficients): not for design in 灵璧 Lingbi or 宿州; "
            "give the official local formula for a real run"
        ),
    ),
}


def storm_formula(name: str) -> StormFormula:
    """Give a registered storm formula by its name.

    Parameters
    ----------
    name
        ``demo``, or a city by name or adcode (``shanghai``, ``上海``, ``310000``).

    Raises
    ------
    SimulationError
        The name is not registered.

    Examples
    --------
    >>> storm_formula("demo").name
    'demo'
    """
    found = FORMULAS.get(name.strip().lower())
    if found is None:
        msg = (
            f"storm formula {name!r} is not registered; known: {', '.join(sorted(FORMULAS))}. "
            "No formula for 宿州 (341300) or 灵璧 (341323) is verified, and 苏州 is another city. "
            "Give the official one as a TOML file with A, C, b, n and source, or as "
            "StormFormula(A=…, C=…, b=…, n=…, source=…)"
        )
        raise SimulationError(msg)
    return found
