"""Columns of text as Arrow keeps them, looked through and numbered by their bytes, without an object for each."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from drainage.arrays import Bools, Ints
from drainage.schema.text.cell_text import SAYS_NOTHING, SPREADSHEET_ERRORS

Bytes = NDArray[np.uint8]

_DIGIT, _LETTER = (np.isin(np.arange(256), list(signs.encode())) for signs in (digits, ascii_letters))
#: Longer than any word that says nothing; none of those ends with a digit.
_LONGEST: Final = max(map(len, (*SAYS_NOTHING, *SPREADSHEET_ERRORS)))
#: The arrays of ids that are known to be unique, by their number in memory.
_UNIQUE: Final[WeakValueDictionary[int, pd.api.extensions.ExtensionArray]] = WeakValueDictionary()


class Texts(NamedTuple):
    """Texts in a row: their bytes, where each begins and the last ends, (n + 1,), and which there are, (n,)."""

    data: Bytes
    begin: Ints
    there: Bools


def is_arrow_text(column: pd.Series | pd.Index) -> bool:
    """Return whether a column holds text that Arrow keeps."""
    kind = column.dtype
    return isinstance(kind, pd.StringDtype) and kind.storage == "pyarrow" and str(kind) == "str"


def all_plain(column: pd.Series | pd.Index) -> bool:
    """Return whether every row holds a text that nothing is to be taken away from, and that cannot mean nothing.

    Such texts begin with a letter or digit of ASCII and end with a digit, or with a letter where they are long: ids as
    most offices write them. False says only that they must be looked at one by one.

    Examples
    --------
    >>> all_plain(pd.Series(["YS1043", "manhole 12", "7"], dtype="str"))
    True
    >>> all_plain(pd.Series(["YS1043 "], dtype="str")), all_plain(pd.Series(["nan"], dtype="str"))
    (False, False)
    """
    return is_arrow_text(column) and len(column) > 0 and all(map(_plain, _texts_of(column)))


def _plain(texts: Texts) -> bool:
    size = np.diff(texts.begin)
    if not texts.there.all() or (size == 0).any():
        return False
    first, last = texts.data[texts.begin[:-1]], texts.data[texts.begin[1:] - 1]
    begins = _DIGIT[first] | _LETTER[first]
    return bool((begins & (_DIGIT[last] | (_LETTER[last] & (size > _LONGEST)))).all())


def _texts_of(column: pd.Series | pd.Index) -> Iterator[Texts]:
    told = column.array.__arrow_array__()
    for chunk in told.chunks if isinstance(told, pa.ChunkedArray) else [told]:
        if len(chunk):
            yield _texts(chunk)


def _texts(chunk: pa.Array) -> Texts:
    _, offsets, data = chunk.buffers()
    begin = np.frombuffer(offsets, np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
    there = np.asarray(chunk.is_valid()) if chunk.null_count else np.ones(len(chunk), np.bool_)
    return Texts(np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8), begin, there)


def is_unique(ids: pd.Index) -> bool:
    """Return whether no id occurs twice; it is remembered of the same array, which all views of an index share."""
    if not is_arrow_text(ids):
        return bool(ids.is_unique)
    if _UNIQUE.get(id(ids.array)) is ids.array:
        return True
    told = ids.array.__arrow_array__()
    unique = _rises(told) or len(pc.unique(told)) == len(told)
    if unique:
        known_unique(ids)
    return unique


def known_unique(ids: pd.Index) -> pd.Index:
    """Return ids of which it is known that none occurs twice, and remember it."""
    _UNIQUE[id(ids.array)] = ids.array
    return ids


def _rises(told: pa.Array | pa.ChunkedArray) -> bool:
    """Return whether each text comes after the one before it, as numbers of a database do that are of one length."""
    if told.null_count:
        return False
    return bool(pc.all(pc.greater(told.slice(1), told.slice(0, max(len(told) - 1, 0))), min_count=0).as_py())
