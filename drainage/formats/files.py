"""A network to plain vector files: the pipes in one, its nodes and what lies beside them in others, for other programs.

A GeoPackage (`drainage.formats.geopackage`) keeps more: types, order, issues. A Shapefile cuts names of columns to ten
bytes; ours are understood again, others stay cut, and of those that become the same the later get the endings _2, _3 …
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
import pyogrio

from drainage.cells import plain_cells, plain_columns
from drainage.errors import CrsError
from drainage.formats.marks import layers_of
from drainage.schema.columns import DBF_NAME
from drainage.writing import replacing_files, spare, to_geojson, with_names

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
        One of the files exists and ``force`` is False.
    CrsError
        The network is a schematic plan, which these formats cannot place.
    """
    if net.crs is None:
        msg = f"{net.source or 'the network'}: a schematic plan has no place on earth; write an .inp or a GeoPackage"
        raise CrsError(msg)
    layers = layers_of(net)
    goals = {path: layers.pop("pipes")}
    goals |= {path.with_name(f"{name}{path.suffix}"): frame for name, frame in layers.items()}
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
        plain_columns(with_names(frame)).to_parquet(path)
    elif suffix == ".fgb":
        pyogrio.write_dataframe(plain_columns(with_names(frame)), path, driver="FlatGeobuf", SPATIAL_INDEX="NO")
    else:
        _write_shapefile(frame, path)


def _write_shapefile(frame: gpd.GeoDataFrame, path: Path) -> None:
    shapes = frame.geometry.name
    cut = frame.set_axis([name if name == shapes else _short(str(name)) for name in frame.columns], axis=1)
    plain = plain_columns(with_names(cut, most_bytes=DBF_NAME))
    # a table of a Shapefile has no times
    days = plain.select_dtypes("datetime").columns
    texts = {name: plain[name].dt.strftime("%Y-%m-%d") for name in days}
    zoned = plain.select_dtypes("datetimetz").columns
    texts |= {name: pd.Series(plain_cells(plain[name]), plain.index, dtype="str") for name in zoned}
    pyogrio.write_dataframe(plain.assign(**texts), path, driver="ESRI Shapefile", encoding="UTF-8")


def _short(name: str) -> str:
    """Shorten the mark of where a value comes from, so that it differs from the value's own name when both are cut."""
    source = name.removesuffix("_source")
    return f"{source[: DBF_NAME - 2]}_s" if source != name else name
