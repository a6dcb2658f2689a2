"""Nodes within the tolerance become one, unless the data say that they are two."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import drainage as dr
from tests.repairs.drawn import drawn


def test_ends_that_miss_each_other_meet() -> None:
    """A gap of 0.3 m: a ──── b  c ──── d becomes a ──── b ──── d; b stays, for it is the first of two equals."""
    net = drawn({"p": ("a>b", [(0, 0), (10, 0)]), "q": ("c>d", [(10.3, 0), (20, 0)])})
    fixed = dr.repair(net, tolerance_m=0.5)
    assert fixed.network.pipes[["from_node", "to_node"]].to_numpy().tolist() == [["a", "b"], ["b", "d"]]
    assert fixed.network.nodes.index.tolist() == ["a", "b", "d"]
    assert list(shapely.get_coordinates(fixed.network.pipes.geometry.to_numpy()[1]).tolist()) == [[10, 0], [20, 0]]
    assert fixed.network.pipes.loc["q", "length_m"] == 10.0
    assert fixed.network.nodes.loc["b", "kind"] == "manhole"


@pytest.mark.parametrize(("tolerance_m", "n_nodes"), [(0.2, 4), (0.5, 3)])
def test_the_tolerance_decides(tolerance_m: float, n_nodes: int) -> None:
    net = drawn({"p": ("a>b", [(0, 0), (10, 0)]), "q": ("c>d", [(10.3, 0), (20, 0)])})
    assert len(dr.repair(net, tolerance_m=tolerance_m).network.nodes) == n_nodes


def test_the_recorded_node_wins_and_takes_over_what_only_the_other_knows() -> None:
    """B and MH are 0.3 m apart; MH has a cover, b an invert and more pipes."""
    net = drawn(
        {"p": ("a>b", [(0, 0), (10, 0)]), "r": ("e>b", [(10, 9), (10, 0)]), "q": ("MH>d", [(10.3, 0), (20, 0)])},
        {"MH": {"kind": "manhole", "ground_m": 5.0}, "b": {"invert_m": 3.0}},
    )
    fixed = dr.repair(net, tolerance_m=0.5)
    assert list(fixed.network.nodes.loc["MH", ["ground_m", "invert_m"]]) == [5.0, 3.0]
    assert "b" not in fixed.network.nodes.index
    assert fixed.network.pipes["to_node"].tolist() == ["MH", "MH", "d"]
    merged = fixed.log[fixed.log["rule"] == "merge"]
    assert set(merged["action"]) == {"changed", "dropped"}
    assert merged["reason"].str.contains("0.300 m").sum() == 3


@pytest.mark.parametrize(("rules", "nodes"), [(["snap"], "acMN"), (["merge"], "abcM"), (["snap", "merge"], "acM")])
def test_snap_joins_bare_ends_and_merge_joins_recorded_nodes(rules: list[str], nodes: str) -> None:
    """A ── b M ── c, where b is bare, and N is recorded beside M without a pipe."""
    net = drawn(
        {"p": ("a>b", [(0, 0), (10, 0)]), "q": ("M>c", [(10.3, 0), (20, 0)])},
        {"M": {"kind": "manhole"}, "N": {"kind": "manhole", "at": (10.3, 0.2)}},
    )
    assert "".join(sorted(dr.repair(net, tolerance_m=0.5, rules=rules).network.nodes.index)) == "".join(sorted(nodes))


def test_nodes_that_a_pipe_joins_stay_two() -> None:
    net = drawn(
        {"p": ("a>b", [(0, 0), (10, 0)]), "s": ("b>c", [(10, 0), (10.4, 0)]), "q": ("c>d", [(10.4, 0), (20, 0)])}
    )
    fixed = dr.repair(net, tolerance_m=0.5)
    assert fixed.log.empty
    assert fixed.proposals.empty


def test_a_storm_and_a_sewage_end_are_proposed_not_joined() -> None:
    net = drawn({"p": ("a>b", [(0, 0), (10, 0)]), "q": ("c>d", [(10.3, 0), (20, 0)])}, system=["storm", "sewage"])
    fixed = dr.repair(net, tolerance_m=0.5)
    assert fixed.log.empty
    assert fixed.proposals["feature_id"].tolist() == ["b"]
    assert "different systems" in fixed.proposals["reason"].iloc[0]


def test_an_inlet_beside_a_manhole_is_proposed_not_merged() -> None:
    net = drawn({"p": ("a>b", [(0, 0), (10, 0)])}, {"b": {"kind": "manhole"}, "i": {"kind": "inlet", "at": (10.2, 0)}})
    fixed = dr.repair(net, tolerance_m=0.5)
    assert fixed.log.empty
    assert "kinds differ" in fixed.proposals["reason"].iloc[0]


def test_an_unknown_system_does_not_bring_two_known_ones_together() -> None:
    """B (storm), c (unknown) and d (sewage) at one place: c joins the nearest, the other stays apart."""
    net = drawn(
        {"p": ("a>b", [(0, 0), (10, 0)]), "q": ("c>e", [(10.1, 0), (20, 0)]), "r": ("d>f", [(10.3, 0), (10.3, 9)])},
        system=["storm", "unknown", "sewage"],
    )
    fixed = dr.repair(net, tolerance_m=0.5).network
    assert fixed.pipes["from_node"].tolist() == ["a", "b", "d"]


def test_an_end_far_from_its_recorded_node_is_left() -> None:
    net = drawn({"p": ("a>b", [(0, 0), (10, 0)])}, {"b": {"kind": "manhole", "at": (15.0, 0.0)}})
    assert dr.repair(net, tolerance_m=0.5).log.empty


def test_catchments_follow_the_node_that_stays() -> None:
    plain = drawn({"p": ("a>b", [(0, 0), (10, 0)]), "q": ("c>d", [(10.3, 0), (20, 0)])}, {"b": {"kind": "manhole"}})
    area = gpd.GeoDataFrame(
        {"node_id": ["c"]}, index=pd.Index(["C1"], name="catchment_id"), geometry=[shapely.box(0, 0, 9, 9)], crs=4548
    )
    net = plain.replace(catchments=area)
    fixed = dr.repair(net, tolerance_m=0.5)
    assert fixed.network.catchments is not None
    assert fixed.network.catchments["node_id"].tolist() == ["b"]
    back = dr.repairs.undo_repair(fixed.network, fixed.log).catchments
    assert back is not None
    pd.testing.assert_frame_equal(back, area)
