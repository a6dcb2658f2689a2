"""Columns speak for each other: the two ends of a pipe are called alike, and so are layers of one delivery."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from drainage.intake.matching.board import CLEAR, THRESHOLD, Board
from drainage.intake.matching.vocabulary import Twin, letter_twins
from drainage.schema import codes

_TWINS: Final = {
    "invert_from_m": "invert_to_m",
    "from_node": "to_node",
    "depth_from_m": "depth_to_m",
    "ground_from_m": "ground_to_m",
}
#: Column of the table and of ours → points, and the name of its partner.
Gains = dict[tuple[str, str], tuple[float, str]]
_MOST_OF_SIBLINGS, _PART_OF_SIBLINGS = 2.0, 0.5
_NAMED: Final = 2.5
_OF_TABLES: Final = 2.0


def judge_twins(board: Board) -> None:
    """Lift the partner of a column that is understood: upstream and downstream come in pairs."""
    twins = {name: board.vocabulary.twin(name) for name in board.names}
    for upper, lower in _TWINS.items():
        gains = _by_words(board, twins, upper, lower)
        gains = _by_letters(board, twins, lower, upper, "TO", _by_letters(board, twins, upper, lower, "FROM", gains))
        for (name, ours), (points, other) in gains.items():
            board.add(name, ours, points, "match_twin", by="name", name=other)


def _by_words(board: Board, twins: Mapping[str, Twin], upper: str, lower: str) -> Gains:
    """Pair names that differ in their side alone: UP_INVERT and DN_INVERT, or INVERT and INVERT_DN."""
    sides: dict[Twin, list[str]] = defaultdict(list)
    for name, twin in twins.items():
        sides[twin].append(name)
    gains: Gains = {}
    for name, (side, rest) in twins.items():
        bare = side == "" and bool(rest) and ("FROM", rest) not in sides
        for other in sides.get(("TO", rest), []) if side == "FROM" or bare else []:
            one, two = board.get(name, upper), board.get(other, lower)
            if max(one, two) >= 1.5 and min(one, two) >= (1.5 if bare else -1.5):
                gains[name, upper] = max(1.0, two - 1 - one if two - one > 2 else 1.0), other
                gains[other, lower] = max(1.0, one - 1 - two if one - two > 2 else 1.0), name
    return gains


def _by_letters(board: Board, twins: Mapping[str, Twin], mine: str, theirs: str, side: str, gains: Gains) -> Gains:
    """Pair a name that is understood with the one that is alike but for a few letters."""
    found = dict(gains)
    for name in board.names:
        if board.get(name, mine) < THRESHOLD or twins[name][0] != side or (name, mine) in gains:
            continue
        like = [
            other
            for other in board.names
            if other != name and not twins[other][0] and board.get(other, theirs) > -1.5 and letter_twins(name, other)
        ]
        if len(like) == 1:
            found[like[0], theirs] = max(1.0, board.get(name, mine) - 1 - board.get(like[0], theirs)), name
    return found


def judge_siblings(boards: Sequence[Board]) -> None:
    """Lift a column by those that are called alike in the other tables of its layer."""
    before = [board.points.copy() for board in boards]
    for number, board in enumerate(boards):
        for row, name in enumerate(board.names):
            others = [
                points[other.at(name, board.ours[0])[0]]
                for other, points in zip(boards, before, strict=True)
                if other is not board and name in other.sample.columns
            ]
            if not others:
                continue
            mean = np.mean(others, axis=0)
            own = before[number][row]
            for column in np.flatnonzero((mean > own) & (own > -1)).tolist():
                points = min(_MOST_OF_SIBLINGS, _PART_OF_SIBLINGS * float(mean[column] - own[column]))
                board.add(name, board.ours[column], points, "match_sibling", by="name")


def judge_widths(board: Board) -> None:
    """Read a width without a height, where nothing is called a diameter, as the diameter of round pipes."""
    if any(_named(board, ours) for ours in ("diameter_mm", "height_mm")):
        return
    for name in _named(board, "width_mm"):
        board.add(name, "diameter_mm", CLEAR, "match_width_alone", by="name")
        board.add(name, "width_mm", -3.0, "", by="name")


def _named(board: Board, ours: str) -> list[str]:
    return [name for name in board.names if board.by_name[board.at(name, ours)] >= _NAMED]


def judge_systems(boards: Sequence[Board]) -> None:
    """Lift a column that holds one word of a system in each table, and not the same in all: STMP here, SANP there."""
    meant = codes.MEANINGS["system"]
    said: dict[str, list[set[str | None]]] = defaultdict(list)
    for board in boards:
        for name, column in board.sample.columns.items():
            if column.distinct == 1:
                said[name].append({meant.get(codes.fold(str(column.spelled[0])))})
    for name, words in said.items():
        systems = set.union(*words)
        if len(systems) > 1 and None not in systems:
            for board in boards:
                if name in board.sample.columns:
                    board.add(name, "system", _OF_TABLES, "match_system_of_tables")
