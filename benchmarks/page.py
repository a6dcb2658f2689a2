"""What was measured as a page of tables: ratios first, for seconds depend on the machine and on who shares it."""

from __future__ import annotations

import datetime as dt
import platform
import statistics
from importlib.metadata import version
from typing import Any

Measured = dict[str, Any] | None
Found = dict[tuple[str, int], list[Measured]]

FLOOR = "bare GeoPackage"
STEPS = {
    FLOOR: "`pyogrio.read_dataframe(use_arrow=True)`, the floor",
    "bare by default": "`pyogrio.read_dataframe()` as it is called by default",
    "read layer": "`read_layer`: the pipes in metres, coordinates checked",
    "read GeoPackage": "`read_network`: checked, named, joined, completed",
    "graph": "`FlowGraph`: adjacency and order",
    "accumulate": "`FlowGraph.accumulate`",
    "mixed flow": "`find_mixed_flow`",
    "mixed rows": "the rows of the mixed pipes by `FlowGraph.downstream`",
    "separation": "`measure_separation` along the centre lines of all streets",
    "next plan": "`plan_inspection`: the chances by 1000 looks, the next 10 openings",
    "quality": "`check_quality`, all rules",
    "screening": "`screen`, one storm",
    "six storms": "`screen` and `overflow_up_to`, six return periods",
    "waterlogging": "`find_waterlogging`",
    "section": "`plot_section` through the largest drain, in one storm, and its PDF",
    "sheet": "`plot_map` of the whole city on A0, and its PDF",
    "report": "`compose_report` of all answers, with map, sections and hydrograph, and its PDF",
    "total": "**file → Results of all three questions**",
    "read GeoPackage without nodes": "`read_network`, no node ids: ends joined by place",
    "bare GeoParquet": "`geopandas.read_parquet`",
    "read GeoParquet": "`read_network` of GeoParquet",
    "bare GeoJSON": "`pyogrio.read_dataframe` of GeoJSON",
    "read GeoJSON": "`read_network` of GeoJSON",
}
PEERS = {
    "networkx accumulate": "accumulate",
    "networkx build and accumulate": "build and accumulate",
    "networkx mixed flow": "mixed rows",
    "networkx build and mixed flow": "mixed flow",
    "networkx upstream": "upstream",
    "sewergraph accumulate": "accumulate",
    "swmm-api upstream": "upstream",
    "swmmio upstream": "upstream",
}
PACKAGES = ("numpy", "pandas", "geopandas", "pyogrio", "shapely", "numba", "scipy", "networkx")


def write(found: Found, sizes: list[int], machine: str) -> str:
    """Write the page; every answer of a peer is compared with ours on the way."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    rounds = max(len(several) for several in found.values())
    repeats = max(len(one["seconds"]) for several in found.values() for one in several if one is not None)
    return "\n".join(
        [
            "---",
            "reader: whoever has a large city, or many, and wonders what it takes",
            "afterwards: estimate time and memory for a network of your size, and compare them with other packages",
            "---",
            "# Speed and memory",
            "",
            "A million pipes are read and all three questions answered on an office machine. How long that takes",
            "depends on disk and processor, so times are multiples of the bare read of the same GeoPackage;",
            "seconds stand in brackets.",
            "",
            "The cities are synthetic and seeded (`benchmarks/city.py`): storm and sewage sewers along a grid of",
            "streets, 0.3 % of the manholes misconnected, 0.1 % of the pipes twins, some blocks with too small",
            "pipes. Every measurement ran in a process of its own, after a warm-up on the smallest city; medians",
            f"of {rounds} × {repeats} (rounds × repeats in a process). A load above the number of cores means that",
            "others worked there too: then even ratios are rough, most of all those of steps that use both cores.",
            "",
            "Written by `make bench` (`benchmarks/run.py`); do not edit.",
            "",
            f"{dt.datetime.now(dt.UTC).date()}; {machine}; Python {platform.python_version()}; {versions}.",
            "",
            "## Steps",
            "",
            *_steps(found, sizes),
            "",
            "## Peak memory",
            "",
            "Whole process at its peak, MiB, imports included (about 150 MiB).",
            "",
            *_memory(found, sizes),
            "",
            "## Peers",
            "",
            "Other packages were asked the same of the same graph, and gave the same answer, or this page is not",
            "written. Graphs are built before the clock starts, unless *build* is named. networkx gives the rows",
            "of mixed pipes only; `find_mixed_flow` gives tables, grades, outfalls and layers besides. —: not run",
            "at this size, or given up (swmmio after a minute).",
            "",
            *_peers(found, sizes),
            "",
            "## Goals",
            "",
            *_goals(found, sizes),
            "",
        ]
    )


def _median(found: Found, task: str, size: int, clock: str = "seconds") -> float | None:
    several = [one for one in found.get((task, size), []) if one is not None]
    return statistics.median(second for one in several for second in one[clock]) if several else None


def _peak(found: Found, task: str, size: int) -> float | None:
    several = [one for one in found.get((task, size), []) if one is not None]
    return max(one["peak_mib"] for one in several) if several else None


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] + ["--:"] * (len(head) - 1), *rows)]


def _steps(found: Found, sizes: list[int]) -> list[str]:
    rows = []
    for task, words in STEPS.items():
        row = [words]
        for size in sizes:
            floor, seconds = _median(found, FLOOR, size), _median(found, task, size)
            row.append("—" if floor is None or seconds is None else f"{seconds / floor:.3g} ({seconds:.3g} s)")
        rows.append(row)
    return _table(["step", *(f"{size:,} pipes" for size in sizes)], rows)


def _memory(found: Found, sizes: list[int]) -> list[str]:
    names = (FLOOR, "read GeoPackage", "total", "networkx build and accumulate")
    rows = []
    for task in names:
        peaks = [_peak(found, task, size) for size in sizes]
        rows.append([STEPS.get(task, task), *("—" if peak is None else f"{peak:,.0f}" for peak in peaks)])
    return _table(["step", *(f"{size:,} pipes" for size in sizes)], rows)


def _peers(found: Found, sizes: list[int]) -> list[str]:
    rows = []
    for theirs, ours in PEERS.items():
        row = [theirs, STEPS.get(ours, ours)]
        for size in sizes:
            _compare(found, theirs, ours, size)
            slow, fast = _median(found, theirs, size), _median(found, ours, size)
            row.append("—" if slow is None or fast is None else f"{slow / fast:.3g} × ({slow:.3g} s)")
        rows.append(row)
    return _table(["peer", "ours", *(f"peer's time ÷ ours, {size:,}" for size in sizes)], rows)


def _compare(found: Found, theirs: str, ours: str, size: int) -> None:
    """Stop where a peer's answer is another than ours: its time would mean nothing."""
    answers = [one["answer"] for task in (ours, theirs) for one in found.get((task, size), []) if one is not None]
    for answer in answers[1:]:
        for name, value in answers[0].items():
            if abs(answer[name] - value) > 1e-9 * max(abs(value), 1.0):
                raise SystemExit(f"{theirs} at {size}: {name} is {answer[name]}, ours {value}")


def _goals(found: Found, sizes: list[int]) -> list[str]:
    big, middle = max(sizes), sorted(sizes)[-2] if len(sizes) > 1 else max(sizes)
    total, floor, before = (_median(found, t, s) for t, s in (("total", big), (FLOOR, big), ("total", middle)))
    peak = _peak(found, "total", big)
    rows = []
    if total is not None and floor is not None and before is not None and peak is not None:
        rows += [
            _goal("file → Results, multiple of the bare read", total / floor, 3.0),
            _goal("peak memory of it, GiB", peak / 1024, 4.0),
            _goal(f"growth of time from {middle:,} to {big:,} pipes", total / before, 12.0),
        ]
    for words, ours, theirs, goal in (
        ("`read_layer`, multiple of the bare read", "read layer", FLOOR, 1.2),
        ("`read_network`, multiple of pyogrio's read by default", "read GeoPackage", "bare by default", 1.2),
        ("`read_network`, multiple of the bare read by Arrow", "read GeoPackage", FLOOR, 1.2),
        ("all rules, multiple of the bare read", "quality", FLOOR, 5.0),
    ):
        slow, fast = _median(found, ours, big), _median(found, theirs, big)
        if slow is not None and fast is not None:
            rows.append(_goal(words, slow / fast, goal))
    slow, fast = (_median(found, task, big, "cpu_seconds") for task in ("separation", FLOOR))
    if slow is not None and fast is not None:
        rows.append(_goal("separation of all roads, multiple of the bare read, both in CPU seconds", slow / fast, 1.5))
    for words, theirs, ours in (
        ("accumulate: networkx's time ÷ ours", "networkx accumulate", "accumulate"),
        ("mixed flow, like for like (rows only): networkx's time ÷ ours", "networkx mixed flow", "mixed rows"),
        ("mixed flow, our whole Result: networkx's time for the rows ÷ ours", "networkx mixed flow", "mixed flow"),
    ):
        slow, fast = _median(found, theirs, big), _median(found, ours, big)
        if slow is not None and fast is not None:
            rows.append(_goal(words, slow / fast, 100.0, at_least=True))
    return _table([f"at {big:,} pipes", "measured", "goal", "met"], rows)


def _goal(words: str, measured: float, goal: float, *, at_least: bool = False) -> list[str]:
    met = measured >= goal if at_least else measured < goal
    return [words, f"{measured:.3g}", f"{'≥' if at_least else '<'} {goal:g}", "yes" if met else "no"]
