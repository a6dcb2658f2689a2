"""The report of an office: `drainage report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drainage.cli.printing import print_json, print_line, say
from drainage.cli.progress import shown
from drainage.errors import FormatError
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.papers.documents.document import Document


def report(
    results: Path, /, *, output: Path, questions: str | None = None, section: list[str] | None = None,
    hydrograph: list[str] | None = None, prices: Path | None = None, office: Path | None = None,
    template: Path | None = None,
    json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Write the report of an office from results of analyze, as PDF or Word."""
    from drainage.papers.documents.document import check_document
    from drainage.report.directory import read_report
    from drainage.report.office.compose_report import STEPS, compose_report
    from drainage.report.office.title_page import read_office

    check_document(output, template=template, force=force)
    said = None if office is None else read_office(office)
    ways = None if section is None else [_ends(text) for text in section]
    with shown("report", steps=len(STEPS)) as progress:

        def step(name: str) -> None:
            progress(STEPS.index(name) / len(STEPS))

        step("read")
        kept = read_report(results, whole=True)
        document = compose_report(
            kept, questions=None if questions is None else _names(questions), sections=ways,
            hydrographs=None if hydrograph is None else [name for name in hydrograph if name], prices=prices,
            office=said, step=step,
        )  # fmt: skip
        step("write")
        written = document.save(output, template=template, force=force)
    for remark in document.remarks:
        say(remark)
    if json_:
        print_json(_told(document), document.provenance)
    else:
        for heading in document.headings:
            print_line(f"{'' if heading.level == 1 else '  '}{heading.text}")
    say(written)


def _names(text: str) -> list[str]:
    return [name.strip().replace("-", "_") for name in text.split(",") if name.strip()]


def _ends(text: str) -> tuple[str, str]:
    """Return both ends of a section."""
    ends = [part.strip() for part in text.split(",")]
    if len(ends) != 2 or not all(ends):
        raise FormatError(in_both("section_ends", text=text))
    return ends[0], ends[1]


def _told(document: Document) -> dict[str, object]:
    """Return what the report says, for machines."""
    tables = [{"caption": one.caption, "head": list(one.head), "rows": [list(row) for row in one.rows]}
              for one in document.tables]  # fmt: skip
    return {
        "title": document.title,
        "headings": [one.text for one in document.headings],
        "tables": tables,
        "pictures": [one.caption for one in document.pictures],
        "remarks": list(document.remarks),
    }
