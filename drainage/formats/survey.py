"""Survey tables without geometry: CSV and Excel in the manner of CJJ 61, and the coded tables of the national survey.

A table of lines names its end points; a table of points gives their X (north), Y (east) and levels. Names of columns
and codes follow practice seen in survey applications; CJJ 61-2017 and GB/T 51187-2016 themselves were not at hand.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.errors import FormatError
from drainage.formats.workbook import WORKBOOK_ENDINGS, sheet_names, sheet_rows
from drainage.schema.codes import fold
from drainage.spreadsheets import unguarded

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj

    from drainage.schema import Issues

TABLE_ENDINGS: Final = {".csv", ".tsv", ".txt", *WORKBOOK_ENDINGS}
_NORTH: Final = ("x", "x坐标", "横坐标x", "纵坐标", "北坐标", "x_coord", "n")
_EAST: Final = ("y", "y坐标", "横坐标", "东坐标", "y_coord", "e")
_LON: Final = ("lon", "lng", "longitude", "经度")
_LAT: Final = ("lat", "latitude", "纬度")
_FLOW: Final = ("流向", "lx", "flowdir", "flow_direction", "flowdirection")
_MATERIALS: Final = dict(
    zip(
        ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"],
        ["混凝土", "钢筋混凝土", "陶土", "PE", "HDPE", "UPVC", "铸铁", "玻璃钢夹砂", "钢", "石棉水泥", "其他"],
        strict=True,
    )
)  # GB/T 51187 style code list of materials, as seen in applications
_BOX: Final = "5"


def read_table(path: Path, sheet: str | None = None) -> pd.DataFrame:
    """Read a table as text: ids keep their leading zeros, numbers are understood later, column by column.

    CSV may be UTF-8 or GB 18030, and separated by comma, semicolon or tab.

    Raises
    ------
    FormatError
        It is empty, or no table.
    """
    if path.suffix.lower() in WORKBOOK_ENDINGS:
        table = _sheet(path, sheet or sheet_names(path)[0])
    else:
        text = _decoded(path)
        separator = max((",", ";", "\t"), key=text.split("\n", 1)[0].count)
        try:
            rows = list(csv.reader(StringIO(text), delimiter=separator))
        except csv.Error as error:
            msg = f"{path.name}: is no table ({error})"
            raise FormatError(msg) from error
        width = len(rows[0]) if rows else 0
        ragged = [number for number, row in enumerate(rows, 1) if row and len(row) != width]
        if ragged:
            remedy = f"quote texts that hold '{separator}'"
            msg = f"{path.name}: row {ragged[0]} has not {width} columns as the heading; {remedy}"
            raise FormatError(msg)
        table = pd.DataFrame([row for row in rows[1:] if row], columns=rows[0] if rows else [], dtype="str")
    table = table.rename(columns=lambda name: unguarded(str(name)).strip())
    table = table.map(unguarded, na_action="ignore")
    if not len(table):
        msg = f"{path.name}: holds no rows; expected a heading and one row per feature"
        raise FormatError(msg)
    return table


def as_points(table: pd.DataFrame, path: Path) -> gpd.GeoDataFrame:
    """Give a table of points its geometry: X is north, Y is east (CJJ 61); longitude and latitude by their names.

    Raises
    ------
    FormatError
        It has no columns of coordinates.
    """
    lon, lat, north, east = (_column(table, names) for names in (_LON, _LAT, _NORTH, _EAST))
    x, y = (lon, lat) if lon and lat else (east, north)
    if x is None or y is None:
        found = ", ".join(table.columns)
        msg = (
            f"{path.name}: no columns of coordinates; expected X (north) and Y (east), or 经度 and 纬度; it has {found}"
        )
        raise FormatError(msg)
    xy = np.column_stack(
        [pd.to_numeric(table[c], errors="coerce").to_numpy(np.float64, na_value=np.nan) for c in (x, y)]
    )
    places = np.full(len(table), None, dtype=object)
    known = np.isfinite(xy).all(axis=1)
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
                f"{int(against.sum())} lines have flow direction 1 (end → start)",
                "their ends exchanged",
            )
    return gpd.GeoDataFrame(table, geometry=np.full(len(table), None, dtype=object), crs=crs)


def _sheet(path: Path, sheet: str) -> pd.DataFrame:
    rows = [[None if cell is None else _as_text(cell) for cell in row] for row in sheet_rows(path, sheet)]
    width = max(map(len, rows), default=0)
    rows = [row + [None] * (width - len(row)) for row in rows]
    heading = [f"Unnamed: {place}" if name is None else name for place, name in enumerate(rows[0] if rows else [])]
    return pd.DataFrame(rows[1:], columns=heading, dtype="str")


def _as_text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    msg = f"{path.name}: its text is neither UTF-8 nor GB 18030; save it as UTF-8"
    raise FormatError(msg)


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
