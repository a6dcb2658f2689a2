"""The sheets of a workbook as rows of cells: .xlsx by openpyxl, .xls, .xlsb and .ods by calamine.

A workbook is an archive and limited like one: a file of 2 kB may hold a cell in the last row of the last column, or
unpack to a gigabyte. Cells without text behind the last one with text are not there.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from drainage.errors import FormatError
from drainage.formats.guard.apart import ask_apart
from drainage.formats.guard.damaged import DAMAGED
from drainage.said import joined
from drainage.spreadsheets import PLAIN_MARK, unguarded
from drainage.words import in_both
from drainage.writing import scratch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Cells = tuple[object, ...]

WORKBOOK_ENDINGS: Final = (".xlsx", ".xls", ".xlsb", ".ods")
# Choices of ours: a sheet of survey data unpacks to ten or twenty times its size, and is full for the most part.
_MOST_BYTES: Final = 1 << 30
_MOST_FACTOR: Final = 100
_ALWAYS_BYTES: Final = 1 << 25
_BLANKS_PER_CELL: Final = 100
_ALWAYS_CELLS: Final = 1_000_000
_PROPERTIES: Final = "docProps/custom.xml"
_FORMULA: Final = re.compile(rb"<f[ >/]")


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets of a workbook.

    Raises
    ------
    FormatError
        The file is not a workbook.
    """
    if path.suffix.lower() != ".xlsx":
        return [str(name) for name in _by_calamine(path, None)["sheets"]]
    from openpyxl import load_workbook

    with _explained(path):
        book = load_workbook(path, read_only=True)
        names = [str(name) for name in book.sheetnames]
        book.close()
        if not names:
            raise FormatError(in_both("no_workbook", file=path.name, error=in_both("without_sheet")))
    return names


def sheet_rows(path: Path, sheet: str, *, values: bool = True) -> list[Cells]:
    """Return the rows of a sheet from its first, each as long as its last cell with text.

    Parameters
    ----------
    values
        What formulas gave when the workbook was saved; else the formulas themselves, of an .xlsx.

    Raises
    ------
    FormatError
        The file is not a workbook, has no such sheet, or has a stray cell far from all others.
    """
    if path.suffix.lower() != ".xlsx":
        return _trimmed(map(tuple, _by_calamine(path, sheet)["rows"]), path, sheet)
    return rows_of_sheets(path, [sheet], values=values)[sheet]


def rows_of_sheets(path: Path, sheets: Iterable[str], *, values: bool = True) -> dict[str, list[Cells]]:
    """Return the rows of several sheets of an .xlsx, which is opened once; see `sheet_rows`."""
    from openpyxl import load_workbook

    found = {}
    with _explained(path):
        book = load_workbook(path, read_only=True, data_only=values)
        try:
            for sheet in sheets:
                page = book[sheet]
                page.reset_dimensions()  # what a program writes of the size may be wrong
                found[sheet] = _trimmed(page.iter_rows(values_only=True), path, sheet)
        finally:
            book.close()
    return found


def cells_of_sheet(path: Path, sheet: str | None) -> tuple[list[list[str]], dict[int, int]]:
    """Return the rows of a sheet as text, and by column how many formulas were stored without their values.

    Raises
    ------
    FormatError
        The file is not a workbook, or has no such sheet.
    """
    known = sheet_names(path)
    name = known[0] if sheet is None else sheet
    if name not in known:
        raise FormatError(in_both("no_such_sheet", file=path.name, sheet=name, known=joined(known, ", ")))
    signed = not _holds_plain_text(path)
    rows = [[_text(cell, signed=signed) for cell in row] for row in sheet_rows(path, name)]
    lost: dict[int, int] = {}
    if path.suffix.lower() == ".xlsx" and _holds_formulas(path):
        for row, written in zip(rows, sheet_rows(path, name, values=False), strict=False):
            for column, (cell, formula) in enumerate(zip(row, written, strict=False)):
                if not cell and _is_formula(formula):
                    lost[column] = lost.get(column, 0) + 1
    return rows, lost


def _holds_plain_text(path: Path) -> bool:
    """Return whether a workbook was written by drainage with every text as it is, without a leading sign."""
    if path.suffix.lower() != ".xlsx":
        return False
    with _explained(path), zipfile.ZipFile(path) as archive:
        return _PROPERTIES in archive.namelist() and PLAIN_MARK.encode() in archive.read(_PROPERTIES)


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
    with _explained(path), zipfile.ZipFile(path) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return any(_FORMULA.search(book.read(name)) for name in sheets)


def _trimmed(rows: Iterable[Cells], path: Path, sheet: str) -> list[Cells]:
    """Leave out what is blank behind and below, and refuse a sheet that is nearly nothing but blank."""
    kept: list[Cells] = []
    told = width = last = 0
    for number, cells in enumerate(rows, 1):
        end = len(cells)
        while end and _is_blank(cells[end - 1]):
            end -= 1
        kept.append(cells[:end])
        if end:
            last = number
            width = max(width, end)
            told += end - cells[:end].count(None)
        if last * width > _ALWAYS_CELLS + _BLANKS_PER_CELL * told:
            found = in_both("row_is_wide" if end == width else "row_has_text", row=number, cells=end)
            raise FormatError(in_both("far_from_others", place=f"{path.name} {sheet}", found=found, told=told))
    return kept[:last]


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _by_calamine(path: Path, sheet: str | None) -> dict[str, list[list[object]]]:
    if path.suffix.lower() != ".xls":
        with _explained(path):
            pass
    with scratch() as folder:
        request = {"path": str(path.resolve()), "sheet": sheet}
        script, remedy = Path(__file__).with_name("workbook_process.py"), in_both("save_as_table")
        return ask_apart(script, request, folder, file=path, remedy=remedy)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Look at the size of an archive, and turn what a damaged one makes a library raise into one line."""
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > min(_MOST_BYTES, max(_MOST_FACTOR * path.stat().st_size, _ALWAYS_BYTES)):
            raise FormatError(in_both("workbook_too_large", file=path.name, size_mb=size / 2**20))
        yield
    except (*DAMAGED, InvalidFileException, ParseError, AttributeError, TypeError, ArithmeticError) as error:
        raise FormatError(in_both("no_workbook", file=path.name, error=error)) from error
