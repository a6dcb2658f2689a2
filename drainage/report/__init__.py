"""All questions about one network in one run: what is asked, gathered, kept, drawn and compared."""

import lazy_loader  # type: ignore[import-untyped]  # of a list of names, where others are loaded at once

# Not lazily: the name of a function that is that of its file must be the function from the first moment on.
from drainage.report.analyze import analyze
from drainage.report.catalogue import COLLECTIONS, QUESTIONS, TITLE, Collection, Question
from drainage.report.census import take_census, write_census
from drainage.report.collections import FilterError, Page, query
from drainage.report.comparison import Comparison, compare, compare_reports
from drainage.report.directory import Report, read_report
from drainage.report.page import draw
from drainage.report.pay import PayTerms, pay_sheet

# What draws is loaded when it is asked for.
__getattr__, _, _ = lazy_loader.attach(
    __name__, submod_attrs={"office.compose_report": ["compose_report"], "office.title_page": ["read_office"]}
)

__all__ = [
    "COLLECTIONS", "QUESTIONS", "TITLE", "Collection", "Comparison", "FilterError", "Page", "PayTerms", "Question",
    "Report", "analyze", "compare", "compare_reports",
    "compose_report", "draw", "pay_sheet", "query", "read_office", "read_report",
    "take_census", "write_census",
]  # fmt: skip
