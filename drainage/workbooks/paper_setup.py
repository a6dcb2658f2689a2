"""How a sheet is printed: on which paper, which way up, with which rows on every page and what in its margins."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from drainage import words
from drainage.said import Language
from drainage.workbooks.columns import width_of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from drainage.workbooks.columns import Column

# Choices of ours: what is wider than this many characters would print at less than 70 % on the next smaller paper.
_PORTRAIT: Final = 130  # of A4, of which 190 mm hold about 92 at full size
_A4_LANDSCAPE: Final = 200  # of which 277 mm hold about 140
_A4, _A3 = 9, 8  # as Excel numbers them
_MOST_OF_MARGIN: Final = 220  # characters; a margin holds 255, and the number of the page needs some


@dataclass(frozen=True, slots=True)
class Margins:
    """What stands above and below every page; each is cut where a margin has no room for it.

    Parameters
    ----------
    title, note
        Above, at the left and at the right.
    notice, origin
        Below, one under the other at the left; at the right is the number of the page.
    """

    title: str
    note: str = ""
    notice: str = ""
    origin: str = ""


def set_up_paper(sheet: Worksheet, *, characters: float, headings: int, margins: Margins, lang: Language) -> None:
    """Print a sheet as wide as one page of A4 upright, A4 across or A3 across, by how many characters it is wide."""
    if characters > _PORTRAIT:
        sheet.set_landscape()
    sheet.set_paper(_A3 if characters > _A4_LANDSCAPE else _A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, headings - 1)
    sheet.hide_gridlines(0)  # hides none, on paper neither
    page = words.phrase("page", lang, page="&P", pages="&N")
    below = "\n".join(_cut(text, _MOST_OF_MARGIN // 2) for text in (margins.notice, margins.origin) if text)
    above, right = (_cut(text, _MOST_OF_MARGIN // 2) for text in (margins.title, margins.note))
    whole = {"scale_with_doc": False}  # else they shrink with a wide table
    sheet.set_header(f"&L&9{above}&R&9{right}", whole)
    sheet.set_footer(f"&L&8{below}&R&8 {page}", whole)


def origin_of(provenance: Mapping[str, object] | None, lang: Language) -> str:
    """Return in one line of which day and by which engine an answer is, and when it was made by what."""
    said = provenance or {}
    engines = [words.code("engine", one, lang) or one for one in _texts(said.get("engine"))]
    days, made = ", ".join(_texts(said.get("as_of"))), "".join(_texts(said.get("made_at")))[:10]
    parts = [
        f"{words.phrase('as_of', lang)} {days}" if days else "",
        f"{words.word('engine', lang)} {', '.join(engines)}" if engines else "",
        f"{words.phrase('made', lang)} {made}" if made else "",
        f"drainage {said['version']}" if said.get("version") else "",
    ]
    return " · ".join(part for part in parts if part)


def heights_of_headings(columns: Sequence[Column], *, but: set[str]) -> tuple[float, float]:
    """Return the heights in points of the row of words and the row of names, whose texts are wrapped."""
    seen = [column for column in columns if column.name not in but]
    lines = max(math.ceil(1.15 * (width_of(column.heading) + 1) / column.width) for column in seen)
    below = max(math.ceil(0.85 * (len(column.name) + 1) / column.width) for column in seen)
    return 13.5 * min(max(lines, 2), 5), 11.5 * min(below, 4)


def _cut(text: str, most: int) -> str:
    """Return a text for a margin, in which ``&`` begins an order and a digit after one belongs to it."""
    whole = text.replace("&", "&&")
    return f" {whole}" if len(whole) <= most else f" {text[: most // 2 - 1].replace('&', '&&')}…"


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, (list, tuple)) else [value]
    return [str(one) for one in found if one is not None]
