"""Which pipe and node of a network is which of a later one: by id where the numbering was kept, else by place."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.analyses.changes.alike import contradicts, likeness
from drainage.analyses.changes.beside import in_one_direction, laid_beside
from drainage.analyses.changes.courses import (
    Candidates,
    best_of,
    ends_apart_m,
    ends_of,
    near_ends,
    on_one_course,
)
from drainage.analyses.changes.in_use import abandoned_records, day_of, out_of_use
from drainage.arrays import Bools, Floats, Objects, Rows
from drainage.network import DrainageNetwork
from drainage.positions import coordinates
from drainage.wants import wants

#: From this distance on a pipe lies elsewhere: the accuracy of a line on a plan, m; own choice.
MOVED_M = 0.5
#: A pipe with another id that was drawn elsewhere is looked for within so many metres; own choice.
NEAR_M = 10.0
#: The numbering was kept if so large a share of the ids that both have are at one place; own choice.
_KEPT_SHARE = 0.5
#: A pipe that was drawn elsewhere is no more than so much longer or shorter; own choice.
_LENGTH_SHARE = 0.2


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Rows of the pipes and nodes of two networks that are one thing.

    Parameters
    ----------
    same
        Rows of pipes before and after, one to one, (n,) each.
    turned
        (n,) the line of ``same`` is drawn the other way.
    beside
        Rows of combined pipes before, and of the new storm pipes and sewers that were laid beside them and took over,
        (n,) each; a row may stand more than once.
    nodes
        Rows of nodes before and after, one to one.
    idle
        (n_before,) and (n_after,) pipes that were out of use on the day: they are paired with nothing.
    numbering_kept
        Whether ids mean the same pipes in both; None where they have none in common.
    """

    same: tuple[Rows, Rows]
    turned: Bools
    beside: tuple[Rows, Rows]
    nodes: tuple[Rows, Rows]
    idle: tuple[Bools, Bools]
    numbering_kept: bool | None

    @property
    def pipes(self) -> tuple[Rows, Rows]:
        """All pairs of pipes."""
        before, after = (np.concatenate(rows) for rows in zip(self.same, self.beside, strict=True))
        return before, after


@wants
def pair_networks(before: DrainageNetwork, after: DrainageNetwork, *, moved_m: float = MOVED_M) -> Pairs:
    """Find which pipe and node of a network is which of a later one.

    A pipe is the one with the same id at the same place; else the one on the same course, of several the most alike;
    else, where the numbering was kept, the one with the same id wherever it lies; else a like one with another id
    within `NEAR_M`. A combined pipe that is gone or carries one kind of water now is paired with the storm pipes and
    sewers that were laid beside it, too.

    Parameters
    ----------
    before, after
        Networks in one CRS.
    moved_m
        Lines that are nowhere further apart lie on one course.

    Examples
    --------
    >>> import drainage as dr
    >>> before, after = dr.load_demo("2018-12-31"), dr.load_demo("2021-05-07")
    >>> pairs = dr.analyses.pair_networks(before, after)
    >>> len(before), len(after), len(pairs.same[0]), pairs.numbering_kept
    (5317, 5670, 5236, True)
    """
    pipes = before.pipes, after.pipes
    gone = abandoned_records(after)["pipe"].index
    recorded = (gone.get_indexer(before.pipes.index) >= 0) | out_of_use(pipes[0], day_of(after))
    idle = out_of_use(pipes[0], day_of(before)), out_of_use(pipes[1], day_of(after))
    same, turned, kept = _pair_pipes(*pipes, idle, moved_m, recorded)
    ends = _same_ends(before, after, same, turned)
    nodes = _pair_nodes(before, after, ends, moved_m, kept=kept)
    return Pairs(same, turned, laid_beside(*pipes, idle, same), nodes, idle, kept)


def pair_tables(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, moved_m: float) -> tuple[Rows, Rows]:
    """Return which pipes of a table are which of another, one to one."""
    none = np.zeros(len(before), np.bool_), np.zeros(len(after), np.bool_)
    return _pair_pipes(before, after, none, moved_m, none[0])[0]


def _pair_pipes(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, idle: tuple[Bools, Bools], moved_m: float, abandoned: Bools
) -> tuple[tuple[Rows, Rows], Bools, bool | None]:
    """Return the pairs of pipes that are not idle, which are drawn the other way, and whether the numbering was kept.

    Of those that are recorded as abandoned only what lies on their course is looked for.
    """
    lines = before.geometry.to_numpy(), after.geometry.to_numpy()
    ends = ends_of(before), ends_of(after)
    namesake = np.asarray(after.index.get_indexer(before.index), np.intp)
    known = np.flatnonzero((namesake >= 0) & ~idle[0])
    known = known[~idle[1][namesake[known]]]
    distance, _ = ends_apart_m(ends[0][known], ends[1][namesake[known]])
    unplaced = np.isnan(distance)
    here = unplaced | (distance <= moved_m)
    kept = None if unplaced.all() else bool(here[~unplaced].mean() >= _KEPT_SHARE)
    same = Draw(*idle)
    same.take(known[here], namesake[known[here]])

    found = near_ends(same.left(ends[0], 0), same.left(ends[1], 1), moved_m)
    found = on_one_course(found, *lines, moved_m)
    if kept:  # a new number on the course of a pipe whose own number has moved is a new pipe
        waits = np.zeros(len(before), np.bool_)
        waits[known] = ~same.taken[1][namesake[known]]
        found = found.only(~waits[found.before] | (before.index.get_indexer(after.index[found.after]) >= 0))
    same.take(*best_of(found, likeness(before, after, found)))
    if kept:
        free = ~same.taken[0][known] & ~same.taken[1][namesake[known]]
        same.take(known[free], namesake[known[free]])

    same.taken[0][abandoned] = True  # what is recorded as abandoned was not moved and numbered anew
    found = near_ends(same.left(ends[0], 0), same.left(ends[1], 1), NEAR_M)
    found = found.only(~contradicts(before, after, found) & _drawn_alike(lines, found))
    same.take(*best_of(found, likeness(before, after, found)))
    one, other = same.pairs()
    return (one, other), ends_apart_m(ends[0][one], ends[1][other])[1], kept


def _drawn_alike(lines: tuple[Objects, Objects], found: Candidates) -> Bools:
    """(n,) the lines are about as long and run in one direction."""
    one, other = lines[0][found.before], lines[1][found.after]
    length = shapely.length(one), shapely.length(other)
    as_long = np.abs(length[0] - length[1]) <= _LENGTH_SHARE * np.maximum(*length)
    return np.asarray(as_long & in_one_direction(one, other))


class Draw:
    """Rows that are drawn in pairs, each at most once."""

    def __init__(self, *taken: Bools) -> None:
        self.taken = tuple(rows.copy() for rows in taken)
        self._parts: list[tuple[Rows, Rows]] = []

    def take(self, one: Rows, other: Rows) -> None:
        """Draw pairs."""
        self._parts.append((one, other))
        for taken, rows in zip(self.taken, (one, other), strict=True):
            taken[rows] = True

    def left(self, places: Floats, side: int) -> Floats:
        """Return places with NaN for what was drawn."""
        return np.where(self.taken[side][:, None], np.nan, places)

    def pairs(self) -> tuple[Rows, Rows]:
        """Return all pairs in the order of the rows before."""
        one, other = (np.concatenate([part[k] for part in self._parts]).astype(np.intp) for k in (0, 1))
        order = np.argsort(one, kind="stable")
        return one[order], other[order]


def _pair_nodes(
    before: DrainageNetwork, after: DrainageNetwork, ends: Rows, moved_m: float, *, kept: bool | None
) -> tuple[Rows, Rows]:
    """Pair nodes by id at one place, then by place, then as ends of paired pipes, then by id alone."""
    nodes = before.nodes, after.nodes
    places = tuple(coordinates(table.geometry.to_numpy()) for table in nodes)
    namesake = np.asarray(nodes[1].index.get_indexer(nodes[0].index), np.intp)
    known = np.flatnonzero(namesake >= 0)
    apart = np.hypot(*(places[0][known] - places[1][namesake[known]]).T)
    drawn = Draw(*(np.zeros(len(table), np.bool_) for table in nodes))
    here = np.isnan(apart) | (apart <= moved_m)
    drawn.take(known[here], namesake[known[here]])
    doubled = tuple(np.column_stack([drawn.left(place, side)] * 2) for side, place in enumerate(places))
    found = near_ends(doubled[0], doubled[1], moved_m)
    drawn.take(*best_of(found, likeness(*nodes, found)))
    free = ~drawn.taken[0][ends[:, 0]] & ~drawn.taken[1][ends[:, 1]]
    votes = pd.Series(1.0, pd.MultiIndex.from_arrays([ends[free, 0], ends[free, 1]])).groupby(level=[0, 1]).sum()
    rows = np.array(votes.index.to_list(), np.intp).reshape(-1, 2)
    ids = nodes[0].index.to_numpy()[rows[:, 0]] == nodes[1].index.to_numpy()[rows[:, 1]]
    found = Candidates(rows[:, 0], rows[:, 1], np.zeros(len(rows)))
    drawn.take(*best_of(found, votes.to_numpy() + ids))
    if kept:
        free = ~drawn.taken[0][known] & ~drawn.taken[1][namesake[known]]
        drawn.take(known[free], namesake[known[free]])
    return drawn.pairs()


def _same_ends(before: DrainageNetwork, after: DrainageNetwork, pipes: tuple[Rows, Rows], turned: Bools) -> Rows:
    """(2 n_pairs, 2) rows of the nodes before and after at the same ends of paired pipes."""
    old, new = (net.graph for net in (before, after))
    one = np.concatenate([old.tail[pipes[0]], old.head[pipes[0]]])
    tail, head = new.tail[pipes[1]], new.head[pipes[1]]
    other = np.concatenate([np.where(turned, head, tail), np.where(turned, tail, head)])
    return np.column_stack([one, other]).astype(np.intp)
