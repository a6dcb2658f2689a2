"""What the public page can never tell: pipes, nodes, levels, ids, and positions finer than a stretch of road.

The page is made anew with every manhole at another place of its stretch, other ids, other levels and fewer columns: not
a byte may differ.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.network import DrainageNetwork
from drainage.publication import Imprint, PublicPage, drawing, page_of_network, page_of_report
from drainage.publication.by_stretch import stretches_of
from drainage.publication.drawing import UNIT_M, drawn
from drainage.publication.town import Town, town_of
from drainage.report.directory import Report, read_report
from tests.support.demo import whole_city
from tests.support.drains import rain
from tests.support.examples import examples
from tests.support.streets import MANHOLES, flooded_town, roads, with_layers

MADE: Final = Imprint(made=dt.date(2026, 11, 29))
FORMULA: Final = dr.read_storm_formula("demo")
#: Off the crossing itself, where two stretches of one road are equally near, m.
INSET_M: Final = 20.0
#: All that a page may know, and what each rain may.
KEYS: Final = {
    "city", "synthetic", "made", "url", "post", "tel", "pass", "date", "before", "days", "rains", "default", "formula",
    "engine", "judged", "roads", "st", "size", "geo", "l", "town", "river", "rname", "water", "wname", "seen",
}  # fmt: skip
RAIN_KEYS: Final = {"k", "g", "P", "mm", "min", "day", "n", "t", "w", "b", "s", "o"}


@cache
def town_page() -> str:
    return page_of_network(flooded_town(), FORMULA, imprint=MADE).html


@cache
def demo_page() -> PublicPage:
    return page_of_network(whole_city(), FORMULA, as_of="2018-12-31", imprint=MADE)


def moved_along(seed: int) -> tuple[float, ...]:
    """Give every manhole of the small town another place between the same two crossings, 300 m apart."""
    rng = np.random.default_rng(seed)
    begins = 300.0 * (np.array(MANHOLES) // 300.0)
    return tuple(begins + rng.uniform(INSET_M, 300.0 - INSET_M, len(MANHOLES)))


@examples(6)
@given(st.integers(0, 2**32 - 1), st.sampled_from([-12.5, 0.0, 37.25, 1500.0]))
def test_manholes_anywhere_on_their_stretch_give_the_same_bytes(seed: int, level_m: float) -> None:
    """The network is screened anew: places, ids, one constant on all levels, and columns that nothing needs differ."""
    other = flooded_town(
        along_m=moved_along(seed), aside_m=float(np.random.default_rng(seed).uniform(-15.0, 15.0)), level_m=level_m,
        prefix=f"X{seed % 997}y", bare=seed % 2 == 0,
    )  # fmt: skip
    assert page_of_network(other, FORMULA, imprint=MADE).html == town_page()


@pytest.mark.long
def test_so_do_results_that_are_kept_and_read_again(tmp_path: Path) -> None:
    pages = []
    for name, net in {"a": flooded_town(), "b": flooded_town(along_m=moved_along(5), level_m=8.0, prefix="Q")}.items():
        dr.analyze(net, storm=rain(5.0)).write(tmp_path / name)
        pages.append(page_of_report(read_report(tmp_path / name, whole=True), imprint=MADE).html)
    assert pages[0] == pages[1]


def test_a_manhole_on_another_stretch_does_change_the_page() -> None:
    """Else the tests above would prove nothing."""
    other = flooded_town(along_m=(*MANHOLES[:-1], 950.0))
    assert page_of_network(other, FORMULA, imprint=MADE).html != town_page()


def test_the_page_knows_what_is_on_the_list_and_nothing_else() -> None:
    contents = json.loads(json.dumps(demo_page().contents))
    assert set(contents) == KEYS
    assert {key for one in contents["rains"] for key in one} == RAIN_KEYS
    assert all(len(one) == 3 and all(isinstance(part, int) for part in one) for one in contents["st"])
    assert all(len(one) == 3 and re.fullmatch(r"(\d{4}-\d\d)?", one[2]) for one in contents["seen"])


def test_no_id_of_the_network_stands_in_the_page() -> None:
    net, page = whole_city(), demo_page().html
    assert net.catchments is not None
    ids = {*net.pipes.index, *net.nodes.index, *net.catchments.index, *net.layers["reports"].index}
    words = set(re.findall(r"[A-Za-z0-9]+", page))
    assert len(ids) > 14_000
    assert not ids & words


def test_no_position_level_or_length_of_the_network_stands_in_the_page() -> None:
    """The only decimals are the corner and the scale of the drawing."""
    data = json.dumps(demo_page().contents, ensure_ascii=False)
    found = set(re.findall(r"-?\d+\.\d+", data))
    net = whole_city()
    degrees = gpd.GeoSeries(pd.concat([net.pipes.geometry, net.nodes.geometry]), crs=net.crs).to_crs(4326)
    places = shapely.get_coordinates(np.asarray(degrees.array))
    assert not found & {f"{value:.{digits}f}" for value in places.ravel() for digits in (7, 6, 5, 4)}
    numbers = {
        str(value)
        for frame in (net.pipes, net.nodes)
        for column in frame.select_dtypes("number").columns
        for value in frame[column].dropna()
        if "." in str(value) and len(str(value).split(".")[1]) >= 2
    }
    assert len(numbers) > 5_000
    assert not found & numbers
    texts = {"formula", "pass"}  # cited sources hold numbers of clauses
    bare = {key: value for key, value in demo_page().contents.items() if key not in texts}
    decimals = [value for value in _numbers(bare) if value != int(value)]
    assert sorted(decimals) == sorted(demo_page().contents["geo"])  # type: ignore[call-overload]  # a list


def _numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        return [one for part in value.values() for one in _numbers(part)]
    if isinstance(value, list):
        return [one for part in value for one in _numbers(part)]
    return [value] if isinstance(value, (int, float)) else []


def test_no_digest_and_no_name_of_the_source_stands_in_the_page() -> None:
    page = demo_page().html
    assert not re.search(r"[0-9a-f]{32,}", json.dumps(demo_page().contents))
    for name in whole_city().files:
        assert Path(name).name not in page


def test_no_stretch_is_shorter_than_100_m_and_none_lies_at_one_manhole() -> None:
    net = whole_city()
    town = town_of(net)
    assert shapely.length(town.lines).min() >= 100.0
    wells = np.asarray(net.nodes[net.nodes["kind"].isin(["manhole", "inlet"])].geometry.array)
    wet = [k for one in demo_page().contents["rains"] for k, sign in enumerate(one["n"]) if sign != "."]  # type: ignore[attr-defined]  # a list
    on, _ = shapely.STRtree(wells).query(town.lines[np.unique(wet)], predicate="dwithin", distance=25.0)
    assert np.bincount(on).min() >= 10


def test_corners_of_the_drawing_lie_no_nearer_to_manholes_than_places_at_random() -> None:
    """Roads that were surveyed from manhole to manhole, every 25 to 45 m, as a real layer may be.

    Told is the distance to the next manhole: 0 for a corner of the survey, some 9 m for places at random on the
    roads, and as much for corners of the drawing between two crossings.
    """
    rng = np.random.default_rng(3)
    layer = roads(*[(f"{name}路", None, _surveyed(rng, 700.0 * k)) for k, name in enumerate("一二三四五六")])
    town = town_of(with_layers(flooded_town(), roads=layer))
    wells = shapely.STRtree(np.asarray(shapely.points(shapely.get_coordinates(np.asarray(layer.geometry.array)))))
    chosen = rng.integers(0, town.count, 4000)
    places = shapely.line_interpolate_point(town.lines[chosen], rng.uniform(0.0, 1.0, 4000), normalized=True)
    surveyed = np.asarray(shapely.points(np.concatenate([shapely.get_coordinates(line)[1:-1] for line in town.lines])))
    corners = _drawn_corners(town)
    assert len(corners) > 100
    assert np.median(_next_to(wells, surveyed)) < 0.1
    assert np.median(_next_to(wells, corners)) > 0.8 * np.median(_next_to(wells, places))


def _surveyed(rng: np.random.Generator, y: float) -> list[tuple[float, float]]:
    x = np.cumsum(rng.uniform(25.0, 45.0, 120))
    return list(zip(x.tolist(), (y + 60.0 * np.sin(x / 90.0)).tolist(), strict=True))


def _drawn_corners(town: Town) -> np.ndarray:
    """Give the places of the corners between the ends of each stretch, from the text of the page."""
    frame = drawing._frame(town)
    steps = [
        np.array(text.split(), dtype=int).reshape(-1, 2).cumsum(axis=0)[1:-1]
        for text in str(drawn(town)["l"]).split(",")
    ]
    units = np.concatenate(steps)
    return np.asarray(shapely.points(frame.left_m + UNIT_M * units[:, 0], frame.top_m - UNIT_M * units[:, 1]))


def _next_to(wells: shapely.STRtree, places: np.ndarray) -> np.ndarray:
    return np.asarray(wells.query_nearest(places, return_distance=True, all_matches=False)[1])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    """Give the reports of the demo city of two days, as they are read from their directories."""
    folder = tmp_path_factory.mktemp("kept")
    storm = dr.DesignStorm(FORMULA, return_period_a=3, duration_min=120)
    reports = []
    for day in ("2019-06-28", "2018-12-31"):
        dr.analyze(dr.load_demo(day), storm=storm).write(folder / day)
        reports.append(read_report(folder / day, whole=True))
    return reports


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kept_results_of_the_demo_give_the_same_bytes_with_everything_moved(kept: list[Report], seed: int) -> None:
    now, before = kept
    plain = page_of_report(now, before, imprint=MADE).html
    town = town_of(now.network)
    others = [_disguised(report, town, seed + k) for k, report in enumerate(kept)]
    assert page_of_report(others[0], others[1], imprint=MADE).html == plain


def _disguised(report: Report, town: Town, seed: int) -> Report:
    """Move every pipe, node and report within its stretch, renumber all, shift all levels, drop other columns."""
    rng = np.random.default_rng(seed)
    net, found = report.network, report.results["waterlogging"]
    new_ids = {
        name: f"Z{number}" for number, name in enumerate(rng.permutation(net.nodes.index.to_numpy(dtype=object)))
    }
    points, nodes = found.places("points"), found.places("overflow_nodes")
    nodes = _moved(nodes, town, rng)[["road", "depth_m", "point_id", "geometry"]]
    nodes.index = nodes.index.map(new_ids)
    names = {name: f"T{number}" for number, name in enumerate(points.index[::-1])}
    nodes["point_id"] = nodes["point_id"].map(names)
    points = points[["worst_node", "depth_m", "depth_source", "duration_min", "drain_down_h", "geometry"]]
    points = points.assign(worst_node=points["worst_node"].map(new_ids)).rename(index=names)
    tables = {"points": _moved(points.assign(road=found.points["road"].to_numpy()), town, rng), "overflow_nodes": nodes}
    spots = _moved(net.layers["reports"], town, rng).rename(index=lambda name: f"Y{name}")
    shuffled = DrainageNetwork(
        _other_pipes(net, rng, new_ids), _moved(net.nodes.assign(road=None), town, rng).rename(index=new_ids).assign(
            ground_m=net.nodes["ground_m"].to_numpy() + 4.2), synthetic=net.synthetic, origin=net.origin,
        layers={**net.layers, "reports": spots},
    )  # fmt: skip
    answers = {"waterlogging": replace(found, tables=tables)}
    return replace(report, network=shuffled, results=answers, collections={})


def _moved(rows: gpd.GeoDataFrame, town: Town, rng: np.random.Generator) -> gpd.GeoDataFrame:
    stretch = stretches_of(town, rows)
    on = np.flatnonzero(stretch >= 0)
    lines = town.lines[stretch[on]]
    at = rng.uniform(INSET_M, shapely.length(lines) - INSET_M)
    shapes = np.asarray(rows.geometry.array, dtype=object).copy()
    shapes[on] = shapely.line_interpolate_point(lines, at)
    return rows.set_geometry(gpd.GeoSeries(shapes, index=rows.index, crs=rows.crs))


def _other_pipes(net: DrainageNetwork, rng: np.random.Generator, ids: dict[str, str]) -> gpd.GeoDataFrame:
    pipes = net.pipes
    away = rng.uniform(-30.0, 30.0, (len(pipes), 2))
    shapes = np.asarray(pipes.geometry.array, dtype=object)
    coords, line = shapely.get_coordinates(shapes, return_index=True)
    pipes = pipes.set_geometry(
        gpd.GeoSeries(shapely.set_coordinates(shapes.copy(), coords + away[line]), index=pipes.index, crs=pipes.crs)
    )
    pipes["from_node"], pipes["to_node"] = pipes["from_node"].map(ids), pipes["to_node"].map(ids)
    pipes.index = pd.Index([f"W{number}" for number in rng.permutation(len(pipes))], name="pipe_id")
    return pipes.assign(invert_from_m=pipes["invert_from_m"] + 4.2, invert_to_m=pipes["invert_to_m"] + 4.2)
