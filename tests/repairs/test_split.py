"""A pipe whose end lies on the body of another: the body becomes two pipes."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import drainage as dr
from tests.repairs.drawn import Line, drawn

MAIN: tuple[str, Line] = ("a>b", [(0, 0), (100, 0)])


def test_a_lateral_that_ends_on_a_main_joins_it() -> None:
    """C drops onto the main 30 m from a, 0.2 m short of it; levels and lengths go by the drawn 30 and 70 m.

    ::

              c
              │
        a ────┴───────── b       invert 10.0 at a, 9.0 at b, so 9.7 at the joint
    """
    net = drawn({"M": MAIN, "L": ("c>t", [(30, 50), (30, 0.2)])}, invert_from_m=[10, 12], invert_to_m=[9, 11])
    fixed = dr.repair(net, tolerance_m=0.5)
    pipes = fixed.network.pipes
    assert pipes.index.tolist() == ["M/1", "M/2", "L"]
    assert pipes[["from_node", "to_node"]].to_numpy().tolist() == [["a", "t"], ["t", "b"], ["c", "t"]]
    assert pipes["invert_from_m"].tolist() == pytest.approx([10.0, 9.7, 12.0])
    assert pipes["invert_to_m"].tolist() == pytest.approx([9.7, 9.0, 11.0])
    assert pipes["invert_from_source"].tolist() == ["recorded", "interpolated", "recorded"]
    assert pipes["invert_to_source"].tolist() == ["interpolated", "recorded", "recorded"]
    assert pipes["length_m"].tolist() == pytest.approx([math.hypot(30, 0.2), math.hypot(70, 0.2), 49.8])
    assert list(pipes.geometry["M/1"].coords) == [(0, 0), (30, 0.2)]
    assert fixed.network.nodes.loc["t", "kind"] == "manhole"
    assert fixed.summary[["parts_before", "parts_after"]].tolist() == [2, 1]
    rows = fixed.log[fixed.log["rule"] == "split"]
    assert rows["action"].tolist() == ["dropped", "added", "added"]
    assert rows["reason"].iloc[0] == "t lies 0.200 m from its line: split into 2"
    assert rows["before"].iloc[0]["invert_to_m"] == 9.0
    assert rows["after"].iloc[1]["to_node"] == "t"


def test_a_recorded_length_is_shared_and_depths_stay_at_the_old_ends() -> None:
    net = drawn(
        {"M": MAIN, "L": ("c>t", [(30, 50), (30, 0)])}, length_m=[110, 50], depth_from_m=[2, 1], depth_to_m=[3, 1],
        length_source=["recorded", "recorded"],
    )  # fmt: skip
    pipes = dr.repair(net, tolerance_m=0.5).network.pipes
    assert pipes["length_m"].tolist() == pytest.approx([33, 77, 50])
    assert pipes["length_source"].tolist() == ["interpolated", "interpolated", "recorded"]
    assert pipes["depth_from_m"].isna().tolist() == [False, True, False]
    assert pipes["depth_to_m"].isna().tolist() == [True, False, False]


def test_where_one_end_is_unknown_the_joint_takes_the_invert_of_its_node_or_none() -> None:
    def joint(**facts: float) -> tuple[object, object]:
        net = drawn({"M": MAIN, "L": ("c>t", [(30, 50), (30, 0)])}, {"t": facts}, invert_from_m=[10, None])
        pipes = dr.repair(net, tolerance_m=0.5, rules=["split"]).network.pipes
        return pipes.loc["M/1", "invert_to_m"], pipes.loc["M/1", "invert_to_source"]

    assert joint(invert_m=9.5) == (9.5, "node")
    assert pd.Series(joint()).isna().all()


def test_several_laterals_cut_one_main_in_order() -> None:
    laterals: dict[str, tuple[str, Line]] = {f"L{x}": (f"c{x}>t{x}", [(x, 9), (x, 0)]) for x in (70, 20, 50)}
    pipes = dr.repair(drawn({"M": MAIN, **laterals}), tolerance_m=0.5).network.pipes
    assert pipes.index[:4].tolist() == ["M/1", "M/2", "M/3", "M/4"]
    assert pipes["to_node"].iloc[:4].tolist() == ["t20", "t50", "t70", "b"]


def test_vertices_of_the_main_stay_on_its_pieces() -> None:
    net = drawn({"M": ("a>b", [(0, 0), (50, 0), (50, 50)]), "L": ("c>t", [(70, 20), (50, 20)])})
    pipes = dr.repair(net, tolerance_m=0.5).network.pipes
    assert [list(line.coords) for line in pipes.geometry.iloc[:2]] == [
        [(0, 0), (50, 0), (50, 20)],
        [(50, 20), (50, 50)],
    ]


def test_names_of_pieces_do_not_collide() -> None:
    net = drawn({"M": MAIN, "M/1": ("c>t", [(30, 50), (30, 0)])})
    assert dr.repair(net, tolerance_m=0.5).network.pipes.index.tolist() == ["M/1~2", "M/2", "M/1"]


@pytest.mark.parametrize(
    ("kind", "system", "word"),
    [("inlet", "storm", "inlet"), ("outfall", "storm", "outfall"), (None, "sewage", "system")],
)
def test_what_only_lies_there_is_proposed(kind: str | None, system: str, word: str) -> None:
    net = drawn({"M": MAIN, "L": ("c>t", [(30, 50), (30, 0.2)])}, {"t": {"kind": kind}}, system=["storm", system])
    fixed = dr.repair(net, tolerance_m=0.5)
    assert fixed.log.empty
    assert fixed.proposals["feature_id"].tolist() == ["M"]
    assert word in fixed.proposals["reason"].iloc[0]


def test_a_manhole_that_water_passes_beside_a_main_is_proposed() -> None:
    """A twin main 0.3 m beside the first has a manhole at half way: it is no joint of the first."""
    net = drawn({"M": MAIN, "T": ("c>m", [(0, 0.3), (50, 0.3)]), "U": ("m>d", [(50, 0.3), (100, 9)])})
    fixed = dr.repair(net, tolerance_m=0.2)
    assert fixed.log.empty
    fixed = dr.repair(net, tolerance_m=0.4, rules=["split"])
    assert "passes" in fixed.proposals["reason"].iloc[0]


def test_pipes_that_never_lay_there_together_are_not_joined() -> None:
    net = drawn(
        {"M": MAIN, "L": ("c>t", [(30, 50), (30, 0)])},
        abandoned=[pd.Timestamp("2000-01-01"), pd.NaT], commissioned=[pd.NaT, pd.Timestamp("2010-01-01")],
    )  # fmt: skip
    fixed = dr.repair(net, tolerance_m=0.5)
    assert fixed.log.empty
    assert "same time" in fixed.proposals["reason"].iloc[0]


def test_an_end_joins_the_nearer_of_two_mains() -> None:
    net = drawn({"M": MAIN, "N": ("d>e", [(0, 0.4), (100, 0.4)]), "L": ("c>t", [(30, 50), (30, 0.35)])})
    assert dr.repair(net, tolerance_m=0.36, rules=["split"]).network.pipes.index.tolist() == ["M", "N/1", "N/2", "L"]
