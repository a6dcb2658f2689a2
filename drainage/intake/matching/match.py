"""All columns of all tables of pipes and nodes of a delivery, assigned together."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import SchemaError
from drainage.intake.mapping import ColumnMapping
from drainage.intake.matching.board import CLEAR, SAID, THRESHOLD, Board
from drainage.intake.matching.content import FORBIDDEN
from drainage.intake.matching.found import Found, Matched, ToMatch
from drainage.intake.matching.joins import judge_keys
from drainage.intake.matching.leftovers import what_it_seems
from drainage.intake.matching.levels import judge_levels
from drainage.intake.matching.likeness import judge_siblings, judge_systems, judge_twins, judge_widths
from drainage.intake.matching.sample import samples_of
from drainage.intake.matching.vocabulary import OWN_NAME, Vocabulary, vocabulary
from drainage.said import joined
from drainage.schema import codes
from drainage.schema.columns import How, bare_name
from drainage.schema.text.by_words import find_by_words
from drainage.schema.text.decoding import words_of_layer
from drainage.words import in_both

# Choices of ours; what they give on real cities is in docs/validation/cities.md.
_SURE: Final = 0.9
_FULLER: Final = 6.0  # points that a column loses for each share that another which fits is fuller
_TIE: Final = 0.25
_BY_NAME, _BY_CONTENT = 1.0, 0.5
_SPARE_ID: Final = 0.5
_ALL_DIFFER, _TELLING_ROWS = 0.985, 20
_ENDS: Final = ("from_node", "to_node")
_INVERTS: Final = ("invert_from_m", "invert_to_m")
_MOST_FALL: Final = 10.0  # of most pipes of a table, m; a choice of ours
_AGAIN, _MOSTLY = 0.5, 0.85


def match_columns(tables: Sequence[ToMatch], said: ColumnMapping, *, words: Vocabulary | None = None) -> list[Matched]:
    """Match the columns of the tables of one delivery with ours; what the user says is taken as it stands.

    Names say most; values settle what they leave open and forbid what they get wrong; the ends that join choose the
    keys; levels are told apart along the lines and at the nodes; what is called alike elsewhere counts.

    Parameters
    ----------
    tables
        Pipes and nodes, in one metric CRS.
    said
        The mapping of the user.
    words
        By which names and values are understood; None: those of the product.

    Returns
    -------
    One for each table, in their order.

    Raises
    ------
    SchemaError
        Two columns are called alike but for case and signs, and would both do.
    """
    words = words or vocabulary()
    boards = [Board.of(sample, words) for sample in samples_of(tables, words)]
    mapped = [_mapped(table, said) for table in tables]
    for board, mine in zip(boards, mapped, strict=True):
        for ours, names in mine.items():
            if names and names[0] in board.sample.columns:
                board.add(names[0], ours, SAID, "")
    pipes, nodes = ([board for board in boards if board.sample.layer == layer] for layer in ("pipes", "nodes"))
    for board in pipes:
        judge_widths(board)
    judge_systems(pipes)
    judge_keys(pipes, nodes)
    judge_levels(pipes, nodes)
    for board in pipes:
        judge_twins(board)
    for layer in (pipes, nodes):
        judge_siblings(layer)
    return [_assigned(table, board, mine, said) for table, board, mine in zip(tables, boards, mapped, strict=True)]


def _mapped(table: ToMatch, said: ColumnMapping) -> dict[str, list[str]]:
    """Return what the user says of a table, which need not have each column; an empty list is none at all."""
    listed = said.listed(table.layer, table.place)
    here = {ours: [name for name in names if name in table.rows] for ours, names in listed.items()}
    return {ours: names for ours, names in here.items() if names or not listed[ours]}


def _assigned(table: ToMatch, board: Board, mapped: Mapping[str, Sequence[str]], said: ColumnMapping) -> Matched:
    taken = {name for names in mapped.values() for name in names}
    open_ = [ours for ours in board.ours if ours not in mapped]
    free = [name for name in board.names if name not in taken]
    found = {ours: Found(tuple(names), "mapping", sure=True) for ours, names in mapped.items() if names}
    found |= _best(board, free, open_)
    _forget_specialist(board, found)
    found |= _by_words(table, board, [ours for ours in open_ if ours not in found], _used(found), said)
    if board.id not in found:
        found |= _spare_id(board, [name for name in free if name not in _used(found)])
    found |= _far_apart(board, found)
    empty = [str(c) for c in table.rows if c != table.rows.geometry.name and str(c) not in board.sample.columns]
    found |= _empty(board, [name for name in empty if name not in taken], [ours for ours in open_ if ours not in found])
    used = _used(found)
    left = {name: what_it_seems(board, name) for name in board.names if name not in used}
    unseen = board.sample.unseen
    left |= {name: in_both("seems_unseen" if name in unseen else "seems_empty") for name in empty if name not in used}
    ordered = {ours: found[ours] for ours in board.ours if ours in found}
    return Matched(ordered, left, board.sample.rows, len(board.sample))


def _by_words(
    table: ToMatch, board: Board, open_: Sequence[str], used: Collection[str], said: ColumnMapping
) -> dict[str, Found]:
    """Read columns of nothing but words of one list, whatever their names."""
    words = words_of_layer(table.layer, said.codes)
    free = [name for name in board.names if name not in used and not board.vocabulary.of_another(name)]
    found = find_by_words(pd.DataFrame(table.rows[free]), [o for o in open_ if o in (*words, "material")], free, words)
    why = (in_both("match_words", share=1.0),)
    return {ours: Found((name,), "content", sure=True, why=why) for ours, name in found.items()}


def _used(found: Mapping[str, Found]) -> set[str]:
    return {name for one in found.values() for name in one.sources}


def _best(board: Board, free: Sequence[str], open_: Sequence[str]) -> dict[str, Found]:
    """Give each of ours at most one column, and each column at most one of ours, for the most points in all."""
    if not free or not open_:
        return {}
    rows = [board.at(name, open_[0])[0] for name in free]
    columns = [board.at(free[0], ours)[1] for ours in open_]
    points = board.points[np.ix_(rows, columns)]
    filled = np.array([board.sample.columns[name].filled for name in free])
    fits = points > THRESHOLD - 0.5
    fullest = np.max(np.where(fits, filled[:, None], 0.0), axis=0)
    raw, points = points, points - np.where(fits, _FULLER * np.maximum(fullest[None, :] - filled[:, None], 0.0), 0.0)
    gain = np.maximum(points - THRESHOLD, 0.0)
    chosen = _assign(gain)
    taken = {i for i, _ in chosen}
    found = {}
    for i, j in chosen:
        name, ours = free[i], open_[j]
        _refuse_namesakes(board, name, ours, free)
        others = [k for k in np.argsort(-raw[:, j]).tolist() if k not in taken and raw[k, j] > THRESHOLD]
        also = [k for k in others if ours != board.id and _completes(board, name, free[k], ours)]
        taken.update(also)
        rest = [one for k, one in enumerate(free) if k not in taken]
        first = _told_by_another(board, name, rest) if ours == "status" else []
        taken.update(free.index(one) for one in first)
        rival = float(np.max(np.delete(gain[i], j), initial=0.0))
        margin = min(gain[i, j], gain[i, j] - rival + 1.0)
        sure = _is_sure(board, name, ours, margin)
        why = board.why(name, ours)
        equal = [free[k] for k in others if k not in also and points[i, j] - points[k, j] < _TIE]
        if equal and ours != board.id and not _says_the_same(board, name, equal[0]):
            sure, why = False, (in_both("match_rival", name=equal[0]), *why)
        found[ours] = Found((*first, name, *(free[k] for k in also)), _how(board, name, ours), sure, why)
    return found


def _assign(gain: Floats) -> list[tuple[int, int]]:
    """Return the pairs of a row and a column that gain most in all, none of them twice."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    rows = np.flatnonzero((gain > 0).any(axis=1))
    if not len(rows):
        return []
    # One more than it gains, so that each row may take a column of its own, for one, that is none of ours.
    weight = np.where(gain[rows] > 0, gain[rows] + 1.0, 0.0)
    row, column = min_weight_full_bipartite_matching(csr_array(np.hstack([weight, np.eye(len(rows))])), maximize=True)
    real = column < gain.shape[1]
    return list(zip(rows[row[real]].tolist(), column[real].tolist(), strict=True))


def _is_sure(board: Board, name: str, ours: str, margin: float) -> bool:
    """Return whether a column is beyond doubt: far ahead of all else, or clearly named and not contradicted."""
    at = board.at(name, ours)
    if board.by_name[at] >= OWN_NAME:
        return bool(board.by_content[at] > FORBIDDEN)
    if ours in _ENDS and board.by_content[at] <= 0 and board.sample.columns[name].unique > _ALL_DIFFER:
        return len(board.sample) < _TELLING_ROWS  # ends that meet nowhere, each another: rather an id of the pipe
    named = board.by_name[at] >= CLEAR and board.by_content[at] > -1.0
    return bool(named or 1 / (1 + math.exp(-1.3 * margin - 0.2)) >= _SURE)


def _how(board: Board, name: str, ours: str) -> How:
    at = board.at(name, ours)
    if board.by_content[at] <= _BY_CONTENT:
        return "name"
    return "content" if board.by_name[at] < _BY_NAME else "both"


def _refuse_namesakes(board: Board, name: str, ours: str, free: Sequence[str]) -> None:
    """Refuse two columns that differ by case and signs alone, unless one bears our name or says the same."""
    alike = [other for other in free if other != name and bare_name(other) == bare_name(name)]
    if name != ours and alike and not _says_the_same(board, name, alike[0]):
        option = in_both("column_is", ours=ours, theirs=name)
        names = joined([one for one in free if one == name or one in alike], ", ")
        place = board.sample.place
        raise SchemaError(in_both("columns_could_each", place=place, columns=names, ours=ours, option=option))


def _says_the_same(board: Board, name: str, other: str) -> bool:
    one, two = (board.sample.columns[column] for column in (name, other))
    both = one.said & two.said
    return bool(both.any()) and float((one.text[both] == two.text[both]).mean()) > _SURE


def _completes(board: Board, name: str, other: str, ours: str) -> bool:
    """Return whether another column agrees where both speak, and speaks where the first is silent."""
    first, second = (board.sample.columns[column] for column in (name, other))
    more, both = second.said & ~first.said, first.said & second.said
    if more.mean() <= 0.02:
        return False
    if both.sum() < 5:
        return ours in _ENDS
    if ours in _INVERTS:  # measured again, they differ a little
        return float((np.abs(first.number - second.number)[both] < _AGAIN).mean()) > _MOSTLY
    return float((first.text[both] == second.text[both]).mean()) > _SURE


def _told_by_another(board: Board, name: str, free: Sequence[str]) -> list[str]:
    """Return the column that knows of abandoned pipes, where that of the status says of all that they are in use."""
    meant = codes.MEANINGS["status"]
    texts = {one: board.sample.columns[one].spelled[:-1] for one in (name, *free)}
    said = {one: {meant.get(codes.fold(str(text))) for text in words} for one, words in texts.items()}
    if "abandoned" in said[name] or None in said[name]:
        return []
    return [one for one in free if said[one] == {"in_use", "abandoned"}][:1]


def _forget_specialist(board: Board, found: dict[str, Found]) -> None:
    """Leave a diameter that few pipes have to the width and height that nearly all have."""
    sizes = [found[ours].sources[0] for ours in ("diameter_mm", "width_mm", "height_mm") if ours in found]
    columns = [board.sample.columns[name] for name in sizes if name in board.sample.columns]
    if len(columns) < 3 or found["diameter_mm"].how == "mapping":
        return
    diameter, *sides = (column.filled for column in columns)
    if 2 * diameter < min(sides):
        del found["diameter_mm"]


def _far_apart(board: Board, found: Mapping[str, Found]) -> dict[str, Found]:
    """Doubt the inverts of both ends where they lie so far apart that one is in another unit or of another datum."""
    ends = {ours: one for ours, one in found.items() if ours in _INVERTS and one.sources[0] in board.sample.columns}
    if len(ends) < len(_INVERTS):
        return {}
    upper, lower = (board.sample.columns[one.sources[0]].number for one in ends.values())
    gap = np.abs(upper - lower)
    gap = gap[np.isfinite(gap)]
    if not len(gap) or np.median(gap) <= _MOST_FALL:
        return {}
    why = in_both("match_apart", gap=float(np.median(gap)))
    return {ours: replace(one, sure=one.how == "mapping", why=(why, *one.why)) for ours, one in ends.items()}


def _spare_id(board: Board, free: Sequence[str]) -> dict[str, Found]:
    """Choose the best of what is left as the id: better a number of the database than none."""
    spare = []
    for name in free:
        column, points = board.sample.columns[name], board.get(name, board.id)
        unique = column.unique > _ALL_DIFFER and column.filled > 0.98
        if unique and points > _SPARE_ID and (column.is_key or column.guid > 0.5 or len(board.sample) < 5):
            named_so = any(word & {"OID", "GUID"} for word in board.vocabulary.meanings(name)[0])
            of_database = named_so and (column.numeric > 0.5 or column.guid > 0.5)
            telling = len(board.sample) >= _TELLING_ROWS or column.numeric < 0.1
            spare.append((points + 1.5 * (not of_database and telling), name))
    if not spare:
        return {}
    name = max(spare)[1]
    why = (in_both("match_no_better_id"), *board.why(name, board.id))
    return {board.id: Found((name,), _how(board, name, board.id), sure=False, why=why)}


def _empty(board: Board, empty: Sequence[str], open_: Sequence[str]) -> dict[str, Found]:
    """Read columns that say nothing in any row by their name, where it is clear and nothing else was found."""
    found: dict[str, Found] = {}
    for ours in open_:
        points = [(board.vocabulary.points(name, board.sample.layer, ours), name) for name in empty]
        best, name = max(points, default=(0.0, ""), key=lambda one: one[0])
        if best >= CLEAR and name not in _used(found):
            found[ours] = Found((name,), "name", sure=True, why=(in_both("match_empty"),))
    return found
