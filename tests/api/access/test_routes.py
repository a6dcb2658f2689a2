"""Every route takes a check, and every role gets from each what was decided; a route that is new fails here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from drainage.report import COLLECTIONS
from drainage_api.access.check import Check
from drainage_api.access.keeper import Keeper
from drainage_api.access.who import read_rules
from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.api_reports import hand_made
from tests.support.asking import asking
from tests.support.sending import SURVEY, begin

ALL: Final = ("", "contractor", "engineer", "operator")
KEYS: Final = ALL[1:]
WHOLE: Final = ("engineer", "operator")
SENDERS: Final = ("contractor", "engineer")
#: Method and path → the roles that may; "" is nobody's.
MAY: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("GET", "/"): ALL,
    ("GET", "/api"): ALL,
    ("GET", "/collections"): ALL,
    ("GET", "/conformance"): ALL,
    ("GET", "/terms"): ALL,
    ("GET", "/health"): ALL,
    ("GET", "/ready"): ALL,
    ("GET", "/login"): ALL,
    ("POST", "/login"): ALL,
    ("POST", "/logout"): ALL,
    ("GET", "/public"): ALL,
    ("GET", "/desk"): KEYS,
    ("GET", "/collections/{collection_id}"): KEYS,
    ("GET", "/collections/{collection_id}/items"): KEYS,
    ("GET", "/collections/{collection_id}/items/{feature_id:path}"): KEYS,
    ("GET", "/collections/{collection_id}/queryables"): KEYS,
    ("GET", "/collections/{collection_id}/schema"): KEYS,
    ("GET", "/collections/{collection_id}/sortables"): KEYS,
    ("GET", "/trace/{node_id:path}"): KEYS,
    ("GET", "/section"): KEYS,
    ("GET", "/storm"): KEYS,
    ("GET", "/versions"): KEYS,
    ("GET", "/map"): WHOLE,
    ("GET", "/map/{name:path}"): WHOLE,
    ("GET", "/tiles"): WHOLE,
    ("GET", "/tiles/{z}/{x}/{y}"): WHOLE,
    ("GET", "/report"): WHOLE,
    ("GET", "/metrics"): ("operator",),
    ("POST", "/evidence"): SENDERS,
    ("GET", "/evidence"): KEYS,
    ("GET", "/evidence/{evidence_id}"): KEYS,
    ("POST", "/sightings"): ALL,
    ("GET", "/sightings"): WHOLE,
    ("GET", "/sightings/summary"): WHOLE,
    ("GET", "/sightings/{sighting_id}"): WHOLE,
    ("GET", "/sightings/{sighting_id}/photo"): ALL,
    ("POST", "/sightings/{sighting_id}/decision"): ("engineer",),
    ("POST", "/submissions"): SENDERS,
    ("GET", "/submissions"): KEYS,
    ("GET", "/submissions/template"): SENDERS,
    ("GET", "/submissions/{submission_id}"): KEYS,
    ("DELETE", "/submissions/{submission_id}"): SENDERS,
    ("POST", "/submissions/{submission_id}/withdrawal"): SENDERS,
    ("GET", "/submissions/{submission_id}/comparison"): KEYS,
    ("GET", "/submissions/{submission_id}/receipt"): KEYS,
    ("GET", "/submissions/{submission_id}/map"): KEYS,
    ("GET", "/submissions/{submission_id}/file"): ("engineer",),
    ("POST", "/submissions/{submission_id}/decision"): ("engineer",),
    ("POST", "/submissions/{submission_id}/appeal"): SENDERS,
    ("GET", "/receipts/key"): ALL,
    ("GET", "/pay-sheet"): KEYS,
    ("GET", "/notices"): KEYS,
    ("POST", "/notices/seen"): KEYS,
    ("GET", "/jobs/{job_id}"): KEYS,
    ("DELETE", "/jobs/{job_id}"): KEYS,
    ("POST", "/jobs/{job_id}/cancellation"): KEYS,
    ("POST", "/jobs/{job_id}/retry"): ("operator",),
}
#: What stands in a path for its parameters.
NAMED: Final = {
    "collection_id": "pipes",
    "feature_id:path": "p3",
    "node_id:path": "n3",
    "z": "14",
    "x": "1",
    "y": "1",
    "name:path": "x",
    "evidence_id": "E-20260101-00000",
    "sighting_id": "R-20260101-00000",
    "submission_id": "S-20261129-00000",
    "job_id": "J-20261129-00000",
}


@cache
def bare() -> FastAPI:
    return create_app(Settings(), report=hand_made())


def flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Every route, those of routers within routers too: newer versions of FastAPI keep them apart."""
    for route in routes:
        within = getattr(route, "original_router", None)
        yield from [route] if within is None else flat(within.routes)


def routes() -> list[APIRoute]:
    return [route for route in flat(bare().routes) if isinstance(route, APIRoute)]


def checks(dependant: Dependant) -> Iterator[Check]:
    if isinstance(dependant.call, Check):
        yield dependant.call
    for one in dependant.dependencies:
        yield from checks(one)


def ways() -> list[tuple[str, str]]:
    return [(method, route.path) for route in routes() for method in sorted(route.methods or ())]


def address(path: str) -> str:
    for name, value in NAMED.items():
        path = path.replace(f"{{{name}}}", value)
    return path


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, dict[str, str]]]:
    """A server of the hand-made report, and a key of each role; that of a contractor is for a road without pipes."""
    app = create_app(Settings(store=tmp_path_factory.mktemp("town") / "store"), report=hand_made())
    keeper: Keeper = app.state.keeper
    assert keeper.vault is not None
    made = keeper.vault.keys
    yield (
        app,
        {
            "contractor": made.add("Li", "contractor", roads=["elsewhere"])[1],
            "engineer": made.add("Wang", "engineer")[1],
            "operator": made.add("Zhao", "operator")[1],
            "": "",
        },
    )
    keeper.close()


def test_every_route_is_one_of_ours_and_takes_exactly_one_check() -> None:
    assert [route for route in flat(bare().routes) if not isinstance(route, APIRoute)] == []
    assert len(routes()) > 10
    taken = {route.path: len(list(checks(route.dependant))) for route in routes()}
    assert {path: count for path, count in taken.items() if count != 1} == {}


@pytest.mark.parametrize("way", ways(), ids=" ".join)
def test_somebody_decided_about_every_route(way: tuple[str, str]) -> None:
    assert way in MAY


@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize("way", [one for one in ways() if one in MAY], ids=" ".join)
def test_every_role_gets_what_was_decided(
    town: tuple[FastAPI, dict[str, str]], way: tuple[str, str], role: str
) -> None:
    app, keys = town
    answer = asking(app, keys[role]).request(way[0], address(way[1]), follow_redirects=False)
    if role in MAY[way]:
        assert answer.status_code not in {401, 429} and (answer.status_code != 403 or way[0] == "POST")  # noqa: PT018 - one thought
    else:
        assert answer.status_code == (403 if role else 401)
        if way[0] == "GET":
            head = asking(app, keys[role]).head(address(way[1]))
            assert (head.status_code, head.content) == (answer.status_code, b"")


@pytest.mark.parametrize("role", ALL)
def test_a_wrong_key_opens_no_route_but_that_of_health(town: tuple[FastAPI, dict[str, str]], role: str) -> None:
    app, keys = town
    wrong = keys[role][:-3] + "abc" if role else "x"
    for number, (method, path) in enumerate(ways()):
        answer = asking(app, wrong, address=f"10.1.{ALL.index(role)}.{number}").request(method, address(path))
        assert answer.status_code == 200 if path in {"/health", "/ready"} else answer.status_code == 401, path


def test_a_contractor_learns_nothing_of_other_roads(town: tuple[FastAPI, dict[str, str]]) -> None:
    """The key is for a road that no pipe has: each collection is there, and nothing is in it."""
    app, keys = town
    client = asking(app, keys["contractor"])
    for name in read_rules()["contractor"].sees or {}:
        answer = client.get(f"/collections/{name}/items")
        if name != "public_streets" and answer.status_code == 200:
            assert answer.json()["numberMatched"] == 0, name
            assert answer.json()["features"] == []
    for path in ("/collections/pipes/items/p3", "/trace/n3"):
        assert client.get(path).status_code == 404, path


@pytest.fixture(scope="module")
def of_another(town: tuple[FastAPI, dict[str, str]]) -> dict[str, str]:
    """Ids of a submission, its job and a piece of evidence that another contractor has sent."""
    app = town[0]
    vault = app.state.keeper.vault
    begin(vault)
    sun = asking(app, vault.keys.add("Sun", "contractor", roads=["elsewhere"])[1])
    works = sun.post("/submissions", files={"file": ("works.geojson", SURVEY)}).json()["id"]
    looks = {"file": ("looks.csv", b"node_id,date,flowing\nn1,2020-05-01,yes\n")}
    seen = sun.post("/evidence", data={"kind": "inspections"}, files=looks).json()["id"]
    return {"submission_id": works, "evidence_id": seen, "job_id": vault.queue.of(works).id}


@pytest.mark.parametrize(
    "way", [way for way in MAY if "contractor" in MAY[way] and re.search("{(submission|evidence|job)_id}", way[1])],
    ids=" ".join,
)  # fmt: skip
def test_what_another_contractor_sent_is_like_nothing(
    town: tuple[FastAPI, dict[str, str]], of_another: dict[str, str], way: tuple[str, str]
) -> None:
    """The roads of both are the same: it is the key that counts."""
    app, keys = town
    place = way[1].format(**of_another)
    answer = asking(app, keys["contractor"]).request(way[0], place)
    unknown = asking(app, keys["contractor"]).request(way[0], address(way[1]))
    assert answer.status_code == unknown.status_code == 404
    for name, identity in of_another.items():
        assert identity not in place or answer.text.replace(identity, NAMED[name]) == unknown.text


def test_every_collection_was_decided_about_for_a_contractor() -> None:
    """Issues are served as two, by their geometry."""
    assert COLLECTIONS.keys() - (read_rules()["contractor"].sees or {}).keys() == {"issues"}


def test_without_a_key_nothing_but_the_public_collection_is_listed(town: tuple[FastAPI, dict[str, str]]) -> None:
    listed = asking(town[0]).get("/collections").json()["collections"]
    assert {one["id"] for one in listed} <= {"public_streets", "sightings"}
    for path in ("/", "/api", "/health", "/ready", "/conformance"):
        text = asking(town[0]).get(path).text
        for secret in (
            "/collections/pipes",
            "misconnections",
            str(Path.cwd()),
            "invert_from_m",
            "point_id",
            "assumptions",
            "hand.geojson",
        ):
            assert secret not in text, path
