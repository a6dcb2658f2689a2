"""Who is signed in, and which addresses tried keys that are none: kept in the store, for all processes together."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from drainage_api.store.database import Database, Held
from drainage_api.store.keys import Key, Keys, digest_of
from drainage_api.store.tables import about, failures, sessions

#: Own choices: sessions of one key at once, of which the oldest ends; addresses whose failures are counted at once.
MOST_SESSIONS: Final = 50
MOST_ADDRESSES: Final = 10_000
_MOST_HELD: Final = 4096  # sessions held in memory; own choice
_WINDOW_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Session:
    prefix: str
    ends: float


class Visits:
    """The sessions of a store."""

    def __init__(self, database: Database, keys: Keys) -> None:
        """Take the database and its keys."""
        self._database, self._keys = database, keys
        self._held = Held[bytes, _Session](database, _MOST_HELD)
        with database.reading() as connection:
            self.secret: bytes = connection.execute(select(about.c.value).where(about.c.name == "secret")).scalar_one()

    def begin(self, key: Key, *, seconds: float) -> tuple[str, float]:
        """Begin a session that ends with the key, at the latest after some time; return its secret and its end."""
        text, now = secrets.token_urlsafe(32), time.time()
        ends = min(now + seconds, key.ends)
        of_key = sessions.c.prefix == key.prefix
        newest = select(sessions.c.digest).where(of_key).order_by(sessions.c.made.desc()).limit(MOST_SESSIONS - 1)
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.ends <= now))
            connection.execute(delete(sessions).where(of_key, sessions.c.digest.not_in(newest)))
            row = {"digest": digest_of(text), "prefix": key.prefix, "made": now, "ends": ends}
            connection.execute(insert(sessions), row)
        return text, ends

    def find(self, text: str) -> Key | None:
        """Return the key whose session this is; None where it has ended, or the key has."""
        digest = digest_of(text)
        held = self._held.find(digest, lambda: self._read(digest))
        key = None if held is None else self._keys.by_prefix(held.prefix)
        lasts = held is not None and held.ends > time.time()
        return key if key is not None and lasts and key.state == "valid" else None

    def _read(self, digest: bytes) -> _Session | None:
        with self._database.reading() as connection:
            row = connection.execute(select(sessions).where(sessions.c.digest == digest)).one_or_none()
        return None if row is None else _Session(row.prefix, row.ends)

    def end(self, text: str) -> None:
        """End a session."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest_of(text)))


class Failures:
    """How often an address gave a key that is none, within a minute.

    Parameters
    ----------
    most
        So many are answered; what comes after them waits for the minute to end.
    """

    def __init__(self, database: Database, *, most: int) -> None:
        """Take the database."""
        self._database, self.most = database, most

    def wait_s(self, address: str) -> float:
        """Return how long an address must wait, in seconds; 0 where it need not."""
        with self._database.reading() as connection:
            row = connection.execute(select(failures).where(failures.c.address == address)).one_or_none()
        left = 0.0 if row is None else row.since + _WINDOW_S - time.time()
        return left if row is not None and row.tries >= self.most and left > 0 else 0.0

    def count(self, address: str) -> float:
        """Count a failure; return how long the address must wait, as one that had too many before this one."""
        if wait := self.wait_s(address):
            return wait
        now, here = time.time(), failures.c.address == address
        with self._database.writing() as connection:
            connection.execute(delete(failures).where(failures.c.since <= now - _WINDOW_S))
            if connection.execute(update(failures).where(here).values(tries=failures.c.tries + 1)).rowcount:
                return 0.0
            if (connection.scalar(select(func.count()).select_from(failures)) or 0) >= MOST_ADDRESSES:
                return _WINDOW_S
            connection.execute(insert(failures), {"address": address, "since": now, "tries": 1})
        return 0.0
