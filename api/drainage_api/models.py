"""What goes over the wire, as the description of the addresses tells it: in OpenAPI 3.0, without null and const."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, NonNegativeInt
from pydantic.config import JsonDict

JSON = "application/json"
GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
HTML = "text/html"
CSV = "text/csv"
FLATGEOBUF = "application/vnd.flatgeobuf"
PROBLEM = "application/problem+json"


class GeoJson(JSONResponse):
    """Features."""

    media_type = GEOJSON


class JsonSchema(JSONResponse):
    """What properties are."""

    media_type = SCHEMA


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


#: A value that may be missing; pydantic never sees it, only the description does.
NULLABLE: JsonDict = {"nullable": True}
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
OCTETS = "application/octet-stream"


class InBoth(BaseModel):
    """A sentence in Chinese and in English."""

    zh: str
    en: str


class EventTold(BaseModel):
    """What was done to a submission."""

    at: dt.datetime
    act: str
    state: str
    who: str
    role: str
    words: str


class SubmissionTold(BaseModel):
    """A submission as it stands."""

    id: str
    state: str
    received: dt.datetime
    filename: str
    kind: str
    digest: str
    size: NonNegativeInt
    base: NonNegativeInt
    by: str
    roads: list[str]
    words: str
    previous: str = Field(json_schema_extra=NULLABLE)
    version: int = Field(json_schema_extra=NULLABLE)
    progress: dict[str, Any] = Field(json_schema_extra=NULLABLE)
    problem: InBoth = Field(json_schema_extra=NULLABLE)
    history: list[EventTold]
    links: list[Link]


class SubmissionPage(BaseModel):
    """Submissions, the newest first."""

    submissions: list[SubmissionTold]
    numberMatched: NonNegativeInt  # noqa: N815 - as OGC API – Features writes it
    numberReturned: NonNegativeInt  # noqa: N815
    links: list[Link]


class ReceiptTold(BaseModel):
    """Facts, signed: the signature is of their canonical JSON (RFC 8785)."""

    receipt: dict[str, Any]
    signature: str
    public_key: str
    algorithm: str = Field(json_schema_extra={"enum": ["Ed25519"]})


class ReceiptsTold(ReceiptTold):
    """The receipt of what was received, and those of the decisions."""

    decisions: list[ReceiptTold]


class PublicKeyTold(BaseModel):
    """The key that signs the receipts of this server."""

    algorithm: str = Field(json_schema_extra={"enum": ["Ed25519"]})
    public_key: str
    fingerprint: str


class NoticeTold(BaseModel):
    """What a sender is told."""

    number: int
    submission: str
    at: dt.datetime
    state: str
    words: str
    seen: dt.datetime = Field(json_schema_extra=NULLABLE)
    links: list[Link]


class NoticePage(BaseModel):
    """Notices, the newest first."""

    notices: list[NoticeTold]
    unseen: NonNegativeInt
    numberMatched: NonNegativeInt  # noqa: N815
    numberReturned: NonNegativeInt  # noqa: N815


class Seen(BaseModel):
    """How many notices were not seen before."""

    seen: NonNegativeInt


class JobTold(BaseModel):
    """What the server computes."""

    id: str
    kind: str
    subject: str
    state: str
    made: float
    attempts: NonNegativeInt
    progress: dict[str, Any] = Field(json_schema_extra=NULLABLE)
    error: InBoth = Field(json_schema_extra=NULLABLE)
