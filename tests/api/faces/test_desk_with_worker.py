"""A contractor's month in a browser on the demo city, with the worker that computes, until he is paid.

Truth: what was really built on the street between the two days of the demo, by `tests.support.deliveries`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.support.browser import Browser, Page
from tests.support.deliveries import STREET, base, write_delivery
from tests.support.desk_browser import choose_file, go, open_chooser, signed_in, tab_to
from tests.support.running import ROOT, in_process
from tests.support.served_town import key_in

pytestmark = pytest.mark.long
_SECONDS = 240.0


def text(page: Page) -> str:
    return str(page.run("document.body.innerText"))


def until_computed(page: Page) -> None:
    """Wait until the page itself has seen that its submission is computed."""
    page.wait("location.pathname.startsWith('/submissions/S-') && document.querySelector('#live')")
    page.wait("!document.querySelector('#live[data-watch]')", seconds=_SECONDS)
    assert page.run("document.querySelector('.steps .here').classList.contains('computed')"), text(page)


def test_a_month_of_a_contractor(chromium: Browser, tmp_path: Path) -> None:
    base().write(tmp_path / "results")
    store = tmp_path / "store"
    contractor, engineer = key_in(store, "contractor", STREET), key_in(store, "engineer")
    excel, drawing = (write_delivery(tmp_path, kind, STREET) for kind in ("xlsx", "dxf"))
    settings = {
        "results": str(tmp_path / "results"),
        "store": str(store),
        "terms": str(ROOT / "docs" / "papers" / "pay-terms-example.toml"),
    }
    with in_process(tmp_path / "log", **settings) as running:
        running.ready(120)
        place = f"http://127.0.0.1:{running.port}"
        with signed_in(chromium, running.port, contractor) as page:
            assert STREET in text(page)
            assert "先修什么" in text(page)
            choose_file(page, drawing)
            page.click("form[data-upload] button")
            until_computed(page)
            assert "EPSG:4548" in text(page)  # what was decided in reading a drawing that names no system
            first = page.run("location.pathname")
        with signed_in(chromium, running.port, engineer, width=1280) as page:
            page.click("#waiting a")
            page.wait("document.querySelector('#comment')")
            assert page.run("document.querySelectorAll('svg.change path').length") > 3
            page.click("#comment")
            page.type("缺少更换的管段，请用表格重交")
            page.click("button.return")
            page.wait("document.querySelector('.steps .returned')")
        with signed_in(chromium, running.port, contractor) as page:
            assert "缺少更换的管段" in text(page)
            go(page, f"{place}{first}")
            page.click("a[href*='previous=']")
            page.wait("document.querySelector('[name=previous]')")
            tab_to(page, "文件")
            open_chooser(page, excel)
            page.click("form[data-upload] button")
            until_computed(page)
            told = text(page)
            for said in ("新增 16", "废除 16", "已解决", "已消除", STREET):
                assert said in told, said
            second = page.run("location.pathname")
            go(page, f"{place}{second}/map")
            page.wait("document.querySelector('.leaflet-container')")
            assert page.complaints == []
        with signed_in(chromium, running.port, engineer, second, width=1280) as page:
            page.click("button.accept")
            page.click("button.accept")  # once to ask, once to do it
            page.wait("document.querySelector('.steps .accepted')")
            assert "已成为版本 2" in text(page)
        with signed_in(chromium, running.port, contractor) as page:
            assert "已接受" in text(page)
            paid = page.run("document.querySelector('a[href*=\"/pay-sheet\"]').href")
            with urlopen(Request(paid, headers={"Authorization": f"Bearer {contractor}"}), timeout=120) as answer:  # noqa: S310
                assert answer.read(5) == b"%PDF-"
