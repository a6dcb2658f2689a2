"""Rules of hydraulics by GB 50014-2021, 5.2: slopes and velocities, and the roughness that they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from drainage.analyses.quality.rules import Hits, hits
from drainage.analyses.quality.view import View
from drainage.hydraulics.velocity import design_filling_factor
from drainage.schema.columns import column_of

Limits = dict[str, float]

#: Least slopes of larger pipes, GB 50014-2021, explanation of 5.2.10, table 11 (reinforced concrete, part full).
_TABLE_11_MM: Final = np.array([400, 500, 600, 800, 1000, 1200, 1400], np.float64)
_TABLE_11_SLOPE: Final = np.array([0.0015, 0.0012, 0.0010, 0.0008, 0.0006, 0.0006, 0.0005])
_PLASTIC_N: Final = 0.0105  # GB 50014-2021, table 5.2.3: plastics up to 0.010
_METAL: Final = ("钢", "铸铁", "steel", "iron", "metal", "csp", "cmp")


def check_hydraulics(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    """Check slopes, velocities and roughness of gravity pipes."""
    return [_least_slope(view, limits["min_slope"]), *_velocities(view, limits), *_roughness(view, limits)]


def _least_slope(view: View, limits: Limits) -> Hits:
    plastic = view.material_n < _PLASTIC_N
    storm = np.where(plastic, limits["storm_plastic_dn300"], limits["storm_dn300"])
    smallest = np.where(view.system == 0, storm, limits["sewage_dn300"])
    row = np.searchsorted(_TABLE_11_MM, view.size + 25, side="right") - 1
    # of larger pipes only sewers of concrete have least slopes; the others are held against the least velocity
    larger = np.where((view.system == 1) & ~plastic, _TABLE_11_SLOPE[np.maximum(row, 0)], np.nan)
    least = np.where(view.size < 325, smallest, np.where(row < 0, np.nan, larger))
    least = np.where(view.of_kind("inlet")[view.tail], limits["lead"], least)
    known = view.gravity & np.isfinite(view.fall) & np.isfinite(least) & (view.system < 3)
    # a millimetre of rounding at each level is no fault
    slack = least * limits["tolerance_share"] + 0.002 / np.maximum(view.length, 0.01)
    flat = known & (view.slope >= 0) & (view.slope < least - slack)
    return hits("min_slope", flat, view.slope, checked=known)


def _velocities(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    full = view.velocity
    known = view.gravity & np.isfinite(full) & (view.system < 3)
    sewage = view.system == 1
    filled = full * design_filling_factor(view.size)
    low = limits["low_velocity"]
    least = np.where(sewage, low["sewage_m_per_s"], low["storm_m_per_s"]) * (1 - low["tolerance_share"])
    reached = np.where(sewage, filled, full)
    slow = known & (view.slope >= 0) & (reached < least)
    metal = view.by_word("material", lambda text: float(any(mark in text.lower() for mark in _METAL))) == 1
    concrete = view.by_word("material", lambda text: float("混凝土" in text)) == 1  # 钢筋混凝土 is no metal
    bound = limits["high_velocity"]
    most = np.where(metal & ~concrete, bound["metal_m_per_s"], bound["other_m_per_s"])
    return [
        hits("low_velocity", slow, reached, checked=known),
        hits("high_velocity", known & (full > most), full, checked=known),
    ]


def _roughness(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    recorded = column_of(view.pipes, "manning_n")
    differs = np.abs(recorded - view.material_n)
    nothing = np.isnan(recorded) & np.isnan(view.material_n) & view.drain
    some = bool((view.drain & ~nothing).any())
    known = np.isfinite(differs) & view.drain
    wrong = known & (differs > limits["roughness_differs"]["difference"])
    return [
        hits("roughness_differs", wrong, differs, checked=known),
        hits("missing_roughness", nothing & some, checked=view.drain & some),
    ]
