"""Pipes that the source holds twice."""

from __future__ import annotations

import pandas as pd
import pytest

import drainage as dr
from tests.repairs.drawn import Line, drawn

THERE: Line = [(0, 0), (5, 1), (10, 0)]
BACK: Line = [(10, 0), (5, 1), (0, 0)]


def test_the_later_of_two_equal_pipes_is_dropped() -> None:
    fixed = dr.repair(drawn({"p2": ("a>b", THERE), "p10": ("a>b", THERE)}), tolerance_m=0.1)
    assert fixed.network.pipes.index.tolist() == ["p2"]
    assert fixed.log[["rule", "action", "feature_id", "reason"]].to_numpy().tolist() == [
        ["duplicates", "dropped", "p10", "is a duplicate of p2"]
    ]


def test_a_copy_drawn_the_other_way_round_is_one_too() -> None:
    net = drawn({"p": ("a>b", THERE), "q": ("b>a", BACK)}, invert_from_m=[10, 9], invert_to_m=[9, 10])
    assert dr.repair(net, tolerance_m=0.1).network.pipes.index.tolist() == ["p"]


@pytest.mark.parametrize(("column", "values"), [("diameter_mm", [300, 400]), ("material", ["PVC", None])])
def test_pipes_that_differ_are_reported_and_kept(column: str, values: list[object]) -> None:
    net = drawn({"p": ("a>b", THERE), "q": ("a>b", THERE)})
    fixed = dr.repair(
        net.replace(pipes=net.pipes.assign(**{column: pd.Series(values, net.pipes.index)})), tolerance_m=0.1
    )
    assert fixed.log.empty
    assert fixed.proposals["reason"].tolist() == [f"lies exactly on the line of p, but differs in {column}"]


@pytest.mark.parametrize("at", [(0.0, 0.0), (-354.0, 4.0), (-354.0, 9.0), (537_000.0, 3_712_000.0)])
def test_a_copy_whose_ends_were_moved_is_one_wherever_it_lies(at: tuple[float, float]) -> None:
    """Its length is measured again there, and may differ in the last digit from that of the other."""
    lines: dict[str, Line] = {"p": [(0.013, 0.071), (40.093, 30.027)], "q": [(0.1, 0.0), (40.0, 30.1)]}
    net = drawn({"p": ("a>b", lines["p"]), "q": ("c>d", lines["q"])})
    pipes, nodes = (table.set_geometry(table.geometry.translate(*at)) for table in (net.pipes, net.nodes))
    assert dr.repair(net.replace(pipes=pipes, nodes=nodes), tolerance_m=0.5).network.pipes.index.tolist() == ["p"]


def test_twins_side_by_side_are_no_duplicates() -> None:
    fixed = dr.repair(drawn({"p": ("a>b", THERE), "q": ("a>b", [(0, 0), (5, -1), (10, 0)])}), tolerance_m=0.1)
    assert fixed.log.empty
    assert fixed.proposals.empty


def test_a_pipe_that_took_the_place_of_another_is_no_duplicate() -> None:
    net = drawn(
        {"old": ("a>b", THERE), "new": ("a>b", THERE)},
        abandoned=[pd.Timestamp("2020-01-01"), pd.NaT], commissioned=[pd.NaT, pd.Timestamp("2020-01-01")],
    )  # fmt: skip
    fixed = dr.repair(net, tolerance_m=0.1)
    assert fixed.log.empty
    assert fixed.proposals.empty


def test_numbers_of_rows_do_not_make_a_difference_but_other_columns_of_the_source_do() -> None:
    net = drawn({"p": ("a>b", THERE), "q": ("a>b", THERE)})
    numbered = net.replace(pipes=net.pipes.assign(OBJECTID=[1, 2]))
    assert len(dr.repair(numbered, tolerance_m=0.1).network.pipes) == 1
    noted = net.replace(pipes=net.pipes.assign(note=["east", "west"]))
    assert len(dr.repair(noted, tolerance_m=0.1).network.pipes) == 2
