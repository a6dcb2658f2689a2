"""A store in one file, taken of a running server, and a store made of such a file: on either engine, of either.

The file is a ZIP: the rows of each table as lines of JSON, the audit log as it is, the objects under their digests,
and a list of all of them with their digests, which is written last.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Connection, Table, delete, func, insert, select

import drainage as dr
from drainage import words
from drainage_api.store.audit import moment, rows_of_log
from drainage_api.store.database import DATABASE, LOG, StoreError, as_store_error
from drainage_api.store.objects import DamagedError
from drainage_api.store.opened import RESTORING, Store
from drainage_api.store.tables import (
    LAYOUT,
    about,
    audit_lines,
    head,
    object_parts,
    objects,
    tables,
    versions,
)
from drainage_api.store.whole import named

_FORMAT: Final = "drainage store"
_LIST: Final = "list.json"
_OBJECTS: Final = "objects/"
#: What is told in another form; every other table row by row.
_APART: Final = (audit_lines, objects, object_parts)
#: Of `about`, all but what tells how this very database is laid out, and how far it is.
_OWN: Final = about.c.name.not_in(["layout", RESTORING])
_AT_ONCE: Final = 500  # rows
_MOST_LIST: Final = 1 << 30  # bytes of a list that is read; own choice


@dataclass(frozen=True, slots=True)
class Told:
    """What is in a backup.

    Parameters
    ----------
    made
        When it was begun, ISO, in UTC.
    versions, objects, entries
        How many there are, and lines of the audit log.
    size
        Bytes of the file.
    """

    made: str
    versions: int
    objects: int
    entries: int
    size: int


def back_up(store: Store, target: Path) -> Told:
    """Write all that a store holds at this moment to a new file, while others write to it.

    Raises
    ------
    FormatError
        There is such a file already.
    StoreError
        An object is damaged, or the store cannot be read.
    OSError
        The file cannot be written; nothing is left of it.
    """
    if target.exists():
        raise dr.errors.FormatError(words.in_both("backup_there", path=target))
    with _new_file(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        made, into = moment(), _Into(archive)
        with _snapshot(store) as (connection, log_size):
            for table in tables.sorted_tables:
                if table not in _APART:
                    into.put(f"{table.name}.jsonl", _rows_of(connection, table))
            into.put(LOG, _log_of(store, connection, log_size))
            entries = connection.scalar(select(head.c.lines)) or 0
            counts = {"versions": _count(connection, versions), "entries": entries}
            digests, wanted = store.objects.digests(connection), named(connection)
        _check_complete(store, {*digests}, wanted)
        for digest in digests:  # which never change
            with into.open(f"{_OBJECTS}{digest}") as member:
                store.objects.copy(digest, member)
        said = {"format": _FORMAT, "layout": LAYOUT, "program": dr.__version__, "made": made, **counts}
        archive.writestr(_LIST, json.dumps({**said, "objects": len(digests), "members": into.members}))
    return Told(made, objects=len(digests), size=target.stat().st_size, **counts)


def restore(archive: Path, store: Store) -> Told:
    """Fill a store that is empty with what a backup holds, every digest checked; all of it or nothing.

    Until its last transaction the store has a mark, with which nobody else opens it.

    Raises
    ------
    FormatError
        The file is no backup, is damaged, or is of a newer program; or the store holds something.
    StoreError
        The store cannot be written.
    """
    if _holds_something(store):
        raise dr.errors.FormatError(words.in_both("restore_not_empty", place=store.database.shown))
    _mark(store)
    name = _LIST
    try:
        with zipfile.ZipFile(archive) as opened:
            backup = _From(opened, archive)
            for name, digest in backup.members.items():
                if not name.startswith(_OBJECTS):
                    backup.check(name)
                    continue
                with backup.open(name) as member:
                    if store.objects.put(member) != digest:
                        raise backup.damaged(name)
            _fill(store, backup)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, NotImplementedError) as error:
        raise dr.errors.FormatError(words.in_both("backup_damaged", path=archive, member=name)) from error
    counts = {name: int(backup.said[name]) for name in ("versions", "objects", "entries")}
    return Told(str(backup.said["made"]), size=archive.stat().st_size, **counts)


def _mark(store: Store) -> None:
    """Let nobody open a store until it is restored; one in which there is no room for that is nothing at all."""
    try:
        with store.database.writing() as connection:
            if connection.scalar(select(about.c.name).where(about.c.name == RESTORING)) is None:
                connection.execute(insert(about), {"name": RESTORING, "value": b""})
    except StoreError:
        if store.database.dialect == "sqlite":
            (store.database.place / DATABASE).unlink(missing_ok=True)
        raise


class _Into:
    """A backup that is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, str] = {}

    def put(self, name: str, lines: Iterable[bytes]) -> None:
        seen = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as member:
            for line in lines:
                seen.update(line)
                member.write(line)
        self.members[name] = seen.hexdigest()

    @contextmanager
    def open(self, name: str) -> Iterator[Any]:
        """Give a member for an object, whose name is its digest and whose content is not compressed twice."""
        with self._archive.open(name, "w", force_zip64=True) as member:
            yield member
        self.members[name] = name.removeprefix(_OBJECTS)


class _From:
    """A backup that is read."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive, self._path = archive, path
        if archive.getinfo(_LIST).file_size > _MOST_LIST:
            raise self.damaged(_LIST)
        self.said: dict[str, Any] = json.loads(archive.read(_LIST))
        if self.said.get("format") != _FORMAT:
            raise self.damaged(_LIST)
        layout, program = self.said["layout"], self.said["program"]
        if layout != LAYOUT:
            said = words.in_both("backup_other_layout", path=path, program=program, layout=layout)
            raise dr.errors.FormatError(said)
        self.members: Mapping[str, str] = self.said["members"]
        if {*archive.namelist()} != {*self.members, _LIST}:
            raise self.damaged(_LIST)

    def open(self, name: str) -> Any:  # noqa: ANN401 - a file
        return self._archive.open(name)

    def check(self, name: str) -> None:
        with self.open(name) as member:
            if hashlib.file_digest(member, "sha256").hexdigest() != self.members[name]:
                raise self.damaged(name)

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        with self.open(f"{table.name}.jsonl") as member:
            for line in member:
                yield {name: _from_json(value) for name, value in json.loads(line).items()}

    def damaged(self, name: str) -> dr.errors.FormatError:
        return dr.errors.FormatError(words.in_both("backup_damaged", path=self._path, member=name))


@contextmanager
def _snapshot(store: Store) -> Iterator[tuple[Connection, int]]:
    """Give a connection that sees one moment, and the bytes of the log at that moment."""
    with store.database.reading() as connection:
        with store.audit.still() as size:
            connection.execute(select(head))  # from here on it sees nothing newer
        yield connection, size


def _rows_of(connection: Connection, table: Table) -> Iterator[bytes]:
    asked = select(table).order_by(*table.primary_key)
    if table is about:
        asked = asked.where(_OWN)
    with connection.execution_options(yield_per=_AT_ONCE).execute(asked) as found:
        for row in found.mappings():
            said = {name: _to_json(value) for name, value in row.items()}
            yield json.dumps(said, ensure_ascii=False).encode() + b"\n"


def _log_of(store: Store, connection: Connection, size: int) -> Iterator[bytes]:
    if store.database.dialect != "sqlite":
        yield from (line + b"\n" for line in rows_of_log(connection))
    elif size:
        with (store.database.place / LOG).open("rb") as file:
            while size > 0 and (chunk := file.read(min(size, 1 << 20))):
                size -= len(chunk)
                yield chunk


def _holds_something(store: Store) -> bool:
    with store.database.reading() as connection:
        kept = [table for table in tables.sorted_tables if table not in {*_APART, about, head}]
        return any(_count(connection, table) for table in kept) or bool(connection.scalar(select(head.c.lines)))


def _fill(store: Store, backup: _From) -> None:
    """Write every row in one transaction; the log before it, which an empty store does not look at."""
    if store.database.dialect == "sqlite":
        _write_log(store.database.place / LOG, backup)
    with store.database.writing() as connection:
        connection.execute(delete(about).where(about.c.name != "layout"))
        connection.execute(delete(head))
        for table in tables.sorted_tables:
            if table not in _APART:
                _insert(connection, table, backup.rows(table))
        if store.database.dialect == "sqlite":
            return
        with backup.open(LOG) as member:
            lines = enumerate(member, 1)
            _insert(connection, audit_lines, ({"number": number, "line": line[:-1]} for number, line in lines))
        for table in tables.sorted_tables:
            _go_on_counting(connection, table)


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(table), some)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let a server number new rows after those that were restored with theirs."""
    column = table.autoincrement_column
    if column is not None:
        last = connection.scalar(select(func.max(column)))
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(select(func.setval(sequence, 1 if last is None else last, last is not None)))


def _write_log(path: Path, backup: _From) -> None:
    with as_store_error():
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file, backup.open(LOG) as member:
            shutil.copyfileobj(member, file)
            file.flush()
            os.fsync(file.fileno())


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _to_json(value: object) -> object:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    return {"day": value.isoformat()} if isinstance(value, dt.date) else value


def _from_json(value: Any) -> object:  # noqa: ANN401 - as it was written
    if not isinstance(value, dict):
        return value
    return base64.b64decode(value["bytes"]) if "bytes" in value else dt.date.fromisoformat(value["day"])


def _check_complete(store: Store, there: set[str], by_rows: tuple[set[str], set[str]]) -> None:
    trees, single = by_rows
    wanted = single.union(trees, *(store.objects.listed(tree).values() for tree in trees))
    if lost := wanted - there:
        raise DamagedError(f"object {min(lost)} is missing")


@contextmanager
def _new_file(target: Path) -> Iterator[IO[bytes]]:
    """Give a file that gets its name when it is whole, and is for its owner alone."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        with os.fdopen(descriptor, "r+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, target)  # never over another
    except FileExistsError as error:
        raise dr.errors.FormatError(words.in_both("backup_there", path=target)) from error
    finally:
        part.unlink(missing_ok=True)
