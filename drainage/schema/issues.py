"""Issues: what was found wrong with which feature, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from drainage.said import Said
from drainage.schema.columns import as_text
from drainage.words import in_both

Severity = Literal["error", "warning", "info"]

ISSUE_COLUMNS = ("feature_kind", "feature_id", "severity", "code", "reason", "action")

#: Problems that one message tells.
MOST_TOLD: Final = 20


def first_told(problems: Sequence[Said]) -> list[Said]:
    """Return the problems that one message tells, and behind them how many more there are."""
    more = len(problems) - MOST_TOLD
    return [*problems[:MOST_TOLD], *([in_both("more_problems", count=more)] if more > 0 else [])]


class RowNames:
    """What issues call the rows of a table: by id, else by row number; made when the first issue asks."""

    def __init__(self, ids: pd.Series | pd.Index | None, n_rows: int) -> None:
        """Keep the column of ids, (n_rows,), or None where the table has none."""
        self._ids = ids
        self._n_rows = n_rows

    def __getitem__(self, rows: ArrayLike) -> list[str]:
        """Return the names of rows, given as a mask (n_rows,) or as positions."""
        wanted = np.asarray(rows)
        positions = np.flatnonzero(wanted) if wanted.dtype == np.bool_ else wanted
        return [str(name) for name in self._names[positions]] if len(positions) else []

    @cached_property
    def _names(self) -> np.ndarray:
        number = np.array([f"row {row + 1}" for row in range(self._n_rows)], dtype=object)
        if self._ids is None:
            return number
        text = as_text(pd.Series(self._ids)).to_numpy(dtype=object)
        return np.where(pd.isna(text), number, text)


class Issues:
    """A growing list of issues; ``frame()`` turns it into the table that travels with a network.

    One row per feature, so that each can be found on the map; a fault of a whole file is one row.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._parts: list[pd.DataFrame] = []

    def add(
        self,
        code: str,
        severity: Severity,
        feature_kind: str,
        feature_ids: Iterable[object],
        reason: Said | Iterable[Said],
        action: Said,
    ) -> None:
        """Add one row per feature id; ``reason`` is one text for all or one per feature."""
        ids = [str(i) for i in feature_ids]
        if not ids:
            return
        reasons = [reason] * len(ids) if isinstance(reason, str) else list(reason)
        self._parts.append(
            pd.DataFrame(
                {
                    "feature_kind": feature_kind,
                    "feature_id": ids,
                    "severity": severity,
                    "code": code,
                    # texts as they are: one may be in both languages
                    "reason": pd.Series(reasons, dtype=object),
                    "action": pd.Series([action] * len(ids), dtype=object),
                }
            )
        )

    def extend(self, frame: pd.DataFrame) -> None:
        """Take over the rows of another issue table."""
        if len(frame):
            self._parts.append(frame[list(ISSUE_COLUMNS)])

    def frame(self) -> pd.DataFrame:
        """Return all issues, errors first, otherwise in the order in which they were found."""
        if not self._parts:
            return pd.DataFrame({name: pd.Series(dtype="str") for name in ISSUE_COLUMNS})
        table = pd.concat(self._parts, ignore_index=True)
        rank = table["severity"].map({"error": 0, "warning": 1, "info": 2})
        return table.iloc[rank.argsort(kind="stable")].reset_index(drop=True)
