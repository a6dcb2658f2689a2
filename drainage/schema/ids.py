"""Ids as people write them: what counts as the same text, and which known id a written one means.

``Ｎ-03``, ``n 3`` and ``N3`` are one text: width, case, blanks, hyphens, underscores and leading zeros are habits of
keyboards and spreadsheets. That two ids are one text does not make them one thing; their places say whether they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from itertools import takewhile
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from drainage.schema.codes import spell
from drainage.words import in_both

_STEPS: Final = (
    (r"\p{Cf}+", ""),  # signs without width
    (r"[\p{Pd}\p{Zs}\s_\x{2212}]+", "-"),
    (r"([^\d-])-", r"\1"),
    (r"-([^\d-])|-$", r"\1"),  # a hyphen counts between digits, where 1-23 is not 12-3, and before a number
    (r"(^|[^\d.])0+(\d)", r"\1\2"),
)


def fold_ids(ids: pd.Index | pd.Series) -> pd.Index:
    """Reduce ids to what distinguishes them, (n,); missing ones stay missing.

    Examples
    --------
    >>> fold_ids(pd.Index(["Ｎ-03", "n 3", "1-02", "1_2", "12", "-1"])).tolist()
    ['n3', 'n3', '1-2', '1-2', '12', '-1']
    """
    text = pa.array(pd.Series(ids).astype("str"), type=pa.string(), from_pandas=True)
    text = pc.utf8_lower(pc.utf8_normalize(text, "NFKC"))
    for pattern, new in _STEPS:
        text = pc.replace_substring_regex(text, pattern, new)
    folded: pd.Index = pd.Index(text.to_pandas(), dtype="str")
    return folded


class KnownIds:
    """Ids that features bear, asked for by ids that somebody wrote."""

    def __init__(self, ids: pd.Index) -> None:
        """Keep the ids, (n,), unique; they are folded when the first written one is not among them."""
        self.ids = ids
        self._folded: pd.Index | None = None

    def find(self, written: pd.Index | pd.Series) -> NDArray[np.intp]:
        """Return the row of the known id that each written id refers to, -1 for none.

        An id that is known letter by letter means itself; else it means the only one that differs by nothing that
        `fold_ids` sees. Where several would do, it means none.
        """
        row = np.asarray(self.ids.get_indexer(pd.Index(written)), dtype=np.intp)
        lost = np.flatnonzero((row < 0) & pd.notna(written))
        if not len(lost):
            return row
        if self._folded is None:
            folded = fold_ids(self.ids)
            self._folded = folded.where(~folded.duplicated(keep=False), None)
        only = self._folded.dropna()
        at = only.get_indexer(fold_ids(pd.Index(written)[lost]))
        row[lost[at >= 0]] = np.flatnonzero(self._folded.notna())[at[at >= 0]]
        return row


def find_ids(written: pd.Index | pd.Series, known: pd.Index) -> NDArray[np.intp]:
    """Return the row of the known id that each written id refers to, -1 for none (`KnownIds.find`)."""
    return KnownIds(known).find(written)


def ids_like(wanted: object, known: Sequence[str]) -> list[str]:
    """Return at most three known ids that are written most like one that is not known, the likeliest first.

    Of those that are as like, the ones that begin alike come first.

    Examples
    --------
    >>> ids_like("YS140X", ["YS2140", "YS1407", "YS1401"])
    ['YS1401', 'YS1407', 'YS2140']
    """
    text = str(wanted)
    near = get_close_matches(text, known, n=max(len(known), 1))

    def rank(one: str) -> tuple[float, int, str]:
        alike = takewhile(lambda signs: signs[0] == signs[1], zip(one, text, strict=False))
        return -SequenceMatcher(None, one, text).ratio(), -len(list(alike)), one

    return sorted(near, key=rank)[:3]


def no_feature(asked: object, **tables: pd.DataFrame) -> str:
    """Return what is said where no row of the tables bears an id: the most similar ids, or what was meant.

    Examples
    --------
    >>> no_feature("P103", pipes=pd.DataFrame({"system": "storm"}, index=["P101"]))
    "no pipe or node 'P103'; most similar: P101"
    >>> no_feature("system", pipes=pd.DataFrame({"system": "storm"}, index=["P1"]))
    "no pipe or node 'system'; the column is net.pipes['system']"
    """
    if not isinstance(asked, (str, int)):
        return str(in_both("not_one_id", kind=type(asked).__name__))
    if of := next((name for name, table in tables.items() if isinstance(asked, str) and asked in table.columns), None):
        return str(in_both("id_is_a_column", name=asked, table=of))
    like = ids_like(asked, [one for table in tables.values() for one in table.index])
    near = in_both("id_near", like=", ".join(like)) if like else ""
    return str(in_both("no_pipe_or_node", name=asked, near=near))


def fold_names(names: pd.Index | pd.Series) -> pd.Index:
    """Reduce names of roads to what distinguishes them, (n,): width, case and blanks do not, 路 and 路（东段） do."""
    text = pa.array(pd.Series(names).astype("str"), type=pa.string(), from_pandas=True)
    text = pc.utf8_lower(pc.utf8_normalize(text, "NFKC"))
    folded: pd.Index = pd.Index(pc.replace_substring_regex(text, r"[\s\p{Zs}\p{Cf}]+", "").to_pandas(), dtype="str")
    return folded


def names_among(names: pd.Index | pd.Series, wanted: Sequence[str]) -> NDArray[np.bool_]:
    """Return which names of roads are among some, (n,), compared as `fold_names` does."""
    return np.asarray(fold_names(names).isin(fold_names(pd.Index(list(wanted), dtype="str"))), np.bool_)


@lru_cache(maxsize=65536)
def fold_name(name: str) -> str:
    """Reduce the name of a road as `fold_names` does: for loops over edits, which name few roads often."""
    return str(fold_names(pd.Index([name], dtype="str"))[0])


class Spellings:
    """Names in the way in which they were met first, most often of those that were met together."""

    def __init__(self) -> None:
        """Start without any names."""
        self._by_fold: dict[str, str] = {}

    def settle(self, names: pd.Series) -> pd.Series:
        """Unify names that `fold_names` treats as equal, (n,); blanks are missing."""
        codes, found = pd.factorize(names.astype("str"))
        words = pd.Series(found, dtype="str")
        folds, texts = fold_names(words).tolist(), words.tolist()
        often = np.bincount(codes[codes >= 0], minlength=len(words))
        plain = np.asarray(words == words.str.normalize("NFKC").str.strip(), dtype=np.bool_)
        for row in np.lexsort((np.arange(len(words)), ~plain, -often)).tolist():
            if folds[row]:
                self._by_fold.setdefault(folds[row], str(texts[row]).strip())
        return pd.Series(spell([self._by_fold.get(one) for one in folds], codes), index=names.index)
