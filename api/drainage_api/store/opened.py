"""An open store, for the server and for the commands that make keys and look at the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import select

import drainage as dr
from drainage import words
from drainage_api.store.audit import AuditLog, Verdict, audit_of, moment, verify
from drainage_api.store.database import DATABASE, Database, StoreError
from drainage_api.store.dialects.choosing import named, open_database
from drainage_api.store.findings import Findings
from drainage_api.store.keys import Keys
from drainage_api.store.objects import Objects, objects_of
from drainage_api.store.queue import Queue
from drainage_api.store.reasons import Reason, reason_of
from drainage_api.store.spotted import Sightings
from drainage_api.store.submitting.submitted import Submissions
from drainage_api.store.tables import about
from drainage_api.store.versions import Versions
from drainage_api.store.visits import Visits

#: What `about` has from the first row of a restore to the last.
RESTORING: Final = "restoring"
#: What is said, by why it fails: each names its own remedy.
_UNREADABLE: Final[dict[Reason, str]] = {
    "no_room": "store_no_room",
    "read_only": "store_read_only",
    "unreachable": "store_unreachable",
    "busy": "store_busy",
    "damaged": "store_damaged",
    "other": "store_unreadable",
}


@dataclass(frozen=True, eq=False)
class Store:
    """All that a server keeps, in a directory or in the database of a URL."""

    database: Database
    keys: Keys
    visits: Visits
    audit: AuditLog
    objects: Objects
    versions: Versions
    sightings: Sightings
    evidence: Findings
    queue: Queue
    submissions: Submissions

    @staticmethod
    def lies_in(place: Path) -> bool:
        """Tell whether a directory is a store."""
        return (place / DATABASE).is_file()

    @classmethod
    @contextmanager
    def opened(cls, place: Path | None, url: str | None = None, *, to_restore: bool = False) -> Iterator[Self]:
        """Give a store to a command, and close it again; ``to_restore`` also one of which a restore was not ended.

        Raises
        ------
        FormatError
            It cannot be a store, or be read or written.
        """
        with readable(place, url):
            store = cls.of(place, url, to_restore=to_restore)
            try:
                yield store
            finally:
                store.close()

    @classmethod
    def of(cls, place: Path | None, url: str | None = None, *, to_restore: bool = False) -> Self:
        """Open a store, and make it where it is not there.

        Parameters
        ----------
        place
            Its directory; of one with a URL that of what was read of it, or None.
        url
            The database, where it is on a server.
        to_restore
            Take one too of which a restore was not ended.

        Raises
        ------
        StoreError
            It cannot be read.
        FormatError
            It cannot be a store, or a restore of it was not ended.
        """
        return cls(**parts_of(whole_database(place, url, to_restore=to_restore)))

    def close(self) -> None:
        """Let the files and connections go."""
        self.database.close()

    def note(self, event: str, **said: str) -> None:
        """Write into the audit log what was done at the console."""
        self.audit.append([{"time": moment(), "event": event, "address": "console", **said}])

    def verified(self) -> Verdict:
        """Read the whole audit log, and tell whether its chain holds."""
        return verify(self.database)


def whole_database(place: Path | None, url: str | None = None, *, to_restore: bool = False) -> Database:
    """Open the database of a store, as `open_database` does.

    Raises
    ------
    FormatError
        A restore of it was not ended, so that neither keys nor rules can be trusted.
    """
    database = open_database(place, url)
    try:
        with database.reading() as connection:
            begun = connection.scalar(select(about.c.name).where(about.c.name == RESTORING)) is not None
    except BaseException:
        database.close()
        raise
    if begun and not to_restore:
        database.close()
        raise dr.errors.FormatError(words.in_both("store_half_restored", place=database.shown))
    return database


def parts_of(database: Database) -> dict[str, Any]:
    """Return the parts of a store by their names in `Store`."""
    keys, versions, queue = Keys(database), Versions(database), Queue(database)
    visits = Visits(database, keys)
    return {
        "database": database,
        "keys": keys,
        "visits": visits,
        "audit": audit_of(database),
        "objects": objects_of(database),
        "versions": versions,
        "queue": queue,
        "submissions": Submissions(database, versions, queue),
        "sightings": Sightings(database, visits.secret),
        "evidence": Findings(database, queue),
    }


@contextmanager
def readable(place: Path | None, url: str | None = None) -> Iterator[None]:
    """Say of a store that cannot be read or written where it lies, to those who start the server.

    Raises
    ------
    FormatError
        With the place.
    """
    try:
        yield
    except StoreError as error:
        said = _UNREADABLE[reason_of(error)]
        raise dr.errors.FormatError(words.in_both(said, place=named(place, url), why=error)) from error
