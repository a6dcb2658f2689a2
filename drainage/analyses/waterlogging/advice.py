"""What to say first where a screening cannot be trusted: how much of what it found, and what to ask instead."""

from __future__ import annotations

from typing import Final

import numpy as np

from drainage.simulation.state import FlowState
from drainage.simulation.swmm.time_needed import engine_seconds
from drainage.words import in_both

#: Doubts that cover more than this share of what was found are said first (own choice).
MOST_DOUBTFUL: Final = 1.0 / 3.0


def advise(state: FlowState) -> str | None:
    """Return how much of a screening is doubtful and how to run EPA SWMM; None if little is, or if the engine ran.

    What is found are the nodes that overflow and their water; where none does, all nodes that were judged.
    """
    nodes = state.nodes
    if "doubt" not in nodes:
        return None
    doubtful, overflows = nodes["doubt"].notna().to_numpy(), nodes["overflows"].to_numpy(dtype=np.bool_)
    if overflows.any():
        volume = nodes["overflow_m3"]
        total, part = float(volume.sum()), float(volume.iloc[np.flatnonzero(doubtful)].sum())
        count, of = int((doubtful & overflows).sum()), int(overflows.sum())
        share = max(count / of, part / total if total > 0.0 else 0.0)
        what = in_both("advice_overflows", count=count, of=of, part=part, total=total)
    else:
        judged = nodes["judged"].to_numpy(dtype=np.bool_)
        count, of = int((doubtful & judged).sum()), max(int(judged.sum()), 1)
        share, what = count / of, in_both("advice_dry", count=count, of=of)
    if share <= MOST_DOUBTFUL:
        return None
    time = _words(engine_seconds(state.network, state.storm))
    return in_both("advice", what=what, time=time)


def _words(seconds: float) -> str:
    if seconds < 90.0:
        return f"{max(seconds, 1.0):.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
