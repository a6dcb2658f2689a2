"""The grade of areas by their worst indicator: by hand, and what is not known is missing and named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.evidence import Evidence, empty_evidence
from tests.support.drains import with_layer
from tests.support.networks import build, save

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.network import DrainageNetwork
    from drainage.result import Result

PLACES = {"a": (0.0, 0.0), "b": (100.0, 0.0), "out": (200.0, 0.0), "w": (100.0, 50.0)}


def town(**recorded: list[float]) -> DrainageNetwork:
    """A storm street of 0.2 km with sewage entering at b: 5 points per km; catchments drain to a and b."""
    net = build(["a>b storm", "b>out storm", "w>b sewage"], kinds={"out": "outfall"}, places=PLACES)
    if not recorded:
        return net
    ground = gpd.GeoDataFrame(
        {"node_id": ["a", "b"], **recorded},
        geometry=[shapely.box(-10, -10, 50, 60), shapely.box(50, -10, 150, 60)],
        crs=4548,
        index=pd.Index(["C1", "C2"], name="catchment_id", dtype="str"),
    )
    return net.replace(catchments=ground)


def measure(net: DrainageNetwork, evidence: Evidence | None = None, **more: float) -> Result:
    return dr.measure_mixing(net, dr.find_mixed_flow(net), evidence=evidence, **more)  # type: ignore[arg-type]  # a share


def test_without_users_and_water_use_the_density_alone_decides_and_the_rest_is_named() -> None:
    """1 point on 0.2 km is 5 per km: moderate by table 7.2.4, "5–10"."""
    result = measure(town())
    one = result.outfalls.loc["out"]
    assert one["density_per_km"] == pytest.approx(5.0)
    assert one["grade"] == 2
    assert one["decided_by"] == "density_per_km: T/CECS 758-2020, 7.2.3, 7.2.4"
    assert one["missing"] == "users_pct, sewage_in_storm_pct, storm_in_sewage_pct"
    assert result.summary["outfalls_without_users_pct"] == 1
    assert len(result.neighbourhoods) == 0


def test_the_worst_indicator_decides() -> None:
    """Outfall: n/N = 3/60 = 5 % (2); q/Q = 35/(0.85·200) = 20.6 % (2); |Q雨 − Q|/Q = |275 − 170|/170 = 61.8 % (3)."""
    net = town(
        users=[40, 20],
        misconnected_users=[1, 2],
        water_use_m3_per_day=[120, 80],
        sewage_to_storm_m3_per_day=[5, 30],
        wet_sewage_m3_per_day=[150, 125],
    )
    one = measure(net).outfalls.loc["out"]
    assert one["users_pct"] == pytest.approx(5.0)
    assert one["sewage_in_storm_pct"] == pytest.approx(100 * 35 / 170)
    assert one["storm_in_sewage_pct"] == pytest.approx(100 * 105 / 170)
    assert [one[f"grade_{name}"] for name in ("users_pct", "sewage_in_storm_pct", "storm_in_sewage_pct")] == [2, 2, 3]
    assert one["grade"] == 3
    assert one["decided_by"] == "storm_in_sewage_pct: DB4201/T 651-2021, 5.8 (C雨)"
    assert one["missing"] == ""
    other = measure(net, returned_share=0.8).outfalls.loc["out"]
    assert other["sewage_in_storm_pct"] == pytest.approx(100 * 35 / 160)


def test_a_catchment_that_says_nothing_makes_the_sum_missing_not_smaller() -> None:
    result = measure(town(users=[40, float("nan")], misconnected_users=[1, 2]))
    assert result.outfalls["users_pct"].isna().all()
    assert result.neighbourhoods["users_pct"].tolist() == pytest.approx([2.5, float("nan")], nan_ok=True)


def test_a_neighbourhood_counts_what_lies_inside_its_outline() -> None:
    """C1 holds 50 m of storm pipe and no point; C2 100 m and the point at b: 10 per km, not yet heavy."""
    areas = measure(town(users=[10, 10])).neighbourhoods
    assert areas["storm_length_km"].tolist() == pytest.approx([0.05, 0.1])
    assert areas["misconnections"].tolist() == [0, 1]
    assert areas["grade"].tolist() == [0, 2]
    assert areas["decided_by"].isna().tolist() == [True, False]


def test_street_blocks_go_before_catchments() -> None:
    blocks = gpd.GeoDataFrame(
        {"users": [10.0], "misconnected_users": [2.0]},
        geometry=[shapely.box(90, -10, 110, 10)],
        crs=4548,
        index=pd.Index(["B1"], name="block_id", dtype="str"),
    )
    areas = measure(with_layer(town(users=[40, 20]), blocks=blocks)).neighbourhoods
    assert areas.index.tolist() == ["B1"]
    assert areas["users_pct"].tolist() == [20.0]
    assert areas["grade"].tolist() == [3]


def test_flow_measured_at_the_outfall_goes_before_what_is_recorded() -> None:
    """Median of 60, 68 and 76 m³/d of dry days; the wet reading does not count: 68/(0.85·200) = 40 %, heavy."""
    rows = pd.DataFrame({"node_id": "out", "flow_m3_per_day": [60.0, 68.0, 76.0, 999.0], "weather": ["", "", "", "雨"]})
    rows.index = pd.Index([f"flows.csv:{k}" for k in range(2, 6)], name="row", dtype="str")
    kind = empty_evidence("flows")
    flows = rows.reindex(columns=kind.columns).astype(dict(kind.dtypes))
    net = town(water_use_m3_per_day=[120, 80], sewage_to_storm_m3_per_day=[5, 30])
    one = measure(net, replace(Evidence(), flows=flows)).outfalls.loc["out"]
    assert one["sewage_in_storm_pct"] == pytest.approx(40.0)
    assert one["grade_sewage_in_storm_pct"] == 3


def test_a_reading_at_an_unknown_manhole_is_said_whatever_its_kind() -> None:
    kind = empty_evidence("samples")
    rows = pd.DataFrame({"node_id": ["XX1"]}, index=pd.Index(["samples.csv:2"], name="row", dtype="str"))
    samples = rows.reindex(columns=kind.columns).astype(dict(kind.dtypes))
    issues = measure(town(), replace(Evidence(), samples=samples)).issues
    assert issues.loc[issues["code"] == "unknown_manhole", "feature_id"].tolist() == ["samples.csv:2"]


def test_sewers_above_meters_are_graded_by_their_flow_in_rain() -> None:
    """A table as `measure_infiltration` gives it: |300 − 0.85·200|/170 = 76.5 %."""
    meters = gpd.GeoDataFrame(
        {"node_id": ["w"], "water_use_m3_per_day": [200.0], "wet_m3_per_day": [300.0]},
        geometry=[shapely.Point(100, 50)],
        crs=4548,
        index=pd.Index(["w"], name="meter_id", dtype="str"),
    )
    net = town()
    infiltration = dr.Result("infiltration", {"meters": meters}, pd.Series(dtype=object))
    result = dr.measure_mixing(net, dr.find_mixed_flow(net), infiltration=infiltration)
    assert result.meters["storm_in_sewage_pct"].tolist() == pytest.approx([100 * 130 / 170])
    assert result.meters["grade"].tolist() == [3]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(dr.errors.SchemaError, match="returned_share"):
        measure(town(), returned_share=1.5)
    with pytest.raises(dr.errors.SchemaError, match="another network"):
        dr.measure_mixing(town(), dr.find_mixed_flow(build(["x>y storm"])))


def test_the_columns_are_read_under_their_chinese_names(tmp_path: Path) -> None:
    net = town(users=[40, 20])
    ground = net.catchments
    assert ground is not None
    named = ground.rename(columns={"users": "排水户数"}).assign(用水量=[120.0, -5.0]).reset_index()
    named.to_crs(4326).to_file(tmp_path / "catchments.geojson", driver="GeoJSON", engine="pyogrio")
    read = dr.read_network(save(net, tmp_path / "pipes.geojson"), catchments=tmp_path / "catchments.geojson")
    assert read.catchments is not None
    assert read.catchments["users"].tolist() == [40.0, 20.0]
    assert read.catchments["water_use_m3_per_day"].tolist() == pytest.approx([120.0, float("nan")], nan_ok=True)
    assert "value_out_of_range" in set(read.issues["code"])
