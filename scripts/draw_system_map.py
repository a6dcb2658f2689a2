"""Draw the pictures of docs/papers/system-map.md from the synthetic demo city."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import drainage as dr  # noqa: E402 - from this folder

#: Part of the sheet that is shown larger, dots at 150 per inch from the upper left corner.
_PART = (760, 130, 2160, 1030)


def main() -> None:
    """Draw the sheet, a part of it, and the figure for a report."""
    net = dr.load_demo("2018-12-31")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    points = dr.find_waterlogging(dr.screen(net, storm))
    docs = ROOT / "docs" / "papers"
    paper = dr.papers.plot_map(net, waterlogging=points, lang="zh")
    large = paper.save(docs / "system-map-detail.png", dpi=150, force=True)[0]
    with Image.open(large) as whole:
        part = whole.crop(_PART)
    part.save(large, optimize=True)
    paper.save(docs / "system-map.png", dpi=60, force=True)
    dr.papers.plot_map(net, bare=True, waterlogging=points, lang="en").save(
        docs / "system-map-figure.png", dpi=130, force=True
    )


if __name__ == "__main__":
    main()
