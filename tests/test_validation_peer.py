"""The peer of the validation: its projects against the network by hand, its answers led back to the nodes.

What it says of them itself is tested where DRAINAGE_BENCH_PEERS names a Python that has it.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import drainage as dr
from tests.support.drains import drain, rain

PROGRAM = Path(__file__).parent.parent / "scripts" / "validation_peer.py"
PEERS = os.environ.get("DRAINAGE_BENCH_PEERS", "")
STUB = """
import json

def analyze_project(text):
    project = json.loads(text)
    if len(project["pipes"]) >= len(project["nodes"]):
        raise ValueError("network contains a cycle")
    return {"nodes": [{"id": node["id"], "floods": node["rim"] < 12.0} for node in project["nodes"]]}
"""


@pytest.fixture(scope="module")
def peer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("validation_peer", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Python whose `stormsewer` floods what lies below 12 m and refuses what is no tree."""
    (tmp_path / "stormsewer.py").write_text(STUB, encoding="utf-8")
    about = tmp_path / "stormsewer-0.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stormsewer\nVersion: 0.0\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return sys.executable


def street(*more: str, ground: float = 13.0, **columns: list[object]) -> dr.DrainageNetwork:
    """Draw a ─DN 400─> b ─box 1000 × 800─> o, inverts 10.0, 9.5, 9.2; 2 hm² with Ψ = 0.5 at a, 1 hm² at b."""
    bed = {"a": 10.0, "b": 9.5, "o": 9.2, "c": 9.4, "p": 9.0}
    pipes = ["a>b storm 400", "b>o storm nan", *more]
    shapes: dict[str, Any] = {
        "shape": ["circular", "rectangular", *["circular"] * len(more)],
        "width_mm": [float("nan"), 1000.0, *[float("nan")] * len(more)],
        "height_mm": [float("nan"), 800.0, *[float("nan")] * len(more)],
    }
    nodes: dict[str, dict[str, object]] = {
        "area_ha": {"a": 2.0, "b": 1.0, "c": 1.0},
        "runoff_coefficient": {"a": 0.5, "b": 1.0, "c": 1.0},
        "kind": {"a": "manhole", "b": "manhole", "c": "manhole", "o": "outfall", "p": "outfall"},
    }
    return drain(pipes, bed, ground=ground, nodes=nodes, **{**shapes, **columns})


def test_a_project_says_in_metres_and_hectares_what_the_screening_works_with(peer: ModuleType) -> None:
    storm = rain(5.0)
    (project,) = peer.projects(dr.screen(street(), storm, dr.Setup(tailwater_m=10.1, inlet_time_min=8.0)))
    assert project["units"] == "si"
    assert project["tailwater"] == 10.1
    assert project["min_tc"] == 8.0
    for minutes in (5.0, 15.0, 60.0):
        assert project["idf_a"] / (minutes + project["idf_b"]) ** project["idf_c"] == pytest.approx(
            storm.formula.intensity_mm_per_h(minutes, 5.0)
        )
    nodes = pd.DataFrame(project["nodes"]).set_index("id").loc[["a", "b", "o"]]
    assert nodes["kind"].tolist() == ["junction", "junction", "outfall"]
    assert (nodes["area_ac"] * nodes["c"]).tolist() == [1.0, 1.0, 0.0]
    assert nodes["invert"].tolist() == [10.0, 9.5, 9.2]
    assert nodes["rim"].tolist() == [13.0] * 3
    pipes = pd.DataFrame(project["pipes"]).set_index("id")
    assert pipes["length"].tolist() == [100.0, 100.0]
    assert pipes["n"].tolist() == [0.013, 0.013]
    assert pipes["shape"].tolist() == ["circular", "box"]
    assert pipes.loc["p0", "diameter"] == pytest.approx(0.4)
    assert pipes[["rise_ft", "span_ft"]].to_numpy()[1] == pytest.approx([0.8, 1.0])


def test_a_silted_pipe_is_the_circle_that_carries_as_much(peer: ModuleType) -> None:
    """π/4 D² (D/4)^(2/3) / n is its conveyance; a state gives that as capacity by the root of the slope."""
    state = dr.screen(street(silt_share=[0.4, 0.0]), rain())
    (project,) = peer.projects(state)
    pipe = next(one for one in project["pipes"] if one["id"] == "p0")
    carries = 3.14159265 / 4 * pipe["diameter"] ** 2 * (pipe["diameter"] / 4) ** (2 / 3) / pipe["n"] * 0.005**0.5
    assert carries == pytest.approx(state.pipes.loc["p0", "capacity_m3s"])
    assert pipe["diameter"] < 0.4


def test_each_part_has_the_tailwater_of_its_own_outfall(peer: ModuleType) -> None:
    net = street("c>p storm 500")
    net = net.replace(nodes=net.nodes.assign(water_level_m=net.nodes.index.map({"o": 10.3})))
    written = peer.projects(dr.screen(net, rain()))
    assert {len(one["nodes"]): one["tailwater"] for one in written} == {3: 10.3, 2: None}


def test_what_a_project_cannot_say_is_not_asked(peer: ModuleType) -> None:
    pumped = street("c>o storm 500", link_type=["conduit", "conduit", "pump"])
    with pytest.raises(peer.Refused, match=r"not asked: pumps, weirs, .*: 1$"):
        peer.projects(dr.screen(pumped, rain()))
    with pytest.raises(peer.Refused, match="nodes without ground: 3"):
        peer.projects(dr.screen(street(ground=float("nan")), rain()))
    two = street("b>p storm 500")
    levels = two.nodes.index.map({"o": 10.3, "p": 10.0})
    with pytest.raises(peer.Refused, match="several levels"):
        peer.projects(dr.screen(two.replace(nodes=two.nodes.assign(water_level_m=levels)), rain()))
    record = dr.hydraulics.ObservedStorm(np.array([0.0, 5.0, 10.0]), np.array([1.0, 8.0]), "a gauge")
    with pytest.raises(peer.Refused, match="rain is a record"):
        peer.projects(dr.screen(street(), record))


def test_floods_are_led_back_to_the_nodes_of_each_network(peer: ModuleType, stub: str) -> None:
    low, high = street("c>p storm 500", ground=11.5), street(ground=13.0)
    said = peer.ask([dr.screen(net, rain()) for net in (low, high)], stub)
    assert [floods.index.tolist() for floods in said.floods] == [low.nodes.index.tolist(), high.nodes.index.tolist()]
    assert [floods.tolist() for floods in said.floods] == [[True] * 5, [False] * 3]
    assert said.version == "0.0"
    assert said.remarks == ""


def test_a_loop_is_put_to_it_whole_and_its_refusal_is_given(peer: ModuleType, stub: str) -> None:
    """The screening leaves out the pipe that closes a loop; the project must not."""
    with pytest.raises(peer.Refused, match="refused: network contains a cycle"):
        peer.ask([dr.screen(street("b>a storm 300"), rain())], stub)


def test_what_is_left_out_is_said(peer: ModuleType) -> None:
    net = street("a>c storm 300", "c>o storm 300", silt_share=[0.5, 0.0, 0.0, 0.0])
    net = net.replace(nodes=net.nodes.assign(inflow_m3s=net.nodes.index.map({"a": 0.02})))
    assert peer.remarks([dr.screen(net, rain())]) == (
        "forks: 1; sections that are neither box nor circle: 1; m³/s of constant inflow left out: 0.02"
    )


def test_a_python_without_it_is_named_with_the_remedy(peer: ModuleType) -> None:
    with pytest.raises(SystemExit, match=r"pip install stormsewer"):
        peer.ask([dr.screen(street(), rain())], sys.executable)


def has_stormsewer(python: str) -> bool:
    return bool(python) and not subprocess.run([python, "-c", "import stormsewer"], check=False).returncode


@pytest.mark.skipif(not has_stormsewer(PEERS), reason="DRAINAGE_BENCH_PEERS names no Python that has stormsewer")
@pytest.mark.parametrize("off_m", [-0.02, 0.02])
def test_itself_floods_where_friction_by_hand_reaches_the_ground(peer: ModuleType, off_m: float) -> None:
    """One full pipe of DN 400, 100 m, from a to the outfall drowned at 12 m; 1 hm², Ψ = 1, t = 10 min.

    It flows Q = 1000/1.00833 q F m³/s (acre-inches an hour taken as cubic feet a second); the line rises by (Q/K)² L.
    """
    storm = rain(2.0)
    flow_m3s = float(storm.formula.intensity(10.0, 2.0)) / 1000.0 / 1.00833
    conveyance_m3s = 3.14159265 / 4 * 0.4**2 * 0.1 ** (2 / 3) / 0.013
    level_m = 12.0 + (flow_m3s / conveyance_m3s) ** 2 * 100.0
    net = drain(
        ["a>o storm 400"],
        {"a": 10.0, "o": 9.5},
        ground={"a": level_m + off_m, "o": 13.0},
        nodes={"area_ha": {"a": 1.0}, "kind": {"a": "manhole", "o": "outfall"}},
    )
    (floods,) = peer.ask([dr.screen(net, storm, dr.Setup(tailwater_m=12.0))], PEERS).floods
    assert floods.tolist() == [off_m < 0.0, False]
