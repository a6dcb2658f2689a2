"""The chapter of causes: why water stands, long sections through the worst points, and the water there over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import pandas as pd

from drainage.errors import DrainageError
from drainage.network import DrainageNetwork
from drainage.papers.hydrograph_sheet import plot_hydrograph
from drainage.papers.sections.draw_section import plot_section
from drainage.report.office.pages import Pages
from drainage.words import in_both

#: How far a section through a point reaches, m: what fits one sheet of A3 at 1:1000.
_UPSTREAM_M: Final = 170.0
_DOWNSTREAM_M: Final = 160.0
_Step = Callable[[str], None]


class Drawings(NamedTuple):
    """Both ends of each section, nodes with a hydrograph, and whether somebody named them.

    What is named and cannot be drawn is an error, else it is only said.
    """

    sections: Sequence[tuple[str, str]]
    hydrographs: Sequence[str]
    sections_named: bool
    hydrographs_named: bool


def write_causes(pages: Pages, drawn: Drawings, step: _Step) -> None:
    """Write why, with drawings; ``step`` is called when the sections begin, and when the hydrographs do."""
    sections, hydrographs = drawn.sections, drawn.hydrographs
    told = pages.tells("waterlogging") and len(pages.report.results["waterlogging"].tables["points"]) > 0
    if not told and not sections and not hydrographs:
        return
    pages.chapter("causes")
    if told:
        _causes(pages)
    if sections:
        step("section")
        pages.section("sections")
        pages.say("sections_told")
        for start, end in sections:
            with pages.saying_why(f"{start} — {end}", asked=drawn.sections_named):
                _section(pages, start, end)
    if hydrographs:
        step("hydrograph")
        pages.section("hydrographs")
        pages.say("hydrographs_told")
        for node in hydrographs:
            with pages.saying_why(node, asked=drawn.hydrographs_named):
                _hydrograph(pages, node)


def _causes(pages: Pages) -> None:
    result = pages.report.results["waterlogging"]
    points, found = result.tables["points"], result.summary
    pages.section("why_waterlogging")
    pages.say("causes_told", causes=pages.counts("cause", found["by_cause"]))
    if found["causes_not_looked_for"]:
        pages.note("causes_not_looked_for", count=found["causes_not_looked_for"])
    pages.chart("causes_chart", "waterlogging", "causes")
    groups = points.groupby("cause")
    by_cause = pd.DataFrame(
        {
            "points": groups.size(),
            "volume_m3": groups["volume_m3"].sum(),
            "depth_m": groups["depth_m"].max(),
            "which": [", ".join(map(str, part.index)) for _, part in groups],
        }
    ).sort_values("volume_m3", ascending=False)
    total = ("", len(points), float(points["volume_m3"].sum()), float(points["depth_m"].max()), "")
    pages.table("points_by_cause", by_cause, ("cause", "points", "volume_m3", "depth_m", "which"), most=None,
                heads={"which": pages.saying("which_points")}, total=(pages.saying("sum"), *total[1:]),
                note=pages.saying("causes_note"))  # fmt: skip
    evidence = "evidence_zh" if pages.lang == "zh" else "evidence"
    pages.table("evidence_by_point", points.sort_values("rank", kind="stable"), ("point_id", "road", "cause", evidence))


def _section(pages: Pages, start: str, end: str) -> None:
    report = pages.report
    paper = plot_section(
        report.network, start, end, state=() if report.state is None else report.state,
        waterlogging=report.results.get("waterlogging"), project=pages.project, lang=pages.lang,
    )  # fmt: skip
    for sheet in paper.sheets:
        pages.picture("section_caption", sheet, start=start, end=end)


def _hydrograph(pages: Pages, node: str) -> None:
    state = pages.report.state
    if state is None:
        raise DrainageError(in_both("no_storm"))
    if pages.report.summary["inputs"]["model"] and pages.report.network.origin.model is None:  # type: ignore[index]
        raise DrainageError(in_both("model_not_kept"))
    paper = plot_hydrograph(pages.report.network, node, state.storm, state.setup, lang=pages.lang)
    pages.picture("hydrograph_caption", paper.sheets[0], node=node)


def trunk_through(net: DrainageNetwork, node: str) -> tuple[str, str] | None:
    """Return both ends of the way along the widest pipes through a node; None where no pipe meets it.

    The way goes up for about 170 m and down for about 160 m, which is what one sheet of A3 shows at 1:1000.
    """
    pipes = net.pipes
    size = pipes["diameter_mm"].fillna(pipes["height_mm"]).fillna(0.0)
    arrives = _widest(pipes["to_node"], size)
    leaves = _widest(pipes["from_node"], size)
    first = _walk(node, arrives, pipes["from_node"], pipes["length_m"], _UPSTREAM_M)
    last = _walk(node, leaves, pipes["to_node"], pipes["length_m"], _DOWNSTREAM_M)
    return None if first == last else (first, last)


def _widest(node: pd.Series, size: pd.Series) -> pd.Series:
    """Return the widest pipe at each node."""
    order = size.sort_values(ascending=False, kind="stable").index
    at = node.loc[order]
    return pd.Series(at.index, at.to_numpy()).groupby(level=0).first()


def _walk(node: str, pipe_at: pd.Series, goal: pd.Series, length: pd.Series, most_m: float) -> str:
    seen, walked = {node}, 0.0
    while (pipe := pipe_at.get(node)) is not None:
        following = str(goal[pipe])
        if following in seen or walked + float(length[pipe]) > most_m:
            break
        node, walked = following, walked + float(length[pipe])
        seen.add(node)
    return node
