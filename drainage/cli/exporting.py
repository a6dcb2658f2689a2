"""`drainage export`: a network and a storm as a file for another program."""

from __future__ import annotations

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
    Duration,
    Force,
    Formula,
    Json,
    Nodes,
    One,
    Rain,
    ReturnPeriod,
    StormShape,
    TailwaterSeries,
)
from drainage.cli.printing import example, print_json, print_table, say
from drainage.cli.simulating import takes_setup, with_series
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.simulation.setup import Setup


@takes_setup
def export(
    source: One,
    target: Annotated[Path, typer.Argument(help="模型文件 the EPA SWMM model to write (.inp)", show_default=False)],
    *,
    systems: Annotated[
        str, typer.Option(help="系统 systems to write: storm, sewage, combined, reclaimed, unknown")
    ] = "storm,combined,unknown",
    return_period: ReturnPeriod = 3,
    duration: Duration = 120,
    storm_formula: Formula = None,
    rain: Rain = None,
    shape: StormShape = "chicago",
    climate_factor: ClimateFactor = 1.0,
    depth_mm: DepthMm = None,
    setup: Setup,
    tailwater_series: TailwaterSeries = None,
    ponded_area: Annotated[
        float, typer.Option(help="积水面积 area in m² on which water stands above a manhole; 0: it is lost")
    ] = 0.0,
    nodes: Nodes = None,
    as_of: AsOf = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    json_: Json = False,
    force: Force = False,
) -> None:
    """导出 SWMM 模型 Write the network and a storm for EPA SWMM; an .inp without a formula keeps its own rain."""
    from drainage.provenance import Provenance
    from drainage.simulation.swmm.engine_values import EngineOptions
    from drainage.simulation.swmm.export import write_inp
    from drainage.writing import check_free_answer

    check_free_answer(target, ending=".inp", force=force)
    net = read_source(
        [source],
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        outputs=(target,),
    )
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
    written = write_inp(
        net,
        storm,
        target,
        with_series(setup, tailwater_series, storm),
        systems=[system.strip() for system in systems.split(",")],
        options=EngineOptions(ponded_area_m2=ponded_area),
        force=force,
    )
    counts = written.issues.groupby(["severity", "code"], sort=False).size().reset_index(name="count")
    rows = list(counts.itertuples(index=False, name=None))
    if json_:
        issues = [{"severity": s, "code": c, "count": int(n)} for s, c, n in rows]
        print_json(
            {
                "file": str(written.path),
                "pipes": len(written.pipe_names),
                "nodes": len(written.node_names),
                "issues": issues,
            },
            Provenance.of(net, storm),
        )
    elif rows:
        print_table(
            "issues",
            ["severity", "code", "count", "example"],
            [[s, c, str(n), example(written.issues, c)] for s, c, n in rows],
        )
    say(in_both("exported", path=written.path, pipes=len(written.pipe_names), nodes=len(written.node_names)))
    raise typer.Exit(2 if (written.issues["severity"] == "error").any() else 0)
