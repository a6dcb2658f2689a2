"""The types of arrays, once, by what they hold; and arrays made of some of their rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Ends of pipes and numbers of nodes, by which the compiled loops are typed.
Ints32 = NDArray[np.int32]
#: Positions of rows, as numpy gives them.
Rows = NDArray[np.intp]
#: The same of any size.
AnyRows = NDArray[np.integer]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

T = TypeVar("T", bound=np.generic)


def marked(n: int, *rows: AnyRows | Bools) -> Bools:
    """Return a mask of n rows that is set in the given ones."""
    mask = np.zeros(n, np.bool_)
    for some in rows:
        mask[some] = True
    return mask


def spread(n: int, rows: AnyRows | Bools, values: NDArray[T], blank: object = np.nan) -> NDArray[T]:
    """Return an array of n rows with values in the given ones and a blank in the others, of the type of the values."""
    whole = np.full(n, blank, dtype=values.dtype)
    whole[rows] = values
    return whole


def pointer(counts: AnyRows) -> Ints32:
    """Return where each of some rows begins that lie one after the other, and where the last ends, (n + 1,)."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def ranges(first: AnyRows | int, counts: AnyRows) -> Rows:
    """Return whole numbers from each first one on, so many of each, one range after the other.

    Examples
    --------
    >>> ranges(np.array([7, 0]), np.array([2, 3])).tolist()
    [7, 8, 0, 1, 2]
    """
    return np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())


def texts_at(texts: Iterable[str], at: AnyRows, here: AnyRows, mark: str = ", ") -> list[str]:
    """Join the texts that stand at each of some numbers, in their order; empty where none does.

    Parameters
    ----------
    texts
        (n,) in any order.
    at
        (n,) number at which each stands.
    here
        (m,) numbers that are asked.
    """
    order = np.argsort(at, kind="stable")
    sorted_at = at[order]
    all_texts = list(texts)
    said = [all_texts[k] for k in order.tolist()]
    first, last = (np.searchsorted(sorted_at, here, side).tolist() for side in ("left", "right"))
    return [mark.join(said[a:b]) for a, b in zip(first, last, strict=True)]


def blocks_of(group: AnyRows, most: int) -> list[tuple[int, int]]:
    """Return where rows are parted into blocks of about ``most`` rows: the first of each, and the one after its last.

    Parameters
    ----------
    group
        (n,) number of the group of each row, ascending; no group is parted, so that a block has fewer rows than
        ``most`` and the largest group together.

    Examples
    --------
    >>> blocks_of(np.array([0, 0, 1, 2, 2, 2, 3]), 2)
    [(0, 2), (2, 6), (6, 7)]
    """
    if not len(group):
        return []
    begins = np.append(0, np.flatnonzero(np.diff(group)) + 1)
    first = begins[np.flatnonzero(np.diff(begins // most, prepend=-1))]
    return [*zip(first.tolist(), [*first[1:].tolist(), len(group)], strict=True)]
