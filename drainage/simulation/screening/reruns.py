"""Many small changes screened side by side: of each only what it reaches, what comes from elsewhere as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints32, Rows, pointer
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3, ScreeningModel
from drainage.simulation.screening.run_model import node_table, pipe_table, route_run, run_of

#: Copies of parts that are swept at once hold no more nodes than this, or one copy.
MOST_NODES_AT_ONCE: Final = 20_000


class Changed(NamedTuple):
    """A part of a model, as `Kept` says, and which of its nodes and edges are changed."""

    node: Rows
    edge: Rows
    leaving: Ints32
    head: Ints32
    sizes: Rows
    node_changed: Bools
    edge_changed: Bools


class Reruns:
    """A model ready to be run again in parts.

    Parameters
    ----------
    state
        The screening whose storm and levels count.
    model
        What is run again; all of it or whole parts of it.
    change
        Changes all nodes and pipes of a model as they are where a part is changed.
    """

    def __init__(
        self, state: Screening, model: ScreeningModel, change: Callable[[ScreeningModel], ScreeningModel]
    ) -> None:
        self.state = state
        steps = steps_of(state)
        comes, self.model = _settled(state, model, steps[0])
        model = self.model
        self.graph = model.graph
        self.part = model.part
        level = state.nodes["level_m"].to_numpy(dtype=np.float64)[model.node_row]
        with np.errstate(invalid="ignore"):
            self._drowned = level[model.head] > model.pipes.z_down_m + model.pipes.height_m
        self._overflows = state.nodes["overflows"].to_numpy()[model.node_row]
        self._leaves = np.zeros((len(model.head), comes.shape[1]), dtype=np.float32)
        self._run = run_of(model, state.storm, inlet_time_min=state.setup.inlet_time_min, steps=steps)
        route_run(self._run, comes, self._leaves, levels=False)
        self._arrives = comes + _gathered(model.head, self._leaves, len(model.node_row))
        self._takes_in: Bools = np.asarray(comes.any(axis=1))
        self._n_arriving = np.bincount(model.head, minlength=len(model.node_row))
        changed = change(model)
        self._changed = pipe_table(changed), node_table(changed)

    def reach(self, at_node: Bools) -> Bools:
        """Mark what a change at the marked nodes reaches, (n_nodes,).

        Up from them the grade line can change as far as pipes are drowned at their lower ends: what overflows there may
        come down, and flow in all that lies below it. What comes from the branches beside is taken to stay as it was.
        """
        above = self.graph.upstream(at_node, self._drowned).nodes & self._overflows
        return np.asarray(self.graph.downstream(above | at_node).nodes)

    def take(self, nodes: Bools, node_changed: Bools, edge_changed: Bools) -> Changed:
        """Return the marked nodes as a part, with all nodes to which their pipes lead, some nodes and pipes changed."""
        kept = self.model.kept(nodes)
        return Changed(*kept, node_changed[kept.node], edge_changed[kept.edge])

    def overflow(self, parts: Sequence[Changed]) -> list[Floats]:
        """Return the overflow of the nodes of each part, m³; all parts run at once."""
        whole = Changed(*map(np.concatenate, zip(*parts, strict=True)))
        first_node = np.cumsum([0, *(len(part.node) for part in parts)])
        head = whole.head + np.repeat(first_node[:-1], [len(part.head) for part in parts]).astype(np.int32)
        table = np.take(self._run.table, whole.edge, axis=1)
        nodes = np.take(self._run.nodes, whole.node, axis=1)
        table[:, whole.edge_changed] = self._changed[0][:, whole.edge[whole.edge_changed]]
        nodes[:, whole.node_changed] = self._changed[1][:, whole.node[whole.node_changed]]
        run = self._run._replace(
            group_ptr=pointer(whole.sizes), ptr=pointer(whole.leaving), head=head, table=table, nodes=nodes,
            series=np.full(len(whole.node), -1, dtype=np.int32),
        )  # fmt: skip
        volume = route_run(run, self._beside(whole, head), levels=False).nodes[:, 2]
        volume = np.where(volume >= LEAST_OVERFLOW_M3, volume, 0.0)
        return np.split(volume, first_node[1:-1])

    def _beside(self, whole: Changed, head: Ints32) -> NDArray[np.float32]:
        """Return what comes to each node of parts beside what they bring themselves, (n_nodes, n_steps) m³/s.

        Nothing where all pipes that arrive are of the part.
        """
        n_nodes = len(whole.node)
        arriving = np.bincount(head, minlength=n_nodes)
        cut: Bools = self._takes_in[whole.node] | (arriving < self._n_arriving[whole.node])
        edge = np.flatnonzero(cut[head])
        row = np.cumsum(cut) - 1
        here = _gathered(row[head[edge]], self._leaves[whole.edge[edge]], int(np.count_nonzero(cut)))
        beside = np.zeros((n_nodes, self._leaves.shape[1]), dtype=np.float32)
        beside[cut] = np.maximum(self._arrives[whole.node[cut]] - here, np.float32(0.0))
        return beside


def steps_of(state: Screening) -> tuple[Floats, NDArray[np.int32]]:
    """Return the time steps of a screening and the number of sweeps of each."""
    return state.arrays.steps(state.storm, state.setup.inlet_time_min)


def _gathered(head: Ints32 | Rows, leaves: NDArray[np.float32], n_nodes: int) -> NDArray[np.float32]:
    """Sum what arrives at each node, (n_nodes, n_steps)."""
    from scipy.sparse import csr_array

    ones = np.ones(len(head), dtype=np.float32)
    return np.asarray(csr_array((ones, (head, np.arange(len(head)))), shape=(n_nodes, len(head))) @ leaves)


def _settled(state: Screening, model: ScreeningModel, bounds_min: Floats) -> tuple[NDArray[np.float32], ScreeningModel]:
    """Return the inflows of a model that change with time, (n_nodes, n_steps) m³/s, and the model without them."""
    series, series_m3s = model.series(state.storm, bounds_min)
    told = series >= 0
    comes = np.zeros((len(series), len(bounds_min) - 1), dtype=np.float32)
    comes[told] = series_m3s[series[told]]
    return comes, replace(model.with_nodes(own_ha=np.where(told, 0.0, model.nodes.own_ha)), inflows=None)
