"""What is matched, and what comes out: for each of our columns where it stands, why, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd

from drainage.said import Said
from drainage.schema.columns import How


class ToMatch(NamedTuple):
    """A table of pipes or nodes before its columns are understood, in the CRS of the delivery, metric."""

    layer: str
    place: str
    rows: gpd.GeoDataFrame


@dataclass(frozen=True, slots=True)
class Found:
    """Where one of our columns stands in a table.

    Parameters
    ----------
    sources
        Columns of the file, the first of which that says something counts, row by row.
    how
        By its name, its content, both, or the user's mapping.
    sure
        Whether it is beyond doubt; if not, it is read and a warning says so.
    why
        The evidence, the strongest first.
    """

    sources: tuple[str, ...]
    how: How
    sure: bool
    why: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """How the columns of one table were understood.

    Parameters
    ----------
    found
        Our column → where it stands; what was not found is not there.
    left
        Column of the file that nothing was read from → what it seems to hold; empty where nobody can tell.
    rows, sampled
        How many rows the table has, and how many of them were looked at.
    """

    found: Mapping[str, Found]
    left: Mapping[str, Said | str]
    rows: int
    sampled: int
