"""The page of a report, of two, and of a network in twelve rains: on the small town with a drain that is too small."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import drainage as dr
from drainage.errors import FormatError, NotKnownError, SchemaError
from drainage.hydraulics.storm_of_depth import StormOfDepth
from drainage.network import DrainageNetwork
from drainage.publication import Imprint, PublicPage, page_of_network, page_of_report
from drainage.publication.by_stretch import Water
from drainage.publication.published import MARK, MOST_DAYS, _told, days_of_works
from drainage.publication.rains import rain_of
from drainage.report.directory import Report
from tests.support.drains import rain
from tests.support.streets import CRS, X0, Y0, flooded_town

FORMULA = dr.read_storm_formula("demo")
MADE = Imprint(made=dt.date(2026, 11, 29))
SIGNS = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def classes(signs: str, count: int) -> list[int]:
    return [SIGNS.index(sign) for sign in signs.ljust(count, ".")]


def told(page: PublicPage) -> dict[str, Any]:
    return dict(page.contents)


def built_anew(net: DrainageNetwork, day: str, *, diameter_mm: float = 1500.0) -> DrainageNetwork:
    """Give the town with a larger drain in the same trench from a day on, in place of the old one."""
    old, new = net.pipes, net.pipes
    old["abandoned"] = new["commissioned"] = pd.Timestamp(day)
    new["diameter_mm"] = diameter_mm
    new.index = new.index.map(lambda name: f"{name}-new").rename("pipe_id")
    return DrainageNetwork(pd.concat([old, new]), net.nodes, layers=net.layers)


@pytest.fixture(scope="module")
def report() -> Report:
    return dr.analyze(flooded_town(), storm=rain(5.0))


def test_a_network_without_days_has_no_date_that_nobody_gave() -> None:
    assert told(page_of_network(flooded_town(), FORMULA, imprint=MADE))["date"] == ""
    assert told(page_of_network(flooded_town(), FORMULA, as_of="2024-05-01", imprint=MADE))["date"] == "2024-05-01"
    of_a_day = flooded_town().as_of("2024-05-01")
    assert told(page_of_network(of_a_day, FORMULA, imprint=MADE))["date"] == "2024-05-01"
    dated = page_of_network(built_anew(flooded_town(), "2020-06-30"), FORMULA, imprint=MADE)
    assert told(dated)["date"] == f"{dt.date.today():%Y-%m-%d}"  # noqa: DTZ011 - as the page has it


class TestOfAReport:
    def test_shows_the_one_rain_that_it_holds(self, report: Report) -> None:
        page = told(page_of_report(report, imprint=MADE))
        (rain_told,) = page["rains"]
        assert (rain_told["k"], rain_told["P"], page["default"]) == ("p5", 5, "p5")
        assert (rain_told["b"], rain_told["s"], page["before"], page["days"]) == ("", {}, None, [])
        wet = [k for k, depth in enumerate(classes(rain_told["n"], len(page["st"]))) if depth]
        assert {page["roads"][page["st"][k][0]][0] for k in wet} == {"人民路"}

    def test_says_what_share_of_the_drains_was_judged(self, report: Report) -> None:
        assert told(page_of_report(report, imprint=MADE))["judged"] == 1.0
        net = flooded_town()
        nodes = net.nodes
        nodes.loc[nodes.index[0], "ground_m"] = np.nan
        poor = page_of_report(dr.analyze(net.replace(nodes=nodes), storm=rain(5.0)), imprint=MADE)
        assert 0.0 < poor.counts.judged < 1.0
        assert told(poor)["judged"] == poor.counts.judged

    def test_tells_depths_no_less_than_the_report_and_less_than_5_cm_more(self, report: Report) -> None:
        page = told(page_of_report(report, imprint=MADE))
        depths = np.array(classes(page["rains"][0]["n"], len(page["st"]))) * 5.0
        deepest = 100.0 * report.results["waterlogging"].points["depth_m"].max()
        assert deepest <= depths.max() < deepest + 5.0

    def test_needs_the_answers_and_says_how_to_ask(self, report: Report) -> None:
        for poor in (replace(report, results={}), replace(report, state=None)):
            with pytest.raises(NotKnownError, match="--storm-formula"):
                page_of_report(poor)

    def test_without_rain_says_how_to_ask(self) -> None:
        with pytest.raises(NotKnownError, match="run drainage publish on the network"):
            page_of_report(dr.analyze(flooded_town()))

    def test_a_dry_town_has_a_page(self) -> None:
        dry = page_of_report(dr.analyze(flooded_town(), storm=StormOfDepth(1.0, 60.0)), imprint=MADE)
        assert (dry.counts.rains[0].wet, told(dry)["rains"][0]["n"]) == (0, "")

    def test_tells_what_was_solved_since_another(self) -> None:
        """A larger drain from 2020-06-30 on: what was wet before is dry now, on the day of the later report."""
        net = built_anew(flooded_town(), "2020-06-30")
        before, after = (dr.analyze(net.as_of(day), storm=rain(5.0)) for day in ("2019-12-31", "2020-12-31"))
        page = told(page_of_report(after, before, imprint=MADE))
        (rain_told,) = page["rains"]
        assert (page["before"], page["date"], page["days"]) == ("2019-12-31", "2020-12-31", ["2020-12-31"])
        was = {str(k) for k, depth in enumerate(classes(rain_told["b"], len(page["st"]))) if depth}
        assert was
        assert set(rain_told["s"]) == was
        assert set(rain_told["s"].values()) == {0}

    def test_two_reports_of_two_rains_are_not_compared(self, report: Report) -> None:
        with pytest.raises(SchemaError, match="two rains"):
            page_of_report(report, dr.analyze(flooded_town(), storm=rain(2.0)))

    def test_other_roads_take_the_place_of_its_own(self, report: Report) -> None:
        from tests.support.streets import roads

        page = told(page_of_report(report, roads=roads(("人民路", None, [(0, 0), (1200, 0)])), imprint=MADE))
        assert ([name for name, *_ in page["roads"]], len(page["st"])) == (["人民路"], 1)


class TestOfANetwork:
    def test_holds_twelve_rains_and_never_less_water_in_more_rain(self) -> None:
        page = told(page_of_network(flooded_town(), FORMULA, imprint=MADE))
        assert len(page["rains"]) == 12
        for sign in "ntw":
            grid = np.array([classes(one[sign], len(page["st"])) for one in page["rains"]])
            assert (np.diff(grid, axis=0) >= 0).all()
        assert [one["mm"] for one in page["rains"]] == sorted(one["mm"] for one in page["rains"])

    def test_tells_on_which_day_of_works_a_stretch_first_was_dry(self) -> None:
        net = built_anew(flooded_town(), "2020-06-30")
        page = told(page_of_network(net, FORMULA, as_of="2021-01-01", before="2019-12-31", imprint=MADE))
        assert (page["days"], page["date"]) == (["2020-06-30"], "2021-01-01")
        solved = next(one for one in page["rains"] if one["k"] == "p1")
        assert solved["s"]
        assert set(solved["s"].values()) == {0}

    def test_what_was_dry_and_wet_again_is_solved_by_the_last_works_that_made_it_dry(self) -> None:
        """Days: before, works 0, works 1, works 2.

        Stretch 0 is dry from works 0 on; stretch 1 from works 2 on, dry in between; stretch 2 is wet still, stretch 3
        never was, stretch 4 is new.
        """
        depths = np.array([[2, 2, 2, 0, 0], [0, 0, 2, 0, 0], [0, 3, 2, 0, 0], [0, 0, 1, 0, 1]])
        none = np.zeros(5, dtype=np.int64)
        found = _told(rain_of(rain()), [Water(depth, none, none, 0) for depth in depths])
        assert found.since == {0: 0, 1: 2}

    def test_without_works_since_then_nothing_is_solved(self) -> None:
        page = told(page_of_network(flooded_town(), FORMULA, as_of="2021-01-01", before="2019-12-31", imprint=MADE))
        assert page["days"] == []
        assert all(one["s"] == {} for one in page["rains"])

    def test_days_of_works_are_few_and_the_last_is_among_them(self) -> None:
        """Works on eleven days, one pipe each: the last of them, and three others."""
        net = flooded_town()
        pipes = net.pipes
        pipes["commissioned"] = pd.to_datetime([f"2020-{month:02d}-01" for month in range(1, 12)])
        days = days_of_works(net.replace(pipes=pipes), pd.Timestamp("2019-12-31"), pd.Timestamp("2020-12-31"))
        assert len(days) == MOST_DAYS
        assert days[-1] == pd.Timestamp("2020-11-01")
        assert days == sorted(days)

    def test_streets_are_found_where_no_pipe_names_its_road(self) -> None:
        """Manholes 3 m beside the street belong to it; nothing is lost, and the same stretches are under water."""
        net = flooded_town()
        bare = page_of_network(net.replace(pipes=net.pipes.assign(road=None)), FORMULA, imprint=MADE)
        assert all(one.unplaced == 0 for one in bare.counts.rains)
        assert bare.contents["rains"] == page_of_network(net, FORMULA, imprint=MADE).contents["rains"]

    def test_progress_is_told_to_the_end(self) -> None:
        shares: list[float] = []
        page_of_network(flooded_town(), FORMULA, imprint=MADE, progress=shares.append)
        assert shares == sorted(shares)
        assert shares[-1] == 1.0

    def test_a_network_of_which_nothing_can_be_judged_is_refused(self) -> None:
        net = flooded_town()
        nodes = net.nodes
        nodes["ground_m"] = np.nan
        with pytest.raises(NotKnownError):
            page_of_network(net.replace(nodes=nodes), FORMULA)

    def test_the_rain_of_a_report_and_the_same_of_the_twelve_agree(self) -> None:
        """Both take the worst of lesser rains too: 5 a of the same formula and length, stretch by stretch."""
        net = flooded_town()
        one = told(page_of_report(dr.analyze(net, storm=dr.DesignStorm(FORMULA, 5.0, 120.0)), imprint=MADE))
        many = told(page_of_network(net, FORMULA, imprint=MADE))
        assert one["rains"][0]["n"] == next(rain_told["n"] for rain_told in many["rains"] if rain_told["k"] == "p5")


class TestSightings:
    def test_are_told_by_stretch_month_and_5_cm_and_what_lies_nowhere_is_counted(self) -> None:
        import geopandas as gpd
        import shapely

        dates = pd.to_datetime(pd.Series(["2021-07-14", None, "2021-07-15"])).to_numpy()
        spots = gpd.GeoDataFrame(
            {"date": dates, "depth_m": [0.22, None, 0.3], "road": ["人民路", None, "远路"]},
            geometry=[shapely.Point(X0 + 100, Y0 + 5), shapely.Point(X0 + 110, Y0 - 5), shapely.Point(X0, Y0 + 5000)],
            crs=CRS,
            index=pd.Index(["R1", "R2", "R3"], name="report_id"),
        )  # fmt: skip
        page = page_of_network(flooded_town().replace(layers={**flooded_town().layers, "reports": spots}), FORMULA)
        stretch = told(page)["seen"][0][0]
        assert told(page)["seen"] == [[stretch, 0, ""], [stretch, 5, "2021-07"]]
        assert (page.counts.sightings, page.counts.sightings_unplaced) == (2, 1)


class TestWriting:
    @pytest.fixture
    def page(self, report: Report) -> PublicPage:
        return page_of_report(report, imprint=MADE)

    def test_the_directory_holds_the_page_and_nothing_else(self, page: PublicPage, tmp_path: Path) -> None:
        goal = tmp_path / "a" / "b"
        assert page.write(goal) == goal / "index.html"
        assert [path.name for path in goal.iterdir()] == ["index.html"]

    def test_the_page_bears_the_mark_by_which_it_is_known(self, page: PublicPage) -> None:
        assert MARK in page.html

    def test_a_page_is_replaced_with_force_only(self, page: PublicPage, tmp_path: Path) -> None:
        page.write(tmp_path)
        with pytest.raises(FormatError, match="force"):
            page.write(tmp_path)
        page.write(tmp_path, force=True)

    def test_another_page_is_not_replaced_even_with_force(self, page: PublicPage, tmp_path: Path) -> None:
        own = tmp_path / "index.html"
        own.write_text("<!doctype html><title>城市主页</title>", encoding="utf-8")
        with pytest.raises(FormatError, match="no page written by drainage"):
            page.write(tmp_path, force=True)
        assert "城市主页" in own.read_text(encoding="utf-8")

    def test_a_file_in_place_of_the_directory_is_refused(self, page: PublicPage, tmp_path: Path) -> None:
        goal = tmp_path / "page.html"
        goal.write_text("x", encoding="utf-8")
        with pytest.raises(FormatError, match="names a directory"):
            page.write(goal)

    def test_the_same_is_the_same_twice_a_day(self, report: Report) -> None:
        assert page_of_report(report, imprint=MADE).html == page_of_report(report, imprint=MADE).html
