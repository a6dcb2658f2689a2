"""Commands about a delivery as such: its faults, its score, and what it changed against the one before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.inputs import read_source
from drainage.cli.options import (
    AllowOutside,
    Columns,
    ColumnsFile,
    Crs,
    Force,
    Json,
    MapFile,
    Nodes,
    One,
    Output,
    Roads,
    Source,
    Table,
    Verbose,
)
from drainage.cli.printing import check_outputs, end, print_answer, print_line, print_table
from drainage.cli.progress import shown
from drainage.cli.wording import spoken
from drainage.words import in_both

if TYPE_CHECKING:
    import pandas as pd

OnlyAsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="日期 only what lay there on a day, YYYY-MM-DD; default the whole delivery"),
]
Profile = Annotated[
    Path | None, typer.Option(help="规则配置 rules, limits and acceptance (.toml), see docs/quality-profile.toml")
]


def quality(
    source: Source, roads: Roads = None, nodes: Nodes = None, crs: Crs = None,
    allow_outside: AllowOutside = False, column: Columns = None,
    columns: ColumnsFile = None, as_of: OnlyAsOf = None, profile: Profile = None, verbose: Verbose = False,
    output: Output = None, table: Table = None, map_: MapFile = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """质量检查 Faults of geometry, topology, levels, sizes, hydraulics, attributes and names; exit 2 with errors."""
    from drainage.analyses.quality import check_quality

    check_outputs(output, map_, force=force)
    # a pipe whose dates cannot be lay there on no day: without --as-of the delivery is checked as it is
    net = read_source(
        source,
        roads=roads,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        whole=as_of is None,
        outputs=(output, map_),
    )
    with shown("质量检查 quality") as progress:
        result = check_quality(net, profile=profile, progress=progress)
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        rules = result.tables["rules"]
        listed = rules if verbose else rules[rules["findings"] > 0]
        if len(listed):
            print_table(
                "rules",
                ["rule", "severity", "findings", "reason"],
                [[str(name), row["severity"], _found(row), row["reason"]] for name, row in listed.iterrows()],
            )
        if len(listed) < len(rules):
            silent, unchecked = len(rules) - len(listed), int((rules["checked"] == 0).sum())
            why = in_both("rules_unchecked_of", count=unchecked) if unchecked else ""
            print_line(spoken(in_both("rules_silent", count=silent, why=why)))
    faulty = bool(result.summary["errors"] or (net.issues["severity"] == "error").any())
    end(result, as_json=json_, faulty=faulty)


def _found(rule: pd.Series) -> str:
    """Return how many of the features that could be checked a rule finds; what it lacked where there were none."""
    return f"{rule['findings']:,} / {rule['checked']:,}" if rule["checked"] else spoken(rule["message"])


def score(
    source: Source, roads: Roads = None, nodes: Nodes = None, crs: Crs = None,
    allow_outside: AllowOutside = False, column: Columns = None,
    columns: ColumnsFile = None, profile: Profile = None,
    output: Output = None, table: Table = None, map_: MapFile = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """成果评分 How good a delivery is, and whether it keeps to the acceptance of the profile; exit 2 where not."""
    from drainage.analyses.quality import score_delivery

    check_outputs(output, map_, force=force)
    net = read_source(
        source,
        roads=roads,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=None,
        whole=True,
        outputs=(output, map_),
    )
    result = score_delivery(net, profile=profile)
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        values, criteria = result.tables["columns"], result.tables["criteria"]
        counted = ("recorded", "filled", "missing")
        print_table(
            "columns",
            ["column", *counted],
            [[str(name), *(str(row[c]) for c in counted)] for name, row in values.iterrows()],
        )
        print_table(
            "acceptance",
            ["criterion", "found", "bound", "kept"],
            [
                [str(name), f"{row['found']:.4g}", f"{row['bound']:g}", str(row["kept"])]
                for name, row in criteria.iterrows()
            ],
        )
    end(result, as_json=json_, faulty=result.summary["accepted"] is False)


def changes(
    before: One,
    after: Annotated[str, typer.Argument(help="新成果 the later delivery", show_default=False)],
    crs: Crs = None, allow_outside: AllowOutside = False, column: Columns = None, columns: ColumnsFile = None,
    output: Output = None, table: Table = None, map_: MapFile = None,
    json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """成果变更 What a new delivery added, removed, moved and changed, by id."""
    from drainage.analyses.changes import compare_deliveries

    check_outputs(output, map_, force=force)
    one, two = (
        read_source(
            [path],
            crs=crs,
            allow_outside=allow_outside,
            column=column,
            mapping=columns,
            as_of=None,
            whole=True,
            outputs=(output, map_),
        )
        for path in (before, after)
    )
    result = compare_deliveries(one, two)
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        rows = result.tables["attributes"]
        print_table(
            "attributes",
            ["attribute", "", "features"],
            [[str(name), row["feature_kind"], str(row["features"])] for name, row in rows.iterrows()],
        )
    end(result, as_json=json_)
