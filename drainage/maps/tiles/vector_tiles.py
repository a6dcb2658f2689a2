"""Layers as vector tiles for MapLibre, QGIS and GDAL: one PMTiles archive, a layer of the tiles for each.

Near by (`CITY_ZOOMS`) every feature is there with its id and the columns that ``vector_tiles.toml`` names. In the zooms
of the overview lines that look alike are joined end to end and drawn as far as they can be told apart, without ids;
points are there as long as there are few.
"""

from __future__ import annotations

import gzip
import io
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from drainage.arrays import Ints, Objects
from drainage.cells import plain_cells
from drainage.errors import FormatError
from drainage.maps.tiles.pyramid import CITY_ZOOMS
from drainage.wants import wants
from drainage.words import in_both

if TYPE_CHECKING:
    from pmtiles.writer import Writer

_SAID: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
#: Zooms of the overview, each band with the length on the projection, m, below which nothing is told apart: what two
#: px of its last zoom show, of tiles 512 px wide.
OVERVIEW_ZOOMS: Final = ((6, 9, 300.0), (10, 11, 75.0), (12, 13, 19.0))
#: More points are drawn near by only (own choice: a tile of them has some 100 KB).
MOST_POINTS: Final = 5_000
#: Bytes of a packed tile, of one layer, beyond which features are left out of it, the smallest first, and how many
#: features one has at most (own choice: four times what a city of the demonstration's density needs).
MOST_BYTES: Final = 1_000_000
MOST_FEATURES: Final = 100_000
#: A shorter line, m on the projection, would vanish between two steps of the grid of the deepest zoom (0.3 m).
_SHORTEST_M: Final = 0.7
_TYPES: Final = {"b": "Boolean", "i": "Number", "u": "Number", "f": "Number"}


class _Part(NamedTuple):
    """Features of one layer for some zooms."""

    layer: str
    frame: gpd.GeoDataFrame
    zooms: tuple[int, int]


@wants
def vector_tiles(
    layers: Mapping[str, gpd.GeoDataFrame], *, progress: Callable[[float], None] = lambda _: None
) -> bytes:
    """Return layers as one archive of vector tiles (PMTiles 3 of MVT 2, each tile gzipped).

    Parameters
    ----------
    layers
        Name → features, their id as index, in any CRS; those without a place are left out, layers without any too.
    progress
        Called with the share that is done, 0-1.

    Returns
    -------
    The archive. Its metadata hold ``vector_layers`` as TileJSON 3.0 has them, its header the bounds and the zooms. The
    integers of the format for ids are left alone: ids are texts, in an attribute of the name of the index.

    Raises
    ------
    FormatError
        ``pmtiles`` is not installed (it comes with the extra ``api``), or no layer has a place.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> dr.maps.vector_tiles({"nodes": net.nodes.head(10)})[:7]
    b'PMTiles'
    """
    try:
        import pmtiles.writer  # noqa: F401 - found before the work is done
    except ImportError as error:
        raise FormatError(in_both("needs_extra_tiles")) from error
    placed = {name: found for name, frame in layers.items() if len(found := _placed(frame))}
    if not placed:
        raise FormatError(in_both("tiles_without_place"))
    parts = [part for name, frame in placed.items() for part in _parts(name, frame)]
    archives = list[bytes]()
    for number, part in enumerate(parts, start=1):
        archives.append(_archive(part))
        progress(0.8 * number / len(parts))
    joined = _joined(archives, _described(placed), _bounds(placed.values()))
    progress(1.0)
    return joined


def _placed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the features that lie somewhere, on the projection of the tiles."""
    if frame.crs is None:
        return frame.iloc[:0]
    lines = frame.geometry
    return frame[~(lines.isna() | lines.is_empty).to_numpy()].to_crs(3857)


def _parts(name: str, frame: gpd.GeoDataFrame) -> Iterator[_Part]:
    """Return what a layer shows: far away, band by band, and near by."""
    kinds = set(shapely.get_dimensions(frame.geometry.to_numpy()).tolist())
    looks = [column for column in _SAID["looks"] if column in frame]
    near = _near(frame)
    if kinds == {0}:
        low = OVERVIEW_ZOOMS[0][0] if len(frame) <= MOST_POINTS else CITY_ZOOMS[0]
        yield _Part(name, near, (low, CITY_ZOOMS[1]))
        return
    for low, high, apart_m in OVERVIEW_ZOOMS:
        far = _far(frame, looks, apart_m)
        if len(far):
            yield _Part(name, far, (low, high))
    yield _Part(name, near, CITY_ZOOMS)


def _near(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return every feature with its id and its columns, as values that a tile can hold."""
    columns = [column for column in _SAID["columns"] if column in frame]
    name = str(frame.index.name or "id")
    table: dict[str, object] = {"id" if name in columns else name: frame.index.astype(str)}
    for column in columns:
        cells = frame[column]
        plain = cells.dtype.kind in _TYPES
        table[column] = cells.to_numpy() if plain else _texts(cells)
    return gpd.GeoDataFrame(table, geometry=_seen(frame.geometry.to_numpy()), crs=frame.crs)


def _seen(shapes: Objects) -> Objects:
    """Draw lines that would vanish as long as the least that can be seen."""
    short = np.flatnonzero((shapely.get_dimensions(shapes) == 1) & (shapely.length(shapes) < _SHORTEST_M))
    begins = shapely.get_coordinates(shapely.centroid(shapes[short]))
    seen = shapes.copy()
    seen[short] = shapely.linestrings(np.stack([begins, begins + np.array([_SHORTEST_M, 0.0])], axis=1))
    return seen


def _texts(cells: pd.Series) -> list[str | None]:
    return [None if cell is None else str(cell) for cell in plain_cells(cells)]


def _far(frame: gpd.GeoDataFrame, looks: Sequence[str], apart_m: float) -> gpd.GeoDataFrame:
    """Return lines of one look joined end to end, and areas, without what is too small to be seen."""
    lines, owner = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    group = (
        frame.reset_index(drop=True).groupby([*looks], sort=False, dropna=False, observed=True).ngroup().to_numpy()
        if looks
        else None
    )
    group = np.zeros(len(frame), np.int64) if group is None else group
    first = np.unique(group, return_index=True)[1]
    found, of = list[Objects](), list[Ints]()
    for number in range(len(first)):
        shapes = _coarse(lines[group[owner] == number], apart_m)
        found.append(shapes)
        of.append(np.full(len(shapes), first[number]))
    told = _near(frame.iloc[np.concatenate(of)])[looks]
    return gpd.GeoDataFrame(told, geometry=np.concatenate(found), crs=frame.crs)


def _coarse(shapes: Objects, apart_m: float) -> Objects:
    """Join lines and draw them by fewer points; of areas keep those that can be seen."""
    dimension = shapely.get_dimensions(shapes)
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapes[dimension == 1])))
    lines = lines[shapely.length(lines) >= apart_m]
    areas = shapes[dimension == 2]
    areas = shapely.simplify(areas[shapely.area(areas) >= apart_m**2], apart_m / 2)
    return np.concatenate([shapely.simplify(lines, apart_m / 2), areas[~shapely.is_empty(areas)]])


def _archive(part: _Part) -> bytes:
    low, high = map(str, part.zooms)
    options = {"BUFFER": "64", "MAX_SIZE": str(MOST_BYTES), "MAX_FEATURES": str(MOST_FEATURES)}
    held = io.BytesIO()
    pyogrio.write_dataframe(
        part.frame, held, driver="PMTiles", layer=part.layer, MINZOOM=low, MAXZOOM=high, **options
    )  # fmt: skip
    return held.getvalue()


def _described(layers: Mapping[str, gpd.GeoDataFrame]) -> list[dict[str, object]]:
    """Return the layers as TileJSON 3.0 describes them."""
    told = list[dict[str, object]]()
    for name, frame in layers.items():
        near = _near(frame.iloc[:1]).drop(columns="geometry")
        fields = {str(column): _TYPES.get(near[column].dtype.kind, "String") for column in near}
        points = (shapely.get_dimensions(frame.geometry.to_numpy()) == 0).all() and len(frame) > MOST_POINTS
        low = CITY_ZOOMS[0] if points else OVERVIEW_ZOOMS[0][0]
        told.append({"id": name, "fields": fields, "minzoom": low, "maxzoom": CITY_ZOOMS[1]})
    return told


def _bounds(frames: Iterable[gpd.GeoDataFrame]) -> list[float]:
    boxes = np.array([frame.geometry.to_crs(4326).total_bounds for frame in frames])
    return [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]


def _writer(written: io.BytesIO) -> Writer:
    """Return a writer that keeps the tiles in memory: the library would need a place for a temporary file."""
    from pmtiles.writer import Writer

    writer = Writer.__new__(Writer)
    writer.f = written
    writer.tile_f = io.BytesIO()  # type: ignore[assignment]  # a file like the other
    writer.tile_entries, writer.hash_to_offset = [], {}
    writer.offset, writer.addressed_tiles, writer.clustered = 0, 0, True
    return writer


def _joined(archives: Sequence[bytes], layers: Sequence[Mapping[str, object]], bounds: Sequence[float]) -> bytes:
    """Put tiles of one place into one: the layers of a tile follow each other, so their bytes do too (MVT 2.1, 4.1)."""
    from pmtiles.reader import MemorySource, all_tiles
    from pmtiles.tile import Compression, TileType, zxy_to_tileid

    found = defaultdict[int, list[bytes]](list)
    for archive in archives:
        for place, tile in all_tiles(MemorySource(archive)):
            found[zxy_to_tileid(*place)].append(tile)
    written = io.BytesIO()
    writer = _writer(written)
    for number in sorted(found):
        tiles = found.pop(number)
        whole = tiles[0] if len(tiles) == 1 else gzip.compress(b"".join(map(gzip.decompress, tiles)), mtime=0)
        writer.write_tile(number, whole)
    west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north,
        "center_zoom": OVERVIEW_ZOOMS[-1][0],
        "center_lon_e7": (west + east) // 2, "center_lat_e7": (south + north) // 2,
    }  # fmt: skip
    writer.finalize(header, {"vector_layers": list(layers)})
    return written.getvalue()
