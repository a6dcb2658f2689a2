"""`drainage analyze`, `demo` and `compare`, all questions about a network or its works, and `serve`, the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.history import on_day, say_day
from drainage.cli.inputs import Rainfall, Reader, read_ground
from drainage.cli.options import (
    AreaType,
    AsOf,
    DemFile,
    Duration,
    Force,
    Json,
    Nodes,
    OutputFile,
    Reports,
    ReturnPeriod,
    Roads,
    Source,
)
from drainage.cli.printing import finish, print_summary, say
from drainage.cli.simulating import Engine, Granted
from drainage.errors import FormatError
from drainage.said import Said

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.report.directory import Report
    from drainage.simulation.setup import Setup
    from drainage.simulation.state import FlowState


def analyze(
    source: Source, output: Annotated[Path, typer.Option("-o", "--output", help="输出目录 directory to write")], *,
    roads: Roads = None, nodes: Nodes = None, reports: Reports = None, as_of: AsOf = None, reader: Reader,
    return_period: ReturnPeriod = 3, duration: Duration = 120,
    granted: Granted, dem: DemFile = None, area_type: AreaType = "central", rainfall: Rainfall, engine: Engine,
    json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """全部分析 Ask all questions and write a directory with tables, layers and the map."""
    from drainage.analyses.waterlogging import drain_down_limit_h
    from drainage.writing import check_free_directory

    setup = granted.setup()
    check_free_directory(output, force=force)
    engine.check()
    drain_down_limit_h(area_type)
    whole = reader.whole(source, (output,), roads=roads, nodes=nodes, reports=reports)
    net = on_day(whole, as_of)
    storm = rainfall.storm(net, return_period, duration)
    report = _report(net, storm, setup, engine, dem, area_type)
    report.write(output, force=force)
    print_summary({"": report.summary}, report.provenance, as_json=json_)
    if as_of is None:
        say_day(whole, storm=storm, setup=setup)
    say(f"\n{output / 'map.html'}")
    finish(report)


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="输出目录 directory to write")] = Path("drainage-demo"),
    *, as_of: AsOf = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """示例 Ask all questions about the demo city that comes with the package: synthetic, of no real place."""
    from drainage.intake.demo import demo_file

    reader, rainfall = Reader(), Rainfall(storm_formula="demo")
    analyze(
        [str(demo_file())], output, as_of=as_of, reader=reader, granted=Granted(), rainfall=rainfall, engine=Engine(),
        json_=json_, force=force,
    )  # fmt: skip


def serve(
    directory: Annotated[
        Path, typer.Argument(help="结果目录 directory that drainage analyze wrote", show_default=False)
    ],
    *,
    host: Annotated[str, typer.Option(help="地址 address to listen at; 0.0.0.0 lets other machines in")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口 port to listen at", min=1, max=65535)] = 8000,
) -> None:  # fmt: skip
    """网络服务 Serve the answers as OGC API Features with their map; needs the extra api."""
    try:
        import uvicorn

        from drainage_api.main import create_app
    except ImportError as error:
        raise FormatError("serve needs the extra 'api': pip install 'drainage[api]'") from error
    from drainage.report.directory import read_report

    uvicorn.run(create_app(report=read_report(directory)), host=host, port=port)


def compare(
    source: Annotated[str, typer.Argument(help="改造前 network before the works", show_default=False)],
    other: Annotated[
        str | None, typer.Argument(help="改造后 network after them; default the same source", show_default=False)
    ] = None,
    *,
    before: Annotated[str | None, typer.Option(help="日期 day before the works, YYYY-MM-DD")] = None,
    after: Annotated[str | None, typer.Option(help="日期 day after them, YYYY-MM-DD")] = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120,
    granted: Granted, dem: DemFile = None, area_type: AreaType = "central", rainfall: Rainfall, engine: Engine,
    roads: Roads = None, nodes: Nodes = None, reports: Reports = None, reader: Reader,
    output: OutputFile = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """对比 What the works changed: the summaries side by side, and one map with a switch."""
    if other is None and (before is None or after is None):
        raise FormatError("name a second network, or two days of one with --before and --after")
    if before is not None and after is not None and before > after:
        raise FormatError(f"--before {before} is after --after {after}; exchange them")
    from drainage.analyses.waterlogging import drain_down_limit_h
    from drainage.report.comparison import compare_reports
    from drainage.writing import check_free_directory

    setup = granted.setup()
    if output is not None:
        check_free_directory(output, force=force)
    engine.check()
    drain_down_limit_h(area_type)
    answers: dict[str, Report] = {}

    def read(path: str) -> DrainageNetwork:
        return reader.whole([path], (output,), roads=roads, nodes=nodes, reports=reports)

    first = read(source)
    for name, word, path, day in (("before", "改造前", source, before), ("after", "改造后", other or source, after)):
        whole = first if path == source else read(path)
        net = on_day(whole, day)
        if net.crs != first.crs:
            raise FormatError(f"{path} lies elsewhere than {source}; a comparison is of one town before and after")
        storm = rainfall.storm(net, return_period, duration)
        of = day or Path(net.source).stem
        label = Said(f"{name} {of}", f"{word} {of}")
        answers[label] = _report(net, storm, setup, engine, dem, area_type)
        if day is None:
            say_day(whole, storm=storm, setup=setup, option=f"--{name}", of=label)
    compared = compare_reports(*answers.values(), labels=tuple(answers))
    print_summary({**compared.summaries}, compared.provenance, as_json=json_)
    if output is not None:
        compared.write(output, force=force)
        say(f"\n{output / 'map.html'}")


def _report(
    net: DrainageNetwork, storm: Storm | None, setup: Setup, engine: Engine, dem: Path | None, area_type: str
) -> Report:
    """Ask all questions behind a progress bar on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from drainage.report.analyze import STEPS
    from drainage.report.analyze import analyze as analyze_network

    ground = read_ground(dem, net)
    columns = (TextColumn("{task.description:<13}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(STEPS))

        def show(step: str) -> None:
            progress.update(task, description=step, completed=STEPS.index(step))

        def simulate(net: DrainageNetwork) -> FlowState:
            begun = STEPS.index("waterlogging")
            return engine.run(net, storm, setup, lambda done: progress.update(task, completed=begun + done))

        return analyze_network(
            net, storm=storm, setup=setup, simulate=simulate, dem=ground, area_type=area_type, step=show
        )
