"""By what the things of a page can be filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drainage.maps.desk.question_looks import FACETS
from drainage.said import Language
from drainage.words import unit, word


def facets_of(columns: Sequence[Mapping[str, Any]], lang: Language) -> list[dict[str, object]]:
    """Return the facets of which a page has columns with more than one value, in the order of `FACETS`."""
    found: list[dict[str, object]] = []
    for facet in FACETS:
        values = {value for column in columns if column["key"] == facet.key for value in column["values"]} - {None}
        if len(values) < 2:
            continue
        more: dict[str, object] = {"unit": unit(facet.key), "bins": list(facet.bins)} if facet.bins else {}
        found.append(
            {"key": facet.key, "label": word(facet.key, lang), **more, **({"date": True} if facet.date else {})}
        )
    return found
