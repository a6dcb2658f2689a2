"""Vector files to frames: one guarded door to GDAL, the coordinate system settled, bad geometry set aside and named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from drainage.errors import CrsError, FormatError

if TYPE_CHECKING:
    from drainage.schema import Issues

DRIVER_PREFIX = {
    ".geojson": "GeoJSON:", ".json": "GeoJSON:", ".geojsonl": "GeoJSONSeq:", ".ndjson": "GeoJSONSeq:",
    ".gpkg": "", ".fgb": "", ".shp": "", ".parquet": "",
}  # fmt: skip
_MAGIC = {".gpkg": b"SQLite format 3\x00", ".fgb": b"fgb", ".shp": b"\x00\x00\x27\x0a", ".parquet": b"PAR1"}
_HEAD_BYTES = 65536
_CRS_MEMBER = re.compile(rb'"crs"\s*:\s*(null|\{.{0,300}?"name"\s*:\s*"([^"]*)")', re.DOTALL)
MAX_VERTICES = 10_000
CHINA = (73.5, 3.0, 136.5, 54.0)


class LayerRead(NamedTuple):
    """A layer in metres, and the length of the unit that its levels were probably written in."""

    frame: gpd.GeoDataFrame
    metres_per_unit: float


def check_path(path: str | Path) -> Path:
    """Return the path of an existing plain file of a format that we read.

    Raises
    ------
    FormatError
        Virtual GDAL paths, URLs, inline documents, directories, missing or empty files, unknown endings.
    """
    text = str(path)
    if (
        text.startswith(("/vsi", "http://", "https://", "ftp://"))
        or "://" in text
        or text.lstrip()[:1] in {"{", "<", "["}
    ):
        msg = f"{text[:80]}: expected the path of a local file, not a URL, a virtual path or a document; download or extract it first"
        raise FormatError(msg)
    if "\x00" in text:
        msg = f"{text[:80]!r}: the path holds a NUL character"
        raise FormatError(msg)
    file = Path(path)
    if file.is_dir():
        msg = f"{file}: is a directory; name the file inside it, e.g. {file / 'pipes.geojson'}"
        raise FormatError(msg)
    if not file.is_file():
        msg = f"{file}: no such file; check the spelling and the working directory ({Path.cwd()})"
        raise FormatError(msg)
    if file.suffix.lower() not in DRIVER_PREFIX:
        msg = f"{file.name}: files ending in '{file.suffix}' are not read here; expected one of {', '.join(DRIVER_PREFIX)}, .inp"
        raise FormatError(msg)
    if file.stat().st_size == 0:
        msg = f"{file.name}: the file is empty (0 bytes); export it again"
        raise FormatError(msg)
    return file


def list_layers(path: str | Path) -> list[str]:
    """Return the names of the layers with geometry in a file that can hold several; a single-layer file has its stem."""
    file = check_path(path)
    if file.suffix.lower() != ".gpkg":
        return [file.stem]
    _open_head(file)
    return [str(name) for name, kind in pyogrio.list_layers(file) if kind is not None]


def read_layer(
    path: str | Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    target: pyproj.CRS | None = None,
    issues: Issues,
) -> LayerRead:
    """Read one layer into projected metres.

    Parameters
    ----------
    layer
        Layer of a GeoPackage; the only one by default.
    crs
        Declares the CRS of a file that carries none. It is an error where the file carries another.
    target
        CRS to deliver; by default `metric_crs` of the layer.
    issues
        Takes what was found about the file.

    Raises
    ------
    FormatError
        The file is not what its ending says, or cannot be parsed; the driver's own words and place are passed on.
    CrsError
        The CRS is missing, unknown, or contradicted by the numbers; candidates are proposed.
    """
    file = check_path(path)
    frame = _read(file, layer)
    if not len(frame):
        msg = f"{file.name}: holds no features; expected at least one"
        raise FormatError(msg)
    if not isinstance(frame, gpd.GeoDataFrame):
        msg = f"{file.name}: has no geometry column; a table without geometry cannot be a layer of its own"
        raise FormatError(msg)
    frame = _settle_crs(frame, file, crs)
    frame = frame.set_geometry(shapely.force_2d(frame.geometry.array))
    unit = _metres_per_unit(frame.crs)
    _check_range(frame, file)
    _drop_absurd(frame, file, issues)
    goal = target or metric_crs(frame)
    if goal is not None and frame.crs != goal:
        frame = frame.to_crs(goal)
    return LayerRead(frame, unit)


def metric_crs(frame: gpd.GeoDataFrame) -> pyproj.CRS:
    """Choose the CRS to compute in: the layer's own where it is in metres, CGCS2000 3° by longitude in China, else UTM.

    References
    ----------
    EPSG database: CGCS2000 / 3-degree Gauss-Kruger CM 75E … 135E are EPSG:4534 … 4554.
    """
    crs = frame.crs
    if crs.is_projected and abs(_metres_per_unit(crs) - 1.0) < 1e-9:
        return crs
    west, south, east, north = frame.to_crs(4326).total_bounds if not crs.is_geographic else frame.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3]:
        return pyproj.CRS.from_epsg(4534 + round((lon - 75) / 3))
    zone = int((lon + 180) // 6) % 60 + 1
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def _open_head(file: Path) -> bytes:
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    magic = _MAGIC.get(file.suffix.lower())
    if magic and not head.startswith(magic):
        msg = f"{file.name}: is not a {file.suffix[1:]} file: its first bytes are {head[:12]!r}; export it again or give it its true ending"
        raise FormatError(msg)
    return head


def _read(file: Path, layer: str | None) -> gpd.GeoDataFrame:
    head = _open_head(file)
    suffix = file.suffix.lower()
    if suffix == ".parquet":
        return _guard(file, lambda: gpd.read_parquet(file))
    prefix = DRIVER_PREFIX[suffix]
    if prefix == "GeoJSON:":
        prefix = _check_json_head(file, head)
    kwargs: dict[str, object] = {"layer": layer} if layer else {}
    if suffix == ".shp":
        kwargs["encoding"] = _dbf_encoding(file)
    elif not prefix and layer is None:
        names = list_layers(file)
        if len(names) > 1 and "pipes" not in names:
            msg = f"{file.name}: holds several layers ({', '.join(names)}); expected one named 'pipes'"
            raise FormatError(msg)
        kwargs["layer"] = "pipes" if "pipes" in names else names[0]
    try:
        return _guard(
            file,
            lambda: pyogrio.read_dataframe(
                f"{prefix}{file.resolve()}", use_arrow=suffix != ".shp", on_invalid="warn", **kwargs
            ),
        )
    except UnicodeDecodeError as error:
        msg = f"{file.name}: text is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8 (it may be GBK)"
        raise FormatError(msg) from error


def _guard(file: Path, read: object) -> gpd.GeoDataFrame:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters of GDAL's warnings is checked on the result
            return read()  # type: ignore[operator,no-any-return]
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        OSError,
        ValueError,
        shapely.errors.GEOSException,
    ) as error:
        if isinstance(error, UnicodeDecodeError):
            raise
        reason = str(error).replace(str(file.resolve()), file.name).replace("GeoJSON:", "")
        msg = f"{file.name}: cannot be read: {reason.strip().rstrip('.')}. Check that the file is complete and valid"
        raise FormatError(msg) from error


def _check_json_head(file: Path, head: bytes) -> str:
    """Look at the first 64 KiB: what GDAL would misread in silence is refused here. Returns the driver prefix."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        msg = f"{file.name}: is UTF-16; GeoJSON is UTF-8 (RFC 8259): save it as UTF-8"
        raise FormatError(msg)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    if not start.startswith(b"{"):
        found = "an HTML or XML page" if start.startswith(b"<") else f"{start[:20]!r}"
        msg = f"{file.name}: is not GeoJSON: it begins with {found}; expected a FeatureCollection"
        raise FormatError(msg)
    if b"\x00" in head:
        msg = f"{file.name}: holds NUL bytes and is no text file; export it again"
        raise FormatError(msg)
    if b'"esriGeometryPolyline"' in start[:8192] or (
        b'"geometryType"' in start[:8192] and b'"displayFieldName"' in start[:200]
    ):
        return "ESRIJSON:"
    if found := _CRS_MEMBER.search(head):
        name = (found.group(2) or b"").decode("utf-8", "replace")
        if name:
            try:
                pyproj.CRS.from_user_input(name)
            except pyproj.exceptions.CRSError as error:
                msg = f"{file.name}: its crs member '{name}' is not a coordinate system that PROJ knows; correct it or remove it (RFC 7946: WGS 84)"
                raise CrsError(msg) from error
    first, _, rest = start.partition(b"\n")
    if rest.lstrip().startswith(b"{") and _is_json(first):
        return "GeoJSONSeq:"
    return "GeoJSON:"


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _dbf_encoding(file: Path) -> str:
    """Tell UTF-8 from GBK by the bytes of the attribute table: GDAL assumes Latin-1 and garbles Chinese in silence."""
    table = file.with_suffix(".dbf")
    if not table.is_file():
        msg = f"{file.name}: its attribute table {table.name} is missing; a Shapefile is .shp, .shx and .dbf together"
        raise FormatError(msg)
    if file.with_suffix(".cpg").is_file():
        return file.with_suffix(".cpg").read_text(encoding="ascii", errors="replace").strip() or "UTF-8"
    data = table.read_bytes()
    for encoding in ("utf-8", "gb18030"):
        try:
            data[32:].decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding.upper()
    return "ISO-8859-1"


def _settle_crs(frame: gpd.GeoDataFrame, file: Path, declared: str | None) -> gpd.GeoDataFrame:
    if declared is not None:
        try:
            crs = pyproj.CRS.from_user_input(declared)
        except pyproj.exceptions.CRSError as error:
            msg = f"crs={declared!r} is not a coordinate system that PROJ knows; write e.g. EPSG:4548"
            raise CrsError(msg) from error
        implied = (
            file.suffix.lower() in {".geojson", ".json", ".ndjson", ".geojsonl"}
            and frame.crs is not None
            and frame.crs.to_epsg() in {4326, 4979}
        )
        if frame.crs is not None and not implied and pyproj.CRS(frame.crs) != crs:
            msg = f"{file.name}: carries {frame.crs.to_string()}, but crs={declared} was declared; leave crs out or correct the file"
            raise CrsError(msg)
        return frame.set_crs(crs, allow_override=True)
    if frame.crs is None:
        msg = f"{file.name}: has no coordinate reference system; declare it with crs= (--crs). By its numbers it may be {_candidates(frame)}"
        raise CrsError(msg)
    if len(frame.crs.axis_info) > 2 or frame.crs.to_epsg() == 4979:
        return frame.set_crs(frame.crs.to_2d(), allow_override=True)
    return frame


def _candidates(frame: gpd.GeoDataFrame) -> str:
    west, south, east, north = frame.total_bounds
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:
        return "EPSG:4490 (CGCS2000) or EPSG:4326 (WGS 84)"
    if west >= 25e6 and east <= 46e6:
        zone = int(west // 1e6)
        return f"EPSG:{4488 + zone} (CGCS2000 3° zone {zone})"
    if west >= 1e5 and east <= 1e6 and south >= 1.5e6 and north <= 6e6:
        return "one of EPSG:4534 … EPSG:4554 (CGCS2000 3°, e.g. EPSG:4548 for 117°E)"
    if west >= 1.5e6 and east <= 6e6 and south >= 1e5 and north <= 1e6:
        return "Gauss-Krüger with X and Y exchanged (X = north): exchange the columns"
    return "a local grid: ask the surveyor"


def _check_range(frame: gpd.GeoDataFrame, file: Path) -> None:
    if not frame.crs.is_geographic:
        return
    bounds = frame.geometry.bounds.to_numpy()
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return
    west, south, east, north = (
        np.quantile(bounds[:, 0], 0.5),
        np.quantile(bounds[:, 1], 0.5),
        np.quantile(bounds[:, 2], 0.5),
        np.quantile(bounds[:, 3], 0.5),
    )
    if abs(south) > 90 and abs(north) <= 180 and abs(west) <= 90:
        msg = f"{file.name}: its second coordinate reaches {north:g}, so longitude and latitude seem to be exchanged; GeoJSON wants [longitude, latitude]"
        raise CrsError(msg)
    if abs(west) > 180 or abs(east) > 180 or abs(south) > 90 or abs(north) > 90:
        msg = f"{file.name}: coordinates such as ({west:g}, {south:g}) are no degrees; the file is probably in metres: declare crs= (--crs), maybe {_candidates(frame)}"
        raise CrsError(msg)


def _drop_absurd(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> None:
    """Blank geometries that cannot be meant (in place on our own copy): the row stays, its line does not."""
    geometry = frame.geometry.array
    coords, index = shapely.get_coordinates(geometry, return_index=True)
    limit = 181.0 if frame.crs.is_geographic else 1e8
    bad = np.unique(index[~(np.abs(coords) <= limit).all(axis=1)])
    count = np.bincount(index, minlength=len(frame))
    long = np.flatnonzero(count > MAX_VERTICES)
    for rows, code, reason in (
        (bad, "absurd_coordinates", "has NaN, infinite or impossible coordinates"),
        (long, "too_many_vertices", f"has more than {MAX_VERTICES} vertices"),
    ):
        if len(rows):
            issues.add(
                code,
                "error",
                "row",
                [f"{file.name} row {row + 1}" for row in rows],
                f"the geometry {reason}",
                "row read without geometry; correct it in the source",
            )
            frame.iloc[rows, frame.columns.get_loc(frame.geometry.name)] = None


def _metres_per_unit(crs: pyproj.CRS) -> float:
    if crs.is_geographic:
        return 1.0
    return float(crs.axis_info[0].unit_conversion_factor)


def write_layer(
    frame: gpd.GeoDataFrame, path: Path, *, layer: str | None = None, append: bool = False, synthetic: bool = False
) -> None:
    """Write one layer; GeoJSON goes out in WGS 84 with 7 decimals (about 1 cm), a GeoPackage in the frame's own CRS."""
    plain = (
        frame.reset_index()
        if frame.index.name and frame.index.name not in frame.columns
        else frame.reset_index(drop=True)
    )
    if path.suffix == ".geojson":
        path.write_text(to_geojson(plain, synthetic=synthetic), encoding="utf-8")
        return
    for column in plain.columns:
        if column != plain.geometry.name and plain[column].dtype == object:
            plain[column] = plain[column].map(_plain_cell)
    pyogrio.write_dataframe(
        plain,
        path,
        layer=layer or "pipes",
        driver="GPKG",
        append=append,
        use_arrow=True,
        geometry_type=_geometry_type(plain),
    )


def to_geojson(frame: gpd.GeoDataFrame, *, synthetic: bool = False) -> str:
    """Return a FeatureCollection (RFC 7946) as text; dates as ISO text, missing numbers as null."""
    if frame.crs is not None:
        frame = frame.to_crs(4326)
    geometry = (
        shapely.set_precision(frame.geometry.array, 1e-7, mode="pointwise")
        if frame.crs is not None
        else frame.geometry.array
    )
    shapes = [None if text is None else json.loads(text) for text in shapely.to_geojson(np.asarray(geometry))]
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    columns = {name: [plain_value(value) for value in table[name]] for name in table.columns}
    rows = (
        [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        if columns
        else [{} for _ in shapes]
    )
    features = [
        {"type": "Feature", "properties": row, "geometry": shape} for row, shape in zip(rows, shapes, strict=True)
    ]
    notice = {"synthetic": True, "notice": "合成演示数据 Synthetic demo data, not a real network"} if synthetic else {}
    return json.dumps(
        {"type": "FeatureCollection", **notice, "features": features}, ensure_ascii=False, allow_nan=False
    )


def plain_value(value: object) -> object:
    """Turn a cell of a frame into a value that JSON knows."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain_value(item) for item in value]
    return value


def _plain_cell(value: object) -> object:
    cell = plain_value(value)
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, (list, dict)) else cell


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    kinds = set(frame.geom_type.dropna())
    return kinds.pop() if len(kinds) == 1 else "Unknown"
