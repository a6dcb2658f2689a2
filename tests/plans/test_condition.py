"""What cameras find: read, scored in the manner of CJJ 181 and turned into silt. Truth: by hand, in each docstring."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.evidence import Evidence, empty_evidence
from drainage.hydraulics.manning import circular_section, circular_silt_share
from drainage.plans.cleaning.condition import ConditionRules, classify, rate_pipes
from drainage.schema.defects import CODE_OF, DEFECTS, NAMES
from tests.support.drains import drain, rain
from tests.support.said import said_codes

if TYPE_CHECKING:
    from pathlib import Path


def found(*listed: dict[str, object]) -> Evidence:
    """Findings of a camera in p0 unless they say otherwise."""
    table = pd.DataFrame([{"pipe_id": "p0"} | row for row in listed]).reindex(columns=empty_evidence("cctv").columns)
    table.index = pd.Index([f"cctv:{k + 2}" for k in range(len(table))], name="row", dtype="str")
    return replace(Evidence(), cctv=table.astype(dict(empty_evidence("cctv").dtypes)))


def street(**columns: list[float] | list[str]) -> dr.simulation.FlowState:
    """Screen ``a─800─b─800─out``, which carries the storm."""
    net = drain(
        ["a>b storm 800", "b>out storm 800"],
        {"a": 10.4, "b": 10.2, "out": 10.0},
        ground=13.0,
        nodes={"area_ha": {"a": 0.2, "b": 0.2}},
        **columns,  # type: ignore[arg-type]  # columns of pipes only
    )
    return dr.screen(net, rain())


def first(*listed: dict[str, object], **keywords: object) -> pd.Series:
    """What is said of p0."""
    pipes = dr.plan_cleaning(street(), found(*listed), **keywords).pipes  # type: ignore[arg-type]  # by name
    return pipes.iloc[0]


def rated(*defects: tuple[str, float, float, float], size_mm: float = 800.0) -> pd.Series:
    """Rate one pipe by (kind, points, position_m, length_m), on another road in ordinary soil."""
    table = pd.DataFrame(defects, columns=["kind", "points", "position_m", "length_m"]).assign(pipe_row=0)
    return rate_pipes(table, np.array([size_mm]), 3.0, 0.0, ConditionRules()).iloc[0]


class TestIndices:
    def test_worked_by_hand(self) -> None:
        """DN800 under a trunk road (K 6, E 3) in silty sand (T 10).

        Functional: CJ 3 and ZW 2 are 5 and 2 points; G = max(5, 3.5) = 5; MI = 0.8·5 + 0.15·6 + 0.05·3 = 5.05, Ⅲ.
        Structural: CK 4 is 10 points; RI = 0.7·10 + 0.1·6 + 0.05·3 + 0.15·10 = 9.25, Ⅳ.
        """
        row = first(
            {"code": "CJ", "grade": 3},
            {"code": "障碍物", "grade": 2},
            {"code": "ck", "grade": 4},
            area="trunk",
            soil="silty_sand",
        )
        assert row[["functional_g", "mi", "structural_f", "ri"]].tolist() == pytest.approx([5.0, 5.05, 10.0, 9.25])
        assert row[["mi_class", "ri_class"]].tolist() == ["Ⅲ", "Ⅳ"]

    def test_small_defects_do_not_count_area_and_size(self) -> None:
        """G = 2 is less than 4: MI = 0.8·2 = 1.6. At 5: 4 + 0.45 + 0.15."""
        assert rated(("functional", 2.0, np.nan, np.nan))["mi"] == pytest.approx(1.6)
        assert rated(("functional", 5.0, np.nan, np.nan))["mi"] == pytest.approx(4.6)

    @pytest.mark.parametrize(("size_mm", "points"), [(599, 0), (600, 3), (1000, 3), (1001, 6), (1500, 6), (1501, 10)])
    def test_larger_pipes_weigh_more(self, size_mm: float, points: float) -> None:
        row = rated(("functional", 10.0, np.nan, np.nan), size_mm=size_mm)
        assert row["mi"] == pytest.approx(8.0 + 0.45 + 0.05 * points)

    @pytest.mark.parametrize(
        ("second_m", "parameter"),
        [(11.6, 5.5), (11.5, 5.0), (12.0, 5.5), (12.1, 5.0), (np.nan, 5.0)],
    )
    def test_defects_near_each_other_count_more(self, second_m: float, parameter: float) -> None:
        """The first lies at 10.0-10.5 m; from 1.0 m (not included) to 1.5 m of clear pipe both count 1.1 times."""
        row = rated(("structural", 5.0, 10.0, 0.5), ("structural", 5.0, second_m, np.nan))
        assert row["structural_f"] == pytest.approx(parameter)

    def test_a_pipe_without_findings_of_a_kind_is_not_rated_by_it(self) -> None:
        """RI = 3.5 + 0.3 + 0.15 = 3.95."""
        row = rated(("structural", 5.0, 10.0, 0.5))
        assert np.isnan(row["mi"])
        assert row["mi_class"] is None
        assert row["ri_class"] == "Ⅱ"

    def test_a_value_on_a_bound_has_the_lower_class(self) -> None:
        classes = classify(np.array([0.0, 1.0, 1.01, 4.0, 4.01, 7.0, 7.01, np.nan]), ConditionRules())
        assert classes.tolist() == ["Ⅰ", "Ⅰ", "Ⅱ", "Ⅱ", "Ⅲ", "Ⅲ", "Ⅳ", None]

    def test_every_number_can_be_put_right(self) -> None:
        defects = ({"code": "CJ", "grade": 3},)
        assert first(*defects, area="centre")["mi"] > first(*defects)["mi"]
        harsher = ConditionRules(grade_points=(1.0, 3.0, 6.0, 10.0))
        assert first(*defects, rules=harsher)["functional_g"] == 6.0
        assert first({"code": "PL", "grade": 1}, soil="muck")["ri"] > first({"code": "PL", "grade": 1})["ri"]

    def test_words_that_there_are_not_are_refused(self) -> None:
        with pytest.raises(dr.errors.SchemaError, match=r"no such area: moon; expected one of centre"):
            first(area="moon")
        with pytest.raises(dr.errors.SchemaError, match="no such soil"):
            first(soil="cheese")


class TestFindings:
    def test_what_cannot_be_scored_is_said_by_its_row(self) -> None:
        plan = dr.plan_cleaning(
            street(),
            found(
                {"code": "XX", "grade": 2},
                {"code": None, "grade": 2},
                {"code": "CJ"},
                {"code": "CJ", "grade": 2.5},
                {"code": "CJ", "grade": 2, "pipe_id": "p9"},
                {"code": "CJ", "grade": 2, "pipe_id": None, "node_id": "a"},
                {"code": "SG", "grade": 2},
            ),
        )
        said = dict(zip(plan.issues["feature_id"], plan.issues["code"], strict=True))
        assert said == {
            "cctv:2": "unknown_defect_code",
            "cctv:3": "unknown_defect_code",
            "cctv:4": "no_grade",
            "cctv:5": "no_grade",
            "cctv:6": "unknown_pipe",
            "cctv:7": "no_pipe",
        }
        assert {"unknown_defect_code", "no_grade", "no_pipe"} <= said_codes(plan.issues)
        assert "'XX'" in plan.issues.loc[plan.issues["feature_id"] == "cctv:2", "reason"].iloc[0]
        assert plan.pipes.loc["p0", "functional_g"] == 2.0
        assert plan.defects["code"].tolist() == ["CJ", "CJ", "SG"]

    def test_the_last_survey_of_a_pipe_counts(self) -> None:
        plan = dr.plan_cleaning(
            street(),
            found(
                {"code": "CJ", "grade": 4, "date": pd.Timestamp("2019-05-01")},
                {"code": "CJ", "grade": 1, "date": pd.Timestamp("2020-05-01")},
                {"code": "CJ", "grade": 4, "date": pd.Timestamp("2019-05-01"), "pipe_id": "p1"},
            ),
        )
        assert plan.pipes["functional_g"].tolist() == [0.5, 10.0]
        assert plan.issues[["feature_id", "code"]].to_numpy().tolist() == [["cctv:2", "superseded"]]
        assert "superseded" in said_codes(plan.issues)

    def test_every_code_is_known_by_its_chinese_name_too(self) -> None:
        assert len(DEFECTS) == 16
        assert [CODE_OF[chinese] for chinese, _ in NAMES.values()] == list(DEFECTS)

    def test_a_report_in_chinese_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "cctv.csv"
        path.write_text(
            "管段,缺陷代码,缺陷等级,纵向距离(m),缺陷长度(cm),时钟表示,沉积占比(%),断面损失\n"
            "p0,CJ,3级,12.5,150,0507,45,\np0,JG,2,20,,12,,30%\np0,PL,5,,,,,7\n",
            encoding="utf-8",
        )
        seen = dr.read_evidence(path)
        cctv = seen.cctv
        assert cctv["grade"].tolist()[:2] == [3.0, 2.0]
        assert cctv["position_m"].tolist()[:2] == [12.5, 20.0]
        assert cctv["length_m"].iloc[0] == pytest.approx(1.5)
        assert cctv["clock"].tolist()[:2] == ["0507", "12"]
        assert cctv["silt_share"].iloc[0] == pytest.approx(0.45)
        assert cctv["section_loss_share"].iloc[1] == pytest.approx(0.3)
        assert seen.issues["reason"].tolist() == [
            "grade 5 is impossible; expected 1 to 4",
            "section_loss_share 7 is impossible; expected 0 to 1",
        ]


class TestSilt:
    def test_what_is_seen_counts_and_what_is_recorded_stays(self) -> None:
        state = street(silt_share=[0.4, 0.3])
        plan = dr.plan_cleaning(state, found({"code": "CJ", "grade": 1, "silt_share": 0.1}))
        columns = ["silt_share_recorded", "silt_share_observed", "silt_share", "silt_source"]
        assert plan.pipes[columns].iloc[0].tolist() == [0.4, 0.1, 0.1, "observed"]
        assert plan.pipes.loc["p1", "silt_source"] == "recorded"
        assert plan.runs["pipes"].tolist() == ["p1"]

    def test_the_volume_is_that_of_the_segment(self) -> None:
        """DN800 to 0.3: θ = acos 0.4 = 1.15928; 0.16 (θ - 0.91652·0.4) = 0.12683 m² · 100 m."""
        state = street(silt_share=[0.3, 0.0])
        assert dr.plan_cleaning(state).pipes["silt_volume_m3"].tolist() == pytest.approx([12.683, 0.0], abs=0.001)

    def test_a_deposit_of_known_length_fills_that_length(self) -> None:
        """Two of 5 m and 10 m, counted at the deeper one; three of 60 m fill the pipe of 100 m."""
        short = found(
            {"code": "CJ", "grade": 2, "silt_share": 0.3, "length_m": 5.0},
            {"code": "CJ", "grade": 1, "silt_share": 0.2, "length_m": 10.0},
        )
        assert dr.plan_cleaning(street(), short).pipes.loc["p0", "silt_volume_m3"] == pytest.approx(1.902, abs=0.001)
        long = found(*[{"code": "CJ", "grade": 2, "silt_share": 0.3, "length_m": 60.0}] * 3)
        assert dr.plan_cleaning(street(), long).pipes.loc["p0", "silt_volume_m3"] == pytest.approx(12.683, abs=0.001)

    def test_a_share_of_the_area_is_a_depth_by_the_shape(self) -> None:
        """0.3 of a box is 0.3 of its height; of a circle 0.1955 is a quarter of the diameter."""
        seen = found(
            {"code": "CJ", "grade": 2, "section_loss_share": 0.1955},
            {"code": "CJ", "grade": 2, "section_loss_share": 0.3, "pipe_id": "p1"},
        )
        state = street(shape=["circular", "rectangular"], width_mm=[np.nan, 1000.0], height_mm=[np.nan, 800.0])
        assert dr.plan_cleaning(state, seen).pipes["silt_share"].tolist() == pytest.approx([0.25, 0.3], abs=1e-4)

    def test_other_defects_lie_not_on_the_bed(self) -> None:
        assert first({"code": "SG", "grade": 4, "section_loss_share": 0.6})["silt_share"] == 0.0


@given(st.floats(0.0, 1.0))
def test_the_depth_of_a_share_of_the_area_fills_that_share(area_share: float) -> None:
    full = circular_section(1000.0).area_m2
    filled = 1.0 - circular_section(1000.0, circular_silt_share(area_share)).area_m2 / full
    assert float(filled) == pytest.approx(area_share, abs=2e-6)
