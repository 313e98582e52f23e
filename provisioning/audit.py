"""Who did what to which unit, cohort or policy: one row per event, never changed, never with a claim, a key or a person in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Table, Text, insert, select

from provisioning.db import METADATA, BigKey, Transaction


class Actor(StrEnum):
    """Through which door it happened."""

    CONSOLE = "console"
    ENROLMENT = "enrolment"
    INGEST = "ingest"


class Action(StrEnum):
    """What happened."""

    CLAIM_MADE = "claim_made"
    CLAIM_REFUSED = "claim_refused"
    REQUEST_REFUSED = "request_refused"
    CERTIFICATE_ISSUED = "certificate_issued"
    CERTIFICATE_REPEATED = "certificate_repeated"
    UNIT_BLOCKED = "unit_blocked"
    TICKET_MADE = "ticket_made"
    FORK_FOUND = "fork_found"
    """Two different results claim the same place in a unit's sequence: a copied or rolled-back unit."""
    ROLLBACK_FOUND = "rollback_found"
    """A unit says that it signed fewer results than the ledger holds."""
    ATTACK_REPORTED = "attack_reported"
    """A unit took a visit for an attack on it, which is no mismatch and no failure (R35)."""
    COHORT_IMPORTED = "cohort_imported"
    COHORT_FORGOTTEN = "cohort_forgotten"
    CALIBRATION_MADE = "calibration_made"
    MATCHER_ACCEPTED = "matcher_accepted"
    POLICY_PUBLISHED = "policy_published"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One event."""

    at_s: int
    actor: Actor
    action: Action
    about: str
    """The name of a unit, cohort, calibration, matcher or policy, or a serial number, as far as it is known."""
    detail: str


audit = Table(
    "audit",
    METADATA,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("at_s", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("detail", Text, nullable=False),
)


def note(transaction: Transaction, entry: AuditEntry) -> None:
    """Write an event down, in the same transaction as the thing itself."""
    transaction.execute(
        insert(audit).values(
            at_s=entry.at_s, actor=entry.actor.value, action=entry.action.value, about=entry.about, detail=entry.detail
        )
    )


def audit_entries(transaction: Transaction) -> tuple[AuditEntry, ...]:
    """Every event, oldest first."""
    rows = transaction.execute(select(audit).order_by(audit.c.id))
    return tuple(AuditEntry(row.at_s, Actor(row.actor), Action(row.action), row.about, row.detail) for row in rows)
