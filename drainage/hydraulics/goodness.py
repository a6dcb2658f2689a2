"""How well one series follows another that was measured: efficiencies, bias, errors of peak, volume and time.

Pairs of which either number is nan do not count. What cannot be said is nan: an efficiency against a series that never
changes, a share of nothing.
"""

from __future__ import annotations

import numpy as np

from drainage.arrays import Bools, Floats

#: A series that varies by less than this share of its size does not change: rounding.
_STILL: float = 1e-9


def nash_sutcliffe(computed: Floats, observed: Floats) -> float:
    """Return the efficiency 1 − Σ(c − o)² / Σ(o − ō)²: 1 is perfect, 0 no better than the mean; nan where o is still.

    Parameters
    ----------
    computed, observed
        (n,) at the same moments, in the same unit.

    References
    ----------
    Nash & Sutcliffe (1970), J. Hydrol. 10(3), 282-290, doi:10.1016/0022-1694(70)90255-6.

    Examples
    --------
    >>> nash_sutcliffe(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    c, o = _pairs(computed, observed)
    if not len(o) or _is_still(o):
        return float("nan")
    return float(1.0 - ((c - o) ** 2).sum() / ((o - o.mean()) ** 2).sum())


def kling_gupta(computed: Floats, observed: Floats) -> float:
    """Return 1 − √((r − 1)² + (α − 1)² + (β − 1)²) of correlation, ratio of deviations and ratio of means.

    It has a meaning only where 0 has one: flows and depths, not levels above a datum. Nan where o never changes or has
    the mean 0. Where c never changes r is taken as 0 (our choice).

    Parameters
    ----------
    computed, observed
        (n,) at the same moments, in the same unit.

    References
    ----------
    Gupta, Kling, Yilmaz & Martinez (2009), J. Hydrol. 377(1-2), 80-91, doi:10.1016/j.jhydrol.2009.08.003.

    Examples
    --------
    >>> kling_gupta(np.array([2.0, 4.0, 6.0]), np.array([1.0, 2.0, 3.0]))  # r = 1, α = β = 2
    -0.41421356237309515
    """
    c, o = _pairs(computed, observed)
    if not len(o) or _is_still(o) or not abs(o.mean()) > 0.0:
        return float("nan")
    r = 0.0 if _is_still(c) else float(np.corrcoef(c, o)[0, 1])
    alpha, beta = c.std() / o.std(), c.mean() / o.mean()
    return float(1.0 - np.sqrt((r - 1.0) ** 2 + (alpha - 1.0) ** 2 + (beta - 1.0) ** 2))


def bias(computed: Floats, observed: Floats) -> float:
    """Return the mean of c − o, in their unit; above 0 more was computed than observed."""
    c, o = _pairs(computed, observed)
    return float((c - o).mean()) if len(o) else float("nan")


def percent_bias(computed: Floats, observed: Floats) -> float:
    """Return 100 Σ(c − o) / Σ o; above 0 more was computed than observed (the sign is turned in some texts).

    References
    ----------
    Gupta, Sorooshian & Yapo (1999), J. Hydrol. Eng. 4(2), 135-143, there with o − c.
    """
    c, o = _pairs(computed, observed)
    whole = float(o.sum())
    return float(100.0 * (c - o).sum() / whole) if whole else float("nan")


def share_off(computed: float, observed: float) -> float:
    """Return 100 (c − o) / o, %; nan where o is 0."""
    return 100.0 * (computed - observed) / observed if observed else float("nan")


def volume(minute: Floats, flow_m3s: Floats, gap: Bools) -> float:
    """Return what passed, m³, by trapezia; steps that are gaps, (n − 1,), and those with a nan do not count.

    Parameters
    ----------
    minute, flow_m3s
        (n,) times, min, and flows.
    gap
        (n − 1,) the step from one time to the next is a gap.
    """
    passed = np.diff(minute) * 60.0 * (flow_m3s[1:] + flow_m3s[:-1]) / 2.0
    return float(np.nansum(passed[~gap]))


def _pairs(computed: Floats, observed: Floats) -> tuple[Floats, Floats]:
    both = np.isfinite(computed) & np.isfinite(observed)
    return np.asarray(computed, np.float64)[both], np.asarray(observed, np.float64)[both]


def _is_still(values: Floats) -> bool:
    return bool(np.ptp(values) <= _STILL * max(1e-12, float(np.abs(values).max())))
