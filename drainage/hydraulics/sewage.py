"""Sewage from its mean daily flow: likely flow of a branch, peak factors, and how full a sewer may run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats
from drainage.errors import SchemaError
from drainage.said import joined
from drainage.words import in_both

#: Mean daily flow, L/s, and the factor K by which it peaks. GB 50014-2021, table 4.1.15.
PEAK_FACTORS: Final = (
    (5.0, 15.0, 40.0, 70.0, 100.0, 200.0, 500.0, 1000.0),
    (2.7, 2.4, 2.1, 2.0, 1.9, 1.8, 1.6, 1.5),
)
#: Diameters, mm, from which on a sewer may run fuller, and depth by diameter below and above them. GB 50014-2021,
#: table 5.2.4: DN 200-300, 350-450, 500-900, from 1000; sizes between two rows belong to the lower one.
FULLER_FROM_MM: Final = (350.0, 500.0, 1000.0)
MOST_DEPTH_SHARES: Final = (0.55, 0.65, 0.70, 0.75)
#: Diameters, mm, that part the grades of a misconnection. T/CECS 758-2020, table 7.2.2.
POINT_DIAMETERS_MM: Final = (300.0, 600.0)
M3D_PER_LS: Final = 86.4


@dataclass(frozen=True, slots=True)
class SewageRates:
    """Assumptions about sewage where nothing was measured. Set your own: they decide every figure in m³/d.

    Parameters
    ----------
    diameter_m3d
        Sewage of a branch by its diameter: below 300 mm, below 600 mm, from 600 mm on, m³/d. Our assumption: the table
        grades a point by its diameter or by its flow, with the bands < 200, 200–600 and > 600 m³/d; the values are the
        middles of the first two and the lower bound of the third. It does not say that one follows from the other.
    user_m3d
        Sewage of one drainage user, m³/d; None: numbers of users are not used.
    sewer_m3d_per_km
        Sewage that enters each km of sewer, m³/d, where no flow is measured and no user counted; None: the present flow
        of sewers stays unknown there, and so does their spare capacity.
    infiltration_share
        Infiltration as a share of the mean daily flow: 10–15 % (GB 50014-2021, 4.1.13 to 4.1.24); the upper value.
    wet_inflow_share
        Rain that gets into the sewers in wet weather, as a share of the mean daily flow; None: unknown, and wet weather
        is not checked.

    Raises
    ------
    SchemaError
        A rate below 0, or not one for each of the three ranges of diameters.

    References
    ----------
    T/CECS 758-2020, table 7.2.2; GB 50014-2021, 4.1.13-4.1.24.

    Examples
    --------
    >>> import drainage as dr
    >>> rates = dr.hydraulics.SewageRates(diameter_m3d=(80.0, 300.0, 700.0))
    >>> rates.of_diameter([200, 300, 600]).tolist()
    [80.0, 300.0, 700.0]
    """

    diameter_m3d: tuple[float, float, float] = (100.0, 400.0, 600.0)
    user_m3d: float | None = None
    sewer_m3d_per_km: float | None = None
    infiltration_share: float = 0.15
    wet_inflow_share: float | None = None

    def __post_init__(self) -> None:
        """Refuse negative flows, and too many or too few of them."""
        if len(self.diameter_m3d) != len(POINT_DIAMETERS_MM) + 1:
            text = ",".join(f"{flow:g}" for flow in self.diameter_m3d)
            raise SchemaError(in_both("three_diameters", text=text))
        for name in self.__slots__:
            value = getattr(self, name)
            least = min(value) if isinstance(value, tuple) else value
            if least is not None and not (0.0 <= least < math.inf):
                raise SchemaError(in_both("not_0_or_more", name=name, value=value))

    def of_diameter(self, diameter_mm: ArrayLike) -> Floats:
        """Return the sewage of branches by their diameter, (n,), m³/d; nan where it is unknown.

        Examples
        --------
        >>> SewageRates().of_diameter([200, 300, 600]).tolist()
        [100.0, 400.0, 600.0]
        """
        size = np.asarray(diameter_mm, dtype=np.float64)
        flow = np.asarray(self.diameter_m3d)[np.searchsorted(POINT_DIAMETERS_MM, size, side="right").clip(0, 2)]
        return np.where(np.isnan(size), np.nan, flow)

    def of_branches(self) -> str:
        """Return in words what is assumed about branches."""
        users = "" if self.user_m3d is None else in_both("sewage_per_user", user_m3d=self.user_m3d)
        small, middle, large = self.diameter_m3d
        return joined([users, in_both("sewage_by_size", small=small, middle=middle, large=large)], "")


def peak_factor(mean_ls: ArrayLike) -> Floats:
    """Return the peak factor K of sewage, linearly interpolated; constant below 5 and above 1000 L/s.

    Parameters
    ----------
    mean_ls
        Mean daily flow, (n,), L/s.

    References
    ----------
    GB 50014-2021, table 4.1.15.

    Examples
    --------
    >>> peak_factor([1, 10, 100, 5000]).round(3).tolist()
    [2.7, 2.55, 1.9, 1.5]
    """
    return np.interp(np.asarray(mean_ls, dtype=np.float64), *PEAK_FACTORS)


def most_depth_share(diameter_mm: ArrayLike) -> Floats:
    """Return the largest design depth of a sewer relative to its diameter, h/D, (n,).

    References
    ----------
    GB 50014-2021, table 5.2.4.

    Examples
    --------
    >>> most_depth_share([300, 400, 600, 1200]).tolist()
    [0.55, 0.65, 0.7, 0.75]
    """
    size = np.asarray(diameter_mm, dtype=np.float64)
    share = np.asarray(MOST_DEPTH_SHARES)[np.searchsorted(FULLER_FROM_MM, size, side="right").clip(0, 3)]
    return np.where(np.isnan(size), np.nan, share)
