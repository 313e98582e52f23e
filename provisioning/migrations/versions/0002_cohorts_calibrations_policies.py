"""Cohorts, calibrations, accepted matchers and policies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_cohorts()
    _create_calibrations()
    _create_parts_of_calibrations()
    _create_matchers()
    _create_policies()


def _create_cohorts() -> None:
    op.create_table(
        "cohorts",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("programme", sa.Text(), nullable=False),
        *_use_columns(),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("made_at_s", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("reference_count", sa.BigInteger(), nullable=False),
        sa.Column("person_count", sa.BigInteger(), nullable=False),
        sa.Column("imported_at_s", sa.BigInteger(), nullable=False),
        sa.Column("forgotten_at_s", sa.BigInteger()),
    )


def _create_calibrations() -> None:
    op.create_table(
        "calibrations",
        sa.Column("id", _BIG_KEY, primary_key=True, autoincrement=True),
        *_use_columns(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("population", "among")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("threshold_x10000", "review_from_x10000")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
    )


_COUNTS = (
    "claimed_fmr_x1e9",
    "false_matches",
    "comparisons",
    "person_count",
    "reference_count",
    "merged_count",
    "by_person_low_x1e9",
    "by_person_high_x1e9",
    "calibrated_at_s",
)


def _create_parts_of_calibrations() -> None:
    op.create_table(
        "calibration_cohorts",
        sa.Column("calibration_id", sa.BigInteger(), sa.ForeignKey("calibrations.id"), primary_key=True),
        sa.Column("cohort_id", sa.Text(), sa.ForeignKey("cohorts.id"), primary_key=True),
    )
    op.create_table(
        "calibration_strata",
        sa.Column("calibration_id", sa.BigInteger(), sa.ForeignKey("calibrations.id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("person_count", "comparisons", "false_matches")),
    )
    op.create_table(
        "calibration_ages",
        sa.Column("calibration_id", sa.BigInteger(), sa.ForeignKey("calibrations.id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("reference_count", sa.BigInteger(), nullable=False),
    )


def _create_matchers() -> None:
    op.create_table(
        "matchers",
        sa.Column("model_digest", sa.LargeBinary(), primary_key=True),
        sa.Column("runtime", sa.Text(), primary_key=True),
        sa.Column("matcher", sa.Text(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at_s", sa.BigInteger(), nullable=False),
    )


def _create_policies() -> None:
    op.create_table(
        "policies",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("issued_at_s", sa.BigInteger(), nullable=False),
        sa.Column("not_before_s", sa.BigInteger(), nullable=False),
        sa.Column("not_after_s", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("name", "number", name="policies_one_per_number"),
    )
    op.create_table(
        "policy_calibrations",
        sa.Column("policy_id", sa.Text(), sa.ForeignKey("policies.id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("calibration_id", sa.BigInteger(), sa.ForeignKey("calibrations.id"), nullable=False),
    )


def _use_columns() -> tuple[sa.Column[str] | sa.Column[bytes], ...]:
    """Which matcher, under which runtime, on which references."""
    return (
        sa.Column("matcher", sa.Text(), nullable=False),
        sa.Column("model_digest", sa.LargeBinary(), nullable=False),
        sa.Column("runtime", sa.Text(), nullable=False),
        sa.Column("reference_class", sa.Text(), nullable=False),
    )
