"""What a network is to the EPA SWMM engine: its junctions, outfalls, conduits and pumps, row by row.

The engine wants one pipe at an outfall, a place where a pump delivers, and a level for every node: nodes are added
for that, behind those of the network, and carry a ``~`` in their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Bools, Floats, Ints, spread
from drainage.formats.inp.edit.section_rows import Sections, section_rows
from drainage.formats.inp.text.names import engine_names
from drainage.measures import pipe_roughness
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.simulation.pipes import has_flap
from drainage.simulation.swmm.pumps import RIVER
from drainage.words import in_both

#: Shortest conduit, m: a wave crosses a shorter one within the engine's smallest step of half a second.
LEAST_LENGTH_M: Final = 1.0
#: Head that a node of unknown ground bears, m: more than any drain has, so that it cannot overflow.
SEALED_M: Final = 100.0


class EngineTables(NamedTuple):
    """Rows for the engine.

    Parameters
    ----------
    pipes
        Index ``pipe_id``: ``name``, ``tail`` and ``head`` (rows of ``nodes``), ``length_m``, ``manning_n``,
        ``z_from_m``, ``z_to_m``.
    nodes
        ``row`` (of the network's nodes), ``name``, ``kind`` (junction, outfall), ``invert_m``, ``depth_m``,
        ``start_m`` (water that stands there before the storm), ``sealed_m`` (head above the ground that it bears),
        ``stage_m`` (of outfalls, nan: free), ``stage_series`` (its name where the stage changes, else empty), ``gated``
        (an outfall with a flap), ``tank_m3`` (what is held back there before it overflows), ``x``, ``y``.
    pumps
        ``name``, ``tail``, ``head``: rows of ``nodes``; ``capacity_m3s``, nan: it lifts all that comes.
    sections
        Cross-sections, in the order of ``pipes``.
    roughness
        Where Manning's n comes from.
    """

    pipes: pd.DataFrame
    nodes: pd.DataFrame
    pumps: pd.DataFrame
    sections: Sections
    roughness: str

    def node_of_row(self, count: int) -> Ints:
        """(count,) row of ``nodes`` that stands for each node of the network, -1 for none."""
        row = self.nodes["row"].to_numpy()
        return spread(count, row[::-1], np.arange(len(row))[::-1], -1)

    def subset(self, kept: Bools) -> EngineTables:
        """Keep the marked nodes, (n_nodes,), and the pipes and pumps that leave them; none may lead to another node."""
        number = np.cumsum(kept) - 1
        pipe, pump = (kept[table["tail"].to_numpy()] for table in (self.pipes, self.pumps))
        pipes, pumps = (
            table[there].assign(tail=number[table["tail"][there]], head=number[table["head"][there]])
            for table, there in ((self.pipes, pipe), (self.pumps, pump))
        )
        sections = Sections(*(column[pipe] for column in self.sections))
        return EngineTables(pipes, self.nodes[kept].reset_index(drop=True), pumps, sections, self.roughness)


def complete_pipes(net: DrainageNetwork, systems: tuple[str, ...], issues: Issues) -> Bools:
    """Mark the pipes of some systems that have both inverts, a size and a length; report those that lack them."""
    pipes, graph = net.pipes, net.graph
    asked = pipes["system"].isin(systems).to_numpy()
    length = column_of(pipes, "length_m")
    lacks = {
        "invert_from_m": np.isnan(column_of(pipes, "invert_from_m")),
        "invert_to_m": np.isnan(column_of(pipes, "invert_to_m")),
        in_both("size"): ~section_rows(pipes).known,
        "length_m": ~(length > 0.0),
    }
    lacking = np.logical_or.reduce(list(lacks.values()))
    missing = asked & lacking
    reasons = [
        in_both("has_no", what=joined((name for name, lack in lacks.items() if lack[row]), ", no "))
        for row in np.flatnonzero(missing)
    ]
    issues.add("incomplete", "error", "pipe", pipes.index[missing], reasons, in_both("left_out_above"))
    loop = asked & ~lacking & (graph.tail == graph.head)
    issues.add("self_loop", "error", "pipe", pipes.index[loop], in_both("ends_where_begins"), in_both("left_out"))
    return np.asarray(asked & ~lacking & ~loop)


def engine_tables(
    net: DrainageNetwork, written: Bools, level_m: Floats, issues: Issues, series: Mapping[str, str] | None = None
) -> EngineTables:
    """Settle the rows of the engine.

    Parameters
    ----------
    net
        The network.
    written
        (n_pipes,) pipes that become conduits; each has inverts, size and length.
    level_m
        (n_nodes,) level of the receiving water where pipes end, nan: free; at the start, where it changes.
    issues
        Takes what the engine will see otherwise than the network says.
    series
        Outfall id → name of the time series by which its level changes.
    """
    frame, graph = net.pipes[written], net.graph
    sections = section_rows(frame)
    manning_n, origin = pipe_roughness(frame)
    _report_sections(frame, sections, issues)
    length = column_of(frame, "length_m")
    short = length < LEAST_LENGTH_M
    issues.add("short_pipe", "info", "pipe", frame.index[short], in_both("pipe_short", length_m=LEAST_LENGTH_M),
               in_both("written_long", length_m=LEAST_LENGTH_M))  # fmt: skip
    pipes = pd.DataFrame(
        {
            "tail": graph.tail[written].astype(np.int64),
            "head": graph.head[written].astype(np.int64),
            "length_m": np.maximum(length, LEAST_LENGTH_M),
            "manning_n": manning_n,
            "z_from_m": column_of(frame, "invert_from_m") + sections.bed_m,
            "z_to_m": column_of(frame, "invert_to_m") + sections.bed_m,
        },
        index=frame.index,
    )
    base, pumps = _split_nodes(net, pipes, issues)
    nodes = _levels(net, frame, pipes, base, pumps, issues)
    _report_crowns(frame, pipes, nodes, issues)
    river = (nodes["suffix"] == RIVER).to_numpy()
    level = np.where(river, column_of(net.nodes, "pumped_to_m")[nodes["row"]], level_m[nodes["row"]])
    nodes["stage_m"] = np.where(nodes["kind"] == "outfall", level, np.nan)
    changing = pd.Series(series or {}, dtype=object).reindex(net.nodes.index[nodes["row"]]).fillna("").to_numpy()
    nodes["stage_series"] = np.where(nodes["kind"] == "outfall", changing, "")
    nodes["gated"] = has_flap(net.nodes)[nodes["row"]] & (nodes["kind"] == "outfall")
    nodes["start_m"] = np.maximum(_standing(pipes, nodes) - nodes["invert_m"], 0.0)
    nodes["start_m"] = np.where(nodes["kind"] == "outfall", 0.0, np.minimum(nodes["start_m"], nodes["depth_m"]))
    _name(net, pipes, nodes, pumps)
    return EngineTables(pipes, nodes, pumps, sections, origin)


def _report_sections(frame: pd.DataFrame, sections: Sections, issues: Issues) -> None:
    silted = frame.index[sections.bed_m > 0]
    issues.add("silt_raises_bed", "info", "pipe", silted, in_both("silt_in_circles"), in_both("written_on_silt"))
    if "section_area_m2" in frame:
        measured = frame["section_area_m2"].notna().to_numpy()
        issues.add("section_simplified", "warning", "pipe", frame.index[measured], in_both("section_measured"),
                   in_both("written_by_sides"))  # fmt: skip


def _split_nodes(net: DrainageNetwork, pipes: pd.DataFrame, issues: Issues) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add an outfall for each pipe that ends, and a node for each pump to deliver to (ends of pipes in place)."""
    kind = net.nodes["kind"].to_numpy(dtype=object)
    ids = net.nodes.index
    tail, head = (pipes[end].to_numpy(dtype=np.int64, copy=True) for end in ("tail", "head"))
    count = len(kind)
    leaving, arriving = (np.bincount(end, minlength=count) for end in (tail, head))
    used = np.flatnonzero(leaving + arriving)
    ends = used[leaving[used] == 0]
    lifted = column_of(net.nodes, "pump_m3s", 0.0)
    sumps = ends[(lifted[ends] > 0.0) & (kind[ends] == "outfall")]
    ends = np.setdiff1d(ends, sumps)
    passed = used[(leaving[used] > 0) & (kind[used] == "outfall")]
    issues.add("outfall_passes_on", "warning", "node", ids[passed], in_both("outfall_left"),
               in_both("written_junction_on"))  # fmt: skip
    dead = ends[~np.isin(kind[ends], ["outfall", "works"])]
    issues.add("dead_end", "warning", "node", ids[dead], in_both("dead_end"), in_both("written_outfall"))
    stored = used[kind[used] == "storage"]
    issues.add("storage_unknown", "warning", "node", ids[stored], in_both("storage_open"), in_both("written_junction"))
    place = spread(count, used, np.arange(len(used)), -1)
    pumping = used[(kind[used] == "pump") & (leaving[used] > 0) & (arriving[used] > 0)]
    rank = pd.Series(head).groupby(head).cumcount().to_numpy()
    extra = np.flatnonzero(np.isin(head, ends) & (rank > 0))
    base = pd.DataFrame(
        {
            "row": np.concatenate([used, head[extra], pumping, sumps]),
            "kind": [
                *np.where(np.isin(used, ends), "outfall", "junction"),
                *["outfall"] * len(extra),
                *["junction"] * len(pumping),
                *["outfall"] * len(sumps),
            ],
            "suffix": [*[""] * len(used), *[f"~{n + 1}" for n in rank[extra]], *["~pump"] * len(pumping),
                       *[RIVER] * len(sumps)],
        }
    )  # fmt: skip
    delivers = spread(count, pumping, len(used) + len(extra) + np.arange(len(pumping)), -1)
    pipes["tail"] = np.where(delivers[tail] >= 0, delivers[tail], place[tail])
    new_head = place[head]
    new_head[extra] = len(used) + np.arange(len(extra))
    pipes["head"] = new_head
    beside = len(base) - len(sumps) + np.arange(len(sumps))
    pumps = {
        "tail": np.concatenate([place[pumping], place[sumps]]),
        "head": np.concatenate([delivers[pumping], beside]),
        "capacity_m3s": np.concatenate([np.full(len(pumping), np.nan), lifted[sumps]]),
    }
    return base, pd.DataFrame(pumps)


def _levels(
    net: DrainageNetwork, frame: gpd.GeoDataFrame, pipes: pd.DataFrame, base: pd.DataFrame, pumps: pd.DataFrame,
    issues: Issues,
) -> pd.DataFrame:  # fmt: skip
    """Add invert (the lowest pipe), depth to the ground, and place."""
    invert = np.full(len(base), np.inf)
    for end, column in (("tail", "invert_from_m"), ("head", "invert_to_m")):
        np.minimum.at(invert, pipes[end].to_numpy(), column_of(frame, column))
    tail, head = pumps["tail"].to_numpy(), pumps["head"].to_numpy()
    invert[head] = np.where(np.isinf(invert[head]), invert[tail], invert[head])  # a river has no pipe of its own
    nodes = net.nodes
    row = base["row"].to_numpy()
    ground = column_of(nodes, "ground_m")[row]
    surcharge = column_of(nodes, "surcharge_depth_m", 0.0)[row]
    junction = (base["kind"] == "junction").to_numpy()
    unknown = junction & ~(ground > invert)
    named = nodes.index[row]
    issues.add(
        "no_ground",
        "warning",
        "node",
        named[unknown],
        [in_both("ground_low", ground_m=g, invert_m=z) if np.isfinite(g) else in_both("no_ground")
         for g, z in zip(ground[unknown], invert[unknown], strict=True)],
        in_both("written_sealed", head_m=SEALED_M),
    )  # fmt: skip
    points = np.asarray(nodes.geometry.array)[row]
    tank = np.where((base["suffix"] == "") & junction & ~unknown, column_of(nodes, "tank_m3", 0.0)[row], 0.0)
    return base.assign(
        invert_m=invert,
        tank_m3=np.nan_to_num(tank),
        depth_m=np.where(unknown, 0.0, np.nan_to_num(np.maximum(ground - invert, 0.0))),
        sealed_m=np.where(unknown, SEALED_M, surcharge),
        x=shapely.get_x(points),
        y=shapely.get_y(points),
    )


def _report_crowns(frame: pd.DataFrame, pipes: pd.DataFrame, nodes: pd.DataFrame, issues: Issues) -> None:
    """Report nodes whose ground the engine will raise to the crown of a pipe."""
    height = section_rows(frame).rows
    height_m = pd.to_numeric(height["geom1"]).to_numpy(dtype=np.float64)
    crown = np.full(len(nodes), -np.inf)
    for end, z in (("tail", "z_from_m"), ("head", "z_to_m")):
        np.maximum.at(crown, pipes[end].to_numpy(), pipes[z].to_numpy() + height_m)
    ground = (nodes["invert_m"] + nodes["depth_m"]).to_numpy()
    low = (nodes["kind"] == "junction").to_numpy() & (nodes["depth_m"] > 0).to_numpy() & (crown > ground + 1e-6)
    named = frame.index.to_numpy(dtype=object)
    first = pd.Series(named).groupby(pipes["tail"].to_numpy()).first()
    issues.add(
        "ground_below_crown",
        "warning",
        "pipe",
        [first.get(node, named[0]) for node in np.flatnonzero(low)],
        [in_both("crown_high", rise_m=crown[k] - ground[k]) for k in np.flatnonzero(low)],
        in_both("ground_at_crown"),
    )


def _standing(pipes: pd.DataFrame, nodes: pd.DataFrame) -> Floats:
    """Find the level that the receiving water holds in the drains before the storm, nan where it does not reach.

    Without it a run begins with a bore. It does not pass a flap gate, and stands behind a pipe only where it is higher
    than both its ends. Each round goes one pipe further up; there are as many as the longest drowned way has pipes.
    """
    level = nodes["stage_m"].to_numpy(dtype=np.float64, copy=True)
    level = np.where((level > nodes["invert_m"]) & ~nodes["gated"], level, -np.inf)
    tail, head = pipes["tail"].to_numpy(), pipes["head"].to_numpy()
    crest = pipes[["z_from_m", "z_to_m"]].to_numpy().max(axis=1)
    while True:
        reached = np.where(level[head] > crest, level[head], -np.inf)
        higher = level.copy()
        np.maximum.at(higher, tail, reached)
        if np.array_equal(higher, level):
            return np.where(np.isfinite(level), level, -np.inf)
        level = higher


def _name(net: DrainageNetwork, pipes: pd.DataFrame, nodes: pd.DataFrame, pumps: pd.DataFrame) -> None:
    own = engine_names(net.nodes.index[nodes["row"][nodes["suffix"] == ""]], prefix="N")
    given = np.array(own.reindex(net.nodes.index[nodes["row"]]), dtype=object)
    added = (nodes["suffix"] != "").to_numpy()
    wanted = pd.Index([f"{a}{b}" for a, b in zip(given[added], nodes["suffix"][added], strict=True)])
    given[added] = engine_names(wanted, prefix="M", taken=set(own)).to_numpy(dtype=object)
    nodes["name"] = given
    pipes["name"] = engine_names(pipes.index, prefix="P").to_numpy(dtype=object)
    lifts = pd.Index([f"{name}~lift" for name in nodes["name"].to_numpy(dtype=object)[pumps["tail"]]])
    pumps["name"] = engine_names(lifts, prefix="L", taken=set(pipes["name"])).to_numpy(dtype=object)
