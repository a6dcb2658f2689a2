"""What the works changed: two results of one question, number beside number, or two reports on one map."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd

from drainage.analyses.outcome import measure_outcome
from drainage.cells import to_plain
from drainage.errors import CrsError, FormatError, SchemaError
from drainage.maps.base_maps import BaseMap
from drainage.maps.layer import Layer
from drainage.maps.page_of import Page, page_of
from drainage.provenance import Provenance
from drainage.report.directory import MAP_FOLDER, Report, read_features, read_map, read_report
from drainage.report.page import report_layers
from drainage.result import Result
from drainage.said import joined
from drainage.wants import wants
from drainage.words import in_both
from drainage.workbooks.figures import figures as figures_of
from drainage.writing import replacing_directory, spare, to_geojson

#: The sides of a comparison: each a folder with its report.
SIDES: Final = ("before", "after")
#: File of a comparison with what differs between the networks.
CHANGES: Final = "changes.geojson"


@wants
def compare(before: Result, after: Result) -> Result:
    """Compare two results of the same question.

    Returns
    -------
    Result
        Tables ``figures`` (``before``, ``after``, ``change`` of every number in the summaries, nested ones with keys
        separated by dots, such as ``by_grade.minor``) and, for each table that both results have, ``<name>_gone``,
        ``<name>_new``: the rows whose id is in only one of them. The summary is the change.

    Raises
    ------
    SchemaError
        The results answer different questions.

    Examples
    --------
    >>> import drainage as dr
    >>> before, after = (dr.find_mixed_flow(dr.load_demo(day)) for day in ("2018-12-31", "2021-05-07"))
    >>> compared = dr.compare(before, after)
    >>> list(compared.tables)
    ['figures', 'points_gone', 'points_new', 'pipes_gone', 'pipes_new', 'outfalls_gone', 'outfalls_new']
    >>> compared.figures.loc[["findings", "judged_nodes", "meeting_nodes"]]
                  before after change
    figure
    findings          93    10    -83
    judged_nodes     100    11    -89
    meeting_nodes    100    11    -89
    """
    if before.question != after.question:
        raise SchemaError(in_both("not_one_question", before=before.question, after=after.question))
    sides = {"before": figures_of(before.summary.to_dict()), "after": figures_of(after.summary.to_dict())}
    names = pd.Index(list(dict.fromkeys([*sides["before"], *sides["after"]])), name="figure", dtype=object)
    told = {side: [found.get(name) for name in names] for side, found in sides.items()}
    figures = pd.DataFrame(told, index=names, dtype=object)
    number = figures.map(lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)).all(axis=1)
    figures["change"] = None
    figures.loc[number, "change"] = figures.loc[number, "after"] - figures.loc[number, "before"]
    tables: dict[str, pd.DataFrame] = {"figures": figures}
    for name in [name for name in before.tables if name in after.tables]:
        old, new = before.tables[name], after.tables[name]
        if old.index.name is None or isinstance(old.index, pd.RangeIndex):
            continue
        tables[f"{name}_gone"] = old[~old.index.isin(new.index)]
        tables[f"{name}_new"] = new[~new.index.isin(old.index)]
    return Result(
        f"{before.question}_comparison",
        tables,
        figures.loc[number, "change"],
        (),
        before.notice or after.notice,
        provenance=Provenance.joined((before.provenance, after.provenance)),
    )


def rows_of_tables(result: Result) -> dict[str, list[dict[str, object]]]:
    """Return every table of a result as its rows, for machines."""
    tables = {name: result.cells(name).reset_index() for name in result.tables}
    return {
        name: [{str(key): cell for key, cell in row.items()} for row in table.to_dict("records")]
        for name, table in tables.items()
    }


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two reports on one town, before and after the works.

    Parameters
    ----------
    reports
        Label → report, the one before first.
    outcome
        What the works did, the answer of `measure_outcome`; None: nothing is told of it.
    basemap
        Map of others under the map.

    Examples
    --------
    >>> import drainage as dr
    >>> before, after = (dr.analyze(dr.load_demo(day)) for day in ("2018-12-31", "2021-05-07"))
    >>> both = dr.report.Comparison({"before": before, "after": after})
    >>> {label: told["mixed_flow"]["findings"] for label, told in both.summaries.items()}
    {'before': 93, 'after': 10}
    """

    reports: Mapping[str, Report]
    outcome: Result | None = None
    basemap: BaseMap = "none"

    @property
    def summaries(self) -> dict[str, Mapping[str, object]]:
        """Label → summary."""
        return {label: report.summary for label, report in self.reports.items()}

    @property
    def told(self) -> dict[str, object]:
        """What the works did, as plain values: the summary and the rows of every table."""
        if self.outcome is None:
            return {}
        return {"comparison": to_plain({**self.outcome.summary, "tables": rows_of_tables(self.outcome)})}

    @cached_property
    def provenance(self) -> Provenance:
        """Where both come from."""
        return Provenance.joined(report.provenance for report in self.reports.values())

    @property
    def page(self) -> str:
        """The map as HTML; see `drawn`."""
        return self.drawn.html

    @cached_property
    def drawn(self) -> Page:
        """The map, with a switch: before, after, what changed; of a report read back without answers."""
        layers = {label: report_layers(report.network, report.results) for label, report in self.reports.items()}
        periods: dict[str, Sequence[Layer]] = {**layers}
        summaries = {**self.summaries}
        if self.outcome is not None:
            changed = in_both("what_changed")
            periods[changed] = self.outcome.layers
            summaries[changed] = {"comparison": {**self.outcome.summary, **self._shares()}}
        said, base = self.provenance, self.basemap
        return page_of((), title="compared", provenance=said, periods=periods, summaries=summaries, basemap=base)

    def _shares(self) -> dict[str, object]:
        """Return which share of the roads is truly separated on both sides."""
        answers = [summary.get("separation") for summary in self.summaries.values()]
        shares = [answer.get("effective_share") if isinstance(answer, Mapping) else None for answer in answers]
        return dict(zip(("effective_share_before", "effective_share_after"), shares, strict=True))

    def write(self, directory: str | Path, *, force: bool = False) -> Path:
        """Write a directory, completely or not at all: both reports, the map and the summaries side by side.

        What the works did is in ``changes.geojson``, ``comparison.xlsx`` and ``comparison.gpkg``.

        Raises
        ------
        FormatError
            As `Report.write` does.
        """
        sides = dict(zip(SIDES, self.reports.values(), strict=True))
        spare([Path(directory)], [path for report in sides.values() for path in report.network.files])
        with replacing_directory(directory, force=force) as part:
            for name, report in sides.items():
                report.write(part / name)
            (part / "map.html").write_text(self.page, encoding="utf-8")
            if self.drawn.folder:
                self.drawn.write_folder(part / MAP_FOLDER)
            told: dict[str, object] = {name: report.summary for name, report in sides.items()}
            if self.outcome is not None:
                told["comparison"] = to_plain(self.outcome.summary)
                self.outcome.to_file(part / "comparison.xlsx")
                self.outcome.to_file(part / "comparison.gpkg")
                changes = self.outcome.places("changes").reset_index(drop=True)
                (part / CHANGES).write_text(to_geojson(changes, provenance=self.provenance), encoding="utf-8")
            told["provenance"] = self.provenance.as_dict()
            (part / "summary.json").write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
        return Path(directory)


class KeptComparison(NamedTuple):
    """What is read back of a comparison: both reports, what differs between the networks, and the map of both.

    Parameters
    ----------
    reports
        ``before`` and ``after`` → report, as `read_report` reads it.
    changes
        The changes of the outcome with their places; None where it was not written.
    page, map_folder
        As those of a `Report`.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"))
    >>> with TemporaryDirectory() as folder:
    ...     both = dr.report.Comparison({"before": report, "after": report})
    ...     kept = dr.report.read_comparison(both.write(f"{folder}/both"))
    >>> {side: len(one.network) for side, one in kept.reports.items()}
    {'before': 4, 'after': 4}
    """

    reports: Mapping[str, Report]
    changes: gpd.GeoDataFrame | None
    page: str
    map_folder: Mapping[str, bytes]


@wants
def read_comparison(directory: str | Path) -> KeptComparison:
    """Read a directory written by `Comparison.write`.

    Raises
    ------
    FormatError
        It is not such a directory.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> report = dr.analyze(dr.load_demo("2018-12-31").upstream_of("YS1043"))
    >>> with TemporaryDirectory() as folder:
    ...     both = dr.report.compare_reports(report, report)
    ...     kept = dr.report.read_comparison(both.write(f"{folder}/both"))
    >>> list(kept.reports), len(kept.changes)
    (['before', 'after'], 0)
    """
    place = Path(directory)
    reports = {side: read_report(place / side) for side in SIDES}
    file = place / CHANGES
    try:
        changes = read_features(file, reports[SIDES[-1]].network) if file.is_file() else None
        page, folder = read_map(place)
    except (OSError, ValueError, KeyError) as error:
        raise FormatError(in_both("comparison_damaged", place=place, why=error)) from error
    return KeptComparison(reports, changes, page, folder)


@wants
def compare_reports(
    before: Report,
    after: Report,
    *,
    labels: Sequence[str] = (in_both("before_works"), in_both("after_works")),
    outcome: Result | None = None,
    basemap: BaseMap = "none",
) -> Comparison:
    """Put two reports on one town side by side, with what the works did.

    Parameters
    ----------
    before, after
        The reports.
    labels
        What they are called.
    outcome
        Answer of `measure_outcome`; None: it is asked, without telling apart works in one part of the network. Of
        reports that were read back, which hold no answers, it tells the changes only.
    basemap
        Map of others under the map, asked for pictures while somebody looks at it.

    Raises
    ------
    CrsError
        Their networks do not have one CRS.

    Examples
    --------
    >>> import drainage as dr
    >>> before, after = (dr.analyze(dr.load_demo(day)) for day in ("2018-12-31", "2021-05-07"))
    >>> both = dr.report.compare_reports(before, after)
    >>> {label: len(report.network) for label, report in both.reports.items()}
    {'before': 5317, 'after': 5670}
    >>> both.outcome.changes["change"].value_counts().to_dict()
    {'relaid': 728, 'added': 720, 'separated': 385, 'enlarged': 150, 'abandoned': 78}
    """
    if before.network.crs != after.network.crs:
        said = joined((report.network.crs and report.network.crs.to_string() for report in (before, after)), " and ")
        raise CrsError(in_both("compared_in_one_crs", found=said))
    if outcome is None:
        outcome = measure_outcome(before.network, after.network, answers=(before.results, after.results))
    return Comparison(dict(zip(labels, (before, after), strict=True)), outcome, basemap)
