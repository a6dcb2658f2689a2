"""What `stormsewer` says of a screened network: its projects written, and asked in a process of another Python.

It takes the rational method and a grade line from the outfall up, as the screening does, but of one moment: of the
peak. So it gets what the screening works with: the same ΨF of each node, the same storm formula, inlet time, levels,
roughness, and level at the outfall.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from drainage.hydraulics.formulas import Q_OF_MM_PER_MIN
from drainage.hydraulics.rainfall import DesignStorm
from drainage.measures import PIPE
from drainage.simulation.pipes import STORM_SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import drainage as dr

PROGRAM = Path(__file__).parent / "peer_stormsewer.py"
#: Slope by which its capacity of a level pipe is taken, m/m: its own default.
LEVEL_SLOPE = 0.001


class Refused(Exception):  # noqa: N818 - it is an answer
    """Why a network is not put to the peer, or why it refuses it."""


class PeerSaid(NamedTuple):
    """What the peer says: which nodes flood, by network where there are several; its time, s; what it was not told."""

    floods: list[pd.Series]
    seconds: float
    remarks: str
    version: str


def ask(states: Sequence[dr.simulation.FlowState], python: str) -> PeerSaid:
    """Put all parts of networks to the peer.

    Raises
    ------
    Refused
        The project format cannot say what the network is or what rain falls, or the peer refuses a part of it.
    """
    written = [projects(state) for state in states]
    done = subprocess.run(
        [python, PROGRAM],
        input=json.dumps([one for several in written for one in several], allow_nan=False),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        msg = f"{python} {PROGRAM.name}\n{done.stderr}\nGive a Python that has it: pip install stormsewer==0.10.1"
        raise SystemExit(msg)
    said = json.loads(done.stdout)
    answers = iter(said["answers"])
    floods = [_flooded(state, [next(answers) for _ in several]) for state, several in zip(states, written, strict=True)]
    return PeerSaid(floods, said["seconds"], remarks(states), said["version"])


def projects(state: dr.simulation.FlowState) -> list[dict[str, Any]]:
    """Write a project for each connected part of the storm pipes, for a project has one level of the tailwater.

    Lengths and levels are in metres and ``area_ac`` is in hm², as ``units: si`` means; Ψ is in the area, as it caps
    C at 1. Boxes are boxes; anything else is the circle that carries as much when full. There are no losses at nodes,
    as in the screening.
    """
    model, net = state.arrays, state.network
    pipes = _storm_pipes(state)
    _expressible(state, pipes)
    a, b, c = _formula(state)
    rows, ids = model.node_row, net.nodes.index
    bed = np.full(len(ids), np.inf)
    np.minimum.at(bed, pipes["tail"], pipes["z_up_m"])
    np.minimum.at(bed, pipes["head"], pipes["z_down_m"])
    is_outfall = (net.nodes["kind"] == "outfall").to_numpy()[rows]
    nodes = pd.DataFrame({
        "id": ids[rows], "kind": np.where(is_outfall, "outfall", "junction"), "x": 0.0, "y": 0.0,
        "invert": bed[rows], "rim": model.nodes.ground_m, "area_ac": model.nodes.own_ha, "c": 1.0,
        "tc_inlet": state.setup.inlet_time_min,
    })  # fmt: skip
    links = pd.DataFrame({
        "id": pipes.index, "from": ids[pipes["tail"]], "to": ids[pipes["head"]], "length": pipes["length_m"],
        "shape": np.where(pipes["is_box"], "box", "circular"), "diameter": pipes["diameter_m"],
        "rise_ft": pipes["height_m"], "span_ft": pipes["area_m2"] / pipes["height_m"], "n": pipes["manning_n"],
        "invert_up": pipes["z_up_m"], "invert_dn": pipes["z_down_m"],
    })  # fmt: skip
    part_of_row = np.zeros(len(ids), dtype=np.int32)
    part_of_row[rows] = model.part
    links_of = dict(list(links.groupby(part_of_row[pipes["tail"]])))
    return [
        {
            "name": "", "units": "si", "idf_a": a, "idf_b": b, "idf_c": c, "min_tc": state.setup.inlet_time_min,
            "tailwater": _tailwater(model.nodes.tailwater_m[model.part == part]), "junction_k": 0.0,
            "min_slope": LEVEL_SLOPE, "nodes": own.to_dict("records"), "pipes": links_of[part].to_dict("records"),
        }
        for part, own in nodes.groupby(model.part)
    ]  # fmt: skip


def _storm_pipes(state: dr.simulation.FlowState) -> pd.DataFrame:
    """Measure the pipes that carry storm water, with those that close a loop, which the screening leaves out."""
    net = state.network
    table = pd.DataFrame(net.measures._asdict(), index=net.pipes.index)
    table = table.assign(
        tail=net.graph.tail,
        head=net.graph.head,
        is_box=net.pipes["shape"] == "rectangular" if "shape" in net.pipes else False,
        diameter_m=(4.0 ** (5 / 3) / np.pi * table["manning_n"] * table["conveyance_m3s"]) ** (3 / 8),
    )
    return table[net.pipes["system"].isin(STORM_SYSTEMS) & (table["tail"] != table["head"])]


def _formula(state: dr.simulation.FlowState) -> tuple[float, float, float]:
    """Give a in mm/h, b in min and c of i = a / (t + b)^c."""
    storm = state.storm
    if not isinstance(storm, DesignStorm):
        raise Refused("not asked: the rain is a record, and it takes a formula a / (t + b)^c")
    a, b, n = storm.formula.coefficients(storm.return_period_a)
    return a * storm.climate_factor * 60.0 / Q_OF_MM_PER_MIN, b, n


def _expressible(state: dr.simulation.FlowState, pipes: pd.DataFrame) -> None:
    is_pipe = pipes["passes"] == PIPE
    measured = pipes.loc[is_pipe, ["conveyance_m3s", "height_m", "length_m", "z_up_m", "z_down_m"]]
    why = {
        "pumps, weirs, orifices or outlets, unknown to it": (~is_pipe).sum(),
        "pipes without size or level": measured.isna().any(axis=1).sum(),
        "nodes without ground": np.isnan(state.arrays.nodes.ground_m).sum(),
    }
    if any(why.values()):
        raise Refused("not asked: " + "; ".join(f"{words}: {n}" for words, n in why.items() if n))


def _tailwater(level_m: np.ndarray) -> float | None:
    levels = np.unique(level_m[np.isfinite(level_m)])
    if len(levels) > 1:
        raise Refused("not asked: outfalls of one part at several levels, and it takes one")
    return float(levels[0]) if len(levels) else None


def _flooded(state: dr.simulation.FlowState, answers: list[dict[str, Any]]) -> pd.Series:
    refusals = [one["refusal"] for one in answers if "refusal" in one]
    if refusals:
        raise Refused(f"refused: {refusals[0]}")
    flooding = [node["id"] for one in answers for node in one["nodes"] if node["floods"]]
    index = state.network.nodes.index
    return pd.Series(index.isin(flooding), index)


def remarks(states: Sequence[dr.simulation.FlowState]) -> str:
    """Say what the projects could not say, and what the peer is known to take otherwise."""
    pipes = pd.concat([_storm_pipes(state).assign(state=k) for k, state in enumerate(states)])
    constant_m3s = sum(float(state.arrays.nodes.constant_m3s.sum()) for state in states)
    counts = {
        "forks": (pipes.groupby(["state", "tail"]).size() > 1).sum(),
        "adverse pipes": (pipes["z_up_m"] < pipes["z_down_m"]).sum(),
        "sections that are neither box nor circle": (
            ~pipes["is_box"] & ~np.isclose(pipes["diameter_m"], pipes["height_m"])
        ).sum(),
        "m³/s of constant inflow left out": round(constant_m3s, 3),
    }
    return "; ".join(f"{words}: {value:g}" for words, value in counts.items() if value)
