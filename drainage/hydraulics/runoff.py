"""Share of the rain that runs off: coefficients by land use, and their uplift in rare storms."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats
from drainage.errors import SimulationError
from drainage.words import in_both

#: Land use → bounds of Ψ. GB 50014-2021, table 4.1.8-1 by surface, then table 4.1.8-2 by density of building.
RUNOFF_COEFFICIENTS: Final = {
    "paved": (0.85, 0.95),  # roofs, concrete and asphalt
    "block_paved": (0.55, 0.65),  # large stone blocks, surface-treated gravel
    "graded_gravel": (0.40, 0.50),
    "gravel": (0.35, 0.40),  # dry-laid brick and stone, gravel
    "unpaved": (0.25, 0.35),
    "green": (0.10, 0.20),
    "dense": (0.60, 0.70),
    "fairly_dense": (0.45, 0.60),
    "sparse": (0.20, 0.45),
}
#: From this return period on, a, Ψ is raised by a share within these bounds. GB 50014-2021, 4.1.8: 20-30 a by 10-15 %,
#: 30-50 a by 20-25 %, 50-100 a by 30-50 %; a bound belongs to the rarer class, and beyond 100 a the last holds (own
#: choices).
UPLIFTS: Final = ((20.0, (0.10, 0.15)), (30.0, (0.20, 0.25)), (50.0, (0.30, 0.50)))
#: No more runs off than falls. GB 50014-2021, 4.1.8.
MOST_RUNOFF: Final = 1.0


def runoff_coefficient(land_use: str | None) -> float:
    """Return the midpoint of the range of Ψ of a land use; nan for one that the standard does not list.

    The standard gives bounds and leaves the choice within them to the designer; the middle is our choice.

    References
    ----------
    GB 50014-2021, tables 4.1.8-1 and 4.1.8-2.

    Examples
    --------
    >>> round(runoff_coefficient("paved"), 3), round(runoff_coefficient("green"), 3)
    (0.9, 0.15)
    """
    return 0.5 * sum(RUNOFF_COEFFICIENTS.get(land_use or "", (math.nan, math.nan)))


def uplift_share(return_period_a: float, within: float | None = 0.0) -> float:
    """Return the share by which Ψ is raised in a storm.

    Parameters
    ----------
    return_period_a
        Return period of the storm, a; nan: not raised.
    within
        Where within the bounds of the clause: 0 the lower, 1 the upper; None: not raised.

    Raises
    ------
    SimulationError
        ``within`` is not between 0 and 1.

    References
    ----------
    GB 50014-2021, 4.1.8.

    Examples
    --------
    >>> uplift_share(10.0), uplift_share(20.0), uplift_share(50.0, within=1.0)
    (0.0, 0.1, 0.5)
    """
    if within is None:
        return 0.0
    if not 0.0 <= within <= 1.0:
        raise SimulationError(in_both("uplift_out", value=within))
    bounds = (0.0, 0.0)
    for least, of_class in UPLIFTS:
        if return_period_a >= least:
            bounds = of_class
    return bounds[0] + within * (bounds[1] - bounds[0])


def raised(coefficient: ArrayLike, share: float) -> Floats:
    """Raise coefficients by a share, to 1 at most (one that is larger already stays), (n,).

    References
    ----------
    GB 50014-2021, 4.1.8.
    """
    base = np.asarray(coefficient, dtype=np.float64)
    return np.minimum(base * (1.0 + share), np.maximum(base, MOST_RUNOFF))
