"""Vector files to frames: one guarded door to GDAL, the coordinate system settled, bad geometry set aside and named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import shapely

from drainage.errors import CrsError, FormatError
from drainage.formats.crs import check_range, crs_of, metres_per_unit_of, metric_crs, settle_crs

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
        expected = "expected the path of a local file, not a URL, a virtual path or a document"
        msg = f"{text[:80]}: {expected}; download or extract it first"
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
        known = ", ".join((*DRIVER_PREFIX, ".inp"))
        msg = f"{file.name}: files ending in '{file.suffix}' are not read here; expected one of {known}"
        raise FormatError(msg)
    if file.stat().st_size == 0:
        msg = f"{file.name}: the file is empty (0 bytes); export it again"
        raise FormatError(msg)
    return file


def list_layers(path: str | Path) -> list[str]:
    """Return the names of the layers with geometry in a GeoPackage; any other file holds one, named as its stem."""
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
    frame = settle_crs(frame, file, crs)
    frame = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()))
    unit = metres_per_unit_of(crs_of(frame))
    check_range(frame, file)
    _drop_absurd(frame, file, issues)
    goal = target or metric_crs(frame)
    if goal is not None and frame.crs != goal:
        frame = frame.to_crs(goal)
    return LayerRead(frame, unit)


def _open_head(file: Path) -> bytes:
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    magic = _MAGIC.get(file.suffix.lower())
    if magic and not head.startswith(magic):
        found = f"is not a {file.suffix[1:]} file: its first bytes are {head[:12]!r}"
        msg = f"{file.name}: {found}; export it again or give it its true ending"
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
    if member := _CRS_MEMBER.search(head):
        name = (member.group(2) or b"").decode("utf-8", "replace")
        if name:
            try:
                pyproj.CRS.from_user_input(name)
            except pyproj.exceptions.CRSError as error:
                found = f"its crs member '{name}' is not a coordinate system that PROJ knows"
                msg = f"{file.name}: {found}; correct it or remove it (RFC 7946: WGS 84)"
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


def _drop_absurd(frame: gpd.GeoDataFrame, file: Path, issues: Issues) -> None:
    """Blank geometries that cannot be meant (in place on our own copy): the row stays, its line does not."""
    geometry = frame.geometry.to_numpy()
    coords, index = shapely.get_coordinates(geometry, return_index=True)
    limit = 181.0 if crs_of(frame).is_geographic else 1e8
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
            frame.loc[frame.index[rows], frame.geometry.name] = None
