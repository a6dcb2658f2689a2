"""Self-cleansing of pipes: velocity at part flow, and the minimum velocities of the standard.

All functions take and return float arrays of one entry per pipe; ``nan`` in gives ``nan`` out.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats
from drainage.hydraulics.manning import circular_part_flow

#: Least velocity by system, m/s: sewage at its design filling, storm and combined full. GB 50014-2021, 5.2.7.
LEAST_VELOCITY_M_S: Final = {"sewage": 0.6, "storm": 0.75, "combined": 0.75}

#: Velocity at the largest design filling (GB 50014-2021, table 5.2.4) over velocity full: h/D 0.55, 0.65, 0.70, 0.75.
_FILLING_MM: Final = np.array([325, 475, 950], np.float64)
_FILLING_FACTOR: Final = np.array([1.0393, 1.0993, 1.1198, 1.1335])
_DEPTH_SHARE: Final = np.linspace(0.0, 0.9, 1801)


def design_filling_factor(size_mm: ArrayLike) -> Floats:
    """Return the velocity of a sewer at its largest design depth, relative to that of the full pipe, (n,).

    Parameters
    ----------
    size_mm
        (n,) diameter, mm; nan counts as the smallest.

    References
    ----------
    GB 50014-2021, table 5.2.4.
    """
    return np.asarray(_FILLING_FACTOR[np.searchsorted(_FILLING_MM, np.nan_to_num(np.asarray(size_mm, np.float64)))])


def part_velocity(flow_m3s: ArrayLike, full_flow_m3s: ArrayLike, full_velocity_m_s: ArrayLike) -> Floats:
    """Return the velocity of a flow in a pipe of known full-bore flow and velocity, (n,) m/s.

    By the circle (`circular_part_flow`), which stands for other shapes too.  A flow beyond the full one has the full
    velocity: the pipe runs under pressure.  nan where the full pipe carries nothing (flat or adverse).

    Parameters
    ----------
    flow_m3s, full_flow_m3s, full_velocity_m_s
        (n,) m³/s and m/s.

    Examples
    --------
    >>> [round(float(v), 3) for v in part_velocity([0.9119, 0.5, 2.0], 1.0, 1.0)]
    [1.133, 1.0, 1.0]
    """
    flow, full = np.asarray(flow_m3s, np.float64), np.asarray(full_flow_m3s, np.float64)
    share = np.divide(flow, full, out=np.full(np.broadcast(flow, full).shape, np.nan), where=full > 0.0)
    velocity, carried = circular_part_flow(_DEPTH_SHARE)
    factor = np.where(share > 1.0, 1.0, np.interp(share, carried, velocity))
    return np.asarray(np.where(np.isnan(share), np.nan, factor) * np.asarray(full_velocity_m_s, np.float64))
