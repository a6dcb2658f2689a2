"""Sizes of pipes as surveyors write them: circles, boxes, several barrels side by side, and other texts."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Bools, Floats
from drainage.schema.text import number_text
from drainage.schema.text.cell_text import plain, says_nothing

_UNIT: Final = r"(mm|cm|m|inches|inch|in|feet|ft|''|\"|米|毫米|厘米)?"
_MM_PER_UNIT: Final = {
    **dict.fromkeys(("in", "inch", "inches", "''", '"'), 25.4),
    **dict.fromkeys(("ft", "feet"), 304.8),
    **dict.fromkeys(("m", "米"), 1000.0),
    **dict.fromkeys(("cm", "厘米"), 10.0),
    **dict.fromkeys(("mm", "毫米"), 1.0),
}
#: Below it a number of a box is in metres: no box is so narrow in mm, none so wide in m. A choice of ours.
_METRES_BELOW: Final = 20.0
_MOST_BARRELS: Final = 9
_LEAST_MM: Final = 100.0  # the least size that may stand beside a number of barrels without a sign of its own; ours
_COUNTS: Final = {"单": 1, "一": 1, "两": 2, "二": 2, "双": 2, "三": 3, "四": 4, "五": 5, "六": 6,
                  "single": 1, "double": 2, "twin": 2, "triple": 3}  # fmt: skip
_COUNT: Final = rf"(\d|{'|'.join(_COUNTS)})"
_BARREL: Final = r"(?:孔|根|道|排|管|barrels?|pipes?|no\.?|nos\.?)"
_N: Final = r"([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)"
_CIRCLE_WORD: Final = r"(?:圆管涵|圆管|圆形|管径|直径|内径|口径|公称直径|规格|circular|dia\.?|diameter)"
_BOX_WORD: Final = r"(?:箱涵|方涵|方沟|方渠|矩形|方形|暗渠|盖板沟|断面|尺寸|box|rect(?:angular)?\.?)"
_SIDES: Final = re.compile(
    r"^(?:(?:净)?[bw宽](?:度)?[x/](?:净)?[h高](?:度)?|((?:净)?[h高](?:度)?[x/](?:净)?[bw宽](?:度)?))[=:]?"
)
_CIRCLE: Final = re.compile(rf"^{_CIRCLE_WORD}?[=:]?\s*(dn|de|id|d|φ)?[=:]?\s*{_N}\s*{_UNIT}$")
_SECTION: Final = re.compile(rf"^{_BOX_WORD}?[=:]?\s*[bw]?=?\s*{_N}\s*{_UNIT}\s*x\s*[h]?=?\s*{_N}\s*{_UNIT}$")
_RANGE: Final = re.compile(r"^(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*mm$")
_HALF_RANGE: Final = re.compile(r"^(?:-\s*(\d+(?:\.\d+)?)?|(\d+(?:\.\d+)?)\s*-)\s*mm$")
_BEFORE: Final = (
    re.compile(rf"^{_COUNT}\s*{_BARREL}\s*[x\-@]?\s*(.+)$"),
    re.compile(rf"^{_COUNT}\s*[x\-@]?\s*((?:dn|d|φ)\s*\d.*)$"),
    re.compile(rf"^{_COUNT}\s*[-@]\s*(\d.*x.*)$"),
    re.compile(rf"^((?:{'|'.join(_COUNTS)}))\s*((?:dn|d|φ)?\s*\d.*)$"),
)
_AFTER: Final = (
    re.compile(rf"^(.*\d.*?)\s*[x\-,，\s]?\s*{_COUNT}\s*{_BARREL}$"),
    re.compile(r"^((?:dn|d|φ)\s*\d[\d.]*\s*(?:mm|m)?)\s*x\s*(\d)$"),
)
_THREE: Final = re.compile(rf"^{_N}x{_N}x{_N}\s*(mm|m)?$")
_TWO: Final = re.compile(r"^(\d)\s*[x\-]\s*(\d+)\s*(?:mm)?$|^(\d+)\s*x\s*(\d)$")
_NOTE: Final = re.compile(r"\(([^()]*)\)$")


class Size(NamedTuple):
    """The size that one cell says; ``in_mm`` tells that its text settles the unit."""

    diameter: float = np.nan
    width: float = np.nan
    height: float = np.nan
    in_mm: bool = False
    unreadable: bool = False
    barrels: int = 1
    of_range: bool = False


class Sizes(NamedTuple):
    """Sizes of a column of pipes: a diameter, or width and height of a box, and how many lie side by side.

    ``in_mm`` marks rows whose text names the unit, ``of_range`` those that name two sizes of which the smaller counts.
    """

    diameter: Floats
    width: Floats
    height: Floats
    in_mm: Bools
    unreadable: Bools
    barrels: Floats
    of_range: Bools


_NOTHING: Final = Size()
_UNREADABLE: Final = Size(unreadable=True)


def read_sizes(column: pd.Series) -> Sizes:
    """Read a column of pipe sizes: ``800``, ``DN300``, ``15''``, ``1000×800``, ``2-DN800``, ``2孔2000×1500``.

    A range in mm such as ``450-300 mm`` (two materials or a taper) is read as the smaller: the one that limits the
    flow; of ``-150 mm``, whose other end is not known, the 150 is read. Two sizes without a unit (``600-800``,
    ``DN600/DN800``) may be anything: they are unreadable. Comma and point are settled once for the column.
    """
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        from drainage.schema.text.values import read_numbers

        numbers = read_numbers(column)
        none, no = np.full(len(column), np.nan), np.zeros(len(column), np.bool_)
        return Sizes(numbers.number, none, none.copy(), no, numbers.unreadable, np.ones(len(column)), no)
    codes, unique = pd.factorize(column)
    texts = [_tidy(value) for value in unique]
    style = number_text.style_of(number for text in texts for number in re.findall(number_text.NUMBER, text))
    sizes = [*(_read_size(_with_points(text, style)) for text in texts), _NOTHING]
    table = np.array(sizes, dtype=np.float64)[codes]
    return Sizes(table[:, 0], table[:, 1], table[:, 2], table[:, 3] > 0, table[:, 4] > 0, table[:, 5], table[:, 6] > 0)


def _tidy(value: object) -> str:
    """Write the signs of sizes in one way: ``×`` as x, ``Φ`` as φ, inches as ``''``."""
    if isinstance(value, bool):
        return "bool"
    text = plain(value).lower()
    for signs, one in (("×*✕✖╳хχ", "x"), ("фø∅⌀ϕ", "φ"), ("～—–−", "-"), ("（", "("), ("）", ")")):
        text = re.sub(f"[{signs}]", one, text)
    text = text.replace("′′", "''").replace("″", "''").replace("”", "''").replace("“", "''").replace("’’", "''")
    return re.sub(r"\s*([x\-/()=:])\s*", r"\1", text).strip()


def _with_points(text: str, style: number_text.Style) -> str:
    """Write all numbers of a text with a point before their decimals; ``1,200`` is 1200: as 1.2 m it is the same."""
    if not style.marked:
        return text

    def one(found: re.Match[str]) -> str:
        number = number_text.to_number(found.group(), style, alone=".")
        as_written = found.group().replace(".", "", 1).isdigit() and number == float(found.group())
        return found.group() if number is None or as_written else f"{number:.10g}"

    return re.sub(number_text.NUMBER.replace("[-+−]?", ""), one, text)


def _read_size(text: str) -> Size:
    if says_nothing(text):
        return _NOTHING
    if half := _HALF_RANGE.match(text):
        return Size(float(half.group(1) or half.group(2) or np.nan), in_mm=True)
    if span := _RANGE.match(text):
        low, high = sorted(map(float, span.groups()))
        return Size(low, in_mm=True, of_range=low < high)
    note = _NOTE.search(text)
    if note:
        inside, text = note.group(1).strip(), text[: note.start()].strip()
        if inside in _MM_PER_UNIT:
            text += inside
        elif said := re.fullmatch(rf"{_COUNT}\s*{_BARREL}", inside):
            return _side_by_side(said.group(1), _read_one(text))
        elif not _read_one(inside).unreadable:
            return _UNREADABLE  # a second size
    return _read_one(text) if (one := _of_barrels(text)) is None else one


def _of_barrels(text: str) -> Size | None:
    """Read a size of several barrels; None where the text tells of none."""
    for pattern in _BEFORE:
        if (found := pattern.match(text)) and not (size := _read_one(found.group(2))).unreadable:
            return _side_by_side(found.group(1), size)
    for pattern in _AFTER:
        if (found := pattern.match(text)) and not (size := _read_one(found.group(1))).unreadable:
            return _side_by_side(found.group(2), size)
    if three := _THREE.match(text):
        return _of_three(*three.groups())
    if two := _TWO.match(text):
        count, size_text = (two.group(1), two.group(2)) if two.group(1) else (two.group(4), two.group(3))
        if float(size_text) >= _LEAST_MM:
            return _side_by_side(count, Size(float(size_text), in_mm=True))
    return None


def _of_three(first: str, second: str, third: str, unit: str | None) -> Size:
    """Read ``2×2000×1500`` or ``1000×800×2``: the count is the one small whole number at an end."""
    sides: tuple[tuple[str, str, str], ...] = ((first, second, third), (third, first, second))
    fitting = [
        (count, width, height)
        for count, width, height in sides
        if count.isdigit() and 1 <= int(count) <= _MOST_BARRELS
        and (min(float(width), float(height)) >= _LEAST_MM or ("." in width and "." in height))
    ]  # fmt: skip
    if len(fitting) != 1:
        return _UNREADABLE
    count, width, height = fitting[0]
    return _side_by_side(count, _section(float(width), unit, float(height), unit))


def _side_by_side(count: str, size: Size) -> Size:
    barrels = _COUNTS.get(count) or int(count)
    return _UNREADABLE if size.unreadable or not barrels else size._replace(barrels=barrels)


def _read_one(text: str) -> Size:
    """Read the size of one pipe."""
    sides = _SIDES.match(text)
    if sides:
        text = text[sides.end() :]
    if not sides and (circle := _CIRCLE.match(text)):
        prefix, number, unit = circle.groups()
        return Size(float(number) * _MM_PER_UNIT.get(unit or "", 1.0), in_mm=bool(unit or prefix))
    if section := _SECTION.match(text):
        first, its_unit, second, unit = section.groups()
        size = _section(float(first), its_unit, float(second), unit)
        return size._replace(width=size.height, height=size.width) if sides and sides.group(1) else size
    return _UNREADABLE


def _section(width: float, width_unit: str | None, height: float, height_unit: str | None) -> Size:
    unit = height_unit or width_unit
    if unit is None:
        factors = (1000.0 if max(width, height) < _METRES_BELOW else 1.0,) * 2
    else:
        factors = _MM_PER_UNIT[width_unit or unit], _MM_PER_UNIT[height_unit or unit]
    return Size(width=width * factors[0], height=height * factors[1], in_mm=True)
