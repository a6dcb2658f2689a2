"""The sheets themselves: headings, cells, links, and how they are printed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from drainage import words
from drainage.cells import column_names
from drainage.errors import FormatError
from drainage.said import Language
from drainage.spreadsheets import PLAIN_MARK, printable
from drainage.words import in_both
from drainage.workbooks.cell_formulas import Grid
from drainage.workbooks.columns import (
    HEADINGS,
    WRAPPED,
    Column,
    dictionary,
    lay_out,
    lay_out_figures,
    lines_of,
    links_between,
    with_places,
)
from drainage.workbooks.figures import figures_table
from drainage.workbooks.paper_setup import Margins, heights_of_headings, origin_of, set_up_paper
from drainage.writing import scratch

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from drainage.workbooks.cell_formulas import Formulas

_MOST_ROWS: Final = 1_048_576 - HEADINGS
_SHEET_NAME: Final = 31  # characters
_MOST_LINKS: Final = 20_000  # of a sheet, for speed; Excel itself takes 65,530
# Choices of ours: a longer table prints its first rows only, and of its columns what A3 shows at 70 % or more.
_PRINTED_WHOLE: Final = 60
_PRINTED_OF_LONGER: Final = 20
_PRINTED_WIDTH: Final = 300
_LINE_HEIGHT: Final = 13.5  # points
_MOST_LINES: Final = 30  # of a row; Excel takes no higher one
_DICTIONARY: Final = "dictionary"


def write_workbook(
    tables: Mapping[str, pd.DataFrame],
    path: Path,
    *,
    summary: Mapping[str, object] | None = None,
    provenance: Mapping[str, object] | None = None,
    title: str = "",
    notice: str | None = None,
    lang: str | None = None,
    formulas: Formulas | None = None,
) -> None:
    """Write a workbook: ``provenance``, ``summary``, a sheet for each table that has rows, and ``dictionary``.

    It opens at the first of these tables.

    Each sheet has two rows of headings: the words in the language of the reader with their units, and beneath them the
    names as Python has them; ``pandas.read_excel(path, sheet_name=…, header=1)`` reads a table back. Words stand for
    codes; the sheet ``dictionary`` tells which.

    Parameters
    ----------
    tables
        Name → table with its ids as index. Of a table with geometry ``x`` and ``y`` in its CRS and ``lon`` and ``lat``
        are written, of lines and areas those of a point on them.
    summary, provenance
        Figures by key, nested or not: one row per figure.
    title, notice
        Printed above and below each page.
    lang
        ``zh`` or ``en``; by default as `drainage.words.language` finds it.
    formulas
        Table → column → formula of each row, as `drainage.workbooks.cell_formulas` reads them; the values in the tables
        are what a program finds that does not calculate.

    Raises
    ------
    FormatError
        A table is longer than a sheet, or there is no such language.
    OSError
        The file cannot be written.
    """
    chosen = words.language(lang)
    for name, table in tables.items():
        if len(table) > _MOST_ROWS:
            count = len(table)
            raise FormatError(in_both("too_many_rows", file=path.name, table=name, count=count, most=_MOST_ROWS))
    filled = {name: with_places(table) for name, table in tables.items() if len(table)}
    links = links_between(filled)
    facts = {"provenance": provenance, "summary": summary}
    sheets = {
        name: lay_out_figures(figures_table(found, chosen), chosen)
        for name, found in facts.items()
        if found is not None
    }
    names = _sheet_names([*sheets, *filled, _DICTIONARY])
    with _opened(path, provenance) as book:
        below = printable(words.one_language(notice or "", chosen)), printable(origin_of(provenance, chosen))
        page = _Page(book, names, Margins(printable(title), "", *below), chosen)
        for name, columns in sheets.items():
            page.write(name, columns)
        laid = {name: _laid_out(table, chosen, links[name]) for name, table in filled.items()}
        grid = Grid(names, laid, HEADINGS)
        written = [
            page.write(name, columns, _addressed(grid, name, (formulas or {}).get(name, {})))
            for name, columns in laid.items()
        ]
        for first in written[:1]:  # the reader asked for its rows, not for where they come from
            first.activate()
        if filled:
            page.write(_DICTIONARY, lay_out(dictionary(filled, chosen), chosen))


def _laid_out(table: pd.DataFrame, lang: Language, links: Sequence[Mapping[str, tuple[str, int]]]) -> list[Column]:
    """Lay a table out; one with a row per figure as such."""
    if {"word", "value", "unit"} <= set(table.columns):
        return lay_out_figures(table, lang)
    return lay_out(table, lang, links)


def _addressed(grid: Grid, name: str, formulas: Mapping[str, Sequence[str | None]]) -> dict[tuple[int, int], str]:
    """Return row and column → formula with the addresses of cells; what refers to no cell stays a value."""
    at = {column.name: number for number, column in enumerate(grid.columns[name])}
    found = {
        (row, at[column]): grid.formula(text, name, row)
        for column, texts in formulas.items()
        for row, text in enumerate(texts)
        if text is not None
    }
    return {cell: text for cell, text in found.items() if text is not None}


@contextmanager
def _opened(path: Path, provenance: Mapping[str, object] | None) -> Iterator[Workbook]:
    """Open a workbook and write it at the end; what a disk refuses is an OSError, as of any file."""
    with scratch() as folder:
        packed = BytesIO()  # a zip file that meets a full disk complains once more as it is collected
        book = Workbook(packed, {"constant_memory": True, "tmpdir": str(folder), "strings_to_urls": False})
        book.set_properties({"created": _made_at(provenance)})
        book.set_custom_property(PLAIN_MARK, "1")
        try:
            yield book
            book.close()
            path.write_bytes(packed.getvalue())
        except FileCreateError as error:
            raise error.args[0] from None
        finally:
            for sheet in book.worksheets():
                sheet._opt_close()  # noqa: SLF001 - else the rows that wait on the disk keep the folder from going
            book.fileclosed = True


def _made_at(provenance: Mapping[str, object] | None) -> dt.datetime:
    """Return when the answer was made; one day for all where nobody says, so that one answer gives one file."""
    said = (provenance or {}).get("made_at")
    if not isinstance(said, str):
        return dt.datetime(2000, 1, 1)  # noqa: DTZ001 - as a workbook holds it
    return dt.datetime.fromisoformat(said).replace(tzinfo=None)


def _sheet_names(names: Sequence[str]) -> dict[str, str]:
    clean = column_names((name[:_SHEET_NAME] for name in names), refused="[]:*?/\\'", most_bytes=3 * _SHEET_NAME)
    return {name: found[:_SHEET_NAME] for name, found in zip(names, clean, strict=True)}


class _Page:
    """What the sheets of a workbook have in common: their looks, and what stands above and below a printed page."""

    def __init__(self, book: Workbook, names: Mapping[str, str], margins: Margins, lang: Language) -> None:
        self._book, self._names, self._margins, self._lang = book, names, margins, lang
        self._looks: dict[tuple[str, bool], Format] = {}
        small = {"font_size": 8, "font_color": "#6B6B6B"}
        headed = {"font_size": 10, "bold": True, "bg_color": "#DCE6F1"}
        self._word, self._name = (
            book.add_format({"valign": "top", "text_wrap": True, "bottom": 1, **look}) for look in (headed, small)
        )
        self._link = book.add_format({"font_size": 10, "valign": "top", "font_color": "#0563C1", "underline": 1})

    def write(
        self, name: str, columns: Sequence[Column], formulas: Mapping[tuple[int, int], str] | None = None
    ) -> Worksheet:
        """Write one sheet and return it; ``formulas`` by row and column, the cell being what each gives."""
        sheet = self._book.add_worksheet(self._names[name])
        off = words.hidden([column.name for column in columns], self._lang)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width, None, {"hidden": column.name in off})
        rows = len(columns[0].cells)
        sheet.freeze_panes(HEADINGS, 1)
        sheet.autofilter(HEADINGS - 1, 0, rows + HEADINGS - 1, len(columns) - 1)
        note = self._set_up_printing(sheet, name, columns, off)
        if note:
            sheet.write_comment(0, 0, f"{note}; {words.phrase('in_full', self._lang)}")
        for row, height in enumerate(heights_of_headings(columns, but=off)):
            sheet.set_row(row, height)
        for number, column in enumerate(columns):
            sheet.write_string(0, number, column.heading, self._word)
        for number, column in enumerate(columns):
            sheet.write_string(1, number, column.name, self._name)
        self._write_rows(sheet, columns, lines_of(columns, but=off), formulas or {})
        return sheet

    def _write_rows(
        self, sheet: Worksheet, columns: Sequence[Column], lines: Sequence[int], formulas: Mapping[tuple[int, int], str]
    ) -> None:
        looks = [
            self._look(column.looks, left=column.left)
            if isinstance(column.looks, str)
            else [self._look(look, left=column.left) for look in column.looks]
            for column in columns
        ]
        links = 0
        for row, cells in enumerate(zip(*(column.cells for column in columns), strict=True)):
            if lines[row] > 1:
                sheet.set_row(row + HEADINGS, min(lines[row], _MOST_LINES) * _LINE_HEIGHT)
            for number, cell in enumerate(cells):
                formula = formulas.get((row, number))
                if formula is None and (cell is None or cell == ""):
                    continue
                found = looks[number]
                look = found[row] if isinstance(found, list) else found
                if formula is not None:
                    sheet.write_formula(row + HEADINGS, number, formula, look, "" if cell is None else cell)
                elif isinstance(cell, str):
                    goal = _goal(columns[number], cell) if links < _MOST_LINKS else None
                    if goal is None:
                        sheet.write_string(row + HEADINGS, number, cell, look)
                    else:
                        links += 1
                        place = f"internal:'{self._names[goal[0]]}'!A{goal[1]}"
                        sheet.write_url(row + HEADINGS, number, place, self._link, cell)
                elif isinstance(cell, dt.date):
                    sheet.write_datetime(row + HEADINGS, number, cell, look)
                else:
                    sheet.write_number(row + HEADINGS, number, cell, look)

    def _set_up_printing(self, sheet: Worksheet, name: str, columns: Sequence[Column], off: set[str]) -> str:
        """Lay the sheet out for paper; return what is said of what is not printed."""
        rows = len(columns[0].cells)
        printed_rows = rows if rows <= _PRINTED_WHOLE else _PRINTED_OF_LONGER
        widths = np.cumsum([0.0 if column.name in off else column.width for column in columns])
        printed = max(1, int((widths <= _PRINTED_WIDTH).sum()))
        shown, seen = (sum(column.name not in off for column in part) for part in (columns, columns[:printed]))
        notes = []
        if printed_rows < rows:
            notes.append(words.phrase("printed_rows", self._lang, printed=printed_rows, rows=f"{rows:,}"))
        if seen < shown:
            notes.append(words.phrase("printed_columns", self._lang, printed=seen, columns=shown))
        note = "; ".join(notes)
        title = " · ".join(filter(None, (self._margins.title, words.table(name, self._lang))))
        margins = replace(self._margins, title=title, note=note)
        set_up_paper(sheet, characters=float(widths[printed - 1]), headings=HEADINGS, margins=margins, lang=self._lang)
        sheet.print_area(0, 0, printed_rows + HEADINGS - 1, printed - 1)
        return note

    def _look(self, name: str, *, left: bool = False) -> Format:
        if (name, left) not in self._looks:
            look: dict[str, Any] = {"font_size": 10, "valign": "top"} | ({"align": "left"} if left else {})
            look |= {"text_wrap": True} if name == WRAPPED else {"num_format": name} if name else {}
            self._looks[name, left] = self._book.add_format(look)
        return self._looks[name, left]


def _goal(column: Column, cell: str) -> tuple[str, int] | None:
    """Return where a cell leads: an id, or the first of several."""
    return column.links.get(cell) or column.links.get(cell.partition(", ")[0])
