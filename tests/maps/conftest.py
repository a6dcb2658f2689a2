"""Maps in a real browser that reaches nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drainage import DesignStorm, DrainageNetwork, analyze, load_demo, read_storm_formula
from drainage.report import Report
from tests.support.browser import Browser, Page
from tests.support.desk import READY


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Any]:
    """Open a page in the browser; when the test ends it must have asked for nothing and complained of nothing."""
    opened: list[Page] = []
    closing: list[Any] = []

    def show_page(html: str, until: str = "document.body.dataset.layers !== undefined", **size: int) -> Page:
        file = tmp_path / "map.html"
        file.write_text(html, encoding="utf-8")
        context = chromium.open(file, **size)
        page = context.__enter__()
        closing.append(context)
        page.wait(until)
        opened.append(page)
        return page

    yield show_page
    for context in closing:
        context.__exit__(None, None, None)
    assert [page.complaints for page in opened] == [[] for _ in opened]
    assert {url.partition(":")[0] for page in opened for url in page.requests} <= {"file", "data"}
    assert all(url.endswith("/map.html") for page in opened for url in page.requests if url.startswith("file"))


@pytest.fixture(scope="module")
def network() -> DrainageNetwork:
    return load_demo("2018-12-31")


@pytest.fixture(scope="module")
def report(network: DrainageNetwork) -> Report:
    return analyze(network, storm=DesignStorm(read_storm_formula("demo"), return_period_a=3, duration_min=120))


@pytest.fixture(scope="module")
def page_of_report(report: Report) -> str:
    return report.page


@pytest.fixture
def desk(show: Any) -> Any:  # noqa: ANN401
    """Open a page and wait until its desk stands."""

    def opened(html: str, **size: int) -> Any:  # noqa: ANN401
        return show(html, READY, **size)

    return opened
