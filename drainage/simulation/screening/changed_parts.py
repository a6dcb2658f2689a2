"""A storm asked again after a few changes: only the connected parts that changed are run, of all others it is known.

What a storm does to a connected part hangs on that part alone, so that the answer is that of a whole new run, to the
last bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.simulation.screening.model import Routed, ScreeningModel
from drainage.simulation.screening.run_model import Run, route_run, run_of


class Was(NamedTuple):
    """All nodes and pipes of a network as it was, its model, the storm as it ran through that, and what came out."""

    node_ids: pd.Index
    pipe_ids: pd.Index
    model: ScreeningModel
    run: Run
    routed: Routed


def run_since(
    was: Was, net: DrainageNetwork, model: ScreeningModel, storm: Storm, *, inlet_time_min: float, levels: bool = True
) -> Routed:
    """Run a storm through the model of a network, but for the connected parts that are what they were.

    Parameters
    ----------
    was
        What is known of the network before it changed.
    net, model
        The network, and its pipes in model order.
    storm, inlet_time_min, levels
        As of `route`, to which the answer is equal to the last bit.
    """
    run = run_of(model, storm, inlet_time_min=inlet_time_min)
    if not _same_rain(run, was.run):
        return route_run(run, levels=levels)
    node_was = _matched(was.node_ids, was.model.node_row, net.nodes.index, model.node_row)
    edge_was = _matched(was.pipe_ids, was.model.pipe_row, net.pipes.index, model.pipe_row)
    alike = _alike(run, was.run, node_was, edge_was)
    nodes = np.array(was.routed.nodes.T[:, node_was])
    edges = np.array(was.routed.edges.T[:, edge_was])
    if not alike.all():
        steps = model.steps(storm, inlet_time_min)
        run = run_of(model.subset(~alike), storm, inlet_time_min=inlet_time_min, steps=steps)
        anew = route_run(run, levels=levels)
        at_node = ~alike[model.part]
        nodes[:, at_node], edges[:, at_node[model.tail]] = anew.nodes.T, anew.edges.T
    return Routed(nodes.T, edges.T)


def _same_rain(run: Run, was: Run) -> bool:
    """Say whether the same falls in the same steps, and nothing comes beside it."""
    return (
        not len(run.series_m3s)
        and not len(was.series_m3s)
        and np.array_equal(run.step_s, was.step_s)
        and np.array_equal(run.runoff_m3s_per_ha, was.runoff_m3s_per_ha)
        and np.array_equal(run.step_sweeps, was.step_sweeps)
    )


def _matched(ids_was: pd.Index, row_was: NDArray[np.int32], ids: pd.Index, row: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return the number in the former model of each of this one, by its id; -1 where it was not in it."""
    number = np.full(len(ids_was) + 1, -1, dtype=np.intp)
    number[row_was] = np.arange(len(row_was))
    same = ids is ids_was or ids.equals(ids_was)
    return np.asarray(number[row if same else ids_was.get_indexer(ids)[row]])


def _alike(run: Run, was: Run, node_was: NDArray[np.intp], edge_was: NDArray[np.intp]) -> Bools:
    """Mark the parts that are, node by node and pipe by pipe, what one part was, in its order, (n_parts,)."""
    part = np.repeat(np.arange(len(run.group_ptr) - 1), np.diff(run.group_ptr))
    first = run.group_ptr[:-1].astype(np.intp)
    part_was = np.searchsorted(was.group_ptr, np.maximum(node_was[first], 0), side="right") - 1
    first_was = was.group_ptr[part_was]
    alike = (node_was[first] == first_was) & (np.diff(was.group_ptr)[part_was] == np.diff(run.group_ptr))
    shift = first_was - first
    other = node_was - np.arange(len(node_was)) != shift[part]
    other |= np.diff(run.ptr) != np.diff(was.ptr)[node_was]
    for now, then in zip(run.nodes, was.nodes, strict=True):
        other |= now != then[node_was]
    alike[part[other]] = False
    edge_part = np.repeat(part, np.diff(run.ptr))
    edge_shift = was.ptr[first_was] - run.ptr[first]
    other = edge_was - np.arange(len(edge_was)) != edge_shift[edge_part]
    other |= was.head[edge_was] - run.head != shift[edge_part]
    for now, then in zip(run.table, was.table, strict=True):
        other |= now != then[edge_was]
    alike[edge_part[other]] = False
    return np.asarray(alike)
