"""`drainage sources` and `drainage inspect`: where undrawn sewage can enter, and which manholes to open next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.inputs import read_named_evidence, read_source
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
from drainage.cli.printing import OUTPUTS, check_outputs, end, print_answer, print_table, say
from drainage.errors import FormatError

if TYPE_CHECKING:
    import pandas as pd

    from drainage.inference.posterior import SourceRates
    from drainage.inference.rules import Scheme

_SHOWN = 15
Prior = Annotated[
    float | None, typer.Option(help="先验概率 chance that a reach holds a source before anything was seen")
]
Tracers = Annotated[str, typer.Option(help="水质判别 cecs: T/CECS 758 5.3.2; idde: the flow chart of the EPA")]


def sources(
    source: Source,
    evidence: Evidences = None,
    prior: Prior = None,
    tracers: Tracers = "cecs",
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
    """污水源 Where the storm network can hold an undrawn sewage source, with what chance, by all evidence."""
    from drainage.analyses.sources import find_sources

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
    result = find_sources(net, found, rates=_rates(prior), tracers=_scheme(tracers))
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        likely = result.reaches.sort_values("probability", ascending=False)
        _print("likely reaches", likely[["from_node", "to_node", "probability", "observed", "evidence_rows"]])
    end(result, as_json=json_)


def inspect(
    source: Source,
    evidence: Evidences = None,
    budget: Annotated[int, typer.Option(help="开井数 openings of a crew's day")] = 10,
    start: Annotated[str | None, typer.Option(help="出发井 node at which the walk begins")] = None,
    closed: Annotated[list[str] | None, typer.Option(help="打不开的井 node that cannot be opened; repeatable")] = None,
    prior: Prior = None,
    tracers: Tracers = "cecs",
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="输出 as in other commands, or .gpx: the walk")
    ] = None,
    table: Table = None,
    form: Annotated[Path | None, typer.Option(help="现场记录表 write the form that the crew fills in (.csv)")] = None,
    map_: MapFile = None,
    json_: Json = False,
    force: Force = False,
) -> None:
    """开井计划 Which manholes to open next to find undrawn sources with the fewest openings, as a walk."""
    from drainage.formats.gpx import write_gpx
    from drainage.plans.inspection import plan_inspection
    from drainage.spreadsheets import write_csv
    from drainage.writing import check_free_answer, replacing_file

    check_outputs(output, map_, force=force, endings=(*OUTPUTS, ".gpx"))
    if form is not None:
        check_free_answer(form, ending=".csv", force=force)
    found = read_named_evidence(evidence, column, columns)
    net = read_source(source, as_of=as_of, nodes=nodes, crs=crs, allow_outside=allow_outside, column=column,
                      mapping=columns,
                      outputs=(output, map_, form))  # fmt: skip
    plan = plan_inspection(
        net, found, budget=budget, start=start, closed=closed or (), rates=_rates(prior), tracers=_scheme(tracers)
    )
    as_gpx = output is not None and output.suffix.lower() == ".gpx"
    print_answer(plan, None if as_gpx else output, map_, as_json=json_, force=force, table=table)
    if output is not None and as_gpx:
        say(str(write_gpx(plan, output, force=force)))
    if form is not None:
        with replacing_file(form, ending=".csv", force=force, provenance=plan.provenance) as part:
            write_csv(plan.tables["form"], part)
        say(str(form))
    if not json_:
        _print("openings", plan.openings[["visit", "gain_bits", "flow_probability", "walk_m", "road"]])
    end(plan, as_json=json_)


def _rates(prior: float | None) -> SourceRates | None:
    from drainage.inference.posterior import SourceRates

    return None if prior is None else SourceRates(reach_prior=prior)


def _scheme(tracers: str) -> Scheme:
    if tracers == "cecs":
        return "cecs"
    if tracers == "idde":
        return "idde"
    raise FormatError(f"no such scheme of tracers: {tracers}; expected cecs or idde")


def _print(title: str, table: pd.DataFrame) -> None:
    shown = table.head(_SHOWN)
    rows = [
        [str(index), *map(_cell, row)] for index, row in zip(shown.index, shown.itertuples(index=False), strict=True)
    ]
    print_table(f"{title}: {len(shown)} of {len(table)}", ["", *map(str, table.columns)], rows)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if value != value else f"{value:.3g}"  # noqa: PLR0124 - NaN
    return str(value)
