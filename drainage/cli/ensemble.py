"""`drainage ensemble`: return periods × durations × tailwaters × scenarios, side by side, going on where it stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.inputs import choose_storm, read_source
from drainage.cli.options import (
    AllowOutside,
    AsOf,
    ClimateFactor,
    Columns,
    ColumnsFile,
    Crs,
    DepthMm,
    Force,
    Formula,
    Json,
    Nodes,
    One,
    Output,
    Rain,
    StormShape,
    Table,
)
from drainage.cli.options import Engine as EngineOption
from drainage.cli.printing import check_outputs, print_json, print_table, say
from drainage.cli.simulating import TIME_LIMIT_OF_AUTO_S, check_engine, choose_engine, takes_setup
from drainage.errors import FormatError
from drainage.formats.addresses import is_database
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.result import Result
    from drainage.simulation.ensemble.runs import EnsembleRun
    from drainage.simulation.setup import Setup

SHOWN = (
    "scenario",
    "engine",
    "return_period_a",
    "duration_min",
    "tailwater_m",
    "overflow_nodes",
    "overflow_m3",
    "lost_m3",
    "seconds",
)


@takes_setup
def ensemble(
    source: One,
    *,
    return_period: Annotated[str, typer.Option(help="重现期 return periods in years, parted by commas")] = "2,5,20",
    duration: Annotated[str, typer.Option(help="降雨历时 durations in minutes, parted by commas")] = "120",
    tailwater: Annotated[
        str | None, typer.Option(help="排口水位 water levels in m, parted by commas; 'none': as the network says")
    ] = None,
    setup: Setup,
    scenario: Annotated[
        list[str] | None, typer.Option(help="方案 a further network, NAME=FILE or FILE; may be repeated")
    ] = None,
    engine: EngineOption = "screening",
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
    storm_formula: Formula = None,
    rain: Rain = None,
    shape: StormShape = "chicago",
    climate_factor: ClimateFactor = 1.0,
    depth_mm: DepthMm = None,
    nodes: Nodes = None,
    as_of: AsOf = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    output: Output = None,
    table: Table = None,
    json_: Json = False,
    force: Force = False,
) -> None:
    """批量模拟 Run many storms on all cores; exit 2 where one failed."""
    from drainage.cli.printing import write_answer
    from drainage.report.analyze import to_plain
    from drainage.simulation.ensemble.runs import combine_runs

    check_outputs(output, None, force=force)
    check_engine(engine)
    networks = {
        name: read_source(
            [file],
            nodes=nodes,
            crs=crs,
            allow_outside=allow_outside,
            column=column,
            mapping=columns,
            as_of=as_of,
            outputs=(output,),
        )
        for name, file in _scenarios(source, scenario or []).items()
    }
    first = next(iter(networks.values()))
    periods, minutes = _numbers("--return-period", return_period), _numbers("--duration", duration)
    storms = [
        choose_storm(
            first,
            storm_formula,
            period,
            length,
            rain=rain,
            shape=shape,
            climate_factor=climate_factor,
            depth_mm=depth_mm,
        )
        for period in (periods if rain is None and depth_mm is None else periods[:1])
        for length in (minutes if rain is None else minutes[:1])
    ]
    runs = combine_runs(
        networks,
        _checked(storms, first),
        setup=setup,
        tailwaters_m=_levels(tailwater),
    )
    runs = _with_engine(runs, engine, time_limit)
    result = _run(runs, keep, workers, scheduler)
    rows = result.tables["runs"]
    if json_:
        print_json(
            {"summary": to_plain(result.summary), "runs": [to_plain(row) for _, row in rows.reset_index().iterrows()]},
            result.provenance,
        )
    else:
        shown = [name for name in SHOWN if name in rows]
        print_table("ensemble", ["run", *shown], [[str(n), *_cells(row[shown])] for n, row in rows.iterrows()])
    for number, row in rows[rows["error"] != ""].iterrows():
        say(in_both("run_failed", number=number, scenario=row["scenario"], error=row["error"]))
    if output is not None:
        write_answer(result, output, force=force, table=table)
        say(str(output))
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
    if "model" in net.inputs:
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
        return run_ensemble(
            runs,
            keep=keep,
            workers=workers,
            scheduler=scheduler,
            progress=lambda done: bar.update(task, completed=round(done * len(runs))),
        )


def _cells(row: object) -> list[str]:
    return [f"{cell:,.2f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell) for cell in row]  # type: ignore[attr-defined]  # a row
