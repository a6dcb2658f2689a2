"""How the map draws and what it says of odd input, in a real Chromium; the desk around it has tests of its own.

Truth: pixels, what the page tells of itself, and geodesic lengths by pyproj.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from drainage.maps.layer import Layer
from drainage.maps.page_of import page_of
from tests.maps.test_maps import pipe_layer, pipes, point_layer, points

if TYPE_CHECKING:
    from tests.support.browser import Page

DRAWN = "document.getElementById('dr-map').drawn"
NOTE = "document.querySelector('.dr-map-note').textContent"

pytestmark = pytest.mark.long


def render(*layers: Layer, **more: Any) -> str:  # noqa: ANN401 - as page_of takes
    return page_of(layers, title="图", **more).html


def crowd(count: int = 300) -> Layer:
    """Make waterlogging points 4 m apart, far closer than their marks are wide."""
    k = np.arange(count)
    places = shapely.points(39_500_000 + 4.0 * (k % 20), 3_700_000 + 4.0 * (k // 20))
    index = pd.Index([f"L{n}" for n in k], name="point_id")
    frame = gpd.GeoDataFrame({"grade": "major", "rank": k + 1}, index=index, geometry=places, crs=4527)
    return Layer("waterlogging", frame, "grade", ("point_id", "rank"))


def test_marks_thin_out_and_the_most_important_stays(show: Any) -> None:  # noqa: ANN401 - as the fixture is
    page: Page = show(render(pipe_layer(pipes(40)), crowd()))
    page.run(f"{DRAWN}.on('pick', (told) => {{ window.picked = told.hits; }})")
    page.run(f"{DRAWN}.setView({{...{DRAWN}.viewState(), zoom: 14}})")
    place = (
        f"(() => {{ const at = {DRAWN}.map.latLngToContainerPoint({DRAWN}.middleOf('waterlogging', 0)),"
        " box = document.querySelector('#dr-map').getBoundingClientRect(); return [box.x + at.x, box.y + at.y]; })()"
    )
    for _ in range(40):  # until the marks of the new zoom are drawn
        page.click_at(*page.run(place))
        page.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
        if page.run("Boolean(window.picked && window.picked.length && window.picked[0].count > 50)"):
            break
    first = page.run("window.picked[0]")
    assert (first["layer"], first["row"]) == ("waterlogging", 0)
    assert first["count"] > 50
    assert set(first["rows"]) >= {0, 1, 2}


def test_a_feature_off_ghana_leaves_the_first_view_with_the_town_and_is_said(show: Any) -> None:  # noqa: ANN401
    frame = pipes(20).to_crs(4326)
    shapes = frame.geometry.to_numpy().copy()
    shapes[3] = shapely.LineString([(0.0, 0.0), (0.001, 0.0)])
    page: Page = show(render(pipe_layer(frame.set_geometry(shapes, crs=4326))))
    state = page.run(f"{DRAWN}.viewState()")
    assert 110 < state["lng"] < 125
    assert state["zoom"] > 12
    assert page.run(NOTE).startswith("1 features lie far")


def test_a_text_of_four_megabytes_is_drawn_short_and_kept_whole(show: Any) -> None:  # noqa: ANN401
    long = "长" * 1_400_000
    road = pipes(1, road=[long]).set_index(pd.Index(["R"], name="road_id"))
    page: Page = show(render(pipe_layer(), Layer("context_roads", road, None, ("road",))))
    assert page.run("document.body.dataset.layers").startswith("context_roads:1")
    assert page.run(f"{DRAWN}.data.columns.some((one) => one.values.some((v) => v && v.length === 1400000))")


def test_right_to_left_names_are_written(show: Any) -> None:  # noqa: ANN401
    road = pipes(1, road=["شارع الملك فهد"])
    page: Page = show(render(Layer("context_roads", road, None, ("road",))))
    before = page.pixels("#333F49")
    assert before > 30
    page.run(f"{DRAWN}.setLayers([{{layer: 'context_roads', labels: false}}])")
    assert page.pixels("#333F49") < before / 3


def test_names_keep_clear_of_the_cards_of_the_page(show: Any) -> None:  # noqa: ANN401
    road = pipes(1, road=["解放路"])
    page: Page = show(render(Layer("context_roads", road, None, ("road",))))
    assert page.pixels("#333F49") > 4
    page.run(
        "(() => { const card = document.createElement('div'); card.style.cssText ="
        " 'position: absolute; inset: 0; visibility: hidden'; document.querySelector('#dr-map').append(card);"
        f" {DRAWN}.setCards([card]); }})()"
    )
    assert page.pixels("#333F49") == 0


def test_lengths_and_areas_are_measured_by_keyboard(show: Any) -> None:  # noqa: ANN401
    """Three centres of the map, and the first again: a triangle, whose sides and area pyproj gives too."""
    page: Page = show(render(pipe_layer()))
    page.run(f"{DRAWN}.on('measured', (told) => {{ window.told = told; }})")
    page.run(f"{DRAWN}.measure(true)")
    assert page.run(f"{DRAWN}.measuring()")
    start = page.run(f"{DRAWN}.viewState()")
    corners = [(0.0, 0.0), (0.01, 0.0), (0.01, 0.01)]
    for east, north in [*corners, (0.0, 0.0)]:
        place = {**start, "lng": start["lng"] + east, "lat": start["lat"] + north, "zoom": 19}
        page.run(f"{DRAWN}.setView({place})")
        page.run("document.querySelector('.dr-pane').focus()")
        page.press("Enter", 13)
    told = page.run("window.told")
    ring = [(start["lng"] + east, start["lat"] + north) for east, north in corners]
    area, length = pyproj.Geod(ellps="sphere").geometry_area_perimeter(shapely.Polygon(ring))
    assert told["length_m"] == pytest.approx(length, rel=1e-3)
    assert told["area_m2"] == pytest.approx(abs(area), rel=2e-3)
    assert "area" in page.run("document.querySelector('.dr-measure').textContent")
    page.press("Backspace", 8)
    assert page.run("window.told.area_m2") == 0
    page.press("Escape", 27)
    assert page.run("document.querySelector('.dr-measure')") is None
    assert not page.run(f"{DRAWN}.measuring()")


def test_two_periods_stand_side_by_side_and_show_one_place(show: Any) -> None:  # noqa: ANN401
    periods = {"before": [pipe_layer(), point_layer()], "after": [pipe_layer(pipes(9)), point_layer(points(0))]}
    page: Page = show(page_of((), title="compared", periods=periods).html)
    page.run(f"{DRAWN}.beside({{left: 0, right: 1}})")
    assert page.run("[...document.querySelectorAll('.dr-side')].map((one) => one.textContent)") == ["before", "after"]
    page.run(f"{DRAWN}.setView({{...{DRAWN}.viewState(), zoom: 16.5}})")
    same = page.run(
        "(() => { const bars = [...document.querySelectorAll('.leaflet-control-scale')].map((one) => one.textContent);"
        " return bars.length === 2 && bars[0] === bars[1]; })()"
    )
    assert same
    page.run(f"{DRAWN}.beside(null)")
    assert page.run("document.querySelectorAll('.dr-pane').length") == 1
    assert page.run("document.querySelectorAll('.dr-side').length") == 0


def test_what_is_chosen_and_the_way_of_the_water_are_lit(show: Any) -> None:  # noqa: ANN401
    page: Page = show(render(pipe_layer()))
    assert page.pixels("#FFD84D") == 0
    page.run(f"{DRAWN}.highlight([{{layer: 'pipes', row: 0}}, {{layer: 'pipes', row: 2}}])")
    one = page.pixels("#FFD84D")
    assert one > 200
    page.run(f"{DRAWN}.highlight([])")
    page.run(f"{DRAWN}.path({{layer: 'pipes', pipes: [0, 1], main: [0]}})")
    assert page.pixels("#0B57C2") > 200
    page.run(f"{DRAWN}.path(null)")
    assert page.pixels("#0B57C2") == 0


def test_hostile_or_senseless_states_are_refused(show: Any) -> None:  # noqa: ANN401
    page: Page = show(render(pipe_layer()))
    before = page.run(f"{DRAWN}.viewState()")
    for state in (
        "null",
        "{}",
        "{lat: 'x', lng: 1, zoom: 2}",
        "{lat: NaN, lng: 1, zoom: 2}",
        "{lat: 89, lng: 1, zoom: 2}",
    ):
        assert page.run(f"{DRAWN}.setView({state})") in (False, None)
    assert page.run(f"{DRAWN}.viewState()") == before


def test_the_ground_turns_dark_with_the_theme(show: Any) -> None:  # noqa: ANN401
    page: Page = show(render(pipe_layer()))
    assert page.pixels("#175C99") > 50
    page.run(f"{DRAWN}.setTheme('dark')")
    assert page.pixels("#175C99") == 0
    assert page.run("document.documentElement.dataset.theme") == "dark"
    page.run(f"{DRAWN}.setTheme('light')")
    assert page.pixels("#175C99") > 50
