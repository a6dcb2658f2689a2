"""What a city's columns and codes mean, where they were once misread without a word.

Truth: by hand. Every network is a row of pipes of 40 m between manholes A1, A2, …, at 25 m above datum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import drainage as dr
from drainage.formats.inp.edit.section_rows import section_rows
from drainage.hydraulics.manning import pipe_sections
from drainage.schema import Issues
from drainage.schema.codes import MEANINGS
from drainage.schema.columns import understand_columns
from drainage.schema.issues import RowNames
from drainage.schema.text.by_words import find_by_words
from drainage.schema.text.default_days import forget_default_days
from drainage.schema.text.placeholders import forget_placeholders, odd_sizes
from tests.support.drains import full_flow

if TYPE_CHECKING:
    from pathlib import Path

E, N = 551040.0, 3712000.0


def lines(n: int, /, crs: Any = 4548, step: Any = 40.0, **columns: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - cells of any type
    """Draw a row of n pipes, A1 → A2 → …; ``from_node=None`` leaves a column out."""
    x = E + step * np.arange(n + 1)
    table = {
        "pipe_id": [f"P{i + 1}" for i in range(n)],
        "from_node": [f"A{i + 1}" for i in range(n)],
        "to_node": [f"A{i + 2}" for i in range(n)],
        "diameter_mm": 600.0,
        **columns,
    }
    drawn = [shapely.LineString([(x[i], N), (x[i + 1], N)]) for i in range(n)]
    return gpd.GeoDataFrame({k: v for k, v in table.items() if v is not None}, geometry=drawn, crs=crs)


def points(n: int, crs: Any = 4548, **columns: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - likewise
    table = {"node_id": [f"A{i + 1}" for i in range(n)], "ground_m": 25.0 + 0.01 * np.arange(n), **columns}
    places = [shapely.Point(E + 40 * i, N) for i in range(n)]
    return gpd.GeoDataFrame({k: v for k, v in table.items() if v is not None}, geometry=places, crs=crs)


def reasons(net: dr.DrainageNetwork, code: str, severity: str | None = None) -> list[str]:
    here = net.issues["code"] == code
    if severity is not None:
        here &= net.issues["severity"] == severity
    return (net.issues["reason"] + " → " + net.issues["action"])[here].tolist()


class TestSystems:
    def test_a_column_of_systems_is_read_whatever_its_name(self, tmp_path: Path) -> None:
        lines(4, Sort_of=["STORM", "STORM", "COMBINED", "Combined"]).to_file(tmp_path / "p.gpkg")
        net = dr.read_network({"storm": tmp_path / "p.gpkg"})
        assert net.pipes["system"].tolist() == ["storm", "storm", "combined", "combined"]
        assert len(reasons(net, "system_by_file", "warning")) == 2
        assert "STORM 2, COMBINED 1, Combined 1" in reasons(net, "column_by_words")[0]

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("x", ["雨", "污"]),
            ("x", ["Sanitary", "Storm Drain"]),
            ("sewer_kind", ["SS", "SD"]),
            ("Netz", ["Regenwasser", "Schmutzwasser"]),
        ],
    )
    def test_in_other_languages_and_abbreviations(self, name: str, values: list[str]) -> None:
        net = dr.as_network(lines(2, **{name: values}))
        assert set(net.pipes["system"]) == {"storm", "sewage"}

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("x", ["SAN", "STM", "SAN", "FM"]),  # one word is not known
            ("x", ["SS", "SD", "SS", "SD"]),  # stainless steel, say
            ("LINE_TYPE", ["SS", "SD", "FM", "SS"]),
        ],
    )
    def test_a_column_that_may_be_one_is_asked_about(self, name: str, values: list[str]) -> None:
        net = dr.as_network(lines(4, **{name: values}))
        assert set(net.pipes["system"]) == {"unknown"}
        (asked,) = reasons(net, "unread_column", "warning")
        assert f'[pipes] system = "{name}"' in asked
        assert f"{values[0]} {values.count(values[0])}" in asked

    @pytest.mark.parametrize(
        ("name", "values"),
        [("drains_to", ["STORM", "COMBINED"]), ("code", ["1", "2"]), ("owner", ["Storm", "Sanitary"])],
    )
    def test_other_columns_are_not_taken_for_one(self, name: str, values: list[str]) -> None:
        assert set(dr.as_network(lines(2, **{name: values})).pipes["system"]) == {"unknown"}

    def test_a_name_of_the_catalogue_whose_values_are_none_gives_way(self) -> None:
        pipes = lines(2, pipe_system=["gravity", "pressure"], use=["STORM", "SANITARY"])
        assert dr.as_network(pipes).pipes["system"].tolist() == ["storm", "sewage"]

    def test_nodes_tell_theirs_by_words_too(self) -> None:
        nodes = points(3, body=["MANHOLE", "CATCHBASIN", "OUTFALL"], Net=["STORM", "STORM", "STORM"])
        net = dr.as_network(lines(2), nodes=nodes)
        assert net.nodes["kind"].tolist() == ["manhole", "inlet", "outfall"]
        assert net.nodes["system"].tolist() == ["storm"] * 3


class TestOneColumnForTwo:
    MAPPING = """[pipes]
system = "sort"
status = "sort"
[codes.system]
"Future Sanitary" = "sewage"
[codes.status]
"Future Sanitary" = "planned"
"Storm" = "in_use"
"""

    def test_serves_both(self, tmp_path: Path) -> None:
        (tmp_path / "m.toml").write_text(self.MAPPING, encoding="utf-8")
        pipes = lines(4, sort=["Storm", "Storm", "Future Sanitary", "Future Sanitary"])
        net = dr.as_network(pipes, mapping=tmp_path / "m.toml")
        assert net.pipes["system"].tolist() == ["storm", "storm"]
        assert net.layers["inactive"]["system"].tolist() == ["sewage", "sewage"]
        assert net.layers["inactive"]["status"].tolist() == ["planned", "planned"]

    def test_and_each_is_filled_from_its_own_others(self) -> None:
        pipes = lines(2, both=[800.0, np.nan], only_width=[None, 500.0], only_height=[None, 700.0], shape="box")
        columns = {"width_mm": ["both", "only_width"], "height_mm": ["both", "only_height"]}
        net = dr.as_network(pipes.drop(columns="diameter_mm"), columns=columns)
        assert net.pipes["width_mm"].tolist() == [800.0, 500.0]
        assert net.pipes["height_mm"].tolist() == [800.0, 700.0]


class TestPlaceholders:
    def test_a_manhole_without_depth_has_no_invert_at_its_cover(self) -> None:
        nodes = points(6, kind="manhole", depth_m=[3.1, 0.0, 0.0, 0.0, 4.1, 0.0])
        net = dr.as_network(lines(5, system="storm"), nodes=nodes)
        assert np.isnan(net.nodes["invert_m"]).tolist() == [False, True, True, True, False, True]
        assert reasons(net, "placeholder", "warning") == ["4 values of depth_m are placeholders (0) → taken as unknown"]

    def test_depths_of_zero_among_shallow_inlets_are_true_and_among_manholes_not(self) -> None:
        kind = ["manhole"] * 6 + ["inlet"] * 6
        nodes = points(12, kind=kind, depth_m=[2.1, 1.9, 2.4, 0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3, 0.0, 0.4])
        net = dr.as_network(lines(11, system="storm"), nodes=nodes)
        assert (net.nodes["depth_m"] == 0).tolist() == [False] * 6 + [True] + [False] * 3 + [True, False]

    @pytest.mark.parametrize(
        ("column", "values", "unknown"),
        [
            ("depth_m", [1.2, 2.3, 2.8, 1.9, 99.0], {99.0}),
            ("depth_m", [1.2, 2.3, 2.8, 1.9, 9.99], {9.99}),
            ("depth_m", [1.2, 2.3, 2.8, 1.9, -1.0], {-1.0}),
            ("depth_from_m", [1.2, 2.3, 0.0, 1.9, 2.0], {0.0}),
            ("depth_m", [0.0, 0.0, 0.0], {0.0}),
            ("ground_m", [20.1, 21.3, 22.4, 20.9, 999.0], {999.0}),
            ("ground_m", [20.1, 21.3, 22.4, 20.9, 99.99], {99.99}),
            ("ground_m", [20.1, 21.3, 22.4, 20.9, 99.0, 99.0, 99.0], {99.0}),
            ("ground_m", [0.0, 0.0, 0.0], {0.0}),
            ("invert_m", [20.1, 21.3, 22.4, 0.0, 0.0, 0.0], {0.0}),
            ("length_m", [20.0, 35.0, 0.0, 40.0], {0.0}),
            ("length_m", [20.0, 35.0, 9999.0, 40.0], {9999.0}),
            ("manning_n", [0.013, 0.0, 0.013], {0.0}),
            ("width_m", [7.0, 12.0, 0.0], {0.0}),
            # true values
            ("ground_m", [998.7, 999.0, 999.4, 1001.2, 997.9, 1003.0], set()),
            ("length_m", [20.0, 35.0, 99.0, 40.0, 31.0], set()),
            ("length_m", [12.0, 400.0, 1200.0, 999.0, 990.0, 1010.0, 700.0], set()),
            ("depth_m", [1.2, 2.3, 2.8, 1.9, 9.0], set()),
            ("ground_m", [1.2, 0.4, 0.0, 2.2, 1.9, 0.2], set()),
            ("depth_m", [0.0, 0.1, 0.2, 0.0, 0.3, 0.6], set()),
            ("area_ha", [0.0, 1.0, 2.0], set()),
        ],
    )
    def test_a_number_that_stands_apart_is_unknown(self, column: str, values: list[float], unknown: set[float]) -> None:
        issues = Issues()
        read = np.array(values)
        kept = forget_placeholders(read, column, "node", RowNames(None, len(values)), issues)
        assert set(read[np.isnan(kept)]) == unknown
        assert bool(len(issues.frame())) == bool(unknown)

    def test_thresholds_are_metres_whatever_the_unit(self) -> None:
        feet = np.array([4.0, 5.0, 6.0, 7.0, 8.0, 0.0])  # 1.2 to 2.4 m: not high above zero
        kept = forget_placeholders(feet, "ground_m", "node", RowNames(None, 6), Issues(), metres=0.3048)
        assert kept[-1] == 0.0
        assert np.isnan(forget_placeholders(feet, "ground_m", "node", RowNames(None, 6), Issues())[-1])

    @pytest.mark.parametrize(
        ("values", "odd"),
        [
            ([300.0, 450.0, 600.0, 1000.0, 800.0, 999.0], {999.0}),
            ([300.0, 450.0, 600.0, 1000.0, 800.0, 99.0], {99.0}),
            ([0.3, 0.45, 0.6, 1.0, 0.8, 9.99], {9.99}),
            ([12.0, 15.0, 18.0, 24.0, 36.0, 99.0], {99.0}),
            ([12.0, 15.0, 18.0, 24.0, 36.0, 48.0], set()),
        ],
    )
    def test_sizes_that_nobody_makes_are_unknown(self, values: list[float], odd: set[float]) -> None:
        assert set(np.array(values)[odd_sizes(np.array(values))]) == odd

    def test_a_size_of_99_does_not_make_millimetres_of_metres(self) -> None:
        net = dr.as_network(lines(6, diameter_mm=None, dn=[0.3, 0.45, 0.6, 1.0, 0.8, 99.0]))
        assert net.pipes["diameter_mm"].dropna().tolist() == [300.0, 450.0, 600.0, 1000.0, 800.0]

    def test_zeros_of_a_flat_town_are_unknown_where_none_but_they_are_low(self) -> None:
        rng = np.random.default_rng(7)
        ground = np.round(2.0 + 1.2 * rng.random(30), 2)
        true = ground.copy()
        ground[[4, 9, 15, 22]] = 0.0
        net = dr.as_network(lines(29, system="storm"), nodes=points(30, ground_m=ground))
        assert np.isnan(net.nodes["ground_m"]).sum() == 4
        np.testing.assert_allclose(net.nodes["ground_m"].dropna(), true[ground > 0])
        assert len(reasons(net, "placeholder", "warning")) == 1

    def test_and_true_where_the_town_lies_about_zero(self) -> None:
        ground = np.round(np.linspace(-0.5, 0.6, 30), 1)
        net = dr.as_network(lines(29, system="storm"), nodes=points(30, ground_m=ground))
        assert net.nodes["ground_m"].notna().all()


class TestStatus:
    def test_codes_of_pipes_out_of_use_are_known(self) -> None:
        words = ["ACT", "REM", "ABA", "PRP", "DISPOSED", "UNDCONS", "已拆除", "未使用", "预留"]
        net = dr.as_network(lines(9, system="storm", LIFECYCLE=words))
        assert net.pipes.index.tolist() == ["P1"]
        assert len(net.layers["inactive"]) == 8

    def test_an_unknown_code_is_counted_and_the_line_of_a_mapping_given(self) -> None:
        net = dr.as_network(lines(4, system="storm", status=["ACT", "XQ7", "XQ7", "ZZ"]))
        assert len(net.pipes) == 4
        (said,) = reasons(net, "unknown_code", "warning")
        assert "XQ7 2, ZZ 1" in said
        assert '[codes.status] "XQ7" = "abandoned"; "ZZ" = "abandoned"' in said

    def test_abandoned_manholes_are_set_aside_but_not_under_pipes_in_use(self) -> None:
        nodes = points(4, status=["in use", "abandoned", "ACT", "REM"])
        net = dr.as_network(lines(2, system="storm"), nodes=nodes)
        assert net.nodes.index.tolist() == ["A1", "A2", "A3"]
        assert net.layers["inactive_nodes"].index.tolist() == ["A4"]
        assert net.issues.loc[net.issues["code"] == "inactive_node", "feature_id"].tolist() == ["A2"]
        assert net.pipes["to_node"].tolist() == ["A2", "A3"]

    def test_a_status_is_read_by_its_words_but_not_where_nothing_is_left(self) -> None:
        assert len(dr.as_network(lines(3, tag_of=["Active", "Active", "Abandoned"])).pipes) == 2
        net = dr.as_network(lines(3, tag_of=["Proposed"] * 3))
        assert len(net.pipes) == 3
        assert "Proposed 3" in reasons(net, "unread_column", "warning")[0]


def capacity(net: dr.DrainageNetwork) -> np.ndarray:
    pipes = net.pipes
    section = pipe_sections(
        pipes["shape"].to_numpy(dtype=object), pipes["diameter_mm"], pipes["width_mm"], pipes["height_mm"]
    )
    return full_flow(section, 0.0025, 0.014)


class TestShapes:
    def test_a_side_that_is_missing_is_the_diameter(self) -> None:
        """Egg and box of 400 × 600: 0.153 and 0.216 m³/s at 0.25 %, a circle of 400 carries 0.097."""
        sizes = {
            "shape": ["circular", "egg", "egg", "rectangular", "rectangular"],
            "diameter_mm": [400.0, 400.0, np.nan, 400.0, np.nan],
            "width_mm": [np.nan, np.nan, 400.0, np.nan, 400.0],
            "height_mm": [np.nan, 600.0, 600.0, 600.0, 600.0],
        }
        flow = capacity(dr.as_network(lines(5, system="storm", **sizes)))
        assert flow[1] == pytest.approx(flow[2])
        assert flow[3] == pytest.approx(flow[4])
        assert flow[1] > 1.5 * flow[0]
        assert flow[3] > 2 * flow[0]

    def test_one_side_of_an_egg_is_enough(self) -> None:
        pipes = lines(2, shape="Eiprofil", diameter_mm=None, width_mm=[400.0, None], height_mm=[None, 600.0])
        net = dr.as_network(pipes)
        assert net.pipes["height_mm"].tolist() == pytest.approx([600.0, 600.0])
        assert net.pipes["width_mm"].tolist() == pytest.approx([400.0, 400.0])

    @pytest.mark.parametrize(
        ("word", "ours"),
        [
            ("蛋形", "egg"), ("ovoïde", "egg"), ("EGG", "egg"), ("箱涵", "rectangular"), ("dalot", "rectangular"),
            ("RECT_CLOSED", "rectangular"), ("Kreisprofil", "circular"), ("CIRC", "circular"), ("马蹄形", "horseshoe"),
            ("ARCH", "arch"), ("HORIZ_ELLIPSE", "elliptical"), ("Maulprofil", "other"), ("3351", "egg"),
        ],
    )  # fmt: skip
    def test_words_of_shapes(self, word: str, ours: str) -> None:
        net = dr.as_network(lines(1, shape=word, width_mm=800.0, height_mm=600.0, diameter_mm=None))
        assert net.pipes["shape"].tolist() == [ours]

    def test_an_ellipse_is_measured_as_one(self) -> None:
        net = dr.as_network(lines(1, shape="ellipse", width_mm=800.0, height_mm=600.0, diameter_mm=None))
        area = pipe_sections(net.pipes["shape"].to_numpy(object), [np.nan], [800.0], [600.0]).area_m2
        assert area[0] == pytest.approx(np.pi / 4 * 0.8 * 0.6)

    def test_horseshoes_and_arches_are_measured_as_the_engine_does(self) -> None:
        """SWMM: horseshoe A = 0.8293 h², R = 0.2538 h; arch A = 0.7879 w h, R = 0.2991 h."""
        section = pipe_sections(["horseshoe", "arch"], [np.nan] * 2, [1000.0, 1600.0], [1000.0, 1000.0])
        assert section.area_m2.tolist() == pytest.approx([0.8293, 0.7879 * 1.6])
        assert section.hydraulic_radius_m.tolist() == pytest.approx([0.2538, 0.2991])
        pipes = dr.as_network(
            lines(2, shape=["horseshoe", "arch"], width_mm=[None, 1600.0], height_mm=1000.0, diameter_mm=None)
        ).pipes
        rows = section_rows(pipes).rows
        assert rows[["shape", "geom1"]].to_numpy().tolist() == [["HORSESHOE", "1"], ["ARCH", "1"]]
        assert rows["geom2"].tolist()[1] == "1.6"

    def test_what_is_measured_as_another_shape_is_said(self) -> None:
        net = dr.as_network(lines(2, shape=["trapezoid", "irregular"], width_mm=800.0, height_mm=600.0))
        assert len(reasons(net, "shape_measured_as", "warning")) == 2

    def test_what_cannot_be_measured_is_said(self) -> None:
        net = dr.as_network(lines(3, shape=["egg", "box", "circular"]))
        said = reasons(net, "shape_without_sides", "warning")
        assert [text.split(" and")[0] for text in said] == ["1 pipes are egg", "1 pipes are rectangular"]

    def test_a_circle_of_two_sizes_is_said(self) -> None:
        net = dr.as_network(lines(2, height_mm=[900.0, 600.0]))
        assert net.issues.loc[net.issues["code"] == "shape_contradicts_sizes", "feature_id"].tolist() == ["P1"]


class TestOtherPrograms:
    def test_giswater(self) -> None:
        table = lines(4, pipe_id=None, from_node=None, to_node=None, diameter_mm=None).assign(
            arc_id=["a", "b", "c", "d"], node_1=["A1", "A2", "A3", "A4"], node_2=["A2", "A3", "A4", "A5"],
            sys_elev1=[22.0, 21.9, 21.8, 21.7], sys_elev2=[21.9, 21.8, 21.7, 21.6], fluid_type=["Storm"] * 4,
            cat_geom1=[0.6, 0.6, 0.5, 0.5], cat_geom2=[0.0, 0.0, 0.4, 0.0],
            cat_shape=["CIRCULAR", "CIRCULAR", "RECT_CLOSED", "CIRCULAR"],
            state=[1, 1, 1, 0], gis_length=40.0, builtdate="2019-05-01", matcat_id="Concret",
        )  # fmt: skip
        nodes = points(5, ground_m=None, sys_top_elev=25.0, sys_elev=21.5, sys_ymax=3.5)
        nodes["node_type"] = ["MANHOLE", "MANHOLE", "MANHOLE", "OUTFALL", "WWTP"]
        net = dr.as_network(table, nodes=nodes)
        assert net.pipes.index.tolist() == ["a", "b", "c"]
        assert net.layers["inactive"].index.tolist() == ["d"]
        assert net.pipes["diameter_mm"].tolist()[:2] == [600.0, 600.0]
        assert [net.pipes[f"{side}_mm"].iloc[2] for side in ("width", "height")] == [400.0, 500.0]
        assert net.pipes["invert_to_m"].tolist() == [21.9, 21.8, 21.7]
        assert net.nodes["kind"].tolist() == ["manhole", "manhole", "manhole", "outfall", "works"]
        assert net.nodes["ground_m"].tolist() == [25.0] * 5

    def test_a_state_of_zero_elsewhere_is_not_known(self) -> None:
        net = dr.as_network(lines(2, state=[0, 1]))
        assert len(net.pipes) == 2
        assert "0 1, 1 1" in reasons(net, "unknown_code", "warning")[0]

    @pytest.mark.parametrize(
        ("names", "ours"),
        [
            ("haltnam schoben schunten hoehe breite laenge sohleoben sohleunten",
             "pipe_id from_node to_node height_mm width_mm length_m invert_from_m invert_to_m"),
            ("OBJECTID MUID FROMNODE TONODE UPLEVEL DWLEVEL", "- pipe_id from_node to_node invert_from_m invert_to_m"),
            ("us_node_id ds_node_id us_invert ds_invert conduit_width conduit_height conduit_length",
             "from_node to_node invert_from_m invert_to_m width_mm height_mm length_m"),
            ("INLETNODE OUTLETNODE GEOM1 GEOM2", "from_node to_node height_mm width_mm"),
            ("rp_from_level rp_to_level ws_status clear_height", "invert_from_m invert_to_m status height_mm"),
            ("idcana idnini idnterm zamont zaval", "pipe_id from_node to_node invert_from_m invert_to_m"),
            ("KN1_IDE KN2_IDE BOB_KN1 BOB_KN2", "from_node to_node invert_from_m invert_to_m"),
        ],
    )  # fmt: skip
    def test_names_of_tables(self, names: str, ours: str) -> None:
        read = {u.source: u.column for u in understand_columns("pipes", names.split(), place="test")}
        assert read == {name: our for name, our in zip(names.split(), ours.split(), strict=True) if our != "-"}


class TestDates:
    def test_pipes_of_1970_are_no_finding(self) -> None:
        net = dr.as_network(lines(3, system="storm", install_year=[1970, 1970, 1970]))
        assert net.pipes["commissioned"].dt.year.tolist() == [1970] * 3
        assert "early_date" not in set(dr.check_quality(net).findings["rule"])

    @pytest.mark.parametrize("dtype", ["datetime64[ms]", "str"])
    def test_the_first_day_of_unix_is_a_placeholder(self, dtype: Literal["datetime64[ms]", "str"]) -> None:
        dates = pd.Series(["1970-01-01", "1970-01-01", "2011-06-05"]).astype(dtype)
        net = dr.as_network(lines(3, system="storm", install_date=dates))
        assert net.pipes["commissioned"].isna().tolist() == [True, True, False]
        assert "2 values of commissioned are placeholders (1970-01-01)" in reasons(net, "placeholder", "warning")[0]

    def test_but_not_among_years_written_as_their_first_day(self) -> None:
        dates = pd.Series(pd.to_datetime(["1969-01-01", "1970-01-01", "1971-01-01"]))
        assert forget_default_days(dates, dates, "commissioned", Issues()).notna().all()


class TestUnits:
    def test_a_name_that_says_metres_means_metres(self) -> None:
        pipes = lines(2, crs=2284, step=150.0, diameter_mm=None, **{
            "管径(mm)": 600, "起点管底高程(m)": [19.8, 19.6], "终点管底高程（米）": [19.6, 19.4], "length_m": 45.7,
            "depth_from_m": 2.0, "us_ground": None,
        })  # fmt: skip
        net = dr.as_network(pipes)
        assert net.pipes["invert_from_m"].tolist() == [19.8, 19.6]
        assert net.pipes["invert_to_m"].tolist() == [19.6, 19.4]
        assert net.pipes["length_m"].tolist() == [45.7, 45.7]
        assert net.pipes["depth_from_m"].tolist() == [2.0, 2.0]
        assert not reasons(net, "unit_of_crs")

    def test_plain_names_count_in_the_unit_of_the_crs_and_that_is_said(self) -> None:
        pipes = lines(2, crs=2284, step=150.0, UPELEV=[19.8, 19.6], DOWN_ELEV_M=[5.9, 5.8], LENGTH=150.0)
        net = dr.as_network(pipes)
        assert net.pipes["invert_from_m"].tolist() == pytest.approx([19.8 * 0.3048006, 19.6 * 0.3048006])
        assert net.pipes["invert_to_m"].tolist() == [5.9, 5.8]
        unit = {u.column: u.unit for u in net.origin.columns["pipes: pipes"]}
        assert (unit["invert_from_m"], unit["invert_to_m"], unit["length_m"]) == ("ft (CRS)", "m", "ft (CRS)")
        assert set(net.issues.loc[net.issues["code"] == "unit_of_crs", "feature_id"]) == {"UPELEV", "LENGTH"}

    @pytest.mark.parametrize(
        ("name", "metres"),
        [("RIM_FT", 3.048), ("Rim (feet)", 3.048), ("地面高程(英尺)", 3.048), ("地面高程米", 10.0), ("RIM_m", 10.0)],
    )
    def test_names_of_units(self, name: str, metres: float) -> None:
        nodes = points(3, ground_m=None, **{name: [10.0, 10.5, 11.0]})
        assert dr.as_network(lines(2), nodes=nodes).nodes["ground_m"].iloc[0] == pytest.approx(metres)

    def test_a_unit_at_the_end_of_the_name_of_an_id_is_none(self) -> None:
        read = {u.source: u.column for u in understand_columns("pipes", ["FROM_IN", "LENGTH_IN"], place="test")}
        assert read == {"LENGTH_IN": "length_m"}

    def test_a_table_of_lines_counts_in_the_unit_of_its_points(self, tmp_path: Path) -> None:
        places = points(3, crs=2284, ground_m=None, ground=[82.0, 82.0, 82.0])
        places.to_file(tmp_path / "nodes.gpkg")
        (tmp_path / "lines.csv").write_text("from_node,to_node,upelev,downelev\nA1,A2,70,69\nA2,A3,69,68\n")
        net = dr.read_network(tmp_path / "lines.csv", nodes=tmp_path / "nodes.gpkg")
        assert net.pipes["invert_from_m"].tolist() == pytest.approx([70 * 0.3048006, 69 * 0.3048006])

    def test_a_side_table_counts_in_the_unit_of_its_layer(self, tmp_path: Path) -> None:
        lines(2, crs=2284, step=150.0).to_file(tmp_path / "p.gpkg")
        (tmp_path / "levels.csv").write_text("pipe_id,upelev,downelev\nP1,70,69\nP2,69,68\n")
        net = dr.read_network({"storm": tmp_path / "p.gpkg", "inverts": tmp_path / "levels.csv"})
        assert net.pipes["invert_from_m"].tolist() == pytest.approx([70 * 0.3048006, 69 * 0.3048006])


def test_two_columns_that_differ_are_not_taken_for_the_same() -> None:
    table = pd.DataFrame({"one": ["STORM", "STORM"], "two": ["SANITARY", "SANITARY"]})
    assert find_by_words(table, ["system"], ["one", "two"], MEANINGS) == {}


class TestWholeColumnsOfZeros:
    def test_a_box_of_nothing_by_nothing_is_no_box(self) -> None:
        net = dr.as_network(lines(3, diameter_mm="0×0", system="storm"))
        assert net.pipes[["width_mm", "height_mm"]].isna().all(axis=None)
        assert reasons(net, "value_out_of_range", "error")

    def test_ids_that_a_spreadsheet_made_fractions_are_those_of_the_points(self) -> None:
        table = lines(3, system="storm").assign(from_node=["1.0", "2.0", "3.0"], to_node=["2.0", "3.0", "4.0"])
        net = dr.as_network(table, nodes=points(4).assign(node_id=["1", "2", "3", "4"]))
        assert net.nodes.index.tolist() == ["1", "2", "3", "4"]

    def test_an_empty_layer_of_nodes_is_none(self) -> None:
        net = dr.as_network(lines(3, system="storm"), nodes=points(4).iloc[:0])
        assert len(net.nodes) == 4
