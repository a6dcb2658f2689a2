"""A network cut into pieces on disk, with what of each hangs on the whole network, and what is left of it in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.analyses.separation.centre_lines import CentreLines, centre_lines
from drainage.analyses.separation.coverage import (
    PLOT_REACH_M,
    WITHIN_M,
    check_systems,
    issues_of_layers,
    one_side_only,
)
from drainage.analyses.separation.unserved import Plots, unserved_plots
from drainage.analyses.waterlogging.sightings import MATCH_DISTANCE_M
from drainage.arrays import marked
from drainage.errors import DrainageError, FormatError, SimulationError
from drainage.hydraulics.rainfall import Storm
from drainage.hydraulics.sewage import SewageRates
from drainage.network import DrainageNetwork
from drainage.partitions.cut_pieces import Cut
from drainage.partitions.exact_tables import write_exactly
from drainage.partitions.packing import partitions_of
from drainage.partitions.piece import lay
from drainage.partitions.tasks import PIECES, ROADS, Asked, Task
from drainage.report.analyze import check_told_apart
from drainage.simulation.dry_weather import branch_sewage
from drainage.simulation.ensemble.digest import digest
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.simulation.screening.screen import Given, read_given
from drainage.simulation.setup import Setup
from drainage.words import in_both

T = TypeVar("T")

#: Columns of the network that stay in memory for the summaries.
_PIPES: Final = ("system", "length_m")
_NODES: Final = ("kind", "kind_source")


class Roads(NamedTuple):
    """What the answer about separation needs beside where pipes run along roads."""

    centre: CentreLines
    plots: Plots
    issues: pd.DataFrame
    not_known: str | None


@dataclass(frozen=True, eq=False)
class Plan:
    """Pieces that lie on disk, and of the network what is put together at the end.

    Parameters
    ----------
    thin
        The network without its places and most of its columns.
    storm
        That was asked about, whether it can be screened or not.
    asked
        What is asked; of the pieces of a part that is split the one half or the other.
    tasks
        One for each piece.
    roads
        None where separation is not measured.
    assumptions
        Of the screening; None where no storm is screened.
    sightings, near_sightings
        Observed waterlogging, and the storm pipes near it.
    unanswered
        Question that cannot be asked → why.
    """

    thin: DrainageNetwork
    storm: Storm | None
    asked: Asked
    tasks: tuple[Task, ...]
    roads: Roads | None
    assumptions: Mapping[str, str] | None
    sightings: gpd.GeoDataFrame | None
    near_sightings: DrainageNetwork
    unanswered: Mapping[str, str]

    @property
    def flow_tasks(self) -> tuple[Task, ...]:
        """Those asked about mixed flow: each pipe is in one of them."""
        return tuple(task for task in self.tasks if task.asked.flow)

    @property
    def local_tasks(self) -> tuple[Task, ...]:
        """Those asked about roads and the storm: each pipe and node is answered in one of them."""
        return tuple(task for task in self.tasks if task.asked.local)


def lay_out(
    net: DrainageNetwork, storm: Storm | None, setup: Setup, count: int, place: Path, progress: Callable[[float], None]
) -> Plan:
    """Cut a network into pieces and write them into a folder; what lies there already, whole, is left as it is.

    Raises
    ------
    FormatError
        The network is a model of EPA SWMM, which runs as one.
    """
    if net.origin.model is not None:
        raise FormatError(in_both("partitions_no_model", network=net.source))
    unanswered: dict[str, str] = {}
    rates = SewageRates()
    mixed = _tried("mixed_flow", lambda: _can_be_mixed(net, rates), unanswered) is not None
    roads = _tried("separation", lambda: _roads(net), unanswered)
    given = _tried("waterlogging", lambda: _given(net, storm, setup), unanswered)
    told = replace(setup, catchments=None, tailwater_m=None)
    names = digest([] if roads is None else roads.centre.names.tolist())
    asked = Asked(None if given is None else storm, told, mixed, rates, names)
    place.joinpath(PIECES).mkdir(parents=True, exist_ok=True)
    if roads is not None:
        _write_names(roads.centre.names, place / ROADS)
    tasks: list[Task] = []
    of_node = partitions_of(net, count, storm=given is not None)
    number = int(max(of_node.flow.max(initial=-1), of_node.local.max(initial=-1))) + 1
    flow = Cut(net, given, of_node.flow, number)
    local = flow if of_node.local is of_node.flow else Cut(net, given, of_node.local, number)
    for k in range(number):
        half = replace(asked, storm=asked.storm if local.has(k) else None, flow=flow.has(k), local=local.has(k))
        cut = local if half.local else flow
        piece = cut.piece(k, None if roads is None else roads.centre.pieces, local=half.local)
        tasks.append(Task(place, lay(piece, k, place / PIECES), half))
        progress((k + 1) / number)
    sightings = net.layers.get("reports")
    return Plan(
        _thin(net), storm, asked, tuple(tasks), roads,
        None if given is None else given.assumptions, sightings, _near(net, sightings), unanswered,
    )  # fmt: skip


def _tried(question: str, answer: Callable[[], T], unanswered: dict[str, str]) -> T | None:
    try:
        return answer()
    except DrainageError as error:
        unanswered[question] = error.said
        return None


def _can_be_mixed(net: DrainageNetwork, rates: SewageRates) -> bool:
    check_told_apart(net)
    branch_sewage(net, rates)  # refuses numbers that cannot be read
    return True


def _roads(net: DrainageNetwork) -> Roads:
    centre = centre_lines(net, None, WITHIN_M)
    check_systems(net)
    plots = unserved_plots(net, centre, WITHIN_M, PLOT_REACH_M)
    return Roads(centre, plots, issues_of_layers(net, None, "road").frame(), one_side_only(net))


def _given(net: DrainageNetwork, storm: Storm | None, setup: Setup) -> Given:
    if storm is None:
        raise SimulationError(in_both("no_storm"))
    return read_given(net, storm, setup)


def _write_names(names: pd.Index, path: Path) -> None:
    from drainage.writing import replacing_file

    with replacing_file(path, ending=path.suffix, force=True) as part:
        write_exactly(pd.DataFrame({"road": names.astype(object)}), part)


def _thin(net: DrainageNetwork) -> DrainageNetwork:
    """Return a network with what is summed up of it, and no places."""
    pipes, nodes = (
        gpd.GeoDataFrame(
            frame[list(names)].copy(),  # else the whole frame is held with them
            geometry=gpd.GeoSeries(np.full(len(frame), None), frame.index, crs=net.crs),
        )
        for frame, names in ((net.pipes, _PIPES), (net.nodes, _NODES))
    )
    return DrainageNetwork(
        pipes, nodes, ends=(net.graph.tail, net.graph.head), issues=net.issues, synthetic=net.synthetic,
        origin=replace(net.origin, not_there=None),
    )  # fmt: skip


def _near(net: DrainageNetwork, sightings: gpd.GeoDataFrame | None) -> DrainageNetwork:
    """Return the storm pipes by which sightings are older than what lies there now."""
    pipes = net.pipes
    near = np.zeros(len(pipes), dtype=np.bool_)
    if sightings is not None and len(sightings) and net.crs is not None and sightings.crs is not None:
        laid = np.flatnonzero(pipes["system"].isin(STORM_SYSTEMS).to_numpy() & pipes["commissioned"].notna().to_numpy())
        shapes = np.asarray(pipes.geometry.array[laid])
        reach = MATCH_DISTANCE_M + 1.0
        found, _ = sightings.to_crs(net.crs).sindex.query(shapes, predicate="dwithin", distance=reach)
        near[laid[found]] = True
    nodes = marked(len(net.nodes), net.graph.tail[near], net.graph.head[near])
    number = np.cumsum(nodes) - 1
    ends = (number[net.graph.tail[near]], number[net.graph.head[near]])
    return DrainageNetwork(pipes[near], net.nodes[nodes], ends=ends)
