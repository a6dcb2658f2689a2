"""Capacity of pipes flowing full: Manning's equation for closed sections.

All functions take and return float arrays of one entry per pipe (or anything that
broadcasts); ``nan`` in gives ``nan`` out.  Lengths are metres inside, sizes of pipes
millimetres, flows m³/s.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from drainage.arrays import Floats
from drainage.hydraulics.rounded_sections import (
    Section,
    arch_section,
    egg_section,
    elliptical_section,
    horseshoe_section,
    section_of,
    silt_of,
)

#: Roughness by material: middle of the range of GB 50014-2021, table 5.2.3, and the words
#: (lower case, found anywhere in the text) by which a material is known.  The first match wins.
MANNING_N: Final[tuple[tuple[float, tuple[str, ...]], ...]] = (
    # unplasticised PVC, PE, glass-fibre reinforced plastic: 0.009-0.010
    (
        0.0095,
        (
            "pvc",
            "upvc",
            "pvcu",
            "mpvc",
            "hdpe",
            "pe",
            "frp",
            "grp",
            "pp",
            "塑料",
            "聚乙烯",
            "聚氯乙烯",
            "玻璃钢",
            "plastic",
            "abs",
        ),
    ),
    # ductile iron lined with cement mortar: 0.011-0.012
    (0.0115, ("球墨", "铸铁", "ductile", "cast iron", "iron", "di", "ci")),
    # asbestos cement, steel: 0.012
    (0.012, ("石棉", "钢管", "steel", "asbestos", "ac", "st")),
    # mortared brick: 0.015; mortared stone: 0.017
    (0.015, ("砖", "brick")),
    (0.017, ("浆砌", "块石", "stone", "masonry")),
    # concrete, reinforced concrete, mortar-faced channel: 0.013-0.014
    (0.0135, ("钢筋混凝土", "混凝土", "砼", "concrete", "rcp", "rcb", "rc", "con", "pcp", "hnt")),
    # vitrified clay is not in the table: by concrete
    (0.0135, ("陶", "clay", "vcp", "vc")),
    # earth channel: 0.025-0.030
    (0.0275, ("土", "earth")),
)

#: Roughness where nothing is known: concrete, the common pipe of Chinese towns, upper value.
DEFAULT_MANNING_N: Final = 0.014


def manning_n_of_material(material: str | None) -> float:
    """Return Manning's n of a material by its name or code, Chinese or English.

    Parameters
    ----------
    material
        Such as ``"钢筋混凝土"``, ``"HDPE"``, ``"RCP"``; case does not matter.

    Returns
    -------
    n in s/m^(1/3), or ``nan`` when the material is unknown (not a default: the caller marks it).

    References
    ----------
    GB 50014-2021, table 5.2.3 (middle of each range).

    Examples
    --------
    >>> manning_n_of_material("HDPE"), manning_n_of_material("钢筋混凝土")
    (0.0095, 0.0135)
    """
    if not isinstance(material, str):
        return float("nan")
    text = material.strip().lower()
    words = set("".join(c if c.isalnum() else " " for c in text).split())
    for wanted in (_is_phrase, _is_code):
        for manning_n, names in MANNING_N:
            if any(wanted(name, text, words) for name in names):
                return manning_n
    return float("nan")


def _is_phrase(name: str, text: str, words: set[str]) -> bool:
    """Long names and Chinese may stand inside a longer text (``钢筋混凝土`` before ``钢``)."""
    if name == "钢管" and text in {"钢", "碳钢", "不锈钢"}:
        return True
    inside = len(name) > 3 or not name.isascii()
    return name in words or (inside and name in text)


def _is_code(name: str, text: str, words: set[str]) -> bool:
    """Short codes may carry a number or a suffix (``RCP2``, ``PE100``)."""
    del text
    return name.isascii() and any(word.rstrip("0123456789") == name for word in words)


def circular_section(diameter_mm: ArrayLike, silt_share: ArrayLike = 0.0) -> Section:
    """Measure a circular pipe running full above a flat bed of silt.

    The silt fills the circle to ``silt_share`` of its height: its area is that of the
    circular segment, and its surface (the chord) is wetted in place of the arc below it.

    Parameters
    ----------
    diameter_mm
        Inner diameter, (n,), mm.
    silt_share
        Depth of the silt by the height of the pipe, (n,), 0-1; nan counts as none.

    Returns
    -------
    Section of the open part.
    """
    diameter = np.asarray(diameter_mm, dtype=np.float64) / 1000.0
    share = silt_of(silt_share)
    half_angle = np.arccos(1.0 - 2.0 * share)  # of the arc that the silt covers
    radius = diameter / 2.0
    area = radius**2 * np.maximum(np.pi - half_angle + np.sin(half_angle) * np.cos(half_angle), 0.0)
    perimeter = 2.0 * radius * (np.pi - half_angle + np.sin(half_angle))
    return section_of(area, perimeter, diameter * (1.0 - share))


def circular_silt_share(area_share: ArrayLike) -> Floats:
    """Return the relative depth of silt (depth/diameter) that fills a share of a circle's area, (n,).

    The inverse of the circular segment (θ - sin θ cos θ) / π with half angle θ, to 1e-6.

    Parameters
    ----------
    area_share
        Area of the silt by that of the circle, (n,), 0-1.

    Examples
    --------
    >>> [round(float(x), 4) for x in circular_silt_share([0.0, 0.1955, 0.5, 1.0])]
    [0.0, 0.25, 0.5, 1.0]
    """
    half_angle = np.linspace(0.0, np.pi, 4001)
    filled = (half_angle - np.sin(half_angle) * np.cos(half_angle)) / np.pi
    wanted = np.interp(np.asarray(area_share, dtype=np.float64), filled, half_angle)
    return np.asarray((1.0 - np.cos(wanted)) / 2.0)


def rectangular_section(width_mm: ArrayLike, height_mm: ArrayLike, silt_share: ArrayLike = 0.0) -> Section:
    """Measure a box culvert running full (all four sides wetted) above its silt.

    Parameters
    ----------
    width_mm, height_mm
        Inner size, (n,), mm.
    silt_share
        Depth of the silt by the height, (n,), 0-1; nan counts as none.

    Returns
    -------
    Section of the open part.
    """
    width = np.asarray(width_mm, dtype=np.float64) / 1000.0
    height = np.asarray(height_mm, dtype=np.float64) / 1000.0 * (1.0 - silt_of(silt_share))
    return section_of(width * height, 2.0 * (width + height), height)


def pipe_sections(
    shape: ArrayLike,
    diameter_mm: ArrayLike,
    width_mm: ArrayLike,
    height_mm: ArrayLike,
    silt_share: ArrayLike = 0.0,
) -> Section:
    """Measure pipes of mixed shapes; nan where the sizes that a shape needs are missing.

    Parameters
    ----------
    shape
        (n,) of ``circular``, ``rectangular``, ``egg``, ``elliptical``, ``horseshoe``, ``arch``, ``trapezoidal`` or
        ``other``. A trapezoid of unknown side slope counts as the box of its width and height
        (it carries less); ``other`` as the ellipse; any as a circle if only a diameter is given.
    diameter_mm, width_mm, height_mm
        (n,) inner sizes, mm, nan where they do not apply.
    silt_share
        (n,) depth of the silt by the height, 0-1.

    Returns
    -------
    Section, (n,).
    """
    diameter, width, height, silt = (
        np.broadcast_to(np.asarray(v, dtype=np.float64), np.shape(shape))
        for v in (diameter_mm, width_mm, height_mm, silt_share)
    )
    area, radius, open_height = circular_section(diameter, silt_share)
    sided = np.flatnonzero(np.isfinite(width) & np.isfinite(height))
    if not len(sided):
        return Section(area, radius, open_height)
    shapes = np.asarray(shape, dtype=object)[sided]
    boxes = (shapes == "rectangular") | (shapes == "trapezoidal")
    circles = (shapes == "circular") & np.isfinite(diameter[sided])
    own = [(shapes == name, measure) for name, measure in _OWN_SHAPES]
    others = ~boxes & ~circles & ~np.logical_or.reduce([chosen for chosen, _ in own])
    for chosen, measure in ((boxes, rectangular_section), *own, (others, elliptical_section)):
        if chosen.any():
            row = sided[chosen]
            area[row], radius[row], open_height[row] = measure(width[row], height[row], silt[row])
    return Section(area, radius, open_height)


_OWN_SHAPES: Final = (("egg", egg_section), ("horseshoe", horseshoe_section), ("arch", arch_section))


def conveyance(section: Section, manning_n: ArrayLike) -> Floats:
    """Return K = A R^(2/3) / n of the full section, so that Q = K S^(1/2), (n,), m³/s.

    Parameters
    ----------
    section
        Open part of the pipe.
    manning_n
        Roughness n, (n,), s/m^(1/3).

    References
    ----------
    GB 50014-2021, 5.2.
    """
    n = np.asarray(manning_n, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(section.area_m2 * section.hydraulic_radius_m ** (2.0 / 3.0) / n, dtype=np.float64)


def circular_part_flow(depth_share: ArrayLike) -> tuple[Floats, Floats]:
    """Return velocity and flow of a partly full circular pipe, relative to those of the full pipe.

    Parameters
    ----------
    depth_share
        Depth by diameter h/D, (n,), 0-1.

    Returns
    -------
    v/v_full and Q/Q_full, (n,) each; n does not vary with the depth.

    Examples
    --------
    >>> [round(float(x), 4) for x in circular_part_flow(0.75)]
    [1.1335, 0.9119]
    """
    share = np.clip(np.asarray(depth_share, dtype=np.float64), 0.0, 1.0)
    half_angle = np.arccos(1.0 - 2.0 * share)
    area_share = (half_angle - np.sin(half_angle) * np.cos(half_angle)) / np.pi
    with np.errstate(divide="ignore", invalid="ignore"):
        radius_share = np.where(half_angle > 0.0, area_share * np.pi / half_angle, 0.0)
    velocity = radius_share ** (2.0 / 3.0)
    return velocity, velocity * area_share
