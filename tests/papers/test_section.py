"""Long sections: the numbers by hand, the drawing by its texts, and what is said of what cannot be drawn."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ezdxf.filemanagement import readfile
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.papers.drawn.sheets import Line
from drainage.papers.sections.band import chainage_text
from drainage.papers.sections.scales import FRAME
from tests.support import demo
from tests.support.networks import build
from tests.support.sheets import is_clean

PLACES = {
    "a": (0.0, 0.0),
    "b": (100.0, 0.0),
    "c": (200.0, 0.0),
    "d": (300.0, 0.0),
    "x": (150.0, 80.0),
    "y": (150.0, -80.0),
}
SVG = "{http://www.w3.org/2000/svg}text"


def street(**columns: Sequence[object]) -> dr.DrainageNetwork:
    """A storm pipe a-b-c-d with a drop of 0.2 m at b; a sewer x-y passes below it between b and c."""
    given_columns: dict[str, Any] = {
        "invert_from_m": [10.0, 9.3, 8.8, 7.0],
        "invert_to_m": [9.5, 8.8, 8.3, 6.0],
        "road": ["人民路", "人民路", "磬山路", None],
        **columns,
    }
    net = build(["a>b storm 600", "b>c storm 600", "c>d storm 800", "x>y sewage 300"], places=PLACES, **given_columns)
    return net.replace(nodes=net.nodes.assign(ground_m=[12.0, 11.5, 11.2, 11.0, 12.0, 11.0]))


def band(paper: dr.papers.Paper, layer: str = "BAND") -> list[str]:
    return [one.text for sheet in paper.sheets for one in sheet.texts if one.layer == layer]


class TestNumbers:
    def test_stations_and_pipes_are_those_of_the_way(self) -> None:
        """At b: invert 9.5 in, 9.3 out; depth 11.5 - 9.3 = 2.2; crown 9.5 + 0.6 = 10.1, cover 1.4. Slope 0.5 / 100."""
        found = dr.papers.trace_section(street(), "a", "d")
        at_b = found.stations.iloc[1]
        assert found.stations["node_id"].tolist() == ["a", "b", "c", "d"]
        assert found.stations["chainage_m"].tolist() == [0.0, 100.0, 200.0, 300.0]
        assert (at_b["invert_in_m"], at_b["invert_out_m"]) == (9.5, 9.3)
        assert (at_b["invert_depth_m"], at_b["cover_m"]) == pytest.approx((2.2, 1.4))
        assert found.pipes["slope_m_per_m"].tolist() == pytest.approx([0.005, 0.005, 0.005])
        assert found.pipes["size"].tolist() == ["DN600", "DN600", "DN800"]

    def test_a_sewer_below_is_met_at_its_level_with_the_distance_of_the_walls(self) -> None:
        """Midway 6.5 and 9.05; clear 9.05 - (6.5 + 0.3) - 0.1 (0.6 + 0.3) = 2.16 m, at chainage 150 m."""
        found = dr.papers.trace_section(street(), "a", "d").crossings
        assert found.index.tolist() == ["p3"]
        row = found.iloc[0]
        assert (row["chainage_m"], row["invert_m"], row["clear_m"]) == pytest.approx((150.0, 6.5, 2.16))
        thick = dr.papers.trace_section(street(), "a", "d", wall_share=0.2).crossings
        assert thick["clear_m"].iloc[0] == pytest.approx(2.07)

    def test_levels_are_the_highest_of_each_storm(self) -> None:
        states = [demo.screened("2018-12-31")]
        found = dr.papers.trace_section(demo.city("2018-12-31"), "YS1400", "YS0632", state=states)
        expected = states[0].nodes.loc[found.stations["node_id"], "level_m"]
        np.testing.assert_array_equal(found.grade_lines[0].level_m, expected)
        assert found.provenance.engine == "screening"

    def test_against_the_flow_the_same_is_seen_from_behind(self) -> None:
        forth = dr.papers.trace_section(street(), "a", "d")
        back = dr.papers.trace_section(street(), "d", "a", against_flow=True)
        assert back.pipes["against_flow"].all()
        assert back.pipes.index.tolist() == forth.pipes.index.tolist()[::-1]
        assert back.pipes["invert_up_m"].tolist() == forth.pipes["invert_down_m"].tolist()[::-1]
        assert back.crossings["chainage_m"].tolist() == pytest.approx([150.0])
        assert "drawn against their flow" in back.remarks[-1]

    def test_an_id_that_is_written_otherwise_is_read_and_that_is_said(self) -> None:
        net = build(["N01>N02 storm", "N02>N03 storm"])
        found = dr.papers.trace_section(net, "N1", "N03", via=["n 02"])
        assert found.stations["node_id"].tolist() == ["N01", "N02", "N03"]
        assert [str(one).split(",")[0] for one in found.remarks[:2]] == [
            "there is no node N1: N01 is taken", "there is no node n 02: N02 is taken",
        ]  # fmt: skip
        assert "写法相近的 N01" in found.remarks[0].chinese
        exact = dr.papers.trace_section(net, "N01", "N03")
        assert not [one for one in exact.remarks if "is taken" in one]

    def test_of_two_ways_the_shorter_is_taken_unless_another_is_asked_for(self) -> None:
        net = build(["a>b storm", "b>d storm", "a>c storm", "c>d storm"], places=PLACES)
        net = net.replace(pipes=net.pipes.assign(length_m=[10.0, 10.0, 30.0, 30.0]))
        assert dr.papers.trace_section(net, "a", "d").length_m == 20.0
        assert dr.papers.trace_section(net, "a", "d", via=["c"]).length_m == 60.0


class TestRefusals:
    @pytest.mark.parametrize(
        ("start", "end", "message"),
        [
            ("d", "a", r"from d to a: from d it gets as far as d, 0 m; but it leads from a to d: exchange"),
            ("a", "e", r"from a it gets as far as d, 300 m; against the flow .* over 250 m: use against_flow=True"),
            ("a", "x", r"no pipes connect a and x: from a one gets as far as d, 300 m"),
            ("a", "q1", r"no node q1 in test; ids look like a, b, c"),
            ("a", "a", r"from a to itself has no length"),
        ],
    )
    def test_a_way_that_does_not_connect_says_how_far_it_gets(self, start: str, end: str, message: str) -> None:
        net = build(
            ["a>b storm", "b>c storm", "c>d storm", "e>b storm", "x>y sewage"], places={**PLACES, "e": (100.0, 50.0)}
        )
        net = net.replace(pipes=net.pipes.assign(length_m=[100.0, 100.0, 100.0, 150.0, 160.0]))
        with pytest.raises(dr.errors.TopologyError, match=message):
            dr.papers.plot_section(net, start, end)

    def test_a_way_without_any_level_cannot_be_drawn(self) -> None:
        blank = [np.nan] * 4
        net = street(invert_from_m=blank, invert_to_m=blank)
        net = net.replace(nodes=net.nodes.assign(ground_m=np.nan))
        with pytest.raises(dr.errors.SimulationError, match="no level is known along the way from a to d"):
            dr.papers.plot_section(net, "a", "d")

    @pytest.mark.parametrize(
        ("scales", "message"),
        [
            ({"along": 0}, "along = 0"),
            ({"up": float("nan")}, "up = nan"),
            ({"along": 200}, r"at 1:200 along the way the longest pipe \(100 m\)"),
            ({"up": 10}, "at 1:10 upwards"),
        ],
    )
    def test_a_scale_that_does_not_fit_is_refused(self, scales: dict[str, Any], message: str) -> None:
        with pytest.raises(dr.errors.SchemaError, match=message):
            dr.papers.plot_section(street(), "a", "d", along=scales.get("along"), up=scales.get("up"))

    def test_a_state_of_another_network_is_refused(self) -> None:
        with pytest.raises(dr.errors.SchemaError, match="has none of the nodes of the section"):
            dr.papers.plot_section(street(), "a", "d", state=demo.screened("2018-12-31"))
        city = demo.city("2018-12-31")
        with pytest.raises(dr.errors.SchemaError, match="at most 5 storms, not of 6"):
            dr.papers.plot_section(city, "YS1400", "YS1404", state=[demo.screened("2018-12-31")] * 6)


class TestDrawing:
    def test_the_band_says_the_numbers_of_the_way(self) -> None:
        texts = band(dr.papers.plot_section(street(), "a", "d", lang="en"))
        for value in ("12.00", "10.000", "9.500", "9.300", "2.20", "1.40", "5.00", "100.00", "K0+100.00", "DN600", "b"):
            assert value in texts, value
        assert texts.count("DN600") == 1  # of two pipes of one size once
        assert texts.count("人民路") == 1

    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_figures_read_back_from_svg_and_dxf_equal_the_table(self, tmp_path: Path, lang: str) -> None:
        net, state = demo.city("2018-12-31"), demo.screened("2018-12-31")
        paper = dr.papers.plot_section(net, "YS1400", "YS0632", state=state, lang=lang)
        (svg,), (dxf,) = paper.save(tmp_path / "s.svg"), paper.save(tmp_path / "s.dxf")
        tree, document = ET.parse(svg), readfile(dxf)  # noqa: S314 - our own
        read = [
            [one.text or "" for one in tree.iter(SVG) if one.get("class") == "BAND"],
            [one.dxf.text for one in document.modelspace().query("TEXT") if one.dxf.layer == "BAND"],
        ]
        pipes, nodes = net.pipes.loc[paper.content.pipes.index], net.nodes.loc[paper.content.stations["node_id"]]  # type: ignore[attr-defined]  # of a section
        expected = [
            *(f"{z:.2f}" for z in nodes["ground_m"]),
            *(f"{z:.3f}" for z in [*pipes["invert_from_m"], *pipes["invert_to_m"]]),
            *(f"{length:.2f}" for length in pipes["length_m"]),
            *map(chainage_text, [0.0, *pipes["length_m"].cumsum()]),
            *nodes.index,
        ]
        for texts in read:
            assert set(expected) <= set(texts)
        assert not document.audit().errors
        assert {"GROUND", "INVERT", "CROWN", "MANHOLE", "HGL_1", "CROSSING"} <= {
            one.dxf.name for one in document.layers
        }

    def test_the_band_says_what_overflows_in_every_storm(self) -> None:
        net, storm = demo.city("2018-12-31"), demo.screened("2018-12-31").storm
        states = [dr.screen(net, storm.with_return_period(years)) for years in (2, 5)]
        paper = dr.papers.plot_section(net, "YS1400", "YS0632", state=states, lang="en")
        texts = band(paper)
        for years, state in zip((2, 5), states, strict=True):
            assert f"Overflow P={years} a (m³)" in texts
            assert f"{state.nodes['overflow_m3']['YS1403']:,.0f}" in texts

    @pytest.mark.parametrize("lang", ["zh", "en"])
    @pytest.mark.parametrize("ends", [("YS1400", "YS0632"), ("YS0521", "WS2642")])
    def test_every_text_is_legible_and_alone(self, lang: str, ends: tuple[str, str]) -> None:
        """A short way on one sheet, and 7.3 km on many."""
        paper = dr.papers.plot_section(
            demo.city("2018-12-31"), *ends, state=demo.screened("2018-12-31"), lang=lang, project="某县排水"
        )
        for sheet in paper.sheets:
            is_clean(sheet, FRAME)

    def test_real_cities_are_drawn_as_cleanly(self, shared_networks: Path) -> None:
        """Sewers and storm pipes that cross, manholes a few metres apart, levels that are missing."""
        folder = shared_networks / "cities" / "whiterock"
        net = dr.read_network(
            {"storm": folder / "mains.geojson", "sewage": folder / "sanitary_mains.geojson"},
            nodes=folder / "manholes.geojson",
        )
        is_clean(dr.plot_section(net, "3512", "3634", lang="zh").sheets[0], FRAME)
        paper = dr.plot_section(net, "3512", "3634", lang="en")
        is_clean(paper.sheets[0], FRAME)
        assert len(paper.content.crossings) >= 9  # type: ignore[attr-defined]  # of a section
        assert any("left as gaps (3)" in remark for remark in paper.remarks)

    @given(st.lists(st.floats(1.0, 60.0), min_size=2, max_size=40), st.sampled_from([0.3, 3.0, 30.0]))
    def test_no_way_is_too_crowded(self, lengths: list[float], step: float) -> None:
        count = len(lengths)
        level = np.linspace(0.0, step, count + 1)[::-1]
        net = build(
            [f"井{k}>井{k + 1} storm 800" for k in range(count)],
            invert_from_m=level[:-1].tolist(),
            invert_to_m=(level[1:] - 0.05).tolist(),
        )
        net = net.replace(pipes=net.pipes.assign(length_m=lengths), nodes=net.nodes.assign(ground_m=level + 3.0))
        paper = dr.papers.plot_section(net, "井0", f"井{count}", lang="zh")
        for sheet in paper.sheets:
            is_clean(sheet, FRAME)
        assert set(net.nodes.index) <= set(band(paper))

    def test_the_same_way_is_drawn_alike_wherever_it_lies_and_however_it_is_sorted(self) -> None:
        net = street()
        moved = net.replace(
            pipes=net.pipes.set_geometry(net.pipes.geometry.translate(5e5, 3e6)).iloc[::-1],
            nodes=net.nodes.set_geometry(net.nodes.geometry.translate(5e5, 3e6)).iloc[::-1],
        )
        here, there = (dr.papers.plot_section(one, "a", "d") for one in (net, moved))
        assert [repr(one) for one in here.sheets[0].texts] == [repr(one) for one in there.sheets[0].texts]

    def test_scales_are_the_first_that_fit_and_are_said(self) -> None:
        def scales(**given_scales: int) -> str:
            paper = dr.papers.plot_section(
                street(), "a", "d", lang="en", along=given_scales.get("along"), up=given_scales.get("up")
            )
            return next(one.text for one in paper.sheets[0].texts if "vertical" in one.text)

        assert re.findall(r"1:(\d+)", scales()) == ["1000", "50"]
        assert "exaggeration 20×" in scales()
        assert re.findall(r"1:(\d+)", scales(along=2000, up=200)) == ["2000", "200"]

    def test_the_levels_choose_the_vertical_scale_not_the_steps_of_the_staff(self) -> None:
        """47 m at 1:500 are 93 mm; with 4 m below them and in whole steps, from -10 to 50 m, they would be 120 mm."""
        count = 24
        level = np.linspace(43.2, -1.3, count + 1)
        net = build([f"manhole-{k}>manhole-{k + 1} storm 800" for k in range(count)],
                    invert_from_m=level[:-1].tolist(), invert_to_m=level[1:].tolist())  # fmt: skip
        net = net.replace(pipes=net.pipes.assign(length_m=28.0), nodes=net.nodes.assign(ground_m=level + 2.0))
        paper = dr.papers.plot_section(net, "manhole-0", f"manhole-{count}", lang="en")
        is_clean(paper.sheets[0], FRAME)
        title = next(one.text for one in paper.sheets[0].texts if "vertical" in one.text)
        assert re.findall(r"1:(\d+)", title) == ["2000", "500"]
        staff = [float(one.text) for one in paper.sheets[0].texts if one.layer == "LEVELS"]
        assert min(staff) <= -1.4
        assert max(staff) >= 45.2
        assert "vertical exaggeration of only 4," in str(paper.remarks[-1])
        assert not [
            one for one in dr.papers.plot_section(street(), "a", "d", lang="en").remarks if "exaggeration" in one
        ]

    def test_a_long_way_stands_on_several_sheets_that_meet_at_a_manhole(self) -> None:
        paper = dr.papers.plot_section(demo.city("2018-12-31"), "YS0521", "WS2642", lang="en")
        titles = [
            next(one.text for one in sheet.texts if "sheet" in one.text and "—" in one.text) for sheet in paper.sheets
        ]
        ends = [re.match(r"(\S+) — (\S+) .*sheet (\d+) of (\d+)", title) for title in titles]
        assert all(ends)
        found = [match.groups() for match in ends if match]
        assert [one[0] for one in found[1:]] == [one[1] for one in found[:-1]]
        assert [int(one[2]) for one in found] == list(range(1, len(found) + 1))

    def test_a_pipe_without_levels_is_a_gap_that_is_said(self) -> None:
        net = street(invert_from_m=[10.0, np.nan, 8.8, 7.0], invert_to_m=[9.5, np.nan, 8.3, 6.0])
        paper = dr.papers.plot_section(net, "a", "d", lang="en")
        assert "p1 DN600: levels not known" in band(paper, "GAP")
        assert "left as gaps (1): p1" in paper.remarks[0]
        walls = [one for one in paper.sheets[0].drawn if one.layer == "WALL"]
        assert len(walls) == 4  # of two pipes

    def test_of_a_pipe_without_a_size_the_invert_is_drawn_and_nothing_leaves_the_frame_of_the_drawing(self) -> None:
        """p2 falls from 8.8 to 2.3 m; the ground at d is not known either."""
        net = street(invert_from_m=[10.0, 9.3, 8.8, 7.0], invert_to_m=[9.5, 8.8, 2.3, 6.0])
        net = net.replace(pipes=net.pipes.assign(diameter_mm=[600.0, 600.0, np.nan, 300.0]),
                          nodes=net.nodes.assign(ground_m=[12.0, 11.5, 11.2, np.nan, 12.0, 11.0]))  # fmt: skip
        paper = dr.papers.plot_section(net, "a", "d", lang="en")
        is_clean(paper.sheets[0], FRAME)
        drawn = [one for one in paper.sheets[0].drawn if isinstance(one, Line)]
        lowest = min(y for one in drawn if one.layer == "INVERT" for _, y in one.points)
        edge = max(one.points[0][1] for one in drawn if one.layer == "BAND" and one.points[0][1] == one.points[1][1])
        assert lowest > edge
        assert min(y for one in drawn if one.layer == "STATIONS" for _, y in one.points) >= edge
        assert "p2: size not known" in band(paper, "GAP")
        assert "invert (size not known)" in band(paper, "LEGEND")
        assert "pipes without a size, of which only the invert is drawn (1): p2" in paper.remarks

    def test_the_legend_has_what_is_drawn(self) -> None:
        whole = band(dr.papers.plot_section(street(), "a", "d", lang="en"), "LEGEND")
        assert {"ground", "manhole (nominal)"} <= set(whole)
        net = street()
        bare = net.replace(nodes=net.nodes.assign(ground_m=[12.0, np.nan, 11.2, np.nan, 12.0, 11.0]))
        legend = band(dr.papers.plot_section(bare, "a", "d", lang="en"), "LEGEND")
        assert "ground" not in legend  # which is drawn between neighbours
        assert "manhole (nominal)" in legend
        none = net.replace(nodes=net.nodes.assign(ground_m=np.nan))
        assert "manhole (nominal)" not in band(dr.papers.plot_section(none, "a", "d", lang="en"), "LEGEND")

    def test_levels_that_were_filled_in_stand_in_brackets(self) -> None:
        net = street()
        net = net.replace(
            pipes=net.pipes.assign(invert_from_source=["recorded", "interpolated", "recorded", "recorded"])
        )
        paper = dr.papers.plot_section(net, "a", "d", lang="en")
        assert "(9.300)" in band(paper)
        assert "were filled in" in paper.remarks[0]

    def test_pipes_in_one_place_conflict(self) -> None:
        net = street(invert_from_m=[10.0, 9.3, 8.8, 9.2], invert_to_m=[9.5, 8.8, 8.3, 9.0])
        texts = band(dr.papers.plot_section(net, "a", "d", lang="zh"), "CROSSING")
        assert texts[0] == "污水 DN300"
        assert texts[-1].startswith("标高冲突 -")

    def test_a_point_of_waterlogging_is_drawn_with_its_cause_and_depth(self) -> None:
        """The surface stands above the ground by the depth, to the vertical scale."""
        net, state = demo.city("2018-12-31"), demo.screened("2018-12-31")
        points = demo.waterlogging("2018-12-31")
        paper = dr.plot_section(net, "YS1400", "YS0632", state=state, waterlogging=points, lang="zh")
        is_clean(paper.sheets[0], FRAME)
        expected = points.tables["points"].set_index("worst_node").loc["YS1403"]
        texts = band(paper, "FLOOD")
        assert f"积水深 {expected['depth_m']:.2f} m" in texts
        assert "成因：下游瓶颈" in texts
        (surface,) = [
            one
            for one in paper.sheets[0].drawn
            if isinstance(one, Line)
            and one.layer == "FLOOD"
            and one.width_mm == 0.3
            and one.points[0][1] == one.points[1][1]
        ]
        up = int(re.findall(r"竖向 1:(\d+)", " ".join(band(paper, "TITLE")))[0])
        ground = [
            one
            for one in paper.sheets[0].drawn
            if isinstance(one, Line) and one.layer == "GROUND" and one.width_mm == 0.5
        ]
        foot = ground[2].points[-1][1]  # the third manhole from the first
        assert surface.points[0][1] - foot == pytest.approx(expected["depth_m"] * 1000.0 / up, abs=1e-6)

    def test_of_pipes_without_dates_the_day_is_not_known(self) -> None:
        assert "不详" in band(dr.papers.plot_section(street().as_of("2026-01-01"), "a", "d", lang="zh"), "BLOCK")
        city = dr.papers.plot_section(demo.city("2018-12-31"), "YS1400", "YS1404", lang="zh")
        assert "2018-12-31" in band(city, "BLOCK")

    def test_synthetic_data_say_so_on_the_sheet(self) -> None:
        paper = dr.papers.plot_section(demo.city("2018-12-31"), "YS1400", "YS1404", lang="zh")
        assert "合成演示数据，并非真实管网" in band(paper, "BLOCK")
