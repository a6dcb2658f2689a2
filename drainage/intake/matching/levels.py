"""Levels against each other: along the lines, against the next line, against ground and the pipes at a node."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.intake.matching.board import THRESHOLD, Board
from drainage.intake.matching.column_profiles import Profile

# Choices of ours, tried on real cities: in the unit of the levels, m or ft; places in m.
_MEET_M, _AT_NODE_M = 0.5, 2.0
_CONTINUES, _AT_PIPE, _AGREES = 0.15, 0.12, 0.15
_MOST_FALL, _DEEPEST, _FAR = 5.0, 25.0, 40.0
_FEWEST, _ENOUGH = 3, 10
_MOST_COLUMNS: Final = 24


class _Pair(NamedTuple):
    """Two columns of levels: shares that continue in the next line, as they are and turned, and that fall."""

    along: float
    turned: float
    falls: float


def judge_levels(pipes: Sequence[Board], nodes: Sequence[Board]) -> None:
    """Give points to columns of inverts, ground and depths by what they are to each other."""
    inverts = {}
    for number, pipe in enumerate(pipes):
        _judge_pairs(pipe, _pairs(pipe))
        (upper, one), (lower, other) = pipe.best("invert_from_m"), pipe.best("invert_to_m")
        if min(upper, lower) >= THRESHOLD and one != other and not (_is_depth(pipe, one) or _is_depth(pipe, other)):
            inverts[number] = (one, other)
    for node in nodes:
        _judge_node(node, _lowest_pipe(node, pipes, inverts))


def _is_depth(pipe: Board, name: str) -> bool:
    """Return whether a column, which falls along the lines as levels do, is rather one of depths by its name."""
    depth, invert = (max(pipe.get(name, f"{what}_{end}_m") for end in ("from", "to")) for what in ("depth", "invert"))
    return depth > invert


def _levels(board: Board) -> list[Profile]:
    """Return columns that may hold levels; of very many, those whose names speak for it."""
    found = [column for column in board.sample.columns.values() if column.is_level]
    if len(found) > _MOST_COLUMNS:
        wanted = [board.at(found[0].name, ours)[1] for ours in board.ours if ours.startswith(("invert", "ground"))]
        found.sort(key=lambda column: -float(board.by_name[board.at(column.name, board.ours[0])[0], wanted].max()))
    return found[:_MOST_COLUMNS]


def _meeting(board: Board) -> NDArray[np.intp]:
    """Return rows of lines (one, next), (n, 2), where the next begins where the one ends."""
    sample = board.sample
    ends, starts = (np.flatnonzero(np.isfinite(xy[:, 0])) for xy in (sample.end, sample.start))
    if not len(ends) or not len(starts):
        return np.empty((0, 2), np.intp)
    near = _near(sample.end[ends], sample.start[starts], _MEET_M)
    pairs = np.column_stack([ends[near[0]], starts[near[1]]])
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]])


def _near(one: Floats, other: Floats, within_m: float) -> NDArray[np.intp]:
    """Return the rows of places that lie so near to each other, (2, n)."""
    tree = shapely.STRtree(np.asarray(shapely.points(other)))
    return np.asarray(tree.query(shapely.points(one), predicate="dwithin", distance=within_m))


def _pairs(board: Board) -> dict[tuple[str, str], _Pair]:
    meeting = _meeting(board)
    found = {}
    for one, other in permutations(_levels(board), 2):
        drop = one.number - other.number
        drop = drop[np.isfinite(drop)]
        if len(drop) < _FEWEST or np.median(np.abs(drop)) > _MOST_FALL:
            continue
        along = _share_alike(other.number[meeting[:, 0]], one.number[meeting[:, 1]])
        turned = _share_alike(one.number[meeting[:, 0]], other.number[meeting[:, 1]])
        graded = drop[np.abs(drop) > 0.001]
        found[one.name, other.name] = _Pair(along, turned, float((graded > 0).mean()) if len(graded) else 0.5)
    return found


def _share_alike(one: Floats, other: Floats) -> float:
    gap = np.abs(one - other)
    gap = gap[np.isfinite(gap)]
    return float((gap < _CONTINUES).mean()) if len(gap) >= _FEWEST else np.nan


def _judge_pairs(board: Board, pairs: dict[tuple[str, str], _Pair]) -> None:
    """Give inverts and ground of both ends the points of the best pair that they stand in."""
    columns = board.sample.columns
    gains: dict[tuple[str, str], tuple[float, str, dict[str, float]]] = {}
    for (one, other), pair in pairs.items():
        sides = board.vocabulary.twin(one)[0], board.vocabulary.twin(other)[0]
        if sides[0] == "TO" or sides[1] == "FROM":
            continue
        known = [share for share in (pair.along, pair.turned) if not np.isnan(share)]
        best = max(known, default=np.nan)
        points = 2.0 if best > 0.4 else 1.2 if np.isnan(best) or best > 0.1 else 0.6
        if "" in sides and sides != ("", "") and best > 0.4 and pair.falls > 0.7:
            points += 1.0  # the partner of a column that is known by its name
        if sides == ("", ""):
            points += 0.8 if pair.falls > 0.7 else -3.0
        rest = [name for name in dict.fromkeys(name for both in pairs for name in both) if name not in (one, other)]
        above = max((_share_over(columns[one].number, columns[name].number) for name in rest), default=0.0) > 0.9
        values: dict[str, float] = {"share": 0.0 if np.isnan(best) else best, "falls": pair.falls}
        for name, end in ((one, "from"), (other, "to")):
            for ours, gain in (
                (f"invert_{end}_m", points - 2.0 * above),
                (f"ground_{end}_m", points + (0.8 if above and pair.falls > 0.7 else -1.5 * (not above))),
            ):
                if gain > gains.get((name, ours), (-9.0,))[0]:
                    gains[name, ours] = gain, "match_levels_above" if above else "match_levels_along", values
    for (name, ours), (points, key, values) in gains.items():
        board.add(name, ours, points, key, share=values["share"], falls=values["falls"])


def _share_over(upper: Floats, lower: Floats) -> float:
    """Return the share of rows in which the one lies clearly above the other."""
    gap = upper - lower
    gap = gap[np.isfinite(gap)]
    return float(((gap > 0.3) & (gap < 15)).mean()) if len(gap) >= 5 else 0.0


def _lowest_pipe(node: Board, pipes: Sequence[Board], inverts: dict[int, tuple[str, str]]) -> Floats:
    """Return the lowest invert of the pipes that end at each node, (n,), NaN where there is none."""
    lowest = np.full(len(node.sample), np.inf)
    places, levels = [np.empty((0, 2))], [np.empty(0)]
    for number, names in inverts.items():
        sample = pipes[number].sample
        for name, xy in zip(names, (sample.start, sample.end), strict=True):
            level = sample.columns[name].number
            known = np.isfinite(level) & np.isfinite(xy[:, 0])
            places.append(xy[known])
            levels.append(level[known])
    level, at = np.concatenate(levels), np.flatnonzero(np.isfinite(node.sample.start[:, 0]))
    if len(level) and len(at):
        row, found = _near(node.sample.start[at], np.concatenate(places), _AT_NODE_M)
        np.minimum.at(lowest, at[row], level[found])
    return np.where(np.isfinite(lowest), lowest, np.nan)


def _judge_node(node: Board, lowest: Floats) -> None:
    """Tell the levels of nodes apart: at the lowest pipe an invert, above it the ground; a difference is a depth."""
    numbers = [column for column in node.sample.columns.values() if column.numeric > 0.8 and column.dates < 0.5]
    levels = _levels(node)
    for column in numbers[:_MOST_COLUMNS]:
        gap = column.number - lowest
        gap = gap[np.isfinite(gap)]
        if len(gap) >= _FEWEST:
            _judge_level(node, column.name, gap)
        if column.whole <= 0.9 and column.distinct >= 5 and len(column.known) and np.median(column.known) < 20:
            _judge_depth(node, column, levels, lowest)


def _judge_level(node: Board, name: str, gap: Floats) -> None:
    equal = float((np.abs(gap) < _AT_PIPE).mean())
    above = float(((gap > 0.2) & (gap < _DEEPEST)).mean())
    if np.abs(np.median(gap)) > _FAR:
        node.add(name, "ground_m", -3.0, "match_far_levels")
        node.add(name, "invert_m", -4.0, "match_far_levels")
    elif equal > 0.35 and equal > above - 0.3:
        strong = equal > 0.5 and len(gap) >= _ENOUGH
        node.add(name, "invert_m", 4.5 if strong else 2.5, "match_at_pipe", share=equal)
        node.add(name, "ground_m", -3.0, "match_at_pipe", share=equal)
    elif above > 0.6:
        node.add(name, "ground_m", 2.5, "match_above_pipes", share=above)
        node.add(name, "invert_m", -3.0, "match_above_pipes", share=above)


def _judge_depth(node: Board, column: Profile, levels: Sequence[Profile], lowest: Floats) -> None:
    """Give points to a depth: the ground less it is a level that is known, of the pipes or of another column."""
    for ground in levels:
        if ground is column:
            continue
        middle = np.median(column.known)
        bottoms = [
            lowest,
            *(one.number for one in levels if one not in (column, ground) and np.median(one.known) > middle),
        ]
        share = max(_share_zero(ground.number - column.number - bottom) for bottom in bottoms)
        if share > 0.3:
            node.add(column.name, "depth_m", 3.5, "match_depth", share=share, name=ground.name)
            return


def _share_zero(gap: Floats) -> float:
    gap = gap[np.isfinite(gap)]
    return float((np.abs(gap) < _AGREES).mean()) if len(gap) >= _FEWEST else 0.0
