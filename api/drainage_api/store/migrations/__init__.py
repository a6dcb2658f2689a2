"""From the tables of an older program to those of this one: Alembic's steps, in the transaction of the one who opens.

The layout stands in the store itself; a program that is older than the store does not touch it.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, insert, inspect, select, update

import drainage as dr
from drainage import words
from drainage_api.store.database import NOTHING, Database, StoreError
from drainage_api.store.tables import LAYOUT, about, head, tables

#: While tables are made GeoAlchemy2 keeps columns of theirs where all threads see them.
_MAKING: Final = Lock()
_LAYOUT = about.c.name == "layout"


def is_there(connection: Connection) -> bool:
    """Tell whether a store was made in a database."""
    return inspect(connection).has_table(about.name)


def made_anew(connection: Connection) -> None:
    """Make the tables of a store that is empty."""
    with _MAKING:
        tables.create_all(connection, checkfirst=False)
    values = {"layout": str(LAYOUT).encode(), "secret": secrets.token_bytes(32)}
    connection.execute(insert(about), [{"name": name, "value": value} for name, value in values.items()])
    start: dict[str, Any] = {"lines": 0, "digest": NOTHING, "size": 0}
    connection.execute(insert(head), {"id": 1, **start, **{f"next_{name}": one for name, one in start.items()}})


def brought_up(database: Database) -> None:
    """Take the steps that a store of an older program lacks, all or none.

    Raises
    ------
    FormatError
        It is of a newer program.
    StoreError
        It cannot be read or written.
    """
    with database.reading() as connection:
        layout = _layout(connection)
    if layout > LAYOUT:
        raise dr.errors.FormatError(
            words.in_both("store_newer", place=database.shown, layout=layout, known=LAYOUT, program=dr.__version__)
        )
    if layout == LAYOUT:
        return
    with database.writing() as connection:
        layout = _layout(connection)  # another process may have been first
        if layout < LAYOUT:
            _steps(connection, layout)
            connection.execute(update(about).where(_LAYOUT).values(value=str(LAYOUT).encode()))


def _layout(connection: Connection) -> int:
    said = connection.scalar(select(about.c.value).where(_LAYOUT))
    if said is None or not said.isdigit():
        raise StoreError(f"layout {said!r}")
    return int(said)


def _steps(connection: Connection, layout: int) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("version_locations", str(Path(__file__).parent / "steps").replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.stamp(config, str(layout), purge=True)
    command.upgrade(config, str(LAYOUT))
