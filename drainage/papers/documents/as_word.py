"""A report as a Word document by python-docx: the same blocks, in styles that an office can restyle."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from drainage.errors import FormatError
from drainage.papers.documents.document import TEXT_MM, Document, Heading, Items, Paragraph, Picture, Table
from drainage.papers.drawn.as_figure import figure_of
from drainage.papers.drawn.sheets import FLOOD, MUTED, Sheet
from drainage.words import in_both

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.section import Section
    from docx.table import Table as WordTable
    from docx.text.paragraph import Paragraph as Lines

#: A field of a template: its name in double braces.
_FIELD: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
#: Fonts that Word has wherever it knows the language.
_FONTS: Final = {"zh": ("Microsoft YaHei", "Microsoft YaHei"), "en": ("Calibri", "Microsoft YaHei")}
#: What stands for the number of a page, and of all → the field of Word.
_PAGES: Final = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
#: The styles that are used, and their sizes where no template has others, points.
_STYLES: Final = {
    "Normal": 10.0, "Title": 26.0, "Heading 1": 18.0, "Heading 2": 12.0, "Caption": 8.5, "List Bullet": 10.0,
}  # fmt: skip
_DPI: Final = 200
_WIDER: Final = 1.2  # columns, since the letters of the reader may be wider than ours
_CELL_MARGIN_MM: Final = 0.9
_SMALL: Final = 12  # rows of a table that stays on one page
_A4_MM: Final = (210.0, 297.0)


def write_word(document: Document, path: Path, *, template: Path | None = None) -> None:
    """Write a report as a Word document.

    Raises
    ------
    FormatError
        python-docx is not installed, or the template cannot be read or names unknown fields.
    """
    try:
        import docx
        from docx.enum.style import WD_STYLE_TYPE
        from docx.opc.exceptions import PackageNotFoundError
    except ImportError as error:
        raise FormatError(in_both("needs_extra_papers")) from error
    try:
        word = docx.Document(None if template is None else str(template))
    except (PackageNotFoundError, ValueError, KeyError) as error:
        raise FormatError(in_both("template_refused", file=str(template), message=str(error))) from error
    if template is None:
        _style(word, document)
        _furnish(word.sections[0], document)
        _cover(word, document)
    else:
        _fill(word, document, template)
        for name in _STYLES:
            if name not in word.styles:
                word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        for section in word.sections:
            if not section.footer.is_linked_to_previous or section is word.sections[0]:
                _foot(section, document)
    _contents(word, document)
    after = [*document.blocks[1:], None]
    for block, following in zip(document.blocks, after, strict=True):
        if isinstance(block, Picture):
            again = isinstance(following, Picture) and following.large
            _add_picture(word, block, back=following is not None and not again)
        else:
            _add(word, block)
    core = word.core_properties
    core.title, core.author, core.comments = document.title, f"drainage {document.provenance.version}", " ".join(
        [*document.foot, document.notice]
    )[:255]  # fmt: skip
    word.save(str(path))


def _style(word: Word, document: Document) -> None:
    """Set fonts, sizes and colours of the styles that are used."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    latin, eastern = _FONTS[document.lang]
    for name, size in _STYLES.items():
        style = word.styles[name]
        style.font.name, style.font.size = latin, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        fonts.set(qn("w:eastAsia"), eastern)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0x1D, 0x27, 0x33)
    word.styles["Heading 1"].paragraph_format.page_break_before = True
    section = word.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in _A4_MM)
    section.left_margin, section.right_margin = Mm(25), Mm(20)
    section.top_margin, section.bottom_margin = Mm(26), Mm(27)


def _furnish(section: Section, document: Document) -> None:
    """Write the title at the head of every page, and provenance, notice and page number at its foot."""
    _write(section.header.paragraphs[0], document.title, 7.5, MUTED)
    last = _foot(section, document)
    for part in re.split(r"(\{page\}|\{pages\})", document.fields["page_of_pages"]):
        if part in _PAGES:
            _field(last, _PAGES[part])
        else:
            _write(last, part, 6.5, MUTED)


def _foot(section: Section, document: Document) -> Lines:
    """Write provenance and notice at the foot of every page, below what stands there; return the line below them."""
    foot = section.footer.paragraphs[0]
    if foot.text or len(section.footer.paragraphs) > 1:
        foot = section.footer.add_paragraph()
    _write(foot, document.foot[0], 6.5, MUTED)
    _write(section.footer.add_paragraph(), document.foot[1], 6.5, MUTED)
    if document.notice:
        _write(section.footer.add_paragraph(), document.notice, 6.5, FLOOD, bold=True)
    return section.footer.add_paragraph()


def _cover(word: Word, document: Document) -> None:
    from docx.shared import Pt

    title = word.add_paragraph(document.title, style="Title")
    title.paragraph_format.space_before = Pt(120)
    if document.subtitle:
        _write(word.add_paragraph(), document.subtitle, 13.0, MUTED)
    table = word.add_table(rows=0, cols=2)
    for label, value in document.cover:
        cells = table.add_row().cells
        _write(cells[0].paragraphs[0], label, 10.0, MUTED)
        cells[1].paragraphs[0].add_run(value)
    if document.notice:
        _write(word.add_paragraph(), document.notice, 10.0, FLOOD, bold=True)


def _contents(word: Word, document: Document) -> None:
    """Add a table of contents that Word completes with page numbers; until then it lists the headings."""
    from docx.shared import Mm

    title = word.add_paragraph(style="Normal")
    title.paragraph_format.page_break_before = True
    _write(title, document.fields["contents"], 18.0, None, bold=True)
    first = word.add_paragraph()
    _marked(first, "begin")
    _instruction(first, r' TOC \o "1-2" \h \z \u ')
    _marked(first, "separate")
    lines = first
    for number, heading in enumerate(document.headings):
        lines = first if number == 0 else word.add_paragraph()
        lines.add_run(heading.text)
        lines.paragraph_format.left_indent = Mm(0 if heading.level == 1 else 7)
        lines.paragraph_format.space_after = 0
    _marked(lines, "end")


def _add(word: Word, block: object) -> None:
    if isinstance(block, Heading):
        word.add_heading(block.text, level=block.level)
    elif isinstance(block, Paragraph):
        if block.quiet:
            _write(word.add_paragraph(), block.text, 7.5, MUTED)
        elif block.alarming:
            _write(word.add_paragraph(), block.text, 10.0, FLOOD)
        else:
            word.add_paragraph(block.text)
    elif isinstance(block, Items):
        for text in block.texts:
            word.add_paragraph(text, style="List Bullet")
    elif isinstance(block, Table):
        _add_table(word, block)


def _add_table(word: Word, block: Table) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    if block.caption:
        caption = word.add_paragraph(block.caption, style="Caption")
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        caption.paragraph_format.keep_with_next = True
    table = word.add_table(rows=0, cols=len(block.head))
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    wider = min(_WIDER, TEXT_MM / sum(block.widths_mm))
    widths = [Mm(wide * wider) for wide in block.widths_mm]
    _narrow_margins(table)
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = wide
    last = len(block.rows) if block.total else None
    for number, cells in enumerate([block.head, *block.rows]):
        row = table.add_row()
        for cell, text, right, wide in zip(row.cells, cells, block.right, widths, strict=True):
            cell.width = wide
            lines = cell.paragraphs[0]
            lines.paragraph_format.space_after = Pt(1)
            lines.paragraph_format.space_before = Pt(1)
            lines.paragraph_format.keep_with_next = len(block.rows) <= _SMALL and number < len(block.rows)
            if right:
                lines.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            _write(lines, text, block.size_pt, None, bold=number in (0, last))
        if number == 0:
            _repeat(row)
    _rule(table, last)
    if block.note:
        _write(word.add_paragraph(), block.note, 7.5, MUTED)


def _add_picture(word: Word, block: Picture, *, back: bool) -> None:
    """Add a picture; a large sheet in a section of its own size, and ``back`` to pages of A4 after it."""
    from docx.enum.section import WD_SECTION
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    wide, tall = block.size_mm
    if block.large:
        section = word.add_section(WD_SECTION.NEW_PAGE)
        _shape(section, (wide, tall), (8.0, 8.0, 12.0, 27.0))
    lines = word.add_paragraph()
    lines.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shown = min(wide - 20.0, (tall - 60.0) * wide / tall) if block.large else block.shown_mm
    lines.add_run().add_picture(io.BytesIO(_png(block)), width=Mm(shown))
    lines.paragraph_format.keep_with_next = True
    caption = word.add_paragraph(block.caption, style="Caption")
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if block.note:
        _write(word.add_paragraph(), block.note, 7.5, MUTED)
    if block.large and back:
        _shape(word.add_section(WD_SECTION.NEW_PAGE), _A4_MM, (25.0, 20.0, 26.0, 27.0))


def _shape(section: Section, size_mm: tuple[float, float], margins_mm: tuple[float, float, float, float]) -> None:
    from docx.enum.section import WD_ORIENTATION
    from docx.shared import Mm

    wide, tall = size_mm
    section.orientation = WD_ORIENTATION.LANDSCAPE if wide > tall else WD_ORIENTATION.PORTRAIT
    section.page_width, section.page_height = Mm(wide), Mm(tall)
    section.left_margin, section.right_margin, section.top_margin, section.bottom_margin = map(Mm, margins_mm)
    section.header_distance, section.footer_distance = Mm(5), Mm(5)


def _png(block: Picture) -> bytes:
    figure = figure_of(block.drawn) if isinstance(block.drawn, Sheet) else block.drawn
    drawn = io.BytesIO()

    from matplotlib import rc_context

    with rc_context({"text.hinting": "none"}):
        figure.savefig(drawn, dpi=_DPI, format="png")
    return drawn.getvalue()


def _fill(word: Word, document: Document, template: Path) -> None:
    """Fill the fields of a template, in its text, tables, headers and footers."""
    unknown = set[str]()
    for lines in _lines_of(word):
        unknown |= {name for name in _FIELD.findall(lines.text) if name not in document.fields}
        _fill_line(lines, document.fields)
    if unknown:
        raise FormatError(
            in_both(
                "template_field_unknown", file=template.name, field=", ".join(sorted(unknown)),
                known=", ".join(document.fields),
            )
        )  # fmt: skip


def _fill_line(lines: Lines, values: Mapping[str, str]) -> None:
    """Fill the fields of a line in the letters of their first sign; what holds no part of a field stays as it is."""
    filled = 0  # a value that looks like a field is none
    while (found := _FIELD.search("".join(run.text for run in lines.runs), filled)) is not None:
        begin, told = 0, values.get(found[1], "")
        filled = found.start() + len(told)
        for run in lines.runs:
            text, end = run.text, begin + len(run.text)
            if end > found.start() and begin < found.end():
                cut = slice(max(found.start() - begin, 0), found.end() - begin)
                run.text, told = text[: cut.start] + told + text[cut.stop :], ""
            begin = end


def _lines_of(word: Word) -> list[Lines]:
    parts: list[Any] = [word]
    for section in word.sections:
        parts += [section.header, section.footer, section.first_page_header, section.first_page_footer]
    found: list[Lines] = []
    for part in parts:
        found += part.paragraphs
        found += [
            lines for table in part.tables for row in table.rows for cell in row.cells for lines in cell.paragraphs
        ]
    return found


def _write(lines: Lines, text: str, size: float, color: str | None, *, bold: bool = False) -> None:
    from docx.shared import Pt, RGBColor

    run = lines.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold or None
    if color is not None:
        run.font.color.rgb = RGBColor.from_string(color[1:].upper())


def _field(lines: Lines, name: str) -> None:
    _marked(lines, "begin")
    _instruction(lines, name)
    _marked(lines, "end")


def _marked(lines: Lines, kind: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = lines.add_run()
    run.font.size = Pt(6.5)
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    run._r.append(mark)  # noqa: SLF001 - python-docx has no fields


def _instruction(lines: Lines, text: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    told = OxmlElement("w:instrText")
    told.set(qn("xml:space"), "preserve")
    told.text = text
    lines.add_run()._r.append(told)  # noqa: SLF001 - as above


def _repeat(row: Any) -> None:  # noqa: ANN401 - a row, whose type is private
    """Repeat a heading row on every page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - as above


def _narrow_margins(table: WordTable) -> None:
    """Leave less white at the sides of cells than Word does by itself."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(_CELL_MARGIN_MM * 1440 / 25.4)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)  # noqa: SLF001 - python-docx has no margins of cells


def _rule(table: WordTable, last: int | None) -> None:
    """Draw the three rules of a table, and one above its sum."""
    rows = table.rows
    _border(rows[0], "top", 8)
    _border(rows[0], "bottom", 4)
    if last is not None:
        _border(rows[last], "top", 4)
    _border(rows[len(rows) - 1], "bottom", 8)


def _border(row: Any, edge: str, eighths_pt: int) -> None:  # noqa: ANN401 - a row, whose type is private
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for cell in row.cells:
        properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - as above
        borders = properties.find(qn("w:tcBorders"))
        if borders is None:
            borders = OxmlElement("w:tcBorders")
            properties.append(borders)
        line = OxmlElement(f"w:{edge}")
        line.set(qn("w:val"), "single")
        line.set(qn("w:sz"), str(eighths_pt))
        borders.append(line)
