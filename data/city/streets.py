"""The road plan: a bent grid with diagonals, a riverside road and gaps, as junctions and blocks' edges."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely

from city.ground import bank_line, warp

WIDE_M = 40.0
OLD_TOWN = (3750.0, 1250.0, 5650.0, 2950.0)
MERGE_M = 170.0

# name, coordinate, width, extent along the line (the minor streets of the old town end at its edge)
NORTH_SOUTH: tuple[tuple[str, float, float, float, float], ...] = (
    ("西环路", 900, 30, 0, 5500),
    ("磬山路", 1380, 36, 0, 5500),
    ("凤山路", 1850, 30, 0, 5500),
    ("钟灵大道", 2300, 50, 0, 5500),
    ("文化路", 2750, 24, 0, 5500),
    ("迎宾大道", 3190, 45, 0, 5500),
    ("人民路", 3600, 30, 0, 5500),
    ("书院街", 3920, 14, 1200, 3000),
    ("建设路", 4230, 26, 0, 5500),
    ("青年街", 4560, 14, 1200, 3000),
    ("奇石大道", 4950, 50, 0, 5500),
    ("育才路", 5500, 24, 0, 5500),
    ("东环路", 6050, 30, 0, 5500),
    ("凤东路", 6580, 24, 3000, 5500),
)
EAST_WEST: tuple[tuple[str, float, float, float, float], ...] = (
    ("北环路", 5500, 36, 0, 7000),
    ("新华路", 4980, 24, 0, 7000),
    ("杨河路", 4450, 36, 0, 7000),
    ("光明路", 3920, 24, 0, 7000),
    ("解放路", 3400, 36, 0, 7000),
    ("胜利街", 3000, 16, 3100, 6200),
    ("和平路", 2650, 24, 0, 7000),
    ("衙前街", 2320, 14, 3600, 5600),
    ("向阳路", 1980, 24, 0, 7000),
    ("南关街", 1640, 14, 3600, 5400),
    ("汴河路", 1320, 30, 0, 7000),
    ("工业路", 860, 30, 0, 7000),
    ("创业路", 420, 24, 0, 7000),
    ("南环路", 0, 36, 0, 7000),
)
DIAGONALS: tuple[tuple[str, float, tuple[tuple[int, int], ...]], ...] = (
    ("龙山路", 24, ((0, 1), (1, 2), (2, 3), (3, 4))),
    ("虞姬路", 24, ((1, 12), (2, 11), (3, 10), (4, 8))),
    ("凤凰路", 24, ((10, 0), (11, 1), (12, 2), (13, 3))),
)
RIVERSIDE = ("滨河路", 24.0)
LOST_SHARE = 0.05


@dataclass
class Edge:
    """A piece of road between two junctions."""

    start: int
    end: int
    road: str
    width_m: float
    line: shapely.LineString
    riverside: bool = False


@dataclass
class Streets:
    """Junctions and edges of the road plan; `river_ends` are the junctions on the riverside road."""

    xy: list[tuple[float, float]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    river_ends: list[int] = field(default_factory=list)

    def in_old_town(self, junction: int) -> bool:
        """Tell whether a junction lies in the old, combined part of the town."""
        x, y = self.xy[junction]
        west, south, east, north = OLD_TOWN
        return west <= x <= east and south <= y <= north


def lay_streets(rng: np.random.Generator) -> Streets:
    """Lay the roads out: grid lines cut at the riverside road, diagonals, a few lost pieces."""
    plan = Streets()
    flat: list[tuple[float, float]] = []
    bank = bank_line()
    grid: dict[tuple[int, int], int] = {}
    for column, (_, x, _, south, north) in enumerate(NORTH_SOUTH):
        for row, (_, y, _, west, east) in enumerate(EAST_WEST):
            inside = south <= y <= north and west <= x <= east
            if inside and _is_west(bank, x, y) and bank.distance(shapely.Point(x, y)) > MERGE_M:
                grid[column, row] = len(flat)
                flat.append((x + rng.uniform(-22, 22), y + rng.uniform(-22, 22)))
    pieces = _grid_pieces(grid)
    pieces += _river_pieces(grid, flat, bank, plan)
    for name, width_m, cells in DIAGONALS:
        known = [grid[cell] for cell in cells if cell in grid]
        pieces += [(a, b, name, width_m, False) for a, b in pairwise(known)]
    plan.xy = [tuple(point) for point in warp(np.array(flat)).tolist()]
    degree = np.bincount(np.array([(a, b) for a, b, *_ in pieces]).ravel())
    for start, end, road, width_m, riverside in pieces:
        spare = min(degree[start], degree[end]) >= 4 and not riverside
        if spare and rng.random() < LOST_SHARE:
            degree[[start, end]] -= 1
            continue
        plan.edges.append(Edge(start, end, road, width_m, _bend(flat[start], flat[end], road), riverside))
    return plan


def _grid_pieces(grid: dict[tuple[int, int], int]) -> list[tuple[int, int, str, float, bool]]:
    pieces: list[tuple[int, int, str, float, bool]] = []
    for column, (name, _, width_m, _, _) in enumerate(NORTH_SOUTH):
        stops = [grid[column, row] for row in range(len(EAST_WEST)) if (column, row) in grid]
        pieces += [(a, b, name, width_m, False) for a, b in pairwise(stops)]
    for row, (name, _, width_m, _, _) in enumerate(EAST_WEST):
        columns = [column for column in range(len(NORTH_SOUTH)) if (column, row) in grid]
        pieces += [(grid[a, row], grid[b, row], _part_of_town(name, b), width_m, False) for a, b in pairwise(columns)]
    return pieces


def _part_of_town(name: str, column: int) -> str:
    """Split the long east-west road into its eastern and western halves."""
    if name != "解放路":
        return name
    return "解放西路" if column <= 5 else "解放东路"


def _river_pieces(
    grid: dict[tuple[int, int], int],
    flat: list[tuple[float, float]],
    bank: shapely.LineString,
    plan: Streets,
) -> list[tuple[int, int, str, float, bool]]:
    """Run every grid line on to the riverside road, and lay that road through their ends."""
    ends: list[tuple[float, int]] = []
    pieces: list[tuple[int, int, str, float, bool]] = []
    rays: list[tuple[int, str, float, shapely.LineString]] = []
    for row, (name, y, width_m, _, _) in enumerate(EAST_WEST):
        last = max(column for column, line in grid if line == row)
        rays.append((grid[last, row], _part_of_town(name, 12), width_m, shapely.LineString(((-500, y), (9000, y)))))
    for column, (name, x, width_m, south, _) in enumerate(NORTH_SOUTH):
        if south in {0.0, 3000.0} and x > 4600:
            last = max(row for line, row in grid if line == column)
            rays.append((grid[column, last], name, width_m, shapely.LineString(((x, 9000), (x, -2000)))))
    for junction, name, width_m, ray in rays:
        crossing = bank.intersection(ray)
        if crossing.is_empty or not isinstance(crossing, shapely.Point):
            continue
        chainage = bank.project(crossing)
        near = [end for at, end in ends if abs(at - chainage) < MERGE_M]
        if near:
            pieces.append((junction, near[0], name, width_m, False))
            continue
        ends.append((chainage, len(flat)))
        pieces.append((junction, len(flat), name, width_m, False))
        flat.append((crossing.x, crossing.y))
    stops = [end for _, end in sorted(ends)]
    plan.river_ends = stops
    return pieces + [(a, b, *RIVERSIDE, True) for a, b in pairwise(stops)]


def _is_west(bank: shapely.LineString, x: float, y: float) -> bool:
    crossing = bank.intersection(shapely.LineString(((-900, y), (9900, y))))
    return bool(x < shapely.get_coordinates(crossing)[:, 0].min())


def _bend(start: tuple[float, float], end: tuple[float, float], road: str) -> shapely.LineString:
    """Draw one edge; the edges of a few roads bulge to one side."""
    bulge = 0.06 if road in {"凤山路", "光明路", "西环路"} else 0.0
    share = np.linspace(0.0, 1.0, 9)
    a, b = np.array(start), np.array(end)
    normal = np.array([-(b - a)[1], (b - a)[0]])
    points = a + share[:, None] * (b - a) + (bulge * 4.0 * share * (1.0 - share))[:, None] * normal
    thinned = shapely.get_coordinates(shapely.LineString(warp(points)).simplify(0.5))
    return shapely.LineString(thinned)
