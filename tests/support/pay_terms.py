"""Terms of a small contract, and the street whose works it pays for."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import shapely

import drainage as dr
from drainage.report import PayTerms
from tests.support.networks import build

TEXT: Final = """
[contract]
name = "street"
not_scored = "withhold"
nothing_to_do = "not_scored"
weights = 1.0

[kinds.road]
points = 100

[kinds.road.indicators]
separation = { name = "分流", name_en = "Separation", points = 10, measure = "effective_share", better = "more", none_at = 0, full_at = 1 }
misconnections = { name = "错接", name_en = "Misconnections", points = 30, measure = "misconnections_closed_share", better = "more", none_at = 0, full_at = 1 }
water = { name = "积水", name_en = "Water", points = 20, measure = "points_solved_share", better = "more", none_at = 0, full_at = 1 }
plan = { name = "方案", name_en = "Plan", points = 20 }

[kinds.road.indicators.repair]
name = "修复"
name_en = "Repair"
points = 20
measure = "repaired_share"
defective = ["3", "4"]
better = "more"
bands = [{ from = 0, to = 0.4, points = 0 }, { from = 0.4, to = 0.8, points = 10 }, { from = 0.8, to = 1, points = 20 }]

[kinds.town]
points = 100

[kinds.town.indicators]
mixed = { name = "混流", name_en = "Mixed length", points = 100, measure = "mixed_removed_share", better = "more", none_at = 0, full_at = 0.5 }

[[objects]]
kind = "road"
name = "磬山路"
weight = 0.6
given = [{ indicator = "plan", points = 16, by = "监理", on = 2024-05-01 }]

[[objects]]
kind = "town"
name = "town"
weight = 0.4

[[grades]]
from = 0
to = 60
grade = "Poor"

[[grades]]
from = 60
grade = "Good"

[pay]
availability_yuan = 1000
om_yuan = 200
linked_share = 0.3
k = { floor = 0, floor_below = 60, at_floor = 0.6, ceiling = 1, ceiling_from = 85 }
"""  # noqa: E501
_PLACES: Final = {
    "a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0), "out": (400, 0),
    "w1": (100, 80), "w2": (200, 80), "s1": (0, 5), "s2": (100, 5), "works": (200, 5),
}  # fmt: skip


def pay_terms(text: str = TEXT) -> PayTerms:
    """Read the terms."""
    return PayTerms.from_toml(text)


def street(*, after: bool) -> dr.DrainageNetwork:
    """A storm pipe into which two sewers lead; after the works the first leads to a sewer of its own, 200 m long.

    a ──► b ──► c ──► d ──► out        grades of condition 3, 1, 4, 1; after the works 1, 1, 4, 1
          ▲     ▲
          w1    w2                     after the works w1 leads to s2:   s1 ──► s2 ──► works
    """
    storm = ["a>b storm", "b>c storm", "c>d storm", "d>out storm", "w2>c sewage"]
    pipes = [*storm, "w1>s2 sewage", "s1>s2 sewage", "s2>works sewage"] if after else [*storm, "w1>b sewage"]
    grades = ["1" if after else "3", "1", "4", "1", *[None] * (len(pipes) - 4)]
    net = build(
        pipes, kinds={"works": "works", "out": "outfall"}, road=["磬山路"] * len(pipes), condition_grade=grades,
        invert_from_m=[20.0] * len(pipes), invert_to_m=[19.8] * len(pipes),
        places={name: (551000.0 + x, 3712000.0 + y) for name, (x, y) in _PLACES.items()},
    )  # fmt: skip
    line = shapely.LineString([(551000, 3712000), (551400, 3712000)])
    roads = gpd.GeoDataFrame({"road": ["磬山路"]}, geometry=[line], crs=net.crs)
    return net.replace(layers={"roads": roads})
