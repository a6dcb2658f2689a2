"""Ground levels from a raster: files written by rasterio, the traps that real ones hold, levels of nodes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from numpy.typing import ArrayLike

from drainage.errors import CrsError, FormatError
from drainage.formats.raster import Dem, read_dem
from drainage.intake.ground import ground_from_dem
from drainage.network import DrainageNetwork
from tests.support.drains import as_plan, drain
from tests.support.networks import build

REAL = Path(__file__).parents[3] / "shared" / "networks" / "dem"
WEST, NORTH = 500_000.0, 3_700_050.0


def write(
    path: Path,
    ground: ArrayLike,
    *,
    cell: float = 10.0,
    crs: str | None = "EPSG:4548",
    nodata: float | None = None,
    west: float = WEST,
    north: float = NORTH,
    bands: int = 1,
    kind: str = "float32",
) -> Path:
    """Write a GeoTIFF whose north-western corner is that of `town`."""
    levels = np.asarray(ground, dtype=kind)
    with rasterio.open(
        path, "w", driver="GTiff", height=levels.shape[0], width=levels.shape[1], count=bands, dtype=kind,
        crs=crs, nodata=nodata, transform=rasterio.Affine(cell, 0, west, 0, -cell, north),
    ) as dataset:  # fmt: skip
        for band in range(bands):
            dataset.write(levels, band + 1)
    return path


def town(**columns: object) -> DrainageNetwork:
    """``a──b``, 100 m: a in the middle of the sixth row, b in the eleventh column of it."""
    places = {"a": (WEST + 5.0, NORTH - 55.0), "b": (WEST + 105.0, NORTH - 55.0)}
    return drain(["a>b storm"], {"a": 1.0, "b": 0.5}, places=places, **columns)  # type: ignore[arg-type] # as it takes


def slope(rows: int = 12, columns: int = 20) -> np.ndarray:
    """Levels that tell their row and column: 100 + row + column / 100."""
    return 100.0 + np.arange(rows)[:, None] + np.arange(columns)[None, :] / 100.0


def test_a_raster_is_read_as_it_was_written(tmp_path: Path) -> None:
    dem = read_dem(write(tmp_path / "d.tif", slope()))
    assert dem.ground_m == pytest.approx(slope(), abs=1e-4)
    assert (dem.west_m, dem.north_m, dem.cell_width_m, dem.cell_height_m) == (WEST, NORTH, 10.0, 10.0)
    assert (dem.cell_area_m2, dem.crs.to_epsg(), dem.remarks) == (100.0, 4548, ())
    assert repr(dem) == "<Dem 12 x 20 cells of 10 x 10 m, 100.00 to 111.19 m, EPSG:4548>"


def test_a_node_takes_the_level_of_its_cell(tmp_path: Path) -> None:
    """Node a stands in row 5, column 0; b in column 10."""
    net = ground_from_dem(town(), read_dem(write(tmp_path / "d.tif", slope())))
    assert net.nodes["ground_m"].tolist() == pytest.approx([105.0, 105.1], abs=1e-4)
    assert net.nodes["ground_source"].tolist() == ["dem", "dem"]
    assert net.origin.filled == {"ground": 2}
    assert net.issues["code"].tolist() == ["ground_from_dem"]


def test_a_recorded_level_stays_and_a_difference_is_said(tmp_path: Path) -> None:
    """Node a is recorded 0.6 m below the raster."""
    dem = read_dem(write(tmp_path / "d.tif", slope()))
    net = ground_from_dem(town(ground={"a": 104.4, "b": np.nan}), dem)
    assert net.nodes["ground_m"].tolist() == pytest.approx([104.4, 105.1], abs=1e-4)
    assert net.nodes["ground_source"].tolist() == ["recorded", "dem"]
    said = net.issues[net.issues["code"] == "ground_differs"]
    assert said["feature_id"].tolist() == ["a"]
    assert said["reason"].tolist() == ["ground 104.40 m, on the raster 105.00 m"]
    near = ground_from_dem(town(ground={"a": 104.4, "b": np.nan}), dem, differs_m=0.7)
    assert "ground_differs" not in near.issues["code"].tolist()


def test_a_depth_below_the_ground_becomes_an_invert(tmp_path: Path) -> None:
    """2 m below 105.0 m; the other end has its own invert."""
    net = town()
    pipes = net.pipes.assign(invert_from_m=np.nan, depth_from_m=2.0, depth_to_m=2.0, invert_from_source=None)
    filled = ground_from_dem(net.replace(pipes=pipes), read_dem(write(tmp_path / "d.tif", slope())))
    assert filled.pipes["invert_from_m"].tolist() == pytest.approx([103.0], abs=1e-4)
    assert filled.pipes["invert_from_source"].tolist() == ["depth"]
    assert filled.pipes["invert_to_m"].tolist() == [0.5]


def test_a_node_beside_the_raster_gets_no_level(tmp_path: Path) -> None:
    dem = read_dem(write(tmp_path / "d.tif", slope(columns=5)))
    assert np.isnan(ground_from_dem(town(), dem).nodes["ground_m"].tolist()).tolist() == [False, True]


def test_only_the_ground_near_the_network_is_read(tmp_path: Path) -> None:
    """From 10 m west of a, that is the border, to 20 m east of b's cell: columns 0 to 11, rows 4 to 6."""
    path = write(tmp_path / "d.tif", slope(200, 300))
    near = read_dem(path, near=town(), margin_m=10.0)
    assert near.ground_m.shape == (3, 12)
    assert near.ground_m[0, 0] == pytest.approx(104.0)
    assert near.north_m == NORTH - 40.0
    assert read_dem(path, near=town()).ground_m.shape > near.ground_m.shape


def test_too_many_cells_are_refused_unless_a_network_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drainage.formats.raster.MOST_CELLS", 1000)
    path = write(tmp_path / "d.tif", slope(100, 100))
    with pytest.raises(FormatError, match="pass near="):
        read_dem(path)
    assert read_dem(path, near=town(), margin_m=10.0).ground_m.size < 1000


@pytest.mark.parametrize(
    ("fill", "header", "missing", "said"),
    [
        (-9999.0, -9999.0, [0], False),
        (-3.4e38, 0.0, [0], True),
        (np.nan, None, [0], False),
        (-32768.0, None, [0], True),
        (0.0, 0.0, [0, 1], False),
        (1e6, -9999.0, [0], True),
    ],
)
def test_what_fills_a_raster_is_no_level(
    tmp_path: Path,
    fill: float,
    header: float | None,
    missing: list[int],
    said: bool,  # noqa: FBT001 - a case
) -> None:
    """The second cell is at sea level: 0 is missing only where the header says so and no other fill refutes it."""
    dem = read_dem(write(tmp_path / "d.tif", [[fill, 0.0, 5.0]], nodata=header))
    assert np.flatnonzero(np.isnan(dem.ground_m[0])).tolist() == missing
    assert bool(dem.remarks) == said


def test_levels_in_feet_are_turned_into_metres(tmp_path: Path) -> None:
    dem = read_dem(write(tmp_path / "d.tif", [[100.0]]), metres_per_unit=0.3048)
    assert dem.ground_m[0, 0] == pytest.approx(30.48)


def test_a_raster_in_another_crs_is_drawn_anew(tmp_path: Path) -> None:
    """A slope of 1 m in 1000 by degrees of longitude, on the spot of the town, against the slope itself."""
    net = build(["a>b storm"], places={"a": (500_000.0, 3_699_600.0), "b": (500_100.0, 3_699_600.0)})
    here = net.nodes.to_crs(4326).geometry
    west, north = 116.99, float(here.y.max()) + 0.01
    east = np.arange(200) * 1e-4
    path = write(tmp_path / "d.tif", np.tile(50.0 + east * 100.0, (200, 1)), cell=1e-4, crs="EPSG:4326",
                 west=west, north=north)  # fmt: skip
    dem = read_dem(path)
    assert dem.crs.to_epsg() == 4548
    assert "bilinear" in dem.remarks[0]
    expected = 50.0 + (here.x.to_numpy() - west - 5e-5) * 100.0
    assert dem.ground_at(net.nodes.geometry.to_numpy()) == pytest.approx(expected, abs=0.01)


def test_a_raster_of_another_crs_than_the_network_is_refused(tmp_path: Path) -> None:
    dem = read_dem(write(tmp_path / "d.tif", slope(), crs="EPSG:32650"))
    with pytest.raises(CrsError, match="near=net"):
        ground_from_dem(town(), dem)
    with pytest.raises(CrsError, match="schematic"):
        ground_from_dem(as_plan(town()), dem)


def test_a_raster_without_crs_is_refused_unless_one_is_declared(tmp_path: Path) -> None:
    path = write(tmp_path / "d.tif", slope(), crs=None)
    with pytest.raises(CrsError, match="declare it with crs="):
        read_dem(path)
    assert read_dem(path, crs="EPSG:4548").crs.to_epsg() == 4548
    with pytest.raises(CrsError, match="PROJ"):
        read_dem(path, crs="EPSG:1")
    with pytest.raises(CrsError, match="carries"):
        read_dem(write(tmp_path / "e.tif", slope()), crs="EPSG:4547")


def test_a_raster_elsewhere_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "d.tif", slope(), west=900_000.0)
    with pytest.raises(CrsError, match="does not lie where the network lies"):
        read_dem(path, near=town())
    with pytest.raises(CrsError, match="schematic"):
        read_dem(path, near=as_plan(town()))


def test_what_is_no_raster_of_levels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tif").write_bytes(b"<html>")
    (tmp_path / "cut.tif").write_bytes(write(tmp_path / "d.tif", slope()).read_bytes()[:100])
    write(tmp_path / "rgb.tif", slope(), bands=3, kind="uint8")
    write(tmp_path / "void.tif", np.full((3, 3), -9999.0), nodata=-9999.0)
    for name, reason in {
        "x.tif": "is not a TIFF", "cut.tif": "cannot be read", "rgb.tif": "3 bands", "void.tif": "none of the",
        "none.tif": "no such file", "d.png": "ends in", "/vsicurl/http://x/d.tif": "local file",
    }.items():  # fmt: skip
        with pytest.raises(FormatError, match=reason):
            read_dem(tmp_path / name if not name.startswith("/vsi") else name)


def test_a_raster_without_cells_is_refused() -> None:
    with pytest.raises(FormatError, match="rows and columns"):
        Dem(np.zeros(3), 0.0, 0.0, 1.0, 1.0, pyproj.CRS.from_epsg(4548))
    with pytest.raises(FormatError, match="rows and columns"):
        Dem(np.zeros((1, 1)), 0.0, 0.0, 0.0, 1.0, pyproj.CRS.from_epsg(4548))


@pytest.mark.skipif(not REAL.is_dir(), reason="the real rasters are not here")
@pytest.mark.parametrize(
    ("name", "missing", "low", "high"), [("dem", 73, 120.37, 307.53), ("dem_10m1", 95647, 92.71, 512.7)]
)
def test_real_rasters_whose_header_is_wrong(name: str, missing: int, low: float, high: float) -> None:
    """Counted and measured with rasterio alone."""
    dem = read_dem(REAL / f"{name}.tif")
    assert int(np.isnan(dem.ground_m).sum()) == missing
    assert (np.nanmin(dem.ground_m), np.nanmax(dem.ground_m)) == pytest.approx((low, high), abs=0.01)
    assert "not the 0 that the header names" in dem.remarks[0]
