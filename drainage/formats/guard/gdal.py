"""The only access to GDAL: each extension has its own driver, no other file is opened, no URL is requested.

A GeoPackage, a FlatGeobuf and a Shapefile are recognised by their first bytes, GeoJSON by a prefix of its name; the
rest, which cannot be recognised by its bytes, is read where GDAL has one driver
(`drainage.formats.guard.gdal_process`).
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from drainage.errors import FormatError
from drainage.formats.grids import refuse_grids_in
from drainage.formats.guard.apart import ask_apart
from drainage.formats.guard.before_opening import JSON_ENDINGS, open_head
from drainage.formats.guard.geojson_guard import check_json, without_links
from drainage.formats.guard.geopackage_guard import check_database
from drainage.formats.guard.undrawn import read_layer_undrawn, read_parquet_undrawn
from drainage.formats.shapefile import read_shapefile
from drainage.words import in_both
from drainage.writing import scratch

#: Driver of each ending that is read in a process of its own, and what keeps it from looking elsewhere.
DRIVERS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    ".dxf": ("DXF", {}),
    ".gdb": ("OpenFileGDB", {}),
    ".gml": ("GML", {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO", "SKIP_RESOLVE_ELEMS": "ALL", "XSD": ""}),
    ".kml": ("LIBKML", {}),
    ".mif": ("MapInfo File", {}),
    ".tab": ("MapInfo File", {}),
}
#: Endings of files that may hold several layers.
OF_LAYERS: Final = {".gpkg", ".gdb", ".kml", ".gml"}
_DESCRIBED_BYTES: Final = 1 << 20  # at the beginning of a table of a FileGDB, in which its CRS is found
# No external styles and links of a KML, no xlink of a GML, and no network at all for what asks it by a path of GDAL.
_CLOSED: Final = {
    "LIBKML_RESOLVE_STYLE": "NO",
    "LIBKML_EXTERNAL_STYLE": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_GFS_TEMPLATE": "",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "PROJ_NETWORK": "OFF",
}


def list_layers(file: Path) -> dict[str, str | None]:
    """Return the layers of a file of several (`OF_LAYERS`) with the names of their geometry, None for a table.

    Raises
    ------
    FormatError
        The file is not what its extension says, or cannot be opened.
    """
    open_head(file)
    with _explained(file), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if file.suffix.lower() in DRIVERS:
            status = file.stat()
            return dict(_listed(file, status.st_mtime_ns, status.st_size))
        check_database(file)
        return {str(name): kind and str(kind) for name, kind in pyogrio.list_layers(file.resolve())}


def read_file(file: Path, layer: str | None = None, *, geometry: bool = True) -> pd.DataFrame:
    """Read a file, or one layer of it, as GDAL or GeoParquet gives it; without geometry a plain table.

    Raises
    ------
    FormatError
        The file is not what its extension says, is damaged, or would have other files read.
    """
    head = open_head(file)
    suffix = file.suffix.lower()
    with _explained(file), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of GDAL's warnings is checked on the result
        if suffix in JSON_ENDINGS:
            prefix, linked = check_json(file, head)
            if prefix == "ESRIJSON:":
                refuse_grids_in(file, file)
            with without_links(file) if linked else nullcontext(file) as plain:
                return _read(f"{prefix}{plain.resolve()}", layer, geometry=geometry)
        if suffix == ".parquet":
            return _parquet(file, geometry=geometry)
        if suffix == ".shp":
            refuse_grids_in(file.with_suffix(".prj"), file)
            return read_shapefile(file, geometry=geometry)
        if suffix in DRIVERS:
            return _read_apart(file, layer, geometry=geometry)
        if suffix not in {".gpkg", ".fgb"}:
            raise FormatError(in_both("ending_holds_no_layer", file=file.name, ending=suffix))
        if suffix == ".gpkg":
            check_database(file)
        else:
            refuse_grids_in(file, file, most=12 + int.from_bytes(head[8:12], "little"))
        undrawn = read_layer_undrawn(file, layer) if geometry else None
        return _read(str(file.resolve()), layer, geometry=geometry) if undrawn is None else _checked_text(undrawn)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    """Turn whatever a damaged file makes a library raise into one line."""
    try:
        yield
    except (
        RuntimeError,  # all errors of pyogrio
        UnboundLocalError,  # of pyogrio too, at a CRS that GDAL cannot write
        OSError,
        ValueError,
        TypeError,
        LookupError,
        MemoryError,
        ArithmeticError,
        pa.ArrowException,
        shapely.errors.ShapelyError,
    ) as error:
        reason = (
            str(error)
            .replace(str(file.resolve()), file.name)
            .replace("GeoJSON:", "")
            .partition("It might help to specify")[0]
        )
        reason = " ".join(reason.split())[:300].rstrip(".") or type(error).__name__
        raise FormatError(in_both("unreadable_complete", file=file.name, reason=reason)) from error


def _read(source: str, layer: str | None, *, geometry: bool) -> pd.DataFrame:
    options: dict[str, Any] = {"layer": layer} if layer else {}
    try:
        frame = pyogrio.read_dataframe(source, use_arrow=True, on_invalid="warn", read_geometry=geometry, **options)
    except (NotImplementedError, shapely.errors.ShapelyError):  # arcs, which become chords on the other way
        frame = pyogrio.read_dataframe(source, use_arrow=False, on_invalid="warn", read_geometry=geometry, **options)
    return _checked_text(pd.DataFrame(frame) if not geometry else frame)


def _parquet(file: Path, *, geometry: bool) -> pd.DataFrame:
    if not geometry:
        return _checked_text(pd.read_parquet(file))
    undrawn = read_parquet_undrawn(file)
    return _checked_text(gpd.read_parquet(file) if undrawn is None else undrawn)


def _checked_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Look whether texts are UTF-8, which Arrow believes until somebody reads them."""
    for number, dtype in enumerate(frame.dtypes):
        if isinstance(dtype, pd.StringDtype) and dtype.storage == "pyarrow":
            pa.chunked_array(frame.iloc[:, number].array.__arrow_array__()).validate(full=True)
    return frame


@lru_cache(maxsize=16)
def _listed(file: Path, _changed_ns: int, _size: int) -> tuple[tuple[str, str | None], ...]:
    with scratch() as folder:
        answer = _ask(file, None, folder, geometry=False)
    return tuple((name, kind) for name, kind in answer["layers"])


def _read_apart(file: Path, layer: str | None, *, geometry: bool) -> pd.DataFrame:
    with scratch() as folder:
        answer = _ask(file, layer or 0, folder, geometry=geometry)
        with pa.OSFile(str(folder / "table.arrow")) as source:
            table = pa.ipc.open_file(source).read_all()
    frame: pd.DataFrame = table.to_pandas()
    if answer["geometry"] is None:
        return frame
    shapes = shapely.from_wkb(frame[answer["geometry"]].to_numpy(), on_invalid="ignore")
    return gpd.GeoDataFrame(
        frame.drop(columns=answer["geometry"]).assign(**{answer["geometry"]: shapes}),
        geometry=answer["geometry"],
        crs=answer["crs"],
    )


def _ask(file: Path, layer: str | int | None, folder: Path, *, geometry: bool) -> dict[str, Any]:
    driver, options = DRIVERS[file.suffix.lower()]
    for place in [file] if file.is_file() else file.glob("*.gdbtable"):
        refuse_grids_in(place, file, most=None if file.is_file() else _DESCRIBED_BYTES)
    known = pyogrio.list_drivers()
    if driver not in known:
        raise FormatError(in_both("no_driver", file=file.name, driver=driver))
    closed = _CLOSED | {"OGR_SKIP": ",".join(name for name in known if name != driver)}
    if file.suffix.lower() == ".dxf" and _is_utf_8(file):
        # GDAL goes by the code page of the header, which writers of UTF-8 often leave at Latin-1
        closed["DXF_ENCODING"] = "UTF-8"
    alone = folder / file.name
    if file.suffix.lower() == ".gml":  # without a schema beside it, which may name other files
        shutil.copyfile(file, alone)
    request = {
        "path": str(alone if alone.exists() else file.resolve()),
        "layer": layer,
        "geometry": geometry,
        "options": options,
        "environment": closed,
    }
    return ask_apart(
        Path(__file__).with_name("gdal_process.py"), request, folder, file=file, remedy=in_both("save_as_layer")
    )


def _is_utf_8(file: Path) -> bool:
    """Return whether a text is UTF-8."""
    try:
        file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
