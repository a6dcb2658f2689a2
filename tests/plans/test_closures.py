"""Misconnections to close: against all subsets, by hand, and by closing them in the demo city and looking again."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.cli import main
from tests.support import demo
from tests.support.drains import drain
from tests.support.examples import examples
from tests.support.networks import build, save

DATA = Path(__file__).parents[2] / "data"
NODES = "abcdefgh"
PIPES = st.lists(
    st.tuples(
        st.sampled_from(NODES),
        st.sampled_from(NODES),
        st.sampled_from(["storm", "sewage", "storm", "sewage", "combined"]),
    ).filter(lambda p: p[0] != p[1]),
    min_size=4,
    max_size=16,
)
SYSTEM = {"sewage_into_storm": "storm", "storm_into_sewage": "sewage"}
LENGTH_M = [10.0 + 7.0 * k for k in range(16)]


def still_fouled(pipes: list[tuple[str, str, str]], left: set[tuple[str, str]]) -> tuple[set[int], set[str]]:
    """Pipes and nodes that the misconnections left open foul: straight from the definition."""
    at_pipes: set[int] = set()
    at_nodes: set[str] = set()
    for node, kind in left:
        along: nx.MultiDiGraph[str] = nx.MultiDiGraph([(a, b) for a, b, s in pipes if s == SYSTEM[kind]])
        reached = (nx.descendants(along, node) if node in along else set()) | {node}
        at_nodes |= reached
        at_pipes |= {k for k, (a, _, s) in enumerate(pipes) if s == SYSTEM[kind] and a in reached}
    return at_pipes, at_nodes


@examples(80)
@given(PIPES, st.sampled_from(["length", "outfalls", "sewage"]), st.integers(1, 12), st.randoms(use_true_random=False))
def test_no_subset_within_the_budget_frees_more(
    pipes: list[tuple[str, str, str]], by: str, budget: int, random: object
) -> None:
    """Forks, loops and twins included; each rung of the curve is held against all subsets."""
    net = build([f"{a}>{b} {s}" for a, b, s in pipes], length_m=LENGTH_M[: len(pipes)])
    mixed = dr.find_mixed_flow(net)
    points = mixed.points[mixed.points["kind"].isin(list(SYSTEM))]
    names = list(zip(points["node_id"], points["kind"], strict=True))
    cost = pd.Series([random.randint(1, 4) for _ in names], points.index, dtype=float)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    plan = dr.plan_closures(net, mixed, budget=budget, by=by, cost_yuan=cost, rungs=3)  # type: ignore[arg-type]  # one of the three
    m3d = points["sewage_m3d"].fillna(0.0).to_numpy()
    outfalls = set(net.nodes.index[net.nodes["kind"] == "outfall"])
    fouled, reached = still_fouled(pipes, set(names))

    def freed(closed: tuple[int, ...]) -> dict[str, float]:
        left = {name for k, name in enumerate(names) if k not in closed}
        pipes_left, nodes_left = still_fouled(pipes, left)
        return {
            "length": sum(LENGTH_M[k] for k in fouled - pipes_left),
            "outfalls": len((reached - nodes_left) & outfalls),
            "sewage": float(m3d[list(closed)].sum()),
        }

    subsets = [s for n in range(len(names) + 1) for s in itertools.combinations(range(len(names)), n)]
    offers = [(cost.to_numpy()[list(s)].sum(), freed(s)) for s in subsets]
    column = {"length": "freed_length_m", "outfalls": "freed_outfalls", "sewage": "freed_m3d"}[by]
    for row in plan.curve.reset_index().to_dict("records"):
        best = max(value[by] for spent, value in offers if spent <= row["budget"])
        assert row[column] == pytest.approx(best)
        assert row["cost"] <= row["budget"]
        assert row["proven"]

    works = plan.works
    chosen = tuple(np.flatnonzero(works["chosen"].reindex(points.index)).tolist())
    promised = freed(chosen)
    assert plan.summary["freed_length_km"] * 1000 == pytest.approx(promised["length"])
    assert plan.summary["freed_outfalls"] == promised["outfalls"]
    assert plan.summary["cost"] <= min(budget, cost.sum())
    order: list[int] = points.index.get_indexer(works.index).tolist()
    for rank in range(1, len(order) + 1):
        so_far = freed(tuple(order[:rank]))
        work = works.iloc[rank - 1]
        assert work["freed_m"] == pytest.approx(so_far["length"])
        assert work["freed_outfalls"] == so_far["outfalls"]
        assert work["freed_m3d"] == pytest.approx(so_far["sewage"])
        assert work["freed_alone_m"] == pytest.approx(freed((order[rank - 1],))["length"])
    assert set(plan.pipes.index) == {f"p{k}" for k in fouled}
    left, _ = still_fouled(pipes, {name for k, name in enumerate(names) if k not in chosen})
    assert set(plan.pipes.index[~plan.pipes["freed"]]) == {f"p{k}" for k in left}


TWO_ABOVE = ["w>a sewage", "a>b storm", "v>b sewage", "b>c storm", "c>out storm", "u>d sewage", "d>out2 storm"]


def test_a_misconnection_above_another_frees_only_what_lies_between() -> None:
    r"""Sewage of w and v fouls one street of 100 + 200 m, that of u another of 100 m.

    w --sewage--> a --storm--> b --storm--> c --storm--> out      u --sewage--> d --storm--> out2
                     v --sewage--^

    Closing b alone frees nothing, a alone the pipe a>b, both 300 m.
    """
    net = build(TWO_ABOVE)
    plan = dr.plan_closures(net, dr.find_mixed_flow(net), budget=2)
    assert set(plan.works.query("chosen")["node_id"]) == {"a", "b"}
    assert plan.works.set_index("node_id")["freed_alone_m"].to_dict() == {"a": 100.0, "b": 0.0, "d": 100.0}
    assert plan.curve["freed_length_m"].tolist() == [0.0, 100.0, 300.0, 400.0]
    assert plan.works["freed_m"].tolist() == [100.0, 300.0, 400.0]
    assert plan.works["rank"].tolist() == [1, 2, 3]
    assert plan.outfalls["freed_at"].to_dict() == {"out": 2, "out2": 3}
    assert plan.outfalls["freed"].to_dict() == {"out": True, "out2": False}


def test_what_is_wanted_and_what_it_costs_change_the_choice() -> None:
    net = build(TWO_ABOVE, diameter_mm=[200.0, 300, 200, 300, 300, 600, 300])
    mixed = dr.find_mixed_flow(net)

    def chosen(**words: object) -> set[str]:
        plan = dr.plan_closures(net, mixed, **words)  # type: ignore[arg-type]  # passed on
        return set(plan.works.query("chosen")["node_id"])

    assert chosen(budget=1, by="outfalls") == {"d"}
    assert chosen(budget=1, by="sewage") == {"d"}
    yuan = pd.Series({"sewage_into_storm:a": 4.0, "sewage_into_storm:b": 5.0, "sewage_into_storm:d": 9.0})
    assert chosen(budget=9, cost_yuan=yuan) == {"a", "b"}
    assert chosen(budget=8, cost_yuan=yuan) == {"a"}
    assert chosen(budget=np.inf, by="outfalls") == {"a", "b", "d"}
    assert chosen(budget=0) == set()
    with pytest.raises(dr.errors.SchemaError, match="sewage_into_storm:b"):
        chosen(budget=9, cost_yuan=yuan.drop("sewage_into_storm:b"))
    with pytest.raises(dr.errors.SchemaError, match="budget = -1"):
        chosen(budget=-1)
    with pytest.raises(dr.errors.SchemaError, match="expected length, outfalls, sewage"):
        chosen(budget=1, by="luck")


def test_the_curve_has_the_rungs_asked_for() -> None:
    net = build([f"w{k}>a{k} sewage" for k in range(10)] + [f"a{k}>o{k} storm" for k in range(10)])
    mixed = dr.find_mixed_flow(net)
    assert dr.plan_closures(net, mixed, budget=3, rungs=2).curve.index.tolist() == [0.0, 3.0, 5.0, 10.0]
    assert len(dr.plan_closures(net, mixed, budget=3, rungs=10).curve) == 11


def test_a_network_without_misconnections_needs_no_plan() -> None:
    net = build(["a>b storm", "c>d sewage"])
    plan = dr.plan_closures(net, dr.find_mixed_flow(net), budget=3)
    assert plan.works.empty
    assert plan.summary["mixed_length_km"] == 0.0


def test_a_choice_that_ran_out_of_time_says_so() -> None:
    """In no time nothing is proven; what was found counts, and a larger budget never frees less."""
    net, mixed = demo.city("2018-12-31"), demo.mixed_flow("2018-12-31")
    curve = dr.plan_closures(net, mixed, budget=20, time_limit_s=0.0, rungs=3).curve
    between = curve[(curve.index > 0) & (curve.index < 83)]
    assert not between["proven"].any()
    assert curve["freed_length_m"].is_monotonic_increasing


# ---------------------------------------------------------------- the sewers that take the sewage


BED = {"w": 12.3, "m": 12.0, "o": 11.0, "s": 11.5, "t": 11.2, "u": 10.9}
SEWER = ["w>m sewage 300", "m>o storm 600", "s>t sewage 300", "t>u sewage 300"]
PLACES = {"w": (0.0, 50.0), "m": (0.0, 0.0), "o": (-50.0, 0.0), "s": (40.0, 0.0), "t": (140.0, 0.0), "u": (240.0, 0.0)}


def sewer(*, bed_of_s: float = 11.5, flow_m3d: Sequence[float] = (np.nan,) * 4) -> dr.DrainageNetwork:
    """Sewage of w (400 m³/d by its 300 mm) enters the storm manhole m; 40 m away a sewer of 300 mm at 3 ‰ begins.

    w --sewage--> m --storm--> o        s --sewage--> t --sewage--> u (works)
    """
    kinds = {"u": "works"}
    net = drain(SEWER, {**BED, "s": bed_of_s}, places=PLACES, nodes={"kind": kinds}, flow_m3d=flow_m3d)
    nodes = net.nodes
    nodes["kind"] = [kinds.get(name, "outfall" if name == "o" else "manhole") for name in nodes.index]
    return net.replace(nodes=nodes)


def first(net: dr.DrainageNetwork, rates: dr.hydraulics.SewageRates | None = None, **words: float) -> pd.Series:
    return dr.plan_closures(net, dr.find_mixed_flow(net), budget=1, rates=rates, **words).works.iloc[0]  # type: ignore[arg-type]  # passed on


def test_room_in_the_sewer_by_hand() -> None:
    """864 m³/d flow in t>u = 10 L/s; 400 m³/d = 4.630 L/s are added: mean 14.630 L/s.

    K = 2.7 − 0.03 · 9.630 = 2.4111 (table 4.1.15); dry peak 14.630 · (2.4111 + 0.15) = 37.469 L/s. A sewer of 300 mm,
    n = 0.013, at 3 ‰ carries 52.97 L/s full and 31.02 L/s at h/D = 0.55: 1.208, short. In wet weather half of the mean
    comes on top, 44.784 L/s: 0.8455, enough. s>t carries 86.4 m³/d: 5.630 L/s, K = 2.6811, 15.939 L/s: 0.514.
    """
    flows = [np.nan, np.nan, 86.4, 864.0]
    one = first(sewer(flow_m3d=flows), dr.hydraulics.SewageRates(wet_inflow_share=0.5))
    assert (one["receiving_node"], one["connection"], one["way_m"]) == ("s", "gravity", 200.0)
    assert one["receiving_m"] == pytest.approx(40.0)
    assert one["fall_m"] == pytest.approx(0.5)
    assert (one["dry_room"], one["dry_pipe"]) == ("short", "p3")
    assert one["dry_utilisation"] == pytest.approx(37.469 / 31.02, rel=1e-3)
    assert (one["wet_room"], one["wet_pipe"]) == ("enough", "p3")
    assert one["wet_utilisation"] == pytest.approx(44.784 / 52.97, rel=1e-3)
    less = first(sewer(flow_m3d=[np.nan, np.nan, 86.4, 86.4]))
    assert less["dry_utilisation"] == pytest.approx(15.939 / 31.02, rel=1e-3)
    assert (less["dry_room"], less["wet_room"]) == ("enough", "unknown")


def test_the_flow_of_sewers_is_assumed_per_km_only_when_said() -> None:
    """1000 m³/(d·km) on two pipes of 100 m: 200 m³/d in the second, with 400 m³/d added 6.944 L/s."""
    silent = dr.plan_closures(sewer(), dr.find_mixed_flow(sewer()), budget=1)
    assert silent.works["dry_room"].tolist() == ["unknown"]
    assert silent.works["dry_unjudged"].tolist() == [2]
    assert "unknown 3 sewers" in silent.summary["sewer_flow"]
    rates = dr.hydraulics.SewageRates(sewer_m3d_per_km=1000.0, infiltration_share=0.1)
    one = first(sewer(), rates)
    assert one["dry_utilisation"] == pytest.approx(6.944 * (2.7 - 0.03 * 1.944 + 0.1) / 31.02, rel=1e-3)


def test_several_closed_together_can_be_too_much_for_one_sewer() -> None:
    """5 L/s flow already; 4.63 L/s are added by each branch; 31.02 L/s is what h/D = 0.55 lets through.

    One: 9.63 L/s · (2.561 + 0.15) = 26.1 L/s, enough. Both: 14.26 L/s · (2.422 + 0.15) = 36.7 L/s, short.
    """
    texts = [*SEWER, "x>m2 sewage 300", "m2>o storm 600"]
    bed = {**BED, "x": 12.3, "m2": 12.0}
    places = {**PLACES, "x": (0.0, -60.0), "m2": (0.0, -20.0)}
    net = drain(texts, bed, places=places, flow_m3d=[np.nan, np.nan, 432.0, 432.0, np.nan, np.nan])
    mixed = dr.find_mixed_flow(net)
    one = dr.plan_closures(net, mixed, budget=1)
    assert one.works["dry_room"].tolist() == ["enough", "enough"]
    assert one.summary["short_together"] == 0
    both = dr.plan_closures(net, mixed, budget=2)
    assert both.summary["first_short_together"] == "p2, p3"


@pytest.mark.parametrize(
    ("bed_of_s", "words", "connection"),
    [
        (11.87, {}, "gravity"),  # 40 m at 3 ‰ need 0.12 m, and there are 0.13
        (11.89, {}, "pump"),
        (11.89, {"least_slope": 0.001}, "gravity"),
        (np.nan, {}, "unknown"),
        (11.5, {"within_m": 39.0}, "none"),
    ],
)
def test_the_receiver_must_lie_low_enough_and_near(bed_of_s: float, words: dict[str, float], connection: str) -> None:
    one = first(
        sewer(bed_of_s=bed_of_s), within_m=words.get("within_m", 60.0), least_slope=words.get("least_slope", 0.003)
    )
    assert one["connection"] == connection
    assert pd.isna(one["receiving_node"]) == (connection == "none")


def test_storm_water_in_a_sewer_is_not_led_into_sewers() -> None:
    net = build(["a>m storm", "m>works sewage"], kinds={"works": "works"})
    plan = dr.plan_closures(net, dr.find_mixed_flow(net), budget=1)
    assert plan.works["kind"].tolist() == ["storm_into_sewage"]
    assert plan.works[["receiving_node", "connection", "dry_room"]].isna().all(axis=None)


# ---------------------------------------------------------------- the demo city, and the terminal


@pytest.mark.parametrize(("day", "budget"), [("2018-12-31", 20), ("2018-12-31", 60), ("2021-05-07", 5)])
def test_closing_what_the_plan_says_frees_what_it_promises(day: str, budget: int) -> None:
    """The branches of the chosen misconnections are taken out of the city, and mixed flow is looked for again."""
    net = demo.city(day)
    plan = dr.plan_closures(net, demo.mixed_flow(day), budget=budget)
    closed = [name for text in plan.works.query("chosen")["pipes_in"] for name in text.split(", ")]
    again = dr.find_mixed_flow(net.replace(pipes=net.pipes.drop(closed)))
    assert again.summary["misconnections"] == plan.summary["misconnections"] - budget
    left = plan.pipes[~plan.pipes["freed"]].drop(closed, errors="ignore")
    assert set(again.pipes.query("mixed").index) == set(left.index)
    assert plan.summary["proven"]
    outfalls = plan.outfalls
    assert set(again.outfalls.query("fouled").index) == set(outfalls.index[~outfalls["freed"]])


def test_the_command_writes_the_works_and_prints_the_curve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save(build(TWO_ABOVE), tmp_path / "pipes.geojson")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["drainage", "closures", str(source), *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    code, out, err = run("--budget", 2, "-o", tmp_path / "works.csv", "--map", tmp_path / "m.html")
    assert code == 0, err
    assert "(4 of 4)" in out
    assert pd.read_csv(tmp_path / "works.csv")["chosen"].tolist() == [True, True, False]
    assert "close first" in (tmp_path / "m.html").read_text(encoding="utf-8")
    for name in ("plan.xlsx", "plan.gpkg", "plan.geojson"):
        assert run("--budget", 2, "--json", "-o", tmp_path / name)[0] == 0
    costs = tmp_path / "costs.csv"
    costs.write_text(
        "finding_id,cost_yuan\n"
        + "".join(f"sewage_into_storm:{n},{c}\n" for n, c in zip("abd", (4, 5, 9), strict=True))
    )
    code, out, _ = run("--budget", 8, "--costs", costs, "--json")
    assert (code, json.loads(out)["cost"], json.loads(out)["cost_unit"]) == (0, 4.0, "yuan")
    costs.write_text("node,yuan\na,4\n")
    code, _, err = run("--budget", 8, "--costs", costs)
    assert code == 1
    assert "no column finding_id, cost_yuan; it has node, yuan" in err
