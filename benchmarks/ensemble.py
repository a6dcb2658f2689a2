"""Measure an ensemble against a plain loop, and a run against the bare engine; write docs/validation/ensembles.md.

``python benchmarks/ensemble.py``; a few minutes. Rounds are interleaved, so that what else the machine does hits all.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import drainage as dr
from drainage.simulation.swmm.compose import build_engine_models

ROOT = Path(__file__).parents[1]
WHAT = ("loop", "loop_cpu", "ensemble", "ensemble_cpu", "again", "one", "two")
#: The bare engine: nothing but swmm-toolkit, in a process of its own as ours is.
BARE = """
import sys
from swmm.toolkit import solver
solver.swmm_open(*sys.argv[1:4])
solver.swmm_start(1)
while solver.swmm_step() > 0:
    pass
solver.swmm_end()
print(solver.swmm_get_mass_balance()[1])
solver.swmm_close()
"""
PAGE = """\
---
reader: whoever runs EPA SWMM many times over and wonders what that takes
afterwards: estimate the time of an ensemble on your cores, and what this package adds to a bare run
---
# Ensembles: speed

How much faster are many runs of EPA SWMM on all cores than one after the other, and what does a run cost beyond the
engine itself?

Measured on {cores} cores, medians of {rounds} rounds, both ways in turn. The load was {load:.1f} at the end: above
the number of cores others worked there too, and two workers had less than two cores. Written by
`benchmarks/ensemble.py`; do not edit.

## {count} runs by EPA SWMM against the same in a plain loop

Network: storm pipes of the demo city above one outfall ({pipes} pipes), in {count} storms. The loop calls
`simulate_swmm` {count} times; the ensemble is `run_ensemble` with a process for each core, its start included.

| | s | speed-up | processor s | water lost or made by the engine, worst of all runs |
| --- | --: | --: | --: | --: |
| plain loop | {loop:.1f} | 1 | {loop_cpu:.1f} | {loop_error:.2f} % |
| `run_ensemble` | {ensemble:.1f} | {speedup:.2f} (goal ≥ 1.8 on 2 cores: {speedup_met}) | {ensemble_cpu:.1f} | \
{ensemble_error:.2f} % |
| `run_ensemble` again, finished runs kept | {again:.2f} | {again_speedup:.0f} | | the same |

Both give the same numbers, or this page is not written. Speed-up round by round: {ratios}; the table has the median.
As a measure of the cores, two busy Python processes side by side did {burn:.2f} × the work of one between the rounds.
Two free cores could reach twice the loop's processor time over the ensemble's, which others on the machine hardly
change.

## A run of ours over the bare engine

*Bare* is the same model run by `swmm-toolkit` alone in a process of its own. *Ours* is `simulate_swmm`, from the
network in memory to tables: writing the model, the engine with its progress, statistics, and a screening for causes.

| network | bare s | ours s | overhead (goal ≤ 5 %) | lost or made: bare | ours |
| --- | --: | --: | --: | --: | --: |
{rows}

Most of what ours adds is fixed: much of a run of a second, little of one of minutes. The last row is a single round,
and as noisy as the machine.
"""


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--runs", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "validation" / "ensembles.md")
    options = parser.parse_args()
    city = dr.read_network(ROOT / "data" / "pipes.geojson").as_of("2018-12-31")
    small = _one_outfall(city)
    runs = dr.simulation.combine_runs({"": small}, [_storm(1.0 + 0.5 * k) for k in range(options.runs)], engine="swmm")
    times: dict[str, list[float]] = {name: [] for name in WHAT}
    errors: dict[str, float] = {}
    for _ in range(options.rounds):
        begin = _cpu_s()
        states, seconds = _timed(lambda: [dr.simulate_swmm(run.network, run.storm, processes=1) for run in runs])
        times["loop"].append(seconds)
        times["loop_cpu"].append(_cpu_s() - begin)
        with tempfile.TemporaryDirectory() as name:
            kept = partial(dr.simulation.run_ensemble, runs, keep=name)
            begin = _cpu_s()
            found, seconds = _timed(kept)
            times["ensemble"].append(seconds)
            times["ensemble_cpu"].append(_cpu_s() - begin)
            times["again"].append(_timed(kept)[1])
        volumes = [state.balance["overflow_m3"] for state in states]
        if volumes != found.runs["overflow_m3"].tolist():
            raise SystemExit("the ensemble does not say what the loop says")
        errors["loop"] = max(abs(state.balance["routing_error_pct"]) for state in states)
        errors["ensemble"] = float(found.runs["routing_error_pct"].abs().max())
        times["one"].append(_burn(1))
        times["two"].append(_burn(2))
        print({name: round(several[-1], 2) for name, several in times.items()}, flush=True)
    rows = [
        _overhead("one outfall", small, None, options.rounds),
        _overhead("demo city", city, None, options.rounds),
        _overhead("demo city, steps of 1 s", city, dr.simulation.EngineOptions(routing_step_s=1.0), 1),
    ]
    middle = {name: statistics.median(several) for name, several in times.items()}
    ratios = [loop / ours for loop, ours in zip(times["loop"], times["ensemble"], strict=True)]
    speedup = statistics.median(ratios)
    options.page.write_text(
        PAGE.format(
            cores=os.cpu_count(), load=os.getloadavg()[1], rounds=options.rounds, count=options.runs,
            pipes=len(small.pipes), speedup=speedup, speedup_met="met" if speedup >= 1.8 else "missed",
            ratios=", ".join(f"{ratio:.2f}" for ratio in ratios),
            again_speedup=middle["loop"] / middle["again"], burn=2.0 * middle["one"] / middle["two"],
            loop_error=errors["loop"], ensemble_error=errors["ensemble"], rows="\n".join(rows),
            **{name: middle[name] for name in WHAT[:5]},
        ),
        encoding="utf-8",
    )  # fmt: skip


def _storm(return_period_a: float) -> dr.DesignStorm:
    return dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a, 120)


def _one_outfall(city: dr.DrainageNetwork) -> dr.DrainageNetwork:
    """Take the largest part that drains through one outfall: a run takes longer than the start of its process."""
    storm = city.of_system("storm")
    ends = storm.nodes.index[storm.nodes["kind"] == "outfall"]
    return max((storm.upstream_of(end) for end in ends), key=lambda one: len(one.pipes))


def _timed(work: Callable[[], object]) -> tuple[object, float]:
    begin = time.perf_counter()
    found = work()
    return found, time.perf_counter() - begin


def _cpu_s() -> float:
    """Give the processor time of this process and of all its children that ended, which others do not lengthen much."""
    return sum(os.times()[:4])


def _burn(count: int) -> float:
    """Give the time of so many busy processes side by side."""
    begin = time.perf_counter()
    burning = [subprocess.Popen([sys.executable, "-c", "sum(i * i for i in range(30_000_000))"]) for _ in range(count)]
    for process in burning:
        process.wait()
    return time.perf_counter() - begin


def _overhead(name: str, net: dr.DrainageNetwork, chosen: dr.simulation.EngineOptions | None, rounds: int) -> str:
    storm = _storm(3.0)
    bare, ours, lost = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        # exactly the model that ours runs
        (model,) = build_engine_models(net, storm, folder=Path(folder), options=chosen)
        (Path(folder) / "bare.inp").write_bytes(model.content)
        files = [str(Path(folder) / f"bare.{ending}") for ending in ("inp", "rpt", "out")]
        for _ in range(rounds):
            said, seconds = _timed(partial(_bare, files))
            bare.append(seconds)
            state, seconds = _timed(lambda: dr.simulate_swmm(net, storm, options=chosen, processes=1))
            ours.append(seconds)
            lost = [float(str(said)), state.balance["routing_error_pct"]]  # type: ignore[attr-defined]  # a state
    a, b = statistics.median(bare), statistics.median(ours)
    print(name, bare, ours, flush=True)
    label = f"{name}, {len(net.pipes)} pipes"
    return f"| {label} | {a:.2f} | {b:.2f} | {100 * (b / a - 1):.0f} % | {lost[0]:.2f} % | {lost[1]:.2f} % |"


def _bare(files: Sequence[str]) -> str:
    done = subprocess.run([sys.executable, "-c", BARE, *files], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


if __name__ == "__main__":
    main()
