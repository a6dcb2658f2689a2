"""Whether two networks are one town: else their comparison would say that all is gone and all is new."""

from __future__ import annotations

from typing import Final

import numpy as np

from drainage.analyses.changes.courses import ends_of
from drainage.analyses.changes.pairs import Pairs
from drainage.errors import CrsError, SchemaError
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.words import in_both

#: So many pipes with the same id, so large a share of them, that lie beside each other as a whole, this far: one of the
#: networks is in another CRS than it says; own choices.
_ENOUGH: Final = 10
_SHARE: Final = 0.9
_FAR_M: Final = 5.0
_ALIKE_M: Final = 1.0
#: Networks without a pipe in common that lie this far apart are of two towns; own choice.
_ANOTHER_TOWN_M: Final = 1000.0


def check_one_crs(before: DrainageNetwork, after: DrainageNetwork) -> None:
    """Refuse networks in two CRSs.

    Raises
    ------
    CrsError
        They are.
    """
    if before.crs != after.crs:
        found = [in_both("no_crs") if net.crs is None else net.crs.to_string() for net in (before, after)]
        raise CrsError(in_both("deliveries_in", found=joined(found, " and ")))


def check_one_town(before: DrainageNetwork, after: DrainageNetwork, pairs: Pairs) -> Pairs:
    """Return the pairs of two networks of one town.

    Raises
    ------
    CrsError
        One network lies beside the other as a whole.
    SchemaError
        No pipe of one is in the other, though there are many, or they lie apart.
    """
    if len(pairs.same[0]) and pairs.numbering_kept is not False:
        return pairs
    ends = ends_of(before.pipes), ends_of(after.pipes)
    namesake = after.pipes.index.get_indexer(before.pipes.index)
    known = np.flatnonzero(namesake >= 0)
    shift = ends[1][namesake[known]] - ends[0][known]
    shift = shift[np.isfinite(shift).all(axis=1)]
    if pairs.numbering_kept is False and len(shift) >= _ENOUGH:
        whole = np.median(shift, axis=0)
        alike = (np.abs(shift - whole) <= _ALIKE_M).all(axis=1).mean()
        if alike >= _SHARE and np.hypot(*whole[:2]) >= _FAR_M:
            east, north = map(float, whole[:2])
            raise CrsError(
                in_both("beside_as_a_whole", after=after.source, before=before.source, east_m=east, north_m=north)
            )
    apart = _apart_m(before, after)
    fewest = min(len(ends[0]), len(ends[1]))
    if fewest >= _ENOUGH and not len(pairs.same[0]) and apart <= _ANOTHER_TOWN_M:
        raise SchemaError(in_both("nothing_in_common", after=after.source, before=before.source))
    if fewest and not len(pairs.same[0]) and apart > _ANOTHER_TOWN_M:
        raise SchemaError(in_both("another_town", after=after.source, before=before.source, apart_km=apart / 1000.0))
    return pairs


def _apart_m(before: DrainageNetwork, after: DrainageNetwork) -> float:
    """Return how far apart the boxes round both are, 0 where they touch."""
    one, other = before.pipes.total_bounds, after.pipes.total_bounds
    gap = np.maximum(np.maximum(one[:2] - other[2:], other[:2] - one[2:]), 0.0)
    return float(np.nan_to_num(np.hypot(*gap)))
