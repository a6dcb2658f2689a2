"""What was measured as the tables of docs/performance.md, in two languages; words stand in `page.toml`."""

from __future__ import annotations

import datetime as dt
import platform
import statistics
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import clock
from goals import GOAL_SIZE, reached
from measured import FLOOR, Found, compare, median, peak, ratio, spread, times

LANGUAGES: Final = ("zh", "en")
#: The packages beside which others are named, and the others, as the first word of their tasks.
OURS: Final = {
    "accumulate": "accumulate",
    "build and accumulate": "build and accumulate",
    "mixed flow": "mixed rows",
    "build and mixed flow": "build and mixed rows",
    "upstream": "upstream",
}
PEERS: Final = ("networkx", "rustworkx", "igraph", "sewergraph", "swmm-api", "swmmio")
PACKAGES: Final = ("numpy", "pandas", "geopandas", "pyogrio", "shapely", "numba", "scipy", "networkx")
#: Other work from which wall seconds say little, as a share of the time of all cores (own choice).
_DISTURBED: Final = 0.1
Table = list[list[str]]


class Machine(NamedTuple):
    """On what was measured, and what else went on there; shares are of the time of all cores, None where not known."""

    model: str
    cores: int
    gib: float
    system: str
    load_before: float
    load_after: float
    own_share: float | None
    others_share: float | None


class Run(NamedTuple):
    """All that was measured."""

    found: Found
    sizes: list[int]
    machine: Machine
    peer_versions: dict[str, str]
    pipes_a_partition: int
    warm_up: int

    @property
    def whole(self) -> list[int]:
        """Sizes at which more was measured than the bare read and the run in partitions."""
        return [size for size in self.sizes if median(self.found, "read GeoPackage", size) is not None]


def write(run: Run, lang: str) -> str:
    """Return the tables of the page; every answer of a peer is compared with ours on the way."""
    _check_answers(run)
    told = dict(zip(PACKAGES, map(version, PACKAGES), strict=True)) | run.peer_versions
    several = [one for each in run.found.values() for one in each if one is not None]
    parts = [
        _said(
            lang, "about", rounds=min(map(len, run.found.values())),
            repeats=max(len(one["seconds"]) for one in several), enough_s=clock.ENOUGH_S, warm_up=run.warm_up,
        ),
        _said(lang, "made"),
        _said(
            lang, "machine", day=dt.datetime.now(dt.UTC).date(), python=platform.python_version(),
            versions=", ".join(f"{name} {number}" for name, number in told.items()), **run.machine._asdict(),
        ),
        *_growth(run, lang),
        *_steps(run, lang),
        *_peers(run, lang),
        *_goals(run, lang),
        *_noise(run, lang),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("page.toml").read_text(encoding="utf-8"))


def _word(lang: str, group: str, name: str) -> str:
    return _words()[group][name][LANGUAGES.index(lang)]


def _said(lang: str, name: str, **values: Any) -> str:  # noqa: ANN401 - of a format
    return _word(lang, "said", name).format(**values)


def _check_answers(run: Run) -> None:
    for size in run.sizes:
        compare(run.found, "in partitions", "total", size)
        for question, ours in OURS.items():
            for peer in PEERS:
                compare(run.found, f"{peer} {question}", ours, size)


def _growth(run: Run, lang: str) -> list[str]:
    head = ["pipes", "what", "cpu_s", "wall_s", "cpu_ratio", "wall_ratio", "peak_mib"]
    rows = [
        [f"{size:,}", _word(lang, "steps", task), *_figures(run.found, task, size)]
        for size in run.sizes
        for task in (FLOOR, "total", "in partitions")
        if (task, size) in run.found
    ]
    parts = [f"## {_said(lang, 'growth')}", _said(lang, "growth_about", partition=run.pipes_a_partition)]
    return [*parts, _table([_said(lang, name) for name in head], rows, texts=2)]


def _steps(run: Run, lang: str) -> list[str]:
    head = [_said(lang, name) for name in ("step", "cpu_s", "wall_s", "cpu_ratio", "wall_ratio", "peak_mib", "spread")]
    parts = [f"## {_said(lang, 'steps')}", _said(lang, "steps_about")]
    for size in run.whole:
        rows = [
            [words, *_figures(run.found, task, size), _percent(spread(run.found, task, size, "seconds"))]
            for task, words in ((task, _word(lang, "steps", task)) for task in _words()["steps"])
            if median(run.found, task, size) is not None
        ]
        parts += [f"### {_said(lang, 'of_size', size=size)}", _table(head, rows)]
    return parts


def _figures(found: Found, task: str, size: int) -> list[str]:
    """Return CPU and wall seconds, both as multiples of the bare read, and the peak of memory."""
    seconds = [_number(median(found, task, size, clock)) for clock in ("cpu_seconds", "seconds")]
    multiples = [_number(ratio(found, task, FLOOR, size, clock)) for clock in ("cpu_seconds", "seconds")]
    held = peak(found, task, size)
    return [*seconds, *multiples, "—" if held is None else f"{held:,.0f}"]


def _peers(run: Run, lang: str) -> list[str]:
    there = [peer for peer in PEERS if any(task.startswith(f"{peer} ") for task, _ in run.found)]
    missing = [peer for peer in PEERS if peer not in there]
    parts = [f"## {_said(lang, 'peers')}", _said(lang, "peers_about"), _said(lang, "given_up")]
    if missing:
        parts.append(_said(lang, "left_out", names=", ".join(missing)))
    for size in run.whole:
        rows = [_peer_row(run.found, question, there, size, lang) for question in OURS]
        parts += [
            f"### {_said(lang, 'of_size', size=size)}",
            _table([_said(lang, "question"), _said(lang, "ours"), *there], rows),
        ]
    return parts


def _peer_row(found: Found, question: str, peers: list[str], size: int, lang: str) -> list[str]:
    ours = OURS[question]
    row = [_word(lang, "questions", question), _number(median(found, ours, size, "cpu_seconds"))]
    for peer in peers:
        theirs = f"{peer} {question}"
        times_ours = ratio(found, theirs, ours, size, "cpu_seconds")
        seconds = _number(median(found, theirs, size, "cpu_seconds"))
        row.append("—" if times_ours is None else f"{_number(times_ours)} × ({seconds})")
    return row


def _goals(run: Run, lang: str) -> list[str]:
    size = GOAL_SIZE if GOAL_SIZE in run.whole else max(run.whole)
    parts = [f"## {_said(lang, 'goals')}"]
    if size != GOAL_SIZE:
        parts.append(_said(lang, "goals_about", size=size))
    rows = []
    for one in reached(run.found, run.whole, size):
        met = _said(lang, "yes" if one.met else "no") if size == GOAL_SIZE else "—"
        words = _word(lang, "goals", one.name).format(before=one.before)
        rows.append([words, _number(one.measured), f"{'≥' if one.at_least else '≤'} {one.limit:g}", met])
    head = [_said(lang, "measured_at", size=size), *(_said(lang, name) for name in ("measured", "goal", "met"))]
    return [*parts, _table(head, rows)]


def _noise(run: Run, lang: str) -> list[str]:
    machine = run.machine
    lines = [_said(lang, "load", before=machine.load_before, after=machine.load_after, cores=machine.cores)]
    if machine.others_share is not None:
        lines.append(_said(lang, "others", own=machine.own_share, others=machine.others_share))
    if machine.load_before > machine.cores or (machine.others_share or 0.0) > _DISTURBED:
        lines.append(_said(lang, "disturbed"))
    ratios = [_said(lang, "floor_ratio", size=size, **_floor(run.found, size)) for size in run.sizes]
    lines.append(_said(lang, "floors", ratios=("；" if lang == "zh" else "; ").join(ratios)))
    wall, cpu = (_known(spread(run.found, *one, clock) for one in run.found) for clock in ("seconds", "cpu_seconds"))
    if wall and cpu:
        middle = {"wall": statistics.median(wall), "cpu": statistics.median(cpu)}
        lines.append(_said(lang, "spreads", **middle, wall_worst=max(wall), cpu_worst=max(cpu)))
    return [f"## {_said(lang, 'noise')}", *lines]


def _floor(found: Found, size: int) -> dict[str, float]:
    """Return by how much the slowest bare read exceeds the quickest."""
    wall, cpu = (times(found, FLOOR, size, clock) for clock in ("seconds", "cpu_seconds"))
    return {"wall": max(wall) / min(wall), "cpu": max(cpu) / min(cpu)}


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _table(head: list[str], rows: Table, *, texts: int = 1) -> str:
    line = ["---"] * texts + ["--:"] * (len(head) - texts)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, line, *rows))


def _number(value: float | None) -> str:
    """Write three figures, and none behind the point that are not known."""
    if value is None:
        return "—"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.0%}"
