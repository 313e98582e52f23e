"""Leaves and rejected messages in the database. Leaves are only ever inserted; triggers refuse everything else."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    Row,
    Table,
    Text,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)

from provisioning.db import METADATA, BigKey, Transaction
from provisioning.ledger.models import Cause, Leaf
from wire.keys import KeyId
from wire.receipt import Standing
from wire.result import ResultStatement

leaves = Table(
    "leaves",
    METADATA,
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),
    Column("unit", Text, nullable=False),
    Column("result_id", LargeBinary, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("payload_sha256", LargeBinary, nullable=False, unique=True),
    Column("envelope", LargeBinary, nullable=False),
    Column("envelope_sha256", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("key_id", LargeBinary, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("case_id", Text),
    Column("subject", Text),
    Column("nonce", LargeBinary),
    Column("standing", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("signed_after_s", BigInteger, nullable=False),
    Column("received_at_s", BigInteger, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Index("leaves_by_sequence", "unit", "sequence"),
    Index("leaves_by_previous", "unit", "previous"),
    Index("leaves_by_result", "unit", "result_id"),
)
Index(
    "leaves_one_final_per_nonce",
    leaves.c.nonce,
    unique=True,
    sqlite_where=leaves.c.standing == Standing.FINAL.value,
    postgresql_where=leaves.c.standing == Standing.FINAL.value,
)

rejects = Table(
    "rejects",
    METADATA,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("topic", Text, nullable=False),
    Column("received_at_s", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
)

MAX_RAW_BYTES = 4096
MAX_TEXT_CHARACTERS = 256
MAX_REJECTS = 10_000
"""Only the newest are kept, so that a broken unit cannot fill the disk."""


class LedgerStore:
    """The book, within one transaction. Numbers are given out only under `lock_ledger`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, payload_sha256: bytes) -> Leaf | None:
        """The leaf of this statement."""
        row = self._transaction.execute(select(leaves).where(leaves.c.payload_sha256 == payload_sha256)).one_or_none()
        return _leaf(row) if row else None

    def next_leaf(self) -> int:
        """The number of the next leaf."""
        last = self._transaction.scalar(select(func.max(leaves.c.leaf)))
        return 0 if last is None else last + 1

    def has_rival(self, statement: ResultStatement) -> bool:
        """Whether another result of the unit claims the same place in its sequence."""
        same_place = or_(
            leaves.c.sequence == statement.sequence,
            leaves.c.previous == statement.previous,
            leaves.c.result_id == statement.result_id,
        )
        return bool(self._transaction.scalar(select(exists().where(leaves.c.unit == statement.unit, same_place))))

    def predecessor_s(self, statement: ResultStatement) -> int | None:
        """The latest earliest time of the unit's results that come before this one."""
        before = (leaves.c.unit == statement.unit) & (leaves.c.sequence < statement.sequence)
        latest: int | None = self._transaction.scalar(select(func.max(leaves.c.signed_after_s)).where(before))
        return latest

    def last_sequence(self, unit: str) -> int:
        """The highest sequence number of the unit; 0 before its first result."""
        return self._transaction.scalar(select(func.max(leaves.c.sequence)).where(leaves.c.unit == unit)) or 0

    def append(self, leaf: Leaf) -> None:
        """Write one leaf."""
        self._transaction.execute(
            insert(leaves).values(
                leaf=leaf.leaf,
                unit=leaf.unit,
                result_id=leaf.result_id,
                sequence=leaf.sequence,
                previous=leaf.previous,
                payload_sha256=leaf.payload_sha256,
                envelope=leaf.envelope,
                envelope_sha256=leaf.envelope_sha256,
                leaf_hash=leaf.leaf_hash,
                key_id=bytes(leaf.key),
                verdict=leaf.verdict,
                reasons=leaf.reasons,
                case_id=leaf.case,
                subject=leaf.subject,
                nonce=leaf.nonce,
                standing=leaf.standing.value,
                cause=leaf.cause.value,
                signed_after_s=leaf.signed_after_s,
                received_at_s=leaf.received_at_s,
                receipt=leaf.receipt,
            )
        )

    def from_leaf(self, first: int, most: int) -> tuple[Leaf, ...]:
        """Up to `most` leaves in order, from number `first` on."""
        found = select(leaves).where(leaves.c.leaf >= first).order_by(leaves.c.leaf).limit(most)
        return tuple(_leaf(row) for row in self._transaction.execute(found))

    def newest(self, most: int, before: int | None) -> tuple[Leaf, ...]:
        """Up to `most` leaves, newest first; only those before number `before`, if one is given."""
        found = select(leaves).order_by(leaves.c.leaf.desc()).limit(most)
        if before is not None:
            found = found.where(leaves.c.leaf < before)
        return tuple(_leaf(row) for row in self._transaction.execute(found))

    def tally(self) -> dict[tuple[str, Standing], int]:
        """How many leaves have which verdict and standing."""
        counted = select(leaves.c.verdict, leaves.c.standing, func.count().label("leaves"))
        rows = self._transaction.execute(counted.group_by(leaves.c.verdict, leaves.c.standing))
        return {(row.verdict, Standing(row.standing)): row.leaves for row in rows}

    def reject(self, topic: str, raw: bytes, reason: str, at_s: int) -> None:
        """Keep the beginning of a message that is no result, and why."""
        self._transaction.execute(
            insert(rejects).values(
                topic=_printable(topic), received_at_s=at_s, reason=_printable(reason), raw=raw[:MAX_RAW_BYTES]
            )
        )
        last = select(func.max(rejects.c.id)).scalar_subquery()
        self._transaction.execute(delete(rejects).where(rejects.c.id <= last - MAX_REJECTS))

    def reject_reasons(self) -> tuple[str, ...]:
        """Why messages were rejected, oldest first."""
        return tuple(self._transaction.scalars(select(rejects.c.reason).order_by(rejects.c.id)))


def _printable(text: str) -> str:
    """A text that any database takes: what a stranger sent may hold a NUL."""
    return "".join(character if character.isprintable() else "?" for character in text[:MAX_TEXT_CHARACTERS])


def _leaf(row: Row[tuple[object, ...]]) -> Leaf:
    return Leaf(
        leaf=row.leaf,
        unit=row.unit,
        result_id=bytes(row.result_id),
        sequence=row.sequence,
        previous=bytes(row.previous),
        payload_sha256=bytes(row.payload_sha256),
        envelope=bytes(row.envelope),
        envelope_sha256=bytes(row.envelope_sha256),
        leaf_hash=bytes(row.leaf_hash),
        key=KeyId(bytes(row.key_id)),
        verdict=row.verdict,
        reasons=row.reasons,
        case=row.case_id,
        subject=row.subject,
        nonce=None if row.nonce is None else bytes(row.nonce),
        standing=Standing(row.standing),
        cause=Cause(row.cause),
        signed_after_s=row.signed_after_s,
        received_at_s=row.received_at_s,
        receipt=bytes(row.receipt),
    )
