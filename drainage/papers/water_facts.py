"""Rain, flow and level over time as plain values."""

from __future__ import annotations

import pandas as pd

from drainage.papers.water_over_time import WaterOverTime


def highest_of_storms(water: WaterOverTime) -> pd.DataFrame:
    """Return a row for each storm: its greatest rain, flows and level, and the minutes at the ground."""
    greatest = {
        name: [float(getattr(one, name).max()) for one in water.storms]
        for name in ("rain_mm_h", "inflow_m3s", "outflow_m3s", "level_m")
    }
    at_ground = [water.minutes_at_ground(one) for one in water.storms]
    return pd.DataFrame({"storm": [one.name for one in water.storms], **greatest, "at_ground_min": at_ground}).round(3)


def water_facts(water: WaterOverTime) -> dict[str, object]:
    """Return what is drawn of a node or a pipe: its levels, m, the highest of each storm, and all series."""
    facts = {"kind": water.kind, "id": water.feature_id, "node_id": water.node_id}
    levels = {name: getattr(water, name) for name in ("ground_m", "invert_m", "crown_m")}
    rows = {"highest": highest_of_storms(water).to_dict("list"), "series": water.table().to_dict("list")}
    return {**facts, **levels, **rows}
