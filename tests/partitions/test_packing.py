"""Which parts go into which partition: none is cut for what flows one way, no storm part for the storm."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.partitions.packing import partitions_of
from drainage.simulation.pipes import STORM_SYSTEMS
from tests.support.drains import drain
from tests.support.examples import examples
from tests.support.towns_in_parts import drained, towns


def parts_of(*parts: int) -> dr.DrainageNetwork:
    """Give drains of so many pipes each, one after the other to the east."""
    pipes = [f"D{part}_{k}>D{part}_{k + 1} storm" for part, count in enumerate(parts) for k in range(count)]
    names = {name for pipe in pipes for name in pipe.split()[0].split(">")}
    places = {name: (1000.0 * int(name[1:].split("_")[0]) + float(name.split("_")[1]), 0.0) for name in names}
    return drain(pipes, dict.fromkeys(names, 10.0), places=places)


def sizes(net: dr.DrainageNetwork, of_node: np.ndarray) -> list[int]:
    return [int(count) for count in np.bincount(of_node[net.graph.tail])]


@examples(200)
@given(net=towns() | towns(joined=True), count=st.integers(1, 8), storm=st.booleans())
def test_every_node_has_its_partition_and_no_part_is_cut(net: dr.DrainageNetwork, count: int, *, storm: bool) -> None:
    found = partitions_of(net, count, storm=storm)
    tail, head = net.graph.tail, net.graph.head
    wet = net.pipes["system"].isin(STORM_SYSTEMS).to_numpy()
    assert (found.flow[tail] == found.flow[head]).all()
    assert (found.local[tail] == found.local[head])[wet].all()
    numbers = np.unique(np.concatenate([found.flow, found.local]))
    assert numbers.tolist() == list(range(len(numbers)))
    apart = found.flow != found.local
    assert not set(found.flow[apart]) & set(found.local)  # the two halves of what is split
    assert not set(found.local[apart]) & set(found.flow)
    assert storm or not apart.any()


def test_parts_that_are_no_larger_than_their_share_are_asked_everything_in_one_partition() -> None:
    net = parts_of(5, 5, 5, 5)
    found = partitions_of(net, 4)
    assert sizes(net, found.flow) == [5, 5, 5, 5]
    assert (found.local == found.flow).all()


def test_a_storm_part_is_not_cut_and_written_once_however_large_it_is() -> None:
    net = parts_of(20, 2, 2)
    found = partitions_of(net, 6)
    assert (found.local == found.flow).all()
    assert max(sizes(net, found.local)) == 20


def test_a_part_that_a_sewer_holds_together_is_one_partition_for_what_flows_one_way_and_many_for_the_storm() -> None:
    """8·5 pipes of drains, 8 of the sewer and 8 misconnections: 56, a quarter is 14."""
    net = drained(8, 6)
    found = partitions_of(net, 4)
    assert sizes(net, found.flow) == [56]
    assert sizes(net, found.local) == [0, 16, 14, 14, 12]


def test_what_was_split_and_what_was_not_share_the_partitions_by_their_pipes() -> None:
    """56 pipes of one part and twice 28 of others: two partitions of the storm each, and one for what flows one way."""
    alone, beside = drained(8, 6), parts_of(28, 28)
    net = alone.replace(
        pipes=pd.concat([alone.pipes, beside.pipes.add_prefix("E", axis=0).assign(**_renamed(beside))]),
        nodes=pd.concat([alone.nodes, beside.nodes.add_prefix("E", axis=0)]),
    )
    found = partitions_of(net, 4)
    assert sizes(net, found.flow) == [56, 28, 28]
    assert sizes(net, found.local) == [0, 28, 28, 30, 26]


def test_a_node_without_a_pipe_is_no_partition_by_itself() -> None:
    net = drained(8, 6)
    lone = net.nodes.iloc[[0]].set_axis(["LONE"])
    found = partitions_of(net.replace(nodes=pd.concat([net.nodes, lone.rename_axis("node_id")])), 4)
    assert sizes(net, found.flow) == [56]
    assert sizes(net, found.local) == [0, 16, 14, 14, 12]


def _renamed(net: dr.DrainageNetwork) -> dict[str, pd.Series]:
    return {end: ("E" + net.pipes[end]).add_prefix("E", axis=0) for end in ("from_node", "to_node")}
