"""Many storms on many networks, side by side: a run is a value, and kept when finished by the content of its input.

What was kept is never computed again, so that an ensemble that broke off goes on where it stopped.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from pyarrow import ArrowException

from drainage.errors import DrainageError, NotKnownError, SimulationError
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said, joined
from drainage.simulation.ensemble.digest import digest, network_digest
from drainage.simulation.ensemble.workers import Gone, collect, on_cluster, work_on_processes
from drainage.simulation.screening.screen import screen
from drainage.simulation.setup import Setup, setup_keywords
from drainage.simulation.state import FlowState
from drainage.simulation.swmm.engine_values import EngineOptions
from drainage.simulation.swmm.simulate import simulate_swmm
from drainage.wants import expect, wants
from drainage.words import in_both
from drainage.writing import replacing_file

Engine = Literal["screening", "swmm"]
_LIMIT_S: Final = 3600.0
_SEAL: Final = "seal"


@dataclass(frozen=True, eq=False, slots=True)
class EnsembleRun:
    """One run of an ensemble.

    Parameters
    ----------
    network
        The network.
    storm
        The storm; None: the rain and the inflows of the .inp that the network came from.
    scenario
        Name of the network in the table.
    engine
        ``screening`` or ``swmm``.
    setup
        Assumptions of the simulation.
    options
        As in `simulate_swmm`.

    Raises
    ------
    SimulationError
        No such engine, or a network without rain of its own and no storm.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> run = dr.simulation.EnsembleRun(net, storm, scenario="now")
    >>> run.scenario, run.engine, run.storm.return_period_a
    ('now', 'screening', 3)
    """

    network: DrainageNetwork
    storm: Storm | None
    scenario: str = ""
    engine: Engine = "screening"
    setup: Setup = Setup()
    options: EngineOptions | None = None

    def __post_init__(self) -> None:
        expect("EnsembleRun", "setup", self.setup, "Setup", first=False)
        if self.engine not in get_args(Engine):
            raise SimulationError(in_both("engine_out", value=self.engine, known=joined(get_args(Engine), " or ")))
        if self.storm is None and self.network.origin.model is None:
            raise SimulationError(in_both("run_needs_storm"))


EnsembleRun.__init__ = setup_keywords(EnsembleRun.__init__)  # type: ignore[method-assign]  # for one version


@setup_keywords
@wants
def combine_runs(
    networks: Mapping[str, DrainageNetwork],
    storms: Iterable[Storm | None],
    *,
    setup: Setup | Iterable[Setup] = Setup(),
    tailwaters_m: Iterable[float | None] | None = None,
    engine: Engine = "screening",
    options: EngineOptions | None = None,
) -> list[EnsembleRun]:
    """Combine every network with every storm, setup and tailwater to a run each.

    Parameters
    ----------
    networks
        Scenario → network.
    storms
        Storms, such as return periods × durations.
    setup
        Assumptions; several, such as Ψ of 0.5, 0.6 and 0.7, give a run each.
    tailwaters_m
        Levels of the receiving water instead of that of the setup, m; None as one of them: as the network records, else
        free.
    engine, options
        As in `EnsembleRun`.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storms = [dr.DesignStorm(dr.read_storm_formula("demo"), period_a, 60) for period_a in (1, 3, 5)]
    >>> runs = dr.simulation.combine_runs({"now": net}, storms, tailwaters_m=[None, 18.5])
    >>> len(runs), runs[-1].storm.return_period_a, runs[-1].setup.tailwater_m
    (6, 5, 18.5)
    """
    setups = [setup] if isinstance(setup, Setup) else [*setup]
    if tailwaters_m is not None:
        setups = [replace(one, tailwater_m=level) for one, level in itertools.product(setups, tuple(tailwaters_m))]
    return [
        EnsembleRun(net, storm, name, engine, one, options)
        for (name, net), storm, one in itertools.product(networks.items(), tuple(storms), setups)
    ]


@wants
def run_ensemble(
    runs: Sequence[EnsembleRun],
    *,
    keep: str | Path | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Run storms through networks, in parallel.

    A run is identified by the content of its input: the frames of its network, the storm, engine, setup and options,
    and the version of the package. A run that fails becomes a row with ``error`` and does not stop the others; the next
    call tries it again. If a worker dies, the run that it was computing is repeated; all others are kept. Each process
    imports the script that calls this: let the call stand under ``if __name__ == "__main__":`` there.

    Parameters
    ----------
    runs
        The runs, e.g. from `combine_runs`; equal ones are computed once.
    keep
        Directory in which each finished run is stored as a file, with its digest: if the file was changed or is that of
        another run, the run is computed again. None: nothing is stored.
    executor
        Any `concurrent.futures.Executor`, which is left open; None: a process per core, ended afterwards.
    scheduler
        Address of a Dask scheduler (``tcp://…``) to use instead; needs the extra ``dask``. What it sends is unpickled,
        which can run any code: use one that you trust, in a network that you trust, or with ``tls://…``.
    workers
        Number of processes, if neither is given.
    progress
        Called with the share of runs that is done, 0-1; an exception that it raises stops the ensemble, and finished
        runs are kept.

    Returns
    -------
    Result with the tables ``runs``, one row per run in their order (index ``run``: number from 1): scenario, engine,
    storm, the numbers of its setup (``tailwater_m``: nan where there is none or it changes), ``overflow_nodes``,
    ``surcharged_pipes``, the balance as in `FlowState` (``overflow_m3``: all that left the pipes, lost or ponded),
    ``routing_error_pct`` (of the engine), ``seconds``, ``content`` and
    ``error``; and ``nodes``, index ``node_id``, one column a run: overflow in m³, by the same measure with either
    engine, nan where a network has no such node or the run failed.

    Raises
    ------
    SimulationError
        There are no runs or no workers, workers repeatedly die at one of them, or the executor breaks.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2021-05-07")
    >>> storms = [dr.DesignStorm(dr.read_storm_formula("demo"), period, 60) for period in (1, 5)]
    >>> run_ensemble(combine_runs({"now": net}, storms), workers=1).runs["overflow_nodes"].is_monotonic_increasing
    True
    """
    if not runs:
        raise SimulationError(in_both("no_runs"))
    if workers is not None and workers < 1:
        raise SimulationError(in_both("workers_least", count=workers))
    keys = _keys(runs)
    first = dict(zip(keys, runs, strict=True))
    folder = None if keep is None else Path(keep)
    found = {key: table for key in first if folder is not None and (table := _read(folder, key)) is not None}
    missing = {key: first[key] for key in keys if key not in found}

    def finish(key: str, table: pd.DataFrame) -> None:
        found[key] = table
        if folder is not None and not table.attrs["error"]:
            _write(folder, key, table)
        if progress is not None:
            progress(len(found) / len(first))

    if missing:
        with _place(executor, scheduler) as (place, gone):
            if place is None:
                lost = work_on_processes(work, missing, min(workers or os.cpu_count() or 1, len(missing)), finish)
                _raise_for_deadly(lost, missing)
            else:
                _raise_for(collect(place, work, missing, finish, gone), folder)
    return _table(runs, keys, found)


def _keys(runs: Sequence[EnsembleRun]) -> list[str]:
    """Return the digest of each run; that of a network is computed once."""
    networks = {id(run.network): run.network for run in runs}
    known = {number: network_digest(net) for number, net in networks.items()}
    return [digest(known[id(run.network)], run.storm, run.engine, run.setup, run.options) for run in runs]


@contextmanager
def _place(executor: Executor | None, scheduler: str | None) -> Iterator[tuple[Executor | None, Gone | None]]:
    if scheduler is None:
        yield executor, None
        return
    with on_cluster(scheduler, in_both("needs_dask")) as found:
        yield found


def _raise_for_deadly(lost: Mapping[str, BaseException], missing: Mapping[str, EnsembleRun]) -> None:
    if lost:
        key, error = next(iter(lost.items()))
        first = _words(missing[key])
        raise SimulationError(in_both("runs_deadly", count=len(lost), first=first, error=error)) from error


def _raise_for(lost: Mapping[str, BaseException], folder: Path | None) -> None:
    if lost:
        error = next(iter(lost.values()))
        kept = in_both("give_keep") if folder is None else in_both("runs_kept", folder=folder)
        raise SimulationError(in_both("runs_lost", count=len(lost), error=error, kept=kept)) from error


def work(run: EnsembleRun) -> pd.DataFrame:
    """Compute one run, on any worker.

    Returns
    -------
    Index ``node_id``: ``overflow_m3``; its ``attrs`` hold what the table of runs says. A run that fails has no rows.
    """
    begin = time.perf_counter()
    try:
        state = _simulate(run)
    except DrainageError as error:
        table = pd.DataFrame({"overflow_m3": np.zeros(0)}, index=pd.Index([], name="node_id", dtype="str"))
        table.attrs = {"error": error.said, "seconds": time.perf_counter() - begin}
        return table
    table = state.nodes[["overflow_m3"]].copy()
    table.attrs = {
        "return_period_a": float(state.storm.return_period_a),
        "duration_min": float(state.storm.duration_min),
        "depth_mm": state.storm.depth_mm,
        "overflow_nodes": int(state.nodes["overflows"].sum()),
        "surcharged_pipes": int(state.pipes["surcharged"].sum()),
        **{name: float(state.balance.get(name, np.nan)) for name in
           ("overflow_m3", "lost_m3", "ponded_m3", "runoff_m3", "outflow_m3", "dried_m3", "stored_m3", "error_m3",
            "routing_error_pct")},
        "seconds": time.perf_counter() - begin,
        "error": "",
    }  # fmt: skip
    return table


def _simulate(run: EnsembleRun) -> FlowState:
    if run.engine == "swmm":
        return simulate_swmm(
            run.network,
            run.storm,
            run.setup,
            options=run.options,
            processes=1,  # the workers take the cores
            time_limit_s=_LIMIT_S,
        )
    state = screen(run.network, run.storm, run.setup)
    if not state.nodes["judged"].any():
        raise NotKnownError(in_both("none_judged"))
    return state


def _write(folder: Path, key: str, table: pd.DataFrame) -> None:
    """Keep a run, with the digest of what it is and of what was found."""
    sealed = table.copy(deep=False)
    sealed.attrs = {**table.attrs, _SEAL: _seal(key, table)}
    with replacing_file(folder / f"{key}.parquet", ending=".parquet", force=True) as part:
        sealed.to_parquet(part)


def _seal(key: str, table: pd.DataFrame) -> str:
    return digest(key, table.attrs, table)


def _read(folder: Path, key: str) -> pd.DataFrame | None:
    """Read a kept run; None where there is none, or the file is not as it was written, or that of another run."""
    path = folder / f"{key}.parquet"
    if not path.is_file():
        return None
    try:
        table = pd.read_parquet(path)
        return table if table.attrs.pop(_SEAL, None) == _seal(key, table) else None
    except (OSError, ValueError, TypeError, LookupError, ArrowException, SimulationError):
        return None


def _words(run: EnsembleRun) -> Said:
    name = run.scenario or run.network.source or in_both("a_network")
    return in_both("run_words", network=name, storm=run.storm, engine=run.engine)


def _numbers(setup: Setup) -> dict[str, float]:
    """Return the numbers of a setup, nan for missing ones."""
    found = {one.name: getattr(setup, one.name) for one in fields(setup) if one.name != "catchments"}
    return {name: float(value) if isinstance(value, (int, float)) else np.nan for name, value in found.items()}


def _table(runs: Sequence[EnsembleRun], keys: Sequence[str], found: Mapping[str, pd.DataFrame]) -> Result:
    number = pd.RangeIndex(1, len(runs) + 1, name="run")
    rows = pd.DataFrame(
        [
            {"scenario": run.scenario or run.network.source, "engine": run.engine, "storm": repr(run.storm),
             **_numbers(run.setup), **found[key].attrs, "content": key}
            for run, key in zip(runs, keys, strict=True)
        ],
        index=number,
    )  # fmt: skip
    nodes = pd.concat({n: found[key]["overflow_m3"] for n, key in zip(number, keys, strict=True)}, axis=1)
    nodes = nodes.rename_axis(index="node_id").sort_index()
    rows["error"] = pd.Series([found[key].attrs["error"] for key in keys], index=number, dtype=object)
    failed = rows["error"] != ""
    summary = pd.Series(
        {
            "runs": len(runs),
            "failed": int(failed.sum()),
            "computed_s": float(rows["seconds"].sum()),
            "most_overflow_m3": float(rows["overflow_m3"].max()) if "overflow_m3" in rows else np.nan,
            "nodes_that_overflow": int((nodes > 0.0).any(axis=1).sum()),
        },
        dtype=object,
    )
    papers = [Provenance.of(run.network, run.storm, engine=run.engine) for run in runs]
    return Result("ensemble", {"runs": rows, "nodes": nodes}, summary, provenance=Provenance.joined(papers))
