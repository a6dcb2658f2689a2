"""Pages for the public in a real browser that reaches nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from drainage.publication.public_page import public_page_html
from tests.support.browser import Browser, Page

READY = "performance.getEntriesByName('whole').length && performance.getEntriesByName('drawn').length"


class Visit(Protocol):
    """Opens a page for the public of these contents at an address."""

    def __call__(self, contents: dict[str, Any], address: str = "", **size: int) -> Page:
        """Open it."""
        ...


@pytest.fixture
def visit(chromium: Browser, tmp_path: Path) -> Iterator[Visit]:
    """Open pages; in the end each must have asked for nothing but its file and complained of nothing."""
    pages: list[Page] = []
    with ExitStack() as closing:

        def open_page(contents: dict[str, Any], address: str = "", **size: int) -> Page:
            file = tmp_path / "index.html"
            file.write_text(public_page_html(contents), encoding="utf-8")
            page = closing.enter_context(chromium.open(file, **{"width": 390, "height": 844} | size))
            page.wait(READY)
            if address:
                page.run(f"location.hash = {address!r}")
            page.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))")
            pages.append(page)
            return page

        yield open_page
        for page in pages:  # all files are one origin: what was chosen here would open the next page
            page.run("localStorage.clear()")
        assert [page.complaints for page in pages] == [[] for _ in pages]
        asked = {
            url.partition("#")[0] for page in pages for url in page.requests if not url.startswith(("data:", "blob:"))
        }
        assert asked <= {(tmp_path / "index.html").as_uri()}
