"""Both ends of every pipe: the id of the node that it names, and where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from drainage.topology import line_ends

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


class Ends(NamedTuple):
    """All beginnings, then all ends, (2 n_pipes,): row of the name among ``names``, -1 for none; x and y."""

    code: NDArray[np.intp]
    names: pd.Index
    xy: NDArray[np.float64]

    @classmethod
    def of(cls, pipes: gpd.GeoDataFrame) -> Ends:
        """Read them off a table of pipes."""
        code, names = pd.factorize(pd.concat([pipes["from_node"], pipes["to_node"]], ignore_index=True))
        return cls(code, pd.Index(names, dtype="str"), np.concatenate(line_ends(pipes)))

    @property
    def other(self) -> NDArray[np.intp]:
        """Row of the other end of the same pipe, (2 n_pipes,)."""
        return np.roll(np.arange(len(self.code)), len(self.code) // 2)

    def rename(self, pipes: gpd.GeoDataFrame, before: Ends) -> gpd.GeoDataFrame:
        """Write the names into the pipes where they are not those of ``before``."""
        if self.names is before.names and self.code is before.code:
            return pipes
        column = pd.Series(self.names.append(pd.Index([None], dtype="str")), dtype="str").array
        tail, head = np.split(self.code, 2)
        named = {
            name: pd.Series(column[code], index=pipes.index) for name, code in (("from_node", tail), ("to_node", head))
        }
        return pipes.assign(**named)
