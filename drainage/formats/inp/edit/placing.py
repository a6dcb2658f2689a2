"""Where a network lies, written into the .inp that it was read from: points of nodes, corners of links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyproj
import shapely

from drainage.formats.inp.coordinates import points_of
from drainage.formats.inp.edit.section_rows import tokens
from drainage.formats.inp.text.lines import edit_rows, table_lines
from drainage.words import in_both

if TYPE_CHECKING:
    import geopandas as gpd

    from drainage.formats.inp.parse import InpModel
    from drainage.schema import Issues

    Sections = dict[str, list[str]]

#: Units of the file within which a place comes back to where it was, a metre or a degree (own choice).
BACK_WITHIN: Final = 1e-5


class FilePlaces:
    """Geometry of a network in the coordinates of its file.

    Parameters
    ----------
    model, nodes
        As read: where the file says the nodes are, and where they are in the CRS of the network.
    issues
        Takes what cannot be placed.
    """

    def __init__(self, model: InpModel, nodes: gpd.GeoDataFrame, issues: Issues) -> None:
        self._issues = issues
        self._crs = None if model.crs is None else _plain_crs(model.crs)
        self._known = model.crs is None or (self._crs is not None and _agrees(model, nodes, self._crs))

    def in_file(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return what can be placed, in the coordinates of the file."""
        if not self._known:
            self._issues.add(
                "not_written", "warning", "place", frame.index, in_both("place_not_in_file"), in_both("place_left_so")
            )
            return frame[:0]
        return frame if self._crs is None else frame.to_crs(self._crs)


def _agrees(model: InpModel, nodes: gpd.GeoDataFrame, crs: pyproj.CRS) -> bool:
    """Return whether converting back from the network gives the coordinates of the file."""
    recorded = points_of(model.text.table("COORDINATES", ("name", "x", "y")), nodes.index).drop_duplicates(
        "row", keep="last"
    )
    back = nodes.iloc[recorded["row"].to_numpy()].to_crs(crs)
    off = np.hypot(back.geometry.x.to_numpy() - recorded["x"], back.geometry.y.to_numpy() - recorded["y"])
    return not len(off) or float(off.median()) < BACK_WITHIN


def _plain_crs(declared: str) -> pyproj.CRS | None:
    """Return a CRS that PROJ knows; None for shifted coordinates, which it does not."""
    try:
        return pyproj.CRS.from_user_input(declared)
    except pyproj.exceptions.CRSError:
        return None


def move_places(
    sections: Sections, section: str, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, places: FilePlaces
) -> None:
    """Write the points of what moved or is new anew; nothing where the coordinates are not those of the file."""
    if before.crs != after.crs:
        return
    shared = before.index.intersection(after.index)
    old = np.asarray(before.geometry.loc[shared].array)
    now = np.asarray(after.geometry.loc[shared].array)
    same = shapely.equals_exact(old, now, tolerance=1e-6) | (shapely.is_missing(old) & shapely.is_missing(now))
    moved = after[after.index.isin(shared[~same]) | ~after.index.isin(before.index)]
    moved = moved[moved.geometry.notna().to_numpy()]
    if not len(moved) or not len(placed := places.in_file(moved)):
        return
    kept = edit_rows(sections.get(section, []), {}, drop={str(name).upper() for name in placed.index})
    table = corner_rows(placed, inner=section == "VERTICES")
    sections[section] = kept + (table_lines(table) if len(table) else [])


def corner_rows(frame: gpd.GeoDataFrame, *, inner: bool) -> pd.DataFrame:
    """List the corners of geometries by name; ``inner`` leaves out the first and the last, which are nodes."""
    corners, row = shapely.get_coordinates(np.asarray(frame.geometry.array), return_index=True)
    keep = np.ones(len(row), dtype=np.bool_)
    if inner and len(row):
        edge = np.flatnonzero(np.diff(row))
        keep[[0, len(row) - 1, *edge, *(edge + 1)]] = False
    names = frame.index.to_numpy(dtype=object)[row[keep]]
    return pd.DataFrame({"name": names, "x": tokens(corners[keep, 0]), "y": tokens(corners[keep, 1])})
