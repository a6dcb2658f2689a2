"""What a GeoPackage says of its layers to whoever opens it: how each is drawn, and what its columns are called.

``layer_styles`` is the table in which QGIS keeps styles; the one that is the default is taken when a layer is opened.
``gpkg_data_columns`` belongs to the schema extension of the standard: GDAL shows its names as alternative names.

References
----------
OGC 12-128r18, GeoPackage Encoding Standard 1.3.1, F.9: the schema extension. QGIS 3.22 for ``layer_styles``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd

from drainage.errors import FormatError
from drainage.maps.layer import Layer
from drainage.maps.looks import THEMES
from drainage.maps.qgis.qml import style_text
from drainage.maps.qgis.symbols import Shape
from drainage.said import Language, in_language
from drainage.words import LANGUAGES, has_word, heading, in_both, language
from drainage.writing.unread import PRAGMAS

STYLES: Final = "layer_styles"
#: Layers of a network → their theme, and the column that chooses the look in it.
NETWORK_LOOKS: Final = {
    "pipes": ("pipes", "system"),
    "nodes": ("nodes", "kind"),
    "roads": ("context_roads", None),
    "waterways": ("waterways", None),
    "reports": ("reports", None),
    "catchments": ("catchments", None),
    "blocks": ("catchments", None),
    "neighbourhoods": ("areas", None),
    "towns": ("areas", None),
    "inactive": ("context_pipes", None),
}
_SHAPES: Final[dict[str, Shape]] = {
    "Point": "point", "MultiPoint": "point", "LineString": "line", "LinearRing": "line", "MultiLineString": "line",
    "Polygon": "polygon", "MultiPolygon": "polygon",
}  # fmt: skip
_SCHEMA_URL: Final = "http://www.geopackage.org/spec121/#extension_schema"
_TABLES: Final = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
  styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
  description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
  min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""


class Stored(NamedTuple):
    """A table as it lies in a GeoPackage: its columns and their types without that of the geometry, and that."""

    columns: dict[str, str]
    geometry: str


def network_looks(tables: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Layer]:
    """Return how the layers of a network are drawn, by their names."""
    return {name: _as_drawn(table, *NETWORK_LOOKS[name]) for name, table in tables.items() if name in NETWORK_LOOKS}


def result_looks(tables: Mapping[str, pd.DataFrame], layers: Sequence[Layer]) -> dict[str, Layer]:
    """Return how the tables of an answer are drawn, by their names: as the layer that draws their rows, or some.

    A table that no layer draws is drawn as the layer of a network that is called alike.
    """
    placed = {name: table for name, table in tables.items() if isinstance(table, gpd.GeoDataFrame)}
    looks: dict[str, Layer] = {}
    for layer in layers:
        if THEMES[layer.theme].context:
            continue
        fitting = [name for name, table in placed.items() if name not in looks and _draws(layer, table)]
        if fitting:  # where one table is a part of another, the layer was made of the part
            name = min(fitting, key=lambda one: len(placed[one]))
            looks[name] = _as_drawn(placed[name], layer.theme, layer.category)
    alike = {name: table for name, table in placed.items() if NETWORK_LOOKS.get(name, ("", ""))[1] in table}
    return network_looks(alike) | looks


def _draws(layer: Layer, table: gpd.GeoDataFrame) -> bool:
    rows, theirs = layer.frame.index, table.index
    if rows.name != theirs.name or shape_of(layer.frame) != shape_of(table):
        return False
    known = layer.category is None or layer.category in table
    return known and (rows.equals(theirs) or (layer.category is not None and bool(rows.isin(theirs).all())))


def dress(path: Path, looks: Mapping[str, Layer], *, lang: str | None = None) -> None:
    """Write into a GeoPackage how its layers are drawn in QGIS, and what all columns that are known are called.

    Parameters
    ----------
    path
        A GeoPackage whose tables are all there, and without styles.
    looks
        Table → how it is drawn.
    lang
        Language of aliases and legends; default: that of the reader (`drainage.words.language`).

    Raises
    ------
    FormatError
        One of its tables is called as that of the styles.
    """
    speaks = language(lang)
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(PRAGMAS)
        stored = stored_tables(database)
        if clash := [name for name in stored if name.lower() == STYLES]:
            raise FormatError(in_both("table_of_styles", place=path.name, table=clash[0]))
        database.executescript(_TABLES)
        for name, layer in looks.items():
            if name in stored and (shape := shape_of(layer.frame)) is not None:
                _style(database, name, stored[name], layer, shape, speaks)
        for name, table in stored.items():
            _name_columns(database, name, table, speaks)
        _register(database)


def stored_tables(database: sqlite3.Connection) -> dict[str, Stored]:
    """Return the tables of a GeoPackage that hold features or attributes."""
    shapes = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    listed = database.execute(
        "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes') ORDER BY rowid"
    )
    tables = {}
    for (name,) in listed.fetchall():
        found = database.execute("SELECT name, type FROM pragma_table_info(?)", (name,)).fetchall()
        geometry = str(shapes.get(name, ""))
        tables[str(name)] = Stored({column: kind for column, kind in found if column != geometry}, geometry)
    return tables


def shape_of(frame: gpd.GeoDataFrame) -> Shape | None:
    """Return what most features of a table are drawn as: QGIS has one style for a layer; None without any."""
    kinds = frame.geom_type.map(_SHAPES).value_counts()
    return None if kinds.empty else _SHAPES_OF[str(kinds.index[0])]


_SHAPES_OF: Final[dict[str, Shape]] = {"point": "point", "line": "line", "polygon": "polygon"}


def _as_drawn(table: gpd.GeoDataFrame, theme: str, category: str | None) -> Layer:
    return Layer(theme, table, category if category in table else None)


def _style(database: sqlite3.Connection, name: str, table: Stored, layer: Layer, shape: Shape, lang: Language) -> None:
    theme = THEMES[layer.theme]
    text = style_text(layer, shape, table.columns, str(layer.frame.index.name or ""), lang)
    database.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, 'drainage')",
        (name, table.geometry, name[:30], text, str(in_language(theme.title, lang))),
    )


def _name_columns(database: sqlite3.Connection, table: str, stored: Stored, lang: Language) -> None:
    """Name the columns that have words; a name stands once in a table."""
    taken: set[str] = set()
    for column in filter(has_word, stored.columns):
        said = heading(column, lang)
        said = f"{said} {column}" if said in taken else said
        taken.add(said)
        both = " / ".join(dict.fromkeys(heading(column, one) for one in LANGUAGES))
        database.execute(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)",
            (table, column, said, both),
        )


def _register(database: sqlite3.Connection) -> None:
    """Say in the tables of contents what was added."""
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description)"
        " VALUES (?, 'attributes', ?, '')", (STYLES, STYLES),
    )  # fmt: skip
    for name in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        database.execute(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')", (name, _SCHEMA_URL)
        )
