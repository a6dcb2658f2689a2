"""Networks without one of their defects: the change in the model is worked by hand, what it avoids is asked back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from drainage import find_waterlogging, load_demo
from drainage.simulation.screening import without
from drainage.simulation.screening.reruns import Reruns
from drainage.simulation.screening.run_model import design_flow
from drainage.simulation.screening.screen import screen
from drainage.simulation.screening.without import CAUSES, avoided_overflow
from tests.support.drains import drain, rain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drainage.network import DrainageNetwork
    from drainage.simulation.screening.answer import Screening
    from drainage.simulation.screening.model import ScreeningModel
    from drainage.simulation.screening.reruns import Changed


def chain(
    sizes: Sequence[int],
    *,
    area_ha: Mapping[str, float] | None = None,
    ground: float | Mapping[str, float] = 12.5,
    bed: Sequence[float] | None = None,
    water: float | None = None,
    silt: Sequence[float] | None = None,
) -> Screening:
    """Screen pipes ``n0──n1──n2…`` of 100 m, falling 0.2 m each to 10 m at the last, 0.3 hm² at each upper end."""
    names = [f"n{k}" for k in range(len(sizes) + 1)]
    levels = bed or [10.0 + 0.2 * (len(sizes) - k) for k in range(len(names))]
    nodes: dict[str, Mapping[str, object]] = {"area_ha": dict(area_ha or dict.fromkeys(names[:-1], 0.3))}
    if water is not None:
        nodes["water_level_m"] = {names[-1]: water}
    net: DrainageNetwork = drain(
        [f"{a}>{b} storm {size}" for a, b, size in zip(names, names[1:], sizes, strict=False)],
        dict(zip(names, levels, strict=True)),
        ground=ground,
        nodes=nodes,
        places={name: (100.0 * k, 0.0) for k, name in enumerate(names)},
        silt_share=list(silt or [0.0] * len(sizes)),
    )
    return screen(net, rain(5))


def at(state: Screening, *names: str) -> np.ndarray:
    """Mark nodes in model order."""
    return np.asarray(state.nodes.index[state.arrays.node_row].isin(names))


def test_times_of_flow_go_with_other_nodes_and_not_with_other_pipes() -> None:
    """Pipes twice as long fall half as steeply: water takes more than twice the time in them."""
    model = chain([600, 600]).arrays
    assert model.with_nodes(own_ha=2.0 * model.nodes.own_ha).travel_s is model.travel_s
    longer = model.with_pipes(length_m=2.0 * model.pipes.length_m)
    assert longer.travel_s == pytest.approx(2.0**1.5 * model.travel_s)
    assert longer.share_below_weirs.tolist() == model.share_below_weirs.tolist() == [1.0, 1.0]


def reach(state: Screening, *names: str) -> list[str]:
    """Pipes of the own reach of a point of these nodes."""
    model = state.arrays
    surcharged = design_flow(model, state.storm, inlet_time_min=10.0) > model.pipes.capacity_m3s
    own = without.own_reach(model, at(state, *names), surcharged)
    return sorted(state.pipes.index[model.pipe_row[own]])


def causes(state: Screening) -> dict[str, float]:
    """What each remedy avoids, as share of all overflow, which is one point."""
    point = np.where(state.nodes["overflows"], 0, -1)
    avoided = avoided_overflow(state, point, 1).volume_m3[0] / state.nodes["overflow_m3"].sum()
    return dict(zip(CAUSES, avoided.tolist(), strict=True))


def levels(state: Screening, model: ScreeningModel | None) -> list[tuple[float, float]]:
    """Inverts of the pipes in the order of the network, rounded to mm."""
    assert model is not None
    by_row = np.argsort(model.pipe_row)
    pipes = model.pipes
    assert len(state.pipes) == len(by_row)
    return [(round(float(pipes.z_up_m[e]), 3), round(float(pipes.z_down_m[e]), 3)) for e in by_row]


def test_a_reach_that_is_too_small_all_along_is_its_own_cause() -> None:
    """``n0─300─n1─300─n2─300─n3─1200─n4``: the three small pipes belong together wherever the water comes out."""
    state = chain([300, 300, 300, 1200])
    assert state.nodes.index[state.nodes["overflows"]].tolist()[:1] == ["n0"]
    assert reach(state, "n0") == ["p0", "p1", "p2"]
    found = causes(state)
    assert found["own_capacity"] > 0.8
    assert found["downstream_bottleneck"] == pytest.approx(0.0, abs=0.02)


def test_a_throat_below_a_point_is_downstream() -> None:
    """``n0─800─n1─800─n2─300─n3─1200─n4``: the water stands above the throat, at n2 first."""
    state = chain([800, 800, 300, 1200])
    assert bool(state.nodes.loc["n2", "overflows"])
    assert reach(state, "n2") == []
    assert reach(state, "n1", "n2") == ["p1"]
    found = causes(state)
    assert found["downstream_bottleneck"] > 0.8
    assert found["own_capacity"] == pytest.approx(0.0, abs=0.02)


def test_small_pipes_below_a_sound_one_are_downstream() -> None:
    """A sound pipe leaves the point: the surcharged ones after it are not its own."""
    state = chain([600, 300, 300, 1200], ground={"n0": 11.3, "n1": 12.5, "n2": 12.5, "n3": 12.5, "n4": 12.5})
    assert reach(state, "n0") == ["p0"]


def test_a_smaller_pipe_that_carries_its_flow_is_no_throat() -> None:
    """``n2──n3`` is smaller than what arrives but falls 20 times as steeply."""
    state = chain(
        [600, 600, 500, 1200], area_ha={"n0": 1.5, "n1": 0.1}, bed=[14.5, 14.4, 14.3, 10.3, 10.0], ground=15.5
    )
    assert reach(state, "n0") == ["p0", "p1"]


def test_a_hump_is_dug_through() -> None:
    """``n0──n1──n2──n3──n4`` at 10.0, 10.3, 10.6, 9.88, 9.8 m: 0.05 m of fall a pipe from 10.0 on.

    10.00-9.95, 9.95-9.90; the third now begins at 9.90 and falls to its old end at 9.88; the fourth is sound.
    """
    state = chain([400] * 4, bed=[10.0, 10.3, 10.6, 9.88, 9.8])
    changed = without.without_adverse_slopes(state.arrays)
    assert levels(state, changed) == [(10.0, 9.95), (9.95, 9.9), (9.9, 9.88), (9.88, 9.8)]


def test_a_pipe_below_a_hump_is_laid_as_deep_as_it_must_be() -> None:
    """Down to 9.90 m, below the third pipe's end at 9.95 m: it falls to 9.85, and the fourth begins there."""
    state = chain([400] * 4, bed=[10.0, 10.3, 10.6, 9.95, 9.8])
    changed = without.without_adverse_slopes(state.arrays)
    assert levels(state, changed) == [(10.0, 9.95), (9.95, 9.9), (9.9, 9.85), (9.85, 9.8)]


def test_a_hump_is_named_by_what_its_removal_avoids() -> None:
    """Pipes that would carry the storm, but for a hump at n2: its invert is 0.1 m below the ground of n0 and n1."""
    ground = {"n0": 11.6, "n1": 11.6, "n2": 12.2, "n3": 12.0, "n4": 12.0}
    state = chain([600] * 4, bed=[10.8, 11.0, 11.5, 10.2, 10.0], ground=ground, area_ha={"n0": 0.3, "n1": 0.2})
    found = causes(state)
    assert found["adverse_slope"] > 0.8


def test_silt_is_named_by_what_cleaning_avoids() -> None:
    """Half full of silt the third pipe is too small; clean, it is not."""
    state = chain([600, 600, 600, 1200], area_ha={"n0": 0.4, "n1": 0.2}, silt=[0.0, 0.0, 0.7, 0.0])
    assert causes(state)["silt"] == pytest.approx(1.0)


def test_a_clean_pipe_is_measured_anew() -> None:
    """Silt to 0.3 of 600 mm: the invert of the open part is 0.18 m higher; cleaned, the pipe lies on its bed again."""
    state = chain([600, 600], silt=[0.3, 0.0])
    model = state.arrays
    assert levels(state, model) == [(10.58, 10.38), (10.2, 10.0)]
    clean = without.without_silt(state, model)
    assert levels(state, clean) == [(10.4, 10.2), (10.2, 10.0)]
    assert clean is not None
    assert clean.pipes.conveyance_m3s.tolist() == pytest.approx([6.140, 6.140], abs=0.001)


def test_high_water_is_named_by_what_a_free_outfall_avoids() -> None:
    """Outfall drowned to 5 cm below the ground of a chain that carries the storm otherwise."""
    found = causes(chain([600, 600, 800], water=12.45, area_ha={"n0": 0.3, "n1": 0.2}))
    assert found["tailwater"] == pytest.approx(1.0)


def test_low_ground_is_named_by_what_raising_it_avoids() -> None:
    """n1 lies 1.3 m below the others, below the grade line of a drowned outfall."""
    ground = {"n0": 13.0, "n1": 11.7, "n2": 13.0, "n3": 13.0}
    state = chain([600, 600, 600], ground=ground, water=11.6, area_ha={"n0": 0.4, "n1": 0.3})
    found = causes(state)
    assert found["low_ground"] == pytest.approx(1.0)
    model = state.arrays
    level = without.surrounding_ground(state, model, np.where(at(state, "n1"), 0, -1))
    assert level[at(state, "n1")].tolist() == [13.0]
    assert np.isnan(level[~at(state, "n1")]).all()


def test_what_is_not_there_cannot_be_taken_away() -> None:
    state = chain([300, 300])
    model = state.arrays
    assert without.without_silt(state, model) is None
    assert without.without_adverse_slopes(model) is None
    assert without.without_tailwater(model) is None


def test_without_points_nothing_is_asked() -> None:
    state = chain([300, 300])
    assert avoided_overflow(state, np.full(3, -1), 0).volume_m3.shape == (0, len(CAUSES))


def test_points_of_one_part_are_relieved_one_after_another() -> None:
    """Three points in one tree take three turns."""
    state = chain([300, 300, 300, 1200])
    model = state.arrays
    batches = without.one_of_each_part(model, np.array([0, 1, 2, -1, -1]), 3)
    assert [batch.tolist() for batch in batches] == [[True, False, False], [False, True, False], [False, False, True]]


def comb(teeth: int) -> Screening:
    """Screen a trunk of pipes that are too small, with a street of three manholes at each of its nodes; one part."""
    pipes, bed, place = [], {"t0": 10.0}, {"t0": (0.0, 0.0)}
    for k in range(1, teeth + 1):
        pipes.append(f"t{k}>t{k - 1} storm {300 + 50 * (teeth - k)}")
        bed[f"t{k}"], place[f"t{k}"] = 10.0 + 0.2 * k, (100.0 * k, 0.0)
        above = f"t{k}"
        for name in (f"a{k}", f"b{k}", f"c{k}"):
            pipes.append(f"{name}>{above} storm 300")
            bed[name], place[name] = bed[above] + 0.3, (100.0 * k, place[above][1] + 100.0)
            above = name
    ground = {name: level + 1.8 for name, level in bed.items()}
    area = {name: 0.25 for name in bed if name != "t0"}
    return screen(drain(pipes, bed, ground=ground, nodes={"area_ha": area}, places=place), rain(5))


def streets(state: Screening) -> tuple[np.ndarray, int]:
    """Make a point of the overflowing nodes of each street."""
    tooth = state.nodes.index.str[1:].astype(int).to_numpy()
    names, point = np.unique(tooth[state.nodes["overflows"]], return_inverse=True)
    point_of_node = np.full(len(state.nodes), -1)
    point_of_node[state.nodes["overflows"]] = point
    return point_of_node, len(names)


def test_what_a_change_reaches_tells_as_much_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve streets on one trunk: each is run again with the trunk below it, or with all of the others."""
    state = comb(12)
    point, count = streets(state)
    assert count > without.MOST_WHOLE
    few = avoided_overflow(state, point, count)
    monkeypatch.setattr(without, "MOST_WHOLE", count)
    monkeypatch.setattr(without, "MOST_RERUNS", np.inf)
    whole = avoided_overflow(state, point, count)
    water = np.bincount(point[point >= 0], weights=state.nodes["overflow_m3"][point >= 0])
    assert whole.volume_m3.max() > 0.3 * water.min()
    difference = np.abs(few.volume_m3 - whole.volume_m3) / water[:, None]
    assert difference.max() < 0.15
    assert difference.mean() < 0.01
    assert few.looked_at.all()


def test_points_beyond_the_budget_are_said_not_to_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those numbered first, which hold most water, are; half a run of the whole is little."""
    monkeypatch.setattr(without, "MOST_RERUNS", 0.5)
    state = comb(12)
    point, count = streets(state)
    found = avoided_overflow(state, point, count)
    assert found.looked_at[0]
    assert 0 < found.looked_at.sum() < count
    assert (found.volume_m3[~found.looked_at, 3:] == 0.0).all()


@pytest.mark.long
def test_causes_of_one_large_part_sweep_no_more_nodes_than_forty_runs_of_the_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """2,080 pipes with 509 points, some of which the budget leaves out; how long it takes is for the benchmarks."""
    swept: list[int] = []
    overflow = Reruns.overflow

    def counted(self: Reruns, changes: Sequence[Changed]) -> list[np.ndarray]:
        swept.extend(len(change.node) for change in changes)
        return overflow(self, changes)

    monkeypatch.setattr(Reruns, "overflow", counted)
    state = comb(520)
    find_waterlogging(state)
    assert 0 < sum(swept) <= without.MOST_RERUNS * len(state.nodes)


def test_the_search_for_causes_tells_how_far_it_is() -> None:
    state = comb(12)
    point, count = streets(state)
    shares: list[float] = []
    avoided_overflow(state, point, count, shares.append)
    assert shares == sorted(shares)
    assert len(shares) == count + 1
    assert shares[-1] == 1.0


def test_only_flooded_parts_are_asked_again() -> None:
    """``a──b`` floods, ``c──d`` does not."""
    net = drain(
        ["a>b storm 300", "c>d storm 900"],
        {"a": 10.2, "b": 10.0, "c": 10.2, "d": 10.0},
        ground=11.5,
        nodes={"area_ha": {"a": 2.0, "c": 0.1}},
    )
    state = screen(net, rain())
    part = without.flooded_parts(state)
    assert state.nodes.index[part.node_row].tolist() == ["a", "b"]
    whole = without.overflow(state, state.arrays)
    assert without.overflow(state, part).sum() == pytest.approx(whole.sum())


def test_causes_are_looked_for_as_far_as_is_asked() -> None:
    """With no runs at all only what is taken away everywhere at once is known; with more, that of every point."""
    state = screen(load_demo("2018-12-31"), rain(3.0))
    none, all_ = (find_waterlogging(state, most_reruns=runs) for runs in (0.0, 1000.0))
    assert none.summary["causes_not_looked_for"] == len(none.points)
    assert all_.summary["causes_not_looked_for"] == 0
    assert none.points["volume_m3"].equals(all_.points["volume_m3"])
