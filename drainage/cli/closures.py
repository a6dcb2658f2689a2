"""`drainage closures`: which misconnections to close first for a budget, and which sewers can take what they let in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.inputs import read_source
from drainage.cli.options import (
    AllowOutside,
    AsOf,
    Columns,
    ColumnsFile,
    Crs,
    Force,
    Json,
    MapFile,
    Nodes,
    Output,
    Source,
    Table,
    UserFlow,
)
from drainage.cli.printing import check_outputs, end, print_answer, print_first
from drainage.cli.progress import shown
from drainage.errors import FormatError

if TYPE_CHECKING:
    import pandas as pd

_COST = ("finding_id", "cost_yuan")


def closures(
    source: Source,
    budget: Annotated[float, typer.Option(help="预算 budget: yuan with --costs, else number of closures; inf: all")],
    by: Annotated[str, typer.Option(help="目标 free most length, outfalls or sewage (m³/d)")] = "length",
    costs: Annotated[Path | None, typer.Option(help="费用 a .csv with finding_id and cost_yuan")] = None,
    user_m3d: UserFlow = None,
    sewer_m3d_per_km: Annotated[
        float | None, typer.Option(help="沿线污水量 sewage that enters a km of sewer, m³/d, where none is measured")
    ] = None,
    wet_inflow_share: Annotated[
        float | None, typer.Option(help="雨季入流比 rain that gets into sewers, by mean daily flow")
    ] = None,
    rungs: Annotated[int, typer.Option(help="曲线级数 steps of the curve")] = 20,
    time_limit: Annotated[float, typer.Option(help="每级时限 seconds for each step")] = 10.0,
    within: Annotated[float, typer.Option(help="接驳距离 m within which a sewer is looked for")] = 200.0,
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
    """混接改造次序 Which misconnections to close first, what that frees, and which sewers can take the sewage."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.hydraulics.sewage import SewageRates
    from drainage.plans.closures import plan_closures

    check_outputs(output, map_, force=force)
    rates = SewageRates(user_m3d=user_m3d, sewer_m3d_per_km=sewer_m3d_per_km, wet_inflow_share=wet_inflow_share)
    cost_yuan = None if costs is None else _read_costs(costs)
    net = read_source(
        source,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        outputs=(output, map_),
    )
    with shown("改造次序 closures") as progress:
        plan = plan_closures(
            net,
            find_mixed_flow(net, rates=rates),
            budget=budget,
            by=by,  # type: ignore[arg-type]  # the plan refuses what is none of the three
            cost_yuan=cost_yuan,
            rates=rates,
            rungs=rungs,
            time_limit_s=time_limit,
            within_m=within,
            progress=progress,
        )
    print_answer(plan, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        curve = plan.curve.reset_index()
        freed = ("freed_length_m", "freed_outfalls", "freed_m3d")
        print_first("改造曲线 curve", curve, ("budget", "closures", *freed, "proven"), most=len(curve))
        works = plan.works.reset_index()
        chosen = ("rank", "node_id", "kind", "chosen", "freed_m", "sewage_m3d", "receiving_node", "connection")
        print_first("改造次序 works", works, (*chosen, "dry_room"), most=20)
    end(plan, as_json=json_)


def _read_costs(path: Path) -> pd.Series:
    import pandas as pd

    from drainage.formats.guard.before_opening import check_path
    from drainage.formats.tables.survey import read_table
    from drainage.schema.text.values import read_numbers

    table = read_table(check_path(path), names=_COST)
    if missing := [name for name in _COST if name not in table]:
        raise FormatError(f"{path.name}: no column {' or '.join(missing)}; it has {', '.join(map(str, table.columns))}")
    cost = read_numbers(table["cost_yuan"])
    if cost.unreadable.any():
        row = table[cost.unreadable].iloc[0]
        raise FormatError(f"{path.name}: row {row.name}: '{row['cost_yuan']}' is no number of yuan; write 12345.6")
    return pd.Series(cost.number, index=table["finding_id"], name="cost_yuan")
