"""From a network that is still to be read to its answers in partitions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from drainage.analyses.waterlogging.standard import drain_down_limit_h
from drainage.errors import FormatError
from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.partitions.answering import HERE, Progress, Workers, answer, workplace
from drainage.partitions.laying_out import lay_out
from drainage.simulation.setup import Setup
from drainage.words import in_both

#: Share of the time that it takes to cut the network, of that which is shown (own choice).
_LAID_OUT: Final = 0.1


def answer_in_partitions(
    read: Callable[[], tuple[DrainageNetwork, Storm | None]], directory: Path, count: int, setup: Setup, *,
    area_type: str = "central", workers: Workers = HERE, force: bool = False, progress: Progress = lambda _: None,
) -> tuple[dict[str, object], DrainageNetwork]:  # fmt: skip
    """Cut a network into partitions, answer the three questions about the town in them, and write the directory.

    Parameters
    ----------
    read
        Function that reads the network and its storm; nothing else must hold the network, which is let go when it is
        cut.
    count
        Number of partitions, 1 or more.
    setup
        Assumptions of the screening.
    directory, area_type, workers, force, progress
        As `answer` takes them.

    Returns
    -------
    The summary, and what is left of the network, which has its issues.

    Raises
    ------
    FormatError
        Fewer partitions or workers than one, or as `answer` and `lay_out`.
    """
    if count < 1:
        raise FormatError(in_both("partitions_least", count=count))
    if workers.workers is not None and workers.workers < 1:
        raise FormatError(in_both("workers_least", count=workers.workers))
    drain_down_limit_h(area_type)
    with workplace(directory) as place:
        net, storm = read()
        plan = lay_out(net, storm, setup, count, place, lambda done: progress(_LAID_OUT * done))
        del net
        summary = answer(
            plan, directory, area_type=area_type, workers=workers, force=force,
            progress=lambda done: progress(_LAID_OUT + (1.0 - _LAID_OUT) * done),
        )  # fmt: skip
    return summary, plan.thin
