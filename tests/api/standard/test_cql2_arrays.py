"""What a filter chooses. Truth: six features, by hand.

id  road     size  open   built       place
a   磬山路    300   true   2001-05-01  (0 0) – (10 0)
b   Ring St  400   false  2010-01-01  (20 0) – (30 0)
c   ring st  500   null   2018-12-31  (20 5) – (30 5)
d   null     null  true   null        none
e   Café     -1    false  2010-01-01  (5 -5) – (5 5)
f   10%_x    0     true   1999-12-31  (100 100) – (110 100)
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from drainage.report import Features
from drainage_api.asked.cql2_arrays import where
from drainage_api.asked.cql2_text import read_text
from drainage_api.asked.systems import DEGREES, named, offered
from drainage_api.asked.trees import NoFilterError

CRS = "EPSG:4549"  # CGCS2000 / 3-degree, 120 E: the north before the east
EAST, NORTH = 500_000.0, 3_700_000.0


@pytest.fixture(scope="module")
def features() -> Features:
    lines = ["0 0, 10 0", "20 0, 30 0", "20 5, 30 5", None, "5 -5, 5 5", "100 100, 110 100"]
    shapes = [None if line is None else shapely.from_wkt(f"LINESTRING ({line})") for line in lines]
    moved = [
        None if one is None else shapely.transform(one, lambda places: places + np.array([EAST, NORTH]))
        for one in shapes
    ]
    built = pd.to_datetime(["2001-05-01", "2010-01-01", "2018-12-31", "NaT", "2010-01-01", "1999-12-31"])
    frame = gpd.GeoDataFrame(
        {
            "road": ["磬山路", "Ring St", "ring st", None, "Café", "10%_x"],
            "size": [300.0, 400.0, 500.0, np.nan, -1.0, 0.0],
            "open": [True, False, None, True, False, True],
            "built": built,
            "parts": [["x"], ["y"], ["x"], None, ["x"], ["x"]],
        },
        geometry=np.array(moved, dtype=object),
        index=pd.Index(list("abcdef"), name="id"),
        crs=CRS,
    )
    return Features(frame)


def chosen(features: Features, text: str, system: str = "") -> str:
    among = offered(features.crs)
    found = named(f"http://www.opengis.net/def/crs/{system}", among) if system else DEGREES
    assert found is not None
    return "".join(np.array(list("abcdef"))[where(read_text(text), features, found)])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("size = 400", "b"),
        ("size <> 400", "acef"),
        ("size > 300 AND size <= 500", "bc"),
        ("300 < size", "bc"),
        ("size BETWEEN 0 AND 300", "af"),
        ("size NOT BETWEEN 0 AND 300", "bce"),
        ("size IN (300, 500, 7)", "ac"),
        ("size NOT IN (300, 500)", "bef"),
        ("size IS NULL", "d"),
        ("size IS NOT NULL", "abcef"),
        ("size = size", "abcef"),
        ("size * 2 = 800 OR -size = 1", "be"),
        ("100 / size > 0", "abc"),
        ("size % 200 = 100", "ac"),
        ("size DIV 300 = 1", "abc"),
        ("size ^ 2 = 1", "e"),
        ("road = '磬山路'", "a"),
        ("road < 'S'", "bef"),
        ("road LIKE 'R%'", "b"),
        ("road NOT LIKE 'R%'", "acef"),
        (r"road LIKE '10\%\_%'", "f"),
        ("road LIKE '____'", "e"),
        ("CASEI(road) = CASEI('RING ST')", "bc"),
        ("CASEI(road) LIKE casei('RING%')", "bc"),
        ("ACCENTI(road) = ACCENTI('Cafe')", "e"),
        ("CASEI(road) IN (CASEI('RING ST'), CASEI('CAFÉ'))", "bce"),
        ("road IN ('磬山路', 'nowhere')", "a"),
        ("open", "adf"),
        ("NOT open", "be"),
        ("open = FALSE", "be"),
        ("open IS NULL", "c"),
        ("open AND size IS NULL", "d"),
        ("NOT (size > 300 AND open)", "abef"),
        ("built = DATE('2010-01-01')", "be"),
        ("built >= '2010-01-01'", "bce"),
        ("built IN (DATE('2010-01-01'), DATE('1999-12-31'))", "bef"),
        ("T_AFTER(built, DATE('2010-01-01'))", "c"),
        ("T_BEFORE(built, TIMESTAMP('2010-01-01T00:00:00Z'))", "af"),
        ("T_DURING(built, INTERVAL('2001-01-01', '2010-06-01'))", "abe"),
        ("T_INTERSECTS(built, INTERVAL('..', '2001-05-01'))", "af"),
        ("T_EQUALS(built, DATE('2001-05-01'))", "a"),
        ("T_OVERLAPS(INTERVAL(built, '..'), INTERVAL('..', '2005-01-01'))", ""),
        ("T_STARTS(INTERVAL('2010-01-01', '2011-01-01'), INTERVAL(built, '..'))", "be"),
        ("parts IS NULL", "d"),
        ("TRUE", "abcdef"),
        ("NOT TRUE", ""),
    ],
)
def test_values(features: Features, text: str, ids: str) -> None:
    assert chosen(features, text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("S_INTERSECTS(geometry, {box 4 -1 6 1})", "ae"),
        ("S_DISJOINT(geometry, {box 4 -1 6 1})", "bcf"),
        ("S_WITHIN(geometry, {box -1 -1 31 6})", "abc"),
        ("S_CONTAINS({box -1 -1 31 6}, geometry)", "abc"),
        ("S_CROSSES(geometry, {line 5 -5 5 5})", "a"),
        ("S_EQUALS(geometry, {line 5 -5 5 5})", "e"),
        ("S_TOUCHES(geometry, {line 30 0 40 0})", "b"),
        ("S_OVERLAPS(geometry, {line 25 5 40 5})", "c"),
        ("S_CONTAINS(geometry, {line 22 0 24 0})", "b"),
        ("geometry IS NULL", "d"),
        ("NOT S_INTERSECTS(geometry, {box 4 -1 6 1})", "bcf"),
    ],
)
def test_places_in_the_system_of_the_network_whose_north_goes_first(features: Features, text: str, ids: str) -> None:
    head, _, rest = text.partition("{")
    shape, _, tail = rest.partition("}")
    if shape:
        kind, *numbers = shape.split()
        x1, y1, x2, y2 = map(float, numbers)
        corners = [(x1 + EAST, y1 + NORTH), (x2 + EAST, y2 + NORTH)]
        if kind == "box":
            (w, s), (e, n) = corners
            wkt = f"POLYGON(({s} {w}, {s} {e}, {n} {e}, {n} {w}, {s} {w}))"
        else:
            wkt = "LINESTRING(" + ", ".join(f"{north} {east}" for east, north in corners) + ")"
        text = f"{head}{wkt}{tail}"
    assert chosen(features, text, "EPSG/0/4549") == ids


@pytest.mark.parametrize(("system", "turned"), [("", False), ("EPSG/0/4326", True), ("EPSG/0/4490", True)])
def test_a_box_in_degrees_follows_the_axes_of_its_system(features: Features, system: str, turned: bool) -> None:  # noqa: FBT001
    west, south, east, north = features.frame.loc[["b", "c"]].to_crs(4326).total_bounds
    numbers = (south, west, north, east) if turned else (west, south, east, north)
    assert chosen(features, f"S_INTERSECTS(geometry, BBOX({','.join(map(str, numbers))}))", system) == "bc"
    assert chosen(features, "S_INTERSECTS(geometry, BBOX(0,0,1,1))", system) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "no property 'colour'; there are id, road, size, open, built, parts, geometry"),
        ("size = 'x'", "a number is compared with a text"),
        ("road = 1", "a text is compared with a number"),
        ("built = 'soon'", "a time is compared with 'soon'"),
        ("size AND open", "a number stands where a condition is expected"),
        ("1", "a number stands where"),
        ("f(road) = 'x'", "no such function: 'f'"),
        ("f(road)", "no such condition: 'f'"),
        ("parts = 'x'", "holds lists"),
        ("CASEI(size) = 'x'", "take texts"),
        ("road + 1 = 2", "takes numbers"),
        ("road LIKE road", "a pattern in single quotes"),
        ("S_INTERSECTS(road, POINT(1 2))", "S_INTERSECTS compares the property 'geometry'"),
        ("S_INTERSECTS(geometry)", "S_INTERSECTS takes 2 values, not 1"),
        ("S_DWITHIN(geometry, POINT(1 2), 5, 'm')", "no such condition: 's_dwithin'"),
        ("T_MEETS(built, DATE('2010-01-01'))", "T_MEETS compares two intervals"),
        ("T_AFTER(size, DATE('2010-01-01'))", "a number stands where a day"),
        ("geometry = 1", "no property 'geometry'"),
    ],
)
def test_what_cannot_be_meant_is_said(features: Features, text: str, said: str) -> None:
    with pytest.raises(NoFilterError) as told:
        chosen(features, text)
    assert said in str(told.value)


def test_nothing_is_looked_at_feature_by_feature() -> None:
    """A hundred thousand features cost no more calls than ten."""
    import cProfile
    import pstats

    def calls(count: int) -> int:
        frame = gpd.GeoDataFrame(
            {"road": ["a", "b"] * (count // 2), "size": np.arange(count, dtype=float)},
            geometry=shapely.points(np.arange(count) * 1.0, np.zeros(count)),
            index=pd.Index([f"p{k}" for k in range(count)], name="id"),
            crs=CRS,
        )
        made = Features(frame)
        tree = read_text(
            "(road LIKE 'a%' AND size > 5 OR CASEI(road) IN (CASEI('B'))) AND NOT S_WITHIN(geometry, POINT(1 2))"
        )
        system = named("http://www.opengis.net/def/crs/EPSG/0/4549", offered(made.crs))
        assert system is not None
        where(tree, made, system)
        profile = cProfile.Profile()
        profile.runcall(where, tree, made, system)
        return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]

    assert calls(20_000) < calls(10) + 500
