"""What the page and the console show of a leaf: the row as stored, and whether it is still as it was signed."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.db import Database, Transaction
from provisioning.ledger.check import LedgerCheck
from provisioning.ledger.models import Cause, Leaf
from provisioning.ledger.store import LedgerStore
from wire.envelope import Kind, unverified_payload
from wire.receipt import Standing
from wire.result import Likeness, read_result


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row for people. It names no person: the subject is a pseudonym."""

    leaf: int
    unit: str
    sequence: int
    case: str | None
    subject: str | None
    verdict: str
    reasons: tuple[str, ...]
    standing: Standing
    cause: Cause
    similarity: int | None
    """x 10 000; None where nothing was compared, or the row is not as it was signed."""
    threshold: int | None
    received_at_s: int
    result_id: bytes
    envelope: bytes
    """The exact bytes that the unit signed."""
    envelope_sha256: bytes
    checked: bool
    """The unit's signature fits, and every column says what was signed."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many leaves there are of one verdict and standing."""

    verdict: str
    standing: Standing
    leaves: int


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A stretch of the book, newest first, and the tallies of the whole book."""

    rows: tuple[LedgerRow, ...]
    tallies: tuple[Tally, ...]

    @property
    def leaves(self) -> int:
        """How many leaves the whole book has."""
        return sum(tally.leaves for tally in self.tallies)


class LedgerReader:
    """Reads the book for people, checking each row as it is read."""

    def __init__(self, database: Database, check: LedgerCheck) -> None:
        self._database = database
        self._check = check

    def page(self, most: int, before: int | None) -> LedgerPage:
        """Up to `most` rows, newest first; only those before leaf number `before`, if one is given."""
        with self._database.reading() as transaction:
            store = LedgerStore(transaction)
            rows = tuple(self._row(transaction, leaf) for leaf in store.newest(most, before))
            return LedgerPage(rows, tuple(Tally(*key, leaves) for key, leaves in sorted(store.tally().items())))

    def rows(self, first: int, most: int) -> tuple[LedgerRow, ...]:
        """Up to `most` rows in order, from leaf number `first` on."""
        with self._database.reading() as transaction:
            return tuple(self._row(transaction, leaf) for leaf in LedgerStore(transaction).from_leaf(first, most))

    def _row(self, transaction: Transaction, leaf: Leaf) -> LedgerRow:
        checked = not self._check.faults_of(transaction, leaf)
        likeness = _likeness(leaf) if checked else None
        return LedgerRow(
            leaf=leaf.leaf,
            unit=leaf.unit,
            sequence=leaf.sequence,
            case=leaf.case,
            subject=leaf.subject,
            verdict=leaf.verdict,
            reasons=tuple(leaf.reasons.split()),
            standing=leaf.standing,
            cause=leaf.cause,
            similarity=likeness.similarity if likeness else None,
            threshold=likeness.threshold if likeness else None,
            received_at_s=leaf.received_at_s,
            result_id=leaf.result_id,
            envelope=leaf.envelope,
            envelope_sha256=leaf.envelope_sha256,
            checked=checked,
        )


def _likeness(leaf: Leaf) -> Likeness | None:
    return read_result(unverified_payload(leaf.envelope, Kind.RESULT)).likeness
