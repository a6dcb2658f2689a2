"""Of each table, the rows that are looked at: all of a small one, else some neighbourhoods and some rows anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats
from drainage.intake.matching.column_profiles import Profile, profiles_of
from drainage.intake.matching.found import ToMatch
from drainage.intake.matching.vocabulary import Vocabulary
from drainage.positions import line_ends, south_west

# Choices of ours: what is joined is seen in neighbourhoods, what a column holds at large in rows drawn by lot.
_WHOLE: Final = 6_000
_PLACES, _ROWS_THERE, _ROWS_ANYWHERE = 4, 700, 1_500
_WIDER: Final = 1.5
_CROWDED: Final = 500
_SEED: Final = 20_190_501


@dataclass(frozen=True, eq=False)
class Sample:
    """Some rows of a table: what its columns say there, and where they lie.

    Parameters
    ----------
    layer, place
        Of the table.
    columns
        Column → what it says; those that say nothing are not there.
    unseen
        Columns that were not looked at: where there are hundreds, those of which no name says anything.
    geometry
        (n,), of the rows.
    whole
        Rows of which the neighbours are here too, (n,).
    rows
        How many the table has.
    """

    layer: str
    place: str
    columns: dict[str, Profile]
    unseen: frozenset[str]
    geometry: NDArray[np.object_]
    whole: Bools
    rows: int

    def __len__(self) -> int:
        """Count the rows looked at."""
        return len(self.geometry)

    @cached_property
    def placed(self) -> bool:
        """Whether any row lies anywhere."""
        return bool(len(self) and np.isfinite(self.start[:, 0]).any())

    @cached_property
    def _ends(self) -> tuple[Floats, Floats]:
        return line_ends(self.geometry)

    @property
    def start(self) -> Floats:
        """Where each row begins, (n, 2), NaN where it lies nowhere."""
        return self._ends[0]

    @property
    def end(self) -> Floats:
        """Where each row ends, (n, 2)."""
        return self._ends[1]

    @cached_property
    def length(self) -> Floats:
        """Length of each line as drawn, m, NaN where there is none, (n,)."""
        length = shapely.length(self.geometry)
        return np.where(length > 0, length, np.nan)


def samples_of(tables: Sequence[ToMatch], vocabulary: Vocabulary) -> list[Sample]:
    """Draw the rows of all tables of a delivery, with a fixed seed and in the same neighbourhoods."""
    rng = np.random.default_rng(_SEED)
    big = any(len(table.rows) > _WHOLE for table in tables)
    # Where each row lies by and large, (n, 2); of small tables alone nobody asks.
    spots = [south_west(table.rows.geometry.values) for table in tables] if big else []
    pipes = [spot for table, spot in zip(tables, spots, strict=False) if table.layer == "pipes"]
    places = _places(max(pipes, key=len), rng) if pipes else []
    return [
        _sample(table, _near(spots[number], places, table.layer) if places else None, vocabulary, rng)
        for number, table in enumerate(tables)
    ]


def _places(spots: Floats, rng: np.random.Generator) -> list[tuple[Floats, float]]:
    """Choose neighbourhoods: their middles and radii, so that each holds so many pipes."""
    known = spots[np.isfinite(spots[:, 0])]
    if not len(known):
        return []
    middles = known[rng.choice(len(known), min(_PLACES, len(known)), replace=False)]
    last = min(_ROWS_THERE, len(known)) - 1
    return [(middle, float(np.partition(np.hypot(*(known - middle).T), last)[last])) for middle in middles]


def _near(spots: Floats, places: Sequence[tuple[Floats, float]], layer: str) -> NDArray[np.intp]:
    """Return the rows in the neighbourhoods; around those of pipes a few nodes more."""
    wider = 1.0 if layer == "pipes" else _WIDER
    return np.unique(np.concatenate([_nearest(spots, middle, wider * radius) for middle, radius in places]))


def _sample(table: ToMatch, near: NDArray[np.intp] | None, vocabulary: Vocabulary, rng: np.random.Generator) -> Sample:
    frame, n = table.rows, len(table.rows)
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    near = np.arange(n if n <= _WHOLE else 0) if near is None else near
    rows = np.arange(n) if n <= _WHOLE else np.union1d(near, rng.choice(n, _ROWS_ANYWHERE, replace=False))
    # Of very many columns only those are looked at whose names say something.
    crowded = attributes.shape[1] > _CROWDED
    told = [name for name in attributes if not crowded or vocabulary.tells(str(name), table.layer)]
    columns = profiles_of(attributes[told].iloc[rows], vocabulary.values)
    unseen = frozenset(map(str, attributes.columns.difference(told)))
    geometry = np.asarray(frame.geometry.array[rows])
    return Sample(table.layer, table.place, columns, unseen, geometry, np.isin(rows, near), n)


def _nearest(spots: Floats, middle: Floats, radius: float) -> NDArray[np.intp]:
    """Return the rows within a neighbourhood; of very many, those in the midst."""
    beside = np.flatnonzero(np.abs(spots[:, 0] - middle[0]) <= radius)
    distance = np.hypot(*(spots[beside] - middle).T)
    near = distance <= radius
    rows, distance = beside[near], distance[near]
    return np.asarray(rows[np.argsort(distance, kind="stable")[: 3 * _ROWS_THERE]])
