"""The public page as it was when somebody looked at it: kept pictures, and how far the page is from them.

`python -m tests.publication.test_page_pictures` takes them anew; whoever does that looks at them again.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from drainage.arrays import Floats
from drainage.publication.public_page import public_page_html
from tests.publication.conftest import READY
from tests.support.browser import Browser, browser
from tests.support.pictures import differs, grey, grey_of_page, keep
from tests.support.public_contents import demo_contents

pytestmark = pytest.mark.long

PICTURES = Path(__file__).parent / "pictures"
#: Name → address, size and whether it is dark.
LOOKS = {
    "phone": ("", 390, 844, False),
    "stretch_in_the_dark": ("s=fengshanlu-3", 390, 844, True),
    "narrow_report": ("v=report", 320, 640, False),
    "desktop_in_english": ("v=solved&l=en", 1200, 800, False),
}


@pytest.mark.parametrize("name", LOOKS)
def test_the_page_looks_as_it_did(name: str, chromium: Browser, tmp_path: Path) -> None:
    assert differs(taken(name, chromium, tmp_path), grey(PICTURES / f"{name}.png")) == ""


def taken(name: str, running: Browser, folder: Path) -> Floats:
    """Return a look at the page in grey; its day lies ahead, so that the page is never old."""
    address, width, height, dark = LOOKS[name]
    file = folder / "index.html"
    file.write_text(public_page_html(demo_contents(made="2099-01-01")), encoding="utf-8")
    with running.open(file, width=width, height=height) as page:
        page.wait(READY)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.send(
            "Emulation.setEmulatedMedia", features=[scheme, {"name": "prefers-reduced-motion", "value": "reduce"}]
        )
        page.run(f"localStorage.clear(); location.hash = {address!r}")
        page.run("new Promise((done) => setTimeout(done, 500))")
        return grey_of_page(page)


def keep_all() -> None:
    """Take all pictures anew."""
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder) / "profile") as running:
        for name in LOOKS:
            keep(taken(name, running, Path(folder)), PICTURES / f"{name}.png")


if __name__ == "__main__":
    keep_all()
