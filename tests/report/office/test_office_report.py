"""The report of an office: every figure of PDF and Word is that of the answers."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from PIL import Image

import drainage as dr
from drainage.errors import FormatError, SchemaError, TopologyError
from drainage.papers.documents.document import Document
from drainage.report.directory import Report
from drainage.report.office.causes_chapter import trunk_through
from drainage.report.office.effects_chapter import relieved
from drainage.report.office.pages import Pages
from drainage.report.office.title_page import read_office
from tests.support.networks import build

#: Signs of a cell that surely stands in one line.
_ONE_LINE = 12
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler-utils)")


@pytest.fixture(scope="module")
def documents(planned: Report) -> dict[str, Document]:
    """Give its report in both languages."""
    office = {"project": "灵璧县城区（演示）", "office": "某设计院"}
    return {lang: dr.report.compose_report(planned, office=office, lang=lang) for lang in ("zh", "en")}


@pytest.fixture(scope="module")
def files(documents: dict[str, Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a directory with it as PDF and Word, in both languages."""
    place = tmp_path_factory.mktemp("office")
    for lang, document in documents.items():
        document.save(place / f"{lang}.pdf")
        document.save(place / f"{lang}.docx")
    return place


def test_chapters_stand_in_the_order_of_an_office(documents: dict[str, Document]) -> None:
    chapters = [one.text for one in documents["zh"].headings if one.level == 1]
    assert chapters == ["摘要", "1 现状", "2 问题", "3 成因", "4 方案", "5 效果", "附表"]


def test_both_languages_hold_the_same_figures(documents: dict[str, Document]) -> None:
    """Tables of both have the same shape, and their cells of numbers are equal."""
    chinese, english = documents["zh"].tables, documents["en"].tables
    assert len(chinese) == len(english)
    for ours, theirs in zip(chinese, english, strict=True):
        assert len(ours.rows) == len(theirs.rows)
        for mine, other in zip(ours.rows, theirs.rows, strict=True):
            numbers = [(a, b) for a, b, right in zip(mine, other, ours.right, strict=True) if right]
            assert all(a == b for a, b in numbers)
    words = [table for table in english if not table.head[-1].startswith("value")]
    told = " ".join(cell for table in words for row in (table.head, *table.rows) for cell in row)
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", told) == [], "a key stands in a table instead of its word"


def test_the_tables_are_those_of_the_answers(planned: Report, documents: dict[str, Document]) -> None:
    points = planned.results["waterlogging"].tables["points"].sort_values("rank")
    table = next(one for one in documents["en"].tables if not one.caption and "volume (m³)" in one.head)
    volume = table.head.index("volume (m³)")
    assert len(points) == 2
    assert [row[0] for row in table.rows] == list(points.index)
    assert [row[volume] for row in table.rows] == [f"{value:,.0f}" for value in points["volume_m3"]]


@needs_pdftotext
def test_the_pdf_says_what_the_document_says(documents: dict[str, Document], files: Path) -> None:
    """Headings and rows of tables are found in the text of the PDF, and provenance on each of its pages.

    Rows with texts so long that they are broken into lines are not looked for.
    """
    for lang, document in documents.items():
        text = subprocess.run(
            ["pdftotext", "-layout", str(files / f"{lang}.pdf"), "-"], capture_output=True, check=True, text=True
        ).stdout
        pages = text.split("\f")[:-1]
        close = re.sub(r"\s", "", text)
        for heading in document.headings:
            assert re.sub(r"\s", "", heading.text) in close
        lines = {re.sub(r"\s", "", line) for line in text.splitlines()}
        for table in document.tables:
            rows = [re.sub(r"\s", "", "".join(row)) for row in table.rows]
            whole = [row for row, cells in zip(rows, table.rows, strict=True) if max(map(len, cells)) < _ONE_LINE]
            assert [row for row in whole if row not in lines] == [], table.caption
        assert all("drainage 0." in page for page in pages)
        notice = re.sub(r"\s", "", document.notice)
        assert all(notice in re.sub(r"\s", "", page) for page in pages)


def test_the_word_document_holds_the_same_tables(documents: dict[str, Document], files: Path) -> None:
    for lang, document in documents.items():
        word = docx.Document(str(files / f"{lang}.docx"))
        found = [[[cell.text for cell in row.cells] for row in table.rows] for table in word.tables[1:]]
        told = [[list(table.head), *(list(row) for row in table.rows)] for table in document.tables]
        assert found == told
        headings = [
            line.text
            for line in word.paragraphs
            if line.style is not None and str(line.style.name).startswith("Heading")
        ]
        assert headings == [one.text for one in document.headings]
        assert len(word.inline_shapes) == len(document.pictures)
        foot = " ".join(line.text for line in word.sections[0].footer.paragraphs)
        assert document.foot[0] in foot
        assert document.notice in foot


def test_only_what_is_asked_for_is_told(planned: Report) -> None:
    document = dr.report.compose_report(planned, questions=["mixed_flow"], sections=[], hydrographs=[], lang="en")
    titles = [one.text for one in document.headings]
    assert "2.1 Mixed flow" in titles
    assert not any("Waterlogging" in title for title in titles)
    assert document.pictures == [] or all("network" in one.caption for one in document.pictures)


def test_what_is_not_known_is_named(planned: Report, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="did you mean waterlogging"):
        dr.report.compose_report(planned, questions=["waterloging"])
    with pytest.raises(TopologyError, match="no node nowhere"):
        dr.report.compose_report(planned, sections=[("nowhere", "YS0001")])
    with pytest.raises(SchemaError, match="read_report"):
        dr.report.compose_report(dr.report.read_report(planned.write(tmp_path / "results")))


def test_a_report_without_plans_says_how_to_ask_for_them() -> None:
    net = build(["a>b storm", "b>out storm"])
    document = dr.report.compose_report(dr.analyze(net), lang="en")
    told = " ".join(getattr(block, "text", "") for block in document.blocks)
    assert "No plan was made" in told
    assert "not answered" in told
    assert any("--also relief,closures,cleaning,inspect" in remark for remark in document.remarks)


def test_what_a_link_takes_away_is_shown(planned: Report, documents: dict[str, Document]) -> None:
    points, works = (planned.results["relief"].tables[name] for name in ("points", "works"))
    (linked,) = works.loc[works["kind"] == "link", "point_id"].unique()
    shown = _after(documents["en"])
    assert shown[linked] == f"{points.loc[linked, 'after_m3']:,.0f}"
    assert shown[""] == f"{points['after_m3'].sum():,.0f}"


def test_what_is_stored_is_not_counted_as_solved(planned: Report) -> None:
    """A point whose water is stored keeps its overflow in the screening: it is named, and left out of the sum."""
    relief = planned.results["relief"]
    points, works = relief.tables["points"].copy(), relief.tables["works"].copy()
    stored = works.loc[works["kind"] == "clean", "point_id"].iloc[0]
    points.loc[stored, "after_m3"] = 100.0
    works.loc[works["point_id"] == stored, "kind"] = "storage"
    told = replace(relief, tables={**relief.tables, "points": points, "works": works})
    changed = replace(planned, results={**planned.results, "relief": told})
    before_m3, after_m3, others = relieved(Pages(changed, "en", ["relief"], ""))
    assert others == [stored]
    assert before_m3 == points["before_m3"].drop(stored).sum()
    assert after_m3 == points["after_m3"].drop(stored).sum()


def _after(document: Document) -> dict[str, str]:
    """Return point → its overflow after the works as the table says it; the sum under no name."""
    table = next(one for one in document.tables if "before and after" in one.caption)
    after = table.head.index("after the works (m³)")
    return {**{row[0]: row[after] for row in table.rows[:-1]}, "": table.rows[-1][after]}


def test_the_office_says_who_it_is(documents: dict[str, Document], tmp_path: Path) -> None:
    assert ("编制单位", "某设计院") in documents["zh"].cover
    assert documents["zh"].title == "灵璧县城区（演示）排水管网评估报告"
    file = tmp_path / "office.toml"
    file.write_text('project = "磬山"\noffice = "某院"\n', encoding="utf-8")
    assert read_office(file) == {"project": "磬山", "office": "某院"}
    file.write_text('project = "磬山"\n', encoding="utf-8-sig")
    assert read_office(file) == {"project": "磬山"}
    file.write_text('projet = "磬山"\n', encoding="utf-8")
    with pytest.raises(FormatError, match=r"office\.toml: unknown key projet \(did you mean project"):
        read_office(file)
    file.write_text("number = 3\n", encoding="utf-8")
    with pytest.raises(FormatError, match="number must be a text"):
        read_office(file)
    with pytest.raises(FormatError, match="cannot be read"):
        read_office(tmp_path / "none.toml")


def test_a_subtitle_stands_once_and_a_sign_that_the_font_lacks_is_named(planned: Report) -> None:
    office = {"title": "報告 \U00020bb7", "subtitle": "初稿"}
    document = dr.report.compose_report(
        planned, questions=["quality"], sections=[], hydrographs=[], office=office, lang="en"
    )
    assert document.subtitle == "初稿"
    assert all(value != "初稿" for _, value in document.cover)
    assert any("U+20BB7" in remark for remark in document.remarks)


class TestTemplates:
    def test_the_fields_of_a_word_template_are_filled_in(self, documents: dict[str, Document], tmp_path: Path) -> None:
        template = docx.Document()
        template.add_paragraph("Project: {{project}} as of {{ state_of }}")
        template.sections[0].header.paragraphs[0].text = "{{title}}"
        template.save(str(tmp_path / "office.docx"))
        documents["zh"].save(tmp_path / "out.docx", template=tmp_path / "office.docx")
        word = docx.Document(str(tmp_path / "out.docx"))
        assert word.paragraphs[0].text == "Project: 灵璧县城区（演示） as of 2018-12-31"
        assert word.sections[0].header.paragraphs[0].text == documents["zh"].title

    def test_a_value_that_looks_like_a_field_is_none(self, planned: Report, tmp_path: Path) -> None:
        template = docx.Document()
        template.add_paragraph("{{project}} / {{office}}")
        template.save(str(tmp_path / "office.docx"))
        office = {"project": "{{project}}", "office": "{{title}}"}
        document = dr.report.compose_report(planned, questions=["quality"], sections=[], hydrographs=[], office=office)
        document.save(tmp_path / "out.docx", template=tmp_path / "office.docx")
        assert docx.Document(str(tmp_path / "out.docx")).paragraphs[0].text == "{{project}} / {{title}}"

    def test_a_typst_template_that_is_no_text_is_named(self, documents: dict[str, Document], tmp_path: Path) -> None:
        (tmp_path / "office.typ").write_bytes(b"\xff\xfe#set")
        with pytest.raises(FormatError, match=r"office\.typ: the template cannot be used"):
            documents["zh"].save(tmp_path / "out.pdf", template=tmp_path / "office.typ")

    @pytest.mark.long
    def test_a_field_in_parts_keeps_its_letters_and_a_logo_beside_it_stays(
        self, documents: dict[str, Document], tmp_path: Path
    ) -> None:
        Image.new("RGB", (20, 10), "red").save(tmp_path / "logo.png")
        template = docx.Document()
        line = template.add_paragraph()
        line.add_run("{{pro")
        line.add_run("ject}}").bold = True
        line.add_run().add_picture(str(tmp_path / "logo.png"))
        line.add_run(" of {{office}}")
        template.save(str(tmp_path / "office.docx"))
        documents["zh"].save(tmp_path / "out.docx", template=tmp_path / "office.docx")
        word = docx.Document(str(tmp_path / "out.docx"))
        assert word.paragraphs[0].text == "灵璧县城区（演示） of 某设计院"
        assert len(word.inline_shapes) == len(documents["zh"].pictures) + 1

    @pytest.mark.long
    def test_a_template_without_our_styles_and_foot_gets_them(
        self, documents: dict[str, Document], tmp_path: Path
    ) -> None:
        template = docx.Document()
        for name in ("List Bullet", "Caption"):
            template.styles[name].delete()
        template.sections[0].footer.paragraphs[0].text = "Office"
        template.save(str(tmp_path / "office.docx"))
        documents["zh"].save(tmp_path / "out.docx", template=tmp_path / "office.docx")
        foot = [line.text for line in docx.Document(str(tmp_path / "out.docx")).sections[0].footer.paragraphs]
        assert foot[:4] == ["Office", *documents["zh"].foot, documents["zh"].notice]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('#set text(font: "No Such Font", fallback: false)\nwords', "names a font that is not there"),
            ('#import "@preview/cetz:0.3.4"', "nothing is fetched for a report"),
            ('#read("/etc/hostname")', "cannot be used"),
        ],
    )
    def test_a_typst_template_gets_no_font_that_is_missing_and_nothing_from_elsewhere(
        self, documents: dict[str, Document], tmp_path: Path, text: str, told: str
    ) -> None:
        (tmp_path / "office.typ").write_text(text, encoding="utf-8")
        with pytest.raises(FormatError, match=told):
            documents["zh"].save(tmp_path / "out.pdf", template=tmp_path / "office.typ")
        assert not (tmp_path / "out.pdf").exists()

    def test_an_unknown_field_is_named_with_those_that_are_known(
        self, documents: dict[str, Document], tmp_path: Path
    ) -> None:
        template = docx.Document()
        template.add_paragraph("{{firma}}")
        template.save(str(tmp_path / "office.docx"))
        with pytest.raises(FormatError, match=r"unknown field firma; known are project"):
            documents["zh"].save(tmp_path / "out.docx", template=tmp_path / "office.docx")
        (tmp_path / "office.typ").write_text('#let d = json("data.json")\n#d.fields.firma', encoding="utf-8")
        with pytest.raises(FormatError, match=r"unknown field firma; known are project"):
            documents["zh"].save(tmp_path / "out.pdf", template=tmp_path / "office.typ")
        assert not (tmp_path / "out.docx").exists()
        assert not (tmp_path / "out.pdf").exists()

    def test_a_template_of_another_kind_or_none_is_refused(
        self, documents: dict[str, Document], tmp_path: Path
    ) -> None:
        with pytest.raises(FormatError, match=r"must be a \.typ file"):
            documents["zh"].save(tmp_path / "out.pdf", template=tmp_path / "office.docx")
        with pytest.raises(FormatError, match="no such template"):
            documents["zh"].save(tmp_path / "out.pdf", template=tmp_path / "office.typ")
        (tmp_path / "office.docx").write_text("no Word file")
        with pytest.raises(FormatError, match=r"office\.docx: the template cannot be used"):
            documents["zh"].save(tmp_path / "out.docx", template=tmp_path / "office.docx")

    def test_nothing_is_written_over(self, documents: dict[str, Document], tmp_path: Path) -> None:
        (tmp_path / "out.pdf").write_text("mine")
        with pytest.raises(FormatError, match="already exists"):
            documents["zh"].save(tmp_path / "out.pdf")
        with pytest.raises(FormatError, match=r"\.pdf, \.docx"):
            documents["zh"].save(tmp_path / "out.html")


def test_the_trunk_follows_the_widest_pipes() -> None:
    """A → m of 300 mm and b → m of 600 mm meet; the way goes up the wider one, and down to the outfall."""
    net = build(["a>m storm", "b>m storm", "m>out storm"], diameter_mm=[300.0, 600.0, 800.0])
    assert trunk_through(net, "m") == ("b", "out")
