"""A table as it is read on a screen: its title, headings and cells in the words of the reader, the first rows alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from drainage import words
from drainage.telling.in_words import UNKNOWN, labelled, told
from drainage.words import language

if TYPE_CHECKING:
    import pandas as pd

#: Rows of a table that are shown.
FIRST: Final = 10
#: Signs from which on a text is not repeated row by row.
_LONG: Final = 20


@dataclass(frozen=True, eq=False)
class TextTable:
    """A table for a screen.

    Parameters
    ----------
    title
        What it is called: a question, a table of an answer, or a key of ``titles`` in ``words.toml``.
    heads
        Names of its columns. Where all are empty the first cell of a row is a key, which names what the others are.
    rows
        Its cells, of any type.
    markup
        Whether the first cell of a row has marks of rich, such as ``[bold]``.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    markup: bool = False

    @property
    def keyed(self) -> bool:
        """Whether the first cell of a row names the others."""
        return not any(self.heads)

    @property
    def headings(self) -> list[str]:
        """The headings, with units."""
        lang = language()
        return [words.title(head, lang) if " " in head else words.heading(head, lang) for head in self.heads]

    @property
    def cells(self) -> list[list[str]]:
        """The cells of each row."""
        return [
            [
                words.heading(str(cell), language())
                if self.keyed and not k
                else told(cell, head or str(row[0]).strip())
                for k, (cell, head) in enumerate(zip(row, self.heads, strict=True))
            ]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Paragraph:
    """A text that is broken into lines as wide as the screen, no word of it cut."""

    text: str


#: What is told on a screen: a line, a paragraph or a table.
Told = str | Paragraph | TextTable


def first_rows(title: str, table: pd.DataFrame, columns: Sequence[str], *, most: int | None = FIRST) -> Iterator[Told]:
    """Tell the first rows of a table, all where ``most`` is None: what to look at first.

    A column of which nothing is known, and a long text that is the same in all rows, stand in a line below.
    """
    if not len(table):
        return
    frame = table.reset_index() if table.index.name in columns else table
    values = {column: frame[column].head(most or len(frame)).tolist() for column in columns}
    cells = {column: [told(value, column) for value in one] for column, one in values.items()}
    unknown = [name for name, one in cells.items() if set(one) == {UNKNOWN}]
    same = {name: one[0] for name, one in cells.items() if len(one) > 1 and len(one[0]) > _LONG and len(set(one)) == 1}
    shown = [column for column in columns if column not in (*same, *unknown)]
    counted = title if most is None else f"{title} ({min(most, len(table))} of {len(table)})"
    yield TextTable(counted, shown, list(zip(*(values[column] for column in shown), strict=True)))
    for name, text in same.items():
        yield labelled(name, text)
    here = [name for name in unknown if frame[name].notna().any()]
    for said, names in (("not_known", [name for name in unknown if name not in here]), ("not_known_here", here)):
        if names:
            yield labelled(said, ", ".join(map(labelled, names)))


def least_widths(heads: list[str], rows: list[list[str]], most: int) -> list[int | None]:
    """Return the width of each column's longest word, so that none is broken, if all fit on a line.

    If not, that of the longest word of the cells alone: a heading may be broken sooner than a number.
    """
    from rich.cells import cell_len

    for among in ([heads, *rows], rows):
        columns = list(zip(*among, strict=True)) or [()] * len(heads)
        least = [max((cell_len(word) for cell in column for word in cell.split()), default=1) for column in columns]
        if len(columns) > 1:
            least[0] = max(map(cell_len, columns[0]), default=1)  # which is not wrapped
        if sum(least) + 3 * len(heads) + 1 <= most:
            return [*least]
    return [None] * len(heads)
