"""The public page as it was when somebody looked at it: kept pictures, and how far the page is from them.

`python -m tests.publication.test_page_pictures` takes them anew; whoever does that looks at them again.
"""

from __future__ import annotations

import base64
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drainage.arrays import Floats
from drainage.publication.public_page import public_page_html
from tests.papers.test_kept_pictures import differs
from tests.publication.conftest import READY
from tests.support.browser import Browser, Page, browser
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
    kept = np.asarray(Image.open(PICTURES / f"{name}.png").convert("L"), dtype=np.float64)
    assert differs(taken(name, chromium, tmp_path), kept) == ""


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
        return grey_of(page)


def grey_of(page: Page) -> Floats:
    """Return what a page shows, 0 black to 255 white."""
    shown = base64.b64decode(page.send("Page.captureScreenshot", format="png")["data"])
    return np.asarray(Image.open(io.BytesIO(shown)).convert("L"), dtype=np.float64)


def keep() -> None:
    """Take all pictures anew."""
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder) / "profile") as running:
        for name in LOOKS:
            grey = taken(name, running, Path(folder)).astype(np.uint8)
            Image.fromarray(grey).quantize(16).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    keep()
