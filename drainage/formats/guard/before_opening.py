"""What is looked at before GDAL opens a file: GDAL opens more than it says, and misreads some files in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drainage.errors import FormatError
from drainage.said import Said, joined
from drainage.words import in_both, nearest

JSON_ENDINGS: Final = (".geojson", ".json", ".geojsonl", ".ndjson")
_LAYERS: Final = (*JSON_ENDINGS, ".gpkg", ".fgb", ".shp", ".parquet", ".gdb", ".dxf", ".gml", ".kml", ".mif", ".tab")
_OTHERS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsb", ".ods", ".inp", ".zip", ".gz", ".kmz")
_MAGIC: Final = {
    ".gpkg": b"SQLite format 3\x00",
    ".fgb": b"fgb\x03fgb",
    ".shp": b"\x00\x00\x27\x0a",
    ".parquet": b"PAR1",
    ".xlsx": b"PK\x03\x04",
    ".xlsb": b"PK\x03\x04",
    ".ods": b"PK\x03\x04",
    ".kmz": b"PK\x03\x04",
    ".xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
}
_LONGEST_HEADER: Final = 10 << 20  # of a FlatGeobuf, as GDAL has it
_HEAD_BYTES: Final = 65536
#: Formats of other programs, and the sentence that says how to come from them to one that is read.
_WAY_ON: Final = {
    **dict.fromkeys((".dwg", ".dgn"), "from_drawing"),
    **dict.fromkeys((".mdb", ".accdb"), "from_access"),
    **dict.fromkeys((".gdbtable", ".gdbtablx"), "name_the_gdb"),
    **dict.fromkeys((".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx"), "name_the_shp"),
    **dict.fromkeys((".dat", ".id", ".map"), "name_the_tab"),
    **dict.fromkeys((".mid",), "name_the_mif"),
    **dict.fromkeys((".qgz", ".qgs", ".mxd", ".aprx", ".wor", ".lyr", ".lyrx"), "from_project"),
    **dict.fromkeys((".rar", ".7z", ".tar", ".tgz"), "unpack_and_name"),
    **dict.fromkeys((".doc", ".docx", ".pdf", ".wps", ".et"), "from_document"),
    **dict.fromkeys((".sqlite", ".db", ".e00", ".tpoly", ".topojson", ".gpx", ".osm"), "convert_it"),
}


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
        raise FormatError(in_both("no_local_path", path=text[:80]))
    if "\x00" in text:
        raise FormatError(in_both("path_with_nul", path=text[:80]))
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
        raise FormatError(in_both("is_a_folder", file=file, example=_inside(file)))
    if not file.is_file():
        raise FormatError(no_file(file))
    suffix = file.suffix.lower()
    if suffix not in {*_LAYERS, *_OTHERS}:
        remedy = in_both(_WAY_ON.get(suffix, "one_of_endings"), known=joined((*_LAYERS, *_OTHERS), ", "))
        raise FormatError(in_both("ending_unread", file=file.name, ending=file.suffix, remedy=remedy))
    if file.stat().st_size == 0:
        raise FormatError(in_both("file_empty", file=file.name))
    return file


def _inside(folder: Path) -> Path:
    """Return a file of a folder that could be meant: pipes first, then any that is read here."""
    found = sorted(each for each in folder.iterdir() if each.suffix.lower() in {*_LAYERS, *_OTHERS} - {".json"})
    return next((each for each in found if each.stem == "pipes"), next(iter(found), folder / "pipes.geojson"))


def no_file(file: Path) -> Said:
    """Return what is said of a file that does not exist: the nearest that does, and the folder where one looked."""
    return in_both("no_file_here", file=file, folder=Path.cwd(), near=nearest_file(file))


def nearest_file(file: Path) -> str:
    """Return a question for the file of the same folder that is named most like one that is not there."""
    beside = [each.name for each in file.parent.iterdir() if each.name != file.name] if file.parent.is_dir() else []
    return nearest(file.name, [name for name in beside if not (file.parent / name).is_dir() or not file.suffix])


def open_head(file: Path) -> bytes:
    """Return the first 64 KiB of a file that begins as its extension promises.

    Raises
    ------
    FormatError
        It begins otherwise.
    """
    if file.is_dir():
        return b""
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not _begins_rightly(file.suffix.lower(), head):
        raise FormatError(in_both("not_as_its_ending", file=file.name, kind=file.suffix[1:], head=head[:12]))
    return head


def _begins_rightly(suffix: str, head: bytes) -> bool:
    """Return whether the first bytes are those of a format, and of no other."""
    if suffix == ".fgb":  # the length that follows the magic ends with a NUL, behind which nothing else is sought
        return head.startswith(_MAGIC[suffix]) and 0 < int.from_bytes(head[8:12], "little") <= _LONGEST_HEADER
    if suffix == ".dxf":
        return head.lstrip()[:1] in {b"0", b"9", b"A"}
    if suffix in {".kml", ".gml"}:
        return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<"))
    if suffix == ".mif":
        return head.lstrip()[:7].lower() in {b"version", b"charset"}
    if suffix == ".tab":  # a view or a seamless table would open others
        said = head.lower()
        return said.lstrip().startswith(b"!table") and not any(word in said for word in (b"view", b"seamless"))
    return head.startswith(_MAGIC.get(suffix, b""))
