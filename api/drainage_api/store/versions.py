"""Versions of the city's network with its report: each follows from the one before it, and none is ever changed."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from drainage_api.store.database import Database, Held
from drainage_api.store.tables import versions


class Stale(Exception):  # noqa: N818 - the state of a base
    """What a version was to be made of is no longer the newest: the head is another."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version.

    Parameters
    ----------
    parent
        The version of which it was made; None for the first.
    made
        Since when it was the head, in seconds since 1970; never before its parent, whatever the clock says.
    day
        The day of the network, as its provenance says it.
    tree
        Digest of its directory.
    submission
        The one that made it; None where it was read from elsewhere.
    note
        What else is to be known: ``imported``.
    """

    number: int
    parent: int | None
    made: float
    day: str | None
    tree: str
    submission: str | None = None
    note: str = ""


class Versions:
    """The versions of a store."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database
        self._held = Held[str, list[Version]](database, 1)

    def head(self, connection: Connection | None = None) -> Version | None:
        """Return the newest; None where there is none. Within a transaction: as that sees it."""
        if connection is None:
            return next(iter(self.history()), None)
        newest = select(versions).order_by(versions.c.number.desc()).limit(1)
        row = connection.execute(newest).mappings().one_or_none()
        return None if row is None else Version(**row)

    def get(self, number: int) -> Version | None:
        """Return one by its number; None where there is none."""
        return next((one for one in self.history() if one.number == number), None)

    def at(self, moment: float) -> Version | None:
        """Return the one that was the head at a moment, in seconds since 1970; None before the first."""
        return next((one for one in self.history() if one.made <= moment), None)

    def history(self) -> list[Version]:
        """Return all of them, the newest first."""
        return list(self._held.find("", self._read) or ())

    def _read(self) -> list[Version]:
        with self._database.reading() as connection:
            rows = connection.execute(select(versions).order_by(versions.c.number.desc())).mappings()
            return [Version(**row) for row in rows]

    def begin(self, tree: str, *, day: str | None, note: str = "imported") -> Version:
        """Make a version of a tree that comes from elsewhere: the first, or the next."""
        with self._database.writing() as connection:
            return self._add(connection, self.head(connection), tree=tree, day=day, note=note)

    def begin_after(self, newest: Version | None, tree: str, *, day: str | None, note: str) -> Version:
        """Do so, unless there is a newer one than who asks knows of.

        Raises
        ------
        Stale
            There is.
        """
        with self._database.writing() as connection:
            head = self.head(connection)
            if head != newest:
                raise Stale(None if newest is None else newest.number)
            return self._add(connection, head, tree=tree, day=day, note=note)

    def add(self, connection: Connection, *, parent: int, submission: str, tree: str, day: str | None) -> int:
        """Make the next version within a transaction; return its number.

        Raises
        ------
        Stale
            The head is not the parent that was given.
        """
        head = self.head(connection)
        if head is None or head.number != parent:
            raise Stale(parent)
        return self._add(connection, head, tree=tree, day=day, note="", submission=submission).number

    @staticmethod
    def _add(
        connection: Connection, head: Version | None, *, tree: str, day: str | None, note: str,
        submission: str | None = None,
    ) -> Version:  # fmt: skip
        number, parent = (1, None) if head is None else (head.number + 1, head.number)
        made = time.time() if head is None else max(time.time(), head.made)
        new = Version(number, parent, made, day, tree, submission, note)
        connection.execute(insert(versions), asdict(new))
        return new
