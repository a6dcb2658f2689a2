"""A model in parts that share no water: which pipes go together, and their runs, side by side, as one.

A city falls into the catchments of its outfalls, and no water passes from one to another: models of them add up to the
model of the whole. What couples them in one model is how it is computed: the time step is the shortest that any pipe
needs, and all nodes are refined until the last has converged. With steps and trials fixed the numbers are the same.
"""

from __future__ import annotations

import heapq
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextvars import copy_context
from pathlib import Path
from typing import Final

import numpy as np

from drainage.arrays import AnyRows, Ints
from drainage.errors import SimulationError
from drainage.graph import connect
from drainage.said import joined
from drainage.simulation.swmm.engine_values import EngineModel, EngineRun
from drainage.simulation.swmm.model_rows import EngineTables
from drainage.simulation.swmm.process import MESSAGE_S
from drainage.simulation.swmm.run import run_engine
from drainage.words import in_both

#: Fewer pipes than this are not split unless asked: a process takes about as long to start as it saves (two parts took
#: three quarters of the time of one model from 150 pipes on, half of it from 1000 on, on two cores).
WORTH_PIPES: Final = 200


class _StoppedError(Exception):
    """Another part has failed."""


def split_tables(tables: EngineTables, processes: int | None) -> list[EngineTables]:
    """Split the connected parts into as many groups as processes, about equal in pipes.

    A part without an outfall, which the engine refuses alone, goes with the largest that has one.

    Parameters
    ----------
    tables
        The whole.
    processes
        How many; None: one per core where there are `WORTH_PIPES` or more, else 1.

    Raises
    ------
    SimulationError
        Fewer than one process.
    """
    if processes is None:
        processes = (os.cpu_count() or 1) if len(tables.pipes) >= WORTH_PIPES else 1
    if processes < 1:
        raise SimulationError(in_both("processes_out", value=processes))
    part, n_pipes = connected_parts(tables)
    group = pack(n_pipes, processes)[part]
    return [tables.subset(group == number) for number in range(int(group.max()) + 1)]


def connected_parts(tables: EngineTables) -> tuple[Ints, Ints]:
    """Find the parts that share no water.

    Returns
    -------
    (n_nodes,) part of each node, and (n_parts,) how many pipes each has.
    """
    ends = [
        np.concatenate([tables.pipes[end].to_numpy(dtype=np.int64), tables.pumps[end].to_numpy(dtype=np.int64)])
        for end in ("tail", "head")
    ]
    part = connect((ends[0], ends[1]), len(tables.nodes)).astype(np.int64)
    tail = tables.pipes["tail"].to_numpy()
    has_outfall = np.bincount(part[(tables.nodes["kind"] == "outfall").to_numpy()], minlength=int(part.max()) + 1) > 0
    if has_outfall.any():
        largest = int(np.argmax(np.where(has_outfall, np.bincount(part[tail], minlength=len(has_outfall)), -1)))
        part = np.where(has_outfall[part], part, largest)
    _, part = np.unique(part, return_inverse=True)
    return part, np.bincount(part[tail])


def parts_around(tables: EngineTables, rows: AnyRows) -> EngineTables:
    """Keep the connected parts that hold some nodes of the network, by their rows; all of them where none does."""
    part, _ = connected_parts(tables)
    kept = np.isin(part, part[np.isin(tables.nodes["row"].to_numpy(), rows)])
    return tables.subset(kept) if kept.any() else tables


def pack(sizes: Ints, count: int) -> Ints:
    """Put sizes into at most so many bins, the largest first, each where there is least; give the bin of each."""
    bins = [(0, number) for number in range(min(count, len(sizes)))]
    found = np.empty(len(sizes), dtype=np.int64)
    for place in np.argsort(-sizes, kind="stable"):
        load, number = heapq.heappop(bins)
        found[place] = number
        heapq.heappush(bins, (load + int(sizes[place]), number))
    return found


def part_words(groups: Sequence[EngineTables]) -> list[str]:
    """Name each group by where it drains to; a single one needs no name."""
    if len(groups) == 1:
        return [""]
    words: list[str] = []
    for number, group in enumerate(groups, start=1):
        outfalls = group.nodes.loc[group.nodes["kind"] == "outfall", "name"]
        more = in_both("more_outfalls", count=len(outfalls) - 3) if len(outfalls) > 3 else ""
        names = joined([", ".join(outfalls.head(3)), more], "")
        words.append(in_both("engine_part", number=number, of=len(groups), outfalls=names))
    return words


def split_words(tables: EngineTables, groups: Sequence[EngineTables]) -> str:
    """Return in words how a model was split."""
    count = len(connected_parts(tables)[1])
    sizes = ", ".join(str(len(group.pipes)) for group in groups)
    return in_both("engine_split", parts=count, models=len(groups), sizes=sizes)


def run_models(
    models: Sequence[EngineModel],
    folder: Path,
    *,
    time_limit_s: float,
    progress: Callable[[float], None] | None,
) -> EngineRun:
    """Run a model, or its parts side by side, each in a process of its own, and give them as one run.

    Parameters
    ----------
    models
        Of `build_engine_models`.
    folder
        Is there and empty.
    time_limit_s
        After so many seconds every part is stopped.
    progress
        Takes the mean share that is done, 0-1; what it raises stops all parts.

    Raises
    ------
    SimulationError
        As `run_engine`; it names the part, and stops the others.
    """
    if len(models) == 1:
        return run_engine(models[0], folder, time_limit_s=time_limit_s, progress=progress)
    shares = np.zeros(len(models))
    stopped = threading.Event()

    def run(number: int) -> EngineRun:
        def note(done: float) -> None:
            shares[number] = done
            if stopped.is_set():
                raise _StoppedError

        own = folder / str(number)
        own.mkdir()
        try:
            return run_engine(models[number], own, time_limit_s=time_limit_s, progress=note)
        except SimulationError as error:
            raise SimulationError(joined([models[number].part, error.said], ": ")) from error

    with ThreadPoolExecutor(len(models)) as pool:
        futures = [pool.submit(copy_context().run, run, number) for number in range(len(models))]
        running = set(futures)
        try:
            while running:
                done, running = wait(running, timeout=MESSAGE_S, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                if progress is not None:
                    progress(float(shares.mean()))
        finally:
            stopped.set()
    return merge_runs([future.result() for future in futures])


def merge_runs(runs: Sequence[EngineRun]) -> EngineRun:
    """Merge the runs of parts into that of the whole.

    Statistics one after another, volumes added up; the rain is that of the part with most, for the same falls on all
    that have ground; each continuity error is the worst of all, so that a large part hides no small one.
    """
    wettest = max(runs, key=lambda one: one.rain_depth)
    runoff, routing, quality = (max(errors, key=abs) for errors in zip(*(one.errors_pct for one in runs), strict=True))
    return wettest._replace(
        node_names=[name for one in runs for name in one.node_names],
        link_names=[name for one in runs for name in one.link_names],
        nodes={name: np.concatenate([one.nodes[name] for one in runs]) for name in wettest.nodes},
        links={name: np.concatenate([one.links[name] for one in runs]) for name in wettest.links},
        node_invert=np.concatenate([one.node_invert for one in runs]),
        totals={name: sum(one.totals[name] for one in runs) for name in wettest.totals},
        errors_pct=(runoff, routing, quality),
    )
