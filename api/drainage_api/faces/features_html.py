"""Features for people: a table, a small drawing, and a form that asks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from fastapi import Request

from drainage import words
from drainage.report import Features
from drainage.said import Language
from drainage_api.asked.holding import Holding
from drainage_api.asked.question import Question
from drainage_api.faces.cells_html import Cells
from drainage_api.faces.drawing import draw
from drainage_api.faces.features_json import Rows, page_links
from drainage_api.faces.json_schema import title, unit
from drainage_api.faces.own_codes import own_codes
from drainage_api.faces.pages_html import changed, headers, heading, render, text
from drainage_api.models import HTML
from drainage_api.served.answers import language_of
from drainage_api.served.served import CHANGES
from drainage_api.work.answering import Page

#: Features on a page for people where no number is asked for.
FEW: Final = 25
_LIMITS: Final = (25, 100, 500)
_MOST_HTML: Final = 500  # rows of a table that a browser shows well
#: Kinds of findings that are misconnections, as the summary of mixed flow counts them; the others are told beside them.
MISCONNECTIONS: Final = ("sewage_into_storm", "storm_into_sewage")
#: Filters that the form shows as an example, by the column that they need.
_EXAMPLES: Final = {
    "diameter_mm": "diameter_mm >= 800",
    "depth_m": "depth_m > 0.15",
    "severity": "severity = 'error'",
    "effective_coverage_pct": "effective_coverage_pct < 90",
    "ground_m": "ground_m > 10",
    "open": "open = TRUE",
}


def most(question_limit: int) -> int:
    """Return the rows of a table: no more than a browser shows well."""
    return min(question_limit, _MOST_HTML)


def items_page(request: Request, holding: Holding, rows: Rows, question: Question) -> Page:
    """Return a page of features as HTML."""
    features, name, lang = holding.features, holding.name, language_of(request)
    shown = rows[question.offset : question.offset + question.limit]
    columns = list(question.columns or features.kinds)
    if features.id_name in columns:
        columns.remove(features.id_name)
    columns = [column for column in columns if column not in words.hidden(columns, lang)]
    found = [json.loads(one) for one in features.texts(shown)]
    links = {one["rel"]: one["href"] for one in page_links(request, _path(name), question, len(rows))}
    asked = {key: value for key, value in request.query_params.items() if value or key in features.kinds}
    cells = Cells(request, holding)
    content = render(
        request,
        "items.html",
        who=holding.who,
        id=name,
        name=title(name, lang),
        version=holding.version,
        versions=versions_of(holding),
        findings=findings(holding, lang),
        columns=[features.id_name, *columns],
        rows=[{"identity": str(one["id"]), "cells": _row(cells, columns, one["properties"])} for one in found],
        drawn=draw([str(one["id"]) for one in found], np.asarray(features.frame.geometry.iloc[shown])),
        range=_range(len(shown), question.offset, len(rows), lang),
        next=_as_html(links.get("next")),
        prev=_as_html(links.get("prev")),
        csv_address=_face(request, "csv"),
        fgb_address=_face(request, "fgb"),
        asked=asked,
        conditions=_conditions(request, asked, features, lang),
        kept=[(key, value) for key, value in asked.items() if key not in {"filter", "sortby", "limit", "offset"}],
        sortable=[column for column, kind in features.kinds.items() if kind != "other"],
        limits=sorted({*_LIMITS, question.limit}),
        limit=question.limit,
        example=_examples(features)[0],
        help=" AND ".join(_examples(features)),
    )
    return Page(content, HTML, count=len(shown), headers=headers(request))


def item_page(request: Request, holding: Holding, row: int) -> Page:
    """Return one feature as HTML."""
    features, lang = holding.features, language_of(request)
    [found] = [json.loads(one) for one in features.texts(np.array([row]))]
    identity = str(found["id"])
    properties, cells = found["properties"], Cells(request, holding)
    shown = [column for column in properties if column not in words.hidden([*properties], lang)]
    content = render(
        request,
        "item.html",
        who=holding.who,
        id=holding.name,
        name=title(holding.name, lang),
        version=holding.version,
        versions=versions_of(holding, identity),
        identity=identity,
        ways=cells.ways(properties),
        cells=[
            {"name": column, **cell}
            for column, cell in zip(shown, _row(cells, shown, properties), strict=True)
            if cell["parts"]
        ],
        drawn=draw([identity], np.asarray(features.frame.geometry.iloc[[row]])),
    )
    return Page(content, HTML, count=1, headers=headers(request))


def columns_of(schema: dict[str, Any], holding: Holding, lang: Language) -> list[dict[str, str]]:
    """Return the columns of a schema as rows of a table."""
    kinds = holding.features.kinds
    between = "；" if lang == "zh" else "; "
    return [
        {
            "name": name,
            "title": str(told["title"]),
            "kind": text(f"kind_{kinds.get(name, 'geometry')}", lang),
            "unit": unit(name),
            "codes": between.join(
                value if value == said else f"{value} {said}"
                for value, said in own_codes(holding.name, name, holding.features, lang).items()
            ),
        }
        for name, told in schema["properties"].items()
    ]


def _path(name: str) -> list[str]:
    return ["collections", name, "items"]


def versions_of(holding: Holding, identity: str | None = None) -> list[str]:
    """Return the sides of a comparison that have a collection, or one feature of it; none of what is of both."""
    here, name, who = holding.here, holding.name, holding.who
    if name == CHANGES:
        return []
    having = [version for version in here.versions if name in here.names(who, version)]
    if identity is None:
        return having
    return [version for version in having if here.features(name, who, version).row_of(identity) is not None]


def findings(holding: Holding, lang: Language) -> str:
    """Return how many of the findings at junctions are misconnections, and how many are others; else nothing."""
    if holding.name != "misconnections" or "kind" not in holding.features.kinds:
        return ""
    kinds = holding.features.frame["kind"]
    count = int(kinds.isin(MISCONNECTIONS).sum())
    return text("findings", lang, misconnections=count, others=len(kinds) - count)


def _row(cells: Cells, columns: Sequence[str], properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    kind = properties.get("feature_kind")
    return [cells.cell(column, properties.get(column), kind) for column in columns]


def _conditions(request: Request, asked: Mapping[str, str], features: Features, lang: Language) -> list[dict[str, str]]:
    """Return the conditions that an address states beside the form, each with the address without it."""
    colon, nothing = "：" if lang == "zh" else ": ", text("not_recorded", lang)
    return [
        {
            "text": f"{heading(key, lang)}{colon}{words.shown(key, value, lang) if value else nothing}",
            "without": changed(request, **{key: None, "offset": None}),
        }
        for key, value in asked.items()
        if key in features.kinds or key in {"bbox", "datetime"}
    ]


def _examples(features: Features) -> list[str]:
    """Return conditions that can be asked for of this collection: with a road of it, and a number or a truth."""
    kinds, found = features.kinds, []
    if "road" in kinds and (roads := features.frame["road"].dropna()).size:
        found.append(f"road = '{str(roads.iloc[0]).replace(chr(39), chr(39) * 2)}'")
    numbers = (f"{column} > 0" for column, kind in kinds.items() if kind in {"number", "integer"})
    known = (one for column, one in _EXAMPLES.items() if column in kinds)
    found += [one for one in [next(known, next(numbers, ""))] if one]
    return found or [f"{features.id_name} IS NOT NULL"]


def _range(shown: int, offset: int, matched: int, lang: Language) -> str:
    if not shown:
        return text("none_of", lang, matched=matched)
    return text("range", lang, first=offset + 1, last=offset + shown, matched=matched)


def _as_html(address: str | None) -> str | None:
    if address is None or "f=html" in address:
        return address
    return f"{address}&f=html"


def _face(request: Request, face: str) -> str:
    dropped = dict.fromkeys(("lang", "limit", "offset", *(["crs"] if face == "csv" else [])))
    return changed(request, f=face, **dropped)
