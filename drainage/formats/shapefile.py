"""A Shapefile: whether its parts belong together, and what language its table of attributes is written in.

GDAL believes the file .cpg, and takes a table without one for Latin-1; both garble Chinese in silence or end the
reading. Its parts are read as they are where they disagree: every line with the attributes of another.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray

from drainage.errors import FormatError
from drainage.said import joined
from drainage.schema.text.cut_names import complete_names, open_names
from drainage.words import in_both

_HEADER: Final = 100  # bytes before the records of .shp and .shx
_FIELD: Final = 32  # bytes that describe a field of the table
_ANY: Final = "ISO-8859-1"  # every byte is a sign of it, so nothing is lost on the way
_HAN_UTF_8: Final = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}")  # nearly never in GBK, where all else is UTF-8
_CHINESE: Final = {"936", "54936", "20936", "gbk", "gb2312", "gb18030", "euccn", "hz"}
_PAGES: Final = {"65001": "utf-8", "950": "big5hkscs", "10008": "gb18030", "20127": "ascii"}


class _Field(NamedTuple):
    name: bytes
    kind: bytes
    offset: int
    width: int


class _Table(NamedTuple):
    """The attribute table: its fields, and its records as bytes."""

    fields: list[_Field]
    records: NDArray[np.uint8]


def read_shapefile(file: Path, *, geometry: bool) -> pd.DataFrame:
    """Read a Shapefile whose parts belong together, its texts in the language that they are written in.

    A name of a column that was cut at ten bytes is completed where one name of the catalogue begins so.

    Raises
    ------
    FormatError
        A part is missing, cut, or of another number of rows.
    """
    table = _check_parts(file)
    said = _of_code_page(file)
    encoding = _whole_in(table, said)
    whole = encoding is not None and all(_decodes(field.name, encoding) for field in table.fields)
    frame = pyogrio.read_dataframe(
        file.resolve(),
        encoding=_name_for_gdal(encoding) if encoding is not None and whole else _ANY,
        read_geometry=geometry,
        on_invalid="warn",
        use_arrow=False,
    )
    remarks = []
    if encoding is None:
        encoding = _likeliest(table, said)
        reason = in_both("texts_cut", encoding=encoding.upper())
        remarks.append(("encoding", "warning", reason, in_both("read_but_for_signs")))
    elif said is not None and encoding != said:
        reason = in_both("code_page_otherwise", said=said.upper(), encoding=encoding.upper())
        remarks.append(("encoding", "info", reason, in_both("read_as_named", name=encoding.upper())))
    frame = frame if whole else _decoded(frame, encoding)
    names = _completed(frame, table, encoding)
    if names:
        reason = in_both("columns_cut", names=joined(names, ", "))
        remarks.append(("cut_names", "info", reason, in_both("read_as_named", name=joined(names.values(), ", "))))
    for name, meant in open_names([field.name for field in table.fields], encoding).items():
        column = name.decode(encoding, errors="replace").rstrip("\ufffd")
        reason = in_both("column_cut", column=column, meant=joined(meant, " or "))
        remarks.append(("cut_names", "warning", reason, in_both("cut_column_unread", column=meant[0])))
    frame = frame.rename(columns=names)
    frame.attrs["remarks"] = remarks
    return frame


def _check_parts(file: Path) -> _Table:
    """Return the table of attributes of a Shapefile whose three parts belong together."""
    parts = {ending: _part(file, ending) for ending in (".shx", ".dbf")}
    size, promised = file.stat().st_size, _promised(file)
    if size < promised or size < _HEADER:
        raise FormatError(in_both("file_cut_short", file=file.name, size=size, promised=promised))
    index = np.frombuffer(parts[".shx"].read_bytes()[_HEADER:], dtype=">i4")
    index = index[: len(index) // 2 * 2].reshape(-1, 2).astype(np.int64) * 2
    table = _table(parts[".dbf"])
    shapes, rows = len(index), len(table.records)
    if shapes != rows:
        raise FormatError(in_both("rows_differ", file=file.name, shapes=shapes, rows=rows, table=parts[".dbf"].name))
    _check_index(file, index, parts[".shx"].name)
    return table


def _promised(file: Path) -> int:
    with file.open("rb") as stream:
        return 2 * int.from_bytes(stream.read(28)[24:28], "big")


def _part(file: Path, ending: str) -> Path:
    """Return a part beside a .shp, in whatever case its extension is written."""
    for name in (file.with_suffix(ending), file.with_suffix(ending.upper())):
        if name.is_file():
            return name
    what = "attribute_table" if ending == ".dbf" else "index_of_shapes"
    raise FormatError(in_both("shapefile_lacks_part", file=file.name, what=in_both(what), part=f"{file.stem}{ending}"))


def _check_index(file: Path, index: NDArray[np.int64], name: str) -> None:
    """Raise where the index points to other records than there are."""
    offset, length = index.T
    shapes = np.memmap(file, dtype=np.uint8, mode="r")
    end = int((offset + 8 + length).max(initial=_HEADER))
    sound = _promised(file) <= end <= len(shapes) and bool(((offset >= _HEADER) & (length >= 4)).all())
    if sound:
        said = shapes[offset[:, None] + np.arange(4, 8)].copy().view(">i4").ravel()
        sound = bool((2 * said.astype(np.int64) == length).all())
    if not sound:
        raise FormatError(in_both("shapefile_index_wrong", file=file.name, index=name))


def _table(file: Path) -> _Table:
    data = np.fromfile(file, dtype=np.uint8)
    header = data[:_FIELD].tobytes()
    count, start, width = (int.from_bytes(header[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    described = data[_FIELD:start].tobytes()
    if len(data) < start or start < _FIELD or not width or len(data) < start + count * width:
        raise FormatError(
            in_both("file_cut_short", file=file.name, size=len(data), promised=max(start + count * width, _FIELD))
        )
    fields, offset = [], 1  # the first byte of a record says whether it is deleted
    for place in range(0, len(described) - _FIELD + 1, _FIELD):
        one = described[place : place + _FIELD]
        if one[0] == 0x0D:
            break
        # the width of a text may take two bytes
        size = one[16] + 256 * one[17] if one[11:12] == b"C" else one[16]
        fields.append(_Field(one[:11].partition(b"\0")[0], one[11:12], offset, size))
        offset += size
    return _Table(fields, data[start : start + count * width].reshape(count, width))


def _whole_in(table: _Table, said: str | None) -> str | None:
    """Return the encoding in which all texts can be read: that of the .cpg, else a detected one; None if none fits."""
    texts = [
        np.ascontiguousarray(table.records[:, field.offset : field.offset + field.width]).tobytes()
        for field in table.fields
        if field.kind == b"C"
    ]
    first = [] if said is None or (said == "gb18030" and any(map(_HAN_UTF_8.search, texts))) else [said]
    for encoding in dict.fromkeys([*first, "utf-8", "gb18030"]):
        if all(_decodes(text, encoding) for text in texts) and all(
            _decodes(field.name, encoding, cut=True) for field in table.fields
        ):
            return encoding
    return None


def _of_code_page(file: Path) -> str | None:
    """Return the encoding that a .cpg names, in whatever way: 936, cp936, ANSI 936, GBK, UTF8, 65001."""
    said = next((p for p in (file.with_suffix(".cpg"), file.with_suffix(".CPG")) if p.is_file()), None)
    if said is None:
        return None
    word = re.sub(r"[^a-z0-9]", "", said.read_text(encoding="ascii", errors="ignore")[:64].lower())
    page = re.sub(r"^(?:cp|ansi|oem|windows|ms|ibm|codepage|win)+(?=\d)", "", word)
    page = re.sub(r"^(?:iso)?8859(?=\d)", "iso8859-", page)
    if page in _CHINESE:
        return "gb18030"
    page = _PAGES.get(page, f"cp{page}" if page.isdigit() else page)
    try:
        name = codecs.lookup(page).name
    except (LookupError, ValueError):
        return None
    return name if not name.startswith(("utf-16", "utf-32", "utf-7")) else None


def _decodes(text: bytes, encoding: str, *, cut: bool = False) -> bool:
    """Return whether bytes can be decoded as text; ``cut``: they may end within a character."""
    if text.isascii():
        return True
    try:
        codecs.getincrementaldecoder(encoding)().decode(text, final=not cut)
    except UnicodeDecodeError:
        return False
    return True


def _likeliest(table: _Table, said: str | None) -> str:
    """Return the encoding in which most cells can be decoded, if none fits all."""
    strange = {field.name for field in table.fields if not field.name.isascii()}
    for field in table.fields:
        if field.kind == b"C" and field.width:
            column = np.ascontiguousarray(table.records[:, field.offset : field.offset + field.width])
            cells = np.unique(column.view(f"S{field.width}"))
            strange |= {cell for cell in (bytes(cell).rstrip(b" \0") for cell in cells) if not cell.isascii()}
    known = {name: sum(_decodes(cell, name, cut=True) for cell in strange) for name in ("utf-8", "gb18030")}
    best = max(known, key=known.__getitem__)
    return best if said is not None or known[best] == len(strange) else "iso8859-1"


def _name_for_gdal(encoding: str) -> str:
    return encoding.upper().replace("ISO8859", "ISO-8859").replace("BIG5HKSCS", "BIG5-HKSCS")


def _decoded(frame: pd.DataFrame, encoding: str) -> pd.DataFrame:
    """Read texts and names that came as bytes in the guise of Latin-1; what a text is cut within is left away."""

    def decode(text: str) -> str:
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        return decoder.decode(text.encode(_ANY)).rstrip("\0")

    geometry = frame.geometry.name if "geometry" in frame else None
    frame = frame.copy(deep=False)
    for column in frame.columns:
        if column != geometry and pd.api.types.is_string_dtype(frame[column]):
            words = {word: decode(word) for word in frame[column].dropna().unique()}
            frame[column] = frame[column].map(words)
    return frame.set_axis([name if name == geometry else decode(str(name)) for name in frame.columns], axis=1)


def _completed(frame: pd.DataFrame, table: _Table, encoding: str) -> dict[str, str]:
    """Return cut names of columns with their whole length."""
    known = complete_names([field.name for field in table.fields], encoding)
    names: dict[str, str] = {}
    for column, field in zip(frame.columns, table.fields, strict=False):
        whole = known.get(field.name)
        if whole is not None and whole not in frame.columns and whole not in names.values():
            names[str(column)] = whole
    return names
