"""The demonstration storm: an intensity formula that belongs to no city here, and its Chicago shape.

The coefficients are those of another city and are labelled as a demo: no formula for 宿州 or 灵璧 is verified.
"""

import math

import numpy as np
from numpy.typing import NDArray

A, C, B_MIN, N = 1600.0, 0.846, 7.0, 0.656
RETURN_PERIOD_A = 3.0
DURATION_MIN = 120.0
PEAK_SHARE = 0.4


def intensity(duration_min: float, return_period_a: float = RETURN_PERIOD_A) -> float:
    """Mean intensity of the demo storm, L/(s·hm²): q = A (1 + C lg P) / (t + b)^n (GB 50014-2021, 4.1.9)."""
    return A * (1.0 + C * math.log10(return_period_a)) / float((duration_min + B_MIN) ** N)


def chicago(step_min: float) -> NDArray[np.float64]:
    """Depth of rain in each step of the Chicago storm, mm, integrated from the cumulative curve."""
    a = A / 166.667 * (1.0 + C * math.log10(RETURN_PERIOD_A))
    time = np.arange(0.0, DURATION_MIN + step_min / 2, step_min)
    peak = PEAK_SHARE * DURATION_MIN
    x = np.where(time < peak, (peak - time) / PEAK_SHARE, (time - peak) / (1.0 - PEAK_SHARE))
    arm = a * x / (x + B_MIN) ** N
    cumulated = np.where(time < peak, -PEAK_SHARE * arm, (1.0 - PEAK_SHARE) * arm)
    return np.asarray(np.diff(cumulated), dtype=np.float64)
