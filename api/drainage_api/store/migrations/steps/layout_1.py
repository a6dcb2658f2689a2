"""Keys, sessions, failures and the head of the audit log: the tables with which a store began."""

from __future__ import annotations

revision = "1"
down_revision = None


def upgrade() -> None:
    """Nothing: a store is made with all its tables."""
