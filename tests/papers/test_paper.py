"""Files of papers: of every kind, whole or not at all, with where they come from, in letters that are carried."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from ezdxf.entities.lwpolyline import LWPolyline
from ezdxf.filemanagement import readfile
from PIL import Image

import drainage as dr
from drainage.fonts import letters
from drainage.fonts.letters import BLANK, broken, font_file, width_mm
from drainage.papers.drawn.as_figure import figure_of
from drainage.papers.drawn.lettering import drawable, lacking
from drainage.papers.drawn.sheets import Sheet
from tests.papers.test_section import street


@pytest.fixture(scope="module")
def paper() -> dr.papers.Paper:
    return dr.papers.plot_section(street(), "a", "d", lang="zh")


def test_a_file_is_of_the_kind_that_its_name_says(paper: dr.papers.Paper, tmp_path: Path) -> None:
    begins = {".pdf": b"%PDF-", ".png": b"\x89PNG", ".svg": b"<?xml", ".dxf": b"  0\n"}
    for ending, sign in begins.items():
        (path,) = paper.save(tmp_path / f"section{ending}")
        assert path.read_bytes().startswith(sign), ending
    with pytest.raises(dr.errors.FormatError, match=r"section\.docx: .*\.pdf, \.png, \.svg, \.dxf"):
        paper.save(tmp_path / "section.docx")
    with pytest.raises(dr.errors.FormatError, match="exists"):
        paper.save(tmp_path / "section.pdf")
    paper.save(tmp_path / "section.pdf", force=True)


def test_several_sheets_are_pages_or_numbered_files(tmp_path: Path) -> None:
    long = dr.papers.plot_section(street(), "a", "d", along=500, lang="zh")
    assert len(long.sheets) > 1
    names = [path.name for path in long.save(tmp_path / "s.svg")]
    assert names == [f"s-{k + 1}.svg" for k in range(len(long.sheets))]
    (pdf,) = long.save(tmp_path / "s.pdf")
    assert len(re.findall(rb"/Type /Page\b", pdf.read_bytes())) == len(long.sheets)
    (tmp_path / "s-1.svg").unlink()
    with pytest.raises(dr.errors.FormatError, match=r"s-2\.svg"):
        long.save(tmp_path / "s.svg")
    assert not (tmp_path / "s-1.svg").exists()  # whole or not at all


@pytest.mark.parametrize("ending", [".pdf", ".svg", ".dxf"])
def test_how_many_sheets_are_written_is_told(ending: str, tmp_path: Path) -> None:
    long = dr.papers.plot_section(street(), "a", "d", along=500, lang="zh")
    shares: list[float] = []
    long.save(tmp_path / f"s{ending}", progress=shares.append)
    assert shares == pytest.approx([(k + 1) / len(long.sheets) for k in range(len(long.sheets))])


def test_every_file_says_where_it_comes_from(paper: dr.papers.Paper, tmp_path: Path) -> None:
    facts = set(paper.provenance.as_dict())
    (svg,), (dxf,), (png,) = (paper.save(tmp_path / f"s{ending}") for ending in (".svg", ".dxf", ".png"))
    metadata = ET.parse(svg).find("{http://www.w3.org/2000/svg}metadata")  # noqa: S314 - our own
    assert metadata is not None
    with Image.open(png) as image:
        told = [metadata.text, readfile(dxf).header.custom_vars.get("provenance"), image.info["provenance"]]
    for text in told:
        assert set(json.loads(text or "{}")) == facts


def test_a_millimetre_is_one_in_every_file(paper: dr.papers.Paper, tmp_path: Path) -> None:
    sheet = Sheet(100.0, 50.0, "m")
    sheet.line([(10.0, 10.0), (60.0, 10.0)], layer="L")
    bare = dr.papers.Paper((sheet,), None, paper.provenance, ())
    (svg,), (dxf,) = bare.save(tmp_path / "m.svg"), bare.save(tmp_path / "m.dxf")
    root = ET.parse(svg).getroot()  # noqa: S314 - our own
    assert (root.get("width"), root.get("viewBox")) == ("100mm", "0 0 100 50")
    (line,) = readfile(dxf).modelspace().query("LWPOLYLINE")
    assert isinstance(line, LWPolyline)
    assert [tuple(point[:2]) for point in line.get_points()] == [(10.0, 10.0), (60.0, 10.0)]
    assert figure_of(sheet).get_size_inches().tolist() == pytest.approx([100 / 25.4, 50 / 25.4])


def test_a_png_has_few_colours_and_a_white_ground(paper: dr.papers.Paper, tmp_path: Path) -> None:
    (path,) = paper.save(tmp_path / "s.png", dpi=60)
    with Image.open(path) as image:
        assert image.mode == "P"
        assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
        assert image.size[0] == pytest.approx(420 / 25.4 * 60, abs=1)


def test_a_sign_that_the_font_lacks_is_named_and_left_blank() -> None:
    assert lacking(["磬山路 DN400 ‰³▲×", "燚燚路"]) == {"燚": "燚燚路"}
    assert drawable("燚路") == f"{BLANK}路"
    net = street(road=["燚路"] * 4)
    paper = dr.papers.plot_section(net, "a", "d", lang="zh")
    assert "燚 U+71DA" in paper.remarks[-1]


def test_widths_are_those_of_the_font() -> None:
    """A Chinese sign is one em wide: at 72 pt 25.4 mm."""
    assert width_mm("路", 72.0) == pytest.approx(25.4)
    assert width_mm("路路", 72.0) == pytest.approx(2 * width_mm("路", 72.0))
    assert font_file().is_file()
    assert font_file(bold=True).is_file()
    assert (font_file().parent / "OFL.txt").read_text(encoding="utf-8").count("SIL OPEN FONT LICENSE")


def test_lines_are_broken_where_the_language_allows() -> None:
    assert broken("one two three", 8.0, width_mm("one two", 8.0)) == ["one two", "three"]
    assert broken("标高，里程", 8.0, width_mm("标高", 8.0)) == ["标高，", "里程"]


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("matplotlib", "matplotlib.ft2font"):
        monkeypatch.setitem(sys.modules, name, None)
    letters._face.cache_clear()
    letters._advance.cache_clear()
    with pytest.raises(dr.errors.FormatError, match=r"drainage\[papers\]"):
        dr.papers.plot_section(street(), "a", "d", lang="zh")


def test_a_notebook_shows_the_sheets(paper: dr.papers.Paper) -> None:
    shown = paper._repr_html_()
    assert shown.count("<svg") == 1
    assert "雨水管道纵断面图" in shown


def test_a_font_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(letters, "_FOLDER", tmp_path)
    letters._face.cache_clear()
    try:
        with pytest.raises(
            dr.errors.FormatError, match=r"DrainageSansSC-Bold\.ttf: the font of the package is missing"
        ):
            letters._face(bold=True)
    finally:
        letters._face.cache_clear()
