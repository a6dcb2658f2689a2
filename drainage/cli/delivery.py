"""Commands about a delivery as such: its faults, its score, and what it changed against the one before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.history import on_day
from drainage.cli.inputs import Reader
from drainage.cli.options import Nodes, One, Roads, Source, Verbose
from drainage.cli.printing import Output, print_line, print_table
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
    source: Source, roads: Roads = None, nodes: Nodes = None, *, reader: Reader, as_of: OnlyAsOf = None,
    profile: Profile = None, verbose: Verbose = False, out: Output,
) -> None:  # fmt: skip
    """质量检查 Faults of geometry, topology, levels, sizes, hydraulics, attributes and names; exit 2 with errors."""
    from drainage.analyses.quality import check_quality

    out.check()
    # a pipe whose dates cannot be lay there on no day: without --as-of the delivery is checked as it is
    net = reader.whole(source, out.paths, roads=roads, nodes=nodes)
    net = net if as_of is None else on_day(net, as_of)
    with shown("质量检查 quality") as progress:
        result = check_quality(net, profile=profile, progress=progress)
    out.print(result)
    if not out.json_:
        rules = result.tables["rules"]
        listed = rules if verbose else rules[rules["findings"] > 0]
        if len(listed):
            rows = [[str(name), row["severity"], _found(row), row["reason"]] for name, row in listed.iterrows()]
            print_table("rules", ["rule", "severity", "findings", "reason"], rows)
        if len(listed) < len(rules):
            silent, unchecked = len(rules) - len(listed), int((rules["checked"] == 0).sum())
            why = in_both("rules_unchecked_of", count=unchecked) if unchecked else ""
            print_line(spoken(in_both("rules_silent", count=silent, why=why)))
    out.end(result, faulty=bool(result.summary["errors"] or (net.issues["severity"] == "error").any()))


def _found(rule: pd.Series) -> str:
    """Return how many of the features that could be checked a rule finds; what it lacked where there were none."""
    return f"{rule['findings']:,} / {rule['checked']:,}" if rule["checked"] else spoken(rule["message"])


def score(
    source: Source, roads: Roads = None, nodes: Nodes = None, *, reader: Reader, profile: Profile = None, out: Output
) -> None:
    """成果评分 How good a delivery is, and whether it keeps to the acceptance of the profile; exit 2 where not."""
    from drainage.analyses.quality import score_delivery

    out.check()
    result = score_delivery(reader.whole(source, out.paths, roads=roads, nodes=nodes), profile=profile)
    out.print(result)
    if not out.json_:
        values, criteria = result.tables["columns"], result.tables["criteria"]
        counted = ["recorded", "filled", "missing"]
        rows = [[str(name), *(str(row[c]) for c in counted)] for name, row in values.iterrows()]
        print_table("columns", ["column", *counted], rows)
        rows = [
            [str(name), f"{row['found']:.4g}", f"{row['bound']:g}", str(row["kept"])]
            for name, row in criteria.iterrows()
        ]
        print_table("acceptance", ["criterion", "found", "bound", "kept"], rows)
    out.end(result, faulty=result.summary["accepted"] is False)


def changes(
    before: One,
    after: Annotated[str, typer.Argument(help="新成果 the later delivery", show_default=False)],
    *, reader: Reader, out: Output,
) -> None:  # fmt: skip
    """成果变更 What a new delivery added, removed, moved and changed, by id."""
    from drainage.analyses.changes import compare_deliveries

    out.check()
    result = compare_deliveries(*(reader.whole([path], out.paths) for path in (before, after)))
    out.print(result)
    if not out.json_:
        rows = result.tables["attributes"]
        told = [[str(name), row["feature_kind"], str(row["features"])] for name, row in rows.iterrows()]
        print_table("attributes", ["attribute", "", "features"], told)
    out.end(result)
