"""Which works settled which point: streets whose one pipe is too small, and what was done there or elsewhere.

    a --600--> b --600--> c --300--> d --800--> e         100 m each, 4 per mille; c to d carries a sixth of the rest

In 3 a of Shanghai's rain 0.5 ha at each manhole send 0.4 m³/s to c, of which the small pipe carries 0.06 m³/s: it
floods at c and above, until the pipe is as large as the one below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import drainage as dr
from drainage.analyses.outcome import measure_outcome
from tests.support.drains import drain, rain

LEVELS = dict(zip("abcdefgh", (11.0, 10.6, 10.2, 9.8, 9.4, 9.0, 8.6, 8.2), strict=True))


def street(
    *sizes: int, roads: Sequence[str] | None = None, y: float = 0.0, mark: str = "", more: Sequence[str] = (),
    ground: float | Mapping[str, float] = 12.5, aside_m: float = 0.0,
) -> dr.DrainageNetwork:  # fmt: skip
    """Build a street of so many pipes; ``more`` are other pipes; the upper three lie aside and have other ids."""
    names = [f"{name}{mark}" for name in ("ABCdefgh" if aside_m else "abcdefgh")]
    pipes = [f"{names[k]}>{names[k + 1]} storm {size}" for k, size in enumerate(sizes)] + list(more)
    levels = dict(zip(names, LEVELS.values(), strict=True))
    places = {name: (500_000.0 + 100.0 * k, 3_700_000.0 + y + aside_m * (k < 3)) for k, name in enumerate(names)}
    return drain(
        pipes, levels, ground=ground, nodes={"area_ha": dict.fromkeys(names[:4], 0.5)}, places=places,
        road=roads or ["A"] * len(pipes),
    )  # fmt: skip


def simulate(net: dr.DrainageNetwork) -> dr.simulation.FlowState:
    return dr.screen(net, rain(3))


def outcome(before: dr.DrainageNetwork, after: dr.DrainageNetwork, **keywords: Any) -> dr.Result:  # noqa: ANN401
    answers = [{"waterlogging": dr.find_waterlogging(simulate(net))} for net in (before, after)]
    return measure_outcome(before, after, **{"answers": answers, "simulate": simulate, **keywords})


def told(result: dr.Result) -> dict[str, Any]:
    (row,) = result.tables["points"].to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_the_only_works_in_a_part_settled_its_point() -> None:
    result = outcome(street(600, 600, 300, 800), street(600, 600, 800, 800))
    point = told(result)
    assert (point["fate"], point["settled_by"], point["settled_how"]) == ("solved", "W1", "alone")
    assert point["volume_before_m3"] > point["volume_after_m3"] == 0.0
    assert result.summary["storm_runs"] == 0
    works = result.tables["works"].loc["W1"]
    assert (works["road"], works["kinds"], works["pipes_enlarged"], works["length_m"]) == ("A", "enlarged", 1, 100.0)
    assert works["settled"] == point["id_before"]


def test_of_two_works_that_share_a_part_the_one_is_named_that_is_needed_and_enough() -> None:
    roads = ["A", "A", "A", "B"]
    result = outcome(street(600, 600, 300, 800, roads=roads), street(600, 600, 800, 1000, roads=roads))
    point, works = told(result), result.tables["works"]
    assert len(works) == 2
    assert (point["settled_how"], works.loc[str(point["settled_by"]), "road"]) == ("needed_and_enough", "A")
    assert (point["works_in_part"], point["works_tried"], result.summary["storm_runs"]) == (2, 2, 4)


def test_two_bottlenecks_in_a_row_are_settled_only_together() -> None:
    """At d and e the ground is too high for the water, so that what the lower pipe holds back comes out at c."""
    roads = ["A", "A", "A", "B"]
    high = {name: 30.0 if name in "de" else 12.5 for name in LEVELS}
    before, after = (street(*sizes, roads=roads, ground=high) for sizes in ((600, 600, 150, 200), (600, 600, 800, 800)))
    point = told(outcome(before, after))
    assert point["settled_how"] == "together"
    assert set(str(point["settled_by"]).split(", ")) == {"W1", "W2"}
    assert point["enough_works"] == ""


def test_two_ways_out_of_which_either_would_do_are_each_enough() -> None:
    """Beside the enlarged pipe a new one leads from c to another outfall: with either of them c stays dry."""
    roads = ["A", "A", "A", "A"]
    before = street(600, 600, 300, 800, roads=roads)
    after = street(600, 600, 800, 800, roads=[*roads, "B"], more=["c>h storm 800"])
    point = told(outcome(before, after))
    assert point["settled_how"] == "enough"
    assert set(str(point["settled_by"]).split(", ")) == {"W1", "W2"}
    assert point["needed_works"] == ""


def both_streets(first: Sequence[int], second: Sequence[int]) -> dr.DrainageNetwork:
    """Build two streets a kilometre apart in one network."""
    parts = [street(*sizes, y=y, mark=mark, roads=[*[f"{mark}2"] * 3, f"{mark}1"])
             for sizes, y, mark in ((first, 0.0, "x"), (second, 1000.0, "y"))]  # fmt: skip
    pipes = pd.concat([part.pipes.set_axis(part.pipes.index + f"-{k}") for k, part in enumerate(parts)])
    nodes = pd.concat([part.nodes for part in parts])
    return dr.DrainageNetwork(gpd.GeoDataFrame(pipes, crs=4548), gpd.GeoDataFrame(nodes, crs=4548), source="two")


def test_works_in_different_parts_are_taken_back_in_one_run() -> None:
    small, large = (600, 600, 300, 800), (600, 600, 800, 1000)
    result = outcome(both_streets(small, small), both_streets(large, large))
    assert result.summary["storm_runs"] == 4
    assert list(result.tables["points"]["settled_how"]) == ["needed_and_enough"] * 2
    works = result.tables["works"]["road"]
    assert {works[name] for name in result.tables["points"]["settled_by"]} == {"x2", "y2"}


def test_runs_are_capped_and_what_was_not_tried_is_said() -> None:
    roads = ["A", "A", "A", "B"]
    before, after = street(600, 600, 300, 800, roads=roads), street(600, 600, 800, 1000, roads=roads)
    none = told(outcome(before, after, most_runs=0))
    assert (none["settled_how"], none["settled_by"], none["works_tried"]) == ("not_tried", "", 0)
    nearest = outcome(before, after, most_runs=2)
    assert (told(nearest)["settled_how"], told(nearest)["works_tried"]) == ("needed_and_enough", 1)
    assert nearest.summary["storm_runs"] == 2


def test_without_a_simulation_works_that_share_a_part_are_not_told_apart() -> None:
    roads = ["A", "A", "A", "B"]
    before, after = street(600, 600, 300, 800, roads=roads), street(600, 600, 800, 1000, roads=roads)
    result = outcome(before, after, simulate=None)
    assert told(result)["settled_how"] == "not_tried"
    assert "no storm was run" in result.summary["assumptions"]["settled_how"]


def test_a_point_that_got_better_without_works_in_its_part_is_said_to_have_none() -> None:
    """Less ground drains to the manholes: a layer beside the pipes is another, the pipes are not."""

    def drained(net: dr.DrainageNetwork, side_m: float) -> dr.DrainageNetwork:
        nodes = net.nodes.iloc[:4]
        ground = gpd.GeoDataFrame(
            {"node_id": list(nodes.index), "runoff_coefficient": 1.0},
            geometry=[point.buffer(side_m / 2, cap_style="square") for point in nodes.geometry],
            index=pd.Index([f"k{k}" for k in range(4)], name="catchment_id"), crs=net.crs,
        )  # fmt: skip
        return net.replace(nodes=net.nodes.drop(columns=["area_ha"]), catchments=ground)

    net = street(600, 600, 300, 800)
    point = told(outcome(drained(net, 70.0), drained(net, 10.0)))
    assert (point["fate"], point["settled_how"], point["settled_by"]) == ("solved", "no_works", "")


def test_a_run_that_fails_is_counted_and_said() -> None:
    roads = ["A", "A", "A", "B"]
    before, after = street(600, 600, 300, 800, roads=roads), street(600, 600, 800, 1000, roads=roads)

    def fails(_: dr.DrainageNetwork) -> dr.simulation.FlowState:
        raise dr.errors.SimulationError(dr.words.in_both("no_storm"))

    result = outcome(before, after, simulate=fails)
    assert told(result)["settled_how"] == "not_tried"
    assert "could not be made" in result.summary["assumptions"]["runs_failed"]


@pytest.mark.parametrize("engine", ["screening", "swmm"])
def test_either_engine_can_be_asked(engine: str) -> None:
    roads = ["A", "A", "A", "B"]
    before, after = street(600, 600, 300, 800, roads=roads), street(600, 600, 800, 1000, roads=roads)

    def ask(net: dr.DrainageNetwork) -> dr.simulation.FlowState:
        return dr.simulate_swmm(net, rain(3)) if engine == "swmm" else simulate(net)

    answers = [{"waterlogging": dr.find_waterlogging(ask(net))} for net in (before, after)]
    result = measure_outcome(before, after, answers=answers, simulate=ask)
    point = told(result)
    assert (point["fate"], point["settled_how"]) == ("solved", "needed_and_enough")
    assert result.provenance.engine == engine
