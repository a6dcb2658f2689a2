"""What is looked at before GDAL opens a GeoPackage: a database may say that its tables are other files."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from drainage.errors import FormatError
from drainage.formats.grids import refuse_grids
from drainage.words import in_both

_INDEXES: Final = ("rtree", "fts3", "fts4", "fts5")  # of SQLite itself, left out of some builds
#: Triggers of the standard's own tables and of GDAL, which count features and keep the spatial index.
_OWN_TRIGGERS: Final = re.compile(r"(?:rtree_|gpkg_|trigger_(?:insert|delete)_feature_count_)", re.IGNORECASE)
_NUMERIC: Final = re.compile(r"(?:tiny|small|medium|big)?int|integer|real|double|float|numeric|boolean", re.IGNORECASE)
#: What Python's SQLite raises at a file that is none, or is damaged.
_UNREADABLE: Final = (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError, TypeError)
_QUERY: Final = re.compile(r"^\s*create\s.*?\bview\b.*\bwith\b", re.IGNORECASE | re.DOTALL)


@contextmanager
def to_read(file: Path, *, alone: bool = True) -> Iterator[sqlite3.Connection]:
    """Open a database that somebody sent: it is not written, and neither other files nor extensions are opened by it.

    Parameters
    ----------
    alone
        Whether it is all there is; a log of writes beside it is a part of it otherwise, as it is for GDAL.

    Raises
    ------
    FormatError
        It is no database, or what is asked of it cannot be answered.
    """
    address = f"{file.resolve().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            database.execute("PRAGMA trusted_schema = OFF")
            yield database
    except _UNREADABLE as error:
        raise FormatError(in_both("not_by_sqlite", file=file.name, what="", error=error)) from error


def check_database(file: Path) -> None:
    """Refuse what plain SQLite, which knows no file but this one, cannot open or might never finish.

    GDAL and SpatiaLite bring tables that are other files (``VirtualText``, ``VirtualOGR``) and functions that read
    files or ask the network; a view, a generated column or a virtual table may call them when it is read.

    Raises
    ------
    FormatError
        It is not a sound database, or one of its tables refers elsewhere; the message names the table.
    """
    with to_read(file, alone=False) as database:
        for view, sql in database.execute("SELECT name, sql FROM sqlite_master").fetchall():
            if sql and _QUERY.search(sql):
                raise FormatError(in_both("view_may_never_end", file=file.name, view=view))
        names = _tables(database)
        for name in names:
            _open(database, name, file)
        if "gpkg_spatial_ref_sys" in names:
            for row in database.execute("SELECT * FROM gpkg_spatial_ref_sys LIMIT 100000"):
                refuse_grids(" ".join(map(str, row)), file)


def check_plain(file: Path) -> None:
    """Refuse a database that somebody sent in which anything but plain tables says what they hold.

    Raises
    ------
    FormatError
        It has a view, or a trigger that is none of those which GeoPackage and its programs make; or a text stands in a
        column of numbers.
    """
    with to_read(file) as database:
        rows = database.execute("SELECT type, name FROM sqlite_master WHERE type IN ('view', 'trigger')").fetchall()
        for kind, name in rows:
            if kind == "view":
                raise FormatError(in_both("geopackage_view", file=file.name, name=str(name)[:60]))
            if not _OWN_TRIGGERS.match(str(name)):
                raise FormatError(in_both("geopackage_trigger", file=file.name, name=str(name)[:60]))
        mixed = _texts_for_numbers(database)
    if mixed is not None:
        raise FormatError(in_both("geopackage_text", file=file.name, column=mixed[0], text=str(mixed[1])[:40]))


def _texts_for_numbers(database: sqlite3.Connection) -> tuple[str, object] | None:
    """Return a column of numbers that holds a text, and the text, which GDAL takes for 0; None where there is none."""
    tables = database.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'").fetchall()
    for (table,) in tables:
        quoted = _quoted(str(table))
        for _, column, kind, *_ in database.execute(f"PRAGMA table_info({quoted})").fetchall():
            if _NUMERIC.match(str(kind)):
                name = _quoted(str(column))
                ask = f"SELECT {name} FROM {quoted} WHERE typeof({name}) = 'text' LIMIT 1"  # noqa: S608 - names, quoted
                if found := database.execute(ask).fetchone():
                    return str(column), found[0]
    return None


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _tables(database: sqlite3.Connection) -> list[str]:
    """Return the names of tables and views, as the file lists them and as SQLite understands them."""
    listed = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    # not before SQLite 3.37; a file may list a table under another name than it has
    understood = [row[1:2] for row in database.execute("PRAGMA table_list").fetchall()]
    return list(dict.fromkeys(str(name) for (name,) in (*listed, *understood)))


def _open(database: sqlite3.Connection, name: str, file: Path) -> None:
    try:
        database.execute(f"SELECT * FROM {_quoted(name)} LIMIT 0")  # noqa: S608 - a name of the file, quoted
    except _UNREADABLE as error:
        if str(error) not in {f"no such module: {index}" for index in _INDEXES}:
            what = in_both("its_table", table=name)
            raise FormatError(in_both("not_by_sqlite", file=file.name, what=what, error=error)) from error
