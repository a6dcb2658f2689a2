"""Drawings as they were when somebody looked at them: a kept picture of each, and what differs from it.

`python -m tests.papers.test_kept_pictures` draws them anew; whoever does that looks at them again.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from ezdxf.addons.drawing.config import BackgroundPolicy, Configuration
from ezdxf.addons.drawing.frontend import Frontend
from ezdxf.addons.drawing.matplotlib import MatplotlibBackend
from ezdxf.addons.drawing.properties import RenderContext
from ezdxf.filemanagement import readfile
from ezdxf.fonts import fonts

import drainage as dr
from drainage.arrays import Floats
from drainage.fonts.letters import font_file
from drainage.papers.documents.columns_of_tables import fit_columns
from drainage.papers.documents.document import Document, Heading, Items, Paragraph, Picture, Table
from drainage.papers.drawn.as_dxf import CAD_FONT
from drainage.papers.drawn.as_figure import figure_of
from drainage.papers.drawn.sheets import Sheet
from drainage.provenance import Provenance
from tests.support import demo
from tests.support.pictures import differs, grey, keep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES = Path(__file__).parent / "pictures"
DPI = 50


@cache
def city() -> dr.DrainageNetwork:
    """Give the city that comes with the package, whose name stands on the drawings."""
    return dr.load_demo("2018-12-31")


def of_network_dxf() -> Figure:
    """Draw some streets as ezdxf draws the DXF of the network, all its texts in the letters of the package."""
    from matplotlib.figure import Figure

    part, reach_m = demo.around("YS0046", 80.0), 90.0
    with tempfile.TemporaryDirectory() as folder:
        dr.papers.write_dxf(part, Path(folder) / "part.dxf", scale=1000, lang="zh")
        drawing = readfile(Path(folder) / "part.dxf")
    figure = Figure(figsize=(12, 12))
    axes = figure.add_axes((0, 0, 1, 1))
    look = Configuration(background_policy=BackgroundPolicy.WHITE)
    ours = font_file(bold=False)
    fonts.font_manager.clear()
    fonts.font_manager.scan_folder(ours.parent)
    for other in (CAD_FONT, "DejaVuSans.ttf"):  # that of the texts, and the one that ezdxf takes without any
        fonts.font_manager.add_synonyms({ours.name: other}, reverse=False)
    try:
        Frontend(RenderContext(drawing), MatplotlibBackend(axes, adjust_figure=False), look).draw_layout(
            drawing.modelspace()
        )
    finally:
        fonts.load()  # type: ignore[no-untyped-call]
    x, y = shapely.get_coordinates(part.nodes.geometry.loc["YS0046"])[0]
    axes.set_aspect("equal", adjustable="box")
    axes.set(xlim=(x - reach_m, x + reach_m), ylim=(y - reach_m, y + reach_m))
    return figure


def drawings() -> dict[str, Callable[[], Figure]]:
    """Give every kind of drawing, each made when it is asked for."""
    storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)

    def sheet(paper: dr.papers.Paper, number: int = 0) -> Figure:
        return figure_of(paper.sheets[number])

    @cache
    def in_sheets() -> dr.papers.Paper:
        return dr.papers.plot_map(demo.around("YS0046", 500.0), size="A3", scale=2000, lang="zh")

    def section() -> Figure:
        states = [dr.screen(city(), storm.with_return_period(years)) for years in (1, 3)]
        return sheet(dr.plot_section(city(), "YS1400", "YS1404", state=states, lang="zh"))

    return {
        "section": section,
        "hydrograph": lambda: sheet(dr.papers.plot_hydrograph(city(), "YS1403", storm, lang="en")),
        "system-map": lambda: sheet(dr.papers.plot_map(city(), size="A2", lang="zh")),
        "public-map": lambda: sheet(dr.papers.plot_map(city(), size="A4", bare=True, public=True, lang="en")),
        "map-index": lambda: sheet(in_sheets()),
        "map-sheet": lambda: sheet(in_sheets(), 3),
        "network-dxf": of_network_dxf,
        "closures": lambda: dr.plan_closures(city(), dr.find_mixed_flow(city()), budget=20).figure("budget", lang="zh"),
    }


def grey_of(figure: Figure) -> Floats:
    """Give a figure as grey values."""
    from matplotlib import rc_context

    drawn = io.BytesIO()
    with rc_context({"text.hinting": "none"}):
        figure.savefig(drawn, dpi=DPI, format="png")
    return grey(drawn)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(drawings()))
def test_a_drawing_is_as_it_was_when_it_was_looked_at(name: str) -> None:
    assert differs(grey_of(drawings()[name]()), grey(PICTURES / f"{name}.png")) == ""


def test_a_moved_label_and_a_lost_line_are_seen() -> None:
    """The measure itself: 2 % of a sheet that is moved by a few dots, and another that is gone."""
    kept = np.full((400, 600), 255.0)
    kept[100:140, 100:220] = 0.0
    moved = np.roll(kept, 16, axis=1)
    assert differs(kept, kept) == ""
    assert differs(moved, kept) != ""
    assert differs(np.full_like(kept, 255.0), kept) != ""


def page() -> Document:
    """Give a report of one page whose content is fixed."""
    head, rows = ("道路", "长度（m）"), (("磬山路", "2,870"), ("杨河路", "1,694"), ("合计", "4,564"))
    widths, size = fit_columns(head, rows, 165.0)
    drawn = Sheet(120.0, 30.0, "drawn")
    drawn.line([(5.0, 5.0), (115.0, 25.0)], 0.7, "#175c99")
    drawn.text((60.0, 20.0), "雨水管 DN800", 9.0, align="center")
    blocks = (
        Heading(1, "1 现状"), Paragraph("城区在用排水管道 244.9 km，其中雨水管 121.4 km。"), Heading(2, "1.1 道路"),
        Items(("第一条", "第二条")), Table("表 1-1　道路", head, rows, (False, True), widths, size, "注", total=True),
        Paragraph("未能回答。", alarming=True), Picture("图 1-1　管道", drawn),
    )  # fmt: skip
    fields = {"contents": "目录", "page_of_pages": "第 {page} 页，共 {pages} 页"}
    made = Provenance(version="1", made_at="2026-01-01")
    return Document("评估报告", "", (("项目", "演示"),), fields, blocks, made, ("一", "二"), "合成演示数据", "zh")


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs pdftoppm (poppler-utils)")
def test_a_page_of_a_report_is_as_it_was(tmp_path: Path) -> None:
    assert differs(page_as_grey(tmp_path), grey(PICTURES / "page.png")) == ""


def page_as_grey(folder: Path) -> Floats:
    """Give the third page of the PDF, after cover and contents."""
    page().save(folder / "page.pdf")
    third = ["-f", "3", "-l", "3", "-singlefile", "-png"]
    subprocess.run(["pdftoppm", "-r", str(DPI), *third, folder / "page.pdf", folder / "page"], check=True)
    return grey(folder / "page.png")


def keep_all() -> None:
    """Draw all pictures anew."""
    for name, draw in drawings().items():
        keep(grey_of(draw()), PICTURES / f"{name}.png")
    with tempfile.TemporaryDirectory() as folder:
        keep(page_as_grey(Path(folder)), PICTURES / "page.png")


if __name__ == "__main__":
    keep_all()
