"""What a client may send as a form: anything else is refused by itself, and nothing is kept of it.

Truth: bytes written by hand, as a client that means harm writes them.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drainage_api.access.forms import MOST_PARTS, plain_name
from drainage_api.store.tables import submissions
from tests.support.examples import examples
from tests.support.sending import SURVEY, Desk

MARK: Final = "cut"
KIND: Final = f"multipart/form-data; boundary={MARK}"


def part(head: str, content: bytes = SURVEY, *, more: str = "") -> bytes:
    return f"--{MARK}\r\nContent-Disposition: form-data; {head}{more}\r\n\r\n".encode() + content + b"\r\n"


FILE: Final = part('name="file"; filename="works.geojson"')
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PIECES: Final = [b"\r\n", b"--cut", b"--", b"\x00", b"\r\r\n", b"Content-Disposition: "]
END: Final = f"--{MARK}--\r\n".encode()


def count(desk: Desk) -> int:
    return desk.vault.submissions.listed(limit=1)[1]


def asked(desk: Desk, body: bytes, kind: str | None = KIND) -> tuple[int, str]:
    """Send a body, and return the status and what is said; what is refused leaves nothing behind."""
    before = count(desk)
    headers = {} if kind is None else {"Content-Type": kind}
    answer = desk["li"].post("/submissions", content=body, headers=headers)
    if answer.status_code != 202:
        assert count(desk) == before
        assert answer.json()["status"] == answer.status_code
    place = desk.vault.database.place
    assert list((place / "incoming").iterdir() if (place / "incoming").exists() else []) == []
    assert str(place) not in answer.text
    return answer.status_code, answer.text


@pytest.mark.parametrize("path", ["/submissions", "/notices/seen"])
def test_what_comes_packed_is_refused_with_the_remedy(desk: Desk, path: str) -> None:
    before, body = count(desk), gzip.compress(FILE + END if path == "/submissions" else b"{}")
    kind = KIND if path == "/submissions" else "application/json"
    answer = desk["li"].post(path, content=body, headers={"Content-Type": kind, "Content-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    assert "as it is" in answer.json()["said"]["en"]
    assert count(desk) == before
    plain = {"Content-Type": KIND, "Content-Encoding": "identity"}
    assert desk["li"].post("/submissions", content=FILE + END, headers=plain).status_code == 202


def test_a_form_as_browsers_send_it_is_taken_in(desk: Desk) -> None:
    browser = (
        part('name="words"', "第一期\r\n完工".encode()) + part('name="previous"', b"")
        + part('name="file"; filename="works.geojson"', more="\r\nContent-Type: text/html") + END
    )  # fmt: skip
    status, text = asked(desk, browser)
    assert status == 202
    told = json.loads(text)
    assert (told["words"], told["previous"], told["kind"], told["size"]) == (
        "第一期\n完工",
        None,
        "geojson",
        len(SURVEY),
    )
    assert desk.vault.objects.read(told["digest"]) == SURVEY


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        pytest.param(FILE + END, None, 415, id="no type"),
        pytest.param(FILE + END, "text/plain", 415, id="another type"),
        pytest.param(b"a=b", "application/x-www-form-urlencoded", 415, id="no files in it"),
        pytest.param(FILE + END, "multipart/form-data", 400, id="no boundary"),
        pytest.param(FILE + END, "multipart/form-data; boundary=", 400, id="an empty boundary"),
        pytest.param(FILE + END, "multipart/form-data; boundary=" + "a" * 300, 400, id="an endless boundary"),
        pytest.param(FILE + END, "multipart/form-data; boundary=other", 400, id="another boundary"),
        pytest.param(b"", KIND, 400, id="nothing"),
        pytest.param(END, KIND, 400, id="no part"),
        pytest.param(FILE, KIND, 400, id="no end"),
        pytest.param(FILE[:-30], KIND, 400, id="broken off"),
        pytest.param(part('name="words"', b"hello") + END, KIND, 400, id="no file"),
        pytest.param(part('name="file"; filename=""', b"") + END, KIND, 400, id="no file chosen"),
        pytest.param(part('name="file"; filename="a.geojson"', b"") + END, KIND, 422, id="an empty file"),
        pytest.param(part('name="file"', SURVEY) + END, KIND, 400, id="a text for a file"),
        pytest.param(FILE + part('name="words"; filename="a"', b"x") + END, KIND, 400, id="a file for a text"),
        pytest.param(FILE + FILE + END, KIND, 400, id="two files"),
        pytest.param(FILE + 2 * part('name="words"', b"x") + END, KIND, 400, id="a text twice"),
        pytest.param(FILE + part('name="state"', b"accepted") + END, KIND, 400, id="a field of its own"),
        pytest.param(FILE + part("", b"x") + END, KIND, 400, id="no name"),
        pytest.param(f"--{MARK}\r\n\r\nx\r\n".encode() + END, KIND, 400, id="no header"),
        pytest.param(part("").replace(b"form-data", b"attachment") + END, KIND, 400, id="no form"),
        pytest.param(part('name="words"', b"x") * 100_000 + END, KIND, 400, id="a hundred thousand parts"),
        pytest.param(FILE.replace(b"\r\n\r\n", b"\r\nX: " + b"a" * 100_000) + END, KIND, 400, id="endless header"),
        pytest.param(part('name="file"; filename="a"', more="\r\nX: a" * 1000) + END, KIND, 400, id="headers"),
        pytest.param(FILE + part('name="words"', b"x" * 5000) + END, KIND, 400, id="endless words"),
        pytest.param(FILE + part('name="words"', b"a\x00b") + END, KIND, 400, id="a null"),
        pytest.param(FILE + part('name="words"', b"\xff\xfe") + END, KIND, 400, id="no UTF-8"),
        pytest.param(FILE + part('name="previous"', b"S-20260101-00000") + END, KIND, 422, id="another's previous"),
        pytest.param(part('name="file"; filename="a.exe"', b"MZ\x90\x00") + END, KIND, 415, id="a program"),
        pytest.param(part('name="file"; filename="a.xlsx"', b"<html>") + END, KIND, 415, id="a page that says xlsx"),
        pytest.param(part('name="file"; filename="a.zip"', b"PK\x03\x04" + b"\0" * 99) + END, KIND, 415, id="any zip"),
        pytest.param(part('name="file"; filename="a.xls"', OLD_EXCEL) + END, KIND, 415, id="xls"),
    ],
)  # fmt: skip
def test_what_is_no_such_form_is_refused(desk: Desk, body: bytes, kind: str | None, status: int) -> None:
    found, text = asked(desk, body, kind)
    assert found == status, text
    assert MOST_PARTS < 100


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\works\\a.dxf", "a.dxf"),
        ("/absolute/竣工 图.dxf", "竣工 图.dxf"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("<script>.geojson", "<script>.geojson"),
        ("..", ".."),
        ("a" * 300 + ".dxf", "a" * 116 + ".dxf"),
    ],
)
def test_a_name_is_shown_and_names_no_file(desk: Desk, said: str, shown: str) -> None:
    held = {path.name for path in desk.vault.database.place.rglob("*")}
    status, text = asked(desk, part(f'name="file"; filename="{said}"', SURVEY + said.encode()) + END)
    assert status == 202, text
    assert json.loads(text)["filename"] == shown
    new = {path.name for path in desk.vault.database.place.rglob("*")} - held
    assert new
    assert not any(shown in name or "passwd" in name for name in new)
    assert desk["wang"].get(f"/submissions/{json.loads(text)['id']}").json()["filename"] == shown


@examples(40)
@given(st.text(max_size=200))
def test_no_name_has_what_a_reader_does_not_see(said: str) -> None:
    shown = plain_name(said)
    assert shown.isprintable()
    assert not {"/", "\\", "\x00"} & {*shown}
    assert len(shown) <= 120


@examples(25)
@given(body=st.lists(st.sampled_from([FILE, END, *PIECES]), max_size=8))
def test_no_bytes_bring_it_down(desk: Desk, body: list[bytes]) -> None:
    assert asked(desk, b"".join(body))[0] in {202, 400}


def test_more_than_may_be_sent_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = desk.app.state.keeper
    monkeypatch.setattr(keeper, "settings", keeper.settings.model_copy(update={"upload_bytes": 100_000}))
    most = part('name="file"; filename="a.geojson"', b"{" + b" " * 99_999) + END
    assert asked(desk, most)[0] == 202
    assert asked(desk, part('name="file"; filename="a.geojson"', b"{" + b" " * 100_000) + END)[0] == 413
    assert asked(desk, FILE + END + b" " * 300_000)[0] == 413


@pytest.mark.parametrize("place", ["incoming", "objects"])
def test_a_store_that_cannot_be_written_says_so_and_takes_nothing_in(
    desk: Desk, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    if place == "incoming":
        monkeypatch.setattr("drainage_api.access.forms.TemporaryFile", full)
    else:
        monkeypatch.setattr(os, "fsync", full)
    status, text = asked(desk, part('name="file"; filename="a"', SURVEY + place.encode()) + END)
    assert status == 507, text
    assert "存储空间不足" in text
    monkeypatch.undo()
    assert desk.send().status_code == 202


class TestFields:
    """JSON and forms without files."""

    def asked(self, desk: Desk, body: bytes, kind: str = "application/json") -> int:
        path = f"/submissions/{self.one}/decision"
        return desk["wang"].post(path, content=body, headers={"Content-Type": kind}).status_code

    @pytest.fixture(autouse=True)
    def computed(self, desk: Desk) -> None:
        self.one = desk.computed(desk.sent())

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 422),
            (b"{}", 422),
            (b"null", 400),
            (b"[true]", 400),
            (b'{"accept": "yes"}', 400),
            (b'{"accept": 1}', 400),
            (b'{"accept": true, "accept": false}', 400),
            (b'{"accept": true, "comment": 5}', 400),
            (b'{"accept": true, "comment": "\\ud800"}', 400),
            (b'{"accept": true, "comment": "\\u0000"}', 400),
            (b'{"accept": NaN}', 400),
            (b'{"accept": true, "state": "accepted"}', 400),
            (b"[" * 60_000, 400),
            (b'{"comment":' * 5_000, 400),
            (b'{"comment": "' + b"x" * 4_001 + b'", "accept": true}', 400),
            (b" " * 70_000, 413),
            (b"\xff\xfe", 400),
            (b'{"accept": false}', 422),
        ],
    )
    def test_what_is_no_decision_decides_nothing(self, desk: Desk, body: bytes, status: int) -> None:
        assert self.asked(desk, body) == status
        assert desk.state(self.one) == "computed"

    def test_who_is_refused_is_told_why_in_both_languages(self, desk: Desk) -> None:
        def said(given: object) -> dict[str, str]:
            told: dict[str, str] = desk["wang"].post(f"/submissions/{self.one}/decision", json=given).json()["said"]
            return told

        assert said({"accept": "yes"})["zh"] == "无法读取所发内容：accept：应为 true 或 false。"
        assert "no such field: stat; expected" in said({"accept": True, "stat": 1})["en"]

    def test_another_type_is_refused(self, desk: Desk) -> None:
        assert self.asked(desk, b"accept=true", "text/plain") == 415
        assert self.asked(desk, b"accept=true&accept=false", "application/x-www-form-urlencoded") == 400
        assert desk.state(self.one) == "computed"

    def test_a_form_of_a_page_says_the_same_as_json(self, desk: Desk) -> None:
        assert self.asked(desk, "accept=false&comment=错".encode(), "application/x-www-form-urlencoded") == 200
        assert desk.state(self.one) == "returned"
        assert submissions.c.state.name == "state"


def test_nothing_is_left_of_what_came_in(desk: Desk) -> None:
    place: Path = desk.vault.database.place / "incoming"
    desk.sent()
    assert (place.stat().st_mode & 0o777, list(place.iterdir())) == (0o700, [])
