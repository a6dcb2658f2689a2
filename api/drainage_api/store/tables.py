"""The tables of the store, on SQLite and PostgreSQL.

Times are seconds since 1970, lists and documents are JSON as text.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)  # fmt: skip

from drainage_api.store.dialects.shapes import Shape

#: Grows with every change of the tables; each has a step in `migrations.steps`.
LAYOUT: Final = 2

tables = MetaData()

about = Table(
    "about", tables,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)  # fmt: skip

keys = Table(
    "keys", tables,
    Column("prefix", String, primary_key=True),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the whole key
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("roads", String, nullable=False),  # a JSON list
    Column("made", Float, nullable=False),  # this and the next: s since 1970
    Column("revoked", Float),
    Column("until", Date),  # the last day on which it is valid, by the clock of the machine
    Index("keys_by_name", "name"),
)  # fmt: skip

sessions = Table(
    "sessions", tables,
    Column("digest", LargeBinary, primary_key=True),  # SHA-256 of what the cookie holds
    Column("prefix", String, nullable=False, index=True),
    Column("made", Float, nullable=False),
    Column("ends", Float, nullable=False),
)  # fmt: skip

failures = Table(
    "failures", tables,
    Column("address", String, primary_key=True),
    Column("since", Float, nullable=False),
    Column("tries", Integer, nullable=False),
)  # fmt: skip

#: One row: where the audit log ends, and where it will end once what is being written is written.
head = Table(
    "audit_head", tables,
    Column("id", Integer, primary_key=True),
    Column("lines", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("next_lines", Integer, nullable=False),
    Column("next_digest", String, nullable=False),
    Column("next_size", Integer, nullable=False),
)  # fmt: skip

#: The lines of the audit log on a server; beside a database in a file they are a file.
audit_lines = Table(
    "audit_lines", tables,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("line", LargeBinary, nullable=False),
)  # fmt: skip

objects = Table(
    "objects", tables,
    Column("digest", String, primary_key=True),  # SHA-256 of the bytes, hexadecimal
    Column("size", Integer, nullable=False),
    Column("made", Float, nullable=False),
)  # fmt: skip

#: The bytes of objects on a server; beside a database in a file they are files.
object_parts = Table(
    "object_parts", tables,
    Column("digest", String, ForeignKey("objects.digest"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)  # fmt: skip

versions = Table(
    "versions", tables,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("parent", Integer, ForeignKey("versions.number"), unique=True),
    Column("made", Float, nullable=False),
    Column("day", String),  # of the network, as its provenance says it
    Column("tree", String, nullable=False),  # digest of the manifest
    Column("submission", String),
    Column("note", String, nullable=False, default=""),
)  # fmt: skip

submissions = Table(
    "submissions", tables,
    Column("id", String, primary_key=True),
    Column("made", Float, nullable=False),
    Column("changed", Float, nullable=False),
    Column("key", String, nullable=False),  # prefix
    Column("name", String, nullable=False),
    Column("roads", String, nullable=False),
    Column("base", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("filename", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("idempotency", String, nullable=False),
    Column("asked_digest", String, nullable=False),  # of all that was sent under that Idempotency-Key
    Column("previous", String),
    Column("words", String, nullable=False, default=""),
    Column("intake", String),
    Column("comparison", String),
    Column("problem", String),
    Column("version", Integer),
    Column("extent", Shape),
    Column("receipt", String, nullable=False),  # JSON as it was signed; never changed
    UniqueConstraint("key", "idempotency"),
    Index("submissions_by_state", "state", "made"),
)  # fmt: skip

events = Table(
    "events", tables,
    Column("number", Integer, primary_key=True),
    Column("submission", String, nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("act", String, nullable=False),  # what led to the state
    Column("state", String, nullable=False),
    Column("who", String, nullable=False),
    Column("role", String, nullable=False),
    Column("key", String, nullable=False, default=""),
    Column("words", String, nullable=False, default=""),
    Column("receipt", String),  # of a decision
)  # fmt: skip

notices = Table(
    "notices", tables,
    Column("number", Integer, primary_key=True),
    Column("key", String, nullable=False, index=True),
    Column("submission", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("state", String, nullable=False),
    Column("words", String, nullable=False, default=""),
    Column("seen", Float),
)  # fmt: skip

jobs = Table(
    "jobs", tables,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("owner", String, nullable=False),
    Column("made", Float, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_until", Float),  # for people: nobody decides by a clock
    Column("lease", String),
    Column("beats", Integer, nullable=False, default=0),  # of the one who holds it
    Column("turn", Integer, nullable=False, default=0),  # the how many-eth that was begun
    Column("progress", Float),
    Column("step", String, nullable=False, default=""),
    Column("error", String),
    Column("after", Float),
    Index("jobs_by_state", "state", "made"),
)  # fmt: skip

sightings = Table(
    "sightings", tables,
    Column("id", String, primary_key=True),
    Column("at", Float, nullable=False),
    Column("received", Float, nullable=False),
    Column("place", Shape, nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("depth_m", Float),
    Column("words", String, nullable=False, default=""),
    Column("photo", String),
    Column("state", String, nullable=False),
    Column("decided", Float),
    Column("decided_by", String),
    Column("note", String, nullable=False, default=""),
    Column("asker", String, nullable=False, default=""),  # a keyed hash of the address, for a day
    Column("content", String, unique=True),  # what makes a repeated one the same, for a day
    Index("sightings_by_state", "state", "received"),
)  # fmt: skip

evidence = Table(
    "evidence", tables,
    Column("id", String, primary_key=True),
    Column("made", Float, nullable=False),
    Column("key", String, nullable=False),
    Column("name", String, nullable=False),
    Column("roads", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("filename", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("answers", String),
    Column("problem", String),
    Index("evidence_by_key", "key", "made"),
)  # fmt: skip
