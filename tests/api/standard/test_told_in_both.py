"""What is refused is told in Chinese and in English, wherever it is refused. Truth: the two halves of ``said``."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.api_reports import hand_made
from tests.support.asking import asking

CHINESE = re.compile("[㐀-鿿]")
ITEMS = "/collections/pipes/items"
JSON = "&filter-lang=cql2-json&filter="
#: Address → what its refusal names in both languages.
REFUSED = {
    f"{ITEMS}?limit=x": "'x'",
    f"{ITEMS}?bbox=1,2,3": "'1,2,3'",
    f"{ITEMS}?bbox=1,4,2,3": "bbox",
    f"{ITEMS}?crs=mars": "'mars'",
    f"{ITEMS}?datetime=soon": "'soon'",
    f"{ITEMS}?sortby=colour": "colour",
    f"{ITEMS}?properties=road,road": "properties",
    f"{ITEMS}?f=xml": "'xml'",
    f"{ITEMS}?version=9": "'9'",
    f"{ITEMS}?colour=red": "colour",
    f"{ITEMS}?diameter_mm=wide": "'wide'",
    f"{ITEMS}?system=steam": "'steam'",
    f"{ITEMS}?filter=colour=1": "'colour'",
    f"{ITEMS}?filter=diameter_mm='x'": "filter",
    f"{ITEMS}?filter=diameter_mm=": "13",
    f"{ITEMS}?filter=road LIKE road": "LIKE",
    f"{ITEMS}?filter=f(road)": "'f'",
    f"{ITEMS}?filter=S_INTERSECTS(geometry,BBOX(1,4,2,3))": "BBOX",
    f"{ITEMS}?filter=S_INTERSECTS(geometry,POLYGON((0 0,1 1)))": "POLYGON",
    f"{ITEMS}?limit=1{JSON}[": "JSON",
    f"{ITEMS}/nothing": "nothing",
    f"{ITEMS}/p1?crs=mars": "'mars'",
    f"{ITEMS}?f=csv&crs=http://www.opengis.net/def/crs/EPSG/0/4548": "CSV",
    "/collections/nothing/items": "nothing",
    "/trace/nothing": "'nothing'",
    "/map/nothing": "/map",
    "/nothing": "/nothing",
    "/collections/": "/collections",
    "/tiles/14/99999/1": "14/99999/1",
}  # fmt: skip


@pytest.fixture(scope="module")
def client() -> TestClient:
    app: FastAPI = create_app(Settings(), report=hand_made())
    return asking(app)


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_refused_is_told_in_both_languages(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code in {400, 404}, answer.text
    problem = answer.json()
    said = problem["said"]
    assert CHINESE.search(said["zh"])
    assert not CHINESE.search(said["en"])
    assert all(REFUSED[path] in text for text in said.values())
    assert problem["detail"] == f"{said['zh']} {said['en']}"
