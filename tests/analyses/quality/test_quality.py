"""Quality: each rule has one network in which it fires and one in which it does not; zero findings are said too."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.analyses.quality import RULES, check_quality
from drainage.analyses.quality.rules import FAMILIES
from drainage.network import DrainageNetwork
from tests.support.examples import examples
from tests.support.networks import build, days
from tests.support.quality_cases import CASES, SOUND, TWO, Case, chain


def findings(net: DrainageNetwork, rule: str, **options: float) -> list[str]:
    table = check_quality(net, **options).findings  # type: ignore[arg-type]  # min_slope_m_per_m
    return sorted(table.loc[table["rule"] == rule, "feature_id"])


def test_a_sound_network_has_no_findings_and_every_rule_says_zero() -> None:
    result = check_quality(SOUND)
    assert result.findings["rule"].tolist() == []
    assert (result.rules["findings"] == 0).all()
    assert result.rules["message"].str.contains("none found among|not checked").all()
    assert result.summary["rules_checked"] == len(result.rules) == len(RULES)


@pytest.mark.parametrize("case", CASES, ids=[case.rule for case in CASES])
def test_each_rule_names_what_it_hits(case: Case) -> None:
    assert findings(case.net, case.rule) == case.expected


def test_every_rule_has_a_case_a_clause_a_remedy_and_both_languages() -> None:
    assert {case.rule for case in CASES} == set(RULES) - {"flat"}
    for rule in RULES.values():
        assert rule.family in FAMILIES
        assert rule.kind in {"pipe", "node"}
        assert rule.severity in {"error", "warning", "info"}
        assert all((rule.clause, rule.en, rule.zh, rule.remedy_en, rule.remedy_zh))
        assert not rule.zh.isascii()
        assert re.search("[㐀-鿿]", rule.clause.chinese)
        assert not re.search("[㐀-鿿]", rule.clause)
        assert rule.en.isascii() or "’" in rule.en


@pytest.mark.parametrize(
    ("rule", "magnitude"),
    [
        ("adverse_slope", 0.2),
        ("gap", 0.3),
        ("overlap", 30.0),
        ("drop", 1.1),
        ("smaller_downstream", 200.0),
        ("crossing_clash", -0.3),
        ("levels_disagree", 0.5),
        ("length_differs", 20.0),
    ],
)
def test_the_magnitude_says_how_bad(rule: str, magnitude: float) -> None:
    """Clash: at x = 25 the storm pipe, 0.4 m high, lies at 19.75 and the sewer above it at 19.85: 0.1 − 0.4 = −0.3."""
    case = next(case for case in CASES if case.rule == rule)
    table = check_quality(case.net).findings.set_index("rule")
    assert table.loc[rule, "magnitude"] == pytest.approx(magnitude, abs=1e-6)
    assert table.loc[rule, "unit"] == RULES[rule].unit


def test_a_finding_carries_road_clause_geometry_and_its_partner() -> None:
    case = next(case for case in CASES if case.rule == "overlap")
    row = check_quality(case.net).findings.set_index("rule").loc["overlap"]
    assert (row["feature_id"], row["other_id"], row["road"]) == ("p2", "p0", "和平路")
    assert row["geometry"] == case.net.pipes.geometry["p2"]
    assert "our choice" in row["clause"]


@pytest.mark.parametrize(("min_slope", "expected"), [(0.0, []), (0.009, ["p1"])])
def test_the_least_slope_is_the_users_choice(min_slope: float, expected: list[str]) -> None:
    assert findings(SOUND, "flat", min_slope_m_per_m=min_slope) == expected


@pytest.mark.parametrize(
    "net",
    [
        chain(kinds={"a": "pump", "c": "outfall"}, inverts=((19.0, 19.7), (19.3, 18.9))),
        chain(inverts=((19.0, 19.7), (19.3, 18.9)), pipe_type=["压力管", "重力管"]),
        chain(inverts=((19.0, 19.7), (19.3, 18.9)), link_type=["pump", "conduit"]),
    ],
    ids=["leaves a pump", "column says pressure", "pump of a model"],
)
def test_pressure_pipes_and_pumps_are_exempt_from_the_rules_of_gravity(net: DrainageNetwork) -> None:
    for rule in ("adverse_slope", "invert_step_up", "min_slope", "low_velocity", "below_outfall", "missing_invert"):
        assert findings(net, rule) == []


def test_a_pressure_main_of_several_pipes_is_exempt_up_to_where_it_falls() -> None:
    net = chain(
        ("a>b sewage 400", "b>d sewage 400", "d>c sewage 400"),
        kinds={"a": "pump", "c": "works"},
        inverts=((18, 18.5), (18.5, 19), (19, 18.5)),
    )
    assert findings(net, "adverse_slope") == []


def test_a_smaller_pipe_is_right_where_it_is_steeper_and_carries_as_much() -> None:
    """GB 50014-2021, 5.2.11. DN500 after DN600: Q ~ D^(8/3) √I; (5/6)^(8/3) = 0.615, so I must be 2.65 times."""
    steep = chain(("a>b storm 600", "b>c storm 500"), inverts=((20, 19.9), (19.9, 19.5)))
    flat = chain(("a>b storm 600", "b>c storm 500"), inverts=((20, 19.9), (19.9, 19.7)))
    assert findings(steep, "smaller_downstream") == []
    assert findings(flat, "smaller_downstream") == ["p1"]


def test_pipes_that_cross_at_different_levels_are_no_fault() -> None:
    apart = chain(
        TWO,
        kinds={"c": "outfall", "e": "outfall"},
        places={"d": (25.0, -20.0), "e": (25.0, 20.0)},
        inverts=((20, 19.5), (19.3, 18.9), (18.9, 18.8)),
    )
    assert findings(apart, "crossing_without_node") == []


def test_pipes_that_never_lay_together_are_not_held_against_each_other() -> None:
    """The old pipe was abandoned when the new one was laid between the same manholes."""
    net = build(
        ["a>b storm", "a>b storm"],
        commissioned=days("1980-01-01", "2020-01-01"),
        abandoned=days("2020-01-01", ""),
    )
    assert findings(net, "duplicate_pipe") == []
    assert findings(net, "parallel_pipes") == []


def test_an_end_at_a_vertex_of_another_pipe_is_a_missed_junction_and_no_crossing() -> None:
    net = chain(
        TWO,
        kinds={"c": "outfall", "e": "outfall"},
        places={"d": (25.0, 0.0), "e": (25.0, 40.0)},
        lines={"p0": ((0, 0), (25, 0), (50, 0))},
    )
    assert findings(net, "missed_junction") == ["d"]
    assert findings(net, "crossing_without_node") == []


def test_findings_on_filled_levels_say_so() -> None:
    net = chain(inverts=((19.5, 19.7), (19.3, 18.9)), invert_from_source=["node", "recorded"])
    row = check_quality(net).findings.set_index("rule").loc["adverse_slope"]
    assert row["filled"]
    assert check_quality(net).summary["findings_on_filled_values"] >= 1


def test_a_length_that_was_measured_along_its_line_fills_nothing_in() -> None:
    net = chain(inverts=((19.5, 19.7), (19.3, 18.9)), length_source=["geometry", "geometry"])
    assert not check_quality(net).findings["filled"].any()


def test_a_schematic_plan_is_not_judged_by_places() -> None:
    case = next(case for case in CASES if case.rule == "overlap")
    plan = [frame.set_geometry(frame.geometry.to_numpy(), crs=None) for frame in (case.net.pipes, case.net.nodes)]
    net = DrainageNetwork(*(frame.set_crs(None, allow_override=True) for frame in plan))  # type: ignore[call-overload]  # None is allowed
    rule = check_quality(net).rules.loc["overlap"]
    assert rule["findings"] == 0
    assert "not checked" in str(rule["message"])


@st.composite
def towns(draw: st.DrawFn) -> DrainageNetwork:
    """Up to twelve pipes between nodes on a coarse grid, so that lines cross, overlap and repeat each other."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=8, unique=True))
    spots = {n: (draw(st.integers(0, 3)) * 25.0, draw(st.integers(0, 3)) * 25.0) for n in names}
    name = st.sampled_from(names)
    pairs = draw(st.lists(st.tuples(name, name).filter(lambda p: p[0] != p[1]), min_size=1, max_size=12))
    systems = draw(st.lists(st.sampled_from(["storm", "sewage"]), min_size=len(pairs), max_size=len(pairs)))
    levels = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=len(pairs), max_size=len(pairs)))
    return chain(
        [f"{one}>{two} {system} 400" for (one, two), system in zip(pairs, systems, strict=True)],
        kinds={names[0]: "outfall"},
        places=spots,
        inverts=[(15 + i / 2, 15 + j / 2) for i, j in levels],
    )


def _named(net: DrainageNetwork) -> set[tuple[str, str, str, float]]:
    table = check_quality(net).findings
    columns = (table["rule"], table["feature_id"], table["other_id"].fillna(""), table["magnitude"].fillna(-1))
    rows = zip(*columns, strict=True)
    return {(rule, one, two, round(value, 4)) for rule, one, two, value in rows}


@examples(30)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(net: DrainageNetwork, random: object) -> None:
    pipes, nodes = (list(range(len(frame))) for frame in (net.pipes, net.nodes))
    for rows in (pipes, nodes):
        random.shuffle(rows)  # type: ignore[attr-defined]  # a random.Random
    mixed = DrainageNetwork(net.pipes.iloc[pipes], net.nodes.iloc[nodes], layers=net.layers)
    assert _named(mixed) == _named(net)


@examples(30)
@given(towns(), st.floats(-5e5, 5e5), st.floats(-5e5, 5e5))
def test_translation_changes_nothing(net: DrainageNetwork, east: float, north: float) -> None:
    def shifted(geometry: np.ndarray) -> np.ndarray:
        return shapely.transform(geometry, lambda xy: xy + np.array([east, north]))

    frames = [f.set_geometry(shifted(f.geometry.to_numpy()), crs=f.crs) for f in (net.pipes, net.nodes)]
    layers = {k: f.set_geometry(shifted(f.geometry.to_numpy()), crs=f.crs) for k, f in net.layers.items()}
    assert _named(DrainageNetwork(frames[0], frames[1], layers=layers)) == _named(net)
