"""Rain that seeps into sewers, by unit hydrographs of three triangles: R the share, T the time to peak, K the fall."""

from __future__ import annotations

import numpy as np

from drainage.arrays import Floats


def seepage_m3s_per_ha(rain_mm: Floats, step_min: float, triangles: Floats) -> Floats:
    """Return the inflow from a hectare of sewershed at the end of each step.

    Parameters
    ----------
    rain_mm
        (n,) rain of each step.
    step_min
        Its length.
    triangles
        (m, 6) R, T in hours, K, and the initial abstraction: largest mm, mm that come back a day, mm used at the start.

    References
    ----------
    SWMM Reference Manual I, Hydrology (EPA/600/R-15/162A), chapter 7.

    Examples
    --------
    >>> flow = seepage_m3s_per_ha(np.array([6.0] + [0.0] * 60), 10.0, np.array([[0.5, 1.0, 2.0, 0.0, 0.0, 0.0]]))
    >>> round(float(flow.sum()) * 600.0, 1)
    30.0
    """
    flow = np.zeros(len(rain_mm))
    for share, peak_h, fall, most_mm, back_mm_per_day, used_mm in triangles:
        if share <= 0.0 or peak_h <= 0.0:
            continue
        base_min = peak_h * 60.0 * (1.0 + fall)
        time = (np.arange(int(np.ceil(base_min / step_min))) + 0.5) * step_min
        ordinate = np.interp(time, [0.0, peak_h * 60.0, base_min], [0.0, 1.0, 0.0])
        total = ordinate.sum()
        if total <= 0.0:
            ordinate, total = np.ones(1), 1.0
        excess = _after_abstraction(rain_mm, step_min, most_mm, back_mm_per_day, used_mm)
        flow += share * np.convolve(excess, ordinate / total)[: len(rain_mm)]
    return flow * 10.0 / (step_min * 60.0)


def _after_abstraction(rain_mm: Floats, step_min: float, most: float, back_per_day: float, used: float) -> Floats:
    if most <= 0.0:
        return rain_mm
    left = max(most - used, 0.0)
    excess = np.zeros(len(rain_mm))
    for k, fallen in enumerate(rain_mm.tolist()):
        if fallen > 0.0:
            excess[k] = max(fallen - left, 0.0)
            left = max(left - fallen, 0.0)
        else:
            left = min(left + back_per_day * step_min / 1440.0, most)
    return excess
