"""HTTP/1.1 as uvicorn and httptools read it, within limits of time and size."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from drainage.said import in_language
from drainage.words import LANGUAGES, in_both
from drainage_api.models import PROBLEM
from drainage_api.server.door import Door

#: Requests that a client may send ahead of their answers (own choice; browsers send none).
MAX_AHEAD = 16
#: Fields of a header (own choice; browsers send about twenty).
MAX_FIELDS = 100


class _Refused(Exception):  # noqa: N818 - of the client, not of the server
    """A request that is not taken."""

    def __init__(self, status: HTTPStatus) -> None:
        """Say how."""
        super().__init__(status.phrase)
        self.status = status


def protocol_of(door: Door) -> type[asyncio.Protocol]:
    """Return the protocol of the connections that come through a door."""
    return type("Bounded", (_Bounded,), {"door": door})


class _Bounded(HttpToolsProtocol):
    """A connection that is closed when it takes too long or sends too much."""

    door: Door
    address = ""
    until = 0.0
    _in_header = True
    _received = 0
    _body_bytes = 0
    _most_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Take the connection where there is room."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        if not self.door.enter(self):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room."""
        self.door.leave(self)
        super().connection_lost(exc)

    def shut(self) -> None:
        """Close the connection at once, whatever is still to be sent."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read on; what is no request, or too large a one, is answered once and ends the connection."""
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        self._received += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self.cycle is not None:  # no other protocol is spoken here: answered in this one, and closed
                self.cycle.keep_alive = False
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.status if isinstance(cause, _Refused) else HTTPStatus.BAD_REQUEST)
        else:
            self._check_length()

    def on_message_begin(self) -> None:
        """Begin to count a request, and its time where the client was idle before."""
        super().on_message_begin()
        self._in_header, self._received, self._body_bytes = True, 0, 0
        self._most_bytes = self.door.limits.body_bytes
        if not self._is_answering:
            self.door.wait(self, self.door.limits.header_s)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the header, as long as they are not too many."""
        super().on_header(name, value)
        if len(self.headers) > MAX_FIELDS:
            raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Start the answer, where header and body are as short and the requests ahead as few as they may be."""
        limits = self.door.limits
        self._in_header = False
        if not self.url.startswith(b"/"):  # a proxy's question, or one that says another host than `Host`
            raise _Refused(HTTPStatus.BAD_REQUEST)
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > limits.header_bytes:
            raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if len(self.pipeline) >= MAX_AHEAD:
            raise _Refused(HTTPStatus.TOO_MANY_REQUESTS)
        self._most_bytes = limits.body_of(self.parser.get_method(), self.url)
        for name, value in self.headers:
            if name == b"content-length" and int(value) > self._most_bytes:
                raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not self._is_answering:
            self.door.work(self)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, as long as it is not too large."""
        self._body_bytes += len(body)
        if self._body_bytes > self._most_bytes:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Go on with what was sent ahead, or wait for the next request."""
        ahead = bool(self.pipeline)
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if ahead:
            self.door.work(self)
        else:
            self.door.wait(self, self.door.limits.idle_s)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _check_length(self) -> None:
        """Refuse what the parser gathers without telling: a field that does not end, in the header or behind a body."""
        limits = self.door.limits
        if self._in_header and self._received > limits.header_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._received > limits.header_bytes + 2 * self._most_bytes:  # a chunk has its length beside it
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer with the status, where no other answer has begun, and close."""
        if status is not HTTPStatus.SERVICE_UNAVAILABLE:
            self.door.malformed += 1
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            self.transport.abort()
            return
        told = {"type": "about:blank", "title": status.phrase, "status": status.value}
        body = json.dumps(told | self._said(status), ensure_ascii=False).encode()
        lines = [
            *(name + b": " + value for name, value in self.server_state.default_headers),
            b"content-type: " + PROBLEM.encode(),
            b"content-length: %d" % len(body),
            b"connection: close",
            *([b"retry-after: 5"] if status is HTTPStatus.SERVICE_UNAVAILABLE else []),
        ]
        self.transport.write(STATUS_LINE[status] + b"\r\n".join(lines) + b"\r\n\r\n" + body)
        self.transport.close()

    def _said(self, status: HTTPStatus) -> dict[str, object]:
        """Return what a person may read of a refusal: how much is taken."""
        if status is not HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return {}
        most_mb = self._most_bytes / 1e6
        said = in_both("door_too_large", most=f"{most_mb:.0f}" if most_mb >= 10.0 else f"{most_mb:g}")
        return {"detail": said.both, "said": {lang: str(in_language(said, lang)) for lang in LANGUAGES}}
