"""Draw the picture of docs/papers/report.md: some pages of the report on the synthetic demo city, side by side.

Needs the extra ``papers`` and ``pdftoppm`` (poppler-utils). Run: ``python scripts/draw_report.py``.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

import drainage as dr

#: What is drawn, in the folder of docs.
PICTURES: Final = ("papers/report.png",)
PAGES: Final = (3, 4, 6, 12)
DPI: Final = 60
GAP: Final = 8  # pixels between pages


def main() -> None:
    """Draw the picture anew."""
    draw(Path(__file__).parents[1] / "docs")


def draw(docs: Path) -> None:
    """Write the report and put its pages side by side in a folder as that of docs."""
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    report = dr.analyze(dr.load_demo("2018-12-31"), storm=storm, also=("relief", "closures"))
    document = dr.report.compose_report(report, office={"project": "灵璧县城区（演示）"}, lang="zh")
    with tempfile.TemporaryDirectory() as folder:
        written = document.save(Path(folder) / "report.pdf")
        pages = [_page(written, number) for number in PAGES]
        wide, tall = sum(one.width + GAP for one in pages) + GAP, max(one.height for one in pages) + 2 * GAP
        picture = Image.new("RGB", (wide, tall), "#c9cfd6")
        left = GAP
        for one in pages:
            picture.paste(one, (left, GAP))
            left += one.width + GAP
        picture.quantize(128).save(docs / PICTURES[0], optimize=True)


def _page(file: Path, number: int) -> Image.Image:
    """Return a page of a PDF as a picture."""
    name = file.with_name(f"page-{number}")
    one = ["-f", str(number), "-l", str(number), "-singlefile"]
    subprocess.run(["pdftoppm", "-r", str(DPI), *one, "-png", file, name], check=True)
    return Image.open(name.with_suffix(".png")).convert("RGB")


if __name__ == "__main__":
    main()
