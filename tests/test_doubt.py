"""Where a screening says itself that it should not be trusted."""

from __future__ import annotations

import drainage as dr
from tests.drains import drain, rain


def doubts(net: dr.DrainageNetwork) -> dict[str, str]:
    found = dr.screen(net, rain()).nodes["doubt"].dropna()
    return dict(zip(map(str, found.index), map(str, found), strict=True))


def street(**columns: object) -> dr.DrainageNetwork:
    return drain(
        ["a>b storm 800", "b>c storm 800", "x>c storm 800", "c>d storm 800"],
        {"a": 13.0, "b": 12.5, "x": 12.5, "c": 12.0, "d": 11.0},
        ground=16.0,
        **columns,  # type: ignore[arg-type]
    )


def test_a_small_tree_is_trusted() -> None:
    assert doubts(street(nodes={"area_ha": {"a": 1.0, "x": 1.0}})) == {}


def test_more_than_2_km2_are_beyond_the_rational_method() -> None:
    """120 + 100 hm² meet at c: 2.2 km² through c and d; each branch alone has less."""
    net = street(nodes={"area_ha": {"a": 120.0, "x": 100.0}})
    assert doubts(net) == {"c": "over_2_km2", "d": "over_2_km2"}


def test_a_pump_makes_all_above_and_below_it_doubtful_but_no_other_branch() -> None:
    net = street(nodes={"area_ha": {"a": 1.0, "x": 1.0}}, link_type=["conduit", "pump", "conduit", "conduit"])
    assert doubts(net) == dict.fromkeys(["a", "b", "c", "d"], "pump")


def test_what_drains_into_a_cycle_is_doubtful() -> None:
    net = drain(
        ["a>b storm 800", "b>c storm 800", "c>b storm 800", "c>d storm 800"],
        {"a": 13.0, "b": 12.5, "c": 12.0, "d": 11.0},
        ground=16.0,
        nodes={"area_ha": {"a": 1.0}},
    )
    assert doubts(net) == dict.fromkeys(["a", "b", "c"], "loop")


def test_the_assumptions_count_them() -> None:
    state = dr.screen(street(nodes={"area_ha": {"a": 120.0, "x": 100.0}}), rain())
    assert "over_2_km2 2" in state.assumptions["doubtful"]


def test_what_drains_to_a_flap_gate_is_doubtful() -> None:
    net = street(nodes={"area_ha": {"a": 1.0, "x": 1.0}, "flap_gate": {"d": "yes"}})
    assert doubts(net) == dict.fromkeys(["a", "b", "x", "c", "d"], "flap_gate")
