"""The first tables, and the triggers that keep the ledger append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SQLITE_TRIGGERS = tuple(
    f"CREATE TRIGGER leaves_no_{change} BEFORE {change} ON leaves BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for change in ("update", "delete")
)

_POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
    "CREATE TRIGGER leaves_no_change BEFORE UPDATE OR DELETE ON leaves FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER leaves_no_truncate BEFORE TRUNCATE ON leaves FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    _create_audit()
    _create_devices()
    _create_certificates()
    _create_tickets()
    _create_outgoing()
    _create_leaves()
    _create_rejects()
    triggers = _SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL_TRIGGERS
    for statement in triggers:
        op.execute(statement)


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _BIG_KEY, primary_key=True, autoincrement=True),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )


def _create_devices() -> None:
    op.create_table(
        "devices",
        sa.Column("unit", sa.Text(), primary_key=True),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("registered_at_s", sa.BigInteger(), nullable=False),
        sa.Column("blocked_at_s", sa.BigInteger()),
        sa.Column("software", sa.Text()),
        sa.Column("last_sequence", sa.BigInteger()),
        sa.Column("seen_at_s", sa.BigInteger()),
    )
    op.create_index("devices_by_serial", "devices", ["serial"])
    op.create_table(
        "claims",
        sa.Column("id", _BIG_KEY, primary_key=True, autoincrement=True),
        sa.Column("unit", sa.Text(), sa.ForeignKey("devices.unit"), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at_s", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_s", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
    )
    op.create_index("claims_by_serial", "claims", ["serial"])


def _create_certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("key_id", sa.LargeBinary(), primary_key=True),
        sa.Column("unit", sa.Text(), sa.ForeignKey("devices.unit"), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), sa.ForeignKey("claims.id"), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=False, unique=True),
        sa.Column("not_after_s", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at_s", sa.BigInteger()),
        sa.UniqueConstraint("claim_id", "use", name="certificates_one_per_claim_and_use"),
    )


def _create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("nonce", sa.LargeBinary(), primary_key=True),
        sa.Column("unit", sa.Text(), sa.ForeignKey("devices.unit"), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("reference_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at_s", sa.BigInteger(), nullable=False),
        sa.Column("not_before_s", sa.BigInteger(), nullable=False),
        sa.Column("not_after_s", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("settled_leaf", sa.BigInteger()),
    )
    op.create_index("tickets_by_unit", "tickets", ["unit"])


def _create_outgoing() -> None:
    op.create_table(
        "outgoing",
        sa.Column("id", _BIG_KEY, primary_key=True, autoincrement=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at_s", sa.BigInteger(), nullable=False),
        sa.Column("leased_until_s", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("published_at_s", sa.BigInteger()),
        sa.UniqueConstraint("unit", "word", "key", name="outgoing_one_per_content"),
    )


def _create_leaves() -> None:
    op.create_table(
        "leaves",
        sa.Column("leaf", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("result_id", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("payload_sha256", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("envelope_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("nonce", sa.LargeBinary()),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("signed_after_s", sa.BigInteger(), nullable=False),
        sa.Column("received_at_s", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
    )
    for name in ("sequence", "previous"):
        op.create_index(f"leaves_by_{name}", "leaves", ["unit", name])
    op.create_index("leaves_by_result", "leaves", ["unit", "result_id"])
    final = sa.text("standing = 'final'")
    op.create_index("leaves_one_final_per_nonce", "leaves", ["nonce"], unique=True, sqlite_where=final, postgresql_where=final)


def _create_rejects() -> None:
    op.create_table(
        "rejects",
        sa.Column("id", _BIG_KEY, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("received_at_s", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
    )
