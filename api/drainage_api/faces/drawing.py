"""A small drawing of the features of a page, for people: north is up, each leads to its feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

WIDTH: Final = 640.0
HEIGHT: Final = 320.0
_MARGIN: Final = 12.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One feature: the path of a line or an area, or the place of a point."""

    identity: str
    path: str
    at: tuple[float, float] | None


def draw(identities: Sequence[str], geometry: NDArray[np.object_]) -> list[Drawn]:
    """Return what can be drawn of some features, fitted into the picture; nothing where nothing has a place."""
    placed = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if not placed.any():
        return []
    west, south, east, north = shapely.total_bounds(geometry[placed])
    within = (WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN)
    scale = min(within[0] / max(east - west, 1e-9), within[1] / max(north - south, 1e-9))
    middle = ((west + east) / 2, (south + north) / 2)

    def fitted(places: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = (places - np.array(middle)) * np.array([scale, -scale]) + np.array([WIDTH / 2, HEIGHT / 2])
        return np.asarray(moved, np.float64)

    return [_drawn(identities[k], shapely.transform(geometry[k], fitted)) for k in np.flatnonzero(placed).tolist()]


def _drawn(identity: str, shape: shapely.Geometry) -> Drawn:
    if shapely.get_type_id(shape) == shapely.GeometryType.POINT:
        return Drawn(identity, "", (round(float(shapely.get_x(shape)), 1), round(float(shapely.get_y(shape)), 1)))
    lines = [line for part in shapely.get_parts(shape) for line in _lines(part)]
    return Drawn(identity, "".join(_path(line) for line in lines), None)


def _lines(part: shapely.Geometry) -> list[shapely.Geometry]:
    if shapely.get_type_id(part) == shapely.GeometryType.POLYGON:
        return list(shapely.get_rings(part))
    return [part]


def _path(line: shapely.Geometry) -> str:
    places = shapely.get_coordinates(line).round(1)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places.tolist())
