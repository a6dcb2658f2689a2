"""A network in a PostGIS database: one table a layer, ``pipes``, ``nodes`` and what lies beside them.

Needs the extra ``pg`` (SQLAlchemy, psycopg, GeoAlchemy2). The address is a SQLAlchemy URL; its query may name a schema:
``postgresql+psycopg://reader@host/city?schema=drainage``.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from drainage.errors import FormatError
from drainage.writing import scratch, write_layer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from drainage.network import DrainageNetwork

LAYERS: Final = ("pipes", "nodes", "roads", "catchments", "waterways", "reports")


def is_database(source: object) -> bool:
    """Tell the URL of a database from a path."""
    return isinstance(source, str) and source.startswith(("postgresql://", "postgresql+psycopg://"))


@contextmanager
def unloaded(url: str) -> Iterator[Path]:
    """Give the tables of a network as a GeoPackage, for as long as it is read.

    Raises
    ------
    FormatError
        The server does not answer, or has no table ``pipes`` with a geometry.
    """
    with _connected(url) as (engine, schema, place), scratch() as folder:
        from sqlalchemy import inspect

        tables = [name for name in LAYERS if name in inspect(engine).get_table_names(schema=schema)]
        if "pipes" not in tables:
            msg = f"{place}: has no table 'pipes'; write a network into it first, or name the schema: ?schema=…"
            raise FormatError(msg)
        path = folder / f"{engine.url.database}.gpkg"
        for name in tables:
            write_layer(_table(engine, name, schema, place), path, layer=name, append=path.exists())
        yield path


def write_tables(net: DrainageNetwork, url: str, *, force: bool = False) -> None:
    """Write a network into a PostGIS database, all tables or none.

    Parameters
    ----------
    force
        Replace tables of these names; without it they are an error.

    Raises
    ------
    FormatError
        The server does not answer, or a table exists and ``force`` is False.
    """
    layers = {"pipes": net.pipes, "nodes": net.nodes, **{k: v for k, v in net.layers.items() if k in LAYERS}}
    if net.catchments is not None:
        layers["catchments"] = net.catchments
    with _connected(url) as (engine, schema, place):
        from sqlalchemy import inspect
        from sqlalchemy.exc import SQLAlchemyError

        there = sorted(set(inspect(engine).get_table_names(schema=schema)) & layers.keys())
        if there and not force:
            msg = f"{place}: has tables {', '.join(there)} already; pass force=True, or name another schema"
            raise FormatError(msg)
        try:
            with engine.begin() as connection:
                for name, frame in layers.items():
                    named = frame.reset_index() if frame.index.name else frame
                    named.to_postgis(name, connection, schema=schema, if_exists="replace")
        except SQLAlchemyError as error:
            msg = f"{place}: cannot be written: {str(error).splitlines()[0]}"
            raise FormatError(msg) from error


@contextmanager
def _connected(url: str) -> Iterator[tuple[Engine, str | None, str]]:
    try:
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.pool import NullPool
    except ImportError as error:
        msg = "a PostGIS source needs the extra 'pg': pip install 'drainage[pg]'"
        raise FormatError(msg) from error
    address = make_url(url)
    schema = address.query.get("schema")
    address = address.set(drivername="postgresql+psycopg").difference_update_query(["schema"])
    place = address.render_as_string(hide_password=True)
    engine = create_engine(address, poolclass=NullPool)
    try:
        engine.connect().close()
    except SQLAlchemyError as error:
        msg = f"{place}: does not answer ({str(error.__cause__ or error).splitlines()[0]}); check host, name and rights"
        raise FormatError(msg) from error
    yield engine, schema if isinstance(schema, str) else None, place
    engine.dispose()


def _table(engine: Engine, name: str, schema: str | None, place: str) -> gpd.GeoDataFrame:
    from sqlalchemy import MetaData, Table, select
    from sqlalchemy.exc import SQLAlchemyError

    try:
        table = Table(name, MetaData(), schema=schema, autoload_with=engine)
        geometry = next((str(c.name) for c in table.columns if c.type.__class__.__name__ == "Geometry"), None)
        if geometry is None:
            msg = f"{place}: table '{name}' has no geometry; expected a column of lines or points"
            raise FormatError(msg)
        query = str(select(table).compile(engine))
        frame: gpd.GeoDataFrame = gpd.read_postgis(query, engine, geom_col=geometry)
    except SQLAlchemyError as error:
        msg = f"{place}: table '{name}' cannot be read: {str(error).splitlines()[0]}"
        raise FormatError(msg) from error
    for column in frame.columns.drop([geometry]):
        if isinstance(frame[column].dtype, pd.DatetimeTZDtype):
            frame[column] = frame[column].dt.tz_localize(None)
    return frame
