"""The engineer's map as it was when somebody looked at it: kept pictures, and how far the page is from them.

`python -m tests.maps.test_map_pictures` takes them anew; whoever does that looks at them again.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

import pytest

import drainage as dr
from drainage.arrays import Floats
from tests.support.browser import Browser, browser
from tests.support.pictures import differs, grey, grey_of_page, keep

pytestmark = pytest.mark.long

PICTURES = Path(__file__).parent / "pictures"
READY = "document.body.dataset.desk === 'ready' && document.body.dataset.drawn"
#: Name → address, width and height.
LOOKS = {
    "waterlogging": ("q=waterlogging&c=light", 1200, 760),
    "separation": ("q=separation&c=light", 1200, 760),
    "what_changed": ("q=waterlogging&t=2&c=light", 1200, 760),
    "mixed_flow_on_a_phone_in_the_dark": ("q=mixed_flow&c=dark", 390, 844),
}


@cache
def page_of_comparison() -> str:
    """Return the page of the demo city before and after its works, made at a time that does not pass."""
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    before, after = (dr.analyze(dr.load_demo(day), storm=storm) for day in ("2018-12-31", "2021-05-07"))
    page = dr.report.compare_reports(before, after).page
    return re.sub(r"20\d\d-\d\d-\d\d[ T]\d\d:\d\d", "2026-11-29 12:00", page)


@pytest.mark.parametrize("name", LOOKS)
def test_the_map_looks_as_it_did(name: str, chromium: Browser, tmp_path: Path) -> None:
    assert differs(taken(name, chromium, tmp_path), grey(PICTURES / f"{name}.png")) == ""


def taken(name: str, running: Browser, folder: Path) -> Floats:
    """Return a look at the page in grey."""
    address, width, height = LOOKS[name]
    file = folder / "map.html"
    file.write_text(page_of_comparison(), encoding="utf-8")
    with running.open(f"{file.as_uri()}#{address}", width=width, height=height) as page:
        page.wait(READY)
        page.run("new Promise((done) => setTimeout(done, 1200))")
        return grey_of_page(page)


def keep_all() -> None:
    """Take all pictures anew."""
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder) / "profile") as running:
        for name in LOOKS:
            keep(taken(name, running, Path(folder)), PICTURES / f"{name}.png")


if __name__ == "__main__":
    keep_all()
