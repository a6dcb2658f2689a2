"""What goes over the wire, as the description of the addresses tells it: in OpenAPI 3.0, without null and const."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, NonNegativeInt

JSON = "application/json"
GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
HTML = "text/html"
PROBLEM = "application/problem+json"


class GeoJson(JSONResponse):
    """Features."""

    media_type = GEOJSON


class OpenApi(JSONResponse):
    """The description itself."""

    media_type = OPENAPI


class Link(BaseModel):
    """Where else to look."""

    href: str
    rel: str
    type: str = ""
    title: str = ""


class Feature(BaseModel):
    """A feature (RFC 7946)."""

    type: str = Field(json_schema_extra={"enum": ["Feature"]})
    id: str
    geometry: dict[str, Any] = Field(json_schema_extra={"nullable": True})
    properties: dict[str, Any] = Field(json_schema_extra={"nullable": True})
    links: list[Link] = []


class FeatureCollection(BaseModel):
    """A page of features."""

    type: str = Field(json_schema_extra={"enum": ["FeatureCollection"]})
    features: list[Feature]
    links: list[Link]
    numberMatched: NonNegativeInt  # noqa: N815 - as OGC API – Features writes it
    numberReturned: NonNegativeInt  # noqa: N815
    timeStamp: dt.datetime  # noqa: N815


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
