"""Whatever a network is cut into, every table of the three answers is that of the single run, to the last bit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.errors import FormatError
from drainage.partitions import gathered_points, tasks
from drainage.partitions.answering import answer, read_answers, workplace
from drainage.partitions.laying_out import lay_out
from drainage.partitions.packing import partitions_of
from drainage.partitions.piece import read_piece
from drainage.partitions.tasks import PIECES
from drainage.positions.drawn_later import DrawnLater
from drainage.simulation.screening import without
from drainage.simulation.setup import Setup
from tests.cities.deliveries import SOURCES, mapping_of, source_of
from tests.support.drains import rain
from tests.support.examples import examples
from tests.support.partitioned import ONE, assert_alike, in_partitions, whole
from tests.support.towns_in_parts import drained, street, towns


@pytest.mark.parametrize("count", [pytest.param(1, marks=pytest.mark.long), 3])
def test_a_street_whose_low_ground_is_told_by_the_drain_of_another_piece(tmp_path: Path, count: int) -> None:
    """The nodes of B lie 40 m from those of A and 1.5 m higher: that A lies low is only seen from both pieces."""
    net, storm = street(), rain(5.0)
    found = in_partitions(net, storm, tmp_path / "out", count, workers=ONE)
    assert_alike(found, whole(net, storm))
    assert (found[0]["waterlogging"]["points"]["avoided_low_ground_m3"] > 0.0).any()
    assert found[1]["mixed_flow"]["misconnections"] == 1
    piece = partitions_of(net, count).local[net.node_positions(["A0", "B0"])]
    assert (piece[0] != piece[1]) == (count > 1)


@pytest.mark.parametrize("named", [True, False])
def test_cutting_draws_no_line_of_the_whole_and_keeps_no_object_for_an_id(tmp_path: Path, *, named: bool) -> None:
    """A million lines that are drawn are 350 MiB, a million ids as objects 70; roads are made of the names of pipes."""
    whole = dr.load_demo("2018-12-31").pipes
    lines = whole.drop(columns=["commissioned", "abandoned", *(["road"] if not named else [])])
    pyogrio.write_dataframe(lines.reset_index(), tmp_path / "town.gpkg")
    net = dr.read_network(tmp_path / "town.gpkg").as_of("2018-12-31")
    lay_out(net, rain(5.0), Setup(), 3, tmp_path, lambda _: None)
    shapes = net.pipes.geometry.array
    assert isinstance(shapes, DrawnLater)
    assert shapes.flat is not None
    assert all("_engine" not in vars(ids)["_cache"] for ids in (net.pipes.index, net.nodes.index))


def assert_alike_cut_in(net: dr.DrainageNetwork, count: int, period: float) -> None:
    """Assert that a storm finds in so many partitions what it finds in the whole."""
    storm = rain(period)
    with TemporaryDirectory() as folder:
        assert_alike(in_partitions(net, storm, Path(folder) / "out", count, workers=ONE), whole(net, storm))


@contextmanager
def most_reruns(share: float) -> Iterator[None]:
    """Let what is tried for causes sweep no more than such a share of the network."""
    with pytest.MonkeyPatch.context() as patch:
        for room in (without, tasks, gathered_points):
            patch.setattr(room, "MOST_RERUNS", share)
        yield


@pytest.mark.long
@examples(25)
@given(net=towns(), count=st.integers(1, 6), period=st.sampled_from([1.0, 20.0, 100.0]))
def test_towns_at_random(net: dr.DrainageNetwork, count: int, period: float) -> None:
    assert_alike_cut_in(net, count, period)


@pytest.mark.long
@examples(15)
@given(net=towns(), share=st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_where_reruns_run_short_the_same_points_are_not_looked_at(net: dr.DrainageNetwork, share: float) -> None:
    """So few that sets of points are left out: which, the whole network decides, and no piece by itself."""
    with most_reruns(share):
        assert_alike_cut_in(net, 4, 20.0)


@pytest.mark.long
@examples(30)
@given(net=towns(joined=True), count=st.integers(2, 6), period=st.sampled_from([1.0, 20.0, 100.0]))
def test_towns_that_are_one_part(net: dr.DrainageNetwork, count: int, period: float) -> None:
    """Their storm parts are asked apart, by pieces in which pipes of other sewers end where another begins."""
    assert_alike_cut_in(net, count, period)


@pytest.mark.long
@examples(15)
@given(net=towns(joined=True), share=st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_in_one_part_too_the_same_points_are_not_looked_at(net: dr.DrainageNetwork, share: float) -> None:
    with most_reruns(share):
        assert_alike_cut_in(net, 4, 20.0)


def test_drains_that_one_sewer_fouls_are_as_many_partitions_as_are_asked_for(tmp_path: Path) -> None:
    """One part of 56 pipes; a pipe of the sewer may lie in two pieces, and one of them answers for it."""
    net, storm = drained(8, 6), rain(20.0)
    with workplace(tmp_path / "out") as place:
        plan = lay_out(net, storm, Setup(), 4, place, lambda _: None)
        answer(plan, tmp_path / "out", workers=ONE)
        pieces = [read_piece(place / PIECES / task.laid.name) for task in plan.local_tasks]
    assert net.graph.part.max() == 0
    assert [len(piece.net.pipes) for piece in pieces] == [16, 16, 16, 14]  # with two that begin in another
    answers = tmp_path / "out" / "answers"
    assert _rows_of(answers / "waterlogging.pipes.parquet") == [16, 14, 14, 12]
    assert _rows_of(answers / "mixed_flow.pipes.parquet") == [56]
    found = (read_answers(tmp_path / "out"), json.loads((tmp_path / "out" / "summary.json").read_text("utf-8")))
    assert_alike(found, whole(net, storm))
    assert len(found[0]["waterlogging"]["points"]) == 8


def _rows_of(folder: Path) -> list[int]:
    return [len(pd.read_parquet(file)) for file in sorted(folder.glob("*.parquet"))]


@pytest.mark.long
def test_a_city_most_of_which_is_one_part_is_cut_into_small_pieces_all_the_same(
    shared_networks: Path, tmp_path: Path
) -> None:
    """Half the pipes of this extract are one part, of which storm pipes alone leave small ones."""
    net = dr.read_network(source_of(shared_networks, "victoria"), mapping=mapping_of("victoria"))
    part = np.bincount(net.graph.part[net.graph.tail]).max() / len(net.pipes)
    storm = np.bincount(partitions_of(net, 6).local[net.graph.tail]).max() / len(net.pipes)
    assert (round(part, 2), round(storm, 2)) == (0.48, 0.21)
    assert_alike(in_partitions(net, rain(20.0), tmp_path / "out", 6, workers=ONE), whole(net, rain(20.0)))


@pytest.mark.long
@pytest.mark.parametrize("count", [2, 8])
def test_the_demo_city(tmp_path: Path, count: int) -> None:
    net = dr.load_demo("2018-12-31")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    setup = dr.Setup(tailwater_m=19.0, uplift_within=1.0)
    storms = {"as it is": (storm, dr.Setup()), "high water, a rarer storm": (replace(storm, return_period_a=50), setup)}
    for name, (one, granted) in storms.items():
        found = in_partitions(net, one, tmp_path / name, count, setup=granted, workers=ONE)
        assert_alike(found, whole(net, one, granted))


@pytest.mark.long
@pytest.mark.parametrize("city", SOURCES)
def test_real_cities(shared_networks: Path, tmp_path: Path, city: str) -> None:
    net = dr.read_network(source_of(shared_networks, city), mapping=mapping_of(city))
    assert_alike(in_partitions(net, rain(20.0), tmp_path / "out", 6, workers=ONE), whole(net, rain(20.0)))


def test_without_rain_waterlogging_is_not_answered_and_the_others_are(tmp_path: Path) -> None:
    tables, summary = in_partitions(street(), None, tmp_path / "out", 2, workers=ONE)
    assert set(tables) == {"mixed_flow", "separation"}
    assert "storm" in summary["waterlogging"]["not_answered"]
    with pytest.raises(FormatError, match="tables without map"):
        dr.read_report(tmp_path / "out")
