"""Coordinates written as WKB are what GEOS writes of the objects, to the last byte, and come back undrawn."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely
from geopandas.array import from_wkt
from hypothesis import given
from hypothesis import strategies as st

from drainage.positions.drawn_later import DrawnLater, Lines, Points
from drainage.positions.wkb import points_of, shapes_in, wkb_of

_number = st.floats(-1e7, 1e7, allow_nan=False)
_place = st.tuples(_number, _number)
_lines = st.lists(st.none() | st.lists(_place, min_size=2, max_size=6), max_size=8)
_points = st.lists(st.none() | _place, max_size=8)


def flat_lines(lines: list[list[tuple[float, float]] | None]) -> Lines:
    xy = np.array([place for line in lines for place in line or ()], dtype=np.float64).reshape(-1, 2)
    return Lines(xy, np.cumsum([0, *(len(line or ()) for line in lines)]))


def flat_points(points: list[tuple[float, float] | None]) -> Points:
    return Points(np.array([(np.nan, np.nan) if at is None else at for at in points]).reshape(-1, 2))


@given(_lines.map(flat_lines) | _points.map(flat_points))
def test_undrawn_shapes_are_written_as_geos_writes_them_and_read_undrawn(flat: Lines | Points) -> None:
    undrawn = DrawnLater(flat)
    wkb = wkb_of(undrawn)
    wkb.validate(full=True)
    assert undrawn.flat is not None
    assert wkb.to_pylist() == list(shapely.to_wkb(flat.drawn))
    half = len(flat) // 2
    cut = pa.chunked_array([wkb[:half], wkb[half:]], pa.binary())
    back = shapes_in(cut, None)
    assert flat.missing.all() or (isinstance(back, DrawnLater) and type(back.flat) is type(flat))
    assert shapely.to_wkb(np.asarray(back)).tolist() == wkb.to_pylist()


@pytest.mark.parametrize(
    "shapes",
    [
        ["POINT (0 0)", "LINESTRING (0 0, 1 1)"], ["POINT Z (0 0 1)"], ["POINT EMPTY"],
        ["POLYGON ((0 0, 1 0, 0 1, 0 0))"],
        ["MULTIPOINT ((0 0))"], ["LINESTRING EMPTY"], [],
    ],
)  # fmt: skip
def test_other_shapes_are_written_and_read_by_geos(shapes: list[str]) -> None:
    drawn = from_wkt(shapes)
    wkb = wkb_of(drawn)
    assert wkb.to_pylist() == list(shapely.to_wkb(np.asarray(drawn)))
    back = shapes_in(pa.chunked_array([wkb]), drawn.crs)
    assert not isinstance(back, DrawnLater)
    assert list(shapely.to_wkt(np.asarray(back))) == shapes


def test_damage_and_another_order_of_bytes_are_no_points() -> None:
    point = shapely.Point(1.0, 2.0)
    for damaged in (
        shapely.to_wkb(point, byte_order=0),
        shapely.to_wkb(point)[:-1],
        shapely.to_wkb(point) + b"\0",
        b"",
    ):
        assert points_of(pa.chunked_array([pa.array([damaged], pa.binary())])) is None
    with pytest.raises(shapely.errors.GEOSException):
        shapes_in(pa.chunked_array([pa.array([shapely.to_wkb(point)[:-1]], pa.binary())]), None)
