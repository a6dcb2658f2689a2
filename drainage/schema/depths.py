"""Inverts of nodes that a city writes as depths, and depths that it writes as levels: told by the ground, and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from drainage.schema.issues import Issues, RowNames

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
        reason = (
            f"{int(as_depth.sum())} of {int(np.isfinite(invert).sum())} inverts lie tens of metres below the ground"
        )
        _say("depth_as_invert", "invert_m", f"{reason} and look like depths", "read as depth below ground", issues)
        depth = np.where(as_depth & np.isnan(depth), invert, depth)
        invert = np.where(as_depth, ground - invert, np.where(too_low, np.nan, invert))
    if as_level.sum() >= _FEWEST:
        reason = f"{int(as_level.sum())} of {int(np.isfinite(depth).sum())} depths lie among the levels of the ground"
        _say("level_as_depth", "depth_m", f"{reason} and look like inverts", "read as inverts", issues)
        above = as_level & (depth > ground + 1.0)
        issues.add(
            "invert_above_ground",
            "warning",
            "node",
            ids[above],
            [f"invert {d:.2f} m above a ground of {g:.2f} m" for d, g in zip(depth[above], ground[above], strict=True)],
            "invert taken as unknown; correct it in the source",
        )
        invert = np.where(as_level & np.isnan(invert) & ~above, depth, invert)
        depth = np.where(as_level, np.nan, depth)
    table["invert_m"], table["depth_m"] = invert, depth


def _say(code: str, column: str, reason: str, action: str, issues: Issues) -> None:
    issues.add(code, "warning", "column", [column], reason, action)
