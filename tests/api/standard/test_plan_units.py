"""A plan without a coordinate system: every answer and page says that its places are not on the Earth."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

import drainage as dr
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.asking import asking

PLAN = """[JUNCTIONS]
J1 3 0 0 0 0
[OUTFALLS]
O1 1 FREE
[CONDUITS]
C1 J1 O1 100 0.013 0 0
[XSECTIONS]
C1 CIRCULAR 0.6
[OPTIONS]
FLOW_UNITS CMS
[COORDINATES]
J1 1000 2000
O1 1100 2000
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    path = tmp_path_factory.mktemp("plan") / "plan.inp"
    path.write_text(PLAN, encoding="utf-8")
    return asking(create_app(Settings(), report=dr.analyze(dr.read_network(path))))


@pytest.mark.parametrize("path", ["/collections", "/collections/pipes", "/collections/pipes/items"])
def test_is_told_in_both_languages(api: TestClient, path: str) -> None:
    answer = api.get(path)
    assert "units of a plan" in answer.json()["coordinates"]
    assert "\u7ecf\u7eac\u5ea6" in answer.json()["coordinates"]
    assert "content-crs" not in answer.headers
    english = api.get(f"{path}?f=html&lang=en").text
    assert "units of a plan" in english
    assert "\u7ecf\u7eac\u5ea6" not in english
    assert "\u7ecf\u7eac\u5ea6" in api.get(f"{path}?f=html&lang=zh").text
