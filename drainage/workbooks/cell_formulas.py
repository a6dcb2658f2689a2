"""Formulas of a workbook, written by names of columns and made into addresses of cells when all sheets are laid out.

``{points}`` is the cell of that column in the same row; ``{objects.weight}`` all rows of a column of a table, and
``{bands.points:0:3}`` its rows from the first number up to, not including, the second; ``{payment.value@k}`` the row of
that id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from xlsxwriter.utility import xl_rowcol_to_cell

if TYPE_CHECKING:
    from drainage.workbooks.columns import Column

    #: Table → column → the formula of each row, None where the cell holds what it holds.
    Formulas = Mapping[str, Mapping[str, Sequence[str | None]]]

_REFERENCE: Final = re.compile(
    r"\{(?:(?P<table>\w+)\.)?(?P<column>\w+)(?:@(?P<id>\w+)|:(?P<first>\d+):(?P<end>\d+))?\}"
)


@dataclass(frozen=True)
class Grid:
    """Where the columns of every table stand.

    Parameters
    ----------
    sheets
        Table → the name of its sheet.
    columns
        Table → its columns as they are laid out, the index first.
    above
        Rows of headings above the first row of each.
    """

    sheets: Mapping[str, str]
    columns: Mapping[str, Sequence[Column]]
    above: int

    def formula(self, template: str, table: str, row: int) -> str | None:
        """Return the formula of a row with addresses; None where a sheet or column of it is not in the workbook."""
        missing = False

        def address(found: re.Match[str]) -> str:
            nonlocal missing
            place = self._address(found, table, row)
            missing = missing or place is None
            return place or ""

        text = _REFERENCE.sub(address, template)
        return None if missing else text

    def _address(self, found: re.Match[str], table: str, row: int) -> str | None:
        there = found["table"] or table
        columns = self.columns.get(there, ())
        at = next((number for number, one in enumerate(columns) if one.name == found["column"]), None)
        if at is None:
            return None
        if found["table"] is None:
            return str(xl_rowcol_to_cell(self.above + row, at))
        first, end = 0, len(columns[0].cells)
        if found["first"]:
            first, end = int(found["first"]), int(found["end"])
        elif found["id"]:
            first = [str(cell) for cell in columns[0].cells].index(found["id"])
            end = first + 1
        corners = [xl_rowcol_to_cell(self.above + one, at, row_abs=True, col_abs=True) for one in (first, end - 1)]
        return f"'{self.sheets[there]}'!{':'.join(dict.fromkeys(corners)) if found['id'] else ':'.join(corners)}"
