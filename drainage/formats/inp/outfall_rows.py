"""Rows of [OUTFALLS]: type, stage, flap gate, and a route at the end, each where the type puts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from drainage.formats.inp.text.lines import edit_rows, table_lines
from drainage.formats.inp.text.tokens import split_line

#: Types of outfall without a stage, by their first letters.
_NO_STAGE = ("FREE", "NORM")


def gate_place(row: Sequence[str]) -> int:
    """Return the position of the flap gate in a row: after the stage, where there is one."""
    return 3 if len(row) < 3 or row[2].upper().startswith(_NO_STAGE) else 4


def is_gated(row: Sequence[str]) -> bool:
    """Return whether an outfall has a flap gate."""
    return row[gate_place(row) :][:1] != [] and row[gate_place(row)].upper().startswith("Y")


def outfall_words(row: Sequence[str], *, stage: Sequence[str] = (), gate: str = "") -> dict[int, str]:
    """Return the tokens of a row from its type on, with a new stage or gate; what follows them stays.

    Parameters
    ----------
    row
        As it was.
    stage
        Type and stage, such as ``FIXED 3.2``; none: as they were.
    gate
        ``YES`` or ``NO``; empty: as it was.

    Returns
    -------
    Place → token, for `edit_rows`.
    """
    at = gate_place(row)
    behind = [gate, *row[at + 1 :]] if gate else list(row[at:])
    words = [*(stage or row[2:at] or ["FREE"]), *behind]
    # A row that was longer keeps a place at its end, which the engine does not look at.
    words += [""] * (len(row) - 2 - len(words))
    return dict(enumerate(words, start=2))


def change_stages(sections: dict[str, list[str]], names: Mapping[str, str], series: pd.DataFrame) -> None:
    """Make the stage of outfalls follow time series, whose rows are added (in place).

    Parameters
    ----------
    sections
        Of the model.
    names
        Outfall → name of its series.
    series
        ``name``, ``time`` and ``level`` as tokens, for [TIMESERIES].
    """
    if not names:
        return
    wanted = {outfall.upper(): name for outfall, name in names.items()}
    edits = {
        row[0].upper(): outfall_words(row, stage=["TIMESERIES", wanted[row[0].upper()]])
        for line in sections["OUTFALLS"]
        if (row := split_line(line)) and row[0].upper() in wanted
    }
    sections["OUTFALLS"] = edit_rows(sections["OUTFALLS"], edits)
    sections.setdefault("TIMESERIES", []).extend(table_lines(series))
