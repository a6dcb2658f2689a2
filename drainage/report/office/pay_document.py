"""The pay sheet as a document of an office: what is paid, for which objects, and on what grounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from drainage.cells import plain_value
from drainage.papers.documents.document import Document, texts_of
from drainage.papers.drawn.paper import about_texts
from drainage.report.directory import Report
from drainage.report.office.pages import Pages
from drainage.result import Result
from drainage.said import in_language
from drainage.schema.ids import fold_names
from drainage.words import in_both, language

_OBJECTS: Final = ("object", "object_kind", "counted_points", "most_points", "got_points", "score", "grade")
_LINES: Final = ("item", "before", "after", "of", "unit", "got_points", "most_points", "evidence")
_LEFT: Final = ("object", "item", "most_points", "why_not")
_ACCEPTED: Final = ("submission", "accepted_on", "version", "digest")


def compose_pay_sheet(
    paid: Result, after: Report, *, accepted: Sequence[Mapping[str, str]] | None = None, roads: Sequence[str] = (),
    lang: str | None = None,
) -> Document:  # fmt: skip
    """Compose the document of a pay sheet.

    Parameters
    ----------
    paid
        From `pay_sheet`.
    after
        The report of the town with the works.
    accepted
        What was accepted: ``submission``, ``accepted_on``, ``version`` and ``digest`` of each; None: not told.
    roads
        Only the objects that are these roads, and no sum of money, which depends on the others too; empty: all.
    lang
        ``zh`` or ``en``; None: the language of the reader.

    Returns
    -------
    Document
        Its `save` writes PDF and Word.

    Examples
    --------
    >>> import drainage as dr
    >>> before, after = (dr.analyze(dr.load_demo(day)) for day in ("2018-12-31", "2021-05-07"))
    >>> paid = dr.pay_sheet(before, after, "docs/papers/pay-terms-example.toml")
    >>> document = dr.report.compose_pay_sheet(paid, after, lang="en")
    >>> [heading.text for heading in document.headings if heading.level == 1]
    ['1 Result', '2 What the scores are made of', '3 Lines that were not scored']
    """
    chosen = language(lang)
    pages = Pages(after, chosen, (), str(paid.summary.get("contract", "")))
    objects, lines, left = _of_roads(paid, roads)
    pages.chapter("pay_result")
    if paid.not_known is not None:
        pages.warn(paid.not_known)
    if advice := paid.summary.get("advice"):
        pages.warn(advice)
    if roads:
        pages.say("pay_own_roads")
    else:
        _payment(pages, paid)
    pages.table("pay_objects", objects, _OBJECTS, most=None)
    if accepted is not None:
        pages.chapter("pay_accepted")
        heads = {name: pages.saying(name) for name in _ACCEPTED}
        table = pd.DataFrame(list(accepted), columns=list(_ACCEPTED), dtype=object)
        pages.table("pay_accepted", table, _ACCEPTED, most=None, heads=heads)
        if not accepted:
            pages.say("pay_none_accepted")
    pages.chapter("pay_grounds")
    for number, name in zip(objects.index, objects["object"], strict=True):
        pages.section("pay_object", name=name)
        pages.table(None, lines[lines["object_no"] == number], _LINES, most=None)
    pages.chapter("pay_left")
    pages.table("pay_left", left, _LEFT, most=None)
    return _document(pages, paid, after, of_all=not roads)


def _of_roads(paid: Result, roads: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return objects, lines and lines that were not scored: of some roads, or all."""
    objects, lines, left = (paid.tables[name] for name in ("objects", "sheet", "not_scored"))
    if roads:
        wanted = fold_names(pd.Index(list(roads), dtype="str"))
        objects = objects[(objects["object_kind"] == "road") & fold_names(objects["object"]).isin(wanted)]
        lines = lines[lines["object_no"].isin(objects.index)]
        left = left[left.index.isin(lines.index)]
    scored = lines[lines["scored_by"] != "not_scored"]
    return pd.DataFrame(objects.drop(columns="geometry", errors="ignore")), scored, left


def _payment(pages: Pages, paid: Result) -> None:
    heads = {name: pages.saying(f"pay_{name}") for name in ("word", "value", "unit", "basis")}
    table = paid.tables["payment"]
    shown = [_figure(value, unit) for value, unit in zip(table["value"], table["unit"], strict=True)]
    # the font of documents has no sign of minus (U+2212)
    basis = [str(in_language(text, pages.lang)).replace("\u2212", "\u2013") for text in table["basis"]]
    told = table.assign(value=pd.Series(shown, table.index), basis=pd.Series(basis, table.index))
    pages.table("pay_figures", told, tuple(heads), most=None, heads=heads)


def _figure(value: object, unit: object) -> str | None:
    """Return a figure as it is printed: money with its cents."""
    number = plain_value(value)
    if not isinstance(number, (int, float)):
        return None
    return f"{number:,.2f}" if unit == "¥" else f"{number:,.4g}"


def _document(pages: Pages, paid: Result, after: Report, *, of_all: bool) -> Document:
    """Return the document; the files of others, from which the town was read, are named only in that of all roads."""
    provenance, lang = paid.provenance, pages.lang
    title, made = pages.saying("pay_title"), provenance.made_at[:10]
    notice = str(in_language(in_both("made_up_city"), lang)) if after.provenance.notice else ""
    cover = [
        (pages.saying("pay_contract"), pages.project), (pages.saying("cover_made"), made),
        (pages.saying("cover_program"), f"drainage {provenance.version}"),
    ]  # fmt: skip
    source, day = pages.listed(list(after.provenance.source or ())) if of_all else "", after.network.origin.as_of or "–"
    crs = after.provenance.crs or pages.saying("crs_unknown")
    foot = (
        pages.saying("foot_program", version=provenance.version, made=made, rain=""),
        pages.saying("foot_data" if of_all else "foot_state", source=source, day=day, crs=crs),
    )
    words = {
        "contents": pages.saying("contents"),
        "page_of_pages": pages.saying("page_of_pages", page="{page}", pages="{pages}"),
    }
    fields = {
        "title": title, "notice": notice, "version": provenance.version, "project": pages.project, "made": made,
        "source": source, "state_of": str(day), "rain": "", **words,
    }  # fmt: skip
    told = tuple((name, text) for name, text in cover if text)
    blocks = tuple(pages.blocks)
    texts = [title, *(text for line in told for text in line), *texts_of(blocks)]
    remarks = tuple(dict.fromkeys([*pages.remarks, *about_texts(texts)]))
    return Document(title, pages.project, told, fields, blocks, provenance, foot, notice, lang, remarks)
