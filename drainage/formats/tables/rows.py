"""The cells of CSV files and workbooks as text, row by row: nothing understood yet, nothing lost."""

from __future__ import annotations

import csv
import datetime as dt
import re
import zipfile
from io import StringIO
from typing import TYPE_CHECKING, Final

from drainage.errors import FormatError
from drainage.formats.tables.workbook import holds_plain_text, sheet_names, sheet_rows
from drainage.spreadsheets import unguarded

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[list[str]]

SEPARATORS: Final = (",", ";", "\t", "|")
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_FORMULA: Final = re.compile(rb"<f[ >/]")


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
    msg = f"{path.name}: its text is neither UTF-8 nor GB 18030; save it as UTF-8"
    raise FormatError(msg)


def separated(text: str, separator: str, path: Path) -> Rows:
    """Part the rows of a text into cells.

    Raises
    ------
    FormatError
        It is no table.
    """
    try:
        return [[unguarded(cell) for cell in row] for row in csv.reader(StringIO(text), delimiter=separator)]
    except csv.Error as error:
        msg = f"{path.name}: is no table ({error})"
        raise FormatError(msg) from error


def separators_of(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of the table and the signs that may part its cells; ``sep=;`` in the first line names it."""
    named = _SEPARATOR_LINE.match(text)
    return (text[named.end() :], (named.group(1),)) if named else (text, SEPARATORS)


def cells_of_sheet(path: Path, sheet: str | None) -> tuple[Rows, dict[int, int]]:
    """Return the rows of a sheet as text, and by column how many formulas were stored without their values.

    Raises
    ------
    FormatError
        The file is no workbook, or has no such sheet.
    """
    known = sheet_names(path)
    name = known[0] if sheet is None else sheet
    if name not in known:
        msg = f"{path.name}: no sheet {name}; it has {', '.join(known)}"
        raise FormatError(msg)
    signed = not holds_plain_text(path)
    rows = [[_text(cell, signed=signed) for cell in row] for row in sheet_rows(path, name)]
    lost: dict[int, int] = {}
    if path.suffix.lower() == ".xlsx" and _holds_formulas(path):
        for row, written in zip(rows, sheet_rows(path, name, values=False), strict=False):
            for column, (cell, formula) in enumerate(zip(row, written, strict=False)):
                if not cell and _is_formula(formula):
                    lost[column] = lost.get(column, 0) + 1
    return rows, lost


def _text(cell: object, *, signed: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return str(cell.date())
    text = str(cell).strip()
    return unguarded(text) if signed else text


def _is_formula(cell: object) -> bool:
    return (isinstance(cell, str) and cell.startswith("=")) or type(cell).__name__ in {
        "ArrayFormula",
        "DataTableFormula",
    }


def _holds_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return any(_FORMULA.search(book.read(name)) for name in sheets)
