"""Where the heading of a table is, in how many levels, and which rows below it are not data.

Surveys come with titles above the heading, merged cells (``起点`` over ``点号``, ``管底高程``), a row of units or of
numbers of columns below it, and sums and signatures at the end.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from drainage.errors import EmptyLayerError, FormatError
from drainage.schema.codes import fold
from drainage.schema.columns import bare_name
from drainage.schema.evidence import split_unit
from drainage.schema.layers import EVIDENCE, LAYERS
from drainage.schema.text.cell_text import plain
from drainage.words import in_both

Rows = list[list[str]]

#: Names of coordinates: X is north, Y is east (CJJ 61).
NORTH: Final = ("x", "x坐标", "横坐标x", "纵坐标", "北坐标", "x_coord", "n")
EAST: Final = ("y", "y坐标", "横坐标", "东坐标", "y_coord", "e")
LON: Final = ("lon", "lng", "longitude", "经度")
LAT: Final = ("lat", "latitude", "纬度")

_SEARCHED: Final = 20  # rows in which a heading is sought; a choice of ours
_LEVELS: Final = 3
_FEWEST_NUMBERS: Final = 5  # so many cells 1, 2, 3 … are numbers of columns; likewise
_NUMERIC: Final = re.compile(r"[-+−]?[\d.,]*\d[\d.,%]*(?:[-/:年月].*)?$")
_UNIT: Final = re.compile(
    r"[\(\[]?(?:mm|cm|dm|m|km|in|inch|ft|m2|m²|m3|m³|ha|°|‰|%|a|h|d|min|s|l/s|m/s|m3/s|m3/d|m3/h|mg/l|us/cm|μs/cm|"
    r"mm/h|mm/min|毫米|厘米|米|公里|公顷|年|天|小时|分钟)[\)\]]?$"
)
_TOTALS: Final = frozenset(
    (
        "合计",
        "总计",
        "小计",
        "共计",
        "累计",
        "本页合计",
        "本页小计",
        "total",
        "totals",
        "sum",
        "subtotal",
        "grand_total",
    )
)
_NOTE: Final = re.compile(
    r"(?:制表|审核|复核|校核|校对|编制|填表|填报|绘图|备注|注|说明|日期|单位)\s*[:：]|"
    r"(?:notes?|remarks?|source|prepared by|checked by)\s*:",
    re.IGNORECASE,
)


class Heading(NamedTuple):
    """The heading of a table: its first row, the row after its last, the names of columns, how many are known."""

    first: int
    end: int
    names: list[str]
    known: int


class Sorted(NamedTuple):
    """The rows of data under a heading, each with its number in the file; and the numbers of other rows."""

    rows: list[tuple[int, list[str]]]
    units: list[int]
    repeated: list[int]
    totals: list[int]


@lru_cache
def _catalogue() -> frozenset[str]:
    names = {*NORTH, *EAST, *LON, *LAT, "流向", "lx", "shapedata1", "shapedata2"}
    columns = [column for layer in (*LAYERS.values(), *EVIDENCE.values()) for column in layer.columns.values()]
    return frozenset(names | {fold(name) for column in columns for name in (column.name, *column.names)})


def find_heading(rows: Rows, *, row: int | None, also: Collection[str], place: str) -> Heading:
    """Find the heading among the first rows: that of which the catalogue knows most names.

    Parameters
    ----------
    row
        Number of its first row, from 1, where the user says it.
    also
        Names of columns that count as known too, folded.
    place
        Name of the file, for messages.

    Raises
    ------
    FormatError
        There is no such row.
    """
    known = _catalogue() | set(also)
    if row is not None:
        if not 1 <= row <= len(rows):
            raise FormatError(in_both("heading_row_beyond", place=place, row=row, rows=len(rows)))
        starts = [row - 1]
    else:
        starts = [number for number, cells in enumerate(rows[:_SEARCHED]) if _filled(cells)]
    fullest = max((len(_filled(rows[number])) for number in starts), default=0)
    best = None
    for start in starts:
        for levels in range(1, _LEVELS + 1):
            found = _heading(rows, start, levels, known)
            if found is None:
                break
            plausible = best is not None or row is not None or len(_filled(rows[start])) >= min(2, fullest)
            if plausible and (best is None or found.known > best.known):
                best = found
    if best is None:
        raise EmptyLayerError(in_both("no_rows", place=place))
    return best


def sort_rows(rows: Rows, heading: Heading) -> Sorted:
    """Sort rows into data and others: blank rows, units and column numbers, repeated headings, sums and signatures.

    Units below a name become part of it (in place in ``heading.names``).
    """
    found = Sorted([], [], [], [])
    last = rows[heading.end - 1]
    for number, cells in enumerate(rows[heading.end :], heading.end + 1):
        if found.rows and _is_plain_row(cells, last):
            found.rows.append((number, cells))
            continue
        filled = _filled(cells)
        at_top = not found.rows
        if not filled:
            continue
        if at_top and _holds_units(filled):
            _name_units(heading.names, cells)
            found.units.append(number)
        elif at_top and _counts_columns(filled):
            found.units.append(number)
        elif _filled(last) == filled or (at_top and _names_again(filled)):
            found.repeated.append(number)
        elif _is_total(cells, filled):
            found.totals.append(number)
        else:
            found.rows.append((number, cells))
    return found


def _heading(rows: Rows, start: int, levels: int, known: Collection[str]) -> Heading | None:
    """Take rows as a heading of so many levels; None where they cannot be one."""
    taken = rows[start : start + levels]
    if len(taken) < levels or any(not _filled(cells) for cells in taken):
        return None
    if levels > 1 and any(_NUMERIC.match(plain(cell)) for cells in taken for cell in _filled(cells)):
        return None
    names = _joined(taken, known)
    return Heading(start, start + levels, names, len({_bare(name) for name in names if _bare(name) in known}))


def _joined(levels: Rows, known: Collection[str]) -> list[str]:
    """Join the levels of a heading, each over its columns."""
    width = max(map(len, levels))
    names = [*_padded(levels[0], width)]
    for cells in levels[1:]:
        lower = _padded(cells, width)
        above, upper = "", []
        for name, cell in zip(names, lower, strict=True):
            above = name or above
            upper.append(above if cell else name)
        names = [_both(over, under, lower.count(under) == 1, known) for over, under in zip(upper, lower, strict=True)]
    return names


def _both(over: str, under: str, alone: bool, known: Collection[str]) -> str:  # noqa: FBT001 - a helper of one place
    """Name a column by the cell above and the one below, in the way that the catalogue knows."""
    if not over or not under:
        return over or under
    if _is_unit(under):
        return f"{over}({plain(under).strip('()[]')})"
    ways = [f"{over}{under}", f"{over} {under}", f"{under}{over}", f"{under} {over}", *([under] if alone else [])]
    return next((way for way in ways if _bare(way) in known), ways[0])


def _bare(name: str) -> str:
    return bare_name(name) if name else ""


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [cell.strip() for cell in cells] + [""] * (width - len(cells))


def _filled(cells: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in cells if cell and cell.strip()]


def _is_plain_row(cells: Sequence[str], heading: Sequence[str]) -> bool:
    """Return quickly whether a row is data: it begins no sum, no signature and no repeated heading."""
    first = cells[0].strip() if cells else ""
    colon = not first[:1].isdigit() and (":" in first or "：" in first)  # what begins with a digit is a time, no note
    return bool(first) and not colon and first.lower() not in _TOTALS and cells != heading


def _holds_units(filled: Sequence[str]) -> bool:
    return any(map(_is_unit, filled)) and all(_is_unit(cell) or cell in {"-", "/"} for cell in filled)


def _name_units(names: list[str], cells: Sequence[str]) -> None:
    for column, cell in enumerate(cells[: len(names)]):
        if _is_unit(cell) and split_unit(names[column])[1] is None:
            names[column] = f"{names[column]}({plain(cell).strip('()[]')})"


def _is_unit(cell: str) -> bool:
    return _UNIT.match(plain(cell).lower()) is not None


def _counts_columns(filled: Sequence[str]) -> bool:
    numbers = [plain(cell).strip("()①") for cell in filled]
    return len(numbers) >= _FEWEST_NUMBERS and numbers == [str(number) for number in range(1, len(numbers) + 1)]


def _names_again(filled: Sequence[str]) -> bool:
    """Return whether a row is a second heading, such as codes below Chinese names."""
    count = sum(_bare(cell) in _catalogue() for cell in filled)
    return count >= 3 and count * 2 > len(filled) and not any(_NUMERIC.match(plain(cell)) for cell in filled)


def _is_total(cells: Sequence[str], filled: Sequence[str]) -> bool:
    first = filled[0]
    if fold(first).replace(" ", "") in _TOTALS:
        return True
    return _NOTE.match(first) is not None and len(filled) < max(3, len(cells))
