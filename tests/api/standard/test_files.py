"""Features as files for other programs: CSV and FlatGeobuf. Truth: the GeoJSON of the same question."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from starlette.testclient import TestClient

from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.api.standard.sites import path_of, site
from tests.support.api_reports import hand_made
from tests.support.asking import asking


@pytest.fixture(scope="module")
def api() -> TestClient:
    return site("hand")


def rows(api: TestClient, query: str = "", name: str = "pipes") -> list[dict[str, str]]:
    answer = api.get(f"/collections/{name}/items?f=csv{query}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def features(api: TestClient, query: str = "", name: str = "pipes") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/collections/{name}/items?limit=10000{query}").json()["features"]
    return found


class TestCsv:
    def test_holds_all_that_is_asked_for_where_no_limit_is(self, api: TestClient) -> None:
        for query in ("", "&system=storm", "&filter=diameter_mm%3E650", "&sortby=-pipe_id"):
            assert [row["pipe_id"] for row in rows(api, query)] == [one["id"] for one in features(api, query)]
        assert [row["pipe_id"] for row in rows(api, "&limit=2&offset=1")] == ["p1", "p2"]

    def test_has_place_and_the_properties_that_are_asked_for(self, api: TestClient) -> None:
        [first, *_] = rows(api, "&properties=system,diameter_mm")
        assert list(first) == ["pipe_id", "system", "diameter_mm", "lon", "lat", "wkt"]
        assert first["wkt"].startswith("LINESTRING (117.39")

    def test_is_in_degrees_alone_and_says_what_has_another_system(self, api: TestClient) -> None:
        asked = "/collections/pipes/items?crs=http://www.opengis.net/def/crs/EPSG/0/4548"
        refused = api.get(f"{asked}&f=csv")
        assert refused.status_code == 400
        assert "f=fgb" in refused.json()["detail"]
        [link] = [one for one in api.get(asked).json()["links"] if one["type"] == "text/csv"]
        assert api.get(path_of(link["href"])).status_code == 200
        [there] = re.findall(r'href="([^"]*f=csv[^"]*)"', api.get(f"{asked}&f=html").text)
        assert "crs" not in there
        assert rows(api, "&crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84") == rows(api)

    def test_is_saved_under_the_name_of_the_collection(self, api: TestClient) -> None:
        answer = api.get("/collections/pipes/items?f=csv")
        assert answer.headers["content-disposition"] == 'attachment; filename="pipes.csv"'
        assert api.get("/collections/pipes/items", headers={"Accept": "text/csv"}).content == answer.content

    def test_no_text_is_run_by_a_spreadsheet(self) -> None:
        made = hand_made()
        texts = ["=cmd|'/C calc'!A0", "@SUM(1)", "+1", "-1+1", "\t=1", "\r=1", *["plain"] * 7]
        pipes = made.collections["pipes"].assign(road=texts)
        evil = asking(create_app(Settings(), report=replace(made, collections={**made.collections, "pipes": pipes})))
        assert [row["road"][0] for row in rows(evil)] == ["'"] * 6 + ["p"] * 7

    def test_an_empty_collection_is_its_head(self, api: TestClient) -> None:
        assert rows(api, "", "waterlogging") == []


class TestFlatGeobuf:
    def test_is_read_by_gdal_with_all_features(self, api: TestClient, tmp_path: Path) -> None:
        answer = api.get("/collections/pipes/items?f=fgb&system=storm")
        assert answer.headers["content-type"] == "application/vnd.flatgeobuf"
        path = tmp_path / "pipes.fgb"
        path.write_bytes(answer.content)
        frame = gpd.read_file(path)
        assert frame.crs is not None
        assert frame.crs.to_authority() in {("EPSG", "4326"), ("OGC", "CRS84")}
        wanted = features(api, "&system=storm")
        assert list(frame["pipe_id"]) == [one["id"] for one in wanted]
        shapes = [json.loads(text) for text in frame.geometry.to_json().split("\n")]
        assert len(shapes[0]["features"]) == len(wanted)

    def test_goes_out_in_the_system_that_is_asked_for(self, api: TestClient, tmp_path: Path) -> None:
        answer = api.get("/collections/pipes/items?f=fgb&crs=http://www.opengis.net/def/crs/EPSG/0/4548")
        path = tmp_path / "pipes.fgb"
        path.write_bytes(answer.content)
        frame = gpd.read_file(path)
        assert frame.crs == "EPSG:4548"
        ours = hand_made().collections["pipes"]
        assert frame.geometry.geom_equals_exact(gpd.GeoSeries(ours.geometry.to_numpy(), crs=ours.crs), 1e-6).all()
