"""Wide roads whose drains lie on one side only."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.separation.along import Runs, substrings
from drainage.analyses.separation.centre_lines import CentreLines
from drainage.analyses.separation.intervals import Intervals, cut_by, merge_intervals
from drainage.arrays import Bools
from drainage.schema.coded import Coded

#: Width between red lines above which a road is to have drains on both sides, m. GB 50014-2021, 5.3.9.
WIDE_M: Final = 40.0
_AXIS_M: Final = 1.0  # a pipe so near to the centre line lies on neither side: a choice of ours
_CARRIES: Final = {"storm": ("storm", "combined"), "sewage": ("sewage", "combined")}


def one_sided(runs: Runs, kind: Coded, roads: CentreLines, wide_m: float) -> gpd.GeoDataFrame:
    """Tabulate the stretches of wide roads along which a system has pipes, but not on both sides.

    Parameters
    ----------
    kind
        (n_runs,) the system of the pipe of each run.
    """
    wide = np.flatnonzero(roads.lines["width_m"].to_numpy(np.float64, na_value=np.nan) > wide_m)
    length = roads.lines.geometry.length.to_numpy()[wide]
    whole = Intervals(roads.road[wide], roads.begins_m[wide], roads.begins_m[wide] + length)
    found = [_of_system(runs, kind.among(*kinds), whole, system) for system, kinds in _CARRIES.items()]
    table = pd.concat(found, ignore_index=True)
    line = wide[np.asarray(_line_of(whole, table), np.intp)] if len(table) else np.empty(0, np.intp)
    begins = roads.begins_m[line]
    geometry = np.asarray(roads.lines.geometry.array)[line]
    drawn = substrings(geometry, table["from_m"].to_numpy() - begins, table["to_m"].to_numpy() - begins)
    names = roads.names.to_numpy(dtype=object)[table["road"].to_numpy()]
    width = roads.lines["width_m"].to_numpy(np.float64, na_value=np.nan)[line]
    columns = table.assign(road=names, length_m=table["to_m"] - table["from_m"], width_m=width)
    return gpd.GeoDataFrame(columns, geometry=drawn, crs=roads.lines.crs).rename_axis("one_sided")


def _of_system(runs: Runs, mine: Bools, whole: Intervals, system: str) -> pd.DataFrame:
    """Return the pieces of wide roads with pipes of a system on one side, or in the axis alone."""
    sides = {"any": mine, "left": mine & (runs.left_m > _AXIS_M), "right": mine & (runs.left_m < -_AXIS_M)}
    if not len(whole.road):
        pieces, on = whole, dict.fromkeys(sides, np.zeros(0, np.bool_))
    else:
        merged = {name: merge_intervals(runs.along.only(mask)) for name, mask in sides.items()}
        pieces, on = cut_by(merged, whole)
    missing = np.select([on["left"] & on["right"], on["left"], on["right"]], ["", "right", "left"], "both")
    table = pd.DataFrame(
        {
            "road": pieces.road, "from_m": pieces.from_m, "to_m": pieces.to_m, "system": system,
            "missing_side": missing.astype(object),
        }
    )  # fmt: skip
    table = table[on["any"] & (missing != "")]
    new = (table["road"].diff() != 0) | (table["missing_side"] != table["missing_side"].shift())
    new |= table["from_m"] > table["to_m"].shift() + 1e-6
    first_last = {"from_m": "first", "to_m": "last"}
    named = dict.fromkeys(("road", "system", "missing_side"), "first")
    whole_stretches: pd.DataFrame = table.groupby(new.cumsum(), sort=False).agg({**named, **first_last})
    return whole_stretches


def _line_of(whole: Intervals, table: pd.DataFrame) -> pd.Series:
    """Return the row of the line in which each stretch lies."""
    own = pd.DataFrame(
        {"road": whole.road, "begins": whole.from_m, "ends": whole.to_m, "line": np.arange(len(whole.road))}
    )
    middle = (table["from_m"] + table["to_m"]) / 2
    pairs = table[["road"]].assign(middle=middle, row=np.arange(len(table))).merge(own, on="road")
    inside = pairs[(pairs["middle"] >= pairs["begins"]) & (pairs["middle"] <= pairs["ends"])]
    return inside.groupby("row")["line"].first()
