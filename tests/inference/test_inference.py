"""Beliefs held against the enumeration of every set of sources, and the choice of openings against its definition.

Truth: on networks of up to 7 places all 2^n sets of sources are listed, each with its prior and the chance of every
reading; sums over sets are the exact answer.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from drainage.errors import SchemaError
from drainage.inference.forest import StormForest
from drainage.inference.openings import choose_openings
from drainage.inference.posterior import Beliefs, Readings, SourceRates
from tests.support.examples import examples
from tests.support.networks import build

RATES = SourceRates(
    reach_prior=0.2, manhole_share=0.6, false_wet=0.07, missed_wet=0.1, false_entry=0.03, missed_entry=0.2
)


def tree_texts(parents: list[int]) -> list[str]:
    """Node i + 1 drains to node parents[i] ≤ i; node 0 is the outfall."""
    return [f"n{i + 1}>n{parent} storm" for i, parent in enumerate(parents)]


class Enumeration:
    """All sets of sources on a forest, with their weights given the readings."""

    def __init__(self, forest: StormForest, rates: SourceRates, readings: Readings) -> None:
        n = forest.n_cells
        prior = Beliefs(forest, rates).source
        self.sets = np.array(list(product([False, True], repeat=n)))
        self.wet = self.sets.copy()
        between = self.sets.copy()
        for c in range(n):
            p = forest.parent[c]
            if p >= 0:
                self.wet[:, p] |= self.wet[:, c]
                if c not in set(readings.load_cell.tolist()):
                    between[:, p] |= between[:, c]
        weight = np.where(self.sets, prior, 1 - prior).prod(axis=1)
        for cell, wet in zip(readings.wet_cell, readings.wet, strict=True):
            if wet:
                weight *= np.where(self.wet[:, cell], 1 - rates.missed_wet, rates.false_wet)
            else:
                weight *= np.where(self.wet[:, cell], rates.missed_wet, 1 - rates.false_wet)
        for cell, seen in zip(readings.entry_cell, readings.entry, strict=True):
            if seen:
                weight *= np.where(self.sets[:, cell], 1 - rates.missed_entry, rates.false_entry)
            else:
                weight *= np.where(self.sets[:, cell], rates.missed_entry, 1 - rates.false_entry)
        for cell, ratio in zip(readings.rise_cell, readings.rise, strict=True):
            weight *= np.where(between[:, cell], np.exp(ratio), 1.0)
        self.weight = weight / weight.sum()

    def source(self) -> NDArray[np.float64]:
        return np.asarray(self.weight @ self.sets)

    def flowing(self) -> NDArray[np.float64]:
        return np.asarray(self.weight @ self.wet)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[int], list[tuple[str, int, float]]]:
    n = draw(st.integers(1, 4))
    parents = [draw(st.integers(0, i)) for i in range(n)]
    cell = st.integers(0, 2 * n)
    reading = st.tuples(st.sampled_from(["wet", "dry", "entry", "none", "rise", "load"]), cell, st.floats(-3, 3))
    return parents, draw(st.lists(reading, max_size=7))


def readings_of(listed: list[tuple[str, int, float]]) -> Readings:
    def cells(*kinds: str) -> NDArray[np.int32]:
        return np.array([cell for kind, cell, _ in listed if kind in kinds], np.int32)

    return Readings(
        cells("wet", "dry"),
        np.array([kind == "wet" for kind, _, _ in listed if kind in {"wet", "dry"}], np.bool_),
        cells("entry", "none"),
        np.array([kind == "entry" for kind, _, _ in listed if kind in {"entry", "none"}], np.bool_),
        cells("rise", "load"),
        cells("rise"),
        np.array([ratio for kind, _, ratio in listed if kind == "rise"]),
    )


@given(cases())
@examples(150)
def test_beliefs_equal_the_enumeration_of_all_source_sets(case: tuple[list[int], list[tuple[str, int, float]]]) -> None:
    parents, listed = case
    net = build(tree_texts(parents))
    forest = StormForest.from_network(net)
    readings = readings_of(listed)
    beliefs = Beliefs(forest, RATES, readings)
    truth = Enumeration(forest, RATES, readings)
    np.testing.assert_allclose(beliefs.source, truth.source(), atol=1e-9)
    np.testing.assert_allclose(beliefs.wet, truth.flowing(), atol=1e-9)
    rows = np.arange(len(net.pipes), dtype=np.int32)
    upper = forest.node_cell[net.graph.tail]
    either = truth.weight @ (truth.sets[:, forest.pipe_cell[rows]] | truth.sets[:, upper])
    np.testing.assert_allclose(beliefs.reaches(rows), either, atol=1e-9)


def entropy(weights: NDArray[np.float64]) -> float:
    positive = weights[weights > 0]
    return float(-(positive * np.log2(positive)).sum())


@given(cases())
@examples(60)
def test_information_of_an_opening_is_the_entropy_that_its_reading_takes_away(
    case: tuple[list[int], list[tuple[str, int, float]]],
) -> None:
    """For every outcome of an opening: its chance, and the entropy of the source sets after it, by enumeration."""
    parents, listed = case
    forest = StormForest.from_network(build(tree_texts(parents)))
    readings = readings_of(listed)
    beliefs = Beliefs(forest, RATES, readings)
    truth = Enumeration(forest, RATES, readings)
    gain = beliefs.information(forest.opened)
    for k, cell in enumerate(forest.opened):
        arriving = forest.child[forest.child_ptr[cell] : forest.child_ptr[cell + 1]]
        if len(arriving) > 3:
            continue
        left = 0.0
        for outcome in product([False, True], repeat=len(arriving) + 1):
            joint = truth.weight.copy()
            for pipe, flows in zip(arriving, outcome[:-1], strict=True):
                p = np.where(truth.wet[:, pipe], 1 - RATES.missed_wet, RATES.false_wet)
                joint *= p if flows else 1 - p
            p = np.where(truth.sets[:, cell], 1 - RATES.missed_entry, RATES.false_entry)
            joint *= p if outcome[-1] else 1 - p
            if joint.sum() > 0:
                left += joint.sum() * entropy(joint / joint.sum())
        assert gain[k] == pytest.approx(entropy(truth.weight) - left, abs=1e-8)


def test_readings_one_by_one_are_the_same_as_all_at_once() -> None:
    forest = StormForest.from_network(build(tree_texts([0, 1, 1, 2])))
    first = Readings(wet_cell=np.array([1, 4], np.int32), wet=np.array([True, False]))
    then = Readings(entry_cell=np.array([2], np.int32), entry=np.array([True]))
    both = Readings(first.wet_cell, first.wet, then.entry_cell, then.entry)
    step = Beliefs(forest, RATES, first)
    step.add(then)
    np.testing.assert_allclose(step.source, Beliefs(forest, RATES, both).source, atol=1e-12)


def test_an_interceptor_takes_the_dry_weather_flow_of_the_combined_town() -> None:
    """Combined c > i (interceptor) > works by a sewage pipe; i > m is its overflow: dry, and nobody's fault."""
    net = build(
        ["c>i combined", "i>works sewage", "i>m storm", "m>out storm", "s>i storm"],
        kinds={"i": "interceptor", "works": "works"},
    )
    forest = StormForest.from_network(net)
    at = {name: forest.node_cell[k] for k, name in enumerate(net.nodes.index)}
    assert not forest.drawn.any()
    assert forest.parent[at["i"]] == -1
    assert forest.parent[at["m"]] >= 0
    assert not forest.approximate.any()


def test_sewage_that_the_drawing_shows_is_expected_below() -> None:
    net = build(["a>b storm", "b>out storm", "w>b sewage"])
    forest = StormForest.from_network(net)
    beliefs = Beliefs(forest, SourceRates())
    assert net.nodes.index[forest.node[forest.drawn]].tolist() == ["b"]
    assert beliefs.wet[forest.node_cell[net.nodes.index.get_loc("out")]] > 0.9


def test_forks_and_loops_are_walked_and_marked() -> None:
    """A fork at b (to c and d), and a loop x > y > z > x with a way out."""
    net = build(
        ["a>b storm", "b>c storm", "b>d storm", "x>y storm", "y>z storm", "z>x storm", "z>o storm", "q>r storm"],
        invert_from_m=[2, 1, 0.5, 1, 1, 0.5, 1, 1],
    )
    forest = StormForest.from_network(net)
    marked = {net.nodes.index[i] for i in forest.node[forest.approximate] if i >= 0}
    assert marked == {"a", "b", "c", "d", "x", "y", "z", "o"}
    d = forest.node_cell[net.nodes.index.get_loc("d")]
    assert forest.child_ptr[d + 1] - forest.child_ptr[d] == 1
    assert np.isfinite(Beliefs(forest, RATES).source).all()


def test_the_best_opening_halves_a_row() -> None:
    """A row of 15 reaches with a wet outfall, one source expected: the middle tells most."""
    net = build(tree_texts(list(range(15))))
    forest = StormForest.from_network(net)
    rates = SourceRates(reach_prior=0.01, false_wet=1e-3, missed_wet=1e-3, false_entry=1e-3, missed_entry=1e-3)
    out = forest.node_cell[net.nodes.index.get_loc("n0")]
    beliefs = Beliefs(forest, rates, Readings(wet_cell=np.array([out], np.int32), wet=np.array([True])))
    plan = choose_openings(beliefs, 3)
    name = str(net.nodes.index[forest.node[plan.cell[0]]])
    assert name in {"n7", "n8", "n9"}
    assert len(set(plan.cell.tolist())) == 3
    assert (np.diff(plan.gain_bits) <= 0.1).all()


def test_ties_are_broken_by_the_way() -> None:
    """Two rows alike, far apart: the second opening of the day is in the near one of two that tell the same."""
    texts = ["a1>a0 storm", "b1>b0 storm", "c1>c0 storm"]
    spots = {"a0": (0.0, 0.0), "a1": (9.0, 0.0), "b0": (9e3, 0.0), "b1": (9.1e3, 0), "c0": (60.0, 0), "c1": (50.0, 0)}
    net = build(texts, places=spots)
    forest = StormForest.from_network(net)
    place = np.full((forest.n_cells, 2), np.nan)
    at_node = forest.node >= 0
    xy = net.nodes.get_coordinates().to_numpy()
    place[at_node] = xy[forest.node[at_node]]
    plan = choose_openings(Beliefs(forest, RATES), 3, place=place)
    names = net.nodes.index[forest.node[plan.cell]].tolist()
    assert {name[0] for name in names[:2]} == {"a", "c"}


def test_certain_rates_are_refused() -> None:
    with pytest.raises(SchemaError, match="false_wet"):
        SourceRates(false_wet=0.0)
