"""What is said of a store that cannot be read or written: why, and the remedy for that alone."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import drainage as dr
from drainage_api.store.database import DATABASE, StoreError, as_store_error
from drainage_api.store.opened import Store, readable
from drainage_api.store.reasons import reason_of


def said_of(cause: Exception) -> str:
    with pytest.raises(dr.errors.FormatError) as caught, readable(Path("store")), as_store_error():
        raise cause
    return str(caught.value)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (OSError(errno.ENOSPC, "full"), "no space is left"),
        (OSError(errno.EROFS, "read-only"), "cannot be written"),
        (PermissionError(errno.EACCES, "no"), "cannot be written"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), "cannot be reached"),
        (OperationalError("", None, sqlite3.OperationalError("database or disk is full")), "no space is left"),
        (OperationalError("", None, sqlite3.OperationalError("database is locked")), "keeps it busy"),
        (OSError(errno.EIO, "i/o"), "look at the directory"),
    ],
)
def test_each_cause_has_its_remedy_and_none_is_a_backup(cause: Exception, said: str) -> None:
    told = said_of(cause)
    assert said in told
    assert "backup" not in told


def test_a_database_that_cannot_be_reached_is_told_as_that() -> None:
    with (
        pytest.raises(dr.errors.FormatError, match="cannot be reached"),
        Store.opened(None, "postgresql://someone:secret@127.0.0.1:1/nothing"),
    ):
        pass


def test_only_of_damage_is_a_backup_the_remedy(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "store"):
        pass
    (tmp_path / "store" / DATABASE).write_bytes(b"no database" * 100)
    with pytest.raises(dr.errors.FormatError, match="restore it from a backup"), Store.opened(tmp_path / "store"):
        pass


def test_what_sqlite_says_of_a_file_that_it_may_only_read(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "store") as store:
        with store.database.reading() as connection:
            connection.execute(text("PRAGMA query_only = ON"))
            with pytest.raises(StoreError) as caught, as_store_error():
                connection.execute(text("DELETE FROM about"))
        assert reason_of(caught.value) == "read_only"
