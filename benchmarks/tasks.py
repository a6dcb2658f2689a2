"""What is timed of the package: each task prepares outside the clock and gives a plain answer to compare."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import clock
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from clock import Answer, Task, Work

import drainage as dr
from drainage.arrays import Bools
from drainage.evidence import empty_evidence
from drainage.formats.crs import settle_layer
from drainage.formats.geofile import open_layer
from drainage.schema import Issues
from drainage.simulation.screening.changed_parts import run_since
from drainage.simulation.screening.return_periods import overflow_up_to

STORM = dr.DesignStorm(
    dr.hydraulics.StormFormula(A=1600, C=0.846, b=7.0, n=0.656, source="DB31/T 1043-2017"),
    return_period_a=3,
    duration_min=120,
)

SIX_A = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0)

#: Pipes that are changed before a storm is asked again.
CHANGED = 100

#: Pipes in a partition (own choice): pieces of a minute or less, many more than there are cores.
PIPES_A_PARTITION = 62_500


def bare(folder: Path, name: str = "pipes.gpkg") -> Work:
    """Read the file by pyogrio (GeoParquet: geopandas) alone: the floor of everything that begins with a file."""
    if name.endswith(".parquet"):
        return lambda: {"pipes": len(gpd.read_parquet(folder / name))}
    return lambda: {"pipes": len(pyogrio.read_dataframe(folder / name, use_arrow=True))}


def bare_by_default(folder: Path) -> Work:
    """Read the GeoPackage by pyogrio as its users call it, without the Arrow way that this package takes."""
    return lambda: {"pipes": len(pyogrio.read_dataframe(folder / "pipes.gpkg", use_arrow=False))}


def layer(folder: Path) -> Work:
    """Read the layer into metres, its coordinates checked: the step of `read_network` that does what pyogrio does."""

    def work() -> Answer:
        file, issues = folder / "pipes.gpkg", Issues()
        frame = open_layer(file, "pipes", None, issues)
        return {"pipes": len(settle_layer(frame, file, crs=None, target=None, issues=issues).frame)}

    return work


def read(folder: Path, name: str = "pipes.gpkg") -> Work:
    """Read, check, join and complete a network."""

    def work() -> Answer:
        net = dr.read_network(folder / name)
        return {"pipes": len(net.pipes), "nodes": len(net.nodes)}

    return work


def graph(folder: Path) -> Work:
    """Build the flow graph from node numbers: adjacency both ways and the order of the flow."""
    given = dr.read_network(folder / "pipes.gpkg").graph

    def work() -> Answer:
        built = dr.graph.FlowGraph(given.tail, given.head, given.n_nodes)
        return {"nodes": len(built.order), "entries": len(built.arriving.edge)}

    return work


def accumulate(folder: Path) -> Work:
    """Count the nodes above every node, by shares at forks; the graph is built and sorted."""
    net = dr.read_network(folder / "pipes.gpkg")
    flow, own = net.graph, np.ones(net.graph.n_nodes)
    flow.accumulate(own)

    def work() -> Answer:
        node_total, edge_total = flow.accumulate(own)
        return {"largest": float(node_total.max()), "edge_sum": float(edge_total.sum())}

    return work


def build_and_accumulate(folder: Path) -> Work:
    """Likewise, with the building and sorting of the graph."""
    given = dr.read_network(folder / "pipes.gpkg").graph
    own = np.ones(given.n_nodes)

    def work() -> Answer:
        node_total, edge_total = dr.graph.FlowGraph(given.tail, given.head, given.n_nodes).accumulate(own)
        return {"largest": float(node_total.max()), "edge_sum": float(edge_total.sum())}

    return work


def upstream(folder: Path) -> Work:
    """Find all nodes above the node with the largest total: the end of the largest tree."""
    flow = dr.read_network(folder / "pipes.gpkg").graph
    node_total, _ = flow.accumulate(np.ones(flow.n_nodes))
    end = np.array([int(node_total.argmax())], np.int32)
    return lambda: {"nodes": int(flow.upstream(end).nodes.sum())}


def mixed(folder: Path) -> Work:
    """Answer question two whole: tables, grades, outfalls, layers."""
    net = dr.read_network(folder / "pipes.gpkg")
    net.graph.accumulate(np.ones(net.graph.n_nodes))  # builds and sorts the graph, which the network keeps
    return lambda: _of_mixed(dr.find_mixed_flow(net))


def mixed_rows(folder: Path) -> Work:
    """Answer no more than networkx does, by the graph alone: how many misconnections, which pipes are mixed."""
    net = dr.read_network(folder / "pipes.gpkg")
    flow, sewage = net.graph, (net.pipes["system"] == "sewage").to_numpy()
    flow.accumulate(np.ones(flow.n_nodes))  # builds and sorts the graph
    return lambda: _mixed_rows(flow, sewage)


def build_and_mixed_rows(folder: Path) -> Work:
    """Likewise, with the building of the graph."""
    net = dr.read_network(folder / "pipes.gpkg")
    given, sewage = net.graph, (net.pipes["system"] == "sewage").to_numpy()
    return lambda: _mixed_rows(dr.graph.FlowGraph(given.tail, given.head, given.n_nodes), sewage)


def separation(folder: Path) -> Work:
    """Answer question three whole, with the mixing known."""
    net = dr.read_network(folder / "pipes.gpkg")
    fouled = dr.find_mixed_flow(net)

    def work() -> Answer:
        answer = dr.measure_separation(net, mixed=fouled)
        return {"coverage": float(answer.summary["coverage_share"]), "stretches": len(answer.tables["stretches"])}

    return work


def screening(folder: Path) -> Work:
    """Screen a storm."""
    net = dr.read_network(folder / "pipes.gpkg")
    return lambda: {"overflow_m3": float(dr.screen(net, STORM).nodes["overflow_m3"].sum())}


def _changed(folder: Path) -> tuple[dr.simulation.Screening, dr.DrainageNetwork]:
    """Screen a city, and change the size of a hundred storm pipes anywhere."""
    state = dr.screen(dr.read_network(folder / "pipes.gpkg"), STORM)
    net = state.network
    storm = np.flatnonzero(net.pipes["system"] == "storm")
    changed = np.random.default_rng(7).choice(storm, min(CHANGED, len(storm)), replace=False)
    diameter_mm = net.pipes["diameter_mm"].to_numpy(float, copy=True)
    diameter_mm[changed] *= 1.2
    return state, net.replace(pipes=net.pipes.assign(diameter_mm=diameter_mm))


def after_changes(folder: Path) -> Work:
    """Screen a city again after a hundred changes, all tables included."""
    state, became = _changed(folder)
    return lambda: {"overflow_m3": float(state.after(became).nodes["overflow_m3"].sum())}


def storm_again(folder: Path) -> Work:
    """Run the storm alone again through the arrays of the changed city."""
    state, became = _changed(folder)
    was, model = state.run_before(0), state.arrays
    model = replace(model, pipes=became.measures.at(model.pipe_row))
    minutes = state.setup.inlet_time_min
    return lambda: {
        "overflow_m3": float(run_since(was, became, model, STORM, inlet_time_min=minutes).nodes[:, 2].sum())
    }


def six_storms(folder: Path) -> Work:
    """Screen six return periods: at which of them each node overflows."""
    net = dr.read_network(folder / "pipes.gpkg")
    largest = STORM.with_return_period(SIX_A[-1])

    def work() -> Answer:
        begins = overflow_up_to(dr.screen(net, largest), return_periods_a=SIX_A)["begins_at_return_period_a"]
        return {"overflowing": int(begins.notna().sum()), "sum_a": float(begins.sum())}

    return work


def quality(folder: Path) -> Work:
    """Check all rules of a network that was read."""
    net = dr.read_network(folder / "pipes.gpkg")
    return lambda: {"findings": len(dr.check_quality(net).tables["findings"])}


def next_plan(folder: Path) -> Work:
    """Take a thousand looks into manholes, find where sources can be and plan the next ten openings."""
    net = dr.read_network(folder / "pipes.gpkg")
    storm = net.pipes[(net.pipes["system"] == "storm").to_numpy()]
    nodes = np.random.default_rng(7).choice(storm["from_node"].to_numpy(dtype=object), 1000, replace=False)
    table = empty_evidence("inspections").reindex(pd.Index([f"made:{k}" for k in range(1000)], name="row"))
    table["node_id"], table["flowing"] = nodes, pd.array(np.arange(1000) % 10 == 0, "boolean")
    table["date"], table["dry_hours"] = pd.Timestamp("2021-05-07"), 96.0
    looked = dr.evidence.Evidence(inspections=table)
    return lambda: {"openings": len(dr.plan_inspection(net, looked, budget=10).tables["openings"])}


def waterlogging(folder: Path) -> Work:
    """Answer question one from a screened storm: points, beginnings, causes by counterfactual."""
    state = dr.screen(dr.read_network(folder / "pipes.gpkg"), STORM)
    return lambda: {"points": len(dr.find_waterlogging(state).tables["points"])}


def section(folder: Path) -> Work:
    """Draw the way through the largest storm drain from its farthest manhole, in a storm, and write it as PDF."""
    net = dr.read_network(folder / "pipes.gpkg").of_system("storm")
    state = dr.screen(net, STORM)
    end = str(net.nodes.index[int(net.graph.accumulate(np.ones(net.graph.n_nodes))[0].argmax())])
    places = net.upstream_of(end).nodes.geometry
    begin = str(places.distance(places.loc[end]).idxmax())

    def work() -> Answer:
        paper = dr.papers.plot_section(net, begin, end, state=state, lang="zh")
        paper.save(folder / "section.pdf", force=True)
        return {"sheets": len(paper.sheets), "drawn": sum(len(one.drawn) for one in paper.sheets)}

    return work


def sheet(folder: Path) -> Work:
    """Draw the system map of the whole city on one A0 and write it as PDF."""
    net = dr.read_network(folder / "pipes.gpkg")

    def work() -> Answer:
        paper = dr.papers.plot_map(net, size="A0", lang="zh")
        paper.save(folder / "sheet.pdf", force=True)
        return {"sheets": len(paper.sheets), "drawn": len(paper.sheets[0].drawn)}

    return work


def report(folder: Path) -> Work:
    """Compose the report of all answers, with map, sections and hydrograph, and write it as PDF."""
    answered = dr.analyze(dr.read_network(folder / "pipes.gpkg"), storm=STORM)

    def work() -> Answer:
        document = dr.report.compose_report(answered, lang="zh")
        document.save(folder / "report.pdf", force=True)
        return {"tables": len(document.tables), "pictures": len(document.pictures)}

    return work


def total(folder: Path) -> Work:
    """Answer all three questions from the file."""

    def work() -> Answer:
        net = dr.read_network(folder / "pipes.gpkg")
        fouled = dr.find_mixed_flow(net)
        separated = dr.measure_separation(net, mixed=fouled)
        ponding = dr.find_waterlogging(dr.screen(net, STORM))
        return {
            **_of_mixed(fouled),
            "coverage": round(float(separated.summary["coverage_share"]), 6),  # as summary.json has it
            "points": len(ponding.tables["points"]),
        }

    return work


def in_partitions(folder: Path) -> Work:
    """Answer all three questions from the file, piece by piece, by the command; a process for each core."""
    n_pipes = pyogrio.read_info(folder / "pipes.gpkg")["features"]
    formula = folder / "formula.toml"
    said = [f"{name} = {getattr(STORM.formula, name)}" for name in ("A", "C", "b", "n")]
    formula.write_text("\n".join([f'source = "{STORM.formula.source}"', *said]), encoding="utf-8")

    def work() -> Answer:
        with tempfile.TemporaryDirectory(dir=folder) as directory:
            place = Path(directory) / "answers"
            options = {
                "-o": place,
                "--partitions": max(round(n_pipes / PIPES_A_PARTITION), 2),
                "--storm-formula": formula,
                "--return-period": STORM.return_period_a,
                "--duration": STORM.duration_min,
            }
            words = [str(word) for option in options.items() for word in option]
            program = [sys.executable, "-m", "drainage", "analyze", str(folder / "pipes.gpkg"), *words]
            peak_mib = _watched(program)
            summary = json.loads((place / "summary.json").read_text(encoding="utf-8"))
        return {
            "misconnections": int(summary["mixed_flow"]["misconnections"]),
            "coverage": float(summary["separation"]["coverage_share"]),
            "points": int(summary["waterlogging"]["points"]),
            "processes_peak_mib": peak_mib,
        }

    return work


def _watched(program: list[str]) -> float:
    """Run a program to its end; return what it and all that it starts held at most together, MiB.

    Pages that processes share are counted in each: an upper bound.
    """
    import psutil

    peak = 0
    with tempfile.TemporaryFile() as said, subprocess.Popen(program, stdout=said, stderr=said) as running:
        begun = psutil.Process(running.pid)
        while running.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended while it was looked at
                at_work = [begun, *begun.children(recursive=True)]
                peak = max(peak, sum(one.memory_info().rss for one in at_work))
            time.sleep(0.2)
        if running.returncode:
            said.seek(0)
            raise SystemExit(said.read().decode(errors="replace"))
    return peak / 2**20


def _mixed_rows(flow: dr.graph.FlowGraph, sewage: Bools) -> Answer:
    meets = [
        np.bincount(ends[chosen], minlength=flow.n_nodes) > 0
        for ends, chosen in ((flow.head, sewage), (flow.tail, ~sewage), (flow.head, ~sewage), (flow.tail, sewage))
    ]
    into_storm, into_sewage = np.flatnonzero(meets[0] & meets[1]), np.flatnonzero(meets[2] & meets[3])
    fouled = flow.downstream(into_storm, ~sewage).edges | flow.downstream(into_sewage, sewage).edges
    return {
        "misconnections": len(into_storm) + len(into_sewage),
        "sum_of_mixed_rows": int(np.flatnonzero(fouled).sum()),
    }


def _of_mixed(answer: dr.Result) -> Answer:
    mixed_rows = np.flatnonzero(answer.tables["pipes"]["mixed"])
    return {"misconnections": int(answer.summary["misconnections"]), "sum_of_mixed_rows": int(mixed_rows.sum())}


TASKS: dict[str, Task] = {
    "bare GeoPackage": bare,
    "bare by default": bare_by_default,
    "bare GeoParquet": partial(bare, name="pipes.parquet"),
    "bare GeoJSON": partial(bare, name="pipes.geojson"),
    "read layer": layer,
    "read GeoPackage": read,
    "read GeoPackage without nodes": partial(read, name="pipes_without_nodes.gpkg"),
    "read GeoParquet": partial(read, name="pipes.parquet"),
    "read GeoJSON": partial(read, name="pipes.geojson"),
    "graph": graph,
    "accumulate": accumulate,
    "build and accumulate": build_and_accumulate,
    "upstream": upstream,
    "mixed flow": mixed,
    "mixed rows": mixed_rows,
    "build and mixed rows": build_and_mixed_rows,
    "separation": separation,
    "screening": screening,
    "after changes": after_changes,
    "storm again": storm_again,
    "six storms": six_storms,
    "quality": quality,
    "next plan": next_plan,
    "waterlogging": waterlogging,
    "section": section,
    "sheet": sheet,
    "report": report,
    "total": total,
    "in partitions": in_partitions,
}

if __name__ == "__main__":
    clock.main(TASKS)
