"""Marks on a page that is made already. Truth: what the page would be, had its network known the reports."""

from __future__ import annotations

import json
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from drainage.publication import PublicPage, page_of_report, page_with_sightings, seen_features
from tests.support.served_town import STORM, flooded, town_network
from tests.support.streets import CRS, X0, Y0, with_layers


@cache
def page() -> PublicPage:
    return page_of_report(flooded())


def seen(*places: tuple[float, float], **columns: object) -> gpd.GeoDataFrame:
    index = pd.Index([f"R{k}" for k in range(len(places))], name="report_id", dtype="str")
    points = [shapely.Point(X0 + x, Y0 + y) for x, y in places]
    table = {"date": pd.Timestamp("2024-06-07 08:09:10"), "depth_m": 0.31} | columns
    return gpd.GeoDataFrame(table, index=index, geometry=points, crs=CRS)


def test_marks_are_those_of_a_page_whose_network_knew_the_reports() -> None:
    """On each of the five streets one, a few metres beside its middle line."""
    import drainage as dr

    reports = seen((450.0, 8.0), (1100.0, -8.0), (300.0, 400.0), (605.0, 300.0), (450.0, 795.0))
    known = page_of_report(dr.analyze(with_layers(town_network(), reports=reports), storm=STORM))
    marked = page_with_sightings(page(), reports.to_crs(4326))
    assert marked.contents["seen"] == known.contents["seen"]
    assert marked.counts.sightings == known.counts.sightings == 5
    assert {**marked.contents, "seen": []} == {**page().contents, "seen": []}
    assert page().contents["seen"] == []


def test_the_place_itself_is_nowhere() -> None:
    """Two places on one stretch, 60 m apart, are one to everybody: the middle of the stretch."""
    features = seen_features(page().contents, seen((420.0, 4.0), (480.0, -4.0)))
    assert features.geometry.iloc[0] == features.geometry.iloc[1]
    middle = features.to_crs(CRS).geometry.iloc[0]
    between = shapely.Point(X0 + 450.0, Y0)  # of the crossings at 300 and 600
    assert middle.distance(between) < 5.0  # the grid of the page
    text = json.dumps(page_with_sightings(page(), seen((420.0, 4.0))).contents, ensure_ascii=False)
    assert "2024-06" in text
    assert not [word for word in ("2024-06-07", "R0", "0.31") if word in text]


def test_depth_and_month_are_told_as_far_as_they_are_known() -> None:
    features = seen_features(page().contents, seen((450.0, 0.0), depth_m=np.nan, date=pd.NaT))
    assert features["depth_cm"].isna().all()
    assert features["month"].tolist() == [""]
    assert seen_features(page().contents, seen((450.0, 0.0)))["depth_cm"].tolist() == [35.0]


@pytest.mark.parametrize(("aside", "kept"), [(110.0, 1), (130.0, 0)])
def test_what_lies_far_from_every_street_is_counted_and_left_out(aside: float, kept: int) -> None:
    marked = page_with_sightings(page(), seen((150.0, -aside)))
    assert (marked.counts.sightings, marked.counts.sightings_unplaced) == (kept, 1 - kept)


def test_none_are_none() -> None:
    assert page_with_sightings(page(), seen()).contents == page().contents
    assert not len(seen_features(page().contents, seen()))
