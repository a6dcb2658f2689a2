"""Overflow on the ground: volumes, areas and depths by hand, in metres; hollows without rain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from drainage.analyses.low_points import find_low_points
from drainage.analyses.waterlogging.ponds import ponding_on_dem
from drainage.errors import CrsError
from drainage.formats.raster import Dem, read_dem
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.screen import screen
from tests.support.drains import as_plan, drain, rain

REAL = Path(__file__).parents[4] / "shared" / "networks" / "dem" / "dem.tif"
CRS = pyproj.CRS.from_epsg(4548)


def raster(ground: np.ndarray, cell: float = 2.0) -> Dem:
    """Lay a raster with its first cell at the origin, cells 2 m wide."""
    return Dem(ground, 0.0, 0.0, cell, cell, CRS, "test.tif")


def basins() -> Dem:
    """Draw one row walled by 9 m: floors at 1, 2 and 3 m, saddles at 5 and 4 m."""
    ground = np.full((3, 7), 9.0)
    ground[1, 1:6] = [1.0, 5.0, 2.0, 4.0, 3.0]
    return raster(ground)


def middle(column: int) -> tuple[float, float]:
    """Give the middle of a cell in the second row."""
    return 2.0 * column + 1.0, -3.0


def overflowing(volumes: dict[str, float], **places: tuple[float, float]) -> Screening:
    """Give a screening in which nodes overflow so much, m³."""
    net = drain(["a>b storm", "b>c storm"], {"a": 1.0, "b": 0.5, "c": 0.0}, ground=3.0, places=places,
                nodes={"area_ha": {"a": 1.0, "b": 1.0}})  # fmt: skip
    state = screen(net, rain())
    volume = state.nodes.index.map(volumes).to_numpy(dtype=np.float64)
    nodes = state.nodes.assign(overflow_m3=np.nan_to_num(volume), overflows=volume > 0.0)
    return replace(state, nodes=nodes)


PLACES = {"a": middle(1), "b": middle(5), "c": middle(3)}


def test_the_overflow_of_a_node_fills_the_depression_in_which_it_lies() -> None:
    """8 m³ on one cell of 4 m²: 2 m; the other two nodes are dry."""
    found = ponding_on_dem(overflowing({"a": 8.0}, **PLACES), basins())
    pond = found.places("ponds").loc["S1"]
    assert (pond["depth_m"], pond["level_m"], pond["volume_m3"], pond["area_m2"]) == (2.0, 3.0, 8.0, 4.0)
    assert shapely.equals(pond.geometry, shapely.box(2, -4, 4, -2))
    assert found.nodes["pond_id"].to_dict() == {"a": "S1"}
    assert found.nodes["depth_m"].tolist() == [2.0]


def test_surplus_spills_and_ponds_merge() -> None:
    """26 m³ at a: 16 to its saddle, 8 fill the second basin, 2 m³ stand 0.5 m deep in the third.

    24 m³ at b merge the second and third basin: 3 cells to 5 m.
    """
    spilled = ponding_on_dem(overflowing({"a": 26.0}, **PLACES), basins())
    assert spilled.ponds["volume_m3"].tolist() == [16.0, 8.0, 2.0]
    assert spilled.ponds["depth_m"].tolist() == [4.0, 2.0, 0.5]
    merged = ponding_on_dem(overflowing({"b": 24.0, "c": 0.0}, **PLACES), basins())
    assert merged.ponds["area_m2"].tolist() == [12.0]
    assert merged.ponds["mean_depth_m"].tolist() == [2.0]
    assert merged.nodes["depth_m"].to_dict() == {"b": 2.0}


def test_the_water_is_accounted_for() -> None:
    """The lake below 9 m holds 30 cells·m = 120 m³; c stands beside the raster."""
    state = overflowing({"a": 100.0, "b": 50.0, "c": 7.0}, **PLACES | {"c": (500.0, 0.0)})
    summary = ponding_on_dem(state, basins()).summary
    assert summary["overflow_m3"] == 157.0
    assert summary["standing_m3"] == 120.0
    assert summary["left_the_raster_m3"] == 30.0
    assert summary["beside_the_raster_m3"] == 7.0
    assert (summary["ponds"], summary["area_m2"], summary["largest_depth_m"]) == (1, 20.0, 8.0)
    assert "test.tif" not in summary["assumptions"]["ground"]
    assert "3 x 7 cells of 2 x 2 m" in summary["assumptions"]["ground"]


def test_a_node_on_a_slope_sends_its_water_down_and_stands_dry() -> None:
    """Node a stands on the saddle at 4 m and drains to the second basin, b on the border and drains outside."""
    found = ponding_on_dem(overflowing({"a": 4.0, "b": 5.0}, a=middle(4), b=middle(6), c=middle(3)), basins())
    assert found.nodes["pond_id"].fillna("none").tolist() == ["S1", "none"]
    assert found.nodes["depth_m"].tolist() == [0.0, 0.0]
    assert found.ponds["level_m"].tolist() == [3.0]
    assert found.summary["left_the_raster_m3"] == 5.0


def test_a_dry_town_has_no_ponds_and_still_all_tables() -> None:
    found = ponding_on_dem(overflowing({}, **PLACES), basins())
    assert (len(found.ponds), len(found.nodes)) == (0, 0)
    assert isinstance(found.places("ponds"), gpd.GeoDataFrame)


def test_ponds_are_drawn_and_written(tmp_path: Path) -> None:
    found = ponding_on_dem(overflowing({"a": 26.0}, **PLACES), basins())
    assert "S1" in found.page().html
    written = gpd.read_file(found.to_file(tmp_path / "ponds.gpkg"), layer="ponds")
    assert written["area_m2"].tolist() == [4.0, 4.0, 4.0]


def test_a_raster_of_another_crs_is_refused() -> None:
    dem = replace(basins(), crs=pyproj.CRS.from_epsg(4547))
    with pytest.raises(CrsError, match="near=net"):
        ponding_on_dem(overflowing({"a": 1.0}, **PLACES), dem)
    state = overflowing({"a": 1.0}, **PLACES)
    with pytest.raises(CrsError, match="schematic"):
        ponding_on_dem(replace(state, network=as_plan(state.network)), basins())


def test_low_points_are_the_outermost_depressions_deep_enough() -> None:
    """All three basins are one below 9 m: 30 cells·m of 4 m², 5 cells; its lowest cell is the first."""
    found = find_low_points(basins())
    point = found.places("low_points").loc["D1"]
    assert (point["depth_m"], point["ground_m"], point["spill_m"]) == (8.0, 1.0, 9.0)
    assert (point["volume_m3"], point["area_m2"]) == (120.0, 20.0)
    assert shapely.equals(point.geometry, shapely.Point(middle(1)))
    assert shapely.equals(found.places("hollows").geometry["D1"], shapely.box(2, -4, 12, -2))
    assert found.summary[["low_points", "volume_m3", "deepest_m"]].tolist() == [1, 120.0, 8.0]


def test_shallow_hollows_are_left_out() -> None:
    """Two hollows, 10 and 20 cm deep."""
    ground = np.full((3, 5), 5.0)
    ground[1, [1, 3]] = [4.9, 4.8]
    ground[1, 2] = 5.1
    assert find_low_points(raster(ground)).low_points["depth_m"].tolist() == pytest.approx([0.2])
    both = find_low_points(raster(ground), least_depth_m=0.05)
    assert both.low_points["volume_m3"].tolist() == pytest.approx([0.8, 0.4])
    assert find_low_points(raster(ground), least_depth_m=1.0).summary["low_points"] == 0


@pytest.mark.skipif(not REAL.is_file(), reason="the real raster is not here")
def test_hollows_of_a_real_raster_hold_what_filling_adds() -> None:
    """Roughened by 2 m; filled by another algorithm: the sea comes in from the border as long as anything changes."""
    smooth = read_dem(REAL)
    rough = np.random.default_rng(1).normal(0.0, 2.0, smooth.ground_m.shape)
    dem = replace(smooth, ground_m=smooth.ground_m + rough)
    ground = np.where(np.isfinite(dem.ground_m), dem.ground_m, -1e9)  # missing cells reach the border
    filled = np.full(ground.shape, np.inf)
    while True:
        padded = np.pad(filled, 1, constant_values=-1e9)
        rows, columns = len(filled), len(filled.T)
        around = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
        lower = np.maximum(ground, np.minimum.reduce(around))
        if (lower == filled).all():
            break
        filled = lower
    added = float((filled - ground).sum() * dem.cell_area_m2)
    assert added > 1e4
    assert find_low_points(dem, least_depth_m=0.0).summary["volume_m3"] == pytest.approx(added, rel=1e-5)
