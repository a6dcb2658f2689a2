"""What works cost, from a table."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from drainage.errors import FormatError
from drainage.formats.guard.before_opening import check_path
from drainage.formats.tables.survey import read_table
from drainage.schema.text.values import read_numbers
from drainage.words import in_both

_NAMES: Final = ("finding_id", "cost_yuan")


def read_costs(path: Path) -> pd.Series:
    r"""Read what closing each misconnection costs, as `drainage.plan_closures` takes it.

    Parameters
    ----------
    path
        A table (CSV, Excel) with ``finding_id`` and ``cost_yuan``.

    Returns
    -------
    Cost by finding, ¥.

    Raises
    ------
    FormatError
        A column is missing, or a cost is no number.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "costs.csv").write_text("finding_id,cost_yuan\nYS0126,80000\n")
    ...     costs = read_costs(Path(folder, "costs.csv"))
    >>> costs.to_dict()
    {'YS0126': 80000.0}
    """
    table = read_table(check_path(path), names=_NAMES)
    if missing := [name for name in _NAMES if name not in table]:
        there = ", ".join(map(str, table.columns))
        raise FormatError(in_both("costs_lack", name=path.name, missing=", ".join(missing), there=there))
    cost = read_numbers(table["cost_yuan"])
    if cost.unreadable.any():
        row = table[cost.unreadable].iloc[0]
        raise FormatError(in_both("cost_unread", name=path.name, row=row.name, value=row["cost_yuan"]))
    return pd.Series(cost.number, index=table["finding_id"], name="cost_yuan")
