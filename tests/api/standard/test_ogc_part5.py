"""Schemas as OGC API – Features, Part 5 has them, and how a page is sorted, narrowed and counted.

Truth: the features that are served, and the dictionary of columns of the library.
"""

from __future__ import annotations

from typing import Any

import pytest

from drainage import words
from tests.api.standard.sites import SITES, collections, links_of, path_of, site

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "array": list,
}

pytestmark = pytest.mark.parametrize("name", SITES)


def features(name: str, collection: str, **query: str) -> list[dict[str, Any]]:
    answer = site(name).get(f"/collections/{collection}/items", params={"limit": "10000", **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["features"]
    return found


class TestSchema:
    def test_holds_for_every_feature(self, name: str) -> None:
        """Every value of every property has the type that is told, and nothing is served that is not told."""
        for one in collections(name):
            [link] = links_of(one, "http://www.opengis.net/def/rel/ogc/1.0/schema")
            schema = site(name).get(path_of(link["href"])).json()
            told = {key: value for key, value in schema["properties"].items() if key != "geometry"}
            assert sorted(value["x-ogc-propertySeq"] for value in schema["properties"].values()) == list(
                range(1, len(schema["properties"]) + 1)
            )
            for feature in features(name, one["id"], limit="200"):
                assert feature["properties"].keys() == told.keys()
                for key, value in feature["properties"].items():
                    assert value is None or isinstance(value, TYPES[told[key]["type"]]), (one["id"], key, value)

    def test_a_feature_as_a_whole_has_the_same_types_where_gdal_looks_for_them(self, name: str) -> None:
        for one in collections(name):
            [link] = links_of(one, "describedBy")
            assert link["type"] == "application/schema+json"
            whole = site(name).get(path_of(link["href"])).json()["properties"]
            flat = site(name).get(f"/collections/{one['id']}/schema").json()["properties"]
            assert whole["geometry"]["$ref"] == flat["geometry"]["$ref"]
            told = whole["properties"]["properties"]
            assert told == {key: flat[key] for key in flat if key != "geometry" and flat[key]["type"] != "array"}
            assert site(name).get(path_of(link["href"]), headers={"Accept": "text/html"}).status_code == 200

    def test_tells_the_roles(self, name: str) -> None:
        for one in collections(name):
            properties = site(name).get(f"/collections/{one['id']}/schema").json()["properties"]
            roles = {value["x-ogc-role"]: key for key, value in properties.items() if "x-ogc-role" in value}
            assert roles["primary-geometry"] == "geometry"
            assert properties[roles["id"]]["x-ogc-propertySeq"] == 1
        pipes = site(name).get("/collections/pipes/schema").json()["properties"]
        assert pipes["commissioned"]["x-ogc-role"] == "primary-interval-start"
        assert pipes["abandoned"]["x-ogc-role"] == "primary-interval-end"
        assert pipes["geometry"]["format"] == "geometry-linestring"

    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_has_the_words_and_units_of_the_columns(self, name: str, lang: str) -> None:
        pipes = site(name).get(f"/collections/pipes/schema?lang={lang}").json()["properties"]
        assert pipes["diameter_mm"]["title"] == words.word("diameter_mm", "zh" if lang == "zh" else "en")
        assert pipes["diameter_mm"]["x-ogc-unit"] == "mm"
        assert words.code("system", "storm", "zh" if lang == "zh" else "en") in pipes["system"]["description"]


class TestNarrowed:
    def test_a_code_that_its_column_does_not_have_is_refused_with_those_that_it_has(self, name: str) -> None:
        refused = site(name).get("/collections/pipes/items?system=strom")
        assert refused.status_code == 400
        assert "storm" in refused.json()["detail"]
        assert site(name).get("/collections/pipes/items?system=reclaimed").json()["numberMatched"] == 0

    def test_a_range_that_begins_above_its_end_is_refused(self, name: str) -> None:
        for asked in ("diameter_mm=900..600", "commissioned=2020-01-01..2010-01-01"):
            assert site(name).get(f"/collections/pipes/items?{asked}").status_code == 400
        assert site(name).get("/collections/pipes/items?diameter_mm=600..600").status_code == 200


class TestPage:
    def test_is_sorted_by_several_properties_the_missing_last(self, name: str) -> None:
        found = features(name, "pipes", sortby="-diameter_mm,pipe_id")
        keys = [(one["properties"]["diameter_mm"], one["id"]) for one in found]
        known = [(-size, identity) for size, identity in keys if size is not None]
        assert known == sorted(known)
        assert all(size is None for size, _ in keys[len(known) :])
        assert {identity for _, identity in keys} == {one["id"] for one in features(name, "pipes")}
        unescaped = site(name).get("/collections/pipes/items?limit=10000&sortby=-diameter_mm,+pipe_id").json()
        assert [one["id"] for one in unescaped["features"]] == [identity for _, identity in keys]

    def test_has_the_properties_that_are_asked_for_in_the_order_of_the_schema(self, name: str) -> None:
        for feature in features(name, "pipes", properties="diameter_mm,system", limit="5"):
            assert list(feature["properties"]) == ["system", "diameter_mm"]
            assert feature["geometry"]

    def test_hits_are_a_number_without_features(self, name: str) -> None:
        page = site(name).get("/collections/pipes/items?resulttype=hits&system=storm").json()
        assert (page["features"], page["numberReturned"]) == ([], 0)
        assert page["numberMatched"] == len(features(name, "pipes", system="storm"))

    @pytest.mark.parametrize(
        "query",
        [
            "sortby=colour",
            "sortby=",
            "properties=colour",
            "properties=system,system",
            "resulttype=all",
            "f=xml",
            "lang=fr",
            "version=before",
            "sortby=system,-system",
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, name: str, query: str) -> None:
        answer = site(name).get(f"/collections/pipes/items?{query}")
        assert answer.status_code == 400
        assert query.partition("=")[0] in answer.json()["detail"]

    def test_times_choose_by_the_life_of_pipes(self, name: str) -> None:
        def alive(one: dict[str, Any], first: str, last: str) -> bool:
            built, gone = (one["properties"][key] for key in ("commissioned", "abandoned"))
            return (built is None or built <= last) and (gone is None or gone > first)

        everything = features(name, "pipes")
        for when, first, last in [
            ("2012-01-01", "2012-01-01", "2012-01-01"),
            ("../2005-01-01", "0000", "2005-01-01"),
            ("2016-06-01/..", "2016-06-01", "9999"),
            ("2001-05-01", "2001-05-01", "2001-05-01"),
        ]:
            wanted = [one["id"] for one in everything if alive(one, first, last)]
            assert [one["id"] for one in features(name, "pipes", datetime=when)] == wanted
            assert wanted
