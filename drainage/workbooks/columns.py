"""How each column of a table stands in a sheet: its cells, their format, its width, and where they lead."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage import words
from drainage.said import in_language
from drainage.spreadsheets import workbook_cell

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from drainage.said import Language

    #: Id → the sheet and the row, counted from 1, in which it stands.
    Places = Mapping[str, tuple[str, int]]

HEADINGS: Final = 2  # rows of headings above the first row of a table
DAY: Final = "yyyy-mm-dd"
MOMENT: Final = "yyyy-mm-dd hh:mm"
WRAPPED: Final = "wrapped"  # the look of text that is longer than its column is wide

# Widths in characters, choices of ours.
_WIDEST: Final = 34
_WIDEST_FIGURE: Final = 90
_NARROWEST: Final = 7
_MEASURED_ROWS: Final = 200
_MOST_LINKED_ROWS: Final = 100_000
_NAME_SIZE: Final = 0.8  # names stand in smaller letters than words

#: End of a name → number format, the first that fits.
_FORMATS: Final = (
    (re.compile(r"^(lon|lat)$"), "0.000000"),
    (re.compile(r"^[xy]$"), "0.00"),
    (re.compile(r"(invert|level|ground|spill).*_m$"), "0.000"),
    (re.compile(r"(rain|depth)_mm$"), "0.0"),
    (re.compile(r"_m3_per_km_mm$|_per_km$|_m3s$|_km$|_km_by_|_ha$|_per_m$|probability$"), "#,##0.000"),
    (re.compile(r"_share(_|$)"), "0.0%"),
    (re.compile(r"_(m3|m3_per_day|m3d|m3h)$"), "#,##0.0"),
    (re.compile(r"_a$"), ""),
    (re.compile(r"_m2$"), "#,##0"),
    (re.compile(r"_(mm|min)$"), "0"),
    (re.compile(r"_(pct|s)$"), "0.0"),
    (re.compile(r"_yuan$|^(work_quantity|unit_price|amount)$"), "#,##0.00"),
    (re.compile(r"_(m|h|m_s)$"), "#,##0.00"),
)
#: Column that names a row of another table → the index of that table.
_LEADS_TO: Final = {
    "point": "point_id",
    "explained_by": "point_id",
    "reports": "report_id",
    "worst_node": "node_id",
    "from_node": "node_id",
    "to_node": "node_id",
    "outfall": "node_id",
    "receiving_node": "node_id",
    "pipes_in": "pipe_id",
    "pipes_out": "pipe_id",
    "upper_pipe": "pipe_id",
    "lower_pipe": "pipe_id",
    "dry_pipe": "pipe_id",
    "wet_pipe": "pipe_id",
    "nearest_misconnection": "finding_id",
    "fouled_by": "finding_id",
    "next_meter": "meter_id",
    "settled_by": "works_id",
    "needed_works": "works_id",
    "enough_works": "works_id",
    "touched_by": "works_id",
}


@dataclass(frozen=True)
class Column:
    """A column as it is written; cells are text, numbers, days or None, and ``looks`` is one format or one a cell."""

    name: str
    heading: str
    cells: list[object]
    looks: str | list[str]
    width: float
    links: Places = field(default_factory=dict)
    left: bool = False  # whether numbers stand at the left, as text does


def lay_out(table: pd.DataFrame, lang: Language, links: Sequence[Places] = ()) -> list[Column]:
    """Return the index and the columns of a table as they are written, each with where its ids lead."""
    return [_column(part, goal, lang) for part, goal in zip(_parts(table), links or repeat({}), strict=False)]


def lay_out_figures(table: pd.DataFrame, lang: Language) -> list[Column]:
    """Return the columns of a table with one row per figure: each value has the format of its key."""
    columns = [replace(column, width=_longest(column.cells)) for column in lay_out(table, lang)]
    at = [column.name for column in columns].index("value")
    cells = columns[at].cells
    keys = [str(key).rsplit(".", 1)[0] if str(key).rsplit(".", 1)[-1].isdecimal() else str(key) for key in table.index]
    looks = [
        WRAPPED if isinstance(cell, str) else number_look(key.rsplit(".", 1)[-1], [cell])
        for key, cell in zip(keys, cells, strict=True)
    ]
    columns[at] = replace(columns[at], looks=looks, left=True)
    return columns


def _longest(cells: Sequence[object]) -> float:
    wide = max((_shown_width(cell, "") for cell in cells), default=0)
    return min(_WIDEST_FIGURE, max(_NARROWEST, wide))


def lines_of(columns: Sequence[Column], *, but: Collection[str] = ()) -> list[int]:
    """Return how many lines each row takes by texts longer than their columns are wide; ``but`` are not seen."""
    most = [1] * len(columns[0].cells)
    for column in columns:
        if column.name in but or (isinstance(column.looks, str) and column.looks != WRAPPED):
            continue
        for row, cell in enumerate(column.cells):
            look = column.looks if isinstance(column.looks, str) else column.looks[row]
            if look == WRAPPED and isinstance(cell, str):
                lines = sum(math.ceil((width_of(line) + 1) / column.width) for line in cell.split("\n"))
                most[row] = max(most[row], lines)
    return most


def with_places(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the coordinates of its places as columns; of a line and an area of a point on it."""
    if not isinstance(table, gpd.GeoDataFrame) or table.active_geometry_name is None:
        return table
    points = table.geometry.representative_point()
    found: dict[str, pd.Series] = {}
    if table.crs is None or table.crs.is_projected:
        found |= {"x": points.x.round(3), "y": points.y.round(3)}
    if table.crs is not None:
        degrees = points.to_crs(4326)
        found |= {"lon": degrees.x.round(7), "lat": degrees.y.round(7)}
    plain = pd.DataFrame(table.drop(columns=table.active_geometry_name))
    return plain.assign(**{name: values for name, values in found.items() if name not in plain})


def links_between(tables: Mapping[str, pd.DataFrame]) -> dict[str, list[Places]]:
    """Return for each table, by its index and columns, where the ids in it lead.

    A column that holds ids of another table leads to their rows there; an index leads to the first row of another table
    that names it.
    """
    own: dict[str, Places] = {}
    for name, table in tables.items():
        if len(table) <= _MOST_LINKED_ROWS:
            own.setdefault(str(table.index.name), _rows(name, table.index.to_series()))
    found: dict[str, list[Places]] = {}
    for name, table in tables.items():
        key = str(table.index.name)
        back = next(
            (there for other in tables if other != name and (there := _named_in(other, tables[other], key))), {}
        )
        found[name] = [back, *(_goal(str(column), key, own) for column in table.columns)]
    return found


def _goal(column: str, key: str, own: Mapping[str, Places]) -> Places:
    index = _LEADS_TO.get(column, column)
    return {} if index == key and column == key else own.get(index, {})


def _named_in(name: str, table: pd.DataFrame, key: str) -> Places:
    named = [column for column in table.columns if _LEADS_TO.get(str(column), str(column)) == key]
    if not named or len(table) > _MOST_LINKED_ROWS or isinstance(table[named[0]], pd.DataFrame):
        return {}
    return _rows(name, table[named[0]])


def _rows(name: str, ids: pd.Series) -> Places:
    """Return the first row of each id that is text."""
    places: dict[str, tuple[str, int]] = {}
    for row, identity in enumerate(ids.tolist(), HEADINGS + 1):
        if isinstance(identity, str) and identity:
            places.setdefault(identity, (name, row))
    return places


def dictionary(tables: Mapping[str, pd.DataFrame], lang: Language) -> pd.DataFrame:
    """Return a row for each column of the tables: its word, its unit, the tables that have it, and its codes."""
    found: dict[str, list[str]] = {}
    for name, table in tables.items():
        for part in _parts(table):
            found.setdefault(str(part.name), []).append(name)
    rows = {
        "word": [words.word(name, lang) for name in found],
        "unit": [words.unit(name) if words.has_word(name) else "" for name in found],
        "tables": [", ".join(dict.fromkeys(named)) for named in found.values()],
        "codes": [_codes(name, lang) for name in found],
    }
    return pd.DataFrame(rows, index=pd.Index(list(found), name="column", dtype=object), dtype=object)


def _codes(name: str, lang: Language) -> str:
    at = words.LANGUAGES.index(lang)
    return "; ".join(f"{code} {said[at]}" for code, said in words.codes(name).items() if code.isascii())


def _parts(table: pd.DataFrame) -> list[pd.Series]:
    """Return the index and all columns but the shapes, each with its name."""
    shapes = table.active_geometry_name if isinstance(table, gpd.GeoDataFrame) else None
    plain = pd.DataFrame(table.drop(columns=shapes or "geometry", errors="ignore"))
    name = "row" if plain.index.name is None else plain.index.name
    index = plain.index.to_series(name=name).reset_index(drop=True)
    return [index, *(plain.iloc[:, number].reset_index(drop=True) for number in range(plain.shape[1]))]


def _column(column: pd.Series, links: Places, lang: Language) -> Column:
    name = workbook_cell(str(column.name))
    cells, look = _cells(column, str(column.name), lang)
    heading = str(workbook_cell(words.heading(str(column.name), lang)))
    if words.has_word(str(column.name)):
        heading = heading[0].upper() + heading[1:]
    texts = [_shown_width(cell, look) for cell in cells[:_MEASURED_ROWS]]
    lines = max((len(line) for line in re.split(r"[\s（(]", heading)), default=0) if heading.isascii() else 0
    wanted = max(_NARROWEST, *texts, lines + 1, width_of(heading) / 3 + 1, len(str(name)) * _NAME_SIZE / 2 + 1)
    return Column(str(name), heading, cells, look, min(_WIDEST, wanted), links)


def _cells(column: pd.Series, name: str, lang: Language) -> tuple[list[object], str]:
    """Return the cells of a column as a workbook takes them, and their look."""
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else "O"
    if kind == "f":
        numbers = column.to_numpy(dtype=np.float64)
        cells: list[object] = [number if finite else None for number, finite in
                               zip(numbers.tolist(), np.isfinite(numbers).tolist(), strict=True)]  # fmt: skip
        return cells, number_look(name, cells)
    cells = [words.shown(name, workbook_cell(in_language(value, lang)), lang) for value in column.tolist()]
    if any(isinstance(cell, str) and len(cell) > _WIDEST for cell in cells):
        return cells, WRAPPED
    days = [cell for cell in cells if isinstance(cell, dt.date)]
    if days:
        return cells, DAY if all(
            not isinstance(day, dt.datetime) or day.time() == dt.time() for day in days
        ) else MOMENT
    return cells, number_look(name, [cell for cell in cells if isinstance(cell, (int, float))])


def number_look(name: str, cells: Sequence[object]) -> str:
    """Return the number format that a name asks for; without one, three decimals where there are any."""
    if not any(isinstance(cell, (int, float)) for cell in cells):
        return ""
    for sign, look in _FORMATS:
        if sign.search(name):
            return look
    return "0.000" if any(isinstance(cell, float) and not cell.is_integer() for cell in cells) else ""


def _shown_width(cell: object, look: str) -> float:
    """Return about how many characters a cell takes."""
    if isinstance(cell, dt.date):
        return len(look) + 1
    if isinstance(cell, float):
        decimals = len(look.partition(".")[2])
        cell *= 100.0 if look.endswith("%") else 1.0
        return len(f"{cell:,.{decimals}f}") + 1
    return 0 if cell is None else width_of(str(cell)) + 1


def width_of(text: str) -> int:
    """Return how many characters a text is wide, a Chinese one counting for two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text[:2000])
