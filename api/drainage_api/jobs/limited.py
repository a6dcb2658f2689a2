"""What jobs do in the limited process, which needs no store and imports nothing of one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from drainage import words
from drainage.said import Said
from drainage_api.jobs.child import Told, write_json

if TYPE_CHECKING:
    from drainage.report import Computed, Delivery, Report

#: What is left in the room.
RESULT, DOCUMENT, OWN_MAP = "result", "document.json", "own_map{}.html"
#: Language → what the name of a map in it has before its ending; the first is that of all else that is written.
MAPS_IN: Final[Mapping[str, str]] = {"zh": "", "en": "_en"}
#: Shares of the whole after which each step begins, as measured on the demo city (own choice: only shown).
_BASE, _READ, _ANALYSED, _WRITTEN = 0.02, 0.15, 0.3, 0.9
#: Share of the whole after which the questions of evidence are asked; likewise.
_EVIDENCE_READ: Final = 0.3


def compute(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Read, apply, analyse and compare, in the limited process; return counts, and leave the rest in its directory."""
    from drainage.report import PayTerms, compute_delivery, read_report

    base, delivery = _read(given, told)
    told.part("intake", delivery.intake)
    first = read_report(given["first"], whole=True) if given["first"] is not None else None
    terms = PayTerms.from_file(given["terms"]) if given["terms"] is not None else None
    computed = compute_delivery(base, delivery, terms=terms, first=first, step=_steps(told))
    told.step(_WRITTEN, words.in_both("job_writes"))
    computed.comparison.write(RESULT)
    shutil.rmtree(Path(RESULT, "before"))
    write_json(Path(DOCUMENT), computed.document)
    _write_maps(computed, given["roads"])
    return _told_of(computed.document, computed.day)


def check(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Read and apply alone, in the limited process; return how the file was understood."""
    return dict(_read(given, told)[1].intake)


def _read(given: dict[str, Any], told: Told) -> tuple[Report, Delivery]:
    from drainage.report import read_delivery, read_report, with_sightings

    os.environ[words.VARIABLE] = next(iter(MAPS_IN))
    told.step(_BASE, words.in_both("job_reads_base"))
    base = read_report(given["base"], whole=True)
    if given["sightings"] is not None:
        base = with_sightings(base, given["sightings"])
    told.step(_READ, words.in_both("job_reads_file"))
    return base, read_delivery(Path(given["file"]), base, kind=given["kind"], roads=given["roads"])


def _write_maps(computed: Computed, roads: Sequence[str]) -> None:
    """Write the map beside that of the comparison for who reads another language, and that of some roads in each."""
    for lang, mark in MAPS_IN.items():
        os.environ[words.VARIABLE] = lang  # a map is in the language of its process
        if mark:
            Path(RESULT, f"map{mark}.html").write_text(replace(computed.comparison).page, encoding="utf-8")
        if roads:
            Path(OWN_MAP.format(mark)).write_text(computed.map_of(roads).html, encoding="utf-8")


def _steps(told: Told) -> Callable[[str], None]:
    """Return what tells each step of the analysis: how many there will be depends on the questions of the base."""
    share, questions = _ANALYSED, words.all_of("questions")

    def step(name: str) -> None:
        nonlocal share
        told.step(share, name if isinstance(name, Said) else questions.get(name, words.in_both("job_analyses")))
        share += (_WRITTEN - share) * 0.2

    return step


def _told_of(document: Mapping[str, Any], day: str | None) -> dict[str, Any]:
    """Return what lists show of a comparison."""
    breaks = sum(one.get("severity") == "warning" for one in document.get("breaks") or ())  # the others only follow
    found = {"counts": document.get("counts"), "summary": document.get("summary"), "breaks": breaks, "day": day}
    return {**found, "bbox": document["bbox"]} if document.get("bbox") else found


def answer(given: dict[str, Any], told: Told) -> dict[str, Any]:
    """Ask the library, in the limited process; return how much has changed, and leave the rest in its directory."""
    from drainage.report import EvidenceFile, answer_with_evidence, read_report

    told.step(0.0, words.in_both("job_reads_base"))
    base = read_report(given["base"], whole=True)
    files = [EvidenceFile(kind=one["kind"], file=Path(one["file"]), roads=one["roads"]) for one in given["files"]]
    answered = answer_with_evidence(
        base, files, step=lambda share, said: told.step(_EVIDENCE_READ + (1.0 - _EVIDENCE_READ) * share, said)
    )  # fmt: skip
    write_json(Path(DOCUMENT), answered.document)
    return {"changes": {name: len(rows) for name, rows in answered.document["changes"].items()}}
