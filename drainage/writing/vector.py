"""One table to one file that other programs read: GeoJSON, FlatGeobuf, Parquet, Shapefile.

A Shapefile cuts names of columns to ten bytes and texts to 254; what would be called alike gets the endings _2, _3 …
It holds one kind of shapes: a table of points and lines becomes ``x.shp`` and ``x_point.shp``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.cells import Frame, plain_cells, plain_columns
from drainage.errors import FormatError
from drainage.provenance import Provenance
from drainage.words import in_both
from drainage.writing.frames import index_as_column, to_geojson, with_names, write_frame

#: What GDAL calls the format of each extension.
DRIVERS: Final = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".parquet": "Parquet",
    ".shp": "ESRI Shapefile",
}
_NAME_BYTES: Final = 10  # of a column of dBASE
_TEXT_BYTES: Final = 254  # of a text of dBASE
#: Kinds that a Shapefile tells apart.
_KINDS: Final = {
    "Point": "point",
    "MultiPoint": "points",
    "LineString": "line",
    "LinearRing": "line",
    "MultiLineString": "line",
    "Polygon": "area",
    "MultiPolygon": "area",
}


def write_vector(frame: pd.DataFrame, path: Path, *, provenance: Provenance | None = None) -> None:
    """Write a table by the extension of the name, one of `VECTOR_ENDINGS`; an index with a name becomes a column.

    GeoJSON and Parquet hold the provenance; beside the others it lies in a file of its own (`replacing_file`).
    """
    _WRITERS[path.suffix.lower()](index_as_column(frame), path, provenance)


def check_driver(path: Path, driver: str | None) -> None:
    """Raise `FormatError` where a driver of GDAL is named, and the extension is that of another format."""
    written = DRIVERS.get(path.suffix.lower())
    if None not in (driver, written) and driver != written:
        raise FormatError(in_both("driver_otherwise", name=path.name, driver=driver, written=written))


def shapefile_losses(frame: pd.DataFrame) -> list[str]:
    """Report which column names a Shapefile cuts, how many texts, and what is stored in files beside it."""
    whole = index_as_column(frame)
    shapes = getattr(whole, "active_geometry_name", None)
    cut = _named_for_shapefile(whole)
    pairs = zip(map(str, whole.columns), cut.columns, strict=True)
    renamed = [f"{new} is {old}" for old, new in pairs if old not in {new, shapes}]
    texts = [cell for name in cut.columns if name != shapes for cell in _texts_of(cut[name])]
    longer = sum(len(text.encode()) > _TEXT_BYTES for text in texts)
    said = [f"a Shapefile cuts column names to {_NAME_BYTES} bytes: {', '.join(renamed)}"] if renamed else []
    said += [f"a Shapefile cuts texts to {_TEXT_BYTES} bytes: {longer} of them"] if longer else []
    parts = _by_kind(whole) if isinstance(whole, gpd.GeoDataFrame) else []
    said += [f"a Shapefile holds one kind of geometry: {len(part)} rows in …{ending}.shp" for ending, part in parts[1:]]
    return said


def _write_geojson(frame: pd.DataFrame, path: Path, provenance: Provenance | None) -> None:
    path.write_text(to_geojson(_placed(frame), provenance=provenance), encoding="utf-8")


def _write_flatgeobuf(frame: pd.DataFrame, path: Path, _: Provenance | None) -> None:
    plain = plain_columns(with_names(_placed(frame)))
    write_frame(plain, path, driver=DRIVERS[".fgb"], SPATIAL_INDEX="NO")


def _write_parquet(frame: pd.DataFrame, path: Path, provenance: Provenance | None) -> None:
    plain_columns(with_names(frame)).to_parquet(path)
    if provenance is None:
        return
    from pyarrow import parquet

    table = parquet.ParquetFile(path).read()
    said = {**(table.schema.metadata or {}), b"provenance": provenance.as_json().encode()}
    parquet.write_table(table.replace_schema_metadata(said), path)


def _write_shapefile(frame: pd.DataFrame, path: Path, _: Provenance | None) -> None:
    plain = plain_columns(_named_for_shapefile(_placed(frame)))
    # a table of a Shapefile has no times
    days = plain.select_dtypes("datetime").columns
    texts = {name: plain[name].dt.strftime("%Y-%m-%d") for name in days}
    zoned = plain.select_dtypes("datetimetz").columns
    texts |= {name: pd.Series(plain_cells(plain[name]), plain.index, dtype="str") for name in zoned}
    whole = plain.assign(**texts)
    cut = {name: whole[name].map(_cut) for name in whole.columns if _texts_of(whole[name])}
    for ending, part in _by_kind(whole.assign(**cut)):
        # without a single place it is not known what to draw, and a Shapefile must be of some kind
        kind = {} if part.geometry.notna().any() else {"geometry_type": "Point"}
        goal = path.with_name(f"{path.stem}{ending}{path.suffix}")
        write_frame(part, goal, driver="ESRI Shapefile", encoding="UTF-8", **kind)


def _by_kind(frame: gpd.GeoDataFrame) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Part a table whose rows are of several kinds, which a Shapefile cannot hold; most stand first, unnamed.

    What has no place stands with most.
    """
    kinds = frame.geom_type.map(_KINDS)
    names = list(kinds.value_counts().index)
    if len(names) <= 1:
        return [("", frame)]
    kinds = kinds.fillna(names[0])
    return [("" if name == names[0] else f"_{name}", frame[kinds == name]) for name in names]


def _named_for_shapefile(frame: Frame) -> Frame:
    shapes = getattr(frame, "active_geometry_name", None)
    cut = frame.set_axis([name if name == shapes else _short(str(name)) for name in frame.columns], axis=1)
    return with_names(cut, most_bytes=_NAME_BYTES)


def _short(name: str) -> str:
    """Shorten the mark of where a value comes from, so that it differs from the value's own name when both are cut."""
    source = name.removesuffix("_source")
    return f"{source[: _NAME_BYTES - 2]}_s" if source != name else name


def _placed(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a table without geometry as one whose rows lie nowhere."""
    if isinstance(frame, gpd.GeoDataFrame):
        return frame
    name = "geometry" if "geometry" not in frame else "place"
    return gpd.GeoDataFrame(frame.assign(**{name: np.full(len(frame), None, dtype=object)}), geometry=name)


def _cut(cell: object) -> object:
    return cell.encode()[:_TEXT_BYTES].decode(errors="ignore") if isinstance(cell, str) else cell


def _texts_of(column: pd.Series) -> list[str]:
    return [] if column.dtype.kind in "biufM" else [cell for cell in column if isinstance(cell, str)]


_WRITERS: Final[dict[str, Callable[[pd.DataFrame, Path, Provenance | None], None]]] = {
    ".geojson": _write_geojson,
    ".fgb": _write_flatgeobuf,
    ".parquet": _write_parquet,
    ".shp": _write_shapefile,
}
VECTOR_ENDINGS: Final = tuple(_WRITERS)
