"""Sightings: what people saw of water in the streets; none counts or is shown before an engineer has looked at it."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeVar, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from drainage_api.store.database import Database, Held
from drainage_api.store.ids import new_id
from drainage_api.store.tables import sightings

T = TypeVar("T")

State = Literal["waiting", "shown", "hidden"]
STATES: Final[tuple[State, ...]] = ("waiting", "shown", "hidden")
#: Own choices: how many are taken of all addresses within an hour, and how many may wait for an engineer.
MOST_AN_HOUR: Final = 600
MOST_WAITING: Final = 5_000
_HOUR_S: Final = 3600.0
#: After that nothing is left that tells two addresses apart, s.
FORGOTTEN_S: Final = 24 * _HOUR_S


class TooManyError(Exception):
    """Too many came from one address, or from all.

    Parameters
    ----------
    seconds
        After which another is taken.
    """

    def __init__(self, seconds: float) -> None:
        """Keep when to come again."""
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What somebody says that he saw.

    Parameters
    ----------
    at
        When, s since 1970.
    lon, lat
        Where, degrees.
    depth_m
        How deep, m.
    """

    at: float
    lon: float
    lat: float
    depth_m: float
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting(Seen):
    """A sighting as it is kept.

    Parameters
    ----------
    received, decided
        When it came, and when an engineer decided about it, s since 1970.
    photo
        Digest of the photograph as it was drawn anew.
    """

    id: str
    received: float
    photo: str | None
    state: State
    decided: float | None
    decided_by: str | None
    note: str

    def document(self) -> dict[str, object]:
        """Return it as engineers are told of it; ``photo`` says whether there is one."""
        times = {name: told_time(getattr(self, name)) for name in ("at", "received", "decided")}
        return {**asdict(self), **times, "photo": self.photo is not None}


class Sightings:
    """The sightings of a store.

    Parameters
    ----------
    database
        Which holds them.
    secret
        The key of the hashes under which addresses are counted.
    """

    def __init__(self, database: Database, secret: bytes) -> None:
        """Take the database."""
        self._database = database
        self._secret = hmac.digest(secret, b"sightings", "sha256")
        self._held = Held[str, Any](database, 8)

    def known(self, seen: Seen, address: str) -> Sighting | None:
        """Return the sighting of an address, a place and a time, if it came already today."""
        with self._database.reading() as connection:
            return _first(connection, select(sightings).where(sightings.c.content == self._content(seen, address)))

    def wait_s(self, address: str, *, most: int) -> float:
        """Return how long an address must wait before it may tell of another, s; 0 where it need not."""
        with self._database.reading() as connection:
            return _wait_s(connection, self._hash(address), most)

    def add(self, seen: Seen, photo: str | None, address: str, *, most: int) -> tuple[Sighting, bool]:
        """Keep a sighting; the same again, by address, place and time, is the one that is kept already.

        Parameters
        ----------
        photo
            Digest of the photograph, an object of the store.
        most
            So many of an address are taken within an hour.

        Returns
        -------
        The sighting, and whether it is new.

        Raises
        ------
        TooManyError
            Too many came.
        """
        content, asker, now = self._content(seen, address), self._hash(address), time.time()
        with self._database.writing() as connection:
            _forget(connection, now)
            if (kept := _first(connection, select(sightings).where(sightings.c.content == content))) is not None:
                return kept, False
            if wait := _wait_s(connection, asker, most):
                raise TooManyError(wait)
            identity = new_id("R")
            row = asdict(seen) | {"id": identity, "received": now, "photo": photo, "state": "waiting"}
            row |= {"place": shapely.to_wkb(shapely.Point(seen.lon, seen.lat)), "asker": asker, "content": content}
            connection.execute(insert(sightings), row)
            added = _first(connection, select(sightings).where(sightings.c.id == identity))
        if added is None:
            raise LookupError(identity)
        return added, True

    def get(self, identity: str) -> Sighting | None:
        """Return a sighting; None where there is none of that id."""
        with self._database.reading() as connection:
            return _first(connection, select(sightings).where(sightings.c.id == identity))

    def listed(self, state: State | None = None, *, limit: int = 100, offset: int = 0) -> list[Sighting]:
        """Return sightings, the newest first."""
        asked = _of(select(sightings), state).order_by(sightings.c.received.desc(), sightings.c.id)
        with self._database.reading() as connection:
            return [_sighting(row) for row in connection.execute(asked.limit(limit).offset(offset))]

    def waiting(self, limit: int = 50) -> list[dict[str, object]]:
        """Return what waits for an engineer as documents, the newest first."""
        return [one.document() for one in self.listed("waiting", limit=limit)]

    def counts(self) -> dict[State, int]:
        """Return how many there are in each state; no query where nothing was written since."""
        return self._found("counts", self._counted)

    def decide(self, identity: str, *, show: bool, by: str, note: str = "") -> Sighting | None:
        """Show a sighting to everybody, or hide it; None where there is none of that id."""
        values = {"state": "shown" if show else "hidden", "decided": time.time(), "decided_by": by, "note": note}
        with self._database.writing() as connection:
            connection.execute(update(sightings).where(sightings.c.id == identity).values(values))
            return _first(connection, select(sightings).where(sightings.c.id == identity))

    def frame(self, state: State | None = None) -> gpd.GeoDataFrame:
        """Return sightings as points in degrees, index ``report_id``, with ``date`` by the clock of this machine.

        It has the columns of a network's layer of reports, and those of moderation.
        """
        return self._found(f"frame {state}", lambda: self._framed(state))

    def shown_frame(self) -> gpd.GeoDataFrame | None:
        """Return the shown sightings as a network's layer of reports has them; None where none is shown."""
        found = self.frame("shown")
        return gpd.GeoDataFrame(found[["date", "depth_m", "note", "geometry"]]) if len(found) else None

    def revision(self, state: State | None = None) -> str:
        """Return what differs as soon as a sighting comes into a state or leaves it; empty while there is none."""
        return self._found(f"revision {state}", lambda: _digest(self.frame(state)))

    def _found(self, key: str, read: Callable[[], T]) -> T:
        return cast("T", self._held.find(key, read))

    def _framed(self, state: State | None) -> gpd.GeoDataFrame:
        asked = _of(select(sightings), state).order_by(sightings.c.received, sightings.c.id)
        with self._database.reading() as connection:
            return _frame([_sighting(row) for row in connection.execute(asked)])

    def _counted(self) -> dict[State, int]:
        asked = select(sightings.c.state, func.count()).group_by(sightings.c.state)
        with self._database.reading() as connection:
            found = {str(state): int(many) for state, many in connection.execute(asked)}
        return {state: found.get(state, 0) for state in STATES}

    def _hash(self, address: str) -> str:
        return hmac.new(self._secret, address.encode(), hashlib.sha256).hexdigest()[:32]

    def _content(self, seen: Seen, address: str) -> str:
        return self._hash(f"{address} {seen.lon:.6f} {seen.lat:.6f} {seen.at:.0f}")


def _wait_s(connection: Connection, asker: str, most: int) -> float:
    now = time.time()
    lately = select(sightings.c.received).where(sightings.c.received > now - _HOUR_S)
    for asked, bound in ((lately.where(sightings.c.asker == asker), most), (lately, MOST_AN_HOUR)):
        newest = asked.order_by(sightings.c.received.desc()).offset(bound - 1).limit(1)
        if (one := connection.scalar(newest)) is not None:
            return max(1.0, float(one) + _HOUR_S - now)
    waiting = select(func.count()).select_from(sightings).where(sightings.c.state == "waiting")
    return _HOUR_S if (connection.scalar(waiting) or 0) >= MOST_WAITING else 0.0


def _forget(connection: Connection, now: float) -> None:
    """Forget who told of what is older than a day."""
    old = (sightings.c.received < now - FORGOTTEN_S) & sightings.c.content.is_not(None)
    connection.execute(update(sightings).where(old).values(asker="", content=None))


def _of(asked: Select[Any], state: State | None) -> Select[Any]:
    return asked if state is None else asked.where(sightings.c.state == state)


def _first(connection: Connection, asked: Select[Any]) -> Sighting | None:
    row = connection.execute(asked).one_or_none()
    return None if row is None else _sighting(row)


def _sighting(row: Row[Any]) -> Sighting:
    return Sighting(
        id=row.id, at=row.at, received=row.received, lon=row.lon, lat=row.lat, depth_m=row.depth_m, words=row.words,
        photo=row.photo, state=row.state, decided=row.decided, decided_by=row.decided_by, note=row.note,
    )  # fmt: skip


def _frame(rows: Sequence[Sighting]) -> gpd.GeoDataFrame:
    columns = {
        "date": _clock([one.at for one in rows]),
        "depth_m": pd.Series([one.depth_m for one in rows], dtype="float64"),
        "note": pd.Series([one.words for one in rows], dtype="str"),
        "state": pd.Series([one.state for one in rows], dtype="str"),
        "received": _clock([one.received for one in rows]),
        "photo": pd.Series([one.photo for one in rows], dtype="str"),
        "decided": _clock([one.decided for one in rows]),
        "moderator": pd.Series([one.decided_by for one in rows], dtype="str"),
        "decision_note": pd.Series([one.note for one in rows], dtype="str"),
    }
    points = shapely.points(np.array([[one.lon, one.lat] for one in rows], dtype=np.float64).reshape(-1, 2))
    index = pd.Index([one.id for one in rows], name="report_id", dtype="str")
    return gpd.GeoDataFrame({name: one.set_axis(index) for name, one in columns.items()}, geometry=points, crs=4326)


def told_time(at: float | None) -> str | None:
    """Return an instant as documents have it, to the second."""
    return None if at is None else dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="seconds")[:19] + "Z"


def _clock(moments: Sequence[float | None]) -> pd.Series:
    """Return moments as the clock on the wall here showed them."""
    told = [None if at is None else dt.datetime.fromtimestamp(at, dt.UTC).astimezone() for at in moments]
    return pd.Series([None if one is None else one.replace(tzinfo=None) for one in told], dtype="datetime64[ms]")


def _digest(frame: gpd.GeoDataFrame) -> str:
    told = frame[["date", "depth_m", "state", "decided"]].astype(str)
    return hashlib.sha256(told.to_csv().encode()).hexdigest()[:16] if len(frame) else ""
