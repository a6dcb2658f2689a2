"""The report: written, read back, paged; every promise about the directory kept on a small town."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import drainage as dr
from drainage.errors import FormatError
from drainage.report import COLLECTIONS, FilterError, Report, analyze, draw, query, read_report
from drainage.said import Language
from drainage.words import one_language
from tests.support.networks import build, days

PLACES = [("a", 0, 0), ("b", 100, 0), ("c", 200, 0), ("out", 300, 0), ("w", 100, 100)]


@pytest.fixture(scope="module")
def report() -> dr.report.Report:
    """Return a street with sewage entering its storm pipe; levels known, so that all questions are answered."""
    net = build(
        ["a>b storm 300", "b>c storm 300", "c>out storm 300", "w>b sewage 300"],
        places={name: (551000 + x, 3712000 + y) for name, x, y in PLACES},
        invert_from_m=[20.0, 19.8, 19.6, 20.0],
        invert_to_m=[19.8, 19.6, 19.4, 19.8],
        depth_from_m=[2.0] * 4,
        depth_to_m=[2.0] * 4,
        road=["磬山路"] * 4,
    )
    nodes = net.nodes.assign(ground_m=[22.0, 21.8, 21.6, 21.4, 22.0])
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), 3, 120)
    return dr.analyze(net.replace(nodes=nodes), storm=storm)


def ids_of(page: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in page["features"]]


def test_every_question_is_answered(report: dr.report.Report) -> None:
    assert set(report.results) == {"quality", "mixed_flow", "separation", "waterlogging"}
    assert list(report.collections) == [
        name for name, one in COLLECTIONS.items() if not one.optional or name == "roads"
    ]
    promised = {"points", "by_grade", "overflow_nodes", "volume_m3", "reported", "hits", "misses", "false_alarms"}
    assert promised <= set(report.results["waterlogging"].summary.index)


def test_a_report_that_is_read_back_is_of_its_day(tmp_path: Path) -> None:
    """Else a pipe that has gone since would count as gone on the day of the report."""
    net = build(["a>b storm", "b>out storm"], abandoned=days("2020-01-01", "")).as_of("2019-01-01")
    analyze(net).write(tmp_path / "out")
    again = read_report(tmp_path / "out").network
    assert again.origin.as_of == "2019-01-01"
    assert len(dr.analyses.find_changes(again, again).tables["changes"]) == 0


def test_what_is_read_back_is_what_was_written(report: dr.report.Report, tmp_path: Path) -> None:
    report.write(tmp_path / "out")
    again = dr.read_report(tmp_path / "out")
    assert again.summary == json.loads(json.dumps(report.summary))
    assert again.page == report.page
    assert list(again.collections) == list(report.collections)
    for name in report.collections:
        assert list(map(str, again.collections[name].index)) == list(map(str, report.collections[name].index)), name
        assert ids_of(again.features(name, limit=100)) == ids_of(report.features(name, limit=100))
    assert again.network.upstream_of("c").pipes.index.tolist() == ["p0", "p1", "p3"]


def test_issues_are_written_in_both_languages_and_read_back_as_one_text(
    report: dr.report.Report, tmp_path: Path
) -> None:
    issues = report.network.issues
    written = pd.read_csv(report.write(tmp_path / "out") / "issues.csv")
    again = dr.read_report(tmp_path / "out")
    assert len(issues)
    for name in ("reason", "action"):
        columns: dict[Language, str] = {"en": name, "zh": f"{name}_zh"}
        for lang, column in columns.items():
            told = [one_language(text, lang) for text in issues[name]]
            assert written[column].tolist() == again.collections["issues"][column].tolist() == told
            assert [one_language(text, lang) for text in again.network.issues[name]] == told


def test_issues_of_a_report_without_chinese_are_read_as_they_are(report: dr.report.Report, tmp_path: Path) -> None:
    """As earlier versions wrote them."""
    file = report.write(tmp_path / "out") / "issues.csv"
    pd.read_csv(file).drop(columns=["reason_zh", "action_zh"]).to_csv(file, index=False)
    again = dr.read_report(tmp_path / "out").network.issues
    assert again["reason"].tolist() == report.collections["issues"]["reason"].tolist()
    assert list(again) == list(report.network.issues)


def test_the_summary_tells_the_storm_by_its_parts(report: dr.report.Report) -> None:
    """H = 1600 (1 + 0.846 lg 3) · 120 / 127^0.656 · 6 / 1000 = 67.39 mm."""
    inputs = report.summary["inputs"]
    assert isinstance(inputs, dict)
    storm = inputs["storm"]
    asked = {"kind": "design", "formula": "demo", "verified": False, "return_period_a": 3, "duration_min": 120,
             "depth_mm": 67.3929, "peak_position": 0.4, "climate_factor": 1.0, "shape": "chicago"}  # fmt: skip
    assert asked.items() <= storm.items()
    assert "Shanghai" in storm["source"]
    assert "not for design" in storm["remarks"][0]


def test_numbers_of_the_summary_are_short(report: dr.report.Report) -> None:
    """No float has more than six digits, or three decimals from 1000 on."""
    written: list[str] = []
    json.loads(json.dumps(report.summary), parse_float=lambda text: written.append(text) or 0.0)  # type: ignore[func-returns-value]  # appends
    assert len(written) > 10
    assert all(len(text.replace(".", "").lstrip("0")) <= 6 or float(text) >= 1000.0 for text in written)
    assert all(len(text.split(".")[1]) <= 3 for text in written if float(text) >= 1000.0)


def test_pages_follow_each_other(report: dr.report.Report) -> None:
    pages = [report.features("pipes", limit=3, offset=offset) for offset in (0, 3)]
    assert [page["numberReturned"] for page in pages] == [3, 1]
    assert pages[0]["numberMatched"] == 4
    assert [name for page in pages for name in ids_of(page)] == ["p0", "p1", "p2", "p3"]


def test_a_box_and_a_value_choose_features(report: dr.report.Report) -> None:
    west, south, east, north = report.extent("pipes") or [0.0] * 4
    assert report.features("pipes", bbox=(west, south, east, north))["numberMatched"] == 4
    assert report.features("pipes", bbox=(0, 0, 1, 1))["numberMatched"] == 0
    assert report.features("pipes", where={"system": "sewage"})["numberMatched"] == 1
    assert report.features("pipes", bbox=(-180, -90, 180, 90))["numberMatched"] == 4
    with pytest.raises(KeyError):
        report.features("pipes", where={"nothing": "1"})


def test_a_value_is_read_as_its_column_holds_it() -> None:
    """300 mm is 300.0 and 3e2; true is 1; no word finds the cell that is empty, not even that of its text."""
    frame = gpd.GeoDataFrame(
        {
            "diameter_mm": [300.0, np.nan, 400.0],
            "year": pd.array([2**53 + 1, None, 1999], dtype="Int64"),
            "open": [True, False, True],
            "pipes": [["p0", "p1"], None, []],
            "road": ["人民 路", None, "B"],
            "laid": pd.to_datetime(["2018-05-01", "", "2018-05-01"]),
        },
        geometry=gpd.points_from_xy([0, 1, 2], [0, 0, 0]),
        index=pd.Index(["a", "b", "c"], name="pipe_id"),
    )

    def found(column: str, value: str) -> str:
        return "".join(query(frame, where={column: value}).frame.index)

    assert [found("diameter_mm", text) for text in ("300", "3e2", "+300.", "-300", "1e999")] == ["a", "a", "a", "", ""]
    assert [found("year", text) for text in (str(2**53 + 1), str(2**53), "1999.0", "9" * 40)] == ["a", "", "c", ""]
    assert [found("open", text) for text in ("true", "false")] == ["ac", "b"]
    with pytest.raises(FilterError, match="true or false"):
        found("open", "yes")
    assert [found("pipes", text) for text in ("['p0', 'p1']", "[]", "None")] == ["a", "c", ""]
    assert [found("road", text) for text in ("人民路", "ｂ", "None", "nan")] == ["a", "c", "", ""]
    assert [found("laid", "2018-05-01"), found("pipe_id", "b")] == ["ac", "b"]
    for nonsense in ("wide", "", "nan", "1_000", "1" * 5000, "e"):
        with pytest.raises(FilterError, match="a number was expected"):
            found("diameter_mm", nonsense)
    page = query(frame, bbox=(0.5, -1, 9, 1), limit=1)
    assert (page.matched, list(page.frame.index)) == (2, ["b"])


def test_a_failed_write_leaves_nothing_behind(
    report: dr.report.Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report.write(tmp_path / "out")
    before = sorted(path.name for path in (tmp_path / "out").iterdir())
    real = Path.write_text

    def full(self: Path, *args: str, **kwargs: str) -> int:
        if self.name == "map.html":
            raise OSError(28, "No space left on device")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        report.write(tmp_path / "out", force=True)
    monkeypatch.undo()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_room_offers_what_the_package_does() -> None:
    assert (Report, analyze, draw, read_report) == (dr.report.Report, dr.analyze, dr.draw, dr.read_report)


def test_a_directory_that_is_no_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"summary\.json"):
        dr.read_report(tmp_path)
