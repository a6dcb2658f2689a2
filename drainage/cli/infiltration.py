"""`drainage infiltration`: what enters the sewers in dry weather and after rain, where, and what it overloads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drainage.cli.inputs import date_order_said, read_named_evidence, read_rain, read_source
from drainage.cli.options import (
    AllowOutside,
    AsOf,
    Columns,
    ColumnsFile,
    Crs,
    Evidences,
    Force,
    Json,
    MapFile,
    Nodes,
    Output,
    Source,
    Table,
)
from drainage.cli.printing import check_outputs, end, print_answer, print_first
from drainage.errors import FormatError

_METERS = (
    "rank",
    "own_length_km",
    "adf_m3_per_day",
    "infiltration_by_use_m3_per_day",
    "infiltration_by_night_m3_per_day",
    "own_rdii_m3_per_km_mm",
    "own_share_pct",
    "peak_ratio",
)


def infiltration(
    source: Source,
    rain: Annotated[Path, typer.Option("--rain", help="实测降雨 rain of a gauge (.csv: time with dates, depth_mm)")],
    evidence: Evidences = None,
    water_use: Annotated[
        list[str] | None,
        typer.Option(help="用水量 METER=M3_PER_DAY, water used above a meter (T/CECS 1764 5.2.4); may be repeated"),
    ] = None,
    returned_share: Annotated[
        float | None, typer.Option(help="折算系数 K, 0.8 to 0.9 (T/CECS 1764 5.2.4); default 0.85")
    ] = None,
    day_share: Annotated[
        float | None, typer.Option(help="X of the night method (T/CECS 1764 5.2.5); left out where it is not given")
    ] = None,
    gap: Annotated[float | None, typer.Option(help="场次间隔 dry hours that part two events; default 6")] = None,
    recession: Annotated[
        float | None, typer.Option(help="退水时间 hours after rain that belong to its event; default 24")
    ] = None,
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
    """污水管外水 Infiltration and inflow to sewers from flow meters and rain: how much, where, what it overloads."""
    from drainage.analyses.infiltration import InfiltrationLimits, measure_infiltration

    check_outputs(output, map_, force=force)
    found = read_named_evidence(evidence, column, columns)
    if found is None:
        raise FormatError("--evidence is missing: name the readings of flow meters, such as --evidence meters.csv")
    given = {"returned_share": returned_share, "day_share": day_share, "gap_h": gap, "recession_h": recession}
    limits = InfiltrationLimits(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # numbers by name
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
    use, order = _by_meter(water_use), date_order_said(column, columns)
    result = measure_infiltration(
        net, found, read_rain(rain, date_order=order), water_use_m3_per_day=use, limits=limits
    )
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        print_first("meters", result.meters.reset_index(), ("meter_id", *_METERS))
        over = result.sewers[result.sewers["load"].isin(["over_in_dry", "over_in_rain"])]
        worst = over.sort_values("wet_utilisation", ascending=False).reset_index()
        print_first("sewers over capacity", worst, ("pipe_id", "load", "dry_utilisation", "wet_utilisation", "road"))
        print_first("verdicts", result.verdicts, ("rule", "clause", "node_id", "reading"))
    end(result, as_json=json_)


def _by_meter(texts: list[str] | None) -> dict[str, float]:
    use = {}
    for text in texts or ():
        meter, _, number = text.rpartition("=")
        try:
            use[meter] = float(number)
        except ValueError as error:
            raise FormatError(f"--water-use {text}: write METER=M3_PER_DAY, such as W12=450") from error
    return use
