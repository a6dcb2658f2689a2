"""What the works changed: two results of one question, before and after, number beside number."""

from __future__ import annotations

import pandas as pd

from drainage.errors import SchemaError
from drainage.result import Result
from drainage.wants import wants


@wants
def compare(before: Result, after: Result) -> Result:
    """Compare two results of the same question.

    Returns
    -------
    Result
        Tables ``figures`` (``before``, ``after``, ``change`` of every number in the summaries) and, for each table that
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
    figures = pd.DataFrame({"before": before.summary, "after": after.summary})
    number = figures.map(lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)).all(axis=1)
    figures["change"] = None
    figures.loc[number, "change"] = figures.loc[number, "after"] - figures.loc[number, "before"]
    tables: dict[str, pd.DataFrame] = {"figures": figures}
    for name in before.tables.keys() & after.tables.keys():
        old, new = before.tables[name], after.tables[name]
        if old.index.name is None or isinstance(old.index, pd.RangeIndex):
            continue
        tables[f"{name}_gone"] = old[~old.index.isin(new.index)]
        tables[f"{name}_new"] = new[~new.index.isin(old.index)]
    return Result(
        f"{before.question}_comparison", tables, figures.loc[number, "change"], (), before.notice or after.notice
    )
