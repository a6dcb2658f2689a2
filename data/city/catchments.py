"""Which piece of the town drains to which storm manhole: nearest-manhole pieces of the served area."""

from dataclasses import dataclass

import shapely

from city.ground import river_line, runoff_coefficient
from city.plan import Plan
from city.streets import Streets

REACH_M = 300.0
EDGE_M = 130.0
RIVER_STRIP_M = 60.0
SMALLEST_HA = 0.01
GRID_M = 0.2  # corners lie on a grid, so that no rounding can make them cross


@dataclass
class Catchment:
    """A piece of the town, the node that takes its rain and its comprehensive runoff coefficient."""

    node_id: str
    polygon: shapely.Polygon
    runoff_coefficient: float

    @property
    def area_ha(self) -> float:
        """Area in hectares."""
        return float(self.polygon.area) / 1e4


def divide_town(plan: Plan, streets: Streets) -> list[Catchment]:
    """Divide the served area among the storm manholes, each point to the nearest."""
    served = served_area(streets)
    nodes = [node for node in plan.nodes.values() if node.system in {"storm", "combined"} and node.kind == "manhole"]
    points = shapely.MultiPoint([(node.x, node.y) for node in nodes])
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=served.buffer(500.0), ordered=True))
    pieces = shapely.intersection(cells, served, grid_size=GRID_M)
    catchments = []
    for node, piece in zip(nodes, pieces, strict=True):
        parts = [part for part in shapely.get_parts(piece) if isinstance(part, shapely.Polygon)]
        if not parts:
            continue
        largest = max(parts, key=lambda part: part.area)
        if largest.area / 1e4 >= SMALLEST_HA:
            catchments.append(
                Catchment(node.node_id, shapely.Polygon(largest.exterior), runoff_coefficient(node.x, node.y))
            )
    load_nodes(plan, catchments)
    return catchments


def carve(catchments: list[Catchment], squares: list[Catchment]) -> list[Catchment]:
    """Cut the small squares of single inlets out of the pieces in which they lie."""
    tree = shapely.STRtree([piece.polygon for piece in catchments])
    for square in squares:
        for k in tree.query(square.polygon, predicate="intersects"):
            rest = shapely.difference(catchments[k].polygon, square.polygon, grid_size=GRID_M)
            parts = [part for part in shapely.get_parts(rest) if isinstance(part, shapely.Polygon)]
            catchments[k].polygon = max(parts, key=lambda part: part.area)
    return catchments + squares


def load_nodes(plan: Plan, catchments: list[Catchment]) -> None:
    """Write the area and the runoff coefficient of each catchment to its node."""
    for catchment in catchments:
        node = plan.nodes[catchment.node_id]
        node.area_ha = round(catchment.area_ha, 4)
        node.runoff_coefficient = catchment.runoff_coefficient


def served_area(streets: Streets) -> shapely.Polygon:
    """Outline of the ground that the town drains: near its roads and off the river."""
    roads = shapely.union_all([edge.line.buffer(REACH_M) for edge in streets.edges])
    wet = river_line().buffer(RIVER_STRIP_M)
    parts = shapely.get_parts(roads.buffer(EDGE_M - REACH_M).difference(wet))
    largest = max(parts, key=lambda part: part.area)
    return shapely.Polygon(largest.exterior)
