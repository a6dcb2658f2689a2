"""Works against waterlogging: each planted defect is met by its own remedy, and nothing of a plan can be left out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.plans.relief.remedies import LEAST_COVER_M, PIPE_SIZES_MM
from drainage.plans.relief.works import KINDS
from drainage.simulation.screening.model import LEAST_OVERFLOW_M3
from tests.support.drains import drain, of_engine, rain
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drainage.network import DrainageNetwork


def street(
    sizes: Sequence[int],
    *,
    bed: Sequence[float] | None = None,
    silt: Sequence[float] | None = None,
    water: float | None = None,
    ground: float | Mapping[str, float] = 13.0,
    area_ha: float = 0.3,
) -> DrainageNetwork:
    """Pipes ``n0──n1──…`` of 100 m along one road, falling 0.3 m each to 10 m at the last, 0.3 hm² at each node."""
    names = [f"n{k}" for k in range(len(sizes) + 1)]
    levels = bed or [10.0 + 0.3 * (len(sizes) - k) for k in range(len(names))]
    nodes: dict[str, Mapping[str, object]] = {"area_ha": dict.fromkeys(names[:-1], area_ha)}
    if water is not None:
        nodes["water_level_m"] = {names[-1]: water}
    return drain(
        [f"{a}>{b} storm {size}" for a, b, size in zip(names, names[1:], sizes, strict=False)],
        dict(zip(names, levels, strict=True)),
        ground=ground,
        nodes=nodes,
        places={name: (100.0 * k, 0.0) for k, name in enumerate(names)},
        silt_share=list(silt or [0.0] * len(sizes)),
        road=["磬山路"] * len(sizes),
    )


def plan(net: DrainageNetwork, return_period_a: float = 3.0, **options: object) -> dr.Result:
    state = dr.screen(net, rain(return_period_a))
    return dr.plan_relief(state, dr.find_waterlogging(state, least_depth_m=0.0), **options)  # type: ignore[arg-type]


def overflow_m3(net: DrainageNetwork, works: object, return_period_a: float = 3.0) -> float:
    state = dr.screen(dr.plans.with_works(net, works), rain(return_period_a))  # type: ignore[arg-type]
    return float(state.nodes["overflow_m3"].sum())


def test_nothing_overflows_nothing_is_built() -> None:
    result = plan(street([1000, 1000, 1000]))
    assert len(result.tables["works"]) == 0
    assert len(result.tables["points"]) == 0
    assert result.summary["works"] == dict.fromkeys(KINDS, 0)


def test_silt_is_taken_out_where_it_matters_and_nowhere_else() -> None:
    """600 mm falling 0.3 % carry 0.3 hm² each easily; filled to 70 % the middle one does not; 5 % do no harm."""
    net = street([600, 600, 800], silt=[0.0, 0.7, 0.05])
    works = plan(net).tables["works"]
    assert works["kind"].tolist() == ["clean"]
    assert works["pipe_id"].tolist() == ["p1"]
    assert overflow_m3(net, works) == 0.0


def test_volume_of_silt_is_that_of_the_segment() -> None:
    """A circle of 0.6 m silted to 60 % of its height, 100 m: r²(arccos(-0.2) + 0.2 √0.96) = 0.1771 m², 17.71 m³."""
    works = plan(street([800, 600], silt=[0.0, 0.6], area_ha=0.4)).tables["works"]
    assert works["kind"].tolist() == ["clean"]
    assert works["volume_m3"].iloc[0] == pytest.approx(17.71, abs=0.01)


def test_a_throat_is_enlarged_alone() -> None:
    net = street([800, 300, 800])
    result = plan(net)
    works = result.tables["works"]
    assert works["kind"].tolist() == ["enlarge"]
    assert works["pipe_id"].tolist() == ["p1"]
    assert works["diameter_mm"].tolist() == [300.0]
    assert works["new_diameter_mm"].iloc[0] in PIPE_SIZES_MM
    assert result.tables["points"]["solved"].tolist() == ["works"]
    assert overflow_m3(net, works) == 0.0


def test_the_size_is_the_smallest_that_will_do() -> None:
    net = street([800, 300, 800])
    works = plan(net).tables["works"]
    smaller = works.copy()
    at = PIPE_SIZES_MM.index(int(works["new_diameter_mm"].iloc[0]))
    smaller["new_diameter_mm"] = float(PIPE_SIZES_MM[at - 1])
    assert overflow_m3(net, smaller) > LEAST_OVERFLOW_M3


def test_an_adverse_pipe_is_laid_again_and_what_follows_is_laid_deeper() -> None:
    """n1 lies 0.6 m too low: p1 rises to n2; it falls 100 m × 0.0005 = 0.05 m from n1 on, and p2 follows it down."""
    net = street([600, 600, 600], bed=[10.9, 9.6, 10.5, 9.3], ground=11.3, area_ha=0.5)
    works = plan(net).tables["works"].set_index("pipe_id")
    assert "relay" in works["kind"].tolist()
    built = dr.plans.with_works(net, works.reset_index())
    moved = works[works["new_invert_from_m"].notna()]
    assert {"p1"} <= set(moved.index)
    fall = built.pipes["invert_from_m"] - built.pipes["invert_to_m"]
    assert (fall.loc[moved.index] >= 0.05 - 1e-9).all()
    assert overflow_m3(net, works.reset_index()) == 0.0


def test_no_enlarged_pipe_runs_into_a_smaller_one() -> None:
    net = street([300, 300, 300, 300, 300], area_ha=0.5)
    built = dr.plans.with_works(net, plan(net).tables["works"]).pipes
    grown = (built["diameter_mm"] > 300).to_numpy()
    assert grown.any()
    size = built["diameter_mm"].to_numpy()
    assert (size[1:][grown[:-1]] >= size[:-1][grown[:-1]]).all()


def test_cover_bounds_the_size_and_pipes_go_side_by_side() -> None:
    """1.4 m of ground over the inverts leave room for DN700 under 0.7 m of earth: not enough for 1.6 hm² a node."""
    bed = [10.9, 10.6, 10.3, 10.0]
    net = street([300, 300, 300], area_ha=1.6, ground={f"n{k}": level + 1.4 for k, level in enumerate(bed)})
    works = plan(net).tables["works"]
    assert (works["new_diameter_mm"].dropna() <= 700).all()
    assert "parallel" in works["kind"].tolist()
    assert overflow_m3(net, works) == 0.0


def test_water_that_stands_above_the_street_is_kept_out_at_the_outfall() -> None:
    """The river stands at the ground of n0: no pipe of any size drains it by gravity."""
    net = street([800, 800], water=12.9, ground={"n0": 12.2, "n1": 13.5, "n2": 14.0})
    works = plan(net).tables["works"]
    assert "free_outfall" in works["kind"].tolist()
    assert works.loc[works["kind"] == "free_outfall", "node_id"].tolist() == ["n2"]
    assert works.loc[works["kind"] == "free_outfall", "pump_m3s"].iloc[0] > 0
    assert overflow_m3(net, works) == 0.0


def test_what_no_pipe_can_do_is_held_back() -> None:
    """Sizes up to 300 mm and four side by side do not carry 5 hm² a node: all that overflows is to be stored."""
    net = street([300, 300], area_ha=5.0)
    result = plan(net, sizes_mm=(300,))
    points, works = result.tables["points"], result.tables["works"]
    assert points["solved"].tolist() == ["storage"]
    assert works["kind"].tolist() == ["storage"]
    assert works["volume_m3"].sum() == pytest.approx(points["before_m3"].sum(), abs=0.2)


def test_a_link_takes_the_place_of_a_longer_digging() -> None:
    """Six pipes of a street would have to grow; 40 m beside its head a trunk of 2 m lies 1.5 m deeper, nearly empty."""
    names = [f"n{k}" for k in range(7)]
    bed = {name: 12.0 - 0.2 * k for k, name in enumerate(names)} | {"t0": 10.0, "t1": 9.0}
    net = drain(
        [f"{a}>{b} storm 300" for a, b in pairwise(names)] + ["t0>t1 storm 2000"],
        bed,
        ground=14.0,
        nodes={"area_ha": {**dict.fromkeys(names[1:-1], 0.01), "n0": 0.6, "t0": 0.1}},
        places={name: (100.0 * k, 0.0) for k, name in enumerate(names)} | {"t0": (0.0, 40.0), "t1": (600.0, 40.0)},
    )
    result = plan(net)
    works = result.tables["works"]
    assert works["kind"].tolist() == ["link"]
    assert works[["node_id", "to_node"]].to_numpy().tolist() == [["n0", "t0"]]
    assert works["length_m"].tolist() == [40.0]
    assert result.tables["points"]["solved"].tolist() == ["works"]
    assert result.tables["points"]["after_m3"].tolist() == [result.summary["after_m3"]] == [0.0]
    assert overflow_m3(net, works) == 0.0
    assert "link" not in plan(net, link_reach_m=30.0).tables["works"]["kind"].tolist()
    swmm = dr.simulate_swmm(dr.plans.with_works(net, works), rain())
    assert swmm.nodes["overflow_m3"].sum() < 0.02 * dr.simulate_swmm(net, rain()).nodes["overflow_m3"].sum()


def test_a_flood_may_stand_on_the_lane() -> None:
    """In 30 a the street may carry 15 cm: fewer works than for a dry street, and the rest stays within it."""
    net = street([500, 500, 500], area_ha=0.5)
    state = dr.screen(net, rain(30))
    found = dr.find_waterlogging(state, least_depth_m=0.0)
    dry = dr.plan_relief(state, found, standard="sewer").tables["works"]
    flood = dr.plan_relief(state, found)
    assert "flood" in flood.summary["assumptions"]["standard"]
    assert flood.tables["works"]["volume_m3"].sum() < dry["volume_m3"].sum()
    after = dr.screen(dr.plans.with_works(net, flood.tables["works"]), rain(30))
    assert (dr.find_waterlogging(after).tables["points"]["within_standard"] == "yes").all()


def test_a_second_run_says_what_it_finds() -> None:
    net = street([800, 300, 800])
    result = plan(net, simulate=lambda built: dr.simulate_swmm(built, rain()))
    point = result.tables["points"].iloc[0]
    assert point["second_run_before_m3"] > 0
    assert point["second_run_after_m3"] < 0.02 * point["second_run_before_m3"] + LEAST_OVERFLOW_M3
    assert point["second_run"] == "swmm"


def test_a_later_point_makes_works_of_an_earlier_one_needless() -> None:
    """Two streets meet in a trunk: planned one after the other, yet no pipe of the whole plan can be left out."""
    net = drain(
        ["a>b storm 300", "b>m storm 800", "c>d storm 300", "d>m storm 800", "m>o storm 800"],
        {"a": 13.0, "b": 12.6, "c": 13.0, "d": 12.6, "m": 12.2, "o": 11.8},
        ground=14.5,
        nodes={"area_ha": {"a": 0.8, "c": 0.7}},
        places={"a": (0, 0), "b": (100, 0), "c": (0, 200), "d": (100, 200), "m": (200, 100), "o": (300, 100)},
    )
    works = plan(net, link_reach_m=0.0).tables["works"]
    assert overflow_m3(net, works) == 0.0
    sizes = dr.plans.with_works(net, works).pipes["diameter_mm"]
    assert (sizes[["p0", "p2"]] > 300).all()
    for number in works.index:
        built = dr.plans.with_works(net, works.drop(number)).pipes["diameter_mm"]
        into_smaller = any(built[a] > built[b] for a, b in (("p0", "p1"), ("p2", "p3"), ("p1", "p4"), ("p3", "p4")))
        assert into_smaller or overflow_m3(net, works.drop(number)) > 0.0


def test_what_the_screening_does_not_flood_is_not_planned_for() -> None:
    """The points of a rare storm beside a screening of a gentle one: as where only an engine floods a place."""
    net = street([800, 300, 800])
    heavy, gentle = dr.screen(net, rain(50)), dr.screen(net, rain(1))
    assert gentle.nodes["overflow_m3"].sum() == 0.0
    state = of_engine(heavy)
    found = dr.find_waterlogging(state, screening=gentle, least_depth_m=0.0)
    result = dr.plan_relief(state, found, screening=gentle, standard="sewer")
    assert result.tables["points"]["solved"].tolist() == ["unexplained"]
    assert len(result.tables["works"]) == 0


def test_unknown_standard_and_engine_alone_are_refused() -> None:
    net = street([300, 300])
    with pytest.raises(dr.errors.SimulationError, match="sewer or flood"):
        plan(net, standard="dry")
    with pytest.raises(dr.errors.SimulationError, match="0 or more"):
        plan(net, least_cover_m=-3.0)


@examples(15)
@given(data=st.data())
def test_nothing_of_a_plan_can_be_left_out(data: st.DataObject) -> None:
    """Whatever is broken on a street of five pipes: the plan suffices, and without any one of its works it does not."""
    sizes = data.draw(st.lists(st.sampled_from([300, 400, 500, 600]), min_size=5, max_size=5))
    silt = data.draw(st.lists(st.sampled_from([0.0, 0.3, 0.6]), min_size=5, max_size=5))
    net = street(sizes, silt=silt, area_ha=data.draw(st.sampled_from([0.15, 0.3, 0.5])))
    result = plan(net)
    works, points = result.tables["works"], result.tables["points"]
    if len(points) != 1 or points["solved"].iloc[0] != "works":
        return
    assert overflow_m3(net, works) <= LEAST_OVERFLOW_M3
    laid = dr.plans.with_works(net, works).pipes["diameter_mm"].to_numpy()
    for number in works.index[works["kind"].isin(["clean", "enlarge"])]:
        fewer = works.drop(number)
        size = dr.plans.with_works(net, fewer).pipes["diameter_mm"].to_numpy()
        runs_into_smaller = ((size[1:] < size[:-1]) & (laid[:-1] > np.array(sizes)[:-1])).any()
        assert runs_into_smaller or overflow_m3(net, fewer) > 0.0, works.loc[number].to_dict()


def test_least_cover_is_that_of_a_carriageway() -> None:
    assert LEAST_COVER_M == 0.7
