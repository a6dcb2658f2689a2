"""Rows of the survey's tables as tables of a network: our own columns, and what the survey's say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.errors import FormatError
from drainage.formats.census.definitions import CODES, COLLECTED, TABLES, SurveyColumn, SurveyTable
from drainage.formats.census.survey_files import read_survey
from drainage.formats.census.survey_rows import WKT, expected
from drainage.measures import has_sides, recorded_height_mm
from drainage.said import joined
from drainage.schema import Issues
from drainage.schema.columns import column_of
from drainage.schema.layers import LAYERS
from drainage.words import in_both

_OURS: Final = "_ours"
_LAYER: Final = "layer_"
#: Columns that only repeat others: what stands in them is not read back.
_MOVED: Final = "moved"
#: Columns of the survey that hold numbers.
_NUMBERS: Final = frozenset(
    ("x_north", "y_east", "surface_ele", "bot_ele", "shape_data1", "shape_data2", "in_bottom_ele", "out_bottom_ele",
     "pipe_len", "roughness")
)  # fmt: skip
_REPEATED: Final = ("form", "in_up_ele", "out_up_ele")
#: Columns that hold ids: 007 is none of the numbers.
_TEXTS: Final = frozenset(
    name for layer in LAYERS.values() for name, column in {**layer.columns, **layer.also}.items() if column.kind == "id"
)
#: Columns whose cells are words, whatever they look like.
_WORDS: Final = frozenset(
    name for layer in LAYERS.values() for name, one in layer.columns.items() if one.kind in {"id", "text", "code"}
)
_KINDS: Final = {"inlet": "inlet", "outfall": "outfall", "interceptor": "interceptor", "storage": "storage"}


def survey_layers(path: Path, issues: Issues, crs: str | None) -> tuple[dict[str, gpd.GeoDataFrame], str | None]:
    """Return the layers of a network that tables of the survey hold, and their coordinate system.

    Where a cell of the survey says something else than our column beside it, somebody edited it: the survey counts, and
    an issue says so.

    Raises
    ------
    FormatError
        A table lacks a column that is needed; a code is in no list; the message names the sheet and the row.
    """
    tables = read_survey(path)
    stated = crs or _stated_crs(tables)
    parts: dict[str, list[pd.DataFrame]] = {"nodes": [], "pipes": []}
    for name, rows in tables.items():
        table = TABLES.get(name)
        if table is not None and table.holds and len(rows):
            parts[table.holds].append(_ours(path, table, rows, issues))
    found: dict[str, gpd.GeoDataFrame] = {}
    for name, frames in parts.items():
        if frames:
            found[name] = _placed(pd.concat(frames, ignore_index=True), stated, LAYERS[name].id)
    if {"pipes", "nodes"} <= set(found):
        found["pipes"] = _drawn(found["pipes"], found["nodes"])
        found["nodes"] = found["nodes"].drop(columns=_MOVED, errors="ignore")
    for name in ("river", "lake"):
        if len(tables.get(name, ())):
            found["waterways"] = _with(found.get("waterways"), _placed(_numbered(tables[name]), stated, None))
    for name, rows in tables.items():
        if name.startswith(_LAYER) and len(rows):
            layer = name.removeprefix(_LAYER)
            found[layer] = _placed(_numbered(rows), stated, LAYERS[layer].id if layer in LAYERS else None)
    return found, stated


def _stated_crs(tables: Mapping[str, pd.DataFrame]) -> str | None:
    """Return the coordinate system that A.17 names."""
    if "material" not in tables:
        return None
    facts = dict(zip(tables["material"].iloc[:, 0], tables["material"].iloc[:, 1], strict=True))
    said = facts.get(COLLECTED["crs"])
    return None if said is None else str(said)


def _drawn(pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw pipes without a line of their own from node to node, and those of moved nodes to where these are now."""
    place = pd.Series(np.asarray(nodes.geometry.array), nodes["node_id"].astype(str))
    place = place[~place.index.duplicated()]
    ends = [place.reindex(pipes[f"{end}_node"].astype(str)).to_numpy(dtype=object) for end in ("from", "to")]
    known = pd.notna(ends[0]) & pd.notna(ends[1])
    moved = set(nodes["node_id"].astype(str)[nodes[_MOVED].eq(other=True)]) if _MOVED in nodes else set()
    touched = pipes["from_node"].astype(str).isin(moved) | pipes["to_node"].astype(str).isin(moved)
    bare = np.flatnonzero((pipes.geometry.isna() | touched).to_numpy() & known)
    lines = np.asarray(pipes.geometry.array).copy()
    corners = np.stack([shapely.get_coordinates(end[bare]) for end in ends], axis=1)
    inner = [shapely.get_coordinates(line)[1:-1] if line is not None else corners[:0, 0] for line in lines[bare]]
    lines[bare] = [
        shapely.LineString([first, *middle, last]) for (first, last), middle in zip(corners, inner, strict=True)
    ]
    return pipes.set_geometry(gpd.GeoSeries(lines, pipes.index, crs=pipes.crs))


def _with(one: gpd.GeoDataFrame | None, other: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return other if one is None else gpd.GeoDataFrame(pd.concat([one, other], ignore_index=True), crs=other.crs)


def _ours(path: Path, table: SurveyTable, rows: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    """Return rows in our columns; what the survey says otherwise counts, and is said."""
    _refuse_words(path, table, rows)
    survey = rows[[key for key in table.columns if key in rows]]
    own = rows.drop(columns=list(survey)).rename(columns=lambda name: str(name).removesuffix(_OURS))
    own = _numbered(own)
    for column in table.columns.values():
        plain = column.source and column.key != "type" and not (column.codes or column.by)
        if plain and column.source not in own and column.key in survey:
            own[column.source] = survey[column.key]
    own = _numbered(own)
    told = expected(table, own)
    edited = 0
    for key, column in table.columns.items():
        if key not in survey or not column.source or key in _REPEATED or (key == "type" and table.holds == "nodes"):
            continue
        now = survey[key]
        was = told.get(key, pd.Series(np.nan, rows.index))
        differs = ~_alike(now, was) & (now.notna() | was.notna())
        if differs.any():
            had = column.source in own
            new = _inverse(path, table, column, now[differs])
            own[column.source] = own[column.source] if had else pd.Series(None, rows.index, dtype=object)
            own[column.source] = own[column.source].astype(object)
            own.loc[differs, column.source] = new
            edited += int(differs.sum()) if had else 0
    own, elsewhere = _special(table, own, survey)
    edited += elsewhere
    if edited:
        said, done = in_both("survey_edited", count=edited, sheet=table.title), in_both("survey_counts")
        issues.add("edited", "warning", "file", [path.name], said, done)
    return _numbered(own)


def _refuse_words(path: Path, table: SurveyTable, rows: pd.DataFrame) -> None:
    """Refuse a word where the survey has a number.

    Raises
    ------
    FormatError
        There is one; the message names the sheet, the row and the heading.
    """
    for key in _NUMBERS & set(rows):
        wrong = rows[key].notna() & pd.to_numeric(rows[key], errors="coerce").isna()
        if wrong.any():
            row = rows.index[wrong][0]
            said = {"sheet": table.title, "row": row, "heading": table.columns[key].zh, "text": rows[key][row]}
            raise FormatError(in_both("survey_no_number", file=path.name, **said))


def _special(table: SurveyTable, own: pd.DataFrame, survey: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Fill kinds, places and sizes that the survey has in a way of its own; how many differ from our columns.

    A place that was edited in the survey counts, and the pipes that end there are drawn to it.
    """
    edited = 0
    if table.holds == "nodes":
        kind = own["kind"] if "kind" in own else pd.Series(None, own.index, dtype=object)
        default = pd.Series(_KINDS.get(table.name, "manhole"), own.index, dtype=object)
        if table.name == "pump":
            code = survey["type"] if "type" in survey else pd.Series(np.nan, own.index)
            works = pd.to_numeric(code, errors="coerce") == CODES["pump"]["works"]
            default = default.where(works, "pump").where(~works, "works")
        own["kind"] = kind.where(kind.notna(), default)
        if {"x_north", "y_east"} <= set(survey):
            x, y = (pd.to_numeric(survey[name], errors="coerce") for name in ("y_east", "x_north"))
            text = pd.Series(
                [None if np.isnan(a) else f"POINT ({a!r} {b!r})" for a, b in zip(x, y, strict=True)], own.index
            )
            stands = own[WKT] if WKT in own else pd.Series(None, own.index, dtype=object)
            moved = stands.notna() & (_far(stands, x, y))
            own[WKT] = stands.where(stands.notna() & ~moved, text)
            own[_MOVED] = moved
            edited = int(moved.sum())
        return own, edited
    size = pd.to_numeric(survey["shape_data1"], errors="coerce") * 1000.0 if "shape_data1" in survey else None
    if size is not None:
        had = pd.Series(recorded_height_mm(own), own.index)
        wrong = size.notna() & ~np.isclose(had, size, rtol=0, atol=1e-6)
        tall = _by_height(own)
        for name, mine in (("diameter_mm", ~tall), ("height_mm", tall)):
            own[name] = pd.Series(column_of(own, name), own.index).where(~(wrong & mine), size.round(6))
        edited = int((wrong & had.notna()).sum())
    return own, edited


def _by_height(own: pd.DataFrame) -> pd.Series:
    """Return where the size of the survey is a height of ours and no diameter: as recorded, else by the shape."""
    diameter, height = column_of(own, "diameter_mm"), column_of(own, "height_mm")
    shape = own["shape"] if "shape" in own else pd.Series(None, own.index, dtype=object)
    blank = np.isnan(diameter) & np.isnan(height)
    boxed = shape.notna() & (shape != "circular")
    return boxed.where(blank, has_sides(own) | (np.isnan(diameter) & ~blank))


def _far(text: pd.Series, x: pd.Series, y: pd.Series) -> pd.Series:
    """Return where a written point lies elsewhere than the coordinates beside it, by more than their rounding."""
    points = shapely.from_wkt(text.astype(object).where(text.notna(), None).to_numpy(dtype=object))
    away = np.hypot(shapely.get_x(points) - x, shapely.get_y(points) - y)
    return pd.Series(np.nan_to_num(away) > 1e-6, text.index)


def _alike(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return where two columns say the same: as numbers where both are, else as texts."""
    a, b = pd.to_numeric(one, errors="coerce"), pd.to_numeric(other, errors="coerce")
    close = np.isclose(a.astype(float), b.astype(float), rtol=1e-12, atol=1e-9)
    texts = one.astype("str").str.strip() == other.astype("str").str.strip()
    return pd.Series(close | (texts & one.notna() & other.notna()) | (one.isna() & other.isna()), one.index)


def _inverse(path: Path, table: SurveyTable, column: SurveyColumn, cells: pd.Series) -> pd.Series:
    """Turn cells of the survey into our words and units."""
    if column.by == "m_of_mm":
        return pd.to_numeric(cells, errors="coerce") * 1000.0
    if not column.codes:
        return cells
    words = {str(number): word for word, number in CODES[column.codes].items()}
    plain = cells.map(
        lambda cell: cell if pd.isna(cell) else f"{float(cell):g}" if _is_number(cell) else str(cell).strip()
    )
    known = plain.isna() | plain.isin(words) | plain.isin(CODES[column.codes])
    if not known.all():
        row = cells.index[~known][0]
        codes = joined([f"{number} {word}" for word, number in CODES[column.codes].items()], ", ")
        raise FormatError(
            in_both(
                "survey_code",
                file=path.name,
                sheet=table.title,
                row=row,
                heading=column.zh,
                text=cells[row],
                codes=codes,
            )
        )
    own = plain.map(lambda cell: None if pd.isna(cell) else words.get(cell, cell))
    return own.where(own != "other", "unknown" if column.codes == "category" else None)


def _is_number(cell: object) -> bool:
    try:
        float(str(cell))
    except ValueError:
        return False
    return True


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Return columns of numbers and flags as such; ids, and texts that a number would write otherwise, as they are."""
    frame = table.copy()
    for name in frame.columns:
        if frame[name].dtype == object and name not in _TEXTS:
            frame[name] = _as_numbers(frame[name])
    return frame


def _as_numbers(column: pd.Series) -> pd.Series:
    cells = column.dropna()
    if cells.empty:
        return column
    if cells.map(lambda cell: isinstance(cell, (int, float))).all():
        return column.infer_objects()
    if cells.isin(["True", "False"]).all():
        flags = column.map({"True": True, "False": False})
        return flags.astype(bool) if flags.notna().all() else flags
    if not cells.map(lambda cell: isinstance(cell, str)).all():
        return column
    numbers = pd.to_numeric(cells, errors="coerce")
    if numbers.isna().any() or (
        (numbers.map(repr) != cells).any() and (numbers.map(lambda one: f"{one:g}") != cells).any()
    ):
        return column
    return pd.to_numeric(column)


def _placed(rows: pd.DataFrame, crs: str | None, id_: str | None) -> gpd.GeoDataFrame:
    """Return a table with its geometry, its ids as text."""
    text = rows[WKT] if WKT in rows else pd.Series(None, rows.index, dtype=object)
    shapes = shapely.from_wkt(text.astype(object).where(text.notna(), None).to_numpy(dtype=object))
    frame = gpd.GeoDataFrame(rows.drop(columns=WKT, errors="ignore"), geometry=shapes, crs=crs or None)
    for name in _WORDS & set(frame):
        if frame[name].dtype == object:
            frame[name] = frame[name].map(str, na_action="ignore")
    if id_ is not None and id_ in frame:
        frame[id_] = frame[id_].astype(str)
    return frame


def marks_back(layer: str, table: gpd.GeoDataFrame, found: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return a layer with the marks of where its values come from that stand beside them in the file."""
    model = LAYERS[layer]
    if layer not in found:
        return table
    given = found[layer].drop_duplicates(model.id).set_index(model.id)
    told = {name: given[name].reindex(table.index) for name in model.marks if name in given and name in table}
    kept = {name: one.where(one.notna(), table[name]).astype(table[name].dtype) for name, one in told.items()}
    return table.assign(**kept)
