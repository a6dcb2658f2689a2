"""The report of an office: `drainage report`."""

from __future__ import annotations

from pathlib import Path

import drainage as dr
from drainage.cli.printing import print_either, say, say_all
from drainage.cli.progress import shown
from drainage.errors import FormatError
from drainage.words import in_both


def report(
    results: Path, /, *, output: Path, questions: str | None = None, section: list[str] | None = None,
    hydrograph: list[str] | None = None, prices: Path | None = None, office: Path | None = None,
    template: Path | None = None,
    json_: bool = False, force: bool = False,
) -> None:  # fmt: skip
    """Write the report of an office from results of analyze, as PDF or Word."""
    from drainage.papers.documents.document import check_document
    from drainage.report.office.compose_report import STEPS

    check_document(output, template=template, force=force)
    said = None if office is None else dr.report.read_office(office)
    ways = None if section is None else [_ends(text) for text in section]
    with shown("report", steps=len(STEPS)) as progress:

        def step(name: str) -> None:
            progress(STEPS.index(name) / len(STEPS))

        step("read")
        kept = dr.read_report(results, whole=True)
        document = dr.report.compose_report(
            kept, questions=None if questions is None else _names(questions), sections=ways,
            hydrographs=None if hydrograph is None else [name for name in hydrograph if name], prices=prices,
            office=said, step=step,
        )  # fmt: skip
        step("write")
        written = document.save(output, template=template, force=force)
    say_all(document.remarks)
    headings = (f"{'' if one.level == 1 else '  '}{one.text}" for one in document.headings)
    print_either(document.facts(), headings, document.provenance, as_json=json_)
    say(written)


def _names(text: str) -> list[str]:
    return [name.strip().replace("-", "_") for name in text.split(",") if name.strip()]


def _ends(text: str) -> tuple[str, str]:
    """Return both ends of a section."""
    ends = [part.strip() for part in text.split(",")]
    if len(ends) != 2 or not all(ends):
        raise FormatError(in_both("section_ends", text=text))
    return ends[0], ends[1]
