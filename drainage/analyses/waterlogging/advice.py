"""What to say first where a screening cannot be trusted: how much of what it found, and what to ask instead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from drainage.simulation.engine_time import engine_seconds

if TYPE_CHECKING:
    from drainage.simulation.state import FlowState

#: Doubts that cover more than this share of what was found are said first (own choice).
MOST_DOUBTFUL: Final = 1.0 / 3.0


def advise(state: FlowState) -> str | None:
    """Say what part of a screening is doubtful and how to ask EPA SWMM; None where little is, or the engine answered.

    In Chinese first, then in English (`drainage.words.one_language` parts them).

    What is found are the nodes that overflow and their water; where none does, all nodes that were judged.
    """
    nodes = state.nodes
    if "doubt" not in nodes:
        return None
    doubtful = nodes["doubt"].notna()
    overflows = nodes["overflows"].astype(bool)
    if overflows.any():
        volume = nodes["overflow_m3"]
        total, part = float(volume.sum()), float(volume[doubtful].sum())
        count, of = int((doubtful & overflows).sum()), int(overflows.sum())
        share = max(count / of, part / total if total > 0.0 else 0.0)
        what = f"{count} of the {of} nodes that overflow and {part:,.0f} of their {total:,.0f} m³ are"
        what_zh = f"{of} 个溢流节点中的 {count} 个、{total:,.0f} m³ 溢流水量中的 {part:,.0f} m³ 存疑"
    else:
        judged = nodes["judged"].astype(bool)
        count, of = int((doubtful & judged).sum()), max(int(judged.sum()), 1)
        share, what = count / of, f"none overflows, but {count} of the {of} nodes that were judged are"
        what_zh = f"无溢流，但所判断的 {of} 个节点中 {count} 个存疑"
    if share <= MOST_DOUBTFUL:
        return None
    time = _words(engine_seconds(state.network, state.storm))
    command = f"drainage waterlogging {Path(state.network.source or 'SOURCE').name} --engine swmm"
    return (
        f"仅为筛查：{what_zh}。请以同一命令加 --engine swmm 由 EPA SWMM 复核（{command}），估计约需 {time}。 "
        f"A screening only, and doubtful: {what} beyond what it can tell. Ask EPA SWMM: the same command with "
        f"--engine swmm ({command}); about {time}, estimated"
    )


def _words(seconds: float) -> str:
    if seconds < 90.0:
        return f"{max(seconds, 1.0):.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
