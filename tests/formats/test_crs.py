"""Coordinate systems: what is declared, recognised, turned or refused.

Truth: the EPSG database through pyproj (Lingbi, 117.55 E 33.54 N, is E 551084.189 N 3712774.524 in EPSG:4548), and
the published worked position of GCJ-02.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.formats import china_offset
from tests.support.said import said_codes

LINGBI = (117.55, 33.54)
E, N = 551084.189, 3712774.524


def save(folder: Path, *points: tuple[float, float], crs: str | int | None) -> Path:
    """Write two pipes along three points as a Shapefile, which may have no CRS."""
    lines = [shapely.LineString(pair) for pair in pairwise(points)]
    frame = gpd.GeoDataFrame({"system": ["storm"] * len(lines)}, geometry=lines, crs=crs or 4326)
    frame.to_file(folder / "pipes.shp")
    if crs is None:
        (folder / "pipes.prj").unlink()
    return folder / "pipes.shp"


def lingbi_in(epsg: int) -> tuple[float, float]:
    x, y = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(*LINGBI)
    return float(x), float(y)


def along(x: float, y: float, dx: float = 50.0) -> tuple[tuple[float, float], ...]:
    return (x, y), (x + dx, y), (x + 2 * dx, y)


def codes(net: dr.DrainageNetwork) -> set[str]:
    return set(net.issues["code"])


class TestOffsets:
    def test_gcj02_gives_the_published_position(self) -> None:
        shifted = china_offset.wgs84_to_gcj02(np.array([LINGBI]))
        np.testing.assert_allclose(shifted, [[117.55555324, 33.53837197]], atol=1e-8)

    @given(st.floats(74.0, 135.0), st.floats(18.0, 53.0))
    def test_the_inverse_is_better_than_a_centimetre(self, lon: float, lat: float) -> None:
        true = np.array([[lon, lat]])
        gcj = china_offset.wgs84_to_gcj02(true)
        for back in (
            china_offset.gcj02_to_wgs84(gcj),
            china_offset.bd09_to_wgs84(china_offset.gcj02_to_bd09(gcj)),
        ):
            assert np.abs(back - true).max() * 111_320 < 0.01

    @pytest.mark.parametrize(("name", "shift"), [("GCJ-02", False), ("BD-09", True), ("bd09", True)])
    def test_a_declared_offset_is_taken_away(self, name: str, shift: bool, tmp_path: Path) -> None:  # noqa: FBT001
        true = np.array(along(*LINGBI, dx=0.0005))
        moved = china_offset.wgs84_to_gcj02(true)
        moved = china_offset.gcj02_to_bd09(moved) if shift else moved
        net = dr.read_network(save(tmp_path, *map(tuple, moved), crs=None), crs=name)
        expected = gpd.GeoSeries(shapely.points(true), crs=4326).to_crs(4548)
        found = net.nodes.geometry.to_numpy()
        assert shapely.distance(found[:, None], expected.to_numpy()).min(axis=1).max() < 0.01
        assert "map_offset" in said_codes(net.issues)

    def test_an_offset_of_metres_makes_no_sense(self, tmp_path: Path) -> None:
        with pytest.raises(dr.errors.CrsError, match="degrees"):
            dr.read_network(save(tmp_path, *along(E, N), crs=4548), crs="GCJ-02")


class TestProjected:
    @pytest.mark.parametrize("epsg", [4548, 4527, 2384, 2436, 32650])
    def test_a_projected_system_in_metres_is_kept(self, epsg: int, tmp_path: Path) -> None:
        net = dr.read_network(save(tmp_path, *along(*lingbi_in(epsg)), crs=epsg))
        assert net.crs is not None
        assert net.crs.to_epsg() == epsg
        assert net.pipes["length_m"].tolist() == pytest.approx([50.0, 50.0])
        assert ("old_datum" in codes(net)) == ("old_datum" in said_codes(net.issues)) == (epsg in {2384, 2436})

    def test_exchanged_columns_are_turned_and_said(self, tmp_path: Path) -> None:
        path = save(tmp_path, (N, E), (N, E + 50), (N, E + 100), crs=None)
        net = dr.read_network(path, crs="EPSG:4548")
        assert "axes_exchanged" in said_codes(net.issues)
        assert net.nodes.geometry.x.tolist() == pytest.approx([E, E + 50, E + 100])

    def test_a_zone_number_in_front_asks_for_the_system_that_has_it(self, tmp_path: Path) -> None:
        path = save(tmp_path, *along(39e6 + E, N), crs=None)
        with pytest.raises(dr.errors.CrsError, match="EPSG:4527"):
            dr.read_network(path, crs="EPSG:4548")
        assert "outside_area" not in codes(dr.read_network(path, crs="EPSG:4527"))

    def test_a_place_outside_the_area_of_the_system_is_said(self, tmp_path: Path) -> None:
        net = dr.read_network(save(tmp_path, *along(E, N), crs=None), crs="EPSG:4534")
        assert "outside_area" in said_codes(net.issues)

    def test_a_custom_central_meridian_is_taken(self, tmp_path: Path) -> None:
        local = "+proj=tmerc +lon_0=117.5 +x_0=500000 +ellps=GRS80 +units=m"
        net = dr.read_network(save(tmp_path, *along(504_643.0, N), crs=None), crs=local)
        place = net.nodes.to_crs(4326).geometry
        assert place.x.iloc[0] == pytest.approx(LINGBI[0], abs=2e-4)
        assert place.y.iloc[0] == pytest.approx(LINGBI[1], abs=2e-3)  # the meridians converge: N is that of 117 E

    def test_metres_of_a_web_map_are_made_metres(self, tmp_path: Path) -> None:
        net = dr.read_network(save(tmp_path, *along(*lingbi_in(3857)), crs=3857))
        assert net.crs is not None
        assert net.crs.to_epsg() == 4548
        assert net.pipes["length_m"].max() == pytest.approx(50.0 * np.cos(np.radians(LINGBI[1])), rel=0.01)


@pytest.mark.parametrize(
    ("x", "y", "candidate"),
    [
        (117.55, 33.54, "EPSG:4490"),
        (39e6 + E, N, "EPSG:4527"),
        (E, N, "EPSG:4548"),
        (N, E, "X = north"),
        (12.0e3, 8.0e3, "local grid"),
    ],
)
def test_a_missing_system_is_an_error_that_proposes_by_the_numbers(
    x: float, y: float, candidate: str, tmp_path: Path
) -> None:
    path = save(tmp_path, *along(x, y, dx=0.001 if x < 200 else 50.0), crs=None)
    with pytest.raises(dr.errors.CrsError, match=candidate):
        dr.read_network(path)
