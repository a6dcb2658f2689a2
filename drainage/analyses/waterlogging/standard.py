"""Points held against the standard: how deep on a lane, how long after the rain, and what that makes of their grade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.analyses.waterlogging.points import GRADES
from drainage.errors import SimulationError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from drainage.analyses.waterlogging.points import Groups
    from drainage.simulation.state import FlowState

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: Water this deep on one lane at most, m. GB 50014-2021, 4.1.4.
MOST_ON_LANE_M: Final = 0.15
VERDICTS: Final = ("yes", "no", "unknown")
#: Kind of area → bounds of the time in which water must be gone after the rain, h. GB 50014-2021, table 4.1.5: centre
#: of a town, the rest of it, important parts of the centre, traffic hubs. We judge by the upper one (own choice).
DRAIN_DOWN_H: Final = {
    "central": (1.0, 3.0),
    "outer": (1.5, 4.0),
    "important": (0.5, 2.0),
    "hub": (0.5, 0.5),
}


def add_times(state: FlowState, points: gpd.GeoDataFrame, groups: Groups) -> None:
    """Say how long water stands at each point, and how long of that after the rain (in place).

    The longest of its nodes counts. A screening knows both; another engine knows how long nodes overflow, and nothing
    of what stands then.
    """
    hours = {"standing_h": np.nan, "drain_down_h": np.nan}
    if state.standing is not None:
        by_node = state.standing
    elif "overflow_h" in state.nodes:
        by_node = pd.DataFrame(hours, index=state.nodes.index).assign(standing_h=state.nodes["overflow_h"])
    else:
        by_node = pd.DataFrame(hours, index=state.nodes.index)
    longest = by_node.iloc[groups.row].groupby(groups.group).max().reindex(range(len(points)))
    points["duration_min"] = (longest["standing_h"].to_numpy(dtype=np.float64) * 60.0).round(0)
    points["drain_down_h"] = longest["drain_down_h"].to_numpy(dtype=np.float64).round(2)


def drain_down_limit_h(area_type: str) -> float:
    """Give the time in which water must be gone, h.

    Raises
    ------
    SimulationError
        No such kind of area.
    """
    if area_type not in DRAIN_DOWN_H:
        raise SimulationError(f"area_type = {area_type!r}; expected {', '.join(DRAIN_DOWN_H)}")
    return DRAIN_DOWN_H[area_type][1]


def judge(points: gpd.GeoDataFrame, *, limit_h: float, large_area_m2: float) -> None:
    """Say which points are within the standard, and raise the grade of those that are long or large (in place).

    Within: at most 15 cm on a lane, and gone in time.  Neither is waterlogging then; a point that breaks one of the two
    is beyond it.  Where the time is not known, a shallow point stays ``unknown``.  The grade by depth is raised by one
    where the water stays longer than that, or covers a large area of the raster; the area of the gutter section follows
    from a road assumed and raises nothing.

    References
    ----------
    GB 50014-2021, 4.1.4 and 4.1.5 with explanation (both within limits: no waterlogging); raising: own choice.
    """
    drain_down = points["drain_down_h"].to_numpy(dtype=np.float64)
    deep = points["lane_depth_m"].to_numpy(dtype=np.float64) > MOST_ON_LANE_M
    late = drain_down > limit_h
    verdict = np.where(deep | late, "no", np.where(np.isnan(drain_down), "unknown", "yes"))
    points["within_standard"] = verdict.astype(object)
    large = (points["depth_source"] == "dem").to_numpy() & (points["ponding_area_m2"] > large_area_m2).to_numpy()
    points["grade"] = raise_grades(points["grade"].to_numpy(dtype=object), late | large)


def raise_grades(grades: NDArray[np.object_], higher: Bools) -> NDArray[np.object_]:
    """Give the next higher grade where told; the highest stays."""
    names = np.array([name for _, name in GRADES], dtype=object)
    rank = np.array([list(names).index(name) for name in grades], dtype=np.intp)
    return names[np.minimum(rank + higher, len(names) - 1)]
