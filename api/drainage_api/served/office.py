"""The report of an office of what is served, as PDF: composed once for each language, by a thread of its own."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import drainage as dr
from drainage.report import compose_report, read_office
from drainage_api.served.bodies import Body
from drainage_api.served.made import Made, made
from drainage_api.served.served import Served

PDF = "application/pdf"
Language = Literal["zh", "en"]


def office_report(here: Served, version: str, lang: Language, office: Path | None) -> Made[Body]:
    """Return the report of a version in a language, which is made at its first use.

    Its result raises FormatError where the extra ``papers`` is not installed or no answers were kept, SchemaError where
    the report holds none.
    """
    side = here.side(version)
    return made(here, ("office", side, lang), lambda: _pdf(here.whole(side), lang, office))


def _pdf(report: dr.report.Report, lang: Language, office: Path | None) -> Body:
    document = compose_report(report, office=None if office is None else read_office(office), lang=lang)
    with TemporaryDirectory() as folder:
        return Body(document.save(Path(folder) / "report.pdf").read_bytes(), PDF, compress=False)
