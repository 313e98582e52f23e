"""Recomputes every leaf of the ledger from its exact bytes, and names each one that is not as it was written (F42)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from provisioning.ca.store import CertificateStore
from provisioning.db import Database, Transaction
from provisioning.errors import DeliveryRejectedError
from provisioning.ledger.arrivals import open_arrival
from provisioning.ledger.models import Arrival, Fault, Leaf, leaf_hash
from provisioning.ledger.store import LedgerStore
from wire.envelope import Kind, open_verified
from wire.errors import WireError
from wire.keys import PublicKey, key_id
from wire.receipt import Receipt, read_receipt
from wire.topics import Up, up_topic

_PAGE = 500


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found."""

    leaves: int
    faults: tuple[Fault, ...]


class LedgerCheck:
    """Checks leaves against the keys that were registered at enrolment and the centre's own key."""

    def __init__(self, database: Database, signing_key: PublicKey) -> None:
        self._database = database
        self._signing_key = signing_key

    def run(self) -> CheckReport:
        """Check the whole book, from the first leaf on."""
        expected, faults = 0, list[Fault]()
        with self._database.reading() as transaction:
            for leaf in _every_leaf(LedgerStore(transaction)):
                if leaf.leaf != expected:
                    faults.append(Fault(expected, f"missing: the next leaf is {leaf.leaf}"))
                faults.extend(Fault(leaf.leaf, what) for what in self.faults_of(transaction, leaf))
                expected = leaf.leaf + 1
        return CheckReport(expected, tuple(faults))

    def faults_of(self, transaction: Transaction, leaf: Leaf) -> tuple[str, ...]:
        """What is wrong with one leaf; nothing, if it is as it was written."""
        return (*_wrong_digests(leaf), *_wrong_statement(transaction, leaf), *self._wrong_receipt(leaf))

    def _wrong_receipt(self, leaf: Leaf) -> Iterator[str]:
        try:
            payload = open_verified(leaf.receipt, Kind.RECEIPT, {key_id(self._signing_key): self._signing_key})
            receipt = read_receipt(payload)
        except WireError as error:
            yield f"its receipt: {error}"
            return
        written = Receipt(leaf.unit, leaf.result_id, leaf.envelope_sha256, leaf.leaf, leaf.standing, leaf.received_at_s)
        if receipt != written:
            yield "its receipt says something else"


def _every_leaf(store: LedgerStore) -> Iterator[Leaf]:
    first = 0
    while page := store.from_leaf(first, _PAGE):
        yield from page
        first = page[-1].leaf + 1


def _wrong_digests(leaf: Leaf) -> Iterator[str]:
    if hashlib.sha256(leaf.envelope).digest() != leaf.envelope_sha256:
        yield "the digest of its envelope"
    if leaf_hash(leaf.envelope) != leaf.leaf_hash:
        yield "its leaf hash"


def _wrong_statement(transaction: Transaction, leaf: Leaf) -> Iterator[str]:
    registered = CertificateStore(transaction).of_keys([leaf.key])
    try:
        arrival = open_arrival(up_topic(leaf.unit, Up.RESULT), leaf.envelope, registered)
    except DeliveryRejectedError as error:
        yield f"its envelope: {error.what}"
        return
    for name, stored, signed in _columns(leaf, arrival):
        if stored != signed:
            yield f"{name} is not what the unit signed"


def _columns(leaf: Leaf, arrival: Arrival) -> tuple[tuple[str, object, object], ...]:
    statement, visit = arrival.statement, arrival.statement.visit
    return (
        ("unit", leaf.unit, statement.unit),
        ("result id", leaf.result_id, statement.result_id),
        ("sequence", leaf.sequence, statement.sequence),
        ("previous", leaf.previous, statement.previous),
        ("payload digest", leaf.payload_sha256, arrival.payload_sha256),
        ("verdict", leaf.verdict, statement.verdict.value),
        ("reasons", leaf.reasons, " ".join(statement.reasons)),
        ("case", leaf.case, visit.case if visit else None),
        ("subject", leaf.subject, visit.subject if visit else None),
        ("nonce", leaf.nonce, visit.nonce if visit else None),
    )
