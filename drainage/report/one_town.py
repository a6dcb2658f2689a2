"""Whether two networks are of one town, as whatever is compared must be."""

from __future__ import annotations

import numpy as np

from drainage.errors import CrsError
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.words import in_both


def one_town(before: DrainageNetwork, after: DrainageNetwork) -> None:
    """Refuse two networks that nowhere overlap, or that are not in one CRS.

    Raises
    ------
    CrsError
        They are.
    """
    if before.crs != after.crs:
        said = joined((net.crs and net.crs.to_string() for net in (before, after)), " and ")
        raise CrsError(in_both("compared_in_one_crs", found=said))
    bounds = [net.pipes.total_bounds for net in (before, after)]
    if not np.isfinite(bounds).all():
        return
    apart = np.maximum(bounds[0][:2], bounds[1][:2]) > np.minimum(bounds[0][2:], bounds[1][2:])
    if apart.any():
        gap = np.maximum(np.maximum(bounds[0][:2], bounds[1][:2]) - np.minimum(bounds[0][2:], bounds[1][2:]), 0.0)
        km = float(np.hypot(*gap)) / 1000
        raise CrsError(in_both("other_town", after=after.source, before=before.source, km=km))
