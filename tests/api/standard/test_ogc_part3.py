"""The abstract tests of OGC API – Features, Part 3: Filtering (OGC 19-079r2, annex A), over HTTP.

What each form of CQL2 chooses stands in `test_cql2_arrays.py`. Truth: the features that are served without a filter.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.standard.sites import SITES, collections, description, links_of, parameters_of, path_of, site

PART = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/{}"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/{}"
REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"

pytestmark = pytest.mark.parametrize("name", SITES)


def asked(name: str, **query: str) -> list[dict[str, Any]]:
    answer = site(name).get("/collections/pipes/items", params={"limit": "10000", **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["features"]
    return found


def ids(features: list[dict[str, Any]]) -> list[str]:
    return [str(feature["id"]) for feature in features]


class TestQueryables:
    def test_each_collection_leads_to_those_that_it_has(self, name: str) -> None:
        """A.2 (queryables-link, queryables-op, queryables-response)."""
        for one in collections(name):
            [link] = links_of(one, REL)
            assert link["type"] == "application/schema+json"
            answer = site(name).get(path_of(link["href"]))
            assert answer.headers["content-type"] == "application/schema+json"
            schema = answer.json()
            assert (schema["$schema"], schema["type"]) == ("https://json-schema.org/draft/2020-12/schema", "object")
            assert schema["$id"] == link["href"]
            assert schema["additionalProperties"] is False
            for queryable in schema["properties"].values():
                assert "title" in queryable
                assert "type" in queryable or queryable["$ref"].startswith("https://geojson.org/schema/")

    def test_each_can_be_asked_for_by_its_name(self, name: str) -> None:
        """A.3 (queryables-query-parameters): definition and response."""
        schema = site(name).get("/collections/pipes/queryables").json()["properties"]
        given = parameters_of(name, "/collections/pipes/items")
        features = asked(name)
        for queryable, told in schema.items():
            if "$ref" in told:
                continue
            assert given[queryable]["schema"]["type"] == told["type"]
            value = features[3]["properties"][queryable]
            text = "" if value is None else json.dumps(value) if not isinstance(value, str) else value
            found = asked(name, **{queryable: text})
            assert ids(found) == ids([one for one in features if one["properties"][queryable] == value])

    @pytest.mark.parametrize(
        ("query", "condition"),
        [
            ({"diameter_mm": "500..650"}, "diameter_mm BETWEEN 500 AND 650"),
            ({"diameter_mm": "650.."}, "diameter_mm >= 650"),
            ({"diameter_mm": "..650"}, "diameter_mm <= 650"),
            ({"commissioned": "2005-01-01..2012-01-01"}, "commissioned BETWEEN '2005-01-01' AND '2012-01-01'"),
            ({"commissioned": "", "system": "storm"}, "commissioned IS NULL AND system = 'storm'"),
        ],
    )
    def test_a_range_and_a_lack_are_the_conditions_that_they_stand_for(
        self, name: str, query: dict[str, str], condition: str
    ) -> None:
        assert ids(asked(name, **query)) == ids(asked(name, filter=condition))


class TestFilter:
    def test_parameters_are_defined(self, name: str) -> None:
        """A.4 (filter-param, filter-lang-param, filter-crs-param)."""
        given = parameters_of(name, "/collections/pipes/items")
        assert given["filter"]["schema"] == {"type": "string"}
        assert {"cql2-text", "cql2-json"} <= set(given["filter-lang"]["schema"]["enum"])
        assert given["filter-crs"]["schema"]["format"] == "uri"
        assert description(name)["components"]["parameters"].keys() >= {"filter", "filter_lang", "filter_crs"}

    def test_is_the_same_in_text_and_json_and_json_is_told_by_its_brace(self, name: str) -> None:
        """A.4 (filter-lang): with and without the language named."""
        text = "diameter_mm > 650 AND system = 'storm'"
        both = {
            "op": "and",
            "args": [
                {"op": ">", "args": [{"property": "diameter_mm"}, 650]},
                {"op": "=", "args": [{"property": "system"}, "storm"]},
            ],
        }
        found = ids(asked(name, filter=text))
        assert found
        assert found == ids(asked(name, filter=text, **{"filter-lang": "cql2-text"}))
        assert found == ids(asked(name, filter=json.dumps(both), **{"filter-lang": "cql2-json"}))
        assert found == ids(asked(name, filter=json.dumps(both)))

    def test_it_joins_the_other_parameters_by_and(self, name: str) -> None:
        """A.4 (mixing-expressions)."""
        both = asked(name, filter="diameter_mm > 650", system="storm", datetime="2012-01-01")
        alone = asked(name, filter="diameter_mm > 650 AND system = 'storm'")
        dated = asked(name, datetime="2012-01-01")
        assert ids(both) == [one for one in ids(alone) if one in ids(dated)]

    def test_what_holds_and_what_does_not_and_what_is_unknown_are_all(self, name: str) -> None:
        """A.4 (response): no feature twice, none lost."""
        parts = [
            asked(name, filter=text)
            for text in ("commissioned > '2012-01-01'", "NOT commissioned > '2012-01-01'", "commissioned IS NULL")
        ]
        assert sorted(one for part in parts for one in ids(part)) == sorted(ids(asked(name)))

    def test_geometries_are_in_crs84_or_in_the_system_that_is_named(self, name: str) -> None:
        """A.4 (filter-crs-wgs84, filter-crs-param)."""
        first = asked(name, limit="1")[0]["geometry"]["coordinates"]
        (west, south), (east, north) = first[0], first[-1]
        degrees = f"S_INTERSECTS(geometry, LINESTRING({west} {south}, {east} {north}))"
        turned = f"S_INTERSECTS(geometry, LINESTRING({south} {west}, {north} {east}))"
        found = ids(asked(name, filter=degrees))
        assert found
        assert ids(asked(name, filter=turned, **{"filter-crs": "http://www.opengis.net/def/crs/EPSG/0/4326"})) == found
        assert site(name).get("/collections/pipes/items", params={"filter": turned}).status_code == 400

    @pytest.mark.parametrize(
        "query",
        [
            {"filter": "colour = 1"},
            {"filter": "diameter_mm >"},
            {"filter": "diameter_mm = 'x'"},
            {"filter": ""},
            {"filter": "a = 1", "filter-lang": "cql3"},
            {"filter": "diameter_mm = 1", "filter-lang": "cql2-json"},
            {"filter": "(" * 2_000},
            {"filter": "x" * 5_000},
            {"filter": "S_INTERSECTS(geometry, POLYGON((0 0, 1e300 0, 0 1e300, 0 0)))"},
        ],
    )
    def test_what_is_no_filter_is_400_and_told(self, name: str, query: dict[str, str]) -> None:
        """A.4 (response-error)."""
        answer = site(name).get("/collections/pipes/items", params=query)
        assert answer.status_code == 400
        assert "filter" in answer.json()["detail"]


def test_the_classes_that_are_kept_are_declared(name: str) -> None:
    declared = set(site(name).get("/conformance").json()["conformsTo"])
    parts = ("queryables", "queryables-query-parameters", "filter", "features-filter")
    assert {PART.format(one) for one in parts} <= declared
    kept = (
        "cql2-text",
        "cql2-json",
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "temporal-functions",
        "property-property",
        "arithmetic",
    )
    assert {CQL2.format(one) for one in kept} <= declared
