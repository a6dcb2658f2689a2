"""The same functions from a terminal: results on standard output, messages on standard error."""

from __future__ import annotations

import json
import sys
from datetime import date as Date  # noqa: N812 - `date` names options here
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    import pandas as pd

    from drainage.hydraulics.rainfall import DesignStorm
    from drainage.network import DrainageNetwork
    from drainage.report import Report
    from drainage.result import Result

app = typer.Typer(
    help="排水管网分析 Urban drainage networks: where they waterlog, where flows mix, how far roads are separated.",
    no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False,
)  # fmt: skip

Source = Annotated[list[str], typer.Argument(help="管网文件 network file (.geojson .gpkg .shp .fgb .parquet .inp), or one per system: storm=FILE sewage=FILE combined=FILE", show_default=False)]
One = Annotated[str, typer.Argument(help="管网文件 network file", show_default=False)]
Roads = Annotated[Path | None, typer.Option(help="道路中心线 road centre lines")]
Nodes = Annotated[list[Path] | None, typer.Option(help="检查井 nodes; may be repeated")]
Reports = Annotated[Path | None, typer.Option(help="积水报告点 reported waterlogging points")]
AsOf = Annotated[str | None, typer.Option(help="日期 the network as it lay on a day, YYYY-MM-DD; default today")]
Crs = Annotated[str | None, typer.Option(help="坐标系 CRS of files that carry none, e.g. EPSG:4548")]
Columns = Annotated[list[str] | None, typer.Option("--column", help="列名 our column = column of the file, e.g. diameter_mm=GJ; may be repeated")]
ReturnPeriod = Annotated[float, typer.Option(help="重现期 return period in years (GB 50014-2021, table 4.1.3)")]
Duration = Annotated[float, typer.Option(help="降雨历时 duration of the storm in minutes")]
Tailwater = Annotated[float | None, typer.Option(help="排口水位 water level in m at outfalls whose node says none")]
Formula = Annotated[str | None, typer.Option(help="暴雨强度公式 storm intensity formula: a registered name or a .toml file; 'demo' is for the synthetic city only")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="输出 file or directory to write")]
MapFile = Annotated[Path | None, typer.Option("--map", help="地图 write a map (.html)")]
Json = Annotated[bool, typer.Option("--json", help="机器可读 print JSON")]
Force = Annotated[bool, typer.Option("--force", help="覆盖 replace an earlier result")]


def main() -> NoReturn:
    """Run the command; errors of the package become one line on standard error and exit code 1."""
    from drainage.errors import DrainageError

    try:
        app(standalone_mode=True)
    except DrainageError as error:
        _stop(str(error))
    except (OSError, MemoryError) as error:
        _stop(f"{error.__class__.__name__}: {error}")
    sys.exit(0)


@app.command()
def analyze(  # noqa: PLR0913 - the options of the command
    source: Source, output: Annotated[Path, typer.Option("-o", "--output", help="输出目录 directory to write")],
    roads: Roads = None, nodes: Nodes = None, reports: Reports = None, as_of: AsOf = None, crs: Crs = None, column: Columns = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120, tailwater: Tailwater = None, storm_formula: Formula = None,
    json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """全部分析 Ask all questions and write a directory with tables, layers and the map."""
    from drainage.report import replacing

    replacing(output, force=force)
    net = _network(source, roads=roads, nodes=nodes, reports=reports, crs=crs, column=column, as_of=as_of)
    report = _report(net, _storm(net, storm_formula, return_period, duration), tailwater)
    report.write(output, force=force)
    _print_summary({"": report.summary}, as_json=json_)
    _say(f"\n{output / 'map.html'}")
    _finish(report)


@app.command()
def show(source: Source, nodes: Nodes = None, crs: Crs = None, column: Columns = None, as_of: AsOf = None, json_: Json = False) -> None:
    """概览 What the source holds: how each column was understood, what was filled, every kind of issue."""
    net = _network(source, nodes=nodes, crs=crs, column=column, as_of=as_of)
    understood = {place: {u.column: u.source for u in columns} for place, columns in dict(net.inputs.get("columns", {})).items()}  # type: ignore[call-overload]  # a dict by construction
    issues = net.issues.groupby(["severity", "code"], sort=False).size()
    if json_:
        rows = [{"severity": s, "code": c, "count": int(n)} for (s, c), n in issues.items()]
        _print({"network": repr(net), "columns": understood, "filled": net.inputs.get("filled", {}), "issues": rows})
        return
    _print_line(repr(net))
    for place, columns in understood.items():
        _table(f"{place}", ["column", "read from"], [[ours, theirs] for ours, theirs in columns.items()])
    _table("issues", ["severity", "code", "count", "example"], [[s, c, str(n), _example(net.issues, c)] for (s, c), n in issues.items()])


@app.command()
def quality(source: Source, nodes: Nodes = None, crs: Crs = None, column: Columns = None, as_of: AsOf = None, output: Output = None, map_: MapFile = None, json_: Json = False, force: Force = False) -> None:
    """质量检查 Faults of levels, sizes and topology."""
    from drainage.analyses.quality import check_quality

    net = _network(source, nodes=nodes, crs=crs, column=column, as_of=as_of)
    result = check_quality(net)
    _answer(result, output, map_, as_json=json_, force=force)
    if not json_:
        _table("rules", ["rule", "severity", "findings"], [[str(rule), row["severity"], str(row["findings"])] for rule, row in result.tables["rules"].iterrows()])
    raise typer.Exit(2 if result.summary["errors"] or (net.issues["severity"] == "error").any() else 0)


@app.command("mixed-flow")
def mixed_flow(source: Source, nodes: Nodes = None, crs: Crs = None, column: Columns = None, as_of: AsOf = None, output: Output = None, map_: MapFile = None, json_: Json = False, force: Force = False) -> None:
    """雨污混接 Misconnections and every pipe that they foul."""
    from drainage.analyses.mixed_flow import find_mixed_flow

    _answer(find_mixed_flow(_network(source, nodes=nodes, crs=crs, column=column, as_of=as_of)), output, map_, as_json=json_, force=force)


@app.command()
def separation(source: Source, roads: Roads = None, nodes: Nodes = None, crs: Crs = None, column: Columns = None, as_of: AsOf = None, output: Output = None, map_: MapFile = None, json_: Json = False, force: Force = False) -> None:
    """雨污分流 How far each road is separated."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.analyses.separation import measure_separation

    net = _network(source, roads=roads, nodes=nodes, crs=crs, column=column, as_of=as_of)
    result = measure_separation(net, mixed=find_mixed_flow(net))
    _answer(result, output, map_, as_json=json_, force=force)
    if not json_:
        table = result.tables["roads"].sort_values("length_m", ascending=False).head(30)
        _table("roads", ["road", "length_m", "coverage_pct", "effective_pct"], [[str(r), f"{x.length_m:.0f}", f"{x.coverage_pct:.1f}", f"{x.effective_pct:.1f}"] for r, x in table.iterrows()])


@app.command()
def waterlogging(  # noqa: PLR0913 - the options of the command
    source: Source, reports: Reports = None, nodes: Nodes = None, crs: Crs = None, column: Columns = None, as_of: AsOf = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120, tailwater: Tailwater = None, storm_formula: Formula = None,
    output: Output = None, map_: MapFile = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """易积水点 Where it waterlogs in a design storm, and why."""
    from drainage.analyses.waterlogging import find_waterlogging
    from drainage.simulation.screening import screen

    net = _network(source, reports=reports, nodes=nodes, crs=crs, column=column, as_of=as_of)
    storm = _storm(net, storm_formula, return_period, duration)
    if storm is None:
        _stop("give the storm intensity formula of the city with --storm-formula FILE.toml; none is right for every place")
    result = find_waterlogging(screen(net, storm, tailwater_m=tailwater), reports=net.layers.get("reports"))
    _answer(result, output, map_, as_json=json_, force=force)


@app.command()
def trace(source: One, node_id: Annotated[str, typer.Argument(help="井号 node id")], upstream: Annotated[bool, typer.Option("--upstream/--downstream", help="上游/下游 against or with the flow")] = True, nodes: Nodes = None, crs: Crs = None, as_of: AsOf = None, json_: Json = False) -> None:
    """追踪 Everything that drains to a node, or everything that it drains through."""
    net = _network([source], nodes=nodes, crs=crs, as_of=as_of)
    part = net.upstream_of(node_id) if upstream else net.downstream_of(node_id)
    ends = part.nodes.index[part.nodes["kind"] == "outfall"].tolist()
    facts = {"node_id": node_id, "direction": "upstream" if upstream else "downstream", "pipes": len(part.pipes), "length_km": round(float(part.pipes["length_m"].sum()) / 1000, 3), "outfalls": ends}
    if json_:
        _print({**facts, "pipe_ids": part.pipes.index.tolist()})
        return
    _table(f"{facts['direction']} {node_id}", ["", ""], [[k, str(v)] for k, v in facts.items()])


@app.command()
def compare(  # noqa: PLR0913 - the options of the command
    source: Annotated[str, typer.Argument(help="改造前 network before the works", show_default=False)],
    other: Annotated[str | None, typer.Argument(help="改造后 network after them; default the same source", show_default=False)] = None,
    before: Annotated[str | None, typer.Option(help="日期 day before the works, YYYY-MM-DD")] = None,
    after: Annotated[str | None, typer.Option(help="日期 day after them, YYYY-MM-DD")] = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120, tailwater: Tailwater = None, storm_formula: Formula = None, crs: Crs = None,
    output: Output = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """对比 What the works changed: the summaries side by side, and one map with a switch."""
    if other is None and (before is None or after is None):
        _stop("name a second network, or two days of one with --before and --after")
    from drainage.report import NOTICE, replacing, report_layers

    if output is not None:
        replacing(output, force=force)
    reports: dict[str, Report] = {}
    first = _network([source], crs=crs, as_of=None, whole=True)
    for name, word, path, day in (("before", "改造前", source, before), ("after", "改造后", other or source, after)):
        net = first if path == source else _network([path], crs=crs, as_of=None, whole=True)
        net = _on_day(net, day)
        reports[f"{word} {name} {day or Path(path).stem}"] = _report(net, _storm(net, storm_formula, return_period, duration), tailwater)
    _print_summary({label: report.summary for label, report in reports.items()}, as_json=json_)
    if output is None:
        return
    from drainage.maps.draw import draw_layers

    periods = {label: report_layers(report.network, report.results) for label, report in reports.items()}
    page = draw_layers((), title="排水管网改造前后 Drainage before and after", notice=NOTICE if first.synthetic else None, periods=periods).get_root().render()
    with replacing(output, force=force) as part:
        for name, report in zip(("before", "after"), reports.values(), strict=True):
            report.write(part / name)
        (part / "map.html").write_text(page, encoding="utf-8")
        sides = {name: report.summary for name, report in zip(("before", "after"), reports.values(), strict=True)}
        (part / "summary.json").write_text(json.dumps(sides, ensure_ascii=False, indent=2), encoding="utf-8")
    _say(f"\n{output / 'map.html'}")


def _network(source: list[str], *, as_of: str | None, column: list[str] | None = None, whole: bool = False, **layers: object) -> DrainageNetwork:
    from drainage.formats.source import read_network

    named = dict(part.split("=", 1) for part in source if "=" in part and not Path(part).exists())
    if named and len(named) < len(source):
        _stop(f"mix of plain and system=FILE sources: {' '.join(source)}")
    if len(source) > 1 and not named:
        _stop(f"several files need their systems: storm={source[0]} sewage={source[1]} …")
    columns = dict(part.split("=", 1) for part in column or [])
    net = read_network(named or source[0], columns=columns, **layers)  # type: ignore[arg-type]  # keyword names are ours
    for row in net.issues[net.issues["code"] == "layer_beside"].itertuples():
        _say(f"{row.feature_id}: {row.reason}, {row.action}")
    return net if whole else _on_day(net, as_of)


def _on_day(net: DrainageNetwork, day: str | None) -> DrainageNetwork:
    from drainage.network import DrainageNetwork

    try:
        chosen = Date.fromisoformat(day) if day else Date.today()  # noqa: DTZ011 - the user's own day
    except ValueError:
        _stop(f"'{day}' is not a day; write YYYY-MM-DD")
    part = net.as_of(chosen)
    if not len(part.pipes):
        _stop(f"{net.source}: no pipe was in the ground on {chosen}")
    return DrainageNetwork(part.pipes, part.nodes, catchments=part.catchments, issues=part.issues, source=part.source, synthetic=part.synthetic, layers=part.layers, inputs={**part.inputs, "as_of": str(chosen)})


def _storm(net: DrainageNetwork, formula: str | None, return_period_a: float, duration_min: float) -> DesignStorm | None:
    from drainage.formats.storm import read_storm_formula
    from drainage.hydraulics.rainfall import DesignStorm

    if formula is None and not net.synthetic:
        return None
    if formula is None:
        _say("storm formula 'demo': for the synthetic city only, not for design")
    return DesignStorm(read_storm_formula(formula or "demo"), return_period_a, duration_min)


def _report(net: DrainageNetwork, storm: DesignStorm | None, tailwater_m: float | None) -> Report:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from drainage.report import analyze as analyze_network

    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading")
        return analyze_network(net, storm=storm, tailwater_m=tailwater_m, step=lambda name: progress.update(task, description=name))


def _answer(result: Result, output: Path | None, map_: Path | None, *, as_json: bool, force: bool) -> None:
    from drainage.report import to_plain

    if as_json:
        _print(to_plain(result.summary))
    else:
        _table(result.question, ["", ""], [[str(k), _cell(v)] for k, v in result.summary.items()])
    if output is not None:
        (result.to_excel if output.suffix == ".xlsx" else result.to_file)(output, force=force)
        _say(str(output))
    if map_ is not None:
        if map_.exists() and not force:
            _stop(f"{map_}: exists already; choose another name or pass --force")
        part = map_.with_name(f".{map_.name}.part")
        part.write_text(result.explore().get_root().render(), encoding="utf-8")
        part.replace(map_)
        _say(str(map_))


def _print_summary(summaries: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        _print(next(iter(summaries.values())) if len(summaries) == 1 else summaries)
        return
    flat = [_flatten(summary) for summary in summaries.values()]
    keys = list(dict.fromkeys(key for one in flat for key in one))
    section = ""
    rows: list[list[str]] = []
    for key in keys:
        head = key.split(".")[0]
        if head != section:
            rows.append([f"[bold]{head}[/bold]", *[""] * len(flat)])
            section = head
        rows.append(["  " + ".".join(key.split(".")[1:]), *[_cell(one.get(key)) for one in flat]])
    _table("", ["", *summaries], rows, markup=True)


def _flatten(value: object, prefix: str = "") -> dict[str, object]:
    if not isinstance(value, dict):
        return {prefix: value}
    return {key: item for name, part in value.items() for key, item in _flatten(part, f"{prefix}.{name}" if prefix else str(name)).items()}


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {_cell(v)}" for k, v in value.items())
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return "–" if value is None else str(value)


def _table(title: str, heads: list[str], rows: list[list[str]], *, markup: bool = False) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title) or None, show_header=any(heads), title_justify="left")
    for head in heads:
        table.add_column(escape(head), overflow="fold")
    for row in rows:
        table.add_row(*[cell if markup and i == 0 else escape(cell) for i, cell in enumerate(row)])
    Console().print(table)


def _example(issues: pd.DataFrame, code: str) -> str:
    row = issues[issues["code"] == code].iloc[0]
    return f"{row['feature_id']}: {row['reason']} → {row['action']}"


def _print(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_line(text: str) -> None:
    typer.echo(text)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _stop(text: str) -> NoReturn:
    typer.echo(f"drainage: {text}", err=True)
    raise typer.Exit(1)


def _finish(report: Report) -> NoReturn:
    errors = int((report.network.issues["severity"] == "error").sum())
    if errors:
        _say(f"{errors} errors in the data: see issues.csv")
    raise typer.Exit(2 if errors else 0)
