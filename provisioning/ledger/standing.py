"""What the book makes of a result: facts in, a ruling out. Nothing is thrown away, so every result has a standing."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.ledger.interval import Interval
from provisioning.ledger.models import Cause
from provisioning.tickets.models import KeptTicket
from wire.receipt import Standing
from wire.result import ResultStatement, Verdict, Visit
from wire.ticket import Ticket


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """Everything that the standing of one result depends on."""

    statement: ResultStatement
    ticket: KeptTicket | None
    """The ticket with the nonce of the statement, if the centre has issued one."""
    signed: Interval
    unit_blocked: bool
    forked: bool
    """Another result of this unit has the same sequence number, the same predecessor or the same id."""
    key_not_after_s: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """A standing, and why."""

    standing: Standing
    cause: Cause


def decide_standing(facts: StandingFacts, unticketed: Standing) -> Ruling:
    """Rule on one result. Doubts about the unit come first, then the ticket, then whether it is settled already."""
    doubt = _doubt_about_unit(facts)
    if doubt is not None:
        return Ruling(Standing.QUARANTINED, doubt)
    if facts.statement.visit is None:
        return Ruling(unticketed, Cause.NO_TICKET)
    if facts.ticket is None:
        return Ruling(Standing.QUARANTINED, Cause.NONCE_UNKNOWN)
    return _decide_by_ticket(facts, facts.ticket, facts.statement.visit)


def _doubt_about_unit(facts: StandingFacts) -> Cause | None:
    if facts.unit_blocked:
        return Cause.UNIT_BLOCKED
    if facts.forked:
        return Cause.FORK
    if facts.signed.earliest_s > facts.key_not_after_s:
        return Cause.KEY_EXPIRED
    return None


def _decide_by_ticket(facts: StandingFacts, kept: KeptTicket, visit: Visit) -> Ruling:
    misfit = _misfit(facts.statement, visit, kept.ticket)
    if misfit is not None:
        return Ruling(Standing.QUARANTINED, misfit)
    if facts.statement.verdict is Verdict.ABORTED:
        return Ruling(Standing.RECORDED, Cause.ABORTED)
    if kept.settled_leaf is not None:
        return Ruling(Standing.SUPERSEDED, Cause.SETTLED_BEFORE)
    if facts.signed.latest_s < kept.ticket.not_before_s:
        return Ruling(Standing.QUARANTINED, Cause.TOO_EARLY)
    if facts.signed.earliest_s > kept.ticket.not_after_s:
        return Ruling(Standing.QUARANTINED, Cause.TOO_LATE)
    return Ruling(Standing.FINAL, Cause.SETTLES)


def _misfit(statement: ResultStatement, visit: Visit, ticket: Ticket) -> Cause | None:
    if statement.unit != ticket.unit:
        return Cause.OTHER_UNIT
    if (visit.case, visit.subject) != (ticket.case, ticket.subject):
        return Cause.OTHER_PERSON
    if (visit.policy, statement.mode) != (ticket.policy, ticket.mode):
        return Cause.OTHER_RULES
    return None
