"""Layers to a page of its own: their data in it, one small program that draws them, a switch between periods."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Final

import numpy as np

from drainage import words
from drainage.maps.desk.page_data import page_data
from drainage.maps.inlined import closed, leaflet_script, leaflet_style
from drainage.maps.layer import Layer, is_schematic
from drainage.maps.provenance import lines_above
from drainage.provenance import Provenance
from drainage.said import Language, in_language
from drainage.words import language, word
from drainage.writing import replacing_file

_PAGE: Final = Path(__file__).with_name("page")
_LINES: Final = ('class="dr-notice" role="note"', 'class="dr-provenance"')
_PROGRAM: Final = "engineers_map.js"
_STYLES: Final = ("drawing.css", "map.css", "print.css")
# Path in the summary of a report → unit and factor.
FIGURES = {
    ("mixed_flow", "misconnections"): ("", 1),
    ("mixed_flow", "mixed_length_km"): ("km", 1),
    ("mixed_flow", "density_per_km"): ("/km", 1),
    ("waterlogging", "points"): ("", 1),
    ("separation", "effective_share"): ("%", 100),
    ("separation", "coverage_share"): ("%", 100),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A map as one file that opens in any browser without a network.

    Parameters
    ----------
    title
        Its heading.
    html
        The file.
    """

    title: str
    html: str

    def save(self, path: str | Path) -> Path:
        """Write the page, whole or not at all, in place of a file of that name.

        Raises
        ------
        FormatError, OSError
            The name is that of a directory or a link; it cannot be written.
        """
        goal = Path(path)
        with replacing_file(goal, ending=goal.suffix.lower(), force=True) as part:
            part.write_text(self.html, encoding="utf-8")
        return goal

    def __repr__(self) -> str:
        """Return one line with the title and the size."""
        return f"<Page {self.title}: {len(self.html) / 1e6:.1f} MB>"

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{escape(self.html)}" style="width: 100%; height: 640px; border: 0"></iframe>'


def page_of(
    layers: Sequence[Layer],
    *,
    title: str,
    notice: str | None = None,
    provenance: Provenance | None = None,
    periods: Mapping[str, Sequence[Layer]] | None = None,
    summaries: Mapping[str, Mapping[str, object]] | None = None,
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

    Raises
    ------
    CrsError
        Some layers have a CRS and some have none.
    """
    groups = dict(periods) if periods else {"": list(layers)}
    schematic = is_schematic([layer for group in groups.values() for layer in group])
    lang = language()
    heading, *lines = lines_above(title, notice, provenance, schematic=schematic, lang=lang)
    data: dict[str, object] = page_data(groups, summaries or {}, title, provenance, schematic=schematic, lang=lang)
    data |= {"schematic": schematic, "figures": _figures(summaries or {}, lang)}
    data |= {"words": in_language(words.all_of("map") | words.all_of("desk"), lang)}
    blocks = {"drainage-data": data} | ({} if provenance is None else {"provenance": provenance.as_dict(lang)})
    program = closed("script", _text(_PROGRAM))
    html = Template(_text("page.html")).substitute(
        lang={"zh": "zh-CN"}.get(lang, lang),
        title=escape(heading),
        hashes=" ".join(map(_hash, (leaflet_script(), program))),
        style=leaflet_style() + "".join(map(_text, _STYLES)),
        lines="".join(f"<p {mark}>{escape(line)}</p>" for mark, line in zip(_LINES, lines, strict=True) if line),
        blocks="\n".join(_block(name, block) for name, block in blocks.items()),
        leaflet=leaflet_script(),
        program=program,
    )
    return Page(heading, html)


def _text(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _block(name: str, data: Mapping[str, object]) -> str:
    """Return data as an element of the page that no browser runs."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":  # by which a reader of HTML or of scripts could leave the block
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{name}">{text}</script>'


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
