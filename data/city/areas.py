"""The areas of the town: neighbourhoods and towns, and how many people live on each catchment."""

from collections.abc import Iterable

import numpy as np
import shapely

from city.catchments import Catchment, served_area
from city.ground import DISTRICTS
from city.streets import Streets

PEOPLE = 250_000
WATER_USE_M3 = 0.2  # of a person and day, of which nine tenths become sewage
#: People on a hectare of one kind of building relative to the sparsest, by its runoff coefficient.
DENSITY = {0.65: 3.0, 0.55: 2.0, 0.45: 1.0}
#: Name of a town, the neighbourhoods in it.
TOWNS = (
    ("灵城镇", ("老城社区", "南关社区", "东关社区", "西关社区", "北关社区", "滨河社区")),
    ("城北新区", ("钟灵社区", "磬山社区", "杨河社区", "奇石社区", "迎宾社区")),
    ("城南园区", ("开发区", "汴南社区", "凤山社区")),
)
BUILT = {"老城社区": 1986, "南关社区": 1991, "东关社区": 1994, "西关社区": 1989, "北关社区": 1998}
BUILT_LATER = 2006


def neighbourhoods(streets: Streets) -> dict[str, shapely.Polygon]:
    """Divide the served area among the neighbourhoods, each point to the nearest centre."""
    served = served_area(streets)
    centres = shapely.MultiPoint([(x, y) for _, x, y in DISTRICTS])
    cells = shapely.get_parts(shapely.voronoi_polygons(centres, extend_to=served.buffer(500.0), ordered=True))
    pieces = shapely.intersection(cells, served, grid_size=0.1)
    largest = [max(shapely.get_parts(piece), key=shapely.area) for piece in pieces]
    return {name: shapely.Polygon(piece.exterior) for (name, _, _), piece in zip(DISTRICTS, largest, strict=True)}


def town_of(name: str) -> str:
    """Name of the town in which a neighbourhood lies."""
    return next(town for town, inside in TOWNS if name in inside)


def towns(parts: dict[str, shapely.Polygon]) -> dict[str, shapely.Geometry]:
    """Unite the neighbourhoods of each town."""
    return {town: shapely.union_all([parts[name] for name in inside]) for town, inside in TOWNS}


def people_of(catchments: Iterable[Catchment]) -> list[int]:
    """Share the people of the town out by area and density, to the last one; nobody lives on the square of an inlet."""
    weight = np.array([piece.area_ha * DENSITY.get(piece.runoff_coefficient, 0.0) for piece in catchments])
    exact = PEOPLE * weight / weight.sum()
    whole = np.floor(exact).astype(int)
    whole[np.argsort(whole - exact, kind="stable")[: PEOPLE - int(whole.sum())]] += 1
    return [int(number) for number in whole]
