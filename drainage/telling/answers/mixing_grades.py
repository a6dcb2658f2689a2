"""The grades of mixing of catchments and neighbourhoods on a screen, the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from drainage.telling.in_words import labelled
from drainage.telling.text_tables import FIRST, Told, first_rows

if TYPE_CHECKING:
    from drainage.result import Result

_INDICATORS: Final = ("density_per_km", "users_pct", "sewage_in_storm_pct", "storm_in_sewage_pct")


def grades_told(result: Result, *, in_full: bool = False) -> Iterator[Told]:
    """Tell an answer of `measure_mixing`, with the clause of each indicator that decided.

    Parameters
    ----------
    result
        The answer.
    in_full
        Whether each row tells its clause and its numbers, instead of one line for an indicator.
    """
    from drainage.analyses.mixing import INDICATORS

    for name in ("outfalls", "neighbourhoods"):
        worst = result.tables[name].sort_values("grade", ascending=False).rename_axis("area").reset_index()
        deciding = worst["decided_by"].map(lambda text: str(text).partition(":")[0], na_action="ignore")
        listed = worst if in_full else worst.assign(decided_by=deciding)
        yield from first_rows(name, listed, ("area", "grade", "decided_by", *_INDICATORS))
        for indicator in () if in_full else deciding.head(FIRST).dropna().unique():
            yield labelled(indicator, INDICATORS[indicator].clause)
