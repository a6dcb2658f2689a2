"""What of an answer is looked at first: the rows of ``first_tables.toml``, by question."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from drainage.telling.text_tables import FIRST, Told, first_rows
from drainage.words import hidden, language

if TYPE_CHECKING:
    import pandas as pd

    from drainage.result import Result

#: Stands for the first table of an answer, for the name of an index, and for all columns that hold numbers.
_ANY = "*"


@dataclass(frozen=True, kw_only=True)
class FirstTable:
    """What is shown of a table; the fields are explained in ``first_tables.toml``."""

    title: str
    table: str
    columns: Sequence[str]
    also: Sequence[str] = ()
    filled: Sequence[str] = ()
    most: int = FIRST
    index: str | None = None
    sort: str | None = None
    upwards: bool = False
    first: str | None = None
    known: bool = False
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)
    round: Mapping[str, int] = field(default_factory=dict)
    format: Mapping[str, str] = field(default_factory=dict)

    def told(self, result: Result, left_out: Collection[str]) -> Iterator[Told]:
        """Tell the rows of an answer that has the table; nothing of another."""
        first = next(iter(result.tables), "")
        name = first if self.table == _ANY else self.table
        if name not in result.tables or (self.known and result.not_known is not None):
            return
        if self.first is not None and self.first != first:
            return
        frame = self._ordered(result.tables[name])
        title, columns = (name if self.title == _ANY else self.title), self._columns(frame, left_out)
        yield from first_rows(title, frame, columns, most=self.most or None)

    def _ordered(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that are shown, in their order, rounded and written as they are shown."""
        for column, values in self.where.items():
            table = table[table[column].isin(values)]
        for column, value in self.without.items():
            table = table[table[column] != value]
        if self.sort is not None:
            table = table.sort_values(self.sort, ascending=self.upwards)
        if self.round:
            table = table.round(self.round[_ANY] if _ANY in self.round else dict(self.round))
        written = {column: table[column].map(how.format) for column, how in self.format.items()}
        table = table.assign(**written) if written else table
        return table if self.index is None else table.rename_axis(self.index)

    def _columns(self, table: pd.DataFrame, left_out: Collection[str]) -> list[str]:
        named = [str(table.index.name) if column == _ANY else column for column in self.columns]
        named += [column for column in self.also if column in table]
        named += [column for column in self.filled if column in table and table[column].notna().any()]
        passed = {*left_out, *hidden(named, language())}
        return [column for column in named if column not in passed]


@cache
def first_tables() -> Mapping[str, Sequence[FirstTable]]:
    """Return by question what is shown of its answer."""
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {question: [FirstTable(**row) for row in tables] for question, tables in rows.items()}


def tables_told(result: Result, *, left_out: Mapping[str, Collection[str]] | None = None) -> Iterator[Told]:
    """Tell what of an answer is looked at first; ``left_out`` are columns that say nothing this time, by table.

    Examples
    --------
    >>> import drainage as dr
    >>> first, *_ = tables_told(dr.find_mixed_flow(dr.load_demo("2018-12-31")))
    >>> first.title, first.heads[:2], len(first.rows)
    ('what fouls most (10 of 93)', ['node_id', 'kind'], 10)
    """
    for table in first_tables().get(result.question, ()):
        yield from table.told(result, (left_out or {}).get(table.table, ()))
