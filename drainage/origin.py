"""Where a network comes from, and how its source was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from drainage.formats.inp.parse import InpModel
from drainage.said import Said, joined
from drainage.schema.columns import Understood

if TYPE_CHECKING:
    import geopandas as gpd

    from drainage.intake.mapping import ColumnMapping


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What is known of the source of a network.

    Parameters
    ----------
    name
        Of the file or files, or of what else it was made of.
    files
        Absolute paths of all that was read, over which nothing is written.
    sources
        What a result names, where that is not ``files``: databases, and files of one name in several folders.
    crs
        In which it was read, in words where there is none.
    as_of
        Day of the part that it is, YYYY-MM-DD; None: the whole.
    not_there
        Pipes of the source that did not lie there on that day.
    date_order
        In which its days are written where that had to be told, such as ``dmy``.
    columns, left_over
        By place: how its columns were understood, and what those seem to hold that were not; empty where nobody can
        tell.
    looked_at
        By place: how many rows told what its columns are, and of how many.
    said
        What the user said of it.
    filled
        Values that it lacked and that were filled, by name; None where that is not known.
    model
        The model of EPA SWMM that it was read from.
    """

    name: str = ""
    files: Sequence[str] = ()
    sources: Sequence[str] = ()
    crs: str | None = None
    as_of: str | None = None
    not_there: gpd.GeoDataFrame | None = None
    date_order: str | None = None
    columns: Mapping[str, Sequence[Understood]] = field(default_factory=dict)
    left_over: Mapping[str, Mapping[str, Said | str]] = field(default_factory=dict)
    looked_at: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    said: ColumnMapping | None = None
    filled: Mapping[str, int] | None = None
    model: InpModel | None = None

    @property
    def columns_read(self) -> pd.DataFrame:
        """How each column of the files was understood, a row each.

        Columns: ``layer``, ``file``, ``source`` (the column, or several, of the file), ``column`` (ours), ``unit``,
        ``how`` (by its name, by what it holds, by both, or by the user's mapping), ``sure``, ``why``.
        """
        rows = [
            (*place.split(": ", 1), " + ".join(one.sources), one.column, one.unit, one.how, one.sure, joined(one.why))
            for place, read in self.columns.items()
            for one in read
        ]
        return pd.DataFrame(rows, columns=["layer", "file", "source", "column", "unit", "how", "sure", "why"])
