"""Objects, versions, submissions, jobs, sightings and evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from drainage_api.store.dialects.shapes import Shape

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Add them."""
    _keep()
    _take_in()
    _see()


def _keep() -> None:
    """Bytes under their digests, the versions made of them, and the log of a server."""
    op.create_table(
        "objects",
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "object_parts",
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["objects.digest"]),
        sa.PrimaryKeyConstraint("digest", "number"),
    )
    op.create_table(
        "audit_lines",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "versions",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("parent", sa.Integer, nullable=True),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("day", sa.String, nullable=True),
        sa.Column("tree", sa.String, nullable=False),
        sa.Column("submission", sa.String, nullable=True),
        sa.Column("note", sa.String, nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["versions.number"]),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("parent"),
    )


def _take_in() -> None:
    """Submissions with their history and notices, and what is computed of them."""
    op.create_table(
        "submissions",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("changed", sa.Float, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("roads", sa.String, nullable=False),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("filename", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("idempotency", sa.String, nullable=False),
        sa.Column("asked_digest", sa.String, nullable=False),
        sa.Column("previous", sa.String, nullable=True),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("intake", sa.String, nullable=True),
        sa.Column("comparison", sa.String, nullable=True),
        sa.Column("problem", sa.String, nullable=True),
        sa.Column("version", sa.Integer, nullable=True),
        sa.Column("extent", Shape(), nullable=True),
        sa.Column("receipt", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", "idempotency"),
    )
    op.create_index("submissions_by_state", "submissions", ["state", "made"])
    op.create_table(
        "events",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("submission", sa.String, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("receipt", sa.String, nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_events_submission", "events", ["submission"])
    op.create_table(
        "notices",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("submission", sa.String, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("seen", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_notices_key", "notices", ["key"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.Float, nullable=True),
        sa.Column("lease", sa.String, nullable=True),
        sa.Column("beats", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("progress", sa.Float, nullable=True),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("error", sa.String, nullable=True),
        sa.Column("after", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_jobs_subject", "jobs", ["subject"])
    op.create_index("jobs_by_state", "jobs", ["state", "made"])


def _see() -> None:
    """What was seen outside, and evidence."""
    op.create_table(
        "sightings",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("received", sa.Float, nullable=False),
        sa.Column("place", Shape(), nullable=False),
        sa.Column("lon", sa.Float, nullable=False),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("depth_m", sa.Float, nullable=True),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("photo", sa.String, nullable=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("decided", sa.Float, nullable=True),
        sa.Column("decided_by", sa.String, nullable=True),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("asker", sa.String, nullable=False),
        sa.Column("content", sa.String, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("content"),
    )
    op.create_index("sightings_by_state", "sightings", ["state", "received"])
    op.create_table(
        "evidence",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("roads", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("filename", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("answers", sa.String, nullable=True),
        sa.Column("problem", sa.String, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("evidence_by_key", "evidence", ["key", "made"])
