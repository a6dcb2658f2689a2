"""How long water stands, and runoff raised in rare storms: by hand, and each keyword."""

from __future__ import annotations

import math

import numpy as np
import pytest

import drainage as dr
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.network import DrainageNetwork
from drainage.simulation.screening.return_periods import overflow_up_to
from drainage.simulation.screening.routing import one_by_one, storm_state, turns
from drainage.simulation.screening.screen import screen
from tests.support.drains import drain, rain


def street(*, psi: float = 0.5, tailwater: float = np.nan) -> DrainageNetwork:
    """``a──b``, 100 m of 300 mm, 1 hm² at a."""
    nodes = {"area_ha": {"a": 1.0}, "runoff_coefficient": {"a": psi}, "water_level_m": {"b": tailwater}}
    return drain(["a>b storm"], {"a": 1.0, "b": 0.5}, ground=3.0, nodes=nodes)


def stand(standing: float, excess: float, spare: float) -> tuple[list[float], float]:
    """Let one step of 60 s pass, 600 s after the beginning: one node alone, and as one of many."""
    node = np.zeros((storm_state.DAMPED + 1, 1))
    for row, value in ((storm_state.STANDING, standing), (storm_state.EXCESS, excess), (storm_state.SPARE, spare)):
        node[row] = value
    many = one_by_one.stand(node.copy(), 600.0, 60.0)
    turns.stand(node, 0, 600.0, 60.0)
    np.testing.assert_array_equal(many, node)
    times = [storm_state.FLOODED, storm_state.STANDS, storm_state.GONE]
    return node[times, 0].tolist(), float(node[storm_state.STANDING, 0])


def test_water_gathers_while_a_node_overflows() -> None:
    """0.1 m³/s for 60 s on 2 m³: 8 m³ stand on; 60 s of overflow and of standing."""
    assert stand(2.0, 0.1, 0.0) == ([60.0, 60.0, 660.0], 8.0)


def test_water_drains_by_what_the_pipes_could_take_more() -> None:
    """0.1 m³/s takes 6 m³ in the step; 3 m³ are gone after 30 s."""
    times, left = stand(8.0, 0.0, 0.1)
    assert times == [0.0, 60.0, 660.0]
    assert left == pytest.approx(2.0)
    assert stand(3.0, 0.0, 0.1) == ([0.0, 30.0, 630.0], 0.0)


def test_a_node_that_overflows_stands_under_water_as_long_at_least() -> None:
    state = screen(street(psi=1.0), rain(5.0))
    node, hours = state.nodes.loc["a"], state.standing.loc["a"]
    assert 0.0 < node["overflow_h"] < hours["standing_h"] < 4.0
    assert hours["drain_down_h"] == 0.0
    assert np.isnan(state.standing.loc["b"].to_numpy()).all()


def test_water_under_a_river_that_stands_above_the_street_does_not_drain() -> None:
    """24 h after the rain: a day or more."""
    state = screen(street(tailwater=3.5), rain(5.0))
    assert state.standing[["standing_h", "drain_down_h", "ends_h"]].loc[["a"]].to_numpy().tolist() == [
        [26.0, 24.0, 26.0]
    ]


def test_water_left_after_the_storm_takes_its_volume_by_the_capacity() -> None:
    """An even rain of 60 min floods until its end; what stands is then taken by the pipe at its full-head flow.

    Head 3 m less the outfall's 0.5 + 0.9 · 0.3 m; the flow that it drives is the same in every step after the rain.
    """
    storm = ObservedStorm(np.array([0.0, 60.0]), np.array([120.0]), "even")
    state = screen(street(psi=1.0), storm, dr.Setup(inlet_time_min=1.0))
    flow = float(state.arrays.pipes.conveyance_m3s[0]) * math.sqrt((3.0 - 0.77) / 100.0)
    volume = float(state.nodes["overflow_m3"]["a"])
    assert state.standing.loc["a", "drain_down_h"] == pytest.approx(volume / flow / 3600.0, rel=0.05)


@pytest.mark.parametrize(("period_a", "share"), [(10.0, 1.0), (20.0, 1.1), (30.0, 1.2), (50.0, 1.3)])
def test_rare_storms_run_off_more(period_a: float, share: float) -> None:
    """1 hm² with Ψ = 0.5."""
    state = screen(street(), rain(period_a))
    plain = screen(street(), rain(period_a), dr.Setup(uplift_within=None))
    assert state.balance["runoff_m3"] == pytest.approx(share * plain.balance["runoff_m3"])
    assert ("raised" in state.assumptions["runoff_coefficient"]) == (share > 1.0)


def test_the_bounds_of_the_clause_are_a_choice_and_no_more_runs_off_than_falls() -> None:
    """P = 50 a: 30 to 50 %; Ψ = 0.9 would be 1.17."""
    plain = screen(street(), rain(50.0), dr.Setup(uplift_within=None)).balance["runoff_m3"]
    assert screen(street(), rain(50.0), dr.Setup(uplift_within=1.0)).balance["runoff_m3"] == pytest.approx(1.5 * plain)
    capped = screen(street(psi=0.9), rain(50.0)).balance["runoff_m3"]
    assert capped == pytest.approx(plain / 0.5)
    with pytest.raises(dr.errors.SimulationError, match="uplift_within = 2"):
        screen(street(), rain(50.0), dr.Setup(uplift_within=2.0))


def test_a_smaller_storm_is_asked_about_with_its_own_runoff() -> None:
    """The return period at which overflow begins is the same whichever storm the state was screened in."""
    periods = tuple(float(p) for p in range(1, 40))
    net = street(psi=0.22)
    begins, same = (
        overflow_up_to(screen(net, rain(period)), return_periods_a=periods)["begins_at_return_period_a"]["a"]
        for period in (2.0, 100.0)
    )
    assert same == begins
    first = next(p for p in periods if screen(net, rain(p)).nodes.loc["a", "overflows"])
    assert begins == first
