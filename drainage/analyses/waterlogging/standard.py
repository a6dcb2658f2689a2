"""Points compared with the standard: depth on a lane, time after the rain, and what these do to their grade."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.analyses.waterlogging.points import GRADES, Groups
from drainage.arrays import Bools
from drainage.errors import SimulationError
from drainage.simulation.screening.answer import screening_of
from drainage.simulation.state import FlowState
from drainage.words import in_both

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


def add_times(times: pd.DataFrame, points: gpd.GeoDataFrame, groups: Groups) -> None:
    """Add when and for how long water stands at each point, and how much of that is after the rain (in place).

    ``times`` are those of the nodes in groups (`times_of_nodes`).

    The longest of its nodes counts, from the first beginning to the last end, so the duration is never longer than the
    time between the two, and shorter where nodes are wet one after the other or overflow twice. A screening knows when
    water is gone, as if nothing else came to the pipes that take it; another engine knows how long nodes overflow, by
    its reporting steps when they begin, and nothing of what stands then: the end is not earlier than told by either,
    and ``ends_at_least`` says so.
    """
    by_node = times.groupby(groups.group)
    longest = by_node.max().reindex(range(len(points)))
    first = by_node["begins_h"].min().reindex(range(len(points)))
    points["drain_down_h"] = longest["drain_down_h"].to_numpy(dtype=np.float64).round(2)
    points["begins_min"] = (first.to_numpy(dtype=np.float64) * 60.0).round(1)
    points["ends_min"] = (longest["ends_h"].to_numpy(dtype=np.float64) * 60.0).round(1)
    most = (points["ends_min"] - points["begins_min"]).round(1)
    points["duration_min"] = np.fmin((longest["standing_h"].to_numpy(dtype=np.float64) * 60.0).round(1), most)
    points["ends_at_least"] = points["ends_min"].notna()


def times_of_nodes(state: FlowState) -> pd.DataFrame:
    """Return ``standing_h``, ``drain_down_h``, ``begins_h`` and ``ends_h`` of each node, nan where unknown."""
    columns = ["standing_h", "drain_down_h", "begins_h", "ends_h"]
    if (own := screening_of(state)) is not None:
        return own.standing.reindex(columns=columns)
    told = {"standing_h": "overflow_h", "begins_h": "overflow_begins_min", "ends_h": "overflow_ends_min"}
    times = pd.DataFrame(np.nan, index=state.nodes.index, columns=columns)
    for name, column in told.items():
        if column in state.nodes:
            times[name] = state.nodes[column] / (60.0 if column.endswith("_min") else 1.0)
    return times


def drain_down_limit_h(area_type: str) -> float:
    """Return the time within which water must have drained, h.

    Raises
    ------
    SimulationError
        No such kind of area.
    """
    if area_type not in DRAIN_DOWN_H:
        raise SimulationError(in_both("area_type_out", value=area_type, known=", ".join(DRAIN_DOWN_H)))
    return DRAIN_DOWN_H[area_type][1]


def judge(points: gpd.GeoDataFrame, *, limit_h: float, large_area_m2: float) -> None:
    """Judge which points meet the standard, and raise the grade of those that are long or large (in place).

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
    """Return the grades, each raised by one where marked; the highest stays."""
    names = np.array([name for _, name in GRADES], dtype=object)
    rank = np.array([list(names).index(name) for name in grades], dtype=np.intp)
    return names[np.minimum(rank + higher, len(names) - 1)]
