"""The desk for people: what waits for whom, what each may do, and nothing of anybody that becomes part of a page."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from drainage_api.faces.clock import by_the_clock
from drainage_api.settings import Settings
from tests.api.standard.test_pages_html import CHINESE, Read
from tests.support.asking import asking
from tests.support.desk_town import CONTRACTOR, ENGINEER, HOSTILE, OPERATOR, OTHER, DeskTown, desk_town
from tests.support.served_town import OURS, serving


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskTown]:
    """Open the desk with a submission of every state that waits for somebody."""
    with desk_town(tmp_path_factory.mktemp("desk")) as town:
        town.submitted(filename="waits.xlsx")
        town.failed(town.submitted(filename="wrong.xlsx"), "文件属于另一座城市", "it is of another town")
        town.decided(town.computed(town.submitted(filename="back.xlsx")), accept=False, comment="补测 n5")
        town.computed(town.submitted(filename="ready.xlsx", words="东段完工"))
        town.submitted(OTHER, filename="theirs.xlsx")
        yield town


def page(client: TestClient, path: str, status: int = 200) -> Read:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:500]
    return Read(answer.text)


def href(read: Read, text: str, html: str) -> str:
    del read
    found = re.search(rf'href="([^"]+)"[^>]*>(?:<bdi>)?{re.escape(text)}<', html)
    assert found, text
    return found[1].replace("&amp;", "&")


class TestContractor:
    def test_sees_his_roads_what_to_fix_and_his_submissions_alone(self, town: DeskTown) -> None:
        read = page(town.asks(CONTRACTOR), "/desk")
        assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d \(UTC[+-]\d\d:\d\d\)", read.text)
        for said in ("您好，Li", OURS, "waits.xlsx", "wrong.xlsx", "文件属于另一座城市", "back.xlsx", "补测 n5"):
            assert said in read.text, said
        assert "theirs.xlsx" not in read.text
        forms = [attrs["action"] for tag, attrs in read.elements if tag == "form"]
        assert "http://localhost/submissions" in forms
        assert not [one for one in forms if one and "decision" in one]

    def test_comes_to_the_desk_by_an_address_that_a_messenger_passed_on(self, town: DeskTown) -> None:
        assert "您好，Li" in page(town.asks(CONTRACTOR), "/desk?from=singlemessage&isappinstalled=0").text

    def test_is_told_what_was_decided_until_he_has_read_it(self, town: DeskTown) -> None:
        client = town.asks(CONTRACTOR)
        before = page(client, "/collections")
        assert "2 条新通知" in before.text  # one failed, one was returned
        assert "0 条新通知" not in page(town.asks(OTHER), "/desk").text
        town.vault.submissions.notices.see(town.prefixes[CONTRACTOR])
        assert "条新通知" not in page(client, "/collections").text
        assert "补测 n5" in page(client, "/desk").text

    def test_reads_what_was_understood_what_it_settles_and_what_it_breaks(self, town: DeskTown) -> None:
        client = town.asks(CONTRACTOR)
        html = client.get("/desk").text
        read = page(client, href(Read(html), "ready.xlsx", html))
        for said in (
            "解决积水点 1 处。", "n5 下游没有出路", "：2 处（n8、n9）", "新增 2 · 改变 1 · 废除 0", "87.2",
            "规格、径", "没有把握", "备注2：没有取值", "连接管过长",
            "4 处（P0、P1、P2、…）", "坡度过小", "东段完工", "已解决", "新出现",
            "没有测流数据。", "按现状坐标系读取", "人民路分流9352", "SHA-256",
        ):  # fmt: skip
            assert said in read.text, said
        assert "n7 不再有管段" not in read.text  # which follows from the works and breaks nothing
        paths = [str(attrs.get("class")) for tag, attrs in read.elements if tag == "path"]
        assert {"added", "abandoned", "changed", "beside"} <= set(paths)
        actions = [str(attrs["action"]) for tag, attrs in read.elements if tag == "form"]
        assert [one.rpartition("/")[2] for one in actions] == ["withdrawal"]

    def test_may_put_right_or_object_to_what_was_returned(self, town: DeskTown) -> None:
        client = town.asks(CONTRACTOR)
        html = client.get("/desk").text
        place = href(Read(html), "back.xlsx", html)
        read = page(client, place)
        links = [str(attrs.get("href")) for tag, attrs in read.elements if tag == "a"]
        again = next(one for one in links if "previous=" in one)
        assert any(str(attrs.get("action")).endswith("/appeal") for tag, attrs in read.elements if tag == "form")
        identity = place.rpartition("/")[2]
        fields = [
            attrs for tag, attrs in page(client, again).elements if tag == "input" and attrs["name"] == "previous"
        ]
        assert [one["value"] for one in fields] == [identity]
        assert "value" not in str(page(client, "/desk?previous=<b>").elements).partition("previous")[2][:40]

    def test_sees_nothing_of_another(self, town: DeskTown) -> None:
        html = town.asks(OTHER).get("/desk").text
        place = href(Read(html), "theirs.xlsx", html)
        page(town.asks(OTHER), place)
        page(town.asks(CONTRACTOR), place, 404)


def test_why_it_failed_is_told_item_by_item_in_one_language(tmp_path: Path) -> None:
    names = ("东街", "西街", "南街", "北街")
    zh, en = [f"{name}缺标高" for name in names], [f"{name} has no level" for name in names]
    zh[0], en[0] = f"{zh[0]}；请补测", f"{en[0]}; survey it"
    with desk_town(tmp_path) as town:
        one = town.submitted(filename="much.xlsx")
        town.failed(one, "\n".join(["请更正：", *zh]), "\n".join(["correct these:", *en]))
        for lang, lead, items, others, more in (
            ("zh", "请更正：", zh, en, "另有 1 项"),
            ("en", "correct these:", en, zh, "and 1 more"),
        ):
            html = town.asks(CONTRACTOR).get(f"/submissions/{one.id}?lang={lang}").text
            assert html.count(f'<p>{lead}</p><ul class="plain"><li>{items[0]}</li>') == 2, (
                "the problem, and the history"
            )
            assert all(f"<li>{item}</li>" in html for item in items)
            assert f"<li>{items[2]}</li><li>{more}</li>" in html[html.index("history-head") :]
            assert others[0] not in html


def test_one_problem_is_one_sentence_however_many_clauses_it_has(tmp_path: Path) -> None:
    with desk_town(tmp_path) as town:
        one = town.submitted(filename="one.xlsx")
        town.failed(one, "没有管段表；应有名为管段的表", "no table of pipes; expected one")
        html = town.asks(CONTRACTOR).get(f"/submissions/{one.id}").text
        assert html.count("<p>没有管段表；应有名为管段的表</p>") == 2


def test_rules_that_a_file_breaks_stand_before_the_decision(tmp_path: Path) -> None:
    steep = {
        "rule": "steep", "severity": "warning", "feature_kind": "pipe", "feature_id": "P1", "clause": None,
        "reason": {"zh": "坡度异常大", "en": "too steep"}, "remedy": {"zh": "核实高程", "en": "check the levels"},
    }  # fmt: skip
    with desk_town(tmp_path) as town:
        one, plain = town.submitted(filename="steep.xlsx"), town.submitted(filename="plain.xlsx")
        town.checked(one, broken={"count": 1, "rows": [steep]})
        for each in (town.compared(one, breaks=[]), town.computed(plain, breaks=[])):
            text = page(town.asks(ENGINEER), f"/submissions/{each.id}").text
            assert ("没有发现由此造成的问题" in text) == (each.id == plain.id), "a note is no fault"
            assert "管段：built.xlsx" in text
        text = page(town.asks(ENGINEER), f"/submissions/{one.id}").text
        assert text.index("坡度异常大 1 处（P1）") < text.index("退回时必须写明") < text.index("核实高程")


def test_a_moment_is_told_by_the_clock_of_the_town_with_its_offset() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert by_the_clock("2026-11-29T18:07:31+00:00", shanghai) == "2026-11-30 02:07 (UTC+08:00)"
    assert by_the_clock("2026-11-29T18:07:31", shanghai) == by_the_clock(1_795_975_651.0, shanghai)


class TestEngineer:
    def test_sees_what_can_be_decided_before_what_is_still_computed(self, town: DeskTown) -> None:
        text = page(town.asks(ENGINEER), "/desk").text
        waiting = text[text.index("待决定") :]
        assert "会造成 3 个问题" in waiting
        assert "解决积水点 1 处。" in waiting
        assert waiting.index("ready.xlsx") < waiting.index("waits.xlsx") < waiting.index("theirs.xlsx")
        assert re.search(r'href="#waiting">[^<]*<span class="badge">1</span>', town.asks(ENGINEER).get("/desk").text)
        assert re.search(r"前面还有 \d+ 个任务", page(town.asks(CONTRACTOR), "/desk").text)
        assert "back.xlsx" not in waiting[: waiting.index("提交竣工资料")]

    def test_is_shown_the_map_in_the_language_of_the_page(self, town: DeskTown) -> None:
        client = town.asks(ENGINEER)
        html = client.get("/desk").text
        place = href(Read(html), "ready.xlsx", html)
        in_english = [
            client.get(f"{place}/map{query}").text == "<p>in English" for query in ("", "?lang=zh", "?lang=en")
        ]
        assert in_english == [False, False, True]

    def test_decides_with_words_and_withdraws_nothing_of_others(self, town: DeskTown) -> None:
        client = town.asks(ENGINEER)
        html = client.get("/desk").text
        read = page(client, href(Read(html), "ready.xlsx", html))
        actions = [str(attrs["action"]) for tag, attrs in read.elements if tag == "form"]
        assert [one.rpartition("/")[2] for one in actions] == ["decision"]
        values = [
            (attrs["name"], attrs["value"]) for tag, attrs in read.elements if tag == "button" and "name" in attrs
        ]
        assert values == [("accept", "true"), ("accept", "false")]
        assert "另一提交" not in read.text


@pytest.mark.long
class TestSightings:
    def test_wait_for_an_engineer_who_shows_or_hides_them(self, tmp_path: Path) -> None:
        with desk_town(tmp_path) as town:
            seen = [town.seen(HOSTILE, photo=True)]
            client = town.asks(ENGINEER)
            read = page(client, "/desk")
            assert HOSTILE in read.text
            assert "0.30 m" in read.text
            [picture] = [str(attrs["src"]) for tag, attrs in read.elements if tag == "img"]
            assert client.get(picture).headers["content-type"] == "image/jpeg"
            assert "积水报告待审核" not in page(town.asks(CONTRACTOR), "/desk").text
            answer = client.post(f"/sightings/{seen[0]}/decision?lang=zh", data={"state": "hidden", "note": "重复"})
            assert answer.url.path == "/desk"
            assert "没有待审核的积水报告" in answer.text


class TestOperator:
    def test_sees_jobs_and_what_is_kept_and_decides_nothing(self, town: DeskTown) -> None:
        read = page(town.asks(OPERATOR), "/desk")
        assert "SQLite" in read.text
        assert any(str(attrs.get("action")).endswith("/cancellation") for tag, attrs in read.elements if tag == "form")
        assert not [attrs for tag, attrs in read.elements if tag == "input" and attrs.get("type") == "file"]


class TestClosed:
    PATHS = ("/desk", "/submissions", "/submissions?state=computed")

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("name", [CONTRACTOR, ENGINEER])
    def test_runs_our_script_alone_and_asks_nobody_else(self, town: DeskTown, path: str, name: str) -> None:
        answer = town.asks(name).get(path)
        policy = answer.headers["content-security-policy"]
        for tag in ("script", "style"):
            [content] = re.findall(f"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "private, no-store"
        read = Read(answer.text)
        assert all(not key.startswith("on") and key != "style" for _, attrs in read.elements for key in attrs)
        assert len(answer.content) < 40_000

    @pytest.mark.parametrize("path", PATHS)
    def test_is_in_the_language_that_is_asked_for(self, town: DeskTown, path: str) -> None:
        english = page(town.asks(ENGINEER, **{"Accept-Language": "en"}), path).text
        left = english.replace("中文", "").replace("人民路", "").replace("解放路", "").replace("补测", "")
        assert not CHINESE.search(left.partition("</script>")[0]), CHINESE.findall(left)

    @pytest.mark.long
    @pytest.mark.parametrize("lang", ["", "?lang=en"])
    def test_every_link_leads_somewhere(self, town: DeskTown, lang: str) -> None:
        html = town.asks(CONTRACTOR).get("/desk").text
        ready = href(Read(html), "ready.xlsx", html)
        for name in (CONTRACTOR, ENGINEER):
            client = town.asks(name)
            links = {
                str(attrs.get("href") or attrs.get("src"))
                for path in ("/desk", "/submissions", ready)
                for tag, attrs in page(client, f"{path}{lang}").elements
                if tag in {"a", "img"}
            }
            inner = {one for one in links if one.startswith("http")}
            assert len(inner) > 12
            for one in sorted(inner):
                assert client.get(one).status_code == 200, one

    def test_no_word_of_anybody_becomes_an_element(self, tmp_path: Path) -> None:
        with desk_town(tmp_path) as town:
            one = town.submitted(filename=HOSTILE, words=HOSTILE)
            plain = town.submitted(filename="x", words="x")
            said = {"zh": HOSTILE, "en": HOSTILE}
            rows = [{"point_id": HOSTILE, "road": HOSTILE, "fate": HOSTILE, "before_m3": 1.0}]
            town.computed(
                one,
                summary=said,
                breaks=[{"severity": "warning", "said": said, "road": HOSTILE}],
                points=rows,
                pay={"why_not": said},
            )
            town.computed(plain)
            for person in (CONTRACTOR, ENGINEER):
                client = town.asks(person)
                tags = {tag for tag, _ in page(client, f"/submissions/{plain.id}").elements} | {"blockquote"}
                read = page(client, f"/submissions/{one.id}")
                assert {tag for tag, _ in read.elements} <= tags
                assert HOSTILE in read.text
                assert HOSTILE in page(client, "/desk").text
            town.decided(one, accept=False, comment=HOSTILE)
            read = page(town.asks(CONTRACTOR), "/desk")
            assert "img" not in {tag for tag, _ in read.elements}
            assert HOSTILE in read.text


class TestWithoutADesk:
    def test_where_no_store_is_named_none_is_told_of(self) -> None:
        client = asking(serving())
        client.headers["Accept"] = "text/html"
        assert "工作台" not in client.get("/").text
        assert client.get("/desk").status_code == 404

    def test_nobody_without_a_key_is_let_in(self, town: DeskTown) -> None:
        assert "提交竣工资料、查看结果" in page(town.asks(CONTRACTOR), "/").text
        client = asking(town.app)
        client.headers["Accept"] = "text/html"
        assert client.get("/desk").status_code == 401
        assert "工作台" not in client.get("/").text
        assert Settings().store is None
