"""A column whose words repeat, as a number for each row: made once, and compared as numbers after that."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import AnyRows, Bools, Objects, Rows


class Coded(NamedTuple):
    """Word of each row as a number, (n_rows,), −1 where missing, and the words that the numbers stand for.

    Examples
    --------
    >>> systems = Coded.of(pd.Series(["storm", "sewage", None, "storm"]))
    >>> systems.among("storm", "combined").tolist()
    [True, False, False, True]
    """

    number: Rows
    words: pd.Index

    @classmethod
    def of(cls, column: pd.Series) -> Coded:
        """Number the words of a column in the order in which each comes first."""
        number, words = pd.factorize(column)
        number.flags.writeable = False
        return cls(number, words)

    def take(self, rows: AnyRows) -> Coded:
        """Return the words of some rows, (n_rows,)."""
        return Coded(self.number[rows], self.words)

    @property
    def texts(self) -> Objects:
        """The word of each row, (n_rows,); None where it is missing."""
        return np.append(self.words.to_numpy(dtype=object), [None])[self.number]

    def among(self, *wanted: str) -> Bools:
        """Return where the word is one of some, (n_rows,); a missing one never is."""
        chosen: Bools = np.append(self.words.isin(wanted), False)[self.number]  # the last is for −1
        return chosen
