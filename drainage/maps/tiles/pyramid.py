"""Vector tiles of the large layers of a city, as PMTiles archives that GDAL writes.

Two archives: ``overview`` holds pipes of one look joined to long lines, as far as they can be told apart at its zooms,
``city`` every shape with the look that it has in each layer. Attributes are small integers: ``l`` the number of the
layer and ``c`` that of the look, or ``a1``, ``a2``, … the look in layer 1, 2, …
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints
from drainage.maps.tiles.city_parts import degrees

#: Zooms of the archives, of tiles 512 px wide: the overview up to one metre and a half on a px, the city below.
OVERVIEW_ZOOMS: Final = (6, 13)
CITY_ZOOMS: Final = (14, 15)
#: How far the lines of the overview leave those of the city, m on the projection: a px of its last zoom.
_COARSE_M: Final = 9.0
_SMALL_PX: Final = 3.5  # marks below this radius, such as manholes, are drawn near by only, as the program does
_APART_M: Final = 60.0  # between points of the overview: marks nearer than that would cover each other
_FARTHEST_DEG: Final = 89.0
_OPTIONS: Final = {"BUFFER": "64", "MAX_SIZE": "8000000", "MAX_FEATURES": "2000000"}


def write_tiles(
    shapes: Mapping[str, Any],
    layers: Sequence[Mapping[str, Any]],
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> dict[str, bytes]:
    """Return the two archives by the name of their file.

    Parameters
    ----------
    shapes
        Packed shapes (`drainage.maps.payload`), in degrees.
    layers
        The layers that become tiles, in the order of their numbers: ``shapes`` and ``category`` of each row, and the
        looks, ``styles``.
    progress
        Called with the share that is done, 0-1.
    """
    geometry = _geometry(shapes)
    progress(0.1)
    overview = _overview(geometry, layers)
    progress(0.3)
    archives = {"overview.pmtiles": _archive(overview, OVERVIEW_ZOOMS)}
    progress(0.4)
    archives["city.pmtiles"] = _archive(_looks(geometry, layers), CITY_ZOOMS)
    progress(1.0)
    return archives


def _geometry(shapes: Mapping[str, Any]) -> NDArray[np.object_]:
    """Build the shapes again, in metres of the projection of the tiles."""
    sizes, parts = np.asarray(shapes["sizes"], np.int64), np.asarray(shapes["parts"], np.int64)
    points = mercator_m(degrees(shapes))
    of_part = np.repeat(np.arange(len(sizes)), sizes)
    built = np.empty(len(sizes), dtype=object)
    alone = sizes == 1
    built[alone] = shapely.points(points[alone[of_part]])
    many = ~alone[of_part]
    if many.any():
        numbers = np.cumsum(~alone) - 1
        built[~alone] = shapely.linestrings(points[many], indices=numbers[of_part[many]])
    of_shape = np.repeat(np.arange(len(parts)), parts)
    single = parts == 1
    found = np.full(len(parts), None, dtype=object)
    found[single] = built[single[of_shape]]
    if (parts > 1).any():
        numbers = np.cumsum(parts > 1) - 1
        several = (parts > 1)[of_shape]
        found[parts > 1] = shapely.geometrycollections(built[several], indices=numbers[of_shape[several]])
    areas = np.asarray(shapes["areas"], np.int64)
    found[areas] = shapely.build_area(found[areas])  # even-odd, so a ring within another is its hole
    return found


def mercator_m(lonlat: Floats) -> Floats:
    """Return degrees as metres of the web's Mercator projection, EPSG 3857, which has no place for the poles."""
    to_metres = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    return np.column_stack(to_metres.transform(lonlat[:, 0], np.clip(lonlat[:, 1], -_FARTHEST_DEG, _FARTHEST_DEG)))


def _overview(geometry: NDArray[np.object_], layers: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    found, layer_of, look_of = [], [], []
    for number, layer in enumerate(layers, start=1):
        row_shapes, looks = np.asarray(layer["shapes"], np.int64), np.asarray(layer["category"], np.int64)
        for look in np.unique(looks):
            chosen = row_shapes[(looks == look) & (row_shapes >= 0)]
            is_small = layer["styles"][look]["size"] < _SMALL_PX
            coarse = _coarse(geometry[np.unique(chosen)], with_points=not is_small)
            found.append(coarse)
            layer_of.append(np.full(len(coarse), number))
            look_of.append(np.full(len(coarse), look))
    columns = {"l": _joined(layer_of), "c": _joined(look_of)}
    lines = np.concatenate(found) if found else np.empty(0, dtype=object)
    return gpd.GeoDataFrame(columns, geometry=lines, crs=3857)


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([np.empty(0, np.int16), *parts]).astype(np.int16)


def _coarse(geometry: NDArray[np.object_], *, with_points: bool) -> NDArray[np.object_]:
    """Join lines end to end and leave out what cannot be seen; of points that lie together keep one."""
    flat = shapely.get_parts(shapely.get_parts(geometry))
    kind = shapely.get_type_id(flat)
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(flat[kind == 1])))
    lines = shapely.simplify(lines, _COARSE_M)
    areas = shapely.simplify(flat[kind == 3], _COARSE_M)
    areas = areas[~shapely.is_empty(areas)]
    points = flat[kind == 0] if with_points else flat[:0]
    cells = np.floor(shapely.get_coordinates(points) / _APART_M).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    return np.concatenate([lines, areas, points[np.sort(first)]])


def _looks(geometry: NDArray[np.object_], layers: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Return every shape of the layers with its look in each."""
    looks = {}
    drawn: Bools = np.zeros(len(geometry), bool)
    for number, layer in enumerate(layers, start=1):
        row_shapes, category = np.asarray(layer["shapes"], np.int64), np.asarray(layer["category"], np.int64)
        placed = row_shapes >= 0
        values: Floats = np.full(len(geometry), np.nan)
        values[row_shapes[placed]] = category[placed]
        drawn[row_shapes[placed]] = True
        looks[f"a{number}"] = pd.array(values, dtype="Float64").astype("Int16")
    return gpd.GeoDataFrame(looks, geometry=geometry, crs=3857)[drawn].reset_index(drop=True)


def _archive(frame: gpd.GeoDataFrame, zooms: tuple[int, int]) -> bytes:
    """Write one archive; GDAL needs a file of its own for it."""
    low, high = (str(zoom) for zoom in zooms)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tiles.pmtiles"
        pyogrio.write_dataframe(frame, path, driver="PMTiles", layer="c", MINZOOM=low, MAXZOOM=high, **_OPTIONS)
        return path.read_bytes()
