"""A collection as it is asked. Truth: the frame itself, asked by hand or by pandas, shapely and `geojson_document`."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.report import Features, FilterError, ready_features
from drainage.writing import geojson_document
from tests.support import demo
from tests.support.examples import examples

PLAN = "EPSG:4548"  # metres round 117° E
#: Six features of every kind of column; the fourth has no place, the last no values.
TABLE = {
    "road": ["人民路", "人民 路", "解放路", None, "ＲＯＡＤ", None],
    "size": [300.0, 400.5, np.nan, 300.0, -1.0, np.nan],
    "rank": [1, 2, 3, 4, 5, 6],
    "grade": pd.array([1, None, 3, 3, None, None], dtype="Int64"),
    "mixed": [True, False, True, False, True, False],
    "maybe": [True, None, False, None, True, None],
    "built": pd.to_datetime(pd.Series(["1990-01-01", "2000-06-30", None, "2010-01-01", "2020-12-31", None])),
    "closed": pd.to_datetime(pd.Series(["2005-01-01", None, None, "2015-01-01", None, None])),
    "seen": pd.to_datetime(pd.Series(["2020-01-01T12:30:00", None, None, None, None, None]), utc=True),
    "day": [dt.date(2018, 5, 1), None, dt.date(2019, 1, 1), None, None, None],
    "parts": [[1, 2], None, {"a": 1}, None, None, None],
}


def frame() -> gpd.GeoDataFrame:
    x, y = np.arange(6) * 100.0 + 500_000, np.full(6, 3_700_000.0)
    shapes: list[shapely.LineString | None] = [
        shapely.LineString([(a, b), (a + 50, b + 20)]) for a, b in zip(x, y, strict=True)
    ]
    shapes[3] = None
    index = pd.Index([f"p{k}" for k in range(6)], name="pipe_id")
    return gpd.GeoDataFrame(pd.DataFrame(TABLE).set_index(index), geometry=np.array(shapes, dtype=object), crs=PLAN)


@pytest.fixture
def made() -> Features:
    return Features(frame(), dates=("built", "closed"))


def ids(made: Features, chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> str:
    return "".join(str(name)[1:] for name in made.frame.index[chosen])


class TestKinds:
    def test_each_column_has_one_and_the_id_comes_first(self, made: Features) -> None:
        assert dict(made.kinds) == {
            "pipe_id": "text", "road": "text", "size": "number", "rank": "integer", "grade": "integer",
            "mixed": "boolean", "maybe": "boolean", "built": "date", "closed": "date", "seen": "instant",
            "day": "date", "parts": "other",
        }  # fmt: skip
        assert next(iter(made.kinds)) == "pipe_id"

    def test_geometry_extent_and_interval_are_told(self, made: Features) -> None:
        assert made.geometry_kind == "LineString"
        west, south, east, north = made.extent or [0.0] * 4
        bounds = frame().to_crs(4326).total_bounds
        assert np.allclose([west, south, east, north], bounds, atol=1e-9)
        assert made.interval == (None, None)
        some = Features(frame().iloc[[0, 3]], dates=("built", "closed"))
        assert some.interval == (dt.date(1990, 1, 1), dt.date(2015, 1, 1))

    def test_nothing_is_told_of_nothing(self) -> None:
        empty = Features(frame().iloc[:0], dates=("built", "closed"))
        assert (empty.geometry_kind, empty.extent, len(empty)) == (None, None, 0)
        assert empty.texts(empty.rows(empty.everything())) == []
        assert not empty.in_box((-180, -90, 180, 90)).any()
        mixed = Features(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])]))
        assert (mixed.geometry_kind, mixed.extent, mixed.interval, mixed.id_name) == ("Geometry", None, None, "id")


class TestEqual:
    @pytest.mark.parametrize(
        ("name", "text", "found"),
        [
            ("pipe_id", "p3", "3"), ("pipe_id", "P3", ""), ("road", "人民路", "01"), ("road", "ｒｏａｄ", "4"),
            ("size", "300", "03"), ("size", "3e2", "03"), ("size", "400.5", "1"), ("size", "-1", "4"),
            ("rank", "2", "1"), ("rank", "2.0", "1"), ("grade", "3", "23"), ("mixed", "true", "024"),
            ("mixed", "false", "135"),
            ("maybe", "false", "2"), ("built", "2000-06-30", "1"), ("seen", "2020-01-01T12:30:00Z", "0"),
            ("seen", "2020-01-01T20:30:00+08:00", "0"), ("day", "2018-05-01", "0"), ("day", "2018-05-02", ""),
            ("parts", "[1, 2]", "0"), ("road", "", ""),
        ],
    )  # fmt: skip
    def test_finds_by_the_type_of_the_column(self, made: Features, name: str, text: str, found: str) -> None:
        assert ids(made, made.equal(name, text)) == found

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("size", "wide"), ("size", ""), ("size", "1_000"), ("size", "٣٠٠"), ("size", "nan"), ("rank", "0.5"),
            ("mixed", "x"), ("mixed", "1"), ("built", "2018-13-45"), ("built", "soon"), ("seen", "12:30"),
            ("size", "1" * 20_000 + "x"), ("size", "1" * 20_000), ("rank", "inf"),
        ],
    )  # fmt: skip
    def test_refuses_what_no_cell_can_have(self, made: Features, name: str, text: str) -> None:
        with pytest.raises(FilterError, match=f"^{name}: "):
            made.equal(name, text)

    def test_what_is_missing_is_found_as_missing_alone(self, made: Features) -> None:
        assert ids(made, made.absent("size")) == "25"
        assert ids(made, made.absent("road")) == "35"
        assert ids(made, made.absent("grade")) == "145"
        assert ids(made, made.absent("rank")) == ""

    @examples(60)
    @given(st.lists(st.none() | st.text("ab路 ", max_size=3), min_size=1, max_size=12), st.text("ab路 ", max_size=3))
    def test_texts_are_told_apart_as_they_are(self, cells: list[str | None], text: str) -> None:
        shapes = gpd.GeoSeries([shapely.Point(0, 0)] * len(cells))
        asked = Features(gpd.GeoDataFrame({"name": pd.Series(cells, dtype=object)}, geometry=shapes))
        assert list(asked.equal("name", text)) == [cell == text for cell in cells]


class TestBetween:
    @pytest.mark.parametrize(
        ("name", "low", "high", "found"),
        [
            ("size", "0", "350", "03"), ("size", None, "300", "034"), ("size", "300", None, "013"),
            ("size", None, None, "0134"), ("rank", "2", "3", "12"), ("grade", "2", None, "23"),
            ("built", "2000-01-01", "2010-01-01", "13"), ("built", "20000101", "2010-01-01", "13"),
            ("built", None, "1995-01-01", "0"),
            ("road", "人", None, "0124"), ("seen", "2020-01-01T12:30:00Z", None, "0"), ("day", "2018-06-01", None, "2"),
        ],
    )  # fmt: skip
    def test_finds_both_ends_too(self, made: Features, name: str, low: str, high: str, found: str) -> None:
        assert ids(made, made.between(name, low, high)) == found

    def test_refuses_an_end_that_no_cell_can_have(self, made: Features) -> None:
        with pytest.raises(FilterError):
            made.between("size", "a", "3")

    @pytest.mark.parametrize(
        ("name", "low", "high"), [("size", "10", "9"), ("built", "2010-01-01", "20000101"), ("road", "b", "a")]
    )
    def test_refuses_one_that_begins_above_its_end(self, made: Features, name: str, low: str, high: str) -> None:
        with pytest.raises(FilterError, match=f"^{name}: .*begins above its end"):
            made.between(name, low, high)


class TestPlaces:
    def test_a_box_finds_what_it_meets_and_what_lies_nowhere(self, made: Features) -> None:
        west, south, east, north = frame().iloc[:2].to_crs(4326).total_bounds
        assert ids(made, made.in_box((west, south, east, north))) == "013"
        assert ids(made, made.in_box((0, 0, 1, 1))) == "3"

    def test_a_box_in_metres_is_the_box_of_the_plan(self, made: Features) -> None:
        assert ids(made, made.in_box((500_090, 3_699_000, 500_210, 3_701_000), PLAN)) == "123"

    def test_a_box_of_another_plan_finds_the_same(self, made: Features) -> None:
        other = tuple(float(x) for x in frame().iloc[[1, 2]].to_crs(4547).total_bounds)
        assert ids(made, made.in_box(other, "EPSG:4547")) == "123"  # type: ignore[arg-type]  # four of them

    def test_a_box_across_the_antimeridian_is_two(self) -> None:
        points = [shapely.Point(x, 0) for x in (179, -179, 0)]
        made = Features(gpd.GeoDataFrame(geometry=points, crs=4326))
        assert list(made.in_box((178, -1, -178, 1))) == [True, True, False]

    def test_a_box_without_end_holds_all(self, made: Features) -> None:
        for crs in (None, PLAN, "OGC:CRS84"):
            assert made.in_box((-1e300, -1e300, 1e300, 1e300), crs).all()

    @pytest.mark.parametrize("predicate", ["intersects", "within", "contains", "disjoint", "crosses", "touches"])
    def test_relations_are_those_of_shapely(self, made: Features, predicate: str) -> None:
        area = shapely.box(500_000, 3_699_000, 500_220, 3_701_000)
        there = made.frame.geometry.notna()
        assert list(made.relate(area, predicate)) == list(getattr(made.frame.geometry, predicate)(area) & there)


class TestTime:
    @pytest.mark.parametrize(
        "day", ["1980-01-01", "1990-01-01", "2004-12-31", "2005-01-01", "2014-06-01", "2021-01-01"]
    )
    def test_on_a_day_are_those_that_are_there_as_of_it(self, made: Features, day: str) -> None:
        """As `DrainageNetwork.as_of` has it: commissioned on or before it, not yet abandoned."""
        moment = dt.datetime.fromisoformat(day)
        table = made.frame
        there = ~(table["built"] > moment) & ~(table["closed"] <= moment)
        assert list(made.during(moment, moment)) == list(there)

    def test_an_open_end_is_open(self, made: Features) -> None:
        assert ids(made, made.during(None, dt.datetime(1995, 1, 1, tzinfo=dt.UTC))) == "025"
        assert ids(made, made.during(dt.datetime(2016, 1, 1, tzinfo=dt.UTC), None)) == "1245"
        assert made.during(None, None).all()

    def test_without_dates_all_are_there_always(self) -> None:
        assert Features(frame()).during(None, dt.datetime(1900, 1, 2, tzinfo=dt.UTC)).all()


class TestRows:
    @pytest.mark.parametrize(
        ("sortby", "order"),
        [
            ([("size", False)], "403125"), ([("size", True)], "103425"), ([("road", False)], None),
            ([("grade", True), ("rank", True)], "320541"), ([("built", False)], "013425"), ([], "012345"),
            ([("mixed", True), ("rank", False)], "024135"),
        ],
    )  # fmt: skip
    def test_are_sorted_with_those_without_a_value_last(
        self, made: Features, sortby: list[tuple[str, bool]], order: str | None
    ) -> None:
        rows = "".join(map(str, made.rows(made.everything(), sortby)))
        if order is None:  # texts by their signs
            names = made.frame["road"].fillna("\U0010ffff")
            order = "".join(str(k) for k in sorted(range(6), key=lambda k: names.iloc[k]))
        assert rows == order

    def test_only_those_that_are_chosen(self, made: Features) -> None:
        assert list(made.rows(made.equal("mixed", "true"), [("rank", True)])) == [4, 2, 0]

    def test_an_id_has_one_row_or_none(self, made: Features) -> None:
        assert [made.row_of(name) for name in ("p0", "p5", "p6", "")] == [0, 5, None, None]
        numbered = Features(frame().reset_index(drop=True).rename_axis("issue"))
        assert [numbered.row_of(name) for name in ("0", "5", "05", "6")] == [0, 5, None, None]


class TestTexts:
    def test_are_what_a_file_of_the_same_would_hold(self, made: Features) -> None:
        found = [json.loads(text) for text in made.texts(np.arange(6))]
        document = geojson_document(frame().reset_index())
        for feature, true in zip(found, document["features"], strict=True):
            assert feature["properties"] == true["properties"]
            assert list(feature["properties"]) == list(made.kinds)
            assert feature["geometry"] == true["geometry"]
            assert feature["id"] == true["properties"]["pipe_id"]

    def test_are_the_same_the_second_time_and_by_many_at_once(self, made: Features) -> None:
        first = made.texts(np.arange(6))
        with ThreadPoolExecutor(8) as pool:
            for found in pool.map(lambda k: made.texts(np.arange(k % 6, 6)), range(200)):
                assert found == first[6 - len(found) :]

    def test_take_up_no_more_than_their_room(self, made: Features, monkeypatch: pytest.MonkeyPatch) -> None:
        first = made.texts(np.arange(6))
        for most in (0, 700, 1500):
            monkeypatch.setattr(ready_features, "MOST_BYTES", most)
            small = Features(frame())
            for _ in range(3):
                assert [small.texts(np.array([k]))[0] for k in range(6)] == first
                assert sum(map(len, small._texts.values())) == small._bytes <= most

    def test_hold_the_columns_that_are_asked_for_in_their_order(self, made: Features) -> None:
        [text] = made.texts(np.array([1]), columns=["rank", "pipe_id"])
        assert list(json.loads(text)["properties"].items()) == [("pipe_id", "p1"), ("rank", 2)]

    def test_in_metres_have_three_decimals_and_may_be_swapped(self, made: Features) -> None:
        [text] = made.texts(np.array([1]), crs="EPSG:4547")
        places = np.array(json.loads(text)["geometry"]["coordinates"])
        true = shapely.get_coordinates(frame().to_crs(4547).geometry.iloc[1])
        assert np.allclose(places, true, atol=5e-4)
        assert (places == places.round(3)).all()
        [swapped] = made.texts(np.array([1]), crs="EPSG:4547", swapped=True)
        assert (np.array(json.loads(swapped)["geometry"]["coordinates"]) == places[:, ::-1]).all()

    def test_nothing_is_changed_in_a_plan_without_a_place(self) -> None:
        made = Features(gpd.GeoDataFrame(geometry=[shapely.Point(1.23456789012, 2)]))
        assert json.loads(made.texts(np.array([0]))[0])["geometry"]["coordinates"] == [1.23456789012, 2.0]

    def test_some_of_the_frame_are_its_rows(self, made: Features) -> None:
        part = made.some(np.array([4, 1]), ["rank"])
        assert list(part.index) == ["p4", "p1"]
        assert list(part.columns) == ["rank", "geometry"]
        assert made.some(np.array([0])).equals(frame().iloc[[0]])


@pytest.mark.long
def test_the_demo_city_reads_as_its_files_do() -> None:
    net = demo.city("2018-12-31")
    made = Features(net.pipes)
    found = [json.loads(text) for text in made.texts(np.arange(0, len(made), 50))]
    true = geojson_document(net.pipes.iloc[::50].reset_index())["features"]
    assert [one["properties"] for one in found] == [one["properties"] for one in true]
    assert [one["geometry"] for one in found] == [one["geometry"] for one in true]
