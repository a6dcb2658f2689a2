"""The parameters of a question about features: what they are called, what they may be, how they are described.

`COMPONENTS` is what clients read of them (QGIS takes its page size and the filters that it pushes from there); every
limit stands once, here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import BeforeValidator

from drainage.words import in_both
from drainage_api.asked.filters import LANGUAGES
from drainage_api.errors import bad_request, shortened

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 10_000
MAX_OFFSET: Final = 2**31 - 1
FACES: Final = ("json", "html", "csv", "fgb")
TONGUES: Final = ("zh", "en")

#: Parameters of a page of features; a property that has one of these names is asked for with ``filter``.
PAGING: Final = (
    "bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "filter", "filter-lang", "filter-crs", "sortby",
    "properties", "resulttype", "f", "version", "lang",
)  # fmt: skip

# A digit can be read in one way only, so that a long text that is no number is told in one pass.
NUMBER: Final = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_BBOX: Final = re.compile(rf"{NUMBER}(,{NUMBER}){{3}}((,{NUMBER}){{2}})?")
_WHOLE: Final = re.compile(r"\+?[0-9]{1,18}")


def _query(name: str, schema: Mapping[str, object], about: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": about,
        "style": "form",
        "explode": False,
        "schema": schema,
    }


_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT, "minItems": 1}
#: Name → description of a parameter (OpenAPI 3.0), under ``components.parameters``; "-" is written "_" in the key.
#: Number of a version, or side of a comparison.
VERSION: Final = "^(before|after|[1-9][0-9]{0,8})$"
VERSION_ABOUT: Final = (
    "Number of a version, as `/versions` lists them, or side of a comparison (before, after); default: the newest."
)

COMPONENTS: Final[dict[str, dict[str, Any]]] = {
    "bbox": _query(
        "bbox",
        {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        },
        "West, south, east, north in degrees, or as `bbox-crs` says; of 6 numbers the heights are not used. West may "
        "be greater than east: across the antimeridian. Features without a place are in every box.",
    ),
    "bbox_crs": _query("bbox-crs", {**_TEXT, "format": "uri"}, "Coordinate system of `bbox`; one of the collection's."),
    "crs": _query("crs", {**_TEXT, "format": "uri"}, "Coordinate system of the answer; one of the collection's."),
    "datetime": _query(
        "datetime",
        _TEXT,
        "An instant, a day, or an interval as 2010-01-01/2020-12-31 with `..` or nothing for an open end: chooses by "
        "the dates of pipes (built, abandoned); what has no date is always there.",
    ),
    "limit": _query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        f"Features on a page; more than {MAX_LIMIT} are given as {MAX_LIMIT}. CSV and FlatGeobuf hold all where none "
        "is given.",
    ),
    "offset": _query(
        "offset", {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}, "Features to skip."
    ),
    "filter": _query("filter", _TEXT, "A condition in CQL2, e.g. `diameter_mm >= 800 AND NOT system = 'sewage'`."),
    "filter_lang": _query(
        "filter-lang",
        {**_TEXT, "enum": list(LANGUAGES)},
        "How `filter` is written; JSON where it begins with a brace.",
    ),
    "filter_crs": _query(
        "filter-crs", {**_TEXT, "format": "uri"}, "Coordinate system of the geometries in `filter`; default: CRS84."
    ),
    "sortby": _query("sortby", _TEXTS, "Properties to sort by, each with - before it from high to low."),
    "properties": _query("properties", _TEXTS, "Properties to return; default: all."),
    "resulttype": _query("resulttype", {**_TEXT, "enum": ["hits", "results"]}, "`hits`: the number of features only."),
    "f": _query("f", {**_TEXT, "enum": list(FACES)}, "Face of the answer, whatever `Accept` says."),
    "of": _query(
        "of",
        {**_TEXT, "enum": ["feature"]},
        "`feature`: a GeoJSON feature as a whole, properties within; for GDAL.",
    ),
    "version": _query("version", {**_TEXT, "pattern": VERSION}, VERSION_ABOUT),
    "lang": _query("lang", {**_TEXT, "enum": list(TONGUES)}, "Language of pages, titles and words."),
}


def _whole(value: object) -> object:
    """Take digits alone for a number, not 1_000 or 1e3."""
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise ValueError("a whole number was expected")
    return value


#: For routes that let FastAPI read them.
Limit = Annotated[
    int,
    Query(ge=1, description=str(COMPONENTS["limit"]["description"]), json_schema_extra={"maximum": MAX_LIMIT}),
    BeforeValidator(_whole),
]
Offset = Annotated[
    int, Query(ge=0, le=MAX_OFFSET, description=str(COMPONENTS["offset"]["description"])), BeforeValidator(_whole)
]


def key_of(name: str) -> str:
    """Return the key of a parameter among the components."""
    return name.replace("-", "_")


def refer(*names: str) -> list[dict[str, Any]]:
    """Return references to the descriptions of parameters, for a route."""
    return [{"$ref": f"#/components/parameters/{key_of(name)}"} for name in names]


def read_whole(name: str, text: str | None, *, default: int, least: int, most: int) -> int:
    """Return a whole number that was asked for.

    Raises
    ------
    HTTPException
        400: it is none, or out of its range.
    """
    if text is None:
        return default
    if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
        raise bad_request(in_both("query_whole", name=name, least=least, text=shortened(text)))
    return int(text)


def read_limit(text: str | None, default: int = DEFAULT_LIMIT) -> int:
    """Return the features of a page: one that is too large is given as the largest (OGC API – Features 1.0, 7.15.3)."""
    return min(read_whole("limit", text, default=default, least=1, most=10**18), MAX_LIMIT)


def read_offset(text: str | None) -> int:
    """Return the features to skip."""
    return read_whole("offset", text, default=0, least=0, most=MAX_OFFSET)


def read_numbers(name: str, text: str) -> list[float]:
    """Return the numbers of a box, four or six.

    Raises
    ------
    HTTPException
        400: they are none.
    """
    if not _BBOX.fullmatch(text):
        raise bad_request(in_both("query_box", name=name, text=shortened(text)))
    numbers = [float(part) for part in text.split(",")]
    if any(abs(one) > 1e300 for one in numbers):
        raise bad_request(in_both("query_number_too_large", name=name))
    return numbers


def read_choice(name: str, text: str | None, known: tuple[str, ...]) -> str | None:
    """Return one of a few words.

    Raises
    ------
    HTTPException
        400: it is none of them.
    """
    if text is not None and text not in known:
        raise bad_request(in_both("query_choice", name=name, known=", ".join(known), text=shortened(text)))
    return text
