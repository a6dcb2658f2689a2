"""`drainage analyze` and `drainage compare`: all questions about a network, or about it before and after its works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.history import say_day
from drainage.cli.inputs import choose_storm, on_day, read_ground, read_source
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
    Engine,
    Force,
    Formula,
    Json,
    Nodes,
    Other,
    Output,
    Rain,
    Reports,
    ReturnPeriod,
    Roads,
    Source,
    StormShape,
    TimeLimit,
)
from drainage.cli.printing import finish, print_summary, say
from drainage.cli.simulating import check_engine, run_storm, takes_setup
from drainage.errors import FormatError
from drainage.words import Said

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.report.directory import Report
    from drainage.simulation.setup import Setup
    from drainage.simulation.state import FlowState


@takes_setup
def analyze(
    source: Source, output: Annotated[Path, typer.Option("-o", "--output", help="输出目录 directory to write")], *,
    roads: Roads = None, nodes: Nodes = None, reports: Reports = None, as_of: AsOf = None,
    crs: Crs = None, allow_outside: AllowOutside = False, column: Columns = None, columns: ColumnsFile = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120,
    setup: Setup, dem: DemFile = None, area_type: AreaType = "central", storm_formula: Formula = None,
    rain: Rain = None, shape: StormShape = "chicago", climate_factor: ClimateFactor = 1.0, depth_mm: DepthMm = None,
    engine: Engine = "screening", time_limit: TimeLimit = None,
    json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """全部分析 Ask all questions and write a directory with tables, layers and the map."""
    from drainage.analyses.waterlogging import drain_down_limit_h
    from drainage.writing import check_free_directory

    check_free_directory(output, force=force)
    check_engine(engine)
    drain_down_limit_h(area_type)
    whole = read_source(
        source,
        roads=roads,
        nodes=nodes,
        reports=reports,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        whole=True,
        outputs=(output,),
    )
    net = on_day(whole, as_of)
    storm = choose_storm(
        net,
        storm_formula,
        return_period,
        duration,
        rain=rain,
        shape=shape,
        climate_factor=climate_factor,
        depth_mm=depth_mm,
    )
    report = run_report(
        net,
        storm,
        setup=setup,
        dem=dem,
        area_type=area_type,
        engine=engine,
        time_limit_s=time_limit,
    )
    report.write(output, force=force)
    print_summary({"": report.summary}, report.provenance, as_json=json_)
    if as_of is None:
        say_day(whole, storm=storm, setup=setup)
    say(f"\n{output / 'map.html'}")
    finish(report)


@takes_setup
def compare(
    source: Annotated[str, typer.Argument(help="改造前 network before the works", show_default=False)],
    other: Other = None, *,
    before: Annotated[str | None, typer.Option(help="日期 day before the works, YYYY-MM-DD")] = None,
    after: Annotated[str | None, typer.Option(help="日期 day after them, YYYY-MM-DD")] = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120,
    setup: Setup, dem: DemFile = None, area_type: AreaType = "central", storm_formula: Formula = None,
    rain: Rain = None, shape: StormShape = "chicago", climate_factor: ClimateFactor = 1.0, depth_mm: DepthMm = None,
    engine: Engine = "screening", time_limit: TimeLimit = None,
    roads: Roads = None, nodes: Nodes = None, reports: Reports = None, crs: Crs = None,
    allow_outside: AllowOutside = False, column: Columns = None, columns: ColumnsFile = None,
    output: Output = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """对比 What the works changed: the summaries side by side, and one map with a switch."""
    if other is None and (before is None or after is None):
        raise FormatError("name a second network, or two days of one with --before and --after")
    if before is not None and after is not None and before > after:
        raise FormatError(f"--before {before} is after --after {after}; exchange them")
    from drainage.analyses.waterlogging import drain_down_limit_h
    from drainage.report.comparison import compare_reports
    from drainage.writing import check_free_directory

    if output is not None:
        check_free_directory(output, force=force)
    check_engine(engine)
    drain_down_limit_h(area_type)
    answers: dict[str, Report] = {}

    def read(path: str) -> DrainageNetwork:
        return read_source(
            [path], as_of=None, whole=True, outputs=(output,), column=column, mapping=columns, crs=crs,
            allow_outside=allow_outside, roads=roads, nodes=nodes, reports=reports,
        )  # fmt: skip

    first = read(source)
    for name, word, path, day in (("before", "改造前", source, before), ("after", "改造后", other or source, after)):
        whole = first if path == source else read(path)
        net = on_day(whole, day)
        if net.crs != first.crs:
            raise FormatError(f"{path} lies elsewhere than {source}; a comparison is of one town before and after")
        storm = choose_storm(
            net,
            storm_formula,
            return_period,
            duration,
            rain=rain,
            shape=shape,
            climate_factor=climate_factor,
            depth_mm=depth_mm,
        )
        of = day or Path(net.source).stem
        label = Said(f"{name} {of}", f"{word} {of}")
        answers[label] = run_report(
            net,
            storm,
            setup=setup,
            dem=dem,
            area_type=area_type,
            engine=engine,
            time_limit_s=time_limit,
        )
        if day is None:
            say_day(whole, storm=storm, setup=setup, option=f"--{name}", of=label)
    compared = compare_reports(*answers.values(), labels=tuple(answers))
    print_summary({**compared.summaries}, compared.provenance, as_json=json_)
    if output is not None:
        compared.write(output, force=force)
        say(f"\n{output / 'map.html'}")


def run_report(
    net: DrainageNetwork,
    storm: Storm | None,
    *,
    setup: Setup,
    dem: Path | None,
    area_type: str,
    engine: str,
    time_limit_s: float | None,
) -> Report:
    """Ask all questions behind a progress bar on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from drainage.report.analyze import STEPS
    from drainage.report.analyze import analyze as analyze_network

    ground = read_ground(dem, net)
    with Progress(
        TextColumn("{task.description:<13}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("", total=len(STEPS))

        def show(step: str) -> None:
            progress.update(task, description=step, completed=STEPS.index(step))

        def simulate(net: DrainageNetwork) -> FlowState:
            begun = STEPS.index("waterlogging")
            return run_storm(net, storm, setup, engine=engine, time_limit_s=time_limit_s,
                             progress=lambda done: progress.update(task, completed=begun + done))  # fmt: skip

        return analyze_network(
            net, storm=storm, setup=setup, simulate=simulate, dem=ground, area_type=area_type, step=show
        )
