"""What is looked at before GDAL opens a GeoJSON: misread in silence, or a link that it would follow."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyproj

from drainage.errors import CrsError, FormatError
from drainage.said import joined
from drainage.schema import Issues
from drainage.words import in_both
from drainage.writing import scratch

_SMALL_BYTES: Final = 1 << 22
_CHUNK: Final = 1 << 22
_MEMBER: Final = 1024  # bytes within which a crs member that names a system ends
_BARE: Final = re.compile(rb'^\{\s*"(?:type"\s*:\s*"(?!Feature)[A-Z]\w+"|coordinates")')
_CUT: Final = re.compile(rb'"exceededTransferLimit"\s*:\s*true')
_PLACES: Final = re.compile(r'"coordinates"\s*:\s*\[[\[\]\d\s.,eE+-]*\]')
_CRS_MEMBER: Final = re.compile(rb'"crs"\s*:\s*(null|\{.{0,300}?"name"\s*:\s*"([^"]*)")', re.DOTALL)
# The key in any case and either quote, and with letters written as \u0063: GDAL takes them all.
_CRS_KEY: Final = re.compile(rb"""(["'])(?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)\1""", re.IGNORECASE)
# What may follow it: no object at all, or one that gives a name, and not parameters, which may name files.
_HARMLESS: Final = re.compile(
    rb"""\s*:\s*(?:null|true|false|"|[-\d]|\{\s*"type"\s*:\s*"name"\s*,"""
    rb"""\s*"properties"\s*:\s*\{\s*"name"\s*:\s*"[^"\\=]{1,200}"\s*\}\s*\})"""
)


#: So deep may objects and lists lie in each other, as GDAL has it; GeoJSON needs nine.
MOST_DEEP: Final = 32
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_STEPS: Final = np.zeros(256, np.int8)
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1


def is_too_deep(file: Path) -> bool:
    """Return whether objects and lists of a JSON text lie deeper in each other than `MOST_DEEP`: no parser is asked."""
    steps = _STEPS[np.frombuffer(_TEXT.sub(b"", file.read_bytes()), np.uint8)]
    return int(np.cumsum(steps[steps != 0], dtype=np.int64).max(initial=0)) > MOST_DEEP


class GeoJson(NamedTuple):
    """What was seen in a text: the prefix by which GDAL takes the right driver, and whether a crs must not be read."""

    prefix: str
    linked: bool


def check_json(file: Path, head: bytes) -> GeoJson:
    """Look at a text: what GDAL would misread in silence is refused here.

    Raises
    ------
    FormatError, CrsError
        It is not GeoJSON in UTF-8, or names an unknown coordinate system.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FormatError(in_both("json_utf_16", file=file.name))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    if not start.startswith(b"{"):
        found = in_both("a_web_page") if start.startswith(b"<") else repr(start[:20].decode("utf-8", "replace"))
        raise FormatError(in_both("no_geojson", file=file.name, found=found))
    if b"\x00" in head:
        raise FormatError(in_both("nul_bytes", file=file.name))
    if _BARE.match(start) and b'"features"' not in head:
        raise FormatError(in_both("bare_geometry", file=file.name))
    status = file.stat()
    linked = _scan(file, status.st_mtime_ns, status.st_size)
    if b'"esriGeometryPolyline"' in start[:8192] or (
        b'"geometryType"' in start[:8192] and b'"displayFieldName"' in start[:200]
    ):
        return GeoJson("ESRIJSON:", linked)
    if not linked and (name := _crs_name(file)):
        _known(name, file)
    first, _, rest = start.partition(b"\n")
    lines = file.suffix.lower() in {".geojsonl", ".ndjson"} or (rest.lstrip().startswith(b"{") and _is_json(first))
    return GeoJson("GeoJSONSeq:" if lines else "GeoJSON:", linked)


@contextmanager
def without_links(file: Path) -> Iterator[Path]:
    """Yield a copy of a GeoJSON without the crs members that GDAL would follow to a file or a URL.

    Raises
    ------
    FormatError
        It is not JSON, so it is unclear what GDAL would read in it.
    """
    documents = _documents(file)
    for document in documents:
        _unlink(document, file)
    with scratch() as folder:
        copy = folder / file.name
        with copy.open("w", encoding="utf-8") as stream:
            for document in documents:
                stream.write(json.dumps(document, ensure_ascii=False) + "\n")
        yield copy


def _documents(file: Path) -> list[Any]:
    """Return the document of a file, or the documents of its lines."""
    text = file.read_text(encoding="utf-8-sig")
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        lines = text.replace("\x1e", "\n").split("\n")
    try:
        return [json.loads(line) for line in lines if line.strip()]
    except (ValueError, RecursionError) as error:
        raise FormatError(in_both("crs_member_unread", file=file.name, error=error)) from error


def _unlink(document: object, file: Path) -> int:
    """Remove crs members that do not give a name, in place, and count them; a property may be called crs."""
    removed = 0
    rest = [(document, True)]
    while rest:
        node, outermost = rest.pop()
        if isinstance(node, list):
            rest += [(part, False) for part in node if isinstance(part, (dict, list))]
        elif isinstance(node, dict):
            for key in [key for key in node if key.lower() == "crs"]:
                name = _name_of(node[key])
                if name is None:
                    del node[key]
                    removed += 1
                elif outermost:
                    _known(name, file)
            rest += [(part, False) for key, part in node.items() if key.lower() not in {"properties", "coordinates"}]
    return removed


def _name_of(crs: object) -> str | None:
    """Return the name that a crs member gives and nothing else; None for links, and for strings of parameters."""
    match crs:
        case {"type": "name", "properties": {"name": str(name), **others}, **more} if not others and not more:
            return None if "=" in name else name
        case {"type": "EPSG", "properties": {"code": int(code), **others}, **more} if not others and not more:
            return f"EPSG:{code}"
        case _:
            return None


def _known(name: str, file: Path) -> None:
    try:
        pyproj.CRS.from_user_input(name if "=" not in name else "")  # parameters may name files to be opened
    except pyproj.exceptions.CRSError as error:
        raise CrsError(in_both("crs_member_unknown", file=file.name, name=name)) from error


def _crs_name(file: Path) -> str | None:
    """Return the name in the crs member of the collection, '' where that says null, None where there is none."""
    member = next((m for text in _around_features(file) if (m := _CRS_MEMBER.search(text))), None)
    return None if member is None else (member.group(2) or b"").decode("utf-8", "replace")


def _around_features(file: Path) -> tuple[bytes, bytes]:
    """Return what stands before and behind the features of a collection; properties may be called crs too."""
    with file.open("rb") as stream:
        before = stream.read(65536).partition(b'"features"')[0]
        stream.seek(max(file.stat().st_size - 4096, 0))
        behind = stream.read().rpartition(b"]")[2]
    return before, behind


@lru_cache(maxsize=32)
def _scan(file: Path, _changed_ns: int, _size: int) -> bool:
    """Look at the whole text, and tell whether a crs member does more than give a name.

    GDAL garbles bytes that are not UTF-8 and cuts an id at a NUL, both in silence.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    linked, carry = False, b""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise FormatError(in_both("json_not_utf_8", file=file.name, reason=error.reason)) from error
            text = carry + chunk
            if b"\\u0000" in text:
                raise FormatError(in_both("nul_in_text", file=file.name))
            carry = text[-_MEMBER:]
            linked = linked or _links(text, whole=len(chunk) < _CHUNK)
    return linked


def _links(text: bytes, *, whole: bool) -> bool:
    small = text.lower()
    if not any(mark in small for mark in (b'crs"', b"crs'", b"\\u00")):
        return False
    until = len(text) if whole else len(text) - _MEMBER  # what begins later is seen again with the next chunk
    return any(_HARMLESS.match(text, key.end()) is None for key in _CRS_KEY.finditer(text) if key.start() < until)


def report_cut_answer(file: Path, issues: Issues) -> None:
    """Report that a file is one page from an ArcGIS server, which has more features than it returns at once."""
    with file.open("rb") as stream:
        ends = stream.read(4096)
        stream.seek(max(file.stat().st_size - 4096, 0))
        ends += stream.read()
    if _CUT.search(ends):
        issues.add(
            "cut_answer", "warning", "file", [file.name], in_both("one_page_of_layer"), in_both("ask_for_the_rest")
        )


def report_links(file: Path, crs: str | None, issues: Issues) -> None:
    """Report that a crs member was not followed, and how the coordinates are read."""
    status = file.stat()
    if not _scan(file, status.st_mtime_ns, status.st_size):
        return
    if sum(_unlink(document, file) for document in _documents(file)):
        action = in_both("link_not_followed_crs", crs=crs) if crs else in_both("link_not_followed")
        issues.add("crs_link", "warning", "file", [file.name], in_both("crs_is_a_link"), action)


def report_crs_member(file: Path, issues: Issues) -> None:
    """Report that a GeoJSON has a ``crs`` member, which RFC 7946 does not define."""
    name = _crs_name(file)
    if name is None:
        return
    if name:
        reason = in_both("crs_member", name=name)
        issues.add("legacy_crs", "info", "file", [file.name], reason, in_both("read_as_named", name=name))
    else:
        action = in_both("read_as_named", name="WGS 84")
        issues.add("crs_null", "warning", "file", [file.name], in_both("crs_member_null"), action)


def report_repeated_keys(file: Path, issues: Issues) -> None:
    """Report keys that a feature has twice, of which GDAL keeps the last; checked in files up to 4 MiB."""
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
        without_places = _PLACES.sub('"coordinates":0', file.read_text(encoding="utf-8-sig"))  # most of it, and no keys
        json.loads(without_places, object_pairs_hook=note)
    except (ValueError, RecursionError):
        return  # features a line, or what GDAL will complain about
    if repeated:
        reason = in_both("keys_twice", keys=joined(sorted(repeated), ", "))
        issues.add("duplicate_key", "warning", "file", [file.name], reason, in_both("last_value_counts"))


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
