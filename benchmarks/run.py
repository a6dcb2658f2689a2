"""Measure speed and memory in one run, each in a process of its own, and write docs/validation/benchmarks.md.

Numbers of a shared machine mean little alone: what counts are the ratios to reading the same GeoPackage by pyogrio, and
to peers that answer the same question, all of the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import city
import page
import peers
import tasks
from page import Measured

HERE = Path(__file__).parent
ROOT = HERE.parent
SIZES = (10_000, 100_000, 1_000_000)
GEOJSON_TASKS = ("bare GeoJSON", "read GeoJSON")
PAPER_TASKS = ("section", "sheet", "report")
PAPER_LIMIT = 100_000  # a city of a million pipes is not drawn on one sheet
GIVEN_UP_AFTER_S = {"swmmio upstream": 60.0}  # it scans all pipes at every step: minutes at the smallest size
LARGEST_FOR = {"sewergraph accumulate": 100_000, "swmm-api upstream": 100_000, "swmmio upstream": 10_000}


def main() -> None:
    """Measure speed and memory and write docs/validation/benchmarks.md."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--rounds", type=int, default=2, help="how often all measurements are gone through")
    parser.add_argument("--repeats", type=int, default=3, help="repeats within each measurement")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds after which a measurement is given up")
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "benchmarks")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "validation" / "benchmarks.md")
    parser.add_argument(
        "--peers",
        default=os.environ.get("DRAINAGE_BENCH_PEERS"),
        help="Python that has sewergraph, swmmio and swmm-api; without it they are left out",
    )
    options = parser.parse_args()
    folders = {size: city.write_city(size, options.folder) for size in options.sizes}
    warm_up = city.write_city(min(SIZES), options.folder)
    found: dict[tuple[str, int], list[Measured]] = {}
    for number in range(options.rounds):
        for size, folder in folders.items():
            for task, command in _commands(size, options.peers).items():
                given_up = found.get((task, size)) == [None]
                if given_up:
                    continue
                arguments = [*command, task, folder, "--warm-up", warm_up, "--repeats", str(options.repeats)]
                limit_s = GIVEN_UP_AFTER_S.get(task, options.timeout)
                one = _measure([str(word) for word in arguments], limit_s)
                found.setdefault((task, size), []).append(one)
                print(f"{number + 1}/{options.rounds} {size:>9,} {task:32} {_words(one)}", flush=True)
    text = page.write(found, list(folders), _machine())
    options.page.parent.mkdir(exist_ok=True)
    raw = [{"task": task, "size": size, "measured": several} for (task, size), several in found.items()]
    (options.folder / "measured.json").write_text(json.dumps(raw), encoding="utf-8")
    # what browsers need is not measured here, and stays
    said = options.page.read_text(encoding="utf-8") if options.page.exists() else ""
    options.page.write_text(text + "".join(said.partition("\n## Pages in a browser\n")[1:]), encoding="utf-8")
    print(options.page)


def _commands(size: int, peers_python: str | None) -> dict[str, list[str | Path]]:
    """Name the program that runs each task at a size."""
    ours = {
        task: [sys.executable, HERE / "tasks.py"]
        for task in tasks.TASKS
        if (size <= city.GEOJSON_LIMIT or task not in GEOJSON_TASKS)
        and (size <= PAPER_LIMIT or task not in PAPER_TASKS)
    }
    theirs = {
        task: [sys.executable if task.startswith("networkx") else peers_python, HERE / "peers.py"]
        for task in peers.TASKS
        if (task.startswith("networkx") or peers_python) and size <= LARGEST_FOR.get(task, size)
    }
    return ours | theirs


def _measure(command: list[str], timeout_s: float) -> Measured:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def _words(one: Measured) -> str:
    return "given up" if one is None else f"{min(one['seconds']):9.4f} s {one['peak_mib']:7.0f} MiB"


def _machine() -> str:
    """Describe the machine without naming it."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.is_file() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = f"load {os.getloadavg()[2]:.1f}"
    return f"{model or platform.machine()}, {os.cpu_count()} cores, {gib:.0f} GiB, {platform.system()}, {load}"


if __name__ == "__main__":
    main()
