"""What a contractor learns: the pipes of his roads and the columns of the table, in every face and by no detour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

import drainage as dr
from drainage_api.access.keeper import Keeper
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.api_reports import hand_made
from tests.support.asking import asking

#: p0 to p5 lie on his road, p6 to p12 do not; n5 is where he ends, n6 to n12 are beyond.
OURS, OTHERS = "磬山路", "别处的路"
HIS = [f"p{number}" for number in range(6)]
HIDDEN = "ownership"
PIPES = "/collections/pipes"


def two_roads() -> dr.report.Report:
    made = hand_made()
    pipes = made.network.pipes.assign(road=[OURS] * 6 + [OTHERS] * 7, ownership="held-by-somebody")
    net = made.network.replace(pipes=pipes)
    return replace(made, network=net, collections={**made.collections, "pipes": net.pipes})


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, TestClient]]:
    """A contractor and an engineer; the engineer asked everything first, so that it is kept."""
    app = create_app(Settings(store=tmp_path_factory.mktemp("scope") / "store"), report=two_roads())
    keeper: Keeper = app.state.keeper
    assert keeper.vault is not None
    contractor = keeper.vault.keys.add("Li", "contractor", roads=[OURS])[1]
    engineer = keeper.vault.keys.add("Wang", "engineer")[1]
    yield asking(app, contractor), asking(app, engineer)
    keeper.close()


@pytest.fixture
def his(keys: tuple[TestClient, TestClient]) -> TestClient:
    return keys[0]


FACES = ["", "?f=json", "?f=csv", "?f=html", "?limit=3", "?f=fgb", "?bbox=-180,-90,180,90", "?sortby=-diameter_mm"]


@pytest.mark.parametrize("face", FACES)
def test_the_items_are_those_of_his_roads_in_every_face(keys: tuple[TestClient, TestClient], face: str) -> None:
    contractor, engineer = keys
    whole = engineer.get(f"{PIPES}/items{face}")
    told = {"If-None-Match": whole.headers.get("etag", '"x"')}
    for answer in (contractor.get(f"{PIPES}/items{face}"), contractor.get(f"{PIPES}/items{face}", headers=told)):
        assert answer.status_code == 200
        for secret in ("held-by-somebody", HIDDEN, OTHERS, "p6", "p12", "权属"):
            assert secret.encode() not in answer.content, secret
        if answer.headers["content-type"] == "application/geo+json":
            assert answer.json()["numberMatched"] == 6
            assert {one["id"] for one in answer.json()["features"]} <= set(HIS)
    if face != "?f=fgb":
        assert b"held-by-somebody" in whole.content


def test_what_is_kept_for_him_is_not_given_to_the_engineer(keys: tuple[TestClient, TestClient]) -> None:
    contractor, engineer = keys
    path = f"{PIPES}/items?limit=13&offset=0"
    assert contractor.get(path).json()["numberMatched"] == 6
    assert engineer.get(path).json()["numberMatched"] == 13


@pytest.mark.parametrize(
    "asked",
    ["{}=held-by-somebody", "{}=", "{}=a..z", "sortby={}", "sortby=-{}", "properties={}", "properties=road,{}",
     "filter={}='held-by-somebody'", "filter={} IS NULL", "filter=CASEI({}) LIKE 'held%25'"],
)  # fmt: skip
def test_a_column_that_is_not_his_is_like_one_that_is_not_there(his: TestClient, asked: str) -> None:
    hidden, nothing = (his.get(f"{PIPES}/items?{asked.format(name)}") for name in (HIDDEN, "nothingness"))
    assert hidden.status_code == nothing.status_code == 400
    assert hidden.json()["detail"].replace(HIDDEN, "nothingness") == nothing.json()["detail"]


@pytest.mark.parametrize("path", ["schema", "queryables", "sortables", ""])
def test_nothing_describes_it(his: TestClient, path: str) -> None:
    for lang in ("", "?f=html&lang=zh", "?f=html&lang=en"):
        answer = his.get(f"{PIPES}/{path}{lang}".rstrip("/"))
        if answer.status_code == 404:
            continue
        assert answer.status_code == 200
        for secret in (HIDDEN, "权属", OTHERS):
            assert secret not in answer.text, secret


def test_a_filter_counts_only_what_is_his(his: TestClient) -> None:
    assert his.get(f"{PIPES}/items", params={"road": OTHERS}).json()["numberMatched"] == 0
    assert his.get(f"{PIPES}/items", params={"filter": f"road = '{OTHERS}'"}).json()["numberMatched"] == 0
    assert his.get(f"{PIPES}/items", params={"filter": "pipe_id = 'p9'"}).json()["numberMatched"] == 0
    assert his.get(f"{PIPES}/items", params={"resulttype": "hits"}).json()["numberMatched"] == 6


@pytest.mark.parametrize("identity", ["p6", "p12", "nothing"])
def test_a_pipe_on_another_road_is_like_one_that_is_not_there(his: TestClient, identity: str) -> None:
    answer = his.get(f"{PIPES}/items/{identity}")
    assert answer.status_code == 404
    assert his.get(f"{PIPES}/items/p5").status_code == 200
    there = his.get(f"{PIPES}/items/nothing").json()["detail"]
    assert answer.json()["detail"].replace(identity, "nothing") == there


def test_the_extent_is_that_of_his_roads(keys: tuple[TestClient, TestClient]) -> None:
    his, whole = (one.get(PIPES).json()["extent"]["spatial"]["bbox"][0] for one in keys)
    assert his[0] == whole[0]
    assert his[2] < whole[2]


class TestAlongThePipes:
    @pytest.mark.parametrize("direction", ["upstream", "downstream"])
    def test_a_walk_shows_only_what_is_his(self, his: TestClient, direction: str) -> None:
        for node in ("n3", "n5"):
            answer = his.get(f"/trace/{node}?direction={direction}")
            assert answer.status_code == 200
            assert {one["id"] for one in answer.json()["features"]} <= set(HIS)
            for secret in ("held-by-somebody", OTHERS, '"p6"', '"n7"'):
                assert secret not in answer.text

    def test_a_node_elsewhere_is_like_one_that_is_not_there(self, his: TestClient) -> None:
        there, nowhere = (his.get(f"/trace/{node}") for node in ("n9", "nothing"))
        assert there.status_code == nowhere.status_code == 404
        assert there.json()["detail"].replace("n9", "nothing") == nowhere.json()["detail"]

    def test_a_section_goes_no_further_than_his_roads(self, keys: tuple[TestClient, TestClient]) -> None:
        his, whole = keys
        assert whole.get("/section?from=n2&to=n9").status_code == 200
        for query in ("from=n2&to=n9", "from=n7&to=n9", "from=n2&to=n4&via=n9"):
            answer = his.get(f"/section?{query}")
            assert answer.status_code == 404, query
            assert "p7" not in answer.text
        assert his.get("/section?from=n1&to=n4").status_code == 200


@pytest.mark.parametrize("path", ["/map", "/tiles", "/tiles/14/1/1", "/report", "/map/data.pmtiles"])
def test_what_shows_the_whole_city_is_not_for_him(his: TestClient, path: str) -> None:
    assert his.get(path).status_code == 403


def test_the_entrance_tells_him_nothing_of_the_whole(his: TestClient) -> None:
    for path in ("/", "/collections", "/?f=html", "/collections?f=html"):
        text = his.get(path).text
        for secret in (OTHERS, HIDDEN, "权属", '"pipes": 13', '"pipes":13', '"mixed_pipes"'):
            assert secret not in text, (path, secret)
