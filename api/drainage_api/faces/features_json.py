"""Features as GeoJSON: a page with the links to those before and after it, or one by itself."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from fastapi import Request
from numpy.typing import NDArray

from drainage.report import Features
from drainage_api.asked.question import Question
from drainage_api.asked.systems import System
from drainage_api.faces.describing import ITEMS
from drainage_api.models import GEOJSON
from drainage_api.served.answers import Link, address_of, link, papers
from drainage_api.work.answering import Blocks, Page

#: A page of more features goes out in blocks of so many (own choice: about a megabyte).
BLOCK: Final = 1_000
Rows = NDArray[np.integer[Any]]


def page_of(
    request: Request,
    features: Features,
    rows: Rows,
    question: Question,
    *,
    path: Sequence[str],
    version: str = "",
    more: Mapping[str, object] | None = None,
) -> Page | Blocks:
    """Return a page of the features in some rows.

    Parameters
    ----------
    rows
        All that were asked for, in their order; the page is cut from them here.
    path
        Of this address.
    more
        Further members of the collection.
    """
    matched = len(rows)
    shown = rows[:0] if question.hits else rows[question.offset : question.offset + question.limit]
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    head = {
        "type": "FeatureCollection",
        **papers(request, version),
        **(more or {}),
        "numberMatched": matched,
        "numberReturned": len(shown),
        "timeStamp": now,
        "links": page_links(request, path, question, matched),
    }
    begin = json.dumps(head, ensure_ascii=False, allow_nan=False)[:-1].encode() + b', "features": ['
    headers = {"Content-Crs": f"<{question.system.uri}>"} if features.crs is not None else {}
    if len(shown) > 2 * BLOCK:
        return Blocks(_blocks(begin, features, shown, question), GEOJSON, len(shown), headers)
    texts = _texts(features, shown, question)
    return Page(b"".join((begin, b",\n".join(texts), b"]}")), GEOJSON, count=len(shown), headers=headers)


def page_links(request: Request, path: Sequence[str], question: Question, matched: int) -> list[Link]:
    """Return the links of a page: itself, its other faces, the pages beside it and its collection."""
    asked = {name: value for name, value in request.query_params.items() if name not in {"limit", "offset"}}
    limit, offset = question.limit, question.offset

    def at(start: int, face: str = "") -> str:
        paging = {"limit": limit, "offset": start} if question.paged or start else {}
        said = {name: value for name, value in asked.items() if name != "crs"} if face == "csv" else asked
        return address_of(request, *path, **(said | ({"f": face} if face else {})), **paging)

    links = [link(at(offset), "self", GEOJSON)]
    if path[0] == "collections":
        links += [link(at(offset, face), "alternate", *ITEMS[face]) for face in ("html", "csv", "fgb")]
        links.append(link(address_of(request, *path[:2], version=asked.get("version")), "collection"))
    if question.hits:
        return links
    if offset + limit < matched:
        links.append(link(at(offset + limit), "next", GEOJSON))
    if offset > 0:
        links.append(link(at(max(0, offset - limit)), "prev", GEOJSON))
    return links


def feature_of(features: Features, row: int, system: System, more: Mapping[str, object]) -> Page:
    """Return one feature, with further members."""
    [text] = features.texts(np.array([row]), crs=_target(system), swapped=system.swapped)
    added = json.dumps(more, ensure_ascii=False, allow_nan=False)[1:].encode()
    headers = {"Content-Crs": f"<{system.uri}>"} if features.crs is not None else {}
    return Page(text.rstrip()[:-1] + b", " + added, GEOJSON, count=1, headers=headers)


def _blocks(begin: bytes, features: Features, rows: Rows, question: Question) -> Iterator[bytes]:
    yield begin
    for start in range(0, len(rows), BLOCK):
        texts = _texts(features, rows[start : start + BLOCK], question)
        yield (b",\n" if start else b"") + b",\n".join(texts)
    yield b"]}"


def _texts(features: Features, rows: Rows, question: Question) -> list[bytes]:
    system = question.system
    return features.texts(rows, columns=question.columns, crs=_target(system), swapped=system.swapped)


def _target(system: System) -> str | None:
    return None if system.epsg is None else system.crs
