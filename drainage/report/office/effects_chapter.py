"""The chapter of effects: what works, closures and cleaning change."""

from __future__ import annotations

import numpy as np

from drainage.report.office.pages import Pages

#: What a screening cannot show: it does not know what is stored.
_NOT_SHOWN = "storage"


def write_effects(pages: Pages) -> None:
    """Write overflow before and after, and what is freed; nothing without a plan that changes anything."""
    relieved = pages.tells("relief") and len(pages.report.results["relief"].tables["works"]) > 0
    if not (relieved or pages.tells("closures") or pages.tells("cleaning")):
        return
    pages.chapter("effects")
    if relieved:
        _relief(pages)
    if pages.tells("closures"):
        _closures(pages)
    if pages.tells("cleaning"):
        found = pages.report.results["cleaning"].summary
        pages.section("effect_cleaning")
        pages.say("cleaning_effect", overflow_m3=found["overflow_m3"], avoided_m3=found["avoided_together_m3"],
                  nodes=found["nodes_freed"])  # fmt: skip


def relieved(pages: Pages) -> tuple[float, float, list[str]]:
    """Return the overflow before and after of points whose works a screening shows, m³, and the other points."""
    result = pages.report.results["relief"]
    points, works = result.tables["points"], result.tables["works"]
    other = points.index.isin(works.loc[works["kind"] == _NOT_SHOWN, "point_id"]) & (points["after_m3"] > 0.0)
    shown = points[~other]
    return float(shown["before_m3"].sum()), float(shown["after_m3"].sum()), [str(name) for name in points.index[other]]


def without_outlet(pages: Pages) -> int:
    """Return how many of the chosen closures leave storm water without another way."""
    works = pages.report.results["closures"].tables["works"]
    return int((works["chosen"] & (works["kind"] == "storm_into_sewage")).sum())


def _relief(pages: Pages) -> None:
    result = pages.report.results["relief"]
    points = result.tables["points"].rename_axis("point_id").sort_values("rank", kind="stable")
    before_m3, after_m3, others = relieved(pages)
    pages.section("effect_relief")
    pages.say("relief_effect", points=len(points) - len(others), before_m3=before_m3, after_m3=after_m3,
              less=1.0 - after_m3 / before_m3 if before_m3 else 0.0)  # fmt: skip
    if others:
        pages.say("relief_not_shown", count=len(others), points=pages.listed(others))
    pages.note("relief_standard_note", standard=result.summary["assumptions"]["standard"])
    pages.chart("relief_chart", "relief", "points")
    shown = points.assign(after_m3=points["after_m3"].where(~points.index.isin(others), np.nan))
    columns = ("point_id", "road", "grade", "cause", "before_m3", "after_m3", "solved", "storage_instead_m3")
    total = (pages.saying("sum_shown" if others else "sum"), "", "", "", before_m3, after_m3, "", None)
    pages.table("points_before_after", shown, columns, most=None, total=total)
    pages.note("relief_note")


def _closures(pages: Pages) -> None:
    result = pages.report.results["closures"]
    found, curve = result.summary, result.tables["curve"]
    pages.section("effect_closures")
    pages.say("closures_effect", freed_km=found["freed_length_km"], mixed_km=found["mixed_length_km"],
              freed_outfalls=found["freed_outfalls"], fouled_outfalls=found["fouled_outfalls"],
              freed_m3d=found["freed_m3d"], sewage_m3d=found["sewage_m3d"])  # fmt: skip
    if lost := without_outlet(pages):
        pages.say("closures_lost", count=lost)
    pages.chart("closures_chart", "closures", "budget")
    columns: tuple[str, ...] = ("closures", "freed_length_m", "freed_outfalls", "freed_m3d")
    if not np.array_equal(curve.index.to_numpy(dtype=np.float64), curve["closures"].to_numpy(dtype=np.float64)):
        columns = ("budget", *columns)
    pages.table("closure_curve", curve, columns, most=None, note=pages.saying("closure_curve_note"))
