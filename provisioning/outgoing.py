"""What waits to be published to a unit: written in the transaction that decides it, sent later by whoever is connected.

A sender leases rows for a short while, publishes them and notes what the broker confirmed; a lease that lapses is free
for the next sender, so a killed one loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text, UniqueConstraint, delete, insert, select, update

from provisioning.db import METADATA, BigKey, Transaction
from wire.topics import Down

LEASE_S = 30


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one unit."""

    unit: str
    word: Down
    key: bytes
    """Names what is inside, for example the nonce of a ticket; there is one parcel per unit, word and key."""
    payload: bytes
    expires_at_s: int


@dataclass(frozen=True, slots=True)
class Leased:
    """A parcel that this sender may publish."""

    parcel_id: int
    unit: str
    word: Down
    payload: bytes
    round: int
    """Counts how often the parcel was taken or put out again: an older confirmation says nothing about a newer round."""


outgoing = Table(
    "outgoing",
    METADATA,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("unit", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("expires_at_s", BigInteger, nullable=False),
    Column("leased_until_s", BigInteger, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("published_at_s", BigInteger),
    UniqueConstraint("unit", "word", "key", name="outgoing_one_per_content"),
)


def put_out(transaction: Transaction, parcel: Parcel) -> None:
    """Let a message wait for a sender."""
    transaction.execute(
        insert(outgoing).values(
            unit=parcel.unit,
            word=parcel.word.value,
            key=parcel.key,
            payload=parcel.payload,
            expires_at_s=parcel.expires_at_s,
            leased_until_s=0,
            round=0,
        )
    )


def put_out_once_more(transaction: Transaction, parcel: Parcel) -> None:
    """Let a message wait for a sender, whether it was put out before or not."""
    mine = (outgoing.c.unit == parcel.unit) & (outgoing.c.word == parcel.word.value) & (outgoing.c.key == parcel.key)
    if transaction.scalar(select(outgoing.c.id).where(mine)) is None:
        put_out(transaction, parcel)
    else:
        put_out_again(transaction, parcel.unit, parcel.word, [parcel.key])


def put_out_again(transaction: Transaction, unit: str, word: Down, keys: Sequence[bytes]) -> None:
    """Let messages that were published before wait for a sender once more."""
    chosen = (outgoing.c.unit == unit) & (outgoing.c.word == word.value) & outgoing.c.key.in_(keys)
    again = update(outgoing).where(chosen).values(published_at_s=None, leased_until_s=0, round=outgoing.c.round + 1)
    transaction.execute(again)


def lease(transaction: Transaction, now_s: int, most: int) -> tuple[Leased, ...]:
    """Take up to `most` waiting messages, oldest first, that no other sender holds."""
    waiting = outgoing.c.published_at_s.is_(None) & (outgoing.c.leased_until_s <= now_s) & (outgoing.c.expires_at_s > now_s)
    found = select(outgoing).where(waiting).order_by(outgoing.c.id).limit(most).with_for_update(skip_locked=True)
    taken = tuple(
        Leased(row.id, row.unit, Down(row.word), bytes(row.payload), row.round + 1) for row in transaction.execute(found)
    )
    if taken:
        mine = outgoing.c.id.in_([parcel.parcel_id for parcel in taken])
        transaction.execute(update(outgoing).where(mine).values(leased_until_s=now_s + LEASE_S, round=outgoing.c.round + 1))
    return taken


def mark_published(transaction: Transaction, parcels: Sequence[Leased], now_s: int) -> None:
    """Note that the broker has taken these messages, and forget those that nobody needs any more."""
    for parcel in parcels:
        same_round = (outgoing.c.id == parcel.parcel_id) & (outgoing.c.round == parcel.round)
        transaction.execute(update(outgoing).where(same_round).values(published_at_s=now_s))
    transaction.execute(delete(outgoing).where(outgoing.c.expires_at_s <= now_s))
