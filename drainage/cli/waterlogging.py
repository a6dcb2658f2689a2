"""`drainage waterlogging`: where it waterlogs in a storm, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    MapFile,
    Nodes,
    Output,
    Processes,
    Rain,
    Reports,
    ReturnPeriod,
    Source,
    StormShape,
    Table,
    TailwaterSeries,
    TimeLimit,
)
from drainage.cli.printing import check_outputs, end, print_answer, print_first
from drainage.cli.progress import shown
from drainage.cli.simulating import run_storm, takes_setup, with_series

if TYPE_CHECKING:
    from drainage.simulation.setup import Setup


@takes_setup
def waterlogging(
    source: Source, *, reports: Reports = None, nodes: Nodes = None, as_of: AsOf = None,
    crs: Crs = None, allow_outside: AllowOutside = False, column: Columns = None, columns: ColumnsFile = None,
    return_period: ReturnPeriod = 3, duration: Duration = 120,
    setup: Setup, tailwater_series: TailwaterSeries = None,
    dem: DemFile = None, area_type: AreaType = "central", storm_formula: Formula = None,
    rain: Rain = None, shape: StormShape = "chicago", climate_factor: ClimateFactor = 1.0, depth_mm: DepthMm = None,
    engine: Engine = "screening", processes: Processes = None, time_limit: TimeLimit = None,
    output: Output = None, table: Table = None, map_: MapFile = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """易积水点 Where it waterlogs in a design storm, and why."""
    from drainage.analyses.waterlogging import drain_down_limit_h, find_waterlogging
    from drainage.simulation.screening.screen import screen_beside

    check_outputs(output, map_, force=force)
    drain_down_limit_h(area_type)
    net = read_source(
        source,
        reports=reports,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        whole=True,
        outputs=(output, map_),
    )
    whole, net = net, on_day(net, as_of)
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
    ground = read_ground(dem, net)
    running = with_series(setup, tailwater_series, storm)
    state = run_storm(net, storm, running, engine=engine, time_limit_s=time_limit, processes=processes)
    with shown("易积水点 waterlogging") as progress:
        result = find_waterlogging(
            state, screening=screen_beside(state), sightings=net.layers.get("reports"), dem=ground, area_type=area_type,
            progress=progress,
        )  # fmt: skip
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        listed = ("road", "grade", "depth_m", "volume_m3", "cause", "begins_at_return_period_a", "worst_node")
        print_first("points by volume", result.tables["points"], listed)
    if as_of is None:
        say_day(whole, storm=storm, setup=setup)
    end(result, as_json=json_)
