"""Levels of new pipes that a survey tells as depths below the ground, as they are completed where a network is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from drainage.change_sets.survey_ends import NewEnds
from drainage.change_sets.survey_features import Rows
from drainage.network import DrainageNetwork
from drainage.said import Said
from drainage.words import in_both


class ByDepth(NamedTuple):
    """Values of new pipes by their row in the survey, and what was decided."""

    values: Mapping[int, Mapping[str, object]]
    decided: list[Said]


def inverts_by_depth(net: DrainageNetwork, lines: Rows, points: Rows, ends: NewEnds) -> ByDepth:
    """Return the inverts of new pipes that have a depth and none: the ground at their node, less the depth.

    The ground is that of the survey, else that of the network.
    """
    ground = _ground(net, points)
    values: dict[int, dict[str, object]] = {}
    without = 0
    for end in ("from", "to"):
        depth, invert = (_numbers(ends.pipes, f"{name}_{end}_m")[lines.new] for name in ("depth", "invert"))
        level = ground.reindex(ends.pipes[f"{end}_node"].iloc[lines.new]).to_numpy(np.float64) - depth
        asked = np.isfinite(depth) & np.isnan(invert)
        without += int((asked & np.isnan(level)).sum())
        mark = f"invert_{end}_source"
        for k in np.flatnonzero(asked & np.isfinite(level)):
            told = {f"invert_{end}_m": float(level[k])} | ({mark: "depth"} if mark in net.pipes else {})
            values.setdefault(int(lines.new[k]), {}).update(told)
    found = sum(name.endswith("_m") for told in values.values() for name in told)
    counts = {"survey_by_depth": found, "survey_depth_only": without}
    return ByDepth(values, [in_both(key, count=count) for key, count in counts.items() if count])


def _ground(net: DrainageNetwork, points: Rows) -> pd.Series:
    """Return the ground of nodes by their ids, m; NaN where nobody says."""
    told = pd.Series(_numbers(points.table, "ground_m"), pd.Index(points.ids, dtype="str"))
    return told.combine_first(net.nodes["ground_m"].astype(np.float64))


def _numbers(table: pd.DataFrame, column: str) -> np.ndarray:
    return table[column].to_numpy(np.float64) if column in table else np.full(len(table), np.nan)
