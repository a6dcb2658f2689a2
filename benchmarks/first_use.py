"""CPU seconds of the three answers on the demo city: with nothing compiled before, and once more.

Run ``python benchmarks/first_use.py BEFORE AFTER``: the checkouts are asked in turn, each time in a new process and
first with a new cache, so that what else the machine does weighs on all of them. Their modules are turned into bytecode
before, as an installation does. ``--compiled`` lists instead which loops of each are compiled, and how long each takes
without those that it calls.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
STEPS = ("read", "mixed flow", "separation", "waterlogging", "all")


def main() -> None:
    """Ask all checkouts in turn and print the medians."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("checkouts", nargs="*", type=Path, default=[ROOT])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(list_compiled() if options.compiled else ask()))
        return
    told: dict[tuple[Path, str], list[dict[str, float]]] = collections.defaultdict(list)
    for checkout in options.checkouts:
        subprocess.run([sys.executable, "-m", "compileall", "-q", checkout / "drainage"], check=True)
    for _ in range(1 if options.compiled else options.repeats):
        for checkout in options.checkouts:
            with tempfile.TemporaryDirectory() as cache:
                for state in ("cold",) if options.compiled else ("cold", "warm"):
                    told[checkout, state].append(asked(checkout, cache, compiled=options.compiled))
    for (checkout, state), runs in told.items():
        print(f"{checkout}, {state}, CPU s")
        for step in runs[0]:
            print(f"{statistics.median(run[step] for run in runs):8.2f}  {step}")


def asked(checkout: Path, cache: str, *, compiled: bool) -> dict[str, float]:
    """Ask a checkout in a process of its own."""
    paths = os.pathsep.join(str(checkout.resolve() / place) for place in ("", "api"))
    said = subprocess.run(
        [sys.executable, __file__, "--ask", *["--compiled"] * compiled],
        env={**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": cache},
        check=True,
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(said.stdout))


def cpu_s() -> float:
    """CPU seconds of all threads of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ask() -> dict[str, float]:
    """Ask the three questions, and tell what each took, imports included."""
    spent = [0.0]
    import drainage as dr

    net = dr.read_network(ROOT / "data" / "pipes.geojson").as_of("2018-12-31")
    spent.append(cpu_s())
    mixed = dr.find_mixed_flow(net)
    spent.append(cpu_s())
    dr.measure_separation(net, mixed=mixed)
    spent.append(cpu_s())
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    dr.find_waterlogging(dr.screen(net, storm))
    spent.append(cpu_s())
    return dict(zip(STEPS, [*(b - a for a, b in itertools.pairwise(spent)), spent[-1]], strict=True))


def list_compiled() -> dict[str, float]:
    """Ask the three questions, and tell what was compiled for them."""
    from numba.core import event

    took: dict[str, float] = collections.defaultdict(float)
    running: list[float] = []

    class Listener(event.Listener):
        def on_start(self, _: event.Event) -> None:
            running.append(cpu_s())

        def on_end(self, ended: event.Event) -> None:
            spent = cpu_s() - running.pop()
            running[:] = [begun + spent for begun in running]
            function = ended.data["dispatcher"].py_func
            took[f"{function.__module__}.{function.__name__}"] += spent

    with event.install_listener("numba:compile", Listener()):
        ask()
    return {**dict(sorted(took.items(), key=lambda one: -one[1])), "all": sum(took.values())}


if __name__ == "__main__":
    main()
