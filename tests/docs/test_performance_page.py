"""The page of speed and memory says what was measured, alike in both languages, and calls no goal met that is not."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pyogrio
import pytest

from tests.support.pages import DOCS, ROOT

MILLION = 1_000_000
BESIDE = ("networkx", "rustworkx", "igraph", "sewergraph", "swmm-api", "swmmio")


@pytest.fixture(autouse=True)
def _beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the programs of benchmarks find each other, as where they are run."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


def measured(cpu_s: float, *, wall_s: float | None = None, mib: float = 1024.0, **answer: float) -> list[Any]:
    return [{"seconds": [wall_s or cpu_s], "cpu_seconds": [cpu_s], "peak_mib": mib, "answer": answer}]


def run_of(found: dict[tuple[str, int], list[Any]], *, others_share: float | None = 0.0, load: float = 0.1) -> Any:  # noqa: ANN401
    page = import_module("page")
    machine = page.Machine("chip", 2, 24.0, "Linux", load, 2.0, 0.5, others_share)
    sizes = sorted({size for _, size in found})
    return page.Run(found, sizes, machine, {}, pipes_a_partition=62_500, warm_up=50_000)


def city_of(size: int = MILLION, **times_bare: float) -> dict[tuple[str, int], list[Any]]:
    """What takes so many times as long as the bare read, which takes a second."""
    names = {name.replace("_", " "): times for name, times in times_bare.items()}
    read = {"bare GeoPackage": 1.0, "read GeoPackage": 1.5}
    return {(name, size): measured(times) for name, times in {**read, **names}.items()}


def row(text: str, begin: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(f"| {begin}")).strip("| ").split(" | ")


def test_a_goal_is_met_up_to_its_limit() -> None:
    """7 × in CPU and 5.5 × in wall seconds, 3 GiB, of a bare read of 1 s: 6.9 and 5.6 s at 3.1 GiB meet the first."""
    found = city_of() | {("total", MILLION): measured(6.9, wall_s=5.6, mib=3.1 * 1024)}
    text = import_module("page").write(run_of(found), "en")
    assert row(text, "file → Results, CPU")[1:] == ["6.9", "≤ 7", "yes"]
    assert row(text, "file → Results, wall")[1:] == ["5.6", "≤ 5.5", "no"]
    assert row(text, "peak memory of it")[1:] == ["3.1", "≤ 3", "no"]


def test_a_peer_meets_its_goal_from_its_limit_up() -> None:
    found = city_of(accumulate=0.01, networkx_accumulate=1.0, mixed_rows=0.01, networkx_mixed_flow=0.9)
    text = import_module("page").write(run_of(found), "en")
    assert row(text, "accumulate: networkx")[1:] == ["100", "≥ 100", "yes"]
    assert row(text, "mixed flow, like for like")[1:] == ["90", "≥ 100", "no"]


def test_at_another_size_no_goal_is_called_met() -> None:
    found = city_of(100_000, total=2.0)
    text = import_module("page").write(run_of(found), "en")
    assert row(text, "file → Results, CPU")[1:] == ["2", "≤ 7", "—"]
    assert "none is called met" in text


def test_what_did_not_fit_into_memory_has_its_row() -> None:
    found = city_of(total=6.0) | {
        ("bare GeoPackage", 10 * MILLION): measured(20.0),
        ("in partitions", 10 * MILLION): [None],
    }
    text = import_module("page").write(run_of(found), "en")
    rows = [line for line in text.splitlines() if line.startswith("| 10,000,000 ")]
    assert len(rows) == 2
    assert rows[1].endswith("`drainage analyze --partitions` | — | — | — | — | — |")


def test_memory_of_several_processes_is_theirs_together() -> None:
    """The program that watches holds 1 GiB, what it watches 5 GiB."""
    found = city_of() | {("in partitions", MILLION): measured(30.0, processes_peak_mib=5 * 1024)}
    assert import_module("measured").peak(found, "in partitions", MILLION) == 5 * 1024


@pytest.mark.parametrize(("theirs", "differs"), [("igraph upstream", "nodes"), ("in partitions", "points")])
def test_another_answer_than_ours_stops_the_page(theirs: str, differs: str) -> None:
    ours = "upstream" if theirs.startswith("igraph") else "total"
    found = city_of() | {
        (ours, MILLION): measured(1.0, **{differs: 1000.0}),
        (theirs, MILLION): measured(1.0, **{differs: 1001.0}),
    }
    with pytest.raises(SystemExit, match=f"{theirs} at 1000000: {differs} is 1001.0, ours 1000.0"):
        import_module("page").write(run_of(found), "en")


def test_a_peer_that_is_not_installed_is_named() -> None:
    text = import_module("page").write(run_of(city_of(accumulate=0.1, igraph_accumulate=0.2)), "en")
    assert "left out: networkx, rustworkx, sewergraph, swmm-api, swmmio (" in text
    assert row(text, "question")[2:] == ["igraph"]
    assert row(text, "accumulate |")[1:] == ["0.1", "2 × (0.2)"]


@pytest.mark.parametrize(
    ("share", "load", "warned"), [(0.05, 0.1, False), (0.4, 0.1, True), (None, 0.1, False), (None, 2.5, True)]
)
def test_other_work_on_the_machine_is_told(share: float | None, load: float, warned: bool) -> None:  # noqa: FBT001
    """Before the start nothing is ours: more than two busy at two cores, or 40 % of all cores, are others."""
    text = import_module("page").write(run_of(city_of(), others_share=share, load=load), "en")
    assert ("wall seconds say little" in text) is warned
    assert ("by other work" in text) is (share is not None)


def test_both_languages_have_the_same_figures() -> None:
    page, found = import_module("page"), city_of(total=6.0, accumulate=0.1, igraph_accumulate=0.2)
    in_tables = [figures(page.write(run_of(found), lang)) for lang in page.LANGUAGES]
    assert in_tables[0] == in_tables[1]
    assert len(in_tables[0]) > 20


def test_the_kept_pages_have_the_same_figures() -> None:
    kept = [(DOCS / name).read_text(encoding="utf-8") for name in ("performance.md", "performance.zh.md")]
    assert figures(kept[0]) == figures(kept[1]) != []


def figures(text: str) -> list[str]:
    """All numbers that stand alone in a cell of the tables that were measured."""
    rows = [line for line in text.partition("<!-- end of figures -->")[0].splitlines() if line.startswith("|")]
    return [cell for line in rows for cell in re.findall(r"(?<=\| )[\d.,]+(?= \|)", line)]


def test_every_task_stands_on_the_page() -> None:
    page, tasks = import_module("page"), import_module("tasks")
    of_peers = [name for module in ("peers", "peers_compiled") for name in import_module(module).TASKS]
    assert set(tasks.TASKS) == set(page._words()["steps"]) | set(page.OURS.values())
    assert {name.partition(" ")[0] for name in of_peers} == set(BESIDE) == set(page.PEERS)
    assert {name.partition(" ")[2] for name in of_peers} == set(page.OURS) == set(page._words()["questions"])


def test_a_large_city_is_written_town_by_town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two towns: twice the pipes of one, no name twice, side by side without touching."""
    city: ModuleType = import_module("city")
    monkeypatch.setattr(city, "WHOLE_LIMIT", 2000)
    one, _ = city.build_city(2000)
    both = pyogrio.read_dataframe(city.write_city(4000, tmp_path) / "pipes.gpkg")
    assert len(both) == 2 * len(one)
    assert both["pipe_id"].is_unique
    ends = [set(town["from_node"]) | set(town["to_node"]) for town in (both[: len(one)], both[len(one) :])]
    assert not ends[0] & ends[1]
    assert both[: len(one)].total_bounds[2] < both[len(one) :].total_bounds[0]
