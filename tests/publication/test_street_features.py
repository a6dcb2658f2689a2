"""The streets of a public page as features: all that they hold is read back from the page, and no more is there."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import drainage as dr
from drainage.publication import page_of_network, street_features
from drainage.publication.public_page import public_page_html
from tests.support.public_contents import demo_contents
from tests.support.streets import flooded_town

FORMULA: Final = dr.read_storm_formula("demo")
#: All that a feature may tell.
ALLOWED: Final = {
    "road", "road_en", "rank", "rain", "return_period_a", "rain_mm", "rain_min", "rain_grade", "depth_cm", "grade",
    "standing_min", "after_rain_min", "before_depth_cm", "solved_since", "synthetic", "geometry",
}  # fmt: skip
_SIGNS: Final = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@cache
def streets() -> gpd.GeoDataFrame:
    return street_features(demo_contents())


@cache
def shown() -> dict[str, Any]:
    """Read back what the program of the page is given."""
    blocks = [
        json.loads(text)
        for text in re.findall(
            r"<script type=.?application/json[^>]*>(.*?)</script>", public_page_html(demo_contents())
        )
    ]
    return next(block for block in blocks if isinstance(block, dict) and "rains" in block)


def test_every_key_is_allowed_and_every_value_is_one_that_the_page_shows() -> None:
    held = shown()
    found, count = streets(), len(held["st"])
    assert set(found) == ALLOWED
    assert found.index.name == "stretch_id"
    for number, rain in enumerate(held["rains"]):
        rows = found.iloc[number * count : (number + 1) * count]
        assert rows.index.tolist() == [f"{rain['k']}-{k}" for k in range(count)]
        for told, name, step in (("n", "depth_cm", 5), ("t", "standing_min", 15), ("w", "after_rain_min", 10)):
            assert rows[name].tolist() == [step * _SIGNS.index(sign) for sign in rain[told].ljust(count, ".")]
        assert rows["before_depth_cm"].tolist() == [5 * _SIGNS.index(sign) for sign in rain["b"].ljust(count, ".")]
        solved = [held["days"][rain["s"][str(k)]] if str(k) in rain["s"] else None for k in range(count)]
        assert [None if pd.isna(one) else one for one in rows["solved_since"]] == solved
        for told, name in (("k", "rain"), ("g", "rain_grade"), ("mm", "rain_mm"), ("min", "rain_min")):
            assert set(rows[name]) == {rain[told]}
        assert set(rows["return_period_a"].fillna(0)) == {rain["P"]}
        roads = [held["roads"][one if isinstance(one, int) else one[0]] for one in held["st"]]
        assert list(zip(rows["road"], rows["road_en"], rows["rank"], strict=True)) == [
            (zh, english, rank) for zh, english, _, _, rank in roads
        ]
    assert set(found["synthetic"]) == {held["synthetic"]}


def test_lines_are_those_that_the_page_draws_to_the_last_digit() -> None:
    west, north, east, south = shown()["geo"]
    drawn = []
    for text in shown()["l"].split(","):
        x, y, *steps = map(int, text.split())
        places = np.cumsum([[x, y], *zip(steps[::2], steps[1::2], strict=True)], axis=0)
        drawn.append([(west + right * east, north - down * south) for right, down in places])
    found = [list(line.coords) for line in streets().geometry[: len(drawn)]]
    assert [len(one) for one in found] == [len(one) for one in drawn]
    np.testing.assert_allclose(np.concatenate(found), np.concatenate(drawn), rtol=0, atol=1e-12)


def test_no_place_is_finer_than_the_grid_of_the_page() -> None:
    """All are whole steps of 5 m from the corner: none can be nearer to a manhole than the page."""
    west, north, east, south = shown()["geo"]
    places = shapely.get_coordinates(streets().geometry.to_numpy())
    steps = (places - [west, north]) / [east, -south]
    assert np.abs(steps - np.rint(steps)).max() < 1e-6


def test_grades_are_those_by_which_the_page_tells_who_can_pass() -> None:
    bounds = shown()["pass"]["up"]
    for depth, grade in zip(streets()["depth_cm"], streets()["grade"], strict=True):
        assert grade == (1 + sum(depth > bound for bound in bounds) if depth else 0)
    assert streets()["grade"].nunique() > 2


def test_something_is_solved_and_something_is_dry() -> None:
    found = streets()
    assert found["solved_since"].notna().any()
    assert (found.loc[found["solved_since"].notna(), "depth_cm"] == 0).all()
    assert 0 < (found["depth_cm"] > 0).sum() < len(found)


def test_without_works_nothing_is_said_of_before() -> None:
    found = street_features(page_of_network(flooded_town(), FORMULA).contents)
    assert found["before_depth_cm"].isna().all()
    assert found["solved_since"].isna().all()
    assert (found["depth_cm"] > 0).any()


def test_ids_of_pipes_and_nodes_and_levels_are_nowhere_in_it() -> None:
    net = flooded_town(prefix="SECRET")
    text = street_features(page_of_network(net, FORMULA).contents).to_json()
    assert "SECRET" not in text
    assert "invert" not in text
