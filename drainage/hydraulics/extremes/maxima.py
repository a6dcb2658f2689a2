"""The greatest rain of each year in some durations: what a storm formula is fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy import stats

from drainage.arrays import Bools, Floats, Ints
from drainage.errors import SimulationError
from drainage.words import in_both

#: Durations that a formula is fitted to, min (GB 50014-2021, B.0.2).
DURATIONS_MIN: Final = (5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 150.0, 180.0)
#: Return periods, a (likewise).
RETURN_PERIODS_A: Final = (2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0)
_ROUNDING_MM: Final = 0.1  # a gauge reads to 0.1 mm; less is no fall of a depth, a choice of ours


@dataclass(frozen=True, eq=False, kw_only=True)
class AnnualMaxima:
    """Greatest depths of rain of each year in windows of some durations.

    Parameters
    ----------
    years
        (n,) years of the record, rising, each once.
    durations_min
        (k,) lengths of the windows, min, rising.
    depth_mm
        (n, k) greatest depth in a window of each year, mm, positive.
    source
        File or gauge.
    left_out
        Year → why it is not among ``years`` although the record has something of it.
    interval_min
        Interval of the gauge, min, where a series was read.
    event_years, event_peaks
        Of the storms in which the maxima fell: year, and when it rained hardest, as a share of their length.
    notes
        How the file was understood.

    Examples
    --------
    >>> import numpy as np
    >>> AnnualMaxima(years=np.array([2001]), durations_min=np.array([5.0, 60.0]), depth_mm=np.array([[9.0, 40.0]]),
    ...              source="by hand")
    <AnnualMaxima by hand: 1 years, 2 durations>
    """

    years: Ints
    durations_min: Floats
    depth_mm: Floats
    source: str
    left_out: Mapping[int, str] = field(default_factory=dict)
    interval_min: float | None = None
    event_years: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    event_peaks: Floats = field(default_factory=lambda: np.empty(0))
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        years = np.asarray(self.years, dtype=np.int64)
        durations, depths = (np.asarray(one, dtype=np.float64) for one in (self.durations_min, self.depth_mm))
        if depths.shape != (len(years), len(durations)) or not (np.diff(years) > 0).all():
            raise SimulationError(in_both("maxima_shape", source=self.source))
        if not (len(durations) and (durations > 0.0).all() and (np.diff(durations) > 0.0).all()):
            raise SimulationError(in_both("maxima_durations", source=self.source))
        if not (np.isfinite(depths) & (depths > 0.0)).all():
            row, column = (int(at[0]) for at in np.nonzero(~(np.isfinite(depths) & (depths > 0.0))))
            year, minutes, depth_mm = years[row], durations[column], depths[row, column]
            raise SimulationError(
                in_both("maxima_depth", source=self.source, year=year, minutes=minutes, depth_mm=depth_mm)
            )
        object.__setattr__(self, "years", years)
        object.__setattr__(self, "durations_min", durations)
        object.__setattr__(self, "depth_mm", depths)

    @property
    def missing_years(self) -> tuple[int, ...]:
        """Years between the first and the last of which the record has nothing."""
        if not len(self.years):
            return ()
        known = {*self.years.tolist(), *self.left_out}
        return tuple(year for year in range(int(self.years[0]), int(self.years[-1])) if year not in known)

    @property
    def intensity_mm_per_min(self) -> Floats:
        """Mean intensities in the windows, (n, k)."""
        return np.asarray(self.depth_mm / self.durations_min)

    def falling(self) -> Bools:
        """Return the years, (n,), in which a longer window holds less rain than a shorter one, which cannot be."""
        return np.asarray((np.diff(self.depth_mm, axis=1) < -_ROUNDING_MM).any(axis=1))

    def __repr__(self) -> str:
        return f"<AnnualMaxima {self.source}: {len(self.years)} years, {len(self.durations_min)} durations>"


def outlying(depth_mm: Floats, significance: float = 0.05) -> tuple[Bools, Floats, Floats]:
    """Return which depths (n, k) stand out of their duration, and the bounds (k,) within which they would not.

    The test of Grubbs on the logarithms, once upwards and once downwards, each at the given significance, a choice of
    ours; Grubbs and Beck (1972) use it so for floods. GB 50014-2021, B.0.1, wants values beyond the historical maximum
    reviewed, and has no test.
    """
    n = len(depth_mm)
    logs = np.log(depth_mm)
    mean, deviation = logs.mean(axis=0), logs.std(axis=0, ddof=1) if n > 1 else np.zeros(logs.shape[1])
    if n < 3:
        return np.zeros(depth_mm.shape, np.bool_), np.full(logs.shape[1], 0.0), np.full(logs.shape[1], np.inf)
    t = stats.t.ppf(1.0 - significance / n, n - 2)
    reach = (n - 1) / np.sqrt(n) * np.sqrt(t**2 / (n - 2 + t**2)) * deviation
    low, high = np.exp(mean - reach), np.exp(mean + reach)
    return (depth_mm < low * (1 - 1e-9)) | (depth_mm > high * (1 + 1e-9)), np.asarray(low), np.asarray(high)


def interval_factor(duration_min: Floats, interval_min: float) -> Floats:
    """Return by how much the greatest of fixed intervals is too small on average: k/(k − 1/8), k intervals long.

    A gauge that reports every 5 min cuts the worst 5 min in two; after Weiss (1964), Ratio of true to fixed-interval
    maximum rainfall, J. Hydraul. Div. 90 (as remembered, not looked up). A window shorter than the interval has 8/7.
    """
    intervals = np.maximum(duration_min / interval_min, 1.0)
    return np.asarray(intervals / (intervals - 0.125))
