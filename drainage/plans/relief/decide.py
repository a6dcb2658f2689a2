"""Which works are done for which point: one connected part of the network after another, the worst point first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints, marked
from drainage.plans.relief.remedies import Remedies, Works
from drainage.plans.relief.search import Limits, Trial, lessen_plan, search_works
from drainage.plans.relief.works import Decided
from drainage.simulation.screening.answer import Screening
from drainage.simulation.screening.model import ScreeningModel
from drainage.simulation.screening.without import flooded_parts


class Choice(NamedTuple):
    """What may be built, and by what it is planned beside the screening.

    ``margin``, (n_points,), is added to the runoff as a share; ``tank_m3``, (n_nodes,), is what an engine says must be
    held back at each node of the network, which counts where it is more; ``more_m3``, likewise, is added to either.
    """

    sizes_mm: tuple[float, ...]
    least_cover_m: float
    margin: Floats
    tank_m3: Floats
    more_m3: Floats


def decide(
    screening: Screening, point_of_node: Ints, limits: Limits, choice: Choice, progress: Callable[[float], None]
) -> list[Decided]:
    """Search the works of all points.

    Parameters
    ----------
    screening
        A screening.
    point_of_node
        (n_nodes,) point of each node of the network by rank, -1 for none.
    limits
        What may stand at each node of the network.
    choice
        What may be built, and by what margin.
    progress
        Takes the share of the points that are decided, 0-1.
    """
    model = flooded_parts(screening)
    point = point_of_node[model.node_row]
    decided, done = [], 0

    def note() -> None:
        nonlocal done
        done += 1
        progress(min(done / max(len(choice.margin), 1), 1.0))

    for part in np.unique(model.part[point >= 0]):
        own = marked(len(model.group_ptr) - 1, part)
        decided.append(_decide_part(screening, model.subset(own), point_of_node, limits, choice, note))
    return decided


def by_works(decided: Sequence[Decided], count: int) -> NDArray[np.bool_]:
    """Mark the points that nothing but works in the pipes solves, (n_points,)."""
    stored = {k for one in decided for k, how in one.solved.items() if how == "storage"}
    return np.array([k not in stored for k in range(count)], dtype=np.bool_)


def _decide_part(
    screening: Screening, model: ScreeningModel, point_of_node: Ints, limits: Limits, choice: Choice,
    note: Callable[[], None],
) -> Decided:  # fmt: skip
    point, count = point_of_node[model.node_row], len(choice.margin)
    remedies = Remedies.of(screening, model, choice.sizes_mm, choice.least_cover_m)
    here = limits._replace(volume_m3=limits.volume_m3[model.node_row])

    def trial(margin: float) -> Trial:
        return Trial(remedies, screening.storm, screening.setup.inlet_time_min, here, margin)

    works = Works.none(model)
    first_for, freed_for = np.full(len(model.head), count), np.full(len(model.node_row), count)
    solved: dict[int, str] = {}
    smallest: dict[int, bool] = {}
    held: dict[int, tuple[Ints, Floats]] = {}
    by_margin = {0.0: np.zeros(len(point), np.bool_)}
    for number in np.unique(point[point >= 0]):
        margin, mine = float(choice.margin[number]), point == number
        attempt = trial(margin)
        left, told = here.excess_m3(*attempt.outcome(works))[mine], choice.tank_m3[model.node_row[mine]]
        volume = (left if left.sum() >= told.sum() else told) + choice.more_m3[model.node_row[mine]]
        most_first = np.argsort(-volume, kind="stable")[: max(np.count_nonzero(volume), 1)]
        held[number] = (model.node_row[mine][most_first], volume[most_first])
        found = search_works(attempt, mine, works)
        first_for[_worked_at(found.works) & ~_worked_at(works)] = number
        freed_for[found.works.free & ~works.free] = number
        solved[number], smallest[number] = ("works" if found.enough else "storage"), found.smallest
        if found.enough:
            by_margin[margin] = by_margin.get(margin, np.zeros(len(point), np.bool_)) | mine
        works = found.works
        note()
    works = lessen_plan({margin: trial(margin) for margin in by_margin}, works, by_margin)
    needed = {*first_for[_worked_at(works)].tolist(), *freed_for[works.free].tolist()}
    solved |= {k: "other_works" for k, how in solved.items() if how == "works" and k not in needed}
    return Decided(remedies, works, first_for, freed_for, solved, smallest, held, trial(0.0).outcome(works)[0])


def _worked_at(works: Works) -> NDArray[np.bool_]:
    return np.asarray(works.clean | works.relay | (works.steps > 0))
