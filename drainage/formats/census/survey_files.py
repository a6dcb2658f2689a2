"""The survey's tables as sheets of a workbook, or as a folder of CSV files; and read from either."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.errors import FormatError
from drainage.formats.census.definitions import TABLES, VERIFIED, SurveyTable
from drainage.formats.tables.workbook import rows_of_sheets, sheet_names
from drainage.spreadsheets import guarded, unguarded
from drainage.words import in_both, language
from drainage.writing import check_free, check_free_directory, replacing_directory, replacing_file

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_NUMBER: Final = re.compile(r"^\s*[Aa][.．_ ]?(\d{1,2})(?!\d)")
_LAYER: Final = "layer_"
_MOST_CHARACTERS: Final = 32_767  # of a cell of Excel
_HEADINGS: Final = 3  # rows above the first row of a table
# Widths in characters, choices of ours, as of how many rows are measured.
_NARROWEST: Final = 10
_WIDEST: Final = 24
_MEASURED_ROWS: Final = 200


def check_survey_goal(path: Path, *, force: bool) -> None:
    """Refuse a goal before any work is done for it.

    Raises
    ------
    FormatError
        It exists and ``force`` is False, or it has another ending than ``.xlsx``.
    """
    if path.suffix.lower() == ".xlsx":
        check_free(path, ending=".xlsx", force=force)
    elif path.suffix:
        raise FormatError(in_both("survey_ending", file=path.name))
    else:
        check_free_directory(path, force=force)


def write_survey(tables: Mapping[str, pd.DataFrame], path: Path, *, force: bool = False) -> Path:
    """Write tables by their names in `TABLES`: ``.xlsx``, or a folder of CSV files for a name without an ending.

    Each has a line that says what is verified, the headings of the survey, below them the short names, then the rows.

    Raises
    ------
    FormatError
        The goal exists and ``force`` is False, or it has another ending.
    """
    ending = path.suffix.lower()
    if ending == ".xlsx":
        with replacing_file(path, ending=ending, force=force) as part:
            _write_book(tables, part)
    elif ending:
        raise FormatError(in_both("survey_ending", file=path.name))
    else:
        with replacing_directory(path, force=force) as folder:
            for name, table in tables.items():
                blank = [None] * max(len(table.columns) - 1, 0)
                rows = [[VERIFIED, *blank], *_headings(name, table), *_cells(table)]
                text = pd.DataFrame(rows)
                text.to_csv(folder / f"{_title(name)}.csv", index=False, header=False, encoding="utf-8-sig")
    return path


def _write_book(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    from xlsxwriter import Workbook

    with Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    ) as book:
        bold, grey = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"font_color": "#777777"})
        for name, table in tables.items():
            sheet = book.add_worksheet(_title(name)[:31])
            sheet.write_string(0, 0, VERIFIED, grey)
            for row, (cells, look) in enumerate(zip(_headings(name, table), (bold, grey), strict=True), start=1):
                sheet.write_row(row, 0, cells, look)
            for row, values in enumerate(_cells(table), start=_HEADINGS):
                _refuse_long(_title(name), row, values, table)
                sheet.write_row(row, 0, values)
            sheet.freeze_panes(_HEADINGS, 1)
            _set_up_sheet(sheet, name, table)


def _set_up_sheet(sheet: Worksheet, name: str, table: pd.DataFrame) -> None:
    """Give the columns their widths, and print the survey's own: all columns where none is, but for the shapes."""
    from drainage.workbooks.paper_setup import Margins, set_up_paper

    widths = [_width(key, table[key]) for key in map(str, table.columns)]
    for number, width in enumerate(widths):
        sheet.set_column(number, number, width)
    own = sum(str(key) in TABLES[name].columns for key in table.columns) if name in TABLES else 0
    printed = own or max(1, len(widths) - ("geometry_wkt" in table))
    margins = Margins(_title(name), notice=VERIFIED)
    set_up_paper(sheet, characters=sum(widths[:printed]), headings=_HEADINGS, margins=margins, lang=language())
    sheet.print_area(0, 0, len(table) + _HEADINGS - 1, printed - 1)


def _width(key: str, column: pd.Series) -> float:
    from drainage.workbooks.columns import width_of

    texts = [key, *(str(cell) for cell in column.head(_MEASURED_ROWS) if cell is not None)]
    return min(max(_NARROWEST, *(width_of(text) + 1 for text in texts)), _WIDEST)


def _refuse_long(sheet: str, row: int, cells: list[object], table: pd.DataFrame) -> None:
    for column, cell in zip(table.columns, cells, strict=True):
        if isinstance(cell, str) and len(cell) > _MOST_CHARACTERS:
            raise FormatError(in_both("survey_text_long", sheet=sheet, row=row + 1, column=column))


def _title(name: str) -> str:
    return TABLES[name].title if name in TABLES else name


def _headings(name: str, table: pd.DataFrame) -> list[list[str]]:
    """Return the headings of the survey, and of columns of ours the name in brackets; then all short names."""
    known = TABLES[name].columns if name in TABLES else {}
    over = [known[key].zh if key in known else f"[{key}]" for key in map(str, table.columns)]
    return [over, [str(key) for key in table.columns]]


def _cells(table: pd.DataFrame) -> Iterator[list[object]]:
    """Return the rows: numbers as they are, missing as nothing, texts guarded against being read as formulas."""
    columns = [[_cell(value) for value in table[name]] for name in table.columns]
    return map(list, zip(*columns, strict=True)) if columns else iter(())


def _cell(value: object) -> object:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    return float(value) if isinstance(value, (float, np.floating)) else guarded(str(value))


def is_survey(path: Path) -> bool:
    """Return whether a workbook or a folder holds tables of the survey: pipes and manholes by number or name."""
    names = _names(path)
    return names is not None and {"pipe", "manhole"} <= set(names)


def _names(path: Path) -> dict[str, str] | None:
    """Return table → the sheet or file that holds it; None where the path is neither a workbook nor a folder."""
    if path.is_dir():
        listed = [file.name for file in sorted(path.glob("*.csv"))]
    elif path.suffix.lower() == ".xlsx" and path.is_file():
        listed = sheet_names(path)
    else:
        return None
    found: dict[str, str] = {}
    by_number = {table.number: name for name, table in TABLES.items()}
    for text in listed:
        stem = text.removesuffix(".csv")
        number = _NUMBER.match(stem)
        name = by_number.get(f"A.{int(number.group(1))}") if number else None
        name = name or next((key for key, table in TABLES.items() if table.zh == stem.strip()), None)
        if name is None and stem.startswith(_LAYER):
            name = stem
        if name is not None:
            found.setdefault(name, text)
    return found


def read_survey(path: Path) -> dict[str, pd.DataFrame]:
    """Read all tables that are there: name → rows by short name, as text or number; the index is the row in the file.

    Raises
    ------
    FormatError
        A table of pipes or nodes lacks the column of its ids or ends; the message names the sheet and the heading.
    """
    found, named = {}, _names(path) or {}
    rows = {} if path.is_dir() else rows_of_sheets(path, named.values())
    for name, where in named.items():
        table = _table(_csv_rows(path / where) if path.is_dir() else rows.pop(where), TABLES.get(name))
        if name in TABLES and TABLES[name].holds and len(table):
            _require(path, where, TABLES[name], table)
        found[name] = table
    return found


def _csv_rows(path: Path) -> list[tuple[object, ...]]:
    raw = pd.read_csv(path, header=None, dtype=object, encoding="utf-8-sig", keep_default_na=False)
    return [tuple(cell if cell != "" else None for cell in row) for row in raw.itertuples(index=False)]


def _table(rows: list[tuple[object, ...]], survey: SurveyTable | None) -> pd.DataFrame:
    known = {} if survey is None else {_bare(column.zh): key for key, column in survey.columns.items()}
    at, names = _heading(rows, known, survey)
    body = rows[at + 1 :]
    width = len(names)
    cells = [[*row, *[None] * (width - len(row))][:width] for row in body]
    index = pd.RangeIndex(at + 2, at + 2 + len(cells))
    table = pd.DataFrame(cells, columns=names, index=index, dtype=object)
    table = table[[name for name in names if name]].dropna(how="all")
    return table.map(lambda cell: unguarded(cell) if isinstance(cell, str) else cell)


def _heading(
    rows: list[tuple[object, ...]], known: Mapping[str, str], survey: SurveyTable | None
) -> tuple[int, list[str]]:
    """Return the last row of headings and the short name of each column, empty where a heading says nothing."""
    keys = set(survey.columns) if survey is not None else set()
    for number, row in enumerate(rows[:10]):
        cells = ["" if cell is None else str(cell).strip() for cell in row]
        if sum(cell in keys for cell in cells) >= 2 or (survey is None and "geometry_wkt" in cells):
            return number, cells
        if sum(_bare(cell) in known for cell in cells) >= 2:
            names = [known.get(_bare(cell), cell.strip("[]")) for cell in cells]
            below = (
                ["" if cell is None else str(cell).strip() for cell in rows[number + 1]]
                if len(rows) > number + 1
                else []
            )
            return (number + 1, below) if sum(cell in keys for cell in below) >= 2 else (number, names)
    return len(rows) - 1, []


def _bare(heading: str) -> str:
    """Return a heading without its unit in brackets."""
    return re.sub(r"[（(].*?[）)]", "", heading).strip()


def _require(path: Path, where: str, survey: SurveyTable, table: pd.DataFrame) -> None:
    needed = ("jun_id",) if survey.holds == "nodes" else ("pipe_id", "in_jun_id", "out_jun_id")
    for key in needed:
        if key not in table:
            heading, has = survey.columns[key].zh, ", ".join(map(str, table.columns))
            raise FormatError(in_both("survey_lacks", file=path.name, sheet=where, heading=heading, key=key, has=has))
