"""Draw docs/demo.png and docs/papers/public-page.png: the engineer's map and the public page of the demo city, offline.

Run: ``python scripts/screenshot_demo.py``. The public page is that of the demo city amid its works, in Chinese, on a
phone.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import drainage as dr  # noqa: E402 - found beside this folder only
from drainage.publication import Imprint, page_of_network  # noqa: E402
from tests.support.browser import Page, browser  # noqa: E402

#: What is drawn, in the folder of docs.
PICTURES: Final = ("demo.png", "papers/public-page.png")


def main() -> None:
    """Draw both pictures anew."""
    os.environ["DRAINAGE_LANG"] = "en"
    draw(ROOT / "docs")


def draw(docs: Path) -> None:
    """Open both pages and write what they show into a folder as that of docs."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, browser(Path(folder)) as chromium:
        with chromium.open(_map(Path(folder)), width=1200, height=720) as page:
            page.wait("document.body.dataset.drawn")
            _write(page, docs / PICTURES[0])
        with chromium.open(_public_page(Path(folder)), width=390, height=780, scale=1.5) as page:
            page.wait("document.documentElement.dataset.ready || document.querySelector('.list li')")
            page.run("new Promise((done) => setTimeout(done, 1000))")
            _write(page, docs / PICTURES[1])


def _map(folder: Path) -> Path:
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    file = folder / "map.html"
    file.write_text(dr.analyze(dr.load_demo("2018-12-31"), storm=storm).page, encoding="utf-8")
    return file


def _public_page(folder: Path) -> Path:
    formula = dr.read_storm_formula("demo")
    page = page_of_network(
        dr.load_demo(), formula, as_of="2019-06-28", before="2018-12-31", imprint=Imprint(city="灵璧县")
    )
    return page.write(folder / "public")


def _write(page: Page, target: Path) -> None:
    """Write a picture of few colours: a third of the bytes."""
    page.screenshot(target)
    Image.open(target).quantize(256, kmeans=1).save(target, optimize=True)


if __name__ == "__main__":
    main()
