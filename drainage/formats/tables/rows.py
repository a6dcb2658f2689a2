"""The cells of CSV files as text, row by row below a heading: nothing understood yet, nothing lost."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from io import StringIO
from pathlib import Path
from typing import Final

from drainage.errors import FormatError
from drainage.formats.tables.headings import Heading, Rows, find_heading
from drainage.spreadsheets import unguarded
from drainage.words import in_both

_SEPARATORS: Final = (",", ";", "\t", "|")
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_HEAD_LINES: Final = 60  # lines in which the sign between columns is sought


def text_of(path: Path) -> str:
    """Return the text of a file in UTF-8, UTF-16 with its mark, or GB 18030.

    Raises
    ------
    FormatError
        It is in none of them.
    """
    data = path.read_bytes()
    encodings = ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FormatError(in_both("text_unreadable", file=path.name))


def rows_of_text(path: Path, heading_row: int | None, also: Collection[str]) -> tuple[Rows, Heading]:
    """Part a text by the sign that gives the heading of which most is known, else the one of most columns; find it.

    Raises
    ------
    FormatError
        It is not a table.
    """
    text, separators = _separators_of(text_of(path))
    first = "".join(text.splitlines(keepends=True)[:_HEAD_LINES])
    tried = []
    for separator in separators:
        try:
            head = _separated(first, separator, path)
            heading = find_heading(head, row=heading_row, also=also, place=path.name)
        except FormatError:
            continue
        tried.append((heading.known, len(heading.names), separator))
    best = max(tried, key=lambda one: one[:2], default=(0, 0, separators[0]))[2]
    rows = _separated(text, best, path)
    return rows, find_heading(rows, row=heading_row, also=also, place=path.name)


def _separators_of(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of the table and the signs that may part its cells; ``sep=;`` in the first line names it."""
    named = _SEPARATOR_LINE.match(text)
    return (text[named.end() :], (named.group(1),)) if named else (text, _SEPARATORS)


def _separated(text: str, separator: str, path: Path) -> Rows:
    try:
        return [[unguarded(cell) for cell in row] for row in csv.reader(StringIO(text), delimiter=separator)]
    except csv.Error as error:
        raise FormatError(in_both("no_table", file=path.name, error=error)) from error
