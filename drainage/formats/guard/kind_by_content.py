"""What kind of file somebody sent, told by its first bytes and by what lies inside: never by its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Final, Literal, get_args

from drainage.errors import EmptyLayerError, FormatError
from drainage.formats.guard.damaged import DAMAGED
from drainage.formats.guard.geojson_guard import MOST_DEEP, is_too_deep
from drainage.formats.guard.geopackage_guard import to_read
from drainage.said import Said
from drainage.words import in_both

Kind = Literal["geojson", "gpkg", "xlsx", "dxf", "shp"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
#: Ending under which each is read here.
ENDINGS: Final[dict[Kind, str]] = {
    "geojson": ".geojson",
    "gpkg": ".gpkg",
    "xlsx": ".xlsx",
    "dxf": ".dxf",
    "shp": ".zip",
}
_HEAD: Final = 65536
_SQLITE: Final = b"SQLite format 3\x00"
_ZIP: Final = b"PK\x03\x04"
#: How other files begin → what they are.
_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x05\x06", "kind_empty_zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "kind_old_office"),
    (b"AutoCAD Binary DXF", "kind_binary_dxf"),
    (b"AC10", "kind_dwg"),
    (b"%PDF", "kind_pdf"),
    (b"Rar!", "kind_archive"),
    (b"7z\xbc\xaf\x27\x1c", "kind_archive"),
    (b"\x1f\x8b", "kind_archive"),
    (b"\x89PNG", "kind_picture"),
    (b"\xff\xd8\xff", "kind_picture"),
    (b"GIF8", "kind_picture"),
    (b"\x00\x00\x27\x0a", "kind_lone_shp"),
    (b"fgb\x03fgb", "kind_other_layer"),
    (b"PAR1", "kind_other_layer"),
    (b"MZ", "kind_program"),
    (b"\x7fELF", "kind_program"),
    (b"#!", "kind_program"),
)
#: Words near the beginning of an XML file → what it is.
_XML: Final = (
    (b"<ogrvrt", "kind_vrt"), (b"<vrtdataset", "kind_vrt"), (b"<kml", "kind_kml"), (b"<gml", "kind_gml"),
    (b"featurecollection", "kind_gml"), (b"<html", "kind_web_page"), (b"<!doctype html", "kind_web_page"),
    (b"<svg", "kind_picture"),
)  # fmt: skip
_DRAWING: Final = re.compile(rb"\s*(?:999\r?\n[^\n]*\n\s*)*0\r?\n\s*SECTION\r?\n", re.IGNORECASE)


def kind_of(file: Path) -> Kind:
    """Return what a file is.

    Raises
    ------
    EmptyLayerError
        It is empty.
    FormatError
        It is none of `KINDS`; the message says what it seems to be, and what to send instead.
    """
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise EmptyLayerError(in_both("file_empty", file=file.name))
    if head.startswith(_SQLITE):
        return _database(file)
    if head.startswith(_ZIP):
        return _archive(file)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")) or head.startswith((b"\xff\xfe{", b"\xfe\xff\x00{")):
        if is_too_deep(file):
            raise FormatError(in_both("json_too_deep", file=file.name, most=MOST_DEEP))
        if not start.startswith(b"{"):
            raise _refused(file, in_both("kind_json_list"))
        return "geojson"
    if _DRAWING.match(head):
        return "dxf"
    raise _refused(file, _other(head, start))


def _other(head: bytes, start: bytes) -> Said:
    """Say what a file seems to be that is none of those which are read."""
    if key := next((key for magic, key in _OTHERS if head.startswith(magic)), None):
        return in_both(key)
    if start.startswith(b"<") or b"<\x00" in start[:8]:
        small = head.replace(b"\x00", b"").lower()
        return in_both(next((key for mark, key in _XML if mark in small), "kind_xml"))
    if start.lower().startswith((b"/vsi", b"http", b"postgres", b"pg:")):
        return in_both("kind_address")
    return in_both("kind_binary" if b"\x00" in head else "kind_text")


def _refused(file: Path, found: Said) -> FormatError:
    return FormatError(in_both("kind_not_read", file=file.name, found=found))


def _database(file: Path) -> Kind:
    """Tell a GeoPackage from other databases."""
    with to_read(file) as database:
        found = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'gpkg_contents'").fetchone()
    if not found[0]:
        raise _refused(file, in_both("kind_database"))
    return "gpkg"


def _archive(file: Path) -> Kind:
    """Tell a workbook, a zipped Shapefile and other archives apart."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = [one.filename.lower() for one in archive.infolist()]
    except DAMAGED as error:
        raise FormatError(in_both("cannot_unpack", file=file.name, error=error)) from error
    if "[content_types].xml" in names:
        if any(name.endswith("vbaproject.bin") for name in names):
            raise _refused(file, in_both("kind_macros"))
        if "xl/workbook.xml" in names:
            return "xlsx"
        raise _refused(file, in_both("kind_office"))
    if any(name.endswith(".shp") for name in names):
        return "shp"
    if any(name.endswith((".kml", ".kmz")) for name in names):
        raise _refused(file, in_both("kind_kml"))
    if any(name.endswith((".zip", ".rar", ".7z", ".gz", ".tar")) for name in names):
        raise _refused(file, in_both("kind_zip_in_zip"))
    raise _refused(file, in_both("kind_zip_without_shp"))
