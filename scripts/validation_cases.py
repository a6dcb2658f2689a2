"""What the screening is held against: networks, storms, and EPA SWMM by two of its own methods, its answers kept."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import drainage as dr  # noqa: E402 - the checkout itself, installed or not
from drainage.simulation.swmm.compose import build_engine_models  # noqa: E402 - likewise
from drainage.simulation.swmm.run import run_engine  # noqa: E402 - likewise
from tests.simulation.screening import test_screening_engine as trees  # noqa: E402 - likewise
from tests.support import engine as witness  # noqa: E402 - likewise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drainage.hydraulics.rainfall import Storm

NETWORKS: Final = ROOT.parent / "shared" / "networks" / "swmm"
KEPT: Final = ROOT / "out" / "validation"
#: The two ways in which the engine may treat surcharge, each with its step, s; the finer is held to be right.
TRUTH: Final = ("SLOT", 0.5)
CEILING: Final = ("EXTRAN", 5.0)
PERIODS_A: Final = (2, 5, 20)
TIME_LIMIT_S: Final = 120.0
CITY_LIMIT_S: Final = 900.0
#: Calls of the screening of which the quickest counts.
CALLS: Final = 4
INFLOWS: Final = ("dwInflow", "wwInflow", "gwInflow", "iiInflow", "exInflow")


class Said(NamedTuple):
    """What an engine says of a case: overflow (m³) by node, water that came (m³), its loss (%), its time (s)."""

    overflow_m3: pd.Series
    runoff_m3: float
    error_pct: float
    seconds: float


class Case(NamedTuple):
    """A network in a storm, by the screening and twice by the engine.

    ``links`` are the ends of its pipes; ``states`` is the screening of each network in it; ``fair`` is the overflow of
    a screening with as much runoff as in the engine.
    """

    network: str
    storm: str
    tree: bool
    links: pd.DataFrame
    states: tuple[dr.simulation.FlowState, ...]
    ours: Said
    fair: pd.Series
    truth: Said
    ceiling: Said


def cases() -> Iterator[Case | tuple[str, str, str]]:
    """Give all cases, one after another; where none can be made, network, storm and why."""
    yield from _city()
    yield from _trees()
    for path in sorted(NETWORKS.rglob("*.inp")):
        yield from _model(path)


def _city() -> Iterator[Case]:
    net = dr.read_network(ROOT / "data" / "pipes.geojson")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    for day in ("2018-12-31", "2021-05-07"):
        yield _case(f"demo city {day}", "3 a", net.as_of(day), storm, storm, limit_s=CITY_LIMIT_S)


def _model(path: Path) -> Iterator[Case | tuple[str, str, str]]:
    net = dr.read_network(path)
    if net.catchments is None:
        return
    formula = dr.read_storm_formula("shanghai")
    for period in (None, *PERIODS_A):
        words = "own" if period is None else f"{period} a"
        storm = None if period is None else dr.DesignStorm(formula, period, 120)
        try:
            fallen = storm or dr.simulate_swmm(net, None, time_limit_s=TIME_LIMIT_S).storm
            yield _case(path.stem, words, net, storm, fallen)
        except dr.DrainageError as error:
            yield path.stem, words, _short(str(error))
            if "the engine was stopped" in str(error):
                return  # it simulates months: other storms take as long


def _short(text: str) -> str:
    return text if len(text) < 160 else text[:160].rsplit(" ", 1)[0] + " …"


def _case(
    name: str,
    words: str,
    net: dr.DrainageNetwork,
    storm: Storm | None,
    fallen: Storm,
    *,
    limit_s: float = TIME_LIMIT_S,
) -> Case:
    truth, ceiling = (_by_engine(net, storm, *way, limit_s=limit_s) for way in (TRUTH, CEILING))
    screened, seconds = _quickest(lambda: dr.screen(net, fallen))
    pipes = net.pipes[net.pipes["system"].isin(["storm", "combined", "unknown"])]
    forked = pipes["from_node"].duplicated().any() or bool(net.graph.in_loop.any())
    return Case(
        network=name,
        storm=words,
        tree=not forked and not _regulated(net),
        links=pd.DataFrame(net.pipes[["from_node", "to_node"]]),
        states=(screened,),
        ours=_own(screened, seconds),
        fair=_with_runoff(net, fallen, screened, truth.runoff_m3),
        truth=truth,
        ceiling=ceiling,
    )


def _quickest(screen: Callable[[], dr.simulation.FlowState]) -> tuple[dr.simulation.FlowState, float]:
    """Give the answer and the shortest time of some calls, s: the first may compile, and others work on the machine."""
    times = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        state = screen()
        times.append(time.perf_counter() - begin)
    return state, min(times)


def _regulated(net: dr.DrainageNetwork) -> bool:
    pipes = net.pipes
    return bool("link_type" in pipes and (pipes["link_type"].fillna("conduit") != "conduit").any())


def _own(state: dr.simulation.FlowState, seconds: float) -> Said:
    """Take the screening's own books: what neither overflows nor flows out, by what came."""
    came = state.balance["runoff_m3"]
    return Said(state.nodes["overflow_m3"], came, 100.0 * state.balance["stored_m3"] / came, seconds)


def _with_runoff(net: dr.DrainageNetwork, storm: Storm, state: dr.simulation.FlowState, runoff_m3: float) -> pd.Series:
    """Screen once more with as much water as came in the engine: all ground larger by one factor."""
    factor = runoff_m3 / state.balance["runoff_m3"]
    catchments = net.catchments
    if catchments is None or not len(catchments):
        nodes = net.nodes
        larger = net.replace(nodes=nodes.assign(area_ha=state.nodes["area_ha"] * factor))
        return dr.screen(larger, storm).nodes["overflow_m3"]
    area = catchments["area_ha"] if "area_ha" in catchments else catchments.geometry.area / 1e4
    return dr.screen(net, storm, dr.Setup(catchments=catchments.assign(area_ha=area * factor))).nodes["overflow_m3"]


def _by_engine(net: dr.DrainageNetwork, storm: Storm | None, method: str, step_s: float, *, limit_s: float) -> Said:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (model,) = build_engine_models(net, storm, folder=folder)
        model = model._replace(text=with_method(model.text, method, step_s))
        kept = KEPT / f"{_key(model.text)}.json"
        if kept.is_file():
            return _read(kept)
        begin = time.perf_counter()
        run = run_engine(model, folder, time_limit_s=limit_s, progress=None)
        seconds = time.perf_counter() - begin
    cubic = model.units.length_m**3
    ids = {theirs: ours for ours, theirs in model.node_names.items()} | model.added_nodes
    flooded = pd.Series(run.nodes["volFlooded"] * cubic, index=[ids.get(one, one) for one in run.node_names])
    overflow = flooded.groupby(level=0).sum().reindex(net.nodes.index).fillna(0.0)
    said = Said(overflow, sum(run.totals[one] for one in INFLOWS) * cubic, run.errors_pct[1], seconds)
    _write(kept, said)
    return said


def with_method(text: str, method: str, step_s: float) -> str:
    """Have a model routed as dynamic wave by a surcharge method and a step."""
    chosen = {"FLOW_ROUTING": "DYNWAVE", "SURCHARGE_METHOD": method, "ROUTING_STEP": f"{step_s:g}",
              "VARIABLE_STEP": "0.75", "THREADS": "1"}  # fmt: skip
    lines, inside = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            inside = line.lstrip().upper().startswith("[OPTION")
            lines += [line, *(f"{key} {value}" for key, value in chosen.items() if inside)]
        elif not inside or not line.split() or line.split()[0].upper() not in chosen:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _key(text: str) -> str:
    """Name a model by all that the engine computes with: neither its title nor comments."""
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.startswith("[TITLE]")
        if not inside and not line.startswith(";"):
            lines.append(line)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]


def _write(path: Path, said: Said) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {**said._asdict(), "overflow_m3": said.overflow_m3.to_dict()}
    path.write_text(json.dumps(content), encoding="utf-8")


def _read(path: Path) -> Said:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Said(**{**content, "overflow_m3": pd.Series(content["overflow_m3"], dtype=np.float64)})


def _trees() -> Iterator[Case]:
    """Give the family of random trees of the tests as one case: the same inflows, only the hydraulics differ."""
    storm = trees.rain(5.0)
    grown = [trees.grow(seed) for seed in trees.SEEDS]
    screened, seconds, came, left = [], 0.0, 0.0, 0.0
    for tree in grown:
        state, quickest = _quickest(
            partial(dr.screen, tree.net, storm, dr.Setup(tailwater_m=tree.tailwater_m, inlet_time_min=trees.INLET_MIN))
        )
        seconds += quickest
        came, left = came + state.balance["runoff_m3"], left + state.balance["stored_m3"]
        screened.append(state)
    ours = Said(joined([state.nodes["overflow_m3"] for state in screened]), came, 100.0 * left / came, seconds)
    truth, ceiling = (_trees_by_engine(grown, storm, came, *way) for way in (TRUTH, CEILING))
    yield Case(
        network=f"{len(grown)} random trees",
        storm="5 a, same inflows",
        tree=True,
        links=pd.DataFrame(
            [((str(k), pipe.tail), (str(k), pipe.head)) for k, tree in enumerate(grown) for pipe in tree.conduits],
            columns=["from_node", "to_node"],
        ),
        states=tuple(screened),
        ours=ours,
        fair=ours.overflow_m3,
        truth=truth,
        ceiling=ceiling,
    )


def _trees_by_engine(grown: list[trees.Tree], storm: Storm, came: float, method: str, step_s: float) -> Said:
    volumes, errors, seconds = [], [], 0.0
    for tree in grown:
        inflow = trees.inflows(storm, tree.area_ha)  # type: ignore[arg-type]  # a design storm
        with tempfile.TemporaryDirectory() as name:
            begin = time.perf_counter()
            flood = witness.run(
                Path(name), tree.conduits, tree.ground_m, {"n0": tree.tailwater_m}, inflow,
                method=method, step_s=step_s,
            )  # fmt: skip
            seconds += time.perf_counter() - begin
        volumes.append(pd.Series(flood.volume_m3))
        errors.append(flood.error_pct)
    return Said(joined(volumes), came, max(errors, key=abs), seconds)


def joined(parts: list[pd.Series]) -> pd.Series:
    """Join answers of several networks, which may use the same names."""
    return pd.concat({str(number): part for number, part in enumerate(parts)}).rename_axis(["tree", "node"])
