"""The typed client against a real server, with keys. Truth: the frames that are served."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import drainage as dr
from drainage_api.client import BusyError, Client, KeyRefusedError, NotThereError, ServerError
from tests.support.running import in_thread
from tests.support.served_town import OURS, flooded, key_in, serving


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the address of a server and a key of each role."""
    store = tmp_path_factory.mktemp("store") / "s"
    made = {"engineer": key_in(store, "engineer"), "contractor": key_in(store, "contractor", OURS)}
    app = serving(store=store)
    with in_thread(app, store=store) as (port, _):
        yield f"http://127.0.0.1:{port}", made
    app.state.keeper.close()


@pytest.fixture
def engineer(keys: tuple[str, dict[str, str]]) -> Client:
    return Client(keys[0], key=keys[1]["engineer"], patience_s=0.0)


class TestReads:
    def test_all_pages_as_one_frame_at_the_same_places(self, engineer: Client) -> None:
        found, ours = engineer.items("pipes", page=4), flooded().collections["pipes"].to_crs(4326)
        assert found.index.tolist() == ours.index.tolist()
        assert found.crs == "EPSG:4326"
        assert found["diameter_mm"].tolist() == ours["diameter_mm"].tolist()
        assert found.geometry.geom_equals_exact(ours.geometry.set_axis(found.index), 1e-7).all()
        assert [len(page) for page in engineer.pages("pipes", page=4)] == [4, 4, 3]

    def test_what_is_asked_for_alone(self, engineer: Client) -> None:
        assert len(engineer.items("pipes", where={"road": OURS})) == 5
        west, south, east, north = flooded().collections["pipes"].to_crs(4326).total_bounds
        assert 0 < len(engineer.items("pipes", bbox=(west, south, (west + east) / 2, north))) < 11
        assert len(engineer.items("pipes", where={"road": "nowhere"})) == 0

    @pytest.mark.parametrize("code", [4548, 4490, 4326])
    def test_coordinates_in_a_system_with_the_east_first(self, engineer: Client, code: int) -> None:
        found, ours = engineer.items("pipes", crs=code), flooded().collections["pipes"].to_crs(code)
        assert found.crs == f"EPSG:{code}"
        np.testing.assert_allclose(found.total_bounds, ours.total_bounds, atol=2e-3 if code == 4548 else 1e-6)

    def test_filters_ranges_nulls_and_sorting(self, engineer: Client) -> None:
        assert engineer.items("pipes", filter=f"road = '{OURS}' AND diameter_mm < 400").index.tolist() == [
            f"n-p{k}" for k in range(5)
        ]
        ours = flooded().collections["pipes"]
        low = ours["invert_to_m"].median()
        expected = ours.index[ours["invert_to_m"] <= low].tolist()
        assert engineer.items("pipes", where={"invert_to_m": (None, low)}).index.tolist() == expected
        assert len(engineer.items("pipes", where={"abandoned": None})) == len(ours)
        found = engineer.items("pipes", sortby=["-pipe_id"], properties=["road"])
        assert found.index.tolist() == sorted(ours.index, reverse=True)
        assert set(found) == {"road", "geometry"}
        assert len(engineer.items("pipes", datetime=("2000-01-01", None))) == len(ours)

    def test_collections_summary_and_provenance(self, engineer: Client) -> None:
        assert "pipes" in engineer.collections()
        assert engineer.summary("pipes")["pipes"] == 11
        said, truth = engineer.provenance().storm, flooded().provenance.storm
        assert said is not None
        assert truth is not None
        assert {**said, "depth_mm": 0} == {**truth, "depth_mm": 0}

    def test_along_the_pipes(self, engineer: Client) -> None:
        assert engineer.trace("n3").index.tolist() == ["n-p0", "n-p1", "n-p2"]
        assert engineer.trace("n9", "downstream").index.tolist() == ["n-p9", "n-p10"]
        section = engineer.section("n2", "n5", via=["n3"])
        assert [row["node_id"] for row in section["stations"]] == ["n2", "n3", "n4", "n5"]
        assert "<svg" in engineer.section_svg("n2", "n5")
        assert engineer.storm()["storm"]["return_period_a"] == 5.0

    def test_what_is_public_without_a_key(self, keys: tuple[str, dict[str, str]]) -> None:
        streets = Client(keys[0], patience_s=20.0).items("public_streets")
        assert (streets["depth_cm"] > 0).any()

    @pytest.mark.long
    def test_the_report_of_an_office_as_a_file(self, engineer: Client, tmp_path: Path) -> None:
        assert engineer.report(tmp_path / "r.pdf", lang="en").read_bytes().startswith(b"%PDF")
        with pytest.raises(dr.errors.FormatError, match="exists already"):
            engineer.report(tmp_path / "r.pdf")


class TestRefusals:
    def test_without_a_key_it_is_told_to_give_one(self, keys: tuple[str, dict[str, str]]) -> None:
        with pytest.raises(KeyRefusedError, match="give a key") as caught:
            Client(keys[0]).items("pipes")
        assert caught.value.status == 401

    def test_a_key_that_may_not(self, keys: tuple[str, dict[str, str]], tmp_path: Path) -> None:
        contractor = Client(keys[0], key=keys[1]["contractor"])
        assert contractor.items("pipes").index.tolist() == [f"n-p{k}" for k in range(5)]
        with pytest.raises(KeyRefusedError) as caught:
            contractor.report(tmp_path / "r.pdf")
        assert caught.value.status == 403

    def test_what_is_not_there_in_the_words_of_the_server(self, engineer: Client) -> None:
        with pytest.raises(NotThereError, match="node ids look like n0"):
            engineer.trace("nothing")
        with pytest.raises(ServerError, match="400"):
            engineer.items("pipes", where={"diameter_mm": "wide"})

    def test_of_an_address_that_is_none(self) -> None:
        with pytest.raises(dr.errors.FormatError, match="expected the address"):
            Client("file:///etc/passwd")
        with pytest.raises(OSError, match="refused"):
            Client("http://127.0.0.1:9").storm()


class Odd(http.server.BaseHTTPRequestHandler):
    """A server that answers what it is told to, and remembers what it was asked."""

    answers: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        """Give the next answer."""
        self.asked.append((self.path, self.headers.get("Authorization")))
        status, headers, body = self.answers.pop(0)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def odd() -> Iterator[str]:
    Odd.answers, Odd.asked = [], []
    with http.server.HTTPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def told(status: int, body: dict[str, Any], **headers: str) -> tuple[int, dict[str, str], bytes]:
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode()


class TestPatience:
    @pytest.mark.parametrize("status", [429, 503])
    def test_a_busy_server_is_asked_again_when_it_says(self, odd: str, status: int) -> None:
        Odd.answers = [told(status, {"detail": "later"}, Retry_After="0"), told(200, {"storm": 1})]
        assert Client(odd, patience_s=5.0).storm() == {"storm": 1}
        assert len(Odd.asked) == 2

    def test_but_not_for_longer_than_patience_lasts(self, odd: str) -> None:
        Odd.answers = [told(503, {"detail": "come tomorrow"}, Retry_After="86400")]
        with pytest.raises(BusyError, match="come tomorrow") as caught:
            Client(odd, patience_s=30.0).storm()
        assert caught.value.retry_after_s == 86_400
        assert len(Odd.asked) == 1

    def test_other_errors_are_final(self, odd: str) -> None:
        Odd.answers = [told(500, {"detail": "broken"})]
        with pytest.raises(ServerError, match="500: broken"):
            Client(odd).storm()


class TestKeyStaysHome:
    def test_it_follows_no_redirect(self, odd: str) -> None:
        Odd.answers = [told(302, {}, Location=f"{odd}/elsewhere")]
        with pytest.raises(ServerError, match="302"):
            Client(odd, key="secret").storm()
        assert [path for path, _ in Odd.asked] == ["/storm?lang=en"]

    def test_of_the_next_page_only_the_question_is_taken(self, odd: str) -> None:
        page = {"features": [], "links": [{"rel": "next", "href": "http://elsewhere.example/x?limit=1&offset=1"}]}
        last: dict[str, Any] = {"features": [], "links": []}
        Odd.answers = [told(200, {"crs": []}), told(200, page), told(200, last)]
        Client(odd, key="secret").items("pipes", page=1)
        assert Odd.asked[-1] == ("/collections/pipes/items?limit=1&offset=1", "Bearer secret")

    def test_another_service_is_told_from_ours(self, odd: str) -> None:
        Odd.answers = [(200, {}, b"<html>")]
        with pytest.raises(dr.errors.FormatError, match="is this the address of a drainage server"):
            Client(odd).storm()
