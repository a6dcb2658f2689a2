"""Who gives a public function the wrong thing is told what it wants, and how to get it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import drainage as dr
from tests.support.networks import build
from tests.support.public import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Callable

NEEDS_NOTHING = {"load_demo", "registered_formulas", "terms"}
#: All but those that need nothing.
FUNCTIONS = [name for name, one in PUBLIC.items() if inspect.isfunction(one) and name not in NEEDS_NOTHING]


@pytest.fixture(scope="module")
def things() -> dict[str, object]:
    """What a user may have at hand, one of each kind."""
    net = build(
        ["a>b storm 600", "b>out storm 600", "w>b sewage 300"],
        invert_from_m=[20.0, 19.8, 20.0], invert_to_m=[19.8, 19.6, 19.8], depth_from_m=[2.0] * 3, depth_to_m=[2.0] * 3,
    )  # fmt: skip
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    state = dr.screen(net, storm)
    return {
        "DrainageNetwork": net,
        "GeoDataFrame": net.pipes,
        "DataFrame": pd.DataFrame({"a": [1]}),
        "FlowState": state,
        "Storm": storm,
        "IntensityFormula": storm.formula,
        "Result": dr.find_mixed_flow(net),
        "path": "no-such.file",
        "number": 3.5,
        "None": None,
    }


def wanted(annotation: str) -> set[str]:
    words = {word.strip().rpartition(".")[2] for word in annotation.split("|")}
    if words & {"str", "Path", "Paths"}:
        words.add("path")
    return words | ({"DataFrame", "GeoDataFrame"} if "DataFrame" in words else set())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_names_what_it_wants(name: str, things: dict[str, object]) -> None:
    function: Callable[..., object] = PUBLIC[name]
    needed = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
    needed = [one for one in needed if one.kind is not one.VAR_POSITIONAL]
    for kind, thing in things.items():
        if kind in wanted(needed[0].annotation):
            continue
        with pytest.raises(TypeError, match=rf"^{name} expects ") as told:
            function(thing, **{one.name: thing for one in needed[1:]})
        assert f"not {'None' if thing is None else ''}" in str(told.value), (kind, told.value)


def test_the_message_says_how_to_get_it(things: dict[str, object]) -> None:
    net, storm, state = things["DrainageNetwork"], things["Storm"], things["FlowState"]
    for call, message in (
        (lambda: dr.find_waterlogging(net),  # type: ignore[arg-type]  # wrong on purpose, as all below
         ("find_waterlogging expects the state from screen(), not a DrainageNetwork: "
         "find_waterlogging(screen(net, storm))")),
        (lambda: dr.find_mixed_flow(state),  # type: ignore[arg-type]
         ("find_mixed_flow expects the network from read_network(), not a Screening: "
         "find_mixed_flow(state.network)")),
        (lambda: dr.find_mixed_flow(things["GeoDataFrame"]),  # type: ignore[arg-type]
         ("find_mixed_flow expects the network from read_network(), not a GeoDataFrame: "
         "find_mixed_flow(as_network(frame))")),
        (lambda: dr.screen(net, things["IntensityFormula"]),  # type: ignore[arg-type]
         ("screen expects a storm for storm, not a StormFormula: "
         "screen(…, storm=DesignStorm(formula, return_period_a=3, duration_min=120))")),
        (lambda: dr.screen(storm, net),  # type: ignore[arg-type]
         "screen expects the network from read_network(), not a DesignStorm: screen(read_network(FILE))"),
        (lambda: dr.read_network(things["GeoDataFrame"]),  # type: ignore[arg-type]
         "read_network expects the path of a file or a mapping, not a GeoDataFrame: as_network(frame)"),
        (lambda: dr.DesignStorm("demo", 3, 120),  # type: ignore[arg-type]
         ("DesignStorm expects the formula from read_storm_formula(), not a str: "
         "DesignStorm(read_storm_formula(FILE))")),
        (lambda: dr.plan_relief(state, things["Result"]),  # type: ignore[arg-type]
         ("plan_relief expects the answer of find_waterlogging() for waterlogging, not a Result of mixed_flow: "
         "plan_relief(…, waterlogging=find_waterlogging(state))")),
        (lambda: dr.measure_separation(net, "roads.geojson"),  # type: ignore[arg-type]
         ("measure_separation expects the roads from read_roads() for roads, not a str: "
         "measure_separation(…, roads=read_roads(FILE, target=net.crs))")),
        (lambda: dr.simulate_swmm(net, storm, systems="storm"),  # type: ignore[arg-type]
         "simulate_swmm expects a sequence for systems, not a str"),
    ):  # fmt: skip
        with pytest.raises(TypeError) as told:
            call()
        assert str(told.value) == message


def test_a_call_without_what_is_needed_says_so_as_python_does() -> None:
    with pytest.raises(TypeError, match=r"find_mixed_flow\(\) missing 1 required positional argument: 'net'"):
        dr.find_mixed_flow()  # type: ignore[call-arg]  # wrong on purpose


def test_the_signatures_are_seen_through_the_door() -> None:
    assert list(inspect.signature(dr.screen).parameters)[:2] == ["net", "storm"]
    assert dr.screen.__doc__
