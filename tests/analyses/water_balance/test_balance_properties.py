"""What holds of the balance of any town, against engines that share no code with it."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

import drainage as dr
from drainage.analyses.water_balance import BalanceTerms, measure_balance
from drainage.result import Result
from tests.support.examples import examples
from tests.support.networks import build

NAMES = "abcdefghij"
SYSTEMS = ["sewage", "combined", "storm", "reclaimed"]
KINDS = ["works", "outfall", "pump", "user", "interceptor"]
EDGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from(SYSTEMS)), min_size=1, max_size=18
)
USES = st.lists(st.floats(0, 1e5), min_size=10, max_size=10)


def town(
    pipes: list[str],
    uses: Mapping[str, float],
    *,
    kinds: Mapping[str, str] | None = None,
    diameter_mm: list[float] | None = None,
    **nodes: Mapping[str, float],
) -> dr.DrainageNetwork:
    """Build a town with a catchment at each node of ``uses``, m³/d; columns of nodes by keyword."""
    there = {name for pipe in pipes for name in pipe.replace(">", " ").split()[:2]}
    net = build(
        pipes,
        kinds={name: kind for name, kind in (kinds or {}).items() if name in there},
        diameter_mm=diameter_mm or [300.0] * len(pipes),
    )
    table = net.nodes.assign(water_use_m3_per_day=np.nan, capacity_m3_per_day=np.nan)
    for column, values in nodes.items():
        for name, value in values.items():
            if name in there:
                table.loc[name, column] = value
    named = [name for name in uses if name in there]
    ground = gpd.GeoDataFrame(
        {"water_use_m3_per_day": [uses[name] for name in named], "sewage_node_id": named},
        geometry=shapely.buffer(np.asarray(table.geometry.loc[named].array), 1.0),
        index=pd.Index([f"g{name}" for name in named], name="catchment_id"),
        crs=net.crs,
    )
    return net.replace(nodes=table, catchments=ground)


def any_town(edges: list[tuple[str, str, str]], kinds: dict[str, str], uses: list[float]) -> dr.DrainageNetwork:
    texts = [f"{a}>{b} {system} 300" for a, b, system in edges if a != b]
    assume(texts)
    use = dict(zip(NAMES, uses, strict=True))
    return town(texts, use, kinds=kinds)


@examples(120)
@given(EDGES, st.dictionaries(st.sampled_from(NAMES), st.sampled_from(KINDS), max_size=6), USES)
def test_every_place_and_every_month_gives_what_it_gets(
    edges: list[tuple[str, str, str]], kinds: dict[str, str], uses: list[float]
) -> None:
    """Plants with drains that leave them, storm drains into plants, loops: sewers, drains and plants keep nothing."""
    found = measure_balance(any_town(edges, kinds, uses))
    flows = found.tables["flows"]
    into, out = (flows.groupby(end)["m3_per_day"].sum() for end in ("to", "from"))
    for place in ("sewers", "plant", "storm_drains"):
        assert into[place] == pytest.approx(out[place], abs=1e-3)
    assert abs(found.summary["residual_litres"]) < 1.0
    assert found.tables["months"]["residual_litres"].abs().max() < 31.0  # a litre a day
    ends = found.tables["ends"]
    assert set(ends.index[ends["end"] == "plant"]) <= {name for name, kind in kinds.items() if kind == "works"}


@examples(60)
@given(
    EDGES,
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(KINDS), max_size=6),
    USES,
    st.randoms(),
    st.floats(0.1, 9),
)
def test_the_order_of_rows_and_the_unit_of_water_do_not_matter(
    edges: list[tuple[str, str, str]], kinds: dict[str, str], uses: list[float], chance: object, many: float
) -> None:
    """Sewage is shared out in proportion: so many times the water, so many times every flow that ends the sewers."""
    net = any_town(edges, kinds, uses)
    first = measure_balance(net).summary
    ground = net.catchments
    assert ground is not None
    mixed = measure_balance(
        net.replace(
            pipes=net.pipes.sample(frac=1.0, random_state=chance.randrange(99)),  # type: ignore[attr-defined]
            catchments=ground.assign(water_use_m3_per_day=ground["water_use_m3_per_day"] * many)[::-1],
        )
    ).summary
    for name in ("sewage_m3d", "plant_inflow_m3d", "river_by_sewer_m3d", "taken_by_misconnections_m3d", "open_end_m3d"):
        assert mixed[name] == pytest.approx(first[name] * many, rel=1e-9, abs=1e-6)


@examples(80)
@given(EDGES, st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["works", "outfall"]), max_size=6), USES)
def test_what_reaches_plants_is_that_of_a_walk_at_random(
    edges: list[tuple[str, str, str]], kinds: dict[str, str], uses: list[float]
) -> None:
    """Without loops each m³ walks as a chain that ends: (1 - P')⁻¹ times what enters is the flow of each node."""
    downhill = [(min(a, b), max(a, b), system) for a, b, system in edges]
    net = any_town(downhill, kinds, uses)
    found = measure_balance(net)
    names = list(net.nodes.index)
    chance = np.zeros((len(names), len(names)))
    drains = {name: [(b, system) for a, b, system in downhill if a == name and a != b] for name in names}
    reached = {b for a, b, system in downhill if a != b and system != "reclaimed"}
    for row, name in enumerate(names):
        sewers = [b for b, system in drains[name] if system in {"sewage", "combined"}]
        ways = sewers or [b for b, system in drains[name] if system == "storm"]
        if kinds.get(name) == "works" and name in reached:
            ways = []
        for b in ways:
            chance[row, names.index(b)] += 1 / len(ways)
    takes = [any(system in {"sewage", "combined"} for _, system in drains[name]) for name in names]
    use = dict(zip(NAMES, uses, strict=True))
    ground = found.tables["ground"]
    own = np.zeros(len(names))
    for node, sewage in zip(ground["node_id"], ground["sewage_m3d"], strict=True):
        if isinstance(node, str):
            own[names.index(node)] += 1.15 * sewage
    for row, name in enumerate(names):
        if takes[row]:  # a catchment that names the manhole of a sewer is joined there
            assert own[row] >= 1.15 * 0.9 * use[name] - 1e-6
    through = np.linalg.solve(np.eye(len(names)) - chance.T, own)
    plants = [row for row, name in enumerate(names) if kinds.get(name) == "works" and name in reached]
    assert found.summary["plant_inflow_m3d"] == pytest.approx(through[plants].sum(), rel=1e-9, abs=1e-6)


AMOUNTS = st.integers(0, 400).map(float)


@examples(80)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), AMOUNTS), min_size=2, max_size=16),
    st.dictionaries(st.sampled_from(NAMES[1:]), st.sampled_from(["user", "outfall", "pump"]), max_size=7),
    st.dictionaries(st.sampled_from(NAMES), AMOUNTS, max_size=9),
    AMOUNTS,
)
def test_users_and_the_river_get_what_networkx_finds(
    edges: list[tuple[str, str, float]], kinds: dict[str, str], amounts: dict[str, float], treated: float
) -> None:
    """A plant at ``a``; reclaimed pipes of any size each way. First all that users can have, then all that can flow."""
    ends = [(a, b) for a, b, _ in edges if a != b]
    assume(ends)
    sizes = [2000.0 * np.sqrt(room / np.pi / 86400) for a, b, room in edges if a != b]  # room, m³/d, at 1 m/s
    pipes = ["z>a sewage", *(f"{a}>{b} reclaimed" for a, b in ends)]
    net = town(
        pipes, {"z": treated}, kinds={**kinds, "a": "works"}, diameter_mm=[300.0, *sizes],
        water_use_m3_per_day={name: amount for name, amount in amounts.items() if kinds.get(name) == "user"},
        capacity_m3_per_day={name: amount for name, amount in amounts.items() if kinds.get(name) == "pump"},
    )  # fmt: skip
    found = measure_balance(
        net, terms=BalanceTerms(return_share=1.0, infiltration_share=0.0, most_velocity_m_s=1.0)
    ).summary

    graph: nx.DiGraph[object] = nx.DiGraph()
    graph.add_edge("source", ("a", "in"), capacity=treated)
    for name in {name for pair in ends for name in pair} | {"a"}:
        room = amounts.get(name, np.inf) if kinds.get(name) == "pump" and name != "a" else np.inf
        graph.add_edge((name, "in"), (name, "out"), capacity=room)
        if kinds.get(name) == "user" and name != "a":
            graph.add_edge((name, "out"), "sink", capacity=amounts.get(name, 0.0))
    for a, b, room in edges:
        for one, other in ((a, b), (b, a)):
            if a != b:
                old = graph.get_edge_data((one, "out"), (other, "in"), {"capacity": 0.0})["capacity"]
                graph.add_edge((one, "out"), (other, "in"), capacity=old + room)
    graph.add_node("sink")
    reused = nx.maximum_flow_value(graph, "source", "sink")
    for name, kind in kinds.items():
        if kind == "outfall" and (name, "out") in graph:
            graph.add_edge((name, "out"), "sink")
    given_out = nx.maximum_flow_value(graph, "source", "sink")
    litres = 0.001 * (2 * len(ends) + 2)  # each pipe is rounded down to a litre
    assert found["reused_m3d"] == pytest.approx(reused, abs=litres)
    assert found["reused_m3d"] + found["replenished_m3d"] == pytest.approx(given_out, abs=litres)
    assert abs(found["residual_litres"]) < 1.0


def ends_of(found: Result) -> dict[str, str]:
    return {str(node): str(end) for node, end in found.tables["ends"]["end"].items()}


@pytest.mark.parametrize("system", ["sewage", "storm", "combined"])
def test_a_plant_keeps_what_reaches_it_though_a_drain_leaves_it(system: str) -> None:
    """The drain of a plant carries treated water: 100 · 0.9 · 1.15 = 103.5 m³/d arrive, none is lost."""
    found = measure_balance(town(["a>W sewage", f"W>o {system}"], {"a": 100.0}, kinds={"W": "works", "o": "outfall"}))
    assert found.summary["plant_inflow_m3d"] == pytest.approx(103.5)
    assert ends_of(found) == {"W": "plant"}
    assert not len(found.tables["losses"])


def test_a_plant_that_a_storm_drain_reaches_is_a_plant() -> None:
    found = measure_balance(town(["a>b sewage", "b>W storm"], {"a": 100.0}, kinds={"W": "works"}))
    assert found.summary["treated_m3d"] == pytest.approx(103.5)
    assert abs(found.summary["residual_litres"]) < 1.0
    assert found.not_known is None


@pytest.mark.parametrize("overflow", ["combined", "storm"])
def test_an_interceptor_spills_nothing_in_dry_weather(overflow: str) -> None:
    pipes = ["a>i combined", "i>W sewage", f"i>o {overflow}"]
    found = measure_balance(town(pipes, {"a": 100.0}, kinds={"i": "interceptor", "W": "works", "o": "outfall"}))
    assert ends_of(found) == {"W": "plant"}
    forks = measure_balance(town(pipes, {"a": 100.0}, kinds={"W": "works", "o": "outfall"}))  # a manhole does
    assert forks.summary["plant_inflow_m3d"] == pytest.approx(103.5 if overflow == "storm" else 51.75)


def test_where_all_is_misconnected_mending_it_feeds_the_river() -> None:
    """103.5 m³/d go to the river by the drain at b; at the plant they would all be let into it as reclaimed water."""
    pipes = ["a>b sewage", "b>o storm", "c>W sewage", "W>f reclaimed"]
    found = measure_balance(town(pipes, {"a": 100.0}, kinds={"o": "outfall", "W": "works", "f": "outfall"})).summary
    assert (found["plant_inflow_m3d"], found["replenished_m3d"]) == (0.0, 0.0)
    assert found["taken_by_misconnections_m3d"] == pytest.approx(103.5)
    assert found["replenishment_lost_m3d"] == pytest.approx(103.5)


@pytest.mark.parametrize("use", [1e6, 4e6, 5e7])
def test_a_plant_of_millions_is_counted_in_full(use: float) -> None:
    """More litres than 32 bits count: to ten litres, or a hundred; pipes without a size carry all of it."""
    pipes = ["a>W sewage", "W>f reclaimed", "W>g reclaimed", "g>f reclaimed"]
    net = town(pipes, {"a": use}, kinds={"W": "works", "f": "outfall"}, diameter_mm=[300.0, *[np.nan] * 3])
    found = measure_balance(net)
    assert found.summary["replenished_m3d"] == pytest.approx(use * 0.9 * 1.15, rel=1e-8)
    assert abs(found.summary["residual_litres"]) < 1.0
    assert "reclaimed_no_size" in set(found.tables["issues"]["code"])


def test_a_neighbourhood_inside_a_catchment_is_counted() -> None:
    net = town(["a>W sewage"], {"a": 100.0}, kinds={"W": "works"})
    whole = gpd.GeoSeries.from_wkt(["POLYGON ((-50 -50, 400 -50, 400 400, -50 400, -50 -50))"], crs=net.crs)
    parts = gpd.GeoSeries.from_wkt(
        ["POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))", "POLYGON ((900 0, 910 0, 910 10, 900 10, 900 0))"], crs=net.crs
    )
    homes = gpd.GeoDataFrame(
        {"name": ["甲", "乙"], "people": [5, 5]}, index=["N1", "N2"], geometry=parts.array, crs=4548
    )
    assert net.catchments is not None
    net = net.replace(catchments=net.catchments.set_geometry(whole.array), layers={"neighbourhoods": homes})
    said = measure_balance(net).tables["issues"].set_index("code")["reason"]["people_outside"]
    assert "(N2)" in said


def test_only_recorded_outfalls_are_rivers_to_sewers_and_to_reclaimed_water() -> None:
    """The end of a pipe is no more than that until somebody says that it is an outfall; storm drains end in rivers."""
    pipes = ["a>x sewage", "b>W sewage", "W>f reclaimed", "c>d sewage", "d>o storm"]
    uses, kinds = {"a": 100.0, "b": 100.0, "c": 100.0}, {"W": "works"}
    found = measure_balance(town(pipes, uses, kinds=kinds))
    assert ends_of(found) == {"x": "open_end", "W": "plant", "o": "river_by_storm_drain"}
    assert found.summary["replenished_m3d"] == 0.0
    said = found.tables["issues"].set_index("code").loc["sewage_open_end"]
    assert "(x)" in said["reason"]
    assert "outfall" in said["action"]
    known = measure_balance(town(pipes, uses, kinds=kinds | {"x": "outfall", "f": "outfall"}))
    assert ends_of(known)["x"] == "river_by_sewer"
    assert known.summary["replenished_m3d"] == pytest.approx(103.5)


def test_feeds_of_the_river_name_it() -> None:
    """凤河 runs 12 m above f; the user lies at no river."""
    net = town(
        ["a>W sewage", "W>f reclaimed", "f>u reclaimed"], {"a": 9.0}, kinds={"W": "works", "f": "outfall", "u": "user"}
    )
    (north,) = shapely.get_y(np.asarray(net.nodes.geometry.loc[["f"]].array))
    river = gpd.GeoSeries.from_wkt([f"LINESTRING (-500 {north + 12}, 900 {north + 12})"], crs=net.crs)
    water = gpd.GeoDataFrame({"name": ["凤河"]}, geometry=river, crs=net.crs)
    table = measure_balance(net.replace(layers={"waterways": water})).tables["reclaimed"]
    assert table["waterway"].dropna().to_dict() == {"f": "凤河"}
    assert table.loc["f", "to_waterway_m"] == pytest.approx(12.0)
    assert measure_balance(net).tables["reclaimed"]["waterway"].isna().all()
