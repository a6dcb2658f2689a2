"""The forms of the desk without any script: what is sent, where it leads, and what a refusal says at the field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.standard.test_pages_html import Read
from tests.support.asking import asking
from tests.support.desk_town import CONTRACTOR, ENGINEER, HOSTILE, OPERATOR, DeskTown, desk_town

GEOJSON = b'{"type": "FeatureCollection", "features": []}'


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskTown]:
    with desk_town(tmp_path_factory.mktemp("forms")) as town:
        yield town


class Forms(HTMLParser):
    """The forms of a page: by the last part of their address, their hidden fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, dict[str, str]] = {}
        self._now: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self._now = self.fields.setdefault(str(said["action"]).rpartition("/")[2], {})
        elif tag == "input" and said.get("type") == "hidden":
            self._now[str(said["name"])] = str(said["value"])


def signed_in(town: DeskTown, name: str) -> TestClient:
    """Return a browser of somebody, with its session and without any key."""
    client = asking(town.app)
    client.headers["Accept"] = "text/html"
    token = Forms(client.get("/login").text).fields["login"]["token"]
    answer = client.post("/login", data={"key": town.keys[name], "token": token, "next": "/desk"})
    assert answer.url.path == "/desk"
    return client


def upload(client: TestClient, content: bytes, filename: str = "built.geojson", **fields: str) -> Any:  # noqa: ANN401 - of the client of the tests
    hidden = Forms(client.get("/desk").text).fields["submissions"]
    return client.post("/submissions", data={**hidden, **fields}, files={"file": (filename, content)})


def test_a_file_is_taken_in_and_its_page_is_shown(town: DeskTown) -> None:
    client = signed_in(town, CONTRACTOR)
    answer = upload(client, GEOJSON, words="东段")
    assert [one.status_code for one in answer.history] == [303]
    assert re.fullmatch(r"/submissions/S-\d{8}-\w{5}", answer.url.path)
    read = Read(answer.text)
    assert "built.geojson" in read.text
    assert "东段" in read.text
    assert "已收到" in read.text
    again = Forms(answer.text).fields["withdrawal"]
    assert "已撤回" in Read(client.post(f"{answer.url.path}/withdrawal", data=again).text).text


def test_a_form_that_is_sent_twice_is_one_submission(town: DeskTown) -> None:
    client = signed_in(town, CONTRACTOR)
    hidden = Forms(client.get("/desk").text).fields["submissions"]
    paths = {
        client.post("/submissions", data=hidden, files={"file": ("a.geojson", GEOJSON)}).url.path for _ in range(2)
    }
    assert len(paths) == 1


@pytest.mark.parametrize(
    ("content", "status"), [(b"", 422), (b"%PDF-1.4 not a survey", 415)], ids=["empty", "of an unknown kind"]
)
def test_what_is_refused_is_told_at_the_field_with_the_words_that_were_written(
    town: DeskTown, content: bytes, status: int
) -> None:
    answer = upload(signed_in(town, CONTRACTOR), content, HOSTILE, words=HOSTILE)
    assert answer.status_code == status
    read = Read(answer.text)
    [error] = [attrs for tag, attrs in read.elements if attrs.get("id") == "file-error"]
    assert "data-refused" in error
    [field] = [attrs for tag, attrs in read.elements if attrs.get("id") == "file"]
    assert field["aria-invalid"] == "true"
    assert "file-error" in str(field["aria-describedby"])
    assert HOSTILE in read.text
    assert "img" not in {tag for tag, _ in read.elements}
    assert Forms(answer.text).fields["submissions"]["token"]


def test_without_the_token_of_the_page_nothing_is_done(town: DeskTown) -> None:
    client = signed_in(town, CONTRACTOR)
    before = len(town.vault.submissions.listed()[0])
    answer = client.post("/submissions", data={"token": "0" * 64}, files={"file": ("a.geojson", GEOJSON)})
    assert answer.status_code == 403
    assert len(town.vault.submissions.listed()[0]) == before


class TestDecision:
    def test_to_return_wants_words_and_keeps_the_page(self, town: DeskTown) -> None:
        one = town.computed(town.submitted(filename="r.xlsx"))
        client = signed_in(town, ENGINEER)
        place = f"/submissions/{one.id}"
        hidden = Forms(client.get(place).text).fields["decision"]
        answer = client.post(f"{place}/decision", data={**hidden, "accept": "false", "comment": " "})
        assert answer.status_code == 422
        assert "decision" in Forms(answer.text).fields
        assert 'id="refused"' in answer.text
        answer = client.post(f"{place}/decision", data={**hidden, "accept": "false", "comment": "补测 n5"})
        assert (answer.status_code, answer.url.path) == (200, place)
        assert "已退回" in answer.text
        assert "decision" not in Forms(answer.text).fields
        theirs = signed_in(town, CONTRACTOR)
        assert "补测 n5" in Read(theirs.get("/desk").text).text
        fields = Forms(theirs.get(place).text).fields["appeal"]
        answer = theirs.post(f"{place}/appeal", data={**fields, "words": "n5 已测"})
        assert "已计算" in answer.text
        assert "n5 已测" in Read(answer.text).text

    def test_what_came_too_late_is_told_on_its_page_with_the_words_that_were_written(self, town: DeskTown) -> None:
        one = town.computed(town.submitted(filename="late.xlsx"))
        client = signed_in(town, ENGINEER)
        hidden = Forms(client.get(f"/submissions/{one.id}").text).fields["decision"]
        town.decided(one, accept=False, comment="x")
        answer = client.post(f"/submissions/{one.id}/decision", data={**hidden, "accept": "true", "comment": "很好"})
        assert answer.status_code == 409
        assert 'id="refused"' in answer.text
        assert "很好" in Read(answer.text).text

    @pytest.mark.long
    def test_an_acceptance_makes_a_version(self, tmp_path: Path) -> None:
        with desk_town(tmp_path) as town:
            one = town.computed(town.submitted())
            client = signed_in(town, ENGINEER)
            hidden = Forms(client.get(f"/submissions/{one.id}").text).fields["decision"]
            answer = client.post(f"/submissions/{one.id}/decision", data={**hidden, "accept": "true", "comment": ""})
            assert "已成为版本 2" in Read(answer.text).text
            assert "版本 2" in Read(client.get("/desk").text).text


@pytest.mark.long
def test_an_operator_stops_a_job_and_begins_it_anew(tmp_path: Path) -> None:
    with desk_town(tmp_path) as town:
        one = town.submitted()
        client = signed_in(town, OPERATOR)
        page = client.get("/desk").text
        job = town.vault.queue.of(one.id)
        assert job is not None
        answer = client.post(f"/jobs/{job.id}/cancellation", data=Forms(page).fields["cancellation"])
        assert answer.url.path == "/desk"
        assert "计算已由“Zhao”取消" in Read(town.asks(CONTRACTOR).get("/desk").text).text
        answer = client.post(f"/jobs/{job.id}/retry", data=Forms(answer.text).fields["retry"])
        assert answer.url.path == "/desk"
        assert "cancellation" in Forms(answer.text).fields
        assert "已收到" in Read(town.asks(CONTRACTOR).get("/desk").text).text


class TestEvidence:
    def test_is_taken_in_and_its_page_tells_what_it_changed(self, town: DeskTown) -> None:
        client = signed_in(town, CONTRACTOR)
        fields = Forms(client.get("/desk").text).fields["evidence"]
        answer = client.post(
            "/evidence", data={**fields, "kind": "cctv"}, files={"file": ("cctv.csv", b"pipe_id\np1\n")}
        )
        assert (answer.status_code, answer.url.path) == (200, "/desk")
        assert "cctv.csv" in Read(answer.text).text
        one = town.vault.evidence.found()[0][0]
        town.evidenced(one)
        text = Read(client.get(f"/evidence/{one.id}").text).text
        for said in ("已完成", "读取 9 行，其中 1 行未采用", "没有这口井", "0.9", "还缺降雨记录", "没有改变结果"):
            assert said in text, said
        assert "no such manhole" not in text

    def test_what_is_refused_is_told_at_its_own_field(self, town: DeskTown) -> None:
        client = signed_in(town, CONTRACTOR)
        fields = Forms(client.get("/desk").text).fields["evidence"]
        answer = client.post("/evidence", data={**fields, "kind": "dye"}, files={"file": ("x.pdf", b"%PDF\x00")})
        assert answer.status_code == 415
        read = Read(answer.text)
        [error] = [attrs for _, attrs in read.elements if attrs.get("id") == "evidence-file-error"]
        assert "data-refused" in error
        assert ("option", {"value": "dye", "selected": None}) in read.elements
