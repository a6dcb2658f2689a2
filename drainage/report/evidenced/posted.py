"""Evidence as it was posted, file by file: read, kept to the roads of whoever posted it, and put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from drainage.change_sets.where_roads_lie import pipes_and_ends
from drainage.errors import SchemaError
from drainage.evidence import Evidence
from drainage.formats.field_data import read_evidence
from drainage.formats.rain.gauge import read_observed_rain
from drainage.hydraulics.rainfall import ObservedStorm
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.schema import Issues
from drainage.schema.ids import fold_ids
from drainage.schema.layers import EVIDENCE
from drainage.words import in_both, nearest

#: A record of rain, by which days are told to be dry: of no manhole, so of no road either.
RAIN: Final = "rain"
#: What can be posted.
KINDS: Final = (*EVIDENCE, RAIN)
_PLACES: Final = ("node_id", "pipe_id", "entered", "lon")  # what tells where a row belongs


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """A file of evidence.

    Parameters
    ----------
    kind
        One of `KINDS`.
    file
        Where it lies; its rows are named by its name, so no two may have the same.
    roads
        Roads to whose manholes and pipes it is kept; empty: all.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> posted = dr.report.EvidenceFile(kind="samples", file=Path("2021-05.csv"), roads=["High Street"])
    >>> posted.kind in dr.report.EVIDENCE_KINDS, posted.file.name
    (True, '2021-05.csv')
    """

    kind: str
    file: Path
    roads: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Posted:
    """What was read of files.

    Parameters
    ----------
    evidence
        What counts of it, with what was set aside in its ``issues``.
    rain
        The record of rain that was posted last; None where none was.
    rows
        How many rows were read, those set aside included.
    """

    evidence: Evidence
    rain: ObservedStorm | None = None
    rows: int = 0


def read_posted(net: DrainageNetwork, one: EvidenceFile) -> Posted:
    """Read one file; what of it cannot be used is set aside and named.

    Raises
    ------
    FormatError
        It is no table, or no record of rain.
    SchemaError
        No such kind, or it has no rows.
    """
    if one.kind not in KINDS:
        near = nearest(one.kind, KINDS)
        raise SchemaError(in_both("no_such_evidence", kind=one.kind, near=near, known=joined(KINDS, ", ")))
    if one.kind == RAIN:
        rain = read_observed_rain(one.file)
        return Posted(Evidence(source=one.file.name), rain, len(rain.step_mm))
    found = read_evidence({one.kind: one.file})
    table = getattr(found, one.kind)
    if not len(table):
        raise SchemaError(in_both("evidence_empty", file=one.file.name))
    placed = table[[name for name in _PLACES if name in table]].notna().any(axis=1)
    if not placed.any():
        raise SchemaError(in_both("evidence_nowhere", file=one.file.name))
    return Posted(_within(net, found, one) if one.roads else found, None, len(table))


def together(parts: Sequence[Posted]) -> Posted:
    """Put together what was read of several files, in their order."""
    read = [one.evidence for one in parts]
    tables: dict[str, Any] = {kind: pd.concat([getattr(one, kind) for one in read]) for kind in EVIDENCE if read}
    issues = {"issues": pd.concat([one.issues for one in read], ignore_index=True)} if read else {}
    evidence = Evidence(**tables, **issues, source=", ".join(one.source for one in read))
    rains = [one.rain for one in parts if one.rain is not None]
    return Posted(evidence, rains[-1] if rains else None, sum(one.rows for one in parts))


def _within(net: DrainageNetwork, found: Evidence, one: EvidenceFile) -> Evidence:
    """Set aside the rows that name no manhole and no pipe, or one on other roads: who posts tells of his own alone."""
    table = getattr(found, one.kind)
    pipes, nodes = pipes_and_ends(net, one.roads)
    named, elsewhere = np.zeros(len(table), np.bool_), np.zeros(len(table), np.bool_)
    for column, ids in (("node_id", nodes), ("entered", nodes), ("pipe_id", pipes.index)):
        if column in table:
            told = table[column].notna().to_numpy(np.bool_)
            named |= told
            elsewhere |= told & ~np.asarray(fold_ids(table[column]).isin(fold_ids(ids)), np.bool_)
    inside = named & ~elsewhere
    issues = Issues()
    issues.extend(found.issues)
    reason, action = in_both("evidence_elsewhere", roads=joined(one.roads, ", ")), in_both("not_used")
    issues.add("not_on_roads", "error", "row", table.index[~inside], reason, action)
    return replace(found, **{one.kind: table[inside], "issues": issues.frame()})
