"""What has become of a pipe or node that both networks have: each kind of change that applies, and told by what."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np

from drainage.analyses.changes.cell_pairs import SEPARATOR, CellPairs, Change
from drainage.arrays import Bools, Floats
from drainage.measures import pipe_sections
from drainage.schema.columns import column_of

#: Kinds of change of pipes and of nodes, in the order in which they are told.
CHANGES: Final = {
    "pipe": ("added", "removed", "abandoned", "separated", "relaid", "enlarged", "reduced", "turned", "moved",
             "renamed", "edited"),
    "node": ("added", "removed", "abandoned", "moved", "renamed", "edited"),
}  # fmt: skip
#: From this difference on a level is another, m: the accuracy of levelling; own choice.
NEW_LEVEL_M: Final = 0.01
#: Sections that differ by a smaller share are one size written twice.
_SAME_AREA: Final = 1e-3
_LEVELS: Final = ("invert_from_m", "invert_to_m", "depth_from_m", "depth_to_m")
_SIZE: Final = ("diameter_mm", "width_mm", "height_mm", "shape", "barrels")
_LAID: Final = ("material", "commissioned")
#: What a pipe that is laid again gets with it.
_WITH_LAYING: Final = (*_LEVELS, *_LAID, "manning_n", "silt_share", "condition_grade", "status", "length_m")


def changes_of_pipes(cells: CellPairs, moved: Bools, replaced: Bools) -> list[Change]:
    """Return what changed in pipes that are in both.

    Parameters
    ----------
    cells
        The pipes before and after.
    moved
        (n,) lies elsewhere.
    replaced
        (n,) the old pipe is recorded as abandoned, and another one with another id lies on its course.
    """
    laid = np.logical_and.reduce([cells.any_of([name]) & cells.both_known(name) for name in _LAID])
    relaid = ~moved & (_new_levels(cells) | laid | replaced)
    ratio = _growth(cells)
    sized = cells.any_of(_SIZE)
    enlarged, reduced = sized & (ratio > 1.0 + _SAME_AREA), sized & (ratio < 1.0 - _SAME_AREA)
    separated = _is(cells.old, "combined") & _is(cells.new, "storm", "sewage")
    told = dict.fromkeys(_WITH_LAYING, relaid) | dict.fromkeys(_SIZE, enlarged | reduced)
    rest = cells.without(told | {"system": separated, "abandoned": replaced})
    return [
        cells.change("separated", separated, ["system"]),
        cells.change("relaid", relaid, _WITH_LAYING),
        cells.change("enlarged", enlarged, _SIZE),
        cells.change("reduced", reduced, _SIZE),
        _ends_exchanged(cells),
        _plain("moved", moved),
        _renamed(cells, relaid | sized | separated | cells.turned | moved | rest.any_of(rest.differs)),
        rest.change("edited", rest.any_of(rest.differs), list(rest.differs)),
    ]


def changes_of_nodes(cells: CellPairs, moved: Bools) -> list[Change]:
    """Return what changed in nodes that are in both; ``moved``, (n,), stands elsewhere."""
    edited = cells.any_of(cells.differs)
    return [
        _plain("moved", moved),
        _renamed(cells, moved | edited),
        cells.change("edited", edited, list(cells.differs)),
    ]


def _new_levels(cells: CellPairs) -> Bools:
    """(n,) a level that both record is another, at the same end of the pipe."""
    found = np.zeros(len(cells), np.bool_)
    for name in (name for name in _LEVELS if name in cells.differs):
        old, new = column_of(cells.old, name), column_of(cells.new, name)
        found |= cells.differs[name] & (np.abs(new - old) >= NEW_LEVEL_M)
    return found


def _growth(cells: CellPairs) -> Floats:
    """(n,) clear area after by that before; by the diameter where no area is known, or it does not depend on it."""
    area = [pipe_sections(side, 0.0).area_m2 for side in (cells.old, cells.new)]
    diameter = [column_of(side, "diameter_mm") for side in (cells.old, cells.new)]
    with np.errstate(invalid="ignore", divide="ignore"):
        by_area, by_diameter = area[1] / area[0], diameter[1] / diameter[0]
    return np.where(np.abs(by_area - 1.0) > _SAME_AREA, by_area, by_diameter)


def _is(pipes: gpd.GeoDataFrame, *systems: str) -> Bools:
    return np.asarray(pipes["system"].isin(systems).to_numpy(), np.bool_)


def _plain(kind: str, chosen: Bools) -> Change:
    """Return a change of the geometry, which no cell tells."""
    rows = np.flatnonzero(chosen)
    blank = np.full(len(rows), None, dtype=object)
    return Change(kind, rows, np.full(len(rows), "geometry", dtype=object), blank, blank)


def _ends_exchanged(cells: CellPairs) -> Change:
    rows = np.flatnonzero(cells.turned)
    ends = [
        np.asarray(
            side["from_node"].iloc[rows].astype(str) + SEPARATOR + side["to_node"].iloc[rows].astype(str), object
        )
        for side in (cells.old, cells.new)
    ]
    return Change("turned", rows, np.full(len(rows), SEPARATOR.join(("from_node", "to_node")), dtype=object), *ends)


def _renamed(cells: CellPairs, changed: Bools) -> Change:
    """Return the features of which the id alone is another."""
    old, new = (side.index.to_numpy(dtype=object) for side in (cells.old, cells.new))
    rows = np.flatnonzero((old != new) & ~changed)
    return Change("renamed", rows, np.full(len(rows), cells.new.index.name, dtype=object), old[rows], new[rows])
