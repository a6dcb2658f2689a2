"""The chapter of problems: where water stands, where flows mix, which roads are not separated."""

from __future__ import annotations

import pandas as pd

from drainage.report.office.pages import MOST_ROWS, Pages
from drainage.report.office.state_chapter import draw_map
from drainage.words import word

#: Columns of points, misconnections and roads in chapters and annexes.
POINTS = (
    "point_id", "road", "grade", "depth_m", "volume_m3", "ponding_area_m2", "duration_min", "begins_at_return_period_a",
    "within_standard", "cause", "reported",
)  # fmt: skip
MISCONNECTIONS = (
    "node_id",
    "kind",
    "road",
    "pipes_in",
    "entering_diameter_mm",
    "fouled_length_m",
    "sewage_m3d",
    "outfalls",
)
ROADS = (
    "road", "length_m", "coverage_pct", "effective_pct", "separated_m", "combined_m", "storm_only_m", "sewage_only_m",
    "none_m", "misconnections", "plots_without_sewer",
)  # fmt: skip
_GRADES = ("minor", "moderate", "major", "severe")


def write_problems(pages: Pages) -> None:
    """Write what is wrong: points of waterlogging, misconnections, roads."""
    if not any(pages.tells(name) for name in ("waterlogging", "mixed_flow", "separation")):
        return
    pages.chapter("problems")
    if pages.tells("waterlogging"):
        _waterlogging(pages)
    if pages.tells("mixed_flow"):
        _mixed_flow(pages)
    if pages.tells("separation"):
        _separation(pages)


def _waterlogging(pages: Pages) -> None:
    result = pages.report.results["waterlogging"]
    points, found = result.tables["points"], result.summary
    pages.section("waterlogging")
    if points.empty:
        pages.say("no_points", judged=found["judged_nodes"])
        return
    pages.say(
        "points_told", points=len(points), volume_m3=float(points["volume_m3"].sum()), judged=found["judged_nodes"]
    )
    if found["overflow_outside_points_m3"]:
        pages.say("outside_told", volume_m3=found["overflow_outside_points_m3"],
                  nodes=found["overflow_nodes_outside_points"])  # fmt: skip
    if points["begins_at_return_period_a"].notna().any():
        pages.say("first_told", first=float(points["begins_at_return_period_a"].min()))
    draw_map(pages, "waterlogging_map", result)
    worst = points.sort_values("depth_m", ascending=False, kind="stable").iloc[0]
    road = f" ({worst['road']})" if isinstance(worst["road"], str) and worst["road"] else ""
    pages.say("deepest_told", point=worst.name, road=road, depth_m=worst["depth_m"])
    pages.say("standards_told", points=len(points), beyond=found["within_standard"]["no"])
    pages.table("points_by_grade", _by_grade(points), ("grade", "points", "volume_m3", "depth_m", "ponding_area_m2"),
                most=None)  # fmt: skip
    by_rank = points.sort_values("rank", kind="stable")
    pages.table("points_by_rank", by_rank, POINTS[:-1], note=pages.saying("points_note"))
    if "reports" in result.tables and len(result.tables["reports"]):
        pages.say("reports_told", reported=found["reported"], hits=found["hits"], misses=found["misses"],
                  false_alarms=found["false_alarms"])  # fmt: skip
        missed = result.tables["reports"]
        missed = missed[missed["match"] == "miss"]
        pages.table(
            "reports_missed", missed, ("report_id", "date", "road", "depth_m", "computed_depth_m", "explanation")
        )


def _by_grade(points: pd.DataFrame) -> pd.DataFrame:
    grades = [grade for grade in _GRADES if (points["grade"] == grade).any()]
    groups = points.groupby("grade")
    table = pd.DataFrame(
        {
            "points": groups.size(),
            "volume_m3": groups["volume_m3"].sum(),
            "depth_m": groups["depth_m"].max(),
            "ponding_area_m2": groups["ponding_area_m2"].sum(),
        }
    )
    return table.reindex(grades).rename_axis("grade")


def _mixed_flow(pages: Pages) -> None:
    result = pages.report.results["mixed_flow"]
    points, found = result.tables["points"], result.summary
    pages.section("mixed_flow")
    pages.say("mixed_told", mixed_km=found["mixed_length_km"], pipes=found["mixed_pipes"],
              misconnections=found["misconnections"], into_storm=found["sewage_into_storm"],
              into_sewage=found["storm_into_sewage"])  # fmt: skip
    if found["sewage_assumed"]:
        pages.note("sewage_assumed", count=found["sewage_assumed"])
    kinds = points["kind"].value_counts().rename_axis("kind")
    pages.table("findings_by_kind", pd.DataFrame({"findings": kinds}), ("kind", "findings"), most=None)
    worst = points.sort_values("fouled_length_m", ascending=False, kind="stable")
    pages.table("misconnections_by_length", worst, MISCONNECTIONS)
    outfalls = result.tables["outfalls"]
    fouled = outfalls[outfalls["fouled"]].sort_values("misconnections", ascending=False, kind="stable")
    pages.table(
        "outfalls_fouled", fouled, ("node_id", "misconnections", "nearest_m", "storm_length_km", "density_per_km")
    )


def _separation(pages: Pages) -> None:
    result = pages.report.results["separation"]
    roads, found = result.tables["roads"], result.summary
    pages.section("separation")
    pages.say("separation_told", roads=found["roads"], length_km=found["length_km"], coverage=found["coverage_share"],
              effective=found["effective_share"])  # fmt: skip
    pages.note("separation_note")
    lengths = {name: float(roads[f"{name}_m"].sum()) / 1000.0 for name in ("separated", "combined", "storm_only",
                                                                          "sewage_only", "none")}  # fmt: skip
    by_class = pd.DataFrame(
        {"class": [word(f"{name}_m", pages.lang) for name in lengths], "length_km": list(lengths.values())}
    )
    pages.table("roads_by_class", by_class, ("class", "length_km"), most=None)
    pages.chart("separation_chart", "separation", "classes")
    worst = roads.sort_values(["effective_share", "length_m"], ascending=[True, False], kind="stable")
    pages.table("roads_worst", worst, ROADS, most=MOST_ROWS)
    if found["plots_without_sewer"]:
        pages.say("plots_told", plots=found["plots_without_sewer"], judged=found["plots_judged"])
