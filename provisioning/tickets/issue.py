"""Makes a ticket: signs it, keeps it, and puts it out for its unit. Nothing is sent here; ingest sends what is put out."""

from __future__ import annotations

from provisioning.audit import Action, Actor, AuditEntry, note
from provisioning.clock import Clock
from provisioning.db import Database, Transaction
from provisioning.devices.claims import Randomness
from provisioning.devices.models import DeviceState
from provisioning.devices.store import DeviceStore
from provisioning.errors import DeviceBlockedError, DeviceUnknownError, InputInvalidError
from provisioning.outgoing import Parcel, put_out
from provisioning.policy.sending import send_named_policy
from provisioning.tickets.models import TicketOrder
from provisioning.tickets.store import TicketStore
from wire.envelope import Kind, seal
from wire.errors import StatementInvalidError
from wire.keys import Signer
from wire.ticket import Ticket, read_ticket, ticket_payload
from wire.topics import Down

NONCE_BYTES = 16
BACKDATE_S = 300
"""A ticket begins this much earlier, for a unit whose clock is a little behind."""
MAX_VALID_S = 366 * 86_400


class TicketDesk:
    """Makes tickets."""

    def __init__(self, database: Database, signer: Signer, clock: Clock, randomness: Randomness) -> None:
        self._database = database
        self._signer = signer
        self._clock = clock
        self._randomness = randomness

    def make(self, order: TicketOrder) -> Ticket:
        """Make one ticket.

        Raises `DeviceUnknownError`, `DeviceBlockedError`, `PolicyUnknownError`, `PolicyUnfitError`, or `InputInvalidError` for a
        text or time that is out of range.
        """
        ticket = self._draft(order)
        envelope = seal(_readable(ticket), Kind.TICKET, self._signer)
        with self._database.writing() as transaction:
            _require_usable(transaction, order.unit)
            send_named_policy(transaction, ticket)
            TicketStore(transaction).add(ticket, envelope)
            put_out(transaction, Parcel(ticket.unit, Down.TICKET, ticket.nonce, envelope, ticket.not_after_s))
            note(transaction, AuditEntry(ticket.issued_at_s, Actor.CONSOLE, Action.TICKET_MADE, ticket.unit, ticket.case))
        return ticket

    def _draft(self, order: TicketOrder) -> Ticket:
        if not 1 <= order.valid_s <= MAX_VALID_S:
            raise InputInvalidError(f"a ticket is valid for 1 to {MAX_VALID_S} seconds")
        now_s = self._clock.now_s()
        return Ticket(
            unit=order.unit,
            case=order.case,
            subject=order.subject,
            nonce=self._randomness(NONCE_BYTES),
            issued_at_s=now_s,
            not_before_s=now_s - BACKDATE_S,
            not_after_s=now_s + order.valid_s,
            policy=order.policy,
            mode=order.mode,
            references=order.references,
        )


def _readable(ticket: Ticket) -> bytes:
    """The payload, read back as the unit will read it, so that no unit is ever sent a ticket that it must refuse."""
    if any(not text.isprintable() for text in (ticket.case, ticket.subject, ticket.policy)):
        raise InputInvalidError("case, subject and policy may hold printable characters only")
    payload = ticket_payload(ticket)
    try:
        read_ticket(payload)
    except StatementInvalidError as error:
        raise InputInvalidError(str(error)) from error
    return payload


def _require_usable(transaction: Transaction, unit: str) -> None:
    device = DeviceStore(transaction).find(unit)
    if device is None:
        raise DeviceUnknownError(unit)
    if device.state is DeviceState.BLOCKED:
        raise DeviceBlockedError(unit)
