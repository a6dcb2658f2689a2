"""Commands about a delivery as such: its faults, its score, and what it changed against the one before."""

from __future__ import annotations

from pathlib import Path

import drainage as dr
from drainage import telling
from drainage.cli.inputs import Dated, Files, Rainfall, Reader
from drainage.cli.outputs import Output
from drainage.cli.printing import print_told, say
from drainage.cli.progress import shown
from drainage.cli.simulating import Granted
from drainage.days import on_day
from drainage.maps.base_maps import BaseMap
from drainage.words import in_both


def quality(
    source: list[str], /, *, roads: str | None = None, profile: Path | None = None, min_slope: float = 0.0,
    verbose: bool = False, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Find faults of geometry, topology, levels, sizes, hydraulics, attributes and names; exit 2 with errors."""
    # a pipe whose dates cannot be lay there on no day: without --as-of the delivery is checked as it is
    net = reader.whole(source, out.paths, roads=roads)
    net = net if reader.as_of is None else on_day(net, reader.as_of)
    with shown("quality") as progress:
        result = dr.check_quality(net, profile=profile, min_slope_m_per_m=min_slope, progress=progress)
    out.print(result)
    if not out.json_:
        print_told(telling.rules_told(result, silent=verbose))
    out.end(result, faulty=bool(result.summary["errors"] or (net.issues["severity"] == "error").any()))


def score(
    source: list[str], /, *, roads: str | None = None, profile: Path | None = None, reader: Reader, out: Output
) -> None:
    """Score a delivery, and check it against the acceptance criteria of the profile; exit 2 if it fails."""
    result = dr.analyses.score_delivery(reader.whole(source, out.paths, roads=roads), profile=profile)
    out.answer(result, faulty=result.summary["accepted"] is False)


def crossings(
    source: list[str], /, *, least_clear_m: float = 0.15, wall_share: float = 0.1, same_system: bool = False,
    reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Find where pipes cross, and how far apart they lie in height."""
    result = dr.analyses.find_crossings(
        reader.read(source, out.paths), least_clear_m=least_clear_m, wall_share=wall_share, same_system=same_system
    )
    out.answer(result)


def census(
    source: list[str], /, *, output: Path | None = None, map_: Path | None = None, plot: Path | None = None,
    chart: str | None = None, basemap: BaseMap = "none", json_: bool = False, force: bool = False,
    reports: str | None = None, reader: Dated, rainfall: Rainfall, granted: Granted,
) -> None:  # fmt: skip
    """Write the tables of the national survey: network, waterlogging, checks; read_network reads them back."""
    from drainage.formats.census.survey_files import check_survey_goal

    out = Output(map_=map_, plot=plot, chart=chart, json_=json_, force=force, basemap=basemap)
    out.check()
    if output is not None:
        check_survey_goal(output, force=force)
    net = reader.read(source, [output, map_, plot], reports=reports)
    storm = rainfall.storm(net)
    wet = None
    if storm is not None:
        wet = dr.find_waterlogging(dr.screen(net, storm, granted.setup()), sightings=net.layers.get("reports"))
    result = dr.report.take_census(net, waterlogging=wet)
    out.print(result)
    out.print_tables(result)
    if output is not None:
        say(dr.report.write_census(net, output, waterlogging=wet, census=result, force=force))
    out.end(result)


def changes(before: str, after: str, /, *, moved_m: float = 0.5, reader: Files, out: Output) -> None:
    """Show what a new delivery added, removed, moved and changed, by id."""
    say(in_both("changes_is_compare"))
    out.answer(
        dr.analyses.find_changes(*(reader.whole([path], out.paths) for path in (before, after)), moved_m=moved_m)
    )
