"""How many points there are, and no more: no causes, beginnings and reports, so in the time of the screening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drainage.analyses.waterlogging.find import DEFAULT_ROAD_WIDTH_M
from drainage.analyses.waterlogging.points import group_nodes, node_roads, node_table, point_table

if TYPE_CHECKING:
    from drainage.simulation.state import FlowState


def count_points(
    state: FlowState, *, least_depth_m: float = 0.05, road_width_m: float = DEFAULT_ROAD_WIDTH_M
) -> int | None:
    """Count the points that `find_waterlogging` finds without a raster of the ground; None where none is judged."""
    if not (state.nodes["judged"].any() and state.pipes["judged"].any()):
        return None
    road = node_roads(state.network)
    groups = group_nodes(state, road, None)
    nodes, stretch_m = node_table(state, road, groups, road_width_m)
    return len(point_table(state, nodes, groups, stretch_m, least_depth_m, None)[1])
