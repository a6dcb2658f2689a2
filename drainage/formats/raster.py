"""Ground levels on a raster: a GeoTIFF, read where a network lies, into the CRS of the network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints
from drainage.errors import CrsError, FormatError
from drainage.formats.crs import metric_crs, without_grids
from drainage.formats.grids import refuse_grids_in
from drainage.formats.guard.before_opening import local_path
from drainage.network import DrainageNetwork
from drainage.said import Said, joined
from drainage.wants import wants
from drainage.words import in_both

if TYPE_CHECKING:
    from rasterio.io import DatasetReader
    from rasterio.windows import Window


#: A raster of more cells is refused: filling it would take some minutes and GB (own choice).
MOST_CELLS: Final = 25_000_000
#: Levels on this earth, m; what lies outside is no level, whatever the header says.
LOWEST_M: Final = -500.0
HIGHEST_M: Final = 9000.0
_ENDINGS: Final = (".tif", ".tiff")
_MAGIC: Final = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


@dataclass(frozen=True, eq=False, slots=True)
class Dem:
    """Ground levels on a raster whose rows run from north to south.

    Parameters
    ----------
    ground_m
        (n_rows, n_columns) levels, m, nan where there is none.
    west_m, north_m
        Outer corner of the first cell.
    cell_width_m, cell_height_m
        Size of a cell, m.
    crs
        Projected, in metres.
    source
        Name of the file.
    remarks
        Doubts and conversions on reading.

    Raises
    ------
    FormatError
        The raster has no rows or columns, or cells without size.

    Examples
    --------
    >>> import drainage as dr
    >>> import geopandas as gpd
    >>> import numpy as np
    >>> ground_m = np.array([[21.0, 20.5], [np.nan, 20.0]])
    >>> dem = dr.formats.Dem(ground_m, 550_000.0, 3_713_000.0, 10.0, 10.0, dr.load_demo("2018-12-31").crs)
    >>> places = gpd.GeoSeries.from_xy([550_005.0, 550_015.0], [3_712_995.0, 3_712_985.0])
    >>> dem.cell_area_m2, dem.ground_at(places.to_numpy()).tolist()
    (100.0, [21.0, 20.0])
    """

    ground_m: Floats
    west_m: float
    north_m: float
    cell_width_m: float
    cell_height_m: float
    crs: pyproj.CRS
    source: str = ""
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the shape."""
        if self.ground_m.ndim != 2 or not self.ground_m.size or min(self.cell_width_m, self.cell_height_m) <= 0.0:
            raise FormatError(in_both("dem_without_cells", file=self.source or in_both("raster")))

    @property
    def cell_area_m2(self) -> float:
        """Area of a cell, m²."""
        return self.cell_width_m * self.cell_height_m

    def cells_at(self, places: NDArray[np.object_]) -> Ints:
        """Return the cell (row-major) in which each point lies, -1 for one outside the raster or without a location."""
        east, north = shapely.get_x(places), shapely.get_y(places)
        with np.errstate(invalid="ignore"):
            column = np.floor((east - self.west_m) / self.cell_width_m)
            row = np.floor((self.north_m - north) / self.cell_height_m)
            inside = (row >= 0) & (row < self.ground_m.shape[0]) & (column >= 0) & (column < self.ground_m.shape[1])
        return np.where(inside, np.nan_to_num(row) * self.ground_m.shape[1] + np.nan_to_num(column), -1).astype(
            np.int64
        )

    def ground_at(self, places: NDArray[np.object_]) -> Floats:
        """Return the level of the cell in which each point lies, m, nan where there is none."""
        cell = self.cells_at(places)
        return np.where(cell >= 0, self.ground_m.reshape(-1)[cell], np.nan)

    def middles(self, cells: NDArray[np.integer]) -> NDArray[np.object_]:
        """Return the centres of cells (row-major) as points."""
        row, column = np.divmod(cells, self.ground_m.shape[1])
        east = self.west_m + (column + 0.5) * self.cell_width_m
        return np.asarray(shapely.points(east, self.north_m - (row + 0.5) * self.cell_height_m), dtype=object)

    def outlines(self, number: NDArray[np.int32]) -> gpd.GeoSeries:
        """Draw the areas of equal number, which is the index; 0 is not drawn."""
        rasterio = _rasterio()
        affine = rasterio.Affine(self.cell_width_m, 0.0, self.west_m, 0.0, -self.cell_height_m, self.north_m)
        drawn = list(rasterio.features.shapes(number, mask=number > 0, transform=affine))
        parts = [shapely.geometry.shape(shape) for shape, _ in drawn]
        series = gpd.GeoSeries(parts, index=[int(value) for _, value in drawn], crs=self.crs)
        return series.groupby(level=0).agg(shapely.union_all).set_crs(self.crs) if drawn else series

    @property
    def words(self) -> Said:
        """Size, cell, levels and CRS in one line, in both languages."""
        rows, columns = self.ground_m.shape
        known = self.ground_m[np.isfinite(self.ground_m)]
        levels = in_both("dem_levels", low=known.min(), high=known.max()) if len(known) else in_both("dem_no_levels")
        return in_both(
            "dem", rows=rows, columns=columns, width_m=self.cell_width_m, height_m=self.cell_height_m, levels=levels,
            crs=self.crs.to_string(),
        )  # fmt: skip

    def __repr__(self) -> str:
        """Return size, cell size, levels and CRS in one line."""
        return str(self.words)


@wants
def read_dem(
    path: str | Path,
    *,
    near: DrainageNetwork | None = None,
    margin_m: float = 500.0,
    crs: str | None = None,
    metres_per_unit: float = 1.0,
) -> Dem:
    """Read ground levels from a GeoTIFF of one band, in a projected CRS in metres.

    Values that the header declares as missing are missing; so are values that cannot be levels. If such a value fills
    the raster although the header declares another that could be a level (0), the header is ignored.

    Parameters
    ----------
    path
        File ending in ``.tif`` or ``.tiff``.
    near
        Read only the part that covers this network, in its CRS; without it the whole raster, in its own CRS if that is
        in metres, else in one chosen as for vector layers.
    margin_m
        Margin around the network that is also read, m, so that depressions are complete (own choice).
    crs
        CRS of a file that states none.
    metres_per_unit
        Unit of the levels, m; 0.3048 for feet.

    Raises
    ------
    FormatError
        The file is not a GeoTIFF, or has several bands, only missing values, or too many cells.
    CrsError
        No CRS, another than declared, or a raster that does not cover the network; if it covers only some of its nodes,
        ``remarks`` says so.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> import rasterio
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> west, south, east, north = net.nodes.total_bounds
    >>> cells = rasterio.Affine(10.0, 0.0, west - 250.0, 0.0, -10.0, north + 250.0)
    >>> look = {"driver": "GTiff", "width": 60, "height": 60, "count": 1, "dtype": "float32", "crs": 4548}
    >>> with TemporaryDirectory() as folder:
    ...     with rasterio.open(f"{folder}/dem.tif", "w", transform=cells, **look) as file:
    ...         file.write(np.full((1, 60, 60), 20.5, dtype=np.float32))
    ...     dem = dr.read_dem(f"{folder}/dem.tif", near=net, margin_m=100.0)
    >>> dem.ground_m.shape, dem.cell_area_m2, float(dem.ground_m.max())
    ((40, 21), 100.0, 20.5)
    """
    rasterio = _rasterio()
    file = _check(path)
    try:
        with rasterio.open(file, driver="GTiff") as dataset:
            return _read(dataset, file.name, near, margin_m, crs, metres_per_unit)
    except rasterio.errors.RasterioError as error:
        raise FormatError(in_both("no_geotiff", file=file.name, error=error)) from error


class _Part(NamedTuple):
    ground: Floats
    affine: tuple[float, float, float, float, float, float]


def _read(
    dataset: DatasetReader,
    name: str,
    near: DrainageNetwork | None,
    margin_m: float,
    declared: str | None,
    metres_per_unit: float,
) -> Dem:
    if dataset.count != 1:
        raise FormatError(in_both("dem_bands", file=name, count=dataset.count))
    crs, grids = without_grids(_crs_of(dataset, name, declared), Path(name))
    target = _target(dataset, crs, near)
    window = _window(dataset, crs, near, margin_m, name)
    cells = int(window.width) * int(window.height)
    if cells > MOST_CELLS:
        remedy = "dem_give_near" if near is None else "dem_give_less"
        raise FormatError(in_both("dem_too_large", file=name, cells=cells, most=MOST_CELLS, remedy=in_both(remedy)))
    values = dataset.read(1, window=window).astype(np.float64)
    levels = (values * dataset.scales[0] + dataset.offsets[0]) * metres_per_unit
    missing, remarks = _missing(values, levels, dataset.nodata)
    if missing.all():
        raise FormatError(in_both("dem_all_missing", file=name, low=LOWEST_M, high=HIGHEST_M, cells=cells))
    part = _Part(np.where(missing, np.nan, levels), tuple(dataset.window_transform(window))[:6])
    a, b, _, d, e, _ = part.affine
    if b or d or a <= 0.0 or e >= 0.0 or not _same(crs, target):
        part = _warped(part, crs, target)
        remarks = (*remarks, in_both("dem_warped", crs=crs.to_string(), target=target.to_string()))
    a, _, west, _, e, north = part.affine
    remarks = (*remarks, grids) if grids is not None else remarks
    dem = Dem(part.ground, west, north, a, -e, target, name, remarks)
    return dem if near is None else replace(dem, remarks=(*remarks, *_uncovered(dem, near)))


def _uncovered(dem: Dem, net: DrainageNetwork) -> tuple[str, ...]:
    """Return how many nodes have no ground under them; refuse a raster on which none has."""
    places = np.asarray(net.nodes.geometry.array)
    placed = np.isfinite(shapely.get_x(places))
    bare = placed & np.isnan(dem.ground_at(places))
    if bare.any() and bare.sum() == placed.sum():
        raise CrsError(in_both("dem_elsewhere", file=dem.source, count=int(placed.sum())))
    return (in_both("dem_uncovered", count=int(bare.sum()), of=int(placed.sum())),) if bare.any() else ()


def _rasterio() -> ModuleType:
    """Load the library for rasters, which is an extra."""
    try:
        for part in ("rasterio.features", "rasterio.warp"):
            import_module(part)
    except ImportError as error:
        raise FormatError(in_both("needs_extra_dem")) from error
    return import_module("rasterio")


def _check(path: str | Path) -> Path:
    file = local_path(path)
    if file.suffix.lower() not in _ENDINGS or not file.is_file():
        wrong = file.suffix.lower() not in _ENDINGS
        found = in_both("ends_in", ending=file.suffix) if wrong else in_both("no_such_file")
        raise FormatError(in_both("expected_geotiff", file=file, found=found, endings=joined(_ENDINGS, ", ")))
    with file.open("rb") as stream:
        head = stream.read(4)
    if head not in _MAGIC:
        raise FormatError(in_both("no_tiff", file=file.name, head=head))
    refuse_grids_in(file.with_name(f"{file.name}.aux.xml"), file)
    return file


def _crs_of(dataset: DatasetReader, name: str, declared: str | None) -> pyproj.CRS:
    own = pyproj.CRS.from_wkt(dataset.crs.to_wkt()).to_2d() if dataset.crs is not None else None
    if declared is None:
        if own is None:
            raise CrsError(in_both("dem_without_crs", file=name))
        return own
    try:
        said = pyproj.CRS.from_user_input(declared)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(in_both("dem_crs_unknown", declared=declared)) from error
    if own is not None and not _same(own, said):
        raise CrsError(in_both("carries_other_crs", file=name, own=own.to_string(), declared=declared))
    return said


def _same(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    return one.equals(other, ignore_axis_order=True) or (one.to_epsg() is not None and one.to_epsg() == other.to_epsg())


def _target(dataset: DatasetReader, crs: pyproj.CRS, near: DrainageNetwork | None) -> pyproj.CRS:
    if near is None:
        return metric_crs(gpd.GeoDataFrame(geometry=[shapely.box(*dataset.bounds)], crs=crs))
    if near.crs is None:
        raise CrsError(in_both("plan_not_on_raster", net=near.source or in_both("the_network")))
    return near.crs


def _window(
    dataset: DatasetReader, crs: pyproj.CRS, near: DrainageNetwork | None, margin_m: float, name: str
) -> Window:
    from rasterio.windows import Window

    if near is None:
        return Window(0, 0, dataset.width, dataset.height)
    west, south, east, north = near.nodes.total_bounds
    area = gpd.GeoSeries([shapely.box(west, south, east, north).buffer(margin_m)], crs=near.crs).to_crs(crs)
    corners = shapely.get_coordinates(shapely.box(*area.total_bounds))
    a, b, c, d, e, f = tuple(dataset.transform)[:6]
    columns, rows = np.linalg.solve([[a, b], [d, e]], (corners - [c, f]).T)
    low = np.maximum(np.floor([columns.min(), rows.min()]), 0)
    high = np.minimum(np.ceil([columns.max(), rows.max()]), [dataset.width, dataset.height])
    if (high <= low).any() or not np.isfinite([low, high]).all():
        bounds = ", ".join(f"{x:.0f}" for x in (west, south, east, north))
        raise CrsError(in_both("dem_not_there", file=name, bounds=bounds))
    return Window(low[0], low[1], *(high - low))


def _missing(values: Floats, levels: Floats, header: float | None) -> tuple[Bools, tuple[str, ...]]:
    """Return which cells have no level, and remarks on doubtful ones."""
    absurd = ~((levels >= LOWEST_M) & (levels <= HIGHEST_M))
    named = np.zeros(values.shape, np.bool_) if header is None else values == header
    strange = absurd & ~named & np.isfinite(values)
    if not strange.any():
        return absurd | named, ()
    fill = values[strange][0]
    remark = in_both("dem_strange", count=int(strange.sum()), fill=fill)
    plausible = header is not None and LOWEST_M <= header <= HIGHEST_M
    if plausible:
        remark = joined([remark, in_both("dem_header", header=header)], "")
    return (absurd if plausible else absurd | named), (remark,)


def _warped(part: _Part, crs: pyproj.CRS, target: pyproj.CRS) -> _Part:
    rasterio = _rasterio()
    rows, columns = part.ground.shape
    source = rasterio.Affine(*part.affine)
    bounds = rasterio.transform.array_bounds(rows, columns, source)
    ours, theirs = rasterio.crs.CRS.from_wkt(target.to_wkt()), rasterio.crs.CRS.from_wkt(crs.to_wkt())
    affine, width, height = rasterio.warp.calculate_default_transform(theirs, ours, columns, rows, *bounds)
    ground = np.full((height, width), np.nan)
    rasterio.warp.reproject(
        part.ground, ground, src_transform=source, dst_transform=affine, src_crs=theirs, dst_crs=ours,
        src_nodata=np.nan, dst_nodata=np.nan, resampling=rasterio.warp.Resampling.bilinear,
    )  # fmt: skip
    return _Part(ground, tuple(affine)[:6])


def check_crs(net: DrainageNetwork, dem: Dem) -> None:
    """Raise where a raster and a network do not share a CRS.

    Raises
    ------
    CrsError
        Names both, and the remedy.
    """
    if net.crs is None or not _same(pyproj.CRS(net.crs), dem.crs):
        ours = net.crs.to_string() if net.crs is not None else in_both("no_crs_of_plan")
        raise CrsError(in_both("dem_other_crs", dem=dem.source, its=dem.crs.to_string(), ours=ours))
