"""Layers to one map: their data in the page, one small program that draws them, a switch between periods."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
from branca.element import Element

from drainage import words
from drainage.errors import CrsError
from drainage.maps.layer import Layer
from drainage.maps.offline import OfflineMap
from drainage.maps.payload import pack
from drainage.maps.provenance import provenance_line
from drainage.provenance import Provenance
from drainage.words import Language, language, one_language, phrase, word

# Path in the summary of a report → unit and factor.
FIGURES = {
    ("mixed_flow", "misconnections"): ("", 1),
    ("mixed_flow", "mixed_length_km"): ("km", 1),
    ("mixed_flow", "density_per_km"): ("/km", 1),
    ("waterlogging", "points"): ("", 1),
    ("separation", "effective_share"): ("%", 100),
    ("separation", "coverage_share"): ("%", 100),
}


def draw_layers(
    layers: Sequence[Layer],
    *,
    title: str,
    notice: str | None = None,
    provenance: Provenance | None = None,
    periods: Mapping[str, Sequence[Layer]] | None = None,
    summaries: Mapping[str, Mapping[str, object]] | None = None,
) -> OfflineMap:
    """Draw layers on a map that works without any network, in the language of `drainage.words.language`.

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

    Raises
    ------
    CrsError
        Some layers have a CRS and some have none.
    """
    groups = dict(periods) if periods else {"": list(layers)}
    plans = {layer.frame.crs is None for group in groups.values() for layer in group if len(layer.frame)}
    if len(plans) > 1:
        raise CrsError("layers with and without a coordinate system cannot be on one map; set the CRS of those without")
    schematic = plans == {True}
    lang = language()
    heading = f"{words.title(title, lang)}{phrase('schematic', lang) if schematic else ''}"
    said = provenance_line(provenance, lang) if provenance is not None else None
    notice = notice or (provenance.notice if provenance is not None else None)
    page = OfflineMap(
        title=heading, notice=notice and one_language(notice, lang), said=said, schematic=schematic, lang=lang
    )
    data = pack(groups, schematic=schematic, lang=lang)
    data |= {"map": page.get_name(), "schematic": schematic, "figures": _figures(summaries or {}, lang)}
    data |= {"words": words.in_language(words.all_of("map"), lang)}
    blocks = {"drainage-data": data} | ({} if provenance is None else {"provenance": provenance.as_dict(lang)})
    for name, block in blocks.items():
        page.get_root().html.add_child(Element(_block(name, block)), name=name.replace("-", "_"))  # type: ignore[attr-defined]  # branca gives a Figure
    return page


def _block(name: str, data: Mapping[str, object]) -> str:
    """Return data as an element of the page that no browser runs."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # no character by which a reader of HTML, of scripts or of templates ({% endraw %}) could leave the block
    for sign in "<>&%\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'{{% raw %}}<script type="application/json" id="{name}">{text}</script>{{% endraw %}}'


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
