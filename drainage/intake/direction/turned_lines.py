"""Lines drawn against the direction that their ids record: turned, and said."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats
from drainage.intake.joining import Ends, reverse_lines
from drainage.intake.same_place import same_place
from drainage.positions import coordinates_at
from drainage.schema import Issues

# Choices of ours, no standard's.
_MEET_M = 1.0  # ends with one id so near to each other meet, as in `drainage.intake.joining`
_MOST_ENDS = 20  # an id that more ends bear names no manhole but a habit, such as 0


def turn_to_ids(
    pipes: gpd.GeoDataFrame, ends: Ends, register: NDArray[np.intp], nodes: gpd.GeoDataFrame | None, issues: Issues
) -> tuple[gpd.GeoDataFrame, Ends]:
    """Turn the lines that meet their neighbours, by the ids that both name, only with their ends exchanged.

    At each id a line is compared with every other line of its register there: the place at which it names the id and
    the place of its other end are each compared with both ends of the other line, which may be drawn backwards too, and
    with the layer of nodes. Most of its neighbours decide; in doubt it stays as it is drawn.

    Parameters
    ----------
    register
        (n_pipes,) numbers of the registers that ids belong to.
    """
    group = _joint(ends, register)
    doubtful = _scattered(group, ends.xy)
    rows = np.flatnonzero(doubtful | doubtful[ends.other])
    if not len(rows):
        return pipes, ends
    known = np.isin(group, group[rows])
    rows = np.flatnonzero(known & (group >= 0))
    at, there = ends.xy[rows], ends.xy[ends.other[rows]]
    n, half = len(rows), len(ends.code) // 2
    layer = _layer_places(ends, rows, nodes)
    place = same_place(np.tile(group[rows], 3), np.concatenate([at, there, layer]), _MEET_M)
    line = np.concatenate([rows % half, rows % half, np.full(n, -1)])
    seen = pd.DataFrame({"place": place, "line": line}).drop_duplicates()
    others = seen.groupby("place").size().reindex(place).to_numpy() - 1
    sure = np.isin(place, place[2 * n :][np.isfinite(layer[:, 0])])
    votes = others + len(rows) * sure
    votes[~np.isfinite(np.concatenate([at, there, layer])[:, 0])] = 0
    balance = np.bincount(rows % half, weights=votes[n : 2 * n] - votes[:n], minlength=half)
    turned = balance > 0
    turned |= (balance == 0) & _against_earlier(place[:n], place[n : 2 * n], rows % half, half)
    if not turned.any():
        return pipes, ends
    swap = np.tile(turned, 2)
    xy = np.where(swap[:, None], ends.xy[ends.other], ends.xy)
    return reverse_lines(pipes, turned, issues), ends._replace(xy=xy)


def _against_earlier(
    at: NDArray[np.intp], there: NDArray[np.intp], line: NDArray[np.intp], n_lines: int
) -> NDArray[np.bool_]:
    """Settle twins that share both ids: the later one is turned where it names them at the other's ends."""
    first = np.full(max(int(at.max()), int(there.max())) + 1, n_lines)
    np.minimum.at(first, at, line)
    against = np.bincount(line, weights=(first[there] < line).astype(float) - (first[at] < line), minlength=n_lines)
    return np.asarray(against > 0)


def _joint(ends: Ends, register: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the id of each end within its register; -1 for no id, no location, or an id with too many ends."""
    code = ends.code
    if np.ptp(register):
        joint = np.where(code >= 0, code * (int(register.max()) + 1) + np.tile(register, 2), -1)
        code = np.unique(joint, return_inverse=True)[1] - int((code < 0).any())
    often = np.bincount(code + 1) > _MOST_ENDS
    return np.where(often[code + 1] | ~np.isfinite(ends.xy[:, 0]), -1, code)


def _scattered(group: NDArray[np.intp], xy: Floats) -> NDArray[np.bool_]:
    """Return the ends of groups whose ends do not lie at one place."""
    named = group >= 0
    of, n = group[named], int(group.max(initial=-1)) + 1
    apart = np.zeros(n, np.bool_)
    for along in xy[named].T:
        low, high = np.full(n, np.inf), np.full(n, -np.inf)
        np.minimum.at(low, of, along)
        np.maximum.at(high, of, along)
        apart |= high - low > _MEET_M
    return np.asarray(named & np.append(apart, [False])[group])


def _layer_places(ends: Ends, rows: NDArray[np.intp], nodes: gpd.GeoDataFrame | None) -> Floats:
    if nodes is None:
        return np.full((len(rows), 2), np.nan)
    at = nodes.index.get_indexer(ends.names)[ends.code[rows]]
    return coordinates_at(nodes.geometry, at)
