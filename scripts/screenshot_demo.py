"""Draw docs/demo.png and docs/papers/public-page.png: the engineer's map and the public page of the demo city, offline.

scripts/screenshot_demo.py [REPORT]; without REPORT, what `DRAINAGE_LANG=en make demo` wrote. The public page is that of
the demo city amid its works, in Chinese, on a phone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import drainage as dr  # noqa: E402 - found beside this folder only
from drainage.publication import Imprint, page_of_network  # noqa: E402
from tests.support.browser import Page, browser  # noqa: E402


def main() -> None:
    """Open both pages and write what they show."""
    report = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "out" / "demo" / "before"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, browser(Path(folder)) as chromium:
        with chromium.open(report / "map.html", width=1200, height=720) as page:
            page.wait("document.body.dataset.drawn")
            _write(page, ROOT / "docs" / "demo.png")
        with chromium.open(_public_page(Path(folder)), width=390, height=780, scale=1.5) as page:
            page.wait("document.documentElement.dataset.ready || document.querySelector('.list li')")
            page.run("new Promise((done) => setTimeout(done, 1000))")
            _write(page, ROOT / "docs" / "papers" / "public-page.png")


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
    print(f"{target}: {target.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
