"""Loops that Python runs while they are short: the same answers as compiled ones, and when they are compiled."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage import compiling
from drainage.compiling import compiled, compiled_for_many, done_beside, on_all_cores
from drainage.graph import FlowGraph, kernels
from drainage.simulation.screening import reach_kernels
from drainage.simulation.screening.routing import along_flow
from tests.support.examples import examples

LOOPS = {
    loop.__name__: compiled(inspect.unwrap(loop))
    for loop in (
        kernels.group, kernels.kahn, kernels.walk, kernels.relax, kernels.count, kernels.accumulate,
        kernels.group_by_sources, kernels.pass_largest, kernels.distances, reach_kernels.mark_reach,
        along_flow.gather_ground, along_flow.partial_maximum, along_flow.stand_back, along_flow.lay_downhill,
    )
}  # fmt: skip


@examples(30)
@given(n_nodes=st.integers(2, 12), n_edges=st.integers(1, 20), seed=st.integers(0, 99), downhill=st.booleans())
def test_python_and_numba_answer_alike_to_the_last_digit(n_nodes: int, n_edges: int, seed: int, downhill: bool) -> None:  # noqa: FBT001
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(0, n_nodes, (2, n_edges)).astype(np.int32)
    if downhill:
        tail, head = np.minimum(tail, head), np.minimum(np.maximum(tail, head), n_nodes - 1)
        tail, head = tail[tail < head], head[tail < head]
    graph = FlowGraph(tail, head, n_nodes)
    start = np.unique(rng.integers(0, n_nodes, 3)).astype(np.int32)
    number = np.round(rng.normal(size=(4, max(n_nodes, n_edges))), 2)
    node, edge = number[0, :n_nodes], np.abs(number[1, : len(tail)])
    allowed = rng.random(len(tail)) < 0.8
    asked: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (kernels.group, (tail, n_nodes)),
        (kernels.kahn, (head, *graph.leaving, n_nodes)),
        (kernels.walk, (start, allowed, *graph.leaving, head)),
        (kernels.count, (start, allowed, edge, *graph.leaving, head)),
        (kernels.accumulate, (graph.order, *graph.leaving, head, node, edge)),
        (kernels.group_by_sources, (node > 0.5, graph.order, graph.component, *graph.arriving, tail)),
        (kernels.pass_largest, (graph.order, graph.component, *graph.arriving, tail, node)),
        (kernels.distances, (start, np.arange(n_nodes, dtype=np.int32), allowed, edge, *graph.leaving, head)),
    ]
    far = np.full(n_nodes, np.inf)
    far[start] = 0.0
    nearest = np.full(n_nodes, -1, np.int32)
    asked.append((kernels.relax, (graph.order, *graph.leaving, head, edge, allowed, far, nearest)))
    if downhill:  # the tables of a screening: sorted by their upper ends
        at = np.argsort(tail, kind="stable")
        ptr, down = graph.leaving.ptr, head[at]
        low = np.where(rng.random(len(tail)) < 0.1, np.nan, number[2, : len(tail)])
        asked += [
            (reach_kernels.mark_reach, (ptr, down, edge, allowed, node > 0.5)),
            (along_flow.gather_ground, (ptr, down, edge, edge, node, node, 10.0)),
            (along_flow.partial_maximum, (ptr, down, edge, edge)),
            (along_flow.stand_back, (ptr, down, low, node)),
            (along_flow.lay_downhill, (ptr, down, low, number[3, : len(tail)], 0.1 * edge)),
        ]
    for loop, arguments in asked:
        mine, theirs = ([np.copy(one) if np.ndim(one) else one for one in arguments] for _ in range(2))
        answer, compiled_answer = loop(*mine), LOOPS[loop.__name__](*theirs)
        np.testing.assert_equal([answer, mine], [compiled_answer, theirs], err_msg=loop.__name__)


def test_a_loop_is_compiled_for_many_rows_and_when_it_has_run_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def quick(rows: np.ndarray[Any, Any]) -> int:
        asked.append("compiled")
        return len(rows)

    monkeypatch.setattr(compiling, "compiled", lambda _: quick)
    monkeypatch.setattr(compiling, "WORTH_S", 0.0)  # but for its first time

    @compiled_for_many()
    def loop(rows: np.ndarray[Any, Any]) -> int:
        asked.append("python")
        return len(rows)

    few, many = np.zeros(3), np.zeros(compiling.MANY_ROWS + 1)
    assert [loop(few), loop(many), loop(few)] == [3, len(many), 3]
    loop(few)
    assert asked == ["python", "compiled", "python", "compiled"]


@pytest.mark.parametrize("rows", [10, 100_000])
def test_slices_for_all_cores_are_all_of_it_once(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.core.config.NUMBA_NUM_THREADS", 3)
    done: list[slice] = []
    on_all_cores(done.append, 50, rows=rows)
    assert sorted(k for part in done for k in range(50)[part]) == list(range(50))
    assert len(done) == (1 if rows == 10 else 12)


class TestDoneBeside:
    @pytest.mark.parametrize("rows", [10, 1_000_000])
    def test_all_is_done_in_order_when_the_block_ends(self, rows: int) -> None:
        done = list[int]()
        with done_beside(rows) as do:
            for k in range(50):
                do(partial(done.append, k))
        assert done == list(range(50))

    @pytest.mark.parametrize("rows", [10, 1_000_000])
    @pytest.mark.parametrize("last", [1, 20])
    def test_what_goes_wrong_is_raised_whenever_it_does(self, rows: int, last: int) -> None:
        def give() -> None:
            with done_beside(rows) as do:
                for _ in range(last):
                    do(lambda: 1 // 0)

        with pytest.raises(ZeroDivisionError):
            give()

    def test_no_more_than_a_few_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ten are given, each of which ends only when it may: one is at work, two wait, then who gives waits."""
        monkeypatch.setattr(compiling, "cores_for", lambda _: 2)
        may, given = threading.Semaphore(0), list[int]()

        def give() -> None:
            with done_beside(0) as do:
                for k in range(10):
                    do(may.acquire)
                    given.append(k)

        giving = threading.Thread(target=give)
        giving.start()
        time.sleep(0.2)
        assert len(given) == 2
        may.release(10)
        giving.join()
        assert given == list(range(10))
