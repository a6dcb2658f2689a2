"""Lines and points that are not drawn yet answer as those that are, to the last digit, and views and copies too."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from geopandas.array import GeometryArray
from hypothesis import given
from hypothesis import strategies as st

from drainage.arrays import Objects
from drainage.positions import are_lines, coordinates, coordinates_at, count_vertices, line_ends, segments, vertices
from drainage.positions.drawn_later import DrawnLater, Lines, Points, lines_of

_number = st.floats(-1e7, 1e7, allow_nan=False).map(lambda number: number + 0.0)
_place = st.tuples(_number, _number)
_line = st.lists(_place, min_size=2, max_size=12)
_straight = st.lists(_place, min_size=2, max_size=2)
_lines = st.lists(st.none() | _line, min_size=1, max_size=8) | st.lists(_straight, min_size=1, max_size=8)


def drawn(lines: list[list[tuple[float, float]] | None]) -> GeometryArray:
    return GeometryArray(
        np.array([None if line is None else shapely.LineString(line) for line in lines], dtype=object), crs=4548
    )


def as_wkb(shapes: GeometryArray | Objects, byte_order: int = 1) -> pa.ChunkedArray:
    cells = list(shapely.to_wkb(np.asarray(shapes), byte_order=byte_order))
    half = len(cells) // 2
    return pa.chunked_array([pa.array(part, pa.binary()) for part in (cells[:half], cells[half:])])


def later(shapes: GeometryArray) -> DrawnLater:
    lines = lines_of(as_wkb(shapes))
    assert lines is not None
    return DrawnLater(lines, shapes.crs)


ASKED: dict[str, Callable[[GeometryArray], Any]] = {
    "bounds": lambda shapes: shapes.bounds,
    "total_bounds": lambda shapes: shapes.total_bounds,
    "length": lambda shapes: shapes.length,
    "is_empty": lambda shapes: shapes.is_empty,
    "has_z": lambda shapes: shapes.has_z,
    "isna": lambda shapes: shapes.isna(),
    "geom_type": lambda shapes: shapes.geom_type,
    "line_ends": line_ends,
    "vertices": vertices,
    "segments": lambda shapes: np.column_stack(segments(shapes)),
    "count_vertices": count_vertices,
    "are_lines": are_lines,
    "size": lambda shapes: (len(shapes), shapes.size, *shapes.shape, shapes.ndim),
}


@given(_lines)
def test_lines_answer_undrawn_as_drawn(lines: list[list[tuple[float, float]] | None]) -> None:
    shapes = drawn(lines)
    for name, ask in ASKED.items():
        undrawn = later(shapes)
        np.testing.assert_array_equal(ask(undrawn), ask(shapes), err_msg=name)
        assert undrawn.flat is not None, name


@given(_lines)
def test_lines_are_drawn_as_they_were_written(lines: list[list[tuple[float, float]] | None]) -> None:
    shapes = drawn(lines)
    assert shapely.equals_identical(np.asarray(later(shapes)), np.asarray(shapes))[~shapes.isna()].all()
    assert (later(shapes).isna() == shapes.isna()).all()


@given(_lines, st.data())
def test_some_rows_are_those_rows(lines: list[list[tuple[float, float]] | None], data: st.DataObject) -> None:
    shapes, undrawn = drawn(lines), later(drawn(lines))
    rows = np.array(data.draw(st.lists(st.integers(-len(lines), len(lines) - 1))), np.intp)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(lines), max_size=len(lines))))
    begin = data.draw(st.integers(-3, 9))
    for some, same in (
        (undrawn[rows], shapes[rows]),
        (undrawn[mask], shapes[mask]),
        (undrawn[begin:], shapes[begin:]),
        (undrawn.take(rows), shapes.take(rows)),
        (undrawn.take(np.maximum(rows, -1), allow_fill=True), shapes.take(np.maximum(rows, -1), allow_fill=True)),
    ):
        assert isinstance(some, DrawnLater)
        assert some.crs == same.crs
        assert list(map(shapely.to_wkt, some)) == list(map(shapely.to_wkt, same))
    assert shapely.to_wkt(undrawn[0]) == shapely.to_wkt(shapes[0])
    with pytest.raises(IndexError):
        undrawn[len(lines)]


@pytest.mark.parametrize(
    "shape",
    [
        "LINESTRING Z (0 0 1, 1 1 2)", "MULTILINESTRING ((0 0, 1 1))", "LINESTRING EMPTY", "POINT (0 0)",
    ],
)  # fmt: skip
def test_other_shapes_are_left_to_geos(shape: str) -> None:
    assert lines_of(as_wkb(np.array([shapely.LineString([(0, 0), (1, 1)]), shapely.from_wkt(shape)]))) is None


@pytest.mark.parametrize("endless", [np.nan, np.inf])
def test_endless_numbers_are_left_to_geos(endless: float) -> None:
    line = struct.pack("<BII4d", 1, 2, 2, 0.0, 0.0, 1.0, endless)
    assert lines_of(pa.chunked_array([pa.array([line], pa.binary())])) is None


def test_another_order_of_bytes_and_damage_are_left_to_geos() -> None:
    line = drawn([[(0, 0), (1, 1)]])
    assert lines_of(as_wkb(line, byte_order=0)) is None
    (whole,) = shapely.to_wkb(np.asarray(line))
    for damaged in (whole[:-1], whole + b"\0", whole[:5], b""):
        assert lines_of(pa.chunked_array([pa.array([whole, damaged], pa.binary())])) is None
    assert lines_of(pa.chunked_array([], pa.binary())) is None


def test_a_part_of_a_chunk_is_read_where_it_stands() -> None:
    shapes = drawn([[(k, 0), (k, 1), (k, 3)] for k in range(5)])
    cells = pa.array(list(shapely.to_wkb(np.asarray(shapes))), pa.large_binary())
    lines = lines_of(pa.chunked_array([cells[1:3], cells[4:]]))
    assert lines is not None
    assert lines.xy[:, 0].tolist() == [1.0] * 3 + [2.0] * 3 + [4.0] * 3


def points() -> DrawnLater:
    return DrawnLater(Points(np.array([[0.0, 1.0], [np.nan, np.nan], [2.0, 3.0]])))


def test_points_answer_undrawn_as_drawn() -> None:
    shapes = GeometryArray(np.array([shapely.Point(0, 1), None, shapely.Point(2, 3)], dtype=object))
    for name in ("bounds", "length", "is_empty", "has_z", "geom_type"):
        undrawn = points()
        np.testing.assert_array_equal(getattr(undrawn, name), getattr(shapes, name), err_msg=name)
        assert undrawn.flat is not None
    np.testing.assert_array_equal(coordinates(gpd.GeoSeries(points())), coordinates(gpd.GeoSeries(shapes)))
    assert list(points()) == list(shapes)
    assert vertices(points()).tolist() == [[0, 1], [2, 3]]


def test_points_of_some_rows_are_those_rows_and_of_row_minus_one_there_is_none() -> None:
    rows = np.array([2, -1, 0, 1])
    assert (
        str(coordinates_at(gpd.GeoSeries(points()), rows).tolist())
        == "[[2.0, 3.0], [nan, nan], [0.0, 1.0], [nan, nan]]"
    )
    some = points().take(rows, allow_fill=True)
    assert isinstance(some, DrawnLater)
    assert [*some] == [shapely.Point(2, 3), None, shapely.Point(0, 1), None]
    assert len(coordinates_at(gpd.GeoSeries(DrawnLater(Points(np.empty((0, 2))))), np.array([-1, -1]))) == 2


def test_a_change_is_seen_by_views_and_not_by_copies() -> None:
    first = points()
    view, copy = first[:], first.copy()
    first[0] = shapely.Point(9, 9)
    assert view[0] == shapely.Point(9, 9)
    assert copy[0] == points()[0] == shapely.Point(0, 1)
    assert view.flat is None
    assert np.asarray(copy.copy())[0] == shapely.Point(0, 1)
    assert view.bounds[0, 0] == 9.0


def test_what_one_column_is_drawn_of_another_may_change() -> None:
    first = points()
    copy = first.copy()
    first[0] = None  # type: ignore[assignment] # geopandas takes it
    assert np.asarray(copy)[0] is not None


def test_a_table_keeps_its_shapes_undrawn_until_they_are_needed() -> None:
    frame = gpd.GeoDataFrame({"a": [1, 2, 3]}, geometry=points(), crs=4548)
    changed = frame.assign(b=1).rename(columns={"a": "c"}).reset_index(drop=True)[[True, False, True]].copy()
    kept = changed.geometry.array
    assert isinstance(kept, DrawnLater)
    assert kept.flat is not None
    assert changed.distance(shapely.Point(0, 0)).round(3).tolist() == [1.0, 3.606]
    assert changed.crs == frame.crs


def test_tables_below_each_other_are_drawn() -> None:
    frame = gpd.GeoDataFrame(geometry=points(), crs=4548)
    both = pd.concat([frame, frame], ignore_index=True)
    assert both.geometry.iloc[5] == shapely.Point(2, 3)


def test_a_table_is_sent_drawn_or_not() -> None:
    for column in (points(), later(drawn([[(0, 0), (1, 1)]]))):
        frame = gpd.GeoDataFrame(geometry=column, crs=4548)
        for drawn_by_then in (False, True):
            if drawn_by_then:
                np.asarray(frame.geometry.array)
            sent = pickle.loads(pickle.dumps(frame))  # noqa: S301 - of our own
            assert (getattr(sent.geometry.array, "flat", None) is None) == drawn_by_then
            assert sent.geometry.to_wkt().tolist() == frame.geometry.to_wkt().tolist()
            assert sent.crs == frame.crs


@pytest.mark.parametrize("crs", [4490, 4549, 4548])
def test_another_crs_gives_the_same_places(crs: int) -> None:
    shapes = drawn([[(5e5, 3.4e6), (5.001e5, 3.4001e6), (5e5, 3.5e6)], None, [(4e5, 3e6), (4e5, 3.1e6)]])
    undrawn = later(shapes).to_crs(crs)
    assert isinstance(undrawn, DrawnLater)
    assert undrawn.flat is not None
    assert undrawn.crs == shapes.to_crs(crs).crs
    assert shapely.to_wkb(np.asarray(undrawn)).tolist() == shapely.to_wkb(np.asarray(shapes.to_crs(crs))).tolist()
    moved = points()
    moved.crs = 4548
    assert moved.to_crs(crs).isna().tolist() == [False, True, False]


def test_lines_of_no_vertices_at_either_end_are_missing() -> None:
    lines = Lines(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([0, 0, 2, 2]))
    np.testing.assert_array_equal(lines.length, [np.nan, 5.0, np.nan])
    np.testing.assert_array_equal(lines.ends[1], [[np.nan] * 2, [3.0, 4.0], [np.nan] * 2])
