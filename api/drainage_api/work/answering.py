"""Answers that take time: made once in the pool, kept for whoever asks the same, and not made for who has them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from fastapi import Request, Response

from drainage_api.served.answers import told
from drainage_api.served.bodies import QUICK, Body, Kept, has_already, send_body
from drainage_api.work.pool import run, stream


class Page(Body):
    """A body with the number of features in it, which the audit log keeps.

    Parameters
    ----------
    headers
        Further ones.
    """

    __slots__ = ("count", "headers")

    def __init__(
        self,
        content: bytes,
        media_type: str,
        *,
        count: int = 0,
        headers: Mapping[str, str] | None = None,
        compress: bool = True,
    ) -> None:
        """Compress it quickly: it is made for one question."""
        super().__init__(content, media_type, level=QUICK, weak=True, compress=compress)
        self.count, self.headers = count, dict(headers or {})


@dataclass(frozen=True, slots=True)
class Blocks:
    """An answer that is made while it goes out; see `Page`."""

    parts: Iterable[bytes]
    media_type: str
    count: int
    headers: Mapping[str, str]


async def answer_kept(
    request: Request, key: Hashable, make: Callable[[], Page | Blocks], *, filename: str | None = None
) -> Response:
    """Send what a key stands for: nothing to a client that has it, else what is kept, else what is made in the pool.

    Parameters
    ----------
    key
        All that the answer depends on, so that the same key never stands for two.
    make
        What makes it; whatever is wrong with the question is said from there.
    filename
        Under what name a browser saves it.
    """
    tag = hashlib.sha256(repr(key).encode()).hexdigest()[:32]
    known = request.headers.get("if-none-match", "")
    if known and "*" not in known and has_already(known, (f'"{tag}"', f'"{tag}-gzip"')):
        held = f"{tag}-gzip" if f"{tag}-gzip" in known else tag
        return Response(status_code=304, headers={"ETag": f'W/"{held}"', **_PRIVATE, **told(request)})
    kept = cast("Kept", request.app.state.kept)
    body = kept.get(tag)
    accepted = request.headers.get("accept-encoding")
    if body is None:
        made = await run(request, _made, make, accepted)
        if isinstance(made, Blocks):
            return _streamed(request, made, tag, filename)
        made.tag, body = tag, made
        kept.put(tag, made)
    elif not body.is_ready(accepted):
        await run(request, lambda: body.gzipped)
    page = cast("Page", body)
    request.state.count = page.count
    return send_body(request, page, filename=filename, headers={**told(request), **page.headers})


def _made(make: Callable[[], Page | Blocks], accepted: str | None) -> Page | Blocks:
    """Make an answer, compressed where the client takes it so."""
    made = make()
    if isinstance(made, Page) and not made.is_ready(accepted):
        made.gzipped  # noqa: B018 - made at its first use
    return made


_PRIVATE = {"Cache-Control": "private, no-cache"}


def _streamed(request: Request, blocks: Blocks, tag: str, filename: str | None) -> Response:
    request.state.count = blocks.count
    headers = {"ETag": f'W/"{tag}"', **_PRIVATE, **told(request), **blocks.headers}
    if filename is not None:
        headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return stream(request, blocks.parts, blocks.media_type, headers)
