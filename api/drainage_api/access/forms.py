"""What a client sends: forms with files, forms without, and JSON, each within limits and read as it comes.

Nothing that the client says of a file is believed: neither its name, which is only shown, nor its type, nor its size.
"""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, Final, Self, cast
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from drainage import words
from drainage_api.access.check import Refused
from drainage_api.access.sessions import is_our_form
from drainage_api.errors import listed, shortened
from drainage_api.served.bodies import BODY_READ

#: Own choices: bytes that are taken in at a time; parts of a form beyond those that are known; bytes of a form without
#: a file; characters of a name that are kept; what the parts of a form may take up beside its files.
BLOCK: Final = 1 << 20
MOST_PARTS: Final = 16
MOST_BYTES: Final = 65_536
MOST_SIGNS: Final = 120
BESIDE: Final = 65_536
TOKEN: Final = "token"  # noqa: S105 - the name of a field
_TOKEN_HEADER: Final = "x-form-token"  # noqa: S105 - of a header
MULTIPART: Final = "multipart/form-data"
URLENCODED: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in, in a file of ours that has no name.

    Parameters
    ----------
    filename
        What the client calls it, its last part alone; to be shown, and for nothing else.
    size
        In bytes.
    """

    filename: str
    size: int
    file: BinaryIO


@dataclass(slots=True)
class Form:
    """What came in; closing it lets the files go."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Hold the files."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let them go."""
        for one in self.files.values():
            one.file.close()


async def read_form(
    request: Request, *, files: Sequence[str] = (), fields: Mapping[str, int], most_bytes: int, folder: Path
) -> Form:
    """Read a form with files (RFC 7578).

    Parameters
    ----------
    files
        Names of the parts that are files; each may come once or not at all.
    fields
        Names of the parts that are texts → the most characters of each.
    most_bytes
        Of all files together.
    folder
        Where the files lie meanwhile, unnamed: nothing is left of them when the process ends.

    Raises
    ------
    Refused
        400 for what is no form, names what nobody reads, or says a thing twice; 403 for a form of a page that is not
        ours; 413 for more bytes; 415 for another content type; 507 where there is no room.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != MULTIPART.encode():
        raise Refused(415, words.in_both("form_not_multipart"))
    reading = _Reading(options.get(b"boundary", b""), files, fields, most_bytes, folder)
    request.state.fields = reading.form.fields  # which the page of a form that is refused shows again
    try:
        await _feed(request, reading, most_bytes + BESIDE)
        form = reading.end()
        check_form(request, form.fields.pop(TOKEN, ""))
    except BaseException as error:
        reading.close()
        if isinstance(error, OSError):
            raise Refused(507, words.in_both("store_full")) from error
        raise
    return form


async def read_fields(request: Request, known: Mapping[str, int | type[bool]]) -> dict[str, Any]:
    """Read a few texts and answers to yes or no: JSON, or a form without files; nothing at all where no body comes.

    Parameters
    ----------
    known
        Name → the most characters of a text, or ``bool``.

    Raises
    ------
    Refused
        As of `read_form`.
    """
    body = await _body(request)
    kind = parse_options_header(request.headers.get("content-type"))[0].decode("latin-1") if body else JSON
    if kind == JSON:
        said = _object(body) if body else {}
    elif kind == URLENCODED:
        said = _pairs(body)
    else:
        raise Refused(415, words.in_both("body_kind", kinds=f"{JSON}, {URLENCODED}"))
    request.state.fields = {name: str(value) for name, value in said.items() if name != TOKEN}
    check_form(request, str(said.pop(TOKEN, "")))
    _check_names(list(said), known)
    return {name: _flag(name, value) if known[name] is bool else _text(name, value, known[name])
            for name, value in said.items()}  # fmt: skip


def check_form(request: Request, token: str) -> None:
    """Refuse what a browser with a session sends if no page of ours in this browser made it.

    Raises
    ------
    Refused
        403.
    """
    if not getattr(request.state, "by_cookie", False):
        return
    if not is_our_form(request, request.headers.get(_TOKEN_HEADER) or token):
        raise Refused(403, words.in_both("form_stale"))


def plain_name(said: str) -> str:
    """Return the last part of a name that a client gave, without what a reader cannot see."""
    last = " ".join(re.split(r"[/\\]", said)[-1].split())
    return "".join(sign for sign in unicodedata.normalize("NFC", last) if sign.isprintable())[-MOST_SIGNS:].strip()


class _Reading:
    """A form on its way in."""

    def __init__(
        self, boundary: bytes, files: Sequence[str], fields: Mapping[str, int], most_bytes: int, folder: Path
    ) -> None:
        self.form = Form()
        self._files, self._fields, self._most, self._folder = files, {**fields, TOKEN: 200}, most_bytes, folder
        self._parts = self._size = self._size_here = 0
        self._header, self._headers, self._ended = (b"", b""), dict[str, bytes](), False
        self._name, self._filename, self._text = "", "", b""
        self._file: IO[bytes] | None = None
        if not boundary:
            raise _malformed("no_boundary")
        try:
            self._parser = MultipartParser(boundary, {
                "on_part_begin": self._begin, "on_header_begin": self._begin_header,
                "on_header_field": self._take_name, "on_header_value": self._take_value,
                "on_header_end": self._end_header, "on_headers_finished": self._begin_data,
                "on_part_data": self._take, "on_part_end": self._end_part, "on_end": self._end,
            })  # fmt: skip
        except FormParserError as error:
            raise _malformed("bad_boundary") from error

    def write(self, block: bytes) -> None:
        try:
            self._parser.write(block)
        except FormParserError as error:
            raise _malformed("not_multipart") from error

    def close(self) -> None:
        """Let the files go, that which was not complete too."""
        self.form.__exit__()
        if self._file is not None:
            self._file.close()

    def end(self) -> Form:
        if not self._ended:
            raise _malformed("breaks_off")
        return self.form

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise _malformed("many_parts", most=MOST_PARTS)
        self._headers, self._text, self._file, self._size_here = {}, b"", None, 0

    def _begin_header(self) -> None:
        self._header = (b"", b"")

    def _take_name(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _end_header(self) -> None:
        self._headers[self._header[0].decode("latin-1").lower()] = self._header[1]

    def _begin_data(self) -> None:
        said = self._headers.get("content-disposition", b"").decode("latin-1")
        kind, options = parse_options_header(said)
        self._name, self._filename = _utf8(options.get(b"name", b"")), _utf8(options.get(b"filename", b""))
        if kind != b"form-data":
            raise _malformed("part_nameless")
        _check_names([*self.form.fields, *self.form.files, self._name], [*self._files, *self._fields])
        if (self._name in self._files) != (b"filename" in options):
            raise _malformed("wants_file" if self._name in self._files else "wants_text", name=self._name)
        if self._name in self._files:
            self._file = TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed with the form

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            self._text += data[start:end]
            if len(self._text) > 4 * self._fields[self._name] + 4:
                raise _too_long(self._name, self._fields[self._name])
            return
        self._size += end - start
        self._size_here += end - start
        if self._size > self._most:
            raise too_large(self._most)
        self._file.write(memoryview(data)[start:end])

    def _end_part(self) -> None:
        if self._file is None:
            self.form.fields[self._name] = _text(self._name, _utf8(self._text), self._fields[self._name])
        elif not self._filename and not self._size_here:  # a browser's field in which no file was chosen
            self._file.close()
        else:
            self._file.seek(0)
            held = cast("BinaryIO", self._file)
            self.form.files[self._name] = Upload(plain_name(self._filename), self._size_here, held)

    def _end(self) -> None:
        self._ended = True


async def _feed(request: Request, reading: _Reading, most_bytes: int) -> None:
    """Take the body in; parsing and writing stay off the loop that answers all others."""
    taken, waiting = 0, bytearray()
    async for part in _parts(request):
        taken += len(part)
        if taken > most_bytes:
            raise too_large(most_bytes)
        waiting += part
        if len(waiting) >= BLOCK:
            await asyncio.to_thread(reading.write, bytes(waiting))
            waiting.clear()
    if waiting:
        await asyncio.to_thread(reading.write, bytes(waiting))


async def _parts(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it comes.

    Raises
    ------
    Refused
        415: it is packed. 400: the client has left.
    """
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed not in {"", "identity"}:
        raise Refused(415, words.in_both("body_packed", packed=shortened(packed)), {"Accept-Encoding": "identity"})
    try:
        async for part in request.stream():
            yield part
        setattr(request.state, BODY_READ, True)
    except ClientDisconnect as error:
        raise _malformed("client_left") from error


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in _parts(request):
        body += part
        if len(body) > MOST_BYTES:
            raise Refused(413, words.in_both("body_too_large", most=MOST_BYTES))
    return bytes(body)


def _object(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _malformed("no_json") from error
    if not isinstance(found, dict):
        raise _malformed("no_object")
    return found


def _pairs(body: bytes) -> dict[str, object]:
    try:
        return _once(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_PARTS, errors="strict"))
    except ValueError as error:
        raise _malformed("no_form") from error


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("twice")
    return found


def _no_number(said: str) -> float:
    raise ValueError(said)


def _check_names(said: Sequence[str], known: Sequence[str] | Mapping[str, object]) -> None:
    if odd := [name for name in said if name not in known]:
        raise _malformed("unknown_field", odd=listed(odd), known=", ".join(one for one in known if one != TOKEN))
    if len(set(said)) < len(said):
        raise _malformed("field_twice", name=said[-1])


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise _malformed("wants_flag", name=name)


def _text(name: str, value: object, most: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or _CONTROL.search(value):
        raise _malformed("wants_plain_text", name=name)
    if len(value) > int(str(most)):
        raise _too_long(name, most)
    try:
        value.encode()
    except UnicodeEncodeError as error:  # half of a pair, as JSON can write it
        raise _malformed("wants_text", name=name) from error
    return value.replace("\r\n", "\n").strip()


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise _malformed("not_utf8") from error


def _malformed(why: str, **values: object) -> Refused:
    return Refused(400, words.in_both("body_unreadable", why=words.in_both(f"body_{why}", **values)))


def _too_long(name: str, most: object) -> Refused:
    return Refused(400, words.in_both("field_too_long", name=name, most=most))


def too_large(most_bytes: int) -> Refused:
    """Make the error of a file that is too large."""
    return Refused(413, words.in_both("upload_too_large", most=f"{most_bytes / 1e6:g}"))
