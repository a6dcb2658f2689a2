"""What the page on large networks says of real cities: how much of each its largest part holds, and at best if cut."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import drainage as dr
from drainage.arrays import Bools, marked
from drainage.measures import LIFT
from drainage.simulation.pipes import STORM_SYSTEMS
from tests.cities.deliveries import SOURCES, mapping_of, source_of
from tests.conftest import ROOT

FEWEST_PIPES = 300


class Shares(NamedTuple):
    """Pipes, pumps, and the largest part, storm part, and storm part cut at drops, %."""

    pipes: int
    pumps: int
    part: float
    storm: float
    cut: float


def shares(net: dr.DrainageNetwork) -> Shares:
    graph, measures = net.graph, net.measures
    every, storm = np.ones(graph.n_edges, np.bool_), net.systems.among(*STORM_SYSTEMS)

    def largest(joining: Bools, among: Bools) -> float:
        part = graph.only(joining).part
        return 100.0 * float(np.bincount(part[graph.tail[among]]).max(initial=0)) / graph.n_edges

    pumps = storm & (measures.passes == LIFT)
    crown = np.full(graph.n_nodes, -np.inf)
    np.maximum.at(crown, graph.tail[storm], np.nan_to_num((measures.z_up_m + measures.height_m)[storm], nan=np.inf))
    goes_on = marked(graph.n_nodes, graph.tail[storm])
    drops = storm & goes_on[graph.head] & (np.minimum(measures.z_up_m, measures.z_down_m) >= crown[graph.head])
    whole, uncut = largest(every, every), largest(storm, storm)
    return Shares(graph.n_edges, int(pumps.sum()), whole, uncut, largest(storm & ~pumps & ~drops, storm))


@pytest.mark.long
def test_they_are_as_the_page_says(shared_networks: Path) -> None:
    nets = (dr.read_network(source_of(shared_networks, city), mapping=mapping_of(city)) for city in SOURCES)
    found = [shares(net.as_of(dt.date(2026, 11, 30))) for net in nets]
    large = [one for one in found if one.pipes > FEWEST_PIPES]
    pipes, pumps, *held = (np.array(column) for column in zip(*large, strict=True))
    assert (len(large), pipes.min(), pipes.max(), pumps.max()) == (15, 334, 1559, 0)
    said = [(one.min().round(), one.max().round(), np.median(one).round()) for one in held]
    assert said == [(14, 48, 29), (1, 46, 15), (1, 42, 12)]
    page = (ROOT / "docs" / "start" / "large-networks.md").read_text(encoding="utf-8")
    assert "15 real extracts of 334 to 1,559 pipes the largest part holds 14 to 48 % of all pipes" in page
    assert "half of them more than 29 %; the largest storm part 1 to 46 %, half of them more than 15 %" in page
    assert "the largest storm part would hold 1 to 42 %, half of them 12 % or more" in page
