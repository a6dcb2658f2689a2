"""The points of one state and no more: no causes, reports and pipes, so in the time of a few screenings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd

from drainage.analyses.waterlogging.onset import water_up_to
from drainage.analyses.waterlogging.points import Groups, group_nodes, names_of, node_roads, node_table, point_table
from drainage.analyses.waterlogging.ponds import pond_names, pond_table, stand_on_dem
from drainage.analyses.waterlogging.standard import add_times, drain_down_limit_h, judge, times_of_nodes
from drainage.arrays import Ints
from drainage.formats.raster import Dem
from drainage.simulation.screening.answer import Screening
from drainage.simulation.state import FlowState

#: A pond beyond this is large, m²: the area of a 内涝点 in Shenzhen (quoted in reviews, not verified).
LARGE_AREA_M2: Final = 1000.0
#: Width of a road that no layer gives, m (a street of two lanes and kerbs; own choice).
DEFAULT_ROAD_WIDTH_M: Final = 12.0
#: Water that stands no deeper is no point, m (own choice).
LEAST_DEPTH_M: Final = 0.05
#: Return periods that are tried, a.
RETURN_PERIODS_A: Final = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 50.0)


class Standing(NamedTuple):
    """Points, worst first, the overflowing nodes with the points that they belong to, and the ponds on a raster."""

    points: gpd.GeoDataFrame
    overflow_nodes: gpd.GeoDataFrame
    groups: Groups
    ponds: gpd.GeoDataFrame | None


def points_in(
    state: FlowState,
    screening: Screening | None,
    *,
    least_depth_m: float = LEAST_DEPTH_M,
    road_width_m: float = DEFAULT_ROAD_WIDTH_M,
    return_periods_a: Sequence[float] = RETURN_PERIODS_A,
    dem: Dem | None = None,
    area_type: str = "central",
    large_area_m2: float = LARGE_AREA_M2,
) -> Standing:
    """Return where water stands in a state; the parameters are those of `find_waterlogging`.

    ``screening`` is of the same storm, the state itself if it is one, or None.
    """
    standing = None if dem is None else stand_on_dem(state, dem)
    groups, nodes = flooded_nodes(
        state, screening, road_width_m=road_width_m, return_periods_a=return_periods_a,
        pond_of_node=None if standing is None else standing.pond_of_node,
    )  # fmt: skip
    ponds = None
    if standing is not None and dem is not None:
        ponds, names = pond_table(standing.filled, dem)
        nodes["pond_id"] = pond_names(standing, names)[groups.row]
    points, groups = rank_points(
        nodes, groups, times_of_nodes(state).iloc[groups.row], ponds=ponds, least_depth_m=least_depth_m,
        area_type=area_type, large_area_m2=large_area_m2,
    )  # fmt: skip
    return Standing(points, nodes, groups, ponds)


def flooded_nodes(
    state: FlowState, screening: Screening | None, *, road_width_m: float = DEFAULT_ROAD_WIDTH_M,
    return_periods_a: Sequence[float] = RETURN_PERIODS_A, pond_of_node: Ints | None = None,
) -> tuple[Groups, gpd.GeoDataFrame]:  # fmt: skip
    """Return the nodes that overflow in the storm or in a lesser one, in groups along roads and in ponds."""
    roads = node_roads(state.network)
    water = water_up_to(state, screening, return_periods_a)
    groups = group_nodes(state.network, roads, water["most_m3"].to_numpy() > 0.0, pond_of_node)
    return groups, node_table(state, roads, groups, water, road_width_m)


def rank_points(
    nodes: gpd.GeoDataFrame, groups: Groups, times: pd.DataFrame, *, least_depth_m: float = LEAST_DEPTH_M,
    area_type: str = "central", large_area_m2: float = LARGE_AREA_M2, ponds: gpd.GeoDataFrame | None = None,
) -> tuple[gpd.GeoDataFrame, Groups]:  # fmt: skip
    """Return the points of groups of overflowing nodes, worst first, and the groups by rank; name them in ``nodes``.

    Parameters
    ----------
    nodes, groups, times
        Overflowing nodes, the group of each, and how long water stands there (`times_of_nodes`), row for row.
    ponds
        Of a raster.
    """
    groups, points = point_table(nodes, groups, least_depth_m, ponds)
    add_times(times, points, groups)
    judge(points, limit_h=drain_down_limit_h(area_type), large_area_m2=large_area_m2)
    nodes["point_id"] = names_of(points, groups, len(nodes))
    nodes["grade"] = nodes["point_id"].map(points["grade"]).astype(object).fillna("shallow")
    return points, groups


def is_judged(state: FlowState) -> bool:
    """Return whether anything of a state was judged, so that no point means that there is none."""
    return bool(state.nodes["judged"].any() and state.pipes["judged"].any())
