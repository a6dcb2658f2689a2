"""The desk in a real browser: a contractor on his phone and an engineer at the keyboard, through the whole story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from drainage_api.store.submitting.records import Submission
from tests.support.browser import Browser, Page
from tests.support.desk_browser import (
    AXE,
    choose_file,
    drag_file,
    enter,
    go,
    open_chooser,
    signed_in,
    tab_to,
    violations,
)
from tests.support.desk_town import CONTRACTOR, ENGINEER, OPERATOR, DeskTown, desk_town
from tests.support.running import in_thread

GEOJSON = '{"type": "FeatureCollection", "features": []}'
pytestmark = pytest.mark.long


@pytest.fixture
def town(tmp_path: Path) -> Iterator[DeskTown]:
    with desk_town(tmp_path) as town:
        yield town


@pytest.fixture
def port(town: DeskTown) -> Iterator[int]:
    with in_thread(town.app) as (port, _):
        yield port


@pytest.fixture
def built(tmp_path: Path) -> Path:
    file = tmp_path / "竣工.geojson"
    file.write_text(GEOJSON, encoding="utf-8")
    return file


def text(page: Page) -> str:
    return str(page.run("document.body.innerText"))


def newest(town: DeskTown) -> Submission:
    return town.vault.submissions.listed()[0][0]


def test_the_whole_story_on_a_phone(chromium: Browser, town: DeskTown, port: int, built: Path) -> None:
    with signed_in(chromium, port, town.keys[CONTRACTOR]) as page:
        choose_file(page, built)
        page.click("#words")
        page.type("东段完工")
        page.click("form[data-upload] button")
        page.wait("location.pathname.startsWith('/submissions/S-')")
        page.wait("document.querySelector('#live[data-watch]')")
        page.run("window.here = true")
        one = newest(town)
        town.checked(one)
        page.wait("document.querySelector('#live').dataset.state === 'checked'")
        assert "竣工.geojson" in text(page)
        assert "按现状坐标系读取" in text(page)  # how the file was understood
        town.compared(one)
        page.wait("!document.querySelector('#live[data-watch]')")
        assert page.run("document.querySelector('#spoken').textContent") == "现在：已计算，待决定"
        assert page.run("window.here") is True  # the page was never loaded anew
        assert page.complaints == []
    with signed_in(chromium, port, town.keys[ENGINEER], width=1280) as page:
        page.click("#waiting a")
        page.wait("document.querySelector('#comment')")
        page.click("button.return")
        page.wait("document.querySelector('#comment-error').textContent")
        assert page.run("document.activeElement.id") == "comment"
        page.type("n5 井底标高缺失")
        page.click("button.return")
        page.wait("document.querySelector('.chip.returned')")
    with signed_in(chromium, port, town.keys[CONTRACTOR]) as page:
        assert page.run("document.querySelector('header .badge').firstChild.data") == "1"
        assert "n5 井底标高缺失" in text(page)
        page.click("#notices a")
        page.wait("document.querySelector('.steps .returned')")
        page.click("a[href*='previous=']")
        page.wait("document.querySelector('[name=previous]')")
        drag_file(page, built)
        assert page.run("document.querySelector('#file').files[0].name") == "竣工.geojson"
        page.click("form[data-upload] button")
        page.wait("location.pathname.startsWith('/submissions/S-')")
        again = newest(town)
        assert again.previous == one.id
        town.computed(again)
    with signed_in(chromium, port, town.keys[ENGINEER], f"/submissions/{again.id}") as page:
        page.click("button.accept")
        page.click("button.accept")  # once to ask, once to do it
        page.wait("document.querySelector('.steps .accepted')")
        assert "已成为版本 2" in text(page)
    with signed_in(chromium, port, town.keys[CONTRACTOR]) as page:
        assert page.run("document.querySelector('header .badge').firstChild.data") == "2"
        page.click("#notices button")
        page.wait("!document.querySelector('header .badge')")


def test_by_keyboard_alone(chromium: Browser, town: DeskTown, port: int, built: Path) -> None:
    with signed_in(chromium, port, town.keys[CONTRACTOR]) as page:
        tab_to(page, "跳到正文")
        enter(page)
        assert page.run("location.hash") == "#content"
        tab_to(page, "文件")
        open_chooser(page, built)
        tab_to(page, "说明")
        page.type("东段")
        tab_to(page, "提交")
        enter(page)
        page.wait("location.pathname.startsWith('/submissions/S-')")
    one = town.computed(newest(town))
    with signed_in(chromium, port, town.keys[ENGINEER], width=1280) as page:
        tab_to(page, "竣工.geojson")
        enter(page)
        page.wait("document.querySelector('#comment')")
        tab_to(page, "意见")
        page.type("补测 n5")
        tab_to(page, "↩ 退回")
        enter(page)
        page.wait("document.querySelector('.chip.returned')")
    with signed_in(chromium, port, town.keys[CONTRACTOR], f"/submissions/{one.id}") as page:
        tab_to(page, "对退回有异议")
        enter(page)
        tab_to(page, "申诉理由")
        page.type("n5 已测")
        tab_to(page, "提交申诉")
        enter(page)
        page.wait("document.querySelector('.steps .here.computed')")


class TestUpload:
    def test_what_is_refused_is_told_at_the_field_and_what_was_written_stays(
        self, chromium: Browser, town: DeskTown, port: int, tmp_path: Path, built: Path
    ) -> None:
        wrong = tmp_path / "x.pdf"
        wrong.write_bytes(b"%PDF-1.4")
        with signed_in(chromium, port, town.keys[CONTRACTOR]) as page:
            page.click("form[data-upload] button")
            assert (
                page.run("document.querySelector('#file').validity.valid") is False
            )  # the browser itself asks for one
            page.click("#words")
            page.type("东段")
            choose_file(page, wrong)
            page.click("form[data-upload] button")
            page.wait("document.querySelector('#file-error').textContent")
            assert page.run("document.activeElement.id") == "file"
            assert page.run("document.querySelector('#file').getAttribute('aria-invalid')") == "true"
            assert "English" not in page.run("document.querySelector('#file-error').textContent")
            assert page.run("document.querySelector('#words').value") == "东段"
            choose_file(page, built)
            assert page.run("document.querySelector('#file-error').textContent") == ""
            page.click("form[data-upload] button")
            page.wait("location.pathname.startsWith('/submissions/S-')")

    def test_one_that_is_too_large_is_never_sent(
        self, chromium: Browser, town: DeskTown, port: int, tmp_path: Path
    ) -> None:
        large = tmp_path / "large.geojson"
        with large.open("wb") as file:
            file.truncate(50_000_001)
        with signed_in(chromium, port, town.keys[CONTRACTOR]) as page:
            drag_file(page, large)
            page.wait("document.querySelector('#file-error').textContent.includes('50 MB')")
            asked = len(page.requests)
            page.click("form[data-upload] button")
            assert "50 MB" in page.run("document.querySelector('#file-error').textContent")
            assert len(page.requests) == asked

    def test_a_broken_line_is_told_and_the_same_file_is_not_counted_twice(
        self, chromium: Browser, town: DeskTown, port: int, built: Path
    ) -> None:
        with signed_in(chromium, port, town.keys[CONTRACTOR]) as page:
            choose_file(page, built)
            page.send(
                "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1
            )
            page.click("form[data-upload] button")
            page.wait("document.querySelector('#file-error').textContent.includes('连接中断')")
            page.send(
                "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
            )
            page.run("document.querySelector('form[data-upload] button').focus()")
            for _ in range(2):
                enter(page)
            page.wait("location.pathname.startsWith('/submissions/S-')")
            assert town.vault.submissions.listed()[1] == 1

    def test_its_progress_is_shown(self, chromium: Browser, town: DeskTown, port: int, tmp_path: Path) -> None:
        slow = tmp_path / "slow.geojson"
        slow.write_text(GEOJSON + " " * 600_000, encoding="utf-8")
        with signed_in(chromium, port, town.keys[CONTRACTOR]) as page:
            choose_file(page, slow)
            page.run(
                "window.told = []; const line = document.querySelector('#sending');"
                " new MutationObserver(() => window.told.push(line.textContent)).observe(line, {childList: true})"
            )
            page.send(
                "Network.emulateNetworkConditions",
                offline=False,
                latency=0,
                downloadThroughput=-1,
                uploadThroughput=300_000,
            )
            page.run("addEventListener('pagehide', () => sessionStorage.setItem('told', JSON.stringify(window.told)))")
            page.click("form[data-upload] button")
            page.wait("location.pathname.startsWith('/submissions/S-')")
            told = page.run("JSON.parse(sessionStorage.getItem('told'))")
            assert any(one.startswith("正在上传") for one in told), told
            assert told[-1] == "已收到，正在打开结果页"


@pytest.mark.skipif(not AXE.exists(), reason="npm --prefix web ci was not run")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_its_window(
    chromium: Browser, town: DeskTown, port: int, *, dark: bool
) -> None:
    town.failed(town.submitted(filename=f"{'很长的文件名' * 12}.xlsx"), "文件属于另一座城市", "it is of another town")
    back, ready, waits = (town.submitted(filename=f"{name}.xlsx") for name in ("back", "ready", "waits"))
    town.decided(town.computed(back), accept=False, comment="补测 n5")
    town.computed(ready)
    seen = town.seen("路口积水", photo=True)
    evidence = town.evidence()
    town.evidenced(evidence)
    pages = ("submissions", back), ("submissions", ready), ("submissions", waits), ("evidence", evidence)
    paths = ["/", "/desk", "/submissions", *(f"/{name}/{one.id}" for name, one in pages)]
    paths.append(f"/submissions/{back.id}/receipt")
    for width in (320, 390, 1280):
        for name in (CONTRACTOR, ENGINEER, OPERATOR):
            with signed_in(chromium, port, town.keys[name], width=width, dark=dark) as page:
                for path in paths if name != OPERATOR else paths[:2]:
                    go(page, f"http://127.0.0.1:{port}{path}?lang={'en' if dark else 'zh'}")
                    where = (name, width, path)
                    assert page.run("document.documentElement.scrollWidth") <= width, where
                    assert violations(page) == [], where
                    assert page.complaints == [], where
                    assert (f"/sightings/{seen}/photo" in "".join(page.requests)) <= (name == ENGINEER)
                    small = page.run(
                        "[...document.querySelectorAll('button, summary, .pages a, input[type=file]')]"
                        ".filter((one) => one.offsetParent).map((one) => one.getBoundingClientRect())"
                        ".filter((box) => box.height < 36 || box.width < 36).length"
                    )
                    assert small == 0, where


def test_nothing_moves_while_it_is_drawn_and_the_first_is_seen_at_once(
    chromium: Browser, town: DeskTown, port: int
) -> None:
    town.computed(town.submitted())
    with signed_in(chromium, port, town.keys[CONTRACTOR]) as page:
        shift = page.run(
            "new Promise((done) => { let sum = 0; const add = (one) => { sum += one.value; };"
            " new PerformanceObserver((list) => list.getEntries().forEach(add))"
            ".observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 400); })"
        )
        assert shift < 0.01
        assert (
            page.run("performance.getEntriesByType('resource').filter((one) => one.initiatorType !== 'fetch').length")
            == 0
        )
        assert page.run("performance.getEntriesByType('navigation')[0].encodedBodySize") < 40_000


def test_a_page_looks_again_less_and_less_often(chromium: Browser, town: DeskTown, port: int) -> None:
    one = town.submitted()
    with signed_in(chromium, port, town.keys[CONTRACTOR], f"/submissions/{one.id}") as page:
        page.run("new Promise((done) => setTimeout(done, 6000))")
        asked = [address for address in page.requests if "f=json" in address]
        assert 2 <= len(asked) <= 5


def test_what_came_in_is_told_by_its_number_and_shown_when_it_is_wanted(
    chromium: Browser, town: DeskTown, port: int
) -> None:
    """After 30 s, which the clock of the page is set on by; nothing moves before somebody asks for it."""
    town.computed(town.submitted(filename="first.xlsx"))
    with signed_in(chromium, port, town.keys[ENGINEER], width=1280) as page:
        look = "document.dispatchEvent(new Event('visibilitychange'))"
        page.run("window.late = 0; const now = Date.now; Date.now = () => now() + window.late")
        rows = "[...document.querySelectorAll('#waiting li')].map((row) => row.getBoundingClientRect().top)"
        before = page.run(rows)
        town.submitted(filename="second.xlsx")
        page.run(look)
        page.run("window.late = 31000")
        page.run(look)
        page.wait("document.querySelector('.arrived button').textContent.includes('1 个新提交')")
        assert page.run(rows) == before
        assert page.run("document.querySelector('#spoken').textContent") == "有 1 个新提交，点此显示"
        page.click(".arrived button")
        page.wait("document.querySelector('#waiting').textContent.includes('second.xlsx')")
        assert page.run("document.querySelector('.arrived button').hidden") is True
        assert page.complaints == []


def test_two_engineers_at_once_are_told_who_came_first(chromium: Browser, town: DeskTown, port: int) -> None:
    one = town.computed(town.submitted())
    with signed_in(chromium, port, town.keys[ENGINEER], f"/submissions/{one.id}") as page:
        done = Thread(target=town.decided, args=(one,), kwargs={"accept": False, "comment": "x"})
        done.start()
        done.join()
        page.click("button.accept")
        page.click("button.accept")  # once to ask, once to do it
        page.wait("document.querySelector('#refused')")
        assert "已退回" in text(page)
