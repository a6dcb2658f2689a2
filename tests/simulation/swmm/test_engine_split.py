"""Parts that share no water, run side by side: the numbers of the whole, its ground, its errors and its progress."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.schema import Issues
from drainage.simulation.ensemble import runs as ensemble
from drainage.simulation.swmm import parts
from drainage.simulation.swmm.compose import build_engine_models
from drainage.simulation.swmm.model_rows import complete_pipes, engine_tables
from drainage.simulation.swmm.parts import connected_parts, pack, run_models
from drainage.words import on_the_terminal, one_language
from tests.support import demo
from tests.support.drains import drain, rain
from tests.support.networks import build

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.simulation.swmm.engine_values import EngineModel, EngineRun
    from drainage.simulation.swmm.model_rows import EngineTables

STEADY = dr.simulation.EngineOptions(variable_step=0.0, routing_step_s=2.0)


def three_throats() -> dr.DrainageNetwork:
    """Draw three streets 30 m apart, each a ─1.0 m─> b ─throat─> o, their ground shared out by the nearest node.

    The second has a manhole more, the third a pump behind its throat: a1>b1>o1, a2>b2>c2>o2, a3>b3>u3>o3.
    """
    pipes = [
        "a1>b1 storm 1000", "b1>o1 storm 300",
        "a2>b2 storm 1000", "b2>c2 storm 200", "c2>o2 storm 600",
        "a3>b3 storm 1000", "b3>u3 storm 300", "u3>o3 storm 600",
    ]  # fmt: skip
    place = {f"{name}{k}": (100.0 * along, 30.0 * k) for k in (1, 2, 3)
             for along, name in enumerate("abo" if k == 1 else "abco" if k == 2 else "abuo")}  # fmt: skip
    bed = {name: 10.0 - 0.002 * x for name, (x, _) in place.items()}
    net = drain(pipes, bed, ground=dict.fromkeys(place, 12.0), places=place)
    nodes = net.nodes
    nodes.loc["u3", "kind"] = "pump"
    nodes["kind_source"] = "recorded"
    return net.replace(nodes=nodes)


def tables_of(net: dr.DrainageNetwork) -> EngineTables:
    issues = Issues()
    written = complete_pipes(net, ("storm",), issues)
    return engine_tables(net, written, np.full(len(net.nodes), np.nan), issues)


def run_trials(net: dr.DrainageNetwork, storm: dr.DesignStorm, processes: int, folder: Path) -> EngineRun:
    """Run with fixed steps of two trials each, which are done whether all nodes have converged or not."""
    folder.mkdir()
    options = dr.simulation.EngineOptions(variable_step=0.0, routing_step_s=4.0, drain_min=10.0)
    models = build_engine_models(net, storm, folder=folder, options=options, processes=processes)
    assert len(models) == processes
    fixed = [one._replace(text=one.text.replace("MAX_TRIALS           8", "MAX_TRIALS 2")) for one in models]
    assert all("MAX_TRIALS 2" in one.text for one in fixed)
    return run_models(fixed, folder, time_limit_s=100.0, progress=None)


@pytest.mark.parametrize(
    ("where", "processes", "floods"), [("three streets", 3, 5), pytest.param("city", 2, 100, marks=pytest.mark.long)]
)
def test_parts_with_the_same_steps_and_trials_are_the_whole(
    where: str, processes: int, floods: int, tmp_path: Path
) -> None:
    """Nothing else couples the parts: three streets, and the demo city, have the numbers of the whole."""
    net = demo.city("2018-12-31") if where == "city" else three_throats()
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), 5.0, 60.0)
    whole, parts = (run_trials(net, storm, n, tmp_path / str(n)) for n in (1, processes))
    for names, stats in (("node_names", "nodes"), ("link_names", "links")):
        one, several = (pd.DataFrame(getattr(run, stats), index=getattr(run, names)) for run in (whole, parts))
        assert set(one.index) == set(several.index)
        assert len(one) == len(several)
        pd.testing.assert_frame_equal(several.loc[one.index], one, rtol=1e-6, atol=1e-9)
    assert parts.totals == pytest.approx(whole.totals, rel=1e-6)
    assert (whole.nodes["volFlooded"] > 0.0).sum() >= floods


@pytest.mark.parametrize("options", [STEADY, dr.simulation.EngineOptions()])
def test_parts_flood_where_the_whole_floods(options: dr.simulation.EngineOptions) -> None:
    """The same nodes, and on each street volumes within 1 %; how neighbours share a flood hangs on the step."""
    whole, parts = (dr.simulate_swmm(three_throats(), rain(), processes=n, options=options) for n in (1, 3))
    assert whole.nodes["overflows"].sum() >= 3
    assert parts.nodes["overflows"].equals(whole.nodes["overflows"])
    streets = [state.nodes["overflow_m3"].groupby(state.nodes.index.str[1]).sum() for state in (whole, parts)]
    assert (streets[0] > 5.0).all()
    np.testing.assert_allclose(streets[1], streets[0], rtol=0.01)
    pd.testing.assert_index_equal(parts.nodes.index, whole.nodes.index)
    volumes = ["runoff_m3", "overflow_m3", "outflow_m3"]
    assert [parts.balance[name] for name in volumes] == pytest.approx(
        [whole.balance[name] for name in volumes], rel=0.01
    )
    assert "3 connected parts in 3 models" in parts.assumptions["split"]
    assert "split" not in whole.assumptions


@pytest.mark.long
def test_the_demo_city_in_two_halves() -> None:
    """5 a, 60 min, each half with steps of its own: what floods in earnest floods, volumes within 1 % in sum."""
    net = demo.city("2018-12-31")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), 5.0, 60.0)
    options = dr.simulation.EngineOptions(drain_min=10.0)
    whole, halves = (dr.simulate_swmm(net, storm, processes=n, options=options) for n in (1, 2))
    for one, other in ((whole, halves), (halves, whole)):
        floods = one.nodes["overflow_m3"] > 5.0
        assert floods.sum() > 50
        assert other.nodes.loc[floods, "overflows"].all()
    assert halves.balance["overflow_m3"] == pytest.approx(whole.balance["overflow_m3"], rel=0.01)
    assert halves.balance["runoff_m3"] == pytest.approx(whole.balance["runoff_m3"], rel=0.001)
    assert halves.nodes["area_ha"].equals(whole.nodes["area_ha"])


def test_the_ground_is_that_of_the_whole(tmp_path: Path) -> None:
    """Streets 30 m apart, ground within 50 m: each alone would take the ground of its neighbours too."""
    net = three_throats()

    def ground(models: list[EngineModel]) -> dict[str, str]:
        rows = [line.split("\t") for one in models for line in one.text.splitlines() if "\tRAIN\t" in line]
        assert len({row[2] for row in rows}) == len(rows)
        return {row[2]: row[3] for row in rows}

    whole, parts = (ground(build_engine_models(net, rain(), folder=tmp_path, processes=n)) for n in (1, 3))
    assert parts == whole
    first = net.replace(pipes=net.pipes.iloc[:2], nodes=net.nodes.loc[["a1", "b1", "o1"]])
    alone = ground(build_engine_models(first, rain(), folder=tmp_path))
    assert float(alone["a1"]) > 1.2 * float(whole["a1"])


def test_a_part_without_an_outfall_runs_with_another() -> None:
    """A ring takes the rain of its ground and lets none out: the engine refuses it alone (error 145)."""
    net = drain(
        ["a>b storm 400", "b>o storm 400", "r>s storm 400", "s>r storm 400"],
        {"a": 10.0, "b": 9.9, "o": 9.8, "r": 9.9, "s": 9.9},
        ground=dict.fromkeys("abors", 12.0),
        nodes={"area_ha": {"a": 1.0, "r": 1.0}},
    )
    part, n_pipes = connected_parts(tables_of(net))
    assert n_pipes.tolist() == [4]
    assert set(part) == {0}
    state = dr.simulate_swmm(net, rain(), processes=2)
    assert state.nodes["overflow_m3"]["r"] + state.nodes["overflow_m3"]["s"] > 100.0


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40), st.integers(1, 8))
def test_bins_are_about_equal(sizes: list[int], count: int) -> None:
    """No bin is fuller than the mean and the largest size together; none is empty."""
    bins = pack(np.array(sizes), count)
    load = np.bincount(bins, weights=sizes)
    assert len(load) == min(count, len(sizes))
    assert load.min() > 0
    assert load.max() <= sum(sizes) / len(load) + max(sizes)
    assert load.sum() == sum(sizes)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda ends: ends[0] < ends[1]), min_size=1))
def test_parts_are_the_components_of_networkx(ends: list[tuple[int, int]]) -> None:
    """Pipes that end at one outfall have an outfall each: they meet there, but share no water."""
    net = build([f"n{a}>n{b} storm" for a, b in ends])
    pipes = net.pipes
    pipes["invert_from_m"], pipes["invert_to_m"], pipes["manning_n"] = 10.0, 9.0, 0.013
    tables = tables_of(net.replace(pipes=pipes))
    part, n_pipes = connected_parts(tables)
    starts = {a for a, _ in ends}
    graph = nx.Graph((f"n{a}", f"n{b}" if b in starts else f"end{k}") for k, (a, b) in enumerate(ends))
    graph_parts = list(nx.connected_components(graph))
    assert sorted(n_pipes) == sorted(sum(f"n{a}" in one for a, _ in ends) for one in graph_parts)
    assert (part[tables.pipes["tail"]] == part[tables.pipes["head"]]).all()
    for number in range(len(n_pipes)):
        kept = tables.subset(part == number)
        names = kept.nodes["name"].to_numpy()
        whole = tables.nodes["name"].to_numpy()
        before = tables.pipes.loc[kept.pipes.index]
        assert (names[kept.pipes["tail"]] == whole[before["tail"]]).all()
        assert (names[kept.pipes["head"]] == whole[before["head"]]).all()
        pd.testing.assert_frame_equal(kept.sections.rows, tables.sections.rows.loc[kept.pipes.index])


def test_an_error_in_a_part_names_it_and_stops_the_others(tmp_path: Path) -> None:
    models = build_engine_models(three_throats(), rain(), folder=tmp_path, processes=3)
    at = next(place for place, one in enumerate(models) if "(to o2)" in one.part)
    models[at] = models[at]._replace(text=models[at].text.replace("p3\tb2\tc2", "p3\tb2\tnowhere"))
    with pytest.raises(dr.errors.SimulationError, match=rf"part {at + 1} of 3 \(to o2\): .*undefined object nowhere"):
        run_models(models, tmp_path, time_limit_s=60.0, progress=None)


def test_the_time_limit_is_that_of_the_whole() -> None:
    with pytest.raises(dr.errors.SimulationError, match=r"part \d of 3 .*stopped after 0\.01 s"):
        dr.simulate_swmm(three_throats(), rain(), processes=3, time_limit_s=0.01)
    with on_the_terminal(), pytest.raises(dr.errors.SimulationError, match="allow more with --time-limit, ") as error:
        dr.simulate_swmm(three_throats(), rain(), processes=3, time_limit_s=0.01)
    assert re.match(r"第 \d 部分，共 3 部分（至 .*）：引擎在 0\.01 s 后被停止", one_language(error.value.said, "zh"))


def test_progress_is_the_mean_and_may_stop_all_parts() -> None:
    seen: list[float] = []
    dr.simulate_swmm(three_throats(), rain(), processes=3, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def refuse(done: float) -> None:
        raise KeyboardInterrupt(done)

    with pytest.raises(KeyboardInterrupt):
        dr.simulate_swmm(three_throats(), rain(), processes=3, progress=refuse)


def test_small_networks_are_split_when_asked_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    tables = tables_of(three_throats())
    assert [len(parts.split_tables(tables, n)) for n in (None, 1, 2, 3, 9)] == [1, 1, 2, 3, 3]
    monkeypatch.setattr(parts, "WORTH_PIPES", 8)
    assert sorted(len(one.pipes) for one in parts.split_tables(tables, None)) == [3, 5]
    with pytest.raises(dr.errors.SimulationError, match="processes = 0"):
        dr.simulate_swmm(three_throats(), rain(), processes=0)


def test_an_inp_runs_whole(tmp_path: Path) -> None:
    """Its rules may link parts; the assumptions say so."""
    net = dr.read_network(dr.write_inp(three_throats(), rain(), tmp_path / "t.inp").path)
    state = dr.simulate_swmm(net, None, processes=3)
    assert "run as a whole" in state.assumptions["model"]
    assert "split" not in state.assumptions
    assert state.nodes["overflows"].any()


def test_an_ensemble_leaves_the_cores_to_its_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "WORTH_PIPES", 1)
    seen: list[object] = []
    real = dr.simulate_swmm

    def simulate(*args: object, **how: object) -> dr.simulation.FlowState:
        seen.append(how["processes"])
        return real(*args, **how)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(ensemble, "simulate_swmm", simulate)
    ensemble.work(ensemble.EnsembleRun(three_throats(), rain(), engine="swmm"))
    assert seen == [1]
