"""How the client asks: with its key, in patience where the server is busy, and with the server's own words for errors.

The key goes to the server that was named and to no other: redirects are not followed, and of a link to the next page
only the question is taken.
"""

from __future__ import annotations

import gzip
import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any, Final
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import drainage as dr

#: Statuses after which it is worth to ask again.
_LATER: Final = frozenset({429, 503})
#: Wait so long where the server does not say how long, s (own choice).
_WAIT_S: Final = 2.0
_LONGEST_TEXT: Final = 500


class ServerError(dr.errors.FormatError):
    """The server refused a request, with its own words and what to do about it.

    Parameters
    ----------
    status
        Of HTTP: 400 what was asked, 401 no key or a wrong one, 403 not for this key, 404 not there, 409 too early or
        too late, 413 too large, 415 of an unknown kind, 422 not to be taken as it is, 429 too often, 503 busy or still
        reading, 507 no room.
    detail
        What the server says.
    retry_after_s
        When to ask again, s; None: not said.
    """

    def __init__(self, status: int, detail: str, retry_after_s: float | None = None) -> None:
        """Make the sentence."""
        self.status, self.detail, self.retry_after_s = status, detail, retry_after_s
        remedy = _REMEDIES.get(status, "")
        super().__init__(f"{status}: {detail}" + (f" ({remedy})" if remedy else ""))


class KeyRefusedError(ServerError):
    """401 or 403: there is no key, it is wrong, revoked or has ended, or it may not do this."""


class NotThereError(ServerError):
    """404: there is no such thing, or not for this key."""


class BusyError(ServerError):
    """429 or 503, still after all patience."""


_KINDS: Final[Mapping[int, type[ServerError]]] = {
    401: KeyRefusedError, 403: KeyRefusedError, 404: NotThereError, 429: BusyError, 503: BusyError,
}  # fmt: skip
_REMEDIES: Final = {
    401: "give a key: Client(address, key=…)",
    429: "ask less often, or with a longer patience_s",
    503: "ask again later, or with a longer patience_s",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the bytes as they are meant, and the headers."""

    content: bytes
    headers: Message

    def json(self) -> dict[str, Any]:
        """Return the document.

        Raises
        ------
        FormatError
            It is none: something else than this server answers there.
        """
        try:
            found = json.loads(self.content)
        except ValueError as error:
            raise dr.errors.FormatError("the answer is no JSON: is this the address of a drainage server?") from error
        if not isinstance(found, dict):
            raise dr.errors.FormatError("the answer is no document: is this the address of a drainage server?")
        return found


class Line:
    """The line to one server.

    Parameters
    ----------
    address, key, timeout_s, patience_s
        As of the client.
    """

    def __init__(self, address: str, key: str | None, timeout_s: float, patience_s: float) -> None:
        """Keep them; nothing is asked yet."""
        if not address.startswith(("http://", "https://")):
            raise dr.errors.FormatError(f"{address}: expected the address of a server, such as http://127.0.0.1:8000")
        self.address, self.timeout_s, self.patience_s = address.rstrip("/"), timeout_s, patience_s
        self._headers = {"Accept-Encoding": "gzip", "User-Agent": f"drainage/{dr.__version__}"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        self._opener = build_opener(_NoRedirect)

    def ask(self, *parts: str, query: str | Mapping[str, object] = "", accept: str = "application/json") -> Answer:
        """Ask for a path, each part of which is quoted; again where the server is busy, as long as patience lasts.

        Raises
        ------
        ServerError
            It is refused.
        OSError
            There is no server at the address, or it broke off.
        """
        asked = query if isinstance(query, str) else urlencode(query, doseq=True)
        return self._patiently(Request(self._url(parts, asked), headers={**self._headers, "Accept": accept}))  # noqa: S310 - of HTTP, as checked above

    def send(
        self, method: str, *parts: str, body: bytes = b"", kind: str = "application/json", again: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Send something to a path; again where the server is busy, which has then taken nothing.

        Parameters
        ----------
        body, kind
            What, and its media type.
        again
            Whether it is sent again too where the server breaks off: only what does nothing the second time.

        Raises
        ------
        ServerError, OSError
            As of `ask`.
        """
        told = {**self._headers, "Accept": "application/json", "Content-Type": kind, **(headers or {})}
        request = Request(self._url(parts), data=body, headers=told, method=method)  # noqa: S310 - as above
        return self._patiently(request, again=again)

    def _url(self, parts: Sequence[str], asked: str = "") -> str:
        path = "/".join(quote(part, safe="") for part in parts)
        return f"{self.address}/{path}" + (f"?{asked}" if asked else "")

    def _patiently(self, request: Request, *, again: bool = False) -> Answer:
        ends = time.monotonic() + self.patience_s
        while True:
            try:
                return self._once(request)
            except BusyError as error:
                wait_s = _WAIT_S if error.retry_after_s is None else max(error.retry_after_s, 0.1)
                if time.monotonic() + wait_s > ends:
                    raise
            except OSError:
                wait_s = _WAIT_S
                if not again or time.monotonic() + wait_s > ends:
                    raise
            time.sleep(wait_s)

    def _once(self, request: Request) -> Answer:
        try:
            with self._opener.open(request, timeout=self.timeout_s) as answer:
                return Answer(_plain(answer.read(), answer.headers), answer.headers)
        except HTTPError as error:
            with error:
                raise _refused(error) from None
        except http.client.HTTPException as error:
            raise OSError(f"{request.full_url}: the answer broke off") from error


class _NoRedirect(HTTPRedirectHandler):
    """Let nobody send the key elsewhere."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        del req, fp, code, msg, headers, newurl
        return None


def _plain(content: bytes, headers: Message) -> bytes:
    return gzip.decompress(content) if headers.get("Content-Encoding") == "gzip" else content


def _refused(error: HTTPError) -> ServerError:
    """Return the error in the words of the server, if it has any."""
    told = _plain(error.read(), error.headers).decode(errors="replace")
    try:
        detail = str(json.loads(told)["detail"])
    except (ValueError, LookupError, TypeError):
        detail = str(error.reason)
    after = error.headers.get("Retry-After", "")
    seconds = float(after) if after.isascii() and after.isdecimal() else None
    return _KINDS.get(error.code, ServerError)(error.code, detail[:_LONGEST_TEXT], seconds)
