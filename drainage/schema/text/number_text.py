"""Numbers as people write them: which sign parts the decimals is settled once for a column, by all its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from drainage.schema.text.cell_text import plain

Sign = Literal[".", ",", "?"]

_GROUPED: Final = r"\d{1,3}(?:[ '’]\d{3})+"
#: A number in running text, with whatever parts its thousands and decimals.
NUMBER: Final = rf"[-+−]?(?:{_GROUPED}(?:[.,]\d+)?|\d[\d.,]*\d|\d)(?:[eE][-+]?\d+)?|[-+−]?\.\d+"
_PLAIN: Final = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$")
_COMMA_GROUPS: Final = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$")
_POINT_GROUPS: Final = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$")
_COMMA_DECIMAL: Final = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?$")
_MAJORITY: Final = 3  # times as many cells as contradict it, that a sign may settle the cells which leave it open; ours


class Style(NamedTuple):
    """How the numbers of a column are written.

    ``decimal`` is the sign before the decimals, ``?`` where the cells do not tell; ``marked`` whether any number has a
    comma or parted thousands; ``mixed`` whether cells contradict one another.
    """

    decimal: Sign
    marked: bool
    mixed: bool


def style_of(numbers: Iterable[str]) -> Style:
    """Settle how the numbers of a column are written: ``1,234.5``, ``1.234,5``, ``1 234,5`` or ``19,80``."""
    point = comma = either_point = either_comma = grouped = 0
    for text in numbers:
        number = _bare(text)
        commas, points = number.count(","), number.count(".")
        if commas and points:
            point += number.rfind(".") > number.rfind(",")
            comma += number.rfind(",") > number.rfind(".")
            grouped += 1
        elif commas > 1 or points > 1:
            in_groups = _COMMA_GROUPS.match(number), _POINT_GROUPS.match(number)
            point += in_groups[0] is not None
            comma += in_groups[1] is not None
            grouped += any(in_groups)
        elif commas == 1:
            open_ = _COMMA_GROUPS.match(number) is not None and not _has_groups(text)
            either_comma += open_
            comma += not open_
        elif points == 1:
            open_ = _POINT_GROUPS.match(number) is not None and not _has_groups(text)
            either_point += open_
            point += not open_
        grouped += _has_groups(text)
    marked = bool(comma or either_comma or grouped)
    if not comma:
        return Style("." if point or either_point or not either_comma else "?", marked, mixed=False)
    if not point and (grouped or comma >= either_point):
        return Style(",", marked, mixed=False)
    point += either_point
    decimal: Sign = "." if point >= _MAJORITY * comma else "," if comma >= _MAJORITY * point else "?"
    return Style(decimal, marked, mixed=True)


def to_number(text: str, style: Style, *, alone: Sign = "?") -> float | None:
    """Read one number in the style of its column; None where it is none, or could be two.

    ``alone`` says what the comma of a lone ``1,234`` is where the column does not tell: ``,`` parts the decimals, ``.``
    the thousands.
    """
    number = _bare(text)
    if _PLAIN.match(number) and not (style.decimal == "," and _POINT_GROUPS.match(number)):
        return None if style.decimal == "?" and style.mixed and _POINT_GROUPS.match(number) else float(number)
    by_comma, by_point = _COMMA_GROUPS.match(number), _POINT_GROUPS.match(number)
    is_open = number.count(",") + number.count(".") == 1 and (by_comma or by_point)
    decimal = style.decimal if style.decimal != "?" or style.mixed else alone
    if is_open and decimal == "?":
        return None
    if by_comma and (decimal == "." or not is_open):
        return float(number.replace(",", ""))
    if by_point and (decimal == "," or not is_open):
        return float(number.replace(".", "").replace(",", "."))
    return float(number.replace(",", ".")) if _COMMA_DECIMAL.match(number) else None


def _has_groups(text: str) -> bool:
    return re.match(rf"[-+−]?{_GROUPED}", text) is not None


def _bare(text: str) -> str:
    """Return a number without the blanks and apostrophes between its thousands."""
    text = plain(text).replace("−", "-")
    return re.sub(r"(?<=\d)[ '’](?=\d{3}(?:\D|$))", "", text)
