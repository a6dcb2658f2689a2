"""What the store knows of a submission, as values."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from drainage_api.store.submitting.moves import Act, State

_OURS: Final = "server"


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something.

    Parameters
    ----------
    name
        Of the key; empty on the machine itself, where there are no keys.
    role
        ``server`` for what the server does by itself.
    key
        Prefix of the key; empty without one.
    """

    name: str
    role: str
    key: str = ""


#: The server itself.
SERVER: Final = Person("", _OURS)


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sends in.

    Parameters
    ----------
    filename
        As the client calls it; never the name of a file here.
    kind
        By the first bytes: ``geojson``, ``gpkg``, ``xlsx``, ``dxf``, ``shp``.
    digest, size
        Of the bytes, which are an object of the store already: SHA-256, and how many.
    words
        What the sender says.
    previous
        The submission that this one replaces.
    idempotency
        The name that the client gave to this one request; None: none.
    """

    filename: str
    kind: str
    digest: str
    size: int
    words: str = ""
    previous: str | None = None
    idempotency: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission as it stands.

    Parameters
    ----------
    made, changed
        Seconds since 1970.
    key, name, roads
        Of the key with which it was sent.
    base
        Version on which it is computed.
    comparison
        Digests of what was computed, with counts and a summary; None: not computed.
    problem
        Why it failed, by language.
    version
        Which it became.
    receipt
        As it was signed when it came in.
    """

    id: str
    made: float
    changed: float
    key: str
    name: str
    roads: tuple[str, ...]
    base: int
    state: State
    filename: str
    kind: str
    digest: str
    size: int
    asked_digest: str
    previous: str | None
    words: str
    intake: dict[str, Any] | None
    comparison: dict[str, Any] | None
    problem: dict[str, str] | None
    version: int | None
    receipt: dict[str, Any]

    @classmethod
    def of(cls, row: Any) -> Self:  # noqa: ANN401 - a row
        """Read it from a row."""
        held = {one.name: row._mapping[one.name] for one in fields(cls)}  # noqa: SLF001 - public in SQLAlchemy
        read = {name: json.loads(held[name]) for name in _JSON if held[name] is not None}
        return cls(**{**held, **read, "roads": tuple(read["roads"])})


_JSON: Final = ("roads", "intake", "comparison", "problem", "receipt")


@dataclass(frozen=True, slots=True)
class Event:
    """What was done to a submission, and in which state it was then."""

    submission: str
    at: float
    act: Act
    state: State
    who: str
    role: str
    words: str
    receipt: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a sender is told; ``seen`` is when, in seconds since 1970."""

    number: int
    submission: str
    at: float
    state: State
    words: str
    seen: float | None
