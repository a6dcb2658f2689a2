"""Names along roads: read from the left or downwards, apart from each other, left out where there is no room."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drainage.papers.drawn.sheets import Box, Sheet, Text
from drainage.papers.system_map.label_field import Field, Track, covered_points
from drainage.papers.system_map.road_names import NameLook, write_along

LOOK = NameLook(10.0, "#000000", beside_mm=1.0)


def written(name: str, points: list[tuple[float, float]], field: Field | None = None) -> list[Text]:
    sheet = Sheet(200.0, 200.0)
    field = field or Field(Box(0.0, 0.0, 200.0, 200.0))
    write_along(sheet, field, Track.along(np.array(points)), name, LOOK, every_mm=500.0, most=9.0, layer="N")
    return list(sheet.texts)


@pytest.mark.parametrize("ends", [((20.0, 100.0), (180.0, 100.0)), ((180.0, 100.0), (20.0, 100.0))])
def test_chinese_stands_sign_by_sign_from_left_to_right_whichever_way_the_road_is_drawn(
    ends: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    signs = written("人民路", list(ends))
    assert [one.text for one in sorted(signs, key=lambda one: one.x)] == ["人", "民", "路"]
    assert {one.angle_deg for one in signs} == {0.0}


@pytest.mark.parametrize("ends", [((100.0, 20.0), (100.0, 180.0)), ((100.0, 180.0), (100.0, 20.0))])
def test_on_a_steep_road_it_stands_upright_and_runs_downwards(
    ends: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    signs = written("人民路", list(ends))
    assert [one.text for one in sorted(signs, key=lambda one: -one.y)] == ["人", "民", "路"]
    assert all(abs(one.angle_deg) < 1e-9 for one in signs)


def test_other_names_are_one_line_along_the_road_that_is_not_upside_down() -> None:
    (text,) = written("GRANGE AVE", [(180.0, 20.0), (20.0, 180.0)])
    assert text.text == "GRANGE AVE"
    assert text.angle_deg == pytest.approx(-45.0)


def test_a_name_keeps_to_the_side_of_what_lies_in_its_way_and_is_left_out_where_all_is_taken() -> None:
    road = [(20.0, 100.0), (180.0, 100.0)]
    field = Field(Box(0.0, 0.0, 200.0, 200.0))
    field.mark((100.0, 103.0), 200.0, 5.0, 50.0)
    assert all(one.y < 100.0 for one in written("人民路", road, field))
    full = Field(Box(0.0, 0.0, 200.0, 200.0))
    full.take((100.0, 100.0), 200.0, 40.0)
    assert written("人民路", road, full) == []
    assert written("人民路", [(20.0, 100.0), (26.0, 100.0)]) == []


@given(st.lists(st.tuples(st.floats(10.0, 190.0), st.floats(10.0, 190.0), st.floats(0.0, 360.0)), max_size=30))
def test_labels_that_the_field_lets_stand_never_touch(places: list[tuple[float, float, float]]) -> None:
    field, boxes = Field(Box(0.0, 0.0, 200.0, 200.0)), []
    for x, y, angle in places:
        if np.isfinite(field.judge(covered_points(np.array([[x, y]]), 14.0, 3.0, angle))[0]):
            field.take((x, y), 14.0, 3.0, angle)
            corners = covered_points(np.array([[x, y]]), 14.0, 3.0, angle)[0]
            boxes.append(shapely.MultiPoint(corners).convex_hull)
    for number, one in enumerate(boxes):
        assert not any(one.intersects(other) for other in boxes[:number])
        assert one.within(shapely.box(0.0, 0.0, 200.0, 200.0))
