"""What is doubtful about data, on a screen: how many issues there are of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drainage.telling.in_words import told_issue
from drainage.telling.text_tables import TextTable, Told
from drainage.words import in_both

if TYPE_CHECKING:
    import pandas as pd


def counted(issues: pd.DataFrame) -> list[dict[str, object]]:
    """Return how many issues there are of each kind."""
    counts = issues.groupby(["severity", "code"], sort=False).size().reset_index(name="count")
    return [{"severity": s, "code": c, "count": int(n)} for s, c, n in counts.itertuples(index=False, name=None)]


def kinds_told(issues: pd.DataFrame) -> Iterator[Told]:
    """Tell how many issues there are of each kind, and the first of it."""
    if issues.empty:
        yield in_both("no_issues")
        return
    kinds = counted(issues)
    examples = [told_issue(issues[issues["code"] == kind["code"]].iloc[0]) for kind in kinds]
    rows = [[*kind.values(), example] for kind, example in zip(kinds, examples, strict=True)]
    yield TextTable("issues", ["severity", "code", "count", "example"], rows)
