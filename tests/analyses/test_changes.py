"""What changed from one network to a later one: each kind by hand, and works made at random on real cities.

Truth: by hand for each kind; else the works themselves (`tests.support.works_at_random`), which are known.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import drainage as dr
from drainage.analyses.changes import find_changes, pair_networks
from drainage.errors import CrsError, SchemaError
from drainage.network import DrainageNetwork
from drainage.result import Result
from tests.cities.deliveries import SOURCES, source_of
from tests.support.demo import city, whole_city
from tests.support.works_at_random import Worked, renumbered, shuffled, work_at

NETWORKS = Path(__file__).parents[3] / "shared" / "networks"
needs_cities = pytest.mark.skipif(not NETWORKS.is_dir(), reason="needs the real networks beside the checkout")
DAY = pd.Timestamp("2010-05-01")


def street(**columns: Any) -> DrainageNetwork:  # noqa: ANN401 - cells of any column
    """Three pipes of 50 m in a row, a → b → c → d; ``columns`` are set, by pipe where they are dicts."""
    pipes = gpd.GeoDataFrame(
        {
            "from_node": ["a", "b", "c"],
            "to_node": ["b", "c", "d"],
            "system": "storm",
            "shape": "circular",
            "diameter_mm": 400.0,
            "invert_from_m": [20.0, 19.8, 19.6],
            "invert_to_m": [19.8, 19.6, 19.4],
            "length_m": 50.0,
            "material": "concrete",
            "road": "East Road",
            "commissioned": DAY,
            "abandoned": pd.NaT,
        },
        index=pd.Index(["P1", "P2", "P3"], name="pipe_id"),
        geometry=[shapely.LineString([(x, 0.0), (x + 50.0, 0.0)]) for x in (0.0, 50.0, 100.0)],
        crs=4548,
    )
    for name, value in columns.items():
        for pipe, cell in value.items() if isinstance(value, dict) else ((each, value) for each in pipes.index):
            pipes.loc[[pipe], name] = gpd.GeoSeries([cell], [pipe], crs=4548) if name == "geometry" else cell
    return network(pipes)


def network(pipes: gpd.GeoDataFrame, **layers: gpd.GeoDataFrame) -> DrainageNetwork:
    """Give the pipes with a node at each end of theirs."""
    ends: dict[str, tuple[float, float]] = {}
    row: Any
    for row in pipes.itertuples():
        ends[row.from_node], ends[row.to_node] = row.geometry.coords[0], row.geometry.coords[-1]
    nodes = gpd.GeoDataFrame(
        {"kind": None, "system": "storm"},
        index=pd.Index(list(ends), name="node_id"),
        geometry=[shapely.Point(place) for place in ends.values()],
        crs=4548,
    )
    return DrainageNetwork(pipes, nodes, layers=layers)


def drawn(pipe: gpd.GeoDataFrame, *places: tuple[float, float]) -> gpd.GeoDataFrame:
    """Give the one pipe along other places."""
    return pipe.set_geometry(gpd.GeoSeries([shapely.LineString(places)], pipe.index, crs=pipe.crs))


def told(result: Result, kind: str = "pipe") -> set[tuple[object, ...]]:
    rows = result.changes[result.changes["feature_kind"] == kind]
    cells = rows[["id_before", "id_after", "change", "attribute"]].astype(object)
    return set(cells.where(cells.notna(), None).itertuples(index=False, name=None))


def worked(net: DrainageNetwork, seed: int) -> tuple[Worked, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return work_at(net, rng), rng


class TestKinds:
    """Each kind by hand, on three pipes in a row."""

    @pytest.mark.parametrize(
        ("columns", "expected"),
        [
            ({"invert_to_m": {"P2": 19.55}}, {("P2", "P2", "relaid", "invert_to_m")}),
            ({"invert_to_m": {"P2": 19.595}}, {("P2", "P2", "edited", "invert_to_m")}),
            (
                {"material": {"P2": "HDPE"}, "commissioned": {"P2": pd.Timestamp("2020-01-01")}},
                {("P2", "P2", "relaid", "material; commissioned")},
            ),
            ({"material": {"P2": "HDPE"}}, {("P2", "P2", "edited", "material")}),
            ({"diameter_mm": {"P1": 500.0}}, {("P1", "P1", "enlarged", "diameter_mm")}),
            ({"diameter_mm": {"P1": 300.0}}, {("P1", "P1", "reduced", "diameter_mm")}),
            ({"road": {"P3": "West Road"}}, {("P3", "P3", "edited", "road")}),
            (
                {"diameter_mm": {"P1": 500.0}, "invert_from_m": {"P1": 19.9}, "invert_to_m": {"P1": 19.7}},
                {("P1", "P1", "enlarged", "diameter_mm"), ("P1", "P1", "relaid", "invert_from_m; invert_to_m")},
            ),
        ],
    )
    def test_a_cell_tells_the_kind(self, columns: dict[str, Any], expected: set[tuple[object, ...]]) -> None:
        assert told(find_changes(street(), street(**columns))) == expected

    def test_values_stand_beside_their_columns(self) -> None:
        row = find_changes(street(), street(invert_from_m={"P1": 19.9}, invert_to_m={"P1": 19.7})).changes.iloc[0]
        assert (row["before"], row["after"]) == ("20.0; 19.8", "19.9; 19.7")
        assert (row["road"], row["length_m"]) == ("East Road", 50.0)

    @pytest.mark.parametrize(("by_m", "moved"), [(0.49, False), (0.5, True), (6.0, True)])
    def test_it_has_moved_from_half_a_metre_on(self, by_m: float, moved: bool) -> None:  # noqa: FBT001
        line = shapely.LineString([(50.0, by_m), (100.0, by_m)])
        found = find_changes(street(), street(geometry={"P2": line}))
        assert told(found) == ({("P2", "P2", "moved", "geometry")} if moved else set())
        if moved:
            assert found.changes["distance_m"].iloc[0] == pytest.approx(by_m)

    def test_a_turned_pipe_keeps_the_levels_of_its_ends(self) -> None:
        turned = street(
            geometry={"P2": shapely.LineString([(100.0, 0.0), (50.0, 0.0)])},
            from_node={"P2": "c"}, to_node={"P2": "b"}, invert_from_m={"P2": 19.6}, invert_to_m={"P2": 19.8},
        )  # fmt: skip
        found = find_changes(street(), turned)
        assert told(found) == {("P2", "P2", "turned", "from_node; to_node")}
        assert tuple(found.changes[["before", "after"]].iloc[0]) == ("b; c", "c; b")

    def test_what_is_new_and_gone_has_one_id_only(self) -> None:
        pipes = street().pipes
        more = pipes.iloc[[2]].rename(index={"P3": "P4"})
        more = drawn(more, (100.0, 0.0), (100.0, 60.0))
        more["from_node"], more["to_node"] = "c", "e"
        later = network(pd.concat([pipes.drop(index="P1"), more]))
        assert told(find_changes(street(), later)) == {("P1", None, "removed", None), (None, "P4", "added", None)}
        assert told(find_changes(street(), later), "node") == {("a", None, "removed", None), (None, "e", "added", None)}

    def test_a_pipe_that_is_still_recorded_was_abandoned(self) -> None:
        """P1 bears its day, or is marked and set aside, or lies there no longer on the later day of one file."""
        day = pd.Timestamp("2020-06-30")
        dated = street(abandoned={"P1": day})
        whole = street()
        marked = network(whole.pipes.drop(index="P1"), inactive=whole.pipes.loc[["P1"]].assign(status="abandoned"))
        expected = {("P1", "P1", "abandoned", "abandoned")}
        assert told(find_changes(whole, marked)) == expected
        for before, after in ((whole, dated), (dated.as_of("2015-01-01"), dated.as_of("2021-01-01"))):
            found = find_changes(before, after)
            assert told(found) == expected
            assert found.changes["after"].iloc[0] == "2020-06-30"

    def test_a_new_pipe_on_the_course_of_an_abandoned_one_is_that_pipe_laid_again(self) -> None:
        """P2 was abandoned and N2 laid on its course, of the same material and size."""
        later = pd.Timestamp("2020-06-30")
        pipes = street().pipes
        new = pipes.loc[["P2"]].rename(index={"P2": "N2"}).assign(commissioned=later)
        pipes.loc["P2", "abandoned"] = later
        history = network(pd.concat([pipes, new]))
        found = find_changes(history.as_of("2019-01-01"), history.as_of("2021-01-01"))
        assert told(found) == {("P2", "N2", "relaid", "commissioned")}

    def test_two_pipes_beside_a_combined_one_separate_it_in_two_rows(self) -> None:
        before = street(system="combined")
        pipes = before.pipes
        pair = []
        for system, y in (("storm", 1.5), ("sewage", -1.5)):
            new = pipes.loc[["P2"]].rename(index={"P2": system}).assign(system=system)
            new = drawn(new, (50.0, y), (100.0, y))
            new["from_node"], new["to_node"] = f"{system}1", f"{system}2"
            pair.append(new)
        found = find_changes(before, network(pd.concat([pipes.drop(index="P2"), *pair])))
        assert told(found) == {("P2", "storm", "separated", "system"), ("P2", "sewage", "separated", "system")}
        assert set(found.changes.loc[found.changes["change"] == "separated", "after"]) == {"storm", "sewage"}

    def test_a_combined_pipe_that_carries_storm_water_now_is_separated_with_its_new_sewer(self) -> None:
        before = street(system="combined")
        pipes = before.pipes
        sewer = pipes.loc[["P2"]].rename(index={"P2": "S2"}).assign(system="sewage", from_node="s", to_node="t")
        sewer = drawn(sewer, (50.0, 2.0), (100.0, 2.0))
        pipes.loc["P2", "system"] = "storm"
        found = find_changes(before, network(pd.concat([pipes, sewer])))
        assert told(found) == {("P2", "P2", "separated", "system"), ("P2", "S2", "separated", "system")}

    def test_a_sewer_beside_a_pipe_that_stays_combined_is_new(self) -> None:
        before = street(system="combined")
        sewer = before.pipes.loc[["P2"]].rename(index={"P2": "S2"}).assign(system="sewage", from_node="s", to_node="t")
        sewer = drawn(sewer, (50.0, 2.0), (100.0, 2.0))
        assert told(find_changes(before, network(pd.concat([before.pipes, sewer])))) == {(None, "S2", "added", None)}

    def test_exchanged_numbers_are_new_numbers(self) -> None:
        pipes = street().pipes
        swapped = network(pipes.rename(index={"P1": "P2", "P2": "P1"}))
        assert told(find_changes(street(), swapped), "pipe") == {
            ("P1", "P2", "renamed", "pipe_id"), ("P2", "P1", "renamed", "pipe_id"),
        }  # fmt: skip

    def test_a_new_pipe_in_the_place_of_one_that_has_moved_is_new(self) -> None:
        """P2 lies 4 m north now, and N lies where it was."""
        moved = street(geometry={"P2": shapely.LineString([(50.0, 4.0), (100.0, 4.0)])})
        new = street().pipes.loc[["P2"]].rename(index={"P2": "N"})
        found = find_changes(street(), network(pd.concat([moved.pipes, new])))
        assert told(found) == {("P2", "P2", "moved", "geometry"), (None, "N", "added", None)}

    def test_a_column_of_others_that_every_export_fills_anew_is_told_once(self) -> None:
        one, other = street(surveyor="A", note={"P1": "x"}), street(surveyor="B", note={"P1": "y"})
        found = find_changes(one, other)
        assert told(found) == {("P1", "P1", "edited", "note")}
        assert found.summary["columns_told_once"] == "surveyor (100%)"

    def test_another_end_of_a_pipe_is_an_edit(self) -> None:
        """P3 ended at d; it ends at e now, which stood 8 m further on already."""
        pipes = street().pipes
        beyond = pipes.loc[["P3"]].rename(index={"P3": "P4"}).assign(from_node="d", to_node="e")
        beyond = drawn(beyond, (150.0, 0.0), (158.0, 0.0))
        before = network(pd.concat([pipes, beyond]))
        pipes = before.pipes
        pipes.loc["P3", "to_node"] = "e"
        after = before.replace(pipes=pipes)
        assert told(find_changes(before, after)) == {("P3", "P3", "edited", "to_node")}


class TestProperties:
    @needs_cities
    @pytest.mark.parametrize("name", ["newwestminster", "ottawa", pytest.param("delta", marks=pytest.mark.long)])
    def test_itself_shuffled_and_numbered_anew(self, name: str) -> None:
        net = dr.read_network(source_of(NETWORKS, name))
        rng = np.random.default_rng(7)
        assert find_changes(net, net).changes.empty
        assert find_changes(net, shuffled(net, rng)).changes.empty
        other, _ = renumbered(shuffled(net, rng), rng, set())
        found = find_changes(net, other)
        assert set(found.changes["change"]) == {"renamed"}
        assert found.summary["pipes_renamed"] == len(net.pipes)

    def test_the_demo_city_with_all_that_was_ever_built(self) -> None:
        assert find_changes(whole_city(), whole_city()).changes.empty

    @pytest.mark.long
    @settings(max_examples=4, phases=[Phase.generate], deadline=None)
    @given(st.integers(0, 2**32 - 1))
    def test_works_at_random_on_the_demo_city_are_found_as_what_they_are(self, seed: int) -> None:
        _check(city("2018-12-31"), seed)

    @needs_cities
    @pytest.mark.parametrize(
        "name",
        [pytest.param(name, marks=() if name in {"ottawa", "penticton"} else pytest.mark.long) for name in SOURCES],
    )
    def test_works_at_random_on_a_real_city_are_found_as_what_they_are(self, name: str) -> None:
        _check(dr.read_network(source_of(NETWORKS, name)), 3)


def _check(net: DrainageNetwork, seed: int) -> None:
    """Of all works 98 % are found, and of pipes that nobody touched no more than 0.2 % are called changed."""
    works, rng = worked(net, seed)
    _judge(works.before, works.after, works.done, of=len(net.pipes))
    other, done = renumbered(shuffled(works.after, rng), rng, works.done)
    _judge(works.before, other, done, of=len(net.pipes), but={"renamed"})


def _judge(
    before: DrainageNetwork, after: DrainageNetwork, done: set[Any], *, of: int, but: Collection[str] = ()
) -> None:
    found = {row[:3] for row in told(find_changes(before, after)) if row[2] not in but}
    touched = {name for row in done for name in row[:2]}
    assert len(done - found) <= 0.02 * len(done) + (1 if len(done) < 100 else 0), done - found
    assert len({row for row in found if touched.isdisjoint({*row[:2]} - {None})}) <= 0.002 * of


class TestThroughFiles:
    def test_edits_are_found_between_a_survey_and_the_geopackage_that_was_made_of_it(self, tmp_path: Path) -> None:
        """Our own columns are compared, whichever file they were read from; a second barrel is a larger pipe."""
        net = whole_city()
        pipes = net.pipes
        pipes.loc["YSL0101", "diameter_mm"] = 2000.0
        pipes["barrels"] = 1.0
        pipes.loc["YSL0102", "barrels"] = 2.0
        dr.write_network(net.replace(pipes=pipes), tmp_path / "edited.gpkg")
        found = find_changes(net, dr.read_network(tmp_path / "edited.gpkg"))
        assert told(found) == {
            ("YSL0101", "YSL0101", "enlarged", "diameter_mm"), ("YSL0102", "YSL0102", "enlarged", "barrels"),
        }  # fmt: skip
        assert "columns_told_once" not in found.summary


class TestBadInput:
    def test_another_layer_is_no_later_network(self) -> None:
        net = city("2018-12-31")
        roads = net.layers["roads"].explode(ignore_index=True)
        with pytest.raises(SchemaError, match="another layer or another town"):
            find_changes(net, dr.as_network(roads.assign(system="storm")[["system", "geometry"]]))

    def test_a_distance_below_nought_is_refused(self) -> None:
        with pytest.raises(SchemaError, match="a distance above 0 m"):
            find_changes(street(), street(), moved_m=-1.0)

    def test_two_systems_of_coordinates_never_meet(self) -> None:
        net = street()
        other = DrainageNetwork(net.pipes.to_crs(4547), net.nodes.to_crs(4547))
        with pytest.raises(CrsError, match="EPSG:4548 and EPSG:4547"):
            find_changes(net, other)

    def test_another_town_is_refused(self) -> None:
        net = city("2018-12-31")
        far = net.replace(
            pipes=net.pipes.set_geometry(net.pipes.translate(60_000.0, 0.0)).rename(index=lambda name: f"X{name}"),
            nodes=net.nodes.set_geometry(net.nodes.translate(60_000.0, 0.0)),
        )
        with pytest.raises(SchemaError, match=r"lies 5\d\.\d km from .*another town"):
            find_changes(net, far)

    def test_a_network_that_lies_beside_itself_as_a_whole_has_another_crs(self) -> None:
        net = city("2018-12-31")
        shifted = net.replace(
            pipes=net.pipes.set_geometry(net.pipes.translate(420.0, -130.0)),
            nodes=net.nodes.set_geometry(net.nodes.translate(420.0, -130.0)),
        )
        with pytest.raises(CrsError, match=r"420\.0 m east and -130\.0 m north"):
            find_changes(net, shifted)

    def test_a_network_without_pipes_has_lost_all(self) -> None:
        found = find_changes(street(), network(street().pipes.iloc[:0]))
        assert (found.summary["pipes_removed"], found.summary["nodes_removed"]) == (3, 4)


def test_pairs_are_rows_of_both() -> None:
    pairs = pair_networks(street(), shuffled(street(), np.random.default_rng(0)))
    before, after = street().pipes, shuffled(street(), np.random.default_rng(0)).pipes
    assert before.index[pairs.same[0]].tolist() == after.index[pairs.same[1]].tolist() == ["P1", "P2", "P3"]
