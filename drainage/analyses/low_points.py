"""Where the ground has hollows from which no water runs off: how deep, how large, what they hold."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.formats.raster import Dem
from drainage.hydraulics.depressions import find_depressions
from drainage.maps.layer import Layer
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import joined
from drainage.wants import wants
from drainage.words import in_both

#: A hollow that fills to less than this does no harm, m. GB 50014-2021, 4.1.5 (15 cm on one lane).
LEAST_DEPTH_M: Final = 0.15


@wants
def find_low_points(dem: Dem, *, least_depth_m: float = LEAST_DEPTH_M) -> Result:
    """Find the depressions of the ground that can hold water deeper than a limit, whatever the rain.

    A depression extends up to the lowest saddle over which water flows to the border of the raster; smaller ones inside
    it are part of it.

    Parameters
    ----------
    dem
        Ground levels.
    least_depth_m
        Depressions that are shallower, measured from their lowest cell to their saddle, are left out, m.

    Returns
    -------
    Result
        Table ``low_points`` (index ``low_point_id``, largest volume first): ``depth_m``, ``ground_m`` (lowest),
        ``spill_m`` (level of the saddle), ``volume_m3``, ``area_m2``, ``geometry`` (the lowest cell); and ``hollows``
        with the same index and their outlines.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> ground = np.full((5, 5), 21.0)
    >>> ground[2, 2], ground[2, 3:] = 20.0, 20.4
    >>> dem = dr.formats.Dem(ground, 550_000.0, 3_713_000.0, 10.0, 10.0, dr.load_demo("2018-12-31").crs)
    >>> dr.analyses.find_low_points(dem).low_points[["depth_m", "spill_m", "volume_m3"]]
                  depth_m  spill_m  volume_m3
    low_point_id
    D1                0.4     20.4       40.0
    """
    found = find_depressions(dem.ground_m, cell_width_m=dem.cell_width_m, cell_height_m=dem.cell_height_m)
    outermost = np.flatnonzero((found.parent < 0) & np.isfinite(found.capacity))
    depth = (found.spill_m - found.lowest_m)[outermost]
    deep = outermost[depth >= least_depth_m]
    deep = deep[np.argsort(-found.capacity[deep], kind="stable")]
    whole = _outermost(found.parent)
    of_cell = np.where(found.pool > 0, whole[np.maximum(found.pool, 0)], 0)
    rank = np.zeros(len(found.parent), dtype=np.int32)
    rank[deep] = np.arange(1, len(deep) + 1)
    number = np.where(dem.ground_m < found.spill_m[of_cell], rank[of_cell], 0).astype(np.int32)
    cells = np.bincount(number.reshape(-1), minlength=len(deep) + 1)[1:]
    points = gpd.GeoDataFrame(
        {
            "depth_m": (found.spill_m - found.lowest_m)[deep].round(3),
            "ground_m": found.lowest_m[deep].round(3),
            "spill_m": found.spill_m[deep].round(3),
            "volume_m3": (found.capacity[deep] * dem.cell_area_m2).round(1),
            "area_m2": (cells * dem.cell_area_m2).round(1),
        },
        index=pd.Index([f"D{k + 1}" for k in range(len(deep))], name="low_point_id", dtype="str"),
        geometry=dem.middles(found.lowest_cell[deep]),
        crs=dem.crs,
    )
    outlines = dem.outlines(number).reindex(range(1, len(deep) + 1))
    hollows = points.set_geometry(gpd.GeoSeries(np.asarray(outlines), index=points.index, crs=dem.crs))
    summary = pd.Series(
        {
            "low_points": len(points),
            "volume_m3": round(float(points["volume_m3"].sum()), 1),
            "area_m2": round(float(points["area_m2"].sum()), 1),
            "deepest_m": float(points["depth_m"].max()) if len(points) else 0.0,
            "assumptions": {
                "ground": joined((dem.words, *dem.remarks)),
                "least_depth_m": in_both("least_depth", depth_m=least_depth_m),
            },
        },
        dtype=object,
        name="low_points",
    )
    shown = ("low_point_id", "depth_m", "ground_m", "volume_m3", "area_m2")
    layers = (Layer("ponds", hollows, "depth_m", shown, shown=False),)
    return Result(
        "low_points", {"low_points": points, "hollows": hollows}, summary, layers, provenance=Provenance.of_ground(dem)
    )


def _outermost(parent: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return the outermost pool that each pool lies in."""
    whole = np.where(parent >= 0, parent, np.arange(len(parent)))
    while (whole[whole] != whole).any():
        whole = whole[whole]
    return whole
