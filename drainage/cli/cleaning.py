"""`drainage cleaning`: which runs of pipes to clean first, by the overflow that each avoids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.inputs import choose_storm, read_named_evidence, read_source
from drainage.cli.options import (
    AllowOutside,
    AsOf,
    ClimateFactor,
    Columns,
    ColumnsFile,
    Crs,
    DepthMm,
    Duration,
    Evidences,
    Force,
    Formula,
    Json,
    MapFile,
    Nodes,
    Output,
    Rain,
    ReturnPeriod,
    Source,
    StormShape,
    Table,
)
from drainage.cli.printing import check_outputs, end, print_answer, print_first
from drainage.cli.progress import shown
from drainage.cli.simulating import run_storm, takes_setup

if TYPE_CHECKING:
    from drainage.simulation.setup import Setup

_SHOWN = ("rank", "road", "priority", "avoided_m3", "left_out_m3", "silt_volume_m3", "length_m", "mi_class")


@takes_setup
def cleaning(
    source: Source,
    *,
    evidence: Evidences = None,
    least_silt: Annotated[
        float, typer.Option(help="最小淤积深度 share of the height from which silt is cleaned; not verified in CJJ 68")
    ] = 0.2,
    frequent_return_period: Annotated[
        float, typer.Option(help="常遇降雨重现期 years between flows that should still clean a pipe; own choice")
    ] = 1.0,
    area: Annotated[str, typer.Option(help="地区 K of CJJ 181: centre, trunk, road or other (not verified)")] = "road",
    soil: Annotated[str, typer.Option(help="土质 T of CJJ 181: ordinary, silty_sand, … (not verified)")] = "ordinary",
    nodes: Nodes = None,
    as_of: AsOf = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    return_period: ReturnPeriod = 3,
    duration: Duration = 120,
    setup: Setup,
    storm_formula: Formula = None,
    rain: Rain = None,
    shape: StormShape = "chicago",
    climate_factor: ClimateFactor = 1.0,
    depth_mm: DepthMm = None,
    output: Output = None,
    table: Table = None,
    map_: MapFile = None,
    json_: Json = False,
    force: Force = False,
) -> None:
    """清淤计划 Which runs of pipes to clean first, by the overflow that cleaning each avoids in a storm."""
    from drainage.plans.cleaning import plan_cleaning

    check_outputs(output, map_, force=force)
    found = read_named_evidence(evidence, column, columns)
    net = read_source(
        source,
        as_of=as_of,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        outputs=(output, map_),
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
    state = run_storm(net, storm, setup, engine="screening", time_limit_s=0.0)
    with shown("清淤计划 cleaning") as progress:
        result = plan_cleaning(
            state,
            found,
            least_silt_share=least_silt,
            frequent_return_period_a=frequent_return_period,
            area=area,
            soil=soil,
            progress=progress,
        )
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        print_first("runs to clean", result.tables["runs"], _SHOWN)
    end(result, as_json=json_)
