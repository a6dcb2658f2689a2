"""The abstract tests of OGC API – Features, Part 1: Core 1.0.1 (OGC 17-069r4, annex A), written anew from its text.

Each test names the abstract test that it is. Truth: the requirements of the standard.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.api.standard.sites import SITES, collections, description, links_of, parameters_of, path_of, site

CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{}"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GEOJSON = "application/geo+json"

pytestmark = pytest.mark.parametrize("name", SITES)


def items(name: str, collection: str, query: str = "") -> dict[str, Any]:
    answer = site(name).get(f"/collections/{collection}/items{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == GEOJSON
    page: dict[str, Any] = answer.json()
    return page


def names(name: str) -> list[str]:
    return [str(one["id"]) for one in collections(name)]


class TestApiDefinition:
    def test_landing_page_leads_to_a_valid_openapi_document(self, name: str) -> None:
        """A.2.2.1 and A.2.2.2 (api-definition-op, -success), A.4.1 (oas30): version 3.0, valid."""
        [href] = links_of(site(name).get("/").json(), "service-desc")
        assert href["type"] == "application/vnd.oai.openapi+json;version=3.0"
        answer = site(name).get(path_of(href["href"]))
        assert answer.headers["content-type"] == href["type"]
        assert answer.json()["openapi"].startswith("3.0.")
        validate(answer.json())

    def test_describes_every_address_that_is_there_with_its_answers(self, name: str) -> None:
        """A.4.2 to A.4.4 (oas30: completeness, exceptions, security)."""
        paths = description(name)["paths"]
        wanted = ["/", "/conformance", "/collections", "/collections/{collection_id}"]
        wanted += [f"/collections/{one}/items" for one in names(name)]
        for path in [*wanted, "/collections/{collection_id}/items/{feature_id}"]:
            responses = paths[path]["get"]["responses"]
            assert {"200", "304", "400", "401", "403", "429", "503", "default"} <= responses.keys(), path
            assert ("404" in responses) == ("{" in path or path.count("/") > 1), path
        assert description(name)["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


class TestLandingPage:
    @pytest.mark.parametrize("accept", ["application/json", "text/html"])
    def test_is_there_in_both_faces(self, name: str, accept: str) -> None:
        """A.2.1 (root-op, -success)."""
        answer = site(name).get("/", headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(accept)

    def test_links_to_all_that_the_standard_names_and_each_link_is_there(self, name: str) -> None:
        """A.2.1 (root-success)."""
        links = site(name).get("/").json()["links"]
        assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= {
            link["rel"] for link in links
        }
        for link in links:
            if link["rel"] in {"self", "service-desc", "service-doc", "conformance", "data"}:
                assert site(name).get(path_of(link["href"])).status_code == 200

    def test_conformance_lists_the_classes(self, name: str) -> None:
        """A.2.3 (conformance-op, -success)."""
        listed = site(name).get("/conformance").json()["conformsTo"]
        assert {CORE.format(one) for one in ("core", "oas30", "html", "geojson")} <= set(listed)
        assert len(listed) == len(set(listed))


class TestCollections:
    def test_are_listed_with_links_in_all_faces(self, name: str) -> None:
        """A.2.4 (rc-md-op, -success, fc-md-links, fc-md-items)."""
        document = site(name).get("/collections").json()
        assert {link["type"] for link in document["links"]} == {"application/json", "text/html"}
        for one in document["collections"]:
            assert {"id", "title", "description", "links", "crs"} <= one.keys()
            of_items = links_of(one, "items")
            assert {link["type"] for link in of_items} >= {GEOJSON, "text/html"}
            assert all(link["title"] for link in of_items)

    def test_extents_hold_every_feature(self, name: str) -> None:
        """A.2.4 (fc-md-extent): in CRS84, and no feature lies outside."""
        for one in collections(name):
            if "extent" not in one:
                continue
            assert one["extent"]["spatial"]["crs"] == CRS84
            [box] = one["extent"]["spatial"]["bbox"]
            assert -180 <= box[0] <= box[2] <= 180
            inside = items(name, one["id"], f"?bbox={','.join(map(str, box))}&resulttype=hits")["numberMatched"]
            assert inside == one["itemCount"]

    def test_each_is_described_alike_by_itself(self, name: str) -> None:
        """A.2.5 (sfc-md-op, -success)."""
        for one in collections(name):
            alone = site(name).get(f"/collections/{one['id']}").json()
            assert {key: alone[key] for key in one} == one


class TestItems:
    def test_parameters_are_defined_as_the_standard_says(self, name: str) -> None:
        """A.2.6 (fc-bbox-definition, fc-limit-definition, fc-time-definition): ATS 13, 15, 17."""
        for one in names(name):
            given = parameters_of(name, f"/collections/{one}/items")
            for parameter in given.values():
                assert (parameter["in"], parameter["required"]) == ("query", False)
                assert (parameter["style"], parameter["explode"]) == ("form", False)
            bbox, limit, when = (given[key]["schema"] for key in ("bbox", "limit", "datetime"))
            assert (bbox["type"], bbox["items"]["type"]) == ("array", "number")
            assert bbox["oneOf"] == [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]
            assert (limit["type"], limit["minimum"]) == ("integer", 1)
            assert 1 <= limit["default"] <= limit["maximum"] <= 10_000
            assert when["type"] == "string"

    def test_answer_is_a_feature_collection_with_counts_and_time(self, name: str) -> None:
        """A.2.7 (fc-response, fc-timeStamp, fc-numberMatched, fc-numberReturned)."""
        for one in collections(name):
            page = items(name, one["id"])
            assert page["type"] == "FeatureCollection"
            assert page["numberMatched"] == one["itemCount"]
            assert page["numberReturned"] == len(page["features"])
            stamp = dt.datetime.fromisoformat(page["timeStamp"])
            assert abs((dt.datetime.now(dt.UTC) - stamp).total_seconds()) < 3600

    def test_links_lead_to_itself_its_faces_and_through_all_pages(self, name: str) -> None:
        """A.2.7 (fc-links, fc-rel-type)."""
        for one in collections(name):
            size = max(1, one["itemCount"] // 3)
            page = items(name, one["id"], f"?limit={size}")
            assert {"self", "alternate"} <= {link["rel"] for link in page["links"]}
            assert all(link["type"] and link["href"] for link in page["links"])
            seen = [feature["id"] for feature in page["features"]]
            while following := links_of(page, "next"):
                page = site(name).get(path_of(following[0]["href"])).json()
                assert links_of(page, "prev")
                seen += [feature["id"] for feature in page["features"]]
            assert len(seen) == len(set(seen)) == one["itemCount"]

    def test_limit_bounds_the_page(self, name: str) -> None:
        """A.2.7 (fc-limit-response-1)."""
        for one in collections(name):
            for limit in (1, 3, 10):
                assert len(items(name, one["id"], f"?limit={limit}")["features"]) == min(limit, one["itemCount"])

    @pytest.mark.parametrize("box", ["-180,-90,180,90", "177,65,-177,70", "-180,-90,-1e4,180,90,1e4", "0,0,1,1"])
    def test_a_box_is_answered_and_features_without_place_are_in_each(self, name: str, box: str) -> None:
        """A.2.7 (fc-bbox-response): ATS 14, over the antimeridian too."""
        for one in collections(name):
            page = items(name, one["id"], f"?bbox={box}&limit=10000")
            placeless = [
                feature
                for feature in items(name, one["id"], "?limit=10000&filter=geometry%20IS%20NULL")["features"]
                if feature["geometry"] is None
            ]
            whole = box.startswith("-180")
            assert page["numberMatched"] == (one["itemCount"] if whole else len(placeless))

    def test_a_box_across_the_antimeridian_is_its_two_halves(self, name: str) -> None:
        """ATS 14, with a box that goes around the Earth and holds all pipes."""
        assert items(name, "pipes", "?bbox=100,0,99,80&resulttype=hits")["numberMatched"] > 12
        assert items(name, "pipes", "?bbox=130,0,100,80&resulttype=hits")["numberMatched"] == 0

    @pytest.mark.parametrize(
        "when",
        [
            "2018-02-12",
            "2018-02-12T23:20:50Z",
            "2018-02-12T23:20:50+08:00",
            "2018-02-12T00:00:00Z/2018-03-18T12:31:12Z",
            "2018-02-12/2018-03-18",
            "../2018-03-18T12:31:12Z",
            "/2018-03-18",
            "2010-01-01T00:00:00Z/..",
            "2010-01-01T/..",
            "2010-01-01/",
            "../..",
        ],
    )
    def test_times_are_taken(self, name: str, when: str) -> None:
        """A.2.7 (fc-time-response): ATS 16; GDAL leaves the time of day out of an instant."""
        for one in names(name):
            assert items(name, one, f"?datetime={when.replace('+', '%2B')}&limit=1")["numberMatched"] >= 0

    @pytest.mark.parametrize(
        "when",
        [
            "2018-13-45",
            "9999-99-99T99:99:99Z",
            "2018-03-18/2018-02-12",
            "yesterday",
            "..",
            "/",
            "2018-02-30",
            "2018-02-12T25:00:00Z",
            "2018-02-12/2018-03-18/2019-01-01",
            "2018",
            "",
            "2018-02-12T00:00:00+99:00",
        ],
    )
    def test_times_that_are_none_are_refused(self, name: str, when: str) -> None:
        """A.2.7 (fc-time-response): ATS 17, invalid values."""
        answer = site(name).get("/collections/pipes/items", params={"datetime": when})
        assert answer.status_code == 400
        assert "datetime" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=x",
            "limit=-1",
            "bbox=1,2,3",
            "bbox=a,b,c,d",
            "unknown=1",
            "bbox=1,2,3,4,5",
            "limit=1_000",
            "bbox=1,4,3,2",
            "limit=1&limit=2",
            "limit=%D9%A1",
            "bbox=%D9%A1,2,3,4",
        ],
    )
    def test_parameters_that_are_wrong_or_unknown_are_400(self, name: str, query: str) -> None:
        """A.2.8 (query-param-unknown, query-param-invalid): ATS 18, 19."""
        for one in names(name):
            answer = site(name).get(f"/collections/{one}/items?{query}")
            assert answer.status_code == 400
            assert answer.headers["content-type"] == "application/problem+json"


class TestFeature:
    def test_each_is_had_by_its_id_with_its_links(self, name: str) -> None:
        """A.2.9 (f-op, f-success, f-links)."""
        for one in names(name):
            for feature in items(name, one, "?limit=3")["features"]:
                answer = site(name).get(f"/collections/{one}/items/{feature['id']}")
                assert answer.headers["content-type"] == GEOJSON
                alone = answer.json()
                assert {"self", "alternate", "collection"} <= {link["rel"] for link in alone["links"]}
                assert {key: alone[key] for key in feature} == feature

    def test_one_that_is_not_there_is_404(self, name: str) -> None:
        """A.2.9 (f-success)."""
        for path in ("/collections/nothing", "/collections/nothing/items", "/collections/pipes/items/nothing"):
            assert site(name).get(path).status_code == 404


class TestGeoJson:
    def test_is_that_of_rfc_7946_in_degrees_with_the_longitude_first(self, name: str) -> None:
        """A.3 (geojson-definition, geojson-content)."""
        page = items(name, "pipes", "?limit=5")
        assert "crs" not in page
        for feature in page["features"]:
            assert feature["type"] == "Feature"
            assert isinstance(feature["id"], str)
            for longitude, latitude in feature["geometry"]["coordinates"]:
                assert 115 < longitude < 120
                assert 30 < latitude < 36


class TestHtml:
    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/conformance",
            "/collections",
            "/collections/pipes",
            "/collections/pipes/items",
            "/api",
            "/collections/pipes/schema",
            "/collections/pipes/queryables",
            "/collections/pipes/items/{first}",
        ],
    )
    def test_every_answer_has_a_page_for_people(self, name: str, path: str) -> None:
        """A.5 (html-definition, html-content)."""
        first = items(name, "pipes", "?limit=1")["features"][0]["id"]
        answer = site(name).get(path.format(first=first), headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text.startswith("<!doctype html>")
