"""EPA SWMM as a witness that knows nothing of the package: writes its input from plain numbers, runs it, reads it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from swmm.toolkit import solver
from swmm.toolkit.shared_enum import ObjectType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPTIONS = """[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING DYNWAVE
LINK_OFFSETS ELEVATION
START_DATE 07/01/2018
START_TIME 00:00:00
END_DATE 07/01/2018
END_TIME 04:00:00
REPORT_STEP 00:01:00
WET_STEP 00:01:00
DRY_STEP 00:05:00
ROUTING_STEP 2
VARIABLE_STEP 0.75
MINIMUM_STEP 0.5
MAX_TRIALS 8
INERTIAL_DAMPING PARTIAL
NORMAL_FLOW_LIMITED BOTH
SURCHARGE_METHOD SLOT
"""


class Conduit(NamedTuple):
    """A circular pipe: ends, diameter and length in m, inverts in m, Manning's n."""

    tail: str
    head: str
    diameter_m: float
    length_m: float
    z_up_m: float
    z_down_m: float
    manning_n: float


class Flood(NamedTuple):
    """Flooded volume (m³) and highest level (m) of each node, and the error of the engine's routing (%)."""

    volume_m3: dict[str, float]
    level_m: dict[str, float]
    error_pct: float


class FileRun(NamedTuple):
    """What the engine says of a file, in its own units: flooded volume by node, inflow by outfall, errors (%)."""

    flooded: dict[str, float]
    outfall: dict[str, float]
    error_pct: tuple[float, float]


def run_files(*paths: Path, folder: Path) -> list[FileRun]:
    """Run files side by side, each in a process of its own: the engine keeps something from one run to the next."""
    started = []
    for number, path in enumerate(paths):
        own = folder / f"run{number}"
        own.mkdir()
        started.append(subprocess.Popen([sys.executable, __file__, path, own], stdout=subprocess.PIPE, text=True))
    answers = [process.communicate(timeout=300)[0] for process in started]
    for path, process in zip(paths, started, strict=True):
        if process.returncode:
            raise RuntimeError((path, process.returncode))
    return [FileRun(*json.loads(answer)) for answer in answers]


def run_file(path: Path, folder: Path) -> FileRun:
    """Run a file as it is."""
    try:
        solver.swmm_open(str(path), str(folder / "run.rpt"), str(folder / "run.out"))
        solver.swmm_start(0)
        while solver.swmm_step() > 0:
            pass
        flooded, outfall = {}, {}
        routed = solver.project_get_count(ObjectType.LINK) > 0  # else there are no statistics, and asking is a crash
        for index in range(solver.project_get_count(ObjectType.NODE)):
            name = solver.project_get_id(ObjectType.NODE, index)
            if routed and (volume := float(solver.node_get_stats(index).volFlooded)) > 0.0:
                flooded[name] = volume
            if solver.node_get_type(index).name == "OUTFALL":
                outfall[name] = float(solver.node_get_total_inflow(index))
        solver.swmm_end()
        errors = solver.swmm_get_mass_balance()
    finally:
        solver.swmm_close()
    return FileRun(flooded, outfall, (float(errors[0]), float(errors[1])))


def run(
    folder: Path,
    conduits: Sequence[Conduit],
    ground_m: Mapping[str, float],
    outfalls: Mapping[str, float | None],
    inflow_m3s: Mapping[str, Sequence[tuple[float, float]]],
    *,
    method: str = "SLOT",
    step_s: float = 2.0,
) -> Flood:
    """Route inflows, (minute, m³/s) by node, by dynamic wave; outfalls are free or have a fixed level; no ponding.

    The highest outfall level stands in the pipes at the start: a run into empty ones would begin with a bore.
    """
    beds: dict[str, float] = {}
    for pipe in conduits:
        beds[pipe.tail] = min(beds.get(pipe.tail, 1e9), pipe.z_up_m)
        beds[pipe.head] = min(beds.get(pipe.head, 1e9), pipe.z_down_m)
    chosen = OPTIONS.replace("SURCHARGE_METHOD SLOT", f"SURCHARGE_METHOD {method}")
    parts = [chosen.replace("ROUTING_STEP 2", f"ROUTING_STEP {step_s:g}"), "[JUNCTIONS]"]
    standing = max((level for level in outfalls.values() if level is not None), default=-1e9)
    parts += [
        f"{name} {bed:.4f} {ground_m[name] - bed:.4f} {max(standing - bed, 0.0):.4f} 0 0"
        for name, bed in beds.items()
        if name not in outfalls
    ]
    parts.append("[OUTFALLS]")
    parts += [
        f"{name} {beds[name]:.4f} FREE NO" if level is None else f"{name} {beds[name]:.4f} FIXED {level:.4f} NO"
        for name, level in outfalls.items()
    ]
    parts.append("[CONDUITS]")
    parts += [
        f"C{k} {p.tail} {p.head} {p.length_m:.3f} {p.manning_n} {p.z_up_m:.4f} {p.z_down_m:.4f} 0 0"
        for k, p in enumerate(conduits)
    ]
    parts += ["[XSECTIONS]", *(f"C{k} CIRCULAR {p.diameter_m:.4f} 0 0 0" for k, p in enumerate(conduits))]
    parts += ["[INFLOWS]", *(f"{name} FLOW TS_{name} FLOW 1.0 1.0" for name in inflow_m3s)]
    parts.append("[TIMESERIES]")
    for name, series in inflow_m3s.items():
        parts += [f"TS_{name} {int(t // 60)}:{int(t % 60):02d} {q:.6f}" for t, q in series]
    paths = [str(folder / f"tree.{ending}") for ending in ("inp", "rpt", "out")]
    (folder / "tree.inp").write_text("\n".join(parts) + "\n", encoding="ascii")
    volume, level = {}, {}
    solver.swmm_open(*paths)
    try:
        solver.swmm_start(1)
        while solver.swmm_stride(300) > 0:
            pass
        for name, bed in beds.items():
            index = solver.project_get_index(ObjectType.NODE, name)
            stats = solver.node_get_stats(index)
            volume[name] = float(stats.volFlooded)
            level[name] = bed + float(stats.maxDepth)
        solver.swmm_end()
        error_pct = float(solver.swmm_get_mass_balance()[1])
    finally:
        solver.swmm_close()
    return Flood(volume, level, error_pct)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run_file(Path(sys.argv[1]), Path(sys.argv[2]))))
