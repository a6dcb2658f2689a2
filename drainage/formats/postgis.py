"""A network in a PostGIS database: one table a layer, ``pipes``, ``nodes`` and what lies beside them.

Needs the extra ``pg`` (SQLAlchemy, psycopg, GeoAlchemy2). The address is a URL; its query may name a schema:
``postgresql://reader:password@host/city?schema=drainage``. What it says beside that goes to the driver.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pyproj

from drainage.cells import plain_columns
from drainage.errors import CrsError, FormatError
from drainage.formats.addresses import SCHEME, is_database
from drainage.formats.marks import MARK, described
from drainage.network import DrainageNetwork
from drainage.said import joined
from drainage.schema.layers import LAYERS
from drainage.words import in_both
from drainage.writing import scratch, with_names, write_layer

if TYPE_CHECKING:
    from sqlalchemy import URL, Column, Connection, Table

_SHAPES: Final = ("geometry", "geom", "the_geom", "wkb_geometry", "shape")
_NAME_BYTES: Final = 63
#: Names that every table of PostgreSQL has already, and that of our own geometry.
_RESERVED: Final = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "geometry"})


class Unloading:
    """The databases among the sources of one reading, each as a GeoPackage for as long as the stack is open."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._names: dict[str, str] = {}

    def paths(self, source: Any, layer: str | None = None) -> Any:  # noqa: ANN401 - whatever `read_network` takes
        """Return a source with a path for each URL; ``layer`` is the only table that is looked at."""
        if isinstance(source, Mapping):
            return {name: self.paths(one, name if name in LAYERS else None) for name, one in source.items()}
        if isinstance(source, (list, tuple)):
            return [self.paths(one, layer) for one in source]
        if not is_database(source):
            return source
        path = self._stack.enter_context(unloaded(str(source), layer))
        self._names[str(path)] = path.stem
        return path

    def name_again(self, net: DrainageNetwork) -> DrainageNetwork:
        """Call the databases by their names in what a network says of its source; no file of theirs is left."""
        source = net.source
        for path, name in self._names.items():
            source = source.replace(path, name)
        sources = [self._names.get(path, path) for path in net.files]
        files = [path for path in net.files if path not in self._names]
        return net.replace(origin=replace(net.origin, name=source, sources=sources, files=files))


@contextmanager
def unloaded(url: str, layer: str | None = None) -> Iterator[Path]:
    """Yield the tables of a network, or the table of one layer, as a temporary GeoPackage.

    Raises
    ------
    FormatError
        The server does not answer, or lacks the table of the pipes or that of the layer, or it has no geometry.
    """
    with _connected(url) as (connection, schema, place), scratch() as folder:
        from sqlalchemy import inspect

        layers = tuple(LAYERS) if layer is None else (layer,)
        inspector = inspect(connection)
        there = {
            *inspector.get_table_names(schema), *inspector.get_view_names(schema),
            *inspector.get_materialized_view_names(schema),
        }  # fmt: skip
        if layers[0] not in there:
            raise FormatError(in_both("database_without_table", place=place, layer=layers[0]))
        database = re.sub(r"[^\w-]", "_", str(connection.engine.url.database))
        path = folder / f"{database}.gpkg"
        for name in layers:
            frame = _table(connection, name, schema, place) if name in there else None
            if frame is not None and (len(frame) or name == layers[0]):
                write_layer(frame, path, layer=name, append=path.exists())
        if layer is None and MARK in there:
            import pandas as pd

            mark = pd.read_sql_table(MARK, connection, schema=schema)
            write_layer(mark, path, layer=MARK, append=True)
        yield path


def write_tables(net: DrainageNetwork, url: str, *, force: bool = False) -> None:
    """Write a network into a PostGIS database, all tables or none; `read_network` gives the same network.

    Columns keep their names but for control characters, " and %, what is longer than the 63 bytes that
    PostgreSQL takes, and the names of its own columns.

    Parameters
    ----------
    force
        Replace tables of these names; without it they are an error.

    Raises
    ------
    FormatError
        The server does not answer, or a table exists and ``force`` is False.
    CrsError
        The coordinate system has no number by which PostGIS knows it.
    """
    layers, mark = described(net)
    _check_crs(net)
    with _connected(url) as (connection, schema, place):
        from sqlalchemy import inspect
        from sqlalchemy.exc import SQLAlchemyError

        there = sorted(set(inspect(connection).get_table_names(schema=schema)) & layers.keys())
        if there and not force:
            raise FormatError(in_both("database_has_tables", place=place, tables=joined(there, ", ")))
        try:
            for name, frame in layers.items():
                named = with_names(
                    frame.reset_index() if frame.index.name else frame,
                    reserved=_RESERVED, most_bytes=_NAME_BYTES, refused='"%',  # which geopandas does not quote

                )  # fmt: skip
                plain_columns(named).to_postgis(name, connection, schema=schema, if_exists="replace")
            mark.to_sql(MARK, connection, schema=schema, if_exists="replace", index=False)
            connection.commit()
        except SQLAlchemyError as error:
            raise FormatError(in_both("cannot_be_written", place=place, error=str(error).splitlines()[0])) from error


@contextmanager
def _connected(url: str) -> Iterator[tuple[Connection, str | None, str]]:
    try:
        import geoalchemy2  # noqa: F401 - lets SQLAlchemy know geometry
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.pool import NullPool
    except ImportError as error:
        raise FormatError(in_both("needs_extra_pg")) from error
    address = _address(url)
    schema = address.query.get("schema")
    place = address.set(query={}).render_as_string(hide_password=True)
    engine = create_engine(address.difference_update_query(["schema"]), poolclass=NullPool)
    try:
        connection = engine.connect()
        # days are read as ISO 8601, however the server writes them
        connection.exec_driver_sql("SET datestyle TO 'ISO, YMD'; SET intervalstyle TO 'iso_8601'")
    except (SQLAlchemyError, UnicodeError) as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise FormatError(in_both("does_not_answer", place=place, reason=reason)) from error
    try:
        yield connection, schema if isinstance(schema, str) else None, place
    finally:
        connection.close()
        engine.dispose()


def _address(url: str) -> URL:
    """Read a URL; what cannot be read is not shown, for it may be all password."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    expected = in_both("database_address")
    if url.partition("?")[0].count("@") > 1:
        raise FormatError(in_both("several_at_signs", expected=expected))
    try:
        address = make_url(SCHEME.sub("postgresql+psycopg://", url.replace("\\", "/"), count=1))
    except (ArgumentError, ValueError):
        raise FormatError(in_both("no_address", expected=expected)) from None
    if not address.database:
        raise FormatError(
            in_both("names_no_database", place=address.set(query={}).render_as_string(), expected=expected)
        )
    return address


def _check_crs(net: DrainageNetwork) -> None:
    """Raise where the number that stands for the CRS in PostGIS would mean other places."""
    crs = net.crs
    if crs is None:
        raise CrsError(in_both("plan_not_on_earth", net=net.source or in_both("the_network")))
    number = crs.to_epsg(min_confidence=25)  # as it will be chosen
    if number is not None:
        west, south, east, north = net.nodes.total_bounds
        there = pyproj.Transformer.from_crs(crs, number, always_xy=True).transform([west, east], [south, north])
        if np.allclose(there, [[west, east], [south, north]], rtol=0.0, atol=0.001):
            return
    raise CrsError(in_both("no_epsg_number", crs=crs.name))


def _table(connection: Connection, name: str, schema: str | None, place: str) -> gpd.GeoDataFrame:
    from geoalchemy2 import Geometry
    from sqlalchemy import LargeBinary, MetaData, Table, func, select
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a type that SQLAlchemy does not know is read as text
            table = Table(name, MetaData(), schema=schema, autoload_with=connection)
        shape = _shape_of(table, Geometry)
        if shape is None:
            raise FormatError(in_both("table_without_geometry", place=place, table=name))
        others = [column for column in table.columns if column is not shape]
        # numbered: names that differ from each other do so in SQL as well
        query = select(
            *(_readable(column).label(f"c{number}") for number, column in enumerate(others)),
            func.ST_AsEWKB(func.ST_CurveToLine(shape), type_=LargeBinary).label("shape"),
        )
        frame: gpd.GeoDataFrame = gpd.read_postgis(  # type: ignore[call-overload]  # it takes what pandas takes
            query, connection, geom_col="shape", coerce_float=False
        )
    except SQLAlchemyError as error:
        raise FormatError(
            in_both("table_unreadable", place=place, table=name, error=str(error).splitlines()[0])
        ) from error
    return frame.rename_geometry(str(shape.name)).set_axis([str(column.name) for column in (*others, shape)], axis=1)


def _shape_of(table: Table, kind: type) -> Column[Any] | None:
    shapes = {str(column.name).lower(): column for column in reversed(table.columns) if isinstance(column.type, kind)}
    return next((shapes[name] for name in (*_SHAPES, *shapes) if name in shapes), None)


def _readable(column: Column[Any]) -> Any:  # noqa: ANN401 - a column or an expression of it
    """Choose a column as a number, a boolean or a text: the server knows the text of all its types."""
    from geoalchemy2 import Geography, Geometry
    from sqlalchemy import Boolean, Float, Integer, LargeBinary, Numeric, String, Text, cast, func

    if isinstance(column.type, (Geometry, Geography)):
        return func.ST_AsText(column)
    if isinstance(column.type, LargeBinary):
        return func.encode(column, "hex")
    return column if isinstance(column.type, (Boolean, Integer, Float, Numeric, String)) else cast(column, Text)
