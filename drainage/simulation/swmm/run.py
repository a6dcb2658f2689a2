"""Run the engine and watch it: a process of its own, a time limit, its progress, and its errors in words that help."""

from __future__ import annotations

import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from drainage.errors import SimulationError
from drainage.formats.inp.edit.overrides import span_words
from drainage.simulation.swmm.engine_values import EngineModel, EngineRun
from drainage.simulation.swmm.folder import is_full, means_full, no_room_words
from drainage.simulation.swmm.output import read_out
from drainage.simulation.swmm.process import LINK_STATS, NODE_STATS, ROUTING_TOTALS
from drainage.simulation.swmm.run_report import find_warnings
from drainage.simulation.swmm.staging import lay_out

#: Error number of the engine → what to do. The texts of the errors themselves are the engine's (error.c of SWMM 5.2).
REMEDIES: Final = {
    101: "the machine has too little memory: run a part, such as net.upstream_of(node)",
    108: "the name of the catchment's outlet is both a node and a catchment: rename one",
    109: "give the aquifer parameters in their ranges",
    111: "give the pipe a length of more than 0",
    113: "give the pipe a Manning's n of more than 0",
    114: "give the pipe at least 1 barrel",
    115: "give the cross-section its sizes",
    119: "give the transect its points",
    131: "break the loop of pipes, or route by DYNWAVE",
    133: "a node has more than one outflow, which only DYNWAVE routes",
    134: "a node that an ideal pump or a dummy conduit leaves can have no other pipe: give the pump a curve",
    135: "the divider needs two pipes that leave it",
    136: "the divider's diverted pipe does not leave it",
    138: "the water at the start stands above the ground of the node: lower the tailwater or correct the ground",
    139: "a regulator may not lead from an outfall: turn it",
    141: "an outfall may have one pipe: lead the others to outfalls of their own",
    143: "a regulator needs a rectangular or circular opening",
    145: "name the node where the water leaves as an outfall (kind = outfall)",
    171: "sort the points of the curve by their first value",
    173: "sort the times of the series",
    191: "let the simulation begin before it ends",
    193: "let the report begin before the simulation ends",
    195: "make the reporting step no shorter than the routing step",
    209: "the name is used and not defined: add the element, or correct the name",
    211: "correct the number",
    317: "put the rain file beside the .inp, or pass a storm",
    318: "the rain file has no such station or is of another format: pass a storm",
    361: "put the file of the time series beside the .inp, or pass a storm that replaces the rain",
    363: "the file of the time series cannot be understood: one date, time and value a line",
}
_ERROR: Final = re.compile(r"ERROR (\d+): ?(.*)")


def run_engine(
    model: EngineModel, folder: Path, *, time_limit_s: float, progress: Callable[[float], None] | None
) -> EngineRun:
    """Run a model in a folder that is there and empty.

    Parameters
    ----------
    time_limit_s
        After so many seconds the engine is stopped.
    progress
        Takes the share of the simulated time that is done, 0-1; what it raises stops the engine.

    Raises
    ------
    SimulationError
        The engine refuses the model, breaks down, takes longer than allowed, or has no room for its files.
    """
    try:
        return _run(model, folder, time_limit_s, progress)
    except OSError as error:
        if means_full(error):
            raise SimulationError(no_room_words(folder.parent, error.strerror)) from error
        raise
    except SimulationError as error:
        if is_full(folder):
            raise SimulationError(no_room_words(folder.parent, None)) from error
        raise


def _run(model: EngineModel, folder: Path, time_limit_s: float, progress: Callable[[float], None] | None) -> EngineRun:
    lay_out(model, folder)
    # -P: what lies in the working directory, a drainage.py perhaps, must not stand in for the package
    command = [sys.executable, "-P", "-m", "drainage.simulation.swmm.process", str(folder)]
    with (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603 - our own module
    try:
        _watch(process, time_limit_s, progress, span_words(model.origin) if model.origin is not None else "")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    report = (folder / "model.rpt").read_bytes() if (folder / "model.rpt").is_file() else b""
    if process.returncode != 0 or not (folder / "found.npz").is_file():
        said = report.decode(errors="replace")
        raise SimulationError(
            _explain(process.returncode, said, (folder / "stderr").read_text(errors="replace"), model)
        )
    return _collect(folder)._replace(warnings=find_warnings(report.decode(errors="replace")))


def _watch(
    process: subprocess.Popen[str], time_limit_s: float, progress: Callable[[float], None] | None, span: str
) -> None:
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    reader = threading.Thread(target=_forward, args=(process, lines), daemon=True)
    reader.start()
    until = time.monotonic() + time_limit_s
    done = 0.0
    while True:
        try:
            line = lines.get(timeout=max(until - time.monotonic(), 0.001))
        except queue.Empty:
            raise SimulationError(
                f"the engine was stopped after {time_limit_s:g} s at {done:.0%} of the simulated time"
                f"{f', {span} (END_DATE)' if span else ''}; "
                "allow more with time_limit_s, choose a larger routing step, or run a part of the network"
            ) from None
        if not line:
            process.wait()
            return
        done = float(line)
        if progress is not None:
            progress(done)


def _forward(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    """Hand on what the engine prints, and an empty line at its end."""
    if process.stdout is not None:
        for line in process.stdout:
            lines.put(line)
    lines.put("")


def _explain(code: int, report: str, stderr: str, model: EngineModel) -> str:
    """Say what the engine said, with our names and what to do."""
    found = []
    lines = report.splitlines()
    for number, line in enumerate(lines):
        if (match := _ERROR.search(line)) is None:
            continue
        # The line of the file that is meant follows the message where it is one of input.
        row = next((text.strip() for text in lines[number + 1 : number + 3] if text.strip()), "")
        row = f" ('{' '.join(row.split())}')" if "at line" in line and "ERROR" not in row else ""
        remedy = REMEDIES.get(int(match[1]), "see the EPA SWMM 5.2 User's Manual, appendix E")
        text = f"{match[2].strip()}{row} [error {match[1]}]: {remedy}"
        found.append(_own_names(text, model.node_names, model.pipe_names))
    unique = list(dict.fromkeys(found))
    if unique:
        more = f"; and {len(unique) - 5} more" if len(unique) > 5 else ""
        return f"EPA SWMM refuses the model: {'; '.join(unique[:5])}{more}"
    last = " ".join(stderr.split())[-300:]
    return f"EPA SWMM broke down (exit code {code}): {last or 'no message'}; write_inp gives the model to look at"


def _own_names(text: str, *names: pd.Series) -> str:
    """Put our ids in the place of names that the engine was given instead."""
    theirs = {new: f"{new} ({old})" for given in names for old, new in given.items() if str(old) != new}
    return " ".join(theirs.get(word.strip("':,."), word) for word in text.split(" ")) if theirs else text


def _collect(folder: Path) -> EngineRun:
    output = read_out(folder / "model.out")
    with np.load(folder / "found.npz") as found:
        names = {kind: [_decoded(str(name)) for name in found[f"{kind}_names"]] for kind in ("node", "link")}
        stats = {kind: found[f"{kind}_stats"].reshape(len(names[kind]), -1) for kind in ("node", "link")}
        nodes = dict(zip(NODE_STATS, stats["node"].T, strict=True))
        nodes["firstFlooded"], nodes["lastFlooded"] = output.flooding_min(names["node"])
        # Above the ground without ever ponding is head that a node bears.
        nodes["ponded"] = np.where(nodes["maxPondedVol"] > 0.0, found["ponded"], 0.0)
        return EngineRun(
            names["node"],
            names["link"],
            nodes,
            dict(zip(LINK_STATS, stats["link"].T, strict=True)),
            found["node_invert"],
            dict(zip(ROUTING_TOTALS, found["routing"].tolist(), strict=True)),
            float(found["rainfall"]),
            output.rain,
            float(found["start"]),
            float(found["days"]) * 1440.0,
            tuple(found["errors_pct"].tolist()),
        )


def _decoded(name: str) -> str:
    """Mend what the toolkit does not read as UTF-8 of a name, which a cut one may end with."""
    return name.encode("utf-8", "surrogateescape").decode(errors="replace")
