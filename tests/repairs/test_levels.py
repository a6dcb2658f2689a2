"""Inverts between known ones are interpolated by length; beyond them nothing is."""

from __future__ import annotations

import numpy as np
import pytest

import drainage as dr
from tests.repairs.drawn import Line, drawn

RULES = ["levels"]
NAN = float("nan")


def chain(lengths: list[float], upper: list[float], lower: list[float]) -> dr.DrainageNetwork:
    """n0 → n1 → n2 … along the x axis."""
    x = np.concatenate([[0.0], np.cumsum(lengths)])
    pipes: dict[str, tuple[str, Line]] = {
        f"p{k}": (f"n{k}>n{k + 1}", [(x[k], 0), (x[k + 1], 0)]) for k in range(len(lengths))
    }
    return drawn(pipes, invert_from_m=upper, invert_to_m=lower)


def test_levels_lie_on_a_line_between_the_known_ones_by_length() -> None:
    """10 m known at the top, 7 m at the bottom, 100 + 50 + 150 m between: 1 cm a metre."""
    fixed = dr.repair(chain([100, 50, 150], [10, NAN, NAN], [NAN, NAN, 7]), tolerance_m=0.1, rules=RULES)
    pipes = fixed.network.pipes
    assert pipes["invert_from_m"].tolist() == pytest.approx([10, 9, 8.5])
    assert pipes["invert_to_m"].tolist() == pytest.approx([9, 8.5, 7])
    assert pipes["invert_from_source"].tolist() == ["recorded", "interpolated", "interpolated"]
    assert pipes["invert_to_source"].tolist() == ["interpolated", "interpolated", "recorded"]
    levels = fixed.log[fixed.log["column"] == "invert_from_m"]
    assert levels["feature_id"].tolist() == ["p1", "p2"]
    assert levels["reason"].iloc[0] == "between 10.000 m 100.0 m upstream and 7.000 m 200.0 m downstream"


def test_nothing_is_extrapolated() -> None:
    fixed = dr.repair(chain([100, 50, 150], [NAN, 10, NAN], [NAN, NAN, NAN]), tolerance_m=0.1, rules=RULES)
    assert fixed.log.empty


def test_an_end_takes_the_level_of_the_pipe_that_leaves_its_manhole_and_a_drop_is_kept() -> None:
    fixed = dr.repair(chain([100, 50], [10, 8], [NAN, 7]), tolerance_m=0.1, rules=RULES).network.pipes
    assert fixed["invert_to_m"].tolist() == [8, 7]
    fixed = dr.repair(chain([100, 50], [10, NAN], [9, 7]), tolerance_m=0.1, rules=RULES).network.pipes
    assert fixed["invert_from_m"].tolist() == [10, 9]


def test_where_two_paths_meet_all_ends_get_one_level() -> None:
    """A (10 m) and b (9 m) reach j over 100 and 10 m, which drains 90 m to 8 m: from b, 9 − 1 · 10/100 = 8.9."""
    net = drawn(
        {"p": ("a>j", [(0, 0), (100, 0)]), "q": ("b>j", [(100, 10), (100, 0)]), "r": ("j>z", [(100, 0), (190, 0)])},
        invert_from_m=[10, 9, NAN], invert_to_m=[NAN, NAN, 8],
    )  # fmt: skip
    fixed = dr.repair(net, tolerance_m=0.1, rules=RULES).network.pipes
    assert [*fixed["invert_to_m"].iloc[:2], fixed["invert_from_m"].iloc[2]] == pytest.approx([8.9] * 3)


def test_a_tributary_without_any_level_stays_without() -> None:
    net = drawn(
        {"p": ("a>j", [(0, 0), (100, 0)]), "q": ("b>j", [(100, 10), (100, 0)]), "r": ("j>z", [(100, 0), (200, 0)])},
        invert_from_m=[10, NAN, NAN], invert_to_m=[NAN, NAN, 8],
    )  # fmt: skip
    fixed = dr.repair(net, tolerance_m=0.1, rules=RULES).network.pipes
    assert fixed["invert_to_m"].isna().tolist() == [False, True, False]


def test_known_levels_that_rise_are_proposed_not_spread() -> None:
    fixed = dr.repair(chain([100, 50], [7, NAN], [NAN, 10]), tolerance_m=0.1, rules=RULES)
    assert fixed.log.empty
    assert fixed.proposals["rule"].tolist() == ["levels", "levels"]
    assert "rise from 7.000 m to 10.000 m" in fixed.proposals["reason"].iloc[0]


def test_a_loop_carries_no_level() -> None:
    """A → b → c → a in a ring, with 10 m known where p enters it and 7 m where s leaves it."""
    net = drawn(
        {"p": ("x>a", [(0, 0), (10, 0)]), "q": ("a>b", [(10, 0), (20, 0)]), "r": ("b>c", [(20, 0), (20, 10)]),
         "s": ("c>a", [(20, 10), (10, 0)]), "t": ("b>y", [(20, 0), (30, 0)])},
        invert_from_m=[10, NAN, NAN, NAN, NAN], invert_to_m=[NAN, NAN, NAN, NAN, 7],
    )  # fmt: skip
    assert dr.repair(net, tolerance_m=0.1, rules=RULES).log.empty


def test_a_pump_carries_no_level() -> None:
    net = chain([100, 50, 150], [10, NAN, NAN], [NAN, NAN, 7])
    pumped = net.replace(pipes=net.pipes.assign(link_type=["conduit", "pump", "conduit"]))
    assert dr.repair(pumped, tolerance_m=0.1, rules=RULES).log.empty
