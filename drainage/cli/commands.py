"""The same functions from a terminal: one command per question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage import __version__
from drainage.cli.inputs import Command, choose_storm, on_day, read_source, run_report
from drainage.cli.options import (
    AllowOutside,
    AreaType,
    AsOf,
    ClimateFactor,
    Columns,
    ColumnsFile,
    Crs,
    DemFile,
    DepthMm,
    Duration,
    Force,
    Formula,
    Json,
    MapFile,
    Nodes,
    Other,
    Output,
    Rain,
    Reports,
    ReturnPeriod,
    Roads,
    Source,
    StormShape,
    Table,
    Tailwater,
    UserFlow,
)
from drainage.cli.printing import (
    check_outputs,
    end,
    example,
    finish,
    print_answer,
    print_first,
    print_json,
    print_line,
    print_summary,
    print_table,
    say,
)
from drainage.cli.wording import HELP as LANGUAGE_HELP
from drainage.cli.wording import choose_language, spoken
from drainage.errors import FormatError
from drainage.words import Said

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork
    from drainage.report import Report
    from drainage.schema import Understood

app = typer.Typer(
    no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False,
)  # fmt: skip


def _say_version(*, wanted: bool) -> None:
    if wanted:
        print_line(f"drainage {__version__}")
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda wanted: _say_version(wanted=wanted), is_eager=True, help="版本 version"
        ),
    ] = False,
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="zh|en", callback=choose_language, help=LANGUAGE_HELP)
    ] = None,
) -> None:
    """排水管网分析 Urban drainage networks: where they waterlog, where flows mix, how far roads are separated."""


@app.command(cls=Command)
def analyze(
    source: Source, output: Annotated[Path, typer.Option("-o", "--output", help="输出目录 directory to write")],
    roads: Roads = None, nodes: Nodes = None, reports: Reports = None, as_of: AsOf = None,
    crs: Crs = None, allow_outside: AllowOutside = False, column: Columns = None, columns: ColumnsFile = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120,
    tailwater: Tailwater = None, dem: DemFile = None, area_type: AreaType = "central", storm_formula: Formula = None,
    rain: Rain = None, shape: StormShape = "chicago", climate_factor: ClimateFactor = 1.0, depth_mm: DepthMm = None,
    json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """全部分析 Ask all questions and write a directory with tables, layers and the map."""
    from drainage.analyses.waterlogging import drain_down_limit_h
    from drainage.writing import check_free_directory

    check_free_directory(output, force=force)
    drain_down_limit_h(area_type)
    net = read_source(
        source,
        roads=roads,
        nodes=nodes,
        reports=reports,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        outputs=(output,),
    )
    report = run_report(
        net,
        choose_storm(
            net,
            storm_formula,
            return_period,
            duration,
            rain=rain,
            shape=shape,
            climate_factor=climate_factor,
            depth_mm=depth_mm,
        ),
        tailwater_m=tailwater,
        dem=dem,
        area_type=area_type,
    )
    report.write(output, force=force)
    print_summary({"": report.summary}, report.provenance, as_json=json_)
    say(f"\n{output / 'map.html'}")
    finish(report)


@app.command(cls=Command)
def show(
    source: Source,
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    json_: Json = False,
) -> None:
    """概览 What the source holds: how each column was understood, what was filled, every kind of issue."""
    from drainage.provenance import Provenance

    net = read_source(
        source, nodes=nodes, crs=crs, allow_outside=allow_outside, column=column, mapping=columns, as_of=as_of
    )
    by_file: dict[str, list[Understood]] = dict(net.inputs.get("columns") or {})  # type: ignore[call-overload]  # set by the reader
    left_over: dict[str, list[str]] = dict(net.inputs.get("left_over") or {})  # type: ignore[call-overload]  # likewise
    understood = {
        place: {u.column: {"read_from": " + ".join(u.sources), "unit": u.unit} for u in read}
        for place, read in by_file.items()
    }
    counts = net.issues.groupby(["severity", "code"], sort=False).size().reset_index(name="count")
    issues = list(counts.itertuples(index=False, name=None))
    if json_:
        rows = [{"severity": s, "code": c, "count": int(n)} for s, c, n in issues]
        print_json(
            {
                "network": repr(net),
                "columns": understood,
                "left_over": left_over,
                "filled": net.inputs.get("filled", {}),
                "issues": rows,
            },
            Provenance.of(net),
        )
        return
    print_line(repr(net))
    for place, read in by_file.items():
        table = [[u.column, " + ".join(u.sources), u.unit or ""] for u in read]
        table += [[spoken("（保留） (kept)"), ", ".join(left_over[place]), ""]] if left_over.get(place) else []
        print_table(place, ["column", "read from", "unit in the file"], table)
    print_table(
        "issues",
        ["severity", "code", "count", "example"],
        [[s, c, str(n), example(net.issues, c)] for s, c, n in issues],
    )


@app.command("mixed-flow", cls=Command)
def mixed_flow(
    source: Source,
    user_m3d: UserFlow = None,
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    output: Output = None,
    table: Table = None,
    map_: MapFile = None,
    json_: Json = False,
    force: Force = False,
) -> None:
    """雨污混接 Misconnections and every pipe that they foul."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.hydraulics.sewage import SewageRates

    check_outputs(output, map_, force=force)
    net = read_source(
        source,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        outputs=(output, map_),
    )
    result = find_mixed_flow(net, rates=SewageRates(user_m3d=user_m3d))
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        worst = result.tables["points"].sort_values("fouled_length_m", ascending=False)
        print_first(
            "what fouls most",
            worst,
            ("node_id", "kind", "road", "entering_diameter_mm", "sewage_m3d", "fouled_length_m"),
        )
    end(result, as_json=json_)


@app.command(cls=Command)
def separation(
    source: Source,
    roads: Roads = None,
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    output: Output = None,
    table: Table = None,
    map_: MapFile = None,
    json_: Json = False,
    force: Force = False,
) -> None:
    """雨污分流 How far each road is separated."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.analyses.separation import measure_separation

    check_outputs(output, map_, force=force)
    net = read_source(
        source,
        roads=roads,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        outputs=(output, map_),
    )
    result = measure_separation(net, mixed=find_mixed_flow(net))
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        longest = result.tables["roads"].sort_values("length_m", ascending=False).head(30)
        print_table(
            "roads",
            ["road", "length_m", "effective_pct", "coverage_pct"],
            [
                [str(r), f"{x.length_m:.0f}", f"{x.effective_pct:.1f}", f"{x.coverage_pct:.1f}"]
                for r, x in longest.iterrows()
            ],
        )
    end(result, as_json=json_)


@app.command(cls=Command)
def trace(
    source: Source,
    node_id: Annotated[str, typer.Argument(help="井号 node id")],
    upstream: Annotated[
        bool, typer.Option("--upstream/--downstream", help="上游/下游 against or with the flow")
    ] = True,
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    json_: Json = False,
) -> None:
    """追踪 Everything that drains to a node, or everything that it drains through."""
    from drainage.provenance import Provenance

    net = read_source(
        source, nodes=nodes, crs=crs, column=column, mapping=columns, allow_outside=allow_outside, as_of=as_of
    )
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


@app.command(cls=Command)
def compare(
    source: Annotated[str, typer.Argument(help="改造前 network before the works", show_default=False)],
    other: Other = None,
    before: Annotated[str | None, typer.Option(help="日期 day before the works, YYYY-MM-DD")] = None,
    after: Annotated[str | None, typer.Option(help="日期 day after them, YYYY-MM-DD")] = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120,
    tailwater: Tailwater = None, dem: DemFile = None, area_type: AreaType = "central", storm_formula: Formula = None,
    rain: Rain = None, shape: StormShape = "chicago", climate_factor: ClimateFactor = 1.0, depth_mm: DepthMm = None,
    roads: Roads = None, nodes: Nodes = None, reports: Reports = None, crs: Crs = None,
    allow_outside: AllowOutside = False, column: Columns = None, columns: ColumnsFile = None,
    output: Output = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """对比 What the works changed: the summaries side by side, and one map with a switch."""
    from drainage.provenance import Provenance

    if other is None and (before is None or after is None):
        raise FormatError("name a second network, or two days of one with --before and --after")
    if before is not None and after is not None and before > after:
        raise FormatError(f"--before {before} is after --after {after}; exchange them")
    from drainage.analyses.waterlogging import drain_down_limit_h
    from drainage.report import report_layers
    from drainage.writing import check_free_directory, replacing_directory

    if output is not None:
        check_free_directory(output, force=force)
    drain_down_limit_h(area_type)
    answers: dict[str, Report] = {}

    def read(path: str) -> DrainageNetwork:
        return read_source(
            [path], as_of=None, whole=True, outputs=(output,), column=column, mapping=columns, crs=crs,
            allow_outside=allow_outside, roads=roads, nodes=nodes, reports=reports,
        )  # fmt: skip

    first = read(source)
    for name, word, path, day in (("before", "改造前", source, before), ("after", "改造后", other or source, after)):
        net = on_day(first if path == source else read(path), day)
        if net.crs != first.crs:
            raise FormatError(f"{path} lies elsewhere than {source}; a comparison is of one town before and after")
        of = day or Path(net.source).stem
        answers[Said(f"{name} {of}", f"{word} {of}")] = run_report(
            net,
            choose_storm(
                net,
                storm_formula,
                return_period,
                duration,
                rain=rain,
                shape=shape,
                climate_factor=climate_factor,
                depth_mm=depth_mm,
            ),
            tailwater_m=tailwater,
            dem=dem,
            area_type=area_type,
        )
    said = Provenance.joined(report.provenance for report in answers.values())
    print_summary({label: report.summary for label, report in answers.items()}, said, as_json=json_)
    if output is None:
        return
    from drainage.maps.draw import draw_layers

    periods = {label: report_layers(report.network, report.results) for label, report in answers.items()}
    page = (
        draw_layers(
            (),
            title="comparison",
            provenance=said,
            periods=periods,
            summaries={label: report.summary for label, report in answers.items()},
        )
        .get_root()
        .render()
    )
    with replacing_directory(output, force=force) as part:
        for name, report in zip(("before", "after"), answers.values(), strict=True):
            report.write(part / name)
        (part / "map.html").write_text(page, encoding="utf-8")
        sides = {name: report.summary for name, report in zip(("before", "after"), answers.values(), strict=True)}
        whole = {**sides, "provenance": said.as_dict()}
        (part / "summary.json").write_text(json.dumps(whole, ensure_ascii=False, indent=2), encoding="utf-8")
    say(f"\n{output / 'map.html'}")
