"""Know how deep water stands that left the pipes: formulas, arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Ground beside the road rises by this, m/m, so that deep water spreads (own choice).
SIDE_SLOPE: Final = 0.01


def ponding_depth_m(volume_m3: Floats, stretch_m: Floats, width_m: Floats) -> Floats:
    """Give the depth of water on a stretch of road whose sides rise 1 in 100.

    V/L = w d + d²/s, solved for d: a level strip of width w with both sides rising at s.

    Parameters
    ----------
    volume_m3
        Water on the road, (n,), m³.
    stretch_m, width_m
        Length and width of the road under water, (n,), m.

    Returns
    -------
    (n,) depth, m.
    """
    per_metre = volume_m3 / stretch_m
    return np.asarray(0.5 * SIDE_SLOPE * (np.sqrt(width_m**2 + 4.0 * per_metre / SIDE_SLOPE) - width_m))
