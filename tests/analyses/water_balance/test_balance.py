"""The water balance of a small town, worked by hand.

    g1 (100 m³/d) > a          g3 (40) > m
                    a > b > W works, sewage          m > s storm > out outfall of the river
    g2 (60)       > b
                                                     x sewer > out2 outfall; g4 (20) > x
    reclaimed: R works (30 m from W) > p pump, 70 m³/d > j > u user, 50 m³/d
                                                       j > f outfall at the river

Sewage is nine tenths of the water, infiltration 15 % of the sewage: the plant gets 160 · 0.9 · 1.15 = 165.6, the river
40 · 0.9 · 1.15 = 41.4 by the misconnection at m and 20.7 by the sewer. The pump lets 70 through: 50 for the user, 20
for the river, 95.6 are discharged.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import drainage as dr
from drainage.analyses.water_balance import BalanceTerms, measure_balance
from tests.support import demo
from tests.support.examples import examples
from tests.support.networks import build

PIPES = [
    "a>b sewage", "b>W sewage", "n>m sewage", "m>s storm", "s>out storm", "x>out2 sewage",
    "R>p reclaimed 300", "p>j reclaimed 300", "j>u reclaimed 300", "j>f reclaimed 300",
]  # fmt: skip
KINDS = {"W": "works", "out": "outfall", "out2": "outfall", "R": "works", "p": "pump", "u": "user", "f": "outfall"}
PLACES = {
    "a": (0, 0), "b": (100, 0), "W": (200, 0), "n": (0, 300), "m": (100, 300), "s": (200, 300), "out": (300, 300),
    "x": (0, 600), "out2": (100, 600), "R": (230, 0), "p": (300, 0), "j": (400, 0), "u": (500, 0), "f": (400, 100),
}  # fmt: skip
GROUND = {"g1": ("a", 100.0), "g2": ("b", 60.0), "g3": ("n", 40.0), "g4": ("x", 20.0)}


def town(**changes: str | float) -> dr.DrainageNetwork:
    net = build(PIPES, kinds=KINDS, places=PLACES)
    nodes = net.nodes.assign(water_use_m3_per_day=np.nan, capacity_m3_per_day=np.nan)
    nodes.loc["u", "water_use_m3_per_day"] = 50.0
    nodes.loc["p", "capacity_m3_per_day"] = 70.0
    nodes.loc[[name for name, *_ in map(str.split, ["R", "p", "j", "u", "f"])], "system"] = "reclaimed"
    for key, value in changes.items():
        node, column = key.split("__")
        nodes.loc[node, column] = value
    ground = gpd.GeoDataFrame(
        {"water_use_m3_per_day": [use for _, use in GROUND.values()]},
        index=pd.Index(list(GROUND), name="catchment_id"),
        geometry=[shapely.Point(PLACES[node]).buffer(20) for node, _ in GROUND.values()],
        crs=net.crs,
    )
    return net.replace(nodes=nodes, catchments=ground)


def test_every_figure_is_that_worked_by_hand() -> None:
    found = measure_balance(town())
    expected = {
        "sewage_m3d": 198.0, "infiltration_m3d": 29.7, "no_sewer_m3d": 0.0, "plant_inflow_m3d": 165.6,
        "treated_m3d": 165.6, "reused_m3d": 50.0, "replenished_m3d": 20.0, "discharged_m3d": 95.6,
        "river_by_sewer_m3d": 20.7,
        "taken_by_misconnections_m3d": 41.4, "open_end_m3d": 0.0, "replenishment_lost_m3d": 0.0,
        "reuse_share": 70 / 165.6,
    }  # fmt: skip
    assert {name: found.summary[name] for name in expected} == pytest.approx(expected)
    assert abs(found.summary["residual_litres"]) < 1e-3
    assert found.tables["losses"]["m3_per_day"].to_dict() == pytest.approx({"m": 41.4})
    assert found.tables["reclaimed"]["got_m3d"].to_dict() == pytest.approx({"u": 50.0, "f": 20.0})
    ends = found.tables["ends"]
    assert ends["m3_per_day"].to_dict() == pytest.approx({"W": 165.6, "out": 41.4, "out2": 20.7})
    assert ends["end"].to_dict() == {"W": "plant", "out": "river_by_storm_drain", "out2": "river_by_sewer"}


def test_every_place_gives_what_it_gets() -> None:
    flows = measure_balance(town()).tables["flows"]
    into, out = (flows.groupby(end)["m3_per_day"].sum() for end in ("to", "from"))
    for place in ("sewers", "plant", "storm_drains"):
        assert into[place] == pytest.approx(out[place], abs=1e-9)


def test_a_month_has_its_days_and_its_factors() -> None:
    """Half the sewage in February: the plant gets (72 + 21.6) a day; of a wanted flow of 30 m³/d 6.4 are missing."""
    factors = pd.DataFrame({"water_use": [1.0, 0.5, *[1.0] * 10]}, index=pd.RangeIndex(1, 13, name="month"))
    months = measure_balance(town(), monthly=factors, terms=BalanceTerms(wanted_m3d=30.0)).tables["months"]
    assert months["days"].sum() == 365
    assert months.loc[2, "plant_inflow_m3"] == pytest.approx(28 * (160 * 0.9 * 0.5 + 160 * 0.9 * 0.15))
    assert months.loc[1, "replenished_m3"] == pytest.approx(31 * 20)
    assert months["wanted_short_m3d"].tolist() == pytest.approx([10.0] * 12)


def test_misconnections_take_from_the_river_where_water_is_short() -> None:
    """The pump lets 200 through: 165.6 less 50 go to the river; with the misconnection mended 41.4 more."""
    found = measure_balance(town(p__capacity_m3_per_day=200.0))
    assert found.summary["replenished_m3d"] == pytest.approx(115.6)
    assert found.summary["replenishment_lost_m3d"] == pytest.approx(200 - 165.6)  # the pump is the limit then
    assert found.summary["discharged_m3d"] == pytest.approx(0.0, abs=1e-3)


def test_a_pipe_carries_what_its_size_allows() -> None:
    """DN 300 at 0.005 m/s: 0.0707 m² · 0.005 · 86,400 = 30.5 m³/d, all of it for the user."""
    found = measure_balance(town(), terms=BalanceTerms(most_velocity_m_s=0.005))
    assert found.summary["reused_m3d"] == pytest.approx(np.pi / 4 * 0.09 * 0.005 * 86400, abs=1e-3)
    assert found.summary["replenished_m3d"] == 0.0
    assert "demand_over" in set(found.tables["issues"]["code"])


def test_what_a_plant_cannot_take_is_bypassed_and_said() -> None:
    found = measure_balance(town(W__capacity_m3_per_day=100.0), terms=BalanceTerms(plant_loss_share=0.1))
    assert found.summary["treated_m3d"] == pytest.approx(90.0)
    assert found.tables["flows"].set_index("to")["m3_per_day"]["bypass"] == pytest.approx(65.6)
    assert "plant_over" in set(found.tables["issues"]["code"])
    assert abs(found.summary["residual_litres"]) < 1e-3


def test_a_reclaimed_pipe_without_a_source_is_named_and_dry() -> None:
    net = town()
    found = measure_balance(
        net.replace(nodes=net.nodes.assign(kind=net.nodes["kind"].mask(net.nodes.index == "R", "junction")))
    )
    assert found.summary["replenished_m3d"] == 0.0
    said = found.tables["issues"].set_index("code").loc["reclaimed_no_source"]
    assert "4 reclaimed pipes" in said["reason"]
    assert "kind works" in said["action"]


def test_works_far_from_every_plant_are_named() -> None:
    issues = measure_balance(town(), terms=BalanceTerms(plant_reach_m=10.0)).tables["issues"]
    assert issues.set_index("code").loc["reclaimed_no_plant", "feature_id"] == "R"


def test_a_catchment_beyond_reach_and_one_of_unknown_use_are_named() -> None:
    net = town()
    assert net.catchments is not None
    ground = net.catchments.copy()
    ground["geometry"] = [shapely.Point(-400, 0).buffer(20), *ground.geometry.iloc[1:]]
    ground.loc["g2", "water_use_m3_per_day"] = np.nan
    found = measure_balance(net.replace(catchments=ground))
    issues = found.tables["issues"].set_index("code")["reason"]
    assert "1 catchments (g1)" in issues["no_sewer_near"]
    assert "90 m³/d" in issues["no_sewer_near"]
    assert "(g2)" in issues["sewage_unknown"]
    assert found.summary["no_sewer_m3d"] == pytest.approx(90.0)
    assert found.summary["plant_inflow_m3d"] == 0.0
    manholes = pd.Series({"g1": "a", "g4": "nowhere"})
    named = measure_balance(net.replace(catchments=ground.assign(sewage_node_id=manholes)))
    assert named.summary["plant_inflow_m3d"] == pytest.approx(103.5)
    assert "(g4)" in named.tables["issues"].set_index("code")["reason"]["sewage_node_unknown"]


def test_people_and_users_count_with_a_rate_that_is_given() -> None:
    net = town()
    assert net.catchments is not None
    ground = net.catchments.drop(columns="water_use_m3_per_day").assign(
        people=[500, 0, np.nan, np.nan], users=[np.nan, np.nan, 20, np.nan]
    )
    found = measure_balance(net.replace(catchments=ground), terms=BalanceTerms(quota_l=120.0, user_m3d=0.5))
    assert found.tables["ground"]["sewage_m3d"].tolist() == pytest.approx([54.0, 0.0, 9.0, np.nan], nan_ok=True)
    nothing = measure_balance(net.replace(catchments=ground))
    assert "quota_l=" in str(nothing.not_known)


def test_a_neighbourhood_with_people_outside_every_catchment_is_named() -> None:
    net = town()
    areas = gpd.GeoDataFrame(
        {"name": ["甲", "乙"], "people": [10, 10]},
        index=["N1", "N2"],
        geometry=[shapely.box(-50, -50, 50, 50), shapely.box(5000, 0, 5100, 100)],
        crs=net.crs,
    )
    issues = measure_balance(net.replace(layers={"neighbourhoods": areas})).tables["issues"].set_index("code")
    assert "(N2)" in str(issues.loc["people_outside", "reason"])


def test_a_ring_of_reclaimed_pipes_is_no_loop_but_a_mesh() -> None:
    """Two ways of 15.3 m³/d each (DN 300 at 0.0025 m/s) lead to the user: it gets 30.5."""
    ring = [*PIPES[:6], "R>j reclaimed 300", "R>k reclaimed 300", "u>j reclaimed 300", "k>u reclaimed 300"]
    net = build(ring, kinds={**KINDS, "k": "junction"}, places={**PLACES, "k": (400, 200)})
    nodes = net.nodes.assign(water_use_m3_per_day=np.nan)
    nodes.loc["u", "water_use_m3_per_day"] = 50.0
    found = measure_balance(
        net.replace(nodes=nodes, catchments=town().catchments), terms=BalanceTerms(most_velocity_m_s=0.0025)
    )
    assert found.summary["reused_m3d"] == pytest.approx(np.pi / 4 * 0.09 * 0.005 * 86400, abs=2e-3)


NAMES = st.sampled_from("abcdefghij")


@examples(80)
@given(
    st.lists(
        st.tuples(NAMES, NAMES, st.sampled_from(["sewage", "combined", "storm", "reclaimed"])), min_size=1, max_size=18
    ),
    st.dictionaries(NAMES, st.sampled_from(["works", "outfall", "pump", "user", "interceptor"]), max_size=6),
    st.lists(st.floats(0, 1e5), min_size=10, max_size=10),
)
def test_it_closes_to_the_last_litre_on_any_network(
    edges: list[tuple[str, str, str]], kinds: dict[str, str], uses: list[float]
) -> None:
    """Loops, forks, plants in the middle, reclaimed pipes anywhere: nothing is lost or made."""
    texts = [f"{a}>{b} {system} 300" for a, b, system in edges if a != b]
    if not texts:
        return
    net = build(texts, kinds={name: kind for name, kind in kinds.items() if any(name in text[:3] for text in texts)})
    ground = gpd.GeoDataFrame(
        {"water_use_m3_per_day": uses[: len(net.nodes)], "sewage_node_id": net.nodes.index},
        geometry=net.nodes.geometry.buffer(1.0).to_numpy(),
        index=pd.Index([f"g{k}" for k in range(len(net.nodes))], name="catchment_id"),
        crs=net.crs,
    )
    found = measure_balance(net.replace(catchments=ground))
    assert abs(found.summary["residual_litres"]) < 1.0
    assert found.summary["sewage_m3d"] == pytest.approx(0.9 * sum(uses[: len(net.nodes)]))
    assert min(found.tables["flows"]["m3_per_day"]) > -1e-6


def test_the_demo_city_before_and_after() -> None:
    """250,000 people, 200 L each, nine tenths of it sewage; the works brought more of it to the plant."""
    before, after = (measure_balance(demo.city(day)).summary for day in ("2018-12-31", "2021-05-07"))
    assert before["sewage_m3d"] == after["sewage_m3d"] == pytest.approx(45_000, abs=100)
    assert after["taken_by_misconnections_m3d"] < before["taken_by_misconnections_m3d"]
    assert (before["replenished_m3d"], after["replenished_m3d"]) == (0.0, 18_000.0)
    assert max(abs(one["residual_litres"]) for one in (before, after)) < 1.0


def test_factors_that_do_not_average_1_are_said() -> None:
    factors = pd.DataFrame({"water_use": [1.2] * 12}, index=pd.RangeIndex(1, 13, name="month"))
    issues = measure_balance(town(), monthly=factors).tables["issues"].set_index("code")
    assert "averages 1.200" in str(issues.loc["factors_off", "reason"])
