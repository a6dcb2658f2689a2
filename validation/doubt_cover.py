"""Whether a screening knows where it is wrong: its doubts held against EPA SWMM on the models of a collection.

Run ``python validation/doubt_cover.py PLACE [PLACE …]``; a place is a folder, or the directory of a git repository
without a working tree, of which the newest commit is read. Of those with catchments, gages, dynamic waves and 15 to
1,500 links each distinct one (by the names of its nodes) runs in its own rain by both engines. What the engine said is
kept in out/doubt_cover by the content of the model: a run that was cut short goes on, and one after a change of the
screening asks the engine nothing. Of the models themselves nothing is kept.

A node differs where one says that it overflows (1 m³ or more) and the other that it does not; a node that the screening
does not judge says that it does not. An engine that lost or made more than a tenth of the water is no witness, and its
model is left out. Half of the models, by the digest of their names, are those on which the doubts were tuned; they were
not tuned on the other half. Aims: at least 90 % of the nodes that differ carry a doubt, and at most 60 % of those that
agree. Writes ``--table`` (day and machine, then a row a model) and prints what it found; ends with 1 where an aim is
missed on the models not tuned to.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import platform
import sys
import tempfile
import time
import warnings
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from read_public_models import unpacked

import drainage as dr
from drainage.errors import DrainageError
from drainage.hydraulics.no_rain import NoRain
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.simulation.swmm.simulate import simulate_swmm

ROOT: Final = Path(__file__).resolve().parent.parent
KEPT: Final = ROOT / "out" / "doubt_cover"
#: A node overflows from here on, m³.
CLEAR_M3: Final = 1.0
#: Water that the engine may lose or make, %: beyond it its own manual doubts the answer (SWMM 5.2 User's Manual, 9.1).
MOST_ERROR_PCT: Final = 10.0
#: Aims: share of the differing nodes that carry a doubt, and of the agreeing ones that do at most.
LEAST_OF_DIFFERING, MOST_OF_AGREEING = 0.9, 0.6
FEWEST_LINKS, MOST_LINKS, FEWEST_CATCHMENTS = 15, 1500, 3
COUNTS: Final = (
    "nodes",
    "swmm_floods",
    "screening_floods",
    "both",
    "differing",
    "differing_doubted",
    "agreeing_doubted",
)


class Engine(NamedTuple):
    """What the engine said of a model: overflow by node, the rain that fell, seconds; or why nothing."""

    overflow_m3: pd.Series
    storm: ObservedStorm | None
    seconds: float
    why: str


def main() -> int:
    """Run what is asked; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--table", type=Path, default=ROOT / "validation" / "doubt_cover.csv")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds after which the engine is stopped")
    parser.add_argument("--minutes", type=float, default=15.0, help="no model is begun later")
    parser.add_argument("--half", choices=("tuned", "untuned"), help="only this half")
    given = parser.parse_args()
    ends = time.monotonic() + 60.0 * given.minutes
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="models-") as folder:
        models = [
            path
            for number, place in enumerate(given.places)
            for path in _models(unpacked(place, Path(folder, str(number))))
        ]
        with multiprocessing.Pool(given.jobs) as pool:
            ask = partial(compare, time_limit_s=given.time_limit, ends=ends, half=given.half)
            rows = [row for row in pool.imap(ask, distinct(models)) if row is not None]
    table = pd.DataFrame(rows).sort_values(["half", "model"], ignore_index=True)
    where = f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, drainage {dr.__version__}"
    given.table.write_text(f"# {where}\n{table.to_csv(index=False)}", encoding="utf-8")
    print(where)
    print(table.to_string(index=False))
    return print_pooled(table)


def _models(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix.lower() == ".inp" and path.is_file())


def distinct(models: list[Path]) -> list[Path]:
    """Keep those of a fit size that run in rain, one of those whose nodes have the same names, in any order."""
    kept: dict[tuple[str, ...], Path] = {}
    for path in models:
        rows = _sections(path)
        links = sum(len(rows.get(name, ())) for name in ("CONDUITS", "PUMPS", "ORIFICES", "WEIRS", "OUTLETS"))
        enough = len(rows.get("SUBCATCHMENTS", ())) >= FEWEST_CATCHMENTS and rows.get("RAINGAGES")
        waves = any(
            "DYNWAVE" in row.upper() for row in rows.get("OPTIONS", ()) if row.upper().startswith("FLOW_ROUTING")
        )
        if enough and waves and FEWEST_LINKS <= links <= MOST_LINKS:
            nodes = tuple(sorted(row.split()[0] for name in ("JUNCTIONS", "STORAGE") for row in rows.get(name, ())))
            kept.setdefault(nodes, path)
    return sorted(kept.values(), key=lambda path: _digest(path.name))


def _sections(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in path.read_text(encoding="latin-1").splitlines():
        row = line.partition(";")[0].strip()
        if row.startswith("["):
            rows = found.setdefault(row.strip("[]").upper(), [])
        elif row:
            rows.append(row)
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def half_of(path: Path) -> str:
    """Tell whether the doubts were tuned on a model, by the digest of its name."""
    return "tuned" if int(_digest(path.name), 16) % 2 == 0 else "untuned"


def compare(path: Path, *, time_limit_s: float, ends: float, half: str | None = None) -> dict[str, object] | None:
    """Hold the screening of a model against the engine; None where neither is asked any more."""
    warnings.simplefilter("ignore")
    row: dict[str, object] = {"half": half_of(path), "model": path.name}
    if half not in (None, row["half"]):
        return None
    try:
        net = dr.read_network(path)
        said = engine_says(path, net, time_limit_s, ends)
        if said is None:
            return None
        if said.storm is None or said.why:
            return row | dict.fromkeys(COUNTS, 0) | {"why_not": said.why}
        nodes = dr.screen(net).nodes
    except DrainageError as error:
        return row | dict.fromkeys(COUNTS, 0) | {"why_not": str(error).replace(path.name, "it")[:80]}
    return row | count(nodes, said.overflow_m3) | {"why_not": ""}


def count(nodes: pd.DataFrame, truth_m3: pd.Series) -> dict[str, int]:
    """Count the nodes that the engine has by what both say, and by doubt."""
    ours = nodes.loc[truth_m3.index]
    said = (ours["overflow_m3"].fillna(0.0) >= CLEAR_M3).to_numpy() & ours["judged"].to_numpy()
    true = (truth_m3 >= CLEAR_M3).to_numpy()
    doubted = (ours["doubt"].fillna("") != "").to_numpy()
    differs = said != true
    numbers = (
        len(ours), true.sum(), said.sum(), (said & true).sum(), differs.sum(), (differs & doubted).sum(),
        (~differs & doubted).sum(),
    )  # fmt: skip
    return dict(zip(COUNTS, map(int, numbers), strict=True))


def engine_says(path: Path, net: dr.DrainageNetwork, time_limit_s: float, ends: float) -> Engine | None:
    """Ask the engine, or what was kept of its answer; None where there is no time left to ask it."""
    kept = KEPT / f"{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}.npz"
    if not _told(kept):
        if time.monotonic() > ends:
            return None
        _ask(net, kept, time_limit_s)
    with np.load(kept) as found:
        storm = ObservedStorm(found["edges_min"], found["step_mm"], path.name) if len(found["step_mm"]) else None
        overflow = pd.Series(found["overflow_m3"], pd.Index(found["node_id"].astype(str), dtype="str"))
        return Engine(overflow, storm, float(found["seconds"]), str(found["why"]))


def _told(kept: Path) -> bool:
    """Tell whether the engine was asked already; answers that were kept without their error are asked for again."""
    if not kept.is_file():
        return False
    with np.load(kept) as found:
        return bool(found["why"]) or "tells_errors" in found


def _ask(net: dr.DrainageNetwork, kept: Path, time_limit_s: float) -> None:
    began, why = time.monotonic(), ""
    edges, steps, overflow = np.zeros(0), np.zeros(0), pd.Series(dtype=np.float64)
    try:
        state = simulate_swmm(net, None, processes=1, time_limit_s=time_limit_s)
        if isinstance(state.storm, ObservedStorm) and not isinstance(state.storm, NoRain):
            edges, steps = state.storm.edges_min, state.storm.step_mm
        else:
            why = "no rain fell"
        overflow = state.nodes.loc[state.nodes["judged"], "overflow_m3"]
    except DrainageError as error:
        why = str(error)[:80]
    else:
        lost = state.balance["routing_error_pct"]
        why = why or (f"the engine lost or made {abs(lost):.0f} % of the water" if abs(lost) > MOST_ERROR_PCT else "")
    np.savez_compressed(
        kept, node_id=overflow.index.to_numpy(dtype=str), overflow_m3=overflow.to_numpy(), edges_min=edges,
        step_mm=steps, seconds=time.monotonic() - began, why=why, tells_errors=True,
    )  # fmt: skip


def print_pooled(table: pd.DataFrame) -> int:
    """Print the shares of each half and of both; give 1 where an aim is missed on the models not tuned to."""
    missed = 0
    for name, part in (*table.groupby("half"), ("all", table)):
        sums = part[list(COUNTS)].sum()
        agreeing = sums["nodes"] - sums["differing"]
        covered = sums["differing_doubted"] / max(sums["differing"], 1)
        spread = sums["agreeing_doubted"] / max(agreeing, 1)
        met = covered >= LEAST_OF_DIFFERING and spread <= MOST_OF_AGREEING
        missed = int(not met) if name == "untuned" else missed
        print(
            f"{name}: {int((part['nodes'] > 0).sum())} models, {sums['nodes']} nodes, {sums['differing']} differ, "
            f"{covered:.1%} of them with a doubt; {spread:.1%} of the {agreeing} that agree; precision "
            f"{sums['both'] / max(sums['screening_floods'], 1):.2f}, recall "
            f"{sums['both'] / max(sums['swmm_floods'], 1):.2f}: aim {'met' if met else 'missed'}"
        )
    return missed


if __name__ == "__main__":
    sys.exit(main())
