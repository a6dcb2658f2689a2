"""Stretches of road with the same pipes along them: cut, classified, drawn and added up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.analyses.separation.along import substrings
from drainage.analyses.separation.centre_lines import CentreLines
from drainage.analyses.separation.intervals import JOIN_M, Intervals, cut_by, merge_intervals
from drainage.arrays import Floats

CLASSES: Final = ("separated", "combined", "storm only", "sewage only", "none")
#: Lengths of the classes, and what counts as covered and as effective, m.
LENGTHS: Final = tuple(f"{name.replace(' ', '_')}_m" for name in CLASSES)


def cut_stretches(along: Intervals, masks: Mapping[str, NDArray[np.bool_]], length_m: Floats) -> pd.DataFrame:
    """Cut every road where any kind of pipe begins or ends, and say which kinds run on each stretch."""
    merged = {name: merge_intervals(along.only(mask)) for name, mask in masks.items()}
    pieces, runs = cut_by(merged, Intervals(np.arange(len(length_m)), np.zeros(len(length_m)), length_m))
    table = pd.DataFrame({"road": pieces.road, "from_m": pieces.from_m, "to_m": pieces.to_m})
    both = runs["storm"] & runs["sewage"]
    table["class"] = np.select([both, runs["combined"], runs["storm"], runs["sewage"]], CLASSES[:4], "none")
    table["effective"] = both & ~runs["mixed"]
    changes = (
        (table["road"].diff() != 0)
        | (table["class"] != table["class"].shift())
        | (table["effective"] != table["effective"].shift())
    )
    grouped = table.groupby(changes.cumsum(), sort=False).agg(
        {"road": "first", "from_m": "first", "to_m": "last", "class": "first", "effective": "first"}
    )
    return grouped.reset_index(drop=True)


def road_table(stretches: pd.DataFrame, names: pd.Index) -> pd.DataFrame:
    """Return the lengths of the classes and the shares of each road."""
    return group_lengths(
        stretches["road"].to_numpy(),
        (stretches["to_m"] - stretches["from_m"]).to_numpy(),
        stretches["class"].to_numpy(),
        stretches["effective"].to_numpy(bool),
        names,
    )


def group_lengths(
    group: NDArray[np.integer], part_m: Floats, kind: NDArray[np.object_], effective: NDArray[np.bool_], names: pd.Index
) -> pd.DataFrame:
    """Add up parts of stretches by their group, (n_parts,), which is a row of ``names``."""

    def sums(chosen: NDArray[np.bool_]) -> Floats:
        return np.bincount(group, weights=part_m * chosen, minlength=len(names)).astype(np.float64)

    lengths = pd.DataFrame({f"{name.replace(' ', '_')}_m": sums(kind == name) for name in CLASSES}, index=names)
    return shares(lengths, sums(effective))


def draw_stretches(stretches: pd.DataFrame, roads: CentreLines) -> gpd.GeoDataFrame:
    """Return the piece of the centre line of each stretch; it is cut where a line of the road ends."""
    geometry = np.asarray(roads.lines.geometry.array)
    length = roads.lines.geometry.length.to_numpy()
    own = pd.DataFrame(
        {"road": roads.road, "line": np.arange(len(geometry)), "begins": roads.begins_m, "line_m": length}
    )
    pairs = stretches.reset_index(names="stretch").merge(own, on="road")
    low = np.maximum((pairs["from_m"] - pairs["begins"]).to_numpy(), 0.0)
    high = np.minimum((pairs["to_m"] - pairs["begins"]).to_numpy(), pairs["line_m"].to_numpy())
    kept = (high - low) > JOIN_M
    pairs, low, high = pairs[kept], low[kept], high[kept]
    line = pairs["line"].to_numpy()
    return gpd.GeoDataFrame(
        {
            "road": roads.names.to_numpy(dtype=object)[pairs["road"].to_numpy()],
            "from_m": pairs["begins"].to_numpy() + low,
            "to_m": pairs["begins"].to_numpy() + high,
            "length_m": high - low,
            "class": pairs["class"].to_numpy(dtype=object),
            "effective": pairs["effective"].to_numpy(),
            "road_class": roads.lines["road_class"].to_numpy(dtype=object)[line],
            "width_m": roads.lines["width_m"].to_numpy(np.float64, na_value=np.nan)[line],
        },
        index=pd.RangeIndex(len(pairs), name="stretch"),
        geometry=substrings(geometry[line], low, high),
        crs=roads.lines.crs,
    )


def shares(lengths: pd.DataFrame, effective_m: Floats) -> pd.DataFrame:
    """Return lengths by class (columns `LENGTHS`) with their sum and the shares; unknown where there is no road."""
    total = lengths[list(LENGTHS)].sum(axis=1)
    known = total.where(total > 0)
    table = pd.DataFrame(
        {
            "length_m": total,
            "effective_share": effective_m / known,
            "coverage_share": lengths["separated_m"] / known,
        },
        index=lengths.index,
    )
    table["effective_pct"] = 100 * table["effective_share"]
    table["coverage_pct"] = 100 * table["coverage_share"]
    return table.join(lengths[list(LENGTHS)])
