"""Measure speed and memory in one run, each in a process of its own; write docs/performance.md and its Chinese twin.

Seconds of a shared machine mean little alone: what counts are the ratios to reading the same GeoPackage by pyogrio, and
to peers that answer the same question, all of the same run.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import resource
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import city
import page
import peers
import peers_compiled
import tasks
from measured import FLOOR, Found, Measured

HERE = Path(__file__).parent
ROOT = HERE.parent
SIZES = (10_000, 100_000, 1_000_000)
WARM_UP = 50_000  # large enough that loops are compiled, as they are for every larger city
PAGES = {"en": "performance.md", "zh": "performance.zh.md"}
BEGIN, END = "<!-- figures: written by benchmarks/run.py -->\n", "<!-- end of figures -->\n"
GEOJSON_TASKS = ("bare GeoJSON", "read GeoJSON")
PAPER_TASKS = ("section", "sheet", "report")
PAPER_LIMIT = 10_000  # a larger city is not drawn on one sheet
BEYOND_ONE_RUN = (FLOOR, "in partitions")  # what is asked of cities larger than city.WHOLE_LIMIT
OF_NEW_PROCESSES = ("in partitions",)  # nothing is warm in a process that begins
GIVEN_UP_AFTER_S = {"swmmio upstream": 60.0}  # it scans all pipes at every step: minutes at the smallest size
LARGEST_FOR = {"sewergraph accumulate": 100_000, "swmm-api upstream": 100_000, "swmmio upstream": 10_000}
Command = list[str | Path]


class Busy(NamedTuple):
    """Seconds that all cores were busy, of those that there were, and those of what was started here."""

    busy_s: float
    all_s: float
    own_s: float


def main() -> None:
    """Measure speed and memory and write docs/performance.md and docs/performance.zh.md."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="pipes; beyond a million in partitions")
    parser.add_argument("--rounds", type=int, default=1, help="how often all measurements are gone through")
    parser.add_argument("--repeats", type=int, default=3, help="repeats within each measurement, at most")
    parser.add_argument(
        "--papers", action="store_true", help=f"draw section, sheet and report too ({PAPER_LIMIT:,} pipes)"
    )
    parser.add_argument("--timeout", type=float, default=1800.0, help="seconds after which a measurement is given up")
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "benchmarks", help="where cities are kept")
    parser.add_argument("--pages", type=Path, default=ROOT / "docs", help="folder in which the pages are written")
    parser.add_argument(
        "--peers",
        default=os.environ.get("DRAINAGE_BENCH_PEERS"),
        help="Python that has sewergraph, swmmio and swmm-api; without it they are left out",
    )
    options = parser.parse_args()
    folders = {size: city.write_city(size, options.folder) for size in sorted(options.sizes)}
    warm_up = {size: city.write_city(min(size, WARM_UP), options.folder) for size in folders}
    load_before, begun = os.getloadavg()[0], _busy()
    found = Found()
    for number in range(options.rounds):
        for size, folder in folders.items():
            for task, command in _commands(size, options.peers, papers=options.papers):
                if found.get((task, size)) == [None]:
                    continue
                arguments = [*command, task, folder, "--repeats", options.repeats]
                if task not in OF_NEW_PROCESSES:
                    arguments += ["--warm-up", warm_up[size]]
                limit_s = GIVEN_UP_AFTER_S.get(task, options.timeout)
                one = _measure([str(word) for word in arguments], limit_s, may_fail=size > city.WHOLE_LIMIT)
                found.setdefault((task, size), []).append(one)
                print(f"{number + 1}/{options.rounds} {size:>10,} {task:32} {_words(one)}", flush=True)
    raw = [{"task": task, "size": size, "measured": several} for (task, size), several in found.items()]
    (options.folder / "measured.json").write_text(json.dumps(raw), encoding="utf-8")
    machine = _machine(load_before, begun)
    run = page.Run(found, list(folders), machine, _peer_versions(), tasks.PIPES_A_PARTITION, WARM_UP)
    _write(run, options.pages)


def _commands(size: int, peers_python: str | None, *, papers: bool) -> list[tuple[str, Command]]:
    """Name each task at a size and the program that runs it; the bare read stands first and last."""
    ours = [task for task in tasks.TASKS if _is_asked(task, size, papers=papers)]
    programs: list[tuple[str, Command]] = [(task, [sys.executable, HERE / "tasks.py"]) for task in [*ours, FLOOR]]
    if size > city.WHOLE_LIMIT:
        return programs
    here = [(peers, ("networkx",)), (peers_compiled, ("rustworkx", "igraph"))]
    for module, names in here:
        for name in filter(importlib.util.find_spec, names):
            path = HERE / f"{module.__name__}.py"
            programs += [(task, [sys.executable, path]) for task in module.TASKS if task.startswith(f"{name} ")]
    elsewhere = [task for task in peers.TASKS if size <= LARGEST_FOR.get(task, 0)]
    return programs + [(task, [peers_python, HERE / "peers.py"]) for task in elsewhere if peers_python]


def _is_asked(task: str, size: int, *, papers: bool) -> bool:
    if size > city.WHOLE_LIMIT:
        return task in BEYOND_ONE_RUN
    if task in PAPER_TASKS:
        return papers and size <= PAPER_LIMIT
    return task not in GEOJSON_TASKS or size <= city.GEOJSON_LIMIT


def _measure(command: list[str], timeout_s: float, *, may_fail: bool) -> Measured:
    """Measure a task; None where time did not suffice or, of a city that may be too large, memory did not."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        said = f"{' '.join(command)}\n{done.stderr}"
        if not may_fail:
            raise SystemExit(said)
        print(said, flush=True)
        return None
    return json.loads(done.stdout)


def _words(one: Measured) -> str:
    if one is None:
        return "given up"
    return f"{min(one['cpu_seconds']):9.4f} CPU s {min(one['seconds']):9.4f} s {one['peak_mib']:7.0f} MiB"


def _peer_versions() -> dict[str, str]:
    return {name: version(name) for name in ("rustworkx", "igraph") if importlib.util.find_spec(name)}


def _machine(load_before: float, begun: Busy | None) -> page.Machine:
    """Describe the machine without naming it, and what else went on there."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.is_file() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    ended = _busy()
    own = others = None
    if begun is not None and ended is not None:
        busy_s, all_s, own_s = (after - before for after, before in zip(ended, begun, strict=True))
        own, others = own_s / all_s, max(busy_s - own_s, 0.0) / all_s
    return page.Machine(
        model or platform.machine(), os.cpu_count() or 1, gib, platform.system(), load_before, os.getloadavg()[0],
        own, others,
    )  # fmt: skip


def _busy() -> Busy | None:
    """Return how long the cores were busy since the machine began; None where that is not told."""
    about = Path("/proc/stat")
    if not about.is_file():
        return None
    ticks = [int(word) for word in about.read_text(encoding="utf-8").partition("\n")[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    hertz = os.sysconf("SC_CLK_TCK")
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Busy((sum(ticks) - idle) / hertz, sum(ticks) / hertz, ended.ru_utime + ended.ru_stime)


def _write(run: page.Run, folder: Path) -> None:
    """Write the tables between their marks; what stands around them stays, or is that of the pages in docs."""
    for lang, name in PAGES.items():
        path = folder / name
        text = (path if path.exists() else ROOT / "docs" / name).read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{before}{BEGIN}\n{page.write(run, lang)}\n{END}{after}", encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
