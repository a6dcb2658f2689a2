"""What the rules of a check of the data found, on a screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drainage.telling.in_words import spoken
from drainage.telling.text_tables import TextTable, Told
from drainage.words import in_both

if TYPE_CHECKING:
    import pandas as pd

    from drainage.result import Result


def rules_told(result: Result, *, silent: bool = False) -> Iterator[Told]:
    """Tell the rules of `check_quality` that found something, all of them if ``silent``, and how many did not."""
    rules = result.tables["rules"]
    listed = rules if silent else rules[rules["findings"] > 0]
    if len(listed):
        rows = [(name, row["severity"], _found(row), row["reason"]) for name, row in listed.iterrows()]
        yield TextTable("rules", ["rule", "severity", "findings", "reason"], rows)
    if len(listed) < len(rules):
        unchecked = int((rules["checked"] == 0).sum())
        why = in_both("rules_unchecked_of", count=unchecked) if unchecked else ""
        yield in_both("rules_silent", count=len(rules) - len(listed), why=why)


def _found(rule: pd.Series) -> str:
    """Return how many of the features that could be checked a rule finds; what it lacked where there were none."""
    return f"{rule['findings']:,} / {rule['checked']:,}" if rule["checked"] else spoken(rule["message"])
