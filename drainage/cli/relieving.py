"""`drainage relief`: what to build at the points where it waterlogs, and what that changes."""

from __future__ import annotations

from contextlib import nullcontext
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
    Engine,
    Force,
    Formula,
    Json,
    MapFile,
    Nodes,
    Output,
    Rain,
    Reports,
    ReturnPeriod,
    Source,
    StormShape,
    Table,
    TimeLimit,
)
from drainage.cli.printing import check_outputs, end, print_answer, print_first, say
from drainage.cli.progress import shown
from drainage.cli.simulating import run_storm, takes_setup
from drainage.errors import FormatError
from drainage.words import in_both, language

if TYPE_CHECKING:
    from drainage.simulation.setup import Setup

SecondRun = Annotated[bool, typer.Option("--second-run", help="复核 run EPA SWMM before and after the works")]


@takes_setup
def relief(
    source: Source, *, reports: Reports = None, nodes: Nodes = None, as_of: AsOf = None,
    crs: Crs = None, allow_outside: AllowOutside = False, column: Columns = None, columns: ColumnsFile = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120,
    setup: Setup, storm_formula: Formula = None,
    rain: Rain = None, shape: StormShape = "chicago", climate_factor: ClimateFactor = 1.0, depth_mm: DepthMm = None,
    standard: Annotated[
        str | None,
        typer.Option(help="标准 sewer: no overflow; flood: 15 cm on a lane; default flood from 20 a on"),
    ] = None,
    sizes: Annotated[str | None, typer.Option(help="可选管径 inner diameters to choose from in mm, by commas")] = None,
    cover: Annotated[float, typer.Option(help="最小覆土 least earth over enlarged pipes in m")] = 0.7,
    link_reach: Annotated[float, typer.Option(help="连通管最长 longest relief link in m; 0: none")] = 300.0,
    engine: Engine = "screening", second_run: SecondRun = False, time_limit: TimeLimit = None,
    output: Output = None, table: Table = None, map_: MapFile = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """积水点整治方案 The smallest works that bring each waterlogging point within the standard."""
    from drainage.analyses.waterlogging import find_waterlogging
    from drainage.cli.simulating import check_engine
    from drainage.plans.relief import plan_relief
    from drainage.plans.relief.remedies import PIPE_SIZES_MM
    from drainage.simulation.screening.screen import screen_beside

    check_outputs(output, map_, force=force)
    check_engine(engine)
    chosen_mm = PIPE_SIZES_MM if sizes is None else _sizes(sizes)
    net = read_source(
        source,
        reports=reports,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
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
    state = run_storm(net, storm, setup, engine=engine, time_limit_s=time_limit)
    screening = screen_beside(state)
    with shown("易积水点 waterlogging") as progress:
        found = find_waterlogging(state, screening=screening, sightings=net.layers.get("reports"), progress=progress)
    # in a second run EPA SWMM shows how far it is
    with nullcontext(None) if second_run else shown("整治方案 relief") as progress:
        result = plan_relief(
            state,
            found,
            screening=screening,
            simulate=None
            if not second_run
            else lambda built: run_storm(built, storm, setup, engine="swmm", time_limit_s=time_limit),
            sizes_mm=chosen_mm,
            least_cover_m=cover,
            standard=standard,
            link_reach_m=link_reach,
            progress=progress,
        )
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        points = result.tables["points"].assign(point_id=lambda table: table.index)
        listed = ("point_id", "road", "solved", "before_m3", "after_m3", "storage_instead_m3", "works", "doubt")
        print_first("points", points, (*listed, "second_run_within") if second_run else listed)
        text = "text_zh" if language() == "zh" else "text"
        print_first("works", result.tables["works"], ("point_id", "kind", "pipe_id", text))
    if not second_run:
        say(in_both("only_screened" if screening is state else "points_of_engine"))
    end(result, as_json=json_)


def _sizes(text: str) -> tuple[float, ...]:
    try:
        sizes = tuple(float(word) for word in text.split(","))
    except ValueError as error:
        raise FormatError(f"--sizes {text}: expected millimetres parted by commas, such as 600,800,1000") from error
    if min(sizes) <= 0:
        raise FormatError(f"--sizes {text}: expected sizes above 0 mm")
    return sizes
