"""The entrance for people: what there is, where it leads, what a collection holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from fastapi import Request

import drainage as dr
from drainage import words
from drainage.said import Language, in_language, joined
from drainage_api.access.unseen import unseen_of
from drainage_api.access.who import Who
from drainage_api.asked.holding import Holding, held, version_of
from drainage_api.asked.systems import offered
from drainage_api.faces.describing import metadata
from drainage_api.faces.features_html import columns_of, findings, versions_of
from drainage_api.faces.json_schema import about, schema, title
from drainage_api.faces.pages_html import headers, render, text
from drainage_api.models import HTML, JSON
from drainage_api.served.answers import address_of, language_of
from drainage_api.served.served import STREETS, served
from drainage_api.work.answering import Page

#: Path → its relation, its type and whether only who has the whole city may see it.
_PAGES: Final = {
    "map": ("alternate", HTML, True),
    "public": ("alternate", HTML, False),
    "report": ("related", "application/pdf", True),
    "storm": ("related", JSON, True),
    "tiles": ("related", JSON, True),
    "versions": ("version-history", HTML, True),
    "health": ("status", JSON, False),
}


@cache
def terms() -> dict[str, dict[str, Any]]:
    """Return key → term of the glossary, in both languages."""
    return {str(key): dr.glossary.explain(str(key)).as_dict() for key in dr.glossary.terms().index}


def between(request: Request) -> str:
    """Return what parts names in the language of the reader."""
    return str(in_language(joined(["", ""], ", "), language_of(request)))


def pages(request: Request, who: Who) -> list[dict[str, str]]:
    """Return the pages beside the collections that somebody may see."""
    here, lang = served(request), language_of(request)
    known = set(request.app.state.paths)
    if STREETS not in here.names(who):  # nor is there a page for the public then
        known.discard("/public")
    if here.number is None:
        known.discard("/versions")
    return [
        {
            "href": address_of(request, name),
            "rel": rel,
            "type": media_type,
            "title": text(f"page_{name}", lang),
            "about": text(f"page_{name}_about", lang),
        }
        for name, (rel, media_type, whole) in _PAGES.items()
        if f"/{name}" in known and (not whole or who.whole)
    ]


def landing_page(request: Request, who: Who) -> Page:
    """Return the entrance as HTML."""
    here, lang = served(request), language_of(request)
    facts = [] if here.versions or not here.day else [(text("day", lang), here.day)]
    shown = _desk(request, who) + [one for one in pages(request, who) if one["type"] != JSON]
    return _page(
        request, "landing.html", who, about=text("about", lang), facts=facts, pages=shown, sides=_sides(request, who),
        **_listed(request, who),
    )  # fmt: skip


def _desk(request: Request, who: Who) -> list[dict[str, str]]:
    """Return the desk among the pages, for who has one."""
    if unseen_of(request, who) is None:
        return []
    lang = language_of(request)
    names = ("title", "page_desk"), ("about", "page_desk_about")
    return [{"href": address_of(request, "desk"), **{key: text(word, lang) for key, word in names}}]


def collections_page(request: Request, who: Who) -> Page:
    """Return the list of collections as HTML."""
    return _page(request, "collections.html", who, versions=served(request).versions, **_listed(request, who))


def collection_page(request: Request, holding: Holding) -> Page:
    """Return the description of a collection as HTML."""
    features, lang = holding.features, language_of(request)
    told = metadata(request, holding)
    days = told.get("extent", {}).get("temporal", {}).get("interval", [[]])[0]
    return _page(
        request,
        "collection.html",
        holding.who,
        id=holding.name,
        name=title(holding.name, lang),
        about=about(holding.name, lang),
        why=told.get("not_known"),
        version=holding.version,
        versions=versions_of(holding),
        findings=findings(holding, lang),
        figures=_figures(holding, lang),
        count=f"{len(features):,}",
        extent=", ".join(f"{degree:.5f}" for degree in features.extent or ()),
        interval=" / ".join("…" if day is None else day[:10] for day in days),
        systems=[system.uri for system in offered(features.crs)],
        columns=columns_of(schema(holding.name, features, "", lang), holding, lang),
    )


def _sides(request: Request, who: Who) -> list[dict[str, str]]:
    """Return the sides of a comparison: the day of each, and its map for who may see it."""
    here = served(request)
    may = "/map" in request.app.state.paths and who.whole
    return [
        {
            "version": version,
            "day": _day(here.report(version).provenance.as_of),
            "map": address_of(request, "map", version=version) if may else "",
        }
        for version in here.versions
    ]


def _day(day: str | Sequence[str] | None) -> str:
    return day if isinstance(day, str) else ", ".join(day or ())


def _figures(holding: Holding, lang: Language) -> list[tuple[str, str]]:
    """Return the summary of the question that a collection answers, for who has the whole city: its plain figures."""
    told = holding.summary if holding.is_summed else {}
    figures: dict[str, object] = dict(told) if isinstance(told, Mapping) else {}
    return [
        (words.heading(key, lang), _figure(key, value, lang))
        for key, value in figures.items()
        if isinstance(value, str | int | float) and words.has_word(key) and key not in words.hidden([*figures], lang)
    ]


def _figure(key: str, value: str | float, lang: Language) -> str:
    if isinstance(value, str | bool):
        return str(words.shown(key, value, lang))
    return f"{value:,}" if isinstance(value, int) else f"{value:,.7g}"


def _listed(request: Request, who: Who) -> dict[str, Any]:
    version, lang = version_of(request), language_of(request)
    listed = [
        {
            "id": one.name,
            "title": title(one.name, lang),
            "about": about(one.name, lang),
            "count": f"{len(one.features):,}",
            "why": one.why_not.get("not_known"),
        }
        for one in held(request, who)
    ]
    return {"collections": listed, "version": version}


def _page(request: Request, template: str, who: Who, **values: object) -> Page:
    return Page(render(request, template, who=who, **values), HTML, headers=headers(request))
