"""How many points there are, and no more: no causes, reports and pipes, so in the time of a few screenings."""

from __future__ import annotations

from drainage.analyses.waterlogging.find import DEFAULT_ROAD_WIDTH_M, LEAST_DEPTH_M, RETURN_PERIODS_A
from drainage.analyses.waterlogging.onset import water_up_to
from drainage.analyses.waterlogging.points import group_nodes, node_roads, node_table, point_table
from drainage.simulation.screening.answer import Screening, screening_of
from drainage.simulation.state import FlowState


def count_points(state: FlowState, screening: Screening | None = None) -> int | None:
    """Count the points that `find_waterlogging` finds by default; None where no node is judged."""
    if not (state.nodes["judged"].any() and state.pipes["judged"].any()):
        return None
    road = node_roads(state.network)
    water = water_up_to(state, screening_of(state, screening), RETURN_PERIODS_A)
    groups = group_nodes(state.network, road, water["most_m3"].to_numpy() > 0.0)
    nodes = node_table(state, road, groups, water, DEFAULT_ROAD_WIDTH_M)
    return len(point_table(state, nodes, groups, LEAST_DEPTH_M)[1])
