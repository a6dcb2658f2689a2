"""Commands about a delivery as such: its faults, its score, and what it changed against the one before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drainage.cli.history import on_day
from drainage.cli.inputs import Dated, Files, Rainfall, Reader
from drainage.cli.printing import Output, print_line, print_table, say
from drainage.cli.progress import shown
from drainage.cli.simulating import Granted
from drainage.cli.wording import spoken
from drainage.maps.base_maps import BaseMap
from drainage.words import in_both, language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pandas as pd

    from drainage.change_sets import ChangeSet
    from drainage.network import DrainageNetwork


def quality(
    source: list[str], /, *, roads: str | None = None, profile: Path | None = None, min_slope: float = 0.0,
    verbose: bool = False, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Find faults of geometry, topology, levels, sizes, hydraulics, attributes and names; exit 2 with errors."""
    from drainage.analyses.quality import check_quality

    out.check()
    # a pipe whose dates cannot be lay there on no day: without --as-of the delivery is checked as it is
    net = reader.whole(source, out.paths, roads=roads)
    net = net if reader.as_of is None else on_day(net, reader.as_of)
    with shown("quality") as progress:
        result = check_quality(net, profile=profile, min_slope_m_per_m=min_slope, progress=progress)
    out.print(result)
    if not out.json_:
        rules = result.tables["rules"]
        listed = rules if verbose else rules[rules["findings"] > 0]
        if len(listed):
            rows = [(name, row["severity"], _found(row), row["reason"]) for name, row in listed.iterrows()]
            print_table("rules", ["rule", "severity", "findings", "reason"], rows)
        if len(listed) < len(rules):
            silent, unchecked = len(rules) - len(listed), int((rules["checked"] == 0).sum())
            why = in_both("rules_unchecked_of", count=unchecked) if unchecked else ""
            print_line(in_both("rules_silent", count=silent, why=why))
    out.end(result, faulty=bool(result.summary["errors"] or (net.issues["severity"] == "error").any()))


def _found(rule: pd.Series) -> str:
    """Return how many of the features that could be checked a rule finds; what it lacked where there were none."""
    return f"{rule['findings']:,} / {rule['checked']:,}" if rule["checked"] else spoken(rule["message"])


def score(
    source: list[str], /, *, roads: str | None = None, profile: Path | None = None, reader: Reader, out: Output
) -> None:
    """Score a delivery, and check it against the acceptance criteria of the profile; exit 2 if it fails."""
    from drainage.analyses.quality import score_delivery

    out.check()
    result = score_delivery(reader.whole(source, out.paths, roads=roads), profile=profile)
    out.print(result)
    criteria = result.tables["criteria"]
    out.first(
        "columns",
        result.tables["columns"].rename_axis("column"),
        ("column", "recorded", "filled", "missing"),
        most=None,
    )
    numbers = criteria.assign(found=criteria["found"].map("{:.4g}".format), bound=criteria["bound"].map("{:g}".format))
    out.first("acceptance", numbers.rename_axis("criterion"), ("criterion", "found", "bound", "kept"), most=None)
    out.end(result, faulty=result.summary["accepted"] is False)


def crossings(
    source: list[str], /, *, least_clear_m: float = 0.15, wall_share: float = 0.1, same_system: bool = False,
    reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Find where pipes cross, and how far apart they lie in height."""
    from drainage.analyses.quality.crossings import find_crossings

    out.check()
    result = find_crossings(
        reader.read(source, out.paths), least_clear_m=least_clear_m, wall_share=wall_share, same_system=same_system
    )
    out.print(result)
    closest = ("clearance", "clear_m", "upper_pipe", "upper_system", "lower_pipe", "lower_system", "road")
    out.first("closest crossings", result.tables["crossings"], closest)
    out.end(result)


def census(
    source: list[str], /, *, output: Path | None = None, map_: Path | None = None, plot: Path | None = None,
    chart: str | None = None, basemap: BaseMap = "none", json_: bool = False, force: bool = False,
    reports: str | None = None, reader: Dated, rainfall: Rainfall, granted: Granted,
) -> None:  # fmt: skip
    """Write the tables of the national survey: network, waterlogging, checks; read_network reads them back."""
    from drainage.analyses.waterlogging import find_waterlogging
    from drainage.formats.census.survey_files import check_survey_goal
    from drainage.report.census import take_census, write_census
    from drainage.simulation.screening.screen import screen

    out = Output(map_=map_, plot=plot, chart=chart, json_=json_, force=force, basemap=basemap)
    out.check()
    if output is not None:
        check_survey_goal(output, force=force)
    net = reader.read(source, [output, map_, plot], reports=reports)
    storm = rainfall.storm(net)
    wet = None
    if storm is not None:
        wet = find_waterlogging(screen(net, storm, granted.setup()), sightings=net.layers.get("reports"))
    result = take_census(net, waterlogging=wet)
    out.print(result)
    out.first("survey tables", result.tables["sheets"], ("sheet_number", "table", "rows", "why_blank"), most=None)
    out.first(
        "survey checks",
        result.tables["survey_checks"],
        ("chapter", "rule", "severity", "findings", "checked"),
        most=None,
    )
    if output is not None:
        say(write_census(net, output, waterlogging=wet, census=result, force=force))
    out.end(result)


def changes(before: str, after: str, /, *, moved_m: float = 0.5, reader: Files, out: Output) -> None:
    """Show what a new delivery added, removed, moved and changed, by id."""
    from drainage.analyses.changes import find_changes

    out.check()
    say(in_both("changes_is_compare"))
    result = find_changes(*(reader.whole([path], out.paths) for path in (before, after)), moved_m=moved_m)
    out.print(result)
    out.first("kinds", result.tables["kinds"], ("change", "feature_kind", "features", "length_km"), most=None)
    out.first("attributes", result.tables["attributes"], ("attribute", "feature_kind", "features"), most=None)
    out.end(result)


def network_of_results(source: list[str]) -> DrainageNetwork | None:
    """Return the network of a folder of results, as it stands on its day; None where the source is no such folder."""
    place = Path(source[0])
    if len(source) != 1 or not (place / "summary.json").is_file():
        return None
    from drainage.change_sets.standing import standing
    from drainage.report.directory import read_report

    return standing(read_report(place, whole=True).network).network


def delivered_sets(paths: Sequence[str], net: DrainageNetwork) -> list[ChangeSet]:
    """Read change sets, and surveys of built works as such; say of a survey how it was understood."""
    from drainage.formats.change_file import read_change_set

    sets = []
    for path in paths:
        if _is_survey(path):
            from drainage.report.directory import Report
            from drainage.report.submitted import read_delivery

            delivery = read_delivery(path, Report(net, {}, {}, {}, ""))
            _say_understood(delivery.name, delivery.intake)
            sets.append(delivery.changes)
        else:
            sets.append(read_change_set(path))
    return sets


def _is_survey(path: str) -> bool:
    """Return whether a file is there and no change set: those are GeoJSON, whose features say what is done."""
    file = Path(path)
    if not file.is_file():
        return False
    from drainage.formats.guard.kind_by_content import kind_of
    from drainage.report.submitted.taken_in import holds_changes

    if file.suffix.lower() not in {".geojson", ".json"}:
        return True
    return kind_of(file) == "geojson" and not holds_changes(file, empty=True)  # nothing is to be done


def _say_understood(name: str, intake: Mapping[str, Any]) -> None:
    """Print what a survey was understood to ask for, and what was decided where it leaves that open."""
    lang = language()
    counts = {action: intake["counts"][action] for action in ("add", "change", "abandon", "unchanged")}
    say(in_both("survey_understood", file=name, **counts))
    for one in intake["decided"]:
        say(one[lang])
    for place, left in intake["not_understood"].items():
        say(in_both("survey_left", place=place, columns=", ".join(left)))
