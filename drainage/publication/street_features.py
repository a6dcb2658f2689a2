"""The stretches of a public page as features for a GIS: what the page knows of them, and nothing else.

All is read from the contents of the page (`drainage.publication.contents`), never from a network: lines lie on the grid
of the page, in its degrees, and every value is one that the page shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.arrays import Floats, Ints, Objects
from drainage.publication.by_stretch import AFTER_MIN, DEPTH_CM, TIME_MIN
from drainage.publication.contents import classes_of
from drainage.wants import wants

#: The columns, all that is ever told of a stretch in a rain.
COLUMNS: Final = (
    "road", "road_en", "rank", "rain", "return_period_a", "rain_mm", "rain_min", "rain_grade", "depth_cm", "grade",
    "standing_min", "after_rain_min", "before_depth_cm", "solved_since", "synthetic",
)  # fmt: skip


@wants
def street_features(contents: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the stretches of streets as a page for the public shows them, each once in every rain.

    Parameters
    ----------
    contents
        What the page knows: `PublicPage.contents`.

    Returns
    -------
    Index ``stretch_id`` (key of the rain, number of the stretch), lines in degrees (EPSG 4326), and `COLUMNS`:
    ``road`` and its name in English, ``rank`` 3 for main roads, 2, or 1; ``rain`` (its key), ``return_period_a`` (nan
    for a rain of a depth), ``rain_mm``, ``rain_min`` and ``rain_grade`` 0-5; ``depth_cm`` up to which water stands (0:
    dry), in steps of 5 cm, ``grade`` of who can pass (0: dry, from 1 the bands of the page); ``standing_min`` and
    ``after_rain_min``, up to how long it stands, and after the rain; ``before_depth_cm`` before the works (nan where
    that was not asked), ``solved_since`` the day since which it stays dry.

    Examples
    --------
    >>> import drainage as dr
    >>> report = dr.analyze(dr.load_demo("2018-12-31"), storm=dr.DesignStorm(dr.read_storm_formula("demo"), 3.0, 120.0))
    >>> streets = dr.publication.street_features(dr.publication.page_of_report(report).contents)
    >>> len(streets), int((streets["depth_cm"] > 0).sum())
    (276, 19)
    """
    road = np.array([one[0] for one in contents["st"]], dtype=np.int64)
    lines = in_degrees(contents, drawn_lines(contents))
    told = [_in_rain(contents, rain, road) for rain in contents["rains"]]
    table = pd.concat(told) if told else pd.DataFrame(columns=COLUMNS)
    ids = [f"{rain['k']}-{number}" for rain in contents["rains"] for number in range(len(road))]
    index = pd.Index(ids, name="stretch_id", dtype="str")
    return gpd.GeoDataFrame(table[list(COLUMNS)].set_index(index), geometry=np.tile(lines, len(told)), crs=4326)


def _in_rain(contents: Mapping[str, Any], rain: Mapping[str, Any], road: Ints) -> pd.DataFrame:
    """Return one row a stretch, in one rain."""
    names, english, rank = ([one[k] for one in contents["roads"]] for k in (0, 1, 4))
    count, has_before = len(road), contents["before"] is not None
    depth = DEPTH_CM * classes_of(rain["n"], count)
    solved = {int(stretch): contents["days"][day] for stretch, day in rain["s"].items()}
    before = DEPTH_CM * classes_of(rain["b"], count) if has_before else np.full(count, np.nan)
    return pd.DataFrame(
        {
            "road": np.array(names, dtype=object)[road],
            "road_en": np.array(english, dtype=object)[road],
            "rank": np.array(rank, dtype=np.int64)[road],
            "rain": rain["k"],
            "return_period_a": float(rain["P"]) or np.nan,
            "rain_mm": int(rain["mm"]),
            "rain_min": int(rain["min"]),
            "rain_grade": int(rain["g"]),
            "depth_cm": depth,
            "grade": _grades(depth, contents["pass"]["up"]),
            "standing_min": TIME_MIN * classes_of(rain["t"], count),
            "after_rain_min": AFTER_MIN * classes_of(rain["w"], count),
            "before_depth_cm": before,
            "solved_since": pd.Series([solved.get(k) for k in range(count)], dtype="str"),
            "synthetic": bool(contents["synthetic"]),
        }
    )


def _grades(depth_cm: Ints, bounds_cm: Sequence[float]) -> Ints:
    """Return 0 where it is dry, else 1 and one more for each bound that is exceeded, as the page counts them."""
    beyond = np.searchsorted(np.asarray(bounds_cm, dtype=np.float64), depth_cm, side="left")
    return np.where(depth_cm > 0, 1 + beyond, 0).astype(np.int64)


def drawn_lines(contents: Mapping[str, Any]) -> Objects:
    """Return the lines of the drawing, (n_stretches,), in its own units: to the right and down."""
    drawn = [_places(text) for text in contents["l"].split(",")] if contents["l"] else []
    places = np.concatenate([*drawn, np.empty((0, 2))])
    of = np.repeat(np.arange(len(drawn)), [len(one) for one in drawn])
    return np.asarray(shapely.linestrings(places, indices=of), dtype=object)


def in_degrees(contents: Mapping[str, Any], shapes: Objects) -> Objects:
    """Return shapes of the drawing in longitude and latitude."""
    west, north, east, south = contents["geo"]
    return np.asarray(shapely.transform(shapes, lambda at: [west, north] + at * [east, -south]), dtype=object)


def _places(text: str) -> Floats:
    """Return the places of a line that is written as a start and steps; one that stands still has its end twice."""
    steps = np.array(text.split(), dtype=np.float64).reshape(-1, 2)
    places = np.cumsum(steps, axis=0)
    return places if len(places) > 1 else np.repeat(places, 2, axis=0)
