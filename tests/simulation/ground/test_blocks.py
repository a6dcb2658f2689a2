"""Street blocks shared out among storm nodes, and runoff by land use: areas worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import drainage as dr
from drainage.network import DrainageNetwork
from drainage.schema import Issues, conform_layer
from drainage.simulation.ground.catchments import Ground, ground_of, ground_pieces
from drainage.simulation.setup import Setup
from tests.support.drains import with_layer
from tests.support.networks import build, save

#: A storm drain of 200 m along the x-axis; nothing drains to c.
PLACES = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (200.0, 0.0)}


def town(*boxes: tuple[float, float, float, float], **columns: Sequence[object]) -> DrainageNetwork:
    """Give the drain with street blocks by their corners."""
    blocks = gpd.GeoDataFrame(columns, geometry=[shapely.box(*corners) for corners in boxes], crs=4548)
    return with_layer(build(["a>b storm", "b>c storm"], places=PLACES), blocks=blocks)


def share(net: DrainageNetwork, *, served_distance_m: float = 50.0, psi: float = 0.6) -> Ground:
    carries = (net.pipes["system"] == "storm").to_numpy()
    return ground_of(net, Setup(runoff_coefficient=psi, served_distance_m=served_distance_m), carries)


def test_a_block_is_shared_by_the_nodes_in_its_streets() -> None:
    """From x = 0 to 100, 10 m off the drain: the border lies at x = 50."""
    found = share(town((0, 10, 100, 110)))
    assert found.area_ha.tolist() == pytest.approx([0.5, 0.5, 0.0])
    assert found.runoff_ha.tolist() == pytest.approx([0.3, 0.3, 0.0])
    assert "1 of 1 street blocks" in found.origin


def test_no_ground_goes_to_a_node_of_another_block() -> None:
    """The second block stands 1 m from b's street, 20 m from a's: all of it drains to b, though half is nearer to a."""
    net = town((-40, 10, 30, 60), (20, 10, 90, 60))
    lone = town((20, 10, 90, 60))
    assert share(lone).area_ha.tolist() == pytest.approx([0.0, 0.35, 0.0])
    assert share(net).area_ha.tolist() == pytest.approx([0.35, 0.35, 0.0])


def test_a_block_without_a_node_drains_to_the_nearest_served() -> None:
    """30 m off the drain: beyond the frontage, within 50 m, not within 20 m."""
    net = town((80, 30, 120, 70))
    assert share(net).area_ha.tolist() == pytest.approx([0.0, 0.16, 0.0])
    assert share(net, served_distance_m=20.0).area_ha.tolist() == [0.0, 0.0, 0.0]


def test_a_sliver_without_any_point_is_still_a_block() -> None:
    """A block of 1 cm x 100 m turned by 45 degrees."""
    sliver = shapely.affinity.rotate(shapely.box(50.0, 0.0, 150.0, 0.01), 45)
    net = town((0, 10, 1, 11))
    net = with_layer(net, blocks=gpd.GeoDataFrame(geometry=[sliver], crs=4548))
    assert share(net).area_ha.sum() == pytest.approx(1e-4)


def test_blocks_in_degrees_are_measured_in_metres() -> None:
    net = build(["a>b storm"], places={"a": (500_000.0, 3_713_000.0), "b": (500_100.0, 3_713_000.0)})
    block = gpd.GeoDataFrame(geometry=[shapely.box(500_000, 3_713_000, 500_100, 3_713_100)], crs=4548)
    found = share(with_layer(net, blocks=block.to_crs(4326)))
    assert found.area_ha.sum() == pytest.approx(1.0, rel=1e-4)


def test_the_shares_do_not_depend_on_the_order_of_blocks_and_add_up() -> None:
    boxes = [(0.0, 10.0, 100.0, 110.0), (100.0, 10.0, 200.0, 60.0), (0.0, -90.0, 90.0, -5.0)]
    here, there = share(town(*boxes)), share(town(*boxes[::-1]))
    assert here.area_ha == pytest.approx(there.area_ha)
    assert here.area_ha.sum() == pytest.approx(1.0 + 0.5 + 0.765)


def test_blocks_and_catchments_run_off_by_their_land_use() -> None:
    """A roof (0.9), a park (0.15), a recorded 0.5 on a road, unknown: 0.6; 1 hm² each."""
    uses = ["paved", "green", "paved", None]
    psi = [np.nan, np.nan, 0.5, np.nan]
    boxes = [(0.0, 10.0, 100.0, 110.0)] * 4
    found = share(town(*boxes, land_use=uses, runoff_coefficient=psi))
    assert found.runoff_ha.sum() == pytest.approx(0.9 + 0.15 + 0.5 + 0.6)
    assert "Ψ of 2 by land use" in found.origin
    catchments = town(*boxes, land_use=uses, runoff_coefficient=psi, node_id=["a"] * 4).layers["blocks"]
    net = build(["a>b storm"], places=PLACES)
    own = DrainageNetwork(net.pipes, net.nodes, catchments=catchments)
    assert share(own).runoff_ha.tolist() == pytest.approx([2.15, 0.0])
    pieces = ground_pieces(own, ground_of(own, Setup(), np.array([True])), uplift=0.3)
    assert pieces["runoff_coefficient"].tolist() == pytest.approx([1.0, 0.195, 0.65, 0.78])


def test_raised_runoff_is_at_most_the_rain() -> None:
    """By 30 %: 0.9 to 1, 0.15 to 0.195."""
    found = share(town((0, 10, 100, 110), (0, 10, 100, 110), land_use=["paved", "green"]))
    assert found.raised_ha(0.3).sum() == pytest.approx(1.195)
    assert found.raised_ha(0.0).tolist() == found.runoff_ha.tolist()


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("屋面", "paved"), ("道路", "paved"), ("绿地", "green"), ("建筑密集区", "dense"), ("Park", "green"),
        ("级配碎石", "graded_gravel"), ("非铺砌土路面", "unpaved"), ("稀疏区", "sparse"), ("swamp", None),
    ],
)  # fmt: skip
def test_land_use_is_read_in_both_languages(written: str, word: str | None) -> None:
    issues = Issues()
    frame = gpd.GeoDataFrame({"用地类型": [written]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4548)
    table, _ = conform_layer(frame, "catchments", place="c.geojson", issues=issues)
    assert table["land_use"].astype(object).where(table["land_use"].notna(), None).tolist() == [word]
    assert ("unknown_code" in issues.frame()["code"].tolist()) == (word is None)


def test_blocks_are_a_layer_of_a_delivery(tmp_path: Path) -> None:
    """Beside the pipes under their usual name, or named."""
    net = town((0, 10, 100, 110), (0, -110, 100, -10), 编号=["甲", "乙"], 用地类型=["建筑密集区", "公园"])
    save(net, tmp_path / "net.geojson")
    net.layers["blocks"].to_crs(4326).to_file(tmp_path / "quarters.geojson")
    read = dr.read_network(tmp_path / "net.geojson", blocks=tmp_path / "quarters.geojson")
    assert read.layers["blocks"]["land_use"].to_dict() == {"甲": "dense", "乙": "green"}
    (tmp_path / "net.geojson").rename(tmp_path / "pipes.geojson")
    (tmp_path / "quarters.geojson").rename(tmp_path / "blocks.geojson")
    assert "blocks" in dr.read_network(tmp_path / "pipes.geojson").layers
