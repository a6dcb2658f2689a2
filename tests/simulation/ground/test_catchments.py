"""Whose ground drains where: areas worked by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.ndimage import distance_transform_edt

from drainage.arrays import Bools, Ints32
from drainage.network import DrainageNetwork
from drainage.simulation.ground import grid_kernels
from drainage.simulation.ground.catchments import Ground, ground_of
from drainage.simulation.setup import Setup
from tests.support.drains import as_plan
from tests.support.networks import build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROW = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (200.0, 0.0), "d": (300.0, 0.0)}
CAP_HA = math.pi * 50.0**2 / 2.0 / 1e4  # a half disc of 50 m


def share(net: DrainageNetwork, setup: Setup = Setup()) -> Ground:
    """Share the ground of the storm pipes of a network out."""
    return ground_of(net, setup, (net.pipes["system"] == "storm").to_numpy())


def squares(corners: Sequence[tuple[float, float]], **columns: Sequence[object]) -> gpd.GeoDataFrame:
    """Squares of one hectare by their lower left corners."""
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(x, y, x + 100, y + 100) for x, y in corners], crs=4548)


def nodes_with(net: DrainageNetwork, **columns: Mapping[str, float]) -> DrainageNetwork:
    """Give nodes other columns."""
    frame = net.nodes
    return net.replace(nodes=frame.assign(**{name: frame.index.map(values) for name, values in columns.items()}))


def test_ground_goes_to_the_nearest_node_that_a_storm_pipe_leaves() -> None:
    """Two pipes of 100 m in a row, ``a──b──c``: 50 m around them are 200 x 100 m² and two half discs.

    The border lies midway between a and b: a has a half disc and 50 x 100 m², b the rest, for nothing leaves c.
    """
    found = share(build(["a>b storm", "b>c storm"], places=ROW))
    assert found.area_ha.tolist() == pytest.approx([CAP_HA + 0.5, 1.5 + CAP_HA, 0.0], abs=0.06)  # a cell's border
    assert found.area_ha.sum() == pytest.approx(2.0 + 2.0 * CAP_HA, rel=0.03)
    assert found.runoff_ha.tolist() == pytest.approx((0.6 * found.area_ha).tolist())


def test_a_wider_strip_and_a_larger_coefficient_give_more_runoff() -> None:
    net = build(["a>b storm"], places=ROW)
    usual = share(net)
    wide = share(net, Setup(served_distance_m=100.0))
    assert wide.area_ha.sum() == pytest.approx(2.0 + 4.0 * 2.0 * CAP_HA, rel=0.03)
    assert share(net, Setup(runoff_coefficient=0.9)).runoff_ha.sum() == pytest.approx(1.5 * usual.runoff_ha.sum())


@given(
    arrays.arrays(np.int32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 2)), st.data()
)
def test_cells_are_counted_where_a_distance_transform_leads_them(takers: Ints32, data: st.DataObject) -> None:
    """Of equal distances too, down to one cell."""
    served: Bools = data.draw(arrays.arrays(np.bool_, takers.shape))
    count = grid_kernels.count_nearest(takers, served)
    if not takers.any():
        assert not count.any()
        return
    at = distance_transform_edt(takers == 0, return_distances=False, return_indices=True)
    of_scipy = np.bincount(np.ravel_multi_index(tuple(at), takers.shape)[served], minlength=takers.size)
    assert count.ravel().tolist() == of_scipy.tolist()


def test_sewage_pipes_get_no_ground() -> None:
    """``a──b`` storm, ``c──d`` sewage, 100 m apart: only the strip of the storm pipe is served."""
    found = share(build(["a>b storm", "c>d sewage"], places=ROW))
    assert found.area_ha.tolist() == pytest.approx([1.0 + 2 * CAP_HA, 0, 0, 0], rel=0.03)


def test_nodes_in_one_cell_share_its_ground() -> None:
    places = {"a": (0.0, 0.0), "b": (0.5, 0.5), "c": (100.0, 0.0)}
    found = share(build(["a>c storm", "b>c storm"], places=places))  # nodes a, c, b
    assert found.area_ha[0] == found.area_ha[2] > 0.4


def test_the_answer_does_not_depend_on_where_the_town_lies_nor_on_the_order_of_rows() -> None:
    """Moved by whole cells of the raster."""
    here = share(build(["a>b storm", "b>c storm"], places=ROW))
    there = {name: (x + 39_500_000.0, y + 3_700_000.0) for name, (x, y) in ROW.items()}
    moved = share(build(["b>c storm", "a>b storm"], places=there))  # nodes b, c, a
    assert moved.area_ha[[2, 0, 1]].tolist() == pytest.approx(here.area_ha.tolist())


def test_recorded_areas_come_before_the_nearest_ground() -> None:
    net = nodes_with(
        build(["a>b storm", "b>c storm"], places=ROW),
        area_ha={"a": 1.5, "b": 2.0},
        runoff_coefficient={"a": 0.9},
    )
    found = share(net, Setup(runoff_coefficient=0.5))
    assert found.area_ha.tolist() == [1.5, 2.0, 0.0]
    assert found.runoff_ha.tolist() == pytest.approx([1.35, 1.0, 0.0])
    assert found.origin == "areas recorded with the nodes"


def test_given_catchments_come_before_all_else() -> None:
    """Two hectares to a, one of them by its recorded area of 0.8; 1 x 0.9 + 0.8 x 0.5 (filled) = 1.3 hm²."""
    net = nodes_with(build(["a>b storm"], places=ROW), area_ha={"a": 7.0})
    given = squares([(0, 0), (100, 0)], node_id=["a", "a"], runoff_coefficient=[0.9, np.nan], area_ha=[np.nan, 0.8])
    found = share(net, Setup(catchments=given, runoff_coefficient=0.5))
    assert found.area_ha.tolist() == pytest.approx([1.8, 0.0])
    assert found.runoff_ha.tolist() == pytest.approx([1.3, 0.0])


@pytest.mark.parametrize("name", ["c", "nowhere", None])
def test_a_catchment_without_an_inlet_of_its_own_goes_to_the_nearest(name: str | None) -> None:
    """The square has its middle at (250, 50): of a and b, b is nearer; c is an outfall and takes nothing in."""
    net = build(["a>b storm", "b>c storm"], places=ROW)
    found = share(net, Setup(catchments=squares([(200, 0)], node_id=[name])))
    assert found.area_ha.tolist() == pytest.approx([0.0, 1.0, 0.0])
    assert "1 of them to the nearest storm node" in found.origin


def test_catchments_in_degrees_are_measured_in_metres() -> None:
    place = {"a": (500_000.0, 3_713_000.0), "b": (500_100.0, 3_713_000.0)}
    given = squares([(500_000, 3_713_000)], node_id=["a"]).to_crs(4326)
    found = share(build(["a>b storm"], places=place), Setup(catchments=given))
    assert found.area_ha.tolist() == pytest.approx([1.0, 0.0], rel=1e-4)


def test_catchments_of_the_network_are_used_when_none_are_given() -> None:
    net = build(["a>b storm"], places=ROW)
    own = DrainageNetwork(net.pipes, net.nodes, catchments=squares([(0, 0)], node_id=["a"]))
    assert share(own).area_ha.tolist() == pytest.approx([1.0, 0.0])
    assert share(own, Setup(catchments=squares([(0, 0), (0, 100)]))).area_ha.tolist() == pytest.approx([2.0, 0.0])


def test_a_schematic_plan_has_no_ground() -> None:
    found = share(as_plan(build(["a>b storm"], places=ROW)))
    assert not found.runoff_ha.any()
    assert "schematic plan" in found.origin


def test_without_storm_pipes_nothing_is_served() -> None:
    assert not share(build(["a>b sewage"], places=ROW)).area_ha.any()
