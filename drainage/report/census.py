"""The national survey of drainage and flood facilities: its tables of a network, and its checks in their order."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from drainage.analyses.quality import check_quality
from drainage.formats.census.definitions import TABLES, VERIFIED
from drainage.formats.census.survey_files import write_survey
from drainage.formats.census.survey_rows import survey_tables
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.wants import wants
from drainage.words import in_both

#: Chapter of the survey's checks → its clause and the families of rules of `check_quality` that it asks for. The names
#: of 7.2 to 7.4 were verified by a page of contents; which rules belong to each is our choice.
CHAPTERS: Final = {
    "completeness": ("7.2", ("attributes", "naming")),
    "outliers": ("7.3", ("levels", "sizes", "hydraulics")),
    "topology": ("7.4", ("topology", "geometry")),
}

#: Water farther than this from the inverts of most outfalls is of another datum: deeper than any lies (own choice).
_DATUM_M: Final = 10.0
_LEAST_OUTFALLS: Final = 3


@wants
def take_census(net: DrainageNetwork, *, waterlogging: Result | None = None, quality: Result | None = None) -> Result:
    """Tell what the tables of the national survey hold of a network, and what its checks find, in their order.

    Parameters
    ----------
    net
        Any network. `write_census` writes the tables themselves.
    waterlogging
        Result of `find_waterlogging`, whose points fill A.13; without it A.13 is blank, and says so.
    quality
        Result of `check_quality` of the network; by default it is asked.

    Returns
    -------
    Result
        ``sheets`` (index ``sheet_number``, A.1 to A.17): ``table``, ``rows``, ``why_blank``. ``survey_checks`` (index
        ``survey_check``): ``chapter`` completeness | outliers | topology, ``clause``, ``rule``, ``severity``,
        ``findings``, ``checked`` and ``first_features``, of the rules that found something. ``places``: the findings
        with their geometry. ``issues``: levels of another datum.
        Summary: features by table, findings by chapter, and what of the tables is verified.

    References
    ----------
    《城市排水防涝设施普查数据采集与管理技术导则（试行）》, tables A.1-A.17, 7.2-7.4: names verified by a page of
    contents; columns and codes not verified.

    Examples
    --------
    >>> import drainage as dr
    >>> census = dr.report.take_census(dr.load_demo("2021-05-07"))
    >>> int(census.tables["sheets"].loc["A.6", "rows"])
    17
    """
    found = check_quality(net) if quality is None else quality
    tables = survey_tables(net, None if waterlogging is None else waterlogging.places("points"))
    sheets = _sheets(tables, waterlogging)
    checks = _checks(found)
    places = found.places("findings")
    summary = pd.Series(
        {
            "survey_rows": int(sheets["rows"].sum()),
            "survey_blank": int((sheets["rows"] == 0).sum()),
            **{
                f"findings_{chapter}": int(checks["findings"][checks["chapter"] == chapter].sum())
                for chapter in CHAPTERS
            },
            "survey_assumptions": _verified(),
        },
        dtype=object,
    )
    layers = [
        *context_of(net),
        Layer("quality", places, "severity", ("feature_id", "reason", "road", "remedy")),
    ]
    if waterlogging is not None:
        shown = ("point_id", "road", "grade", "depth_m", "cause")
        layers.append(Layer("waterlogging", waterlogging.places("points"), "grade", shown))
    return Result(
        "census",
        {"sheets": sheets, "survey_checks": checks, "places": places, "issues": _other_datum(net).frame()},
        summary,
        tuple(layers),
        provenance=Provenance.of(net) if waterlogging is None else waterlogging.provenance,
    )


@wants
def write_census(
    net: DrainageNetwork, path: str | Path, *, waterlogging: Result | None = None, census: Result | None = None,
    force: bool = False,
) -> Path:  # fmt: skip
    """Write a network as the tables of the national survey; `read_network` reads them back, and nothing is lost.

    Beside the columns of the survey, all of ours stand in brackets, and sheets ``layer_…`` hold what the survey has no
    table for. A cell of the survey that somebody edits counts when it is read back. Numbers keep sixteen digits in a
    workbook and all in a folder of CSV files.

    Parameters
    ----------
    path
        ``.xlsx``, or the name of a folder, without an ending, for a CSV file of each table.
    waterlogging
        Result of `find_waterlogging`, whose points fill A.13.
    census
        Result of `take_census`, whose checks are written too; by default it is asked.
    force
        Replace an existing file.

    Raises
    ------
    FormatError
        The goal exists and ``force`` is False, it has another ending, or a text is too long for a cell.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> with TemporaryDirectory() as folder:
    ...     path = dr.report.write_census(net, f"{folder}/census")
    ...     dr.read_network(path)
    <DrainageNetwork: 4 pipes, 5 nodes, 0.2 km, EPSG:4548, 0 issues>
    """
    told = take_census(net, waterlogging=waterlogging) if census is None else census
    tables = survey_tables(net, None if waterlogging is None else waterlogging.places("points"))
    checks = told.cells("survey_checks").reset_index()
    return write_survey({**tables, "survey_checks": checks}, Path(path), force=force)


def _sheets(tables: dict[str, pd.DataFrame], waterlogging: Result | None) -> pd.DataFrame:
    rows = []
    for name, table in TABLES.items():
        count = len(tables[name])
        why = "" if count else in_both("survey_no_such")
        if name == "waterlogging" and waterlogging is None:
            why = in_both("survey_no_storm")
        rows.append((table.number, Said(table.en, table.zh), count, why))
    told = pd.DataFrame(rows, columns=["sheet_number", "table", "rows", "why_blank"], dtype=object)
    return told.set_index("sheet_number").astype({"rows": int})


def _checks(quality: Result) -> pd.DataFrame:
    """Tabulate the rules that found something by the chapters of the survey, in their order."""
    rules, findings = quality.tables["rules"], quality.tables["findings"]
    first = findings.groupby("rule")["feature_id"].agg(lambda ids: ", ".join(map(str, ids[:5])))
    rows = []
    for chapter, (clause, families) in CHAPTERS.items():
        for rule, row in rules[rules["family"].isin(families) & (rules["findings"] > 0)].iterrows():
            rows.append(
                (chapter, clause, rule, row["severity"], int(row["findings"]), int(row["checked"]), first[str(rule)])
            )
    names = ["chapter", "clause", "rule", "severity", "findings", "checked", "first_features"]
    table = pd.DataFrame(rows, columns=names)
    return table.set_axis(pd.Index([f"H{k + 1}" for k in range(len(table))], name="survey_check", dtype="str"))


def _other_datum(net: DrainageNetwork) -> Issues:
    """Say where the water at the outfalls stands so far from their inverts that one of them is of another datum."""
    issues = Issues()
    ends = net.nodes[net.nodes["kind"] == "outfall"]
    apart = column_of(ends, "water_level_m") - column_of(ends, "invert_m")
    apart = apart[np.isfinite(apart)]
    if len(apart) >= _LEAST_OUTFALLS and abs(middle := float(np.median(apart))) > _DATUM_M:
        said = in_both("survey_datum", count=len(apart), apart_m=middle)
        issues.add("other_datum", "warning", "column", ["water_level_m"], said, in_both("survey_one_datum"))
    return issues


def _verified() -> Said:
    chinese, _, english = VERIFIED.partition(" · ")
    return Said(english, chinese)
