"""Factors by month from a table: how much more or less than on the mean day."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from drainage.errors import FormatError
from drainage.formats.guard.before_opening import check_path
from drainage.formats.tables.survey import read_table
from drainage.said import joined
from drainage.schema.codes import fold
from drainage.schema.layers import MONTHLY
from drainage.schema.text.values import read_numbers
from drainage.wants import wants
from drainage.words import in_both

_MOST_MEAN: Final = (
    3.0  # factors about the mean day that average more than this are percentages or amounts (own choice)
)
_MONTH: Final = MONTHLY["month"]
_NAMES: Final = {name: names for name, names in MONTHLY.items() if name != "month"}


@wants
def read_monthly_factors(path: str | Path) -> pd.DataFrame:
    r"""Read factors of the twelve months against the mean day.

    Parameters
    ----------
    path
        A table (CSV, Excel) with ``month`` (1-12) and one or more of ``water_use``, ``infiltration`` and
        ``reclaimed_use``, each 1 where the month is as the mean day.

    Returns
    -------
    Index ``month``, 1-12, a column for each factor that the file has.

    Raises
    ------
    FormatError
        A month is missing, stands twice or is none; a factor is no number, or below 0; there is no column of factors;
        they average far more than 1, as percentages and amounts do.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> rows = [f"{month},{1.3 if 6 <= month <= 8 else 0.9}" for month in range(1, 13)]
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "months.csv").write_text("\n".join(["month,water_use", *rows]))
    ...     factors = dr.formats.read_monthly_factors(f"{folder}/months.csv")
    >>> factors.loc[[1, 7], "water_use"].to_dict()
    {1: 0.9, 7: 1.3}
    """
    file = check_path(Path(path))
    table = read_table(file, names=(*_MONTH, *(name for names in _NAMES.values() for name in names)))
    by_name = {fold(str(name)): name for name in table.columns}
    month = next((by_name[fold(name)] for name in _MONTH if fold(name) in by_name), None)
    columns = {
        ours: by_name[fold(name)] for ours, names in _NAMES.items() for name in reversed(names) if fold(name) in by_name
    }
    if month is None or not columns:
        tried, has = joined(("month", *_NAMES), ", "), joined(map(str, table.columns), ", ")
        raise FormatError(in_both("no_column_of", place=file.name, column="month", tried=tried, has=has))
    numbers = {ours: read_numbers(table[theirs]).number for ours, theirs in columns.items()}
    months = read_numbers(table[month]).number
    for ours, values in numbers.items():
        bad = ~(np.isfinite(values) & (values >= 0))
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            text = table[columns[ours]].iloc[row]
            raise FormatError(in_both("factor_no_number", file=file.name, row=table.index[row], column=ours, text=text))
    if sorted(months.tolist()) != list(range(1, 13)):
        raise FormatError(in_both("months_wrong", file=file.name, months=joined([f"{one:g}" for one in months], ", ")))
    for ours, values in numbers.items():
        if (mean := float(values.mean())) > _MOST_MEAN:
            raise FormatError(in_both("factors_too_large", file=file.name, column=columns[ours], mean=mean))
    return pd.DataFrame(numbers, index=pd.Index(months.astype(int), name="month")).sort_index()
