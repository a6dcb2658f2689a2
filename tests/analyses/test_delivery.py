"""A delivery as such: its profile, its score, what it changed against the one before, and the files and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from drainage.analyses.quality import QualityProfile, check_quality, score_delivery
from drainage.cli import app
from drainage.errors import FormatError, SchemaError
from drainage.result import Result
from tests.support.networks import days, save
from tests.support.quality_cases import SOUND, chain

ROOT = Path(__file__).parents[2]
ADVERSE = chain(inverts=((19.5, 19.7), (19.3, 18.9)))
DATES = chain(abandoned=days("2005-01-01", ""))


def counts(result: Result, rule: str) -> int:
    return int((result.tables["findings"]["rule"] == rule).sum())


class TestProfile:
    @pytest.mark.parametrize("text", ["[rules]\nadverse_slope = false", "[rules.adverse_slope]\nenabled = false"])
    def test_a_rule_that_is_switched_off_is_not_there(self, text: str) -> None:
        result = check_quality(ADVERSE, profile=QualityProfile.from_toml(text))
        assert counts(result, "adverse_slope") == 0
        assert "adverse_slope" not in result.rules.index

    def test_a_limit_decides(self) -> None:
        profile = QualityProfile.from_toml("[rules.adverse_slope]\nrise_m = 0.3")
        assert counts(check_quality(ADVERSE), "adverse_slope") == 1
        assert counts(check_quality(ADVERSE, profile=profile), "adverse_slope") == 0

    def test_a_severity_decides(self) -> None:
        profile = QualityProfile.from_toml('[rules.adverse_slope]\nseverity = "error"')
        assert check_quality(ADVERSE).summary["errors"] == 0
        assert check_quality(ADVERSE, profile=profile).summary["errors"] == 1

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[rules]\nadverse = false", "unknown rules adverse; expected some of no_geometry, .*adverse_slope"),
            ("[rules.adverse_slope]\nrise_mm = 3", "has no rise_mm; expected enabled, severity, rise_m"),
            ('[rules.adverse_slope]\nrise_m = "3"', "expected a number"),
            ("[rules.adverse_slope]\nrise_m = -1", "expected a number of 0 or more"),
            ('[rules.adverse_slope]\nseverity = "bad"', "expected error, warning, info"),
            ('[rules.adverse_slope]\nenabled = "no"', "expected true or false"),
            ("[rules]\nadverse_slope = 3", "expected false, true or a table"),
            ("[rule]\nx = 1", "unknown tables rule; expected rules, acceptance"),
            ("[acceptance]\nerrors = 1", "acceptance has no errors; expected errors_share_max"),
            ("[acceptance]\nerrors_share_max = 5", "between 0 and 1"),
            ("[acceptance.rules]\nfoo = 0.1", "unknown rules foo"),
        ],
    )
    def test_what_there_is_not_is_refused_with_what_there_is(self, text: str, said: str) -> None:
        with pytest.raises(SchemaError, match=said):
            QualityProfile.from_toml(text)

    def test_a_file_that_is_no_toml_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "p.toml").write_text("[rules", encoding="utf-8")
        with pytest.raises(FormatError, match=r"p.toml: cannot be read"):
            check_quality(SOUND, profile=tmp_path / "p.toml")
        with pytest.raises(FormatError, match="cannot be read"):
            check_quality(SOUND, profile=tmp_path / "none.toml")

    def test_the_example_in_the_docs_is_valid(self) -> None:
        assert QualityProfile.from_file(ROOT / "docs" / "survey" / "quality-profile.toml").acceptance is not None


class TestScore:
    def test_a_sound_delivery_scores_100_and_is_not_judged_without_an_acceptance(self) -> None:
        summary = score_delivery(chain(kinds={"a": "manhole", "b": "manhole", "c": "outfall"})).summary
        assert summary["score"] == 100.0
        assert summary["accepted"] is None

    def test_the_score_by_hand(self) -> None:
        """Of 2 pipes and 3 nodes one has an error; of 2 × 5 + 3 × 2 = 16 values one is filled (an invert), one missing.

        100 × (1 − 1/5) × (1 − 1/16 − 1/16) = 70.
        """
        net = chain(
            ("a>b storm nan", "b>c storm 600"), abandoned=days("2005-01-01", ""), invert_to_source=["recorded", "node"],
            kinds={"a": "manhole", "b": "manhole", "c": "outfall"},
        )  # fmt: skip
        summary = score_delivery(net).summary
        assert summary["errors_share"] == pytest.approx(0.2)
        assert summary["guessed_share"] == summary["missing_share"] == pytest.approx(1 / 16)
        assert summary["score"] == pytest.approx(70.0)

    def test_a_feature_that_was_set_aside_on_reading_counts(self) -> None:
        issue = {"feature_kind": "pipe", "feature_id": "lost", "severity": "error", "code": "no_place"}
        net = SOUND.replace(issues=pd.DataFrame([{**issue, "reason": "nowhere", "action": "set aside"}]))
        result = score_delivery(net)
        assert result.summary["features"] == 6
        assert result.summary["errors_share"] == pytest.approx(1 / 6)
        assert result.tables["reading"].loc["no_place", "count"] == 1

    @pytest.mark.parametrize(
        ("bounds", "accepted", "refused"),
        [
            ("errors_share_max = 0.2", True, None),
            ("errors_share_max = 0.1", False, "errors_share_max"),
            ("score_min = 90", False, "score_min"),
            ("errors_share_max = 0.5\n[acceptance.rules]\nimpossible_dates = 0.1", False, "impossible_dates"),
        ],
    )
    def test_the_acceptance_is_the_profiles(self, bounds: str, accepted: bool, refused: str | None) -> None:  # noqa: FBT001
        summary = score_delivery(DATES, profile=QualityProfile.from_toml(f"[acceptance]\n{bounds}")).summary
        assert summary["accepted"] is accepted
        assert summary["refused_because"] == refused


class TestFiles:
    def test_excel_holds_findings_and_every_rule(self, tmp_path: Path) -> None:
        check_quality(ADVERSE).to_excel(tmp_path / "findings.xlsx")
        book = openpyxl.load_workbook(tmp_path / "findings.xlsx")
        assert book.sheetnames == ["provenance", "summary", "findings", "rules", "dictionary"]
        assert len(list(book["rules"].rows)) == 2 + len(check_quality(ADVERSE).rules)

    def test_the_command_writes_by_the_ending_and_ends_with_2_where_there_are_errors(self, tmp_path: Path) -> None:
        source = save(DATES, tmp_path / "pipes.geojson")
        for name in ("f.geojson", "f.csv", "f.gpkg", "f.xlsx"):
            command = ["quality", str(source), "-o", str(tmp_path / name)]
            done = CliRunner().invoke(app, command)
            assert done.exit_code == 2, done.output
        places = gpd.read_file(tmp_path / "f.geojson")
        assert "impossible_dates" in set(places["rule"])
        assert places.crs == "EPSG:4326"
        assert "impossible_dates" in (tmp_path / "f.csv").read_text(encoding="utf-8-sig")
        done = CliRunner().invoke(app, ["quality", str(source), "-o", str(tmp_path / "f.doc")])
        assert (done.exit_code, "f.doc: expected a file name ending in .xlsx" in done.stderr) == (1, True)

    def test_a_profile_on_the_command_line_takes_the_errors_away(self, tmp_path: Path) -> None:
        source = save(DATES, tmp_path / "pipes.geojson")
        (tmp_path / "p.toml").write_text("[rules]\nimpossible_dates = false", encoding="utf-8")
        command = ["quality", str(source), "--profile", str(tmp_path / "p.toml"), "--json"]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["errors"] == 0

    def test_score_ends_with_2_where_the_acceptance_is_not_kept(self, tmp_path: Path) -> None:
        source = save(DATES, tmp_path / "pipes.geojson")
        (tmp_path / "p.toml").write_text("[acceptance]\nerrors_share_max = 0.0", encoding="utf-8")
        assert CliRunner().invoke(app, ["score", str(source)]).exit_code == 0
        assert CliRunner().invoke(app, ["score", str(source), "--profile", str(tmp_path / "p.toml")]).exit_code == 2

    def test_changes_writes_a_log_and_a_map(self, tmp_path: Path) -> None:
        before, after = save(SOUND, tmp_path / "before.geojson"), save(ADVERSE, tmp_path / "after.geojson")
        page = tmp_path / "m.html"
        command = ["changes", str(before), str(after), "-o", str(tmp_path / "log.xlsx"), "--map", str(page), "--json"]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["pipes_relaid"] == 1
        assert "relaid" in page.read_text(encoding="utf-8")
