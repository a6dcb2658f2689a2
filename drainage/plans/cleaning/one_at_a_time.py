"""What a storm would do if one run of silted pipes were cleaned: one run of each connected part at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats, Ints, marked, spread
from drainage.measures import PipeMeasures
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.model import ScreeningModel
from drainage.simulation.screening.without import overflow, pipes_below, with_silt


class Cleaned(NamedTuple):
    """What cleaning does to the overflow.

    ``overflow_m3`` is (n_nodes,), as silted; ``together_m3`` what remains of all of it when every run is cleaned.
    By run, (count,): ``avoided_m3`` when it alone is cleaned; ``left_out_m3`` what comes back when it alone is not;
    both nan where it was not tried, 0 where nothing overflows above it.  ``freed`` are pairs of a run and the row of a
    node that overflows no more, (n_pairs, 2).
    """

    overflow_m3: Floats
    together_m3: float
    avoided_m3: Floats
    left_out_m3: Floats
    freed: Ints


#: Runs are cleaned one after another as long as all the reruns together sweep no more pipes than this.
MOST_PIPES_SWEPT: Final = 3_000_000


def clean_one_at_a_time(
    state: Screening,
    silt_share: Floats,
    run_of_pipe: Ints,
    count: int,
    *,
    most_pipes_swept: int = MOST_PIPES_SWEPT,
    progress: Callable[[float], None] | None = None,
) -> Cleaned:
    """Clean each run alone, all of them, and all but one.

    Only connected parts that flood are run again, and in them only runs below an overflowing node are tried: a pipe
    holds water back above it, never below.

    Parameters
    ----------
    state
        A screening.
    silt_share
        (n_pipes,) silt that counts, 0-1, in place of what the network records.
    run_of_pipe
        (n_pipes,) number of the run that a pipe belongs to, -1 for none.
    count
        Number of runs.
    most_pipes_swept
        Runs are tried, those beside most overflow first, as long as all reruns together sweep no more pipes.
    progress
        Takes the share of the reruns that is done.
    """
    whole = state.arrays
    volume = overflow(state, with_silt(state, whole, silt_share))
    by_node = spread(len(state.nodes), whole.node_row, volume, 0.0)
    part = whole.subset(marked(len(whole.group_ptr) - 1, whole.part[volume > 0.0]))
    now = by_node[part.node_row]
    run = run_of_pipe[part.pipe_row]
    silted = with_silt(state, part, silt_share)
    clean = with_silt(state, part, np.where(run_of_pipe >= 0, 0.0, silt_share))
    remains = overflow(state, clean)

    avoided, left_out = np.zeros(count), np.zeros(count)
    below = (run >= 0) & pipes_below(part, now > 0.0)
    tried, untried = _in_turn(part, run, below, now, most_pipes_swept)
    avoided[untried] = left_out[untried] = np.nan
    freed = [np.empty((0, 2), dtype=np.int64)]
    for turn, (runs, parts) in enumerate(tried, start=1):
        concerned = marked(len(part.group_ptr) - 1, parts)
        at_node, at_edge = concerned[part.part], concerned[part.part][part.tail]
        few, few_clean = silted.subset(concerned), clean.subset(concerned)
        chosen = np.isin(run[at_edge], runs)
        of_part = runs[np.argsort(parts)]
        alone = overflow(state, _with_pipes_of(few, few_clean, chosen))
        but_one = overflow(state, _with_pipes_of(few_clean, few, chosen))
        avoided[of_part] = _by_part(few, now[at_node] - alone)
        left_out[of_part] = _by_part(few, but_one - remains[at_node])
        dry = (now[at_node] > 0.0) & (alone == 0.0)
        freed.append(np.stack([of_part[few.part[dry]], few.node_row[dry]], axis=1).astype(np.int64))
        if progress is not None:
            progress(turn / len(tried))
    return Cleaned(by_node, float(remains.sum()), avoided, left_out, np.concatenate(freed))


def _in_turn(
    part: ScreeningModel, run: Ints, below: Bools, now_m3: Floats, most_pipes_swept: int
) -> tuple[list[tuple[Ints, Ints]], Ints]:
    """Sort runs into turns, each with one run of a connected part (runs and their parts); and give those left out."""
    edges = pd.DataFrame({"run": run, "part": part.part[part.tail], "beside_m3": now_m3[part.tail]})[below]
    runs = edges.groupby("run").agg({"part": "first", "beside_m3": "sum"})
    runs = runs.sort_values("beside_m3", ascending=False, kind="stable")
    edges_of_part = np.bincount(part.part[part.tail], minlength=len(part.group_ptr) - 1)
    swept = 2 * np.cumsum(edges_of_part[runs["part"].to_numpy()])
    affordable = swept <= most_pipes_swept
    tried = runs[affordable]
    turn = tried.groupby("part").cumcount()
    turns = [(one.index.to_numpy(np.int64), one["part"].to_numpy(np.int64)) for _, one in tried.groupby(turn)]
    return turns, runs.index.to_numpy(np.int64)[~affordable]


def _with_pipes_of(model: ScreeningModel, other: ScreeningModel, chosen: Bools) -> ScreeningModel:
    """Take the measures of the chosen pipes from another model of the same part."""
    columns = (np.where(chosen, theirs, ours) for ours, theirs in zip(model.pipes, other.pipes, strict=True))
    return replace(model, pipes=PipeMeasures(*columns))


def _by_part(model: ScreeningModel, node_values: Floats) -> Floats:
    return np.bincount(model.part, weights=node_values, minlength=len(model.group_ptr) - 1).astype(np.float64)
