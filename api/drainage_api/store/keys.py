"""Keys: made once, kept as their SHA-256, found by a prefix that may be read by anybody."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final, Literal

from sqlalchemy import delete, func, insert, or_, select, update

import drainage as dr
from drainage import words
from drainage_api.store.database import Database, Held
from drainage_api.store.tables import keys, sessions

#: What a key looks like: a mark, the prefix by which it is found, and 256 random bits.
FORM: Final = re.compile(r"drn_([a-z2-7]{8})_[A-Za-z0-9_-]{43}", re.ASCII)
MOST_SIGNS: Final = 60
_MOST_KEPT: Final = 4096  # keys held in memory; own choice

KeyRole = Literal["contractor", "engineer", "operator"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret.

    Parameters
    ----------
    prefix
        By which it is found and named in the log.
    until
        The last day on which it is valid, by the clock of this machine; None: without end.
    made, revoked
        Seconds since 1970.
    """

    prefix: str
    digest: bytes
    name: str
    role: KeyRole
    roads: tuple[str, ...]
    made: float
    revoked: float | None
    until: dt.date | None

    @property
    def ends(self) -> float:
        """When it ends or has ended, in seconds since 1970; infinite for one without end."""
        ends = float("inf") if self.until is None else _end_of(self.until)
        return ends if self.revoked is None else min(ends, self.revoked)

    @property
    def state(self) -> Literal["valid", "expired", "revoked"]:
        """Whether it is valid now, and if not, why."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.ends <= time.time() else "valid"

    def as_dict(self) -> dict[str, Any]:
        """Return what is told of a key, which is never the key."""
        made = dt.datetime.fromtimestamp(self.made).astimezone()
        return {
            "name": self.name,
            "role": self.role,
            "prefix": self.prefix,
            "roads": list(self.roads),
            "made": made.isoformat(timespec="seconds"),
            "until": None if self.until is None else self.until.isoformat(),
            "state": self.state,
        }


class Keys:
    """The keys of a store."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database
        self._found = Held[str, Key](database, _MOST_KEPT)
        self._ever, self._asked = False, -1

    def add(
        self, name: str, role: KeyRole, *, roads: Sequence[str] = (), until: dt.date | None = None
    ) -> tuple[Key, str]:
        """Make a key; return it and, this once, what its owner is given.

        Raises
        ------
        FormatError
            No name, a name that a valid key has, roads that do not fit the role, or a day that is over.
        StoreError
            The store cannot be written.
        """
        _check(name, role, roads, until)
        prefix = base64.b32encode(secrets.token_bytes(5)).decode().lower()
        text = f"drn_{prefix}_{secrets.token_urlsafe(32)}"
        key = Key(prefix, digest_of(text), name, role, tuple(dict.fromkeys(roads)), time.time(), None, until)
        row = {one: getattr(key, one) for one in keys.c.keys()} | {"roads": json.dumps(key.roads, ensure_ascii=False)}  # noqa: SIM118 - of a table
        with self._database.writing() as connection:
            connection.execute(insert(keys), row)
            held = connection.execute(select(keys).where(keys.c.name == name, keys.c.prefix != prefix)).all()
            if any(_key(other).state == "valid" for other in held):
                raise dr.errors.FormatError(words.in_both("key_name_taken", name=name))
        return key, text

    def all(self) -> list[Key]:
        """Return every key that was ever made, the oldest first."""
        with self._database.reading() as connection:
            return [_key(row) for row in connection.execute(select(keys).order_by(keys.c.made))]

    def revoke(self, said: str) -> Key:
        """End a key, by its name or prefix, and the sessions that it opened.

        Raises
        ------
        FormatError
            There is none that is valid.
        """
        with self._database.writing() as connection:
            rows = connection.execute(select(keys).where(or_(keys.c.name == said, keys.c.prefix == said))).all()
            found = next((key for key in map(_key, rows) if key.state == "valid"), None)
            if found is None:
                over = next((key.state for key in map(_key, rows)), "unknown")
                raise dr.errors.FormatError(words.in_both(f"key_to_revoke_{over}", name=said))
            now = time.time()
            connection.execute(update(keys).where(keys.c.prefix == found.prefix).values(revoked=now))
            connection.execute(delete(sessions).where(sessions.c.prefix == found.prefix))
        return next(key for key in self.all() if key.prefix == found.prefix)

    def exist(self) -> bool:
        """Tell whether a key was ever made, valid or not: once there was one it stays so, and is not asked again.

        Raises
        ------
        StoreError
            Nobody can tell.
        """
        if self._ever:
            return True
        version = self._database.version()
        if version != self._asked:
            with self._database.reading() as connection:
                self._ever = bool(connection.scalar(select(func.count()).select_from(keys)))
            self._asked = version
        return self._ever

    def find(self, text: str) -> Key | None:
        """Return the key of a text, valid or not; None where there is none."""
        form = FORM.fullmatch(text)
        key = self.by_prefix(form[1]) if form else None
        same = compare_digest(digest_of(text), key.digest if key is not None else bytes(32))
        return key if same else None

    def by_prefix(self, prefix: str) -> Key | None:
        """Return a key by its prefix, which proves nothing."""
        return self._found.find(prefix, lambda: self._read(prefix))

    def _read(self, prefix: str) -> Key | None:
        with self._database.reading() as connection:
            row = connection.execute(select(keys).where(keys.c.prefix == prefix)).one_or_none()
        return None if row is None else _key(row)


def digest_of(text: str) -> bytes:
    """Return what is kept of a secret: 256 random bits need no salt and no slow function."""
    return hashlib.sha256(text.encode()).digest()


def _check(name: str, role: str, roads: Sequence[str], until: dt.date | None) -> None:
    if not name.strip() or len(name) > MOST_SIGNS or not name.isprintable():
        raise dr.errors.FormatError(words.in_both("key_name", name=name, most=MOST_SIGNS))
    if (role == "contractor") != bool(roads):
        raise dr.errors.FormatError(words.in_both("key_without_road" if role == "contractor" else "key_with_road"))
    if any(not road.strip() for road in roads):
        raise dr.errors.FormatError(words.in_both("key_empty_road"))
    if until is not None and _end_of(until) <= time.time():
        raise dr.errors.FormatError(words.in_both("key_day_over", day=until))


def _end_of(day: dt.date) -> float:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time()).astimezone().timestamp()


def _key(row: Any) -> Key:  # noqa: ANN401 - a row
    return Key(**{**row._mapping, "roads": tuple(json.loads(row.roads))})  # noqa: SLF001 - public in SQLAlchemy
