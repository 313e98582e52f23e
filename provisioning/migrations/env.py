"""Runs the migrations in the transaction that `Database.migrate` hands in. Alembic executes this file."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
