"""`drainage mixing`: the grade of outfall catchments and neighbourhoods by the worst of their indicators."""

from __future__ import annotations

from typing import Annotated

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
    Verbose,
)
from drainage.cli.printing import FIRST, check_outputs, end, print_answer, print_first, print_line
from drainage.cli.wording import labelled

_SHOWN = ("grade", "decided_by", "density_per_km", "users_pct", "sewage_in_storm_pct", "storm_in_sewage_pct")


def mixing(
    source: Source,
    evidence: Evidences = None,
    returned_share: Annotated[
        float, typer.Option(help="折污系数 sewage by the water used, 0.8 to 0.9 (DB4201/T 651 5.8)")
    ] = 0.85,
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    output: Output = None,
    table: Table = None,
    map_: MapFile = None,
    verbose: Verbose = False,
    json_: Json = False,
    force: Force = False,
) -> None:
    """混接程度 Grade of outfall catchments and neighbourhoods by their worst indicator, with the clause of each."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.analyses.mixing import INDICATORS, measure_mixing

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
    result = measure_mixing(net, find_mixed_flow(net), evidence=found, returned_share=returned_share)
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        for name in ("outfalls", "neighbourhoods"):
            worst = result.tables[name].sort_values("grade", ascending=False).rename_axis("area").reset_index()
            deciding = worst["decided_by"].map(lambda text: str(text).partition(":")[0], na_action="ignore")
            print_first(name, worst if verbose else worst.assign(decided_by=deciding), ("area", *_SHOWN))
            for indicator in () if verbose else deciding.head(FIRST).dropna().unique():
                print_line(labelled(indicator, INDICATORS[indicator].clause))
    end(result, as_json=json_)
