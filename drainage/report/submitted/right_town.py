"""Whether a delivery lies in the town that it is made for; where it does not, what probably went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
import pyproj
import shapely
from scipy.spatial import KDTree

from drainage.arrays import Floats, Objects
from drainage.errors import CrsError
from drainage.formats.china_offset import bd09_to_wgs84, gcj02_to_wgs84
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.said import Said
from drainage.words import in_both

#: Farther outside the network a delivery is of another town, as `drainage.apply_changes` has it, m.
FAR_M: Final = 10_000.0
#: A place that was read wrongly comes to lie this near to the network again, m; own choice.
_BACK_M: Final = 1_000.0
#: Ends of pipes within so many metres of a manhole meet it; so large a share does in a delivery in its right place, and
#: no larger one in one that is shifted; own choices.
_MEETS_M: Final = 2.0
#: What was drawn on a map of the public meets them, once its shift is taken away, within so many metres; own choice.
_DRAWN_M: Final = 5.0
_MANY: Final = 0.5
_FEW: Final = 0.1
_MOST_TRIED: Final = 400
#: CGCS2000 in zones of 3° and 6° without the number of the zone, see the EPSG database.
_ZONES: Final = (*range(4534, 4555), *range(4502, 4513))
_DEGREES: Final = 4326

Turn = Callable[[Floats], Floats]


class _Cause(NamedTuple):
    said: Said
    back: Turn


def check_town(net: DrainageNetwork, shapes: Objects, *, name: str, certain: bool) -> None:
    """Refuse a delivery that lies elsewhere.

    Parameters
    ----------
    net
        The network that it is made for.
    shapes
        Its places in the CRS of the network; missing ones are left out.
    name
        Of the file.
    certain
        Whether the file itself says in which system they are, or names features of the network.

    Raises
    ------
    CrsError
        It lies farther away than `FAR_M`; most of it meets the network only after a known shift is taken away; or the
        file names no system, and nothing in it meets the network or is named in it; or some of it lies nowhere in the
        system of the network.
    """
    spots = _spots(shapes)
    nowhere = ~np.isfinite(spots).all(axis=1)
    if nowhere.any() and net.crs is not None:
        ours, count = net.crs.to_string(), int(nowhere.sum())
        raise CrsError(in_both("town_nowhere", file=name, count=count, of=len(spots), ours=ours))
    known = coordinates(net.nodes.geometry)
    known = known[np.isfinite(known).all(axis=1)]
    if not len(spots) or not len(known) or net.crs is None:
        return
    town = shapely.box(*known.min(axis=0), *known.max(axis=0))
    far = shapely.distance(town, shapely.points(spots))
    network = net.source or in_both("the_network")
    if (far > FAR_M).any():
        cause = next((one.said for one in _causes(net.crs) if _lies_in(town, one.back(spots))), None)
        remedy = cause or in_both("town_no_cause" if certain else "town_no_crs")
        km, count = float(far.max()) / 1000, int((far > FAR_M).sum())
        raise CrsError(
            in_both("town_far_away", file=name, km=km, count=count, of=len(spots), network=network, remedy=remedy)
        )
    tree = KDTree(known)
    met = _share_met(tree, spots)
    if met < _FEW:
        for one in _offsets(net.crs):
            if _share_met(tree, one.back(spots), _DRAWN_M) >= _MANY:
                raise CrsError(in_both("town_shifted", file=name, network=network, remedy=one.said))
    if not certain and met == 0.0:
        raise CrsError(in_both("town_nothing_meets", file=name, crs=net.crs.to_string(), network=network))


def _spots(shapes: Objects) -> Floats:
    """Return the ends of lines and the places of points, (n, 2), a sample where there are many."""
    there = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    lines = np.isin(shapely.get_type_id(there), (1, 5))
    parts = shapely.get_parts(there[lines])
    ends = [shapely.get_point(parts, at) for at in (0, -1)]
    spots = coordinates(np.concatenate([*ends, shapely.centroid(there[~lines])]))
    return spots[:: max(1, -(-len(spots) // _MOST_TRIED))]


def _share_met(tree: KDTree, spots: Floats, within_m: float = _MEETS_M) -> float:
    distance, _ = tree.query(spots, distance_upper_bound=within_m)
    return float(np.isfinite(distance).mean())


def _lies_in(town: shapely.Polygon, spots: Floats) -> bool:
    """Return whether most places lie in a town."""
    placed = spots[np.isfinite(spots).all(axis=1)]
    if not len(placed):
        return False
    return bool((shapely.distance(town, shapely.points(placed)) <= _BACK_M).mean() > _MANY)


def _causes(crs: pyproj.CRS) -> Iterator[_Cause]:
    """Yield what may have been done to places that lie far away, and how it is undone."""
    yield _Cause(in_both("town_axes"), lambda xy: xy[:, ::-1])
    degrees = _between(crs, _DEGREES)
    from_degrees = _between(_DEGREES, crs)
    yield _Cause(in_both("town_lonlat"), lambda xy: from_degrees(degrees(xy)[:, ::-1]))
    ours = crs.to_string()
    for code in _ZONES:
        if crs.to_epsg() != code:
            yield _Cause(in_both("town_zone", other=f"EPSG:{code}", ours=ours), _between(crs, code))


def _offsets(crs: pyproj.CRS) -> Iterator[_Cause]:
    """Yield the shifts of Chinese maps of the public."""
    to_degrees, back = _between(crs, _DEGREES), _between(_DEGREES, crs)
    for name, plain in (("GCJ-02", gcj02_to_wgs84), ("BD-09", bd09_to_wgs84)):
        yield _Cause(in_both("town_offset", system=name), lambda xy, plain=plain: back(plain(to_degrees(xy))))  # type: ignore[misc]


def _between(source: pyproj.CRS | int, goal: pyproj.CRS | int) -> Turn:
    change = pyproj.Transformer.from_crs(source, goal, always_xy=True)
    return lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1]))
