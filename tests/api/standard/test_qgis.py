"""How QGIS reads a collection: its own sequence of requests, written from its OGC API – Features provider.

Landing page → API → collection → conformance → queryables → ten features → schema, then pages of the size that it finds
in the API, each with the part of the filter that it can push. Truth: the features of the collection.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.standard.sites import SITES, collections, site

pytestmark = pytest.mark.parametrize("name", SITES)
CONF = "http://www.opengis.net/spec/{}"
SCHEMA = "http://www.opengis.net/def/rel/ogc/1.0/schema"


class Qgis:
    """What QGIS asks for and understands; every request is counted."""

    def __init__(self, name: str, collection: str) -> None:
        """Open a layer."""
        self.name, self.requests = name, 0
        links = {(link["rel"], link["type"]): link["href"] for link in self.get("/", "application/json")["links"]}
        openapi = "application/vnd.oai.openapi+json;version=3.0"
        api = self.get(links["service-desc", openapi], f"{openapi}, application/json")
        self.page = page_size(api)
        self.simple = simple_queryables(api, collection)
        self.base = links["data", "application/json"] + f"/{collection}"
        self.described = self.get(self.base, "application/json")
        self.classes = self.get(links["conformance", "application/json"], "application/json")["conformsTo"]
        self.queryables = self.get(f"{self.base}/queryables", "application/schema+json")["properties"]
        self.first = self.get(f"{self.base}/items?limit=10", "application/geo+json, application/json")
        [schema] = [
            link["href"]
            for link in self.described["links"]
            if link["rel"] == SCHEMA and link["type"] == "application/schema+json"
        ]
        self.fields = self.get(schema, "application/schema+json")["properties"]

    def get(self, href: str, accept: str) -> dict[str, Any]:
        """Ask, as QGIS does: a wrong type is an error to it."""
        self.requests += 1
        answer = site(self.name).get(href, headers={"Accept": accept})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].split(";")[0] in accept
        document: dict[str, Any] = answer.json()
        return document

    def read(self, **query: str) -> list[dict[str, Any]]:
        """Read all pages by their links."""
        asked = "".join(f"&{key}={quote(value)}" for key, value in query.items())
        href, found = f"{self.base}/items?limit={self.page}{asked}", []
        while href:
            document = self.get(href, "application/geo+json, application/json")
            found += document["features"]
            href = next((link["href"] for link in document["links"] if link["rel"] == "next"), "")
        return found


def page_size(api: dict[str, Any]) -> int:
    """Return the page that QGIS takes: what the API gives by default, but a thousand, and no more than its maximum."""
    schema = api["components"]["parameters"]["limit"]["schema"]
    return min(max(1000, int(schema["default"])), int(schema["maximum"]))


def simple_queryables(api: dict[str, Any], collection: str) -> set[str]:
    """Return the parameters that QGIS takes for filters of their own names."""
    found = set()
    for given in api["paths"][f"/collections/{collection}/items"]["get"]["parameters"]:
        whole = api["components"]["parameters"][given["$ref"].rpartition("/")[2]] if "$ref" in given else given
        if whole["in"] == "query" and whole["style"] == "form" and whole["explode"] is False:
            found.add(str(whole["name"]))
    return found


def test_every_collection_is_read_in_pages_of_a_thousand(name: str) -> None:
    for one in collections(name):
        qgis = Qgis(name, one["id"])
        assert qgis.page == 1_000
        opening = qgis.requests
        assert opening == 7
        assert len(qgis.read()) == one["itemCount"] == qgis.first["numberMatched"]
        assert qgis.requests - opening == max(1, -(-one["itemCount"] // 1_000))


def test_types_are_those_of_the_schema_whatever_the_first_ten_features_hold(name: str) -> None:
    qgis = Qgis(name, "pipes")
    types = {"width_mm": "number", "height_mm": "number", "material": "string", "commissioned": "string"}
    assert {key: qgis.fields[key]["type"] for key in types} == types
    assert qgis.fields["commissioned"]["format"] == "date"
    assert qgis.fields["geometry"]["format"] == "geometry-linestring"
    kinds = {one["id"]: Qgis(name, one["id"]).fields["geometry"]["format"] for one in collections(name)[:8]}
    assert kinds["issue_points"] in {"geometry-point", "geometry-any"}  # any: where none of them has a place
    assert kinds["nodes"] == "geometry-point"


def test_the_classes_let_it_push_filters_places_and_systems(name: str) -> None:
    classes = Qgis(name, "pipes").classes
    wanted = [
        f"cql2/1.0/conf/{one}"
        for one in (
            "cql2-text",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "basic-spatial-operators",
        )
    ]
    wanted += [
        f"ogcapi-features-{part}"
        for part in ("3/1.0/conf/filter", "3/1.0/conf/features-filter", "2/1.0/conf/crs", "5/1.0/conf/schemas")
    ]
    assert {CONF.format(one) for one in wanted} <= set(classes)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("(\"system\" = 'storm')", lambda one: one["system"] == "storm"),
        (
            "((\"diameter_mm\" >= 650) AND (NOT (system = 'sewage')))",
            lambda one: (one["diameter_mm"] or 0) >= 650 and one["system"] != "sewage",
        ),
        ("(\"commissioned\" > DATE('2010-06-01'))", lambda one: (one["commissioned"] or "") > "2010-06-01"),
        ('("commissioned" IS NULL)', lambda one: one["commissioned"] is None),
        ("(CASEI(system) LIKE CASEI('ST%'))", lambda one: one["system"].startswith("st")),
        ("diameter_mm BETWEEN 400 AND 600", lambda one: 400 <= (one["diameter_mm"] or 0) <= 600),
        ("pipe_id IN ('p1','p2')", lambda one: one["pipe_id"] in {"p1", "p2"}),
        ('("diameter_mm" + 1 > ( - (5)))', lambda one: one["diameter_mm"] is not None),
    ],
)
def test_its_expressions_choose_what_it_would_choose_itself(name: str, expression: str, holds: Any) -> None:  # noqa: ANN401
    qgis = Qgis(name, "pipes")
    found = [one["id"] for one in qgis.read(filter=expression, **{"filter-lang": "cql2-text"})]
    assert found == [one["id"] for one in qgis.read() if holds(one["properties"])]


def test_boxes_of_the_canvas_go_with_the_system_of_the_layer(name: str) -> None:
    qgis = Qgis(name, "pipes")
    uri = qgis.described["storageCrs"]
    everything = qgis.read(crs=uri)
    first = everything[0]["geometry"]["coordinates"]
    north, east = first[0]
    box = f"{north - 1},{east - 1},{north + 1},{east + 1}"
    found = qgis.read(bbox=box, crs=uri, **{"bbox-crs": uri})
    assert everything[0] in found
    assert len(found) < len(everything)
    shown = f"S_INTERSECTS(geometry,BBOX({box}))"
    assert found == qgis.read(crs=uri, filter=shown, **{"filter-lang": "cql2-text", "filter-crs": uri})


def test_simple_filters_are_found_for_servers_without_a_language(name: str) -> None:
    assert {"system", "road", "diameter_mm", "commissioned"} <= Qgis(name, "pipes").simple
