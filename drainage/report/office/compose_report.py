"""The report of an office, composed of the answers of a report: `compose_report`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from drainage.errors import SchemaError
from drainage.papers.documents.document import Document, texts_of
from drainage.papers.drawn.paper import about_texts
from drainage.papers.title_words import day_of_state, project_of
from drainage.plans.bill import PriceList
from drainage.report.analyze import ALSO
from drainage.report.catalogue import REPORTED
from drainage.report.directory import Report
from drainage.report.office.annex_chapter import write_annexes
from drainage.report.office.causes_chapter import Drawings, trunk_through, write_causes
from drainage.report.office.effects_chapter import write_effects
from drainage.report.office.pages import Pages
from drainage.report.office.plan_chapter import take_bill, write_plan
from drainage.report.office.problems_chapter import write_problems
from drainage.report.office.state_chapter import formula_words, rain_words, write_brief, write_standing
from drainage.report.office.title_page import OFFICE_KEYS
from drainage.said import in_language
from drainage.wants import wants
from drainage.words import in_both, language, nearest

#: The questions that a report of an office can tell, in its order.
TOLD: Final = (*REPORTED, *ALSO.values())
#: Points through which a section is drawn, and at which a hydrograph, where none is named.
MOST_SECTIONS: Final = 2
_MOST_SOURCES: Final = 3
#: What stands above the lines of the cover.
_ABOVE: Final = ("title", "subtitle")
STEPS: Final = ("read", "map", "section", "hydrograph", "write")


@wants
def compose_report(
    report: Report, *, questions: Sequence[str] | None = None, sections: Sequence[tuple[str, str]] | None = None,
    hydrographs: Sequence[str] | None = None, prices: str | Path | None = None,
    office: Mapping[str, str] | None = None, lang: str | None = None,
    step: Callable[[str], None] = lambda _: None,
) -> Document:  # fmt: skip
    """Compose a report in the order of an office: state, problems, causes, plan, effects, annexes.

    Parameters
    ----------
    report
        From `analyze`, or read back by ``read_report(directory, whole=True)``. Plans are told of which it holds the
        answers: ``analyze(…, also=("relief", "closures"))``.
    questions
        Which questions it tells, of `TOLD`; None: all that the report was asked.
    sections
        Both ends of each long section; None: along the widest pipes through the worst points, at most two.
    hydrographs
        Nodes whose water is shown over time, computed by EPA SWMM; None: that of the worst point.
    prices
        The TOML file of prices for the bill of quantities of relief works and closures; None: quantities alone.
    office
        What the office says of itself, as `read_office` returns it.
    lang
        ``zh`` or ``en``; None: the language of the reader.
    step
        Called with the name of each step, of `STEPS`, when it begins.

    Returns
    -------
    Document
        Its `save` writes PDF and Word.

    Raises
    ------
    SchemaError
        A question that is not known, a report without answers in it, or prices that do not fit.
    TopologyError
        A section or a node that is named and is not there.

    Examples
    --------
    >>> import drainage as dr
    >>> report = dr.analyze(dr.load_demo("2018-12-31"))
    >>> document = dr.report.compose_report(report, questions=["mixed_flow"], sections=[], hydrographs=[], lang="en")
    >>> [heading.text for heading in document.headings if heading.level == 1], len(document.tables)
    (['In brief', '1 The network today', '2 Problems', '3 Plan', 'Annexes'], 8)
    """
    chosen = language(lang)
    known = [name for name in TOLD if name in report.results or report.summary.get(name) is not None]
    if not report.results:
        raise SchemaError(in_both("report_without_answers", report=report.network.source))
    asked = known if questions is None else [name for name in TOLD if name in set(questions)]
    if unknown := [name for name in questions or () if name not in known]:
        said = ", ".join(known)
        raise SchemaError(in_both("question_unknown", name=unknown[0], known=said, nearest=nearest(unknown[0], known)))
    told = dict(office or {})
    pages = Pages(report, chosen, asked, project_of(report.provenance, told.get("project", "")))
    listed = None if prices is None else PriceList.from_file(prices)
    step("map")
    write_brief(pages)
    write_standing(pages)
    write_problems(pages)
    worst = _worst_nodes(pages)
    ways = [trunk_through(report.network, node) for node in worst[:MOST_SECTIONS]] if sections is None else sections
    nodes = worst[:1] if hydrographs is None else hydrographs
    drawn = Drawings([way for way in ways if way is not None], nodes, sections is not None, hydrographs is not None)
    write_causes(pages, drawn, step)
    bill = take_bill(pages, listed)
    write_plan(pages, bill)
    write_effects(pages)
    write_annexes(pages, bill)
    return _document(pages, told)


def _worst_nodes(pages: Pages) -> list[str]:
    """Return the worst node of each point of waterlogging, worst point first."""
    if not pages.tells("waterlogging"):
        return []
    points = pages.report.results["waterlogging"].tables["points"].sort_values("rank", kind="stable")
    return [str(node) for node in points["worst_node"]]


def _document(pages: Pages, office: Mapping[str, str]) -> Document:
    provenance = pages.report.provenance
    lang = pages.lang
    project = office.get("project", "")
    title = office.get("title") or pages.saying("title" if project else "title_plain", project=project)
    day = day_of_state(pages.report.network, lang)
    rain = rain_words(pages, provenance.storm or {}) if provenance.storm or provenance.engine else ""
    made = provenance.made_at[:10]
    read = list(provenance.source or ())
    source = (
        pages.listed(read)
        if len(read) <= _MOST_SOURCES
        else pages.saying("sources_and_more", first=pages.listed(read[:_MOST_SOURCES]), count=len(read))
    )
    facts = {"project": project, "state_of": day, "rain": rain, "source": source, "made": made}
    told = {**{key: office.get(key, "") for key in OFFICE_KEYS}, **facts}
    cover = [(pages.saying(f"cover_{key}"), text) for key, text in told.items() if text and key not in _ABOVE]
    if (formula := formula_words(pages)) is not None:
        cover.append((pages.saying("cover_formula"), formula))
    cover += [(pages.saying("cover_program"), f"drainage {provenance.version}")]
    notice = str(in_language(in_both("made_up_city"), lang)) if provenance.notice else ""
    foot = (
        pages.saying("foot_program", version=provenance.version, made=made, rain=rain),
        pages.saying("foot_data", source=facts["source"], day=day, crs=provenance.crs or pages.saying("crs_unknown")),
    )
    words = {
        "contents": pages.saying("contents"),
        "page_of_pages": pages.saying("page_of_pages", page="{page}", pages="{pages}"),
    }
    fields = {**told, "title": title, "notice": notice, "version": provenance.version, **words}
    texts = [title, office.get("subtitle", ""), *(text for line in cover for text in line), *texts_of(pages.blocks)]
    return Document(
        title, office.get("subtitle", ""), tuple(cover), fields, tuple(pages.blocks), provenance, foot, notice, lang,
        tuple(dict.fromkeys([*pages.remarks, *about_texts(texts)])),
    )  # fmt: skip
