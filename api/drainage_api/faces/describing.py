"""What a collection is, as the standard describes it: counts, place, time, systems, links."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request

from drainage_api.asked.holding import Holding
from drainage_api.asked.systems import CRS84, offered, storage
from drainage_api.faces.json_schema import about, title
from drainage_api.models import CSV, FLATGEOBUF, GEOJSON, HTML, JSON, SCHEMA
from drainage_api.served.answers import Link, address_of, link

REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
GREGORIAN: Final = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
#: Registered in small letters, and compared without regard to case (RFC 8288, 2.1.1) but by GDAL.
DESCRIBED: Final = "describedBy"
#: Face → its media type and what it is called.
ITEMS: Final = {
    "json": (GEOJSON, "GeoJSON"), "html": (HTML, "HTML"), "csv": (CSV, "CSV"), "fgb": (FLATGEOBUF, "FlatGeobuf")
}  # fmt: skip


def metadata(request: Request, holding: Holding) -> dict[str, Any]:
    """Return the description of a collection (OGC API – Features 1.0, 7.13; Part 2, 6.2)."""
    features, name = holding.features, holding.name
    document: dict[str, Any] = {
        "id": name,
        "title": title(name),
        "description": about(name),
        "itemType": "feature",
        "itemCount": len(features),
        "crs": [system.uri for system in offered(features.crs)],
        "links": _links(request, holding),
    }
    if (kept := storage(features.crs)) is not None:
        document["storageCrs"] = kept.uri
    extent: dict[str, Any] = {}
    if features.extent is not None:
        extent["spatial"] = {"bbox": [features.extent], "crs": CRS84}
    if (interval := features.interval) is not None and any(interval):
        days = [None if day is None else f"{day.isoformat()}T00:00:00Z" for day in interval]
        extent["temporal"] = {"interval": [days], "trs": GREGORIAN}
    if extent:
        document["extent"] = extent
    return document | holding.why_not


def _links(request: Request, holding: Holding) -> list[Link]:
    name, said = holding.name, title(holding.name)

    def at(*parts: str, **query: str) -> str:
        return address_of(request, "collections", name, *parts, version=holding.version or None, **query)

    return [
        link(at(), "self", JSON, said),
        link(at(f="html"), "alternate", HTML, said),
        link(at("items"), "items", GEOJSON, said),
        *(link(at("items", f=face), "items", *ITEMS[face]) for face in ("html", "csv", "fgb")),
        link(at("schema"), f"{REL}schema", SCHEMA, "Schema"),
        link(at("schema", of="feature"), DESCRIBED, SCHEMA, "GeoJSON"),
        link(at("queryables"), f"{REL}queryables", SCHEMA, "Queryables"),
    ]
