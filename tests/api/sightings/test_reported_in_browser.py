"""A citizen tells of water on a phone, to a real server: sent, refused in words, and kept where there is no line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.browser import Browser, Page
from tests.support.running import in_thread
from tests.support.stores import Where
from tests.support.witnesses import Desk, desk_at

pytestmark = pytest.mark.long

READY = "performance.getEntriesByName('whole').length && performance.getEntriesByName('drawn').length"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def served(where: Where) -> Iterator[tuple[Desk, int]]:
    """A server with a store, and its port."""
    desk = desk_at(where)
    with in_thread(desk.app) as (port, _):
        yield desk, port
    desk.vault.close()


def at(chromium: Browser, port: int, language: str) -> Any:  # noqa: ANN401 - a context
    return chromium.open(f"http://127.0.0.1:{port}/public#v=report&l={language}", **PHONE)


def fill(page: Page, *, when: str = "now", words: str = "") -> None:
    """Choose the first road with a stretch, knee-deep, and send."""
    page.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))")
    page.run(
        "(() => { const road = document.querySelector('#field-road');"
        " road.value = [...road.options].find((one) => one.value).value; road.dispatchEvent(new Event('change')); })()"
    )
    for field, value in (("depth", "knee"), ("when", when)):
        page.run(f"document.querySelector('#field-{field} input[value={value}]').click()")
    if words:
        page.run(
            f"(() => {{ const field = document.querySelector('#field-words'); field.value = {words!r};"
            " field.dispatchEvent(new Event('input')); })()"
        )


def send(page: Page, until: str) -> str:
    page.run("document.querySelector('#report .button.main').click()")
    page.wait(f"document.querySelector('#panel').innerText.includes({until!r})")
    return str(page.run("document.querySelector('#panel').innerText"))


def test_it_is_sent_shown_and_then_a_mark_on_the_page(chromium: Browser, served: tuple[Desk, int]) -> None:
    desk, port = served
    with at(chromium, port, "zh") as page:
        page.wait(READY)
        fill(page, words="井盖漂走了")
        text = send(page, "已收到（编号 R-")
        assert "核实后" in text
        assert page.complaints == []
    [one] = desk.vault.sightings.listed()
    assert (one.depth_m, one.words, one.state) == (0.5, "井盖漂走了", "waiting")
    desk.shows(one.id)
    with chromium.open(f"http://127.0.0.1:{port}/public", **PHONE) as page:
        page.wait(READY)
        assert len(page.run("JSON.parse(document.querySelector('#data').textContent).seen")) == 1


def test_a_photo_goes_with_it(chromium: Browser, served: tuple[Desk, int], tmp_path: Path) -> None:
    desk, port = served
    out = io.BytesIO()
    Image.new("RGB", (3000, 1500), "teal").save(out, "JPEG")
    file = tmp_path / "water.jpg"
    file.write_bytes(out.getvalue())
    with at(chromium, port, "en") as page:
        page.wait(READY)
        fill(page)
        root = page.send("DOM.getDocument")["root"]["nodeId"]
        node = page.send("DOM.querySelector", nodeId=root, selector="#field-photo")["nodeId"]
        page.send("DOM.setFileInputFiles", files=[str(file)], nodeId=node)
        page.wait("document.querySelector('.preview')")
        send(page, "Received as R-")
    [one] = desk.vault.sightings.listed()
    assert one.photo is not None
    assert Image.open(io.BytesIO(desk.vault.objects.read(one.photo))).size == (1280, 640)


def test_what_the_server_will_not_take_is_said_at_the_form_which_keeps_what_was_filled_in(
    chromium: Browser, served: tuple[Desk, int]
) -> None:
    desk, port = served
    with at(chromium, port, "en") as page:
        page.wait(READY)
        fill(page, when="day", words="long ago")
        page.run(
            "(() => { const day = document.querySelector('#field-day'); day.value = '2020-07-01';"
            " day.dispatchEvent(new Event('input')); })()"
        )
        send(page, "within the last 30 days")
        assert page.run("document.querySelector('#field-words').value") == "long ago"
        assert page.run("document.activeElement.id") == "faults"
        fill(page, when="now")
        send(page, "Received as R-")
    assert len(desk.vault.sightings.listed()) == 1


def test_who_tells_too_often_keeps_the_report_as_a_file(chromium: Browser, where: Where) -> None:
    desk = desk_at(where, sightings_per_hour=1)
    with in_thread(desk.app) as (port, _), at(chromium, port, "zh") as page:
        page.wait(READY)
        fill(page)
        send(page, "已收到")
        page.run("[...document.querySelectorAll('#panel button')].pop().click()")
        fill(page, when="hour")
        text = send(page, "上报太多")
        assert "没有发出去" in text
        assert page.run("[...document.querySelectorAll('#panel button')].some((one) => one.textContent === '保存文件')")
    desk.vault.close()


def test_without_a_line_nothing_is_lost(chromium: Browser, where: Where) -> None:
    desk = desk_at(where)
    with in_thread(desk.app) as (port, _), at(chromium, port, "zh") as page:
        page.wait(READY)
        page.send("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
        fill(page)
        assert "保存文件" in send(page, "没有发出去")
        assert desk.vault.sightings.listed() == []
    desk.vault.close()
