"""All that the program of a page is given beside its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from drainage.maps.desk.filters import facets_of
from drainage.maps.desk.hydrographs import hydrographs_of
from drainage.maps.desk.page_terms import terms_of_page
from drainage.maps.desk.pinyin import names_of
from drainage.maps.desk.tabs import CHANGES, tabs_of
from drainage.maps.layer import Layer
from drainage.maps.payload import pack
from drainage.provenance import Provenance
from drainage.said import Language

_SIDES: Final = ("before", "after")


def page_data(
    groups: Mapping[str, Sequence[Layer]],
    summaries: Mapping[str, Mapping[str, object]],
    title: str,
    provenance: Provenance | None,
    *,
    schematic: bool,
    lang: Language,
) -> dict[str, object]:
    """Return what is drawn, asked, listed, filtered and searched on a page.

    Parameters
    ----------
    groups
        Label of the period → its layers.
    summaries
        Label of the period, or its place where they are as many → question → summary.
    title
        Name of the question of a page that has one.
    """
    packed = pack(groups, schematic=schematic, lang=lang)
    answers = [_answers(summaries.get(label, {})) for label in groups]
    for place, (period, told) in enumerate(zip(packed["periods"], answers, strict=True)):
        period["key"] = "" if len(groups) == 1 else "changes" if CHANGES in told else _SIDES[min(place, 1)]
    questions = tabs_of(packed, answers, title, provenance, lang)
    return {
        **packed,
        "questions": questions,
        "terms": terms_of_page(packed, questions, lang),
        "facets": facets_of(packed["columns"], lang),
        **hydrographs_of(groups, [period["key"] for period in packed["periods"]], lang),
        "search": {"roads": names_of(packed["columns"])},
    }


def _answers(summary: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    """Return question → its figures, without what else stands in a summary."""
    return {name: found for name, found in summary.items() if isinstance(found, Mapping)}
