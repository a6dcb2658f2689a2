"""A layer that is read by itself: roads, or reports of waterlogging."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyproj

from drainage.formats.containers import part_of, unpacked
from drainage.formats.guard.before_opening import local_path
from drainage.intake.mapping import ColumnMapping
from drainage.intake.read_layers import LayerReader
from drainage.schema import Issues
from drainage.wants import wants


@wants
def read_roads(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read road centre lines; column ``road`` is the name. Pass ``target=net.crs`` to get the CRS of a network.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> roads = dr.intake.read_roads("data/roads.geojson", target=net.crs)
    >>> len(roads), roads["width_m"].value_counts().head(2).to_dict()
    (45, {24.0: 17, 30.0: 9})
    """
    return _read_single("roads", path, crs, target)


@wants
def read_sightings(path: str | Path, *, crs: str | None = None, target: pyproj.CRS | None = None) -> gpd.GeoDataFrame:
    """Read reported waterlogging: points with ``date`` and ``depth_m``; index ``report_id``.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> seen = dr.intake.read_sightings("data/reports.geojson", target=net.crs)
    >>> len(seen), float(seen["depth_m"].max())
    (22, 0.43)
    """
    return _read_single("reports", path, crs, target)


def _read_single(name: str, path: str | Path, crs: str | None, target: pyproj.CRS | None) -> gpd.GeoDataFrame:
    reader = LayerReader(ColumnMapping(), crs, Issues(), target)
    with unpacked(local_path(path)) as plain:
        return reader.layers({name: part_of(plain, name)})[name]
