"""Depth of water on roads that left the pipes: formulas, arrays in, arrays out."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats

#: A road falls by this from its crown to both gutters, m/m (usual: 1-2 %; own choice).
CROSSFALL: Final = 0.015
#: Ground beside the road rises by this, m/m, so that deep water spreads (own choice).
SIDE_SLOPE: Final = 0.01
#: Width of the lane next to the crown, m (usual: 3.25-3.75; own choice).
LANE_M: Final = 3.5


def ponding_depth_m(volume_m3: ArrayLike, stretch_m: ArrayLike, width_m: ArrayLike) -> Floats:
    """Return the depth in the gutters of a crowned road whose sides rise beyond them.

    A metre of road holds V/L = d²/c + d²/s in its two gutters until the crown drowns at
    d = c·w/2, and V/L = w·d - c·w²/4 + d²/s from then on, with the crossfall c and the slope s of
    the ground beside the road, w wide; solved for d.

    Parameters
    ----------
    volume_m3
        Water on the road, (n,), m³.
    stretch_m, width_m
        Length and width of the road under water, (n,), m.

    Returns
    -------
    (n,) depth, m.

    Examples
    --------
    >>> float(ponding_depth_m(60.0, 100.0, 12.0).round(3)), float(ponding_depth_m(351.0, 100.0, 12.0).round(3))
    (0.06, 0.15)
    """
    per_metre = np.asarray(volume_m3, dtype=np.float64) / np.asarray(stretch_m, dtype=np.float64)
    width = np.asarray(width_m, dtype=np.float64)
    in_gutters = np.sqrt(per_metre / (1.0 / CROSSFALL + 1.0 / SIDE_SLOPE))
    above = per_metre + CROSSFALL * width**2 / 4.0
    over_crown = 0.5 * SIDE_SLOPE * (np.sqrt(width**2 + 4.0 * above / SIDE_SLOPE) - width)
    return np.where(in_gutters <= CROSSFALL * width / 2.0, in_gutters, over_crown)


def ponding_volume_m3(depth_m: ArrayLike, stretch_m: ArrayLike, width_m: ArrayLike) -> Floats:
    """Return the volume of water on a crowned road from its depth in the gutters: the inverse of `ponding_depth_m`.

    Parameters
    ----------
    depth_m
        Depth in the gutters, (n,), m.
    stretch_m, width_m
        Length and width of the road, (n,), m.

    Returns
    -------
    (n,) volume, m³.
    """
    depth, width = np.asarray(depth_m, dtype=np.float64), np.asarray(width_m, dtype=np.float64)
    in_gutters = depth**2 * (1.0 / CROSSFALL + 1.0 / SIDE_SLOPE)
    over_crown = width * depth - CROSSFALL * width**2 / 4.0 + depth**2 / SIDE_SLOPE
    per_metre = np.where(depth <= CROSSFALL * width / 2.0, in_gutters, over_crown)
    return np.asarray(per_metre * np.asarray(stretch_m, dtype=np.float64))


def gutter_depth_m(lane_depth_m: ArrayLike, width_m: ArrayLike) -> Floats:
    """Return the depth in the gutters for a depth on the lane next to the crown: the inverse of `lane_depth_m`.

    Parameters
    ----------
    lane_depth_m
        Depth on the lane, (n,), m, above 0.
    width_m
        Width of the road, (n,), m.

    Returns
    -------
    (n,) depth, m.
    """
    beside = np.maximum(np.asarray(width_m, dtype=np.float64) / 2.0 - LANE_M, 0.0)
    return np.asarray(np.asarray(lane_depth_m, dtype=np.float64) + CROSSFALL * beside)


def ponding_width_m(depth_m: ArrayLike, width_m: ArrayLike) -> Floats:
    """Return the width of the water at a depth in the gutters: on the road and beside it.

    Parameters
    ----------
    depth_m
        Depth in the gutters, (n,), m.
    width_m
        Width of the road, (n,), m.

    Returns
    -------
    (n,) width, m.
    """
    depth = np.asarray(depth_m, dtype=np.float64)
    return np.minimum(2.0 * depth / CROSSFALL, np.asarray(width_m, dtype=np.float64)) + 2.0 * depth / SIDE_SLOPE


def lane_depth_m(depth_m: ArrayLike, width_m: ArrayLike) -> Floats:
    """Return the largest depth on the lane next to the crown, from the depth in the gutters.

    That lane ends `LANE_M` from the crown, w/2 - `LANE_M` from the gutter, above which the road rises by the crossfall.

    Parameters
    ----------
    depth_m
        Depth in the gutters, (n,), m.
    width_m
        Width of the road, (n,), m.

    Returns
    -------
    (n,) depth, m, 0 where the lane is dry.

    References
    ----------
    GB 50014-2021, 4.1.4, explanation, figure 2.

    Examples
    --------
    >>> lane_depth_m([0.1, 0.1, 0.02], [7.0, 12.0, 12.0]).round(4).tolist()
    [0.1, 0.0625, 0.0]
    """
    beside = np.maximum(np.asarray(width_m, dtype=np.float64) / 2.0 - LANE_M, 0.0)
    return np.maximum(np.asarray(depth_m, dtype=np.float64) - CROSSFALL * beside, 0.0)
