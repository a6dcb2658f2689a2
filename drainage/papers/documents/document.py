"""A report as a value: its cover and its blocks in order, from which PDF and Word are written.

All texts are in one language, numbers are formatted and headings, tables and figures are numbered here, once, so that
both kinds of files say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drainage.errors import FormatError
from drainage.papers.drawn.sheets import Sheet
from drainage.provenance import Provenance
from drainage.said import Language, Said
from drainage.words import in_both
from drainage.writing import check_free, replacing_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Chart

#: Kinds of files that a report is written as, each with the kind of template that its office may give.
DOCUMENT_ENDINGS: Final = {".pdf": ".typ", ".docx": ".docx"}
#: Width of the text on a page of A4, mm.
TEXT_MM: Final = 165.0
#: Height of a picture on such a page, mm, which leaves room for a heading and its caption.
TALLEST_MM: Final = 205.0


@dataclass(frozen=True)
class Heading:
    """A heading of a chapter (level 1) or a section (2), with its number."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``quiet`` ones are notes in small letters, ``alarming`` ones in red."""

    text: str
    quiet: bool = False
    alarming: bool = False


@dataclass(frozen=True)
class Items:
    """A list of short texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of formatted cells, its columns ``widths_mm`` wide and its letters ``size_pt`` high.

    ``right`` says which columns are numbers, ``total`` that the last row is a sum.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    widths_mm: tuple[float, ...]
    size_pt: float
    note: str = ""
    total: bool = False


@dataclass(frozen=True, eq=False)
class Picture:
    """A sheet or a chart with its caption; a large sheet takes a page of its own size."""

    caption: str
    drawn: Sheet | Chart
    note: str = ""

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height, mm."""
        if isinstance(self.drawn, Sheet):
            return self.drawn.width_mm, self.drawn.height_mm
        wide, tall = self.drawn.get_size_inches()
        return 25.4 * float(wide), 25.4 * float(tall)

    @property
    def shown_mm(self) -> float:
        """Width at which it fits a page of A4 with its caption, mm."""
        wide, tall = self.size_mm
        return min(wide, TEXT_MM, TALLEST_MM * wide / tall)

    @property
    def large(self) -> bool:
        """Whether it does not fit into the text of A4."""
        return self.size_mm[0] > 1.3 * TEXT_MM


Block = Heading | Paragraph | Items | Table | Picture


def texts_of(blocks: Iterable[Block]) -> Iterator[str]:
    """Return every text that blocks hold, but for those within pictures."""
    for block in blocks:
        if isinstance(block, Items):
            yield from block.texts
        elif isinstance(block, Table):
            yield from (block.caption, block.note, *block.head, *(cell for row in block.rows for cell in row))
        else:
            yield block.caption if isinstance(block, Picture) else block.text


@dataclass(frozen=True, eq=False)
class Document:
    """A report.

    Parameters
    ----------
    title, subtitle
        On its cover.
    cover
        Label and value of each line of the cover.
    fields
        What a template of an office may name: field → text.
    blocks
        What it holds, in its order.
    provenance
        Where its numbers come from; two lines of it stand at the foot of every page.
    foot
        These lines.
    notice
        What must be known wherever a page of it lies, in red; empty where nothing must.
    lang
        Of all texts.
    remarks
        What is not in it, or not as one might expect.
    """

    title: str
    subtitle: str
    cover: tuple[tuple[str, str], ...]
    fields: Mapping[str, str]
    blocks: tuple[Block, ...]
    provenance: Provenance
    foot: tuple[str, str]
    notice: str
    lang: Language
    remarks: tuple[Said, ...] = field(default=())

    def save(self, path: str | Path, *, template: str | Path | None = None, force: bool = False) -> Path:
        """Write the report as the name ends: ``.pdf`` by Typst, ``.docx`` by python-docx.

        Parameters
        ----------
        template
            Of the office: a ``.typ`` file for PDF, which reads ``data.json`` as that of the package does; a ``.docx``
            whose styles, header and footer are used, and in which ``{{project}}`` and other fields are filled in.

        Raises
        ------
        FormatError
            Another ending, a file that exists and ``force`` is False, a template of another kind or with unknown
            fields, or a library that is not installed: both come with the extra ``papers``.
        """
        goal = Path(path)
        check_document(goal, template=template, force=force)
        with replacing_file(goal, ending=goal.suffix.lower(), force=force) as part:
            if goal.suffix.lower() == ".pdf":
                from drainage.papers.documents.as_typst import write_typst

                write_typst(self, part, template=None if template is None else Path(template))
            else:
                from drainage.papers.documents.as_word import write_word

                write_word(self, part, template=None if template is None else Path(template))
        return goal

    @property
    def headings(self) -> Sequence[Heading]:
        """The headings in their order."""
        return [block for block in self.blocks if isinstance(block, Heading)]

    @property
    def tables(self) -> Sequence[Table]:
        """The tables in their order."""
        return [block for block in self.blocks if isinstance(block, Table)]

    @property
    def pictures(self) -> Sequence[Picture]:
        """The pictures in their order."""
        return [block for block in self.blocks if isinstance(block, Picture)]

    def facts(self) -> dict[str, object]:
        """Return what the report says as plain values: its headings, tables, captions of pictures, and remarks."""
        tables = [
            {"caption": one.caption, "head": list(one.head), "rows": [list(row) for row in one.rows]}
            for one in self.tables
        ]
        return {
            "title": self.title,
            "headings": [one.text for one in self.headings],
            "tables": tables,
            "pictures": [one.caption for one in self.pictures],
            "remarks": list(self.remarks),
        }

    def __repr__(self) -> str:
        """Return one line: title, and how much it holds."""
        parts = f"{len(self.headings)} headings, {len(self.tables)} tables, {len(self.pictures)} pictures"
        return f"<Document {self.title}: {parts}>"


def check_document(path: Path, *, template: str | Path | None, force: bool) -> None:
    """Raise, before any work is done, where a report cannot be written.

    Raises
    ------
    FormatError
        Another ending, a template that is missing or of another kind, or the file exists and ``force`` is False.
    """
    kind = path.suffix.lower()
    if kind not in DOCUMENT_ENDINGS:
        raise FormatError(in_both("ending_unknown", name=path.name, known=", ".join(DOCUMENT_ENDINGS)))
    if template is not None:
        if Path(template).suffix.lower() != DOCUMENT_ENDINGS[kind]:
            wanted = DOCUMENT_ENDINGS[kind]
            raise FormatError(in_both("template_of_other_kind", file=Path(template).name, kind=kind, wanted=wanted))
        if not Path(template).is_file():
            raise FormatError(in_both("template_missing", file=template))
    check_free(path, ending=kind, force=force)
