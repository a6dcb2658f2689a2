"""Pages over HTTP: as the library makes them, to whom they are for, under a policy that lets them run."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import drainage as dr
from drainage.maps import page_of as pages
from drainage.maps.page_file import Page
from drainage.maps.tiles.city_parts import is_city, part_city
from drainage_api.main import create_app
from drainage_api.served.made import Made
from drainage_api.settings import Settings
from tests.support import demo
from tests.support.api_reports import hand_made, without_place
from tests.support.asking import asking
from tests.support.browser import Browser
from tests.support.running import in_thread
from tests.support.served_town import OURS, STORM, dry, flooded, key_in, serving, town_network

PARTS = {
    "index.html": b"<!doctype html><title>x</title>",
    "city.pmtiles": bytes(range(256)) * 40,
    "whole.json.gz": b"\x1f\x8b\x08",
}


@pytest.fixture(scope="module")
def api() -> TestClient:
    return asking(serving(city="某县", phone="0557-1234567", public_url="https://water.example/town/"))


@pytest.fixture(scope="module")
def large() -> TestClient:
    """Ask for a city whose map is a folder."""
    return asking(serving(replace(flooded(), map_folder=PARTS)))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Give the port of a server of the town."""
    with in_thread(serving()) as (port, _):
        yield port


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Ask for a comparison: after the works manholes are 2 m higher and little drains to them: none overflows."""
    after = dr.analyze(town_network(ground_m=2.0, area_share=0.02), storm=STORM)
    place = tmp_path_factory.mktemp("both") / "both"
    dr.report.compare_reports(flooded(), after, labels=("a", "b")).write(place)
    return asking(create_app(Settings(results=place)))


@pytest.mark.parametrize("query", ["from=singlemessage&isappinstalled=0", "utm_source=x&utm_source=y", "lang=zh"])
def test_the_public_page_opens_with_what_a_messenger_adds_to_its_address(api: TestClient, query: str) -> None:
    assert api.get(f"/public?{query}").status_code == 200


def test_the_map_takes_a_language_and_refuses_what_nobody_reads(api: TestClient) -> None:
    assert api.get("/map?lang=zh").status_code == 200
    assert api.get("/map?from=singlemessage").status_code == 400


class TestMap:
    def test_is_the_page_of_the_report_under_its_own_policy(self, api: TestClient) -> None:
        answer = api.get("/map")
        assert answer.text == flooded().page
        header = answer.headers["content-security-policy"]
        own = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', answer.text)
        assert own
        assert header == f"{own[1]}; frame-ancestors 'none'"
        assert "sha256-" in header

    def test_is_compressed_once_and_sent_in_parts_to_who_asks(self, api: TestClient) -> None:
        packed = api.get("/map", headers={"Accept-Encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < len(flooded().page.encode()) / 2
        plain = api.get("/map", headers={"Accept-Encoding": "identity", "Range": "bytes=0-14"})
        assert (plain.status_code, plain.text) == (206, flooded().page[:15])
        tag = packed.headers["etag"]
        assert api.get("/map", headers={"Accept-Encoding": "gzip", "If-None-Match": tag}).status_code == 304

    def test_of_a_large_city_its_parts_lie_in_a_folder(self, large: TestClient) -> None:
        sent = large.get("/map", follow_redirects=False)
        assert (sent.status_code, sent.headers["location"]) == (307, "map/")
        assert large.get("/map").content == PARTS["index.html"]
        part = large.get("/map/city.pmtiles", headers={"Range": "bytes=256-259"})
        assert (part.status_code, part.content) == (206, bytes([0, 1, 2, 3]))
        assert part.headers["content-range"] == "bytes 256-259/10240"
        whole = large.get("/map/whole.json.gz")
        assert whole.headers["content-type"] == "application/gzip"
        assert "content-encoding" not in whole.headers

    @pytest.mark.parametrize("path", ["/map/x", "/map/..%2fsummary.json", "/map/%2e%2e/%2e%2e/etc/passwd"])
    def test_no_other_file_is_given_out(self, large: TestClient, api: TestClient, path: str) -> None:
        assert large.get(path).status_code == 404
        assert api.get(path).status_code == 404


class TestPublicPage:
    def test_is_that_of_the_report_with_what_the_settings_say_of_it(self, api: TestClient) -> None:
        answer = api.get("/public")
        imprint = dr.publication.Imprint(city="某县", phone="0557-1234567", url="https://water.example/town/public")
        assert answer.text == dr.publication.page_of_report(flooded(), imprint=imprint).html
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]

    def test_needs_no_key_where_all_else_does(self, tmp_path: Path) -> None:
        store = tmp_path / "s"
        key = key_in(store, "contractor", OURS)
        app = serving(store=store)
        assert asking(app).get("/public").status_code == 200
        for path in ("/map", "/report", "/tiles", "/tiles/14/1/1"):
            assert asking(app).get(path).status_code == 401
            assert asking(app, key).get(path).status_code == 403
        app.state.keeper.close()

    def test_alone_it_is_served_and_nothing_of_the_drains(self) -> None:
        api = asking(serving(public_only=True))
        answer = api.get("/public")
        assert answer.status_code == 200
        assert answer.headers["cache-control"].startswith("public")
        for path in ("/map", "/report", "/tiles", "/storm", "/section?from=n0&to=n1", "/trace/n0", "/map/x"):
            assert api.get(path).status_code == 404, path

    @pytest.mark.parametrize("report", [dry(), hand_made(), without_place(hand_made())])
    def test_where_there_is_none_it_says_why_and_nothing_of_the_place(self, report: dr.report.Report) -> None:
        answer = asking(serving(report)).get("/public")
        assert answer.status_code == 404
        assert "there is no page for the public here" in answer.json()["detail"]
        assert "hand.geojson" not in answer.text

    def test_what_cannot_stand_on_it_is_refused_at_the_start(self) -> None:
        with pytest.raises(dr.errors.FormatError, match="no telephone number"):
            serving(phone="call me")
        with pytest.raises(dr.errors.FormatError, match="longer than 40"):
            serving(city="x" * 41)


@pytest.mark.long
class TestInBrowser:
    """Chromium opens the pages through a running server, under its headers, and complains of nothing."""

    @pytest.mark.parametrize("width", [1440, 390])
    @pytest.mark.parametrize(
        ("path", "drawn"),
        [
            ("map", "document.querySelectorAll('.leaflet-container canvas, .leaflet-container svg').length > 0"),
            ("public", "performance.getEntriesByName('whole').length && performance.getEntriesByName('drawn').length"),
        ],
    )
    def test_it_runs_under_the_policy_of_the_server(
        self, chromium: Browser, port: int, path: str, drawn: str, width: int
    ) -> None:
        with chromium.open(f"http://127.0.0.1:{port}/{path}", width=width, height=850) as page:
            page.wait(drawn)
            asked = {url for url in page.requests if not url.startswith(("data:", "blob:"))}
            assert page.complaints == []
            assert asked == {f"http://127.0.0.1:{port}/{path}"}

    def test_nobody_frames_it(self, chromium: Browser, port: int, tmp_path: Path) -> None:
        frame = tmp_path / "frame.html"
        frame.write_text(f'<iframe src="http://127.0.0.1:{port}/public"></iframe>', encoding="utf-8")
        with chromium.open(frame) as page:
            page.wait("document.readyState === 'complete'")
            assert any("frame" in complaint.lower() for complaint in page.complaints), page.complaints

    def test_the_map_of_a_large_city_fetches_its_parts(self, chromium: Browser) -> None:
        folder = _city_page().folder
        with (
            in_thread(serving(replace(flooded(), map_folder=folder))) as (port, _),
            chromium.open(f"http://127.0.0.1:{port}/map", width=1440, height=850) as page,
        ):
            page.wait("performance.getEntriesByType('resource').some((one) => one.name.endsWith('.pmtiles'))")
            page.run("new Promise((done) => setTimeout(done, 500))")
            assert page.complaints == []
            assert all(url.startswith((f"http://127.0.0.1:{port}/map", "data:", "blob:")) for url in page.requests)


@pytest.mark.long
def test_lists_of_collections_tell_of_the_streets_as_soon_as_they_are_made() -> None:
    """A client that had asked before is not left with the list of then; nothing is made until he has."""
    asked = threading.Event()
    Made(asked.wait).begin()
    api, until = asking(create_app(Settings(), report=flooded())), time.monotonic() + 120.0
    before = {path: api.get(path) for path in ("/api", "/collections")}
    asked.set()
    assert not any("public_streets" in one.text for one in before.values())
    while api.get("/collections/public_streets").status_code != 200 and time.monotonic() < until:
        time.sleep(0.1)
    for path, then in before.items():
        now = api.get(path, headers={"If-None-Match": then.headers["ETag"]})
        assert now.status_code == 200
        assert "public_streets" in now.text


@pytest.mark.long
class TestComparison:
    def test_the_map_is_that_of_both_sides_or_of_one(self, both: TestClient) -> None:
        assert both.get("/map?version=before").text == flooded().page
        pages = {both.get(f"/map{query}").text for query in ("", "?version=before", "?version=after")}
        assert len(pages) == 3

    def test_the_public_page_tells_what_was_before(self, both: TestClient) -> None:
        both.get("/public")
        rows = [one["properties"] for one in both.get("/collections/public_streets/items").json()["features"]]
        assert max(row["before_depth_cm"] for row in rows) > 0
        assert {row["depth_cm"] for row in rows} == {0}

    def test_levels_are_those_of_the_side_that_is_asked_for(self, both: TestClient) -> None:
        sides = {
            side: both.get(f"/section?from=n2&to=n5&version={side}").json()["stations"][0]["ground_m"]
            for side in ("before", "after")
        }
        assert sides["after"] == pytest.approx(sides["before"] + 2.0)
        assert both.get("/section?from=n2&to=n5").json()["stations"][0]["ground_m"] == sides["after"]

    def test_tiles_lead_to_those_of_their_side(self, both: TestClient) -> None:
        assert both.get("/tiles?version=before").json()["tiles"] == [
            "http://localhost/tiles/{z}/{x}/{y}?version=before"
        ]
        layers = [
            {layer["id"] for layer in both.get(f"/tiles?version={side}").json()["vector_layers"]}
            for side in ("before", "after")
        ]
        assert layers[0] - layers[1] == {"waterlogging"}


class TestLargeReport:
    @pytest.mark.long
    def test_its_public_page_is_made_in_a_process_of_its_own_and_is_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flooded().write(tmp_path / "r")
        monkeypatch.setattr("drainage_api.served.public_face.FEW", 0)
        answer = asking(create_app(Settings(results=tmp_path / "r"))).get("/public")
        truth = dr.publication.page_of_report(dr.read_report(tmp_path / "r", whole=True))
        assert answer.text == truth.html


class TestReport:
    def test_without_what_draws_it_the_remedy_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "typst", None)
        monkeypatch.setattr("drainage_api.served.office.compose_report", _composed)
        answer = asking(serving()).get("/report")
        assert answer.status_code == 501
        assert "pip install 'drainage[papers]'" in answer.json()["detail"]

    def test_of_a_report_without_answers_there_is_none(self) -> None:
        answer = asking(serving(hand_made())).get("/report")
        assert answer.status_code == 404
        assert "run drainage analyze again" in answer.json()["detail"]

    @pytest.mark.long
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_is_a_pdf_with_the_title_in_its_language(self, api: TestClient, lang: str) -> None:
        answer = api.get(f"/report?lang={lang}")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert f"drainage-report-{lang}.pdf" in answer.headers["content-disposition"]


def _city_page() -> Page:
    """Draw the town of the demonstration as if it were a city of many features."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "is_city", lambda data: is_city(data, most=300))
        patch.setattr(pages, "part_city", lambda data: part_city(data, kept=100))
        return dr.draw(demo.city("2018-12-31"))


def _composed(*_: object, **__: object) -> object:
    """Fail as a document does whose writer is not installed."""

    class Composed:
        def save(self, path: Path) -> Path:
            from drainage.words import in_both

            del path
            raise dr.errors.FormatError(in_both("needs_extra_papers"))

    return Composed()
