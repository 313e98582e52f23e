"""How each unit is, as it last said.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; a unit that has not said how it is has none of them."""
    for column in (
        sa.Column("condition", sa.Text()),
        sa.Column("trouble", sa.Text()),
        sa.Column("faults", sa.Text()),
        sa.Column("celsius", sa.Integer()),
        sa.Column("condition_at_s", sa.BigInteger()),
    ):
        op.add_column("devices", column)
