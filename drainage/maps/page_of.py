"""Layers to a page of its own: their data in it, one small program that draws them, a switch between periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from drainage import words
from drainage.maps.base_maps import BaseMap, base_map_data, check_base_map
from drainage.maps.desk.page_data import page_data
from drainage.maps.desk.tight import tight
from drainage.maps.layer import Layer, is_schematic
from drainage.maps.page_file import Page, PageParts, city_page, one_page
from drainage.maps.provenance import facts_in_words, lines_above
from drainage.maps.tiles.city_parts import is_city, part_city
from drainage.provenance import Provenance
from drainage.said import Language, in_language
from drainage.words import language, word

__all__ = ["FIGURES", "Page", "page_of"]

# Path in the summary of a report → unit and factor.
FIGURES = {
    ("mixed_flow", "misconnections"): ("", 1),
    ("mixed_flow", "mixed_length_km"): ("km", 1),
    ("mixed_flow", "density_per_km"): ("/km", 1),
    ("waterlogging", "points"): ("", 1),
    ("separation", "effective_share"): ("%", 100),
    ("separation", "coverage_share"): ("%", 100),
}


def page_of(
    layers: Sequence[Layer],
    *,
    title: str,
    notice: str | None = None,
    provenance: Provenance | None = None,
    periods: Mapping[str, Sequence[Layer]] | None = None,
    summaries: Mapping[str, Mapping[str, object]] | None = None,
    basemap: BaseMap = "none",
    progress: Callable[[float], None] = lambda _: None,
) -> Page:
    """Return layers as a page that works without any network, in the language of `drainage.words.language`.

    Parameters
    ----------
    layers
        What to draw; `drainage.maps.looks.THEMES` says which kind lies on which, whatever their order here.
    title
        Heading of the page; the name of a question is written out.
    notice
        Line under the heading, e.g. that the data are synthetic; default: that of the provenance.
    provenance
        Storm, day, engine and source of what is shown: a line under the heading, and all of it in the page.
    periods
        Instead of ``layers``: label → layers of each period; a switch on the map shows one of them.
    summaries
        Label of the period (any without periods) → summary as in ``summary.json``; the chief figures stand above
        the map.
    basemap
        Map of others under the layers: the page then asks its host for pictures, and nobody else for anything.
    progress
        Called with the share that is done, 0-1, while a large city (`drainage.maps.tiles.city_parts.MANY`) is written.

    Raises
    ------
    CrsError
        Some layers have a CRS and some have none.
    FormatError
        There is no such base map, or one is asked for under a plan without CRS.
    """
    groups = dict(periods) if periods else {"": list(layers)}
    schematic = is_schematic([layer for group in groups.values() for layer in group])
    check_base_map(basemap, schematic=schematic)
    lang = language()
    heading, *lines = lines_above(title, notice, provenance, schematic=schematic, lang=lang)
    data: dict[str, Any] = page_data(groups, summaries or {}, title, provenance, schematic=schematic, lang=lang)
    data |= {"schematic": schematic, "figures": _figures(summaries or {}, lang)}
    said = words.all_of("map") | words.all_of("desk")
    data |= {"words": in_language(said, lang), "base": base_map_data(basemap, lang)}
    data |= {"about": [] if provenance is None else facts_in_words(provenance, lang)}
    _give_days(data["periods"], provenance)
    more = {} if provenance is None else {"provenance": provenance.as_dict(lang)}

    def parts(first: Mapping[str, Any]) -> PageParts:
        blocks = {"drainage-data": first} | more
        shown_lang = {"zh": "zh-CN"}.get(lang, lang)
        return PageParts(heading=heading, lines=lines, lang=shown_lang, blocks=blocks, base_map=basemap)

    if not is_city(data):
        return one_page(parts(tight(data)))
    from drainage.maps.tiles.pyramid import write_tiles

    city = part_city(data)
    tiles = write_tiles(city.whole["shapes"], city.tiled, progress=progress)
    return city_page(parts(tight(city.first)), tight(city.whole), tiles)


def _give_days(periods: Sequence[dict[str, Any]], provenance: Provenance | None) -> None:
    """Give each period that has a network of its own the day of it, where every one has another."""
    days = provenance.as_of if provenance and isinstance(provenance.as_of, (list, tuple)) else ()
    own = [period for period in periods if period["key"] != "changes"]
    for period, day in zip(own, days, strict=False) if len(own) == len(days) else ():
        period["day"] = day


def _figures(summaries: Mapping[str, Mapping[str, object]], lang: Language) -> list[dict[str, object]]:
    """Return the chief figures: label, unit, and the value in each period or None."""
    rows: list[dict[str, object]] = []
    for (question, name), (unit, factor) in FIGURES.items():
        values = [_number(summary.get(question), name, factor) for summary in summaries.values()]
        if any(value is not None for value in values):
            rows.append({"label": _label(question, name, lang), "unit": unit, "values": values})
    return rows


def _label(question: str, name: str, lang: Language) -> str:
    return words.question(question, lang) if name == "points" else word(name, lang)


def _number(answer: object, name: str, factor: float) -> float | None:
    if not isinstance(answer, Mapping) or answer.get("not_known") is not None:
        return None
    value = answer.get(name)
    if not isinstance(value, (int, float)) or not np.isfinite(value):
        return None
    number = round(float(value) * factor, 1 if factor > 1 else 2)
    return int(number) if number.is_integer() else number
