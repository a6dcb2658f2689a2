"""What is done at nodes: manholes and structures built, deepened and given up, flap gates, pumps, storage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints
from drainage.plans.bill.item_kinds import UNKNOWN
from drainage.plans.bill.trench import class_names, classes_of
from drainage.plans.bill.two_states import Side, TwoStates
from drainage.schema.columns import column_of

#: Kinds of node that nobody builds as part of the works.
_NOT_BUILT: Final = ("user",)
#: Kinds of node that are not given up because no pipe is left: their water needs another way.
_KEPT: Final = ("user", "inlet", "works")


def node_works(states: TwoStates, bounds: Sequence[float], *, level_m: float) -> Iterator[pd.DataFrame]:
    """Yield the pieces of work at nodes.

    Parameters
    ----------
    states
        The network before and after.
    bounds
        Of the classes of depth, m: that of a manhole runs from the ground to its invert, or the lowest of its pipes.
    level_m
        A manhole is deepened whose invert falls by more.
    """
    before, after = states.before, states.after
    then, now = before.nodes, after.nodes
    at = then.index.get_indexer(now.index)
    names = np.array(class_names(bounds), dtype=object)
    depth = _depths_m(after)
    sizes = _largest(after)
    kinds = now["kind"].to_numpy(dtype=object)

    def built(kind: str, rows: Ints) -> pd.DataFrame:
        return states.node_pieces(
            kind, after, rows, structure=kinds[rows], system=after.systems[rows], pipe_size=sizes[rows],
            depth_class=names[classes_of(depth[rows], bounds)], trench_from_m=depth[rows], trench_to_m=depth[rows],
            filled=after.node_filled[rows],
        )  # fmt: skip

    yield built("node_new", np.flatnonzero((at < 0) & ~np.isin(kinds, _NOT_BUILT)))
    stay = np.flatnonzero(at >= 0)
    fallen = column_of(then, "invert_m")[at[stay]] - column_of(now, "invert_m")[stay]
    yield built("node_deepened", stay[np.nan_to_num(fallen) > level_m + 1e-9])
    left = np.flatnonzero(_alone(states) & ~then["kind"].isin(_KEPT).to_numpy())
    yield states.node_pieces(
        "node_given_up", before, left, structure=then["kind"].to_numpy(dtype=object)[left],
        system=before.systems[left], pipe_size=_largest(before)[left],
    )  # fmt: skip
    gated, was_gated = (_gated(side) for side in (after, before))
    rows = np.flatnonzero(gated & ~np.append(was_gated, [False])[at])
    yield states.node_pieces(
        "flap_gate", after, rows, system=after.systems[rows], pipe_size=sizes[rows]
    )  # fmt: skip
    yield from _equipment(states, at)


def unused_inlets(states: TwoStates) -> list[str]:
    """Return the inlets that no pipe uses any more: the works do not say what becomes of their water."""
    rows = _alone(states) & states.before.nodes["kind"].isin(["inlet"]).to_numpy()
    return [str(name) for name in states.before.nodes.index[rows]]


def _alone(states: TwoStates) -> NDArray[np.bool_]:
    """(n_nodes,) before the works a pipe uses the node, after them none does."""
    left = states.used_before - states.used_after
    return np.asarray(states.before.nodes.index.isin(left), np.bool_)


def _equipment(states: TwoStates, at: Ints) -> Iterator[pd.DataFrame]:
    """Yield pumps with their gate at outfalls, and volumes that are held back."""
    before, after = states.before, states.after

    def more(name: str) -> Floats:
        now, then = (np.nan_to_num(column_of(side.nodes, name)) for side in (after, before))
        return np.asarray(now - np.append(then, [0.0])[at])

    pumped, lifted = more("pump_m3s"), column_of(after.nodes, "pumped_to_m")
    lifted_before = np.append(column_of(before.nodes, "pumped_to_m"), [np.nan])[at]
    rows = np.flatnonzero((pumped > 0.0) | (np.isfinite(lifted) & np.isnan(lifted_before)))
    flow = column_of(after.nodes, "pump_m3s")[rows]
    texts = [f"{one:g} m³/s" if np.isfinite(one) else UNKNOWN for one in flow]
    yield states.node_pieces("outfall_pump", after, rows, pipe_size=np.array(texts, dtype=object))
    volume = more("tank_m3")
    rows = np.flatnonzero(volume > 0.0)
    yield states.node_pieces("stored", after, rows, volume[rows])


def _gated(side: Side) -> NDArray[np.bool_]:
    if "flap_gate" not in side.nodes:
        return np.zeros(len(side.nodes), np.bool_)
    return np.asarray(side.nodes["flap_gate"].eq("yes").to_numpy(), np.bool_)


def _depths_m(side: Side) -> Floats:
    """(n_nodes,) from the ground to the invert of the node, or the lowest invert of its pipes, m; NaN if unknown."""
    lowest = np.full(len(side.nodes), np.inf)
    for end, row in (("from", side.net.graph.tail), ("to", side.net.graph.head)):
        np.fmin.at(lowest, row, column_of(side.pipes, f"invert_{end}_m"))
    invert = np.fmin(column_of(side.nodes, "invert_m"), lowest)
    depth = column_of(side.nodes, "ground_m") - invert
    return np.where(np.isfinite(depth) & (depth >= 0.0), depth, np.nan)


def _largest(side: Side) -> NDArray[np.object_]:
    """(n_nodes,) size of the largest pipe in use at each node."""
    area = np.where(side.in_use & side.conduit, np.nan_to_num(side.area_mm2, nan=0.0), -1.0)
    ends, pipe = np.concatenate([side.net.graph.tail, side.net.graph.head]), np.tile(np.arange(len(area)), 2)
    order = np.argsort(area[pipe], kind="stable")
    order = order[area[pipe[order]] >= 0.0]
    row = np.full(len(side.nodes), -1, np.int64)
    row[ends[order]] = pipe[order]  # of several the last, which is the largest
    return np.append(side.sizes, [UNKNOWN])[row]
