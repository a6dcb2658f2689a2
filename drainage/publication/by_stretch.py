"""From where the network overflows to what the public may know: how much water stands on which stretch of road.

What goes in is cut down first: of a place under water its road, depth and times are looked at, and its position only
to find the stretch. What comes out are classes: depth up to the next 5 cm, time up to the next quarter of an hour, the
time after the rain up to the next ten minutes, of each stretch the worst.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.separation.centre_lines import without_lane
from drainage.analyses.waterlogging.points_in import LEAST_DEPTH_M
from drainage.arrays import Bools, Floats, Ints, Objects
from drainage.errors import CrsError
from drainage.publication.town import Town, short_name
from drainage.schema.ids import fold_ids
from drainage.words import in_both

#: Steps in which depth, time, and time after the rain are told: 5 cm, 15 min, 10 min.
DEPTH_CM, TIME_MIN, AFTER_MIN = 5, 15, 10
#: The highest class of each; what is beyond is told as this: 2 m, 10 h, 6 h 40 min.
MOST: Final = 40
#: A place on a road of the town belongs to the nearest stretch of the road within this distance, m: as far as the end
#: of a road that is too short to be a stretch lies from the street that it leaves.
REACH_M: Final = 120.0
#: A place on a road of no or of another name belongs to the street that passes so near to it, m (own choice).
BESIDE_M: Final = 30.0
#: Columns of places under water: all that is ever looked at.
SEEN: Final = ("road", "depth_m", "duration_min", "drain_down_h")


class Water(NamedTuple):
    """Water on each stretch, (n_stretches,) classes, 0 where it is dry; and how many places lie on no stretch."""

    depth: Ints
    time: Ints
    after: Ints
    unplaced: int

    def at_least(self, other: Water) -> Water:
        """Return the same with no stretch less under water than in another storm."""
        depth, time, after = (np.maximum(one, two) for one, two in zip(self[:3], other[:3], strict=True))
        return Water(depth, time, after, max(self.unplaced, other.unplaced))


def places_under_water(points: gpd.GeoDataFrame, overflow_nodes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the places at which the points of an answer stand under water: a row for each node that is deep enough.

    A point may reach over several stretches; each of its nodes is as deep as its own gutter, or as the pond that it
    shares with the others, and as long under water as the point.

    Returns
    -------
    Columns `SEEN`, ``point`` (a number) and geometry.
    """
    nodes = overflow_nodes[overflow_nodes["point_id"].notna()]
    of = points.reindex(nodes["point_id"])
    pond = (of["depth_source"] == "dem").to_numpy()
    depth = np.where(pond, of["depth_m"].to_numpy(float), nodes["depth_m"].to_numpy(float))
    worst = nodes.index.to_numpy(dtype=object) == of["worst_node"].to_numpy(dtype=object)
    depth = np.where(worst & ~(depth >= LEAST_DEPTH_M), of["depth_m"].to_numpy(float), depth)
    table = pd.DataFrame(
        {
            "road": nodes["road"].to_numpy(dtype=object),
            "depth_m": depth,
            "duration_min": of["duration_min"].to_numpy(float),
            "drain_down_h": of["drain_down_h"].to_numpy(float),
            "point": points.index.get_indexer(pd.Index(nodes["point_id"])),
        }
    )
    frame = gpd.GeoDataFrame(table, geometry=nodes.geometry.array, crs=nodes.crs)
    return frame[frame["depth_m"].round(3) >= LEAST_DEPTH_M].reset_index(drop=True)


def water_on(town: Town, places: gpd.GeoDataFrame) -> Water:
    """Return how deep and how long water stands on each stretch of a town.

    Parameters
    ----------
    town
        Its streets.
    places
        As `places_under_water` gives them, with the CRS of the town.

    Raises
    ------
    CrsError
        The places lie in another CRS.
    """
    stretch = stretches_of(town, places)
    on = stretch >= 0
    classes = (
        up_to(places["depth_m"].to_numpy(float) * 100.0, DEPTH_CM),
        up_to(places["duration_min"].to_numpy(float), TIME_MIN),
        up_to(places["drain_down_h"].to_numpy(float) * 60.0, AFTER_MIN),
    )
    worst = [np.zeros(town.count, dtype=np.int64) for _ in classes]
    for into, values in zip(worst, classes, strict=True):
        np.maximum.at(into, stretch[on], values[on])
    lost = np.setdiff1d(places["point"].to_numpy()[~on], places["point"].to_numpy()[on])
    return Water(worst[0], worst[1], worst[2], len(lost))


def up_to(values: Floats, step: float) -> Ints:
    """Return how many steps reach up to values, 0 for none or nan; what is beyond by less than a thousandth counts not.

    Examples
    --------
    >>> up_to(np.array([0.1, 15.0, 15.0000001, 15.1, np.nan]), 15.0).tolist()
    [1, 1, 1, 2, 0]
    """
    steps = np.ceil(np.round(np.nan_to_num(values), 1 if step == DEPTH_CM else 2) / step)
    return np.minimum(steps, MOST).astype(np.int64)


def stretches_of(town: Town, places: gpd.GeoDataFrame) -> Ints:
    """Return the stretch on which each place lies, (n,), -1 for none: of its own road, else of one that is beside it.

    Raises
    ------
    CrsError
        The places lie in another CRS.
    """
    if places.crs is not None and places.crs != town.crs:
        raise CrsError(in_both("public_places_elsewhere", theirs=places.crs, ours=town.crs))
    shape = np.asarray(shapely.centroid(np.asarray(places.geometry.array)), dtype=object)
    stretch = np.full(len(places), -1, dtype=np.int64)
    there = np.flatnonzero(~(shapely.is_missing(shape) | shapely.is_empty(shape)))
    if not len(there):
        return stretch
    road, known = _roads_of(town, places["road"])
    stretch[there] = _nearest_of_road(town, shape[there], road[there])
    left = there[stretch[there] < 0]
    tree = shapely.STRtree(town.lines)
    for rows, reach in ((left[known[left]], REACH_M), (left[~known[left]], BESIDE_M)):
        place, near = tree.query_nearest(shape[rows], max_distance=reach, all_matches=False)
        stretch[rows[place]] = near
    return stretch


def _roads_of(town: Town, written: pd.Series) -> tuple[Ints, Bools]:
    """Return the number of the road that a name means, -1 for none with stretches, and whether the town knows it."""
    names = written.astype(object).where(written.notna(), "").astype(str).str.strip().map(short_name)
    bare = names.where(names.isin(town.names), names.map(without_lane))
    folded = pd.Index(fold_ids(pd.Index(town.names)))
    unique = folded.where(~folded.duplicated(keep=False), None)
    number = np.asarray(pd.Index(town.names).get_indexer(pd.Index(bare)), dtype=np.int64)
    lost = np.flatnonzero((number < 0) & (bare != "").to_numpy())
    if len(lost):
        number[lost] = unique.get_indexer(fold_ids(pd.Index(bare.to_numpy()[lost])))
    return number, (number >= 0) | bare.isin(town.short).to_numpy()


def _nearest_of_road(town: Town, shape: Objects, road: Ints) -> Ints:
    """Return the nearest stretch of the road of each place within `REACH_M`, -1 for none."""
    place, near = shapely.STRtree(town.lines).query(shape, predicate="dwithin", distance=REACH_M)
    own = town.road[near] == road[place]
    place, near = place[own], near[own]
    order = np.lexsort((near, shapely.distance(shape[place], town.lines[near]), place))
    first = np.unique(place[order], return_index=True)[1]
    nearest = np.full(len(shape), -1, dtype=np.int64)
    nearest[place[order][first]] = near[order][first]
    return nearest
