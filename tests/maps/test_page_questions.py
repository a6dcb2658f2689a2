"""The questions of a page: what each draws, lists and says, against the tables of the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any

import geopandas as gpd
import pytest
import shapely

import drainage as dr
from drainage.maps.desk.page_data import page_data
from drainage.maps.desk.question_looks import ASKED, FACETS, LISTS, REFERS
from drainage.maps.desk.sentences import verdict_of
from drainage.maps.layer import Layer
from drainage.maps.looks import THEMES
from drainage.report.catalogue import QUESTIONS
from drainage.report.comparison import compare_reports
from drainage.report.page import report_layers
from drainage.result import Result
from drainage.words import all_of, codes, has_word
from tests.maps.test_maps import data_of
from tests.support import demo
from tests.support.networks import build
from tests.support.tight import expanded

CHINESE = re.compile("[一-鿿]")
#: Columns that hold names and numbers of others, which no language changes.
DRAWN_NOWHERE = {"comparison", "ensemble", "storm_formula", "formula_check"}


def of_result(result: Result, lang: Any = "zh") -> dict[str, Any]:  # noqa: ANN401 - as the function takes it
    summaries = {"": {result.question: {**result.summary, "not_known": result.not_known}}}
    return page_data({"": result.layers}, summaries, result.question, result.provenance, schematic=False, lang=lang)


def layer_of(data: Mapping[str, Any], key: str, period: int = 0) -> dict[str, Any]:
    return next(layer for layer in data["periods"][period]["layers"] if layer["key"] == key)


def column_of(data: Mapping[str, Any], layer: Mapping[str, Any], key: str) -> list[Any]:
    return next(expanded(data["columns"][k]) for k in layer["columns"] if data["columns"][k]["key"] == key)


@cache
def compared_page() -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRAINAGE_LANG", "en")
        return compare_reports(demo.report("2018-12-31"), demo.report("2024-12-31")).page


@pytest.fixture(scope="module")
def compared() -> dict[str, Any]:
    return data_of(compared_page())


@pytest.fixture(scope="module")
def pages(every_answer: dict[str, dr.Result]) -> dict[str, dict[str, Any]]:
    """Give what each answer has on its page, in Chinese."""
    return {name: of_result(result) for name, result in every_answer.items()}


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    found = demo.report("2018-12-31")
    layers, summaries = report_layers(found.network, found.results), {"": found.summary}
    return page_data({"": layers}, summaries, "report", found.provenance, schematic=False, lang="en")


class TestWhatTheTablesSay:
    def test_every_question_that_draws_is_told_and_asked_in_both_languages(self) -> None:
        assert ASKED.keys() >= QUESTIONS.keys() - {"ensemble", "storm_formula", "formula_check", "repair"}
        asks = all_of("asks")
        assert asks.keys() >= ASKED.keys()
        verdicts = all_of("verdicts")
        for name, asked in ASKED.items():
            keys = {asked.said.verdict, asked.said.none, *asked.said.detail}
            keys |= {asked.changes.verdict, asked.changes.none, *asked.changes.detail}
            assert keys - {""} <= verdicts.keys(), name

    def test_no_sentence_is_never_said_and_both_languages_hold_the_same_figures(self) -> None:
        said = {
            key
            for asked in ASKED.values()
            for one in (asked.said, asked.changes)
            for key in (one.verdict, one.none, *one.detail)
        }
        verdicts = all_of("verdicts")
        assert verdicts.keys() == said - {""}
        for key, sentence in verdicts.items():
            english, chinese = (
                {name for _, name, _, _ in Formatter().parse(text)} for text in (sentence, sentence.chinese)
            )
            assert english == chinese, key

    def test_what_they_name_is_there(self) -> None:
        themes = {theme for one in ASKED.values() for theme in (*one.layers, *one.more, *one.list)}
        assert themes | LISTS.keys() | {theme for found in REFERS.values() for theme in found} <= THEMES.keys()
        columns = {name for one in LISTS.values() for name in (*one.cause, *one.head, *one.line, *one.tail)}
        columns |= {by.removeprefix("-") for one in LISTS.values() for by in one.orders}
        assert [name for name in sorted({*columns, *(facet.key for facet in FACETS)}) if not has_word(name)] == []


class TestAnswers:
    def test_every_answer_is_one_question_with_a_verdict_in_the_language_of_its_reader(
        self, every_answer: dict[str, dr.Result], pages: dict[str, dict[str, Any]]
    ) -> None:
        for name in pages.keys() - DRAWN_NOWHERE:
            result = every_answer[name]
            (tab,) = pages[name]["questions"]
            (period,) = tab["periods"]
            assert period["layers"] or not [one for one in result.layers if len(one.frame)], name
            summary = {**result.summary, "not_known": result.not_known}
            english: Any = verdict_of(ASKED[result.question].said, summary, "en")
            for lang, told in (("zh", period), ("en", english)):
                assert told["verdict"] or told["unknown"], name
                assert bool(CHINESE.search(told["verdict"])) == (lang == "zh"), name
                assert not re.search(r"\{|nan|None(?! of )", " ".join([told["verdict"], *told["detail"]])), name

    def test_every_column_and_every_code_on_a_map_has_words(self, pages: dict[str, dict[str, Any]]) -> None:
        for name, data in pages.items():
            for column in data["columns"]:
                assert column["label"] != column["key"], (name, column["key"])
                said = {value for value in column["values"] if isinstance(value, str)}
                raw = {value for value in said & codes(column["key"]).keys() if codes(column["key"])[value][0] != value}
                assert not raw, (name, column["key"])
            for layer in data["periods"][0]["layers"]:
                themed = THEMES[layer["theme"]]
                labels = {style["label"] for style in layer["styles"]}
                assert not labels & themed.styles.keys() - {"Ⅰ", "Ⅱ"}, (name, layer["key"])

    def test_two_layers_of_one_theme_have_two_keys_and_two_names(self, pages: dict[str, dict[str, Any]]) -> None:
        for name, data in pages.items():
            layers = data["periods"][0]["layers"]
            assert len({layer["key"] for layer in layers}) == len(layers), name
            assert len({layer["label"] for layer in layers}) == len(layers), name
        mixing = pages["mixing"]
        areas = layer_of(mixing, "mixing/catchment_id")
        assert mixing["columns"][areas["columns"][areas["ids"]]]["key"] == "catchment_id"
        assert areas["label"] == "混接程度（最差指标） · 汇水区编号"

    def test_an_answer_that_is_not_known_says_why(self) -> None:
        told = verdict_of(ASKED["waterlogging"].said, {"points": 0, "not_known": "no ground level is recorded"}, "en")
        assert told == {"verdict": "", "detail": [], "unknown": "no ground level is recorded", "count": None}

    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_shares_are_said_in_per_cent_before_and_after_too(self, lang: Any) -> None:  # noqa: ANN401
        summary = {"effective_share_before": 0.304, "effective_share_after": 0.71}
        told = verdict_of(ASKED["separation"].changes, summary, lang)
        assert "30 % → 71 %" in str(told["verdict"])

    def test_figures_that_are_nought_or_not_known_are_not_worth_a_sentence(self) -> None:
        told = verdict_of(
            ASKED["mixed_flow"].said, {"misconnections": 2, "mixed_length_km": 0.44, "other_findings": 0}, "en"
        )
        assert told["verdict"] == "Misconnections: 2; 0.4 km of pipe carry mixed flow."
        assert told["detail"] == []


class TestReport:
    def test_it_opens_with_waterlogging_and_ends_with_the_network(self, report: dict[str, Any]) -> None:
        keys = [tab["key"] for tab in report["questions"]]
        assert keys == ["waterlogging", "mixed_flow", "separation", "quality", "network"]
        first = report["questions"][0]["periods"][0]
        assert first["layers"] == ["full_pipes", "waterlogging", "reports"]
        assert first["quiet"] == ["pipes"]
        assert report["questions"][0]["unverified"]
        assert not report["questions"][1]["unverified"]  # mixed flow is of no storm

    def test_a_question_that_was_asked_in_vain_comes_last_and_says_why(self) -> None:
        found = dr.analyze(build(["a>b storm", "b>c storm"]))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DRAINAGE_LANG", "en")
            tabs = data_of(dr.draw(found.network).html)["questions"]
            assert [tab["key"] for tab in tabs] == ["network"]
        tabs = data_of(found.page)["questions"]
        unknown = [bool(tab["periods"][0]["unknown"]) for tab in tabs]
        assert unknown == sorted(unknown)
        assert "waterlogging" in [tab["key"] for tab, why in zip(tabs, unknown, strict=True) if why]

    def test_points_lead_with_the_cause_and_what_is_worst_comes_first(self, report: dict[str, Any]) -> None:
        points = layer_of(report, "waterlogging")
        beyond = column_of(report, points, "beyond_standard")
        table = demo.report("2018-12-31").results["waterlogging"].tables["points"]
        worst = int((table["within_standard"] == "no").sum())
        assert beyond == ["beyond the standard"] * worst + [None] * (len(table) - worst)
        first = table[table["within_standard"] == "no"].sort_values("volume_m3", ascending=False)
        assert column_of(report, points, "point_id")[:worst] == [*first.index]
        row = report["questions"][0]["periods"][0]["row"]
        assert row["cause"] == ["cause", "cause_share_pct"]
        share = dict(
            zip(column_of(report, points, "point_id"), column_of(report, points, "cause_share_pct"), strict=True)
        )
        causes = demo.report("2018-12-31").results["waterlogging"].tables["causes"].query("rank == 1")
        assert share == pytest.approx(dict(zip(causes["point_id"], causes["share_pct"], strict=True)))

    def test_reports_point_to_their_points_and_points_to_their_nodes(self, report: dict[str, Any]) -> None:
        assert layer_of(report, "reports")["refs"]["point_id"] == ["waterlogging"]
        nodes = set(column_of(report, layer_of(report, "nodes"), "node_id"))
        points = layer_of(report, "waterlogging")
        assert points["refs"]["worst_node"] == ["nodes"]
        named = {name for cell in column_of(report, points, "nodes") for name in cell.split(", ")}
        assert named
        assert named <= nodes

    def test_all_that_is_known_of_a_pipe_stands_with_the_pipe_once(self, report: dict[str, Any]) -> None:
        keys = {report["columns"][k]["key"] for k in layer_of(report, "pipes")["columns"]}
        assert keys >= {"class", "capacity_m3s", "carries_return_period_a", "invert_from_m", "nearest_misconnection"}
        assert [report["columns"][k]["key"] for k in layer_of(report, "mixed_flow")["columns"]] == ["pipe_id", "class"]

    def test_roads_are_coloured_by_what_is_truly_separated(self, report: dict[str, Any]) -> None:
        roads = layer_of(report, "roads")
        effective, label = (column_of(report, roads, name) for name in ("effective_pct", "coverage_to_effective"))
        styles = [roads["styles"][k]["label"] for k in roads["category"]]
        lowest = next(style for style, share in zip(styles, effective, strict=True) if share < 25)
        assert all((style == lowest) == (share < 25) for style, share in zip(styles, effective, strict=True))
        assert "99 → 4 %" in label
        assert report["questions"][2]["periods"][0]["hides"] == ["context_roads"]

    def test_relief_that_was_planned_too_stands_with_the_points(self) -> None:
        found = demo.report("2018-12-31")
        points = found.results["waterlogging"].tables["points"]
        frame = gpd.GeoDataFrame(points).assign(solved="works", after_m3=0.0, works=1, kind="enlarge").head(3)
        work = frame.rename_axis("work_id").assign(point_id=points.index[:3])
        planned = Result(
            "relief", {"points": frame, "works": work}, found.results["waterlogging"].summary,
            (Layer("relief", work, "kind", ("work_id",)), Layer("waterlogging", frame, "grade", ("point_id",))),
        )  # fmt: skip
        layers = {layer.theme: layer for layer in report_layers(found.network, {**found.results, "relief": planned})}
        assert layers["waterlogging"].popup[-3:] == ("solved", "after_m3", "works")
        assert layers["waterlogging"].frame["solved"].notna().sum() == 3
        assert "relief" in layers


class TestComparison:
    def test_it_shows_before_after_and_what_changed(self, compared: dict[str, Any]) -> None:
        assert [period["key"] for period in compared["periods"]] == ["before", "after", "changes"]
        by_key = {tab["key"]: tab for tab in compared["questions"]}
        assert [*by_key] == ["waterlogging", "mixed_flow", "separation", "quality", "network"]
        solved = by_key["waterlogging"]["periods"][2]
        assert solved["verdict"].startswith("Solved: 19; 19 → 0 points")
        assert solved["list"] == "outcome_points"
        assert {"outcome_points", "changes"} <= set(solved["layers"])
        assert by_key["separation"]["periods"][2]["layers"][0] == "outcome_roads"
        assert by_key["quality"]["periods"][2] is None

    def test_findings_of_quality_stand_there_once(self, compared: dict[str, Any]) -> None:
        for period in (0, 1):
            findings, issues = (layer_of(compared, key, period) for key in ("quality", "issues"))
            told = zip(
                column_of(compared, findings, "feature_id"), column_of(compared, findings, "reason"), strict=True
            )
            again = zip(column_of(compared, issues, "feature_id"), column_of(compared, issues, "reason"), strict=True)
            assert not {*told} & {*again}

    def test_it_is_small(self) -> None:
        assert len(compared_page().split('id="drainage-data">')[1].split("</script>")[0]) < 450_000


class TestLists:
    def test_a_theme_of_which_nothing_is_said_is_listed_by_its_first_columns(self) -> None:
        frame = gpd.GeoDataFrame({"wells": [3.0]}, geometry=[shapely.Point()], index=["a"]).rename_axis("well_id")
        layer = Layer("losses", frame, None, ("well_id", "wells"))
        data: dict[str, Any] = page_data({"": [layer]}, {}, "Wells", None, schematic=True, lang="en")
        (tab,) = data["questions"]
        assert tab["title"] == "Wells"
        assert tab["periods"][0]["row"] == {"cause": [], "head": ["well_id"], "line": [], "tail": ["wells"]}
