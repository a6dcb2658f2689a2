"""All questions about one network in one run: what is asked, gathered, kept, drawn and compared."""

import lazy_loader  # type: ignore[import-untyped]  # of a list of names, where others are loaded at once

# Not lazily: the name of a function that is that of its file must be the function from the first moment on.
from drainage.report.analyze import analyze
from drainage.report.catalogue import COLLECTIONS, QUESTIONS, TITLE, Collection, Question
from drainage.report.census import take_census, write_census
from drainage.report.collections import Page, query
from drainage.report.comparison import SIDES, Comparison, KeptComparison, compare, compare_reports, read_comparison
from drainage.report.directory import Report, read_report
from drainage.report.evidenced import KINDS as EVIDENCE_KINDS
from drainage.report.evidenced import Answered, EvidenceFile, answer_with_evidence
from drainage.report.feature_files import csv_pieces, flatgeobuf
from drainage.report.on_roads import among_roads, rows_on_roads
from drainage.report.page import draw
from drainage.report.pay import PayTerms, pay_sheet
from drainage.report.ready_features import MOST_AT_ONCE, Features
from drainage.report.sighted import Sighted, compare_sightings, with_sightings
from drainage.report.submitted import Computed, Delivery, compute_delivery, read_delivery, write_template
from drainage.report.typed_column import FilterError, Kind
from drainage.writing.replacing import MARK

# What draws is loaded when it is asked for.
__getattr__, _, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "office.compose_report": ["compose_report"],
        "office.pay_document": ["compose_pay_sheet"],
        "office.title_page": ["read_office"],
    },
)

__all__ = [
    "COLLECTIONS", "EVIDENCE_KINDS", "MARK", "MOST_AT_ONCE", "QUESTIONS", "SIDES", "TITLE", "Answered", "Collection",
    "Comparison", "Computed", "Delivery", "EvidenceFile", "Features", "FilterError", "KeptComparison", "Kind", "Page",
    "PayTerms", "Question", "Report", "Sighted", "among_roads", "analyze", "answer_with_evidence", "compare",
    "compare_reports", "compare_sightings", "compose_pay_sheet", "compose_report", "compute_delivery", "csv_pieces",
    "draw", "flatgeobuf", "pay_sheet", "query", "read_comparison", "read_delivery", "read_office", "read_report",
    "rows_on_roads", "take_census", "with_sightings", "write_census", "write_template",
]  # fmt: skip
