"""Rows of a survey held against a network: which feature each is, at which nodes it ends, and on which road it lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point

import drainage as dr
from drainage.change_sets import Change, ChangeSet, absent_ids
from drainage.change_sets.of_survey import OfSurvey, changes_of_survey
from drainage.change_sets.roads_of_changes import place_on_roads
from drainage.network import DrainageNetwork
from tests.support.networks import build

PLACES = {"a": (500000.0, 3700000.0), "b": (500100.0, 3700000.0), "out": (500200.0, 3700000.0)}


@pytest.fixture
def street() -> DrainageNetwork:
    """Give a street of two pipes: a > b > out."""
    return build(["a>b storm 600", "b>out storm 600"], places=PLACES, road=["Long Street"] * 2)


def pipes(*rows: Mapping[str, object]) -> gpd.GeoDataFrame:
    """Give a table of pipes of a survey, as reading makes it."""
    names = ("pipe_id", "system", "from_node", "to_node", "status", "road", "action")
    table = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names}
    days = {
        name: pd.Series([row.get(name) for row in rows], dtype="datetime64[ms]")
        for name in ("commissioned", "abandoned")
    }
    numbers = {
        name: pd.Series([row.get(name, np.nan) for row in rows], dtype=np.float64)
        for name in ("diameter_mm", "invert_from_m", "invert_to_m", "depth_from_m", "depth_to_m")
    }
    shapes = [None if (line := row.get("line")) is None else shapely.LineString(line) for row in rows]  # type: ignore[arg-type]  # places
    return gpd.GeoDataFrame(table | days | numbers, geometry=np.array(shapes, dtype=object), crs=4548)


def nodes(*rows: Mapping[str, object]) -> gpd.GeoDataFrame:
    """Give a table of nodes of a survey."""
    table = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in ("node_id", "road", "action")}
    numbers = {
        name: pd.Series([row.get(name, np.nan) for row in rows], dtype=np.float64)
        for name in ("ground_m", "invert_m", "depth_m")
    }
    shapes = [shapely.Point(row["at"]) for row in rows]  # type: ignore[call-overload]  # a place
    return gpd.GeoDataFrame(table | numbers, geometry=np.array(shapes, dtype=object), crs=4548)


def survey(net: DrainageNetwork, *rows: Mapping[str, object], points: gpd.GeoDataFrame | None = None) -> OfSurvey:
    return changes_of_survey(net, pipes(*rows), points, name="works")


class TestProblems:
    def test_a_pipe_of_no_ends_does_not_end_where_it_begins(self, street: DrainageNetwork) -> None:
        with pytest.raises(dr.errors.SchemaError) as told:
            survey(street, {"pipe_id": "new", "system": "storm"})
        assert "begins and ends at" not in str(told.value)
        assert str(told.value).count("new") == 2  # neither end is known

    def test_how_many_more_there_are_is_told(self, street: DrainageNetwork) -> None:
        with pytest.raises(dr.errors.SchemaError, match=r"\nand 30 more\n"):
            survey(street, *({"pipe_id": f"x{k}", "action": "change"} for k in range(50)))

    def test_ids_are_likened_only_where_that_is_told(
        self, street: DrainageNetwork, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = list[object]()

        def like(name: object, _: object) -> list[str]:
            asked.append(name)
            return []

        monkeypatch.setattr(absent_ids, "ids_like", like)
        with pytest.raises(dr.errors.SchemaError):
            survey(street, *({"pipe_id": f"x{k}", "action": "change"} for k in range(50)))
        assert len(asked) == 20


class TestDepths:
    """Ground 20 m at a, 21 m at the new node c; a pipe from a to c, 1.5 m deep at a and 2.25 m at c."""

    @pytest.fixture
    def ground(self, street: DrainageNetwork) -> DrainageNetwork:
        return street.replace(nodes=street.nodes.assign(ground_m=[20.0, 19.5, np.nan]))

    new: ClassVar = {"pipe_id": "new", "system": "storm", "from_node": "a", "depth_from_m": 1.5, "depth_to_m": 2.25}

    def test_of_new_pipes_become_levels(self, ground: DrainageNetwork) -> None:
        points = nodes({"node_id": "c", "ground_m": 21.0, "at": (500000.0, 3700050.0)})
        found = survey(ground, {**self.new, "to_node": "c"}, points=points)
        (pipe,) = [one for one in found.changes.changes if one.layer == "pipes"]
        assert (pipe.columns["invert_from_m"], pipe.columns["invert_to_m"]) == (18.5, 18.75)
        assert any("2 inverts of new pipes were computed from their depths" in one for one in found.decided)

    def test_stay_what_they_are_where_the_ground_is_unknown(self, ground: DrainageNetwork) -> None:
        found = survey(ground, {**self.new, "to_node": "out"})
        (pipe,) = found.changes.changes
        assert pipe.columns["invert_from_m"] == 18.5
        assert "invert_to_m" not in pipe.columns
        assert any("at 1 ends new pipes have a depth and no invert" in one for one in found.decided)

    def test_give_way_to_an_invert(self, ground: DrainageNetwork) -> None:
        found = survey(ground, {**self.new, "to_node": "b", "invert_from_m": 18.0, "invert_to_m": 17.0})
        assert found.changes.changes[0].columns["invert_from_m"] == 18.0
        assert not any("depth" in one for one in found.decided)

    def test_say_where_the_level_comes_from(self, ground: DrainageNetwork) -> None:
        marked = ground.replace(pipes=ground.pipes.assign(invert_from_source="recorded", invert_to_source="recorded"))
        done = dr.apply_changes(marked, survey(marked, {**self.new, "to_node": "b"}).changes)
        row = done.network.pipes.loc["new"]
        assert (row["invert_from_m"], row["invert_from_source"]) == (18.5, "depth")


class TestPlacesOfNodes:
    """A node of a road lies beside it, or where a new pipe of that road leads."""

    @pytest.mark.parametrize(("y", "elsewhere"), [(3700040.0, False), (3700060.0, True)])
    def test_a_new_one_lies_on_the_road_that_it_names(
        self, street: DrainageNetwork, y: float, *, elsewhere: bool
    ) -> None:
        alone = Change(
            action="add", layer="nodes", id="c", columns={"road": "Long Street"}, geometry=Point(500050.0, y)
        )
        found = place_on_roads(street, ChangeSet(name="works", changes=[alone], crs=street.crs), ["long street"])
        assert [("counts as of Long Street" in one, "lies farther" in one) for one in found.problems] == [
            (True, True)
        ] * elsewhere

    def test_a_new_one_at_the_end_of_a_new_pipe_may_be_farther(self, street: DrainageNetwork) -> None:
        node = Change(
            action="add", layer="nodes", id="c", columns={"road": "Long Street"}, geometry=Point(500200.0, 3700090.0)
        )
        line = shapely.LineString([PLACES["out"], (500200.0, 3700090.0)])
        told = {"from_node": "out", "to_node": "c", "system": "storm", "road": "Long Street"}
        pipe = Change(action="add", layer="pipes", id="new", columns=told, geometry=line)
        edits = ChangeSet(name="works", changes=[node, pipe], crs=street.crs)
        assert place_on_roads(street, edits, ["Long Street"]).problems == []
