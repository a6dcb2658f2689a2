"""What a summary counts and adds up is what its tables hold, question by question, on the demo city."""

from __future__ import annotations

import pytest

import drainage as dr
from drainage.report.page import report_layers
from tests.support import demo


@pytest.fixture(scope="module")
def city() -> dr.DrainageNetwork:
    return demo.city("2018-12-31")


@pytest.fixture(scope="module")
def mixed() -> dr.Result:
    return demo.mixed_flow("2018-12-31")


def test_mixed_flow_counts_every_kind_of_its_findings(mixed: dr.Result) -> None:
    """The layer ``misconnections`` shows all kinds: misconnections are some of them."""
    summary, kinds = mixed.summary, mixed.points["kind"].value_counts()
    assert summary["findings"] == len(mixed.points) == summary["misconnections"] + summary["other_findings"]
    assert {name: summary[name] for name in kinds.index} == kinds.to_dict()
    assert summary["misconnections"] == kinds["sewage_into_storm"] + kinds["storm_into_sewage"]
    assert summary["other_findings"] > 0
    assert summary["mixed_pipes"] == mixed.tables["pipes"]["mixed"].sum()
    assert summary["mixed_length_km"] == pytest.approx(mixed.tables["pipes"].query("mixed")["length_m"].sum() / 1000.0)
    assert summary["fouled_outfalls"] == mixed.outfalls["fouled"].sum()
    assert summary["overflow_pipes"] == (mixed.tables["pipes"]["class"] == "overflow").sum()


def test_waterlogging_adds_up(city: dr.DrainageNetwork) -> None:
    found = demo.waterlogging("2018-12-31")
    summary, points, nodes = found.summary, found.points, found.overflow_nodes
    assert summary["points"] == len(points) == sum(summary["by_grade"].values()) == sum(summary["by_cause"].values())
    assert summary["within_standard"] == points["within_standard"].value_counts().reindex(
        summary["within_standard"], fill_value=0
    ).to_dict()  # fmt: skip
    assert summary["overflow_nodes"] == len(nodes)
    assert summary["overflow_nodes"] == points["node_count"].sum() + summary["overflow_nodes_outside_points"]
    assert summary["volume_m3"] == pytest.approx(
        points["volume_m3"].sum() + summary["overflow_outside_points_m3"], abs=0.05 * (len(points) + 2)
    )
    assert summary["reported"] == len(found.reports) == sum(summary[k] for k in ("hits", "misses", "superseded"))
    assert set(found.reports["point_id"].dropna()) <= set(points.index)
    assert set(found.causes["point_id"]) == set(points.index)
    assert sum(summary["pipes_km_by_carried_return_period_a"].values()) <= city.pipes["length_m"].sum() / 1000.0


def test_separation_adds_up_and_the_map_shows_what_is_truly_separated(
    city: dr.DrainageNetwork, mixed: dr.Result
) -> None:
    found = dr.measure_separation(city, mixed=mixed)
    roads, stretches = found.roads, found.stretches
    assert found.summary["roads"] == len(roads)
    assert found.summary["length_km"] == pytest.approx(roads["length_m"].sum() / 1000.0)
    for name, mask in (
        ("coverage_share", stretches["class"] == "separated"),
        ("effective_share", stretches["effective"]),
    ):
        assert found.summary[name] == pytest.approx(stretches.loc[mask, "length_m"].sum() / roads["length_m"].sum())
    layer = next(one for one in report_layers(city, {"separation": found}) if one.theme == "roads")
    assert layer.category == "effective_pct"
    name = str((roads["coverage_pct"] - roads["effective_pct"]).idxmax())
    both, truly = float(roads["coverage_pct"][name]), float(roads["effective_pct"][name])
    assert layer.frame["coverage_to_effective"][name] == f"{both:.0f} → {truly:.0f} %"
    assert both - truly > 50.0
