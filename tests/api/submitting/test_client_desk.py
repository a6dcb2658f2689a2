"""The typed client against a real server: what a contractor and an engineer do there, and receipts that are verified.

Truth: what the store holds, and files that are changed afterwards.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pytest

import drainage as dr
from drainage_api.client import Client, KeyRefusedError, NotThereError, ReceiptError, ServerError
from tests.support.running import in_thread
from tests.support.sending import OURS, SURVEY, Desk, a_desk


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """Give a desk, and the address of a server of it."""
    place = tmp_path_factory.mktemp("town") / "store"
    with a_desk(place) as desk, in_thread(desk.app, store=place, job_workers=0) as (port, _):
        yield desk, f"http://127.0.0.1:{port}"


def client(town: tuple[Desk, str], name: str) -> Client:
    desk, address = town
    key = desk[name].headers["Authorization"].removeprefix("Bearer ")
    return Client(address, key=key, patience_s=0.0)


@pytest.fixture
def works(tmp_path: Path) -> Path:
    path = tmp_path / '竣工 "一期".geojson'
    path.write_bytes(SURVEY)
    return path


def test_from_what_was_built_to_its_acceptance(town: tuple[Desk, str], works: Path) -> None:
    li, wang = client(town, "li"), client(town, "wang")
    sent = li.submit(works, words="一期")
    assert (sent["state"], sent["roads"], sent["words"]) == ("received", [OURS], "一期")
    assert sent["filename"] == "竣工 %22一期%22.geojson"
    with pytest.raises(TimeoutError, match="received"):
        li.wait(sent["id"], timeout_s=0.0)
    with pytest.raises(ServerError, match="409"):
        li.comparison(sent["id"])
    town[0].computed(sent["id"])
    assert li.wait(sent["id"])["state"] == "computed"
    assert [row["point_id"] for row in li.comparison(sent["id"])["points"]] == ["W1"]
    assert wang.decide(sent["id"], accept=False, comment="缺标高")["state"] == "returned"
    assert li.notices(seen=True)[0]["words"] == "缺标高"
    assert li.notices()[0]["seen"] is not None
    assert li.appeal(sent["id"], "有标高")["state"] == "computed"
    assert wang.decide(sent["id"], accept=True)["version"] == 2
    again = li.submit(works, previous=li.withdraw(li.submit(works)["id"])["id"])
    assert again["previous"] is not None
    assert li.submissions("accepted")[0]["id"] == sent["id"]
    assert len(wang.submissions()) >= 3


def test_the_same_key_is_the_same_submission(town: tuple[Desk, str], works: Path) -> None:
    li = client(town, "li")
    assert li.submit(works, key="k") == li.submit(works, key="k")
    works.write_bytes(SURVEY + b" ")
    with pytest.raises(ServerError, match="422"):
        li.submit(works, key="k")


@pytest.mark.parametrize("same", [True, False])
def test_many_at_once_are_taken_in_once_each(town: tuple[Desk, str], works: Path, *, same: bool) -> None:
    gate = threading.Barrier(8)

    def send(number: int) -> str:
        gate.wait()
        return client(town, "li").submit(works, key=f"at once {'' if same else number}")["id"]

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(send, range(8)))) == (1 if same else 8)


def test_refusals_are_in_the_words_of_the_server(town: tuple[Desk, str], works: Path, tmp_path: Path) -> None:
    li, zhao = client(town, "li"), client(town, "zhao")
    with pytest.raises(KeyRefusedError):
        zhao.submit(works)
    with pytest.raises(NotThereError):
        client(town, "sun").submission(li.submit(works)["id"])
    works.write_bytes(b"")
    with pytest.raises(ServerError, match=r"422.*空"):
        li.submit(works)
    works.write_bytes(b"\x00")
    with pytest.raises(ServerError, match="415"):
        li.submit(works)
    with pytest.raises(dr.errors.FormatError, match="no such file"):
        li.submit(tmp_path / "nothing.dxf")
    with pytest.raises(NotThereError, match="DRAINAGE_TERMS"):
        li.pay_sheet(tmp_path / "pay.pdf")
    assert not (tmp_path / "pay.pdf").exists()


class TestReceipts:
    def test_it_is_verified_with_the_file_that_was_sent(self, town: tuple[Desk, str], works: Path) -> None:
        li = client(town, "li")
        one = town[0].computed(li.submit(works)["id"])
        client(town, "wang").decide(one, accept=False, comment="no")
        told = li.receipt(one, file=works)
        assert told["receipt"]["id"] == one
        assert [each["receipt"]["decision"] for each in told["decisions"]] == ["returned"]
        works.write_bytes(SURVEY + b" ")
        with pytest.raises(ReceiptError, match="another file"):
            li.receipt(one, file=works)

    def test_what_was_changed_after_it_was_signed_is_told(
        self, town: tuple[Desk, str], works: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        li = client(town, "li")
        one = town[0].computed(li.submit(works)["id"])
        client(town, "wang").decide(one, accept=False, comment="no")
        key = str(li.receipt(one)["public_key"])
        assert li.receipt(one, public_key=key)
        with pytest.raises(ReceiptError):
            li.receipt(one, public_key="A" * 43 + "=")
        whole = li.receipt(one)
        changes: tuple[Callable[[dict[str, Any]], object], ...] = (
            lambda told: told["receipt"].update(size=1),
            lambda told: told.update(signature="A" * 86 + "=="),
            lambda told: told.update(signature="no"),
            lambda told: told["decisions"][0]["receipt"].update(comment="yes"),
            lambda told: told["decisions"].append({**told, "receipt": {**told["receipt"]}}),
        )
        for change in changes:
            told = json.loads(json.dumps(whole))
            change(told)
            monkeypatch.setattr("drainage_api.client_http.Answer.json", lambda _, told=told: told)
            with pytest.raises(ReceiptError):
                li.receipt(one, public_key=key)
            monkeypatch.undo()


class Breaking(http.server.BaseHTTPRequestHandler):
    """A server that breaks off once it has taken a request in, as often as it is told to."""

    breaks: ClassVar[int] = 0
    names: ClassVar[list[str | None]] = []

    def do_POST(self) -> None:
        """Break off, or answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.names.append(self.headers.get("Idempotency-Key"))
        if len(self.names) <= type(self).breaks:
            self.connection.close()
            return
        body = b'{"id": "S"}'
        self.send_response(202)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("breaks", "patience_s"), [(1, 10.0), (1, 0.0)])
def test_what_broke_off_is_sent_again_under_the_same_name(
    works: Path, breaks: int, patience_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drainage_api.client_http._WAIT_S", 0.01)
    Breaking.breaks, Breaking.names = breaks, []
    with http.server.HTTPServer(("127.0.0.1", 0), Breaking) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        li = Client(f"http://127.0.0.1:{server.server_port}", patience_s=patience_s)
        try:
            if patience_s:
                told: dict[str, Any] = dict(li.submit(works))
                assert told == {"id": "S"}
                assert len(Breaking.names) == 2
                assert len(set(Breaking.names)) == 1
            else:
                with pytest.raises(OSError, match=r"."):
                    li.submit(works)
        finally:
            server.shutdown()
            thread.join()
