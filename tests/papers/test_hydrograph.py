"""Hydrographs: the series of the engine, what is drawn of them, and what cannot be drawn."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import drainage as dr
from drainage.errors import SimulationError
from drainage.papers.drawn.axes import nice_step
from drainage.papers.hydrograph_sheet import EDGE
from tests.support import demo
from tests.support.networks import build
from tests.support.sheets import is_clean
from tests.support.small_inp import BODY, inp
from tests.support.small_inp import storm as small_storm

SVG = "{http://www.w3.org/2000/svg}text"


@cache
def town() -> dr.DrainageNetwork:
    """The part of the demo city that drains to one outfall, by way of YS1403."""
    return demo.city("2018-12-31").upstream_of("YS2502")


@pytest.fixture(scope="module")
def storms() -> list[dr.DesignStorm]:
    first = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=1, duration_min=60)
    return [first, first.with_return_period(5)]


@pytest.fixture(scope="module")
def water(storms: list[dr.DesignStorm]) -> dr.papers.WaterOverTime:
    return dr.papers.trace_water(town(), "YS1403", storms)


def test_axes_of_matplotlib_hold_the_same_series_with_the_rain_hanging(water: dr.papers.WaterOverTime) -> None:
    from matplotlib import pyplot as plt

    rain, flow, level = water.plot(lang="zh")
    low, high = rain.get_ylim()
    assert low > high == 0.0
    for one, drawn, steps in zip(water.storms, level.get_lines(), rain.patches, strict=False):
        np.testing.assert_array_equal(drawn.get_ydata(), one.level_m)
        np.testing.assert_array_equal(steps.get_data().values, one.rain_mm_h)  # type: ignore[attr-defined]  # a StepPatch
    thick = [line for line in flow.get_lines() if line.get_linewidth() > 1.0]
    np.testing.assert_array_equal(thick[1].get_ydata(), water.storms[1].inflow_m3s)
    assert level.get_xlabel() == "降雨开始后时间 (min)"
    plt.close(rain.get_figure(root=True))


class TestNumbers:
    def test_the_rain_of_a_series_is_that_of_the_storm(
        self, water: dr.papers.WaterOverTime, storms: list[dr.DesignStorm]
    ) -> None:
        for one, storm in zip(water.storms, storms, strict=True):
            assert (one.rain_mm_h * np.diff(one.rain_min) / 60.0).sum() == pytest.approx(storm.depth_mm)

    def test_levels_are_those_of_the_whole_model(
        self, water: dr.papers.WaterOverTime, storms: list[dr.DesignStorm]
    ) -> None:
        """The highest of the series, of steps of a minute, against the highest of the engine's own steps."""
        state = dr.simulate_swmm(town(), storms[-1])
        highest = float(state.nodes["level_m"].loc["YS1403"])
        assert float(water.storms[-1].level_m.max()) == pytest.approx(highest, abs=0.02)
        assert water.ground_m == town().nodes["ground_m"].loc["YS1403"]

    def test_what_enters_a_pipe_is_what_leaves_it_and_no_more_than_enters_its_node(
        self, water: dr.papers.WaterOverTime, storms: list[dr.DesignStorm]
    ) -> None:
        pipe = dr.papers.trace_water(town(), "YSL3027", storms[-1])
        assert pipe.kind == "pipe"
        assert pipe.node_id == "YS1403"
        np.testing.assert_array_equal(pipe.storms[0].inflow_m3s, pipe.storms[0].outflow_m3s)
        np.testing.assert_allclose(pipe.storms[0].outflow_m3s, water.storms[-1].outflow_m3s, atol=1e-9)

    def test_time_at_the_ground_is_counted_by_steps(self, water: dr.papers.WaterOverTime) -> None:
        rarest = water.storms[-1]
        counted = int((rarest.level_m >= water.ground_m - 0.005).sum())
        assert counted > 0
        assert water.minutes_at_ground(rarest) == pytest.approx(counted)  # of a minute each

    def test_a_level_of_a_section_at_a_time_is_that_of_the_series(self) -> None:
        state = demo.screened("2018-12-31")
        section = dr.papers.trace_section(
            town(), "YS1400", "YS1404", state=state, at_min=[40.0]
        )  # fmt: skip
        at, highest = section.grade_lines
        series = dr.papers.trace_water(town(), "YS1403", state.storm)
        k = int(np.abs(series.storms[0].minute - 40.0).argmin())
        assert at.at_min == 40.0
        assert at.level_m[3] == pytest.approx(series.storms[0].level_m[k], abs=1e-6)
        assert highest.at_min is None
        later = dr.papers.trace_section(town(), "YS1400", "YS1404", state=state, at_min=[20.0])
        assert later.grade_lines[0].level_m[3] != at.level_m[3]


class TestOwnRain:
    """Of 60 mm/h from 0:30 in intervals of 5 min: 5 mm fall, after 10 mm/h for 5 min, 0.83 mm."""

    def test_levels_are_those_of_the_model_in_its_own_rain(self, tmp_path: Path) -> None:
        net = dr.read_network(inp(tmp_path / "small.inp", REPORT_STEP="00:00:10"))
        (own,) = dr.papers.trace_water(net, "J2").storms
        assert own.storm.depth_mm == pytest.approx(10 / 12 + 60 / 12)
        assert (own.rain_mm_h * np.diff(own.rain_min) / 60.0).sum() == pytest.approx(own.storm.depth_mm)
        state = dr.simulate_swmm(net, None)
        assert own.level_m.max() == pytest.approx(state.nodes["level_m"].loc["J2"], abs=0.02)
        assert own.level_m.max() > 9.6
        given = dr.papers.trace_water(net, "J2", own.storm).storms[0]
        np.testing.assert_array_equal(given.level_m, own.level_m)

    def test_of_several_gages_it_says_which_is_drawn(self, tmp_path: Path) -> None:
        second = BODY.replace("S2 RG1", "S2 RG2").replace(
            "[SUBCATCHMENTS]", "RG2 INTENSITY 0:05 1.0 TIMESERIES TS2\n[SUBCATCHMENTS]"
        ).replace("[COORDINATES]", "TS2 0:00 30\n[COORDINATES]")  # fmt: skip
        paper = dr.papers.plot_hydrograph(dr.read_network(inp(tmp_path / "two.inp", body=second)), "J2", lang="en")
        assert any("2 gages, their mean weighted by the catchments" in remark for remark in paper.remarks)
        saved = paper.save(tmp_path / "two.svg")[0].read_text(encoding="utf-8")
        assert "2 gages" in saved

    def test_without_a_file_of_its_rain_another_rain_is_drawn_still(self, tmp_path: Path) -> None:
        lost = BODY.replace("TIMESERIES TS1", "FILE lost.dat STA MM")
        net = dr.read_network(inp(tmp_path / "lost.inp", body=lost))
        with pytest.raises(SimulationError, match=r"lost\.dat"):
            dr.papers.trace_water(net, "J2")
        assert dr.papers.trace_water(net, "J2", small_storm()).storms[0].level_m.max() > 9.5


class TestRefusals:
    def test_what_is_not_there_is_named_with_what_is_alike(self, storms: list[dr.DesignStorm]) -> None:
        with pytest.raises(dr.errors.TopologyError, match=r"no node or pipe YS14033 .* YS1403"):
            dr.papers.trace_water(town(), "YS14033", storms)

    def test_a_sewer_is_not_in_the_model_of_storm_water(self, storms: list[dr.DesignStorm]) -> None:
        sewer = demo.city("2018-12-31").of_system("sewage").pipes.index[0]
        with pytest.raises(dr.errors.SimulationError, match="carries storm and combined water"):
            dr.papers.plot_hydrograph(demo.city("2018-12-31"), sewer, storms)
        net = build(["a>b sewage", "b>c sewage"])
        with pytest.raises(dr.errors.SimulationError, match="is not in the model of EPA SWMM"):
            dr.papers.trace_water(net, "b", storms)

    def test_no_storm_and_too_many_are_refused(self, storms: list[dr.DesignStorm]) -> None:
        with pytest.raises(dr.errors.SchemaError):
            dr.papers.trace_water(town(), "YS1403", [])
        with pytest.raises(dr.errors.SchemaError, match="at most 5 storms, not of 6"):
            dr.papers.plot_hydrograph(town(), "YS1403", storms * 3)

    def test_a_minute_beyond_the_end_is_refused(self) -> None:
        state = demo.screened("2018-12-31")
        with pytest.raises(dr.errors.SchemaError, match="900 min is not within the time"):
            dr.papers.plot_section(town(), "YS1400", "YS1404", state=state, at_min=[900])
        with pytest.raises(dr.errors.SchemaError, match="needs a storm that was simulated"):
            dr.papers.plot_section(town(), "YS1400", "YS1404", at_min=[30])


class TestDrawing:
    @pytest.mark.long
    @pytest.mark.parametrize("lang", ["zh", "en"])
    @pytest.mark.parametrize("feature", ["YS1403", "YSL3027"])
    def test_every_text_is_legible_and_alone(self, feature: str, lang: str, storms: list[dr.DesignStorm]) -> None:
        paper = dr.papers.plot_hydrograph(town(), feature, storms, lang=lang)
        is_clean(paper.sheets[0], EDGE)

    def test_figures_read_back_from_svg_are_those_of_the_series(
        self, water: dr.papers.WaterOverTime, storms: list[dr.DesignStorm], tmp_path: Path
    ) -> None:
        paper = dr.papers.plot_hydrograph(town(), "YS1403", storms, lang="en")
        (path,) = paper.save(tmp_path / "h.svg")
        texts = [one.text or "" for one in ET.parse(path).iter(SVG)]  # noqa: S314 - our own
        inflows = {text for text in texts if text.startswith("inflow max")}
        assert inflows == {f"inflow max {one.inflow_m3s.max():.3g} m³/s" for one in water.storms}
        assert f"ground {water.ground_m:.2f}" in texts
        (at_ground,) = [text for text in texts if text.startswith("at the ground")]
        assert re.findall(r"\d+", at_ground)[0] == f"{water.minutes_at_ground(water.storms[-1]):.0f}"
        assert any("Synthetic demo data" in text for text in texts)


@pytest.mark.parametrize(("span", "step"), [(100.0, 25.0), (173.0, 50.0), (0.83, 0.25), (2.0, 0.5), (0.0, 1.0)])
def test_steps_of_axes_are_round(span: float, step: float) -> None:
    assert nice_step(span) == pytest.approx(step)
