"""A network to plain vector files: the pipes in one, its nodes and what lies beside them in others, for other programs.

A GeoPackage (`drainage.formats.geopackage`) keeps more: types, order, issues. A Shapefile cuts names of columns to ten
characters; ours are understood again, others stay cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyogrio

from drainage.cells import plain_columns
from drainage.errors import CrsError, FormatError
from drainage.schema.columns import DBF_NAME
from drainage.writing import replacing_files, spare, to_geojson

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from drainage.network import DrainageNetwork

ENDINGS: Final = (".geojson", ".fgb", ".parquet", ".shp")


def write_files(net: DrainageNetwork, path: Path, *, force: bool = False, notice: str | None = None) -> None:
    """Write pipes to a file, and nodes, roads and other layers beside it, in the same format; all of them or none.

    Raises
    ------
    FormatError
        One of the files exists and ``force`` is False; names of columns that a Shapefile would make the same.
    CrsError
        The network is a schematic plan, which these formats cannot place.
    """
    if net.crs is None:
        msg = f"{net.source or 'the network'}: a schematic plan has no place on earth; write an .inp or a GeoPackage"
        raise CrsError(msg)
    layers: dict[str, gpd.GeoDataFrame] = {"nodes": net.nodes, **net.layers}
    if net.catchments is not None:
        layers["catchments"] = net.catchments
    goals = {path: net.pipes} | {path.with_name(f"{name}{path.suffix}"): frame for name, frame in layers.items()}
    # the user named one file: the others must not fall on what the network was read from
    spare([goal for goal in goals if goal != path], net.files)
    with replacing_files(list(goals), ending=path.suffix.lower(), force=force) as folder:
        for goal, frame in goals.items():
            _write(frame.reset_index() if frame.index.name else frame, folder / goal.name, notice)


def _write(frame: gpd.GeoDataFrame, path: Path, notice: str | None) -> None:
    suffix = path.suffix.lower()
    if suffix == ".geojson":
        path.write_text(to_geojson(frame, notice=notice), encoding="utf-8")
    elif suffix == ".parquet":
        plain_columns(frame).to_parquet(path)
    elif suffix == ".fgb":
        pyogrio.write_dataframe(plain_columns(frame), path, driver="FlatGeobuf", SPATIAL_INDEX="NO")
    else:
        _write_shapefile(plain_columns(frame), path)


def _write_shapefile(frame: gpd.GeoDataFrame, path: Path) -> None:
    cut = [name if name == frame.geometry.name else _short(str(name)) for name in frame.columns]
    same = sorted({name for name in cut if cut.count(name) > 1})
    if same:
        both = [str(name) for name, short in zip(frame.columns, cut, strict=True) if short in same]
        msg = f"{path.name}: columns {', '.join(both)} would have the same name in a Shapefile; write .gpkg or .geojson"
        raise FormatError(msg)
    days = frame.select_dtypes("datetime").columns  # a table of a Shapefile has no times
    plain = frame.assign(**{str(name): frame[name].dt.strftime("%Y-%m-%d") for name in days})
    pyogrio.write_dataframe(plain.set_axis(cut, axis=1), path, driver="ESRI Shapefile", encoding="UTF-8")


def _short(name: str) -> str:
    """Cut a name; marks of where a value comes from keep their end, so that they differ from the value's own name."""
    source = name.removesuffix("_source")
    return f"{source[: DBF_NAME - 2]}_s" if source != name else name[:DBF_NAME]
