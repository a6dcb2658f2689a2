"""The cleaning list: runs, what cleaning each avoids, their order, and whether pipes clean themselves.

Truth: screening the whole network again with other silt recorded; by hand; and what was planted in the demo city.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_index_equal

import drainage as dr
from drainage.analyses.quality.rules import RULES
from drainage.hydraulics.velocity import LEAST_VELOCITY_M_S, part_velocity
from tests.plans.test_condition import found
from tests.support import demo
from tests.support.drains import as_plan, drain, of_engine, rain
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

X0, Y0 = 500_000.0, 3_700_000.0


def chain(
    sizes: Sequence[int], silt: Sequence[float], *, roads: Sequence[str | None] | None = None, ground: float = 12.5
) -> dr.simulation.Screening:
    """Screen pipes ``n0──n1──n2…`` of 100 m, falling 0.2 m each to 10 m at the last, 0.3 hm² at each upper end."""
    names = [f"n{k}" for k in range(len(sizes) + 1)]
    net = drain(
        [f"{a}>{b} storm {size}" for a, b, size in zip(names, names[1:], sizes, strict=False)],
        {name: 10.0 + 0.2 * (len(sizes) - k) for k, name in enumerate(names)},
        ground=ground,
        nodes={"area_ha": dict.fromkeys(names[:-1], 0.3)},
        places={name: (X0 + 100.0 * k, Y0) for k, name in enumerate(names)},
        silt_share=list(silt),
        road=list(roads or ["磬山路"] * len(sizes)),
    )
    return dr.screen(net, rain(5))


def again(state: dr.simulation.Screening, silt: Sequence[float]) -> float:
    """Overflow of the same network with other silt recorded, screened from the beginning, m³."""
    net = state.network
    other = dr.screen(net.replace(pipes=net.pipes.assign(silt_share=list(silt))), state.storm)
    return float(other.nodes["overflow_m3"].sum())


class TestAvoidedOverflow:
    def test_one_silted_run_avoids_what_waterlogging_says_of_silt(self) -> None:
        state = chain([600, 600, 600, 1200], [0.0, 0.0, 0.7, 0.0])
        points = dr.find_waterlogging(state).points
        runs = dr.plan_cleaning(state).runs
        assert len(points) == 1
        assert points["avoided_silt_m3"].iloc[0] > 10.0
        assert runs["avoided_m3"].tolist() == points["avoided_silt_m3"].tolist()
        assert runs["left_out_m3"].tolist() == points["avoided_silt_m3"].tolist()
        assert runs["pipes"].tolist() == ["p2"]
        assert runs["nodes_freed"].iloc[0] == state.nodes["overflows"].sum()
        assert set(runs["freed_nodes"].iloc[0].split(", ")) == set(state.nodes.index[state.nodes["overflows"]])

    @examples(12)
    @given(st.tuples(*[st.sampled_from([0.0, 0.3, 0.6, 0.8])] * 5))
    def test_each_run_avoids_what_a_new_screening_says(self, silt: tuple[float, ...]) -> None:
        """Every pipe on a road of its own is a run of its own."""
        roads = [f"road {k}" for k in range(5)]
        state = chain([500, 600, 500, 600, 700], silt, roads=roads)
        plan = dr.plan_cleaning(state, most_pipes_swept=10**9)
        now = again(state, silt)
        for row in plan.runs.itertuples():
            k = roads.index(str(row.road))
            alone = [0.0 if i == k else share for i, share in enumerate(silt)]
            but_one = [share if i == k else 0.0 for i, share in enumerate(silt)]
            if row.priority != "condition":
                assert row.avoided_m3 == pytest.approx(now - again(state, alone), abs=0.06)
                assert row.left_out_m3 == pytest.approx(again(state, but_one) - again(state, [0.0] * 5), abs=0.06)
            else:
                assert now - again(state, alone) < 0.5
        assert plan.summary["overflow_m3"] == pytest.approx(now, abs=0.06)
        assert plan.summary["avoided_together_m3"] == pytest.approx(now - again(state, [0.0] * 5), abs=0.12)

    def test_runs_of_parts_that_do_not_meet_are_cleaned_at_once(self) -> None:
        """Two equal chains: the gain of each is that of the chain alone."""
        silt = [0.0, 0.7, 0.0]
        alone = dr.plan_cleaning(chain([600, 600, 1200], silt)).runs["avoided_m3"].iloc[0]
        levels = {f"{c}{k}": 10.6 - 0.2 * k for c in "ab" for k in range(4)}
        pipes = [f"{c}{k}>{c}{k + 1} storm {size}" for c in "ab" for k, size in enumerate([600, 600, 1200])]
        net = drain(
            pipes,
            levels,
            ground=12.5,
            nodes={"area_ha": {name: 0.3 for name in levels if not name.endswith("3")}},
            silt_share=silt * 2,
        )
        runs = dr.plan_cleaning(dr.screen(net, rain(5))).runs
        assert runs["avoided_m3"].tolist() == pytest.approx([alone, alone])
        assert alone > 10.0

    def test_a_throat_above_a_worse_one_helps_only_together_with_it(self) -> None:
        """Clean, the upper throat lets the water through to stand above the lower one as high as before."""
        state = chain([600, 600, 600, 600, 1200], [0.0, 0.7, 0.0, 0.8, 0.0], roads=["a", "b", "c", "d", "e"])
        plan = dr.plan_cleaning(state)
        assert plan.runs[["pipes", "priority"]].to_numpy().tolist() == [["p3", "overflow"], ["p1", "with_others"]]
        upper = plan.runs.iloc[1]
        assert upper["avoided_m3"] < 0.5
        assert upper["left_out_m3"] > 50.0
        assert f"{upper['left_out_m3']:.0f} m³ come back" in upper["evidence"]
        singly, together = plan.summary[["avoided_singly_m3", "avoided_together_m3"]]
        assert singly + upper["left_out_m3"] == pytest.approx(together, abs=0.2)

    def test_silt_that_only_the_camera_saw_is_in_the_screening(self) -> None:
        recorded = dr.plan_cleaning(chain([600, 600, 600, 1200], [0.0, 0.0, 0.7, 0.0]))
        state = chain([600, 600, 600, 1200], [0.0] * 4)
        seen = dr.plan_cleaning(state, found({"pipe_id": "p2", "code": "CJ", "grade": 4, "silt_share": 0.7}))
        assert seen.runs["avoided_m3"].tolist() == recorded.runs["avoided_m3"].tolist()
        assert seen.summary["overflow_m3"] == recorded.summary["overflow_m3"] > state.nodes["overflow_m3"].sum()
        assert (seen.runs["silt_source"].iloc[0], recorded.runs["silt_source"].iloc[0]) == ("observed", "recorded")

    def test_beyond_the_limit_of_work_a_run_says_that_it_was_not_tried(self) -> None:
        state = chain([600, 600, 600, 1200], [0.0, 0.0, 0.7, 0.0])
        runs = dr.plan_cleaning(state, most_pipes_swept=1).runs
        assert runs["priority"].tolist() == ["not_tried"]
        assert np.isnan(runs["avoided_m3"].iloc[0])
        assert "not computed" in runs["evidence"].iloc[0]

    def test_another_engine_needs_its_screening(self) -> None:
        state = chain([600, 600], [0.3, 0.0])
        other = of_engine(state)
        with pytest.raises(dr.errors.SimulationError, match="screening"):
            dr.plan_cleaning(other)
        assert len(dr.plan_cleaning(other, screening=state).runs) == 1


class TestRuns:
    def test_pipes_join_on_one_road_in_one_system(self) -> None:
        """``a─b─c─d``: a break of road at c; w joins b from the sewers; e─f lies apart on the same road."""
        net = drain(
            ["a>b storm", "b>c storm", "c>d storm", "w>b sewage", "e>f storm", "b>g storm"],
            {"a": 10.4, "b": 10.3, "c": 10.2, "d": 10.1, "w": 10.4, "e": 10.4, "f": 10.3, "g": 10.2},
            ground=20.0,
            nodes={"area_ha": dict.fromkeys("ae", 0.1)},
            silt_share=[0.3] * 5 + [0.1],
            road=["x", "x", "y", "x", "x", "x"],
        )
        plan = dr.plan_cleaning(dr.screen(net, rain()))
        assert sorted(plan.runs["pipes"]) == ["p0, p1", "p2", "p3", "p4"]
        assert_index_equal(plan.pipes.index, net.pipes.index)
        assert plan.pipes["run_id"].isna().tolist() == [False] * 5 + [True]
        for name, row in plan.runs.iterrows():
            assert set(plan.pipes.index[plan.pipes["run_id"] == name]) == set(row["pipes"].split(", "))
        wider = dr.plan_cleaning(dr.screen(net, rain()), least_silt_share=0.1)
        assert "p0, p1, p5" in set(wider.runs["pipes"])

    def test_without_silt_the_list_is_empty(self) -> None:
        plan = dr.plan_cleaning(chain([300, 300], [0.0, 0.0]))
        assert len(plan.runs) == 0
        assert plan.summary[["runs", "silt_volume_m3", "avoided_together_m3"]].tolist() == [0, 0.0, 0.0]
        assert "runs to clean" in plan.explore().get_root().render()

    def test_the_order_is_overflow_then_condition(self) -> None:
        """p1 floods n1 above it; p3, p5 and p7 lie where nothing overflows: MI 8.6 before 4.6 before recorded silt."""
        roads = [f"r{k}" for k in range(8)]
        state = chain([600, 600] + [1500] * 6, [0.0, 0.7, 0.0, 0.25, 0.0, 0.0, 0.0, 0.0], roads=roads, ground=13.5)
        seen = found(
            {"pipe_id": "p5", "code": "SG", "grade": 4},
            {"pipe_id": "p7", "code": "ZW", "grade": 3},
        )
        runs = dr.plan_cleaning(state, seen).runs
        below = runs.index[runs["priority"] == "condition"]
        assert runs["pipes"].tolist()[0] == "p1"
        assert runs["priority"].tolist()[0] == "overflow"
        assert runs.loc[below, "pipes"].tolist() == ["p5", "p7", "p3"]
        assert runs["rank"].tolist() == list(range(1, len(runs) + 1))
        assert runs.index.tolist() == [f"Q{k}" for k in runs["rank"]]

    def test_each_run_says_why_in_both_languages(self) -> None:
        state = chain([600, 600, 600, 1200], [0.0, 0.0, 0.7, 0.0])
        row = dr.plan_cleaning(state, found({"pipe_id": "p2", "code": "CJ", "grade": 4})).runs.iloc[0]
        avoided = f"{row['avoided_m3']:.0f}"
        assert f"cleaned alone it avoids {avoided} of {avoided} m³ (100 %)" in row["evidence"]
        assert "up to 70% of the height (recorded)" in row["evidence"]
        assert "MI up to 8.60 (class Ⅳ)" in row["evidence"]
        assert f"单独清淤可减少溢流{avoided}/{avoided} m³（100 %）" in row["evidence_zh"]
        assert row["avoided_per_m3_silt"] == pytest.approx(row["avoided_m3"] / row["silt_volume_m3"], abs=0.01)

    def test_it_is_written_and_drawn(self, tmp_path: Path) -> None:
        plan = dr.plan_cleaning(chain([600, 600, 600, 1200], [0.0, 0.0, 0.7, 0.0]))
        runs = gpd.read_file(plan.to_file(tmp_path / "plan.gpkg"), layer="runs")
        assert runs.geom_type.tolist() == ["MultiLineString"]
        assert runs.length.tolist() == pytest.approx([100.0])
        assert plan.to_excel(tmp_path / "plan.xlsx").exists()
        assert "avoids overflow" in plan.explore().get_root().render()
        schematic = chain([600, 600, 600, 1200], [0.0, 0.0, 0.7, 0.0])
        flat = dr.plan_cleaning(dr.screen(as_plan(schematic.network), schematic.storm))
        assert flat.runs["avoided_m3"].tolist() == plan.runs["avoided_m3"].tolist()


class TestSelfCleansing:
    def test_velocities_against_the_least_ones(self) -> None:
        """DN600 at 1 ‰ (n = 0.013) 0.687 m/s < 0.75, at 2 ‰ 0.971; sewer DN300 at 3 ‰ 0.749 · 1.0393 = 0.779 ≥ 0.6."""
        net = drain(
            ["a>b storm 600", "b>c storm 600", "w>x sewage 300", "y>z sewage 300", "c>d storm 600", "d>e storm 600"],
            {"a": 12.0, "b": 11.9, "c": 11.7, "w": 12.0, "x": 11.7, "y": 12.0, "z": np.nan, "d": 11.8, "e": 11.5},
            ground=20.0,
            nodes={"area_ha": {"a": 1.0}},
        )
        pipes = dr.plan_cleaning(dr.screen(net, rain())).pipes
        assert pipes["full_velocity_m_s"].tolist()[:3] == pytest.approx([0.687, 0.971, 0.749], abs=0.001)
        assert pipes["design_velocity_m_s"].iloc[2] == pytest.approx(0.779, abs=0.001)
        assert pipes["at_risk"].tolist() == ["yes", "no", "no", "unknown", "yes", "no"]
        assert "design" in pipes["slow_at"].iloc[0]
        assert pipes["dry_flow_m3s"].isna().all()

    def test_a_sewer_of_little_flow_cannot_clean_itself(self) -> None:
        """31.0 L/s fill DN300 at 3 ‰ to 0.55 and run 0.779 m/s; 1 L/s runs 0.749 · v/v_full at Q/Q_full = 0.0189."""
        levels = {"a": 12.0, "b": 11.7, "w": 12.0, "x": 11.7, "y": 11.4}
        net = drain(
            ["a>b storm 600", "w>x sewage 300", "x>y sewage 300"],
            levels,
            ground=20.0,
            nodes={"area_ha": {"a": 1.0}, "inflow_m3s": {"w": 0.001, "x": 0.0300}},
        )
        pipes = dr.plan_cleaning(dr.screen(net, rain())).pipes
        assert pipes["dry_flow_m3s"].tolist()[1:] == pytest.approx([0.001, 0.031])
        assert pipes["dry_velocity_m_s"].iloc[2] == pytest.approx(0.779, abs=0.001)
        assert pipes["dry_velocity_m_s"].iloc[1] < 0.4
        assert pipes["slow_at"].tolist() == ["", "dry", ""]

    def test_a_frequent_storm_is_less_than_a_rare_one(self) -> None:
        state = chain([1200, 1200], [0.0, 0.0])
        often, seldom = (
            dr.plan_cleaning(state, frequent_return_period_a=p).pipes["frequent_velocity_m_s"] for p in (0.5, 5.0)
        )
        assert (often < seldom).all()
        storm = dr.plan_cleaning(state).pipes["storm_velocity_m_s"]
        assert seldom.tolist() == storm.tolist()

    def test_observed_rain_has_no_frequent_storm(self) -> None:
        observed = dr.hydraulics.ObservedStorm(np.array([0.0, 60.0]), np.array([20.0]), "a gauge")
        state = chain([600, 600], [0.3, 0.0])
        plan = dr.plan_cleaning(dr.screen(state.network, observed))
        assert plan.pipes["frequent_velocity_m_s"].isna().all()
        assert "observed rain" in plan.summary["assumptions"]["frequent_flow"]

    def test_part_velocity_is_that_of_the_part_full_circle(self) -> None:
        """h/D 0.55 → Q/Q0 0.5857, v/v0 1.0393; 0.75 → 0.9119, 1.1335 (tables of the circle)."""
        assert part_velocity([0.5857, 0.9119, 3.0], 1.0, 2.0).tolist() == pytest.approx([2.0786, 2.267, 2.0], abs=2e-4)
        assert np.isnan(part_velocity(0.1, 0.0, 0.0))

    def test_the_least_velocities_are_those_of_the_quality_rule(self) -> None:
        limits = RULES["low_velocity"].limits
        assert limits["sewage_m_per_s"] == LEAST_VELOCITY_M_S["sewage"]
        assert limits["storm_m_per_s"] == LEAST_VELOCITY_M_S["storm"] == LEAST_VELOCITY_M_S["combined"]


@pytest.mark.parametrize(
    ("keywords", "told"),
    [({"least_silt_share": 0.0}, "least_silt_share"), ({"frequent_return_period_a": 0.0}, "frequent_return_period_a")],
)
def test_parameters_that_cannot_be_meant_are_refused(keywords: dict[str, float], told: str) -> None:
    with pytest.raises(dr.errors.SimulationError, match=told):
        dr.plan_cleaning(chain([600], [0.3]), **keywords)  # type: ignore[arg-type]  # one keyword at a time


def test_the_planted_silt_of_the_demo_city_is_found() -> None:
    """Three reaches of 9, 7 and 6 pipes were silted to 0.6; the engine spills 964, 666 and 363 m³ there."""
    net = demo.city("2018-12-31")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    plan = dr.plan_cleaning(dr.screen(net, storm))
    assert plan.runs["road"].tolist() == ["磬山路", "育才路", "创业路"]
    assert plan.runs["pipe_count"].tolist() == [9, 7, 6]
    assert plan.runs["priority"].tolist() == ["overflow"] * 3
    for avoided, spilled in zip(plan.runs["avoided_m3"], [964, 666, 363], strict=True):
        assert 0.6 * spilled < avoided < 1.6 * spilled
    assert plan.notice is not None
