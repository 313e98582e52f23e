"""Builds a small fleet in a database: enrolled units with open keys, tickets for them, and the results they sign."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from provisioning.ca.issue import found_issuing, found_root, issue_unit
from provisioning.ca.models import Authority, Issued, Use
from provisioning.ca.store import CertificateStore
from provisioning.db import Database
from provisioning.devices.claims import claim_digest
from provisioning.devices.models import DeviceState
from provisioning.devices.store import ClaimDraft, ClaimStore, DeviceStore
from provisioning.ledger.arrivals import open_arrival
from provisioning.ledger.book import Book
from provisioning.ledger.models import Arrival, Leaf
from provisioning.tickets.issue import TicketDesk
from provisioning.tickets.models import TicketOrder
from tests.builders import NOW_S, KeySigner, key, result
from wire.envelope import Kind, seal
from wire.keys import KeyId, PrivateKey, certificate_der, key_id, public_der
from wire.policy import SHIPPED_POLICY
from wire.receipt import Standing
from wire.reference import Reference, ReferenceClass
from wire.result import FIRST_PREVIOUS, Mode, ResultStatement, Visit, result_payload
from wire.ticket import Ticket
from wire.topics import Up, up_topic

CENTRE = KeySigner(key(900))
"""Signs tickets and receipts."""
REFERENCES = (Reference(b"\x0e" * 32, ReferenceClass.DOCUMENT),)


class SetClock:
    """A clock that a test sets."""

    def __init__(self, at_s: int = NOW_S) -> None:
        self.at_s = at_s

    def now_s(self) -> int:
        return self.at_s


class CountedBytes:
    """Random bytes that are not: each call gives other ones, the same in every run."""

    def __init__(self) -> None:
        self._calls = itertools.count(1)

    def __call__(self, length: int) -> bytes:
        return hashlib.sha512(next(self._calls).to_bytes(4, "big")).digest()[:length]


def issuing_authority() -> Authority:
    """An issuing CA with open keys."""
    root = found_root(key(901), "root of tests", NOW_S - 86_400)
    return found_issuing(root, key(902), "issuing of tests", NOW_S - 86_400)


@dataclass
class Unit:
    """A unit of the fleet as it looks from inside: its key, and how far it has counted."""

    name: str
    key: PrivateKey
    certificate: bytes
    sequence: int = 0
    previous: bytes = FIRST_PREVIOUS

    @property
    def signer(self) -> KeySigner:
        return KeySigner(self.key, self.certificate)

    @property
    def topic(self) -> str:
        return up_topic(self.name, Up.RESULT)

    def statement(self, ticket: Ticket | None, **changes: Any) -> ResultStatement:
        """The next statement, which answers the ticket; nothing is counted."""
        visit = Visit(ticket.case, ticket.subject, ticket.nonce, ticket.policy) if ticket else None
        number = self.sequence + 1
        names = hashlib.sha256(f"{self.name} {number}".encode()).digest()[:16]
        mode = ticket.mode if ticket else Mode.PASSIVE
        made = result(unit=self.name, result_id=names, sequence=number, previous=self.previous, visit=visit, mode=mode)
        return replace(made, **changes)

    def seal(self, statement: ResultStatement) -> bytes:
        """The envelope of a statement; it becomes the unit's latest."""
        envelope = seal(result_payload(statement), Kind.RESULT, self.signer)
        self.sequence, self.previous = statement.sequence, hashlib.sha256(envelope).digest()
        return envelope

    def result(self, ticket: Ticket | None = None, **changes: Any) -> bytes:
        """The next envelope."""
        return self.seal(self.statement(ticket, **changes))


@dataclass
class Fleet:
    """Units and tickets in one database, and the book that takes their results."""

    database: Database
    clock: SetClock = field(default_factory=SetClock)
    random: Callable[[int], bytes] = field(default_factory=CountedBytes)
    authority: Authority = field(default_factory=issuing_authority)
    book: Book = field(default_factory=lambda: Book(CENTRE, Standing.RECORDED))
    _keys: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def desk(self) -> TicketDesk:
        return TicketDesk(self.database, CENTRE, self.clock, self.random)

    def unit(self) -> Unit:
        """A new active unit with a registered result key."""
        number = next(self._keys)
        name, private = f"unit-{number:05}", key(number)
        certificate = issue_unit(self.authority, name, private.public_key(), Use.RESULT, self.clock.now_s(), 395)
        with self.database.writing() as transaction:
            DeviceStore(transaction).add(name, f"LC-{number:04}", self.clock.now_s())
            DeviceStore(transaction).advance(name, DeviceState.ACTIVE)
            draft = ClaimDraft(name, f"LC-{number:04}", claim_digest("-"), self.clock.now_s(), self.clock.now_s() + 60)
            ClaimStore(transaction).add(draft)
            claim = ClaimStore(transaction).newest(f"LC-{number:04}")
            assert claim is not None
            CertificateStore(transaction).add(
                Issued(
                    key_id=key_id(private.public_key()),
                    unit=name,
                    use=Use.RESULT,
                    claim_id=claim.claim_id,
                    public_key=public_der(private.public_key()),
                    certificate=certificate_der(certificate),
                    serial_number=certificate.serial_number,
                    not_after_s=int(certificate.not_valid_after_utc.timestamp()),
                    revoked_at_s=None,
                )
            )
        return Unit(name, private, certificate_der(certificate))

    def ticket(self, unit: Unit, case: str = "case-1", valid_s: int = 3600, **changes: Any) -> Ticket:
        """A ticket for a unit, put out for it."""
        order = TicketOrder(unit.name, case, "subject-7f3a", SHIPPED_POLICY, Mode.PASSIVE, REFERENCES, valid_s)
        return self.desk.make(replace(order, **changes))

    def registered(self, envelope_key: KeyId) -> dict[KeyId, Issued]:
        """The registered keys, as ingest looks them up."""
        with self.database.reading() as transaction:
            return CertificateStore(transaction).of_keys([envelope_key])

    def arrival(self, unit: Unit, envelope: bytes) -> Arrival:
        """A verified arrival."""
        return open_arrival(unit.topic, envelope, self.registered(key_id(unit.key.public_key())))

    def append(self, unit: Unit, envelope: bytes) -> Leaf:
        """Append one result to the book."""
        arrival = self.arrival(unit, envelope)
        with self.database.writing() as transaction:
            (leaf,) = self.book.append(transaction, [arrival], self.clock.now_s())
        return leaf
