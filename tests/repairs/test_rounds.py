"""The rules together, what is asked wrongly, and that a dry run is one."""

from __future__ import annotations

import pytest

import drainage as dr
from tests.repairs.drawn import drawn
from tests.support.networks import build


def street() -> dr.DrainageNetwork:
    """Draw all faults in one street; what is meant is a → b → t → d, with a lateral from h to t.

    ::

        a ──▶ b   c ◀────┬──── d ──▶ e      b and c are 0.3 m apart, t lies on c–d, which is drawn upstream
        9.9  9.8  9.7    │t    9.3   9.2    and recorded twice; the levels of b are unknown on one side
                         h
    """
    return drawn(
        {
            "p": ("a>b", [(0, 0), (10, 0)]),
            "q": ("d>c", [(50, 0), (10.3, 0)]),
            "q2": ("d>c", [(50, 0), (10.3, 0)]),
            "r": ("d>e", [(50, 0), (60, 0)]),
            "s": ("h>t", [(30, 20), (30, 0.1)]),
        },
        {"e": {"kind": "outfall"}},
        invert_from_m=[9.9, 9.3, 9.3, 9.3, 10],
        invert_to_m=[9.8, 9.7, 9.7, 9.2, None],
    )


def test_the_rules_work_together() -> None:
    """q2 goes, b meets c, which more pipes use, q is split at t and both halves turned; s ends at their level."""
    fixed = dr.repair(street(), tolerance_m=0.5)
    pipes = fixed.network.pipes
    ends = pipes["from_node"] + pipes["to_node"]
    assert ends.to_dict() == {"p": "ac", "q/1": "td", "q/2": "ct", "r": "de", "s": "ht"}
    assert pipes.loc["s", "invert_to_m"] == pytest.approx(9.5, abs=0.01)
    assert pipes.loc["s", "invert_to_source"] == "interpolated"
    assert set(fixed.log["rule"]) == {"snap", "split", "duplicates", "turn", "levels", "kind"}
    assert fixed.summary["parts_after"] == 1
    assert fixed.proposals.empty
    assert dr.repair(fixed.network, tolerance_m=0.5).log.empty


def test_a_dry_run_changes_nothing() -> None:
    net = street()
    before = net.pipes.to_wkb().to_csv(), net.nodes.to_wkb().to_csv()
    assert len(dr.repair(net, tolerance_m=0.5).log) > 10
    assert (net.pipes.to_wkb().to_csv(), net.nodes.to_wkb().to_csv()) == before


def test_only_the_rules_that_were_chosen_are_applied() -> None:
    fixed = dr.repair(street(), tolerance_m=0.5, rules=["duplicates"])
    assert fixed.log["feature_id"].tolist() == ["q2"]


def test_what_a_line_of_the_log_says() -> None:
    row = dr.repair(street(), tolerance_m=0.5, rules=["snap"]).log.iloc[0]
    assert row.to_dict() == {
        "step": 1, "rule": "snap", "action": "changed", "feature_kind": "pipe", "feature_id": "p", "column": "to_node",
        "before": "b", "after": "c", "reason": "b: an end 0.300 m from c, which stays", "row": -1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance_m": 0.0}, "greater than 0"),
        ({"tolerance_m": float("nan")}, "greater than 0"),
        ({"tolerance_m": 0.5, "rules": ["snapp"]}, "expected some of snap"),
    ],
)
def test_what_is_asked_wrongly_is_said(options: dict[str, object], message: str) -> None:
    with pytest.raises(dr.errors.TopologyError, match=message):
        dr.repair(street(), **options)  # type: ignore[arg-type]  # wrong on purpose


def test_a_schematic_plan_has_no_metres() -> None:
    net = build(["a>b storm", "b>c storm"], invert_from_m=[9, None], invert_to_m=[None, 7])
    plan = net.replace(pipes=net.pipes.set_crs(None, allow_override=True))  # type: ignore[call-overload]  # the stubs want a CRS
    with pytest.raises(dr.errors.CrsError, match="duplicates, turn, levels"):
        dr.repair(plan, tolerance_m=0.5)
    fixed = dr.repair(plan, tolerance_m=0.5, rules=["duplicates", "turn", "levels"]).network.pipes
    assert fixed["invert_to_m"].tolist() == [8, 7]
