"""The points of every column of a table for every column of ours, and the reasons for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.intake.matching.content import FORBIDDEN, Says, what_content_says
from drainage.intake.matching.sample import Sample
from drainage.intake.matching.vocabulary import OWN_NAME, Vocabulary
from drainage.said import Said
from drainage.schema.layers import LAYERS
from drainage.words import in_both

#: Points that a column needs to be read at all.
THRESHOLD = 3.0
#: Points of what the user says.
SAID = 50.0
#: A name this clear speaks for itself.
CLEAR = 3.6
_PLAIN, _REPEATS = 5.0, -1.5
By = Literal["name", "content"]


@dataclass(frozen=True, eq=False)
class Board:
    """The points of a table.

    Parameters
    ----------
    sample
        The table.
    names, ours
        Its columns, (n,), and those of its layer, (m,).
    points
        (n, m); 3 are needed, 5 leave little doubt.
    by_name, by_content
        (n, m), the parts of it.
    forbidden
        (n, m), what the values rule out.
    """

    sample: Sample
    names: Sequence[str]
    ours: Sequence[str]
    by_name: Floats
    by_content: Floats
    forbidden: NDArray[np.bool_]
    vocabulary: Vocabulary
    _row: Mapping[str, int]
    _column: Mapping[str, int]
    _reasons: dict[tuple[int, int], list[tuple[float, str, Mapping[str, object]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, sample: Sample, vocabulary: Vocabulary) -> Board:
        """Begin with what each column says by its name and its values alone."""
        names, ours = [*sample.columns], [*LAYERS[sample.layer].columns]
        shape = (len(names), len(ours))
        board = cls(
            sample, names, ours, np.zeros(shape), np.zeros(shape), np.zeros(shape, np.bool_), vocabulary,
            {name: i for i, name in enumerate(names)}, {name: j for j, name in enumerate(ours)},
        )  # fmt: skip
        for name, column in sample.columns.items():
            for one in ours:
                points = vocabulary.points(name, sample.layer, one)
                told = points or one in vocabulary.fits[sample.layer]
                says = what_content_says(sample, column, one) if told else Says(0.0)
                own = points >= OWN_NAME
                if own and one == board.id and says.points < 0:  # it gives way to an id that never repeats
                    points, says = _PLAIN, says._replace(points=max(says.points, _REPEATS))
                board.add(name, one, points, "match_name" if points > 0 else "match_other_name", by="name")
                board.add(name, one, says.points, says.key, share=says.share, unit=says.unit)
                board.forbidden[board.at(name, one)] |= says.points <= FORBIDDEN + 1 and not own
        return board

    @property
    def id(self) -> str:
        """Which of ours names the features."""
        return LAYERS[self.sample.layer].id

    @property
    def points(self) -> Floats:
        """All points, (n, m)."""
        return self.by_name + self.by_content

    def at(self, name: str, ours: str) -> tuple[int, int]:
        """Return the place of a column of the table and one of ours."""
        return self._row[name], self._column[ours]

    def get(self, name: str, ours: str) -> float:
        """Return the points of a column for one of ours."""
        at = self.at(name, ours)
        return float(self.by_name[at] + self.by_content[at])

    def add(self, name: str, ours: str, points: float, key: str, /, *, by: By = "content", **values: object) -> None:
        """Add points for a reason; what speaks by name does not overrule what the values forbid."""
        at = self.at(name, ours)
        if by == "name" and points > 0 and self.forbidden[at]:
            return
        (self.by_name if by == "name" else self.by_content)[at] += points
        if key and points:
            self._reasons.setdefault(at, []).append((points, key, values))

    def best(self, ours: str) -> tuple[float, str]:
        """Return the most points for a column of ours, and whose they are."""
        if not self.names:
            return -np.inf, ""
        column = self.points[:, self._column[ours]]
        row = int(column.argmax())
        return float(column[row]), self.names[row]

    def why(self, name: str, ours: str) -> tuple[Said, ...]:
        """Return the reasons for a column, the strongest first."""
        reasons = sorted(self._reasons.get(self.at(name, ours), ()), key=lambda reason: -abs(reason[0]))
        return tuple(in_both(key, **values) for _, key, values in reasons if key != "match_other_name")
