"""Sightings as documents, for programs and for the pages that show them."""

from __future__ import annotations

import json
from typing import Any, Final

import pandas as pd
from fastapi import Request

from drainage.report import Sighted
from drainage_api.access.keeper import Vault
from drainage_api.served.answers import address_of, link
from drainage_api.store.spotted import Sighting, State

_JPEG: Final = "image/jpeg"


def sightings_document(
    request: Request, desk: Vault, state: State | None = None, limit: int = 100, offset: int = 0
) -> dict[str, Any]:
    """Return sightings, the newest first, and how many there are in each state."""
    counts = desk.sightings.counts()
    found = desk.sightings.listed(state, limit=limit, offset=offset)
    return {
        "sightings": [sighting_document(request, one) for one in found],
        "numberMatched": sum(counts.values()) if state is None else counts[state],
        "numberReturned": len(found),
        "counts": counts,
        "links": [
            link(address_of(request, "sightings"), "self"),
            link(address_of(request, "sightings", "summary"), "related"),
        ],
    }


def sighting_document(request: Request, one: Sighting) -> dict[str, Any]:
    """Return a sighting as engineers see it: with the place itself, and with the address of its photograph."""
    at = address_of(request, "sightings", one.id)
    photo = [link(address_of(request, "sightings", one.id, "photo"), "enclosure", _JPEG)] if one.photo else []
    return {**one.document(), "links": [link(at, "self"), *photo]}


def summary_document(sighted: Sighted) -> dict[str, Any]:
    """Return hits and misses: the counts, and a row for each sighting and for each point."""
    columns = ["date", "depth_m", "match", "point_id", "computed_depth_m", "distance_m", "explanation"]
    points = ["rank", "road", "grade", "depth_m", "reported", "sightings"]
    seen = sighted.sightings[[name for name in columns if name in sighted.sightings]]
    return {
        "summary": sighted.summary,
        "sightings": _rows(pd.DataFrame(seen)),
        "points": _rows(pd.DataFrame(sighted.points[points])),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(table.reset_index().to_json(orient="records", date_format="iso"))
    return found
