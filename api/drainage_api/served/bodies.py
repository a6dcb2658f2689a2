"""Bytes that go out as they are: compressed once, under a strong tag, whole or in part (RFC 9110)."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Self
from urllib.parse import quote

from fastapi import Request, Response

#: Below so many bytes the gain does not pay for the work (own choice; one packet of a network).
WORTH_BYTES = 1_024
#: zlib's scale: for what is made once and sent often, and for what is made for one answer (own choice: at 1 a page
#: of features shrinks to a tenth at a fifth of the time of 6).
ONCE, QUICK = 6, 1

#: Key of a request's scope: it was a HEAD, which is answered as the GET of the same address.
HEAD = "drainage.head"
#: What the state of a request says once its body was read.
BODY_READ = "body_read"

_WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_Q = re.compile(r";\s*q\s*=")
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")


class Body:
    """What a resource is, plain and gzipped.

    Parameters
    ----------
    content
        The bytes.
    media_type
        What they are.
    compress
        Whether compressing pays: not for pictures, archives, PDF.
    level
        How hard, on zlib's scale.
    tag
        What tells this content from any other under the same address; default: its digest.
    weak
        The tag stands for bytes that mean the same without being the same, as with another time in them.
    """

    __slots__ = ("_compress", "_level", "_tag", "_twin", "content", "media_type", "weak")

    def __init__(
        self,
        content: bytes,
        media_type: str,
        *,
        compress: bool = True,
        level: int = ONCE,
        tag: str | None = None,
        weak: bool = False,
    ) -> None:
        """Compress nothing yet."""
        self.content, self.media_type, self.weak = content, media_type, weak
        self._compress, self._level, self._tag = compress and len(content) >= WORTH_BYTES, level, tag
        self._twin: bytes | None = None

    @property
    def tag(self) -> str:
        """What tells this content from any other under the same address."""
        if self._tag is None:
            self._tag = hashlib.sha256(self.content).hexdigest()[:32]
        return self._tag

    @tag.setter
    def tag(self, tag: str) -> None:
        self._tag = tag

    @property
    def gzipped(self) -> bytes | None:
        """The same compressed, where that pays; made at its first use, which takes its time: in the pool."""
        if self._compress and self._twin is None:
            twin = gzip.compress(self.content, self._level, mtime=0)
            self._twin, self._compress = twin, len(twin) < len(self.content)
        return self._twin if self._compress else None

    def packed(self) -> Self:
        """Compress it now, where that pays, so that it need not be when it goes out; return it."""
        self.gzipped  # noqa: B018 - made at its first use
        return self

    def is_ready(self, accepted: str | None) -> bool:
        """Tell whether nothing must be compressed for a client that accepts these codings."""
        return not self._compress or self._twin is not None or not accepts_gzip(accepted)

    def etag(self, *, gzipped: bool = False) -> str:
        """Return the tag: a strong one of the plain bytes or of the gzipped, which are others; a weak one of both."""
        return f'W/"{self.tag}"' if self.weak else f'"{self.tag}-gzip"' if gzipped else f'"{self.tag}"'

    def __len__(self) -> int:
        """Return the bytes that it takes up, or may: compressed, a page takes an eighth."""
        twin = len(self._twin) if self._twin is not None else len(self.content) // 8 if self._compress else 0
        return len(self.content) + twin


class Kept:
    """Bodies that were asked for lately, by what was asked; those that nobody asked for longest go first.

    Parameters
    ----------
    most_bytes
        What they may take up together.
    """

    def __init__(self, most_bytes: int) -> None:
        """Keep nothing yet."""
        self.most_bytes, self.bytes = most_bytes, 0
        self._bodies: OrderedDict[Hashable, Body] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Body | None:
        """Return what is kept under a key."""
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def clear(self) -> None:
        """Forget all: what is served was replaced."""
        with self._lock:
            self._bodies.clear()
            self.bytes = 0

    def put(self, key: Hashable, body: Body) -> None:
        """Keep a body; one that would fill more than an eighth of the room is not kept."""
        if len(body) * 8 > self.most_bytes:
            return
        with self._lock:
            before = self._bodies.pop(key, None)
            self.bytes += len(body) - (len(before) if before is not None else 0)
            self._bodies[key] = body
            while self.bytes > self.most_bytes:
                self.bytes -= len(self._bodies.popitem(last=False)[1])


def send_body(
    request: Request,
    body: Body,
    *,
    filename: str | None = None,
    public: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Send a body as it is asked for: whole (200), a part (206 or 416), or nothing where the client has it (304).

    Parameters
    ----------
    filename
        Under what name a browser saves it.
    public
        It is the same for everybody: caches between may keep it.
    headers
        Further ones.
    """
    asked = request.headers
    gzipped = _takes_gzip(asked, body) and body.gzipped is not None
    told = {
        "ETag": body.etag(gzipped=gzipped),
        "Vary": "Accept, Accept-Encoding",
        "Cache-Control": "public, no-cache" if public else "private, no-cache",
        **(headers or {}),
    }
    if has_already(asked.get("if-none-match", ""), (body.etag(), body.etag(gzipped=True))):
        return Response(status_code=304, headers=told)
    content = body.content
    if gzipped and body.gzipped is not None:
        content, told["Content-Encoding"] = body.gzipped, "gzip"
    told["Accept-Ranges"] = "bytes"
    if filename is not None:
        told["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    wanted = _RANGE.fullmatch(asked.get("range", ""))
    same = asked["if-range"] == told["ETag"] and not body.weak if "if-range" in asked else True
    if wanted is None or not same or request.scope.get(HEAD):
        return Response(content, headers=told, media_type=body.media_type)
    return _part(content, wanted, told, body.media_type)


def has_already(known: str, tags: Sequence[str]) -> bool:
    """Tell whether a client names one of the tags in its ``If-None-Match``, weak or strong alike (RFC 9110, 13.1.2)."""
    names = {part.strip().removeprefix("W/") for part in known.split(",")}
    return "*" in names or any(tag.removeprefix("W/") in names for tag in tags)


def wishes(header: str | None) -> Iterator[tuple[str, float]]:
    """Yield what a client would take, with its parameters, and the weight of each, in order (RFC 9110, 12.4.2).

    Of the first 20, those whose weight is none are left out.
    """
    for part in (header or "").lower().split(",")[:20]:
        name, comma, weight = (one.strip() for one in _Q.sub(",", part, count=1).partition(","))
        if not comma or _WEIGHT.fullmatch(weight):
            yield name, float(weight) if comma else 1.0


def accepts_gzip(accepted: str | None) -> bool:
    """Tell whether ``Accept-Encoding`` wants gzip at least as much as plain bytes (RFC 9110, 12.5.3)."""
    weights = dict(wishes(accepted))
    gzipped = max((weights[name] for name in ("gzip", "x-gzip") if name in weights), default=weights.get("*", 0.0))
    return gzipped > 0 and gzipped >= weights.get("identity", 0.0)


def _takes_gzip(asked: Mapping[str, str], body: Body) -> bool:
    """Tell which of the two a client gets: of parts the plain one, but where a part of the other is continued."""
    if not accepts_gzip(asked.get("accept-encoding")):
        return False
    return "range" not in asked or asked.get("if-range") == body.etag(gzipped=True)


def _part(content: bytes, wanted: re.Match[str], headers: dict[str, str], media_type: str) -> Response:
    size = len(content)
    first, last, end = wanted.groups()
    begin = max(0, size - int(end)) if first is None else int(first)
    stop = min(size, int(last) + 1) if last else size
    if first is not None and last and int(last) < begin:  # no range at all: as if none were asked for
        return Response(content, headers=headers, media_type=media_type)
    if begin >= stop:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    headers["Content-Range"] = f"bytes {begin}-{stop - 1}/{size}"
    return Response(content[begin:stop], 206, headers, media_type)
