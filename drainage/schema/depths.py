"""Inverts of nodes recorded as depths, and depths recorded as levels: recognised by the ground, and reported."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats
from drainage.schema.issues import Issues, RowNames
from drainage.words import in_both

# Choices of ours, no standard's: no manhole is deeper than 30 m, and a city mixes both in some rows or in none.
_DEEPEST_M = 30.0
_FEWEST = 5


def settle_depths(table: pd.DataFrame, ids: RowNames, issues: Issues) -> None:
    """Move depths among the inverts and levels among the depths to where they belong (in place).

    Only where the ground tells them apart row by row: a 1.4 under a ground of 197 m is a depth, a 224 a level.
    """
    ground = table["ground_m"].to_numpy(dtype=np.float64)
    known = ground[np.isfinite(ground)]
    if len(known) < _FEWEST or known.min() <= _DEEPEST_M:
        return
    invert = table["invert_m"].to_numpy(dtype=np.float64)
    depth = table["depth_m"].to_numpy(dtype=np.float64)
    too_low = invert < known.min() - _DEEPEST_M
    as_depth = too_low & (ground - invert > _DEEPEST_M)
    as_level = (depth > _DEEPEST_M) & (depth > known.min() - _DEEPEST_M) & (depth < known.max() + _DEEPEST_M)
    if as_depth.sum() >= _FEWEST:
        reason = in_both("inverts_deep", count=int(as_depth.sum()), of=int(np.isfinite(invert).sum()))
        issues.add("depth_as_invert", "warning", "column", ["invert_m"], reason, in_both("read_as_depth"))
        above = invert > ground + 1.0
        _report_above(above, invert, ground, ids, issues)
        depth = np.where(as_depth & np.isnan(depth), invert, depth)
        invert = np.where(as_depth, ground - invert, np.where(too_low | above, np.nan, invert))
    if as_level.sum() >= _FEWEST:
        reason = in_both("depths_high", count=int(as_level.sum()), of=int(np.isfinite(depth).sum()))
        issues.add("level_as_depth", "warning", "column", ["depth_m"], reason, in_both("read_as_inverts"))
        above = as_level & (depth > ground + 1.0)
        _report_above(above, depth, ground, ids, issues)
        invert = np.where(as_level & np.isnan(invert) & ~above, depth, invert)
        depth = np.where(as_level, np.nan, depth)
    table["invert_m"], table["depth_m"] = invert, depth


def _report_above(above: Bools, level: Floats, ground: Floats, ids: RowNames, issues: Issues) -> None:
    """Report levels that lie clearly above the ground, in a column that mixes depths and levels."""
    reasons = [
        in_both("invert_high", invert_m=one, ground_m=top) for one, top in zip(level[above], ground[above], strict=True)
    ]
    issues.add("invert_above_ground", "warning", "node", ids[above], reasons, in_both("invert_to_correct"))
