"""What pages tell of others' words, of receipts and of points, and in which words parameters are refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drainage_api.faces.desk.change_tables import change_view
from drainage_api.faces.desk.rows import score_said
from tests.api.standard.test_pages_html import Read
from tests.support.desk_town import CONTRACTOR, ENGINEER, OTHER, DeskTown, desk_town

#: An override that turns round what follows, an isolate that nobody ends, a mark, and a bell.
TURNED = "\u202egnp.exe\u2066\u200f\x07end"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskTown]:
    with desk_town(tmp_path_factory.mktemp("texts")) as town:
        yield town


def test_signs_that_turn_round_what_stands_beside_them_are_not_shown(town: DeskTown) -> None:
    one = town.computed(town.submitted(filename=f"{TURNED}.xlsx", words=TURNED))
    town.decided(one, accept=False, comment=TURNED)
    town.seen(TURNED)
    evidence = town.evidence(filename=f"{TURNED}.csv")
    place = f"/submissions/{one.id}"
    for name in (CONTRACTOR, ENGINEER):
        for path in ("/desk", "/submissions", place, f"{place}/receipt", f"/evidence/{evidence.id}"):
            html = town.asks(name).get(path).text
            assert "gnp.exeend" in html, path
            assert not set(html) & set("\u202e\u2066\u200f\x07"), path
    html = town.asks(CONTRACTOR).get(place).text
    assert '<blockquote dir="auto">gnp.exeend</blockquote>' in html
    assert "<bdi>gnp.exeend.xlsx</bdi>" in html
    assert town.asks(CONTRACTOR).get(f"{place}?f=json").json()["words"] == TURNED  # programs get it as it came


class TestReceipt:
    def test_is_a_page_with_all_that_was_signed_and_how_it_is_checked(self, town: DeskTown) -> None:
        one = town.computed(town.submitted(filename="东段.xlsx", words="一期"))
        town.decided(one, accept=False, comment="补测 n5")
        place = f"/submissions/{one.id}/receipt"
        answer = town.asks(CONTRACTOR).get(place)
        assert answer.headers["cache-control"] == "private, no-store"
        told = town.asks(CONTRACTOR).get(f"{place}?f=json").json()
        for said in (
            one.id, one.digest, told["receipt"]["received"], CONTRACTOR, "东段.xlsx", f"{one.size:,} B",
            "当时的状态", "已收到", "一期", "已退回", "补测 n5", ENGINEER, told["signature"], told["public_key"],
            "怎样核对", "certutil",
            town.vault.submissions.signer.fingerprint, told["decisions"][0]["signature"],
        ):  # fmt: skip
            assert said in Read(answer.text).text, said
        assert "How to check it" in town.asks(CONTRACTOR).get(f"{place}?lang=en").text
        assert place in town.asks(CONTRACTOR).get("/desk").text
        assert town.asks(OTHER).get(place).status_code == 404

    def test_is_json_for_programs(self, town: DeskTown) -> None:
        one = town.submitted(filename="programs.xlsx")
        answer = town.asks(CONTRACTOR, Accept="*/*").get(f"/submissions/{one.id}/receipt")
        assert answer.json()["receipt"]["id"] == one.id


@pytest.mark.parametrize(
    ("lang", "told"), [("zh", "GB 50014-2021, 5.7.3：距雨水口最多 25 m"), ("en", "25 m from an inlet")]
)
def test_a_clause_is_told_in_the_language_of_the_reader(town: DeskTown, lang: str, told: str) -> None:
    one = town.submitted(filename="lead.xlsx")
    town.checked(one)
    text = Read(town.asks(CONTRACTOR).get(f"/submissions/{one.id}?lang={lang}").text).text
    assert told in text
    assert ("inlet" in text) == (lang == "en")


def test_a_score_says_what_tells_against_the_file(town: DeskTown) -> None:
    """Of 100 points too: warnings are no part of the score."""
    town.computed(town.submitted(filename="scored.xlsx"))
    text = Read(town.asks(ENGINEER).get("/desk").text).text
    assert "质量评分 87.2（10 % 有错误、3 % 的数值缺失、< 1 % 的数值为推算）" in text
    whole = {"score": 100.0, "errors_share": 0.0, "warnings_share": 0.6, "guessed_share": 0.0, "missing_share": 0.0}
    assert score_said(whole, "en") == "quality score 100.0 (60 % with warnings)"
    assert score_said({**whole, "warnings_share": 0.0}, "en").endswith("(no error, no warning, every value recorded)")
    assert score_said(None, "en") == ""


def test_a_point_is_called_as_in_the_base_and_as_with_the_works() -> None:
    """Points are matched by place: those with the works are numbered anew, and one number may be two points."""
    ids = [("L1", "L1"), ("L2", "L3"), ("L3", None), (None, "L4")]
    points = [{"point_id": a or b, "id_before": a, "id_after": b, "road": "r", "fate": "new"} for a, b in ids]
    [table] = change_view({"points": points}, "zh")["tables"]
    assert table["heads"][0] == "积水点（现状 → 工程后）"
    assert [row["cells"][0] for row in table["rows"]] == ["L1", "L2 → L3", "L3 → –", "– → L4"]


@pytest.mark.parametrize(
    ("asked", "chinese", "english"),
    [
        ("limit=many", "应为整数", "expected an integer"),
        ("limit=0", "最小为 1", "is too small"),
        ("limit=9999", "最大为 1000", "is too large"),
        ("f=xml", "可选值", "is none of"),
        ("no=1", "没有这样的查询参数", "no such query parameter"),
        ("limit=1&limit=2", "不止一次", "more than once"),
    ],
)
def test_a_parameter_is_refused_in_both_languages(town: DeskTown, asked: str, chinese: str, english: str) -> None:
    answer = town.asks(CONTRACTOR, Accept="application/json").get(f"/submissions?{asked}")
    assert answer.status_code == 400
    said = answer.json()["said"]
    assert chinese in said["zh"], said
    assert english in said["en"], said
    assert english not in said["zh"]


def test_a_list_that_is_as_it_was_is_not_sent_again(town: DeskTown) -> None:
    client = town.asks(ENGINEER, Accept="application/json")
    path = "/submissions?state=accepted"
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
