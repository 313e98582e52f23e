"""Builds sealed results, tickets and receipts for tests of the spool and of delivery. All of it is made up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.spool.rows import Head, Queued
from edge.spool.spool import Spool, open_spool
from tests.builders import NOW_S, KeySigner, key, receipt, result, ticket, unit_signer
from wire.envelope import Kind, seal
from wire.keys import KeyId, PublicKey, key_id
from wire.policy import Policy, policy_payload
from wire.reasons import Reason
from wire.receipt import Receipt, receipt_payload
from wire.result import Mode, ResultStatement, Verdict, Visit, result_payload
from wire.ticket import Ticket, ticket_payload

CENTRE = KeySigner(key(7))
CENTRE_KEYS: dict[KeyId, PublicKey] = {key_id(CENTRE.public_key): CENTRE.public_key}


def opened(folder: Path, **limits: Any) -> Spool:
    """The spool in a folder."""
    return open_spool(folder / "spool.db", lambda: NOW_S, **limits)


def statement_at(head: Head, **changes: Any) -> ResultStatement:
    """A result without a ticket that continues at `head`."""
    facts: dict[str, Any] = {"visit": None, "result_id": hashlib.sha256(str(head).encode()).digest()[:16]}
    return result(sequence=head.sequence, previous=head.previous, **(facts | changes))


def make(**changes: Any) -> Callable[[Head], bytes]:
    """What `conclude` calls: seals a result for the head that it is given."""
    return lambda head: seal(result_payload(statement_at(head, **changes)), Kind.RESULT, unit_signer())


def make_aborted(**changes: Any) -> Callable[[Head], bytes]:
    """Seals the result of an aborted attempt."""
    return make(verdict=Verdict.ABORTED, reasons=(Reason.CANCELLED,), **changes)


def queue(spool: Spool, **changes: Any) -> Queued:
    """One attempt from begin to end."""
    return spool.conclude(spool.open_attempt(None, Mode.ACTIVE, None), make(**changes))


def visit_of(about: Ticket) -> Visit:
    """The visit that a ticket permits."""
    return Visit(about.case, about.subject, about.nonce, about.policy)


def put(spool: Spool, **changes: Any) -> Ticket:
    """Put a ticket into the spool."""
    permission = ticket(**changes)
    spool.put_ticket(permission, sealed_ticket(permission))
    return permission


def sealed_policy(published: Policy, signer: KeySigner = CENTRE) -> bytes:
    """A policy as it arrives."""
    return seal(policy_payload(published), Kind.POLICY, signer)


def sealed_ticket(permission: Ticket, signer: KeySigner = CENTRE) -> bytes:
    """A ticket as it arrives."""
    return seal(ticket_payload(permission), Kind.TICKET, signer)


def receipt_of(queued: Queued, **changes: Any) -> Receipt:
    """The receipt of a queued result."""
    facts: dict[str, Any] = {"result_id": queued.result_id, "envelope_sha256": queued.digest, "leaf": queued.sequence}
    return receipt(**(facts | changes))


def sealed_receipt(about: Receipt, signer: KeySigner = CENTRE) -> bytes:
    """A receipt as it arrives."""
    return seal(receipt_payload(about), Kind.RECEIPT, signer)
