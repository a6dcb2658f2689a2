"""Which works settled which point: the storm is run with one of them taken back, and with only one of them done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.outcome.both_sides import SIDES, BothSides, Side
from drainage.analyses.outcome.fates import Limits, Watched, Wet
from drainage.analyses.outcome.taken_back import swapped
from drainage.analyses.outcome.works_done import WorksDone
from drainage.arrays import Ints32
from drainage.errors import DrainageError
from drainage.network import DrainageNetwork
from drainage.simulation.pipes import STORM_SYSTEMS

#: How works settled a point, see `settle`.
HOWS: Final = (
    "alone", "needed_and_enough", "enough", "together", "not_told", "not_tried", "no_works",
)  # fmt: skip
#: Fates that works brought about.
BETTER: Final = ("solved", "eased")


#: What gives the points of a network, and all its nodes as `Wet.of` takes them.
Look = Callable[[DrainageNetwork], tuple[gpd.GeoDataFrame, pd.DataFrame]]


class Runs(NamedTuple):
    """How networks are asked, and how many times at most."""

    look: Look | None
    most: int
    progress: Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Settled:
    """What settled the points.

    Parameters
    ----------
    table
        Row by row of the points: ``settled_by``, ``settled_how``, ``needed_works``, ``enough_works``,
        ``works_in_part``, ``works_tried``.
    runs, failed
        How many storms were run for it, and why some of them gave nothing.
    could_run
        Whether storms could be run at all.
    """

    table: pd.DataFrame
    runs: int
    failed: Sequence[str] = ()
    could_run: bool = True


@dataclass(frozen=True, eq=False)
class _Part:
    """The works and the better points of one part of the network, the nearest works first."""

    number: int
    pieces: np.ndarray
    points: np.ndarray
    needed: dict[int, np.ndarray] = field(default_factory=dict)
    enough: dict[int, np.ndarray] = field(default_factory=dict)


def settle(
    both: BothSides, part: Ints32, works: WorksDone, watched: Watched, fate: np.ndarray, limits: Limits, runs: Runs
) -> Settled:
    """Find which works settled the points that are better.

    Parameters
    ----------
    part
        (count,) part of the network that each node belongs to.
    fate
        (n_points,) what has become of the points before.

    Returns
    -------
    ``settled_how``: alone (no others were done in its part of the network), needed_and_enough (without them the point
    is not better, and with only them it is), enough (each of them does it alone, none is needed), together (each is
    needed, none is enough), not_told (none is needed and none enough: several do it in more than one way), not_tried
    (the same, and some were not tried), no_works (nothing has changed in its part of the network).
    """
    parts = _parts(part, both, works, watched, np.isin(fate, BETTER))
    several = [one for one in parts if len(one.pieces) > 1]
    rounds = max((len(one.pieces) for one in several), default=0)
    look = runs.look
    rounds = min(rounds, runs.most // 2)
    done, failed = 0, list[str]()
    for k in range(rounds):
        if look is None:
            break
        asked = [one for one in several if k < len(one.pieces)]
        for base in SIDES[::-1]:
            runs.progress(done / (2 * rounds))
            found = _ask(both, base, works, part, [(one, k) for one in asked], look)
            done += 1
            if isinstance(found, str):
                failed.append(found)
                continue
            now = watched.fates(found, limits)["fate"].to_numpy(dtype=object)
            as_good = np.where(fate == "solved", now == "solved", np.isin(now, BETTER))
            for one in asked:
                told = as_good[one.points]
                (one.needed if base == "after" else one.enough)[k] = ~told if base == "after" else told
    runs.progress(1.0)
    return Settled(_told(parts, works, len(fate)), done, tuple(dict.fromkeys(failed)), look is not None)


def _parts(part: Ints32, both: BothSides, works: WorksDone, watched: Watched, better: np.ndarray) -> list[_Part]:
    """Return the parts in which points are better, with the works that touch them by storm pipes or their nodes."""
    at = np.flatnonzero(watched.before.point_at >= 0)
    of_point = (
        pd.Series(part[at]).groupby(watched.before.point_at[at]).first().reindex(range(len(better)), fill_value=-1)
    )
    touches = _storm_touches(both, works)
    found = []
    for number in np.unique(of_point[better]):
        points = np.flatnonzero(better & (of_point == number).to_numpy())
        pieces = np.unique(touches["piece"][part[touches["node"]] == number].to_numpy())
        shapes = works.table.geometry.to_numpy()[pieces]
        place = shapely.multipoints(watched.before.places[points])
        found.append(_Part(int(number), pieces[np.argsort(shapely.distance(shapes, place), kind="stable")], points))
    return found


def _storm_touches(both: BothSides, works: WorksDone) -> pd.DataFrame:
    """Return pieces of work and the nodes at which their storm pipes are, or that they changed themselves."""
    rows = []
    for side in SIDES:
        carries = both.network(side).systems.among(*STORM_SYSTEMS) & (works.pipe[side] >= 0)
        rows += [pd.DataFrame({"piece": works.pipe[side][carries], "node": end[carries]}) for end in both.ends[side]]
    of_pipes = np.isin(works.nodes[0], np.concatenate([works.pipe[side] for side in SIDES]))
    alone = pd.DataFrame({"piece": works.nodes[0][~of_pipes], "node": works.nodes[1][~of_pipes]})
    return pd.concat([*rows, alone], ignore_index=True).drop_duplicates()


def _ask(
    both: BothSides, base: Side, works: WorksDone, part: Ints32, asked: list[tuple[_Part, int]], look: Look
) -> Wet | str:
    """Run the network with one piece of each part swapped; why not, where that cannot be run."""
    pieces = [(one.pieces[k], one.number) for one, k in asked]
    net, numbers = swapped(both, base, works, pieces, part)
    try:
        points, nodes = look(net)
    except DrainageError as error:
        return error.said
    return Wet.of(points, nodes, numbers, both.count)


def _told(parts: Sequence[_Part], works: WorksDone, n: int) -> pd.DataFrame:
    names = works.table.index.to_numpy(dtype=object)
    rows: list[dict[str, object]] = [{} for _ in range(n)]
    for one in parts:
        for place, point in enumerate(one.points):
            needed = [one.pieces[k] for k, told in one.needed.items() if told[place]]
            enough = [one.pieces[k] for k, told in one.enough.items() if told[place]]
            tried = len(one.needed.keys() & one.enough.keys())
            how, by = _how(list(one.pieces), needed, enough, tried)
            rows[point] = {
                "settled_by": ", ".join(names[by]),
                "settled_how": how,
                "needed_works": ", ".join(names[needed]),
                "enough_works": ", ".join(names[enough]),
                "works_in_part": len(one.pieces),
                "works_tried": tried,
            }
    columns = ["settled_by", "settled_how", "needed_works", "enough_works", "works_in_part", "works_tried"]
    return pd.DataFrame(rows, columns=columns)


def _how(pieces: list[int], needed: list[int], enough: list[int], tried: int) -> tuple[str, list[int]]:
    """Return how a point was settled, and by which works."""
    if len(pieces) < 2:
        return ("alone", pieces) if pieces else ("no_works", [])
    if both := [one for one in enough if one in needed]:
        return "needed_and_enough", both
    if enough:
        return "enough", enough
    if needed:
        return "together", needed
    return ("not_told" if tried == len(pieces) else "not_tried"), []
