"""The answers of all pieces put together: sorted as the whole network is, ranked, numbered and summed up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from drainage.analyses.mixed_flow.find import judge_tables
from drainage.analyses.mixed_flow.follow import Judged
from drainage.analyses.mixed_flow.tables import KINDS
from drainage.analyses.separation.along import Runs
from drainage.analyses.separation.beside_roads import with_counts
from drainage.analyses.separation.coverage import WITHIN_M, kinds_along, summary_of
from drainage.analyses.separation.intervals import Intervals
from drainage.analyses.separation.stretches import cut_stretches, draw_stretches, road_table
from drainage.analyses.separation.wide_roads import WIDE_M, one_sided
from drainage.arrays import Bools
from drainage.hydraulics.sewage import SewageRates
from drainage.partitions.exact_tables import read_exactly
from drainage.partitions.laying_out import Plan, Roads
from drainage.partitions.piece import ROW
from drainage.partitions.tasks import Task
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema.coded import Coded


def read_tables(tasks: Sequence[Task], name: str, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
    """Read a table of the answer of each task, or some of its columns."""
    for task in tasks:
        yield read_exactly(task.folder / f"{name}.parquet", columns)


def united(tasks: Sequence[Task], name: str) -> pd.DataFrame:
    """Return a table of all answers, its rows in the order of the whole network where they are of pipes or nodes."""
    tables = [*read_tables(tasks, name)]
    whole = pd.concat([table for table in tables if len(table)] or tables[:1])
    if ROW in whole:
        whole = whole.iloc[np.argsort(whole[ROW].to_numpy(), kind="stable")]
    return whole


def without_row(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the rows of the whole network."""
    return table.drop(columns=ROW)


def mixed_flow(plan: Plan, rates: SewageRates, fouled: Bools, overflow: Bools) -> Result:
    """Return the answer about mixed flow without the table of all pipes; these are marked as `mixed_pipes` does."""
    points = united(plan.flow_tasks, "mixed_flow.points")
    kind = pd.Index(KINDS).get_indexer(pd.Index(points["kind"]))
    points = points.iloc[np.argsort(kind, kind="stable")]
    reach = united(plan.flow_tasks, "mixed_flow.reach")
    reach = reach.sort_values(["distance_m", "finding_id", "outfall"], ignore_index=True)
    outfalls = without_row(united(plan.flow_tasks, "mixed_flow.outfalls"))
    judged = Judged(*(int(count) for count in united(plan.flow_tasks, "judged").sum()))
    tables = {"points": without_row(points), "outfalls": outfalls, "reach": reach}
    classes = pd.Categorical.from_codes(overflow.astype(np.int8), categories=pd.Index(["another", "overflow"]))
    length_m = plan.thin.pipes["length_m"]
    pipes = pd.DataFrame({"length_m": length_m, "mixed": fouled, "class": classes}, index=length_m.index)
    summary, not_known = judge_tables(plan.thin, {**tables, "pipes": pipes}, judged, rates)
    return Result("mixed_flow", tables, summary, provenance=Provenance.of(plan.thin), not_known=not_known)


def mixed_pipes(plan: Plan) -> tuple[Bools, Bools]:
    """Mark the pipes of the network that are mixed, and the overflows of interceptors."""
    mixed, overflow = np.zeros((2, len(plan.thin.pipes)), dtype=np.bool_)
    for table in read_tables(plan.flow_tasks, "mixed_flow.pipes", ["mixed", "class", ROW]):
        row = table[ROW].to_numpy()
        mixed[row], overflow[row] = table["mixed"].to_numpy(), (table["class"] == "overflow").to_numpy()
    return mixed, overflow


def separation(plan: Plan, roads: Roads, mixed: Result | None, fouled: Bools) -> Result:
    """Return the answer about separation along roads; ``fouled`` marks the pipes that are mixed."""
    centre, plots = roads.centre, roads.plots
    told = united(plan.local_tasks, "runs")
    along = Intervals(*(told[name].to_numpy() for name in Intervals._fields))
    runs = Runs(told[ROW].to_numpy(), along, told["left_m"].to_numpy())
    kind = Coded.of(told["system"])
    pieces = cut_stretches(runs.along, kinds_along(kind, fouled[runs.pipe]), centre.length_m)
    table = road_table(pieces, centre.names)
    names = without_row(united(plan.local_tasks, "separation.names"))
    tables = {
        "roads": with_counts(table, centre.road, centre, plots, mixed, WITHIN_M),
        "stretches": draw_stretches(pieces, centre),
        "plots": plots.missed,
        "one_sided": one_sided(runs, kind, centre, WIDE_M),
        "names": names.sort_values("along_m", ascending=False, kind="stable"),
        "issues": roads.issues,
    }
    summary = summary_of(tables, centre, plots.judged, "road")
    return Result("separation", tables, summary, provenance=Provenance.of(plan.thin), not_known=roads.not_known)
