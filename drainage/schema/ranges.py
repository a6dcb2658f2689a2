"""Values inside the ranges of their columns: an impossible one becomes missing and an issue."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from drainage.schema.issues import Issues, RowNames
from drainage.schema.layers import LayerModel
from drainage.words import in_both


def keep_in_range(table: gpd.GeoDataFrame, layer: LayerModel, ids: RowNames, issues: Issues) -> gpd.GeoDataFrame:
    """Turn each value outside the range of its column into a missing one and an issue (in place); no row is dropped."""
    for name, column in layer.numbers().items():
        if name not in table:
            continue
        value = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
        out = (value < column.least) | (value > column.most)
        reasons = [in_both("value_out", column=name, value=one, expected=column.expected) for one in value[out]]
        action = in_both("column_to_correct", column=name)
        issues.add("value_out_of_range", "error", layer.feature, ids[out], reasons, action)
        if out.any():
            table[name] = np.where(out, np.nan, value)
    return table
