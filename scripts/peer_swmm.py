"""Ask swmmio and pyswmm about models: run by a Python that has them, JSON in and JSON out, with nothing of ours."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import swmmio
from pyswmm import Nodes, Simulation
from swmmio.utils.functions import trace_from_node
from swmmio.version_control.inp import INPDiff


def main() -> None:
    """Answer what is asked of a model, with the seconds that each answer took."""
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    swmmio.Model(asked["model"]).nodes  # noqa: B018 - the first reading loads what all others use
    model, read_s = _timed(lambda: swmmio.Model(asked["model"], crs=asked["crs"]))
    size, tables_s = _timed(lambda: [len(model.nodes.dataframe), len(model.links.dataframe)])
    pipes = model.conduits()
    said: dict[str, Any] = {
        "versions": {name: version(name) for name in ("swmmio", "pyswmm", "swmm-toolkit")},
        "size": size,
        "read_s": read_s + tables_s,
        "traces": [_traced(pipes, node) for node in asked["nodes"]],
        "changes": [_changed(asked["model"], other) for other in asked["others"]],
        "run": _run(asked["model"]),
    }
    _, said["map_s"] = _timed(lambda: swmmio.create_map(model, asked["map"]))
    Path(asked["answer"]).write_text(json.dumps(said), encoding="utf-8")


def _traced(pipes: Any, node: str) -> dict[str, Any]:  # noqa: ANN401 - a table of pandas
    with contextlib.redirect_stdout(io.StringIO()):  # it tells how far it is
        found, seconds = _timed(lambda: trace_from_node(pipes, node, mode="up"))
    return {"pipes": sorted(set(found["conduits"])), "s": seconds}


def _changed(model: str, other: str) -> dict[str, Any]:
    found, seconds = _timed(lambda: INPDiff(model, other))
    links = [found.diffs[section] for section in ("CONDUITS", "XSECTIONS")]
    return {
        "added": max(len(each.added) for each in links),
        "removed": max(len(each.removed) for each in links),
        "altered": max(len(each.altered) for each in links),
        "s": seconds,
    }


def _run(model: str) -> dict[str, Any]:
    begin = time.perf_counter()
    with Simulation(model) as run:
        run.step_advance(600)  # the engine's own steps between, without a call of Python for each
        for _ in run:
            pass
        volumes = {node.nodeid: node.statistics["flooding_volume"] for node in Nodes(run)}
        seconds = time.perf_counter() - begin
    return {"flooded_m3": {name: volume for name, volume in volumes.items() if volume > 0.0}, "s": seconds}


def _timed(work: Any) -> tuple[Any, float]:  # noqa: ANN401 - whatever a call gives
    begin = time.perf_counter()
    done = work()
    return done, time.perf_counter() - begin


if __name__ == "__main__":
    main()
