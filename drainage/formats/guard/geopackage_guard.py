"""What is looked at before GDAL opens a GeoPackage: a database may say that its tables are other files."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from drainage.errors import FormatError
from drainage.formats.grids import refuse_grids
from drainage.words import in_both

_INDEXES: Final = ("rtree", "fts3", "fts4", "fts5")  # of SQLite itself, left out of some builds
_QUERY: Final = re.compile(r"^\s*create\s.*?\bview\b.*\bwith\b", re.IGNORECASE | re.DOTALL)


def check_database(file: Path) -> None:
    """Refuse what plain SQLite, which knows no file but this one, cannot open or might never finish.

    GDAL and SpatiaLite bring tables that are other files (``VirtualText``, ``VirtualOGR``) and functions that read
    files or ask the network; a view, a generated column or a virtual table may call them when it is read.

    Raises
    ------
    FormatError
        It is not a sound database, or one of its tables refers elsewhere; the message names the table.
    """
    name = ""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            for view, sql in database.execute("SELECT name, sql FROM sqlite_master").fetchall():
                if sql and _QUERY.search(sql):
                    raise FormatError(in_both("view_may_never_end", file=file.name, view=view))
            names = _tables(database)
            for name in names:
                _open(database, name)
            if "gpkg_spatial_ref_sys" in names:
                for row in database.execute("SELECT * FROM gpkg_spatial_ref_sys LIMIT 100000"):
                    refuse_grids(" ".join(map(str, row)), file)
    except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError, TypeError) as error:
        what = in_both("its_table", table=name) if name else ""
        raise FormatError(in_both("not_by_sqlite", file=file.name, what=what, error=error)) from error


def _tables(database: sqlite3.Connection) -> list[str]:
    """Return the names of tables and views, as the file lists them and as SQLite understands them."""
    listed = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    # not before SQLite 3.37; a file may list a table under another name than it has
    understood = [row[1:2] for row in database.execute("PRAGMA table_list").fetchall()]
    return list(dict.fromkeys(str(name) for (name,) in (*listed, *understood)))


def _open(database: sqlite3.Connection, name: str) -> None:
    quoted = name.replace('"', '""')
    try:
        database.execute(f'SELECT * FROM "{quoted}" LIMIT 0')  # noqa: S608 - a name of the file, quoted
    except sqlite3.OperationalError as error:
        if str(error) not in {f"no such module: {index}" for index in _INDEXES}:
            raise
