"""Sightings beside what was computed: the collection, the page for the public, hits and misses."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.asking import asking
from tests.support.served_town import OURS, THEIRS
from tests.support.stores import Where
from tests.support.witnesses import AT, Desk, desk_at, now

#: In the middle of 北环路, 800 m north of the drain: no point lies within 100 m.
FAR = {"lon": "117.0064", "lat": "33.43323"}


@pytest.fixture
def desk(where: Where) -> Iterator[Desk]:
    """A server whose public page is made."""
    made = desk_at(where)
    asking(made.app).get("/public")
    yield made
    made.vault.close()


def features(desk: Desk, role: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = desk.as_(role).get("/collections/sightings/items?limit=100").json()["features"]
    return found


def seen(desk: Desk) -> str:
    found = re.search(r'"seen":(\[.*?\]),"', asking(desk.app).get("/public").text)
    assert found is not None
    return found[1]


def test_everybody_sees_what_is_shown_and_no_finer_than_the_page(desk: Desk) -> None:
    identity = desk.tells(words="张三 13800000000").json()["id"]
    assert features(desk, "") == []
    assert len(features(desk, "engineer")) == 1
    desk.shows(identity)
    [one] = features(desk, "")
    assert one["properties"] == {
        "report_id": identity, "road": OURS, "road_en": "Renmin Road", "depth_cm": 30.0, "month": now()[:7],
        "synthetic": True, "photo": None,
    }  # fmt: skip
    [own] = features(desk, "engineer")
    assert own["geometry"] == {"type": "Point", "coordinates": [float(AT["lon"]), float(AT["lat"])]}
    assert one["geometry"] != own["geometry"]
    other = desk.tells(lon="117.0072").json()["id"]  # 50 m to the east, on the same stretch
    desk.shows(other)
    places = {str(row["geometry"]) for row in features(desk, "")}
    assert len(places) == 1
    assert features(desk, "contractor") == features(desk, "")
    assert features(desk, "other") == []
    for role in ("", "contractor"):
        text = desk.as_(role).get("/collections/sightings/items").text
        assert not [word for word in ("13800000000", "Wang", AT["lon"], "moderator") if word in text]


def test_the_page_has_a_mark_as_soon_as_one_is_shown_and_none_once_it_is_hidden(desk: Desk) -> None:
    assert seen(desk) == "[]"
    identity = desk.tells(depth_m="0.52", at=FAR).json()["id"]
    assert seen(desk) == "[]"
    desk.shows(identity)
    assert re.fullmatch(rf'\[\[\d+,11,"{now()[:7]}"\]\]', seen(desk))  # 52 cm: up to 55, the eleventh step of 5 cm
    desk.as_("engineer").post(f"/sightings/{identity}/decision", json={"show": False})
    assert seen(desk) == "[]"


def test_who_looks_at_one_reads_its_street(desk: Desk) -> None:
    identity = desk.tells(at=FAR).json()["id"]
    client = desk.as_("engineer")
    for lang, street in (("zh", "北环路"), ("en", "North Ring Road")):
        html = client.get(f"/desk?lang={lang}", headers={"Accept": "text/html"}).text
        assert re.search(rf"<bdi>{street}</bdi></b>[^\n]*{identity}", html)


@pytest.mark.long
def test_the_page_sends_to_this_server_under_whatever_path_it_is_known(desk: Desk, where: Where) -> None:
    assert '"post":"/sightings"' in asking(desk.app).get("/public").text
    behind = desk_at(Where(where.place.with_name("behind")), public_url="https://town.example/drains/")
    assert '"post":"/drains/sightings"' in asking(behind.app, host="town.example").get("/public").text
    behind.vault.close()


def test_hits_and_misses_are_those_of_the_shown(desk: Desk) -> None:
    """The drain overflows along 人民路: what lies on it is a hit, what lies on 北环路, 800 m away, a miss."""
    engineer = desk.as_("engineer")
    none = engineer.get("/sightings/summary").json()["summary"]
    assert (none["sightings"], none["hits"], none["misses"], none["points"]) == (0, 0, 0, 2)
    near, far, hidden = (desk.tells(at=at).json()["id"] for at in (AT, FAR, {**AT, "lon": "117.0050"}))
    desk.shows(near)
    desk.shows(far)
    engineer.post(f"/sightings/{hidden}/decision", json={"show": False})
    found = engineer.get("/sightings/summary").json()
    assert (found["summary"]["sightings"], found["summary"]["hits"], found["summary"]["misses"]) == (2, 1, 1)
    rows = {row["report_id"]: row for row in found["sightings"]}
    assert (rows[near]["match"], rows[far]["match"], rows[far]["point_id"]) == ("hit", "missed", None)
    points = {row["road"]: row["reported"] for row in found["points"]}
    assert set(points) == {OURS, THEIRS}
    assert sorted(points.values()) == ["false_alarm", "hit"]


@pytest.mark.long
def test_the_collection_is_listed_and_can_be_asked_as_any_other(desk: Desk) -> None:
    desk.shows(desk.tells().json()["id"])
    desk.tells(lon="117.0050")
    engineer = desk.as_("engineer")
    assert "sightings" in {one["id"] for one in engineer.get("/collections").json()["collections"]}
    assert engineer.get("/collections/sightings/items?state=waiting").json()["numberMatched"] == 1
    assert engineer.get("/collections/sightings/items?filter=depth_m>0.2").json()["numberMatched"] == 2
    assert "moderator" in engineer.get("/collections/sightings/queryables").json()["properties"]
    assert "moderator" not in desk.as_("").get("/collections/sightings/queryables").json()["properties"]
    assert "/collections/sightings/items" in engineer.get("/api").json()["paths"]
