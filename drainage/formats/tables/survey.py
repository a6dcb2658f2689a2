"""Survey tables without geometry: CSV and Excel in the manner of CJJ 61, and the coded tables of the national survey.

A table of lines names its end points; a table of points gives their X (north), Y (east) and levels. Names of columns
and codes follow practice seen in survey applications; CJJ 61-2017 and GB/T 51187-2016 themselves were not at hand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from drainage.errors import EmptyLayerError, FormatError
from drainage.formats.tables.headings import EAST, LAT, LON, NORTH, Heading, Sorted, find_heading, sort_rows
from drainage.formats.tables.rows import rows_of_text
from drainage.formats.tables.workbook import WORKBOOK_ENDINGS, cells_of_sheet, sheet_names
from drainage.said import joined
from drainage.schema import Issues
from drainage.schema.codes import fold
from drainage.schema.columns import bare_name, unique_names
from drainage.schema.text.values import read_numbers
from drainage.words import in_both

TABLE_ENDINGS: Final = {".csv", ".tsv", ".txt", *WORKBOOK_ENDINGS}
_FLOW: Final = ("流向", "lx", "flowdir", "flow_direction", "flowdirection")
_MATERIALS: Final = dict(
    zip(
        ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"],
        ["混凝土", "钢筋混凝土", "陶土", "PE", "HDPE", "UPVC", "铸铁", "玻璃钢夹砂", "钢", "石棉水泥", "其他"],
        strict=True,
    )
)  # GB/T 51187 style code list of materials, as seen in applications
_BOX: Final = "5"


def read_table(
    path: Path,
    sheet: str | None = None,
    *,
    heading_row: int | None = None,
    names: Collection[str] = (),
    issues: Issues | None = None,
) -> pd.DataFrame:
    """Read a table as text: ids keep their leading zeros, numbers are understood later, column by column.

    CSV may be UTF-8, UTF-16 or GB 18030, and separated by comma, semicolon, tab or bar. The heading is found below
    titles; levels of it are joined; units, sums and signatures below it are set aside
    (`drainage.formats.tables.headings`).

    Parameters
    ----------
    sheet
        Of a workbook; by default the first.
    heading_row
        Row at which the heading begins, from 1; by default it is sought.
    names
        Names of columns beside those of the catalogue by which a heading is known.
    issues
        Receives issues about rows that are not data.

    Returns
    -------
    A column for each heading; the index is the number of the row in the file. Blank cells are missing.

    Raises
    ------
    FormatError
        It is empty, or no table.
    """
    place = f"{path.name} {sheet}" if sheet else path.name
    also = {bare_name(name) for name in names}
    lost: dict[int, int] = {}
    if path.suffix.lower() in WORKBOOK_ENDINGS:
        rows, lost = cells_of_sheet(path, sheet)
        others = sheet_names(path)[1:] if sheet is None else []
        if others and issues is not None:
            reason = in_both("sheets_too", sheets=joined(others, ", "))
            issues.add("sheets_left", "warning", "file", [path.name], reason, in_both("first_sheet_read"))
        heading = find_heading(rows, row=heading_row, also=also, place=place)
    else:
        rows, heading = rows_of_text(path, heading_row, also)
    found = sort_rows(rows, heading)
    if path.suffix.lower() not in WORKBOOK_ENDINGS:
        _refuse_ragged(found.rows, len(heading.names), path)
    if not found.rows:
        raise EmptyLayerError(in_both("no_rows", place=place))
    width = max([len(heading.names), *(len(cells) for _, cells in found.rows)])
    columns = unique_names([*heading.names, *[""] * (width - len(heading.names))])
    cells = [cells if len(cells) == width else [*cells, *[""] * (width - len(cells))] for _, cells in found.rows]
    table = pd.DataFrame(cells, columns=columns, index=[number for number, _ in found.rows], dtype="str")
    table = table.apply(_without_blanks)
    if issues is not None:
        _report_rows(place, heading, found, issues)
        _report_lost(place, columns, lost, issues)
    named = [*map(bool, heading.names), *[False] * (width - len(heading.names))]
    return table.loc[:, np.array(named) | table.notna().any().to_numpy()]


def _without_blanks(column: pd.Series) -> pd.Series:
    text = column.str.strip()
    return text.where(text != "")


def _refuse_ragged(rows: Sequence[tuple[int, Sequence[str]]], width: int, path: Path) -> None:
    """Refuse a table whose rows have not the cells of its heading: one sign more or less shifts all that follows."""
    for number, cells in rows:
        if len(cells) != width and (len(cells) < width or any(cell.strip() for cell in cells[width:])):
            raise FormatError(in_both("row_not_so_wide", file=path.name, row=number, width=width))


def _report_rows(place: str, heading: Heading, found: Sorted, issues: Issues) -> None:
    """Report where the heading was found and which rows are not data."""
    if (heading.first, heading.end) != (0, 1):
        first, last = heading.first + 1, heading.end
        rows = in_both("row_number", row=last) if first == last else in_both("rows_from_to", first=first, last=last)
        above = in_both("rows_above_heading", count=heading.first) if heading.first else ""
        reason = in_both("heading_is", rows=rows, above=above)
        issues.add("heading_found", "info", "file", [place], reason, in_both("heading_read_so"))
    for code, numbers, what in (
        ("units_row", found.units, in_both("units_or_numbers")),
        ("heading_repeated", found.repeated, in_both("heading_repeated")),
        ("total_row", found.totals, in_both("sums_or_notes")),
    ):
        if numbers:
            more = " …" if len(numbers) > 8 else ""
            reason = in_both("rows_that_are", rows=joined(numbers[:8], ", "), more=more, what=what)
            issues.add(code, "info", "file", [place], reason, in_both("no_row_of_data"))
    again = [name for name in {*heading.names} if name and heading.names.count(name) > 1]
    reasons = [in_both("column_repeated", place=place, name=name) for name in again]
    issues.add("repeated_column", "warning", "column", again, reasons, in_both("first_read"))


def _report_lost(place: str, columns: Sequence[str], lost: Mapping[int, int], issues: Issues) -> None:
    """Report formula cells for which the program that wrote the file stored no value."""
    names = [columns[column] for column in lost if column < len(columns)]
    reasons = [
        in_both("formulas_without_value", place=place, count=count, column=name)
        for name, count in zip(names, lost.values(), strict=False)
    ]
    issues.add("formula_without_value", "error", "column", names, reasons, in_both("calculate_and_save"))


def as_points(table: pd.DataFrame, path: Path, issues: Issues) -> gpd.GeoDataFrame:
    """Add the geometry to a table of points: X is north, Y is east (CJJ 61); longitude and latitude by their names.

    Raises
    ------
    FormatError
        It has no columns of coordinates, or none of them can be read.
    """
    lon, lat, north, east = (_column(table, names) for names in (LON, LAT, NORTH, EAST))
    x, y = (lon, lat) if lon and lat else (east, north)
    if x is None or y is None:
        raise FormatError(in_both("no_coordinates_in", file=path.name, has=joined(table.columns, ", ")))
    possible = (-180.0, 180.0) if x == lon else None
    read = read_numbers(pd.concat([table[x], table[y]], ignore_index=True), possible=possible)
    xy = read.number.reshape(2, -1).T
    bad = read.unreadable.reshape(2, -1).T
    places = np.full(len(table), None, dtype=object)
    known = np.isfinite(xy).all(axis=1)
    if not known.any():
        odd = next((str(value) for value in pd.concat([table[x][bad[:, 0]], table[y][bad[:, 1]]])), in_both("nothing"))
        raise FormatError(in_both("no_row_has_coordinates", file=path.name, x=x, y=y, odd=odd))
    for column, rows in ((x, bad[:, 0]), (y, bad[:, 1])):
        reasons = [in_both("is_no_number", column=column, text=value) for value in table[column][rows]]
        named = [f"{path.name} row {row}" for row in table.index[rows]]
        issues.add("not_a_number", "error", "row", named, reasons, in_both("read_without_place"))
    if read.style is not None and read.style.marked:
        reason = in_both("commas_in_coordinates", place=path.name, x=x, y=y)
        issues.add("decimal_comma", "info", "column", [f"{x}, {y}"], reason, in_both("read_in_one_form"))
    places[known] = shapely.points(xy[known])
    return gpd.GeoDataFrame(table.drop(columns=[x, y]), geometry=places, crs=4490 if x == lon else None)


def as_lines(table: pd.DataFrame, crs: pyproj.CRS | None, issues: Issues, path: Path) -> gpd.GeoDataFrame:
    """Make a layer of a table of lines, whose geometry follows from its points; national codes are spelled out.

    Lines whose flow direction is recorded as 1 (end → start) are turned.
    """
    table = _spell_codes(table)
    flow = _column(table, _FLOW)
    if flow is not None:
        against = table[flow].astype("str").str.strip().eq("1").fillna(value=False).to_numpy()
        if against.any():
            table = _turn(table, against)
            issues.add(
                "recorded_against_flow",
                "info",
                "file",
                [path.name],
                in_both("lines_against_flow", count=int(against.sum())),
                in_both("ends_exchanged"),
            )
    return gpd.GeoDataFrame(table, geometry=np.full(len(table), None, dtype=object), crs=crs)


def _column(table: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    by_fold = {fold(str(column)): str(column) for column in table.columns}
    return next((by_fold[name] for name in names if name in by_fold), None)


def _spell_codes(table: pd.DataFrame) -> pd.DataFrame:
    """Spell out the national codes: ShapeData1 is a diameter or the depth of a box, ShapeData2 its width, in metres."""
    shape, first, second, material = (
        _column(table, (name,)) for name in ("shapetype", "shapedata1", "shapedata2", "material")
    )
    if shape is None or first is None:
        return table
    box = table[shape].astype("str").str.strip().eq(_BOX).fillna(value=False)
    size = table[first].astype("str") + " m"
    table = table.assign(diameter_mm=size.mask(box | table[first].isna()), height_mm=size.where(box))
    table = table.drop(columns=[first])
    if second is not None:
        table = table.assign(width_mm=(table[second].astype("str") + " m").where(box)).drop(columns=[second])
    if material is not None:
        table[material] = table[material].map(lambda code: _MATERIALS.get(str(code).strip(), code))
    return table


def _turn(table: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Exchange what is said of the start and of the end of some lines."""
    table = table.copy()
    for a, b in (("起点", "终点"), ("qd", "zd"), ("in_", "out_")):
        for column in [c for c in table.columns if str(c).lower().startswith(a)]:
            rest = str(column)[len(a) :]
            twin = next((c for c in table.columns if str(c).lower() == f"{b}{rest.lower()}"), None)
            if twin is not None:
                start, end = table[column].to_numpy(copy=True), table[twin].to_numpy(copy=True)
                table[column] = np.where(rows, end, start)
                table[twin] = np.where(rows, start, end)
    return table
