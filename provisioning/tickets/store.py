"""Tickets in the database."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Row, Table, Text, insert, select, update

from provisioning.db import METADATA, Transaction
from provisioning.errors import DatabaseRefusedError
from provisioning.tickets.models import KeptTicket
from wire.envelope import Kind, unverified_payload
from wire.errors import WireError
from wire.ticket import Ticket, read_ticket

tickets = Table(
    "tickets",
    METADATA,
    Column("nonce", LargeBinary, primary_key=True),
    Column("unit", Text, ForeignKey("devices.unit"), nullable=False),
    Column("case_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("reference_sha256", LargeBinary, nullable=False),
    Column("issued_at_s", BigInteger, nullable=False),
    Column("not_before_s", BigInteger, nullable=False),
    Column("not_after_s", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("settled_leaf", BigInteger),
    Index("tickets_by_unit", "unit"),
)


class TicketStore:
    """Tickets, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, ticket: Ticket, envelope: bytes) -> None:
        """Keep a ticket that was just signed."""
        self._transaction.execute(
            insert(tickets).values(
                nonce=ticket.nonce,
                unit=ticket.unit,
                case_id=ticket.case,
                subject=ticket.subject,
                policy=ticket.policy,
                mode=ticket.mode.value,
                reference_sha256=ticket.references[0].sha256,
                issued_at_s=ticket.issued_at_s,
                not_before_s=ticket.not_before_s,
                not_after_s=ticket.not_after_s,
                envelope=envelope,
            )
        )

    def find(self, nonce: bytes) -> KeptTicket | None:
        """The ticket with this nonce, of any unit."""
        row = self._transaction.execute(select(tickets).where(tickets.c.nonce == nonce)).one_or_none()
        return _kept(row) if row else None

    def open_of(self, unit: str, now_s: int) -> tuple[bytes, ...]:
        """Nonces of the unit's tickets that are neither settled nor expired, oldest first."""
        mine = (tickets.c.unit == unit) & tickets.c.settled_leaf.is_(None) & (tickets.c.not_after_s > now_s)
        found = select(tickets.c.nonce).where(mine).order_by(tickets.c.issued_at_s, tickets.c.nonce)
        return tuple(bytes(nonce) for nonce in self._transaction.scalars(found))

    def open_policies_of(self, unit: str, now_s: int) -> frozenset[str]:
        """The policies that the unit's open tickets name."""
        mine = (tickets.c.unit == unit) & tickets.c.settled_leaf.is_(None) & (tickets.c.not_after_s > now_s)
        return frozenset(self._transaction.scalars(select(tickets.c.policy).where(mine).distinct()))

    def settle(self, nonce: bytes, leaf: int) -> None:
        """Note which leaf settled a ticket."""
        self._transaction.execute(update(tickets).where(tickets.c.nonce == nonce).values(settled_leaf=leaf))

    def settled_leaves(self, nonces: Iterable[bytes]) -> dict[bytes, int | None]:
        """For these nonces, the leaf that settled each; a nonce that is unknown is left out."""
        found = select(tickets.c.nonce, tickets.c.settled_leaf).where(tickets.c.nonce.in_(list(nonces)))
        return {bytes(row.nonce): row.settled_leaf for row in self._transaction.execute(found)}


def _kept(row: Row[tuple[object, ...]]) -> KeptTicket:
    """The ticket as it was signed; the columns beside it are there to be searched."""
    envelope = bytes(row.envelope)
    try:
        return KeptTicket(read_ticket(unverified_payload(envelope, Kind.TICKET)), envelope, row.settled_leaf)
    except WireError as error:
        raise DatabaseRefusedError(f"a ticket in it is damaged: {error}") from error
