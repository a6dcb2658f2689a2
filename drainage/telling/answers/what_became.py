"""What works did, as a town wants to hear it first: its points, what was built, and what settled what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from drainage.telling.in_words import spoken
from drainage.telling.text_tables import Told, first_rows
from drainage.words import in_both

if TYPE_CHECKING:
    import pandas as pd

    from drainage.result import Result

#: Points, and works that settled some, that are told.
_MOST: Final = 30
#: Coverage of a road that differs by less is the same, %.
_LEAST_CHANGE_PCT: Final = 0.1


def outcome_told(outcome: Result) -> Iterator[Told]:
    """Tell an answer of `drainage.analyses.measure_outcome`."""
    summary, tables = outcome.summary, outcome.tables
    yield from (spoken(summary[name]) for name in ("nothing_changed", "not_measured") if summary[name] is not None)
    if summary["by_fate"] is not None:
        counts = {"before": summary["points_before"], "after": summary["points_after"], **summary["by_fate"]}
        yield in_both("points_told", **counts)
    points, works = tables["points"], tables["works"]
    names = ["id_before", *(["id_after"] if points["id_after"].notna().any() else [])]
    told = [*names, "road", "fate", "volume_before_m3", "volume_after_m3", "settled_by", "settled_how"]
    yield from first_rows("what became of the points", points, told, most=_MOST)
    settling = works[works["settled"] != ""]
    told = ["works_id", "road", "length_m", "laid_from", "laid_to", "settled"]
    yield from first_rows("works and what they settled", settling, told, most=_MOST)
    told = ["change", "feature_kind", "features", "length_km"]
    yield from first_rows("changes by kind", tables["kinds"], told, most=None)
    if summary["misconnections_by_fate"] is not None:
        yield in_both("misconnections_told", **summary["misconnections_by_fate"])
    told = ["road", "coverage_before_pct", "coverage_after_pct", "effective_before_pct", "effective_after_pct"]
    yield from first_rows("coverage by road", _changed(tables["roads"]), told)


def _changed(roads: pd.DataFrame) -> pd.DataFrame:
    """Return the roads whose coverage is another, the greatest change first."""
    change = roads[["coverage_change_pct", "effective_change_pct"]]
    moved = roads[change.abs().ge(_LEAST_CHANGE_PCT).any(axis=1)]
    return moved.loc[moved["effective_change_pct"].abs().sort_values(ascending=False, kind="stable").index]
