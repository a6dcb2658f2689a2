"""`drainage show`, `trace` and `export`: the network as it was read, what drains to a node, and a file for EPA SWMM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.inputs import Rainfall, Reader
from drainage.cli.options import AsOf, Duration, Force, Json, Nodes, One, ReturnPeriod, Source, TailwaterSeries
from drainage.cli.printing import print_json, print_line, print_table, say
from drainage.cli.simulating import Granted, with_series
from drainage.cli.wording import spoken
from drainage.words import in_both

if TYPE_CHECKING:
    import pandas as pd


def show(source: Source, *, nodes: Nodes = None, reader: Reader, as_of: AsOf = None, json_: Json = False) -> None:
    """概览 What the source holds: how each column was understood, what was filled, every kind of issue."""
    from drainage.provenance import Provenance

    net = reader.read(source, nodes=nodes, as_of=as_of)
    by_file, left_over = net.origin.columns, net.origin.left_over
    understood = {
        place: {u.column: {"read_from": " + ".join(u.sources), "unit": u.unit} for u in read}
        for place, read in by_file.items()
    }
    if json_:
        facts = {"network": repr(net), "columns": understood, "left_over": left_over}
        filled, issues = net.origin.filled or {}, _counted(net.issues)
        print_json({**facts, "filled": filled, "issues": issues}, Provenance.of(net))
        return
    print_line(repr(net))
    for place, read in by_file.items():
        table = [[u.column, " + ".join(u.sources), u.unit or ""] for u in read]
        table += [[spoken("（保留） (kept)"), ", ".join(left_over[place]), ""]] if left_over.get(place) else []
        print_table(place, ["column", "read from", "unit in the file"], table)
    _print_issues(net.issues)


def trace(
    source: Source,
    node_id: Annotated[str, typer.Argument(help="井号 node id")],
    upstream: Annotated[
        bool, typer.Option("--upstream/--downstream", help="上游/下游 against or with the flow")
    ] = True,
    *, nodes: Nodes = None, reader: Reader, as_of: AsOf = None, json_: Json = False,
) -> None:  # fmt: skip
    """追踪 Everything that drains to a node, or everything that it drains through."""
    from drainage.provenance import Provenance

    net = reader.read(source, nodes=nodes, as_of=as_of)
    found = str(net.nodes.index[net.node_positions([node_id])[0]])
    part = net.upstream_of(found) if upstream else net.downstream_of(found)
    reached = net.nodes.loc[part.nodes.index]
    facts = {
        "node_id": found,
        "direction": "upstream" if upstream else "downstream",
        "pipes": len(part.pipes),
        "length_km": round(float(part.pipes["length_m"].sum()) / 1000, 3),
        "outfalls": reached.index[reached["kind"] == "outfall"].tolist(),
    }
    if json_:
        print_json({**facts, "pipe_ids": part.pipes.index.tolist()}, Provenance.of(net))
        return
    print_table(f"{facts['direction']} {found}", ["", ""], [[k, str(v)] for k, v in facts.items()])


def export(
    source: One,
    target: Annotated[Path, typer.Argument(help="模型文件 the EPA SWMM model to write (.inp)", show_default=False)],
    *,
    systems: Annotated[
        str, typer.Option(help="系统 systems to write: storm, sewage, combined, reclaimed, unknown")
    ] = "storm,combined,unknown",
    return_period: ReturnPeriod = 3, duration: Duration = 120, rainfall: Rainfall,
    granted: Granted, tailwater_series: TailwaterSeries = None,
    ponded_area: Annotated[
        float, typer.Option(help="积水面积 area in m² on which water stands above a manhole; 0: it is lost")
    ] = 0.0,
    nodes: Nodes = None, as_of: AsOf = None, reader: Reader, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """导出 SWMM 模型 Write the network and a storm for EPA SWMM; an .inp without a formula keeps its own rain."""
    from drainage.provenance import Provenance
    from drainage.simulation.swmm.engine_values import EngineOptions
    from drainage.simulation.swmm.export import write_inp
    from drainage.writing import check_free_answer

    setup = granted.setup()
    check_free_answer(target, ending=".inp", force=force)
    net = reader.read([source], (target,), nodes=nodes, as_of=as_of)
    storm = rainfall.storm(net, return_period, duration)
    written = write_inp(
        net, storm, target, with_series(setup, tailwater_series, storm),
        systems=[system.strip() for system in systems.split(",")],
        options=EngineOptions(ponded_area_m2=ponded_area), force=force,
    )  # fmt: skip
    pipes, nodes_ = len(written.pipe_names), len(written.node_names)
    if json_:
        facts = {"file": str(written.path), "pipes": pipes, "nodes": nodes_, "issues": _counted(written.issues)}
        print_json(facts, Provenance.of(net, storm))
    elif len(written.issues):
        _print_issues(written.issues)
    say(in_both("exported", path=written.path, pipes=pipes, nodes=nodes_))
    raise typer.Exit(2 if (written.issues["severity"] == "error").any() else 0)


def _counted(issues: pd.DataFrame) -> list[dict[str, object]]:
    """Return how many issues there are of each kind."""
    counts = issues.groupby(["severity", "code"], sort=False).size().reset_index(name="count")
    return [{"severity": s, "code": c, "count": int(n)} for s, c, n in counts.itertuples(index=False, name=None)]


def _print_issues(issues: pd.DataFrame) -> None:
    """Print how many issues there are of each kind, and the first of its code."""
    rows = []
    for kind in _counted(issues):
        first = issues[issues["code"] == kind["code"]].iloc[0]
        example = f"{first['feature_id']}: {spoken(first['reason'])} → {spoken(first['action'])}"
        rows.append([*map(str, kind.values()), example])
    print_table("issues", ["severity", "code", "count", "example"], rows)
