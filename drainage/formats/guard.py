"""What is looked at before GDAL opens a file: GDAL opens more than it says, and misreads some files in silence."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyproj

from drainage.errors import CrsError, FormatError

if TYPE_CHECKING:
    from drainage.schema import Issues

DRIVER_PREFIX = {
    **dict.fromkeys((".geojson", ".json"), "GeoJSON:"),
    **dict.fromkeys((".geojsonl", ".ndjson"), "GeoJSONSeq:"),
    **dict.fromkeys((".gpkg", ".fgb", ".shp", ".parquet", ".dxf", ".gdb"), ""),
}
_OTHERS = (".csv", ".tsv", ".txt", ".xlsx", ".inp", ".zip", ".gz")
_MAGIC = {
    ".gpkg": b"SQLite format 3\x00",
    ".fgb": b"fgb",
    ".shp": b"\x00\x00\x27\x0a",
    ".parquet": b"PAR1",
    ".xlsx": b"PK",
}
_HEAD_BYTES = 65536
_SMALL_BYTES = 1 << 22
JSON_ENDINGS = {ending for ending, prefix in DRIVER_PREFIX.items() if prefix.startswith("GeoJSON")}
_BARE = re.compile(rb'^\{\s*"(?:type"\s*:\s*"(?!Feature)[A-Z]\w+"|coordinates")')
_CUT = re.compile(rb'"exceededTransferLimit"\s*:\s*true')
_CRS_MEMBER = re.compile(rb'"crs"\s*:\s*(null|\{.{0,300}?"name"\s*:\s*"([^"]*)")', re.DOTALL)


def local_path(path: str | Path) -> Path:
    """Return a path that GDAL takes for nothing but a path.

    Raises
    ------
    FormatError
        Virtual GDAL paths, URLs, inline documents.
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
    return Path(path)


def check_path(path: str | Path) -> Path:
    """Return the path of an existing plain file of a format that we read.

    Raises
    ------
    FormatError
        See `local_path`; directories, missing or empty files, unknown endings.
    """
    file = local_path(path)
    if file.suffix.lower() == ".gdb" and (file / "a00000001.gdbtable").is_file():
        return file
    if file.is_dir():
        msg = f"{file}: is a directory; name the file inside it, e.g. {file / 'pipes.geojson'}"
        raise FormatError(msg)
    if not file.is_file():
        msg = f"{file}: no such file; check the spelling and the working directory ({Path.cwd()})"
        raise FormatError(msg)
    if file.suffix.lower() not in {*DRIVER_PREFIX, *_OTHERS}:
        known = ", ".join((*DRIVER_PREFIX, *_OTHERS))
        msg = f"{file.name}: files ending in '{file.suffix}' are not read here; expected one of {known}"
        raise FormatError(msg)
    if file.stat().st_size == 0:
        msg = f"{file.name}: the file is empty (0 bytes); export it again"
        raise FormatError(msg)
    return file


def open_head(file: Path) -> bytes:
    """Return the first 64 KiB of a file that begins as its ending promises.

    Raises
    ------
    FormatError
        It begins otherwise.
    """
    if file.is_dir():
        return b""
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    magic = _MAGIC.get(file.suffix.lower())
    drawing = file.suffix.lower() != ".dxf" or head.lstrip()[:1] in {b"0", b"9", b"A"}
    if not drawing or (magic and not head.startswith(magic)):
        found = f"is not a {file.suffix[1:]} file: its first bytes are {head[:12]!r}"
        msg = f"{file.name}: {found}; export it again or give it its true ending"
        raise FormatError(msg)
    return head


def check_json(file: Path, head: bytes) -> str:
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
    if _BARE.match(start) and b'"features"' not in head:
        msg = f"{file.name}: holds no features; expected a FeatureCollection of lines with their properties"
        raise FormatError(msg)
    _check_text(file)
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


def is_utf_8(file: Path) -> bool:
    """Tell whether a text is UTF-8."""
    try:
        file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _check_text(file: Path) -> None:
    """Look at the whole text: GDAL garbles bytes that are not UTF-8 and cuts an id at a NUL, both in silence."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    carry = b""
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 22):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                msg = f"{file.name}: its text is not UTF-8 ({error.reason}); save it as UTF-8 (it may be GBK)"
                raise FormatError(msg) from error
            if b"\\u0000" in carry + chunk:
                msg = f"{file.name}: a text holds a NUL character (\\u0000), which would cut an id; remove it"
                raise FormatError(msg)
            carry = chunk[-5:]


def report_cut_answer(file: Path, issues: Issues) -> None:
    """Say that a file is one page of an ArcGIS server, which had more features than it gives at once."""
    with file.open("rb") as stream:
        ends = stream.read(4096)
        stream.seek(max(file.stat().st_size - 4096, 0))
        ends += stream.read()
    if _CUT.search(ends):
        reason = "is one page of a larger layer: the server says exceededTransferLimit"
        issues.add("cut_answer", "warning", "file", [file.name], reason, "read as it is; ask the server for the rest")


def report_crs_member(file: Path, issues: Issues) -> None:
    """Say that a GeoJSON carries a ``crs`` member, which RFC 7946 does not know."""
    member = _CRS_MEMBER.search(open_head(file))
    if member is None:
        return
    if member.group(2):
        name = member.group(2).decode("utf-8", "replace")
        reason = f"has a crs member ({name}), which RFC 7946 does not know"
        issues.add("legacy_crs", "info", "file", [file.name], reason, f"read as {name}")
    else:
        issues.add("crs_null", "warning", "file", [file.name], "has a crs member that says null", "read as WGS 84")


def report_repeated_keys(file: Path, issues: Issues) -> None:
    """Say which keys a feature has twice, of which GDAL keeps the last; looked for in files up to 4 MiB."""
    if file.stat().st_size > _SMALL_BYTES:
        return
    repeated: set[str] = set()

    def note(pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) < len(pairs):
            keys = [key for key, _ in pairs]
            repeated.update(key for key in members if keys.count(key) > 1)
        return members

    try:
        json.loads(file.read_text(encoding="utf-8-sig"), object_pairs_hook=note)
    except (ValueError, RecursionError):
        return  # features a line, or what GDAL will complain about
    if repeated:
        reason = f"has features with the same key twice: {', '.join(sorted(repeated))}"
        issues.add("duplicate_key", "warning", "file", [file.name], reason, "the last value counts; correct the source")


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def check_shapefile(file: Path) -> str:
    """Check that a Shapefile is whole, and return the encoding of its attribute table.

    GDAL takes a table without .cpg for Latin-1 and garbles Chinese in silence; UTF-8 and GBK are told by their bytes.
    """
    with file.open("rb") as stream:
        promised = 2 * int.from_bytes(stream.read(28)[24:28], "big")
    if file.stat().st_size < promised:
        msg = f"{file.name}: ends after {file.stat().st_size} of {promised} bytes; export it again"
        raise FormatError(msg)
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
