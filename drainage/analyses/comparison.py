"""What the works changed: two results of one question, before and after, number beside number."""

from __future__ import annotations

import pandas as pd

from drainage.errors import SchemaError
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.wants import wants
from drainage.workbooks.figures import figures as figures_of


@wants
def compare(before: Result, after: Result) -> Result:
    """Compare two results of the same question.

    Returns
    -------
    Result
        Tables ``figures`` (``before``, ``after``, ``change`` of every number in the summaries, those within others by
        their keys parted by dots, such as ``by_grade.minor``) and, for each table that
        both results have, ``<name>_gone``, ``<name>_new``: the rows whose id only one of them has. The summary is the
        change.

    Raises
    ------
    SchemaError
        The results answer different questions.
    """
    if before.question != after.question:
        msg = f"cannot compare {before.question} with {after.question}; both must answer one question"
        raise SchemaError(msg)
    sides = {"before": figures_of(before.summary.to_dict()), "after": figures_of(after.summary.to_dict())}
    names = pd.Index(list(dict.fromkeys([*sides["before"], *sides["after"]])), name="figure", dtype=object)
    told = {side: [found.get(name) for name in names] for side, found in sides.items()}
    figures = pd.DataFrame(told, index=names, dtype=object)
    number = figures.map(lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)).all(axis=1)
    figures["change"] = None
    figures.loc[number, "change"] = figures.loc[number, "after"] - figures.loc[number, "before"]
    tables: dict[str, pd.DataFrame] = {"figures": figures}
    for name in [name for name in before.tables if name in after.tables]:
        old, new = before.tables[name], after.tables[name]
        if old.index.name is None or isinstance(old.index, pd.RangeIndex):
            continue
        tables[f"{name}_gone"] = old[~old.index.isin(new.index)]
        tables[f"{name}_new"] = new[~new.index.isin(old.index)]
    return Result(
        f"{before.question}_comparison",
        tables,
        figures.loc[number, "change"],
        (),
        before.notice or after.notice,
        provenance=Provenance.joined((before.provenance, after.provenance)),
    )
