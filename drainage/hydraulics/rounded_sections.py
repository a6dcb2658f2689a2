"""What is left open of closed sections, and the rounded ones: eggs, ellipses, horseshoes and arches.

All functions take and return float arrays of one entry per pipe (or anything that broadcasts); ``nan`` in gives
``nan`` out. Sizes are millimetres, results metres.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats


class Section(NamedTuple):
    """What is left open of a closed section: (n,) arrays."""

    area_m2: Floats
    hydraulic_radius_m: Floats
    height_m: Floats


def egg_section(width_mm: ArrayLike, height_mm: ArrayLike, silt_share: ArrayLike = 0.0) -> Section:
    """Measure an egg-shaped sewer running full, by the standard egg (width 2r, height 3r).

    Area 4.594 r², perimeter 7.930 r; other proportions are scaled: A = 0.7657 w h,
    P = 1.586 (w + h).  Silt takes the shares of area and perimeter that it takes of a circle.

    Parameters
    ----------
    width_mm, height_mm
        Largest width and height, (n,), mm.
    silt_share
        Depth of the silt by the height, (n,), 0-1; nan counts as none.

    Returns
    -------
    Section of the open part.
    """
    return _scaled_section(width_mm, height_mm, silt_share, 4.594 / 6.0, 7.930 / 5.0)


def elliptical_section(width_mm: ArrayLike, height_mm: ArrayLike, silt_share: ArrayLike = 0.0) -> Section:
    """Measure any other rounded section as the ellipse of its width and height.

    A = π w h / 4; the perimeter by Ramanujan's first formula.  A circle where both are equal.

    Parameters
    ----------
    width_mm, height_mm
        Largest width and height, (n,), mm.
    silt_share
        Depth of the silt by the height, (n,), 0-1; nan counts as none.

    Returns
    -------
    Section of the open part.
    """
    width = np.asarray(width_mm, dtype=np.float64)
    height = np.asarray(height_mm, dtype=np.float64)
    a, b = width / 2.0, height / 2.0
    with np.errstate(invalid="ignore", divide="ignore"):
        perimeter = np.pi * (3.0 * (a + b) - np.sqrt((3.0 * a + b) * (a + 3.0 * b)))
        per_size = perimeter / (width + height)
    return _scaled_section(width, height, silt_share, np.pi / 4.0, per_size)


def horseshoe_section(width_mm: ArrayLike, height_mm: ArrayLike, silt_share: ArrayLike = 0.0) -> Section:
    """Measure a horseshoe running full, by the standard one, as wide as high.

    Area 0.8293 h², hydraulic radius 0.2538 h; other proportions are scaled: A = 0.8293 w h, P = 1.6338 (w + h).
    Silt takes the shares of area and perimeter that it takes of a circle.

    Parameters
    ----------
    width_mm, height_mm
        Largest width and height, (n,), mm.
    silt_share
        Depth of the silt by the height, (n,), 0-1; nan counts as none.

    Returns
    -------
    Section of the open part.

    References
    ----------
    SWMM Reference Manual Volume II, EPA/600/R-17/111, chapter 5.
    """
    return _scaled_section(width_mm, height_mm, silt_share, 0.8293, 0.8293 / 0.2538 / 2.0)


def arch_section(width_mm: ArrayLike, height_mm: ArrayLike, silt_share: ArrayLike = 0.0) -> Section:
    """Measure a pipe arch running full: A = 0.7879 w h, hydraulic radius 0.2991 h.

    Silt takes the shares of area and perimeter that it takes of a circle.

    Parameters
    ----------
    width_mm, height_mm
        Largest width and height, (n,), mm.
    silt_share
        Depth of the silt by the height, (n,), 0-1; nan counts as none.

    Returns
    -------
    Section of the open part.

    References
    ----------
    SWMM Reference Manual Volume II, EPA/600/R-17/111, chapter 5.
    """
    width, height = (np.asarray(side, dtype=np.float64) for side in (width_mm, height_mm))
    with np.errstate(invalid="ignore", divide="ignore"):
        per_size = 0.7879 / 0.2991 * width / (width + height)
    return _scaled_section(width, height, silt_share, 0.7879, per_size)


def silt_of(silt_share: ArrayLike) -> Floats:
    """Return the share of silt, (n,), 0-1; none where it is not known."""
    share = np.nan_to_num(np.asarray(silt_share, dtype=np.float64), nan=0.0)
    return np.clip(share, 0.0, 1.0)


def section_of(area: Floats, perimeter: Floats, height: Floats) -> Section:
    """Make a section of its area, m², wetted perimeter and height, m, (n,) each."""
    with np.errstate(divide="ignore", invalid="ignore"):
        radius = np.where(perimeter > 0.0, area / perimeter, np.where(np.isnan(area), np.nan, 0.0))
    return Section(np.asarray(area), np.asarray(radius), np.asarray(height))


def _scaled_section(
    width_mm: ArrayLike,
    height_mm: ArrayLike,
    silt_share: ArrayLike,
    area_factor: float,
    perimeter_factor: ArrayLike,
) -> Section:
    """Scale a rounded section from its box, and take off silt as from a unit circle."""
    width = np.asarray(width_mm, dtype=np.float64) / 1000.0
    height = np.asarray(height_mm, dtype=np.float64) / 1000.0
    share = silt_of(silt_share)
    half_angle = np.arccos(1.0 - 2.0 * share)
    area_open = 1.0 - (half_angle - np.sin(half_angle) * np.cos(half_angle)) / np.pi
    perimeter_open = 1.0 - (half_angle - np.sin(half_angle)) / np.pi
    area = area_factor * width * height * area_open
    perimeter = np.asarray(perimeter_factor) * (width + height) * perimeter_open
    return section_of(area, perimeter, height * (1.0 - share))
