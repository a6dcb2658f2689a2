"""Where things lie by and large that are measured several times: the median of their places."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drainage.arrays import Floats, Ints32, Rows
from drainage.compiling import MANY_ROWS, compiled_for_many


def median_places(group: Rows, xy: Floats) -> Floats:
    """Return the median of x and that of y of the points of each group, (n_groups, 2), NaN where it has none.

    Parameters
    ----------
    group
        Number of the group of each point, (n,); each number up to the last occurs.
    xy
        Coordinates, (n, 2); those that are NaN do not count.

    Examples
    --------
    >>> median_places(np.array([0, 1, 0]), np.array([[1.0, 5.0], [7.0, 8.0], [2.0, 9.0]])).tolist()
    [[1.5, 7.0], [7.0, 8.0]]
    """
    if len(group) <= MANY_ROWS:
        return pd.DataFrame(xy).groupby(group).median().to_numpy().reshape(-1, 2)
    return _medians(group, xy, int(group.max()) + 1)


def _medians(group: Rows, xy: Floats, n_groups: int) -> Floats:
    from drainage.graph import kernels

    middle: Floats = _middles(*kernels.group(group.astype(np.int32), n_groups), xy)
    return middle


@compiled_for_many()
def _middles(first: Ints32, row: Ints32, xy: Floats) -> Floats:
    middle = np.full((len(first) - 1, 2), np.nan)
    here = np.empty(np.diff(first).max())
    for one in range(len(first) - 1):
        for axis in range(2):
            n = 0
            for k in row[first[one] : first[one + 1]]:
                if not np.isnan(xy[k, axis]):
                    here[n] = xy[k, axis]
                    n += 1
            if n > 2:
                here[:n] = np.sort(here[:n])
            if n > 0:
                middle[one, axis] = here[n // 2] if n % 2 else (here[n // 2 - 1] + here[n // 2]) / 2
    return middle
