"""Appends arrivals to the ledger and signs receipts. The same statement again gets the same receipt, byte for byte."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.audit import Action, Actor, AuditEntry, note
from provisioning.db import Transaction, lock_ledger
from provisioning.devices.store import DeviceStore
from provisioning.ledger.interval import Interval, signing_interval
from provisioning.ledger.models import Arrival, Cause, Leaf, leaf_hash
from provisioning.ledger.standing import Ruling, StandingFacts, decide_standing
from provisioning.ledger.store import LedgerStore
from provisioning.tickets.models import KeptTicket
from provisioning.tickets.store import TicketStore
from wire.envelope import Kind, seal
from wire.keys import Signer
from wire.receipt import Receipt, Standing, receipt_payload
from wire.result import Verdict

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ruled:
    ruling: Ruling
    signed: Interval


class Book:
    """Keeps the ledger. It holds no state of its own, so any number of them may work on one database."""

    def __init__(self, signer: Signer, unticketed: Standing) -> None:
        self._signer = signer
        self._unticketed = unticketed

    def append(self, transaction: Transaction, arrivals: Sequence[Arrival], now_s: int) -> tuple[Leaf, ...]:
        """Append what is new, in order, and return the leaf of each arrival, old or new.

        Within the caller's transaction; other appenders wait until it ends.
        """
        lock_ledger(transaction)
        blocked = DeviceStore(transaction).blocked_among(frozenset(arrival.statement.unit for arrival in arrivals))
        return tuple(self._append_one(transaction, arrival, blocked, now_s) for arrival in arrivals)

    def _append_one(self, transaction: Transaction, arrival: Arrival, blocked: frozenset[str], now_s: int) -> Leaf:
        store = LedgerStore(transaction)
        known = store.find(arrival.payload_sha256)
        if known is not None:
            return known
        ruled = self._rule(transaction, arrival, blocked, now_s)
        leaf = self._leaf(store.next_leaf(), arrival, ruled, now_s)
        store.append(leaf)
        if leaf.standing is Standing.FINAL and leaf.nonce is not None:
            TicketStore(transaction).settle(leaf.nonce, leaf.leaf)
        if leaf.cause is Cause.FORK:
            _raise_alarm(transaction, leaf)
        if arrival.statement.verdict is Verdict.ATTACK:
            _tell_attack(transaction, leaf)
        return leaf

    def _rule(self, transaction: Transaction, arrival: Arrival, blocked: frozenset[str], now_s: int) -> _Ruled:
        statement, store = arrival.statement, LedgerStore(transaction)
        ticket = _ticket_of(transaction, arrival)
        issued_s = ticket.ticket.issued_at_s if ticket else None
        signed = signing_interval(issued_s, store.predecessor_s(statement), now_s, statement.clock)
        facts = StandingFacts(
            statement=statement,
            ticket=ticket,
            signed=signed,
            unit_blocked=statement.unit in blocked,
            forked=store.has_rival(statement),
            key_not_after_s=arrival.key_not_after_s,
        )
        return _Ruled(decide_standing(facts, self._unticketed), signed)

    def _leaf(self, number: int, arrival: Arrival, ruled: _Ruled, now_s: int) -> Leaf:
        statement, visit = arrival.statement, arrival.statement.visit
        digest = hashlib.sha256(arrival.envelope).digest()
        receipt = Receipt(statement.unit, statement.result_id, digest, number, ruled.ruling.standing, now_s)
        return Leaf(
            leaf=number,
            unit=statement.unit,
            result_id=statement.result_id,
            sequence=statement.sequence,
            previous=statement.previous,
            payload_sha256=arrival.payload_sha256,
            envelope=arrival.envelope,
            envelope_sha256=digest,
            leaf_hash=leaf_hash(arrival.envelope),
            key=arrival.key,
            verdict=statement.verdict.value,
            reasons=" ".join(statement.reasons),
            case=visit.case if visit else None,
            subject=visit.subject if visit else None,
            nonce=visit.nonce if visit else None,
            standing=ruled.ruling.standing,
            cause=ruled.ruling.cause,
            signed_after_s=ruled.signed.earliest_s,
            received_at_s=now_s,
            receipt=seal(receipt_payload(receipt), Kind.RECEIPT, self._signer),
        )


def _ticket_of(transaction: Transaction, arrival: Arrival) -> KeptTicket | None:
    visit = arrival.statement.visit
    return TicketStore(transaction).find(visit.nonce) if visit else None


def _raise_alarm(transaction: Transaction, leaf: Leaf) -> None:
    note(transaction, AuditEntry(leaf.received_at_s, Actor.INGEST, Action.FORK_FOUND, leaf.unit, f"leaf {leaf.leaf}"))
    log.warning("fork found", extra={"unit": leaf.unit, "sequence": leaf.sequence, "leaf": leaf.leaf})


def _tell_attack(transaction: Transaction, leaf: Leaf) -> None:
    note(transaction, AuditEntry(leaf.received_at_s, Actor.INGEST, Action.ATTACK_REPORTED, leaf.unit, f"leaf {leaf.leaf}"))
    log.warning("attack reported", extra={"unit": leaf.unit, "sequence": leaf.sequence, "leaf": leaf.leaf})
