"""The band of values below a long section: one row a quantity, values under their manholes and between them.

Where manholes stand so close that their values would touch, the values are turned upwards, and the columns moved apart
as little as needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.fonts.letters import MM_PER_PT, width_mm
from drainage.papers.drawn.labels import move_apart
from drainage.papers.drawn.lettering import fitted
from drainage.papers.drawn.sheets import FLOOD, INK, MAIN_MM, MEDIUM_MM, THIN_MM, Align, Sheet
from drainage.papers.sayings import saying
from drainage.papers.sections.long_section import LongSection
from drainage.said import in_language

if TYPE_CHECKING:
    from drainage.said import Language

#: Width of the column of headings, mm.
HEAD_MM: Final = 28.0
#: Height above the band in which columns reach their manholes, mm.
FAN_MM: Final = 5.0
#: A spill of less is not marked, m³: our choice.
LEAST_SPILL_M3: Final = 1.0
_PT: Final = 7.5
_ROW_MM: Final = 6.0
_LINE_MM: Final = _PT * MM_PER_PT + 0.75  # a turned line and the gap to the next
_GAP_MM: Final = 1.2
_MOST_MOVED_MM: Final = 9.0  # of an upright column, before values are turned
_ASIDE: Final[dict[str, Align]] = {"left": "left", "center": "center", "right": "right"}
_BESIDE_MM: Final = 0.9  # from a value to the line beside which it stands


@dataclass(frozen=True)
class Value:
    """What stands in a cell."""

    text: str
    bold: bool = False
    color: str = INK


@dataclass(frozen=True)
class Columns:
    """A row of values under manholes: one each, or one on either side of the line through it."""

    head: str
    cells: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Spans:
    """A row of values between manholes: value, first and last station of each."""

    head: str
    cells: tuple[tuple[Value, int, int], ...]


@dataclass(frozen=True, eq=False)
class Band:
    """Rows with their heights, mm, and the place of each column."""

    rows: tuple[Columns | Spans, ...]
    turned: tuple[bool, ...]
    heights: tuple[float, ...]
    x: Floats
    fits: bool

    @property
    def height_mm(self) -> float:
        """Of all rows."""
        return sum(self.heights)


def lay_band(
    section: LongSection, first: int, last: int, x: Floats, limits: tuple[float, float], lang: Language
) -> Band:
    """Lay out the band of the stations from the first to the last, whose manholes stand at ``x`` on paper.

    ``limits`` are the left and the right end of the columns; `Band.fits` is False where they are too near.
    """
    rows = _rows(section, first, last, lang)
    columns = [row for row in rows if isinstance(row, Columns)]
    turned, fits = any(_touch(row, x, limits) for row in columns), True
    for up in (False, True) if turned else ():
        needed = np.array([[_side_mm(row.cells[k], turned=up) for row in columns] for k in range(len(x))]).max(axis=1)
        moved, fits = move_apart(x, needed, limits)
        if up or (fits and np.abs(moved - x).max() <= _MOST_MOVED_MM):
            x, turned = moved, up
            break
    upright = [
        turned if isinstance(row, Columns) else any(_wide(value) > x[b] - x[a] - _GAP_MM for value, a, b in row.cells)
        for row in rows
    ]
    heights = [
        _ROW_MM if not up else max([_ROW_MM, *(_wide(value) + 2 * _GAP_MM for value in _values(row))])
        for row, up in zip(rows, upright, strict=True)
    ]
    return Band(tuple(rows), tuple(upright), tuple(heights), x, fits)


def draw_band(sheet: Sheet, band: Band, left: float, right: float, top: float) -> None:
    """Draw the band between two edges of the frame, downwards from its top."""
    body = left + HEAD_MM
    sheet.line([(left, top), (right, top)], MAIN_MM, z=5, layer="BAND")
    y = top
    for number, (row, turned, height) in enumerate(zip(band.rows, band.turned, band.heights, strict=True)):
        y -= height
        last = number == len(band.rows) - 1
        sheet.line([(left, y), (right, y)], MAIN_MM if last else THIN_MM, z=5, layer="BAND")
        head, size = fitted(row.head, _PT, HEAD_MM - 3.6)
        sheet.text((left + 1.8, y + height / 2), head, size, layer="BAND")
        if isinstance(row, Spans):
            _draw_spans(sheet, band, row, y, height, turned=turned)
        else:
            _draw_columns(sheet, band, row, y, height, (body, right), turned=turned)
    sheet.line([(body, top), (body, y)], MEDIUM_MM, z=5, layer="BAND")


def _draw_columns(
    sheet: Sheet, band: Band, row: Columns, y: float, height: float, limits: tuple[float, float], *, turned: bool
) -> None:
    middle = y + height / 2
    for x, values in zip(band.x, row.cells, strict=True):
        paired = len(values) > 1
        ends = [(y, y + height)] if paired else [(y - 0.8, y + 0.8), (y + height - 0.8, y + height + 0.8)]
        for low, high in ends:
            sheet.line([(x, low), (x, high)], THIN_MM, z=5, layer="BAND")
        for side, value in zip((-1, 1) if paired else (0,), values, strict=True):
            at, align = (x + side * _LINE_MM * 0.55, middle), _ASIDE["center"]
            if not turned and paired:
                at, align = (x + side * _BESIDE_MM, middle), _ASIDE["right" if side < 0 else "left"]
            elif not turned:
                at = (_kept(x, _wide(value) / 2, limits), middle)
            sheet.text(at, value.text, _PT, align=align, bold=value.bold, angle_deg=90.0 * turned, color=value.color,
                       layer="BAND")  # fmt: skip


def _draw_spans(sheet: Sheet, band: Band, row: Spans, y: float, height: float, *, turned: bool) -> None:
    for value, first, last in row.cells:
        a, b = band.x[first], band.x[last]
        for x in (a, b):
            sheet.line([(x, y), (x, y + height)], THIN_MM, z=5, layer="BAND")
        sheet.text(((a + b) / 2, y + height / 2), value.text, _PT, align="center", angle_deg=90.0 * turned,
                   bold=value.bold, color=value.color, layer="BAND")  # fmt: skip


def _rows(section: LongSection, first: int, last: int, lang: Language) -> list[Columns | Spans]:
    stations, pipes = section.stations.iloc[first : last + 1], section.pipes.iloc[first:last]
    rows: list[Columns | Spans] = [
        Columns(saying("ground", lang), tuple(
            (Value(_number(z, 2, known=not filled)),)
            for z, filled in zip(stations["ground_m"], stations["ground_filled"], strict=True)
        )),
        Columns(saying("invert", lang), _inverts(section, first, last)),
        Columns(saying("depth", lang), tuple((Value(_number(z, 2)),) for z in stations["invert_depth_m"])),
        Columns(saying("cover", lang), tuple((Value(_number(z, 2)),) for z in stations["cover_m"])),
    ]  # fmt: skip
    for line in section.grade_lines:
        name, spill = str(in_language(line.name, lang)), line.overflow_m3[first : last + 1]
        levels = zip(line.level_m[first : last + 1], spill, strict=True)
        key = "level" if line.at_min is None else "level_at"
        rows.append(Columns(saying(key, lang, storm=name), tuple((_level(z, over),) for z, over in levels)))
        if (spill >= LEAST_SPILL_M3).any():
            values = tuple((Value(f"{v:,.0f}" if v >= LEAST_SPILL_M3 else "", color=FLOOD),) for v in spill)
            rows.append(Columns(saying("overflow", lang, storm=name), values))
    rows += [
        Spans(saying("size", lang), _spans(pipes["size"])),
        Spans(
            saying("slope", lang), _each(f"{1000 * i:.2f}" if np.isfinite(i) else "–" for i in pipes["slope_m_per_m"])
        ),
        Spans(saying("length", lang), _each(f"{length:.2f}" for length in pipes["length_m"])),
        Columns(saying("chainage", lang), tuple((Value(chainage_text(s)),) for s in stations["chainage_m"])),
        Columns(saying("manhole", lang), tuple((Value(str(name), bold=True),) for name in stations["node_id"])),
        Spans(saying("road", lang), _spans(pipes["road"])),
    ]
    return rows


def chainage_text(chainage_m: float) -> str:
    """Return a distance along the way as engineers write it.

    Examples
    --------
    >>> chainage_text(1145.365)
    'K1+145.37'
    """
    whole = round(chainage_m, 2)
    return f"K{int(whole // 1000)}+{whole % 1000:06.2f}"


def _inverts(section: LongSection, first: int, last: int) -> tuple[tuple[Value, ...], ...]:
    """Return the inverts that arrive and leave, once where they are the same; what was filled in is in brackets."""
    stations, pipes = section.stations, section.pipes
    filled_in = [False, *pipes["filled_down"]]
    filled_out = [*pipes["filled_up"], False]
    arriving, leaving = stations["invert_in_m"].to_numpy(), stations["invert_out_m"].to_numpy()
    cells = []
    for k in range(first, last + 1):
        ends = [(arriving[k], filled_in[k])] if k else []
        ends += [(leaving[k], filled_out[k])] if k < len(stations) - 1 else []
        texts = [_number(z, 3, known=not filled) for z, filled in ends]
        cells.append(tuple(Value(text) for text in dict.fromkeys(texts)))
    return tuple(cells)


def _level(level_m: float, overflow_m3: float) -> Value:
    """Return the value of a level, marked where the manhole overflows."""
    if overflow_m3 >= LEAST_SPILL_M3:
        return Value(f"{_number(level_m, 2)} ▲", bold=True, color=FLOOD)
    return Value(_number(level_m, 2))


def _number(value: float, digits: int, *, known: bool = True) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:.{digits}f}" if known else f"({value:.{digits}f})"


def _spans(texts: pd.Series) -> tuple[tuple[Value, int, int], ...]:
    """Return one cell for each run of the same text."""
    written = texts.to_numpy(dtype=object)
    begins = [0, *(np.flatnonzero(written[1:] != written[:-1]) + 1)] if len(written) else []
    ends = [*begins[1:], len(written)]
    return tuple((Value(str(written[a])), int(a), int(b)) for a, b in zip(begins, ends, strict=True))


def _each(texts: Iterable[str]) -> tuple[tuple[Value, int, int], ...]:
    return tuple((Value(text), k, k + 1) for k, text in enumerate(texts))


def _values(row: Columns | Spans) -> list[Value]:
    if isinstance(row, Columns):
        return [value for cell in row.cells for value in cell]
    return [value for value, _, _ in row.cells]


def _wide(value: Value) -> float:
    return width_mm(value.text, _PT, bold=value.bold)


def _side_mm(values: tuple[Value, ...], *, turned: bool) -> float:
    """Return how far values reach to either side of their column, with half of the gap to the next."""
    if turned:
        return (_LINE_MM if len(values) > 1 else _LINE_MM / 2) + 0.15
    if len(values) > 1:
        return max(map(_wide, values)) + _BESIDE_MM + _GAP_MM / 2
    return _wide(values[0]) / 2 + _GAP_MM / 2


def _touch(row: Columns, x: Floats, limits: tuple[float, float]) -> bool:
    """Return whether upright values of a row would touch each other."""
    spans = []
    for at, values in zip(x, row.cells, strict=True):
        if len(values) > 1:
            spans.append((at - _BESIDE_MM - _wide(values[0]), at + _BESIDE_MM + _wide(values[1])))
        else:
            half = _wide(values[0]) / 2
            middle = _kept(at, half, limits)
            spans.append((middle - half, middle + half))
    outside = spans[0][0] < limits[0] or spans[-1][1] > limits[1]
    return outside or any(one[1] + _GAP_MM > other[0] for one, other in pairwise(spans))


def _kept(x: float, half: float, limits: tuple[float, float]) -> float:
    """Return a place at which a value keeps off the headings and the frame."""
    return float(min(max(x, limits[0] + half + _GAP_MM), limits[1] - half - _GAP_MM))
