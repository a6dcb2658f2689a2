"""Keys are chosen by the ends that join, at the very place where they say they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.intake.matching.board import Board
from drainage.intake.matching.column_profiles import Profile

# Choices of ours, tried on the keys of real cities: numbers of other registers overlap, but not at the place.
_NEAR_M: Final = 2.0
_AT_PLACE, _FEWEST, _LEAST_SHARE = 0.4, 2, 0.02
_NO_NODE: Final = ("", "0", "-1")
_JOINED, _CHAINED, _OTHER = 3.2, 3.2, -4.0


class _Join(NamedTuple):
    """Of the ends named: the share found among keys, at the start and at the end of the line; and of the keys."""

    share: float
    at_start: float
    at_end: float
    used: float


def judge_keys(pipes: Sequence[Board], nodes: Sequence[Board]) -> None:
    """Give points to columns that name nodes, to those that nodes are named by, and to ids of ends that meet."""
    named: dict[tuple[int, str], float] = {}
    for pipe in pipes:
        for end in _keys(pipe):
            found = {
                (number, key.name): join
                for number, node in enumerate(nodes)
                for key in _keys(node, unique=0.9)
                if (join := _join(pipe, end, node, key)) is not None
            }
            good = {at: one for at, one in found.items() if not max(one.at_start, one.at_end) <= _AT_PLACE}
            if good:
                _judge_end(pipe, end.name, good)
            for at, one in good.items():
                named[at] = max(named.get(at, 0.0), one.used)
    for number, node in enumerate(nodes):
        _judge_ids(node, {name: used for (table, name), used in named.items() if table == number})
    for pipe in pipes:
        _judge_chains(pipe)


def _keys(board: Board, *, unique: float = 0.0) -> list[Profile]:
    return [column for column in board.sample.columns.values() if column.is_key and column.unique > unique]


def _join(pipe: Board, end: Profile, node: Board, key: Profile) -> _Join | None:
    """Look the ends of some pipes up among the keys of the nodes; None where they do not meet."""
    named = pipe.sample.whole & ~np.isin(end.text, _NO_NODE)
    row = _first_rows(key, end.text[named])
    hit = row >= 0
    different = len(np.unique(row[hit]))
    if hit.sum() < _FEWEST or (hit.mean() < _LEAST_SHARE and different < 0.3 * len(node.sample)):
        return None
    rows = np.flatnonzero(named)[hit]
    at_start, at_end = (
        _share_near(node.sample.start[row[hit]], ends[rows]) for ends in (pipe.sample.start, pipe.sample.end)
    )
    return _Join(float(hit.mean()), at_start, at_end, different / max(len(node.sample), 1))


def _first_rows(key: Profile, wanted: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the first row that bears each text, -1 where none does."""
    code, unique = pd.factorize(key.text)
    first = np.full(len(unique) + 1, -1, np.intp)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return np.asarray(first[pd.Index(unique).get_indexer(pd.Index(wanted))])


def _share_near(one: Floats, other: Floats) -> float:
    """Return the share of places that lie together, NaN where none is known."""
    distance = np.hypot(*(one - other).T)
    known = np.isfinite(distance)
    return float((distance[known] <= _NEAR_M).mean()) if known.any() else np.nan


def _judge_end(pipe: Board, name: str, joins: dict[tuple[int, str], _Join]) -> None:
    """Give a column that names nodes its points: for the end at which they lie, against the pipe's own id."""
    of_table: dict[int, float] = {}
    for (number, _), one in joins.items():
        of_table[number] = max(of_table.get(number, 0.0), one.share)
    total = min(1.0, sum(of_table.values()))
    start, end = (_mean([one.at_start for one in joins.values()]), _mean([one.at_end for one in joins.values()]))
    side = pipe.vocabulary.twin(name)[0]
    points = _JOINED * min(1.0, total + 0.3)
    clear = not side and abs(start - end) > 0.3
    ahead = 2.0 * float(np.sign(start - end)) if clear else 0.0
    key, place = ("match_joins" if np.isnan(start) else "match_joins_at"), max(start, end)
    pipe.add(name, "from_node", points + ahead - 4 * (side == "TO"), key, share=total, place=place)
    pipe.add(name, "to_node", points - ahead - 4 * (side == "FROM"), key, share=total, place=place)
    if total > 0.3:
        pipe.add(name, "pipe_id", _OTHER * total, "match_names_nodes")


def _mean(shares: Sequence[float]) -> float:
    known = [share for share in shares if not np.isnan(share)]
    return sum(known) / len(known) if known else np.nan


def _judge_ids(node: Board, named: dict[str, float]) -> None:
    """Give the column by which ends name nodes its points, and take them from the others."""
    top = max(named.values(), default=0.0)
    if top < 0.05:
        return
    for name in node.names:
        share = named.get(name, 0.0)
        points = 3.0 if share > 0.95 * top else -3.0 * (1 - share / top)
        node.add(name, "node_id", points, "match_named" if points > 0 else "match_not_named", share=share)


def _judge_chains(pipe: Board) -> None:
    """Find pairs of columns whose equal values lie at one place: where one line ends and the next begins."""
    sample = pipe.sample
    if not sample.placed:
        return
    keys = [column for column in _keys(pipe) if column.unique > 0.3]
    texts = {column.name: set(column.text) for column in keys}
    for one in keys:
        for other in keys:
            sides = pipe.vocabulary.twin(one.name)[0], pipe.vocabulary.twin(other.name)[0]
            apart = one is other or texts[one.name].isdisjoint(texts[other.name])
            if apart or sides[0] == "TO" or sides[1] == "FROM":
                continue
            named = sample.whole & ~np.isin(other.text, _NO_NODE)
            row = _first_rows(one, other.text[named])
            hit = row >= 0
            if hit.sum() < max(5, 0.1 * named.sum()):
                continue
            share = _share_near(sample.start[row[hit]], sample.end[np.flatnonzero(named)[hit]])
            if share > 0.7:
                pipe.add(one.name, "from_node", _CHAINED, "match_chain", share=share)
                pipe.add(other.name, "to_node", _CHAINED, "match_chain", share=share)
                for column in (one, other):
                    pipe.add(column.name, "pipe_id", _OTHER, "match_names_nodes")
