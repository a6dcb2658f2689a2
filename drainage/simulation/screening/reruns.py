"""Many small changes screened side by side: of each only what it reaches, what comes from elsewhere as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats, Ints
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3, ScreeningModel, side_by_side
from drainage.simulation.screening.run_model import route

#: Copies of parts that are swept at once hold no more nodes than this, or one copy.
MOST_NODES_AT_ONCE: Final = 20_000


class Changed(NamedTuple):
    """A part of a model, changed: the model itself, and its nodes and pipes by their number in the whole."""

    model: ScreeningModel
    node: Ints
    edge: Ints


class Reruns:
    """A model ready to be run again in parts.

    Parameters
    ----------
    state
        The screening whose storm and levels count.
    model
        What is run again; all of it or whole parts of it.
    """

    def __init__(self, state: Screening, model: ScreeningModel) -> None:
        self.state, self._steps = state, steps_of(state)
        comes, self.model = _settled(state, model, self._steps[0])
        model = self.model
        self.graph = model.graph
        self.part = model.part
        level = state.nodes["level_m"].to_numpy(dtype=np.float64)[model.node_row]
        with np.errstate(invalid="ignore"):
            self._drowned = level[model.head] > model.pipes.z_down_m + model.pipes.height_m
        self._overflows = state.nodes["overflows"].to_numpy()[model.node_row]
        self._leaves = np.zeros((len(model.head), comes.shape[1]), dtype=np.float32)
        route(
            model,
            state.storm,
            inlet_time_min=state.setup.inlet_time_min,
            steps=self._steps,
            beside_m3s=comes,
            record_m3s=self._leaves,
            levels=False,
        )
        self._arrives = comes + self._gathered(model.head, self._leaves, len(model.node_row))

    def reach(self, at_node: Bools) -> Bools:
        """Mark what a change at the marked nodes reaches, (n_nodes,).

        Up from them the grade line can change as far as pipes are drowned at their lower ends: what overflows there may
        come down, and flow in all that lies below it. What comes from the branches beside is taken to stay as it was.
        """
        above = self.graph.upstream(at_node, self._drowned).nodes & self._overflows
        return np.asarray(self.graph.downstream(above | at_node).nodes)

    def take(self, nodes: Bools) -> Changed:
        """Return the marked nodes as a part, still unchanged, with all nodes to which their pipes lead."""
        return Changed(self.model.keep(nodes), np.flatnonzero(nodes), np.flatnonzero(nodes[self.graph.tail]))

    def overflow(self, parts: Sequence[Changed]) -> list[Floats]:
        """Return the overflow of the nodes of each part, m³; all parts run at once."""
        whole = side_by_side([part.model for part in parts])
        node, edge = (np.concatenate([part[k] for part in parts]) for k in (1, 2))
        beside = self._arrives[node] - self._gathered(whole.head, self._leaves[edge], len(node))
        volume = route(
            whole,
            self.state.storm,
            inlet_time_min=self.state.setup.inlet_time_min,
            steps=self._steps,
            beside_m3s=np.maximum(beside, np.float32(0.0)),
            levels=False,
        ).nodes[:, 2]
        volume = np.where(volume >= LEAST_OVERFLOW_M3, volume, 0.0)
        return np.split(volume, np.cumsum([len(part.node) for part in parts])[:-1])

    @staticmethod
    def _gathered(head: NDArray[np.int32], leaves: NDArray[np.float32], n_nodes: int) -> NDArray[np.float32]:
        """Sum what arrives at each node, (n_nodes, n_steps)."""
        from scipy.sparse import csr_array

        ones = np.ones(len(head), dtype=np.float32)
        return np.asarray(csr_array((ones, (head, np.arange(len(head)))), shape=(n_nodes, len(head))) @ leaves)


def steps_of(state: Screening) -> tuple[Floats, NDArray[np.int32]]:
    """Return the time steps of a screening and the number of sweeps of each."""
    return state.arrays.steps(state.storm, state.setup.inlet_time_min)


def _settled(state: Screening, model: ScreeningModel, bounds_min: Floats) -> tuple[NDArray[np.float32], ScreeningModel]:
    """Return the inflows of a model that change with time, (n_nodes, n_steps) m³/s, and the model without them."""
    series, series_m3s = model.series(state.storm, bounds_min)
    told = series >= 0
    comes = np.zeros((len(series), len(bounds_min) - 1), dtype=np.float32)
    comes[told] = series_m3s[series[told]]
    return comes, replace(model.with_nodes(own_ha=np.where(told, 0.0, model.nodes.own_ha)), inflows=None)
