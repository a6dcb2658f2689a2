"""What a column of the file that nothing was read from seems to hold."""

from __future__ import annotations

import numpy as np

from drainage.intake.matching.board import Board
from drainage.intake.matching.column_profiles import Profile
from drainage.said import Said, joined
from drainage.words import in_both

_WORTH_SAYING = 1.5
_MOST_WORDS = 4


def what_it_seems(board: Board, name: str) -> Said:
    """Return what a column seems to hold: one of ours that it nearly was, else what its values are."""
    column = board.sample.columns[name]
    row = board.at(name, board.ours[0])[0]
    points = np.where(board.forbidden[row], -np.inf, board.points[row])
    best = int(points.argmax())
    if points[best] >= _WORTH_SAYING:
        return in_both("seems_ours", column=board.ours[best])
    return _what_values_are(column)


def _what_values_are(column: Profile) -> Said:
    if column.dates > 0.5 or column.guid > 0.5:
        return in_both("seems_dates" if column.dates > 0.5 else "seems_guids")
    if column.numeric > 0.8 and len(column.known):
        return in_both("seems_numbers", low=column.known.min(), high=column.known.max())
    if column.distinct <= _MOST_WORDS:
        return in_both("seems_words", words=joined(sorted({str(one) for one in column.spelled[:-1]}), ", "))
    if column.unique > 0.985 and column.filled > 0.9:
        return in_both("seems_ids", example=str(column.spelled[0]))
    return in_both("seems_text", count=column.distinct, example=str(column.spelled[0])[:40])
