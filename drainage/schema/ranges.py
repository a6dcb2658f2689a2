"""What each number of a layer may be: pandera checks, and the table in which every value is inside its range.

The only home of pandera. A value that cannot be meant becomes missing and an issue; a row is never dropped here.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa

from drainage.schema.issues import Issues, RowNames

_LEVEL = pa.Check.in_range(-500.0, 9000.0, description="metres above datum between -500 and 9000")
_DEPTH = pa.Check.in_range(-0.5, 100.0, description="metres below ground between -0.5 and 100")
_SIZE = pa.Check.in_range(20.0, 20000.0, description="mm between 20 and 20000")
_SHARE = pa.Check.in_range(0.0, 1.0, description="a share between 0 and 1")


def _number(check: pa.Check) -> pa.Column:
    return pa.Column("float64", check, nullable=True, required=False)


PIPE_NUMBERS = {
    "diameter_mm": _SIZE,
    "width_mm": _SIZE,
    "height_mm": _SIZE,
    "invert_from_m": _LEVEL,
    "invert_to_m": _LEVEL,
    "depth_from_m": _DEPTH,
    "depth_to_m": _DEPTH,
    "ground_from_m": _LEVEL,
    "ground_to_m": _LEVEL,
    "length_m": pa.Check.in_range(0.0, 50000.0, description="metres between 0 and 50000"),
    "manning_n": pa.Check.in_range(
        0.005, 0.2, description="Manning's n in s/m^(1/3) between 0.005 and 0.2 (not Colebrook's k_s)"
    ),
    "silt_share": _SHARE,
}
_COUNT = pa.Check.in_range(0.0, 1e9, description="a number, not negative")
# Columns that a source need not have under any other name, but that count where it has them.
PIPE_NUMBERS |= {
    "barrels": pa.Check.in_range(1.0, 1e3, description="a number of equal pipes side by side, 1 or more"),
    **dict.fromkeys(("flow_m3d", "users"), _COUNT),
    **dict.fromkeys(("section_area_m2", "section_radius_m"), _COUNT),
}
NODE_NUMBERS = {
    "users": _COUNT,
    "inflow_m3s": pa.Check.in_range(-1e6, 1e6, description="a flow in m³/s"),
    "surcharge_depth_m": pa.Check.in_range(0.0, 1e6, description="metres, not negative"),
    "ground_m": _LEVEL,
    "invert_m": _LEVEL,
    "depth_m": _DEPTH,
    "water_level_m": _LEVEL,
    "area_ha": pa.Check.in_range(0.0, 1e5, description="hectares, not negative"),
    "runoff_coefficient": _SHARE,
}
_USERS = {
    **dict.fromkeys(("users", "misconnected_users"), _COUNT),
    **dict.fromkeys(("water_use_m3_per_day", "sewage_to_storm_m3_per_day", "wet_sewage_m3_per_day"), _COUNT),
}
_OTHER_NUMBERS = {
    "roads": {"width_m": pa.Check.in_range(0.0, 500.0, description="metres between 0 and 500")},
    "catchments": {"runoff_coefficient": _SHARE, **_USERS},
    "blocks": {"runoff_coefficient": _SHARE, **_USERS},
    "reports": {"depth_m": pa.Check.in_range(0.0, 20.0, description="metres between 0 and 20")},
    "waterways": {"flood_level_m": _LEVEL},
}
NUMBERS: dict[str, dict[str, pa.Check]] = {"pipes": PIPE_NUMBERS, "nodes": NODE_NUMBERS, **_OTHER_NUMBERS}
FEATURE_KIND = {
    "pipes": "pipe",
    "nodes": "node",
    "roads": "road",
    "catchments": "catchment",
    "blocks": "block",
    "reports": "report",
    "waterways": "waterway",
}


def limits_of(layer: str, column: str) -> tuple[float, float]:
    """Return the least and the greatest number that a column may hold."""
    said = NUMBERS[layer][column].statistics or {"min_value": -np.inf, "max_value": np.inf}
    return float(said["min_value"]), float(said["max_value"])


def keep_in_range(table: gpd.GeoDataFrame, layer: str, ids: RowNames, issues: Issues) -> gpd.GeoDataFrame:
    """Turn each value outside the range of its column into a missing one and an issue (in place)."""
    checks = {
        name: check for name, check in NUMBERS.get(layer, {}).items() if name in table and table[name].notna().any()
    }
    schema = pa.DataFrameSchema({name: _number(check) for name, check in checks.items()})
    plain = pd.DataFrame({name: table[name].to_numpy(dtype=np.float64) for name in checks})
    try:
        schema.validate(plain, lazy=True)
    except pa.errors.SchemaErrors as error:
        for (column, check), found in error.failure_cases.groupby(["column", "check"], sort=False):
            rows = found["index"].to_numpy()
            expected = checks[column].description if column in checks else check
            reasons = [f"{column} = {value:g}; expected {expected}" for value in found["failure_case"].astype(float)]
            issues.add(
                "value_out_of_range",
                "error",
                FEATURE_KIND[layer],
                ids[rows],
                reasons,
                f"{column} taken as unknown; correct it in the source",
            )
            table.loc[table.index[rows], column] = np.nan
    return table
