"""Draw the pictures of docs/papers/system-map.md from the synthetic demo city."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image

import drainage as dr

#: What is drawn, in the folder of docs.
PICTURES: Final = ("papers/system-map.png", "papers/system-map-detail.png", "papers/system-map-figure.png")
#: Part of the sheet that is shown larger, dots at 150 per inch from the upper left corner.
_PART: Final = (760, 130, 2160, 1030)


def main() -> None:
    """Draw all pictures anew."""
    draw(Path(__file__).parents[1] / "docs")


def draw(docs: Path) -> None:
    """Draw the sheet, a part of it, and the figure for a report into a folder as that of docs."""
    net = dr.load_demo("2018-12-31")
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    points = dr.find_waterlogging(dr.screen(net, storm))
    sheet, detail, figure = (docs / name for name in PICTURES)
    paper = dr.papers.plot_map(net, waterlogging=points, lang="zh")
    paper.save(detail, dpi=150, force=True)
    with Image.open(detail) as whole:
        part = whole.crop(_PART)
    part.save(detail, optimize=True)
    paper.save(sheet, dpi=60, force=True)
    dr.papers.plot_map(net, bare=True, waterlogging=points, lang="en").save(figure, dpi=130, force=True)


if __name__ == "__main__":
    main()
