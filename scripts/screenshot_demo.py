"""Draw docs/demo.png, the picture of README: the map of the demo city before its works, in a browser without network.

scripts/screenshot_demo.py [MAP]; without MAP, what `DRAINAGE_LANG=en make demo` wrote.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.browser import browser  # noqa: E402 - found beside this folder only


def main() -> None:
    """Open the map and write what it shows."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "out" / "demo" / "before" / "map.html"
    target = ROOT / "docs" / "demo.png"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        browser(Path(profile)) as chromium,
        chromium.open(source, width=1200, height=720) as page,
    ):
        page.wait("document.querySelector('main canvas')")
        page.screenshot(target)
    Image.open(target).quantize(256, kmeans=1).save(target, optimize=True)  # few colours: a third of the bytes
    print(f"{target}: {target.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
