"""How an answer goes out: as JSON with its links, its provenance and an ETag."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast
from urllib.parse import quote, urlencode

from fastapi import Request, Response

import drainage as dr
from drainage_api.wire import JSON

Link = dict[str, str]


@dataclass(frozen=True, eq=False)
class Served:
    """The report that is served and the address under which clients know it."""

    report: dr.report.Report
    public_url: str | None

    @cached_property
    def extents(self) -> dict[str, list[float] | None]:
        """West, south, east, north of each collection; None where nothing has a place."""
        return {name: self.report.extent(name) for name in self.report.collections}

    def kinds(self, name: str) -> dict[str, str]:
        """Return the properties of a collection with the kind of their values, in numpy's letters: i, u, f, b, M, O."""
        frame = self.report.collections[name].drop(columns="geometry", errors="ignore")
        kinds = {str(column): str(frame[column].dtype.kind) for column in frame.columns}
        return kinds | ({str(frame.index.name): "O"} if frame.index.name else {})

    def address(self, request: Request, *parts: str, **query: object) -> str:
        """Return the absolute address of a path, each part quoted."""
        base = (self.public_url or str(request.base_url)).rstrip("/")
        path = "/".join(quote(part, safe="") for part in parts)
        return f"{base}/{path}" + (f"?{urlencode(query)}" if query else "")

    def summary_of(self, *names: str) -> object:
        """Return a part of the summary by its path, or None."""
        part: object = self.report.summary
        for name in names:
            part = part.get(name) if isinstance(part, Mapping) else None
        return part

    @property
    def notice(self) -> dict[str, object]:
        """What every answer says about made-up data; nothing where the data is real."""
        text = self.report.provenance.notice
        return {"synthetic": True, "notice": text} if text else {}


def served(request: Request) -> Served:
    """Return what this application serves."""
    return cast("Served", request.app.state.served)


def link(href: str, rel: str, media_type: str = JSON, title: str = "") -> Link:
    """Make a link."""
    return {"href": href, "rel": rel, "type": media_type} | ({"title": title} if title else {})


def answer(
    request: Request, document: Mapping[str, object], media_type: str = JSON, *, stamp: str | None = None
) -> Response:
    """Send a document with its provenance and the synthetic notice; 304 where the client has it already.

    Parameters
    ----------
    stamp
        ``timeStamp`` of the answer; the ETag does not depend on it.
    """
    here = served(request)
    papers = {**here.notice, "provenance": here.report.provenance.as_dict()}
    text = json.dumps({**papers, **document}, ensure_ascii=False, allow_nan=False)
    stamped = text if stamp is None else f'{text[:-1]}, "timeStamp": {json.dumps(stamp)}}}'
    return send(request, stamped.encode(), media_type, etag(text.encode()))


def send(request: Request, body: bytes, media_type: str, tag: str) -> Response:
    """Send bytes under their tag, or 304."""
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept"}
    known = {part.strip() for part in request.headers.get("if-none-match", "").split(",")}
    if "*" in known or tag in known or tag.removeprefix("W/") in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def etag(content: bytes) -> str:
    """Return a weak tag: the same content may go out compressed or with another time."""
    return f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
