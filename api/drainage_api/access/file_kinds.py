"""What a file is by its first bytes, whatever its name says; what it means is read elsewhere, within limits."""

from __future__ import annotations

import io
import re
from typing import IO, Final, Literal

FileKind = Literal["geojson", "gpkg", "xlsx", "dxf", "shp"]

#: Bytes at each end of a file in which its kind must show (own choice; the list of a zip stands at its end).
_LOOKED_AT: Final = 65_536
_DXF: Final = re.compile(rb"(\s*999\r?\n[^\n]*\n)*\s*0\r?\n\s*SECTION\r?\n", re.ASCII)
_BOM: Final = b"\xef\xbb\xbf"


def kind_of(file: IO[bytes]) -> FileKind | None:
    """Return the kind of a file; None for one that nobody reads. It stands at its beginning afterwards."""
    head, tail = _ends(file)
    text = head.removeprefix(_BOM).lstrip()
    if head.startswith(b"SQLite format 3\x00"):
        return "gpkg"
    if head.startswith(b"PK\x03\x04"):
        return _packed((head + tail).lower())
    if text.startswith(b"{"):
        return "geojson"
    is_dxf = head.startswith(b"AutoCAD Binary DXF\r\n\x1a\x00") or _DXF.match(head.removeprefix(_BOM))
    return "dxf" if is_dxf else None


def _packed(names: bytes) -> FileKind | None:
    """Tell the kinds of zip by the names of what is in them."""
    if b"xl/workbook" in names:
        return "xlsx"
    return "shp" if b".shp" in names else None


def _ends(file: IO[bytes]) -> tuple[bytes, bytes]:
    head = file.read(_LOOKED_AT)
    file.seek(-min(_LOOKED_AT, file.seek(0, io.SEEK_END)), io.SEEK_END)
    tail = file.read()
    file.seek(0)
    return head, tail
