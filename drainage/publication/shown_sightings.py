"""Flooded places that people told of, put on a page that is made already: by its own drawing, and no finer than it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Floats, Ints, Objects
from drainage.publication.by_stretch import DEPTH_CM, REACH_M
from drainage.publication.contents import depth_classes, months_of
from drainage.publication.drawing import UNIT_M
from drainage.publication.published import PublicPage
from drainage.publication.street_features import drawn_lines, in_degrees
from drainage.wants import wants

#: The columns, all that is ever told to everybody of what somebody saw.
COLUMNS: Final = ("road", "road_en", "depth_cm", "month", "synthetic")


@wants
def page_with_sightings(page: PublicPage, sightings: gpd.GeoDataFrame) -> PublicPage:
    """Return a page with the places of sightings beside those that it shows already; nothing is computed anew.

    Parameters
    ----------
    page
        A page.
    sightings
        Points with ``depth_m`` and ``date``, of any CRS. One farther than 120 m from every street is left out.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> net = dr.load_demo("2018-12-31")
    >>> page = dr.publication.page_of_report(dr.analyze(net, storm=storm))
    >>> more = dr.publication.page_with_sightings(page, net.layers["reports"])
    >>> page.counts.sightings, more.counts.sightings
    (22, 44)
    """
    found = seen_features(page.contents, sightings)
    depth = found["depth_cm"].fillna(0).astype(int) // DEPTH_CM
    rows = [list(one) for one in zip(found["stretch"].tolist(), depth.tolist(), found["month"].tolist(), strict=True)]
    seen = sorted([*page.contents["seen"], *rows])  # type: ignore[misc]  # a list of lists, as `contents` says
    counts = replace(
        page.counts,
        sightings=page.counts.sightings + len(found),
        sightings_unplaced=page.counts.sightings_unplaced + len(sightings) - len(found),
    )
    return PublicPage({**page.contents, "seen": seen}, counts)


@wants
def seen_features(contents: Mapping[str, Any], sightings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what everybody may know of sightings: the stretch of street, the depth up to 5 cm, and the month.

    Parameters
    ----------
    contents
        What a page knows: `PublicPage.contents`.
    sightings
        Points with ``depth_m`` and ``date``, of any CRS; one farther than 120 m from every street is left out.

    Returns
    -------
    The same index; ``stretch``, its number on the page, `COLUMNS` (``depth_cm`` nan and ``month`` "" where not told),
    and the middle of the stretch as drawn, in degrees (EPSG 4326): never the place itself.

    Examples
    --------
    >>> import drainage as dr
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> net = dr.load_demo("2018-12-31")
    >>> page = dr.publication.page_of_report(dr.analyze(net, storm=storm))
    >>> seen = dr.publication.seen_features(page.contents, net.layers["reports"])
    >>> seen[["stretch", "depth_cm", "month"]].head(3)
               stretch  depth_cm    month
    report_id
    JS01            39      30.0  2015-07
    JS02           114      40.0  2017-06
    JS03           221      40.0  2017-06
    """
    lines = drawn_lines(contents)
    at, stretch = _nearest(contents, lines, sightings)
    near = sightings.iloc[at]
    road = np.array([one[0] for one in contents["st"]], dtype=np.int64)[stretch]
    names, english = ([one[k] for one in contents["roads"]] for k in (0, 1))
    depth = depth_classes(near).astype(np.float64) * DEPTH_CM
    table = pd.DataFrame(
        {
            "stretch": stretch,
            "road": np.array(names, dtype=object)[road],
            "road_en": np.array(english, dtype=object)[road],
            "depth_cm": np.where(depth > 0.0, depth, np.nan),
            "month": pd.Series(months_of(near), index=near.index, dtype="str"),
            "synthetic": bool(contents["synthetic"]),
        },
        index=near.index,
    )
    middle = shapely.line_interpolate_point(lines[stretch], 0.5, normalized=True)
    return gpd.GeoDataFrame(table, geometry=in_degrees(contents, np.asarray(middle, dtype=object)), crs=4326)


def _nearest(contents: Mapping[str, Any], lines: Objects, sightings: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Return the rows near enough to a street, and the stretch of each."""
    nothing = np.empty(0, dtype=np.int64)
    if not len(lines) or not len(sightings):
        return nothing, nothing
    points = shapely.centroid(np.asarray(sightings.to_crs(4326).geometry.array, dtype=object))
    places = shapely.points(_on_drawing(contents, shapely.get_coordinates(points)))
    tree = shapely.STRtree(lines)
    at, stretch = tree.query_nearest(places, max_distance=REACH_M / UNIT_M, all_matches=False)
    order = np.argsort(at, kind="stable")
    return at[order].astype(np.int64), stretch[order].astype(np.int64)


def _on_drawing(contents: Mapping[str, Any], degrees: Floats) -> Floats:
    west, north, east, south = contents["geo"]
    return np.asarray((degrees - [west, north]) / [east, -south], dtype=np.float64)
