"""What a storm is and what it does: `drainage storm`, `waterlogging`, and `ensemble` for many of them side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.history import on_day, say_day
from drainage.cli.inputs import NO_STORM, Rainfall, Reader, read_ground
from drainage.cli.options import (
    AreaType,
    AsOf,
    DemFile,
    Duration,
    EngineName,
    Force,
    Formula,
    Json,
    Nodes,
    One,
    OutputFile,
    Reports,
    ReturnPeriod,
    Source,
    Table,
    TailwaterSeries,
)
from drainage.cli.printing import Output, print_first, print_json, print_summary, print_table, say
from drainage.cli.progress import shown
from drainage.cli.simulating import TIME_LIMIT_OF_AUTO_S, Engine, Granted, choose_engine, with_series
from drainage.errors import FormatError
from drainage.formats.addresses import is_database
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.result import Result
    from drainage.simulation.ensemble.runs import EnsembleRun

_RUNS = (
    "scenario", "engine", "return_period_a", "duration_min", "tailwater_m", "overflow_nodes", "overflow_m3", "lost_m3",
    "seconds",
)  # fmt: skip


def storm(
    storm_formula: Formula = None, return_period: ReturnPeriod = 3, duration: Duration = 120, *, rainfall: Rainfall,
    step: Annotated[float, typer.Option(help="时段 length of the steps in minutes")] = 5.0,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o", "--output", help="输出 .dat (EPA SWMM time series), .csv, .png, .svg or .pdf; may be repeated"
        ),
    ] = None,
    json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """设计暴雨 The rain of a formula or a gauge: its depth, its hyetograph, and files of it."""
    from drainage.formats.rain.storm_file import check_storm_file, write_storm
    from drainage.provenance import Provenance
    from drainage.report.analyze import to_plain
    from drainage.writing import check_free_answer

    for path in output or []:
        check_storm_file(path)
        check_free_answer(path, ending=path.suffix.lower(), force=force)
    chosen = replace(rainfall, storm_formula=storm_formula).storm(None, return_period, duration)
    if chosen is None:
        raise FormatError(NO_STORM)
    print_summary({"": {"storm": to_plain(chosen.facts)}}, Provenance.of_storm(chosen), as_json=json_)
    for path in output or []:
        say(str(write_storm(chosen, path, step_min=step, force=force)))


def waterlogging(
    source: Source, *, reports: Reports = None, nodes: Nodes = None, as_of: AsOf = None, reader: Reader,
    return_period: ReturnPeriod = 3, duration: Duration = 120,
    granted: Granted, tailwater_series: TailwaterSeries = None, dem: DemFile = None, area_type: AreaType = "central",
    rainfall: Rainfall, engine: Engine, out: Output,
) -> None:  # fmt: skip
    """易积水点 Where it waterlogs in a design storm, and why."""
    from drainage.analyses.waterlogging import drain_down_limit_h, find_waterlogging
    from drainage.simulation.screening.screen import screen_beside

    setup = granted.setup()
    out.check()
    drain_down_limit_h(area_type)
    whole = reader.whole(source, out.paths, reports=reports, nodes=nodes)
    net = on_day(whole, as_of)
    storm = rainfall.storm(net, return_period, duration)
    ground = read_ground(dem, net)
    state = engine.run(net, storm, with_series(setup, tailwater_series, storm))
    with shown("易积水点 waterlogging") as progress:
        result = find_waterlogging(
            state, screening=screen_beside(state), sightings=net.layers.get("reports"), dem=ground, area_type=area_type,
            progress=progress,
        )  # fmt: skip
    out.print(result)
    if not out.json_:
        listed = ("road", "grade", "depth_m", "volume_m3", "cause", "begins_at_return_period_a", "worst_node")
        print_first("points by volume", result.tables["points"], listed)
    if as_of is None:
        say_day(whole, storm=storm, setup=setup)
    out.end(result)


def ensemble(
    source: One, *,
    return_period: Annotated[str, typer.Option(help="重现期 return periods in years, parted by commas")] = "2,5,20",
    duration: Annotated[str, typer.Option(help="降雨历时 durations in minutes, parted by commas")] = "120",
    tailwater: Annotated[
        str | None, typer.Option(help="排口水位 water levels in m, parted by commas; 'none': as the network says")
    ] = None,
    granted: Granted,
    scenario: Annotated[
        list[str] | None, typer.Option(help="方案 a further network, NAME=FILE or FILE; may be repeated")
    ] = None,
    engine: EngineName = "screening",
    time_limit: Annotated[
        float, typer.Option(help="时限 seconds within which EPA SWMM should end a run for --engine auto to choose it")
    ] = TIME_LIMIT_OF_AUTO_S,
    keep: Annotated[
        Path | None, typer.Option(help="保留目录 directory of finished runs: go on where it stopped")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="进程数 processes; default one for each core")] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Dask 调度器 address of a scheduler, tcp://… or tls://…; one that you trust: what it sends is run here"
        ),
    ] = None,
    rainfall: Rainfall, nodes: Nodes = None, as_of: AsOf = None, reader: Reader,
    output: OutputFile = None, table: Table = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """批量模拟 Run many storms on all cores; exit 2 where one failed."""
    from drainage.report.analyze import to_plain
    from drainage.simulation.ensemble.runs import combine_runs

    out = Output(output=output, table=table, json_=json_, force=force)
    setup = granted.setup()
    out.check()
    Engine(engine=engine).check()
    networks = {
        name: reader.read([file], out.paths, nodes=nodes, as_of=as_of)
        for name, file in _scenarios(source, scenario or []).items()
    }
    first = next(iter(networks.values()))
    periods, minutes = _numbers("--return-period", return_period), _numbers("--duration", duration)
    storms = [
        rainfall.storm(first, period, length)
        for period in (periods if rainfall.rain is None and rainfall.depth_mm is None else periods[:1])
        for length in (minutes if rainfall.rain is None else minutes[:1])
    ]
    runs = combine_runs(networks, _checked(storms, first), setup=setup, tailwaters_m=_levels(tailwater))
    result = _run(_with_engine(runs, engine, time_limit), keep, workers, scheduler)
    rows = result.tables["runs"]
    if json_:
        told = [to_plain(row) for _, row in rows.reset_index().iterrows()]
        print_json({"summary": to_plain(result.summary), "runs": told}, result.provenance)
    else:
        listed = [name for name in _RUNS if name in rows]
        print_table("ensemble", ["run", *listed], [[str(n), *_cells(row[listed])] for n, row in rows.iterrows()])
    for number, row in rows[rows["error"] != ""].iterrows():
        say(in_both("run_failed", number=number, scenario=row["scenario"], error=row["error"]))
    out.write(result)
    raise typer.Exit(2 if result.summary["failed"] else 0)


def _scenarios(source: str, others: list[str]) -> dict[str, str]:
    named = {_name_of(source): source}
    for text in others:
        name, found, file = text.partition("=")
        plain = not found or is_database(text) or Path(text).exists()
        name, file = (_name_of(text), text) if plain else (name, file)
        if name in named:
            raise FormatError(f"--scenario {text}: there is a scenario {name!r} already; name it otherwise: NAME=FILE")
        named[name] = file
    return named


def _name_of(source: str) -> str:
    """Name a file without its ending, a database by its own name."""
    return Path(source.partition("?")[0] if is_database(source) else source).stem


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise FormatError(f"{option} {text}: expected numbers parted by commas, such as 2,5,20") from error


def _levels(text: str | None) -> list[float | None]:
    parts = (text or "none").split(",")
    return [None if part.strip() == "none" else _numbers("--tailwater", part)[0] for part in parts]


def _checked(storms: list[Storm | None], net: DrainageNetwork) -> list[Storm | None]:
    """Refuse to run without a storm; an .inp has its own, once."""
    if None not in storms:
        return storms
    if net.origin.model is not None:
        return [None]
    raise FormatError(
        "give the storm intensity formula with --storm-formula FILE.toml or observed rain with --rain FILE"
    )


def _with_engine(runs: list[EnsembleRun], engine: str, limit_s: float) -> list[EnsembleRun]:
    """Let all runs take an engine; ``auto`` chooses one for each by its own time, and says which."""
    if engine != "auto":
        return [replace(run, engine=engine) for run in runs]  # type: ignore[arg-type]  # it was checked
    chosen = [replace(run, engine=choose_engine(run.network, run.storm, limit_s)[0]) for run in runs]  # type: ignore[arg-type]  # likewise
    asked = sum(run.engine == "swmm" for run in chosen)
    say(in_both("auto_of_runs", asked=asked, runs=len(runs), limit_s=limit_s))
    return chosen


def _run(runs: list[EnsembleRun], keep: Path | None, workers: int | None, scheduler: str | None) -> Result:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    from drainage.simulation.ensemble.runs import run_ensemble

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(runs))

        def show(done: float) -> None:
            bar.update(task, completed=round(done * len(runs)))

        return run_ensemble(runs, keep=keep, workers=workers, scheduler=scheduler, progress=show)


def _cells(row: object) -> list[str]:
    return [f"{cell:,.2f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell) for cell in row]  # type: ignore[attr-defined]  # a row
