"""The network as if some of the works had not been done, or only they: pipes of both sides in one network."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.outcome.both_sides import BothSides, Side
from drainage.analyses.outcome.works_done import WorksDone
from drainage.arrays import Bools, Ints32, Rows, marked
from drainage.network import DrainageNetwork

#: Behind the id of what comes from the other side and has the id of something else here.
_OTHER = "~"


def swapped(
    both: BothSides, base: Side, works: WorksDone, chosen: Sequence[tuple[int, int]], part: Ints32
) -> tuple[DrainageNetwork, Rows]:
    """Return the network of one side with pieces of work as they are on the other side.

    Parameters
    ----------
    base
        ``after``: these works are taken back; ``before``: they alone are done.
    chosen
        Numbers of the works that are swapped, and each the part of the network in which that is done.
    part
        (count,) part of the network that each node belongs to.

    Returns
    -------
    The network, and the numbers of its nodes.
    """
    other: Side = "before" if base == "after" else "after"
    here, there = both.network(base), both.network(other)
    leaves, comes = (_pipes_of(both, side, works, chosen, part) for side in (base, other))
    ends = {side: both.ends[side] for side in (base, other)}
    tail = np.concatenate([ends[base].tail[~leaves], ends[other].tail[comes]])
    head = np.concatenate([ends[base].head[~leaves], ends[other].head[comes]])
    used = marked(both.count, tail, head)
    once = marked(both.count, ends[base].tail, ends[base].head)
    base_has = marked(both.count, both.number[base])
    kept = base_has & (used | ~once)
    arrives = marked(both.count, both.number[other]) & used & ~base_has
    as_there = _as_on_the_other_side(both, base, works, chosen, part)
    frame, numbers = _nodes(both, base, other, kept, arrives, as_there)
    row = np.full(both.count, -1)
    row[numbers] = np.arange(len(numbers))
    pipes = _joined(here.pipes[~leaves], there.pipes[comes])
    names = frame.index.to_numpy(dtype=object)
    pipes["from_node"], pipes["to_node"] = names[row[tail]], names[row[head]]
    return here.replace(pipes=pipes, nodes=frame, ends=(row[tail], row[head])), numbers


def _pipes_of(both: BothSides, side: Side, works: WorksDone, chosen: Sequence[tuple[int, int]], part: Ints32) -> Bools:
    """(n_pipes,) pipes of one side that belong to the chosen works in their parts."""
    return _among(works.pipe[side], part[both.ends[side].tail], chosen)


def _as_on_the_other_side(
    both: BothSides, base: Side, works: WorksDone, chosen: Sequence[tuple[int, int]], part: Ints32
) -> Bools:
    """(count,) nodes that are as on the other side: those that done works touch are as they are after."""
    piece, node = works.nodes
    swaps = _among(piece, part[node], chosen)
    touched = marked(both.count, node[swaps])
    return touched if base == "before" else touched & ~marked(both.count, node[~swaps])


def _among(piece: Rows, part: Ints32, chosen: Sequence[tuple[int, int]]) -> Bools:
    found = np.zeros(len(piece), np.bool_)
    for number, its_part in chosen:
        found |= (piece == number) & (part == its_part)
    return found


def _nodes(
    both: BothSides, base: Side, other: Side, kept: Bools, arrives: Bools, as_there: Bools
) -> tuple[gpd.GeoDataFrame, Rows]:
    """Return the nodes, and the number of each."""
    here, there = both.network(base).nodes, both.network(other).nodes
    number = both.number
    stays = kept[number[base]]
    swap = stays & as_there[number[base]] & marked(both.count, number[other])[number[base]]
    row_there = np.full(both.count, -1)
    row_there[number[other]] = np.arange(len(there))
    replaced = there.iloc[row_there[number[base][swap]]]
    replaced.index = here.index[swap]
    came = there[arrives[number[other]]]
    frame = _joined(_joined(here[stays & ~swap], replaced), came)
    numbers = np.concatenate([
        number[base][stays & ~swap], number[base][swap], number[other][arrives[number[other]]]
    ])  # fmt: skip
    return frame, numbers


def _joined(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put rows of another table of the same kind under a table; an id that is there already gets a mark."""
    if not len(other):
        return one
    names = list(map(str, other.index))
    taken = set(one.index)
    for k, name in enumerate(names):
        while name in taken:
            name += _OTHER  # noqa: PLW2901 - until it is free
        names[k] = name
        taken.add(name)
    other = other.set_axis(pd.Index(names, name=one.index.name, dtype=one.index.dtype))
    return gpd.GeoDataFrame(pd.concat([one, other]), geometry=one.geometry.name, crs=one.crs)
