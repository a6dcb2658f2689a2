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
from drainage.said import Said, joined
from drainage.simulation.swmm.engine_values import EngineModel, EngineRun
from drainage.simulation.swmm.folder import no_room_words
from drainage.simulation.swmm.output import read_out
from drainage.simulation.swmm.process import LINK_STATS, NODE_STATS, ROUTING_TOTALS
from drainage.simulation.swmm.run_report import find_warnings
from drainage.simulation.swmm.staging import lay_out
from drainage.words import in_both
from drainage.writing.full_disk import is_full, means_full

#: Errors of the engine for which `words.toml` says what to do (engine_error_…); the texts of the errors themselves are
#: the engine's (error.c of SWMM 5.2).
_EXPLAINED: Final = frozenset({101, 108, 109, 111, 113, 114, 115, 119, 131, 133, 134, 135, 136, 138, 139, 141, 143,
                              145, 171, 173, 191, 193, 195, 209, 211, 317, 318, 361, 363})  # fmt: skip
_ERROR: Final = re.compile(r"ERROR (\d+): ?(.*)")


def run_engine(
    model: EngineModel, folder: Path, *, time_limit_s: float, progress: Callable[[float], None] | None
) -> EngineRun:
    """Run a model in an existing, empty folder.

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
            raise SimulationError(in_both("engine_stopped", limit_s=time_limit_s, done=done, span=span)) from None
        if not line:
            process.wait()
            return
        done = float(line)
        if progress is not None:
            progress(done)


def _forward(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    """Pass on what the engine prints, and an empty line at its end."""
    if process.stdout is not None:
        for line in process.stdout:
            lines.put(line)
    lines.put("")


def _explain(code: int, report: str, stderr: str, model: EngineModel) -> Said:
    """Return the engine's message with the names of the network, and what to do."""
    found = []
    lines = report.splitlines()
    for number, line in enumerate(lines):
        if (match := _ERROR.search(line)) is None:
            continue
        # The line of the file that is meant follows the message where it is one of input.
        row = next((text.strip() for text in lines[number + 1 : number + 3] if text.strip()), "")
        row = f" ('{' '.join(row.split())}')" if "at line" in line and "ERROR" not in row else ""
        remedy = in_both(f"engine_error_{match[1]}" if int(match[1]) in _EXPLAINED else "engine_error_other")
        text = _own_names(f"{match[2].strip()}{row}", model.node_names, model.pipe_names)
        found.append(joined([f"{text} [error {match[1]}]", remedy], ": "))
    unique = list(dict.fromkeys(found))
    if unique:
        more = [in_both("and_others", count=len(unique) - 5)] if len(unique) > 5 else []
        return in_both("engine_refuses_model", why=joined([*unique[:5], *more]))
    last = " ".join(stderr.split())[-300:]
    return in_both("engine_broke_down", code=code, last=last or in_both("no_message"))


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
        nodes["firstFlooded"], nodes["lastFlooded"] = found["first_flooded"], found["last_flooded"]
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
