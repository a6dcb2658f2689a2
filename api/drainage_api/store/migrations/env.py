"""What Alembic runs: the steps, on the connection that it is given."""

from __future__ import annotations

from alembic import context

from drainage_api.store.tables import tables

context.configure(connection=context.config.attributes["connection"], target_metadata=tables, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
