"""What a delivery holds that was not understood: each value with its row, under the headings of the template."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from drainage.change_sets.survey_features import sheet_word
from drainage.intake.delivered_works.delivered_tables import ROW, SHEET, Delivered
from drainage.said import Said, joined
from drainage.schema.layers import LAYERS
from drainage.words import has_word, heading, in_both

#: Codes of issues on reading, beside errors, for which a delivery is sent back: a value that is not understood would be
#: taken for one that nobody delivered.
_SENT_BACK = frozenset({"unreadable_date", "unknown_action"})
#: Errors on reading that are none of a delivery: a row of an existing pipe need not repeat its system.
_HARMLESS = frozenset({"no_system"})
_ROW_ONLY: Final = re.compile(r"(?:(?P<sheet>.+) )?row (?P<number>\d+)")
_NAME: Final = re.compile(r"(?<![A-Za-z_])[a-z]+(?:_[a-z]+)*(?![A-Za-z_])")


def not_understood(read: Delivered) -> list[Said]:
    """Return each value for which a survey is sent back, with its row: it was not understood."""
    issues = read.issues
    wrong = issues[
        ((issues["severity"] == "error") & ~issues["code"].isin(_HARMLESS)) | issues["code"].isin(_SENT_BACK)
    ]
    told = wrong[["feature_kind", "feature_id", "reason", "action"]].itertuples(index=False)
    tables = {"pipe": _Table("pipes", read.pipes)} | (
        {} if read.nodes is None else {"node": _Table("nodes", read.nodes)}
    )
    return [_at_row(tables.get(str(one[0])), str(one[1]), in_headings(joined(one[2:]))) for one in told]


def in_headings(said: Said) -> Said:
    """Return a sentence with the headings of the template, in Chinese, for our names of columns."""
    known = {column for model in LAYERS.values() for column in model.columns}

    def spelt(found: re.Match[str]) -> str:
        name = found.group(0)
        return heading(name, "zh") if name in known and has_word(name) else name

    return Said(str(said), _NAME.sub(spelt, said.chinese))


class _Table:
    """The rows of a layer as issues call them: by id, or by number."""

    def __init__(self, layer: str, table: pd.DataFrame) -> None:
        self.layer = layer
        self.sheets = table[SHEET].to_numpy(dtype=object)
        self.numbers = table[ROW].to_numpy()
        ids = table[LAYERS[layer].id]
        self._first = {str(name): row for row, name in reversed(list(enumerate(ids))) if pd.notna(name)}
        self._one_sheet = len(table[SHEET].unique()) == 1

    def row_of(self, feature: str) -> int | None:
        """Return the row that an issue calls by its id, or by its number in a table; None: none."""
        found = _ROW_ONLY.fullmatch(feature)
        if found is None or feature in self._first:
            return self._first.get(feature)
        if found["sheet"] is None:
            return int(found["number"]) - 1 if self._one_sheet else None
        rows = np.flatnonzero(self.sheets == found["sheet"])
        return int(rows[int(found["number"]) - 1]) if int(found["number"]) <= len(rows) else None


def _at_row(table: _Table | None, feature: str, what: Said) -> Said:
    """Say where something was found: by the sheet and the row of it, as its sender sees them."""
    row = None if table is None else table.row_of(feature)
    if table is None or row is None:
        return joined([feature, what], ": ")
    sheet = table.sheets[row]
    words = {"layer": sheet_word(table.layer) if pd.isna(sheet) else sheet, "number": int(table.numbers[row])}
    nameless = _ROW_ONLY.fullmatch(feature)
    place = in_both("survey_row_only", **words) if nameless else in_both("survey_row", id=feature, **words)
    return in_both("at_place", place=place, what=what)
