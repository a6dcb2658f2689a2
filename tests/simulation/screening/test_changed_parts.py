"""A storm asked again after changes: what a whole new screening says, to the last bit; only changed parts are run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.network import DrainageNetwork
from drainage.simulation.screening import changed_parts
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.run_model import Run, route, route_run
from drainage.simulation.screening.screen import screen
from tests.support.drains import drain, rain
from tests.support.examples import examples

STREETS = 5


def town(seed: int) -> DrainageNetwork:
    """Draw five streets without a pipe between them, each of a tree of up to eight pipes."""
    rng = np.random.default_rng(seed)
    pipes, bed, area = [], {}, {}
    for street in range(STREETS):
        bed[f"s{street}n0"] = 10.0
        for k in range(1, rng.integers(2, 9)):
            name, below = f"s{street}n{k}", f"s{street}n{rng.integers(0, k)}"
            bed[name], area[name] = bed[below] + rng.uniform(-0.05, 0.3), rng.uniform(0.0, 2.0)
            pipes.append(f"{name}>{below} storm {rng.choice([300, 400, 600, 800])}")
    shuffled = [pipes[k] for k in rng.permutation(len(pipes))]
    ground = {name: level + 1.5 for name, level in bed.items()}
    return drain(shuffled, bed, ground=ground, nodes={"area_ha": area})


def changed(net: DrainageNetwork, seed: int) -> DrainageNetwork:
    """Enlarge a pipe, take one away, lay one on, lift a manhole, turn the rows around: some of these."""
    rng = np.random.default_rng(seed)
    pipes, nodes = net.pipes, net.nodes
    if rng.random() < 0.7:
        pipes.loc[rng.choice(pipes.index), "diameter_mm"] = 1000.0
    if rng.random() < 0.4:
        nodes.loc[rng.choice(nodes.index), "ground_m"] += 0.4
    if rng.random() < 0.4 and len(pipes) > 3:
        pipes = pipes.drop(index=rng.choice(pipes.index))
    if rng.random() < 0.3:
        pipes = pipes.iloc[::-1]
    return net.replace(pipes=pipes, nodes=nodes)


def assert_same(one: Screening, other: Screening) -> None:
    """Compare all that both say, to the last bit."""
    for name in ("pipes", "nodes", "standing"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.balance == other.balance
    for mine, theirs in zip(one.runs, other.runs, strict=True):
        for left, right in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(left, right)


@examples(40)
@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_it_says_what_a_new_screening_says(seed: int, of_change: int) -> None:
    state = screen(town(seed), rain(10.0))
    net = changed(state.network, of_change)
    assert_same(state.after(net), screen(net, rain(10.0)))


def test_change_upon_change() -> None:
    """The demo city, three times in a row; the ground of a manhole, a size, and both back again."""
    demo_2018, storm = dr.load_demo("2018-12-31"), rain(3.0)
    state = screen(demo_2018, storm)
    wide = demo_2018.pipes["diameter_mm"].where(demo_2018.pipes.index != "YSL2985", 1000.0)
    wider = demo_2018.replace(pipes=demo_2018.pipes.assign(diameter_mm=wide))
    high = wider.nodes["ground_m"].where(wider.nodes.index != "YS1043", 30.0)
    higher = wider.replace(nodes=wider.nodes.assign(ground_m=high))
    for net in (wider, higher, demo_2018):
        state = state.after(net)
        assert_same(state, screen(net, storm))


def test_only_the_parts_that_changed_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    net = town(7)
    state = screen(net, rain(10.0))
    ran: list[int] = []

    def counted(run: Run, *, levels: bool) -> object:
        ran.append(len(run.group_ptr) - 1)
        return route_run(run, levels=levels)

    monkeypatch.setattr(changed_parts, "route_run", counted)
    state.after(net)
    assert ran == []
    state.after(net.replace(pipes=net.pipes.assign(diameter_mm=[1000.0, *net.pipes["diameter_mm"].iloc[1:]])))
    assert ran == [1, 1, 1]


def test_another_rain_is_run_whole() -> None:
    net = town(3)
    state = screen(net, rain(10.0))
    anew = changed_parts.run_since(state.run_before(0), net, state.arrays, rain(2.0), inlet_time_min=10.0)
    for mine, whole in zip(anew, route(state.arrays, rain(2.0), inlet_time_min=10.0), strict=True):
        np.testing.assert_array_equal(mine, whole)
