"""Rules of sizes: what is missing, too small, not made, or does not fit its neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from drainage.analyses.quality.rules import Hits, hits
from drainage.analyses.quality.view import View
from drainage.arrays import Bools, Floats, Ints, marked
from drainage.schema.columns import column_of

Limits = dict[str, float]

#: Nominal diameters in mm by which "at most 2 sizes" is counted (GB 50014-2021, 5.2.11; the series as usually made).
SERIES_MM: Final = np.array(
    [100, 150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1350, 1500, 1650, 1800, 2000,
     2200, 2400, 2600, 2800, 3000, 3200, 3500, 4000], np.float64,
)  # fmt: skip


def check_sizes(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    """Check sections, each alone and against those above and below."""
    return [*_sections(view), *_ranges(view, limits), *_joints(view, limits)]


def _shapes(view: View) -> tuple[Bools, Bools]:
    shape = view.pipes["shape"]
    return (shape == "circular").to_numpy(), (shape.notna() & ~shape.isin(["circular", "other"])).to_numpy()


def _sections(view: View) -> list[Hits]:
    circle, box = _shapes(view)
    width, height, diameter = (column_of(view.pipes, c) for c in ("width_mm", "height_mm", "diameter_mm"))
    missing = np.isnan(view.size) & np.isnan(width) & view.drain
    half = box & (np.isnan(width) != np.isnan(height)) & np.isnan(diameter) & view.drain
    sides = np.column_stack([width, height, diameter])
    spread = np.fmax.reduce(sides, axis=1) - np.fmin.reduce(sides, axis=1)
    return [
        hits("missing_size", missing, checked=view.drain),
        hits("incomplete_section", half, checked=box & view.drain),
        hits("shape_differs", circle & (spread > 1), spread, checked=circle & np.isfinite(spread)),
    ]


def _ranges(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    size, known = view.size, np.isfinite(view.size) & view.drain
    lead = view.of_kind("inlet")[view.tail]
    water = np.isin(view.pipes["system"].to_numpy(dtype=object), ("storm", "sewage", "combined", "unknown"))
    least = np.where(lead, limits["small_diameter"]["lead_mm"], limits["small_diameter"]["drain_mm"])
    small = view.gravity & water & (size < least - 1)
    bound = limits["size_out_of_range"]
    odd = known & ((size < bound["smallest_mm"]) | (size > bound["largest_mm"]))
    diameter = column_of(view.pipes, "diameter_mm")
    off = np.minimum(_off_step(diameter, 25.0), _off_step(diameter, 25.4))
    unusual = known & (off > limits["unusual_size"]["tolerance_mm"]) & ~odd
    return [
        hits("small_diameter", small, size, checked=known & view.gravity),
        hits("size_out_of_range", odd, size, checked=known),
        hits("unusual_size", unusual, size, checked=known & np.isfinite(diameter)),
    ]


def _off_step(size: Floats, step: float) -> Floats:
    return np.asarray(np.abs(size - np.round(size / step) * step))


def _joints(view: View, limits: Mapping[str, Limits]) -> list[Hits]:
    n = len(view.pipes)
    upper, lower = view.joints
    same = (view.system[upper] == view.system[lower]) & view.gravity[upper] & view.gravity[lower]
    plain = same & ~view.special[view.tail[lower]]
    upper, lower = upper[plain], lower[plain]
    narrow = limits["smaller_downstream"]
    by = view.size[upper] - view.size[lower]
    wrong = (by > narrow["tolerance_mm"]) & ~_allowed(view, upper, lower, narrow["sizes"])
    smaller = np.full(n, -np.inf)
    np.fmax.at(smaller, lower[wrong], by[wrong])
    judged = marked(n, lower[np.isfinite(by)])
    return [
        hits("smaller_downstream", smaller > 0, smaller, checked=judged),
        _areas(view, limits["less_area_downstream"]["share"]),
        _outliers(view, upper, lower, limits["size_outlier"]["ratio"]),
    ]


def _allowed(view: View, upper: Ints, lower: Ints, sizes: float) -> Bools:
    """GB 50014-2021, 5.2.11: smaller below is right where steeper, carrying as much, by few sizes, not below DN300."""
    flow = view.velocity * view.area
    steps = np.searchsorted(SERIES_MM, view.size[upper] - 12) - np.searchsorted(SERIES_MM, view.size[lower] - 12)
    steeper = view.slope[lower] > view.slope[upper]
    carries = (flow[lower] >= flow[upper]) & (flow[lower] > 0)
    return np.asarray(steeper & carries & (steps <= sizes) & (view.size[lower] >= 300))


def _areas(view: View, share: float) -> Hits:
    """Compare what arrives with what leaves, by node and system; a node takes its worst system."""
    n = len(view.nodes)
    known = np.isfinite(view.area) & view.gravity & view.present
    worst = np.full(n, np.nan)
    for system in range(3):
        of = known & (view.system == system)
        into = np.bincount(view.head[of], weights=view.area[of], minlength=n)
        out = np.bincount(view.tail[of], weights=view.area[of], minlength=n)
        blind = (~known) & view.present & (view.system == system)
        seen = (into > 0) & (out > 0)
        seen[view.tail[blind]] = False
        worst = np.fmin(worst, np.where(seen, out / np.maximum(into, 1e-12), np.nan))
    worst[view.special] = np.nan
    return hits("less_area_downstream", worst < share, worst, checked=np.isfinite(worst))


def _outliers(view: View, upper: Ints, lower: Ints, ratio: float) -> Hits:
    """Find pipes that are several times as large as the largest above and as the largest below."""
    n = len(view.pipes)
    above, below = np.full(n, -np.inf), np.full(n, -np.inf)
    np.fmax.at(above, lower, view.size[upper])
    np.fmax.at(below, upper, view.size[lower])
    times = view.size / np.where((above > 0) & (below > 0), np.maximum(above, below), np.nan)
    return hits("size_outlier", times >= ratio, times, checked=np.isfinite(times))
