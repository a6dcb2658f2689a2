"""Mixed flow: by hand, and against a brute-force program that knows only the definition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.analyses.mixed_flow import find_mixed_flow
from drainage.analyses.mixed_flow.find import NODE_COLUMNS, PIPE_COLUMNS, mixed_tables
from drainage.errors import SchemaError
from drainage.hydraulics.sewage import SewageRates
from tests.support.examples import examples
from tests.support.networks import build

NODES = "abcdefgh"
PIPES = st.lists(
    st.tuples(
        st.sampled_from(NODES),
        st.sampled_from(NODES),
        st.sampled_from(["storm", "sewage", "combined", "reclaimed", "unknown"]),
    ).filter(lambda p: p[0] != p[1]),
    min_size=1,
    max_size=16,
)
KINDS = st.dictionaries(st.sampled_from(NODES), st.sampled_from(["interceptor", "pump", "works", "manhole", "outfall"]))


def by_definition(  # noqa: C901 - the text of the definition, clause by clause
    pipes: list[tuple[str, str, str]], kinds: dict[str, str]
) -> tuple[set[tuple[str, str]], dict[int, set[str]], set[int]]:
    """Misconnections, misconnections fouling each mixed pipe, overflow pipes: straight from the text, no cleverness."""
    found: set[tuple[str, str]] = set()
    overflow: set[int] = set()
    for node in {name for pipe in pipes for name in pipe[:2]}:
        comes = {s for _, b, s in pipes if b == node}
        goes = {s for a, _, s in pipes if a == node}
        if kinds.get(node) in {"pump", "works"}:
            continue
        if kinds.get(node) == "interceptor" and "sewage" in goes:
            overflow |= {k for k, (a, _, s) in enumerate(pipes) if a == node and s == "storm"}
            continue
        if comes & {"sewage", "combined"} and "storm" in goes:
            found.add((node, "sewage_into_storm"))
        if "storm" in comes and "sewage" in goes:
            found.add((node, "storm_into_sewage"))
    fouled: dict[int, set[str]] = {}
    for system, kind in (("storm", "sewage_into_storm"), ("sewage", "storm_into_sewage")):
        along: nx.MultiDiGraph[str] = nx.MultiDiGraph([(a, b) for a, b, s in pipes if s == system])
        for node, what in found:
            if what == kind and node in along:
                reached = nx.descendants(along, node) | {node}
                for k, (a, _, s) in enumerate(pipes):
                    if s == system and a in reached:
                        fouled.setdefault(k, set()).add(node)
    return found, fouled, overflow


@examples(300)
@given(PIPES, KINDS)
def test_agrees_with_the_definition_on_any_network(pipes: list[tuple[str, str, str]], kinds: dict[str, str]) -> None:
    result = find_mixed_flow(build([f"{a}>{b} {s}" for a, b, s in pipes], kinds=kinds))
    found, fouled, overflow = by_definition(pipes, kinds)
    points = result.points[result.points["kind"].isin(["sewage_into_storm", "storm_into_sewage"])]
    assert set(zip(points["node_id"], points["kind"], strict=True)) == found
    table = result.pipes
    assert set(np.flatnonzero(table["mixed"])) == set(fouled)
    assert table["misconnection_count"].tolist() == [len(fouled.get(k, ())) for k in range(len(pipes))]
    for k, nodes in fouled.items():
        assert table["nearest_misconnection"].iloc[k] in nodes
        expected = (
            "overflow" if k in overflow else {"storm": "sewage_in_storm", "sewage": "storm_in_sewage"}[pipes[k][2]]
        )
        assert table["class"].iloc[k] == expected
    assert set(np.flatnonzero(table["class"] == "overflow")) == overflow
    assert (result.summary["misconnections"] or 0) == len(found)
    assert table["system"].tolist() == [s for *_, s in pipes]


def test_sewage_entering_a_storm_manhole_fouls_everything_downstream() -> None:
    r"""Only what lies below the entry is fouled.

    s ──storm──▶ a ──storm──▶ b ──storm──▶ out      the first storm pipe stays clean
    w ──sewage──▲
    """
    result = find_mixed_flow(build(["s>a storm 800", "w>a sewage 300", "a>b storm 800", "b>out storm 800"]))
    assert result.points["node_id"].tolist() == ["a"]
    assert result.points["pipes_in"].tolist() == ["p1"]
    assert result.points["pipes_out"].tolist() == ["p2"]
    assert result.points["grade"].tolist() == [2.0]
    assert result.points["fouled_length_m"].tolist() == [200.0]
    assert result.pipes["class"].tolist() == ["clean", "clean", "sewage_in_storm", "sewage_in_storm"]
    assert result.pipes["nearest_m"].tolist()[2:] == [0.0, 100.0]
    assert result.pipes["carries_sewage"].tolist() == [False, True, True, True]
    assert result.pipes["carries_sewage_from"].fillna("").tolist() == ["", "recorded", "a", "a"]
    assert result.outfalls.loc["out", "misconnections"] == 1
    assert result.summary["fouled_outfalls"] == 1


def test_an_interceptor_that_sends_sewage_to_the_works_is_no_misconnection() -> None:
    r"""Its storm pipe is an overflow.

    c ──combined──▶ i ──sewage──▶ works
                    └──storm────▶ river
    """
    result = find_mixed_flow(
        build(["c>i combined", "i>works sewage", "i>river storm"], kinds={"i": "interceptor", "works": "works"})
    )
    assert result.points.empty
    assert result.pipes["class"].tolist() == ["combined", "clean", "overflow"]
    assert result.pipes["carries_sewage"].tolist() == [True, True, True]
    assert result.summary["mixed_pipes"] == 0


def test_an_interceptor_without_a_sewage_pipe_intercepts_nothing() -> None:
    result = find_mixed_flow(build(["c>i combined", "i>river storm"], kinds={"i": "interceptor"}))
    assert result.points["kind"].tolist() == ["sewage_into_storm"]


@pytest.mark.parametrize("kind", ["pump", "works"])
def test_pumps_and_works_are_no_misconnections(kind: str) -> None:
    assert find_mixed_flow(build(["a>x sewage", "x>b storm"], kinds={"x": kind})).points.empty


def test_other_findings_have_kinds_of_their_own_and_do_not_count_as_misconnections() -> None:
    result = find_mixed_flow(build(["a>b storm", "b>c combined", "d>out sewage", "e>out storm"]))
    assert sorted(result.points["kind"]) == ["combined_below_separated", "sewage_at_storm_outfall"]
    assert result.summary["misconnections"] == 0


@pytest.mark.parametrize(("diameter_mm", "grade"), [(299, 1), (300, 2), (599, 2), (600, 3)])
def test_a_point_is_graded_by_the_diameter_that_enters(diameter_mm: int, grade: int) -> None:
    """T/CECS 758-2020, table 7.2.2: d < 300 slight, 300 ≤ d < 600 medium, d ≥ 600 severe."""
    assert find_mixed_flow(build([f"w>a sewage {diameter_mm}", "a>b storm"])).points["grade"].tolist() == [grade]


@pytest.mark.parametrize(("pipes", "grade"), [(1, 2), (2, 2), (3, 1)])
def test_density_is_misconnections_per_km_and_graded(pipes: int, grade: int) -> None:
    """T/CECS 758-2020, 7.2.3–7.2.4: one point on 0.1 km is 10 per km, medium (severe above 10); on 0.3 km slight."""
    chain = [f"a{i}>a{i + 1} storm" for i in range(pipes)]
    result = find_mixed_flow(build(["w>a0 sewage", *chain], **levels(pipes + 1)))
    assert result.summary["density_storm_per_km"] == pytest.approx(10 / pipes)
    assert result.summary["density_grade"] == grade
    assert result.outfalls.loc[f"a{pipes}", "grade"] == grade


def levels(count: int) -> dict[str, Any]:
    return {"invert_from_m": [9.0] * count, "invert_to_m": [8.0] * count}


@pytest.mark.parametrize(
    "pipes",
    [["a>b storm"], ["a>b sewage"], ["a>b unknown"]],
)
def test_where_one_system_alone_is_recorded_no_count_and_no_grade_is_told(pipes: list[str]) -> None:
    result = find_mixed_flow(build(pipes, **levels(len(pipes))))
    told = result.summary.drop(["advice", "meeting_nodes", "judged_nodes", "sewage_assumptions"])
    assert result.not_known is not None
    assert told.isna().all()
    assert result.outfalls[["misconnections", "fouled", "density_per_km", "grade"]].isna().all(axis=None)


def test_what_was_found_is_told_though_the_systems_nowhere_meet() -> None:
    """A sewer ends at an outfall that is recorded as one of the storm system."""
    net = build(["a>b storm", "c>out sewage"])
    nodes = net.nodes.assign(system=net.nodes.index.map({"out": "storm"}))
    summary = find_mixed_flow(net.replace(nodes=nodes)).summary
    assert (summary["sewage_at_storm_outfall"], summary["findings"], summary["misconnections"]) == (1, 1, 0)


@pytest.mark.parametrize("other", ["sewage", "combined"])
def test_where_systems_nowhere_meet_none_is_drawn_and_no_grade_is_told(other: str) -> None:
    result = find_mixed_flow(build(["a>b storm", f"c>d {other}"], **levels(2)))
    assert (result.summary["misconnections"], result.not_known) == (0, None)
    assert result.summary["density_grade"] is None
    assert result.summary["advice"].startswith("not judged: no node joins a storm pipe and a sewer")


def test_a_network_of_combined_pipes_has_no_misconnection_and_no_grade() -> None:
    result = find_mixed_flow(build(["a>b combined", "b>c combined"]))
    assert (result.summary["misconnections"], result.not_known) == (0, None)
    assert pd.isna(result.summary["density_grade"])
    assert result.summary["advice"] is None  # nobody looks for a storm pipe where there is none


@pytest.mark.parametrize(("known", "grade"), [(0, None), (1, None), (2, 2), (3, 2)])
def test_meetings_without_levels_are_not_judged_and_graded_only_where_half_of_them_are(
    known: int, grade: int | None
) -> None:
    r"""Three sewers enter a chain of storm pipes at a, b, c; the levels of the pipes of the first nodes are known.

    u ─▶ a ──storm──▶ b ──storm──▶ c ──storm──▶ o
    """
    texts = ["u>a sewage", "a>b storm", "v>b sewage", "b>c storm", "w>c sewage", "c>o storm"]
    inverts = [9.0] * (2 * known) + [np.nan] * (6 - 2 * known)
    result = find_mixed_flow(build(texts, invert_from_m=inverts, invert_to_m=inverts))
    summary = result.summary
    assert (summary["misconnections"], summary["meeting_nodes"]) == (3, 3)
    assert summary["judged_nodes"] == known
    assert summary["density_grade"] == grade
    assert result.outfalls["grade"].isna().all() == (grade is None)
    if known == 3:
        assert summary["advice"] is None
    else:
        assert f"not judged: at {3 - known} of the 3 nodes" in summary["advice"]
        assert ("grade by density is unknown" in summary["advice"]) == (grade is None)


def test_row_order_changes_nothing() -> None:
    texts = ["s>a storm", "w>a sewage", "a>b storm", "b>c storm", "x>c combined", "c>d storm"]
    net = build(texts)
    shuffled = net.replace(pipes=net.pipes.iloc[[5, 3, 0, 2, 4, 1]])
    one, other = find_mixed_flow(net), find_mixed_flow(shuffled)
    columns = ["class", "misconnection_count", "nearest_misconnection", "nearest_m"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.pipes[columns]), pd.DataFrame(other.pipes[columns]).loc[net.pipes.index]
    )
    assert set(one.points.index) == set(other.points.index)


def test_results_keep_the_index_and_the_network_is_untouched() -> None:
    net = build(["w>a sewage", "a>b storm"])
    before = net.pipes.copy()
    result = find_mixed_flow(net)
    pd.testing.assert_index_equal(result.pipes.index, net.pipes.index)
    assert_geodataframe_equal(net.pipes, before)


def test_the_storm_pipe_of_an_interceptor_is_an_overflow_even_where_it_is_fouled_too() -> None:
    r"""Sewage of w fouls a>i; i is an interceptor: i>o1 is fouled from w and an overflow too.

    w --sewage--> a --storm--> i --storm--> o1
                               | \--sewage--> works
    """
    texts = ["w>a sewage", "a>i storm", "c>i combined", "i>o1 storm", "i>works sewage"]
    net = build(texts, kinds={"i": "interceptor", "works": "works"})
    pipes = find_mixed_flow(net).pipes
    assert pipes["class"].tolist() == ["clean", "sewage_in_storm", "combined", "overflow", "clean"]
    assert pipes["mixed"].tolist() == [False, True, False, True, False]
    alone = build([text for text in texts if not text.startswith("w")], kinds={"i": "interceptor", "works": "works"})
    assert find_mixed_flow(alone).pipes["class"].tolist() == ["clean", "combined", "overflow", "clean"]


@examples(60)
@given(PIPES)
def test_an_outfall_names_the_misconnections_that_lie_above_it_and_how_far(pipes: list[tuple[str, str, str]]) -> None:
    """Against ancestors and shortest ways by networkx; every pipe is 100 m long."""
    net = build([f"{a}>{b} {s}" for a, b, s in pipes])
    result = find_mixed_flow(net)
    found, _, _ = by_definition(pipes, {})
    expected: dict[tuple[str, str], float] = {}
    for system, kind in (("storm", "sewage_into_storm"), ("sewage", "storm_into_sewage")):
        along: nx.MultiDiGraph[str] = nx.MultiDiGraph([(a, b) for a, b, s in pipes if s == system])
        for node in {name for name, what in found if what == kind and name in along}:
            ways = nx.single_source_shortest_path_length(along, node)
            expected |= {(f"{kind}:{node}", o): 100.0 * ways[o] for o in result.outfalls.index if o in ways}
    assert result.reach.set_index(["finding_id", "outfall"])["distance_m"].to_dict() == expected
    for outfall, row in result.outfalls.iterrows():
        above = {name: way for (name, o), way in expected.items() if o == outfall}
        assert set(filter(None, row["fouled_by"].split(", "))) == set(above)
        assert (row["misconnections"] or 0) == len(above)
        if above:
            assert (row["nearest_m"], row["farthest_m"]) == (min(above.values()), max(above.values()))
    for name, row in result.points.iterrows():
        assert set(filter(None, row["outfalls"].split(", "))) == {o for key, o in expected if key == name}


@examples(40)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12), st.sets(st.integers(0, 11)))
def test_all_sewage_that_enters_a_tree_arrives_at_its_outfalls(parents: list[int], entries: set[int]) -> None:
    """Node k + 1 drains to one of the nodes before it; node 0 is the outfall; sewage enters at some nodes."""
    storm = [f"n{k + 1}>n{parent % (k + 1)} storm" for k, parent in enumerate(parents)]
    here = sorted(k for k in entries if k < len(parents))
    m3d = {k: 10.0 + k for k in here}
    texts = storm + [f"w{k}>n{k + 1} sewage" for k in here]
    result = find_mixed_flow(build(texts, flow_m3d=[np.nan] * len(storm) + list(m3d.values())))
    assert result.outfalls.loc["n0", "sewage_m3d"] == pytest.approx(sum(m3d.values()))
    assert (result.summary["sewage_m3d"] or 0.0) == pytest.approx(sum(m3d.values()))
    along: nx.DiGraph[str] = nx.DiGraph()
    for text in storm:
        along.add_edge(*text.split()[0].split(">"))
    for pipe, text in enumerate(storm):
        tail = text.split(">")[0]
        above = nx.ancestors(along, tail) | {tail}
        expected = sum(flow for k, flow in m3d.items() if f"n{k + 1}" in above)
        assert result.pipes["sewage_m3d"].iloc[pipe] == pytest.approx(expected)


def test_sewage_is_shared_at_a_fork_and_nothing_is_lost() -> None:
    net = build(["w>a sewage 300", "a>b storm", "a>c storm", "b>o storm", "c>o storm"])
    result = find_mixed_flow(net)
    assert result.pipes["sewage_m3d"].tolist() == [0.0, 200.0, 200.0, 200.0, 200.0]
    assert result.outfalls.loc["o", "sewage_m3d"] == 400.0


def test_measured_flow_counts_before_users_and_users_before_the_diameter() -> None:
    """Branches at a, b, c, d: 70 m³/d measured; 30 + 12 users above · 0.4; 300 mm: 400 m³/d; no size: unknown."""
    texts = ["w>a sewage", "x>y sewage", "y>b sewage", "v>c sewage", "u>d sewage"]
    texts += [f"{n}>{m} storm" for n, m in ("ab", "bc", "cd", "do")]
    net = build(
        texts,
        diameter_mm=[300.0, 300, 300, 300, np.nan] + [600.0] * 4,
        flow_m3d=[70.0] + [np.nan] * 8,
        users=[99, 30, 12] + [np.nan] * 6,
    )
    points = find_mixed_flow(net, rates=SewageRates(user_m3d=0.4)).points.set_index("node_id")
    assert points["sewage_by"].to_dict() == {"a": "measured", "b": "users", "c": "assumed", "d": "unknown"}
    assert points["sewage_m3d"].tolist()[:3] == pytest.approx([70.0, 16.8, 400.0])
    assert points["sewage_m3d"].isna().tolist() == [False, False, False, True]
    silent = find_mixed_flow(net, rates=SewageRates(diameter_m3d=(1.0, 2.0, 3.0)))
    assert silent.points["sewage_m3d"].tolist()[:3] == [70.0, 2.0, 2.0]
    assert [silent.summary[f"sewage_{name}"] for name in ("measured", "users", "assumed", "unknown")] == [1, 0, 2, 1]
    assert "2 below 600 mm" in silent.summary["sewage_assumptions"]


def test_nothing_is_read_but_the_columns_that_are_named() -> None:
    whole = dr.load_demo("2018-12-31")
    measured = whole.pipes.assign(flow_m3d=np.where(np.arange(len(whole.pipes)) % 7 == 0, 31.0, np.nan))
    pipes, nodes = measured.assign(users=np.arange(len(measured)) % 5), whole.nodes.assign(users=2)
    ends, rates = (whole.graph.tail, whole.graph.head), SewageRates(user_m3d=0.4)
    every = dr.DrainageNetwork(pipes, nodes, ends=ends)
    some = dr.DrainageNetwork(
        pipes[[*PIPE_COLUMNS, "geometry"]], nodes[[*NODE_COLUMNS, "geometry"]], ends=ends
    )  # fmt: skip
    (expected, levels), (found, told) = mixed_tables(every, rates), mixed_tables(some, rates)
    assert (len(expected["points"]) > 10, told) == (True, levels)
    assert {*expected["points"]["sewage_by"].dropna()} == {"measured", "users"}
    for name, table in expected.items():
        pd.testing.assert_frame_equal(pd.DataFrame(found[name]), pd.DataFrame(table))


def test_a_flow_that_is_no_number_is_refused_by_name() -> None:
    net = build(["w>a sewage", "a>b storm"], flow_m3d=["much", "3"])
    with pytest.raises(SchemaError, match="p0: flow_m3d 'much'"):
        find_mixed_flow(net)
    with pytest.raises(SchemaError, match="user_m3d = -1"):
        SewageRates(user_m3d=-1.0)


@pytest.mark.parametrize("pipes", [["a>b storm", "c>d sewage"], ["a>b storm", "c>b sewage", "b>d storm"]])
def test_what_was_not_judged_stands_on_the_map_and_in_the_workbook(tmp_path: Path, pipes: list[str]) -> None:
    result = find_mixed_flow(build(pipes))
    (why,) = result.warnings
    assert why.startswith("not judged: ")
    assert why in result.page().html
    book = result.to_excel(tmp_path / "mixed.xlsx", lang="en")
    sheets = pd.read_excel(book, engine="openpyxl", sheet_name=None, header=None)
    assert any(why in sheet.to_numpy() for sheet in sheets.values())
