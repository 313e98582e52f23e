"""What a batch of messages does to the database: results into the ledger, hellos and telemetry to the fleet; else the rejects."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.audit import Action, Actor, AuditEntry, note
from provisioning.ca.models import Issued
from provisioning.ca.store import CertificateStore
from provisioning.clock import Clock
from provisioning.db import Database, Transaction
from provisioning.devices.models import DeviceState
from provisioning.devices.store import DeviceStore
from provisioning.errors import DatabaseRefusedError, DeliveryRejectedError
from provisioning.ledger.arrivals import claimed_key, open_arrival, open_hello, open_telemetry
from provisioning.ledger.book import Book
from provisioning.ledger.models import Arrival, Leaf
from provisioning.ledger.store import LedgerStore
from provisioning.mqtt import Delivery
from provisioning.outgoing import put_out_again
from provisioning.policy.sending import send_policies
from provisioning.tickets.store import TicketStore
from wire.hello import Hello
from wire.keys import KeyId
from wire.telemetry import Telemetry
from wire.topics import Down, Up

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that says nothing that can be believed."""

    delivery: Delivery
    reason: str


class Intake:
    """Stores batches of messages. It holds no state of its own."""

    def __init__(self, database: Database, book: Book, clock: Clock) -> None:
        self._database = database
        self._book = book
        self._clock = clock

    def take_in(self, deliveries: Sequence[Delivery]) -> tuple[Leaf, ...]:
        """Store a batch in one transaction; once this returns it is durable. The leaves hold the receipts to send.

        A message that the database does not accept is set aside among the rejects, so that it cannot hold up the others.
        Raises `DatabaseUnavailableError`; then what is not stored is safe to hand in again.
        """
        try:
            return self._store(deliveries)
        except DatabaseRefusedError as error:
            if len(deliveries) == 1:
                self._set_aside(deliveries[0], error)
                return ()
        return tuple(leaf for delivery in deliveries for leaf in self.take_in([delivery]))

    def _store(self, deliveries: Sequence[Delivery]) -> tuple[Leaf, ...]:
        read = self._read(deliveries)
        arrivals = [item for item in read if isinstance(item, Arrival)]
        now_s = self._clock.now_s()
        with self._database.writing() as transaction:
            leaves = self._book.append(transaction, arrivals, now_s)
            for item in read:
                match item:
                    case Hello():
                        self._greet(transaction, item, now_s)
                    case Telemetry(unit, _, condition):
                        DeviceStore(transaction).note_condition(unit, condition, now_s)
                    case Rejected(delivery, reason):
                        LedgerStore(transaction).reject(delivery.topic, delivery.payload, reason, now_s)
        _log_batch(leaves, read)
        return leaves

    def _set_aside(self, delivery: Delivery, error: DatabaseRefusedError) -> None:
        log.error("message set aside", extra={"why": str(error)})
        with self._database.writing() as transaction:
            LedgerStore(transaction).reject(delivery.topic, delivery.payload, str(error), self._clock.now_s())

    def _read(self, deliveries: Sequence[Delivery]) -> list[Arrival | Hello | Telemetry | Rejected]:
        named = [claimed_key(delivery.payload) for delivery in deliveries]
        with self._database.reading() as transaction:
            registered = CertificateStore(transaction).of_keys([key for key in named if key is not None])
        return [_open(delivery, registered) for delivery in deliveries]

    def _greet(self, transaction: Transaction, hello: Hello, now_s: int) -> None:
        """Note what a unit says, and put out again the policies and tickets that it may have lost."""
        devices = DeviceStore(transaction)
        device = devices.find(hello.unit)
        if device is None or device.state is DeviceState.BLOCKED:
            return
        devices.greet(hello, now_s)
        send_policies(transaction, hello.unit, now_s)
        put_out_again(transaction, hello.unit, Down.TICKET, TicketStore(transaction).open_of(hello.unit, now_s))
        held = LedgerStore(transaction).last_sequence(hello.unit)
        if hello.last_sequence < held:
            detail = f"signed {hello.last_sequence}, the ledger holds {held}"
            note(transaction, AuditEntry(now_s, Actor.INGEST, Action.ROLLBACK_FOUND, hello.unit, detail))
            log.warning("rollback found", extra={"unit": hello.unit, "signed": hello.last_sequence, "held": held})


def _open(delivery: Delivery, registered: dict[KeyId, Issued]) -> Arrival | Hello | Telemetry | Rejected:
    try:
        told = delivery.topic.endswith(f"/{Up.TELEMETRY.value}")
        if delivery.retained or (delivery.qos == 0 and not told):
            raise DeliveryRejectedError("it was sent as retained, or without confirmation")
        if told:
            return open_telemetry(delivery.topic, delivery.payload)
        if delivery.topic.endswith(f"/{Up.HELLO.value}"):
            return open_hello(delivery.topic, delivery.payload)
        return open_arrival(delivery.topic, delivery.payload, registered)
    except DeliveryRejectedError as error:
        return Rejected(delivery, error.what)


def _log_batch(leaves: Sequence[Leaf], read: Sequence[Arrival | Hello | Telemetry | Rejected]) -> None:
    for leaf in leaves:
        log.info("result stored", extra={"leaf": leaf.leaf, "unit": leaf.unit, "standing": leaf.standing.value})
    for item in read:
        if isinstance(item, Rejected):
            log.warning("message rejected", extra={"why": item.reason})
